#include "runs.hpp"

#include <algorithm>

#include "places.hpp"

namespace tandem::plan {

Runs::Runs(const PricedChain& chain, Place place) : place_(place), cost_(chain.layers()), last_group_(chain.layers()) {
  const int n = chain.layers();
  for (int last = 1; last <= n; ++last) {
    const double* groups = chain.groups_ending_at(place, last);
    const int earliest = chain.earliest(place, last);
    for (int first = 1; first <= last; ++first) {
      double best = kNever;
      int start = last;
      for (int k = std::max(first, earliest); k <= last; ++k) {
        const double cost = (k == first ? 0 : cost_.at(first, k - 1)) + groups[k - 1];
        if (!(cost < best)) continue;
        best = cost;
        start = k;
      }
      cost_.at(first, last) = best;
      last_group_.at(first, last) = start;
    }
  }
}

void Runs::append(int first, int last, std::vector<Segment>& segments) const {
  const std::size_t begin = segments.size();
  while (last >= first) {
    const int start = static_cast<int>(last_group_.at(first, last));
    segments.push_back({.first = start, .last = last, .place = place_});
    last = start - 1;
  }
  std::reverse(segments.begin() + static_cast<std::ptrdiff_t>(begin), segments.end());
}

}  // namespace tandem::plan
