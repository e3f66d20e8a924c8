// The device half: runs a plan, its own segments here and the others in the cloud, and falls back where the cloud
// fails.
//
//   device::SessionOptions options{.network = *network::load("model.onnx"), .plan = plan, .cloud = "cloud:8001"};
//   Result<std::unique_ptr<Session>> session = Session::open(std::move(options));
//   Result<Answer> answer = (*session)->infer({tensor}, Milliseconds{2000});
//
// A cloud that cannot be reached, or does not answer in time, is no error unless require_cloud is set: the segment runs
// on the device and the answer says `degraded`. After a failure the cloud is left alone for a while (1 s, doubling up
// to 30 s), so that a dead cloud costs one deadline, not one per request. Thread rule: infer() is for one thread at a
// time; open several sessions for more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/codec/image.hpp"
#include "tandem/codec/prior.hpp"
#include "tandem/device/answer.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/link/link.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/network.hpp"
#include "tandem/plan/plan.hpp"
#include "tandem/profile/load.hpp"

namespace tandem::device {

struct SessionOptions {
  network::Network network;
  plan::Plan plan;
  std::string cloud;             // HOST:PORT; may be empty for a plan that stays on the device
  std::string network_in_cloud;  // its name there; empty: network.name()
  engine::CompileOptions compile;
  link::Link link;                    // as planned with: where the estimate of the link starts, and the radio's energy
  profile::LoadFactors planned_load;  // that the plan's latencies include: what they are over the profile's
  Milliwatts busy_power{};
  Milliwatts idle_power{};
  std::optional<network::ImageInput> image_input;  // for infer_image
  int jpeg_quality = 90;                           // where the plan sends the input as a JPEG file
  codec::Priors priors{};                          // of the network; those that the cloud has, too, code what is sent
  bool require_cloud = false;
  Milliseconds warm_up_deadline{20000};  // for the cloud to make its segments ready, in open()
};

class Session {
 public:
  // Compiles what runs here and asks the cloud to make ready what runs there. Errors: invalid_argument (the plan does
  // not cover the network), unavailable (require_cloud, and it cannot be reached), and compile's.
  static Result<std::unique_ptr<Session>> open(SessionOptions options);
  virtual ~Session() = default;

  // `inputs` as boundary 0 of the network. Errors: invalid_argument (types or shapes differ; the plan sends a JPEG);
  // with require_cloud: unavailable, deadline_exceeded, and whatever the cloud refuses with.
  virtual Result<Answer> infer(const std::vector<network::Tensor>& inputs, Milliseconds deadline) = 0;
  // Fits `photo` to the network's input first, unless it has its size already; the time that takes is the device's.
  // Error besides infer's: failed_precondition without image_input.
  virtual Result<Answer> infer_image(const codec::Image& photo, Milliseconds deadline) = 0;

  [[nodiscard]] virtual const plan::Plan& plan() const = 0;
  // From the next request on, runs by this plan, made for `planned_load`; what is known of link and load stays. Where
  // it cannot (open()'s errors), all is as before. Compiles, so call it between requests.
  virtual Status follow(const plan::Plan& plan, const profile::LoadFactors& planned_load) = 0;
  // As the requests so far show: what the next plan should be made with. The factors compare the times of the plan's
  // segments with their predicted ones, and stay those planned with where a plan predicts none.
  [[nodiscard]] virtual link::Link link() const = 0;
  [[nodiscard]] virtual profile::LoadFactors load() const = 0;
  // Why the cloud is not in use right now; empty where it is, or is not needed.
  [[nodiscard]] virtual std::string warning() const = 0;
};

}  // namespace tandem::device
