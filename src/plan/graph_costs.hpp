// A graph problem as the solvers see it: what each node and each crossing uses up, and the cheapest assignment under
// prices of what is used. Prices are never below 0, so that every such assignment is a minimum cut.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chain.hpp"
#include "tandem/plan/graph_plan.hpp"

namespace tandem::plan {

// Of each node: where it must run, if anywhere.
enum class Fixed : std::int8_t { free, device, cloud };

class GraphCosts {
 public:
  explicit GraphCosts(const GraphProblem& problem);

  [[nodiscard]] int nodes() const { return static_cast<int>(problem_.graph.nodes.size()); }
  // Tensors 0..nodes()-1 are the nodes' results, nodes() is the network's input.
  [[nodiscard]] int input() const { return nodes(); }
  [[nodiscard]] std::span<const int> readers(int tensor) const {
    return {readers_.data() + first_reader_[tensor], readers_.data() + first_reader_[tensor + 1]};
  }
  [[nodiscard]] bool ends_on_device(int tensor) const { return ends_on_device_[tensor] != 0; }
  [[nodiscard]] Amounts node(int node, Place place) const;
  [[nodiscard]] Amounts crossing(int tensor, Direction direction) const;
  // Pins of the graph and of the constraints.
  [[nodiscard]] const std::vector<Fixed>& pins() const { return pins_; }

  [[nodiscard]] std::vector<Place> cheapest(const Prices& prices, std::span<const Fixed> fixed) const;
  [[nodiscard]] Amounts amounts(std::span<const Place> places) const;
  // Directions in which the tensor crosses.
  struct Crosses {
    bool up = false, down = false;
  };
  [[nodiscard]] Crosses crosses(int tensor, std::span<const Place> places) const;

 private:
  [[nodiscard]] double bytes(int tensor) const;

  const GraphProblem& problem_;
  std::vector<int> first_reader_, readers_;
  std::vector<std::uint8_t> ends_on_device_;
  std::vector<Fixed> pins_;
};

}  // namespace tandem::plan
