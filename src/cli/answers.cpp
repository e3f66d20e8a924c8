#include "answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "inputs.hpp"
#include "tandem/base/file.hpp"
#include "tandem/base/number.hpp"

namespace tandem::cli {
namespace {

Result<int> answer_in(const network::Tensor& output) {
  const auto best = top(output, {}, 1);
  if (!best.empty()) return best.front().index;
  return fail(Errc::failed_precondition, fmt::format("the result, {}, is no list of classes: there are no answers to "
                                                     "compare",
                                                     to_string(output.spec)));
}

}  // namespace

Result<AnswersBehind> AnswersBehind::of(const network::Network& network, int boundary) {
  AnswersBehind answers;
  if (boundary == network.size()) return answers;
  auto part = network.cut({.first = boundary + 1, .last = network.size()});
  if (!part) return forward_error(part);
  const auto model = engine::compile(std::move(*part), {.threads = 1});
  if (!model) return forward_error(model);
  answers.run_ = model->new_run();
  answers.output_ = network::Tensor(model->outputs().front());
  return answers;
}

Result<int> AnswersBehind::to(const network::Tensor& tensor) {
  if (!run_) return answer_in(tensor);
  std::ranges::copy(tensor.data, run_->input_bytes(0).begin());
  if (const auto took = run_->infer(); !took) return forward_error(took);
  std::ranges::copy(run_->output_bytes(0), output_.data.begin());
  return answer_in(output_);
}

Result<std::map<std::string, int>> read_class_numbers(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return forward_error(text);
  std::map<std::string, int> numbers;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text->size(); ++line_number) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view line = std::string_view(*text).substr(begin, end - begin);
    begin = end + 1;
    if (line_number == 0 || line.empty()) continue;
    const std::size_t comma = line.find(',');
    std::string_view digits = comma == std::string_view::npos ? std::string_view() : line.substr(comma + 1);
    digits = digits.substr(0, digits.find_first_of(",\r"));  // columns may follow
    const int number = parse_number<int>(digits).value_or(-1);
    if (number < 0) {
      return fail(Errc::invalid_argument,
                  fmt::format("{}:{}: not a file name, a comma and a class number", path, line_number + 1));
    }
    numbers.emplace(std::filesystem::path(line.substr(0, comma)).filename().string(), number);
  }
  return numbers;
}

}  // namespace tandem::cli
