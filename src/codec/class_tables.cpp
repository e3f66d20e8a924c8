#include "class_tables.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "analytic.hpp"
#include "fit.hpp"

namespace tandem::codec {
namespace {

constexpr std::uint64_t kWorthWeights = 300;
constexpr std::size_t kOneLevel = kZeroDistances * kPhases;

// Activities are told apart by levels of 2^level_shift quarter octaves, and so on. What is told apart finely costs
// tables, and time: tables beyond the processor's caches are slow.
struct Grouping {
  unsigned level_shift;
  unsigned zero_shift;
  unsigned phase_shift;

  // Contexts that share a table, as a number below kContexts; all contexts of a class have its phase.
  [[nodiscard]] std::size_t class_of(std::size_t context) const {
    const std::size_t level = context / kOneLevel >> level_shift;
    const std::size_t zero = context / kPhases % kZeroDistances >> zero_shift;
    return (level * kZeroDistances + zero) * kPhases + (context % kPhases >> phase_shift);
  }
  [[nodiscard]] std::size_t classes() const { return class_of(kContexts - 1) + 1; }
  [[nodiscard]] std::size_t phases() const { return kPhases >> phase_shift; }
  // Whether a class has contexts at all.
  [[nodiscard]] bool has(std::size_t k) const {
    return k % kPhases < phases() && k / kPhases % kZeroDistances < kZeroDistances >> zero_shift;
  }
};

Grouping grouping_for(const TableKind& kind) {
  constexpr unsigned kAllZeros = 3;
  const unsigned all_zeros = kind.zero_symbol ? 0 : kAllZeros;
  if (kind.detail == 0) return {.level_shift = 2, .zero_shift = std::max(1U, all_zeros), .phase_shift = 2};
  if (kind.levels > kFewLevels) {
    return {.level_shift = 1, .zero_shift = std::max(kind.detail == 1 ? 1U : 0U, all_zeros), .phase_shift = 2};
  }
  if (!kind.zero_symbol) return {.level_shift = 1, .zero_shift = kAllZeros, .phase_shift = 0};
  if (kind.detail == 1) return {.level_shift = 2, .zero_shift = 1, .phase_shift = 2};
  return {.level_shift = 2, .zero_shift = 0, .phase_shift = 1};
}

BellPlace place_of(std::size_t k, const TableKind& kind, const Grouping& grouping) {
  return {.levels = kind.levels, .zero_symbol = kind.zero_symbol, .phase = k % kPhases, .phases = grouping.phases()};
}

struct ClassTable {
  bool used = false;
  bool own = false;  // weights of its own, else those of the bell
  Bell bell{};
  Weights weights{};
};

// How often each symbol occurs in each class in use.
class ClassCounts {
 public:
  ClassCounts(const Symbols& symbols, const Grouping& grouping, unsigned levels) : levels_(levels) {
    std::array<bool, kContexts> seen{};
    for (const std::uint16_t context : symbols.contexts) seen[context] = true;
    begin_.fill(kNone);
    std::array<std::uint32_t, kContexts> begin_of_context{};
    std::uint32_t used = 0;
    for (std::size_t c = 0; c < kContexts; ++c) {
      if (!seen[c]) continue;
      std::uint32_t& begin = begin_[grouping.class_of(c)];
      if (begin == kNone) begin = levels * used++;
      begin_of_context[c] = begin;
    }
    counts_.resize(std::size_t{used} * levels);
    for (std::size_t i = 0; i < symbols.symbols.size(); ++i) {
      ++counts_[begin_of_context[symbols.contexts[i]] + symbols.symbols[i]];
    }
  }
  [[nodiscard]] bool used(std::size_t k) const { return begin_[k] != kNone; }
  [[nodiscard]] std::span<const std::uint32_t> of(std::size_t k) const {
    return std::span(counts_).subspan(begin_[k], levels_);
  }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  unsigned levels_;
  std::array<std::uint32_t, kContexts> begin_{};
  std::vector<std::uint32_t> counts_;
};

std::vector<ClassTable> find_tables(const Symbols& symbols, const TableKind& kind, const Grouping& grouping) {
  const ClassCounts counts(symbols, grouping, kind.levels);
  std::vector<ClassTable> tables(grouping.classes());
  std::size_t used = 0;
  for (std::size_t k = 0; k < tables.size() && used < kMostTables; ++k) {
    ClassTable& its = tables[k];
    if (!counts.used(k)) continue;
    its.used = true;
    ++used;
    const auto of = counts.of(k);
    const BellPlace place = place_of(k, kind, grouping);
    its.bell = bell_of(of, place);
    its.weights = weights_of(its.bell, place);
    // A few counts do not pay for weights of their own.
    if (std::accumulate(of.begin(), of.end(), std::uint64_t{0}) < kWorthWeights) continue;
    constexpr std::int64_t kBellBits = 6;
    const Weights own = weights_with_escape(of);
    const std::int64_t bell_cost = coding_cost(of, its.weights) + kBellBits * 256;
    const std::int64_t own_cost = coding_cost(of, own) + static_cast<std::int64_t>(weight_bits(own, kind.levels)) * 256;
    its.own = own_cost < bell_cost;
    if (its.own) its.weights = own;
  }
  return tables;
}

void set_tables(std::span<const ClassTable> classes, const Grouping& grouping, Model& model) {
  std::vector<std::uint8_t> table_of_class(classes.size(), 0);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    if (!classes[k].used) continue;
    table_of_class[k] = static_cast<std::uint8_t>(model.tables.size());
    model.tables.push_back(classes[k].weights);
    if (model.tables.size() > kMostTables) return;  // check() refuses it
  }
  for (std::size_t c = 0; c < kContexts; ++c) model.table_of[c] = table_of_class[grouping.class_of(c)];
}

class TableCode {
 public:
  TableCode(const TableKind& kind, const Grouping& grouping) : kind_(kind), grouping_(grouping) { like_.fill(kNone); }

  template <class Coder>
  void code(Coder& coder, std::span<ClassTable> classes) {
    bool used_before = false;
    bool own_before = false;
    for (std::size_t k = 0; k < classes.size(); ++k) {
      if (!grouping_.has(k)) continue;
      ClassTable& its = classes[k];
      const bool used_below = k >= kOneLevel && classes[k - kOneLevel].used;
      its.used = coder.bit(used_[used_below ? 1 : 0][used_before ? 1 : 0], its.used ? 1 : 0) != 0;
      used_before = its.used;
      if (!its.used) continue;
      its.own = coder.bit(own_[own_before ? 1 : 0], its.own ? 1 : 0) != 0;
      own_before = its.own;
      if (its.own) {
        code_weights(coder, its.weights);
      } else {
        code_bell(coder, k, classes);
        if constexpr (Coder::kReads) its.weights = weights_of(its.bell, place_of(k, kind_, grouping_));
      }
    }
  }

 private:
  static constexpr std::size_t kNone = kContexts;

  // Each class of weights by the one before, as far as that is from the one before it.
  template <class Coder>
  void code_weights(Coder& coder, Weights& weights) {
    int before = 0;
    int step = 0;
    for (std::size_t s = 0; s < kind_.levels; ++s) {
      const int direction = std::clamp(step, -1, 1) + 1;
      AdaptiveNumber& number = weight_classes_[static_cast<std::size_t>(direction)]
                                              [static_cast<std::size_t>(std::min(before, kSmallClasses - 1))];
      const int its = static_cast<int>(std::bit_width(weights[s]));
      const int now = std::clamp(before + coder.integer(number, its - before), 0, static_cast<int>(kMaxWeightClass));
      const auto below = static_cast<unsigned>(std::clamp(now - 1, 0, 2));
      const unsigned dropped = static_cast<unsigned>(std::max(now - 1, 0)) - below;
      const std::uint32_t rest = coder.raw(weights[s] >> dropped & ((1U << below) - 1), below);
      weights[s] = static_cast<std::uint16_t>(now == 0 ? 0 : (1U << below | rest) << dropped);
      step = now - before;
      before = now;
    }
  }

  // As the difference to a bell of the same distance from zero and phase, or to the one before: wider by as much as the
  // levels are apart.
  template <class Coder>
  void code_bell(Coder& coder, std::size_t k, std::span<ClassTable> classes) {
    const std::size_t like = like_[k % kOneLevel] != kNone ? like_[k % kOneLevel] : last_;
    const auto level = static_cast<int>(k / kOneLevel);
    Bell expected{.tails = 1, .width = 0, .zeros = kEvenOdds};
    int levels_above = level;
    if (like != kNone) {
      expected = classes[like].bell;
      levels_above = level - static_cast<int>(like / kOneLevel);
    }
    constexpr int kMost = 63;
    const int width = std::min(kMost, static_cast<int>(expected.width) + levels_above * (1 << grouping_.level_shift));
    const auto near = [&](AdaptiveNumber& number, int usual, unsigned value) {
      return static_cast<unsigned>(
          std::clamp(usual + coder.integer(number, static_cast<int>(value) - usual), 0, kMost));
    };
    Bell& bell = classes[k].bell;
    const unsigned heavy = coder.bit(tails_[0], bell.tails >> 1U);
    bell.tails = heavy << 1U | coder.bit(tails_[1 + heavy], bell.tails & 1U);
    bell.width = near(width_, width, bell.width);
    if (kind_.zero_symbol) bell.zeros = near(zeros_, static_cast<int>(expected.zeros), bell.zeros);
    like_[k % kOneLevel] = last_ = k;
  }

  static constexpr int kSmallClasses = 5;
  TableKind kind_;
  Grouping grouping_;
  std::array<std::array<AdaptiveBit, 2>, 2> used_;
  std::array<AdaptiveBit, 2> own_;
  std::array<AdaptiveBit, 3> tails_;
  AdaptiveNumber width_;
  AdaptiveNumber zeros_;
  std::array<std::array<AdaptiveNumber, kSmallClasses>, 3> weight_classes_;
  std::array<std::size_t, kOneLevel> like_{};  // the last class with a bell of each distance from zero and phase
  std::size_t last_ = kNone;
};

}  // namespace

void write_tables(const Symbols& symbols, const TableKind& kind, AdaptiveWriter& writer, Model& model) {
  const Grouping grouping = grouping_for(kind);
  std::vector<ClassTable> tables = find_tables(symbols, kind, grouping);
  TableCode(kind, grouping).code(writer, tables);
  set_tables(tables, grouping, model);
}

void read_tables(const TableKind& kind, AdaptiveReader& reader, Model& model) {
  const Grouping grouping = grouping_for(kind);
  std::vector<ClassTable> tables(grouping.classes());
  TableCode(kind, grouping).code(reader, tables);
  set_tables(tables, grouping, model);
}

}  // namespace tandem::codec
