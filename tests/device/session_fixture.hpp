// A small network, a cloud that serves it, and sessions that run it by plans written down.
#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "matchers.hpp"
#include "network/models.hpp"
#include "tandem/cloud/server.hpp"
#include "tandem/device/session.hpp"

namespace tandem::device {

using network::Network;
using network::testing::random_inputs;
using plan::Direction;
using plan::Place;
using plan::Plan;
using plan::Segment;

inline constexpr Milliseconds kDeadline{20000};

inline Network test_network() {
  return Network::from_model(network::testing::residual_model(), "net").value();
}

inline std::unique_ptr<cloud::Server> serve(const Network& network, const std::string& listen = "127.0.0.1:0") {
  cloud::Options options{.listen = listen};
  options.networks.push_back({.network = network});
  auto server = cloud::Server::start(std::move(options));
  EXPECT_THAT(server, IsOk());
  return std::move(*server);
}

inline Plan plan_of(const std::vector<Segment>& segments, int layers, const std::string& codec = "raw") {
  Plan plan{.feasible = true, .segments = segments};
  Place place = Place::device;
  for (const Segment& segment : segments) {
    if (segment.place != place) {
      plan.transfers.push_back({.after = segment.first - 1,
                                .direction = segment.place == Place::cloud ? Direction::up : Direction::down,
                                .crossing = {.codec = codec}});
    }
    place = segment.place;
  }
  if (place == Place::cloud) {
    plan.transfers.push_back({.after = layers, .direction = Direction::down, .crossing = {.codec = codec}});
  }
  return plan;
}

// The first `here` layers on the device, the rest in the cloud.
inline Plan cut_at(int here, int layers, const std::string& codec = "raw") {
  std::vector<Segment> segments;
  if (here > 0) segments.push_back({.first = 1, .last = here, .place = Place::device});
  if (here < layers) segments.push_back({.first = here + 1, .last = layers, .place = Place::cloud});
  return plan_of(segments, layers, codec);
}

class SessionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Session> open(const Plan& plan, const std::string& cloud, bool require_cloud = false) {
    auto session = Session::open({.network = network_,
                                  .plan = plan,
                                  .cloud = cloud,
                                  .require_cloud = require_cloud,
                                  .warm_up_deadline = kDeadline});
    EXPECT_THAT(session, IsOk());
    return std::move(*session);
  }

  Network network_ = test_network();
  int layers_ = network_.size();
  std::vector<network::Tensor> inputs_ = random_inputs(*network_.model());
  std::vector<network::Tensor> whole_ = network::testing::run(network_.model(), inputs_);
};

}  // namespace tandem::device
