// Channels that share a table: few enough that their tables cost less than they save.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "frequencies.hpp"

namespace tandem::codec {

inline constexpr std::size_t kMaxClusters = 16;

// How often each symbol occurs in one channel, without those that do not.
struct SparseCounts {
  struct Count {
    std::uint8_t symbol;
    std::uint32_t times;
  };
  std::vector<Count> counts;
  std::uint32_t total = 0;
};

SparseCounts count_symbols(std::span<const std::uint8_t> symbols);
// In 1/256 bits, of an ideal coder that knows the counts.
std::int64_t entropy(const SparseCounts& counts);

// Of coders of groups of channels of about the same entropy, kMaxClusters of them: about what static tables get to,
// tables left out.
std::int64_t entropy_in_groups(std::span<const SparseCounts> channels);

struct Clusters {
  std::vector<std::uint8_t> of_channel;
  std::vector<Weights> tables;
  std::int64_t cost = 0;  // about what symbols and tables take, in 1/256 bits
};
// `symbols`: how many different ones there can be.
Clusters cluster(std::span<const SparseCounts> channels, std::size_t symbols);

}  // namespace tandem::codec
