// Which of many feature vectors have the least scalar product with some prices, none below zero: the corners of the
// convex hull of the vectors and all that is worse than them.
#pragma once

#include <vector>

#include "features.hpp"

namespace tandem::plan {

// Indices in ascending order; one of those that are equal. To rounding: what is nowhere better than the others by over
// 1e-12 of the largest features may be left out. Output-sensitive (Clarkson 1994): a linear program with a row per
// corner found so far for each vector that no corner dominates.
std::vector<std::size_t> extreme_points(const std::vector<Features>& points);

}  // namespace tandem::plan
