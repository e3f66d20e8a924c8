#include "tandem/cloud/server.hpp"

#include <fmt/format.h>

#include <atomic>
#include <new>
#include <utility>

#include "arrival.hpp"
#include "byte_budget.hpp"
#include "inference.hpp"
#include "load_meter.hpp"
#include "rate_limit.hpp"
#include "repository.hpp"
#include "segment.hpp"
#include "tandem/base/clock.hpp"
#include "tandem/base/log.hpp"
#include "tandem/codec/pieces.hpp"
#include "tandem/rpc/link_probe.hpp"
#include "tandem/rpc/server.hpp"
#include "work_queue.hpp"

namespace tandem::cloud {
namespace {

// Of answers to link probes, all clients together: what several probes of fast links need, and no more than a gigabit
// link carries beside everything else.
constexpr RateLimit::Options kLinkProbes{.bytes_per_second = 32e6, .burst = 64e6};

// A request's way: gRPC's thread checks it, the repository finds its model (or lets it wait for the loader), a worker
// computes and answers.
class CloudServer final : public Server, private rpc::Handler {
 public:
  explicit CloudServer(Options options)
      : catalogue_(std::move(options.networks)),
        budget_(options.queue_bytes),
        load_(options.workers),
        workers_(options.workers),
        repository_(options.compile, options.model_memory_bytes) {}

  ~CloudServer() override { shutdown(Milliseconds{0}); }

  Status listen(const std::string& address) {
    if (Status valid = catalogue_.check(); !valid) return valid;
    auto server = rpc::Server::start({.listen = address}, *this);
    if (!server) return forward_error(server);
    server_ = std::move(*server);
    return {};
  }

  [[nodiscard]] std::string address() const override { return server_->address(); }

  void shutdown(Milliseconds grace) override {
    accepts_ = false;
    repository_.close();
    if (server_) server_->shutdown(grace);
  }

 private:
  void infer(rpc::Call call) override {
    const Instant arrived = steady_clock().now();
    if (!accepts_) return call.finish(fail(Errc::unavailable, "the server is shutting down"));
    if (call.request.model == rpc::kLinkProbeModel) return probe_link(call);
    const auto segment = catalogue_.find(call.request.model);
    if (!segment) return call.finish(forward_error(segment));
    const Status fits = call.arrival ? Status{} : check(call.request, *segment);
    if (!fits) return call.finish(forward_error(fits, fmt::format("model '{}'", call.request.model)));
    std::size_t bytes = 0;
    for (const rpc::WireTensor& input : call.request.inputs) bytes += input.payload.size();
    auto share = budget_.take(bytes);
    if (!share) return call.finish(fail(Errc::unavailable, "too many requests are waiting; try again later"));
    auto job = std::make_shared<Job>(
        Job{.call = std::move(call), .segment = *segment, .arrived = arrived, .share = std::move(share)});
    repository_.with_model(*segment, [this, job](const Repository::ModelResult& model) {
      if (!model) return job->call.finish(forward_error(model, fmt::format("model '{}'", job->call.request.model)));
      load_.queued();
      workers_.push([this, job, loaded = *model] { job->run(*loaded, load_); });
    });
  }

  Result<std::shared_ptr<rpc::Arrival>> arriving(const rpc::InferRequest& request) override {
    if (!accepts_) return fail(Errc::unavailable, "the server is shutting down");
    if (!codec::pieced_codec(request.inputs.front().codec)) return nullptr;
    const auto segment = catalogue_.find(request.model);
    if (!segment) return forward_error(segment);
    if (const Status fits = check_announced(request, *segment); !fits) {
      return forward_error(fits, fmt::format("model '{}'", request.model));
    }
    repository_.with_model(*segment, [](const Repository::ModelResult&) {});  // is loaded meanwhile
    return Arrival::start(*segment, budget_, workers_);
  }

  // Past the queue: what is to be measured is the link, and nothing is computed.
  void probe_link(const rpc::Call& call) {
    const auto bytes = rpc::link_probe_bytes(call.request);
    if (!bytes) return call.finish(forward_error(bytes));
    if (!link_probes_.take(static_cast<double>(*bytes))) {
      return call.finish(fail(Errc::unavailable, "too many link probes; try again in a few seconds"));
    }
    call.finish(rpc::link_probe_answer(call.request, *bytes));
  }

  bool ready() override { return accepts_; }

  void model_ready(const std::string& model, std::function<void(Status)> finish) override {
    if (model == rpc::kLinkProbeModel) return finish({});
    const auto segment = catalogue_.find(model);
    if (!segment) return finish(forward_error(segment));
    repository_.with_model(*segment, [model, finish](const Repository::ModelResult& loaded) {
      finish(loaded ? Status{} : forward_error(loaded, fmt::format("model '{}'", model)));
    });
  }

  Result<rpc::ModelMetadata> model_metadata(const std::string& model) override {
    if (model == rpc::kLinkProbeModel) return rpc::link_probe_metadata();
    const auto segment = catalogue_.find(model);
    if (!segment) return forward_error(segment);
    const ServedNetwork& served = *segment->served;
    rpc::ModelMetadata metadata{.name = model, .platform = "openvino", .versions = {"1"}};
    metadata.inputs = segment->input().tensors;
    metadata.outputs = segment->output().tensors;
    metadata.properties["tandem.fingerprint"] = served.network.fingerprint();
    metadata.properties["tandem.blocks"] = std::to_string(served.network.size());
    const rpc::ServerLoad load = load_.report();
    metadata.properties["tandem.load_queued"] = std::to_string(load.queued);
    metadata.properties["tandem.load_running"] = std::to_string(load.running);
    metadata.properties["tandem.load_workers"] = std::to_string(load.workers);
    metadata.properties["tandem.load_wait_us"] = fmt::format("{:.0f}", load.wait.count() * 1000);
    if (!served.priors.all().empty()) metadata.properties["tandem.priors"] = served.priors.hashes();
    if (served.profile) metadata.properties["tandem.profile"] = profile::to_json(*served.profile).dump();
    return metadata;
  }

  rpc::ServerMetadata server_metadata() override { return {.name = "tandem", .version = TANDEM_VERSION}; }

  struct Job {
    rpc::Call call;
    Segment segment;
    Instant arrived;
    std::shared_ptr<const void> share;  // of the budget for waiting requests

    void run(LoadedModel& model, LoadMeter& load) const {
      const Instant start = steady_clock().now();
      load.started();
      if (const Status wanted = still_wanted(start); !wanted) {
        load.dropped();
        return call.finish(forward_error(wanted));
      }
      compute(model, load, start);
      load.finished(steady_clock().now() - start);
    }

    // Work that nobody waits for any more is dropped before it costs anything.
    [[nodiscard]] Status still_wanted(Instant now) const {
      if (call.is_cancelled()) return fail(Errc::cancelled, "the client gave up");
      if (now < call.deadline) return {};
      return fail(Errc::deadline_exceeded, "the request's deadline passed while it waited");
    }

    void compute(LoadedModel& model, const LoadMeter& load, Instant start) const {
      try {
        auto answer = cloud::infer(call.request, static_cast<Arrival*>(call.arrival.get()), segment, model);
        if (answer && answer->times) answer->times->queue = start - arrived;
        if (answer) answer->load = load.report(1);
        call.finish(std::move(answer));
      } catch (const std::bad_alloc&) {  // one request too large must not end the others
        call.finish(fail(Errc::resource_exhausted, "the server has not enough memory for this request"));
      }
    }
  };

  const Catalogue catalogue_;
  std::atomic<bool> accepts_ = true;
  RateLimit link_probes_{kLinkProbes, steady_clock()};
  ByteBudget budget_;
  LoadMeter load_;
  WorkQueue workers_;
  Repository repository_;                // gives work to workers_
  std::unique_ptr<rpc::Server> server_;  // calls the others: the first to go
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Options options) {
  if (options.workers < 1) {
    return fail(Errc::invalid_argument, fmt::format("workers: must be at least 1, is {}", options.workers));
  }
  const std::string listen = options.listen;
  auto server = std::make_unique<CloudServer>(std::move(options));
  if (const Status listening = server->listen(listen); !listening) return forward_error(listening);
  return server;
}

}  // namespace tandem::cloud
