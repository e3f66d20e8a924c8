#include "planes.hpp"

namespace tandem::codec {

PlaneShape plane_shape(std::span<const std::int64_t> dimensions) {
  PlaneShape shape;
  if (dimensions.empty()) return shape;
  shape.width = static_cast<std::size_t>(dimensions.back());
  if (dimensions.size() >= 3) {
    shape.height = static_cast<std::size_t>(dimensions[dimensions.size() - 2]);
    dimensions = dimensions.first(dimensions.size() - 1);
  }
  for (const std::int64_t size : dimensions.first(dimensions.size() - 1)) {
    shape.channels *= static_cast<std::size_t>(size);
  }
  return shape;
}

}  // namespace tandem::codec
