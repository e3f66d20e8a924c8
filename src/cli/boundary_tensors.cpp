#include "boundary_tensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tandem/engine/model.hpp"

namespace tandem::cli {

namespace fs = std::filesystem;

Result<std::vector<std::string>> images_in(const std::string& folder, std::size_t count) {
  std::vector<std::string> all;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string ending = entry.path().extension().string();
    if (ending == ".jpg" || ending == ".jpeg" || ending == ".png") all.push_back(entry.path().string());
  }
  if (error || all.empty()) {
    return fail(Errc::invalid_argument, fmt::format("{}: no folder with JPEG or PNG files", folder));
  }
  std::ranges::sort(all);
  count = std::min(count, all.size());
  std::vector<std::string> some;
  some.reserve(count);
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * all.size() / count]);
  return some;
}

Status visit_boundaries(const network::Network& network, std::span<const int> boundaries, std::span<const Input> inputs,
                        const std::function<Status(int, std::span<const network::Tensor>)>& visit) {
  std::vector<network::Tensor> tensors;
  for (const Input& input : inputs) tensors.push_back(input.tensors.front());
  int here = 0;
  for (const int boundary : boundaries) {
    if (boundary > here) {
      auto part = network.cut({.first = here + 1, .last = boundary});
      if (!part) return forward_error(part);
      const auto model = engine::compile(std::move(*part), {.threads = 1});
      if (!model) return forward_error(model);
      engine::Run run = model->new_run();
      for (network::Tensor& tensor : tensors) {
        std::ranges::copy(tensor.data, run.input_bytes(0).begin());
        if (const auto took = run.infer(); !took) return forward_error(took);
        tensor = network::Tensor(model->outputs().front());
        std::ranges::copy(run.output_bytes(0), tensor.data.begin());
      }
      here = boundary;
    }
    if (Status visited = visit(boundary, tensors); !visited) return visited;
  }
  return {};
}

}  // namespace tandem::cli
