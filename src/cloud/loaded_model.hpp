// A compiled segment and the execution states that were made for it, lent one to a worker at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "segment.hpp"
#include "tandem/engine/model.hpp"

namespace tandem::cloud {

// Thread rule: all functions are safe from any thread.
class LoadedModel {
 public:
  // Cuts and compiles: seconds for a large network. Errors: those of Network::cut and engine::compile.
  static Result<std::shared_ptr<LoadedModel>> load(const Segment& segment, const engine::CompileOptions& options);

  [[nodiscard]] const engine::Model& model() const { return model_; }
  [[nodiscard]] std::size_t memory_bytes() const { return model_.memory_bytes(); }

  // One that is free, or a new one: there are never more than workers at work.
  engine::Run borrow();
  void give_back(engine::Run run);

 private:
  explicit LoadedModel(engine::Model model) : model_(std::move(model)) {}

  engine::Model model_;
  std::mutex mutex_;
  std::vector<engine::Run> free_;
};

}  // namespace tandem::cloud
