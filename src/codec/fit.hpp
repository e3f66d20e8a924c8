// Filters for one tensor, found in a few cycles a value from a sample of its places.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model.hpp"
#include "planes.hpp"

namespace tandem::codec {

// Coefficients are sent in kFilterBits bits, multiples of kFilterStep.
inline constexpr unsigned kFilterBits = 7;
inline constexpr int kFilterStep = 1 << 7;
inline constexpr std::size_t kMostFittedReferences = 5;

struct FittedFilters {
  std::array<std::int16_t, kOwnTaps> shared{};
  std::vector<ChannelModel> channels;
  std::vector<bool> own;  // whether a channel has a filter of its own, with or without references
};

FittedFilters fit_filters(std::span<const std::uint8_t> codes, const PlaneShape& shape, unsigned levels);

// Means and activities are sent coarsely: the nearest that can be.
std::int16_t coarse_mean(int mean, unsigned levels);
std::uint16_t coarse_activity(int activity);
// Means are multiples of 2^this: of a code, or of a quarter of one where there are few levels.
unsigned mean_shift(unsigned levels);
unsigned mean_shift_for(unsigned levels, int activity);
inline constexpr unsigned kFewLevels = 32;

}  // namespace tandem::codec
