// How our HTTP/2 connections are set up, for client and server alike.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>

namespace tandem::rpc {

// Connects on first use; shares no connection with other channels.
std::shared_ptr<grpc::Channel> make_channel(const std::string& address);

void tune_server(grpc::ServerBuilder& builder, std::size_t max_message_bytes);

}  // namespace tandem::rpc
