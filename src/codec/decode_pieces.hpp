// See tandem/codec/pieces.hpp.
#pragma once

#include <cstddef>
#include <span>

#include "container.hpp"
#include "tandem/base/result.hpp"
#include "tandem/codec/prior.hpp"

namespace tandem::codec {

// Precondition: container.codec is kPieces, out.size() == container.spec.bytes(). Errors: data_loss.
Status decode_pieces(const Container& container, std::span<std::byte> out, const Priors* priors);

}  // namespace tandem::codec
