// What a codec knows of one boundary of a network before it sees a tensor: filters and tables, trained offline on
// tensors of that boundary. A coded tensor names its prior by hash; both sides must have it.
//
//   Result<Prior> prior = train_prior(spec, tensors, 8, boundary.quantization);
//   Priors priors;
//   priors.add({.boundary = 8, .prior = *prior});
//   Status saved = save(priors, "mobilenet.tflite.priors");
//   auto coded = codec::encode("tfc", spec, data, {}, &priors);          // and decode(*coded, spec, out, &priors)
//
// Format: docs/formats/priors.md. Thread rule: values; const functions from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/network/tensor.hpp"

namespace tandem::codec {

inline constexpr std::size_t kMostPriorBytes = std::size_t{64} * 1024;

class Prior {
 public:
  // Error: data_loss with what is wrong.
  static Result<Prior> parse(std::span<const std::byte> bytes);

  [[nodiscard]] std::uint32_t hash() const;
  [[nodiscard]] std::span<const std::byte> bytes() const;  // at most kMostPriorBytes

  struct Data;
  [[nodiscard]] const Data& data() const { return *data_; }

 private:
  explicit Prior(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

struct BoundaryPrior {
  int boundary = 0;  // of network::Network::boundaries()
  Prior prior;
};

// Of one network.
class Priors {
 public:
  void add(BoundaryPrior prior) { priors_.push_back(std::move(prior)); }
  [[nodiscard]] const std::vector<BoundaryPrior>& all() const { return priors_; }
  [[nodiscard]] std::optional<Prior> find(std::uint32_t hash) const;
  // Those of one boundary only.
  [[nodiscard]] Priors at(int boundary) const;
  // Hashes in hexadecimal, with commas between them; and of these priors those that are in such a list.
  [[nodiscard]] std::string hashes() const;
  [[nodiscard]] Priors among(std::string_view hashes) const;

 private:
  std::vector<BoundaryPrior> priors_;
};

// Fits a prior to example tensors, all of `spec`, at `bits` 2 to 8; `grid` as in codec::encode. Takes seconds. Errors:
// invalid_argument (no tensors, tensors that are not of spec, a type that is not quantised, bits out of range).
Result<Prior> train_prior(const network::TensorSpec& spec, std::span<const network::Tensor> tensors, int bits,
                          const std::optional<network::Quantization>& grid = {});

// Errors: not_found, data_loss, naming the file.
Result<Priors> load_priors(const std::filesystem::path& path);
Status save(const Priors& priors, const std::filesystem::path& path);

// Where the priors of the network in `reference` are, if there are any: beside it, FILE.priors.
std::filesystem::path priors_path(const std::string& reference);
// Those beside it; none where there is no such file. Error: data_loss, naming the file.
Result<Priors> priors_beside(const std::string& reference);

}  // namespace tandem::codec
