#include "runtime.hpp"

#include <algorithm>

namespace tandem::engine {

ov::Core& runtime() {
  static ov::Core core;
  return core;
}

std::string reason(const std::exception& error) {
  std::string text = error.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (const auto line = text.rfind('\n'); line != std::string::npos) text.erase(0, line + 1);
  return text;
}

}  // namespace tandem::engine
