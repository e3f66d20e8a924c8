// The link as it is now, from the transfers that requests make anyway: nothing extra is sent.
//
//   Estimator estimator(planned_link);
//   estimator.observe({.up = Bytes{150'528}, .down = Bytes{4000}, .time = Milliseconds{312}});
//   Link now = estimator.current();
//
// A Kalman filter (Kalman 1960) over the two rates' inverses and the round trip, in which a transfer's time is linear:
// time = up / up_rate + down / down_rate + rtt. A device sees only the sum, so what a change is due to is told apart as
// far as transfers of different sizes do so; until then it falls on each part as much as it takes of the time.
//
// Robust: a time that the filter holds for impossible (beyond three standard deviations) is set aside. If the next one
// agrees with it the link has changed: both count, and what was known before counts little. If not, it was an outlier.
// A third time in a row on the same side of the prediction, if by less, is a change as well. The scatter of the times
// is learnt on the way.
//
// Thread rule: one thread at a time.
#pragma once

#include <array>
#include <optional>

#include "tandem/base/units.hpp"
#include "tandem/link/link.hpp"

namespace tandem::link {

// One call to the cloud: what went up and down, and the time it took beyond what the server itself spent.
struct Transfer {
  Bytes up{};
  Bytes down{};
  Milliseconds time{};
};

class Estimator {
 public:
  // `prior`: what the link is thought to be. Without rates, 10 Mbps and 50 ms, believed little.
  explicit Estimator(const Link& prior);

  // O(1). What cannot be a transfer (a time or size that is negative or not finite, a time of zero) is ignored.
  void observe(const Transfer& transfer);

  // The prior with the rates and round trip now believed.
  [[nodiscard]] Link current() const;
  // Of a transfer of these sizes: the time expected, and the standard error of that expectation.
  [[nodiscard]] Milliseconds expected(Bytes up, Bytes down) const;
  [[nodiscard]] Milliseconds standard_error(Bytes up, Bytes down) const;
  // How much single transfers scatter around what is expected, as a share of it.
  [[nodiscard]] double scatter() const { return scatter_; }
  [[nodiscard]] int observed() const { return observed_; }
  // How often the link was held to have changed at once.
  [[nodiscard]] int changes() const { return changes_; }

 private:
  using Vector = std::array<double, 3>;

  [[nodiscard]] Vector parts(Bytes up, Bytes down) const;
  [[nodiscard]] double variance(const Vector& parts) const;
  void update(const Transfer& transfer);
  void forget(double ratio);
  void drift();

  Link prior_;
  Vector factor_{1, 1, 1};              // of the prior's 1/up, 1/down and rtt
  std::array<Vector, 3> covariance_{};  // of factor_
  double scatter_;
  std::optional<Transfer> set_aside_;
  int side_ = 0;  // how many times in a row were clearly above (or, negative, below) what was expected
  int observed_ = 0;
  int changes_ = 0;
};

}  // namespace tandem::link
