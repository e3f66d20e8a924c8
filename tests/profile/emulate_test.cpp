#include "tandem/profile/emulate.hpp"

#include <gtest/gtest.h>

#include "tables.hpp"

namespace tandem::profile {
namespace {

TEST(Emulate, MultipliesTimesAndModelsEnergyAnew) {
  CostTable measured = table_of(1);
  measured.set({1, 1}, cost_of(5));
  measured.codecs["raw"] = {.bytes = {8, 8}, .encode = {Milliseconds{1}, Milliseconds{2}}, .decode = {{}, {}}};
  measured.codecs["raw"].behind = {{}, Milliseconds{3}};
  measured.codecs["raw"].ahead = {Milliseconds{2}, {}};
  const CostTable phone = emulate(measured, {.slowdown = 10, .busy_power = Milliwatts{4000}});
  EXPECT_EQ(phone.cost({1, 1}).latency, Milliseconds{50});
  EXPECT_EQ(phone.cost({1, 1}).energy, Millijoules{200});
  EXPECT_EQ(phone.codecs.at("raw").encode[1], Milliseconds{20});
  EXPECT_EQ(phone.codecs.at("raw").behind[1], Milliseconds{30});
  EXPECT_EQ(phone.codecs.at("raw").ahead[0], Milliseconds{20});
  EXPECT_EQ(phone.codecs.at("raw").bytes[1], 8);
  EXPECT_EQ(phone.slowdown, 10);
}

TEST(Emulate, TakesASlowdownThatIsThereBackFirst) {
  CostTable measured = table_of(1);
  measured.set({1, 1}, cost_of(5));
  const CostTable back = emulate(emulate(measured, {.slowdown = 8}), {.slowdown = 2});
  EXPECT_EQ(back.cost({1, 1}).latency, Milliseconds{10});
}

TEST(Emulate, LeavesMeasuredEnergyAsItIsWhereNothingIsAskedFor) {
  CostTable measured;
  measured.network = "net";
  measured.layers = {"a"};
  measured.boundary_bytes = {1, 1};
  measured.energy_source = "measured:rapl";
  measured.idle_power = Milliwatts{700};
  measured.set({.first = 1, .last = 1}, {.latency = Milliseconds{10}, .energy = Millijoules{33}});
  const CostTable same = emulate(measured, {});
  EXPECT_EQ(same.energy_source, "measured:rapl");
  EXPECT_EQ(same.idle_power, Milliwatts{700});
  EXPECT_EQ(same.cost({.first = 1, .last = 1}).energy, Millijoules{33});
  const CostTable slow = emulate(measured, {.slowdown = 2, .busy_power = Milliwatts{1000}});
  EXPECT_EQ(slow.energy_source, "modelled") << "the two are never mixed";
  EXPECT_DOUBLE_EQ(slow.cost({.first = 1, .last = 1}).energy.value, 20);
}

}  // namespace
}  // namespace tandem::profile
