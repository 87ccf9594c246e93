#include "domain/case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::Refuses;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 12, 2, 10, 0, 0), London());
const Decision kDecision = {.account = "accounts/idva", .now = kNow};

v1::Case Case(v1::CaseStage stage, bool may_contact) {
  v1::Case record;
  record.set_stage(stage);
  v1::ProtectedDetailMask& mask = *record.add_protected_details();
  mask.set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
  mask.set_do_not_contact(!may_contact);
  return record;
}

TEST(VictimContactTest, R15AContactThatWasTriedPassesTheSafeContactRecord) {
  for (v1::VictimContactState tried : {v1::VICTIM_CONTACT_STATE_ATTEMPTED, v1::VICTIM_CONTACT_STATE_ENGAGING,
                                       v1::VICTIM_CONTACT_STATE_DECLINED}) {
    EXPECT_OK(RecordVictimContact(Case(v1::CASE_STAGE_ACCEPTED, true), tried, "note", kDecision).status());
    const absl::Status refused =
        RecordVictimContact(Case(v1::CASE_STAGE_ACCEPTED, false), tried, "note", kDecision).status();
    EXPECT_EQ(DetailOf(refused).reason(), "DO_NOT_CONTACT") << tried;
    v1::Case absent;
    EXPECT_EQ(DetailOf(RecordVictimContact(absent, tried, "note", kDecision).status()).reason(),
              "DO_NOT_CONTACT");
  }
}

TEST(VictimContactTest, R15ThatNobodyTriedCanAlwaysBeSaid) {
  for (v1::VictimContactState state :
       {v1::VICTIM_CONTACT_STATE_NOT_ATTEMPTED, v1::VICTIM_CONTACT_STATE_UNSAFE}) {
    ASSERT_OK_AND_ASSIGN(v1::Case record, RecordVictimContact(Case(v1::CASE_STAGE_ACCEPTED, false), state,
                                                              "he is home", kDecision));
    EXPECT_EQ(record.victim_contact().state(), state);
    EXPECT_EQ(record.victim_contact().account(), "accounts/idva");
    EXPECT_EQ(FromTimestamp(record.victim_contact().time()), kNow);
  }
}

TEST(VictimContactTest, AStateOffTheOrdinaryPathNeedsAReason) {
  EXPECT_THAT(
      RecordVictimContact(Case(v1::CASE_STAGE_ACCEPTED, true), v1::VICTIM_CONTACT_STATE_UNSAFE, "", kDecision)
          .status(),
      Refuses(absl::StatusCode::kInvalidArgument, "note"));
  EXPECT_THAT(RecordVictimContact(Case(v1::CASE_STAGE_ACCEPTED, true), v1::VICTIM_CONTACT_STATE_UNSPECIFIED,
                                  "", kDecision)
                  .status(),
              Refuses(absl::StatusCode::kInvalidArgument, "state"));
}

TEST(VictimUpdateTest, R21OnlyAHeardCaseHasSomethingToTell) {
  for (v1::CaseStage stage : {v1::CASE_STAGE_ACCEPTED, v1::CASE_STAGE_LISTED, v1::CASE_STAGE_CLOSED}) {
    EXPECT_EQ(RecordVictimUpdate(Case(stage, true), true, "by phone", kDecision).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
  ASSERT_OK_AND_ASSIGN(v1::Case record,
                       RecordVictimUpdate(Case(v1::CASE_STAGE_HEARD, true), true, "by phone", kDecision));
  EXPECT_TRUE(record.victim_update().told());
  EXPECT_EQ(record.victim_update().account(), "accounts/idva");
  EXPECT_EQ(FromTimestamp(record.victim_update().time()), kNow);
}

TEST(VictimUpdateTest, R21HowOrWhyNotIsSaid) {
  EXPECT_THAT(RecordVictimUpdate(Case(v1::CASE_STAGE_HEARD, true), true, " ", kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "say how"));
  EXPECT_THAT(RecordVictimUpdate(Case(v1::CASE_STAGE_HEARD, true), false, " ", kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "why telling is unsafe"));
}

TEST(VictimUpdateTest, R15TellingIsAContact) {
  EXPECT_EQ(
      DetailOf(RecordVictimUpdate(Case(v1::CASE_STAGE_HEARD, false), true, "by phone", kDecision).status())
          .reason(),
      "DO_NOT_CONTACT");
  EXPECT_OK(
      RecordVictimUpdate(Case(v1::CASE_STAGE_HEARD, false), false, "he reads her mail", kDecision).status());
}

TEST(CloseCaseTest, R21ACaseStaysOpenUntilTheVictimWasUpdated) {
  const v1::Case heard = Case(v1::CASE_STAGE_HEARD, true);
  EXPECT_EQ(DetailOf(CloseCase(heard, "done", 0, kDecision).status()).reason(), "VICTIM_NOT_UPDATED");
  const v1::Case updated = RecordVictimUpdate(heard, false, "unsafe", kDecision).value();
  ASSERT_OK_AND_ASSIGN(v1::Case closed, CloseCase(updated, "done", 0, kDecision));
  EXPECT_EQ(closed.stage(), v1::CASE_STAGE_CLOSED);
  EXPECT_EQ(closed.closure().reason(), "done");
  EXPECT_EQ(FromTimestamp(closed.closure().time()), kNow);
}

TEST(CloseCaseTest, AnOpenActionOrAMissingReasonKeepsItOpen) {
  const v1::Case updated =
      RecordVictimUpdate(Case(v1::CASE_STAGE_HEARD, true), true, "by phone", kDecision).value();
  EXPECT_EQ(DetailOf(CloseCase(updated, "done", 1, kDecision).status()).reason(), "ACTIONS_OPEN");
  EXPECT_THAT(CloseCase(updated, " ", 0, kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "reason"));
}

TEST(CloseCaseTest, OnlyAHeardCaseIsClosed) {
  for (v1::CaseStage stage : {v1::CASE_STAGE_ACCEPTED, v1::CASE_STAGE_LISTED, v1::CASE_STAGE_CLOSED}) {
    v1::Case record = Case(stage, true);
    record.mutable_victim_update()->set_told(true);
    EXPECT_EQ(CloseCase(record, "done", 0, kDecision).status().code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST(RevealTest, OnlyTheFirstLineReadsSafeContactWithoutSayingWhy) {
  using enum v1::ProtectedKind;
  EXPECT_OK(CheckRevealReason(v1::PROTECTED_KIND_SAFE_CONTACT, /*first_line=*/true, /*own_draft=*/false, ""));
  EXPECT_THAT(
      CheckRevealReason(v1::PROTECTED_KIND_SAFE_CONTACT, /*first_line=*/false, /*own_draft=*/false, ""),
      Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  EXPECT_THAT(
      CheckRevealReason(v1::PROTECTED_KIND_REFUGE_ADDRESS, /*first_line=*/true, /*own_draft=*/false, " "),
      Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  EXPECT_OK(CheckRevealReason(v1::PROTECTED_KIND_REFUGE_ADDRESS, /*first_line=*/true, /*own_draft=*/false,
                              "transport"));
  EXPECT_OK(
      CheckRevealReason(v1::PROTECTED_KIND_REFUGE_ADDRESS, /*first_line=*/false, /*own_draft=*/true, ""));
}

}  // namespace
}  // namespace marac::domain
