// What the rest of a network answers when a tensor enters in the middle: how coding is judged by what it does to
// answers.
//
//   Result<AnswersBehind> rest = AnswersBehind::of(network, 8);      // layers 9 to the last
//   Result<int> answer = rest->to(tensor);
//
// Thread rule: one per thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tandem/base/result.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/network.hpp"

namespace tandem::cli {

class AnswersBehind {
 public:
  // Behind `boundary`, from 0, the whole network, to network.size(), nothing. Errors: of cutting and compiling.
  static Result<AnswersBehind> of(const network::Network& network, int boundary);

  // The index of the largest output. Precondition: the tensor is of the boundary's only spec. Errors: of running;
  // failed_precondition where the output is no list of classes.
  Result<int> to(const network::Tensor& tensor);

 private:
  std::optional<engine::Run> run_;  // none behind the last layer
  network::Tensor output_;
};

// By file name without folders, from lines "images/a.jpg,736,…" below a headline. Errors: not_found, invalid_argument
// naming the line.
Result<std::map<std::string, int>> read_class_numbers(const std::string& path);

}  // namespace tandem::cli
