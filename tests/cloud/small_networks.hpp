// Networks of a few blocks that compile in milliseconds.
#pragma once

#include <string>
#include <vector>

#include "tandem/network/network.hpp"

namespace tandem::cloud::testing {

// An image of 3 x 16 x 16, four convolutions, a classifier of 10; every layer a block.
network::Network chain(const std::string& name, std::uint64_t seed = 1);
// As chain, with its boundaries fake-quantised to 8 bits.
network::Network quantised_chain(const std::string& name);
// So much to compute that a request takes tens of milliseconds.
network::Network slow(const std::string& name);
// The sum of two inputs, "a" and "b", of 2 x 3.
network::Network two_inputs(const std::string& name);

std::vector<network::Tensor> random_inputs(const network::Network& network, std::uint64_t seed = 1);
// By OpenVINO directly.
std::vector<network::Tensor> run_whole(const network::Network& network, const std::vector<network::Tensor>& inputs);

}  // namespace tandem::cloud::testing
