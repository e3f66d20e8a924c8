// Fitting a model to example tensors of one boundary, in floating point and without hurry: what `tandem codec train`
// does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model.hpp"
#include "planes.hpp"

namespace tandem::codec {

struct TrainOptions {
  std::size_t references = kMostReferences;  // at most, for each channel
  std::size_t tables = 48;                   // at most
};

// `examples`: the codes of one tensor each, all of this shape and number of levels; at least one.
Model train(std::span<const std::vector<std::uint8_t>> examples, const PlaneShape& shape, unsigned levels,
            const TrainOptions& options = {});

}  // namespace tandem::codec
