#include "runtime.hpp"

#include <openvino/runtime/properties.hpp>

namespace tandem::engine {

ov::Core& runtime() {
  static ov::Core core;
  return core;
}

ov::AnyMap properties(const CompileOptions& options) {
  return {
      ov::inference_num_threads(options.threads),
      ov::num_streams(1),
      ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
      // Without these the plugin may use fewer threads than asked for, or bind two models to one core.
      ov::hint::enable_hyper_threading(true),
      ov::hint::enable_cpu_pinning(false),
      // By default the plugin computes in bf16 where it can, and quantises activations where weights are compressed.
      ov::hint::inference_precision(options.precision == Precision::bf16 ? ov::element::bf16 : ov::element::f32),
      ov::hint::dynamic_quantization_group_size(0),
  };
}

std::string reason(const std::exception& error) {
  std::string text = error.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (const auto line = text.rfind('\n'); line != std::string::npos) text.erase(0, line + 1);
  return text;
}

}  // namespace tandem::engine
