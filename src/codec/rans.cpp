#include "rans.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace tandem::codec {

void fill(DecodeTable& table, const Frequencies& frequencies) {
  std::size_t slot = 0;
  for (std::uint32_t symbol = 0; symbol < frequencies.size(); ++symbol) {
    const std::uint32_t frequency = frequencies[symbol];
    for (std::uint32_t within = 0; within < frequency; ++within) {
      table[slot++] = symbol | frequency << 8U | within << 20U;
    }
  }
}

namespace {

// ceil(2^64 / frequency); a frequency of one has an inverse of 2^64, which does not fit: one less.
constexpr auto kInverses = [] {
  std::array<std::uint64_t, kScale + 1> inverses{};
  inverses[1] = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t f = 2; f <= kScale; ++f) inverses[f] = std::numeric_limits<std::uint64_t>::max() / f + 1;
  return inverses;
}();

}  // namespace

void fill(EncodeTable& table, const Frequencies& frequencies) {
  std::uint32_t start = 0;
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    const std::uint32_t frequency = frequencies[i];
    if (frequency == 0) continue;
    // One: its inverse gives the state minus one as quotient; a start that is kScale - 1 further makes up for that.
    const bool is_one = frequency == 1;
    table[i] = {.inverse = kInverses[frequency],
                .limit = frequency << (32U - kScaleBits),
                .start = static_cast<std::uint16_t>(is_one ? start + kScale - 1 : start),
                .others = static_cast<std::uint16_t>(kScale - frequency)};
    start += frequency;
  }
}

void RansEncoder::put_run(const EncodeTable& table, std::span<const std::uint8_t> symbols, std::size_t place) {
  const std::size_t mask = states_.size() - 1;
  Writer writer(*this);
  for (std::size_t i = symbols.size(); i-- > 0;) writer.put((place + i) & mask, table[symbols[i]]);
}

void RansEncoder::finish(std::vector<std::byte>& out) const {
  const auto append_bytes = [&out](const void* data, std::size_t bytes) {
    const auto* begin = static_cast<const std::byte*>(data);
    out.insert(out.end(), begin, begin + bytes);
  };
  append_bytes(states_.data(), states_.size() * sizeof states_.front());
  append_bytes(words_.data() + first_, (words_.size() - first_) * sizeof words_[0]);
}

}  // namespace tandem::codec
