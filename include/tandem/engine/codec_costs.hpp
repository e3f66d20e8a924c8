// What crosses at each boundary: the size of its coded tensor on sample inputs, and the time to code and decode it.
//
//   auto costs = measure_codecs(network, samples, {"raw", "linear8"}, {.threads = 1});
//   table.codecs = std::move(*costs);
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/network.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::engine {

// One tensor per input of the network.
using Sample = std::vector<network::Tensor>;

// Stands in where no real input is given: where it has the shape of an image, noise whose power falls with spatial
// frequency as in photographs, with zero mean and unit deviation; else uniform in [-1, 1) (integers: 0 or 1).
Sample synthetic_sample(const network::Network& network, std::uint64_t seed);

// Means over the samples, or over three synthetic ones where `samples` is empty; times are the least of three runs,
// multiplied by the slowdown; "tfc" with the priors of each boundary. Errors: invalid_argument (an unknown codec, a
// sample that is not of the network's input types and shapes), and compile's.
Result<std::map<std::string, profile::CodecCosts>> measure_codecs(const network::Network& network,
                                                                  std::span<const Sample> samples,
                                                                  const std::vector<std::string>& codecs,
                                                                  const CompileOptions& options,
                                                                  const codec::Priors& priors = {});

}  // namespace tandem::engine
