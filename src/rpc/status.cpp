#include "status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tandem::rpc {
namespace {

struct Row {
  Errc ours;
  grpc::StatusCode theirs;
};

// In either direction the first row that fits counts.
constexpr std::array kTable{
    Row{Errc::invalid_argument, grpc::StatusCode::INVALID_ARGUMENT},
    Row{Errc::not_found, grpc::StatusCode::NOT_FOUND},
    Row{Errc::failed_precondition, grpc::StatusCode::FAILED_PRECONDITION},
    Row{Errc::resource_exhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    Row{Errc::unavailable, grpc::StatusCode::UNAVAILABLE},
    Row{Errc::deadline_exceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    Row{Errc::cancelled, grpc::StatusCode::CANCELLED},
    Row{Errc::unimplemented, grpc::StatusCode::UNIMPLEMENTED},
    Row{Errc::data_loss, grpc::StatusCode::DATA_LOSS},
    Row{Errc::internal, grpc::StatusCode::INTERNAL},
    Row{Errc::invalid_argument, grpc::StatusCode::OUT_OF_RANGE},
    Row{Errc::failed_precondition, grpc::StatusCode::ALREADY_EXISTS},
    Row{Errc::failed_precondition, grpc::StatusCode::PERMISSION_DENIED},
    Row{Errc::failed_precondition, grpc::StatusCode::UNAUTHENTICATED},
    Row{Errc::unavailable, grpc::StatusCode::ABORTED},
    Row{Errc::internal, grpc::StatusCode::UNKNOWN},
};

// Peers may send several lines; an Error has one.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

grpc::Status to_grpc(const Status& status) {
  if (status) return grpc::Status::OK;
  const auto* row = std::ranges::find(kTable, status.error().code, &Row::ours);
  return {row == kTable.end() ? grpc::StatusCode::INTERNAL : row->theirs, status.error().message};
}

Status from_grpc(const grpc::Status& status, const std::string& peer) {
  if (status.ok()) return {};
  const auto* row = std::ranges::find(kTable, status.error_code(), &Row::theirs);
  const Errc code = row == kTable.end() ? Errc::internal : row->ours;
  return fail(code, fmt::format("{}: {}", peer, one_line(status.error_message())));
}

}  // namespace tandem::rpc
