#include "plan_training.hpp"

#include <fmt/format.h>

#include <memory>

#include "tandem/base/file.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

using plan::Place;
using plan::Segment;
using plan::TrainingPlan;

// "backward of 4-8" for steps N+1..2N.
std::string layers_of(const Segment& segment, int layers) {
  if (segment.last <= layers) return fmt::format("forward {}-{}", segment.first, segment.last);
  return fmt::format("backward {}-{}", 2 * layers + 1 - segment.first, 2 * layers + 1 - segment.last);
}

struct Sum {
  double bytes = 0.0;
  Milliseconds latency{};
  Millijoules energy{};
};

void print_plan(const TrainingPlan& plan, int layers) {
  fmt::print("one training step of {} over {}: {} layers, optimal, found in {:.0f} us\n\n", plan.network, plan.link,
             layers, plan.solve_us);
  Table table({{"where", Table::Align::left}, {"what", Table::Align::left}, {"size"}, {"latency"}, {"energy"}});
  for (const Segment& segment : plan.segments) {
    table.row({segment.place == Place::device ? "device" : "cloud", layers_of(segment, layers), "",
               human_time(segment.latency), fmt::format("{:.1f} mJ", segment.energy.value)});
  }
  // A kind and direction a row: weights alone may be one per layer.
  using Kind = plan::TrainingTransfer::Kind;
  for (const Kind kind : {Kind::activation, Kind::labels, Kind::stored_activation, Kind::gradient, Kind::weights}) {
    for (const plan::Direction direction : {plan::Direction::up, plan::Direction::down}) {
      Sum sum;
      int count = 0;
      for (const auto& transfer : plan.transfers) {
        if (transfer.kind != kind || transfer.direction != direction) continue;
        ++count;
        sum.bytes += transfer.crossing.bytes;
        sum.latency += transfer.crossing.latency();
        sum.energy += transfer.crossing.energy;
      }
      if (count == 0) continue;
      std::string name(name_of(kind));
      std::ranges::replace(name, '_', ' ');
      table.row({direction == plan::Direction::up ? "up" : "down", fmt::format("{} ({})", name, count),
                 human_bytes(sum.bytes), human_time(sum.latency), fmt::format("{:.1f} mJ", sum.energy.value)});
    }
  }
  fmt::print("{}\n", table.text(terminal().width));
  const auto line = [](const char* what, const plan::Totals& totals) {
    fmt::print("{:<12} {:>10} {:>12.1f} mJ\n", what, human_time(totals.latency), totals.energy.value);
  };
  line("total", plan.totals);
  line("device only", plan.device_only);
  line("cloud only", plan.cloud_only);
}

}  // namespace

void add_training_options(CLI::App* command, TrainingPlanOptions& options) {
  command->add_flag("--training", options.wanted, "plan one training step: the forward and the backward pass");
  command->add_option("--backward-ratio", options.training.backward_ratio, "cost of a backward over a forward layer")
      ->check(CLI::Range(0.0, 1000.0))
      ->capture_default_str();
  command->add_option("--updated-weights", options.training.updated_weights, "the part of the weights that is trained")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option_function<double>(
          "--label-bytes", [&options](double bytes) { options.training.label_bytes = bytes; },
          "what the loss compares a batch with; as large as the network's output where not given")
      ->check(CLI::NonNegativeNumber);
}

Outcome plan_training(const TrainingRequest& request) {
  const auto problem =
      plan::make_training_problem(request.device, request.cloud, request.link, request.objective, request.training);
  if (!problem) return forward_error(problem);
  const TrainingPlan plan = plan::solve(*problem);
  const std::string json = to_json(plan).dump(2) + "\n";
  if (!request.output.empty()) {
    if (const Status written = write_file(request.output, json); !written) return forward_error(written);
  }
  request.json ? fmt::print("{}", json) : print_plan(plan, problem->layers);
  return plan.feasible ? Exit::done : Exit::no_feasible_answer;
}

}  // namespace tandem::cli
