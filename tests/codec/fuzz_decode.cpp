// What any bytes do to the decoders: nothing but an error. Built for libFuzzer with the preset `fuzz`; vectors_test.cpp
// replays its corpus, tests/codec/vectors, as an ordinary test.
#include "fuzz_decode.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "container.hpp"
#include "tandem/codec/codec.hpp"
#include "tandem/codec/pieces.hpp"
#include "tandem/codec/prior.hpp"

namespace tandem::codec {

void decode_any_bytes(std::span<const std::byte> bytes) {
  constexpr std::size_t kMostBytes = 1U << 22U;  // larger tensors only take longer
  // With the checksum that belongs to them: else hardly anything would get beyond it.
  std::vector<std::byte> coded(bytes.begin(), bytes.end());
  seal(coded);
  const auto header = read_header(coded);
  if (header && header->spec.bytes() <= kMostBytes) {
    std::vector<std::byte> out(header->spec.bytes());
    (void)decode(coded, header->spec, out).has_value();
    PieceDecoder arriving(header->spec, out);
    const std::span<const std::byte> stream(coded);
    if (arriving.add(stream.first(stream.size() / 2)) && arriving.add(stream.subspan(stream.size() / 2))) {
      (void)arriving.finish().has_value();
    }
  }
  (void)Prior::parse(bytes).has_value();
}

}  // namespace tandem::codec

#ifdef TANDEM_LIBFUZZER
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem::codec::decode_any_bytes({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
#endif
