// Numbers to little-endian bytes and back, with every read checked against what is left.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

namespace tandem::codec {

static_assert(std::endian::native == std::endian::little,
              "tensors and containers are little-endian in memory and on the wire");

template <class T>
  requires std::is_trivially_copyable_v<T>
void append(std::vector<std::byte>& bytes, T value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// Seven bits a byte, the lowest first; the high bit is set on all bytes but the last.
inline void append_varint(std::vector<std::byte>& bytes, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) bytes.push_back(static_cast<std::byte>(value | 0x80U));
  bytes.push_back(static_cast<std::byte>(value));
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : left_(bytes) {}

  // Nothing where fewer bytes are left.
  template <class T>
    requires std::is_trivially_copyable_v<T>
  std::optional<T> read() {
    if (left_.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, left_.data(), sizeof value);
    left_ = left_.subspan(sizeof value);
    return value;
  }

  std::optional<std::int64_t> read_varint() {
    constexpr unsigned kMostBits = 63;
    std::int64_t value = 0;
    for (unsigned shift = 0; shift < kMostBits; shift += 7) {
      const auto byte = read<std::uint8_t>();
      if (!byte) return std::nullopt;
      value |= static_cast<std::int64_t>(*byte & 0x7fU) << shift;
      if ((*byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }

  std::optional<std::span<const std::byte>> read_bytes(std::size_t count) {
    if (left_.size() < count) return std::nullopt;
    const auto bytes = left_.first(count);
    left_ = left_.subspan(count);
    return bytes;
  }

  [[nodiscard]] std::span<const std::byte> rest() const { return left_; }

 private:
  std::span<const std::byte> left_;
};

}  // namespace tandem::codec
