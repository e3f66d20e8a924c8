#include "tandem/device/session.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <thread>

#include "matchers.hpp"
#include "network/models.hpp"
#include "tandem/cloud/server.hpp"
#include "tandem/device/cloud_profile.hpp"
#include "tandem/device/replan.hpp"
#include "tandem/link/shaper.hpp"

namespace tandem::device {
namespace {

using network::Network;
using network::testing::random_inputs;
using network::testing::relative_difference;
using plan::Direction;
using plan::Place;
using plan::Plan;
using plan::Segment;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Milliseconds kDeadline{20000};

Network test_network() {
  return Network::from_model(network::testing::residual_model(), "net").value();
}

std::unique_ptr<cloud::Server> serve(const Network& network, const std::string& listen = "127.0.0.1:0") {
  cloud::Options options{.listen = listen};
  options.networks.push_back({.network = network});
  auto server = cloud::Server::start(std::move(options));
  EXPECT_THAT(server, IsOk());
  return std::move(*server);
}

Plan plan_of(const std::vector<Segment>& segments, int layers, const std::string& codec = "raw") {
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
Plan cut_at(int here, int layers, const std::string& codec = "raw") {
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

TEST_F(SessionTest, AnswersAsTheWholeNetworkAtEveryCut) {
  const auto server = serve(network_);
  for (int here = 0; here <= layers_; ++here) {
    const auto session = open(cut_at(here, layers_), server->address(), true);
    const auto answer = session->infer(inputs_, kDeadline);
    ASSERT_THAT(answer, IsOk());
    EXPECT_LE(relative_difference(whole_, answer->outputs), 1e-4) << "cut after " << here;
    EXPECT_FALSE(answer->degraded);
    EXPECT_EQ(answer->bytes(Step::Kind::upload) > 0, here < layers_);
    EXPECT_EQ(answer->time(Step::Kind::device) > Milliseconds{0}, here > 0);
  }
}

TEST_F(SessionTest, GoesToTheCloudAndBackInTheMiddle) {
  const auto server = serve(network_);
  const auto session = open(plan_of({{.first = 1, .last = 1, .place = Place::device},
                                     {.first = 2, .last = layers_ - 1, .place = Place::cloud},
                                     {.first = layers_, .last = layers_, .place = Place::device}},
                                    layers_),
                            server->address(), true);
  const auto answer = session->infer(inputs_, kDeadline);
  ASSERT_THAT(answer, IsOk());
  EXPECT_LE(relative_difference(whole_, answer->outputs), 1e-4);
}

TEST_F(SessionTest, CodesWithThePriorsThatBothSidesHave) {
  const network::Boundary& boundary = network_.boundaries()[1];
  const auto tensors = network::testing::run(network_.cut({.first = 1, .last = 1}).value(), inputs_);
  const auto prior = codec::train_prior(boundary.tensors.front(), tensors, 8);
  ASSERT_THAT(prior, IsOk());
  codec::Priors priors;
  priors.add({.boundary = 1, .prior = *prior});
  const auto up_bytes = [&](const codec::Priors& there) {
    cloud::Options options;
    options.networks.push_back({.network = network_, .priors = there});
    const auto server = cloud::Server::start(std::move(options)).value();
    const auto session = Session::open({.network = network_,
                                        .plan = cut_at(1, layers_, "tfc"),
                                        .cloud = server->address(),
                                        .priors = priors,
                                        .require_cloud = true,
                                        .warm_up_deadline = kDeadline});
    EXPECT_THAT(session, IsOk());
    const auto answer = (*session)->infer(inputs_, kDeadline);
    EXPECT_THAT(answer, IsOk());
    EXPECT_LE(relative_difference(whole_, answer->outputs), 0.1);
    return answer->bytes(Step::Kind::upload);
  };
  EXPECT_LT(up_bytes(priors), up_bytes({}));
}

TEST_F(SessionTest, NeighbouringCloudGroupsAreOneCall) {
  const auto server = serve(network_);
  const auto session = open(
      plan_of({{.first = 1, .last = 1, .place = Place::cloud}, {.first = 2, .last = layers_, .place = Place::cloud}},
              layers_),
      server->address(), true);
  const auto answer = session->infer(inputs_, kDeadline);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(std::ranges::count(answer->steps, Step::Kind::upload, &Step::kind), 1);
}

TEST_F(SessionTest, EightBitTransferStaysClose) {
  const auto server = serve(network_);
  const auto raw = open(cut_at(1, layers_), server->address(), true)->infer(inputs_, kDeadline);
  const auto coded = open(cut_at(1, layers_, "linear8"), server->address(), true)->infer(inputs_, kDeadline);
  ASSERT_THAT(raw, IsOk());
  ASSERT_THAT(coded, IsOk());
  EXPECT_LE(relative_difference(whole_, coded->outputs), 0.1);
  EXPECT_LT(coded->bytes(Step::Kind::upload), raw->bytes(Step::Kind::upload) / 3);
}

TEST_F(SessionTest, APiecewiseTransferIsStillBeingCodedWhileItIsSent) {
  const auto server = serve(network_);
  SessionOptions options{.network = network_, .plan = cut_at(1, layers_, "tfc/3"), .cloud = server->address()};
  options.link = {.up = Mbps{100}, .down = Mbps{100}};
  options.compile.slowdown = 4;
  options.busy_power = Milliwatts{1e6};
  options.require_cloud = true;
  options.warm_up_deadline = kDeadline;
  const auto session = Session::open(options).value();
  for (int i = 0; i < 3; ++i) {
    const auto answer = session->infer(inputs_, kDeadline);
    ASSERT_THAT(answer, IsOk());
    EXPECT_LE(relative_difference(whole_, answer->outputs), 0.1);
    const auto upload = std::ranges::find(answer->steps, Step::Kind::upload, &Step::kind);
    EXPECT_GT(upload->behind.count(), 0);
    Milliseconds sum{};
    for (const Step& step : answer->steps) sum += step.time;
    EXPECT_LE(sum.count(), answer->total.count());
    const Milliseconds busy = answer->time(Step::Kind::device) + answer->time(Step::Kind::encode) +
                              answer->time(Step::Kind::decode) + upload->behind;
    EXPECT_NEAR(answer->energy.value, 1000 * busy.count(), 1e-6 * answer->energy.value) << "all coding costs energy";
  }
}

TEST_F(SessionTest, GoesOnWithoutACloudThatCannotBeReached) {
  const auto session = open(cut_at(1, layers_), "127.0.0.1:1");
  EXPECT_THAT(session->warning(), Not(""));
  const auto answer = session->infer(inputs_, kDeadline);
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->degraded);
  EXPECT_THAT(answer->warning, Not(""));
  EXPECT_LE(relative_difference(whole_, answer->outputs), 1e-4);
}

TEST_F(SessionTest, RequiringACloudThatCannotBeReachedIsAnError) {
  const auto session =
      Session::open({.network = network_, .plan = cut_at(1, layers_), .cloud = "127.0.0.1:1", .require_cloud = true});
  EXPECT_THAT(session, HasErrc(Errc::unavailable, HasSubstr("127.0.0.1:1")));
}

TEST_F(SessionTest, ACloudThatDiesIsLeftAloneForAWhileAndTriedAgain) {
  auto server = serve(network_);
  const std::string address = server->address();
  const auto session = open(cut_at(1, layers_), address);
  ASSERT_FALSE(session->infer(inputs_, kDeadline).value().degraded);
  server->shutdown(Milliseconds{100});
  server.reset();
  const auto without = session->infer(inputs_, kDeadline);
  ASSERT_THAT(without, IsOk());
  EXPECT_TRUE(without->degraded);
  EXPECT_LE(relative_difference(whole_, without->outputs), 1e-4);
  EXPECT_THAT(session->warning(), Not(""));
  server = serve(network_, address);
  bool back = false;
  for (int i = 0; i < 100 && !back; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    back = !session->infer(inputs_, kDeadline).value().degraded;
  }
  EXPECT_TRUE(back);
}

TEST_F(SessionTest, RefusesInputsAndPlansThatDoNotFit) {
  const auto session = open(cut_at(layers_, layers_), "");
  EXPECT_THAT(session->infer({}, kDeadline), HasErrc(Errc::invalid_argument, HasSubstr("takes 1 inputs, 0 are given")));
  auto wrong = inputs_;
  wrong[0].spec.shape[0] = 7;
  EXPECT_THAT(session->infer(wrong, kDeadline), HasErrc(Errc::invalid_argument, HasSubstr("must be")));
  EXPECT_THAT(session->infer_image({.width = 1, .height = 1, .rgb = {0, 0, 0}}, kDeadline),
              HasErrc(Errc::failed_precondition, HasSubstr("no image")));
  for (const auto& segments :
       {std::vector<Segment>{}, {{.first = 1, .last = layers_ + 1}}, {{.first = 2, .last = layers_}}}) {
    EXPECT_THAT(Session::open({.network = network_, .plan = Plan{.segments = segments}}),
                HasErrc(Errc::invalid_argument, HasSubstr("cover")));
  }
}

TEST_F(SessionTest, ADeadlineThatHasPassedEndsOnTheDevice) {
  const auto server = serve(network_);
  const auto session = open(cut_at(1, layers_), server->address());
  const auto answer = session->infer(inputs_, Milliseconds{0.001});
  ASSERT_THAT(answer, IsOk());
  EXPECT_TRUE(answer->degraded);
}

TEST_F(SessionTest, SlownessIsEmulatedAndEnergyIsModelled) {
  SessionOptions options{.network = network_, .plan = cut_at(layers_, layers_), .busy_power = Milliwatts{1000}};
  const auto answer = Session::open(options).value()->infer(inputs_, kDeadline).value();
  EXPECT_NEAR(answer.energy.value, answer.time(Step::Kind::device).count(), 1e-6);
}

profile::CostTable device_table(const Network& network) {
  profile::CostTable table;
  table.network = "net";
  table.fingerprint = network.fingerprint();
  table.device = "test";
  table.slowdown = 2.0;
  for (const auto& block : network.blocks()) table.layers.push_back(block.name);
  for (const auto& boundary : network.boundaries())
    table.boundary_bytes.push_back(static_cast<double>(boundary.bytes()));
  table.set({.first = 1, .last = network.size()}, {.latency = Milliseconds{10}});
  return table;
}

TEST_F(SessionTest, TheCloudsProfileIsToldOrScaledFromOneTimedRequest) {
  const auto server = serve(network_);
  const auto scaled = find_cloud_profile(server->address(), "net", network_, device_table(network_), kDeadline);
  ASSERT_THAT(scaled, IsOk());
  EXPECT_EQ(scaled->origin, "scaled");
  EXPECT_GT(scaled->table.cost({.first = 1, .last = layers_}).latency, Milliseconds{0});

  auto known = device_table(network_);
  known.device = "server";
  cloud::Options options;
  options.networks.push_back({.network = network_, .profile = known});
  const auto telling = cloud::Server::start(std::move(options)).value();
  const auto told = find_cloud_profile(telling->address(), "net", network_, device_table(network_), kDeadline);
  ASSERT_THAT(told, IsOk());
  EXPECT_EQ(told->table.device, "server");
}

TEST_F(SessionTest, AnotherNetworkOfTheSameNameIsNoticed) {
  const auto server = serve(Network::from_model(network::testing::residual_model(2), "net").value());
  EXPECT_THAT(find_cloud_profile(server->address(), "net", network_, device_table(network_), kDeadline),
              HasErrc(Errc::failed_precondition, HasSubstr("fingerprint")));
}

TEST_F(SessionTest, LearnsTheLinkFromItsOwnTransfers) {
  const auto server = serve(network_);
  const link::Link truth{.name = "real", .up = Mbps{2}, .down = Mbps{2}, .rtt = Milliseconds{30}};
  const auto proxy = link::ShapingProxy::start({.target = server->address(), .link = truth});
  ASSERT_THAT(proxy, IsOk());
  auto session = Session::open({.network = network_,
                                .plan = cut_at(0, layers_),
                                .cloud = (*proxy)->address(),
                                .link = {.name = "planned", .up = Mbps{50}, .down = Mbps{50}, .rtt = Milliseconds{5}},
                                .require_cloud = true,
                                .warm_up_deadline = kDeadline});
  ASSERT_THAT(session, IsOk());
  EXPECT_EQ((*session)->link().up, Mbps{50});
  for (int i = 0; i < 6; ++i) ASSERT_THAT((*session)->infer(inputs_, kDeadline), IsOk());
  const auto answer = (*session)->infer(inputs_, kDeadline);
  ASSERT_THAT(answer, IsOk());
  const Bytes up{static_cast<double>(answer->bytes(Step::Kind::upload))};
  const Bytes down{static_cast<double>(answer->bytes(Step::Kind::download))};
  const Milliseconds expected = truth.upload_time(up) + truth.download_time(down);
  const Milliseconds learnt = answer->link.upload_time(up) + answer->link.download_time(down);
  EXPECT_NEAR(learnt / expected, 1, 0.3);
  EXPECT_EQ(answer->link.name, "planned");
}

TEST_F(SessionTest, NoticesThatTheDeviceIsSlowerThanPlanned) {
  Plan plan = cut_at(layers_, layers_);
  auto session = Session::open({.network = network_, .plan = plan, .planned_load = {.device = 1.5}});
  ASSERT_THAT(session, IsOk());
  const auto unknown = (*session)->infer(inputs_, kDeadline);
  ASSERT_THAT(unknown, IsOk());
  EXPECT_EQ(unknown->load.device, 1.5) << "the plan predicts nothing to compare with";
  // Of a device that the plan held for three times as fast as this one is made to be.
  constexpr Milliseconds kAlone{50};
  plan.segments[0].latency = kAlone;
  const double slowdown = std::min(3 * kAlone / unknown->time(Step::Kind::device), engine::kMaxSlowdown);
  session = Session::open({.network = network_, .plan = plan, .compile = {.slowdown = slowdown}});
  ASSERT_THAT(session, IsOk());
  for (int i = 0; i < 3; ++i) ASSERT_THAT((*session)->infer(inputs_, kDeadline), IsOk());
  EXPECT_NE((*session)->load().device, 1.0);
  EXPECT_GT((*session)->load().device, 0.05);
}

TEST_F(SessionTest, TurnsTheServersReportIntoALoadFactor) {
  const auto server = serve(network_);
  Plan plan = cut_at(0, layers_);
  auto session = Session::open({.network = network_, .plan = plan, .cloud = server->address(), .require_cloud = true});
  ASSERT_THAT(session, IsOk());
  const auto first = (*session)->infer(inputs_, kDeadline);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->load.cloud, 1.0);
  plan.segments[0].latency = Milliseconds{0.05};  // far less than it takes, waits included
  session = Session::open({.network = network_, .plan = plan, .cloud = server->address(), .require_cloud = true});
  ASSERT_THAT(session, IsOk());
  for (int i = 0; i < 3; ++i) ASSERT_THAT((*session)->infer(inputs_, kDeadline), IsOk());
  EXPECT_GT((*session)->load().cloud, 0.0);
}

TEST_F(SessionTest, FollowsAnotherPlanFromTheNextRequestOn) {
  const auto server = serve(network_);
  const auto session = open(cut_at(1, layers_), server->address(), true);
  ASSERT_THAT(session->infer(inputs_, kDeadline), IsOk());
  const link::Link known = session->link();
  for (const int here : {layers_, 0, 1}) {
    ASSERT_THAT(session->follow(cut_at(here, layers_), {}), IsOk());
    const auto answer = session->infer(inputs_, kDeadline);
    ASSERT_THAT(answer, IsOk());
    EXPECT_LE(relative_difference(whole_, answer->outputs), 1e-4) << "cut after " << here;
    EXPECT_EQ(answer->bytes(Step::Kind::upload) > 0, here < layers_);
    if (here == layers_) {
      EXPECT_EQ(session->link(), known) << "what was learnt of the link stays";
    }
  }
  Plan gap = cut_at(1, layers_);
  gap.segments.pop_back();
  EXPECT_THAT(session->follow(gap, {}), HasErrc(Errc::invalid_argument, HasSubstr("do not cover")));
  EXPECT_THAT(session->infer(inputs_, kDeadline), IsOk()) << "all is as before";
}

// The cloud is a hundred times faster, so that only the link speaks for the device.
profile::CostTable flat_table(const Network& network, double layer_ms) {
  profile::CostTable table;
  table.network = network.name();
  table.fingerprint = network.fingerprint();
  for (int k = 0; k <= network.size(); ++k) {
    if (k > 0) table.layers.push_back(network.blocks()[static_cast<std::size_t>(k) - 1].name);
    table.boundary_bytes.push_back(static_cast<double>(network.boundaries()[static_cast<std::size_t>(k)].bytes()));
  }
  for (int first = 1; first <= network.size(); ++first) {
    for (int last = first; last <= network.size(); ++last) {
      table.set({.first = first, .last = last}, {.latency = Milliseconds{layer_ms * (last - first + 1)}});
    }
  }
  return table;
}

TEST_F(SessionTest, PlansAnewWhereTheLinkIsWorseThanPlannedWith) {
  const auto server = serve(network_);
  const auto proxy = link::ShapingProxy::start(
      {.target = server->address(),
       .link = {.name = "slow", .up = Mbps{0.5}, .down = Mbps{0.5}, .rtt = Milliseconds{150}}});
  ASSERT_THAT(proxy, IsOk());
  auto session = Session::open({.network = network_,
                                .plan = cut_at(0, layers_),
                                .cloud = (*proxy)->address(),
                                .link = {.name = "fast", .up = Mbps{100}, .down = Mbps{100}, .rtt = Milliseconds{1}},
                                .warm_up_deadline = kDeadline});
  ASSERT_THAT(session, IsOk());
  const Replanner replanner({.device = flat_table(network_, 5.0), .cloud = flat_table(network_, 0.05)});
  ASSERT_THAT(replanner.update(**session), IsOk());
  EXPECT_EQ((*session)->plan().segments.front().place, Place::cloud) << "over the link planned with";
  bool changed = false;
  for (int request = 0; request < 6 && !changed; ++request) {
    ASSERT_THAT((*session)->infer(inputs_, kDeadline), IsOk());
    const auto updated = replanner.update(**session);
    ASSERT_THAT(updated, IsOk());
    changed = *updated;
  }
  EXPECT_TRUE(changed);
  EXPECT_TRUE((*session)->plan().transfers.empty()) << "all runs on the device now";
  const auto answer = (*session)->infer(inputs_, kDeadline);
  ASSERT_THAT(answer, IsOk());
  EXPECT_LE(relative_difference(whole_, answer->outputs), 1e-4);
}

}  // namespace
}  // namespace tandem::device
