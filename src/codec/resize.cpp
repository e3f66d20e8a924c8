#include "resize.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <vector>

namespace tandem::codec {
namespace {

constexpr std::size_t kChannels = 3;

// Which source pixels make an output pixel: `weights` apply from `first` on and sum to one.
struct Taps {
  std::size_t first = 0;
  std::vector<float> weights;
};

std::vector<Taps> taps_of_axis(double begin, double length, int source_size, int size) {
  const double scale = length / size;
  const double reach = std::max(scale, 1.0);
  std::vector<Taps> axis;
  axis.reserve(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) {
    const double centre = begin + (i + 0.5) * scale;
    const int first = std::clamp(static_cast<int>(std::floor(centre - reach)), 0, source_size - 1);
    const int last = std::clamp(static_cast<int>(std::ceil(centre + reach)), first + 1, source_size);
    Taps taps{.first = static_cast<std::size_t>(first), .weights = {}};
    double sum = 0;
    for (int source = first; source < last; ++source) {
      const double weight = std::max(0.0, 1.0 - std::fabs(source + 0.5 - centre) / reach);
      taps.weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (float& weight : taps.weights) weight = static_cast<float>(weight / sum);
    axis.push_back(std::move(taps));
  }
  return axis;
}

std::vector<float> resize_rows(const Image& image, const std::vector<Taps>& columns, std::size_t first_row,
                               std::size_t rows) {
  std::vector<float> result(rows * columns.size() * kChannels);
  float* out = result.data();
  for (std::size_t row = first_row; row < first_row + rows; ++row) {
    const std::uint8_t* source = image.rgb.data() + row * static_cast<std::size_t>(image.width) * kChannels;
    for (const Taps& taps : columns) {
      float sum[kChannels] = {};
      const std::uint8_t* pixel = source + taps.first * kChannels;
      for (const float weight : taps.weights) {
        for (std::size_t c = 0; c < kChannels; ++c) sum[c] += weight * static_cast<float>(*pixel++);
      }
      out = std::ranges::copy(sum, out).out;
    }
  }
  return result;
}

std::uint8_t to_pixel(float value) {
  return static_cast<std::uint8_t>(std::clamp(value + 0.5F, 0.0F, 255.0F));
}

}  // namespace

Image resize(const Image& image, const Box& box, int width, int height) {
  assert(width > 0 && height > 0 && box.width > 0 && box.height > 0);
  const std::vector<Taps> columns = taps_of_axis(box.left, box.width, image.width, width);
  const std::vector<Taps> rows = taps_of_axis(box.top, box.height, image.height, height);
  const std::size_t first_row = rows.front().first;
  const std::size_t row_count = rows.back().first + rows.back().weights.size() - first_row;
  const std::vector<float> narrowed = resize_rows(image, columns, first_row, row_count);

  const std::size_t row_values = columns.size() * kChannels;
  Image result{.width = width, .height = height, .rgb = {}};
  result.rgb.reserve(rows.size() * row_values);
  std::vector<float> sums(row_values);
  for (const Taps& taps : rows) {
    std::ranges::fill(sums, 0.0F);
    const float* source = narrowed.data() + (taps.first - first_row) * row_values;
    for (const float weight : taps.weights) {
      for (float& sum : sums) sum += weight * *source++;
    }
    std::ranges::transform(sums, std::back_inserter(result.rgb), to_pixel);
  }
  return result;
}

}  // namespace tandem::codec
