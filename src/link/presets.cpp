#include <array>

#include "tandem/link/link.hpp"

namespace tandem::link {
namespace {

// Rates and radio power are Table 2.3 of the dissertation. The table prints no round trip: each is from the source
// named.
constexpr std::string_view kSource3g =
    "Rates, alpha and beta: Table 2.3. Round trip, not of the table: 150 ms, about which OpenSignal's pings over "
    "T-Mobile "
    "US HSPA lay (FierceWireless, 'T-Mobile's HSPA latency speeds have improved, report says').";
constexpr std::string_view kSource4g =
    "Rates, alpha and beta: Table 2.3. Round trip, not of the table: 60 ms, between the 57 and 65 ms of the four US "
    "carriers' LTE in OpenSignal, 'State of Mobile Networks: USA', August 2016.";
constexpr std::string_view kSourceWifi =
    "Rates, alpha and beta: Table 2.3. Round trip, not of the table: 20 ms, which half of the packets exceed on the "
    "Wi-Fi "
    "hop alone in Pei et al., 'WiFi can be the weakest link of round trip network latency in the wild', INFOCOM 2016; "
    "a "
    "distant cloud adds to it.";
// Narayanan et al. print the slopes in a table that we could not check against the paper itself: these are our own fit
// to the data they published with it.
constexpr std::string_view kSource5g =
    "Rates: medians of 5G worldwide, Ookla, 'Growing and Slowing: The State of 5G Worldwide in 2021', third quarter. "
    "Round trip: 51 ms, the median multi-server latency of T-Mobile US 5G, Ookla, second "
    "quarter of 2023. Power: our least-squares fit to the run means "
    "of "
    "the low-band 5G transfers (1 to 100 Mbps down, 1 to 40 up) published with Narayanan et al., 'A Variegated Look at "
    "5G "
    "in the Wild', SIGCOMM 2021; it is of the whole phone, screen and system included, so beta (the mean of 2880 down "
    "and "
    "3190 up) is not comparable with the other presets', and the downlink is extrapolated beyond 100 Mbps.";

const std::array<Preset, 4>& table() {
  static const std::array<Preset, 4> presets{{
      {{.name = "3g",
        .up = Mbps{1.1},
        .down = Mbps{2.0275},
        .rtt = Milliseconds{150},
        .alpha_up = 868.98,
        .alpha_down = 122.12,
        .beta = Milliwatts{817.88}},
       kSource3g},
      {{.name = "4g",
        .up = Mbps{5.85},
        .down = Mbps{13.76},
        .rtt = Milliseconds{60},
        .alpha_up = 438.39,
        .alpha_down = 51.97,
        .beta = Milliwatts{1288.04}},
       kSource4g},
      {{.name = "wifi",
        .up = Mbps{18.88},
        .down = Mbps{54.97},
        .rtt = Milliseconds{20},
        .alpha_up = 283.17,
        .alpha_down = 137.01,
        .beta = Milliwatts{132.86}},
       kSourceWifi},
      {{.name = "5g",
        .up = Mbps{21.08},
        .down = Mbps{166.13},
        .rtt = Milliseconds{51},
        .alpha_up = 32.9,
        .alpha_down = 13.6,
        .beta = Milliwatts{3035}},
       kSource5g},
  }};
  return presets;
}

}  // namespace

std::span<const Preset> presets() {
  return table();
}

}  // namespace tandem::link
