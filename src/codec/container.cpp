#include "container.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <cstring>
#include <optional>

#include "checksum.hpp"
#include "little_endian.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/pieces.hpp"

namespace tandem::codec {
namespace {

using network::ElementType;

constexpr std::uint16_t kMagic = 0x4e54;  // "TN"
constexpr std::uint8_t kVersion = 3;

// The place in these lists is the number on the wire: append, never reorder.
constexpr std::array kCodecs{kRaw, kLinear8, kTfcFast, kTfc, kJointDnn, kButterfly, kPieces, kBottleNet};
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
                                      std::span<const std::byte> parameters) {
  assert(spec.shape.size() <= kMaxRank);
  std::vector<std::byte> head;
  append(head, kMagic);
  append(head, kVersion);
  append(head, number_of(kCodecs, codec));
  append(head, static_cast<std::uint8_t>(number_of(kElementTypes, spec.type) | spec.shape.size() << 4U));
  for (const std::int64_t size : spec.shape) append_varint(head, static_cast<std::uint64_t>(size));
  append_varint(head, parameters.size());
  head.insert(head.end(), parameters.begin(), parameters.end());
  return head;
}

void seal(std::vector<std::byte>& coded) {
  append(coded, checksum(coded));
}

Result<Container> read_container(std::span<const std::byte> coded) {
  if (coded.size() < kChecksumBytes) return damaged(fmt::format("only {} bytes", coded.size()));
  const auto content = coded.first(coded.size() - kChecksumBytes);
  auto container = read_head(content);
  if (!container) return container;
  std::uint32_t told = 0;
  std::memcpy(&told, content.data() + content.size(), sizeof told);
  if (told != checksum(content)) return damaged("its checksum is another");
  return container;
}

Result<Container> read_head(std::span<const std::byte> beginning) {
  ByteReader reader(beginning);
  const auto magic = reader.read<std::uint16_t>();
  const auto version = reader.read<std::uint8_t>();
  const auto codec = reader.read<std::uint8_t>();
  const auto type_and_rank = reader.read<std::uint8_t>();
  if (!type_and_rank) return damaged(fmt::format("only {} bytes", beginning.size()));
  if (*magic != kMagic) return damaged("it does not begin with 'TN'");
  if (*version != kVersion) return damaged(fmt::format("version {}, this program reads {}", *version, kVersion));
  if (*codec >= kCodecs.size()) return damaged(fmt::format("unknown codec number {}", *codec));
  const unsigned type = *type_and_rank & 0xfU;
  const unsigned rank = *type_and_rank >> 4U;
  if (type >= kElementTypes.size()) return damaged(fmt::format("unknown element type number {}", type));
  if (rank > kMaxRank) return damaged(fmt::format("{} dimensions, at most {} are supported", rank, kMaxRank));

  Container container;
  container.codec = kCodecs[*codec];
  container.spec.type = kElementTypes[type];
  for (unsigned i = 0; i < rank; ++i) {
    const auto size = reader.read_varint();
    if (!size) return damaged("it ends within the dimensions");
    container.spec.shape.push_back(*size);
  }
  if (const auto bytes = checked_bytes(container.spec.type, container.spec.shape); !bytes) {
    return damaged(bytes.error().message);
  }
  const auto parameter_bytes = reader.read_varint();
  const auto parameters = reader.read_bytes(static_cast<std::size_t>(parameter_bytes.value_or(0)));
  if (!parameter_bytes || !parameters) return damaged("it ends within the header");
  container.parameters = *parameters;
  container.payload = reader.rest();
  return container;
}

Status check_due(const Container& container, const network::TensorSpec& due) {
  if (container.spec.type == due.type && container.spec.shape == due.shape) return {};
  return fail(Errc::invalid_argument,
              fmt::format("the coded tensor is {}, {} is due", to_string(container.spec), to_string(due)));
}

}  // namespace tandem::codec
