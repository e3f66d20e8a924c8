// How planes of codes become bytes: a byte that names the mode, and what that takes.
//
//   0  packed: each code in as many bits as levels need, the lowest bit of a byte first
//   1  fast.hpp
//   2  fitted.hpp
//   3  the hash of a prior, uint32, then what predicted.hpp says
//   4  a PNG file of the planes tiled into one grey image (tiles.hpp)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "planes.hpp"
#include "tandem/base/result.hpp"
#include "tandem/codec/prior.hpp"

namespace tandem::codec {

inline constexpr unsigned kByteLevels = 256;

struct Codes {
  std::vector<std::uint8_t> planes;
  PlaneShape shape;
  unsigned levels = kByteLevels;
};

// In the mode with the fewest bytes of those that the codec `base` has.
void append_planes(std::string_view base, const Codes& codes, const Priors* priors, std::vector<std::byte>& out);

// Errors: data_loss; failed_precondition for a prior that `priors` lacks.
Result<std::vector<std::uint8_t>> read_planes(std::span<const std::byte> payload, const PlaneShape& shape,
                                              unsigned levels, const Priors* priors);

}  // namespace tandem::codec
