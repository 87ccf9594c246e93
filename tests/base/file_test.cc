#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/status_matchers.h"

namespace marac {
namespace {

using testing::IsOkAndHolds;
using testing::Refuses;

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    char pattern[] = "/tmp/marac_file_XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  std::string folder_;
};

TEST_F(FileTest, WritesTheWholeFileWithItsModeAndLeavesNothingElse) {
  const mode_t before = umask(0077);
  EXPECT_OK(WriteFileDurably(Path("a"), "one", /*mode=*/0644, IfExists::kRefuse));
  umask(before);
  EXPECT_THAT(ReadSmallFile(Path("a"), /*size_max=*/3), IsOkAndHolds("one"));
  EXPECT_EQ(std::filesystem::status(Path("a")).permissions(), std::filesystem::perms(0644));
  EXPECT_THAT(Names(), ::testing::ElementsAre("a"));
}

TEST_F(FileTest, ReplacesOnlyWhenAskedTo) {
  ASSERT_OK(WriteFileDurably(Path("a"), "one", /*mode=*/0600, IfExists::kReplace));
  EXPECT_THAT(WriteFileDurably(Path("a"), "two", /*mode=*/0600, IfExists::kRefuse),
              Refuses(absl::StatusCode::kAlreadyExists, Path("a")));
  EXPECT_THAT(ReadSmallFile(Path("a"), /*size_max=*/99), IsOkAndHolds("one"));
  ASSERT_OK(WriteFileDurably(Path("a"), "two", /*mode=*/0600, IfExists::kReplace));
  EXPECT_THAT(ReadSmallFile(Path("a"), /*size_max=*/99), IsOkAndHolds("two"));
  EXPECT_THAT(Names(), ::testing::ElementsAre("a"));
}

TEST_F(FileTest, WhatACrashLeftBehindDoesNotStopTheNextWrite) {
  ASSERT_OK(WriteFileDurably(Path("a.new"), "half", /*mode=*/0400, IfExists::kRefuse));
  ASSERT_OK(WriteFileDurably(Path("a"), "whole", /*mode=*/0400, IfExists::kRefuse));
  EXPECT_THAT(ReadSmallFile(Path("a"), /*size_max=*/99), IsOkAndHolds("whole"));
  EXPECT_THAT(Names(), ::testing::ElementsAre("a"));
}

TEST_F(FileTest, AMissingFolderIsNamed) {
  EXPECT_THAT(WriteFileDurably(Path("no/a"), "x", /*mode=*/0600, IfExists::kReplace),
              Refuses(absl::StatusCode::kNotFound, Path("no/a")));
}

TEST_F(FileTest, ReadRefusesWhatIsNotASmallRegularFile) {
  EXPECT_THAT(ReadSmallFile(Path("no"), /*size_max=*/9), Refuses(absl::StatusCode::kNotFound, Path("no")));
  EXPECT_THAT(ReadSmallFile(folder_, /*size_max=*/9),
              Refuses(absl::StatusCode::kFailedPrecondition, "regular"));
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(ReadSmallFile(Path("pipe"), /*size_max=*/9),
              Refuses(absl::StatusCode::kFailedPrecondition, "regular"));
  ASSERT_OK(WriteFileDurably(Path("a"), "1234567890", /*mode=*/0600, IfExists::kRefuse));
  EXPECT_THAT(ReadSmallFile(Path("a"), /*size_max=*/9), Refuses(absl::StatusCode::kOutOfRange, "9 bytes"));
}

}  // namespace
}  // namespace marac
