#include "tandem/profile/tuning.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tandem/base/file.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::profile {
namespace {

constexpr const char* kFormat = "tandem.tuning.v1";
constexpr double kMostBytes = 1e12;
constexpr double kMostMilliseconds = 1e9;

CodecCosts nowhere(int layers) {
  const auto boundaries = static_cast<std::size_t>(layers) + 1;
  return {.bytes = std::vector<double>(boundaries, 0.0),
          .encode = std::vector<Milliseconds>(boundaries),
          .decode = std::vector<Milliseconds>(boundaries)};
}

}  // namespace

const TunedCoding* best_coding(const CodecTuning& tuning, int after, double max_loss) {
  const TunedCoding* best = nullptr;
  for (const TunedCoding& one : tuning.codings) {
    if (one.after != after || one.loss > max_loss) continue;
    if (best == nullptr || one.bytes < best->bytes) best = &one;
  }
  return best;
}

CostTable with_tuning(CostTable table, const CodecTuning& tuning, double max_loss) {
  // A codec of the table that was not tuned may lose anything. No bytes: it cannot be used there.
  std::erase_if(table.codecs, [](const auto& codec) { return codec.first != codec::kRaw; });
  table.codecs.emplace(codec::kLinear8, nowhere(tuning.layers));
  for (const TunedCoding& one : tuning.codings) {
    CodecCosts& costs = table.codecs.try_emplace(one.codec, nowhere(tuning.layers)).first->second;
    if (one.loss > max_loss) continue;
    const auto at = static_cast<std::size_t>(one.after);
    costs.bytes[at] = one.bytes;
    costs.encode[at] = one.encode * table.slowdown;
    costs.decode[at] = one.decode * table.slowdown;
  }
  return table;
}

Result<CodecTuning> tuning_from_json(const Json& json) {
  JsonReader reader(json, kFormat);
  CodecTuning tuning;
  tuning.network = reader.text("network");
  tuning.fingerprint = reader.text("fingerprint");
  tuning.layers = reader.integer("layers", 1, kMaxBlocks);
  tuning.metric = reader.text("metric");
  tuning.samples = reader.integer("samples", 1, 1'000'000'000);
  tuning.reference = reader.number("reference", {.min = 0, .max = 1});
  tuning.max_loss = reader.number("max_loss", {.min = 0, .max = 1});
  const Json& codings = reader.array("codings");
  Status status = reader.status();
  tuning.codings.reserve(codings.size());
  for (std::size_t i = 0; i < codings.size() && status; ++i) {
    JsonReader item(codings[i], fmt::format("codings[{}]", i), status);
    TunedCoding& one = tuning.codings.emplace_back();
    one.after = item.integer("after", 0, tuning.layers);
    one.codec = item.text("codec");
    one.bytes = item.number("bytes", {.min = 1, .max = kMostBytes});
    one.encode = Milliseconds{item.number("encode_ms", {.min = 0, .max = kMostMilliseconds})};
    one.decode = Milliseconds{item.number("decode_ms", {.min = 0, .max = kMostMilliseconds})};
    one.loss = item.number("loss", {.min = -1, .max = 1});
    status = item.status();
  }
  if (!status) return forward_error(status);
  return tuning;
}

Json to_json(const CodecTuning& tuning) {
  Json codings = Json::array();
  for (const TunedCoding& one : tuning.codings) {
    codings.push_back({{"after", one.after},
                       {"codec", one.codec},
                       {"bytes", one.bytes},
                       {"encode_ms", one.encode.count()},
                       {"decode_ms", one.decode.count()},
                       {"loss", one.loss}});
  }
  return {{"format", kFormat},
          {"network", tuning.network},
          {"fingerprint", tuning.fingerprint},
          {"layers", tuning.layers},
          {"metric", tuning.metric},
          {"samples", tuning.samples},
          {"reference", tuning.reference},
          {"max_loss", tuning.max_loss},
          {"codings", std::move(codings)}};
}

Result<CodecTuning> load_tuning(const std::filesystem::path& path) {
  const auto text = read_file(path.string());
  if (!text) return forward_error(text);
  const auto json = parse_json(*text);
  if (!json) return forward_error(json, path.string());
  auto tuning = tuning_from_json(*json);
  if (!tuning) return forward_error(tuning, path.string());
  return tuning;
}

Status save(const CodecTuning& tuning, const std::filesystem::path& path) {
  return write_file(path.string(), to_json(tuning).dump(2) + "\n");
}

}  // namespace tandem::profile
