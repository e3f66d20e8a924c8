// Running whole or partial networks on OpenVINO.
//
//   Result<Model> model = engine::compile(*network.cut({1, 7}), {.threads = 1});
//   Run run = model->new_run();
//   std::ranges::copy(pixels, run.input<float>(0).begin());
//   Result<Milliseconds> took = run.infer();
//   std::span<const float> logits = run.output<float>(0);
//
// Thread rule: Model is immutable and shared by threads; a Run belongs to one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/base/units.hpp"
#include "tandem/network/tensor.hpp"

namespace ov {
class Model;
}

namespace tandem::engine {

enum class Precision { f32, bf16 };

// Whether this machine's CPU computes bf16 natively.
bool has_bf16();
// This machine's processor, by name.
std::string processor();
// What executes networks, with its version: "openvino 2026.4.1".
std::string runtime_version();
// "f32", "bf16"
std::string name_of(Precision precision);

inline constexpr double kMaxSlowdown = 1000.0;

struct CompileOptions {
  int threads = 1;
  Precision precision = Precision::f32;
  // Emulates a device this many times slower: an inference is executed once, and the rest of the time is waited.
  // Repeating it instead would run from warm caches, and be faster than the lone request that a profile predicts; it
  // would also take the processor from a cloud on the same machine.
  double slowdown = 1.0;
};

class Run;

class Model {
 public:
  [[nodiscard]] const std::vector<network::TensorSpec>& inputs() const;
  [[nodiscard]] const std::vector<network::TensorSpec>& outputs() const;
  [[nodiscard]] Run new_run() const;
  // Estimate of the memory held: weights and the largest intermediate tensors.
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  friend class Run;
  friend Result<Model> compile(std::shared_ptr<ov::Model> model, const CompileOptions& options);
  struct Data;
  explicit Model(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  std::shared_ptr<const Data> data_;
};

// Errors: invalid_argument (bf16 asked for and absent, threads < 1, slowdown not in 1..kMaxSlowdown), unimplemented (an
// operation the runtime has no kernel for, with its name).
Result<Model> compile(std::shared_ptr<ov::Model> model, const CompileOptions& options = {});

class Run {
 public:
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  // Bytes of input or output `index`, valid until the Run dies; write inputs before infer(), read outputs after.
  [[nodiscard]] std::span<std::byte> input_bytes(std::size_t index);
  [[nodiscard]] std::span<const std::byte> output_bytes(std::size_t index) const;
  template <class T>
  [[nodiscard]] std::span<T> input(std::size_t index) {
    const auto bytes = input_bytes(index);
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  template <class T>
  [[nodiscard]] std::span<const T> output(std::size_t index) const {
    const auto bytes = output_bytes(index);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  // Executes; the wall time it took, slowdown included. Error: internal, with the runtime's reason.
  Result<Milliseconds> infer();

 private:
  friend class Model;
  struct Data;
  explicit Run(std::unique_ptr<Data> data);
  std::unique_ptr<Data> data_;
};

}  // namespace tandem::engine
