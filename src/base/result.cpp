#include "tandem/base/result.hpp"

namespace tandem {

const char* name_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return "INVALID_ARGUMENT";
    case Errc::not_found: return "NOT_FOUND";
    case Errc::failed_precondition: return "FAILED_PRECONDITION";
    case Errc::resource_exhausted: return "RESOURCE_EXHAUSTED";
    case Errc::unavailable: return "UNAVAILABLE";
    case Errc::deadline_exceeded: return "DEADLINE_EXCEEDED";
    case Errc::cancelled: return "CANCELLED";
    case Errc::unimplemented: return "UNIMPLEMENTED";
    case Errc::data_loss: return "DATA_LOSS";
    case Errc::internal: return "INTERNAL";
  }
  return "INTERNAL";
}

}  // namespace tandem
