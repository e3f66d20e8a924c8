#include "receive_in_parts.hpp"

#include <fmt/format.h>

#include <utility>

#include "datatype.hpp"

namespace tandem::rpc {

ReceiveInParts::ReceiveInParts(const grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
                               std::size_t most_bytes, Dispatch dispatch)
    : Answering(answer), context_(context), most_bytes_(most_bytes), dispatch_(std::move(dispatch)) {
  StartRead(&message_);
}

void ReceiveInParts::OnReadDone(bool ok) {
  if (ok) {
    if (const Status taken = take(message_); !taken) return Finish(to_grpc(taken));
    message_.Clear();
    return StartRead(&message_);
  }
  if (context_->IsCancelled()) return Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client gave up"));
  if (!has_head_) return Finish(to_grpc(fail(Errc::invalid_argument, "the call ended without a request")));
  auto& input = *head_.mutable_inputs(0);
  input.set_datatype(std::string(datatype_of(network::ElementType::u8)));
  input.clear_shape();
  input.add_shape(static_cast<std::int64_t>(contents_.size()));
  RawContents all;
  all.push_back(std::move(contents_));
  dispatch_(head_, std::move(all), *this);
}

Status ReceiveInParts::take(const grpc::ByteBuffer& message) {
  inference::ModelInferRequest fields;
  auto contents = split(message, kRawInputContents, fields);
  if (!contents) return forward_error(contents);
  if (!has_head_) {
    if (fields.inputs_size() != 1 || !contents->empty() || fields.inputs(0).contents().ByteSizeLong() > 0) {
      return fail(Errc::invalid_argument,
                  "a request in parts has one input, and its contents in the messages after it");
    }
    head_ = std::move(fields);
    has_head_ = true;
    return {};
  }
  if (contents->size() != 1 || fields.ByteSizeLong() > 0) {
    return fail(Errc::invalid_argument, "a part of a request has one entry of raw contents and nothing else");
  }
  const std::vector<std::byte>& part = contents->front();
  if (part.size() > most_bytes_ - contents_.size()) {
    return fail(Errc::resource_exhausted, fmt::format("the request has more than {} bytes", most_bytes_));
  }
  contents_.insert(contents_.end(), part.begin(), part.end());
  return {};
}

}  // namespace tandem::rpc
