// A tensor coded in pieces, so that the first travel while the next are still being coded, and are decoded while the
// last travel. "tfc/6" is "tfc" in six pieces: slices of the tensor along one extent, each coded for itself, small at
// both ends: only the coding of the first and the decoding of the last are waited for. Each is at most twice as large
// as the one before it: where coding is at least twice as fast as the link, the link never waits.
//
//   auto encoder = codec::PieceEncoder::start("tfc/6", spec, data);
//   while (!encoder->done()) send(*encoder->next());   // all together: what encode("tfc/6", ...) makes
//
//   codec::PieceDecoder decoder(spec, out);
//   for (...) decoder.add(received());                 // as they come, however they are divided
//   Status done = decoder.finish();
//
// Thread rule: an encoder or decoder belongs to one thread at a time; free functions without shared state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

inline constexpr std::string_view kPieces = "pieces";  // in headers, whatever the codec of the pieces
inline constexpr int kMostPieces = 12;

struct PiecedCodec {
  std::string codec;  // of each piece: "tfc:4"
  int pieces = 2;     // 2..kMostPieces
};
// "tfc:4/8". Nothing where the name has no '/', or not that of a codec of tensors before it and a number behind it.
std::optional<PiecedCodec> pieced_codec(std::string_view name);

// A part of a tensor: fewer along one extent. In memory it is `runs` runs of `run_bytes`, each `stride` after the one
// before.
struct Slice {
  network::TensorSpec spec;
  std::size_t offset = 0;  // all in bytes
  std::size_t runs = 1;
  std::size_t run_bytes = 0;
  std::size_t stride = 0;
};
// `pieces` of them, in the proportions 1 : 2 : 4 : ... : 4 : 2 : 1 as nearly as can be, along the first extent of at
// least their sum: the channels of features, the rows of an image, whose channels are better coded together. One where
// no extent is as large. Precondition: 1 <= pieces <= kMostPieces.
std::vector<Slice> slices_of(const network::TensorSpec& spec, int pieces);

class PieceEncoder {
 public:
  // `data` must outlive the encoder and must have the size of `spec`. Errors: invalid_argument (not the name of a codec
  // in pieces, a tensor over the limits of shape.hpp).
  static Result<PieceEncoder> start(std::string_view codec, const network::TensorSpec& spec,
                                    std::span<const std::byte> data,
                                    const std::optional<network::Quantization>& quantization = {});
  [[nodiscard]] bool done() const { return next_ == slices_.size(); }
  // The bytes of the next piece, with what belongs before the first and behind the last. Precondition: !done().
  // Errors: encode's.
  Result<std::vector<std::byte>> next();

 private:
  PieceEncoder() = default;

  std::string codec_;
  std::vector<Slice> slices_;
  std::span<const std::byte> data_;
  std::vector<std::byte> gathered_;  // of the slice that is being coded, where it has several runs
  std::optional<network::Quantization> quantization_;
  std::size_t next_ = 0;
  std::vector<std::byte> whole_;  // so far: the checksum at the end is of all of it
};

// Decodes what PieceEncoder made while it arrives.
class PieceDecoder {
 public:
  // `out` must have the size of `spec`; `out` and `priors` must outlive the decoder.
  PieceDecoder(network::TensorSpec spec, std::span<std::byte> out, const Priors* priors = nullptr);

  // Decodes what `bytes` complete. Errors: decode's; the decoder is then of no more use.
  Status add(std::span<const std::byte> bytes);
  // To be called when all has been added. Errors: decode's.
  Status finish();

 private:
  network::TensorSpec spec_;
  std::span<std::byte> out_;
  const Priors* priors_;
  std::vector<std::byte> stream_;  // so far: the checksum at the end is of all of it
  std::size_t taken_ = 0;          // of stream_: the head, and the pieces that are decoded
  std::vector<Slice> slices_;      // once the head is there
  std::size_t next_ = 0;
  std::vector<std::byte> gathered_;  // a slice of several runs, before they go where they belong
};

}  // namespace tandem::codec
