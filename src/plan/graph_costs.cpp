#include "graph_costs.hpp"

#include "binary_energy.hpp"

namespace tandem::plan {

GraphCosts::GraphCosts(const GraphProblem& problem)
    : problem_(problem),
      first_reader_(problem.graph.nodes.size() + 2),
      readers_(problem.graph.edges.size() + problem.graph.inputs.size()),
      ends_on_device_(problem.graph.nodes.size() + 1),
      pins_(problem.graph.nodes.size(), Fixed::free) {
  const Graph& graph = problem.graph;
  for (const auto& [from, to] : graph.edges) ++first_reader_[from + 1];
  first_reader_[input() + 1] = static_cast<int>(graph.inputs.size());
  for (std::size_t i = 1; i < first_reader_.size(); ++i) first_reader_[i] += first_reader_[i - 1];
  std::vector<int> next(first_reader_.begin(), first_reader_.end() - 1);
  for (const auto& [from, to] : graph.edges) readers_[next[from]++] = to;
  for (const int reader : graph.inputs) readers_[next[input()]++] = reader;
  for (const int output : graph.outputs) ends_on_device_[output] = 1;

  const auto pin = [this](int node, Place place) {
    pins_[node] = place == Place::device ? Fixed::device : Fixed::cloud;
  };
  for (int i = 0; i < nodes(); ++i) {
    if (graph.nodes[i].pin) pin(i, *graph.nodes[i].pin);
  }
  for (const Pin& range : problem.constraints.pins) {
    for (int i = range.first; i <= range.last; ++i) pin(i - 1, range.place);
  }
}

Amounts GraphCosts::node(int node, Place place) const {
  const GraphNode& n = problem_.graph.nodes[node];
  Amounts used{};
  if (place == Place::device) {
    of(used, Resource::latency) = n.device.count();
    of(used, Resource::energy) = n.device_energy.value;
    of(used, Resource::memory) = n.device_memory.value;
  } else {
    of(used, Resource::latency) = n.cloud.count();
    of(used, Resource::energy) = (problem_.idle_power * n.cloud).value;
    of(used, Resource::cloud) = n.cloud.count();
  }
  return used;
}

double GraphCosts::bytes(int tensor) const {
  return tensor == input() ? problem_.graph.input.value : problem_.graph.nodes[tensor].output.value;
}

Amounts GraphCosts::crossing(int tensor, Direction direction) const {
  const Bytes size{bytes(tensor)};
  const link::Link& link = problem_.link;
  const bool up = direction == Direction::up;
  Amounts used{};
  of(used, Resource::latency) = (up ? link.upload_time(size) : link.download_time(size)).count();
  of(used, Resource::energy) =
      ((up ? link.upload_energy(size) : link.download_energy(size)) + problem_.idle_power * (link.rtt / 2)).value;
  of(used, Resource::switches) = 1;
  return used;
}

GraphCosts::Crosses GraphCosts::crosses(int tensor, std::span<const Place> places) const {
  const bool made_in_cloud = tensor != input() && places[tensor] == Place::cloud;
  const Place elsewhere = made_in_cloud ? Place::device : Place::cloud;
  bool read = made_in_cloud && ends_on_device(tensor);
  for (const int reader : readers(tensor)) read = read || places[reader] == elsewhere;
  return {.up = read && !made_in_cloud, .down = read && made_in_cloud};
}

Amounts GraphCosts::amounts(std::span<const Place> places) const {
  Amounts total{};
  const auto add = [&total](const Amounts& used) {
    for (std::size_t r = 0; r < total.size(); ++r) total[r] += used[r];
  };
  for (int i = 0; i < nodes(); ++i) add(node(i, places[i]));
  for (int tensor = 0; tensor <= input(); ++tensor) {
    const auto [up, down] = crosses(tensor, places);
    if (up) add(crossing(tensor, Direction::up));
    if (down) add(crossing(tensor, Direction::down));
  }
  return total;
}

// A tensor with one reader is charged where maker and reader are apart. One with several gets two variables more: "in
// the cloud there is a copy" and "on the device there is one". A reader in the cloud wants the first to be so, and a
// maker on the device makes that cost the upload; the download likewise. The readers' wish need not weigh more than the
// crossing, for granting it costs no more.
std::vector<Place> GraphCosts::cheapest(const Prices& prices, std::span<const Fixed> fixed) const {
  std::size_t shared = 0;
  for (int tensor = 0; tensor <= input(); ++tensor) shared += readers(tensor).size() > 1 ? 1 : 0;
  const std::size_t variables = static_cast<std::size_t>(nodes()) + 2 * shared;
  BinaryEnergy energy(static_cast<int>(variables), static_cast<int>(2 * (readers_.size() + shared)));

  for (int i = 0; i < nodes(); ++i) {
    energy.prefer(i, cost_of(prices, node(i, Place::cloud)) - cost_of(prices, node(i, Place::device)));
    if (fixed[i] != Fixed::free) energy.fix(i, fixed[i] == Fixed::cloud);
  }
  int next = nodes();
  for (int tensor = 0; tensor <= input(); ++tensor) {
    const auto read_by = readers(tensor);
    const double up = cost_of(prices, crossing(tensor, Direction::up));
    double down = cost_of(prices, crossing(tensor, Direction::down));
    if (ends_on_device(tensor)) {
      energy.prefer(tensor, down);
      down = 0;  // there is a copy on the device in any case
    }
    if (tensor == input()) {
      if (read_by.size() == 1) {
        energy.prefer(read_by.front(), up);
      } else if (read_by.size() > 1) {
        const int in_cloud = next++;
        energy.prefer(in_cloud, up);
        for (const int reader : read_by) energy.couple(in_cloud, reader, up, 0);
      }
    } else if (read_by.size() == 1) {
      energy.couple(tensor, read_by.front(), up, down);
    } else if (read_by.size() > 1) {
      const int in_cloud = next++;
      energy.couple(tensor, in_cloud, up, 0);
      for (const int reader : read_by) energy.couple(in_cloud, reader, up, 0);
      if (down == 0) continue;
      const int only_in_cloud = next++;
      energy.couple(only_in_cloud, tensor, down, 0);
      for (const int reader : read_by) energy.couple(reader, only_in_cloud, down, 0);
    }
  }
  const std::vector<std::uint8_t> in_cloud = energy.minimise();
  std::vector<Place> places;
  places.reserve(nodes());
  for (int i = 0; i < nodes(); ++i) places.push_back(in_cloud[i] != 0 ? Place::cloud : Place::device);
  return places;
}

}  // namespace tandem::plan
