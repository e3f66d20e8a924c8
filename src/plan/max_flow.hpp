// Maximum flow and minimum cut by growing two search trees that are kept from one augmentation to the next: Boykov and
// Kolmogorov, "An experimental comparison of min-cut/max-flow algorithms", PAMI 2004. Made for networks in which most
// nodes hang on a terminal, so that paths are short.
//
//   MaxFlow flow(2, 1);
//   flow.add_terminal(0, 5);     // source -> 0 with capacity 5
//   flow.add_terminal(1, -3);    // 1 -> sink with capacity 3
//   flow.add_edge(0, 1, 2, 0);
//   flow.run();                  // on_sink_side(1) is true, on_sink_side(0) is false
//
// Capacities are integers, so that the cut is exact and the same everywhere.
// Thread rule: one per thread.
#pragma once

#include <cstdint>
#include <vector>

namespace tandem::plan {

class MaxFlow {
 public:
  MaxFlow(int nodes, int edges);
  // Above 0 from the source, below 0 to the sink. At most once for each node.
  void add_terminal(int node, std::int64_t capacity) { nodes_[node].terminal = capacity; }
  void add_edge(int from, int to, std::int64_t capacity, std::int64_t reverse_capacity);
  void run();
  // Of all minimum cuts the one with the fewest nodes on the sink's side.
  [[nodiscard]] bool on_sink_side(int node) const { return nodes_[node].tree == Tree::sink; }

 private:
  enum class Tree : std::uint8_t { none, source, sink };
  struct Node {
    std::int64_t terminal = 0;  // residual capacity, signed as in add_terminal
    int first_arc = -1;
    int parent = -1;   // the arc towards it, or one of the constants in the source file
    int distance = 0;  // to the terminal, as of `time`
    int time = 0;
    Tree tree = Tree::none;
    bool active = false;
  };
  struct Arc {
    int head = 0;
    int next = -1;
    std::int64_t residual = 0;
  };

  // Residual capacity in the direction in which `tree` passes flow from parent to child, arc leading from the parent.
  [[nodiscard]] bool can_grow(int arc, Tree tree) const {
    return arcs_[tree == Tree::source ? arc : arc ^ 1].residual > 0;
  }
  void activate(int node);
  int grow(int node);
  void augment(int meeting);
  std::int64_t bottleneck(int node, Tree tree, std::int64_t so_far) const;
  void push(int node, Tree tree, std::int64_t flow);
  void adopt();
  void adopt(int orphan);
  int distance_to_terminal(int node);

  std::vector<Node> nodes_;
  std::vector<Arc> arcs_;
  std::vector<int> active_;   // a queue
  std::vector<int> orphans_;  // a queue
  int time_ = 0;
};

}  // namespace tandem::plan
