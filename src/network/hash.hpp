// A fast 64-bit hash of a stream of bytes and numbers: four lanes of multiply and rotate, mixed at the end with the
// finaliser of splitmix64. The same on every platform we build for (little-endian). Against accidents, not attackers.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace tandem::network {

class Hash {
 public:
  void number(std::uint64_t value) { absorb(lanes_[0], value); }

  void text(std::string_view value) { bytes(std::as_bytes(std::span(value))); }

  void bytes(std::span<const std::byte> data) {
    number(data.size());
    constexpr std::size_t kStripe = 4 * sizeof(std::uint64_t);
    std::array<std::uint64_t, 4> words{};
    std::size_t done = 0;
    for (; done + kStripe <= data.size(); done += kStripe) {
      std::memcpy(words.data(), data.data() + done, kStripe);
      for (std::size_t lane = 0; lane < lanes_.size(); ++lane) absorb(lanes_[lane], words[lane]);
    }
    if (done == data.size()) return;
    words = {};
    std::memcpy(words.data(), data.data() + done, data.size() - done);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) absorb(lanes_[lane], words[lane]);
  }

  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t mixed = 0;
    for (const std::uint64_t lane : lanes_) {
      mixed += lane;
      mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
      mixed ^= mixed >> 31U;
    }
    return mixed;
  }

 private:
  static void absorb(std::uint64_t& lane, std::uint64_t word) {
    lane = std::rotl(lane ^ (word * 0x9e3779b97f4a7c15ULL), 29) * 0xd6e8feb86659fd93ULL + 0x632be59bd9b4e019ULL;
  }

  std::array<std::uint64_t, 4> lanes_{1, 2, 3, 4};
};

}  // namespace tandem::network
