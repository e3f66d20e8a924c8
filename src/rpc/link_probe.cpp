#include "tandem/rpc/link_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "tandem/base/random.hpp"

namespace tandem::rpc {
namespace {

using network::ElementType;
using network::TensorSpec;

constexpr const char* kPayload = "payload";
constexpr const char* kAnswerBytes = "answer_bytes";

// The same noise every time, made once: what is measured is the link and not its making.
const std::vector<std::byte>& noise() {
  static const std::vector<std::byte> bytes = [] {
    std::vector<std::byte> made(kMaxLinkProbeBytes);
    Random random(1);
    std::ranges::generate(made, [&random] { return static_cast<std::byte>(random.next() & 0xffU); });
    return made;
  }();
  return bytes;
}

WireTensor noise_tensor(std::size_t bytes) {
  const auto& source = noise();
  WireTensor tensor{.spec = {.name = kPayload, .type = ElementType::u8, .shape = {static_cast<std::int64_t>(bytes)}}};
  tensor.payload.assign(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(bytes));
  return tensor;
}

}  // namespace

InferRequest link_probe_request(std::size_t up, std::size_t down) {
  InferRequest request{.model = std::string(kLinkProbeModel)};
  WireTensor wanted{.spec = {.name = kAnswerBytes, .type = ElementType::i64, .shape = {1}}};
  const auto count = static_cast<std::int64_t>(down);
  wanted.payload.resize(sizeof count);
  std::memcpy(wanted.payload.data(), &count, sizeof count);
  request.inputs.push_back(std::move(wanted));
  request.inputs.push_back(noise_tensor(std::min(up, kMaxLinkProbeBytes)));
  return request;
}

ModelMetadata link_probe_metadata() {
  return {.name = std::string(kLinkProbeModel),
          .platform = "tandem",
          .versions = {"1"},
          .inputs = {{.name = kAnswerBytes, .type = ElementType::i64, .shape = {1}},
                     {.name = kPayload, .type = ElementType::u8, .shape = {-1}}},
          .outputs = {{.name = kPayload, .type = ElementType::u8, .shape = {-1}}}};
}

Result<std::size_t> link_probe_bytes(const InferRequest& request) {
  const auto find = [&request](const char* name, ElementType type) -> const WireTensor* {
    const auto found = std::ranges::find_if(request.inputs, [&](const WireTensor& tensor) {
      return tensor.spec.name == name && tensor.spec.type == type && tensor.spec.shape.size() == 1 &&
             tensor.codec.empty();
    });
    return found == request.inputs.end() ? nullptr : &*found;
  };
  const WireTensor* payload = find(kPayload, ElementType::u8);
  const WireTensor* wanted = find(kAnswerBytes, ElementType::i64);
  std::int64_t bytes = 0;
  if (request.inputs.size() != 2 || payload == nullptr || wanted == nullptr || wanted->payload.size() != sizeof bytes) {
    return fail(Errc::invalid_argument,
                fmt::format("model '{}' takes '{}' i64[1] and '{}' u8[any]", kLinkProbeModel, kAnswerBytes, kPayload));
  }
  std::memcpy(&bytes, wanted->payload.data(), sizeof bytes);
  if (bytes < 0 || static_cast<std::uint64_t>(bytes) > kMaxLinkProbeBytes ||
      payload->payload.size() > kMaxLinkProbeBytes) {
    return fail(Errc::invalid_argument,
                fmt::format("model '{}': at most {} bytes go either way, not {} up and {} down", kLinkProbeModel,
                            kMaxLinkProbeBytes, payload->payload.size(), bytes));
  }
  return static_cast<std::size_t>(bytes);
}

InferAnswer link_probe_answer(const InferRequest& request, std::size_t bytes) {
  InferAnswer answer{.model = request.model, .id = request.id};
  answer.outputs.push_back(noise_tensor(bytes));
  return answer;
}

}  // namespace tandem::rpc
