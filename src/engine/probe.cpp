#include "probe.hpp"

#include "fill.hpp"
#include "tandem/base/random.hpp"

namespace tandem::engine {

Result<Probe> Probe::compile(const network::Network& network, network::BlockRange range,
                             const CompileOptions& options) {
  auto part = network.cut(range);
  if (!part) return forward_error(part);
  CompileOptions full_speed = options;
  full_speed.slowdown = 1.0;
  const Result<Model> model = engine::compile(std::move(*part), full_speed);
  if (!model) return forward_error(model);
  Run run = model->new_run();
  Random random(1);
  for (std::size_t i = 0; i < model->inputs().size(); ++i) {
    fill_plausibly(model->inputs()[i].type, run.input_bytes(i), random);
  }
  return Probe(std::move(run), model->memory_bytes());
}

}  // namespace tandem::engine
