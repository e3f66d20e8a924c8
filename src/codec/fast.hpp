// `tfc-fast`: channels that share static tables, 16 or 32 interleaved lanes, and at most the value above as prediction.
//
// Bits, the first in the lowest bit of a byte:
//   4              clusters - 1
//   1              whether channels may be predicted
//   a channel:     4 its cluster, only as many bits as there are clusters; 1 whether it is predicted, where any may be
//   a cluster:     its table (frequencies.hpp)
// then, from the next byte on, the stream (rans.hpp): the channels of the first cluster in their order, those of the
// second, …; each cluster is one run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "planes.hpp"
#include "tandem/base/result.hpp"

namespace tandem::codec {

// Codes are below `levels`, 2 to 256.
std::vector<std::byte> encode_fast(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels);

// Precondition: codes.size() == shape.size(). Error: data_loss.
Status decode_fast(std::span<const std::byte> coded, const PlaneShape& shape, unsigned levels,
                   std::span<std::uint8_t> codes);

}  // namespace tandem::codec
