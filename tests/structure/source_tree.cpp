#include "source_tree.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

namespace tandem::structure {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kNotOurs = {".git", ".deps", "build", ".cache"};
constexpr std::array<std::string_view, 7> kTextSuffixes = {".cpp", ".hpp", ".md", ".txt", ".json", ".cmake", ".proto"};
constexpr std::array<std::string_view, 3> kTextNames = {"dev", "run", ".clang-tidy"};

template <class List>
bool contains(const List& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string folder_of(std::string_view path) {
  for (const std::string_view top : {"src/", "include/tandem/"}) {
    if (!path.starts_with(top)) continue;
    const std::string_view rest = path.substr(top.size());
    const std::size_t slash = rest.find('/');
    if (slash != std::string_view::npos) return std::string(rest.substr(0, slash));
  }
  return {};
}

}  // namespace

SourceFile source_file(std::string path, std::string text) {
  std::string folder = folder_of(path);
  return {.path = std::move(path), .folder = std::move(folder), .text = std::move(text)};
}

std::vector<SourceFile> read_tree(const fs::path& root) {
  std::vector<SourceFile> files;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
    const fs::path& path = entry->path();
    if (entry->is_directory() && entry.depth() == 0 && contains(kNotOurs, path.filename().string())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() &&
               (contains(kTextSuffixes, path.extension().string()) || contains(kTextNames, path.filename().string()))) {
      files.push_back(source_file(path.lexically_relative(root).generic_string(), read_all(path)));
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::vector<Include> includes_of(std::string_view text) {
  constexpr std::string_view kDirective = "#include ";
  std::vector<Include> includes;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (!line.starts_with(kDirective)) continue;
    const std::size_t open = kDirective.size();
    const std::size_t close = line.find_first_of("\">", open + 1);
    if (close != std::string_view::npos) {
      includes.push_back({.line = number, .header = std::string(line.substr(open + 1, close - open - 1))});
    }
  }
  return includes;
}

int count_lines(std::string_view text) {
  return static_cast<int>(std::ranges::count(text, '\n'));
}

bool is_cpp(const SourceFile& file) {
  return file.path.ends_with(".cpp") || file.path.ends_with(".hpp");
}

bool is_public_header(const SourceFile& file) {
  return file.path.starts_with("include/") && file.path.ends_with(".hpp");
}

}  // namespace tandem::structure
