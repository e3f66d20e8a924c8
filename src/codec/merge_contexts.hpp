// Which contexts share a table: those that lose least by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model.hpp"

namespace tandem::codec {

// How often each symbol occurred in each context.
class ContextCounts {
 public:
  explicit ContextCounts(unsigned levels) : levels_(levels), counts_(kContexts * levels) {}
  void add(std::size_t context, std::size_t symbol) { ++counts_[context * levels_ + symbol]; }
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t context) const {
    return std::span(counts_).subspan(context * levels_, levels_);
  }
  [[nodiscard]] unsigned levels() const { return levels_; }

 private:
  unsigned levels_;
  std::vector<std::uint32_t> counts_;
};

// Sets the model's tables, at most `tables` of them, and which context has which.
void merge_contexts(const ContextCounts& counts, std::size_t tables, Model& model);

}  // namespace tandem::codec
