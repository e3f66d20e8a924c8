#include "tandem/network/image_input.hpp"

namespace tandem::network {}
