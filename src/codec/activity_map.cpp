#include "activity_map.hpp"

#include <algorithm>

namespace tandem::codec {
namespace {

constexpr int kMost = 16 * kUsual - 1;
constexpr int kMemory = 5;  // a channel is forgotten by 2^-kMemory with each after it

}  // namespace

ActivityMap::ActivityMap(const PlaneShape& shape)
    : shape_{.channels = 1, .height = shape.height, .width = shape.width}, map_(shape_) {
  for (std::size_t y = 0; y < shape_.height; ++y) {
    std::fill_n(map_.row(0, y), shape_.width, static_cast<std::int16_t>(kUsual));
  }
}

void ActivityMap::add(const MarginPlanes& errors, std::size_t channel, int activity) {
  const int inverse = (kUsual << 8) / std::max(activity, 1);
  for (std::size_t y = 0; y < shape_.height; ++y) {
    const std::int16_t* const error = errors.row(channel, y);
    std::int16_t* const row = map_.row(0, y);
    for (std::size_t x = 0; x < shape_.width; ++x) {
      const int relative = std::min((error[x] * inverse) >> 8, kMost);
      row[x] = static_cast<std::int16_t>(row[x] + ((relative - row[x] + (1 << (kMemory - 1))) >> kMemory));
    }
  }
}

}  // namespace tandem::codec
