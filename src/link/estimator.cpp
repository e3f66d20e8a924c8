#include "tandem/link/estimator.hpp"

#include <algorithm>
#include <cmath>

namespace tandem::link {
namespace {

constexpr Mbps kAnyRate{10};
constexpr Milliseconds kAnyRtt{50};

// Standard deviations of the prior, as shares of it: of rates, and of the round trip, which varies less.
constexpr std::array kPriorDeviation{0.5, 0.5, 0.3};
constexpr double kNoPrior = 3.0;  // times as wide
// How much a link changes from one request to the next when nothing happens.
constexpr std::array kDrift{0.03, 0.03, 0.01};
// A round trip moves less than the rates when a link changes at once.
constexpr std::array kChange{1.0, 1.0, 0.25};

constexpr double kFirstScatter = 0.1;
constexpr double kLeastScatter = 0.02;
constexpr double kMostScatter = 0.5;
constexpr double kScatterGain = 0.1;
constexpr Milliseconds kClockNoise{0.3};  // wake-ups of threads

constexpr double kImpossible = 3.0;  // standard deviations
constexpr double kClear = 1.0;
constexpr int kInARow = 3;

constexpr double kLeastFactor = 1e-4;
constexpr double kMostFactor = 1e4;

bool is_transfer(const Transfer& transfer) {
  return std::isfinite(transfer.up.value) && transfer.up.value >= 0 && std::isfinite(transfer.down.value) &&
         transfer.down.value >= 0 && std::isfinite(transfer.time.count()) && transfer.time.count() > 0;
}

}  // namespace

Estimator::Estimator(const Link& prior) : prior_(prior), scatter_(kFirstScatter) {
  const bool known = prior.up.value > 0 && prior.down.value > 0;
  if (!known) {
    prior_.up = prior_.down = kAnyRate;
    prior_.rtt = kAnyRtt;
  }
  // A round trip of zero could never be anything else: factors multiply it.
  prior_.rtt = std::max(prior_.rtt, Milliseconds{0.1});
  for (std::size_t i = 0; i < factor_.size(); ++i) {
    const double deviation = kPriorDeviation[i] * (known ? 1.0 : kNoPrior);
    covariance_[i][i] = deviation * deviation;
  }
}

Estimator::Vector Estimator::parts(Bytes up, Bytes down) const {
  return {(up / prior_.up).count(), (down / prior_.down).count(), prior_.rtt.count()};
}

double Estimator::variance(const Vector& parts) const {
  double sum = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (std::size_t j = 0; j < parts.size(); ++j) sum += parts[i] * covariance_[i][j] * parts[j];
  }
  return std::max(sum, 0.0);
}

Milliseconds Estimator::expected(Bytes up, Bytes down) const {
  const Vector h = parts(up, down);
  return Milliseconds{h[0] * factor_[0] + h[1] * factor_[1] + h[2] * factor_[2]};
}

Milliseconds Estimator::standard_error(Bytes up, Bytes down) const {
  return Milliseconds{std::sqrt(variance(parts(up, down)))};
}

Link Estimator::current() const {
  Link link = prior_;
  link.up = Mbps{prior_.up.value / factor_[0]};
  link.down = Mbps{prior_.down.value / factor_[1]};
  link.rtt = prior_.rtt * factor_[2];
  return link;
}

void Estimator::observe(const Transfer& transfer) {
  if (!is_transfer(transfer)) return;
  ++observed_;
  drift();
  const double expected_time = expected(transfer.up, transfer.down).count();
  const double surprise = transfer.time.count() - expected_time;
  const double noise = std::hypot(scatter_ * expected_time, kClockNoise.count());
  const double deviation = std::sqrt(variance(parts(transfer.up, transfer.down)) + noise * noise);
  const double score = surprise / deviation;

  // Learnt from all times, but from none more than from one at the edge of the possible.
  const double seen = std::min(std::abs(surprise) / expected_time, kImpossible * scatter_);
  constexpr double kMeanToDeviation = 1.2533;  // of a normal distribution's absolute deviation: sqrt(pi / 2)
  scatter_ = std::clamp(scatter_ + kScatterGain * (kMeanToDeviation * seen - scatter_), kLeastScatter, kMostScatter);

  const int sign = score > 0 ? 1 : -1;
  side_ = std::abs(score) < kClear ? 0 : side_ * sign > 0 ? side_ + sign : sign;
  const bool impossible = std::abs(score) > kImpossible;
  const bool agrees = set_aside_ && std::abs(side_) >= 2;  // with the one set aside just before
  if (impossible && !agrees) {
    set_aside_ = transfer;
    return;
  }
  if (impossible || std::abs(side_) >= kInARow) {
    ++changes_;
    side_ = 0;
    forget(transfer.time.count() / expected_time);
    if (agrees) update(*set_aside_);
  }
  set_aside_.reset();
  update(transfer);
}

void Estimator::drift() {
  for (std::size_t i = 0; i < factor_.size(); ++i) {
    const double change = kDrift[i] * factor_[i];
    covariance_[i][i] += change * change;
  }
}

// After a change by `ratio`, each part may be that much more or less than it was.
void Estimator::forget(double ratio) {
  const double reach = std::max(1.0, ratio);
  for (std::size_t i = 0; i < factor_.size(); ++i) {
    for (std::size_t j = 0; j < factor_.size(); ++j) {
      if (i != j) covariance_[i][j] = 0;
    }
    const double deviation = kChange[i] * reach * factor_[i];
    covariance_[i][i] = deviation * deviation;
  }
}

void Estimator::update(const Transfer& transfer) {
  const Vector h = parts(transfer.up, transfer.down);
  const double expected_time = expected(transfer.up, transfer.down).count();
  // Of the lesser of both times: after a change for the better, times scatter as they are now.
  const double noise = std::hypot(scatter_ * std::min(expected_time, transfer.time.count()), kClockNoise.count());
  const double total = variance(h) + noise * noise;
  Vector gain{};
  Vector projected{};
  for (std::size_t i = 0; i < h.size(); ++i) {
    for (std::size_t j = 0; j < h.size(); ++j) projected[i] += covariance_[i][j] * h[j];
    gain[i] = projected[i] / total;
  }
  const double surprise = transfer.time.count() - expected_time;
  for (std::size_t i = 0; i < h.size(); ++i) {
    factor_[i] = std::clamp(factor_[i] + gain[i] * surprise, kLeastFactor, kMostFactor);
    for (std::size_t j = 0; j < h.size(); ++j) covariance_[i][j] -= gain[i] * projected[j];
  }
}

}  // namespace tandem::link
