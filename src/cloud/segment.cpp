#include "segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tandem/rpc/segment_name.hpp"

namespace tandem::cloud {

const network::Boundary& Segment::input() const {
  return served->network.boundaries()[static_cast<std::size_t>(key.first) - 1];
}

const network::Boundary& Segment::output() const {
  return served->network.boundaries()[static_cast<std::size_t>(key.last)];
}

const network::ImageInput* Segment::image_input() const {
  return key.first == 1 && served->image_input ? &*served->image_input : nullptr;
}

Status Catalogue::check() const {
  if (networks_.empty()) return fail(Errc::invalid_argument, "no network to serve");
  std::set<std::string> names;
  for (const ServedNetwork& served : networks_) {
    if (!names.insert(served.network.name()).second) {
      return fail(Errc::invalid_argument,
                  fmt::format("two networks of the name '{}'; rename one of them", served.network.name()));
    }
  }
  return {};
}

Result<Segment> Catalogue::find(const std::string& model_name) const {
  const auto named = [](const std::string& name) {
    return [&name](const ServedNetwork& served) { return served.network.name() == name; };
  };
  // A network's own name may end like a segment's.
  auto served = std::ranges::find_if(networks_, named(model_name));
  std::optional<network::BlockRange> range;
  if (served == networks_.end()) {
    const rpc::SegmentName name = rpc::parse_segment_name(model_name);
    served = std::ranges::find_if(networks_, named(name.network));
    range = name.range;
  }
  if (served == networks_.end()) {
    std::string names;
    for (const ServedNetwork& each : networks_) names += (names.empty() ? "" : ", ") + each.network.name();
    return fail(Errc::not_found, fmt::format("no model '{}'; there are: {}", model_name, names));
  }
  const int size = served->network.size();
  const network::BlockRange blocks = range.value_or(network::BlockRange{.first = 1, .last = size});
  if (blocks.first < 1 || blocks.first > blocks.last || blocks.last > size) {
    return fail(Errc::not_found,
                fmt::format("no model '{}': '{}' has the blocks 1-{}", model_name, served->network.name(), size));
  }
  const auto place = static_cast<std::size_t>(served - networks_.begin());
  return Segment{.key = {.network = place, .first = blocks.first, .last = blocks.last}, .served = &*served};
}

}  // namespace tandem::cloud
