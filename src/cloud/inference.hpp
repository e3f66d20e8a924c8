// One request on one loaded segment: decode, compute, encode.
//
// Thread rule: free functions without shared state.
#pragma once

#include "arrival.hpp"
#include "loaded_model.hpp"
#include "segment.hpp"
#include "tandem/rpc/message.hpp"

namespace tandem::cloud {

// Whether the request fits the segment, as far as it can be told without decoding. Errors: invalid_argument naming what
// does not fit (inputs, their types and shapes, codecs, outputs wished for); failed_precondition for an image where the
// segment takes none.
Status check(const rpc::InferRequest& request, const Segment& segment);
// The same of a request whose one input is to come in parts, in pieces: its type and shape are found out as they come.
Status check_announced(const rpc::InferRequest& request, const Segment& segment);

// The answer's times lack the queue's. `arrival`: has the input, or null. Precondition: the request was checked against
// the segment. Errors: invalid_argument, data_loss (a tensor that does not decode), internal.
Result<rpc::InferAnswer> infer(const rpc::InferRequest& request, Arrival* arrival, const Segment& segment,
                               LoadedModel& model);

}  // namespace tandem::cloud
