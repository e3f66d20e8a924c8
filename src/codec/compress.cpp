#include "compress.hpp"

#include <fmt/format.h>
#define ZSTD_STATIC_LINKING_ONLY  // for ZSTD_c_literalCompressionMode
#include <zstd.h>

#include <cassert>
#include <memory>
#include <new>

namespace tandem::codec {
namespace {

// Little repeats in 8-bit activations: what they gain is in coding frequent values in few bits. So the search for
// repetitions is all but skipped, which is twice as fast as level 1 and costs up to 4 % in size; and what was not found
// to repeat is entropy-coded all the same, which zstd leaves out at such levels unless told.
constexpr int kLevel = -20;

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

ZSTD_CCtx* create_compressor() {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (context == nullptr) return nullptr;
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  const auto mode = ZSTD_CCtx_setParameter(context, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  // A libzstd without that parameter, which is not in its stable interface.
  if (ZSTD_isError(mode) != 0U) ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
  return context;
}

}  // namespace

void compress(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(bytes.size()));
  const std::size_t written =
      ZSTD_compress2(kept(create_compressor), out.data() + before, out.size() - before, bytes.data(), bytes.size());
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
