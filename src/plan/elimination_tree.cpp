#include "elimination_tree.hpp"

#include <algorithm>

namespace tandem::plan {
namespace {

constexpr int kMaxScope = 8;
constexpr int kMaxMessages = 4096;      // of one bucket
constexpr int kMaxEntries = 4'000'000;  // of all
constexpr int kMaxScanned = 64;         // neighbours looked at for each edge, in mean

using State = EliminationTree::State;
using States = EliminationTree::States;
using Bucket = EliminationTree::Bucket;
using Neighbour = EliminationTree::Neighbour;

// Variables 0..nodes()-1 are the nodes with their results, nodes() is the network's input.
std::vector<States> states_of(const GraphCosts& costs) {
  std::vector<States> states(costs.nodes() + 1);
  for (int v = 0; v <= costs.input(); ++v) {
    const bool shared = costs.readers(v).size() > 1;
    const Fixed pin = v == costs.input() ? Fixed::device : costs.pins()[v];
    const auto add = [&of = states[v]](const State& state) { of.list[of.count++] = state; };
    for (const Place place : kPlaces) {
      if (pin != Fixed::free && (pin == Fixed::cloud) != (place == Place::cloud)) continue;
      const bool must_come_back = place == Place::cloud && costs.ends_on_device(v);
      if (!must_come_back) add({.place = place, .copied = false});
      if (shared || must_come_back) add({.place = place, .copied = true});
    }
  }
  return states;
}

// Which variable goes next, and its neighbours at that time: of the least degree the one offered last, so that a chain
// goes from its end on.
class Order {
 public:
  explicit Order(const GraphCosts& costs) : variables_(costs.nodes() + 1) {
    for (int v = 0; v <= costs.input(); ++v) {
      for (const int reader : costs.readers(v)) connect(v, reader);
    }
    may_scan_ = kMaxScanned * static_cast<std::ptrdiff_t>(ends_.size()) + 4096;
  }

  // Calls take(variable, neighbours) for each; false where take says so, or one has too many.
  template <class Take>
  bool run(const Take& take) {
    for (int v = static_cast<int>(variables_.size()) - 1; v >= 0; --v) offer(v);
    std::vector<int> scope;
    for (std::size_t left = variables_.size(); left > 0; --left) {
      const int v = next();
      if (v < 0) return false;
      variables_[v].gone = true;
      scope.clear();
      for (int end = variables_[v].last_end; end >= 0; end = ends_[end].before) {
        if (!variables_[ends_[end].variable].gone) scope.push_back(ends_[end].variable);
      }
      for (std::size_t i = 0; i < scope.size(); ++i) {
        for (std::size_t j = i + 1; j < scope.size(); ++j) {
          if (!connected(scope[i], scope[j])) connect(scope[i], scope[j]);
        }
      }
      if (may_scan_ < 0) return false;
      for (const int u : scope) {
        --variables_[u].degree;
        offer(u);
      }
      if (!take(v, scope)) return false;
    }
    return true;
  }

 private:
  // An edge as one of its ends sees it: a list, the latest first, those that are gone included.
  struct End {
    int variable = 0;
    int before = -1;
  };
  struct Variable {
    int last_end = -1;
    int ends = 0;
    int degree = 0;  // without those that are gone
    bool gone = false;
  };

  void connect(int a, int b) {
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
      Variable& v = variables_[from];
      ends_.push_back({.variable = to, .before = v.last_end});
      v.last_end = static_cast<int>(ends_.size()) - 1;
      ++v.ends;
      ++v.degree;
    }
  }
  // Edges that were added last are asked for most.
  bool connected(int a, int b) {
    if (variables_[b].ends < variables_[a].ends) std::swap(a, b);
    for (int end = variables_[a].last_end; end >= 0; end = ends_[end].before) {
      --may_scan_;
      if (ends_[end].variable == b) return true;
    }
    return false;
  }
  void offer(int v) {
    if (variables_[v].degree <= kMaxScope) by_degree_[variables_[v].degree].push_back(v);
  }
  int next() {
    for (int degree = 0; degree <= kMaxScope; ++degree) {
      auto& list = by_degree_[degree];
      while (!list.empty()) {
        const int v = list.back();
        list.pop_back();
        if (!variables_[v].gone && variables_[v].degree == degree) return v;
      }
    }
    return -1;
  }

  std::vector<Variable> variables_;
  std::vector<End> ends_;
  std::array<std::vector<int>, kMaxScope + 1> by_degree_;
  std::ptrdiff_t may_scan_ = 0;
};

class Builder {
 public:
  explicit Builder(const GraphCosts& costs) : costs_(costs) {}

  std::optional<EliminationTree> build() {
    tree_.states = states_of(costs_);
    bucket_of_.resize(tree_.states.size());
    tree_.buckets.reserve(tree_.states.size());
    const bool narrow =
        Order(costs_).run([this](int v, const std::vector<int>& scope) { return add_bucket(v, scope); });
    if (!narrow) return std::nullopt;
    place_scopes();
    place_children();
    place_edges();
    for (auto& amounts : tree_.amounts) amounts.assign(entries_, 0);
    tree_.impossible.assign(entries_, 0);
    for (const Bucket& bucket : tree_.buckets) fill(bucket);
    return std::move(tree_);
  }

 private:
  [[nodiscard]] int states(int v) const { return tree_.states[v].count; }

  bool add_bucket(int v, const std::vector<int>& scope) {
    Bucket bucket{.variable = v,
                  .states = states(v),
                  .first_entry = entries_,
                  .first_message = tree_.messages,
                  .first_scope = static_cast<int>(tree_.scopes.size()),
                  .scope = static_cast<int>(scope.size())};
    for (const int u : scope) {
      tree_.scopes.push_back({.variable = u});
      bucket.messages *= states(u);
    }
    entries_ += bucket.messages * bucket.states;
    tree_.messages += bucket.messages;
    bucket_of_[v] = static_cast<int>(tree_.buckets.size());
    tree_.buckets.push_back(bucket);
    return bucket.messages <= kMaxMessages && entries_ <= kMaxEntries;
  }

  // The next to go comes first.
  void place_scopes() {
    for (const Bucket& bucket : tree_.buckets) {
      const auto first = tree_.scopes.begin() + bucket.first_scope;
      std::sort(first, first + bucket.scope, [this](const Neighbour& a, const Neighbour& b) {
        return bucket_of_[a.variable] < bucket_of_[b.variable];
      });
      int stride = 1;
      for (auto it = first; it != first + bucket.scope; ++it) {
        it->stride = stride;
        stride *= states(it->variable);
      }
    }
  }

  // A bucket's message is read where the first of its scope goes.
  void place_children() {
    const auto parent = [this](const Bucket& bucket) -> Bucket& {
      return tree_.buckets[bucket_of_[tree_.scopes[bucket.first_scope].variable]];
    };
    for (const Bucket& bucket : tree_.buckets) {
      if (bucket.scope > 0) ++parent(bucket).children;
    }
    int next = 0;
    for (Bucket& bucket : tree_.buckets) {
      bucket.first_child = next;
      next += bucket.children;
      bucket.children = 0;
    }
    tree_.children.resize(next);
    for (int b = 0; b < static_cast<int>(tree_.buckets.size()); ++b) {
      if (tree_.buckets[b].scope == 0) {
        tree_.roots.push_back(b);
        continue;
      }
      Bucket& reader = parent(tree_.buckets[b]);
      tree_.children[reader.first_child + reader.children++].bucket = b;
    }
  }

  // Charged in the bucket of the variable that goes first; `other` goes later.
  struct Edge {
    int other = 0;
    bool reads = false;   // the variable reads what the other makes
    bool shared = false;  // others read it, too: the tensor's state says what crosses
    int digit = 0;        // of the other, in the bucket's entries
  };

  void place_edges() {
    first_edge_.assign(tree_.states.size() + 1, 0);
    const auto for_each_edge = [this](const auto& visit) {
      for (int v = 0; v <= costs_.input(); ++v) {
        const auto read_by = costs_.readers(v);
        for (const int reader : read_by) {
          const bool reads = bucket_of_[reader] < bucket_of_[v];
          visit(reads ? reader : v, Edge{.other = reads ? v : reader, .reads = reads, .shared = read_by.size() > 1});
        }
      }
    };
    for_each_edge([this](int v, const Edge&) { ++first_edge_[v + 1]; });
    for (std::size_t v = 1; v < first_edge_.size(); ++v) first_edge_[v] += first_edge_[v - 1];
    edges_.resize(first_edge_.back());
    std::vector<int> next(first_edge_.begin(), first_edge_.end() - 1);
    for_each_edge([&](int v, const Edge& edge) { edges_[next[v]++] = edge; });
  }

  // A variable of the bucket: its states count through as an entry's do.
  struct Digit {
    int variable = 0;
    int states = 0;
    int stride = 0;  // in what is asked for
    int digit = 0;
  };

  // Calls visit(entry, sum of strides) for each entry of the bucket in order; digits_ hold the states then.
  template <class Visit>
  void for_each_entry(const Bucket& bucket, const Visit& visit) {
    int sum = 0;
    for (int e = 0; e < bucket.messages * bucket.states; ++e) {
      visit(e, sum);
      for (Digit& d : digits_) {
        sum += d.stride;
        if (++d.digit < d.states) break;
        sum -= d.digit * d.stride;
        d.digit = 0;
      }
    }
  }

  void fill(const Bucket& bucket) {
    digits_.clear();
    digits_.push_back({.variable = bucket.variable, .states = bucket.states});
    for (const Neighbour& u : tree_.scope_of(bucket)) {
      digits_.push_back({.variable = u.variable, .states = states(u.variable)});
    }
    for (int c = 0; c < bucket.children; ++c) map_child(bucket, tree_.children[bucket.first_child + c]);
    for (Digit& d : digits_) d.stride = 0;
    charge(bucket);
  }

  [[nodiscard]] int digit_of(int variable) const {
    return static_cast<int>(std::ranges::find(digits_, variable, &Digit::variable) - digits_.begin());
  }

  void map_child(const Bucket& bucket, EliminationTree::Child& child) {
    for (Digit& d : digits_) d.stride = 0;
    for (const auto& [variable, stride] : tree_.scope_of(tree_.buckets[child.bucket])) {
      digits_[digit_of(variable)].stride = stride;
    }
    child.first_index = static_cast<int>(tree_.child_message.size());
    const auto entries = static_cast<std::size_t>(bucket.messages) * bucket.states;
    tree_.child_message.resize(tree_.child_message.size() + entries);
    int* index = tree_.child_message.data() + child.first_index;
    for_each_entry(bucket, [index](int e, int sum) { index[e] = sum; });
  }

  // What the variable uses up itself, and its edges to those that are still there.
  void charge(const Bucket& bucket) {
    const int v = bucket.variable;
    std::array<Amounts, 4> alone{};
    for (int s = 0; s < bucket.states; ++s) alone[s] = amounts_alone(v, tree_.states[v].list[s]);
    crossings_.clear();
    for (int i = first_edge_[v]; i < first_edge_[v + 1]; ++i) {
      Edge& edge = edges_[i];
      edge.digit = digit_of(edge.other);
      const int made = edge.reads ? edge.other : v;
      crossings_.push_back(
          edge.shared ? std::array<Amounts, 2>{}
                      : std::array{costs_.crossing(made, Direction::up), costs_.crossing(made, Direction::down)});
    }
    for_each_entry(bucket, [&](int e, int) {
      const int entry = bucket.first_entry + e;
      const State& self = tree_.states[v].list[digits_[0].digit];
      Amounts total = alone[digits_[0].digit];
      for (std::size_t i = 0; i < crossings_.size(); ++i) {
        const Edge& edge = edges_[first_edge_[v] + static_cast<int>(i)];
        const State& other = tree_.states[edge.other].list[digits_[edge.digit].digit];
        const State& made = edge.reads ? other : self;
        const State& read = edge.reads ? self : other;
        if (made.copied || made.place == read.place) continue;
        if (edge.shared) {
          tree_.impossible[entry] = kNever;
        } else {
          add(total, crossings_[i][index_of(made.place)]);
        }
      }
      for (int r = 0; r < kResources; ++r) tree_.amounts[r][entry] = total[r];
    });
  }

  [[nodiscard]] Amounts amounts_alone(int v, const State& state) const {
    Amounts total = v == costs_.input() ? Amounts{} : costs_.node(v, state.place);
    if (state.copied) add(total, costs_.crossing(v, state.place == Place::device ? Direction::up : Direction::down));
    return total;
  }

  static void add(Amounts& total, const Amounts& used) {
    for (int r = 0; r < kResources; ++r) total[r] += used[r];
  }

  const GraphCosts& costs_;
  EliminationTree tree_;
  std::vector<int> bucket_of_;  // of each variable
  std::vector<Edge> edges_;     // by the variable they are charged with
  std::vector<int> first_edge_;
  std::vector<Digit> digits_;                      // of the bucket at hand
  std::vector<std::array<Amounts, 2>> crossings_;  // of its edges: up, down
  int entries_ = 0;
};

}  // namespace

std::optional<EliminationTree> elimination_tree(const GraphCosts& costs) {
  return Builder(costs).build();
}

}  // namespace tandem::plan
