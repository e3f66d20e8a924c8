// How an image becomes a network's input: size, crop, channel order, mean and scale, layout. Comes from options or from
// a small sidecar file beside the network, FILE.input.json (format tandem.input.v1, docs/formats/input.md), such as
// model.onnx.input.json. Without one, and for the zoo's networks, the input's shape and type say it.
//
//   Result<ImageInput> input = image_input_for(network, "model.onnx");
#pragma once

#include <array>
#include <string>

#include "tandem/base/json.hpp"
#include "tandem/base/result.hpp"
#include "tandem/network/network.hpp"

namespace tandem::network {

struct ImageInput {
  enum class Layout { nchw, nhwc };
  enum class Resize { stretch, crop };  // crop: short side to size / crop_ratio, then the centre
  int width = 224;
  int height = 224;
  Layout layout = Layout::nchw;
  Resize resize = Resize::stretch;
  double crop_ratio = 0.875;
  bool bgr = false;  // channel order; RGB otherwise
  // value = (pixel - mean) * scale, per channel in the network's channel order, pixel in 0..255
  std::array<double, 3> mean{0, 0, 0};
  std::array<double, 3> scale{1, 1, 1};
  // The output's labels: a file of one label a line; empty where unknown. In a sidecar relative to it.
  std::string labels;

  bool operator==(const ImageInput&) const = default;
};

// Fields that `json` leaves out are those of `fallback`. Error: invalid_argument with the field.
Result<ImageInput> image_input_from_json(const Json& json, const ImageInput& fallback = {});
Json to_json(const ImageInput& input);

// The sidecar's where there is one, its labels' path completed; else what the network's input says: 3 channels first or
// last; integers take pixels as they are, signed ones minus 128; floats the ImageNet mean and deviation.
// Errors: failed_precondition where the network's input is no image, or not the one the sidecar describes;
// invalid_argument for a sidecar that does not parse. One line, with the shape or the file and field.
Result<ImageInput> image_input_for(const Network& network, const std::string& reference);

}  // namespace tandem::network
