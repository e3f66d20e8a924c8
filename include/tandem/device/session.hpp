// The device half: runs a plan, its own segments here and the others in the cloud, and falls back where the cloud
// fails.
//
//   device::SessionOptions options{.network = *network::load("model.onnx"), .plan = plan, .cloud = "cloud:8001"};
//   Result<std::unique_ptr<Session>> session = Session::open(std::move(options));
//   Result<Answer> answer = (*session)->infer({tensor}, Milliseconds{2000});
//
// A cloud that cannot be reached, or does not answer in time, is no error unless require_cloud is set: the segment runs
// on the device and the answer says `degraded`. Thread rule: infer() is for one thread at a time; open several sessions
// for more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/link/link.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/network.hpp"
#include "tandem/plan/plan.hpp"
#include "tandem/rpc/message.hpp"

namespace tandem::device {

struct SessionOptions {
  network::Network network;
  plan::Plan plan;
  std::string cloud;             // HOST:PORT; may be empty for a plan that stays on the device
  std::string network_in_cloud;  // its name there; empty: network.name()
  engine::CompileOptions compile;
  link::Link link;          // for splitting transfer time into upload and download, and for the radio's energy
  Milliwatts busy_power{};  // for modelled energy
  Milliwatts idle_power{};
  bool require_cloud = false;
  int jpeg_quality = 90;  // where the plan sends the input as JPEG
};

// What one segment or transfer took, in order of execution.
struct Step {
  enum class Kind { device, encode, upload, cloud, download, decode };
  Kind kind = Kind::device;
  int first = 0;  // layers, for device and cloud
  int last = 0;
  Milliseconds time{};
  std::size_t bytes = 0;  // coded, for upload and download
};

struct Answer {
  std::vector<network::Tensor> outputs;
  Milliseconds total{};
  std::vector<Step> steps;
  Millijoules energy{};   // modelled from times, bytes and powers
  bool degraded = false;  // something that was planned for the cloud ran here
  std::string warning;    // why

  [[nodiscard]] Milliseconds time(Step::Kind kind) const;  // sum over steps of a kind
  [[nodiscard]] std::size_t bytes(Step::Kind kind) const;
};

class Session {
 public:
  // Compiles what runs here and asks the cloud to make ready what runs there. Errors: invalid_argument (the plan does
  // not cover the network), unavailable (require_cloud, and it cannot be reached), and compile's.
  static Result<std::unique_ptr<Session>> open(SessionOptions options);
  virtual ~Session() = default;

  // `inputs` as boundary 0 of the network. Errors: invalid_argument (types or shapes differ); with require_cloud:
  // unavailable, deadline_exceeded.
  virtual Result<Answer> infer(std::vector<network::Tensor> inputs, Milliseconds deadline) = 0;
  [[nodiscard]] virtual const plan::Plan& plan() const = 0;
};

}  // namespace tandem::device
