// How a run of consecutive blocks of a network is named as a model of the Open Inference Protocol, so that a segment of
// a plan maps to one model name: "resnet50" is the whole network, "resnet50@8-21" its blocks 8 to 21.
//
//   std::string name = rpc::segment_name("resnet50", {.first = 8, .last = 21});
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tandem/network/network.hpp"

namespace tandem::rpc {

struct SegmentName {
  std::string network;
  std::optional<network::BlockRange> range;  // absent: the whole network
};

std::string segment_name(std::string_view network, network::BlockRange range);
// Never fails: what does not end in @FIRST-LAST is the name of a whole network.
SegmentName parse_segment_name(std::string_view model_name);

}  // namespace tandem::rpc
