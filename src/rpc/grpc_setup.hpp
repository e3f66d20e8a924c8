// What gRPC needs once per process, before anything else of it is used.
#pragma once

namespace tandem::rpc {

// Sends what gRPC and protobuf write to standard error to tandem::logger() instead, at level debug, and keeps gRPC
// initialised until the process ends: its shutdown, which otherwise runs when the last channel or server goes, at times
// waits ten seconds for a thread of its own (gRPC 1.51). Any number of calls; safe from any thread.
void set_up_grpc();

}  // namespace tandem::rpc
