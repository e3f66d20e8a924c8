#include "tandem/plan/problem.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "all_codecs.hpp"

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
  Milliseconds encode{};  // before anything can be sent
  Milliseconds behind{};  // while the first of several pieces is on the link already
  Milliseconds ahead{};   // while the last of several pieces is still on the link
  Milliseconds decode{};
  double last_bytes = 0.0;  // of the last of several pieces
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
    Coding coding{.bytes = sizes->bytes[boundary],
                  .decode = receiving != nullptr ? receiving->decode[boundary] : Milliseconds{}};
    if (receiving != nullptr && !receiving->ahead.empty()) coding.ahead = receiving->ahead[boundary];
    if (sending != nullptr) {
      coding.encode = sending->encode[boundary];
      if (!sending->behind.empty()) {
        coding.behind = sending->behind[boundary];
        coding.last_bytes = sending->last_bytes[boundary];
      }
    }
    return coding;
  }
  if (codec == kRaw) return Coding{.bytes = device.boundary_bytes[boundary]};
  if (codec == kLinear8 && sizes == nullptr) return Coding{.bytes = device.boundary_bytes[boundary] / 4};
  return std::nullopt;
}

class Crossings {
 public:
  Crossings(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link,
            const ProblemOptions& options)
      : device_(device),
        cloud_(cloud),
        link_(link),
        device_load_(options.loads.device),
        cloud_load_(options.loads.cloud) {}

  [[nodiscard]] std::optional<Crossing> upload(int boundary, const std::string& codec) const {
    if (codec == kJpeg && boundary != 0) return std::nullopt;
    const auto coding = coding_at(boundary, codec, device_, cloud_, device_);
    if (!coding) return std::nullopt;
    const Milliseconds encode = device_load_ * coding->encode, decode = cloud_load_ * coding->decode;
    const Milliseconds behind = device_load_ * coding->behind;
    // The last piece leaves when it is coded and those before it have left, and is decoded when they are.
    const Milliseconds at_least =
        std::max(behind + link_.upload_time(Bytes{coding->last_bytes}), cloud_load_ * coding->ahead);
    return Crossing{.codec = codec,
                    .bytes = coding->bytes,
                    .encode = encode,
                    .on_link = std::max(link_.upload_time(Bytes{coding->bytes}), at_least),
                    .decode = decode,
                    .energy = link_.upload_energy(Bytes{coding->bytes}) + device_.busy_power * (encode + behind) +
                              device_.idle_power * (link_.rtt / 2 + decode)};
  }

  [[nodiscard]] std::optional<Crossing> download(int boundary, const std::string& codec) const {
    if (codec == kJpeg) return std::nullopt;
    const auto coding = coding_at(boundary, codec, cloud_, device_, device_);
    if (!coding) return std::nullopt;
    // Answers are sent when all of them is coded, and decoded when all is there.
    const Milliseconds encode = cloud_load_ * (coding->encode + coding->behind);
    const Milliseconds decode = device_load_ * (coding->ahead + coding->decode);
    return Crossing{.codec = codec,
                    .bytes = coding->bytes,
                    .encode = encode,
                    .on_link = link_.download_time(Bytes{coding->bytes}),
                    .decode = decode,
                    .energy = link_.download_energy(Bytes{coding->bytes}) + device_.busy_power * decode +
                              device_.idle_power * (link_.rtt / 2 + encode)};
  }

 private:
  const profile::CostTable& device_;
  const profile::CostTable& cloud_;
  const link::Link& link_;
  double device_load_, cloud_load_;
};

double cost_of(const Crossing& crossing, const Weights& weights) {
  const double latency = weights.per_ms == 0 ? 0 : weights.per_ms * crossing.latency().count();
  return weights.per_mj == 0 ? latency : latency + weights.per_mj * crossing.energy.value;
}

bool better(const Crossing& a, const Crossing& b) {
  return a.latency() <= b.latency() && a.energy <= b.energy && (a.latency() < b.latency() || a.energy < b.energy);
}

enum class Keep { worth_it, all };

// The cheapest of the codecs that can make this crossing, the first of equals; behind it all others, or those that none
// is better than. `cross` says what a codec would cost.
template <class Cross>
std::vector<Crossing> choices(const std::vector<std::string>& codecs, const Weights& weights, Keep keep,
                              const Cross& cross) {
  std::vector<Crossing> all;
  for (const std::string& codec : codecs) {
    if (std::optional<Crossing> one = cross(codec)) all.push_back(std::move(*one));
  }
  if (all.empty()) return {*cross(std::string(kRaw))};
  const auto cheaper = [&weights](const Crossing& a, const Crossing& b) {
    return cost_of(a, weights) < cost_of(b, weights);
  };
  std::iter_swap(all.begin(), std::ranges::min_element(all, cheaper));
  if (keep == Keep::all) return all;
  std::vector<Crossing> kept{all.front()};
  for (std::size_t i = 1; i < all.size(); ++i) {
    const bool beaten = std::ranges::any_of(all, [&](const Crossing& c) { return better(c, all[i]); });
    if (!beaten && all[i].latency() != kept.front().latency()) kept.push_back(all[i]);
  }
  return kept;
}

// Where conditions vary, prices must be linear in them; what goes on at the same time makes them kinked.
void leave_out_pieces(const profile::CostTable& device, std::vector<std::string>& codecs) {
  std::erase_if(codecs, [&device](const std::string& codec) {
    const profile::CodecCosts* costs = find_codec(device, codec);
    return costs != nullptr && !costs->behind.empty();
  });
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
            costs.decode.size() == boundaries && costs.behind.size() == costs.last_bytes.size() &&
            costs.behind.size() == costs.ahead.size() && (costs.behind.empty() || costs.behind.size() == boundaries);
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

Status check_options(const ProblemOptions& options, Objective objective, int layers) {
  const auto positive = [](double value) { return value > 0 && std::isfinite(value); };
  if (!positive(options.loads.device)) return fail(Errc::invalid_argument, "the device's load must be above 0");
  if (!positive(options.loads.cloud)) return fail(Errc::invalid_argument, "the cloud's load must be above 0");
  const auto& [per_ms, per_mj] = options.weights;
  if (objective == Objective::weighted && (!(per_ms >= 0) || !(per_mj >= 0) || !positive(per_ms + per_mj))) {
    return fail(Errc::invalid_argument, "the weights must not be below 0, and one of them above");
  }
  return check(options.constraints, layers);
}

// Of every group: its trained numbers, and the tensors that enter and leave it. What is within a group a runtime
// re-uses as it likes, and is not counted.
GroupCosts memory_of(const profile::CostTable& table) {
  constexpr double kBytesOfNumber = 4;  // float32
  GroupCosts bytes(table.size());
  for (int last = 1; last <= table.size(); ++last) {
    double weights = 0;
    for (int first = last; first >= 1; --first) {
      weights += kBytesOfNumber * table.parameters[first - 1];
      bytes.at(first, last) = weights + table.boundary_bytes[first - 1] + table.boundary_bytes[last];
    }
  }
  return bytes;
}

Result<Problem> problem_of(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link,
                           Objective objective, const ProblemOptions& options, Keep keep) {
  if (const Status s = check_table(device, "device"); !s) return forward_error(s);
  if (const Status s = check_table(cloud, "cloud"); !s) return forward_error(s);
  if (const Status s = check_pair(device, cloud); !s) return forward_error(s);
  if (!(link.up.value > 0) || !(link.down.value > 0)) {
    return fail(Errc::invalid_argument, fmt::format("link '{}': both rates must be above 0 Mbps", link.name));
  }
  if (const Status s = check_options(options, objective, device.size()); !s) return forward_error(s);
  if (options.constraints.device_memory && device.parameters.empty()) {
    return fail(Errc::failed_precondition, "the device profile has no 'parameters': its memory cannot be limited");
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
  if (keep == Keep::all) leave_out_pieces(device, codecs);
  if (codecs.empty()) {
    return fail(Errc::invalid_argument,
                fmt::format("codec '{}' codes in pieces, which has no price where conditions vary: take it whole, '{}'",
                            options.codec, options.codec.substr(0, options.codec.find('/'))));
  }

  const int n = device.size();
  Problem problem;
  problem.objective = objective;
  problem.weights = options.weights;
  problem.constraints = options.constraints;
  problem.layers = n;
  problem.network = device.network;
  problem.fingerprint = device.fingerprint;
  problem.link = link.name;
  for (GroupCosts* costs : {&problem.device_ms, &problem.device_mj, &problem.cloud_ms, &problem.cloud_mj,
                            &problem.device_error_ms, &problem.cloud_error_ms}) {
    *costs = GroupCosts(n);
  }
  for (int last = 1; last <= n; ++last) {
    for (int first = 1; first <= last; ++first) {
      const profile::Cost mobile = device.cost({.first = first, .last = last});
      const profile::Cost remote = cloud.cost({.first = first, .last = last});
      problem.device_ms.at(first, last) = options.loads.device * mobile.latency.count();
      problem.device_mj.at(first, last) = options.loads.device * mobile.energy.value;
      problem.cloud_ms.at(first, last) = options.loads.cloud * remote.latency.count();
      problem.cloud_mj.at(first, last) = (device.idle_power * remote.latency).value * options.loads.cloud;
      problem.device_error_ms.at(first, last) = options.loads.device * mobile.std.count();
      problem.cloud_error_ms.at(first, last) = options.loads.cloud * remote.std.count();
    }
  }
  if (!device.parameters.empty()) problem.device_bytes = memory_of(device);
  const Weights weights = weights_of(problem);
  const Crossings crossings(device, cloud, link, options);
  const auto add = [&](Direction direction, int after, std::vector<Crossing> all) {
    (direction == Direction::up ? problem.uploads : problem.downloads).push_back(std::move(all.front()));
    for (std::size_t i = 1; i < all.size(); ++i) {
      problem.alternatives.push_back({.after = after, .direction = direction, .crossing = std::move(all[i])});
    }
  };
  for (int k = 0; k <= n; ++k) {
    add(Direction::up, k,
        choices(codecs, weights, keep, [&](const std::string& codec) { return crossings.upload(k, codec); }));
    add(Direction::down, k,
        choices(codecs, weights, keep, [&](const std::string& codec) { return crossings.download(k, codec); }));
  }
  return problem;
}

}  // namespace

Status check(const Constraints& constraints, int layers) {
  const auto refuse = [](const std::string& what) { return fail(Errc::invalid_argument, what); };
  const auto bad = [](double limit) { return !(limit >= 0) || !std::isfinite(limit); };
  if (constraints.deadline && bad(constraints.deadline->count())) return refuse("the deadline must be 0 ms or more");
  if (constraints.energy_budget && bad(constraints.energy_budget->value))
    return refuse("the energy budget must be 0 mJ or more");
  if (constraints.cloud_time && bad(constraints.cloud_time->count()))
    return refuse("the limit of cloud time must be 0 ms or more");
  if (constraints.device_memory && bad(constraints.device_memory->value))
    return refuse("the limit of device memory must be 0 bytes or more");
  if (constraints.max_switches && *constraints.max_switches < 0) return refuse("the most switches must be 0 or more");
  std::vector<std::optional<Place>> places(layers);
  for (const Pin& pin : constraints.pins) {
    if (pin.first < 1 || pin.last < pin.first || pin.last > layers) {
      return refuse(fmt::format("layers {}..{} cannot be pinned: there are 1..{}", pin.first, pin.last, layers));
    }
    for (int layer = pin.first; layer <= pin.last; ++layer) {
      if (places[layer - 1].value_or(pin.place) != pin.place)
        return refuse(fmt::format("layer {} is pinned to both device and cloud", layer));
      places[layer - 1] = pin.place;
    }
  }
  return {};
}

Result<Problem> make_problem(const profile::CostTable& device, const profile::CostTable& cloud, const link::Link& link,
                             Objective objective, const ProblemOptions& options) {
  return problem_of(device, cloud, link, objective, options, Keep::worth_it);
}

Result<Problem> problem_with_all_codecs(const profile::CostTable& device, const profile::CostTable& cloud,
                                        const link::Link& link, Objective objective, const ProblemOptions& options) {
  return problem_of(device, cloud, link, objective, options, Keep::all);
}

Result<Problem> unloaded_problem_with_all_codecs(const profile::CostTable& device, const profile::CostTable& cloud,
                                                 const link::Link& link, Objective objective, ProblemOptions options) {
  options.loads = {};
  return problem_with_all_codecs(device, cloud, link, objective, options);
}

Radio radio_of(const profile::CostTable& device, const link::Link& link) {
  return {.alpha_up = link.alpha_up,
          .alpha_down = link.alpha_down,
          .beta = link.beta,
          .idle = device.idle_power,
          .busy = device.busy_power};
}

}  // namespace tandem::plan
