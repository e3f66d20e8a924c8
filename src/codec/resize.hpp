// Resizing a part of an image with a triangle filter as wide as the reduction, so that fine texture does not alias.
#pragma once

#include "tandem/codec/image.hpp"

namespace tandem::codec {

// In pixels of the source, fractions allowed; the first pixel reaches from 0 to 1.
struct Box {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
};

// Where an axis is enlarged the filter is plain bilinear. The filter may look past the box into the image around it.
// Precondition: the box lies within the image and is not empty; width and height are positive.
Image resize(const Image& image, const Box& box, int width, int height);

}  // namespace tandem::codec
