#include "tandem/link/link.hpp"

#include <fmt/format.h>

#include <cctype>

#include "tandem/base/file.hpp"

namespace tandem::link {
namespace {

constexpr const char* kFormat = "tandem.link.v1";
constexpr std::uintmax_t kMaxLinkFile = 1U << 20U;

// "Wi-Fi" and "wifi" are one name.
std::string plain(const std::string& name) {
  std::string result;
  for (const char c : name) {
    if (c != '-') result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

std::string preset_names() {
  std::string names;
  for (const Preset& preset : presets()) names += (names.empty() ? "" : ", ") + preset.link.name;
  return names;
}

Mbps rate(JsonReader& reader, const char* key) {
  const double mbps = reader.number(key, {.min = 0, .max = 1e6});
  if (reader.status() && mbps == 0) reader.refuse(key, "must be above 0 Mbps, is 0");
  return Mbps{mbps};
}

}  // namespace

Result<Link> find(const std::string& name_or_file) {
  for (const Preset& preset : presets()) {
    if (preset.link.name == plain(name_or_file)) return preset.link;
  }
  const Result<std::string> text = read_file(name_or_file, kMaxLinkFile);
  if (!text && text.error().code == Errc::not_found) {
    return fail(Errc::not_found, fmt::format("link '{}': no preset and no file of that name; presets: {}", name_or_file,
                                             preset_names()));
  }
  if (!text) return forward_error(text);
  const Result<Json> json = parse_json(*text);
  if (!json) return forward_error(json, name_or_file);
  Result<Link> link = from_json(*json);
  if (!link) return forward_error(link, name_or_file);
  return link;
}

Result<Link> from_json(const Json& json) {
  JsonReader reader(json, kFormat);
  Link link{.name = reader.text("name"),
            .up = rate(reader, "up_mbps"),
            .down = rate(reader, "down_mbps"),
            .rtt = Milliseconds{reader.number("rtt_ms", {.min = 0, .max = 1e6})},
            .alpha_up = reader.number_or("alpha_up_mw_per_mbps", 0, {.min = 0}),
            .alpha_down = reader.number_or("alpha_down_mw_per_mbps", 0, {.min = 0}),
            .beta = Milliwatts{reader.number_or("beta_mw", 0, {.min = 0})}};
  if (!reader.status()) return forward_error(reader.status());
  return link;
}

Json to_json(const Link& link) {
  return {{"format", kFormat},
          {"name", link.name},
          {"up_mbps", link.up.value},
          {"down_mbps", link.down.value},
          {"rtt_ms", link.rtt.count()},
          {"alpha_up_mw_per_mbps", link.alpha_up},
          {"alpha_down_mw_per_mbps", link.alpha_down},
          {"beta_mw", link.beta.value}};
}

}  // namespace tandem::link
