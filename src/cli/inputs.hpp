// What the user gives a network as input: images, NumPy arrays, or random numbers; and how its outputs are named.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/codec/image.hpp"
#include "tandem/network/image_input.hpp"
#include "tandem/network/network.hpp"

namespace tandem::cli {

// One request's input: an image, or tensors as boundary 0 of the network.
struct Input {
  std::string name;  // for people: the file, or "random:SEED"
  std::optional<codec::Image> image;
  std::vector<network::Tensor> tensors;  // also of an image
};

// `what` is a JPEG or PNG, an .npy array of the input's type and shape, or "random:SEED". Errors name the file:
// failed_precondition for an image where the network takes none (image_input holds why).
Result<Input> read_input(const std::string& what, const network::Network& network,
                         const Result<network::ImageInput>& image_input);

// What device::Session takes, at `slowdown`, to make the input tensor of an image; zero for other inputs. No plan can
// avoid it, so it is no part of a plan's latency.
Milliseconds time_to_prepare(const Input& input, const Result<network::ImageInput>& image_input, double slowdown);

// A tensor filled from a seed: floats uniform in [-1, 1), integers over their whole range (8-bit) or 0..1.
network::Tensor random_tensor(const network::TensorSpec& spec, std::uint64_t seed);

// One label a line; the file's last empty line does not count.
Result<std::vector<std::string>> read_labels(const std::string& path);

struct TopEntry {
  int index = 0;
  std::string label;  // empty where there are no labels
  double score = 0.0;
};
// The `count` greatest values of the first row of a classifier's output; empty for outputs that are no vector of
// classes. Labels that are one fewer or more than the classes (a background class) are told by an empty label.
std::vector<TopEntry> top(const network::Tensor& output, const std::vector<std::string>& labels, int count);

// The value of element `index` as a double, whatever the type (f16, bf16 included).
double element(const network::Tensor& tensor, std::size_t index);

}  // namespace tandem::cli
