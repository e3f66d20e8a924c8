// Bits to bytes and back, the least significant bit of a byte first; reads beyond the end give zeros and are noticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tandem::codec {

class BitWriter {
 public:
  explicit BitWriter(std::vector<std::byte>& out) : out_(out) {}

  // Precondition: count <= 32 and value < 2^count.
  void write(std::uint32_t value, unsigned count) {
    held_ |= std::uint64_t{value} << held_bits_;
    held_bits_ += count;
    while (held_bits_ >= 8) {
      out_.push_back(static_cast<std::byte>(held_));
      held_ >>= 8U;
      held_bits_ -= 8;
    }
  }

  // Fills the last byte with zeros.
  void flush() {
    if (held_bits_ > 0) out_.push_back(static_cast<std::byte>(held_));
    held_ = 0;
    held_bits_ = 0;
  }

 private:
  std::vector<std::byte>& out_;
  std::uint64_t held_ = 0;
  unsigned held_bits_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // Precondition: count <= 32.
  std::uint32_t read(unsigned count) {
    while (held_bits_ < count) {
      if (next_ < bytes_.size()) {
        held_ |= std::uint64_t{std::to_integer<std::uint8_t>(bytes_[next_++])} << held_bits_;
      } else {
        overrun_ = true;
      }
      held_bits_ += 8;
    }
    const auto value = static_cast<std::uint32_t>(held_ & ((std::uint64_t{1} << count) - 1));
    held_ >>= count;
    held_bits_ -= count;
    return value;
  }

  [[nodiscard]] bool overrun() const { return overrun_; }
  // What follows the byte of the last bit read.
  [[nodiscard]] std::span<const std::byte> rest() const { return bytes_.subspan(next_ - held_bits_ / 8); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t next_ = 0;
  std::uint64_t held_ = 0;
  unsigned held_bits_ = 0;
  bool overrun_ = false;
};

}  // namespace tandem::codec
