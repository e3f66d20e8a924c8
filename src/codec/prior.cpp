#include "tandem/codec/prior.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "bits.hpp"
#include "checksum.hpp"
#include "prior_data.hpp"
#include "tandem/codec/shape.hpp"

namespace tandem::codec {
namespace {

constexpr std::uint32_t kMagic = 0x52504e54;  // "TNPR"
constexpr unsigned kVersion = 1;
constexpr unsigned kTableBits = 7;
constexpr unsigned kReferenceCountBits = 3;

void write_signed(std::int16_t value, BitWriter& bits) {
  bits.write(static_cast<std::uint16_t>(value), 16);
}

std::int16_t read_signed(BitReader& bits) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(bits.read(16)));
}

template <std::size_t N>
void write_all(const std::array<std::int16_t, N>& values, BitWriter& bits) {
  for (const std::int16_t value : values) write_signed(value, bits);
}

template <std::size_t N>
void read_all(std::array<std::int16_t, N>& values, BitReader& bits) {
  for (std::int16_t& value : values) value = read_signed(bits);
}

tl::unexpected<Error> damaged(std::string_view what) {
  return fail(Errc::data_loss, fmt::format("not a prior: {}", what));
}

void read_channels(std::size_t channels, BitReader& bits, Model& model) {
  for (std::size_t c = 0; c < channels && !bits.overrun(); ++c) {
    ChannelModel& its = model.channels.emplace_back();
    its.mean = read_signed(bits);
    its.activity = static_cast<std::uint16_t>(bits.read(16));
    read_all(its.own, bits);
    its.references.resize(bits.read(kReferenceCountBits));
    for (Reference& reference : its.references) {
      reference.channel = static_cast<std::uint16_t>(bits.read(16));
      read_all(reference.taps, bits);
    }
  }
}

}  // namespace

std::vector<std::byte> write_prior(const PlaneShape& shape, unsigned levels, std::uint32_t doubtful,
                                   const Model& model) {
  std::vector<std::byte> bytes;
  BitWriter bits(bytes);
  bits.write(kMagic, 32);
  bits.write(kVersion, 8);
  bits.write(levels - 1, 8);
  for (const std::size_t extent : {shape.channels, shape.height, shape.width}) {
    bits.write(static_cast<std::uint32_t>(extent), 16);
  }
  bits.write(doubtful, 32);
  bits.write(model.zero_symbol ? 1 : 0, 1);
  write_all(model.activity.own, bits);
  write_all(model.activity.reference, bits);
  write_all(model.activity.channel, bits);
  for (const ChannelModel& its : model.channels) {
    write_signed(its.mean, bits);
    bits.write(its.activity, 16);
    write_all(its.own, bits);
    bits.write(static_cast<std::uint32_t>(its.references.size()), kReferenceCountBits);
    for (const Reference& reference : its.references) {
      bits.write(reference.channel, 16);
      write_all(reference.taps, bits);
    }
  }
  bits.write(static_cast<std::uint32_t>(model.tables.size()), kTableBits + 1);
  for (const std::uint8_t table : model.table_of) bits.write(table, kTableBits);
  for (const Weights& table : model.tables) write_weights(table, levels, bits);
  bits.flush();
  return bytes;
}

Result<Prior> Prior::parse(std::span<const std::byte> bytes) {
  if (bytes.size() > kMostPriorBytes) {
    return damaged(fmt::format("{} bytes, at most {} are allowed", bytes.size(), kMostPriorBytes));
  }
  BitReader bits(bytes);
  if (bits.read(32) != kMagic) return damaged("it does not begin with 'TNPR'");
  if (const unsigned version = bits.read(8); version != kVersion) return damaged(fmt::format("version {}", version));
  auto data = std::make_shared<Data>();
  data->levels = bits.read(8) + 1;
  if (data->levels < 2) return damaged("it is of a single level");
  data->shape.channels = bits.read(16);
  data->shape.height = bits.read(16);
  data->shape.width = bits.read(16);
  if (data->shape.size() == 0 || data->shape.size() > kMaxTensorBytes) return damaged("it is of no possible shape");
  data->doubtful = bits.read(32);
  Model& model = data->model;
  model.zero_symbol = bits.read(1) != 0;
  read_all(model.activity.own, bits);
  read_all(model.activity.reference, bits);
  read_all(model.activity.channel, bits);
  read_channels(data->shape.channels, bits, model);
  const std::size_t tables = bits.read(kTableBits + 1);
  if (tables > kMostTables) return damaged("it has too many tables");
  for (std::uint8_t& table : model.table_of) table = static_cast<std::uint8_t>(bits.read(kTableBits));
  for (std::size_t i = 0; i < tables && !bits.overrun(); ++i) model.tables.push_back(read_weights(data->levels, bits));
  if (bits.overrun()) return damaged("it is cut off");
  if (!bits.rest().empty()) return damaged("there is more than a prior");
  if (const Status fits = check(model, data->shape, data->levels); !fits) return damaged(fits.error().message);
  data->bytes.assign(bytes.begin(), bytes.end());
  data->hash = checksum(bytes);
  data->encoder = std::make_unique<ReadyEncoder>(model, data->levels);
  data->decoder = std::make_unique<ReadyDecoder>(model);
  return Prior(std::move(data));
}

std::uint32_t Prior::hash() const {
  return data_->hash;
}

std::span<const std::byte> Prior::bytes() const {
  return data_->bytes;
}

std::optional<Prior> Priors::find(std::uint32_t hash) const {
  const auto found = std::ranges::find(priors_, hash, [](const BoundaryPrior& one) { return one.prior.hash(); });
  return found == priors_.end() ? std::nullopt : std::optional(found->prior);
}

Priors Priors::at(int boundary) const {
  Priors some;
  for (const BoundaryPrior& one : priors_) {
    if (one.boundary == boundary) some.add(one);
  }
  return some;
}

std::string Priors::hashes() const {
  std::string list;
  for (const BoundaryPrior& one : priors_) {
    list += fmt::format("{}{:08x}", list.empty() ? "" : ",", one.prior.hash());
  }
  return list;
}

Priors Priors::among(std::string_view hashes) const {
  Priors some;
  for (const BoundaryPrior& one : priors_) {
    if (hashes.find(fmt::format("{:08x}", one.prior.hash())) != std::string_view::npos) some.add(one);
  }
  return some;
}

}  // namespace tandem::codec
