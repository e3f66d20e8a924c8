// What a session learns from its requests, and how it follows another plan.
#include <cmath>
#include <thread>

#include "session_fixture.hpp"
#include "tandem/device/replan.hpp"
#include "tandem/link/shaper.hpp"

namespace tandem::device {
namespace {

using network::testing::relative_difference;
using ::testing::HasSubstr;

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
