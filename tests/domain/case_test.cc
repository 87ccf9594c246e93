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

class UnheardTest : public ::testing::Test {
 protected:
  UnheardTest() {
    for (v1::AgendaItemState state :
         {v1::AGENDA_ITEM_STATE_DEFERRED, v1::AGENDA_ITEM_STATE_LISTED, v1::AGENDA_ITEM_STATE_PROPOSED}) {
      items_.emplace_back().set_state(state);
    }
  }
  absl::StatusOr<v1::Case> Close(v1::Case record, int open_actions = 0) {
    return CloseUnheard(std::move(record), {ground_, reason_, told_, update_}, open_actions, items_,
                        kDecision);
  }

  v1::CloseGround ground_ = v1::CLOSE_GROUND_VICTIM_MOVED;
  std::string reason_ = "lives in Leeds now; their coordinator has it";
  bool told_ = true;
  std::string update_ = "by phone";
  std::vector<v1::AgendaItem> items_;
};

TEST_F(UnheardTest, ACaseThatWillNeverBeHeardIsClosedAndTakenOffItsAgenda) {
  for (v1::CaseStage stage : {v1::CASE_STAGE_ACCEPTED, v1::CASE_STAGE_LISTED}) {
    v1::Case record = Case(stage, true);
    record.set_meeting("areas/mk/meetings/m");
    ASSERT_OK_AND_ASSIGN(const v1::Case closed, Close(record));
    EXPECT_EQ(closed.stage(), v1::CASE_STAGE_CLOSED);
    EXPECT_EQ(closed.closure().ground(), v1::CLOSE_GROUND_VICTIM_MOVED);
    EXPECT_EQ(closed.closure().reason(), reason_);
    EXPECT_EQ(closed.closure().account(), "accounts/idva");
    EXPECT_EQ(closed.meeting(), "");
    EXPECT_TRUE(closed.victim_update().told());
    EXPECT_EQ(closed.victim_update().text(), "by phone");
  }
}

TEST_F(UnheardTest, WhatStoodOnAnAgendaIsWithdrawnWithTheReason) {
  ASSERT_OK(Close(Case(v1::CASE_STAGE_LISTED, true)));
  ASSERT_EQ(items_.size(), 2U) << "what was deferred stays as it was";
  for (const v1::AgendaItem& item : items_) {
    EXPECT_EQ(item.state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
    EXPECT_THAT(item.state_reason(), ::testing::HasSubstr(reason_));
    EXPECT_EQ(FromTimestamp(item.close_time()), kNow);
  }
}

TEST_F(UnheardTest, R21TheVictimIsToldOrItIsSaidWhyThatIsUnsafe) {
  update_ = " ";
  for (bool told : {true, false}) {
    told_ = told;
    EXPECT_THAT(Close(Case(v1::CASE_STAGE_ACCEPTED, true)).status(),
                Refuses(absl::StatusCode::kInvalidArgument, "victim_update"));
  }
  update_ = "he reads her messages";
  EXPECT_OK(Close(Case(v1::CASE_STAGE_ACCEPTED, false)));
  told_ = true;
  EXPECT_EQ(DetailOf(Close(Case(v1::CASE_STAGE_ACCEPTED, false)).status()).reason(), "DO_NOT_CONTACT")
      << "R-15";
}

TEST_F(UnheardTest, AGroundAReasonAndNoOpenActionAreNeeded) {
  EXPECT_EQ(DetailOf(Close(Case(v1::CASE_STAGE_ACCEPTED, true), 1).status()).reason(), "ACTIONS_OPEN");
  reason_ = "";
  EXPECT_THAT(Close(Case(v1::CASE_STAGE_ACCEPTED, true)).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  reason_ = "why";
  ground_ = static_cast<v1::CloseGround>(99);
  EXPECT_THAT(Close(Case(v1::CASE_STAGE_ACCEPTED, true)).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "ground"));
}

TEST_F(UnheardTest, AHeardCaseAndOneBeingDiscussedAreNotClosedSo) {
  EXPECT_EQ(DetailOf(Close(Case(v1::CASE_STAGE_HEARD, true)).status()).reason(), "HEARD");
  EXPECT_EQ(DetailOf(Close(Case(v1::CASE_STAGE_CLOSED, true)).status()).reason(), "CASE_CLOSED");
  items_[1].set_state(v1::AGENDA_ITEM_STATE_OPEN);
  EXPECT_EQ(DetailOf(Close(Case(v1::CASE_STAGE_LISTED, true)).status()).reason(), "BEING_HEARD");
}

TEST(RevealTest, OnlyTheFirstLineReadsSafeContactAtOnce) {
  EXPECT_TRUE(RevealsAtOnce(v1::PROTECTED_KIND_SAFE_CONTACT, /*first_line=*/true, /*own_draft=*/false));
  EXPECT_FALSE(RevealsAtOnce(v1::PROTECTED_KIND_SAFE_CONTACT, /*first_line=*/false, /*own_draft=*/false));
  EXPECT_FALSE(RevealsAtOnce(v1::PROTECTED_KIND_REFUGE_ADDRESS, /*first_line=*/true, /*own_draft=*/false));
  EXPECT_TRUE(RevealsAtOnce(v1::PROTECTED_KIND_REFUGE_ADDRESS, /*first_line=*/false, /*own_draft=*/true));
}

TEST(RevealTest, OtherwiseAReasonIsSaid) {
  EXPECT_OK(CheckRevealReason("transport"));
  EXPECT_THAT(CheckRevealReason(" "), Refuses(absl::StatusCode::kInvalidArgument, "reason"));
}

}  // namespace
}  // namespace marac::domain
