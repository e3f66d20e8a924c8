#include "loaded_model.hpp"

#include <utility>

namespace tandem::cloud {

Result<std::shared_ptr<LoadedModel>> LoadedModel::load(const Segment& segment, const engine::CompileOptions& options) {
  auto part = segment.served->network.cut({.first = segment.key.first, .last = segment.key.last});
  if (!part) return forward_error(part);
  auto model = engine::compile(std::move(*part), options);
  if (!model) return forward_error(model);
  return std::shared_ptr<LoadedModel>(new LoadedModel(std::move(*model)));
}

engine::Run LoadedModel::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      engine::Run run = std::move(free_.back());
      free_.pop_back();
      return run;
    }
  }
  return model_.new_run();
}

void LoadedModel::give_back(engine::Run run) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(run));
}

}  // namespace tandem::cloud
