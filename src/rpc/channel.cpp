#include "channel.hpp"

#include <grpcpp/create_channel.h>

#include <algorithm>
#include <limits>

#include "grpc_setup.hpp"

namespace tandem::rpc {
namespace {

// HTTP/2 lets a sender have this much of a call on the way before it waits for the receiver's leave, 64 kB by default;
// a larger tensor would then take a round trip more than its bytes need. gRPC itself opens the window far wider as long
// as its probing of the bandwidth is on (it is by default, and with it off gRPC 1.51 falls back to 64 kB whatever is
// asked for); what is set here counts until then, for the first tensor of a connection.
constexpr int kWindowBytes = 8 << 20;

// A connection attempt may take this long: a slow link needs several round trips.
constexpr int kConnectTimeoutMs = 5000;
// Where the peer refuses at once, the next attempt comes soon: a restarted server is found within a second.
constexpr int kFirstBackoffMs = 100;
constexpr int kLongestBackoffMs = 1000;

// While calls run, a silent peer is asked whether it is there; without calls nothing is sent, radios sleep.
constexpr int kKeepaliveMs = 30000;
constexpr int kKeepaliveTimeoutMs = 10000;

int as_limit(std::size_t bytes) {
  return static_cast<int>(std::min(bytes, static_cast<std::size_t>(std::numeric_limits<int>::max())));
}

}  // namespace

std::shared_ptr<grpc::Channel> make_channel(const std::string& address) {
  set_up_grpc();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(std::numeric_limits<int>::max());
  arguments.SetMaxSendMessageSize(std::numeric_limits<int>::max());
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestBackoffMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

void tune_server(grpc::ServerBuilder& builder, std::size_t max_message_bytes) {
  set_up_grpc();
  builder.SetMaxReceiveMessageSize(as_limit(max_message_bytes));
  builder.SetMaxSendMessageSize(std::numeric_limits<int>::max());
  // Two servers on one port would share its connections in silence; a port in use must be an error.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kWindowBytes);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kKeepaliveMs / 2);
}

}  // namespace tandem::rpc
