#include "fast.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>

#include "clusters.hpp"
#include "kept.hpp"
#include "lane_writer.hpp"
#include "rans.hpp"

namespace tandem::codec {
namespace {

// From here on the states of 32 lanes, and of 16, are a small part of the whole.
constexpr std::size_t kManySymbols = 1U << 16U;
constexpr std::size_t kFewSymbols = 20'000;

// Below, what a prediction gains is less than the time to try it.
std::size_t small_plane(unsigned levels) {
  return levels > 16 ? 400 : 144;
}
constexpr unsigned kClusterBits = 4;
constexpr unsigned kMostPairedLevels = 16;  // two codes are a symbol of a byte

std::size_t lanes_for(std::size_t symbols) {
  if (symbols >= kManySymbols) return 32;
  return symbols >= kFewSymbols ? 16 : 8;
}

// Code minus the code above it, modulo the levels.
void subtract_above(std::span<const std::uint8_t> plane, std::size_t width, unsigned levels,
                    std::span<std::uint8_t> out) {
  std::ranges::copy(plane.first(width), out.begin());
  const auto wrap = static_cast<std::uint8_t>(levels);  // 256 wraps by itself
  const std::uint8_t* const code = plane.data() + width;
  const std::uint8_t* const above = plane.data();
  std::uint8_t* const difference = out.data() + width;
  for (std::size_t i = 0; i < plane.size() - width; ++i) {
    const auto missing = static_cast<std::uint8_t>(code[i] < above[i] ? wrap : 0);
    difference[i] = static_cast<std::uint8_t>(code[i] - above[i] + missing);
  }
}

void add_above(std::span<std::uint8_t> plane, std::size_t width, unsigned levels) {
  for (std::size_t row = width; row < plane.size(); row += width) {
    std::uint8_t* code = plane.data() + row;
    const std::uint8_t* above = code - width;
    for (std::size_t x = 0; x < width; ++x) {
      const unsigned sum = unsigned{code[x]} + above[x];
      code[x] = static_cast<std::uint8_t>(sum >= levels ? sum - levels : sum);
    }
  }
}

// Two codes that follow each other as one symbol; a last one alone is followed by 0.
void pair(std::span<const std::uint8_t> codes, unsigned levels, std::span<std::uint8_t> pairs) {
  const std::size_t whole = codes.size() / 2;
  for (std::size_t i = 0; i < whole; ++i) {
    pairs[i] = static_cast<std::uint8_t>(codes[2 * i] + levels * codes[2 * i + 1]);
  }
  if (whole < pairs.size()) pairs[whole] = codes.back();
}

void unpair(std::span<const std::uint8_t> pairs, unsigned levels, std::span<std::uint8_t> codes) {
  std::array<std::array<std::uint8_t, 2>, kMaxSymbols> both;
  for (unsigned symbol = 0; symbol < kMaxSymbols; ++symbol) {
    both[symbol] = {static_cast<std::uint8_t>(symbol % levels), static_cast<std::uint8_t>(symbol / levels)};
  }
  const std::size_t whole = codes.size() / 2;
  for (std::size_t i = 0; i < whole; ++i) std::memcpy(&codes[2 * i], both[pairs[i]].data(), 2);
  if (whole < pairs.size()) codes.back() = both[pairs[whole]][0];
}

std::size_t pairs_in(const PlaneShape& shape) {
  return (shape.plane() + 1) / 2;
}

// What is coded of each channel, and by which tables.
struct Layout {
  std::vector<std::span<const std::uint8_t>> planes;
  Clusters clusters;
};

// A symbol a code: the code itself or, where `residuals` has room for them and they tell less, the differences.
Layout single(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels,
              std::span<std::uint8_t> residuals, std::vector<bool>& predicted) {
  const std::size_t plane = shape.plane();
  Layout layout;
  std::vector<SparseCounts> counts;
  counts.reserve(shape.channels);
  layout.planes.reserve(shape.channels);
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const auto values = codes.subspan(c * plane, plane);
    layout.planes.push_back(values);
    counts.push_back(count_symbols(values));
    if (residuals.empty()) continue;
    const auto residual = residuals.subspan(c * plane, plane);
    subtract_above(values, shape.width, levels, residual);
    SparseCounts other = count_symbols(residual);
    if (entropy(other) >= entropy(counts.back())) continue;
    counts.back() = std::move(other);
    layout.planes.back() = residual;
    predicted[c] = true;
  }
  layout.clusters = cluster(counts, levels);
  return layout;
}

Layout in_pairs(const Layout& single, const PlaneShape& shape, unsigned levels, std::span<std::uint8_t> paired) {
  const std::size_t plane = pairs_in(shape);
  Layout layout;
  std::vector<SparseCounts> counts;
  counts.reserve(shape.channels);
  layout.planes.reserve(shape.channels);
  for (std::size_t c = 0; c < shape.channels; ++c) {
    const auto pairs = paired.subspan(c * plane, plane);
    pair(single.planes[c], levels, pairs);
    layout.planes.push_back(pairs);
    counts.push_back(count_symbols(pairs));
  }
  layout.clusters = cluster(counts, std::size_t{levels} * levels);
  return layout;
}

unsigned bits_for(std::size_t count) {
  return static_cast<unsigned>(std::bit_width(count - 1));
}

tl::unexpected<Error> damaged() {
  return fail(Errc::data_loss, "the coded tensor's tables are damaged");
}

}  // namespace

std::vector<std::byte> encode_fast(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels) {
  Kept<std::uint8_t> residuals(shape.plane() >= small_plane(levels) ? codes.size() : 0);
  std::vector<bool> predicted(shape.channels, false);
  Layout layout = single(codes, shape, levels, *residuals, predicted);
  Kept<std::uint8_t> paired(levels <= kMostPairedLevels ? shape.channels * pairs_in(shape) : 0);
  bool pairs = false;
  if (paired.size() > 0) {
    Layout other = in_pairs(layout, shape, levels, *paired);
    pairs = other.clusters.cost < layout.clusters.cost;
    if (pairs) layout = std::move(other);
  }
  const Clusters& clusters = layout.clusters;
  const bool any_predicted = std::ranges::find(predicted, true) != predicted.end();

  std::vector<std::byte> out;
  out.reserve(codes.size());
  BitWriter bits(out);
  bits.write(static_cast<std::uint32_t>(clusters.tables.size() - 1), kClusterBits);
  bits.write(any_predicted ? 1 : 0, 1);
  if (levels <= kMostPairedLevels) bits.write(pairs ? 1 : 0, 1);
  for (std::size_t c = 0; c < shape.channels; ++c) {
    bits.write(clusters.of_channel[c], bits_for(clusters.tables.size()));
    if (any_predicted) bits.write(predicted[c] ? 1 : 0, 1);
  }
  for (const Weights& table : clusters.tables) write_weights(table, pairs ? levels * levels : levels, bits);
  bits.flush();

  const std::size_t plane = layout.planes.front().size();
  const std::size_t lanes = lanes_for(shape.channels * plane);
  LaneWriter encoder(lanes, shape.channels * plane);
  for (std::size_t k = clusters.tables.size(); k-- > 0;) {
    const RunEntries table = run_entries(scale(clusters.tables[k]));
    const auto members = static_cast<std::size_t>(std::ranges::count(clusters.of_channel, k));
    std::size_t place = members * plane;
    for (std::size_t c = shape.channels; c-- > 0;) {
      if (clusters.of_channel[c] != k) continue;
      place -= plane;
      encoder.put_run(table, layout.planes[c], place);
    }
  }
  encoder.finish(out);
  return out;
}

Status decode_fast(std::span<const std::byte> coded, const PlaneShape& shape, unsigned levels,
                   std::span<std::uint8_t> codes) {
  BitReader bits(coded);
  const std::size_t count = bits.read(kClusterBits) + 1;
  const bool any_predicted = bits.read(1) != 0;
  const bool pairs = levels <= kMostPairedLevels && bits.read(1) != 0;
  const std::size_t plane = pairs ? pairs_in(shape) : shape.plane();
  std::vector<std::vector<std::size_t>> members(count);
  std::vector<bool> predicted(shape.channels, false);
  for (std::size_t c = 0; c < shape.channels && !bits.overrun(); ++c) {
    const std::uint32_t cluster = bits.read(bits_for(count));
    if (cluster >= count) return damaged();
    members[cluster].push_back(c);
    predicted[c] = any_predicted && bits.read(1) != 0;
  }
  if (bits.overrun()) return damaged();
  const auto tables = std::make_unique<DecodeTable[]>(count);
  std::vector<Run> runs;
  runs.reserve(count);
  for (std::size_t k = 0; k < count; ++k) {
    fill(tables[k], scale(read_weights(pairs ? levels * levels : levels, bits)));
    runs.push_back({.table = &tables[k], .count = members[k].size() * plane});
  }
  if (bits.overrun()) return damaged();

  Kept<std::uint8_t> symbols(shape.channels * plane);
  if (Status done = decode_runs(bits.rest(), lanes_for(symbols.size()), runs, *symbols); !done) return done;
  std::span<const std::uint8_t> left(*symbols);
  for (const auto& channels : members) {
    for (const std::size_t c : channels) {
      const auto its = codes.subspan(c * shape.plane(), shape.plane());
      if (pairs) {
        unpair(left.first(plane), levels, its);
      } else {
        std::ranges::copy(left.first(plane), its.begin());
      }
      left = left.subspan(plane);
      if (predicted[c]) add_above(its, shape.width, levels);
    }
  }
  // A table may hold symbols that are no codes: only a damaged stream does.
  const std::uint8_t largest = codes.empty() ? std::uint8_t{0} : *std::ranges::max_element(codes);
  return largest < levels ? Status() : damaged();
}

}  // namespace tandem::codec
