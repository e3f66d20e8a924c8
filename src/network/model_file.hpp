// Reading a model's file into an ov::Model.
#pragma once

#include <filesystem>
#include <memory>

#include "openvino.hpp"

namespace tandem::network {

// As the file says, shapes perhaps open, operations named as its author named them where that can be told.
// Errors: not_found; invalid_argument with the cause in a few words, the file not named.
Result<std::shared_ptr<ov::Model>> read_model_file(const std::filesystem::path& path);

}  // namespace tandem::network
