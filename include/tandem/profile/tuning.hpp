// What coding the tensor that crosses costs in a network's answers, measured on real inputs at each place where the
// network can be divided: format tandem.tuning.v1. With it a planner chooses cut and codec together.
//
//   Result<CodecTuning> tuning = load_tuning("mobilenet.tflite.tuning.json");
//   CostTable tuned = with_tuning(device_table, *tuning, 0.005);       // only codecs that lose at most half a percent
//   Problem problem = make_problem(tuned, with_tuning(cloud_table, *tuning, 0.005), link, objective, {.codec = "any"});
//
// Thread rule: values; free functions without shared state.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::profile {

// One codec at the boundary after `after` layers; means over the inputs, times at full speed.
struct TunedCoding {
  int after = 0;
  std::string codec;
  double bytes = 0;
  Milliseconds encode{};
  Milliseconds decode{};
  double loss = 0;  // of CodecTuning::metric, as a share of all inputs; below 0 where coding happened to help

  bool operator==(const TunedCoding&) const = default;
};

struct CodecTuning {
  std::string network;
  std::string fingerprint;
  int layers = 0;
  std::string metric = "agreement";  // with the undivided network's first answer, or "accuracy" by labels
  int samples = 0;
  double reference = 1.0;   // the undivided network's agreement (1) or accuracy
  double max_loss = 0.005;  // what the tuning was asked for
  std::vector<TunedCoding> codings;

  bool operator==(const CodecTuning&) const = default;
};

// The coding with the fewest bytes of those at `after` that lose at most `max_loss`; nullptr where there is none.
const TunedCoding* best_coding(const CodecTuning& tuning, int after, double max_loss);

// The table with the tuning's codecs instead of its own, each only where it loses at most `max_loss`; "raw" stays.
// Times are multiplied by the table's slowdown. Precondition: table.size() == tuning.layers.
CostTable with_tuning(CostTable table, const CodecTuning& tuning, double max_loss);

// Error: invalid_argument naming the field.
Result<CodecTuning> tuning_from_json(const Json& json);
Json to_json(const CodecTuning& tuning);
// Errors: not_found; invalid_argument naming file and field.
Result<CodecTuning> load_tuning(const std::filesystem::path& path);
// Complete or not at all. Error: invalid_argument where the file cannot be written.
Status save(const CodecTuning& tuning, const std::filesystem::path& path);

}  // namespace tandem::profile
