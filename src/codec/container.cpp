#include "container.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>

#include "little_endian.hpp"
#include "tandem/codec/codec.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;

constexpr std::uint32_t kMagic = 0x4d444e54;  // "TNDM"
constexpr std::uint8_t kVersion = 1;

// The place in these lists is the number on the wire: append, never reorder.
constexpr std::array kCodecs{kRaw, kLinear8};
constexpr std::array kElementTypes{ElementType::f32,    ElementType::f16, ElementType::bf16, ElementType::f64,
                                   ElementType::i8,     ElementType::u8,  ElementType::i16,  ElementType::u16,
                                   ElementType::i32,    ElementType::u32, ElementType::i64,  ElementType::u64,
                                   ElementType::boolean};

template <class List, class Item>
std::uint8_t number_of(const List& list, const Item& item) {
  std::uint8_t number = 0;
  while (list[number] != item) ++number;
  return number;
}

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(Errc::data_loss, fmt::format("not a coded tensor: {}", what));
}

}  // namespace

std::vector<std::byte> container_head(std::string_view codec, const network::TensorSpec& spec,
                                      std::span<const std::byte> parameters, std::size_t payload_bytes) {
  assert(spec.shape.size() <= kMaxRank);
  std::vector<std::byte> head;
  append(head, kMagic);
  append(head, kVersion);
  append(head, number_of(kCodecs, codec));
  append(head, number_of(kElementTypes, spec.type));
  append(head, static_cast<std::uint8_t>(spec.shape.size()));
  for (const std::int64_t size : spec.shape) append(head, size);
  append(head, static_cast<std::uint16_t>(parameters.size()));
  head.insert(head.end(), parameters.begin(), parameters.end());
  append(head, static_cast<std::uint64_t>(payload_bytes));
  return head;
}

Result<Container> read_container(std::span<const std::byte> coded) {
  ByteReader reader(coded);
  const auto magic = reader.read<std::uint32_t>();
  const auto version = reader.read<std::uint8_t>();
  const auto codec = reader.read<std::uint8_t>();
  const auto type = reader.read<std::uint8_t>();
  const auto rank = reader.read<std::uint8_t>();
  if (!rank) return damaged(fmt::format("only {} bytes", coded.size()));
  if (*magic != kMagic) return damaged("it does not begin with 'TNDM'");
  if (*version != kVersion) return damaged(fmt::format("version {}, this program reads {}", *version, kVersion));
  if (*codec >= kCodecs.size()) return damaged(fmt::format("unknown codec number {}", *codec));
  if (*type >= kElementTypes.size()) return damaged(fmt::format("unknown element type number {}", *type));
  if (*rank > kMaxRank) return damaged(fmt::format("{} dimensions, at most {} are supported", *rank, kMaxRank));

  Container container;
  container.codec = kCodecs[*codec];
  container.spec.type = kElementTypes[*type];
  for (int i = 0; i < *rank; ++i) {
    const auto size = reader.read<std::int64_t>();
    if (!size) return damaged("it ends within the dimensions");
    container.spec.shape.push_back(*size);
  }
  if (const auto bytes = checked_bytes(container.spec.type, container.spec.shape); !bytes) {
    return damaged(bytes.error().message);
  }
  const auto parameter_bytes = reader.read<std::uint16_t>();
  const auto parameters = reader.read_bytes(parameter_bytes.value_or(0));
  const auto payload_bytes = reader.read<std::uint64_t>();
  if (!parameter_bytes || !parameters || !payload_bytes) return damaged("it ends within the header");
  if (*payload_bytes != reader.rest().size()) {
    return damaged(fmt::format("{} bytes of payload, the header says {}", reader.rest().size(), *payload_bytes));
  }
  container.parameters = *parameters;
  container.payload = reader.rest();
  return container;
}

}  // namespace tandem::codec
