// tandem_scenes: renders the pictures that come with Tandem.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "render.hpp"
#include "tandem/base/file.hpp"

namespace {

using namespace tandem;

constexpr int kQuality = 85;
constexpr int kBadUsage = 2;

int refuse(const std::string& why) {
  fmt::print(stderr, "tandem_scenes: {}\nusage: tandem_scenes SEED LIGHT FILE.jpg\n", why);
  return kBadUsage;
}

int run(std::string_view seed_text, std::string_view light_name, const std::string& path) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(seed_text.data(), seed_text.data() + seed_text.size(), seed);
  if (error != std::errc() || end != seed_text.data() + seed_text.size()) return refuse("SEED must be a whole number");
  const auto light = scenes::light_named(light_name);
  if (!light) return refuse(fmt::format("LIGHT must be one of {}", scenes::light_names()));
  const codec::Image image = scenes::render(scenes::arrange(seed, *light), {.seed = seed});
  const auto jpeg = codec::encode_jpeg(image, kQuality);
  if (!jpeg) return refuse(jpeg.error().message);
  const Status written = write_file(path, {reinterpret_cast<const char*>(jpeg->data()), jpeg->size()});
  return written ? 0 : refuse(written.error().message);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return refuse("three arguments are needed");
  return run(argv[1], argv[2], argv[3]);
}
