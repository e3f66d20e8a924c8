// The tensors that cross one boundary of a network, for a list of inputs.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "inputs.hpp"
#include "tandem/base/result.hpp"
#include "tandem/network/network.hpp"

namespace tandem::cli {

// Images of a folder, in order of their names: `count` of them at even distances. Error: invalid_argument where there
// are none.
Result<std::vector<std::string>> images_in(const std::string& folder, std::size_t count);

// Calls visit(boundary, tensors, one an input) for each of `boundaries` (ascending, single-tensor) in turn; earlier
// ones are not computed again. Errors: of compiling and running, and the visit's.
Status visit_boundaries(const network::Network& network, std::span<const int> boundaries, std::span<const Input> inputs,
                        const std::function<Status(int, std::span<const network::Tensor>)>& visit);

}  // namespace tandem::cli
