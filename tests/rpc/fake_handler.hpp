// A handler with one model, "echo": it sends its inputs back; and switches for what tests need beyond that.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "tandem/rpc/server.hpp"

namespace tandem::rpc {

class FakeHandler : public Handler {
 public:
  ~FakeHandler() override {
    for (std::thread& thread : threads_) thread.join();
  }

  void infer(Call call) override {
    if (call.request.model == "drop") return;
    if (call.request.model == "wait") return wait_for_cancellation(std::move(call));
    if (call.request.model != "echo")
      return call.finish(fail(Errc::not_found, "no model '" + call.request.model + "'"));
    last_request = call.request;
    call.finish(InferAnswer{.model = call.request.model,
                            .id = call.request.id,
                            .outputs = call.request.inputs,
                            .times = ServerTimes{.queue = Milliseconds{1},
                                                 .decode = Milliseconds{2},
                                                 .compute = Milliseconds{3.5},
                                                 .encode = Milliseconds{4}}});
  }
  bool ready() override { return true; }
  void model_ready(const std::string& model, std::function<void(Status)> finish) override {
    finish(model == "echo" ? Status{} : fail(Errc::not_found, "no model '" + model + "'"));
  }
  Result<ModelMetadata> model_metadata(const std::string& model) override {
    if (model != "echo") return fail(Errc::not_found, "no model '" + model + "'");
    return ModelMetadata{.name = "echo",
                         .platform = "test",
                         .versions = {"1"},
                         .inputs = {{.name = "x", .type = network::ElementType::f32, .shape = {-1, 3}}},
                         .outputs = {{.name = "y", .type = network::ElementType::i64, .shape = {}}},
                         .properties = {{"tandem.blocks", "7"}}};
  }
  ServerMetadata server_metadata() override { return {.name = "fake", .version = "9", .extensions = {"none"}}; }

  InferRequest last_request;  // of "echo"; for tests of one client
  std::atomic<int> cancelled = 0;

 private:
  void wait_for_cancellation(Call call) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, call = std::move(call)] {
      while (!call.is_cancelled()) steady_clock().sleep_until(steady_clock().now() + Milliseconds{1});
      ++cancelled;
      call.finish(fail(Errc::cancelled, "gave up"));
    });
  }

  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace tandem::rpc
