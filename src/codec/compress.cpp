#include "compress.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <cassert>
#include <memory>
#include <new>

namespace tandem::codec {
namespace {

// On 8-bit activations level 1 is faster than the levels above it and not larger: what little repeats is not worth a
// search, the gain is in coding frequent values in few bits.
constexpr int kLevel = 1;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A context's tables are hundreds of kilobytes: each thread keeps one, since allocated anew they cost a small tensor
// more than its compression.
template <class Context>
Context* kept(Context* (*create)()) {
  thread_local const std::unique_ptr<Context, FreeContext> context(create());
  if (context == nullptr) throw std::bad_alloc();
  return context.get();
}

}  // namespace

void compress(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(bytes.size()));
  const std::size_t written = ZSTD_compressCCtx(kept(ZSTD_createCCtx), out.data() + before, out.size() - before,
                                                bytes.data(), bytes.size(), kLevel);
  assert(ZSTD_isError(written) == 0U);  // the bound leaves room for any input
  out.resize(before + written);
}

Status decompress(std::span<const std::byte> compressed, std::span<std::byte> out) {
  const unsigned long long promised = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (promised == ZSTD_CONTENTSIZE_ERROR || promised == ZSTD_CONTENTSIZE_UNKNOWN) {
    return fail(Errc::data_loss, "the coded tensor's payload is not a zstd frame of known size");
  }
  if (promised != out.size()) {
    return fail(Errc::data_loss,
                fmt::format("the coded tensor's payload holds {} bytes, {} are due", promised, out.size()));
  }
  const std::size_t written =
      ZSTD_decompressDCtx(kept(ZSTD_createDCtx), out.data(), out.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(written) != 0U) {
    return fail(Errc::data_loss, fmt::format("the coded tensor's payload is damaged: {}", ZSTD_getErrorName(written)));
  }
  if (written != out.size()) return fail(Errc::data_loss, "the coded tensor's payload is too short");
  return {};
}

}  // namespace tandem::codec
