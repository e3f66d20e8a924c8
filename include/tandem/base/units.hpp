// Physical quantities as types: adding bytes to joules does not compile, and only meaningful products exist.
//
//   Milliseconds t = Bytes{150'528} / Mbps{5.85};   // 205.9 ms
//   Millijoules e = Milliwatts{3852.0} * t;         // 793 mJ
//
// Numbers become plain only at the edges (JSON, printing), where the key or column carries the unit.
#pragma once

#include <chrono>
#include <compare>

namespace tandem {

using Milliseconds = std::chrono::duration<double, std::milli>;

template <class Tag>
struct Quantity {
  double value = 0.0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(double v) : value(v) {}

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other) {
    value += other.value;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value -= other.value;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{a.value + b.value}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{a.value - b.value}; }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity{a.value * k}; }
  friend constexpr Quantity operator*(double k, Quantity a) { return Quantity{a.value * k}; }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity{a.value / k}; }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value / b.value; }
};

using Bytes = Quantity<struct BytesTag>;
using Mbps = Quantity<struct MbpsTag>;  // 10^6 bits per second
using Milliwatts = Quantity<struct MilliwattsTag>;
using Millijoules = Quantity<struct MillijoulesTag>;

// 1 Mbps carries 125 bytes per millisecond. Infinite where the rate is zero.
constexpr Milliseconds operator/(Bytes bytes, Mbps rate) {
  return Milliseconds{bytes.value / (125.0 * rate.value)};
}

constexpr Millijoules operator*(Milliwatts power, Milliseconds time) {
  return Millijoules{power.value * time.count() / 1000.0};
}
constexpr Millijoules operator*(Milliseconds time, Milliwatts power) {
  return power * time;
}

}  // namespace tandem
