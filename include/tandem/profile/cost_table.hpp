// What every group of consecutive blocks of a network costs on one place, executed as one: format tandem.profile.v1.
//
//   Result<CostTable> table = profile::load("resnet50.profile.json");
//   Cost c = table->cost({.first = 3, .last = 17});     // measured, or predicted from neighbours: see Cost::predicted
//
// Group costs are not sums of layer costs: a runtime fuses across layers (section 2.2.1 of the dissertation).
// Thread rule: a value; const functions from any thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/network/network.hpp"

namespace tandem::profile {

using network::BlockRange;

struct Cost {
  Milliseconds latency{};
  Millijoules energy{};
  Milliseconds std{};      // standard error of `latency`
  bool predicted = false;  // not measured as a group: predicted by who made the table, or by CostTable::cost()
};

// How the executions that were measured followed each other. One that comes right after another of the same group finds
// weights and code in the caches.
enum class Requests { spaced, back_to_back };

// What a codec does to each boundary's tensor on this place, measured on sample inputs; all arrays have N + 1 entries.
struct CodecCosts {
  std::vector<double> bytes;  // mean coded size; 0 where the codec cannot carry a boundary
  std::vector<Milliseconds> encode;
  std::vector<Milliseconds> decode;
  // Of a codec that codes a tensor in pieces: `encode` is of the first one, `behind` of all others, which are coded
  // while those before them are on the link already; `decode` is of the last one, `ahead` of all others, which are
  // decoded while those behind them still are on the link. Empty where there is one piece.
  std::vector<Milliseconds> behind{};
  std::vector<Milliseconds> ahead{};
  std::vector<double> last_bytes{};  // of the last piece: what the link still has to carry when all is coded
};

struct CostTable {
  std::string network;
  std::string fingerprint;
  std::string device;
  int batch = 1;
  int threads = 1;
  std::string precision;  // "f32", "bf16"; empty where unknown
  std::string runtime;    // what executed it, with its version: "openvino 2026.4.1"; empty where unknown
  Requests requests = Requests::spaced;
  std::vector<std::string> layers;         // N block names
  std::vector<double> boundary_bytes;      // N + 1
  std::vector<double> parameters;          // N, trained numbers; empty where unknown
  std::string energy_source = "modelled";  // or "measured:<meter>"
  Milliwatts idle_power{};  // burnt by the device while it waits for link and cloud; 0 as in the dissertation
  Milliwatts busy_power{};  // behind modelled energy: energy = busy_power * latency
  double slowdown = 1.0;    // the emulated slowness the figures include
  std::map<std::string, CodecCosts> codecs;  // by codec name; may be empty

  [[nodiscard]] int size() const { return static_cast<int>(layers.size()); }
  void set(BlockRange range, const Cost& cost);
  [[nodiscard]] bool has(BlockRange range) const;
  // A group that the table lacks is predicted from those it has: from prefixes and suffixes, else as the cheapest sum
  // of measured groups (docs/formats/profile.md). O(log N) where it has the group or prefixes and suffixes.
  // Precondition: 1 <= first <= last <= size(), and every block lies in some group.
  [[nodiscard]] Cost cost(BlockRange range) const;
  // The groups it has, in order of (first, last).
  [[nodiscard]] std::vector<std::pair<BlockRange, Cost>> groups() const;
  [[nodiscard]] std::size_t group_count() const;
  // Those of them that were measured.
  [[nodiscard]] std::size_t measured_count() const;

 private:
  struct Group {
    int first;
    Cost cost;
  };
  [[nodiscard]] const Cost* find(BlockRange range) const;
  // The cheapest measured groups that lie side by side and cover exactly `range`.
  [[nodiscard]] Cost cheapest_sum(BlockRange range) const;
  // Where no such groups are: each block as its even share of a measured group that holds it, the cheapest of them.
  [[nodiscard]] Cost sum_of_shares(BlockRange range) const;

  std::vector<std::vector<Group>> ending_at_;  // [last - 1], each in order of `first`
};

// The most blocks a profile may have.
inline constexpr int kMaxBlocks = 4096;

// A profile that was interrupted says `"partial": true`: it need not cover the network, and only the profiler reads it.
enum class Completeness { complete, partial };

// Error: invalid_argument naming the field.
Result<CostTable> from_json(const Json& json, Completeness expected = Completeness::complete);
Json to_json(const CostTable& table);
// Errors: not_found; invalid_argument naming file and field.
Result<CostTable> load(const std::filesystem::path& path, Completeness expected = Completeness::complete);
// Complete or not at all. Error: invalid_argument where the file cannot be written.
Status save(const CostTable& table, const std::filesystem::path& path,
            Completeness completeness = Completeness::complete);

// Error: failed_precondition, in a line that says which network and which profile, and the command that makes a new
// one.
Status check_fits(const CostTable& table, const network::Network& network, const std::string& where);

}  // namespace tandem::profile
