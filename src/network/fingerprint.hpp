// What a network is, as 64 bits.
#pragma once

#include <string>

#include "partition.hpp"

namespace tandem::network {

// 16 hex digits over operations, their attributes, wiring, shapes, constants and the layering; not names.
std::string fingerprint_of(const Graph& graph, const Partition& partition);

}  // namespace tandem::network
