// What a script may rely on: one meaning a number.
#include "cli/exit_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "domain/errors.h"

namespace marac::cli {
namespace {

using ::testing::HasSubstr;

TEST(ExitCodeTest, EveryCodeOfTheServerHasOne) {
  const std::pair<absl::StatusCode, ExitCode> kTable[] = {
      {absl::StatusCode::kCancelled, ExitCode::kFailed},
      {absl::StatusCode::kUnknown, ExitCode::kFailed},
      {absl::StatusCode::kInvalidArgument, ExitCode::kWrongInput},
      {absl::StatusCode::kDeadlineExceeded, ExitCode::kTryAgain},
      {absl::StatusCode::kNotFound, ExitCode::kNotOpen},
      {absl::StatusCode::kAlreadyExists, ExitCode::kChanged},
      {absl::StatusCode::kPermissionDenied, ExitCode::kNotOpen},
      {absl::StatusCode::kResourceExhausted, ExitCode::kTryAgain},
      {absl::StatusCode::kFailedPrecondition, ExitCode::kChanged},
      {absl::StatusCode::kAborted, ExitCode::kChanged},
      {absl::StatusCode::kOutOfRange, ExitCode::kWrongInput},
      {absl::StatusCode::kUnimplemented, ExitCode::kFailed},
      {absl::StatusCode::kInternal, ExitCode::kFailed},
      {absl::StatusCode::kUnavailable, ExitCode::kTryAgain},
      {absl::StatusCode::kDataLoss, ExitCode::kAuditBad},
      {absl::StatusCode::kUnauthenticated, ExitCode::kNotSignedIn},
  };
  for (const auto& [code, exit] : kTable) {
    EXPECT_EQ(ExitCodeOf(absl::Status(code, "x")), exit) << absl::StatusCodeToString(code);
  }
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::kOk);
}

TEST(ExitCodeTest, MissingFieldsAreInputAndAWrongStateIsNot) {
  domain::FieldErrors errors;
  errors.Add("referral.victim.name", "give a name");
  EXPECT_EQ(ExitCodeOf(errors.ToFailedPrecondition("NOT_COMPLETE")), ExitCode::kWrongInput);
  EXPECT_EQ(ExitCodeOf(domain::WrongState("NOT_DRAFT", "is not a draft")), ExitCode::kChanged);
}

TEST(ExitCodeTest, OwnRefusalsKeepTheirCode) {
  EXPECT_EQ(ExitCodeOf(UsageError("x")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(SetUpError("x")), ExitCode::kSetUp);
  EXPECT_EQ(ExitCodeOf(AuditBad("x")), ExitCode::kAuditBad);
}

TEST(ExitCodeTest, TheHelpNamesEveryNumber) {
  for (int code = 0; code <= static_cast<int>(ExitCode::kSetUp); ++code) {
    EXPECT_THAT(kExitCodeHelp, HasSubstr("\n  " + std::to_string(code) + "  "));
  }
}

}  // namespace
}  // namespace marac::cli
