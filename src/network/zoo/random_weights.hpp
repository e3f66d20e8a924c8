// Random weights, fast: a network has up to 10^8 of them.
#pragma once

#include <cstdint>
#include <openvino/op/constant.hpp>
#include <string_view>

namespace tandem::network::zoo {

// Uniform in [-bound, bound). A function of seed, name and place alone: the same in any order, on any machine.
std::shared_ptr<ov::op::v0::Constant> random_weights(const ov::Shape& shape, double bound, std::uint64_t seed,
                                                     std::string_view name);

}  // namespace tandem::network::zoo
