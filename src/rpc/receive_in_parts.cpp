#include "receive_in_parts.hpp"

#include <fmt/format.h>

#include <utility>

#include "datatype.hpp"
#include "incoming.hpp"

namespace tandem::rpc {

ReceiveInParts::ReceiveInParts(const grpc::CallbackServerContext* context, grpc::ByteBuffer* answer,
                               std::size_t most_bytes, Handler& handler)
    : Answering(answer), context_(context), most_bytes_(most_bytes), handler_(handler) {
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
  auto request = whole_request();
  if (!request) return Finish(to_grpc(forward_error(request)));
  handler_.infer(call(std::move(*request), deadline_of(*context_), std::move(arrival_)));
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
    return begin(std::move(fields));
  }
  if (contents->size() != 1 || fields.ByteSizeLong() > 0) {
    return fail(Errc::invalid_argument, "a part of a request has one entry of raw contents and nothing else");
  }
  std::vector<std::byte>& part = contents->front();
  if (part.size() > most_bytes_ - bytes_) {
    return fail(Errc::resource_exhausted, fmt::format("the request has more than {} bytes", most_bytes_));
  }
  bytes_ += part.size();
  if (arrival_) return arrival_->take(std::move(part));
  contents_.insert(contents_.end(), part.begin(), part.end());
  return {};
}

Status ReceiveInParts::begin(inference::ModelInferRequest head) {
  head_ = std::move(head);
  has_head_ = true;
  if (Status version = check_version(head_.model_name(), head_.model_version()); !version) return version;
  auto arrival = handler_.arriving(request_without_contents(head_));
  if (!arrival) return forward_error(arrival);
  arrival_ = std::move(*arrival);
  return {};
}

Result<InferRequest> ReceiveInParts::whole_request() {
  if (arrival_) return request_without_contents(head_);
  auto& input = *head_.mutable_inputs(0);
  input.set_datatype(std::string(datatype_of(network::ElementType::u8)));
  input.clear_shape();
  input.add_shape(static_cast<std::int64_t>(contents_.size()));
  RawContents all;
  all.push_back(std::move(contents_));
  return request_from(head_, std::move(all));
}

}  // namespace tandem::rpc
