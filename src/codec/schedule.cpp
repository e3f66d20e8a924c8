#include "schedule.hpp"

#include <algorithm>

namespace tandem::codec {
namespace {

constexpr std::size_t kNarrow = 25;  // columns
constexpr std::size_t kFewRows = 8;
constexpr std::size_t kBehind = 2;  // places a lane is behind the one above it
constexpr std::size_t kMargin = 2;  // places beside and above a plane that a neighbour may lie in

constexpr std::uint16_t kAllLanes = 0xffff;

std::ptrdiff_t distance(std::ptrdiff_t rows, std::ptrdiff_t columns) {
  return rows * static_cast<std::ptrdiff_t>(kBufferColumns) + columns;
}

}  // namespace

bool is_narrow(const PlaneShape& shape) {
  return shape.width < kNarrow || shape.height < kFewRows;
}

std::size_t first_unusable_reference(const PlaneShape& shape, std::size_t channel) {
  return is_narrow(shape) ? channel / kLanes * kLanes : channel;
}

Schedule::Schedule(const PlaneShape& shape) : shape_(shape), narrow_(is_narrow(shape)) {
  if (narrow_) {
    groups_ = (shape.channels + kLanes - 1) / kLanes;
    const std::size_t pitch = shape.width + kMargin;
    const auto above = static_cast<std::ptrdiff_t>(pitch);
    for (std::size_t i = 0; i < kOwnTaps; ++i) {
      neighbours_[i] = distance(kOwnPlaces[i][0] * above + kOwnPlaces[i][1], 0);
    }
    buffer_rows_ = (shape.height + kMargin) * pitch;
    steps_.reserve(shape.plane());
    for (std::size_t y = 0; y < shape.height; ++y) {
      for (std::size_t x = 0; x < shape.width; ++x) {
        steps_.push_back({.row = static_cast<std::uint32_t>((y + kMargin) * pitch + x), .active = kAllLanes});
      }
    }
    return;
  }
  groups_ = shape.channels;
  period_ = std::max(shape.width + kMargin, kBehind * kLanes);
  mirror_rows_ = period_ - kBehind * kLanes;
  for (std::size_t i = 0; i < kOwnTaps; ++i) {
    // A row up is a lane to the left, which was at the same column kBehind steps ago.
    const auto [up, right] = kOwnPlaces[i];
    neighbours_[i] = distance(static_cast<std::ptrdiff_t>(kBehind) * up + right, up);
  }
  const std::size_t bands = (shape.height + kLanes - 1) / kLanes;
  const std::size_t lanes_of_last = shape.height - (bands - 1) * kLanes;
  const std::size_t last = bands == 1 ? lanes_of_last : std::max(lanes_of_last, kLanes);
  const std::size_t count = (bands - 1) * period_ + shape.width + kBehind * (last - 1);
  constexpr std::size_t kRowsAbove = kBehind * kMargin;
  buffer_rows_ = count + kRowsAbove + mirror_rows_;
  steps_.resize(count);
  for (std::size_t step = 0; step < count; ++step) steps_[step].row = static_cast<std::uint32_t>(step + kRowsAbove);
  for (std::size_t y = 0; y < shape.height; ++y) {
    for (std::size_t x = 0; x < shape.width; ++x) {
      const Turn its = turn(0, y, x);
      steps_[its.step].active = static_cast<std::uint16_t>(steps_[its.step].active | 1U << its.lane);
    }
  }
}

Schedule::Turn Schedule::turn(std::size_t channel, std::size_t y, std::size_t x) const {
  if (narrow_) return {.step = y * shape_.width + x, .lane = channel % kLanes};
  const std::size_t lane = y % kLanes;
  return {.step = y / kLanes * period_ + x + kBehind * lane, .lane = lane};
}

std::uint16_t Schedule::lanes_of(std::size_t group) const {
  const std::size_t left = shape_.channels - group * kLanes;
  return narrow_ && left < kLanes ? static_cast<std::uint16_t>((1U << left) - 1) : kAllLanes;
}

}  // namespace tandem::codec
