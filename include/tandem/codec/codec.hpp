// Tensor to bytes and back, for the link. A coded tensor describes itself: codec, element type, shape and parameters.
//
//   Result<std::vector<std::byte>> coded = codec::encode("linear8", spec, data, boundary.quantization);
//   Result<Header> header = codec::read_header(*coded);   // checks every length before anything is allocated
//   Status done = codec::decode(*coded, spec, run.input_bytes(0));
//
// Codecs: "raw" (the network's own type, lossless); "linear8" (8-bit linear quantisation, zstd); "tfc-fast" and "tfc"
// (quantised, then coded as features are: docs/formats/codec.md), whose name may say the precision: "tfc:4" has 4 bits,
// of 2 to 8 or 16, "tfc:4c" a range for each channel, "tfc:4@99.9" and "tfc:4c@99.9" ranges that leave out the 0.1 %
// most extreme values, "tfc:f16" and "tfc:bf16" narrow floats; any of these in pieces, "tfc/4" (pieces.hpp); the
// dissertation's "jointdnn" (8 bits, channels tiled, PNG), "butterfly" (8 bits as they are) and "bottlenet" (8 bits,
// channels tiled, JPEG of quality 20: lossy), for comparison; "jpeg" (an image input, lossy: see image.hpp). Quantised
// floats are off by at most half a step, (largest - smallest) / (2^bits - 1) / 2, by channel a fortieth more; an
// infinity becomes the largest or smallest finite value, a NaN the smallest. Where the boundary is fake-quantised to at
// most as many levels as the codec has, the network's own codes are sent, and nothing is lost. Types other than f32,
// f16 and bf16 lose nothing.
//
// Thread rule: free functions without shared state.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/codec/shape.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

inline constexpr std::string_view kRaw = "raw";
inline constexpr std::string_view kLinear8 = "linear8";
inline constexpr std::string_view kTfcFast = "tfc-fast";
inline constexpr std::string_view kTfc = "tfc";
inline constexpr std::string_view kJointDnn = "jointdnn";
inline constexpr std::string_view kButterfly = "butterfly";
inline constexpr std::string_view kBottleNet = "bottlenet";
inline constexpr std::string_view kJpeg = "jpeg";

struct Header {
  std::string codec;
  network::TensorSpec spec;  // without a name
};

// Without precisions.
std::vector<std::string_view> names();
// What a planner chooses from for tensors within a network, beside raw: all of 8 bits, alike in what they lose.
std::vector<std::string> for_tensors();
// Its name in the headers of what it codes: "tfc" of "tfc:4@99.9", "pieces" of "tfc/4".
std::string_view name_in_header(std::string_view codec);
// Whether encode() knows this name, precision and all.
bool codes_tensors(std::string_view codec);

// `quantization`: the grid on which the values lie, if known; quantisation is then exact (and falls back to the range
// of the values where they do not). `priors`: of which "tfc" takes the one for this shape and number of
// levels. Precondition: data.size() == spec.bytes(). Error: invalid_argument (unknown codec,
// a type the codec does not take).
Result<std::vector<std::byte>> encode(std::string_view codec, const network::TensorSpec& spec,
                                      std::span<const std::byte> data,
                                      const std::optional<network::Quantization>& quantization = {},
                                      const Priors* priors = nullptr);

// Error: data_loss with what is wrong; nothing is allocated on a claim of the bytes alone.
Result<Header> read_header(std::span<const std::byte> coded);

// Decodes into `out`. Errors: data_loss; invalid_argument where type or shape differ from `spec` or out from its size.
// failed_precondition where the tensor was coded with a prior that is not among `priors`.
Status decode(std::span<const std::byte> coded, const network::TensorSpec& spec, std::span<std::byte> out,
              const Priors* priors = nullptr);

}  // namespace tandem::codec
