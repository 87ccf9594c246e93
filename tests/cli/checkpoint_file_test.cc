// A log that was cut, rewritten or signed by somebody else is noticed by whoever kept an earlier checkpoint.
#include "cli/checkpoint_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/keys.h"
#include "cli/exit_code.h"
#include "domain/checkpoint.h"
#include "tests/support/status_matchers.h"

namespace marac::cli {
namespace {

using ::marac::testing::IsOk;
using ::testing::HasSubstr;

constexpr char kOrigin[] = "marac.test/audit";

class CheckpointFileTest : public ::testing::Test {
 protected:
  CheckpointFileTest() {
    std::string name = ::testing::TempDir() + "/checkpoint_XXXXXX";
    folder_ = mkdtemp(name.data());
    path_ = folder_ + "/newest";
    keys_ = {domain::VerifierKey(kOrigin, Ed25519PublicKey(seed_))};
  }
  ~CheckpointFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Note(uint64_t size, char root = 'r', const std::string& origin = kOrigin) {
    return domain::SignCheckpoint({origin, size, std::string(32, root)}, seed_);
  }
  absl::StatusOr<CheckpointVerdict> Check(const std::string& note) {
    return CheckAndKeep(path_, note, keys_);
  }
  std::string Kept() {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  const Secret seed_ = Secret(std::string(kEd25519SeedBytes, 's'));
  std::string folder_;
  std::string path_;
  std::vector<std::string> keys_;
};

TEST_F(CheckpointFileTest, TheFirstIsKeptAndALongerOneReplacesIt) {
  auto verdict = Check(Note(10));
  ASSERT_THAT(verdict, IsOk());
  EXPECT_EQ(verdict->kept_size, 0u);
  EXPECT_EQ(Kept(), Note(10));
  verdict = Check(Note(12, 'q'));
  ASSERT_THAT(verdict, IsOk());
  EXPECT_EQ(verdict->kept_size, 10u);
  EXPECT_EQ(verdict->new_size, 12u);
  EXPECT_EQ(Kept(), Note(12, 'q'));
  EXPECT_THAT(Check(Note(12, 'q')), IsOk());
}

TEST_F(CheckpointFileTest, AShorterLogIsReportedAndTheProofKept) {
  ASSERT_THAT(Check(Note(10)), IsOk());
  const auto verdict = Check(Note(9));
  EXPECT_EQ(ExitCodeOf(verdict.status()), ExitCode::kAuditBad);
  EXPECT_THAT(std::string(verdict.status().message()), HasSubstr("shorter"));
  EXPECT_EQ(Kept(), Note(10));
}

TEST_F(CheckpointFileTest, AnotherRootAtTheSameSizeIsReported) {
  ASSERT_THAT(Check(Note(10)), IsOk());
  const auto verdict = Check(Note(10, 'x'));
  EXPECT_EQ(ExitCodeOf(verdict.status()), ExitCode::kAuditBad);
  EXPECT_THAT(std::string(verdict.status().message()), HasSubstr("rewritten"));
  EXPECT_EQ(Kept(), Note(10));
}

TEST_F(CheckpointFileTest, AnotherSignerOriginOrAChangedNoteIsReported) {
  const Secret other(std::string(kEd25519SeedBytes, 'o'));
  const std::string forged = domain::SignCheckpoint({kOrigin, 10, std::string(32, 'r')}, other);
  EXPECT_EQ(ExitCodeOf(Check(forged).status()), ExitCode::kAuditBad);
  EXPECT_EQ(ExitCodeOf(Check(Note(10, 'r', "marac.other/audit")).status()), ExitCode::kAuditBad);
  std::string changed = Note(10);
  changed.replace(changed.find("\n10\n"), 4, "\n11\n");
  EXPECT_EQ(ExitCodeOf(Check(changed).status()), ExitCode::kAuditBad);
  EXPECT_EQ(ExitCodeOf(Check("").status()), ExitCode::kAuditBad);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(CheckpointFileTest, AFormerKeyStillCounts) {
  const Secret next(std::string(kEd25519SeedBytes, 'n'));
  ASSERT_THAT(Check(Note(10)), IsOk());
  keys_.push_back(domain::VerifierKey(kOrigin, Ed25519PublicKey(next)));
  EXPECT_THAT(Check(domain::SignCheckpoint({kOrigin, 11, std::string(32, 'r')}, next)), IsOk());
}

TEST_F(CheckpointFileTest, AKeyWithASlipInItIsASetUpError) {
  EXPECT_THAT(ParseAuditKey(keys_[0]), IsOk());
  std::string other_origin = keys_[0];
  other_origin[6] = 'x';
  for (const std::string& bad :
       {std::string(), std::string("marac.test/audit"), keys_[0] + "A", other_origin}) {
    EXPECT_EQ(ExitCodeOf(ParseAuditKey(bad).status()), ExitCode::kSetUp) << bad;
  }
  keys_.clear();
  EXPECT_EQ(ExitCodeOf(Check(Note(10)).status()), ExitCode::kSetUp);
}

}  // namespace
}  // namespace marac::cli
