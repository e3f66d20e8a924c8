// Coders side by side on the codes of one tensor: bytes, and the time to code and decode, without quantising. Every
// stream is decoded and compared.
//
//   auto measured = measure_coders({"tfc", "png", "jxl-3"}, {.spec = spec, .data = data, .bits = 8});
//
// Thread rule: a free function without shared state.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

struct CoderFigures {
  std::string coder;
  double bytes = 0;       // all headers; of the baselines the file or frame, and what our container adds to it
  Milliseconds encode{};  // the least of the repetitions
  Milliseconds decode{};
};

struct CoderTask {
  network::TensorSpec spec;
  std::span<const std::byte> data;
  int bits = 8;  // 2 to 8
  std::optional<network::Quantization> grid{};
  const Priors* priors = nullptr;  // for "tfc-prior"
  int repetitions = 3;             // of coders that are fast; the others run once
};

// "tfc-fast", "tfc", "tfc-prior"; "tfc-by-channel" and "tfc-fast-by-channel", on codes of their own; the baselines
// "png" (libpng, level 6), "zstd-3", "jxl-3" and "jxl-7" (JPEG XL without loss) and "webp" (the same, at its usual
// settings); channels tiled as for PNG. Errors: invalid_argument (another coder, a type that is not quantised),
// internal where a stream does not come back as it was.
Result<std::vector<CoderFigures>> measure_coders(const std::vector<std::string>& coders, const CoderTask& task);

}  // namespace tandem::codec
