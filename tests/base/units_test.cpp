#include "tandem/base/units.hpp"

#include <gtest/gtest.h>

#include <concepts>

namespace tandem {
namespace {

template <class A, class B>
concept Addable = requires(A a, B b) { a + b; };

TEST(Units, MixedUnitsDoNotCompile) {
  static_assert(Addable<Bytes, Bytes>);
  static_assert(!Addable<Bytes, Millijoules>);
  static_assert(!Addable<Milliwatts, Milliseconds>);
  static_assert(!std::convertible_to<double, Bytes>);
}

TEST(Units, BytesOverRateIsTime) {
  EXPECT_DOUBLE_EQ((Bytes{1000} / Mbps{8}).count(), 1.0);
  EXPECT_DOUBLE_EQ((Bytes{150528} / Mbps{1.1}).count(), 150528 * 8 / 1.1 / 1000);
}

TEST(Units, PowerTimesTimeIsEnergy) {
  EXPECT_DOUBLE_EQ((Milliwatts{2000} * Milliseconds{500}).value, 1000.0);
}

}  // namespace
}  // namespace tandem
