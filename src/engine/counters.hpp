// Where the time goes within a network and within groups of it, by the runtime's own counters: one model that executes
// several groups side by side tells of all of them, for the price of one compilation.
//
//   auto counted = CountedGroups::compile(network, {{1, 2}, {3, 4}}, options);
//   for (int i = 0; i < 10; ++i) counted->infer();
//   Counters counters = counted->read().value();     // counters.inside[3]: milliseconds of block 3
//
// What the runtime does not say, or says badly: a counter is the mean of all runs so far in whole microseconds; parts
// of a network that are constant count although they run once; a layer fused into another counts with it; what the
// runtime inserts (a change of layout) has no layer's name. Thread rule: one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "tandem/base/result.hpp"
#include "tandem/engine/model.hpp"
#include "tandem/network/network.hpp"

namespace tandem::engine {

// By block, 1-based: [0] is unused. Blocks and ends that are in none of the groups have 0.
struct Counters {
  std::vector<Milliseconds> inside;  // of the block's layers, and what is inserted before them
  std::vector<Milliseconds> start;   // inserted between a group's input and its first layer, by its first block
  std::vector<Milliseconds> end;     // inserted between a group's last layer and its output, by its last block
};

class CountedGroups {
 public:
  // Errors: those of Network::cut_apart() and compile().
  static Result<CountedGroups> compile(const network::Network& network, std::span<const network::BlockRange> groups,
                                       const CompileOptions& options);
  CountedGroups(CountedGroups&&) noexcept;
  CountedGroups& operator=(CountedGroups&&) noexcept;
  ~CountedGroups();

  // Executes all groups, one after the other; the time they took together. Error: internal.
  Result<Milliseconds> infer();
  // Over all runs so far; at least one. Error: internal.
  [[nodiscard]] Result<Counters> read() const;

 private:
  struct Data;
  explicit CountedGroups(std::unique_ptr<Data> data);
  std::unique_ptr<Data> data_;
};

}  // namespace tandem::engine
