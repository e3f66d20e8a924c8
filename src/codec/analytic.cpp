#include "analytic.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>
#include <memory>
#include <numeric>

#include "logarithm.hpp"
#include "model.hpp"

namespace tandem::codec {
namespace {

constexpr unsigned kWidthBits = 6;
constexpr std::array<unsigned, 4> kPowers{1, 2, 3, 6};

// Four an octave: 4, 5, 6, 7, 8, 10, 12, …
constexpr std::uint64_t quarter_octaves(unsigned step) {
  return std::uint64_t{4 + step % 4} << step / 4;
}

// How far a symbol lies from the prediction, in codes.
int error_of(std::size_t symbol, const BellPlace& place) {
  const auto levels = static_cast<int>(place.levels);
  const int error = static_cast<int>(symbol) - (place.zero_symbol ? 1 : 0);
  const int count = levels - (place.zero_symbol ? 1 : 0);
  return error <= count / 2 ? error : error - count;
}

// 16 bits, 65535 at the centre.
std::uint64_t density(std::uint64_t square, unsigned tails, std::uint64_t a) {
  const std::uint64_t once = (a << 16U) / (a + square);
  std::uint64_t power = once;
  for (unsigned i = 1; i < kPowers[tails]; ++i) power = (power * once) >> 16U;
  return power;
}

std::uint64_t square_of_width(unsigned width) {
  const std::uint64_t root = quarter_octaves(width);
  return std::max<std::uint64_t>(1, root * root / 16);
}

constexpr std::uint64_t kNormal = 1U << 18U;  // what bells sum to before zeros join them

// By which the middle of the phase lies above the code.
int eighths_above(const BellPlace& place) {
  return static_cast<int>(8 * (2 * place.phase + 1) / (2 * place.phases)) - 4;
}

// What an error costs, in 1/256 bits, for the search: by its size in eighths of a code where there are few levels, else
// in codes.
constexpr std::size_t kFineErrors = 32;
constexpr std::size_t kErrors = 8 * kFineErrors + 8;
constexpr BitCost kMost = BitCost{18} * 256;  // no code costs more
using Costs = std::array<std::array<std::array<std::uint16_t, kErrors>, 1U << kWidthBits>, kPowers.size()>;

std::unique_ptr<Costs> make_costs(std::uint64_t step) {
  auto costs = std::make_unique<Costs>();
  for (unsigned tails = 0; tails < kPowers.size(); ++tails) {
    for (unsigned width = 0; width < (1U << kWidthBits); ++width) {
      const std::uint64_t a = square_of_width(width);
      std::array<std::uint64_t, kErrors> densities{};
      std::uint64_t sum = 0;
      for (std::uint64_t error = 0; error < kErrors; ++error) {
        densities[error] = density(error * step * error * step, tails, a);
        // Both signs, at every code.
        sum += error * step % 8 == 0 ? densities[error] * (error == 0 ? 1 : 2) : 0;
      }
      for (std::size_t error = 0; error < kErrors; ++error) {
        const std::uint64_t share =
            std::max<std::uint64_t>(densities[error] * kNormal / std::max<std::uint64_t>(sum, 1), 20);
        (*costs)[tails][width][error] = static_cast<std::uint16_t>(kMost - std::min(log2_cost(share), kMost));
      }
    }
  }
  return costs;
}

const Costs& fine_costs() {
  static const std::unique_ptr<Costs> costs = make_costs(1);
  return *costs;
}

const Costs& coarse_costs() {
  static const std::unique_ptr<Costs> costs = make_costs(8);
  return *costs;
}

using Raw = std::array<std::uint64_t, kMaxSymbols>;

Raw raw_weights(const Bell& bell, const BellPlace& place) {
  Raw raw{};
  std::uint64_t sum = 0;
  const std::uint64_t a = square_of_width(bell.width);
  const std::size_t first = place.zero_symbol ? 1 : 0;
  const int above = eighths_above(place);
  // From the middle outwards, until nothing is left.
  const int symbols = static_cast<int>(place.levels - first);
  const auto add = [&](int error) {
    const std::int64_t distance = 8 * static_cast<std::int64_t>(error) - above;
    const std::uint64_t weight = density(static_cast<std::uint64_t>(distance * distance), bell.tails, a);
    raw[first + static_cast<std::size_t>(error >= 0 ? error : error + symbols)] = weight;
    sum += weight;
    return weight != 0;
  };
  int up = 0;
  while (up <= symbols / 2 && add(up)) ++up;
  int down = 1;
  while (down < symbols - symbols / 2 && add(-down)) ++down;
  sum = std::max<std::uint64_t>(sum, 1);
  for (int error = 1 - down; error < up; ++error) {
    std::uint64_t& weight = raw[first + static_cast<std::size_t>(error >= 0 ? error : error + symbols)];
    weight = weight * kNormal / sum;
  }
  if (place.zero_symbol) {
    raw[0] = std::max<std::uint64_t>(1, kNormal * quarter_octaves(2 * bell.zeros) / quarter_octaves(2 * kEvenOdds));
  }
  return raw;
}

}  // namespace

Weights weights_of(const Bell& bell, const BellPlace& place) {
  const Raw raw = raw_weights(bell, place);
  const std::uint64_t sum = std::max<std::uint64_t>(1, std::accumulate(raw.begin(), raw.end(), std::uint64_t{0}));
  Weights weights{};
  // What would have less than a third of a part of the scale is left to the escape.
  for (std::size_t s = 0; s < place.levels; ++s) {
    const std::uint64_t share = (raw[s] * kScale * 3 + sum / 2) / sum;
    weights[s] = static_cast<std::uint16_t>(share);
  }
  std::uint16_t& escape = weights[escape_of(place.levels)];
  escape = std::max<std::uint16_t>(escape, 3);
  return weights;
}

Bell bell_of(std::span<const std::uint32_t> counts, const BellPlace& place) {
  const std::size_t first = place.zero_symbol ? 1 : 0;
  std::uint64_t total = 0;
  std::uint64_t distances = 0;
  for (std::size_t s = first; s < counts.size(); ++s) {
    total += counts[s];
    distances += counts[s] * static_cast<std::uint64_t>(std::abs(error_of(s, place)));
  }
  Bell best;
  if (place.zero_symbol) {
    const std::uint64_t zeros = 2 * std::uint64_t{counts[0]} + 1;
    // The odds nearest to those counted, on a logarithmic scale of half octaves.
    const BitCost odds = log2_cost(zeros) - log2_cost(2 * total + 1);
    best.zeros = static_cast<unsigned>(std::clamp<BitCost>((odds * 2 + 128 + BitCost{kEvenOdds} * 256) / 256, 0, 63));
  }
  if (total == 0) return best;
  // The mean error in eighths; the width at which it is that depends on the tails, so a few are tried.
  const std::uint64_t mean = std::max<std::uint64_t>(1, 8 * distances / total);
  const auto about = static_cast<int>(log2_cost(mean) * 4 / 256);
  struct Counted {
    std::size_t place;  // in a row of costs
    std::uint32_t times;
  };
  std::array<Counted, kMaxSymbols> counted;
  std::size_t used = 0;
  const bool fine = place.levels <= kFineErrors;
  const int above = eighths_above(place);
  for (std::size_t s = first; s < counts.size(); ++s) {
    if (counts[s] == 0) continue;
    const int error = error_of(s, place);
    counted[used++] = {.place = static_cast<std::size_t>(fine ? std::abs(8 * error - above) : std::abs(error)),
                       .times = counts[s]};
  }
  BitCost least = std::numeric_limits<BitCost>::max();
  for (unsigned tails = 0; tails < kPowers.size(); ++tails) {
    constexpr std::array<int, 4> kWider{-6, -1, 2, 7};
    for (int step = -2; step <= 4; step += 2) {
      const auto width = static_cast<unsigned>(std::clamp(about + kWider[tails] + step, 0, 63));
      const auto& costs = fine ? fine_costs()[tails][width] : coarse_costs()[tails][width];
      BitCost cost = 0;
      for (std::size_t i = 0; i < used; ++i) cost += static_cast<BitCost>(counted[i].times) * costs[counted[i].place];
      if (cost < least) {
        least = cost;
        best.tails = tails;
        best.width = width;
      }
    }
  }
  return best;
}

}  // namespace tandem::codec
