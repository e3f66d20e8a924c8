// The codecs made for features, `tfc-fast` and `tfc`: quantise, then code the planes of codes without loss.
//
// Parameters of the container:
//   bytes  what
//   1      mapping: 0 the element's own bytes, each byte of the elements a plane of its own; 1 codes of one byte;
//          2 codes of two bytes (two planes); 3 elements rounded to f16, 4 to bf16 (two planes); 5 codes of one byte,
//          6 of two, with a grid for each channel
//   4      low, float32    (mappings 1 and 2, as the next)
//   4      high, float32
//   2      levels - 1      (mappings 1, 2, 5 and 6)
//   ...    the channels' grids: channel_grids.hpp (mappings 5 and 6)
// The payload is what modes.hpp says.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "container.hpp"
#include "modes.hpp"
#include "tandem/base/result.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

// What the name of such a codec says: "tfc-fast", "tfc:4", "tfc:4c", "tfc:4@99.9", "tfc:f16".
struct FeatureCodec {
  std::string_view base;                           // kTfcFast or kTfc
  int levels = 256;                                // 2^bits
  bool by_channel = false;                         // a grid for each channel
  double kept = 1.0;                               // part of the values that the grid reaches
  std::optional<network::ElementType> narrowed{};  // f16 or bf16 instead of a grid
};

// Nothing where `name` is no such codec. Error: invalid_argument for one with bits it does not have.
Result<std::optional<FeatureCodec>> feature_codec(std::string_view name);

// A tensor as codes, with the parameters that lead back.
struct Quantised {
  Codes codes;
  std::vector<std::byte> parameters;
};
Quantised quantised(const FeatureCodec& codec, const network::TensorSpec& spec, std::span<const std::byte> data,
                    const std::optional<network::Quantization>& grid);

// `grid`: on which the values lie, if known: sent in its own codes where it has at most the codec's levels.
std::vector<std::byte> encode_features(const FeatureCodec& codec, const network::TensorSpec& spec,
                                       std::span<const std::byte> data,
                                       const std::optional<network::Quantization>& grid,
                                       const Priors* priors = nullptr);

// Precondition: out.size() == container.spec.bytes(). Errors: data_loss; failed_precondition for a prior that `priors`
// lacks.
Status decode_features(const Container& container, std::span<std::byte> out, const Priors* priors = nullptr);

}  // namespace tandem::codec
