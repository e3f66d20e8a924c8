// Calls the cloud for one segment of a plan: codes the inputs, sends them, decodes the answer, and accounts for the
// time. After a failure it stays away for a while, so that a dead cloud costs one deadline and not one per request.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tandem/base/clock.hpp"
#include "tandem/base/result.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/device/answer.hpp"
#include "tandem/link/estimator.hpp"
#include "tandem/link/link.hpp"
#include "tandem/network/network.hpp"
#include "tandem/profile/load.hpp"
#include "tandem/rpc/client.hpp"

namespace tandem::device {

struct CloudSegment {
  std::string model;  // see rpc/segment_name.hpp
  int first = 1;
  int last = 1;
  const network::Boundary* input = nullptr;
  const network::Boundary* output = nullptr;
  std::string input_codec;
  std::string output_codec;
  codec::Priors priors{};   // of the input, known to the cloud
  Milliseconds profiled{};  // what the cloud takes without load; zero where unknown
};

class CloudCaller {
 public:
  CloudCaller(std::unique_ptr<rpc::Client> client, const link::Link& link, double slowdown)
      : client_(std::move(client)), estimator_(link), slowdown_(slowdown) {}

  // Of the priors those that the cloud's network has; none where it does not say.
  codec::Priors shared(const codec::Priors& priors, const std::string& network, Milliseconds deadline);

  // Asks the cloud to make the segment's model ready.
  Status prepare(const CloudSegment& segment, Milliseconds deadline);

  // `inputs` hold the bytes of the boundary's tensors.
  // Adds its steps and compute time to `account`. `jpeg` holds the input image as a JPEG file where input_codec is
  // "jpeg".
  Result<std::vector<network::Tensor>> call(const CloudSegment& segment,
                                            std::span<const std::span<const std::byte>> inputs,
                                            std::span<const std::byte> jpeg, Milliseconds deadline, Answer& account);

  // Whether the cloud may be tried now; the reason of the last failure otherwise.
  [[nodiscard]] Status available() const;

  // What the calls so far say about the link, and about the cloud's load (K_cloud).
  [[nodiscard]] link::Link link() const { return estimator_.current(); }
  [[nodiscard]] double load() const { return load_; }
  [[nodiscard]] bool knows_load() const { return compute_ratio_.observed() > 0; }

 private:
  struct Sent {
    Instant begin{};        // from when on it was sent: what came before was coding
    double bytes = 0;       // coded
    Milliseconds behind{};  // of coding after `begin`
  };
  Result<rpc::InferAnswer> send_whole(const CloudSegment& segment, std::span<const std::span<const std::byte>> inputs,
                                      std::span<const std::byte> jpeg, Instant deadline, Sent& sent);
  // While its first pieces are on the link, the others are coded. Error: unimplemented, also, from a server that is not
  // ours.
  Result<rpc::InferAnswer> send_in_parts(const CloudSegment& segment, std::span<const std::byte> input,
                                         Instant deadline, Sent& sent);
  void note_failure(const Error& error);
  void note_timeout(const CloudSegment& segment, Bytes up, Milliseconds waited);
  void note_load(const CloudSegment& segment, const rpc::InferAnswer& answer);

  std::unique_ptr<rpc::Client> client_;
  link::Estimator estimator_;
  profile::LoadRatio compute_ratio_;
  double load_ = 1.0;
  double slowdown_;  // emulated, of this device
  bool knows_parts_ = true;
  std::optional<Error> failure_;
  Milliseconds stay_away_{0};
  Instant try_again_{};
};

}  // namespace tandem::device
