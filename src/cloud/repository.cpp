#include "repository.hpp"

#include <algorithm>
#include <utility>

namespace tandem::cloud {
namespace {

tl::unexpected<Error> shutting_down() {
  return fail(Errc::unavailable, "the server is shutting down");
}

}  // namespace

Repository::Repository(engine::CompileOptions compile, std::size_t memory_bytes)
    : compile_(compile), memory_bytes_(memory_bytes), loader_([this] { load_until_closed(); }) {}

Repository::~Repository() {
  close();
  loader_.join();
}

void Repository::with_model(const Segment& segment, Then then) {
  std::unique_lock lock(mutex_);
  if (const auto found = loaded_.find(segment.key); found != loaded_.end()) {
    found->second.last_use = ++uses_;
    const auto model = found->second.model;
    lock.unlock();
    return then(model);
  }
  if (closed_) {
    lock.unlock();
    return then(shutting_down());
  }
  const auto [waiting, is_first] = waiting_.try_emplace(segment.key, Waiting{.segment = segment, .thens = {}});
  waiting->second.thens.push_back(std::move(then));
  if (is_first) {
    order_.push_back(segment.key);
    wake_loader_.notify_one();
  }
}

void Repository::close() {
  std::vector<Then> refused;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const SegmentKey& key : order_) {
      auto& thens = waiting_.at(key).thens;
      std::ranges::move(thens, std::back_inserter(refused));
      waiting_.erase(key);
    }
    order_.clear();
  }
  wake_loader_.notify_one();
  for (const Then& then : refused) then(shutting_down());
}

void Repository::load_until_closed() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_loader_.wait(lock, [this] { return closed_ || !order_.empty(); });
    if (closed_) return;
    const SegmentKey key = order_.front();
    order_.pop_front();
    const Segment segment = waiting_.at(key).segment;
    lock.unlock();
    const ModelResult model = LoadedModel::load(segment, compile_);
    lock.lock();
    const std::vector<Then> thens = std::move(waiting_.at(key).thens);
    waiting_.erase(key);
    if (model) keep(key, *model);
    lock.unlock();
    for (const Then& then : thens) then(model);
    lock.lock();
  }
}

void Repository::keep(const SegmentKey& key, std::shared_ptr<LoadedModel> model) {
  loaded_bytes_ += model->memory_bytes();
  loaded_[key] = {.model = std::move(model), .last_use = ++uses_};
  while (loaded_bytes_ > memory_bytes_ && loaded_.size() > 1) {
    const auto oldest = std::ranges::min_element(loaded_, {}, [](const auto& entry) { return entry.second.last_use; });
    loaded_bytes_ -= oldest->second.model->memory_bytes();
    loaded_.erase(oldest);
  }
}

std::size_t Repository::loaded_bytes() const {
  const std::lock_guard lock(mutex_);
  return loaded_bytes_;
}

std::size_t Repository::loaded_count() const {
  const std::lock_guard lock(mutex_);
  return loaded_.size();
}

}  // namespace tandem::cloud
