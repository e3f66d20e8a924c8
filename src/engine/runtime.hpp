// The one OpenVINO runtime of this process, and its exceptions as one line.
#pragma once

#include <exception>
#include <openvino/runtime/core.hpp>
#include <string>

#include "tandem/engine/model.hpp"

namespace tandem::engine {

// Made when first used; safe from any thread.
ov::Core& runtime();

// How everything here is compiled.
ov::AnyMap properties(const CompileOptions& options);

// What an OpenVINO exception says in its last line, without file names and line breaks.
std::string reason(const std::exception& error);

}  // namespace tandem::engine
