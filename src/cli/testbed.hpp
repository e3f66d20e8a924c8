// A device, a wireless link and a cloud on this machine, for the demo and the split bench: the cloud is a process of
// its own, the link our shaping proxy between two sockets, the device this process with an emulated slowness.
//
//   auto testbed = Testbed::start({"zoo:alexnet"}, options, progress);
//   Result<Trial> trial = (*testbed)->run(0, *link::find("4g"), Mode::tandem, 5);
//
// Thread rule: one thread, the one that started it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "child_process.hpp"
#include "device_profile.hpp"
#include "inputs.hpp"
#include "tandem/base/result.hpp"
#include "tandem/device/answer.hpp"
#include "tandem/device/session.hpp"
#include "tandem/engine/measure.hpp"
#include "tandem/link/link.hpp"
#include "tandem/link/shaper.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/network.hpp"
#include "tandem/plan/plan.hpp"
#include "tandem/profile/cost_table.hpp"

namespace tandem::cli {

enum class Mode { device_only, cloud_raw, cloud_jpeg, tandem };
std::string_view name_of(Mode mode);

// One way of running a network over a link.
struct Way {
  Mode mode = Mode::tandem;
  int requests = 3;   // counted in each round
  std::string codec;  // of Mode::tandem, in place of the testbed's
};

struct TestbedOptions {
  DeviceOptions device;
  std::vector<std::string> images;  // for networks that take images; others get random inputs
  plan::Objective objective = plan::Objective::latency;
  std::string codec = "auto";  // of Mode::tandem
  // Codecs measured beside those that "auto" chooses from, only for runs that name them.
  std::vector<std::string> compared;
};

// One network with all that is known about it.
struct TestNetwork {
  network::Network network;
  Result<network::ImageInput> image_input;
  std::vector<Input> inputs;  // images already of the network's size, as a camera would give them
  profile::CostTable device;
  profile::CostTable cloud;
};

// What one network came to over one link in one way, over several requests.
struct Trial {
  plan::Plan plan;
  Milliseconds predicted{};     // of the plan and of preparing the input
  engine::Statistics latency;   // measured
  engine::Statistics overhead;  // beyond device compute + bytes / rate + round trip + cloud compute
  Milliseconds limit{};         // the median of that sum
  Milliseconds coding{};        // mean: of the overhead, what the device takes to encode and decode
  Millijoules energy{};         // mean, modelled
  double up_bytes = 0.0;        // mean
  double down_bytes = 0.0;
  device::Answer last;
};

class Testbed {
 public:
  using Report = std::function<void(double fraction, const std::string& what)>;

  // Loads and profiles every network (from the cache where it was measured before), then starts the cloud with the same
  // profiles, since it is the same machine.
  static Result<std::unique_ptr<Testbed>> start(const std::vector<std::string>& networks, TestbedOptions options,
                                                const Report& report);

  [[nodiscard]] const std::vector<TestNetwork>& networks() const { return networks_; }
  // A trial for each way, in their order. The ways take turns, `rounds` of them, so that a machine that grows faster or
  // slower meanwhile does so for all; each turn starts with a request that warms up and is not counted. Error:
  // failed_precondition for cloud_jpeg with a network that takes no image.
  Result<std::vector<Trial>> run(std::size_t network, const link::Link& link, const std::vector<Way>& ways, int rounds);

 private:
  explicit Testbed(TestbedOptions options) : options_(std::move(options)) {}
  Status start_cloud(const std::vector<std::string>& references);
  Result<plan::Plan> plan_for(const TestNetwork& net, const link::Link& link, const Way& way) const;
  Result<std::unique_ptr<device::Session>> open_session(const TestNetwork& net, const link::Link& link,
                                                        const plan::Plan& plan) const;

  TestbedOptions options_;
  std::vector<TestNetwork> networks_;
  std::unique_ptr<ChildProcess> cloud_;
  std::unique_ptr<link::ShapingProxy> proxy_;
};

}  // namespace tandem::cli
