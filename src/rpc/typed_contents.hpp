// Tensors whose elements come one by one in protobuf fields, as small clients send them.
#pragma once

#include <cstddef>
#include <vector>

#include "open_inference.pb.h"
#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::rpc {

// Precondition: spec.elements() does not overflow. Error: invalid_argument (another number of elements than the shape
// has, an element outside the type's range, FP16 and BF16, which must be raw).
Result<std::vector<std::byte>> bytes_of_contents(const inference::InferTensorContents& contents,
                                                 const network::TensorSpec& spec);

}  // namespace tandem::rpc
