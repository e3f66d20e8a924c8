#include "rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace tandem::structure {
namespace {

constexpr std::array<std::string_view, 12> kFolders = {"base",   "network", "codec",  "link",  "profile", "plan",
                                                       "engine", "rpc",     "device", "cloud", "cli",     ""};
constexpr int kPublicHeaderLines = 150;
constexpr int kSourceLines = 400;

struct Library {
  std::string_view header_prefix;
  std::array<std::string_view, 2> homes;
};
constexpr std::array kLibraries = {
    Library{"openvino/", {"network", "engine"}},
    Library{"grpc", {"rpc"}},
    Library{"google/protobuf", {"rpc"}},
    Library{"jpeglib.h", {"codec"}},
    Library{"spng.h", {"codec"}},
    Library{"png.h", {"codec"}},
    Library{"zstd.h", {"codec"}},
    Library{"hwy/", {"codec"}},
    Library{"jxl/", {"codec"}},
    Library{"webp/", {"codec"}},
    Library{"CLI/", {"cli"}},
    Library{"coin/", {"plan"}},
};

std::size_t rank(std::string_view folder) {
  return static_cast<std::size_t>(std::ranges::find(kFolders, folder) - kFolders.begin());
}

bool may_use(std::string_view user, std::string_view used) {
  if (user == "cloud" && used == "device") return false;
  return rank(used) <= rank(user);
}

// "plan" of "tandem/plan/solve.hpp"; empty for other headers.
std::string_view folder_included(std::string_view header) {
  constexpr std::string_view kOurs = "tandem/";
  if (!header.starts_with(kOurs)) return {};
  header.remove_prefix(kOurs.size());
  return header.substr(0, header.find('/'));
}

}  // namespace

Faults include_direction(const SourceFile& file) {
  Faults faults;
  if (file.folder.empty() || !is_cpp(file)) return faults;
  for (const auto& [line, header] : includes_of(file.text)) {
    const std::string_view used = folder_included(header);
    if (!used.empty() && !may_use(file.folder, used)) {
      faults.push_back(fmt::format("{}:{}: {} must not use {}", file.path, line, file.folder, used));
    }
    if (header.starts_with("../")) {
      faults.push_back(fmt::format("{}:{}: what another folder needs belongs in include/tandem/", file.path, line));
    }
  }
  return faults;
}

Faults library_at_home(const SourceFile& file) {
  Faults faults;
  if (file.folder.empty() || !is_cpp(file)) return faults;
  for (const auto& [line, header] : includes_of(file.text)) {
    for (const Library& library : kLibraries) {
      if (header.starts_with(library.header_prefix) &&
          std::ranges::find(library.homes, file.folder) == library.homes.end()) {
        faults.push_back(fmt::format("{}:{}: <{}> belongs in {} only", file.path, line, header, library.homes.front()));
      }
    }
  }
  return faults;
}

Faults public_header(const SourceFile& file) {
  Faults faults;
  if (!is_public_header(file)) return faults;
  const int lines = count_lines(file.text);
  if (lines > kPublicHeaderLines) {
    faults.push_back(fmt::format("{}: {} lines; a public header has at most {}", file.path, lines, kPublicHeaderLines));
  }
  if (!file.text.starts_with("// ")) faults.push_back(file.path + ": a public header opens with a comment: what it is");
  if (file.text.find("#pragma once\n") == std::string::npos) faults.push_back(file.path + ": #pragma once is missing");
  return faults;
}

Faults file_size_and_name(const SourceFile& file) {
  Faults faults;
  if (!is_cpp(file)) return faults;
  const int lines = count_lines(file.text);
  if (lines > kSourceLines) {
    faults.push_back(fmt::format("{}: {} lines; over {} it holds more than one idea", file.path, lines, kSourceLines));
  }
  const std::string_view path = file.path;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view vague : {"utils", "util", "helpers", "helper", "misc", "common"}) {
    if (name.substr(0, name.find('.')) == vague || path.find(fmt::format("/{}/", vague)) != std::string_view::npos) {
      faults.push_back(fmt::format("{}: '{}' does not say what is in it", file.path, vague));
    }
  }
  return faults;
}

Faults machine_paths(const SourceFile& file) {
  Faults faults;
  for (const std::string_view folder : {"work", "root", "home", "Users"}) {
    const std::string place = fmt::format("/{}/", folder);
    for (std::size_t found = file.text.find(place); found != std::string::npos;
         found = file.text.find(place, found + 1)) {
      const bool inside_a_path = found > 0 && (std::isalnum(static_cast<unsigned char>(file.text[found - 1])) != 0 ||
                                               file.text[found - 1] == '.' || file.text[found - 1] == '}');
      if (inside_a_path) continue;
      const int line = 1 + count_lines(std::string_view(file.text).substr(0, found));
      faults.push_back(fmt::format("{}:{}: names a place of one machine: {}", file.path, line, place));
    }
  }
  return faults;
}

}  // namespace tandem::structure
