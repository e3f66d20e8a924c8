// Result<T>: a value, or an Error that says what went wrong in one line.
//
//   Result<Link> link = link::load(path);
//   if (!link) return forward_error(link);
//   use(*link);
//
// No exception crosses a module boundary except std::bad_alloc; exceptions of libraries are caught in the adapter that
// calls them. An answer such as "no plan meets the deadline" is a value, not an Error.
// Thread rule: values, no shared state.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace tandem {

// A subset of gRPC's status codes, so that the mapping to and from the wire is one table (rpc/status.hpp).
enum class Errc {
  invalid_argument,     // bad usage or bad input: the caller must change something
  not_found,            // a file, a network, a layer that is not there
  failed_precondition,  // well-formed, but does not fit (a profile of another network)
  resource_exhausted,   // over a memory or queue budget
  unavailable,          // a peer that cannot be reached; worth another try
  deadline_exceeded,    // no answer in time
  cancelled,            // the caller gave up
  unimplemented,        // known, and not supported
  data_loss,            // bytes that do not decode
  internal,             // a defect of ours or of a library
};

// The gRPC-style name of a code, such as "INVALID_ARGUMENT".
const char* name_of(Errc code);

// `message` is one line for a person: what, where, and what to do about it.
struct Error {
  Errc code = Errc::internal;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// return fail(Errc::not_found, "no such file");
[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

// Passes the error of a failed result on as the error of another result type.
template <class T>
[[nodiscard]] tl::unexpected<Error> forward_error(const Result<T>& failed) {
  return tl::unexpected<Error>(failed.error());
}

// As forward_error, with where it happened put in front: "profile.json: field 'layers' is missing".
template <class T>
[[nodiscard]] tl::unexpected<Error> forward_error(const Result<T>& failed, const std::string& where) {
  return tl::unexpected<Error>(Error{failed.error().code, where + ": " + failed.error().message});
}

}  // namespace tandem
