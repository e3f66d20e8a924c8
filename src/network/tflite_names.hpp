// The names of a TensorFlow Lite model's tensors, which OpenVINO's front end loses on the way.
#pragma once

#include <openvino/frontend/manager.hpp>
#include <string>

#include "openvino.hpp"

namespace tandem::network {

// Gives `model`, as read from the .tflite file `path`, its operations' own names where they can be told for certain.
// A file that cannot be read again leaves the names as they are.
void restore_tflite_names(ov::Model& model, ov::frontend::FrontEndManager& front_ends, const std::string& path);

}  // namespace tandem::network
