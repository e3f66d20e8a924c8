#include <fmt/format.h>

#include <algorithm>

#include "features.hpp"
#include "predicted.hpp"
#include "prior_data.hpp"
#include "scalar.hpp"
#include "tandem/codec/codec.hpp"
#include "train.hpp"

namespace tandem::codec {

using network::Quantization;
using network::TensorSpec;

Result<Prior> train_prior(const TensorSpec& spec, std::span<const network::Tensor> tensors, int bits,
                          const std::optional<Quantization>& grid) {
  if (tensors.empty()) return fail(Errc::invalid_argument, "a prior needs tensors to be trained on");
  if (bits < 2 || bits > 8) return fail(Errc::invalid_argument, fmt::format("{} bits; a prior has 2 to 8", bits));
  if (!is_float(spec.type)) {
    return fail(Errc::invalid_argument, fmt::format("{} is not quantised: priors are for floats", to_string(spec)));
  }
  const FeatureCodec codec{.base = kTfc, .levels = 1 << bits};
  std::vector<std::vector<std::uint8_t>> examples;
  unsigned levels = 0;
  for (const network::Tensor& tensor : tensors) {
    if (tensor.spec.type != spec.type || tensor.spec.shape != spec.shape) {
      return fail(Errc::invalid_argument,
                  fmt::format("a tensor is {}, {} is due", to_string(tensor.spec), to_string(spec)));
    }
    Quantised one = quantised(codec, spec, tensor.data, grid);
    // A tensor without a range has codes of another kind; one that is not on the grid would have other levels.
    if (one.codes.shape != plane_shape(spec.shape) || (levels != 0 && one.codes.levels != levels)) continue;
    levels = one.codes.levels;
    examples.push_back(std::move(one.codes.planes));
  }
  if (examples.empty()) return fail(Errc::invalid_argument, "none of the tensors can be quantised");
  const PlaneShape shape = plane_shape(spec.shape);
  constexpr std::size_t kMostExtent = 65535;
  if (std::max({shape.channels, shape.height, shape.width}) > kMostExtent) {
    return fail(Errc::invalid_argument, fmt::format("{} is too large for a prior", to_string(spec)));
  }
  // What tables take, and then each channel and each of its references.
  constexpr std::size_t kForTables = std::size_t{12} * 1024;
  constexpr std::size_t kChannelBytes = 17;
  constexpr std::size_t kReferenceBytes = 12;
  const std::size_t for_channel = (kMostPriorBytes - kForTables) / shape.channels;
  if (for_channel < kChannelBytes)
    return fail(Errc::invalid_argument, fmt::format("{} has too many channels for a prior", to_string(spec)));
  const std::size_t references = std::min(kMostReferences, (for_channel - kChannelBytes) / kReferenceBytes);
  const Model model = train(examples, shape, levels, {.references = references});
  std::size_t bytes = 0;
  const ReadyEncoder ready(model);
  for (const auto& codes : examples) {
    std::vector<std::byte> coded;
    append_stream(find_slots(codes, shape, levels, model), codes, shape, levels, ready, coded);
    bytes += coded.size();
  }
  const auto expected = static_cast<std::uint32_t>(8000 * bytes / (examples.size() * shape.size()));
  return Prior::parse(write_prior(shape, levels, expected, model));
}

}  // namespace tandem::codec
