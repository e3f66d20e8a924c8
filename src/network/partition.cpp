#include "partition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cost.hpp"
#include "op_kinds.hpp"

namespace tandem::network {
namespace {

// Written-out activations (x * sigmoid(x), the error-function form of GELU) and normalisations take at most so many.
constexpr std::size_t kLongestFusion = 16;

bool contains(const std::vector<int>& places, int place) {
  return std::ranges::find(places, place) != places.end();
}

// The result of `op` that others read, where it is just one.
std::optional<Output> only_result(const Graph& graph, int op) {
  std::optional<Output> result;
  for (const Output& output : graph.ops[op]->outputs()) {
    if (graph.consumers(output).empty()) continue;
    if (result) return std::nullopt;
    result = output;
  }
  return result;
}

// Grows the operations that a runtime would fuse behind one tensor, one at a time in topological order.
class Fusion {
 public:
  Fusion(const Graph& graph, const Output& tensor)
      : graph_(graph), readers_(graph.consumers(tensor)), tensor_(tensor) {}

  // The smallest set of operations that reads nothing variable but the tensor, whose one result is all that leaves it,
  // and which leaves no other reader of the tensor. Empty where there is none.
  std::vector<int> find() {
    while (fused_.size() < kLongestFusion) {
      const std::optional<int> next = next_reader();
      if (!next || !may_fuse(*next)) return {};
      fused_.push_back(*next);
      if (is_closed()) return fused_;
    }
    return {};
  }

 private:
  [[nodiscard]] std::optional<int> next_reader() const {
    std::optional<int> next;
    const auto consider = [&](const std::vector<int>& readers) {
      for (const int reader : readers) {
        if (!contains(fused_, reader) && (!next || reader < *next)) next = reader;
      }
    };
    consider(readers_);
    for (const int op : fused_) consider(readers_of(op));
    return next;
  }

  [[nodiscard]] std::vector<int> readers_of(int op) const {
    std::vector<int> readers;
    for (const Output& output : graph_.ops[op]->outputs()) {
      const auto more = graph_.consumers(output);
      readers.insert(readers.end(), more.begin(), more.end());
    }
    return readers;
  }

  [[nodiscard]] bool may_fuse(int op) const {
    const ov::Node& node = *graph_.ops[op];
    // A reduction is a layer of its own (pooling) unless its input is needed beside it (a written-out normalisation).
    if (!is_follower(node) && !(is_reduction(node) && readers_.size() > 1)) return false;
    return std::ranges::all_of(graph_.variable_inputs(op), [&](const Output& input) {
      return input == tensor_ || contains(fused_, graph_.place(input));
    });
  }

  // Only the last operation is read from outside.
  [[nodiscard]] bool is_closed() const {
    const int last = fused_.back();
    const auto inside = [&](int reader) { return contains(fused_, reader); };
    if (is_reduction(*graph_.ops[last]) || !std::ranges::all_of(readers_, inside)) return false;
    return std::ranges::all_of(fused_,
                               [&](int op) { return op == last || std::ranges::all_of(readers_of(op), inside); });
  }

  const Graph& graph_;
  std::vector<int> readers_;
  Output tensor_;
  std::vector<int> fused_;
};

struct Draft {
  std::vector<int> group_of;
  std::vector<int> first_of;  // per group: the operation it began with
};

Draft group_followers(const Graph& graph) {
  Draft draft{std::vector<int>(graph.size(), Partition::kNone), {}};
  for (int op = 0; op < graph.size(); ++op) {
    if (!graph.is_inner(op) || draft.group_of[op] != Partition::kNone) continue;
    const int group = static_cast<int>(draft.first_of.size());
    draft.first_of.push_back(op);
    draft.group_of[op] = group;
    for (auto tensor = only_result(graph, op); tensor;) {
      const std::vector<int> fused = Fusion(graph, *tensor).find();
      for (const int follower : fused) draft.group_of[follower] = group;
      tensor = fused.empty() ? std::nullopt : only_result(graph, fused.back());
    }
  }
  return draft;
}

// The only group that reads results of `group`; kNone where there are several or a result of the network is among them.
int only_reader(const Graph& graph, const Draft& draft, const std::vector<int>& ops, int group) {
  int reader = Partition::kNone;
  for (const int op : ops) {
    for (const Output& output : graph.ops[op]->outputs()) {
      for (const int consumer : graph.consumers(output)) {
        const int other = draft.group_of[consumer];
        if (other == group) continue;
        if (other == Partition::kNone || (reader != Partition::kNone && other != reader)) return Partition::kNone;
        reader = other;
      }
    }
  }
  return reader;
}

std::vector<std::vector<int>> members(const Draft& draft) {
  std::vector<std::vector<int>> ops(draft.first_of.size());
  for (int op = 0; op < static_cast<int>(draft.group_of.size()); ++op) {
    if (draft.group_of[op] != Partition::kNone) ops[draft.group_of[op]].push_back(op);
  }
  return ops;
}

// Converts, scales, transposes and paddings in front of a layer join it. Last groups first: chains of them fold.
void join_leaders(const Graph& graph, Draft& draft) {
  std::vector<std::vector<int>> ops = members(draft);
  for (int group = static_cast<int>(ops.size()) - 1; group >= 0; --group) {
    if (!is_glue(graph, draft.first_of[group])) continue;
    const int reader = only_reader(graph, draft, ops[group], group);
    if (reader == Partition::kNone) continue;
    for (const int op : ops[group]) draft.group_of[op] = reader;
    ops[reader].insert(ops[reader].end(), ops[group].begin(), ops[group].end());
    ops[group].clear();
  }
}

// How much an operation looks like the work that a layer is named after.
int rank_as_main(const Graph& graph, int op) {
  const ov::Node& node = *graph.ops[op];
  if (macs_of(node) > 0) return 3;
  if (!is_glue(graph, op)) return 2;
  const std::string_view type = node.get_type_info().name;
  return only_moves(node) || is_leader(node) || type == "Convert" || type == "FakeQuantize" ? 0 : 1;
}

int main_of(const Graph& graph, const std::vector<int>& ops) {
  return *std::ranges::max_element(ops, [&](int a, int b) {
    const int rank_a = rank_as_main(graph, a);
    const int rank_b = rank_as_main(graph, b);
    return rank_a != rank_b ? rank_a < rank_b : macs_of(*graph.ops[a]) < macs_of(*graph.ops[b]);
  });
}

// Ordered by last operation, which is topological: what a group passes on is read by later operations only.
Partition finished(const Graph& graph, const Draft& draft) {
  Partition partition;
  for (std::vector<int>& ops : members(draft)) {
    if (ops.empty()) continue;
    std::ranges::sort(ops);
    const int main = main_of(graph, ops);
    partition.groups.push_back({std::move(ops), main, {}});
  }
  std::ranges::sort(partition.groups, {}, [](const Partition::Group& group) { return group.ops.back(); });
  partition.group_of.assign(graph.size(), Partition::kNone);
  for (int group = 0; group < static_cast<int>(partition.groups.size()); ++group) {
    for (const int op : partition.groups[group].ops) partition.group_of[op] = group;
  }
  return partition;
}

}  // namespace

Partition partition_by_fusion(const Graph& graph) {
  Draft draft = group_followers(graph);
  join_leaders(graph, draft);
  return finished(graph, draft);
}

Result<Partition> partition_as_stated(const Graph& graph, const std::vector<std::string>& layer_ends) {
  std::unordered_map<std::string, int> place_of;
  for (int op = 0; op < graph.size(); ++op) {
    if (graph.is_inner(op)) place_of.emplace(graph.ops[op]->get_friendly_name(), op);
  }
  std::vector<int> ends;
  for (const std::string& name : layer_ends) {
    const auto found = place_of.find(name);
    if (found == place_of.end()) {
      return fail(Errc::invalid_argument,
                  fmt::format("the model states a layer that ends with '{}', but has no such operation", name));
    }
    ends.push_back(found->second);
  }
  std::ranges::sort(ends);
  ends.erase(std::ranges::unique(ends).begin(), ends.end());

  Partition partition;
  partition.group_of.assign(graph.size(), Partition::kNone);
  for (std::size_t i = 0; i < ends.size(); ++i) partition.group_of[ends[i]] = static_cast<int>(i);
  const int last = static_cast<int>(ends.size()) - 1;
  for (int op = graph.size() - 1; op >= 0; --op) {
    if (!graph.is_inner(op) || partition.group_of[op] != Partition::kNone) continue;
    int earliest = last;
    for (const Output& output : graph.ops[op]->outputs()) {
      for (const int consumer : graph.consumers(output)) {
        if (partition.group_of[consumer] != Partition::kNone)
          earliest = std::min(earliest, partition.group_of[consumer]);
      }
    }
    partition.group_of[op] = earliest;
  }

  partition.groups.resize(ends.size());
  for (int op = 0; op < graph.size(); ++op) {
    if (partition.group_of[op] != Partition::kNone) partition.groups[partition.group_of[op]].ops.push_back(op);
  }
  for (std::size_t i = 0; i < ends.size(); ++i) {
    partition.groups[i].main = main_of(graph, partition.groups[i].ops);
    partition.groups[i].name = graph.ops[ends[i]]->get_friendly_name();
  }
  return partition;
}

}  // namespace tandem::network
