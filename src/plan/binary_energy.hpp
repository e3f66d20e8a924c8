// A function of many yes/no choices, the sum of terms of one and of two of them, and its least value.
//
// Variable v is "on the device" or "in the cloud". A term of two charges them for being apart, which makes the function
// submodular: its minimum is a minimum cut (Kolmogorov and Zabih, "What energy functions can be minimized via graph
// cuts?", PAMI 2004). First everything is decided that needs no flow: variables whose own preference outweighs all
// their terms, and variables with at most two neighbours, which are minimised out, as in a series-parallel circuit.
// Networks of layers mostly dissolve under these two rules; Boykov and Kolmogorov's flow divides what is left. Thread
// rule: one per thread.
#pragma once

#include <cstdint>
#include <vector>

namespace tandem::plan {

class BinaryEnergy {
 public:
  explicit BinaryEnergy(int variables, int couplings);
  // Adds the cost of being in the cloud less that of being on the device.
  void prefer(int variable, double cloud_minus_device) { own_[variable] += cloud_minus_device; }
  // Adds what it costs where a is on the device and b in the cloud, and where it is the other way around; at least 0.
  void couple(int a, int b, double a_device, double b_device);
  // The only variables of this value there may be. A later call replaces an earlier one.
  void fix(int variable, bool cloud) { fixed_[variable] = cloud ? 1 : -1; }

  // For each variable: is it in the cloud? Of all minima the one with the most variables on the device. Costs are
  // rounded to 2^-60 of their sum, and then exact.
  std::vector<std::uint8_t> minimise();

 private:
  struct Coupling {
    int a, b;
    double a_device, b_device;
  };
  std::vector<double> own_;
  std::vector<std::int8_t> fixed_;
  std::vector<Coupling> couplings_;
};

}  // namespace tandem::plan
