// Shortest path over blocks, in which a block may be divided by a minimum cut.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <optional>

#include "chain.hpp"
#include "places.hpp"
#include "tandem/plan/layer_graph.hpp"

namespace tandem::plan {
namespace {

// One block's layers with a node in front that stands for its input, made elsewhere.
struct BlockProblem {
  GraphProblem problem;
  int result = -1;  // the node whose result the next block reads; -1: of the last block, whose results go to the device
};

class Planner {
 public:
  Planner(const Problem& chain, const LayerGraph& layers, const InsideBlocks& options)
      : chain_(chain), layers_(layers), options_(options), prices_(objective_prices(chain)), priced_(chain, prices_) {}

  Result<GraphPlan> find() {
    if (const Status s = find_makers(); !s) return forward_error(s);
    for (auto* states : {&at_, &made_}) {
      for (auto& of_place : *states) of_place.assign(chain_.layers + 1, State{});
    }
    at_[0][0].cost = 0;
    made_[0][0].cost = 0;
    move(0);
    for (int j = 1; j <= chain_.layers; ++j) {
      for (const Place place : kPlaces) take_groups(j, place);
      if (const Status s = take_inside(j); !s) return forward_error(s);
      move(j);
    }
    return walk_back();
  }

 private:
  // How the tensor after a layer came to be made on a place, or to be there.
  enum class Step { none, group, inside, moved, stayed };
  struct State {
    double cost = kNever;
    Step step = Step::none;
    int first = 0;                // of the group
    Place from = Place::device;   // where the input of a divided block was
    std::vector<Place> places{};  // of its layers
  };

  void take_groups(int last, Place place) {
    State& best = made_[index_of(place)][last];
    const double* groups = priced_.groups_ending_at(place, last);
    for (int first = priced_.earliest(place, last); first <= last; ++first) {
      const double cost = at_[index_of(place)][first - 1].cost + groups[first - 1];
      if (cost < best.cost) best = {.cost = cost, .step = Step::group, .first = first, .from = place};
    }
  }

  Status take_inside(int block) {
    const auto [first, last] = layers_.blocks[block - 1];
    if (first == last) return {};
    for (const Place from : kPlaces) {
      const double before = at_[index_of(from)][block - 1].cost;
      if (!std::isfinite(before)) continue;
      for (const Place to : kPlaces) {
        if (block == chain_.layers && to == Place::cloud) continue;
        BlockProblem inside = problem_of(block, from);
        if (inside.result >= 0) inside.problem.graph.nodes[inside.result].pin = to;
        Result<GraphPlan> plan = solve(inside.problem);
        if (!plan) return forward_error(plan);
        const double cost = before + cost_of(chain_, plan->totals);
        State& best = made_[index_of(to)][block];
        if (cost >= best.cost * (1 - 1e-12)) continue;
        best = {.cost = cost, .step = Step::inside, .first = block, .from = from};
        best.places.assign(plan->places.begin() + 1, plan->places.end());
      }
    }
    return {};
  }

  void move(int j) {
    for (const Place place : kPlaces) {
      const Place elsewhere = other(place);
      const double stay = made_[index_of(place)][j].cost;
      const double come = made_[index_of(elsewhere)][j].cost + priced_.leave(elsewhere, j);
      at_[index_of(place)][j] = {.cost = std::min(stay, come), .step = stay <= come ? Step::stayed : Step::moved};
    }
  }

  // maker_[k]: the layer whose result crosses the boundary after block k; -1 is the input.
  Status find_makers() {
    const int n = chain_.layers;
    std::vector<int> block_of(layers_.graph.nodes.size(), 0);
    bool fits = static_cast<int>(layers_.blocks.size()) == n;
    int next = 0;
    for (int b = 1; b <= n && fits; ++b) {
      const auto [first, last] = layers_.blocks[b - 1];
      fits = first == next && last >= first && last < static_cast<int>(block_of.size());
      for (int i = first; fits && i <= last; ++i) block_of[i] = b;
      next = last + 1;
    }
    if (!fits || next != static_cast<int>(block_of.size())) {
      return fail(Errc::invalid_argument, fmt::format("the layers' blocks are not the {} of the chain", n));
    }
    maker_.assign(n + 1, -1);
    for (const auto& [from, to] : layers_.graph.edges) {
      const int here = block_of[from];
      if (block_of[to] == here) continue;
      if (block_of[to] != here + 1 || (maker_[here] >= 0 && maker_[here] != from)) {
        return fail(Errc::invalid_argument, fmt::format("block {} hands on more than one result", here));
      }
      maker_[here] = from;
    }
    return {};
  }

  [[nodiscard]] BlockProblem problem_of(int block, Place input_on) const {
    const auto [first, last] = layers_.blocks[block - 1];
    const int maker = maker_[block - 1];
    BlockProblem inside;
    GraphProblem& p = inside.problem;
    p.link = options_.link;
    p.objective = chain_.objective;
    p.weights = chain_.weights;
    p.idle_power = options_.idle_power;
    const Bytes bytes = maker < 0 ? layers_.graph.input : layers_.graph.nodes[maker].output;
    p.graph.nodes.push_back({.id = "input of the block", .output = bytes, .pin = input_on});
    for (int i = first; i <= last; ++i) p.graph.nodes.push_back(layers_.graph.nodes[i]);
    const auto here = [&](int layer) { return layer - first + 1; };
    for (const Pin& pin : chain_.constraints.pins) {
      if (block < pin.first || block > pin.last) continue;
      for (int i = first; i <= last; ++i) p.graph.nodes[here(i)].pin = pin.place;
    }
    for (const auto& [from, to] : layers_.graph.edges) {
      if (to < first || to > last) continue;
      p.graph.edges.push_back({.from = from >= first ? here(from) : 0, .to = here(to)});
    }
    if (block == 1) {
      for (const int reader : layers_.graph.inputs) p.graph.edges.push_back({.from = 0, .to = here(reader)});
    }
    if (block == chain_.layers) {
      for (const int output : layers_.graph.outputs) p.graph.outputs.push_back(here(output));
    } else {
      inside.result = here(maker_[block]);
    }
    return inside;
  }

  // The schedule from its end, made a plan from its beginning.
  [[nodiscard]] Result<GraphPlan> walk_back() const {
    GraphPlan plan = baselines();
    if (!std::isfinite(at_[0][chain_.layers].cost)) {
      plan.proven_optimal = true;
      plan.lower_bound = kNever;
      return plan;
    }
    plan.feasible = true;
    plan.costs = Costs::fused;
    plan.places.assign(layers_.graph.nodes.size(), Place::device);
    Place wanted = Place::device;
    for (int j = chain_.layers; j >= 0;) {
      if (at_[index_of(wanted)][j].step == Step::moved) {
        wanted = other(wanted);
        add_crossing(plan, j, wanted);
      }
      if (j == 0) break;
      const State& made = made_[index_of(wanted)][j];
      if (made.step == Step::group) {
        add(plan.totals, amounts_of(chain_, {.first = made.first, .last = j, .place = wanted}));
        for (int i = layers_.blocks[made.first - 1].first; i <= layers_.blocks[j - 1].last; ++i)
          plan.places[i] = wanted;
      } else {
        plan.costs = Costs::mixed;
        add_inside(plan, j, made);
      }
      wanted = made.from;
      j = made.first - 1;
    }
    std::ranges::reverse(plan.transfers);
    plan.proven_optimal = plan.costs == Costs::fused;
    plan.lower_bound = plan.proven_optimal ? cost_of(chain_, plan.totals) : 0;
    return plan;
  }

  void add_inside(GraphPlan& plan, int block, const State& made) const {
    std::vector<Place> places{made.from};
    places.insert(places.end(), made.places.begin(), made.places.end());
    const GraphPlan inside = describe(problem_of(block, made.from).problem, std::move(places));
    const int first = layers_.blocks[block - 1].first;
    std::ranges::copy(made.places, plan.places.begin() + first);
    plan.totals.latency += inside.totals.latency;
    plan.totals.energy += inside.totals.energy;
    plan.totals.cloud += inside.totals.cloud;
    for (auto it = inside.transfers.rbegin(); it != inside.transfers.rend(); ++it) {
      GraphTransfer transfer = *it;
      transfer.node = transfer.node == 0 ? maker_[block - 1] : transfer.node - 1 + first;
      plan.transfers.push_back(transfer);
    }
  }

  void add_crossing(GraphPlan& plan, int after, Place from) const {
    const Crossing& crossing = priced_.crossing(from, after);
    add(plan.totals, amounts_of(crossing));
    const int maker = after == chain_.layers ? layers_.blocks.back().last : maker_[after];
    plan.transfers.push_back({.node = maker,
                              .direction = from == Place::device ? Direction::up : Direction::down,
                              .bytes = Bytes{crossing.bytes},
                              .latency = crossing.latency(),
                              .energy = crossing.energy});
  }

  static void add(Totals& totals, const Amounts& used) {
    totals.latency += Milliseconds{of(used, Resource::latency)};
    totals.energy += Millijoules{of(used, Resource::energy)};
    totals.cloud += Milliseconds{of(used, Resource::cloud)};
    totals.memory += Bytes{of(used, Resource::memory)};
  }

  [[nodiscard]] GraphPlan baselines() const {
    const Plan whole = describe(chain_, {{.first = 1, .last = chain_.layers, .place = Place::device}});
    GraphPlan plan;
    plan.objective = chain_.objective;
    plan.weights = chain_.weights;
    plan.device_only = whole.device_only;
    plan.cloud_only = whole.cloud_only;
    plan.network = chain_.network;
    plan.link = chain_.link;
    return plan;
  }

  const Problem& chain_;
  const LayerGraph& layers_;
  const InsideBlocks& options_;
  const Prices prices_;
  const PricedChain priced_;
  std::vector<int> maker_;
  std::array<std::vector<State>, 2> at_, made_;  // [place][k]: the tensor after block k is there, was made there
};

}  // namespace

Result<GraphPlan> solve_inside_blocks(const Problem& chain, const LayerGraph& layers, const InsideBlocks& options) {
  if (chain.constraints.limited()) {
    return fail(Errc::invalid_argument, "plans that divide blocks keep pins, but no limits: plan the chain or a graph");
  }
  const auto start = std::chrono::steady_clock::now();
  Result<GraphPlan> plan = Planner(chain, layers, options).find();
  if (!plan) return plan;
  plan->solve_us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  return plan;
}

}  // namespace tandem::plan
