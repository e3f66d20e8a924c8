#include "rans.hpp"

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

}  // namespace tandem::codec
