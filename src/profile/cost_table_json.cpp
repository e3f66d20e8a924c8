// Format tandem.profile.v1, see docs/formats/profile.md.
#include <fmt/format.h>

#include <algorithm>

#include "tandem/base/file.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {
namespace {

constexpr const char* kFormat = "tandem.profile.v1";
constexpr const char* kSpaced = "spaced";
constexpr const char* kBackToBack = "back_to_back";
constexpr NumberBounds kNotNegative{.min = 0.0};

std::vector<Milliseconds> to_milliseconds(const std::vector<double>& numbers) {
  std::vector<Milliseconds> result;
  result.reserve(numbers.size());
  for (const double number : numbers) result.emplace_back(number);
  return result;
}

std::vector<double> to_numbers(const std::vector<Milliseconds>& times) {
  std::vector<double> result;
  result.reserve(times.size());
  for (const Milliseconds time : times) result.push_back(time.count());
  return result;
}

void expect_boundaries(JsonReader& reader, const char* field, std::size_t found, int layers) {
  const auto wanted = static_cast<std::size_t>(layers) + 1;
  if (reader.status() && found != wanted) {
    reader.refuse(field,
                  fmt::format("must have {} entries, one per boundary of {} layers, has {}", wanted, layers, found));
  }
}

Status read_groups(JsonReader& reader, CostTable& table) {
  const Json& groups = reader.array("groups");
  Status status = reader.status();
  std::size_t index = 0;
  for (const Json& item : groups) {
    JsonReader group(item, fmt::format("groups[{}]", index++), status);
    const BlockRange range{.first = group.integer("first", 1, table.size()),
                           .last = group.integer("last", 1, table.size())};
    const Cost cost{.latency = Milliseconds{group.number("latency_ms", kNotNegative)},
                    .energy = Millijoules{group.number_or("energy_mj", 0.0, kNotNegative)},
                    .std = Milliseconds{group.number_or("std_ms", 0.0, kNotNegative)},
                    .predicted = item.is_object() && item.value("predicted", Json()) == true};
    if (range.last < range.first) group.refuse("last", fmt::format("must not lie before 'first', {}", range.first));
    if (group.status() && table.has(range)) {
      group.refuse("first", fmt::format("group {}..{} is there twice", range.first, range.last));
    }
    status = group.status();
    if (!status) return status;
    table.set(range, cost);
  }
  return status;
}

// The first block, 1-based, that lies in no group; 0 where all are covered.
int uncovered_block(const CostTable& table) {
  int covered = 0;  // groups come in order of their first block
  for (const auto& [range, cost] : table.groups()) {
    if (range.first > covered + 1) break;
    covered = std::max(covered, range.last);
  }
  return covered == table.size() ? 0 : covered + 1;
}

Status read_codecs(const Json& codecs, CostTable& table) {
  if (!codecs.is_object()) return fail(Errc::invalid_argument, "field 'codecs': must be an object");
  Status status;
  for (const auto& [name, item] : codecs.items()) {
    JsonReader reader(item, fmt::format("codecs.{}", name), status);
    CodecCosts costs;
    costs.bytes = reader.numbers("bytes", kNotNegative);
    costs.encode = to_milliseconds(reader.numbers("encode_ms", kNotNegative));
    costs.decode = to_milliseconds(reader.numbers("decode_ms", kNotNegative));
    expect_boundaries(reader, "bytes", costs.bytes.size(), table.size());
    expect_boundaries(reader, "encode_ms", costs.encode.size(), table.size());
    expect_boundaries(reader, "decode_ms", costs.decode.size(), table.size());
    if (item.contains("behind_ms")) {
      costs.last_bytes = reader.numbers("last_bytes", kNotNegative);
      expect_boundaries(reader, "last_bytes", costs.last_bytes.size(), table.size());
      costs.behind = to_milliseconds(reader.numbers("behind_ms", kNotNegative));
      expect_boundaries(reader, "behind_ms", costs.behind.size(), table.size());
      costs.ahead = to_milliseconds(reader.numbers("ahead_ms", kNotNegative));
      expect_boundaries(reader, "ahead_ms", costs.ahead.size(), table.size());
    }
    status = reader.status();
    if (!status) return status;
    table.codecs.emplace(name, std::move(costs));
  }
  return status;
}

Json head_to_json(const CostTable& table) {
  Json json{{"format", kFormat},
            {"network", table.network},
            {"fingerprint", table.fingerprint},
            {"device", table.device},
            {"batch", table.batch},
            {"threads", table.threads},
            {"requests", table.requests == Requests::spaced ? kSpaced : kBackToBack},
            {"layers", table.layers},
            {"boundary_bytes", table.boundary_bytes},
            {"parameters", table.parameters},
            {"energy_source", table.energy_source},
            {"idle_power_mw", table.idle_power.value},
            {"busy_power_mw", table.busy_power.value},
            {"slowdown", table.slowdown}};
  if (!table.precision.empty()) json["precision"] = table.precision;
  if (!table.runtime.empty()) json["runtime"] = table.runtime;
  for (const auto& [name, costs] : table.codecs) {
    json["codecs"][name] = {
        {"bytes", costs.bytes}, {"encode_ms", to_numbers(costs.encode)}, {"decode_ms", to_numbers(costs.decode)}};
    if (costs.behind.empty()) continue;
    json["codecs"][name]["last_bytes"] = costs.last_bytes;
    json["codecs"][name]["behind_ms"] = to_numbers(costs.behind);
    json["codecs"][name]["ahead_ms"] = to_numbers(costs.ahead);
  }
  return json;
}

Json to_json(const BlockRange& range, const Cost& cost) {
  Json json{{"first", range.first},
            {"last", range.last},
            {"latency_ms", cost.latency.count()},
            {"energy_mj", cost.energy.value},
            {"std_ms", cost.std.count()}};
  if (cost.predicted) json["predicted"] = true;
  return json;
}

}  // namespace

Result<CostTable> from_json(const Json& json, Completeness expected) {
  JsonReader reader(json, kFormat);
  CostTable table;
  table.network = reader.text("network");
  table.fingerprint = reader.text("fingerprint");
  table.device = reader.text("device");
  table.batch = reader.integer_or("batch", 1, 1, 1 << 20);
  table.threads = reader.integer_or("threads", 1, 1, 1 << 20);
  table.precision = reader.text_or("precision", "");
  table.runtime = reader.text_or("runtime", "");
  const std::string requests = reader.text_or("requests", kSpaced);
  if (reader.status() && requests != kSpaced && requests != kBackToBack) {
    reader.refuse("requests", fmt::format("must be '{}' or '{}', is '{}'", kSpaced, kBackToBack, requests));
  }
  table.requests = requests == kBackToBack ? Requests::back_to_back : Requests::spaced;
  table.layers = reader.texts("layers");
  table.boundary_bytes = reader.numbers("boundary_bytes", kNotNegative);
  if (reader.has("parameters")) table.parameters = reader.numbers("parameters", kNotNegative);
  table.energy_source = reader.text_or("energy_source", "modelled");
  table.idle_power = Milliwatts{reader.number_or("idle_power_mw", 0.0, kNotNegative)};
  table.busy_power = Milliwatts{reader.number_or("busy_power_mw", 0.0, kNotNegative)};
  table.slowdown = reader.number_or("slowdown", 1.0, {.min = 1.0});
  if (reader.status() && (table.layers.empty() || table.size() > kMaxBlocks)) {
    reader.refuse("layers", fmt::format("must have 1 to {} entries, has {}", kMaxBlocks, table.size()));
  }
  expect_boundaries(reader, "boundary_bytes", table.boundary_bytes.size(), table.size());
  if (reader.status() && !table.parameters.empty() && table.parameters.size() != table.layers.size()) {
    reader.refuse("parameters",
                  fmt::format("must have {} entries, one per layer, has {}", table.size(), table.parameters.size()));
  }
  if (reader.has("partial") && expected == Completeness::complete && json.at("partial") != false) {
    reader.refuse("partial", "measuring was interrupted; resume it with the same 'tandem profile' command");
  }
  if (!reader.status()) return forward_error(reader.status());

  if (const Status read = read_groups(reader, table); !read) return forward_error(read);
  if (reader.has("codecs")) {
    if (const Status read = read_codecs(json.at("codecs"), table); !read) return forward_error(read);
  }
  if (const int block = uncovered_block(table); block != 0 && expected == Completeness::complete) {
    reader.refuse("groups", fmt::format("layer {} ('{}') lies in none of them", block, table.layers[block - 1]));
    return forward_error(reader.status());
  }
  return table;
}

Json to_json(const CostTable& table) {
  Json json = head_to_json(table);
  Json& groups = json["groups"] = Json::array();
  for (const auto& [range, cost] : table.groups()) groups.push_back(to_json(range, cost));
  return json;
}

Result<CostTable> load(const std::filesystem::path& path, Completeness expected) {
  const Result<std::string> text = read_file(path);
  if (!text) return forward_error(text);
  const Result<Json> json = parse_json(*text);
  if (!json) return forward_error(json, path.string());
  Result<CostTable> table = from_json(*json, expected);
  if (!table) return forward_error(table, path.string());
  return table;
}

Status save(const CostTable& table, const std::filesystem::path& path, Completeness completeness) {
  Json head = head_to_json(table);
  if (completeness == Completeness::partial) head["partial"] = true;
  // One group a line: a person can read it, and tools that compare lines see which groups changed.
  std::string text =
      head.dump(1, ' ', false, Json::error_handler_t::replace);  // names come from models, in any encoding
  text.resize(text.size() - 2);                                  // without the closing "\n}"
  text += ",\n \"groups\": [";
  const char* separator = "\n  ";
  for (const auto& [range, cost] : table.groups()) {
    text += separator + to_json(range, cost).dump();
    separator = ",\n  ";
  }
  text += "\n ]\n}\n";
  return write_file(path, text);
}

}  // namespace tandem::profile
