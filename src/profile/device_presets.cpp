// Devices whose figures are published. What nobody publishes says so in its source, and asks to be calibrated.
#include <vector>

#include "tandem/profile/device_model.hpp"

namespace tandem::profile {
namespace {

// In the order of Operation.
constexpr std::array<double, kOperations> all_achieve(double share) {
  return {share, share, share, share, share, 1.0, 1.0};
}

constexpr const char* kNoEfficiency =
    "not published; the 0.35 of the Jetson TX2 in its place: calibrate with a measured profile";
constexpr const char* kNoStart = "not published; 0.02 ms in its place: calibrate with a measured profile";

// What stands in for figures that nobody publishes. A preset made from it sets the rest.
DeviceModel uncalibrated() {
  return {.name = {},
          .peak_gflops = {},
          .memory_gb_per_s = 0,
          .memory_efficiency = 0.75,
          .efficiency = all_achieve(0.35),
          .launch = Milliseconds{0.02},
          .call = {},
          .recurrent_step = Milliseconds{0.02},
          .fuses_elementwise = true,
          .busy_power = {},
          .idle_power = {},
          .sources = {{"efficiency", kNoEfficiency}, {"launch_ms", kNoStart}}};
}

// The pair of chapter 2. It prints no layer's latency; what it prints of AlexNet in Fig. 2.12 and section 2.4.1 pins
// down what a layer costs to start in its software, which the hardware's figures alone miss by an order of magnitude.
// docs/evaluation.md has the derivation.
DeviceModel jetson_tx2() {
  return {.name = "jetson-tx2",
          .peak_gflops = {{"f32", 665.6}, {"f16", 1331.2}},
          .memory_gb_per_s = 59.7,
          .memory_efficiency = 0.75,
          .efficiency = all_achieve(0.35),
          .launch = Milliseconds{4.08},
          .call = {},
          .recurrent_step = Milliseconds{0.408},
          .fuses_elementwise = true,
          .busy_power = Milliwatts{4250},
          .idle_power = {},
          .sources = {{"peak_gflops",
                       "NVIDIA, Jetson TX2 data sheet: 256 Pascal cores, here at 1.3 GHz, two operations "
                       "a cycle; f16 at twice the rate"},
                      {"memory_gb_per_s", "Table 3.1 of the dissertation"},
                      {"memory_efficiency", "assumed: three quarters of the peak, as copies achieve"},
                      {"efficiency", "Table 3.5: ResNet-50 (7.7 GFLOP) in f16 takes 15.7 ms, 0.37 of the peak"},
                      {"launch_ms",
                       "between the 4.0 and 4.15 ms for which AlexNet over Wi-Fi is best cut after "
                       "pool2, as in Fig. 2.12"},
                      {"recurrent_step_ms", "assumed: a tenth of launch_ms"},
                      {"power_busy_mw", "between the 4.2 and 4.3 W for which that cut is best for energy, too"},
                      {"power_idle_mw", "the dissertation leaves it out"}}};
}

DeviceModel tesla_k40c() {
  return {.name = "tesla-k40c",
          .peak_gflops = {{"f32", 4290.0}},
          .memory_gb_per_s = 288.0,
          .memory_efficiency = 0.75,
          .efficiency = all_achieve(0.35),
          .launch = Milliseconds{0.96},
          .call = {},
          .recurrent_step = Milliseconds{0.096},
          .fuses_elementwise = true,
          .busy_power = Milliwatts{235'000},
          .idle_power = {},
          .sources = {{"peak_gflops", "NVIDIA, Tesla K40: 4.29 TFLOPS in single precision"},
                      {"memory_gb_per_s", "NVIDIA, Tesla K40: 288 GB/s"},
                      {"memory_efficiency",
                       "Microway, 'NVIDIA Tesla K40 up close': 203 GB/s of 288 in copies, 0.70; "
                       "0.75 as for the device"},
                      {"efficiency", "as the Jetson TX2's: the same libraries"},
                      {"launch_ms",
                       "section 2.4.1: 99, 93 and 81 % of cloud-only AlexNet are communication over 3G, "
                       "4G and Wi-Fi, which leaves 15.4 ms to 14 layers"},
                      {"recurrent_step_ms", "assumed: a tenth of launch_ms"},
                      {"power_busy_mw", "NVIDIA, Tesla K40: 235 W"}}};
}

DeviceModel jetson_tx2_cpu() {
  DeviceModel model = uncalibrated();
  model.name = "jetson-tx2-cpu";
  model.peak_gflops = {{"f32", 64.0}};
  model.memory_gb_per_s = 59.7;
  model.busy_power = Milliwatts{7500};
  model.sources["peak_gflops"] = "Table 3.1: four Cortex-A57; at 2.0 GHz, one 128-bit multiply-add a cycle";
  model.sources["memory_gb_per_s"] = "Table 3.1 of the dissertation";
  model.sources["power_busy_mw"] = "NVIDIA: the module's Max-Q budget, 7.5 W";
  return model;
}

DeviceModel jetson_nano() {
  DeviceModel model = uncalibrated();
  model.name = "jetson-nano";
  model.peak_gflops = {{"f32", 235.8}, {"f16", 471.6}};
  model.memory_gb_per_s = 25.6;
  model.busy_power = Milliwatts{10'000};
  model.sources["peak_gflops"] = "NVIDIA, Jetson Nano: 128 Maxwell cores at 921 MHz, two operations a cycle";
  model.sources["memory_gb_per_s"] = "NVIDIA, Jetson Nano: 64-bit LPDDR4, 25.6 GB/s";
  model.sources["power_busy_mw"] = "NVIDIA, Jetson Nano: its 10 W mode";
  return model;
}

DeviceModel raspberry_pi_4() {
  DeviceModel model = uncalibrated();
  model.name = "raspberry-pi-4";
  model.peak_gflops = {{"f32", 48.0}};
  model.memory_gb_per_s = 12.8;
  model.memory_efficiency = 0.43;
  model.busy_power = Milliwatts{6410};
  model.idle_power = Milliwatts{2100};
  model.sources["peak_gflops"] = "Raspberry Pi: four Cortex-A72 at 1.5 GHz, one 128-bit multiply-add a cycle";
  model.sources["memory_gb_per_s"] = "32-bit LPDDR4-3200";
  model.sources["memory_efficiency"] = "sci-pi.org.uk, 'Stream': 5.56 GB/s";
  model.sources["power_busy_mw"] =
      "G. Halfacree, 'Thermal testing Raspberry Pi 4', 2019: 6.41 W with all cores "
      "loaded, newest firmware";
  model.sources["power_idle_mw"] = "there: 2.1 W";
  return model;
}

DeviceModel snapdragon_855_gpu() {
  DeviceModel model = uncalibrated();
  model.name = "snapdragon-855-gpu";
  model.peak_gflops = {{"f32", 898.5}, {"f16", 1797.1}};
  model.memory_gb_per_s = 34.1;
  model.busy_power = Milliwatts{5000};
  model.sources["peak_gflops"] =
      "Adreno 640: 384 units at 585 MHz, four operations a cycle (azhirnov, "
      "'cpu-gpu-arch'; Chips and Cheese measured 408 G additions/s)";
  model.sources["memory_gb_per_s"] = "four 16-bit channels of LPDDR4X at 2133 MHz";
  model.sources["power_busy_mw"] = "Notebookcheck, 'Qualcomm Adreno 640': the chip's 5 W";
  return model;
}

}  // namespace

std::span<const DeviceModel> device_presets() {
  static const std::vector<DeviceModel> presets{jetson_tx2(),  tesla_k40c(),     jetson_tx2_cpu(),
                                                jetson_nano(), raspberry_pi_4(), snapdragon_855_gpu()};
  return presets;
}

}  // namespace tandem::profile
