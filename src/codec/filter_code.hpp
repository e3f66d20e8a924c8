// How the filters of a fitted model are written: numbers that are alike in neighbouring channels, each as its
// difference to what it was of late, by an adaptive coder.
#pragma once

#include "adaptive_bits.hpp"
#include "fit.hpp"

namespace tandem::codec {

void write_filters(const FittedFilters& filters, unsigned levels, AdaptiveWriter& writer);
// Of any bytes, numbers within their ranges; check() of predicted.hpp says whether they make a model.
FittedFilters read_filters(std::size_t channels, unsigned levels, AdaptiveReader& reader);

}  // namespace tandem::codec
