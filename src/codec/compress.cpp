#include "compress.hpp"

#include <fmt/format.h>
#define ZSTD_STATIC_LINKING_ONLY  // for ZSTD_c_literalCompressionMode
#include <zstd.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <new>
#include <type_traits>

namespace tandem::codec {
namespace {

// What 8-bit activations mostly gain is in coding frequent values in few bits: that alone is two to three times as fast
// as level 1, which also looks for repetitions, and often smaller. Where values come from few levels, as in networks
// trained for 8 bits, repetitions can be worth a third of the size: a sample tells.
constexpr int kSearch = 1;
constexpr int kFrequenciesOnly = -100'000;  // zstd takes so many steps at once that it finds next to nothing
constexpr std::size_t kSmall = 8192;        // not worth a sample
constexpr std::size_t kSample = 2048;       // larger ones take longer than they save
constexpr double kWorthSearching = 0.88;    // of the size without; on a fast link a slow device loses by less

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A context's tables are hundreds of kilobytes: each thread keeps one, since allocated anew they cost a small tensor
// more than its compression.
template <auto create>
auto kept() {
  thread_local const std::unique_ptr<std::remove_pointer_t<decltype(create())>, FreeContext> context(create());
  if (context == nullptr) throw std::bad_alloc();
  return context.get();
}

template <int level>
ZSTD_CCtx* create_compressor() {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (context == nullptr) return nullptr;
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  // At levels below zero zstd leaves what does not repeat as it is, unless told.
  const auto mode = ZSTD_CCtx_setParameter(context, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
  // A libzstd without that parameter, which is not in its stable interface.
  if (ZSTD_isError(mode) != 0U) ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kSearch);
  return context;
}

// Appends to `out`; the bytes appended.
template <int level>
std::size_t compress_at(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(bytes.size()));
  const std::size_t written = ZSTD_compress2(kept<create_compressor<level>>(), out.data() + before, out.size() - before,
                                             bytes.data(), bytes.size());
  assert(ZSTD_isError(written) == 0U);  // the bound leaves room for any input
  out.resize(before + written);
  return written;
}

// From the middle, since the edges of images are not like the rest.
bool is_worth_searching(std::span<const std::byte> bytes) {
  if (bytes.size() <= kSmall) return true;
  const auto sample = bytes.subspan(bytes.size() / 2, kSample);
  std::vector<std::byte> coded;
  const auto searched = static_cast<double>(compress_at<kSearch>(sample, coded));
  const auto unsearched = static_cast<double>(compress_at<kFrequenciesOnly>(sample, coded));
  return searched < kWorthSearching * unsearched;
}

}  // namespace

void compress(std::span<const std::byte> bytes, std::vector<std::byte>& out) {
  if (is_worth_searching(bytes)) {
    compress_at<kSearch>(bytes, out);
  } else {
    compress_at<kFrequenciesOnly>(bytes, out);
  }
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
      ZSTD_decompressDCtx(kept<ZSTD_createDCtx>(), out.data(), out.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(written) != 0U) {
    return fail(Errc::data_loss, fmt::format("the coded tensor's payload is damaged: {}", ZSTD_getErrorName(written)));
  }
  if (written != out.size()) return fail(Errc::data_loss, "the coded tensor's payload is too short");
  return {};
}

}  // namespace tandem::codec
