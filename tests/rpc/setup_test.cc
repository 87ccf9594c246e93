#include "rpc/setup.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/file.h"
#include "base/keys.h"
#include "base/status_macros.h"
#include "domain/checkpoint.h"
#include "rpc/config.h"
#include "rpc/host.h"
#include "store/database.h"
#include "store/installation.h"
#include "tests/support/new_area.h"
#include "tests/support/status_matchers.h"

namespace marac::rpc {
namespace {

using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;

class SetupTest : public ::testing::Test {
 protected:
  SetupTest() {
    std::string name = (std::filesystem::temp_directory_path() / "marac_setup_XXXXXX").string();
    options_ = testing::NewTestArea(mkdtemp(name.data()), "127.0.0.1:0");
    options_.password_cost = {.memory_bytes = size_t{1} << 20, .passes = 1};
  }
  ~SetupTest() override { std::filesystem::remove_all(options_.directory); }

  // How far the business clock of what was set up is from the real one.
  absl::StatusOr<absl::Duration> Offset() {
    ASSIGN_OR_RETURN(const auto config, LoadServerConfig(options_.directory + "/maracd.textproto"));
    ASSIGN_OR_RETURN(const auto database_options, DatabaseOptionsOf(config));
    ASSIGN_OR_RETURN(const auto database, store::Database::Open(database_options));
    absl::Duration offset;
    RETURN_IF_ERROR(database->Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const store::Installation installation, store::LoadInstallation(tx));
      offset = installation.business_offset;
      return absl::OkStatus();
    }));
    return offset;
  }

  SetupOptions options_;
};

TEST_F(SetupTest, ADemonstrationMayBeginInThePast) {
  options_.demonstration_start = absl::Now() - absl::Hours(24 * 365);
  ASSERT_OK(rpc::SetUp(options_));
  ASSERT_OK_AND_ASSIGN(const absl::Duration offset, Offset());
  EXPECT_LE(offset, -absl::Hours(24 * 365));
  EXPECT_GT(offset, -absl::Hours(24 * 365) - absl::Minutes(5));
}

// Whoever looks finds a signed statement over the first entry, and the first start has something to compare.
TEST_F(SetupTest, TheFirstCheckpointIsThereBeforeTheFirstStart) {
  ASSERT_OK(rpc::SetUp(options_));
  ASSERT_OK_AND_ASSIGN(const auto config, LoadServerConfig(options_.directory + "/maracd.textproto"));
  ASSERT_OK_AND_ASSIGN(const auto checkpoints, CheckpointerOptionsOf(config));
  ASSERT_OK_AND_ASSIGN(const std::string note, ReadSmallFile(checkpoints.directory + "/checkpoint", 4096));
  ASSERT_OK_AND_ASSIGN(const domain::Checkpoint checkpoint,
                       domain::OpenCheckpoint(note, domain::CheckpointOrigin("test"),
                                              {Ed25519PublicKey(checkpoints.signing_seed)}));
  EXPECT_EQ(checkpoint.size, 1U);
  ASSERT_OK_AND_ASSIGN(const auto database_options, DatabaseOptionsOf(config));
  ASSERT_OK_AND_ASSIGN(const auto database, store::Database::Open(database_options));
  EXPECT_EQ(database->Head().sequence, 1U);
  EXPECT_OK(store::RebuildAndCompare(
      [&](const store::LeafVisitor& visit) { return database->ScanLeaves(visit); }, {checkpoint}));
}

// The key on the disk is the only one; whoever enrolled its certificate would be locked out.
TEST_F(SetupTest, ACertificateIsNotIssuedOverAKeyThatIsThere) {
  ASSERT_OK(rpc::SetUp(options_));
  const std::string key = options_.directory + "/programs/admin-cli.key";
  ASSERT_OK_AND_ASSIGN(const std::string before, ReadSmallFile(key, 10'000));
  EXPECT_THAT(IssueProgramCertificate(options_.directory, "marac.test", options_.agency, "admin-cli"),
              Refuses(absl::StatusCode::kInvalidArgument, "--program"));
  EXPECT_THAT(ReadSmallFile(key, 10'000), IsOkAndHolds(before));
  EXPECT_OK(IssueProgramCertificate(options_.directory, "marac.test", options_.agency, "second-cli"));
}

TEST_F(SetupTest, TheAuditKeyOpensTheFirstCheckpoint) {
  ASSERT_OK(rpc::SetUp(options_));
  ASSERT_OK_AND_ASSIGN(const auto config, LoadServerConfig(options_.directory + "/maracd.textproto"));
  ASSERT_OK_AND_ASSIGN(const std::string printed, AuditVerifierKey(config));
  ASSERT_OK_AND_ASSIGN(const Key key, ReadKeyFile(config.keys().audit_key_file(), KeyPurpose::kAudit));
  EXPECT_EQ(printed, domain::VerifierKey(config.area_origin() + "/audit", Ed25519PublicKey(key.bytes)));
}

TEST_F(SetupTest, WithoutADayTheClockShowsTheRealTime) {
  ASSERT_OK(rpc::SetUp(options_));
  EXPECT_THAT(Offset(), IsOkAndHolds(absl::ZeroDuration()));
}

TEST_F(SetupTest, OnlyADemonstrationHasAnotherClock) {
  options_.demonstration = false;
  options_.demonstration_start = absl::Now() - absl::Hours(24);
  EXPECT_THAT(rpc::SetUp(options_), Refuses(absl::StatusCode::kInvalidArgument, "--demonstration-start"));
  EXPECT_FALSE(std::filesystem::exists(options_.directory + "/data"));
}

TEST_F(SetupTest, ADemonstrationCannotBeginTomorrow) {
  options_.demonstration_start = absl::Now() + absl::Hours(24);
  EXPECT_THAT(rpc::SetUp(options_), Refuses(absl::StatusCode::kInvalidArgument, "--demonstration-start"));
}

}  // namespace
}  // namespace marac::rpc
