#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

#include "container.hpp"
#include "decode_pieces.hpp"
#include "little_endian.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/pieces.hpp"

namespace tandem::codec {
namespace {

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(Errc::data_loss, fmt::format("damaged pieces of a coded tensor: {}", what));
}

Result<std::vector<Slice>> slices_in(const Container& head) {
  ByteReader parameters(head.parameters);
  const auto count = parameters.read_varint();
  if (!count || *count < 1 || *count > kMostPieces || !parameters.rest().empty()) return damaged("their number");
  std::vector<Slice> slices = slices_of(head.spec, static_cast<int>(*count));
  if (slices.size() != static_cast<std::size_t>(*count)) return damaged("more than the tensor can have");
  return slices;
}

// The next piece, and behind it the reader; nothing where the piece is not all there.
std::optional<std::span<const std::byte>> next_piece(ByteReader& reader) {
  const auto bytes = reader.read_varint();
  return bytes ? reader.read_bytes(static_cast<std::size_t>(*bytes)) : std::nullopt;
}

Status decode_slice(std::span<const std::byte> coded, const Slice& slice, std::span<std::byte> out,
                    std::vector<std::byte>& gathered, const Priors* priors) {
  const auto piece = read_head(coded);
  if (!piece) return forward_error(piece, "a piece of a coded tensor");
  if (piece->codec == kPieces) return damaged("one is in pieces itself");
  std::span<std::byte> values = out.subspan(slice.offset, slice.run_bytes);
  if (slice.runs > 1) {
    gathered.resize(slice.spec.bytes());
    values = gathered;
  }
  if (Status done = decode(coded, slice.spec, values, priors); !done) {
    return tl::unexpected<Error>({Errc::data_loss, "a piece of a coded tensor: " + done.error().message});
  }
  for (std::size_t run = 0; slice.runs > 1 && run < slice.runs; ++run) {
    std::ranges::copy(values.subspan(run * slice.run_bytes, slice.run_bytes),
                      out.begin() + static_cast<std::ptrdiff_t>(slice.offset + run * slice.stride));
  }
  return {};
}

}  // namespace

Status decode_pieces(const Container& container, std::span<std::byte> out, const Priors* priors) {
  const auto slices = slices_in(container);
  if (!slices) return forward_error(slices);
  ByteReader payload(container.payload);
  std::vector<std::byte> gathered;
  for (const Slice& slice : *slices) {
    const auto piece = next_piece(payload);
    if (!piece) return damaged("they end too soon");
    if (Status done = decode_slice(*piece, slice, out, gathered, priors); !done) return done;
  }
  if (!payload.rest().empty()) return damaged("bytes are left over");
  return {};
}

PieceDecoder::PieceDecoder(network::TensorSpec spec, std::span<std::byte> out, const Priors* priors)
    : spec_(std::move(spec)), out_(out), priors_(priors) {
  assert(out.size() == spec_.bytes());
}

Status PieceDecoder::add(std::span<const std::byte> bytes) {
  stream_.insert(stream_.end(), bytes.begin(), bytes.end());
  if (slices_.empty()) {
    const auto head = read_head(stream_);
    if (!head) return {};  // not all there yet, or damaged, which finish() says
    if (head->codec != kPieces) return damaged(fmt::format("it was coded by '{}'", head->codec));
    if (const Status due = check_due(*head, spec_); !due) return due;
    auto slices = slices_in(*head);
    if (!slices) return forward_error(slices);
    slices_ = std::move(*slices);
    taken_ = stream_.size() - head->payload.size();
  }
  ByteReader arrived(std::span<const std::byte>(stream_).subspan(taken_));
  while (next_ < slices_.size()) {
    const auto piece = next_piece(arrived);
    if (!piece) break;
    if (Status done = decode_slice(*piece, slices_[next_], out_, gathered_, priors_); !done) return done;
    ++next_;
    taken_ = stream_.size() - arrived.rest().size();
  }
  return {};
}

Status PieceDecoder::finish() {
  const auto whole = read_container(stream_);
  if (!whole) return forward_error(whole);
  if (slices_.empty() || next_ < slices_.size()) return damaged("they end too soon");
  if (taken_ + kChecksumBytes != stream_.size()) return damaged("bytes are left over");
  return {};
}

}  // namespace tandem::codec
