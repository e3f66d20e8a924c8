// Format tandem.optima.v1, see docs/formats/optima.md.
#include <fmt/format.h>

#include "plan_words.hpp"
#include "steps_json.hpp"
#include "tandem/base/file.hpp"
#include "tandem/plan/optima.hpp"

namespace tandem::plan {
namespace {

constexpr const char* kFormat = "tandem.optima.v1";
constexpr NumberBounds kNotNegative{.min = 0.0};

Json to_json(const UnpricedPlan& candidate) {
  const Footprint& f = candidate.footprint;
  Json json{{"up_bytes", f.up_bytes},      {"down_bytes", f.down_bytes},  {"device_ms", f.device.count()},
            {"device_mj", f.energy.value}, {"cloud_ms", f.cloud.count()}, {"segments", Json::array()},
            {"transfers", Json::array()}};
  for (const Segment& segment : candidate.segments) json["segments"].push_back(plan::to_json(segment));
  for (const Transfer& transfer : candidate.transfers) json["transfers"].push_back(plan::to_json(transfer));
  return json;
}

Result<UnpricedPlan> candidate_from(const Json& json, const std::string& where) {
  JsonReader reader(json, where, Status{});
  UnpricedPlan candidate;
  candidate.footprint = {.up_bytes = reader.number("up_bytes", kNotNegative),
                         .down_bytes = reader.number("down_bytes", kNotNegative),
                         .transfers = 0,
                         .device = Milliseconds{reader.number("device_ms", kNotNegative)},
                         .energy = Millijoules{reader.number("device_mj", kNotNegative)},
                         .cloud = Milliseconds{reader.number("cloud_ms", kNotNegative)}};
  const Json& segments = reader.array("segments");
  const Json& transfers = reader.array("transfers");
  if (reader.status() && segments.empty()) reader.refuse("segments", "is empty");
  if (!reader.status()) return forward_error(reader.status());
  auto read_segments = segments_from(segments);
  if (!read_segments) return forward_error(read_segments, where);
  auto read_transfers = transfers_from(transfers);
  if (!read_transfers) return forward_error(read_transfers, where);
  if (const Status s = check_transfers(*read_segments, *read_transfers); !s) return forward_error(s, where);
  candidate.segments = std::move(*read_segments);
  candidate.transfers = std::move(*read_transfers);
  candidate.footprint.transfers = static_cast<double>(candidate.transfers.size());
  return candidate;
}

}  // namespace

Json to_json(const Optima& optima) {
  const Radio& radio = optima.radio();
  Json json{{"format", kFormat},
            {"objective", name_of(optima.objective())},
            {"network", optima.network},
            {"fingerprint", optima.fingerprint},
            {"alpha_up_mw_per_mbps", radio.alpha_up},
            {"alpha_down_mw_per_mbps", radio.alpha_down},
            {"beta_mw", radio.beta.value},
            {"idle_power_mw", radio.idle.value},
            {"busy_power_mw", radio.busy.value},
            {"candidates", Json::array()}};
  if (optima.objective() == Objective::weighted) {
    json["weights"] = {{"per_ms", optima.weights().per_ms}, {"per_mj", optima.weights().per_mj}};
  }
  for (const UnpricedPlan& candidate : optima.candidates()) json["candidates"].push_back(to_json(candidate));
  return json;
}

Result<Optima> optima_from_json(const Json& json) {
  JsonReader reader(json, kFormat);
  const std::string word = reader.text("objective");
  Objective objective = Objective::latency;
  bool known = false;
  for (const Objective o : {Objective::latency, Objective::energy, Objective::weighted}) {
    if (word != name_of(o)) continue;
    objective = o;
    known = true;
  }
  if (!known) reader.refuse("objective", fmt::format("must be 'latency', 'energy' or 'weighted', is '{}'", word));
  const Radio radio{.alpha_up = reader.number("alpha_up_mw_per_mbps", kNotNegative),
                    .alpha_down = reader.number("alpha_down_mw_per_mbps", kNotNegative),
                    .beta = Milliwatts{reader.number("beta_mw", kNotNegative)},
                    .idle = Milliwatts{reader.number("idle_power_mw", kNotNegative)},
                    .busy = Milliwatts{reader.number("busy_power_mw", kNotNegative)}};
  const std::string network = reader.text_or("network", ""), fingerprint = reader.text_or("fingerprint", "");
  const Json& array = reader.array("candidates");
  if (reader.status() && array.empty()) reader.refuse("candidates", "is empty");
  Weights weights;
  if (reader.status() && objective == Objective::weighted) {
    if (!reader.has("weights")) reader.refuse("weights", "is missing");
    if (!reader.status()) return forward_error(reader.status());
    JsonReader weights_reader(json.at("weights"), "weights", reader.status());
    weights = {.per_ms = weights_reader.number("per_ms", kNotNegative),
               .per_mj = weights_reader.number("per_mj", kNotNegative)};
    if (!weights_reader.status()) return forward_error(weights_reader.status());
  }
  if (!reader.status()) return forward_error(reader.status());
  std::vector<UnpricedPlan> candidates;
  candidates.reserve(array.size());
  for (const Json& item : array) {
    const std::string where = fmt::format("candidates[{}]", candidates.size());
    auto candidate = candidate_from(item, where);
    if (!candidate) return forward_error(candidate);
    if (!candidates.empty() && candidate->segments.back().last != candidates.front().segments.back().last) {
      return fail(Errc::invalid_argument,
                  fmt::format("field '{}.segments': must cover as many layers as the others", where));
    }
    candidates.push_back(std::move(*candidate));
  }
  Optima optima(objective, weights, radio, std::move(candidates));
  optima.network = network;
  optima.fingerprint = fingerprint;
  return optima;
}

Result<Optima> load_optima(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return forward_error(text);
  const Result<Json> json = parse_json(*text);
  if (!json) return forward_error(json, path.string());
  Result<Optima> optima = optima_from_json(*json);
  if (!optima) return forward_error(optima, path.string());
  return optima;
}

}  // namespace tandem::plan
