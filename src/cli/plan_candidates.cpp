#include "plan_candidates.hpp"

#include <fmt/format.h>

#include "tandem/base/file.hpp"
#include "terminal.hpp"

namespace tandem::cli {
namespace {

using plan::Candidate;
using plan::Selection;

Json to_json(const std::vector<Candidate>& candidates, const Selection& selection, const CandidateRequest& request,
             const plan::SelectionOptions& options) {
  if (!selection.chosen) {
    plan::Plan none;
    none.objective = options.objective;
    none.link = request.link.name;
    none.solver = "enumeration";
    none.proven_optimal = true;
    Json json = plan::to_json(none);
    const Candidate& nearest = candidates[*selection.most_accurate];
    json["nearest_miss"].push_back({{"constraint", "least_accuracy"},
                                    {"limit", options.least_accuracy},
                                    {"most", nearest.accuracy},
                                    {"location", nearest.location}});
    return json;
  }
  Json json = plan::to_json(plan::plan_of(candidates, *selection.chosen, request.link, options));
  json["location"] = candidates[*selection.chosen].location;
  json["accuracy"] = candidates[*selection.chosen].accuracy;
  return json;
}

void print_table(const std::vector<Candidate>& candidates, const Selection& selection, const CandidateRequest& request,
                 double least_accuracy) {
  Table table({{""},
               {"cut after", Table::Align::left},
               {"upload"},
               {"device"},
               {"cloud"},
               {"accuracy"},
               {"latency"},
               {"energy"}});
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    table.row({selection.chosen == i                 ? ">"
               : candidate.accuracy < least_accuracy ? "x"
                                                     : "",
               candidate.location, human_bytes(candidate.bytes), human_time(candidate.device),
               human_time(candidate.cloud), fmt::format("{:g}", candidate.accuracy),
               human_time(selection.costs[i].latency), fmt::format("{:.1f} mJ", selection.costs[i].energy.value)});
  }
  fmt::print("{}\n", table.text(terminal().width));
  if (selection.chosen) {
    const Candidate& best = candidates[*selection.chosen];
    const plan::Totals& costs = selection.costs[*selection.chosen];
    fmt::print("cut after {} over {}: {}, {:.1f} mJ, {} up\n", best.location, request.link.name,
               human_time(costs.latency), costs.energy.value, human_bytes(best.bytes));
  } else {
    const Candidate& nearest = candidates[*selection.most_accurate];
    fmt::print("none reaches an accuracy of {:g}; the nearest is {} with {:g}\n", least_accuracy, nearest.location,
               nearest.accuracy);
  }
}

}  // namespace

void add_candidate_options(CLI::App* command, CandidateOptions& options) {
  auto* file = command
                   ->add_option("--candidates", options.file,
                                "tandem.candidates.v1: choose between networks with a bottleneck at different places")
                   ->type_name("FILE");
  command->add_option("--least-accuracy", options.least_accuracy, "of a candidate, in the unit of the file")
      ->check(CLI::NonNegativeNumber)
      ->needs(file);
}

Outcome plan_candidates(const CandidateRequest& request) {
  if (request.objective == plan::Objective::weighted) {
    return fail(Errc::invalid_argument, "--candidates selects for latency or for energy, not for a weighted sum");
  }
  const auto candidates = plan::load_candidates(request.options.file);
  if (!candidates) return forward_error(candidates);
  const plan::SelectionOptions options{.objective = request.objective,
                                       .device_load = request.loads.device,
                                       .cloud_load = request.loads.cloud,
                                       .least_accuracy = request.options.least_accuracy};
  const Selection selection = plan::select(*candidates, request.link, options);
  const std::string json = to_json(*candidates, selection, request, options).dump(2) + "\n";
  if (!request.output.empty()) {
    if (const Status written = write_file(request.output, json); !written) return forward_error(written);
  }
  if (request.json) {
    fmt::print("{}", json);
  } else {
    print_table(*candidates, selection, request, options.least_accuracy);
  }
  return selection.chosen ? Exit::done : Exit::no_feasible_answer;
}

}  // namespace tandem::cli
