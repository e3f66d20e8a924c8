// FILE.priors: the priors of one network. Little-endian.
//
//   bytes  what
//   4      magic "TNPS"
//   4      count, uint32
//   each:  4 boundary, 4 bytes b of the prior, b the prior
//   4      checksum, XXH32 of all that is before it
#include <fmt/format.h>

#include <cstring>

#include "checksum.hpp"
#include "little_endian.hpp"
#include "tandem/base/file.hpp"
#include "tandem/codec/prior.hpp"

namespace tandem::codec {
namespace {

constexpr std::uint32_t kMagic = 0x53504e54;  // "TNPS"
constexpr std::uint32_t kMostPriors = 8192;

Result<Priors> parse_priors(std::span<const std::byte> bytes) {
  const auto damaged = [](const char* why) {
    return fail(Errc::data_loss, fmt::format("not a file of priors: {}", why));
  };
  std::uint32_t told = 0;
  if (bytes.size() < 3 * sizeof told) return damaged("too short");
  const auto content = bytes.first(bytes.size() - sizeof told);
  std::memcpy(&told, bytes.data() + content.size(), sizeof told);
  ByteReader reader(content);
  if (reader.read<std::uint32_t>() != kMagic) return damaged("it does not begin with 'TNPS'");
  if (told != checksum(content)) return damaged("its checksum is another");
  const auto count = reader.read<std::uint32_t>();
  if (!count || *count > kMostPriors) return damaged("too many priors");
  Priors priors;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto boundary = reader.read<std::uint32_t>();
    const auto size = reader.read<std::uint32_t>();
    const auto prior_bytes = reader.read_bytes(size.value_or(0));
    if (!boundary || !size || !prior_bytes) return damaged("it is cut off");
    auto prior = Prior::parse(*prior_bytes);
    if (!prior) return forward_error(prior);
    priors.add({.boundary = static_cast<int>(*boundary), .prior = std::move(*prior)});
  }
  if (!reader.rest().empty()) return damaged("there is more behind the priors");
  return priors;
}

}  // namespace

Result<Priors> load_priors(const std::filesystem::path& path) {
  const Result<std::string> file = read_file(path);
  if (!file) return forward_error(file);
  auto priors = parse_priors(std::as_bytes(std::span(*file)));
  if (!priors) return forward_error(priors, path.string());
  return priors;
}

Status save(const Priors& priors, const std::filesystem::path& path) {
  std::vector<std::byte> bytes;
  append(bytes, kMagic);
  append(bytes, static_cast<std::uint32_t>(priors.all().size()));
  for (const BoundaryPrior& one : priors.all()) {
    append(bytes, static_cast<std::uint32_t>(one.boundary));
    append(bytes, static_cast<std::uint32_t>(one.prior.bytes().size()));
    bytes.insert(bytes.end(), one.prior.bytes().begin(), one.prior.bytes().end());
  }
  append(bytes, checksum(bytes));
  return write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::filesystem::path priors_path(const std::string& reference) {
  return reference + ".priors";
}

Result<Priors> priors_beside(const std::string& reference) {
  const std::filesystem::path path = priors_path(reference);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return Priors();
  return load_priors(path);
}

}  // namespace tandem::codec
