// The order in which a narrow graph's variables are minimised out, and a table for each: bucket elimination (Bertele
// and Brioschi, "Nonserial dynamic programming", 1972; Dechter, "Bucket elimination", 1999). Networks are chains of
// small branchy parts, in which a variable is left with one to three neighbours when its turn comes.
//
// A variable is a tensor (a node and its result, or the network's input). Its state says where the node runs and, for a
// tensor with several readers, whether a copy is on the other side, too: then it crosses once, however many read it
// there.
//
//   std::optional<EliminationTree> tree = elimination_tree(costs);
//
// Thread rule: values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "graph_costs.hpp"

namespace tandem::plan {

struct EliminationTree {
  struct State {
    Place place = Place::device;
    bool copied = false;  // the tensor is on the other side, too
  };
  struct States {
    int count = 0;
    std::array<State, 4> list{};  // the device's before the cloud's
  };
  // The variable and its neighbours of later buckets, its scope. An entry is a combination of states: the variable's
  // state runs fastest, and what is left, of the scope's states, is the index of a message.
  struct Bucket {
    int variable = 0;
    int states = 0;       // of the variable
    int messages = 1;     // combinations of states of the scope
    int first_entry = 0;  // there are messages * states
    int first_message = 0;
    int first_scope = 0, scope = 0;
    int first_child = 0, children = 0;
  };
  // A bucket whose message is read here: entry e asks for child_message[first_index + e] of it.
  struct Child {
    int bucket = 0;
    int first_index = 0;
  };
  struct Neighbour {
    int variable = 0;
    int stride = 1;  // of its state, in the index of a message
  };

  std::vector<States> states{};   // of each variable
  std::vector<Bucket> buckets{};  // in the order of elimination
  std::vector<Neighbour> scopes{};
  std::vector<Child> children{};
  std::vector<int> child_message{};
  std::vector<int> roots{};  // buckets with nothing in their scope
  int messages = 0;          // of all buckets
  // Of each entry: what it uses up that no earlier bucket has charged, and kNever where it cannot be, 0 elsewhere.
  std::array<std::vector<double>, kResources> amounts{};
  std::vector<double> impossible{};

  [[nodiscard]] int entries() const { return static_cast<int>(impossible.size()); }
  [[nodiscard]] int nodes() const { return static_cast<int>(states.size()) - 1; }
  [[nodiscard]] std::span<const Neighbour> scope_of(const Bucket& bucket) const {
    return {scopes.data() + bucket.first_scope, static_cast<std::size_t>(bucket.scope)};
  }
  [[nodiscard]] std::span<const Child> children_of(const Bucket& bucket) const {
    return {children.data() + bucket.first_child, static_cast<std::size_t>(bucket.children)};
  }
};

// By least degree. Nothing where the graph is not narrow: a table or all of them would be too large. Pins are kept.
// Near-linear.
std::optional<EliminationTree> elimination_tree(const GraphCosts& costs);

}  // namespace tandem::plan
