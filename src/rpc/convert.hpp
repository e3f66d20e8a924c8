// Protocol messages to our values and back. What comes from a peer is checked here: shapes, sizes, names of types.
#pragma once

#include "open_inference.pb.h"
#include "tandem/base/result.hpp"
#include "tandem/rpc/message.hpp"
#include "wire.hpp"

namespace tandem::rpc {

// The part of a message that goes through protobuf; its tensors' payloads are left for `take_payloads`.
inference::ModelInferRequest head_of(const InferRequest& request);
inference::ModelInferResponse head_of(const InferAnswer& answer);
RawContents take_payloads(std::vector<WireTensor> tensors);

// Errors: invalid_argument naming the tensor (unknown datatype, a shape that is negative or too large, bytes that do
// not fit the shape, raw and typed contents mixed); data_loss for a coded tensor whose header is damaged.
Result<InferRequest> request_from(const inference::ModelInferRequest& head, RawContents contents);
// Without contents: the inputs have names and codecs only.
InferRequest request_without_contents(const inference::ModelInferRequest& head);
Result<InferAnswer> answer_from(const inference::ModelInferResponse& head, RawContents contents);

inference::ModelMetadataResponse message_of(const ModelMetadata& metadata);
// Error: data_loss (a datatype we do not know).
Result<ModelMetadata> metadata_from(const inference::ModelMetadataResponse& message);

}  // namespace tandem::rpc
