#include "tandem/codec/pieces.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <functional>
#include <numeric>

#include "container.hpp"
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
  std::vector<std::int64_t> ends{0};  // of pieces 1, 2, ..., in parts of the sum
  for (int i = 0; i < pieces; ++i) ends.push_back(ends.back() + (std::int64_t{1} << std::min(i, pieces - 1 - i)));
  const std::int64_t parts = ends.back();
  const auto along = std::ranges::find_if(spec.shape, [parts](std::int64_t extent) { return extent >= parts; });
  if (along == spec.shape.end() || whole.run_bytes == 0) return {whole};
  const auto runs = static_cast<std::size_t>(
      std::accumulate(spec.shape.begin(), along, std::int64_t{1}, std::multiplies<std::int64_t>()));
  const std::size_t stride = whole.run_bytes / runs;
  const std::size_t bytes_each = stride / static_cast<std::size_t>(*along);
  std::vector<Slice> slices;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const std::int64_t begin = *along * ends[i] / parts;
    const std::int64_t end = *along * ends[i + 1] / parts;
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
                fmt::format("codec '{}' is not CODEC/N with 2 to {} pieces, such as tfc/6", codec, kMostPieces));
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

}  // namespace tandem::codec
