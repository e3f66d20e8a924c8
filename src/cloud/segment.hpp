// A part of a served network that a model name stands for: which blocks, and what goes in and comes out.
//
//   Catalogue catalogue(std::move(networks));
//   Result<Segment> segment = catalogue.find("resnet50@8-20");   // looks up only: nothing is cut or compiled
//
// Thread rule: immutable.
#pragma once

#include <compare>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tandem/cloud/server.hpp"

namespace tandem::cloud {

// What a compiled model is kept under: the whole network and its blocks 1..N are the same.
struct SegmentKey {
  std::size_t network = 0;  // place in the catalogue
  int first = 1;
  int last = 1;
  auto operator<=>(const SegmentKey&) const = default;
};

struct Segment {
  SegmentKey key;
  const ServedNetwork* served = nullptr;

  [[nodiscard]] const network::Boundary& input() const;
  [[nodiscard]] const network::Boundary& output() const;
  // How an image becomes this segment's input; nothing where it takes none.
  [[nodiscard]] const network::ImageInput* image_input() const;
};

// Segments borrow from the catalogue, which must outlive them.
class Catalogue {
 public:
  explicit Catalogue(std::vector<ServedNetwork> networks) : networks_(std::move(networks)) {}

  // Error: invalid_argument (no network, or two of one name).
  [[nodiscard]] Status check() const;
  // Error: not_found, with the networks there are, or the blocks the network has.
  [[nodiscard]] Result<Segment> find(const std::string& model_name) const;
  [[nodiscard]] const std::vector<ServedNetwork>& networks() const { return networks_; }

 private:
  std::vector<ServedNetwork> networks_;
};

}  // namespace tandem::cloud
