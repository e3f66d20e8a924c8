#include "binary_energy.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "max_flow.hpp"

namespace tandem::plan {
namespace {

using Cost = std::int64_t;
constexpr int kBits = 60;  // of all costs together: no sum of them overflows
constexpr int kNone = -1;

enum class State : std::uint8_t { open, device, cloud, minimised_out };

// The function in integers, as a graph that shrinks.
class Reduction {
 public:
  Reduction(int variables, int couplings) : variables_(variables), links_(2 * static_cast<std::size_t>(couplings)) {
    links_.clear();
    waiting_.reserve(variables);
  }

  void prefer(int v, Cost cloud_minus_device) { variables_[v].own += cloud_minus_device; }

  void couple(int a, int b, Cost a_device, Cost b_device) {
    const int link = static_cast<int>(links_.size());
    links_.push_back({.to = b, .apart = a_device});
    links_.push_back({.to = a, .apart = b_device});
    attach(a, link);
    attach(b, link + 1);
  }

  void fix(int v, bool cloud) {
    if (cloud)
      place_in_cloud(v);
    else
      place_on_device(v);
  }

  std::vector<std::uint8_t> minimise() {
    for (int v = 0; v < static_cast<int>(variables_.size()); ++v) {
      if (variables_[v].state == State::open) wait(v);
    }
    for (std::size_t next = 0; next < waiting_.size(); ++next) {
      const int v = waiting_[next];
      variables_[v].waiting = false;
      if (variables_[v].state == State::open) reduce(v);
    }
    cut_what_is_left();
    for (auto it = minimised_out_.rbegin(); it != minimised_out_.rend(); ++it) put_back(*it);
    std::vector<std::uint8_t> in_cloud;
    in_cloud.reserve(variables_.size());
    for (const Variable& variable : variables_) in_cloud.push_back(variable.state == State::cloud ? 1 : 0);
    return in_cloud;
  }

 private:
  struct Variable {
    Cost own = 0;        // in the cloud, less on the device
    Cost if_device = 0;  // what its couplings can charge at most while it is on the device
    Cost if_cloud = 0;
    int first_link = kNone;
    int degree = 0;
    State state = State::open;
    bool waiting = false;
  };
  // Half of a coupling, in the list of one of its ends; the other half is its index ^ 1.
  struct Link {
    int to = 0;
    int next = kNone;
    int previous = kNone;
    Cost apart = 0;  // this end on the device, `to` in the cloud
  };
  // A variable that is best chosen last, when its neighbours are known.
  struct Postponed {
    int variable;
    Cost own;
    int degree;
    Link device[2];  // charged where it is on the device
    Cost cloud[2];   // and where it is in the cloud
  };

  void attach(int v, int link) {
    Variable& variable = variables_[v];
    links_[link].next = variable.first_link;
    links_[link].previous = kNone;
    if (variable.first_link != kNone) links_[variable.first_link].previous = link;
    variable.first_link = link;
    ++variable.degree;
    variable.if_device += links_[link].apart;
    variable.if_cloud += links_[link ^ 1].apart;
  }

  void detach(int v, int link) {
    Variable& variable = variables_[v];
    const auto [to, next, previous, apart] = links_[link];
    (previous == kNone ? variable.first_link : links_[previous].next) = next;
    if (next != kNone) links_[next].previous = previous;
    --variable.degree;
    variable.if_device -= apart;
    variable.if_cloud -= links_[link ^ 1].apart;
  }

  void wait(int v) {
    if (variables_[v].waiting) return;
    variables_[v].waiting = true;
    waiting_.push_back(v);
  }

  void place_on_device(int v) {
    variables_[v].state = State::device;
    for (int link = variables_[v].first_link; link != kNone; link = links_[link].next) {
      const int neighbour = links_[link].to;
      detach(neighbour, link ^ 1);
      variables_[neighbour].own += links_[link].apart;
      wait(neighbour);
    }
  }

  void place_in_cloud(int v) {
    variables_[v].state = State::cloud;
    for (int link = variables_[v].first_link; link != kNone; link = links_[link].next) {
      const int neighbour = links_[link].to;
      detach(neighbour, link ^ 1);
      variables_[neighbour].own -= links_[link ^ 1].apart;
      wait(neighbour);
    }
  }

  void reduce(int v) {
    const Variable& variable = variables_[v];
    if (variable.own >= variable.if_device)
      place_on_device(v);
    else if (-variable.own > variable.if_cloud)
      place_in_cloud(v);
    else if (variable.degree <= 2)
      minimise_out(v);
  }

  // The least it and its couplings cost, where its neighbours are as given.
  static Cost least(const Postponed& p, bool first_in_cloud, bool second_in_cloud) {
    const auto [device, cloud] = costs(p, first_in_cloud, second_in_cloud);
    return std::min(device, cloud);
  }
  static std::pair<Cost, Cost> costs(const Postponed& p, bool first_in_cloud, bool second_in_cloud) {
    Cost device = first_in_cloud ? p.device[0].apart : 0;
    Cost cloud = p.own + (first_in_cloud ? 0 : p.cloud[0]);
    if (p.degree == 2) {
      device += second_in_cloud ? p.device[1].apart : 0;
      cloud += second_in_cloud ? 0 : p.cloud[1];
    }
    return {device, cloud};
  }

  // What is left of its terms is a function of its one or two neighbours: a preference of each, and one coupling.
  void minimise_out(int v) {
    Variable& variable = variables_[v];
    Postponed p{.variable = v, .own = variable.own, .degree = variable.degree, .device = {}, .cloud = {}};
    int i = 0;
    for (int link = variable.first_link; link != kNone; link = links_[link].next, ++i) {
      p.device[i] = links_[link];
      p.cloud[i] = links_[link ^ 1].apart;
      detach(links_[link].to, link ^ 1);
    }
    if (p.degree == 2 && p.device[0].to == p.device[1].to) {  // coupled twice with one neighbour
      p.degree = 1;
      p.device[0].apart += p.device[1].apart;
      p.cloud[0] += p.cloud[1];
    }
    variable.state = State::minimised_out;
    minimised_out_.push_back(p);
    const int a = p.device[0].to;
    if (p.degree == 1) {
      variables_[a].own += least(p, true, false) - least(p, false, false);
      wait(a);
      return;
    }
    const int b = p.device[1].to;
    const Cost device_device = least(p, false, false), device_cloud = least(p, false, true);
    const Cost cloud_device = least(p, true, false), cloud_cloud = least(p, true, true);
    variables_[a].own += cloud_device - device_device;
    variables_[b].own += cloud_cloud - cloud_device;
    const Cost apart = device_cloud + cloud_device - device_device - cloud_cloud;  // a on the device, b in the cloud
    if (apart > 0) join(a, b, apart);
    wait(a);
    wait(b);
  }

  void join(int a, int b, Cost apart) {
    const bool from_a = variables_[a].degree <= variables_[b].degree;
    const int fewer = from_a ? a : b, more = from_a ? b : a;
    for (int link = variables_[fewer].first_link; link != kNone; link = links_[link].next) {
      if (links_[link].to != more) continue;
      links_[from_a ? link : link ^ 1].apart += apart;
      variables_[a].if_device += apart;
      variables_[b].if_cloud += apart;
      return;
    }
    couple(a, b, apart, 0);
  }

  void put_back(const Postponed& p) {
    const auto in_cloud = [&](int i) { return p.degree > i && variables_[p.device[i].to].state == State::cloud; };
    const auto [device, cloud] = costs(p, in_cloud(0), in_cloud(1));
    variables_[p.variable].state = device <= cloud ? State::device : State::cloud;
  }

  void cut_what_is_left() {
    std::vector<int> left, place(variables_.size(), kNone);
    int links = 0;
    for (int v = 0; v < static_cast<int>(variables_.size()); ++v) {
      if (variables_[v].state != State::open) continue;
      place[v] = static_cast<int>(left.size());
      left.push_back(v);
      links += variables_[v].degree;
    }
    if (left.empty()) return;
    MaxFlow flow(static_cast<int>(left.size()), links / 2);
    for (std::size_t i = 0; i < left.size(); ++i) {
      const Variable& variable = variables_[left[i]];
      flow.add_terminal(static_cast<int>(i), variable.own);
      for (int link = variable.first_link; link != kNone; link = links_[link].next) {
        const int neighbour = place[links_[link].to];
        if (neighbour > static_cast<int>(i)) {
          flow.add_edge(static_cast<int>(i), neighbour, links_[link].apart, links_[link ^ 1].apart);
        }
      }
    }
    flow.run();
    for (std::size_t i = 0; i < left.size(); ++i) {
      variables_[left[i]].state = flow.on_sink_side(static_cast<int>(i)) ? State::cloud : State::device;
    }
  }

  std::vector<Variable> variables_;
  std::vector<Link> links_;
  std::vector<int> waiting_;  // a queue
  std::vector<Postponed> minimised_out_;
};

}  // namespace

BinaryEnergy::BinaryEnergy(int variables, int couplings) : own_(variables), fixed_(variables) {
  couplings_.reserve(couplings);
}

void BinaryEnergy::couple(int a, int b, double a_device, double b_device) {
  assert(a_device >= 0 && b_device >= 0 && a != b);
  couplings_.push_back({a, b, a_device, b_device});
}

std::vector<std::uint8_t> BinaryEnergy::minimise() {
  double total = 0;
  for (const double own : own_) total += std::abs(own);
  for (const Coupling& c : couplings_) total += c.a_device + c.b_device;
  // A power of two, so that whole numbers stay as they are to each other and ties stay ties.
  const double scale = total > 0 ? std::ldexp(1.0, kBits - 1 - std::ilogb(total)) : 0;
  const auto scaled = [scale](double cost) { return std::llrint(cost * scale); };

  Reduction reduction(static_cast<int>(own_.size()), static_cast<int>(couplings_.size()));
  for (std::size_t v = 0; v < own_.size(); ++v) reduction.prefer(static_cast<int>(v), scaled(own_[v]));
  for (const Coupling& c : couplings_) reduction.couple(c.a, c.b, scaled(c.a_device), scaled(c.b_device));
  for (std::size_t v = 0; v < fixed_.size(); ++v) {
    if (fixed_[v] != 0) reduction.fix(static_cast<int>(v), fixed_[v] > 0);
  }
  return reduction.minimise();
}

}  // namespace tandem::plan
