// Names as the model's author wrote them: without what converters append, and none where a converter made them up.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "graph.hpp"

namespace tandem::network {

// `text` as it can be printed and put into JSON: control characters and bytes that are no UTF-8 become '_'.
std::string printable(std::string_view text);

// The first of several joined by ';', without the suffixes of converters: "conv/Relu6;conv/bias_prequant/WithoutBiases"
// is "conv/Relu6", "input:0" is "input". Printable; may be empty.
std::string cleaned(std::string_view name);

// Made up while converting: a number, or a type of operation and a number, such as "Transpose_4054".
bool is_generated(std::string_view name);

// The cleaned friendly name of `op`, or one of its tensors' names; nothing where all are generated.
std::optional<std::string> own_name(const ov::Node& op);

// "global_avg_pool" for "GlobalAvgPool".
std::string snake_case(std::string_view type);

// Hands out each name once: a second "conv" becomes "conv_2".
class UniqueNames {
 public:
  std::string claim(const std::string& wish);

 private:
  std::set<std::string> taken_;
};

}  // namespace tandem::network
