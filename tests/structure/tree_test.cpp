// The rules of the house, held against the whole source tree.
#include <gmock/gmock.h>

#include "rules.hpp"

namespace tandem::structure {
namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = read_tree(TANDEM_SOURCE_DIR);
  return files;
}

void expect_no_faults(Faults (*rule)(const SourceFile&)) {
  for (const SourceFile& file : tree()) {
    for (const std::string& fault : rule(file)) ADD_FAILURE() << fault;
  }
}

TEST(Tree, IsFound) {
  EXPECT_GT(tree().size(), 50U);
}
TEST(Tree, FoldersUseOnlyFoldersAboveThem) {
  expect_no_faults(include_direction);
}
TEST(Tree, LibrariesStayAtHome) {
  expect_no_faults(library_at_home);
}
TEST(Tree, PublicHeadersAreShortGuardedAndExplained) {
  expect_no_faults(public_header);
}
TEST(Tree, FilesHoldOneIdea) {
  expect_no_faults(file_size_and_name);
}
TEST(Tree, NoFileNamesAPlaceOfOneMachine) {
  expect_no_faults(machine_paths);
}

}  // namespace
}  // namespace tandem::structure
