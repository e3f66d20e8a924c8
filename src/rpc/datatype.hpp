// The protocol's names of element types: "FP32", "UINT8", …
#pragma once

#include <optional>
#include <string_view>

#include "tandem/network/tensor.hpp"

namespace tandem::rpc {

std::string_view datatype_of(network::ElementType type);
// Nothing for what we do not carry: BYTES, and names that are none.
std::optional<network::ElementType> type_of_datatype(std::string_view datatype);

}  // namespace tandem::rpc
