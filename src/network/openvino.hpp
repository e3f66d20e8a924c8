// Between OpenVINO and our plain types: the one shared Core, element types, and its exceptions as one line.
#pragma once

#include <exception>
#include <memory>
#include <openvino/op/ops.hpp>
#include <openvino/openvino.hpp>
#include <optional>
#include <string>

#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::network {

using Op = std::shared_ptr<ov::Node>;
using Output = ov::Output<ov::Node>;

// Built at first use, shared by all readers; ov::Core is thread safe.
ov::Core& core();

std::optional<ElementType> from_openvino(ov::element::Type type);

// Precondition: the shape is static. Error: unimplemented for element types that we do not carry (text, 4 bits).
Result<TensorSpec> spec_of(const Output& output, const std::string& name);

// OpenVINO's messages run over many lines that begin with places in its sources: the first line that says something.
std::string first_cause(const std::exception& error);

}  // namespace tandem::network
