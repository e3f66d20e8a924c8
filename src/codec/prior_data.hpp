// What is behind codec::Prior.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model.hpp"
#include "planes.hpp"
#include "predicted.hpp"
#include "tandem/codec/prior.hpp"

namespace tandem::codec {

struct Prior::Data {
  PlaneShape shape;
  unsigned levels = 256;
  // 1/1000 bits a code: a tensor that takes more may take less with a model fitted to it.
  std::uint32_t doubtful = 0;
  Model model;
  std::vector<std::byte> bytes;
  std::uint32_t hash = 0;
  // Made once, since it takes as long as coding a small tensor. They look at `model`, so that this does not move.
  std::unique_ptr<ReadyEncoder> encoder;
  std::unique_ptr<ReadyDecoder> decoder;
};

std::vector<std::byte> write_prior(const PlaneShape& shape, unsigned levels, std::uint32_t doubtful,
                                   const Model& model);

}  // namespace tandem::codec
