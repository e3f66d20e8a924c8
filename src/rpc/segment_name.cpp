#include "tandem/rpc/segment_name.hpp"

#include <fmt/format.h>

#include "tandem/base/number.hpp"

namespace tandem::rpc {
namespace {

std::optional<int> number(std::string_view digits) {
  return digits.starts_with('-') ? std::nullopt : parse_number<int>(digits);
}

}  // namespace

std::string segment_name(std::string_view network, network::BlockRange range) {
  return fmt::format("{}@{}-{}", network, range.first, range.last);
}

SegmentName parse_segment_name(std::string_view model_name) {
  SegmentName whole{.network = std::string(model_name), .range = std::nullopt};
  const std::size_t at = model_name.rfind('@');
  if (at == std::string_view::npos) return whole;
  const std::string_view numbers = model_name.substr(at + 1);
  const std::size_t dash = numbers.find('-');
  if (dash == std::string_view::npos) return whole;
  const auto first = number(numbers.substr(0, dash));
  const auto last = number(numbers.substr(dash + 1));
  if (!first || !last) return whole;
  return {.network = std::string(model_name.substr(0, at)),
          .range = network::BlockRange{.first = *first, .last = *last}};
}

}  // namespace tandem::rpc
