// Inference messages as bytes, without copying tensors through protobuf.
//
// On the wire the raw contents of a message's tensors are one repeated `bytes` field. Everything else, the head, is
// small and goes through protobuf; the tensors' bytes are put behind it as slices of their own on the way out, and read
// straight into their vectors on the way in.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstddef>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"

namespace tandem::rpc {

using RawContents = std::vector<std::vector<std::byte>>;

// The field number of raw contents in ModelInferRequest and in ModelInferResponse.
inline constexpr int kRawInputContents = 7;
inline constexpr int kRawOutputContents = 6;

// Takes over `contents`: the buffer keeps them alive.
grpc::ByteBuffer join(const google::protobuf::MessageLite& head, int raw_field, RawContents contents);

// Parses everything but the field `raw_field` into `head`. Allocates no more than the message has bytes.
// Error: invalid_argument where the bytes are not such a message.
Result<RawContents> split(const grpc::ByteBuffer& message, int raw_field, google::protobuf::MessageLite& head);

}  // namespace tandem::rpc
