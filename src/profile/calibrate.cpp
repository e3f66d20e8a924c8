#include "tandem/profile/calibrate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "layer_work.hpp"
#include "tandem/base/random.hpp"

namespace tandem::profile {
namespace {

constexpr std::size_t kFewestGroups = 8;
constexpr int kRounds = 30;    // in which layers may change between compute bound and memory bound
constexpr int kSweeps = 2000;  // of coordinate descent; it ends sooner where nothing moves
constexpr double kNoMovement = 1e-12;
constexpr std::size_t kMemory = kOperations, kLaunch = kOperations + 1, kCall = kOperations + 2,
                      kSteps = kOperations + 3;
constexpr std::size_t kUnknowns = kOperations + 4;

// A group's latency is a sum of these times unknowns: per operation, milliseconds at the full peak of the layers bound
// by it; milliseconds at the full bandwidth; layers started; calls; further steps of recurrent layers.
using Row = std::array<double, kUnknowns>;

class Layers {
 public:
  Layers(const network::Network& network, const DeviceModel& model, const CalibrationOptions& options)
      : network_(network), works_(work_of(network, 1)) {
    const double peak = model.peak_gflops.at(options.precision);
    DeviceModel ideal = model;
    ideal.efficiency.fill(1.0);
    ideal.memory_efficiency = 1.0;
    for (const LayerWork& work : works_) {
      compute_.push_back(compute_time(work, ideal, peak).count());
      memory_.push_back(memory_time(work, ideal, bytes_of(options.precision)).count());
    }
  }

  [[nodiscard]] Row row(const DeviceModel& model, BlockRange range) const {
    Row row{};
    row[kCall] = 1.0;
    const int first = network_.blocks()[range.first - 1].first_layer;
    for (int layer = first; layer <= network_.blocks()[range.last - 1].last_layer; ++layer) {
      const LayerWork& work = works_[layer];
      if (is_fused(work, model, layer == first)) continue;
      row[kLaunch] += 1.0;
      row[kSteps] += work.steps - 1.0;
      const auto operation = static_cast<std::size_t>(work.operation);
      const bool computes = compute_[layer] / model.efficiency[operation] > memory_[layer] / model.memory_efficiency;
      row[computes ? operation : kMemory] += computes ? compute_[layer] : memory_[layer];
    }
    return row;
  }

 private:
  const network::Network& network_;
  std::vector<LayerWork> works_;
  std::vector<double> compute_, memory_;
};

struct Sample {
  BlockRange range;
  double latency_ms;
};

// Minimises the squares of (row · x) / latency - 1 over x >= 0 by coordinate descent, which converges for a convex
// quadratic. An unknown that no row mentions keeps its value.
Row least_squares(const std::vector<Row>& rows, const std::vector<Sample>& samples, Row x) {
  std::array<Row, kUnknowns> gram{};
  Row target{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t a = 0; a < kUnknowns; ++a) {
      const double relative = rows[i][a] / samples[i].latency_ms;
      target[a] += relative;
      for (std::size_t b = 0; b < kUnknowns; ++b) gram[a][b] += relative * rows[i][b] / samples[i].latency_ms;
    }
  }
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    double moved = 0.0;
    for (std::size_t a = 0; a < kUnknowns; ++a) {
      if (gram[a][a] == 0) continue;
      const double gradient = std::inner_product(gram[a].begin(), gram[a].end(), x.begin(), -target[a]);
      const double next = std::max(0.0, x[a] - gradient / gram[a][a]);
      moved = std::max(moved, std::abs(next - x[a]) * std::sqrt(gram[a][a]));
      x[a] = next;
    }
    if (moved < kNoMovement) break;
  }
  return x;
}

Row unknowns_of(const DeviceModel& model) {
  Row x{};
  for (std::size_t operation = 0; operation < kOperations; ++operation)
    x[operation] = 1.0 / model.efficiency[operation];
  x[kMemory] = 1.0 / model.memory_efficiency;
  x[kLaunch] = model.launch.count();
  x[kCall] = model.call.count();
  x[kSteps] = model.recurrent_step.count();
  return x;
}

// An unknown of zero says that nothing was bound by it: what was there before stays.
void take_over(const Row& x, DeviceModel& model) {
  for (std::size_t operation = 0; operation < kOperations; ++operation) {
    if (x[operation] > 0) model.efficiency[operation] = std::clamp(1.0 / x[operation], 1e-6, 100.0);
  }
  if (x[kMemory] > 0) model.memory_efficiency = std::clamp(1.0 / x[kMemory], 1e-6, 1.0);
  model.launch = Milliseconds{x[kLaunch]};
  model.call = Milliseconds{x[kCall]};
  model.recurrent_step = Milliseconds{x[kSteps]};
}

// The model's own sum is used here, not the linear one: a layer takes the longer of its two times.
ErrorSummary errors_of(const Layers& layers, const DeviceModel& model, const std::vector<Sample>& samples) {
  const Row x = unknowns_of(model);
  std::vector<double> errors;
  errors.reserve(samples.size());
  for (const Sample& sample : samples) {
    const Row row = layers.row(model, sample.range);
    const double modelled = std::inner_product(row.begin(), row.end(), x.begin(), 0.0);
    errors.push_back(std::abs(modelled - sample.latency_ms) / sample.latency_ms);
  }
  if (errors.empty()) return {};
  std::ranges::sort(errors);
  return {.groups = static_cast<int>(errors.size()),
          .median = errors[errors.size() / 2],
          .percentile_95 = errors[std::min(errors.size() - 1, errors.size() * 95 / 100)]};
}

}  // namespace

Result<Calibration> calibrate(const network::Network& network, const DeviceModel& model, const CostTable& measured,
                              const CalibrationOptions& options) {
  if (const Status fits = check_fits(measured, network, "the measured profile"); !fits) return forward_error(fits);
  if (!model.peak_gflops.contains(options.precision)) {
    return fail(Errc::invalid_argument, fmt::format("device model '{}' has no 'peak_gflops' for precision '{}'",
                                                    model.name, options.precision));
  }
  Random random(options.seed);
  std::vector<Sample> fitted, held_out;
  for (const auto& [range, cost] : measured.groups()) {
    if (!(cost.latency.count() > 0) || !std::isfinite(cost.latency.count())) continue;
    (random.uniform() < options.held_out ? held_out : fitted).push_back({range, cost.latency.count()});
  }
  if (fitted.size() < kFewestGroups || held_out.empty()) {
    return fail(Errc::invalid_argument,
                fmt::format("the profile of '{}' holds {} measured groups; a calibration needs at least {} to fit and "
                            "one held out: tandem profile {} --groups all",
                            measured.network, fitted.size() + held_out.size(), kFewestGroups, network.name()));
  }

  const Layers layers(network, model, options);
  Calibration result{.model = model, .fitted = {}, .held_out = {}, .held_out_before = {}};
  result.held_out_before = errors_of(layers, model, held_out);
  // Which roof bounds a layer depends on the fit, and the fit on that: the best of a few rounds is kept.
  DeviceModel current = model;
  double best = errors_of(layers, model, fitted).median;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Row> rows;
    rows.reserve(fitted.size());
    for (const Sample& sample : fitted) rows.push_back(layers.row(current, sample.range));
    DeviceModel next = current;
    take_over(least_squares(rows, fitted, unknowns_of(current)), next);
    const double error = errors_of(layers, next, fitted).median;
    if (error < best) {
      best = error;
      result.model = next;
    }
    if (next == current) break;
    current = std::move(next);
  }
  result.model.name = fmt::format("{}, calibrated on {}", model.name, measured.device);
  for (const char* field : {"efficiency", "memory_efficiency", "launch_ms", "call_ms"}) {
    result.model.sources[field] = fmt::format("fitted to the profile of {} on {}", measured.network, measured.device);
  }
  result.fitted = errors_of(layers, result.model, fitted);
  result.held_out = errors_of(layers, result.model, held_out);
  return result;
}

}  // namespace tandem::profile
