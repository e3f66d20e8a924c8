#include "checksum.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace tandem::codec {
namespace {

constexpr std::uint32_t kPrime1 = 0x9e3779b1U;
constexpr std::uint32_t kPrime2 = 0x85ebca77U;
constexpr std::uint32_t kPrime3 = 0xc2b2ae3dU;
constexpr std::uint32_t kPrime4 = 0x27d4eb2fU;
constexpr std::uint32_t kPrime5 = 0x165667b1U;
constexpr std::size_t kStripe = 16;

std::uint32_t word_at(const std::byte* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

std::uint32_t checksum(std::span<const std::byte> bytes) {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t hash = kPrime5;
  if (left >= kStripe) {
    std::array<std::uint32_t, 4> lanes{kPrime1 + kPrime2, kPrime2, 0, 0U - kPrime1};
    for (; left >= kStripe; left -= kStripe) {
      for (std::uint32_t& lane : lanes) {
        lane = std::rotl(lane + word_at(at) * kPrime2, 13) * kPrime1;
        at += 4;
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  }
  hash += static_cast<std::uint32_t>(bytes.size());
  for (; left >= 4; left -= 4) {
    hash = std::rotl(hash + word_at(at) * kPrime3, 17) * kPrime4;
    at += 4;
  }
  for (; left > 0; --left) {
    hash = std::rotl(hash + std::to_integer<std::uint32_t>(*at) * kPrime5, 11) * kPrime1;
    ++at;
  }
  hash = (hash ^ (hash >> 15U)) * kPrime2;
  hash = (hash ^ (hash >> 13U)) * kPrime3;
  return hash ^ (hash >> 16U);
}

}  // namespace tandem::codec
