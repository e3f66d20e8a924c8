#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "features.hpp"
#include "fitted.hpp"
#include "predicted.hpp"
#include "prior_data.hpp"
#include "scalar.hpp"
#include "tandem/codec/codec.hpp"
#include "train.hpp"

namespace tandem::codec {

using network::Quantization;
using network::TensorSpec;

namespace {

// Bytes that an example takes.
struct Trial {
  std::size_t with_prior = 0;
  std::size_t fitted = 0;
};

// Bytes with the prior from which a fitted model is worth a try, which takes three times as long: those of so many of
// the largest examples as save a fiftieth together where the better of both is taken; at most a bit more than of any
// example, since a tensor beyond may be of another kind.
double doubtful_bytes(std::vector<Trial> trials) {
  constexpr double kWorthTrying = 0.02;
  constexpr double kBeyondAll = 1.15;
  std::ranges::sort(trials, std::greater<>(), &Trial::with_prior);
  double bytes = 0;
  double saved = 0;
  double doubtful = kBeyondAll * static_cast<double>(trials.front().with_prior);
  for (const Trial& trial : trials) {
    bytes += static_cast<double>(trial.with_prior);
    saved += static_cast<double>(trial.with_prior - std::min(trial.with_prior, trial.fitted));
    if (saved >= kWorthTrying * bytes) doubtful = static_cast<double>(trial.with_prior);
  }
  return doubtful;
}

}  // namespace

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
  const ReadyEncoder ready(model, levels);
  std::vector<Trial> trials;
  trials.reserve(examples.size());
  for (const auto& codes : examples) {
    std::vector<std::byte> coded;
    append_stream(find_slots(codes, shape, levels, model), codes, shape, ready, coded);
    trials.push_back({.with_prior = coded.size(), .fitted = encode_fitted(codes, shape, levels).size()});
  }
  const double doubtful = 8000.0 * doubtful_bytes(trials) / static_cast<double>(shape.size());
  return Prior::parse(write_prior(shape, levels, static_cast<std::uint32_t>(doubtful), model));
}

}  // namespace tandem::codec
