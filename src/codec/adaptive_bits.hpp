// An adaptive binary range coder, for the model that goes with a tensor: few numbers, each coded by how its likes came
// out before. (Carry and range as in the range coder of LZMA; rates as in a mean over what was seen so far.)
//
// What is to be coded is described once, for both directions: bit(context, value) of a writer writes the value and
// returns it; of a reader it ignores the value and returns what was written.
//
//   template <class Coder> void code(Coder& coder, Filter& filter) {
//     filter.length = coder.number(lengths, filter.length);
//   }
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tandem::codec {

// How likely a bit is 0, by the bits of its kind so far.
class AdaptiveBit {
 public:
  static constexpr unsigned kBits = 12;

  // In 1..2^kBits - 1.
  [[nodiscard]] std::uint32_t zero() const { return 1 + (std::uint32_t{zero_} * ((1U << kBits) - 2) >> 16U); }
  void update(unsigned bit) {
    const int target = bit == 0 ? 65535 : 0;
    zero_ = static_cast<std::uint16_t>(zero_ + (std::int64_t{target - zero_} * kRates[seen_] >> 16));
    seen_ = static_cast<std::uint16_t>(seen_ + (seen_ + 1U < kRates.size() ? 1 : 0));
  }

 private:
  // Of the mean over all bits so far, and of the last few of many; a start of half and half counts as half a bit.
  static constexpr std::array<int, 30> kRates = [] {
    std::array<int, 30> rates{};
    for (int seen = 0; seen < 30; ++seen) rates[static_cast<std::size_t>(seen)] = (1 << 16) / (2 * seen + 3) * 2;
    return rates;
  }();
  std::uint16_t zero_ = 32768;
  std::uint16_t seen_ = 0;
};

// A number from 0 on that is small more often than not: how many bits it has in unary, the bit below the leading one,
// then the others as they are.
struct AdaptiveNumber {
  static constexpr unsigned kMostBits = 16;
  std::array<AdaptiveBit, kMostBits + 1> longer;
  std::array<AdaptiveBit, kMostBits + 1> second;
};

// What writer and reader have in common; `Self` has bit() and raw().
template <class Self>
class AdaptiveCoder {
 public:
  // Below 2^kMostBits.
  std::uint32_t number(AdaptiveNumber& context, std::uint32_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    unsigned bits = 0;
    while (bits < AdaptiveNumber::kMostBits && self().bit(context.longer[bits], bits < width ? 1 : 0) != 0) ++bits;
    if (bits < 2) return bits;
    const unsigned below = bits - 2;
    const std::uint32_t second = self().bit(context.second[bits], value >> below & 1U);
    return (2U | second) << below | self().raw(value & ((1U << below) - 1), below);
  }
  // 0, -1, 1, -2, … as 0, 1, 2, 3, …
  int integer(AdaptiveNumber& context, int value) {
    const std::uint32_t folded = number(context, static_cast<std::uint32_t>(value >= 0 ? 2 * value : -2 * value - 1));
    return folded % 2 == 0 ? static_cast<int>(folded / 2) : -static_cast<int>(folded / 2) - 1;
  }

 private:
  Self& self() { return static_cast<Self&>(*this); }
};

class AdaptiveWriter : public AdaptiveCoder<AdaptiveWriter> {
 public:
  static constexpr bool kReads = false;

  // Appends to `out`; nothing else may until finish().
  explicit AdaptiveWriter(std::vector<std::byte>& out) : out_(out) {}

  unsigned bit(AdaptiveBit& context, unsigned value) {
    const std::uint32_t bound = (range_ >> AdaptiveBit::kBits) * context.zero();
    if (value == 0) {
      range_ = bound;
    } else {
      low_ += bound;
      range_ -= bound;
    }
    context.update(value);
    normalise();
    return value;
  }
  // `count` bits as they are, at most 16.
  std::uint32_t raw(std::uint32_t value, unsigned count) {
    range_ >>= count;
    low_ += std::uint64_t{value} * range_;
    normalise();
    return value;
  }
  void finish() {
    // Two bytes tell the range from others, whatever follows them.
    low_ += 0xffff;
    carry();
    for (int i = 0; i < 2; ++i) shift();
  }

 private:
  void carry() {
    if (low_ <= 0xffffffffU) return;
    low_ &= 0xffffffffU;
    for (std::size_t i = out_.size(); i-- > 0;) {
      out_[i] = static_cast<std::byte>(std::to_integer<unsigned>(out_[i]) + 1);
      if (out_[i] != std::byte{0}) return;
    }
  }
  void shift() {
    out_.push_back(static_cast<std::byte>(low_ >> 24U));
    low_ = low_ << 8U & 0xffffffffU;
  }
  void normalise() {
    carry();
    while (range_ < 1U << 24U) {
      shift();
      range_ <<= 8U;
    }
  }

  std::vector<std::byte>& out_;
  std::uint64_t low_ = 0;
  std::uint32_t range_ = 0xffffffffU;
};

class AdaptiveReader : public AdaptiveCoder<AdaptiveReader> {
 public:
  static constexpr bool kReads = true;

  explicit AdaptiveReader(std::span<const std::byte> data) : data_(data) {
    for (int i = 0; i < 4; ++i) code_ = code_ << 8U | next();
  }

  unsigned bit(AdaptiveBit& context, unsigned /*value*/) {
    const std::uint32_t bound = (range_ >> AdaptiveBit::kBits) * context.zero();
    const unsigned value = code_ < bound ? 0 : 1;
    if (value == 0) {
      range_ = bound;
    } else {
      code_ -= bound;
      range_ -= bound;
    }
    context.update(value);
    normalise();
    return value;
  }
  std::uint32_t raw(std::uint32_t /*value*/, unsigned count) {
    range_ >>= count;
    const std::uint32_t value = std::min(code_ / range_, (1U << count) - 1);
    code_ -= value * range_;
    normalise();
    return value;
  }
  // More was read than there is: what came out since means nothing.
  [[nodiscard]] bool overrun() const { return next_ > data_.size() + 2; }
  // What follows, once all that was written is read.
  [[nodiscard]] std::span<const std::byte> rest() const { return data_.subspan(std::min(next_ - 2, data_.size())); }

 private:
  std::uint32_t next() {
    const std::size_t at = next_++;
    return at < data_.size() ? std::to_integer<std::uint32_t>(data_[at]) : 0;
  }
  void normalise() {
    while (range_ < 1U << 24U) {
      code_ = code_ << 8U | next();
      range_ <<= 8U;
    }
  }

  std::span<const std::byte> data_;
  std::size_t next_ = 0;
  std::uint32_t code_ = 0;
  std::uint32_t range_ = 0xffffffffU;
};

}  // namespace tandem::codec
