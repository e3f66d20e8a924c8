#include "tandem/base/file.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "matchers.hpp"

namespace tandem {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(File, RoundTripsAndLeavesNoTemporaryFile) {
  const fs::path folder = fs::path(testing::TempDir()) / "file_test";
  fs::remove_all(folder);
  fs::create_directory(folder);
  ASSERT_THAT(write_file(folder / "a", std::string("x\0y", 3)), IsOk());
  EXPECT_EQ(read_file(folder / "a").value(), std::string("x\0y", 3));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST(File, SaysWhichFileAndWhy) {
  EXPECT_THAT(read_file("/nowhere/a"), HasErrc(Errc::not_found, HasSubstr("/nowhere/a")));
  EXPECT_THAT(read_file("/"), HasErrc(Errc::invalid_argument, HasSubstr("folder")));
  EXPECT_THAT(write_file("/nowhere/a", "x"), HasErrc(Errc::invalid_argument, HasSubstr("/nowhere/a")));
  EXPECT_THAT(read_file("/dev/zero", 1000), HasErrc(Errc::invalid_argument, HasSubstr("larger")));
}

}  // namespace
}  // namespace tandem
