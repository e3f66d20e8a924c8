#include "tandem/codec/pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "container.hpp"
#include "decode_pieces.hpp"
#include "little_endian.hpp"
#include "tandem/base/number.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/shape.hpp"

namespace tandem::codec {

std::optional<PiecedCodec> pieced_codec(std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto pieces = parse_number<int>(name.substr(slash + 1));
  const std::string_view codec = name.substr(0, slash);
  if (!pieces || *pieces < 2 || *pieces > kMostPieces || !codes_tensors(codec)) return std::nullopt;
  return PiecedCodec{.codec = std::string(codec), .pieces = *pieces};
}

std::vector<Slice> slices_of(const network::TensorSpec& spec, int pieces) {
  const auto outermost = std::ranges::find_if(spec.shape, [](std::int64_t extent) { return extent != 1; });
  if (outermost == spec.shape.end() || *outermost == 0) return {{.spec = spec}};
  const std::int64_t extent = *outermost;
  const std::int64_t count = std::min<std::int64_t>(pieces, extent);
  const std::size_t bytes_each = spec.bytes() / static_cast<std::size_t>(extent);
  std::vector<Slice> slices;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t begin = extent * i / count, end = extent * (i + 1) / count;
    Slice slice{.spec = spec, .offset = static_cast<std::size_t>(begin) * bytes_each};
    slice.spec.shape[static_cast<std::size_t>(outermost - spec.shape.begin())] = end - begin;
    slices.push_back(std::move(slice));
  }
  return slices;
}

Result<PieceEncoder> PieceEncoder::start(std::string_view codec, const network::TensorSpec& spec,
                                         std::span<const std::byte> data,
                                         const std::optional<network::Quantization>& quantization) {
  if (const auto bytes = checked_bytes(spec.type, spec.shape); !bytes) return forward_error(bytes);
  assert(data.size() == spec.bytes());
  const auto pieced = pieced_codec(codec);
  if (!pieced) {
    return fail(Errc::invalid_argument,
                fmt::format("codec '{}' is not CODEC/N with 2 to {} pieces, such as tfc/4", codec, kMostPieces));
  }
  PieceEncoder encoder;
  encoder.codec_ = pieced->codec;
  encoder.slices_ = slices_of(spec, pieced->pieces);
  encoder.data_ = data;
  encoder.quantization_ = quantization;
  std::vector<std::byte> parameters;
  append_varint(parameters, encoder.slices_.size());
  encoder.whole_ = container_head(kPieces, spec, parameters);
  return encoder;
}

Result<std::vector<std::byte>> PieceEncoder::next() {
  assert(!done());
  const Slice& slice = slices_[next_];
  const auto coded = encode(codec_, slice.spec, data_.subspan(slice.offset, slice.spec.bytes()), quantization_);
  if (!coded) return forward_error(coded);
  const std::size_t told = next_ == 0 ? 0 : whole_.size();
  append_varint(whole_, coded->size());
  whole_.insert(whole_.end(), coded->begin(), coded->end());
  if (++next_ == slices_.size()) seal(whole_);
  return std::vector(whole_.begin() + static_cast<std::ptrdiff_t>(told), whole_.end());
}

Status decode_pieces(const Container& container, std::span<std::byte> out, const Priors* priors) {
  const auto damaged = [](std::string_view what) {
    return fail(Errc::data_loss, fmt::format("damaged pieces of a tensor: {}", what));
  };
  ByteReader parameters(container.parameters);
  const auto count = parameters.read_varint();
  if (!count || *count < 1 || *count > kMostPieces || !parameters.rest().empty()) return damaged("their number");
  const std::vector<Slice> slices = slices_of(container.spec, static_cast<int>(*count));
  if (slices.size() != static_cast<std::size_t>(*count)) return damaged("more than the tensor can have");
  ByteReader payload(container.payload);
  for (const Slice& slice : slices) {
    const auto bytes = payload.read_varint();
    const auto coded = payload.read_bytes(static_cast<std::size_t>(bytes.value_or(0)));
    if (!bytes || !coded) return damaged("they end too soon");
    const auto piece = read_container(*coded);
    if (!piece) return forward_error(piece, "a piece of a tensor");
    if (piece->codec == kPieces) return damaged("one is in pieces itself");
    if (Status done = decode(*coded, slice.spec, out.subspan(slice.offset, slice.spec.bytes()), priors); !done) {
      return tl::unexpected<Error>({Errc::data_loss, "a piece of a tensor: " + done.error().message});
    }
  }
  if (!payload.rest().empty()) return damaged("bytes are left over");
  return {};
}

}  // namespace tandem::codec
