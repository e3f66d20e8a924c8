// One step of training, divided between device and cloud: the forward pass over layers 1..N, then the backward pass
// over layers N..1, the layers N+1..2N of section 2.2.2 of the dissertation.
//
//   Result<TrainingProblem> problem = make_training_problem(device_table, cloud_table, link, Objective::latency, {});
//   TrainingPlan plan = solve(*problem);
//
// What crosses beside activations and gradients: the activation that a backward layer needs, where it runs elsewhere
// than its forward layer did; the new weights of layers updated in the cloud, down (eq. 2.13); what the loss compares
// with, up, where the backward pass begins in the cloud. Weights updated on the device are not uploaded: the cloud
// performs the whole backward pass for itself, as the dissertation assumes.
// Thread rule: values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/plan/plan.hpp"
#include "tandem/plan/problem.hpp"

namespace tandem::plan {

// Costs of one place, of groups i..j; a backward group runs layers j..i.
struct TrainingCosts {
  GroupCosts forward_ms, forward_mj, backward_ms, backward_mj;  // mj: of the device, which waits while the cloud works
};

struct TrainingProblem {
  Objective objective = Objective::latency;
  int layers = 0;
  TrainingCosts device, cloud;
  // N + 1 each, of the tensor after layer k ([0] the input), and of the gradient with respect to it.
  std::vector<Crossing> activations_up, activations_down, gradients_up, gradients_down;
  std::vector<Crossing> weights_down;  // N: what the device gets where layer k + 1 is updated in the cloud
  Crossing labels_up;
  std::string network, fingerprint, link;
};

struct TrainingOptions {
  std::string codec = "auto";  // of activations and gradients, as in ProblemOptions
  // A backward layer computes gradients with respect to its inputs and to its weights, each as much as its forward
  // pass: Kaplan et al., "Scaling Laws for Neural Language Models", 2020, section 2.1.
  double backward_ratio = 2.0;
  double updated_weights = 1.0;  // the part of each layer's weights that is trained, Fig. 2.10 (a)
  double bytes_per_weight = 4.0;
  std::optional<double> label_bytes;  // of a whole batch; not given: as many as the network's output
};

// A tensor other than activations and gradients on their way: what it is, and what moving it costs.
struct TrainingTransfer {
  enum class Kind { activation, gradient, stored_activation, weights, labels };
  Kind kind = Kind::activation;
  int layer = 0;  // weights: of this layer; else the tensor after this layer
  Direction direction = Direction::up;
  Crossing crossing;
  bool operator==(const TrainingTransfer&) const = default;
};
std::string_view name_of(TrainingTransfer::Kind kind);

struct TrainingPlan {
  Objective objective = Objective::latency;
  bool feasible = false;
  Totals totals;
  std::vector<Segment> segments;            // over layers 1..2N; layer 2N + 1 - k is the backward pass of layer k
  std::vector<TrainingTransfer> transfers;  // in order of execution; weights last
  double solve_us = 0.0;
  Totals device_only, cloud_only;
  std::string network, fingerprint, link;
};

// The optimum over all places of all groups, in both passes: dynamic programming over how far each pass is decided,
// counted from the network's input, and the places where it got there. Always the pass that lags is extended, so that
// both places of a layer are known when the second is chosen, which is when its stored activation is charged. O(N^3)
// time, O(N^2) memory. A group never reaches from one pass into the other.
// Preconditions: 1 <= layers <= kMaxTrainingLayers; all parts of the problem of its size; costs not negative, those of
// crossings finite. Groups that cannot run cost infinity; where no way is left the plan is not feasible.
TrainingPlan solve(const TrainingProblem& problem);
inline constexpr int kMaxTrainingLayers = 1000;

// What given segments cost. Precondition: they cover layers 1..2N in order, and none holds both N and N + 1.
TrainingPlan describe(const TrainingProblem& problem, std::vector<Segment> segments);

// Errors: as make_problem; failed_precondition where the device's profile does not say how many parameters the layers
// have; invalid_argument for options out of their range; resource_exhausted over kMaxTrainingLayers.
Result<TrainingProblem> make_training_problem(const profile::CostTable& device, const profile::CostTable& cloud,
                                              const link::Link& link, Objective objective,
                                              const TrainingOptions& options);

// Format tandem.training_plan.v1.
Json to_json(const TrainingPlan& plan);

}  // namespace tandem::plan
