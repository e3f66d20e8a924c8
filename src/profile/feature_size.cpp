// What features would take on the link, for networks that no data ran through.
#include <algorithm>

#include "tandem/profile/device_model.hpp"

namespace tandem::profile {
namespace {

// "PNG can compress the layer data up to 5.8x and 3.5x by average", section 2.4.2, of 8-bit features of AlexNet and
// VGG16, tiled into one image.
constexpr double kFeatures = 1.0 / 3.5;
// Measured: the 224 x 224 centres of 50 photographs resized as for ImageNet, PNG at level 6.
constexpr double kPhotograph = 0.55;

bool has_extent(const network::TensorSpec& tensor) {
  return tensor.shape.size() == 4 && tensor.shape[2] * tensor.shape[3] > 1;
}

bool is_picture(const network::TensorSpec& tensor) {
  return has_extent(tensor) && tensor.shape[1] <= 3;
}

// "1D fully connected layers are very small and we did not apply compression on them."
double png_ratio(const network::TensorSpec& tensor) {
  if (is_picture(tensor)) return kPhotograph;
  return has_extent(tensor) ? kFeatures : 1.0;
}

}  // namespace

CodecCosts modelled_codec(const network::Network& network, FeatureCoding coding, int batch) {
  CodecCosts costs;
  for (const network::Boundary& boundary : network.boundaries()) {
    double bytes = 0;
    for (const network::TensorSpec& tensor : boundary.tensors) {
      const double ratio = coding == FeatureCoding::eight_bit_png ? png_ratio(tensor) : 1.0;
      bytes += batch * ratio * static_cast<double>(tensor.elements());
    }
    costs.bytes.push_back(bytes);
  }
  costs.encode.assign(costs.bytes.size(), {});
  costs.decode.assign(costs.bytes.size(), {});
  return costs;
}

}  // namespace tandem::profile
