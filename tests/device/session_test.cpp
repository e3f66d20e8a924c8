#include <algorithm>
#include <cmath>
#include <thread>

#include "session_fixture.hpp"
#include "tandem/device/cloud_profile.hpp"

namespace tandem::device {
namespace {

using network::testing::relative_difference;
using ::testing::HasSubstr;
using ::testing::Not;

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
  const SessionOptions options{.network = network_, .plan = cut_at(layers_, layers_), .busy_power = Milliwatts{1000}};
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

}  // namespace
}  // namespace tandem::device
