#include "max_flow.hpp"

#include <algorithm>
#include <limits>

namespace tandem::plan {
namespace {

// What Node::parent may be but an arc.
constexpr int kNone = -1;
constexpr int kTerminal = -2;
constexpr int kOrphan = -3;
constexpr int kFar = std::numeric_limits<int>::max();

}  // namespace

MaxFlow::MaxFlow(int nodes, int edges) : nodes_(nodes) {
  arcs_.reserve(2 * static_cast<std::size_t>(edges));
}

void MaxFlow::add_edge(int from, int to, std::int64_t capacity, std::int64_t reverse_capacity) {
  const int arc = static_cast<int>(arcs_.size());
  arcs_.push_back({.head = to, .next = nodes_[from].first_arc, .residual = capacity});
  nodes_[from].first_arc = arc;
  arcs_.push_back({.head = from, .next = nodes_[to].first_arc, .residual = reverse_capacity});
  nodes_[to].first_arc = arc + 1;
}

void MaxFlow::activate(int node) {
  if (nodes_[node].active) return;
  nodes_[node].active = true;
  active_.push_back(node);
}

void MaxFlow::run() {
  for (int i = 0; i < static_cast<int>(nodes_.size()); ++i) {
    Node& node = nodes_[i];
    if (node.terminal == 0) continue;
    node.tree = node.terminal > 0 ? Tree::source : Tree::sink;
    node.parent = kTerminal;
    node.distance = 1;
    activate(i);
  }
  for (std::size_t next = 0; next < active_.size(); ++next) {
    const int node = active_[next];
    nodes_[node].active = false;
    while (nodes_[node].parent != kNone) {
      const int meeting = grow(node);
      if (meeting == kNone) break;
      ++time_;
      augment(meeting);
      adopt();
    }
  }
}

// Takes free neighbours into the node's tree; returns an arc from the source's tree into the sink's where they meet.
int MaxFlow::grow(int i) {
  const Node& node = nodes_[i];
  for (int arc = node.first_arc; arc != kNone; arc = arcs_[arc].next) {
    if (!can_grow(arc, node.tree)) continue;
    const int j = arcs_[arc].head;
    Node& neighbour = nodes_[j];
    if (neighbour.parent == kNone) {
      neighbour.tree = node.tree;
      neighbour.parent = arc ^ 1;
      neighbour.time = node.time;
      neighbour.distance = node.distance + 1;
      activate(j);
    } else if (neighbour.tree != node.tree) {
      return node.tree == Tree::source ? arc : arc ^ 1;
    } else if (neighbour.time <= node.time && neighbour.distance > node.distance) {
      neighbour.parent = arc ^ 1;  // a shorter way to the terminal
      neighbour.time = node.time;
      neighbour.distance = node.distance + 1;
    }
  }
  return kNone;
}

std::int64_t MaxFlow::bottleneck(int i, Tree tree, std::int64_t least) const {
  while (nodes_[i].parent != kTerminal) {
    const int up = nodes_[i].parent;
    least = std::min(least, arcs_[tree == Tree::source ? up ^ 1 : up].residual);
    i = arcs_[up].head;
  }
  return std::min(least, std::abs(nodes_[i].terminal));
}

void MaxFlow::push(int i, Tree tree, std::int64_t flow) {
  const auto orphan = [this](int node) {
    nodes_[node].parent = kOrphan;
    orphans_.push_back(node);
  };
  while (nodes_[i].parent != kTerminal) {
    const int up = nodes_[i].parent;
    const int downstream = tree == Tree::source ? up ^ 1 : up;
    arcs_[downstream].residual -= flow;
    arcs_[downstream ^ 1].residual += flow;
    const int next = arcs_[up].head;
    if (arcs_[downstream].residual == 0) orphan(i);
    i = next;
  }
  nodes_[i].terminal += tree == Tree::source ? -flow : flow;
  if (nodes_[i].terminal == 0) orphan(i);
}

void MaxFlow::augment(int meeting) {
  const int from = arcs_[meeting ^ 1].head, to = arcs_[meeting].head;
  const std::int64_t flow = bottleneck(to, Tree::sink, bottleneck(from, Tree::source, arcs_[meeting].residual));
  arcs_[meeting].residual -= flow;
  arcs_[meeting ^ 1].residual += flow;
  push(from, Tree::source, flow);
  push(to, Tree::sink, flow);
}

void MaxFlow::adopt() {
  for (std::size_t next = 0; next < orphans_.size(); ++next) adopt(orphans_[next]);
  orphans_.clear();
}

// Steps to the terminal, kFar where the way ends at an orphan. No arc is used up while orphans are adopted, so what was
// found good at this time stays good and is remembered.
int MaxFlow::distance_to_terminal(int start) {
  int distance = 0;
  for (int i = start;; i = arcs_[nodes_[i].parent].head) {
    Node& node = nodes_[i];
    if (node.time == time_) {
      distance += node.distance;
      break;
    }
    ++distance;
    if (node.parent == kTerminal) {
      node.time = time_;
      node.distance = 1;
      break;
    }
    if (node.parent == kOrphan) return kFar;
  }
  int left = distance;
  for (int i = start; nodes_[i].time != time_; i = arcs_[nodes_[i].parent].head) {
    nodes_[i].time = time_;
    nodes_[i].distance = left--;
  }
  return distance;
}

void MaxFlow::adopt(int i) {
  Node& orphan = nodes_[i];
  int best = kNone, best_distance = kFar;
  for (int arc = orphan.first_arc; arc != kNone; arc = arcs_[arc].next) {
    const Node& neighbour = nodes_[arcs_[arc].head];
    if (neighbour.tree != orphan.tree || neighbour.parent == kNone || !can_grow(arc ^ 1, orphan.tree)) continue;
    const int distance = distance_to_terminal(arcs_[arc].head);
    if (distance >= best_distance) continue;
    best = arc;
    best_distance = distance;
  }
  orphan.parent = best;
  if (best != kNone) {
    orphan.time = time_;
    orphan.distance = best_distance + 1;
    return;
  }
  for (int arc = orphan.first_arc; arc != kNone; arc = arcs_[arc].next) {
    const int j = arcs_[arc].head;
    Node& neighbour = nodes_[j];
    if (neighbour.tree != orphan.tree || neighbour.parent == kNone) continue;
    if (can_grow(arc ^ 1, orphan.tree)) activate(j);
    if (neighbour.parent >= 0 && arcs_[neighbour.parent].head == i) {
      neighbour.parent = kOrphan;
      orphans_.push_back(j);
    }
  }
  orphan.tree = Tree::none;
}

}  // namespace tandem::plan
