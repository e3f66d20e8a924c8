#include "tandem/plan/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace tandem::plan {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr std::string_view kAny = "any";
constexpr std::string_view kRaw = "raw";
constexpr std::string_view kLinear8 = "linear8";
constexpr std::string_view kJpeg = "jpeg";

// What one codec makes of one boundary's tensor: its size, and its times on the sending and on the receiving side.
struct Coding {
  double bytes = 0.0;
  Milliseconds encode{};
  Milliseconds decode{};
};

const profile::CodecCosts* find_codec(const profile::CostTable& table, const std::string& codec) {
  const auto found = table.codecs.find(codec);
  return found == table.codecs.end() ? nullptr : &found->second;
}

// A table states zero bytes where its codec cannot carry a boundary; raw can carry every one.
std::optional<Coding> coding_at(int boundary, const std::string& codec, const profile::CostTable& sender,
                                const profile::CostTable& receiver, const profile::CostTable& device) {
  const profile::CodecCosts* sending = find_codec(sender, codec);
  const profile::CodecCosts* receiving = find_codec(receiver, codec);
  const profile::CodecCosts* sizes = find_codec(device, codec);
  if (sizes == nullptr) sizes = sending != nullptr ? sending : receiving;
  if (sizes != nullptr && sizes->bytes[boundary] > 0) {
    return Coding{.bytes = sizes->bytes[boundary],
                  .encode = sending != nullptr ? sending->encode[boundary] : Milliseconds{},
                  .decode = receiving != nullptr ? receiving->decode[boundary] : Milliseconds{}};
  }
  if (codec == kRaw) return Coding{.bytes = device.boundary_bytes[boundary]};
  if (codec == kLinear8 && sizes == nullptr) return Coding{.bytes = device.boundary_bytes[boundary] / 4};
  return std::nullopt;
}

class Crossings {
 public:
  Crossings(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link)
      : device_(device), cloud_(cloud), link_(link) {}

  [[nodiscard]] std::optional<Crossing> upload(int boundary, const std::string& codec) const {
    if (codec == kJpeg && boundary != 0) return std::nullopt;
    const auto coding = coding_at(boundary, codec, device_, cloud_, device_);
    if (!coding) return std::nullopt;
    return Crossing{.codec = codec,
                    .bytes = coding->bytes,
                    .encode = coding->encode,
                    .on_link = link_.upload_time(Bytes{coding->bytes}),
                    .decode = coding->decode,
                    .energy = link_.upload_energy(Bytes{coding->bytes}) + device_.busy_power * coding->encode +
                              device_.idle_power * (link_.rtt / 2 + coding->decode)};
  }

  [[nodiscard]] std::optional<Crossing> download(int boundary, const std::string& codec) const {
    if (codec == kJpeg) return std::nullopt;
    const auto coding = coding_at(boundary, codec, cloud_, device_, device_);
    if (!coding) return std::nullopt;
    return Crossing{.codec = codec,
                    .bytes = coding->bytes,
                    .encode = coding->encode,
                    .on_link = link_.download_time(Bytes{coding->bytes}),
                    .decode = coding->decode,
                    .energy = link_.download_energy(Bytes{coding->bytes}) + device_.busy_power * coding->decode +
                              device_.idle_power * (link_.rtt / 2 + coding->encode)};
  }

 private:
  const profile::CostTable& device_;
  const profile::CostTable& cloud_;
  const link::Link& link_;
};

double cost_of(const Crossing& crossing, Objective objective) {
  return objective == Objective::latency ? crossing.latency().count() : crossing.energy.value;
}

// The cheapest of the codecs that can make this crossing; the first of equals. `cross` says what a codec would cost.
template <class Cross>
Crossing cheapest(const std::vector<std::string>& codecs, Objective objective, const Cross& cross) {
  std::optional<Crossing> best;
  for (const std::string& codec : codecs) {
    std::optional<Crossing> one = cross(codec);
    if (one && (!best || cost_of(*one, objective) < cost_of(*best, objective))) best = std::move(one);
  }
  return best ? *best : *cross(std::string(kRaw));
}

// Raw first, so that a codec must be cheaper to be chosen.
std::vector<std::string> known_codecs(const profile::CostTable& device, const profile::CostTable& cloud) {
  std::vector<std::string> codecs{std::string(kRaw), std::string(kLinear8)};
  std::set<std::string> others;
  for (const auto* table : {&device, &cloud}) {
    for (const auto& [codec, costs] : table->codecs) others.insert(codec);
  }
  for (const std::string& codec : others) {
    if (codec != kRaw && codec != kLinear8) codecs.push_back(codec);
  }
  return codecs;
}

Status check_table(const profile::CostTable& table, const char* place) {
  const std::size_t boundaries = table.layers.size() + 1;
  if (table.layers.empty()) return fail(Errc::invalid_argument, fmt::format("the {} profile has no layers", place));
  bool whole = table.boundary_bytes.size() == boundaries;
  for (const auto& [codec, costs] : table.codecs) {
    whole = whole && costs.bytes.size() == boundaries && costs.encode.size() == boundaries &&
            costs.decode.size() == boundaries;
  }
  if (whole) return {};
  return fail(Errc::invalid_argument, fmt::format("the {} profile does not have {} boundaries for its {} layers", place,
                                                  boundaries, boundaries - 1));
}

Status check_pair(const profile::CostTable& device, const profile::CostTable& cloud) {
  if (device.fingerprint != cloud.fingerprint || device.size() != cloud.size()) {
    return fail(
        Errc::failed_precondition,
        fmt::format("the device profile is of network '{}' ({}), the cloud profile of '{}' ({}): both must be of "
                    "the same network",
                    device.network, device.fingerprint, cloud.network, cloud.fingerprint));
  }
  if (device.batch != cloud.batch) {
    return fail(
        Errc::failed_precondition,
        fmt::format("the device profile is of batch {}, the cloud profile of batch {}", device.batch, cloud.batch));
  }
  return {};
}

}  // namespace

Result<Problem> make_problem(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link,
                             Objective objective, const ProblemOptions& options) {
  if (const Status s = check_table(device, "device"); !s) return forward_error(s);
  if (const Status s = check_table(cloud, "cloud"); !s) return forward_error(s);
  if (const Status s = check_pair(device, cloud); !s) return forward_error(s);
  if (!(link.up.value > 0) || !(link.down.value > 0)) {
    return fail(Errc::invalid_argument, fmt::format("link '{}': both rates must be above 0 Mbps", link.name));
  }
  std::vector<std::string> codecs = known_codecs(device, cloud);
  if (options.codec == kAuto) {
    // JPEG loses what the network was trained to see: only where asked for.
    std::erase(codecs, std::string(kJpeg));
  } else if (options.codec != kAny) {
    if (std::find(codecs.begin(), codecs.end(), options.codec) == codecs.end()) {
      return fail(Errc::invalid_argument, fmt::format("codec '{}' is not in the profiles; there are: auto, any, {}",
                                                      options.codec, fmt::join(codecs, ", ")));
    }
    codecs = {options.codec};
  }

  const int n = device.size();
  Problem problem{.objective = objective,
                  .layers = n,
                  .device_ms = GroupCosts(n),
                  .device_mj = GroupCosts(n),
                  .cloud_ms = GroupCosts(n),
                  .cloud_mj = GroupCosts(n),
                  .device_error_ms = GroupCosts(n),
                  .cloud_error_ms = GroupCosts(n),
                  .uploads = {},
                  .downloads = {},
                  .network = device.network,
                  .fingerprint = device.fingerprint,
                  .link = link.name};
  for (int last = 1; last <= n; ++last) {
    for (int first = 1; first <= last; ++first) {
      const profile::Cost mobile = device.cost({.first = first, .last = last});
      const profile::Cost remote = cloud.cost({.first = first, .last = last});
      problem.device_ms.at(first, last) = mobile.latency.count();
      problem.device_mj.at(first, last) = mobile.energy.value;
      problem.cloud_ms.at(first, last) = remote.latency.count();
      problem.cloud_mj.at(first, last) = (device.idle_power * remote.latency).value;
      problem.device_error_ms.at(first, last) = mobile.std.count();
      problem.cloud_error_ms.at(first, last) = remote.std.count();
    }
  }
  const Crossings crossings(device, cloud, link);
  for (int k = 0; k <= n; ++k) {
    const auto up = [&](const std::string& codec) { return crossings.upload(k, codec); };
    const auto down = [&](const std::string& codec) { return crossings.download(k, codec); };
    problem.uploads.push_back(cheapest(codecs, objective, up));
    problem.downloads.push_back(cheapest(codecs, objective, down));
  }
  return problem;
}

}  // namespace tandem::plan
