#include "rules.hpp"

#include <gmock/gmock.h>

namespace tandem::structure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(IncludeDirection, AFolderUsesFoldersAboveIt) {
  EXPECT_THAT(include_direction(source_file("src/plan/a.cpp", "#include \"tandem/link/link.hpp\"\n")), IsEmpty());
  EXPECT_THAT(include_direction(source_file("src/plan/a.cpp", "#include \"tandem/plan/plan.hpp\"\n")), IsEmpty());
}

TEST(IncludeDirection, AFolderDoesNotUseFoldersBelowIt) {
  const SourceFile file = source_file("include/tandem/plan/a.hpp", "// A.\n#include \"tandem/engine/model.hpp\"\n");
  EXPECT_THAT(include_direction(file), ElementsAre("include/tandem/plan/a.hpp:2: plan must not use engine"));
}

TEST(IncludeDirection, DeviceAndCloudDoNotUseEachOther) {
  EXPECT_THAT(include_direction(source_file("src/cloud/a.cpp", "#include \"tandem/device/session.hpp\"\n")), SizeIs(1));
  EXPECT_THAT(include_direction(source_file("src/device/a.cpp", "#include \"tandem/cloud/server.hpp\"\n")), SizeIs(1));
}

TEST(IncludeDirection, AFolderIsInTheListBeforeItIsUsed) {
  EXPECT_THAT(include_direction(source_file("src/cli/a.cpp", "#include \"tandem/novelty/a.hpp\"\n")), SizeIs(1));
}

TEST(IncludeDirection, PrivateHeadersStayPrivate) {
  EXPECT_THAT(include_direction(source_file("src/cli/a.cpp", "#include \"../plan/graph.hpp\"\n")), SizeIs(1));
}

TEST(LibraryAtHome, AReplaceableLibraryIsSeenInOneFolder) {
  EXPECT_THAT(library_at_home(source_file("src/rpc/a.cpp", "#include <grpcpp/server.h>\n")), IsEmpty());
  EXPECT_THAT(library_at_home(source_file("src/cloud/a.cpp", "#include <grpcpp/server.h>\n")),
              ElementsAre(HasSubstr("belongs in rpc only")));
}

TEST(PublicHeader, IsShortGuardedAndExplained) {
  EXPECT_THAT(public_header(source_file("include/tandem/a/a.hpp", "// A thing.\n#pragma once\n")), IsEmpty());
  EXPECT_THAT(public_header(source_file("include/tandem/a/a.hpp", std::string(151, '\n'))), SizeIs(3));
}

TEST(FileSizeAndName, OneIdeaToAFile) {
  EXPECT_THAT(file_size_and_name(source_file("src/a/utils.cpp", "")), SizeIs(1));
  EXPECT_THAT(file_size_and_name(source_file("src/a/long.cpp", std::string(401, '\n'))), SizeIs(1));
}

TEST(MachinePaths, AreFound) {
  const std::string home = std::string("/home") + '/';  // in one piece, the rule would find it here
  EXPECT_THAT(machine_paths(source_file("README.md", "\nsee " + home + "me/notes\n")),
              ElementsAre(HasSubstr("README.md:2")));
  EXPECT_THAT(machine_paths(source_file("README.md", "docs" + home + "page\n")), IsEmpty());
}

}  // namespace
}  // namespace tandem::structure
