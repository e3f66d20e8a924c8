#include "tandem/codec/pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <functional>
#include <numeric>

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
  const auto whole = Slice{.spec = spec, .run_bytes = spec.bytes(), .stride = spec.bytes()};
  const std::int64_t parts = (std::int64_t{1} << pieces) - 1;  // 1 + 2 + 4 + ...
  const auto along = std::ranges::find_if(spec.shape, [parts](std::int64_t extent) { return extent >= parts; });
  if (along == spec.shape.end() || whole.run_bytes == 0) return {whole};
  const auto runs = static_cast<std::size_t>(
      std::accumulate(spec.shape.begin(), along, std::int64_t{1}, std::multiplies<std::int64_t>()));
  const std::size_t stride = whole.run_bytes / runs;
  const std::size_t bytes_each = stride / static_cast<std::size_t>(*along);
  std::vector<Slice> slices;
  for (int i = 0; i < pieces; ++i) {
    const std::int64_t begin = *along * ((std::int64_t{1} << i) - 1) / parts;
    const std::int64_t end = *along * ((std::int64_t{2} << i) - 1) / parts;
    Slice slice{.spec = spec,
                .offset = static_cast<std::size_t>(begin) * bytes_each,
                .runs = runs,
                .run_bytes = static_cast<std::size_t>(end - begin) * bytes_each,
                .stride = stride};
    slice.spec.shape[static_cast<std::size_t>(along - spec.shape.begin())] = end - begin;
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
  std::span<const std::byte> values = data_.subspan(slice.offset, slice.run_bytes);
  if (slice.runs > 1) {
    gathered_.resize(slice.spec.bytes());
    for (std::size_t run = 0; run < slice.runs; ++run) {
      std::ranges::copy(data_.subspan(slice.offset + run * slice.stride, slice.run_bytes),
                        gathered_.begin() + static_cast<std::ptrdiff_t>(run * slice.run_bytes));
    }
    values = gathered_;
  }
  const auto coded = encode(codec_, slice.spec, values, quantization_);
  if (!coded) return forward_error(coded);
  const std::size_t told = next_ == 0 ? 0 : whole_.size();
  append_varint(whole_, coded->size());
  whole_.insert(whole_.end(), coded->begin(), coded->end());
  if (++next_ == slices_.size()) seal(whole_);
  return std::vector(whole_.begin() + static_cast<std::ptrdiff_t>(told), whole_.end());
}

Status decode_pieces(const Container& container, std::span<std::byte> out, const Priors* priors) {
  const auto damaged = [](std::string_view what) {
    return fail(Errc::data_loss, fmt::format("damaged pieces of a coded tensor: {}", what));
  };
  ByteReader parameters(container.parameters);
  const auto count = parameters.read_varint();
  if (!count || *count < 1 || *count > kMostPieces || !parameters.rest().empty()) return damaged("their number");
  const std::vector<Slice> slices = slices_of(container.spec, static_cast<int>(*count));
  if (slices.size() != static_cast<std::size_t>(*count)) return damaged("more than the tensor can have");
  ByteReader payload(container.payload);
  std::vector<std::byte> gathered;
  for (const Slice& slice : slices) {
    const auto bytes = payload.read_varint();
    const auto coded = payload.read_bytes(static_cast<std::size_t>(bytes.value_or(0)));
    if (!bytes || !coded) return damaged("they end too soon");
    const auto piece = read_container(*coded);
    if (!piece) return forward_error(piece, "a piece of a coded tensor");
    if (piece->codec == kPieces) return damaged("one is in pieces itself");
    std::span<std::byte> values = out.subspan(slice.offset, slice.run_bytes);
    if (slice.runs > 1) {
      gathered.resize(slice.spec.bytes());
      values = gathered;
    }
    if (Status done = decode(*coded, slice.spec, values, priors); !done) {
      return tl::unexpected<Error>({Errc::data_loss, "a piece of a coded tensor: " + done.error().message});
    }
    for (std::size_t run = 0; slice.runs > 1 && run < slice.runs; ++run) {
      std::ranges::copy(values.subspan(run * slice.run_bytes, slice.run_bytes),
                        out.begin() + static_cast<std::ptrdiff_t>(slice.offset + run * slice.stride));
    }
  }
  if (!payload.rest().empty()) return damaged("bytes are left over");
  return {};
}

}  // namespace tandem::codec
