// The source tree as the structure tests see it: text files and the include lines in them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::structure {

struct SourceFile {
  std::string path;    // from the root of the repository: "src/plan/solve.cpp"
  std::string folder;  // of src/ or include/tandem/: "plan"; empty elsewhere
  std::string text;
};

struct Include {
  int line = 0;
  std::string header;  // between the quotes or brackets
};

// All text files of the repository but those in .git, .deps and build, in the order of their paths.
std::vector<SourceFile> read_tree(const std::filesystem::path& root);

SourceFile source_file(std::string path, std::string text);
std::vector<Include> includes_of(std::string_view text);
int count_lines(std::string_view text);
bool is_cpp(const SourceFile& file);
bool is_public_header(const SourceFile& file);

}  // namespace tandem::structure
