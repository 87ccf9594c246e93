#include "domain/opening.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/timestamp.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, London(), &time, &error)) << error;
  return time;
}

v1::Meeting MeetingAt(const std::string& start) {
  v1::Meeting meeting;
  *meeting.mutable_start_time() = ToTimestamp(At(start));
  *meeting.mutable_day() = DateOf(At(start)).ToDay();
  return meeting;
}

v1::Day Day(int year, int month, int day) {
  v1::Day result;
  result.set_year(year);
  result.set_month(month);
  result.set_day(day);
  return result;
}

const absl::Time kNow = At("2026-12-09 09:00");

// On 9 December 2026, a fortnight after 25 November.
absl::StatusOr<LookBack> BackTo(v1::MeetingState state, absl::Time now = kNow) {
  std::vector<v1::Meeting> calendar = {MeetingAt("2026-11-11 09:30"), MeetingAt("2026-11-25 09:30"),
                                       MeetingAt("2026-12-09 09:30"), MeetingAt("2026-12-23 09:30")};
  calendar[0].set_state(v1::MEETING_STATE_CLOSED);
  calendar[1].set_state(state);
  for (size_t i = 2; i < calendar.size(); ++i) calendar[i].set_state(v1::MEETING_STATE_CIRCULATED);
  return LookBackOf(calendar[2], calendar, now);
}
LookBack Back() { return BackTo(v1::MEETING_STATE_CLOSED).value(); }

TEST(LookBackTest, IsFromTheMeetingBefore) {
  const LookBack back = Back();
  EXPECT_EQ(back.from, At("2026-11-25 09:30"));
  EXPECT_EQ(back.to, At("2026-12-09 09:30"));
  EXPECT_EQ(back.from_day->ToDay().day(), 25);
}

// Snow, and nobody pressed "cancel": what the one before that left is heard at this one.
TEST(LookBackTest, AMeetingThatNobodyHeldIsNone) {
  for (const v1::MeetingState state : {v1::MEETING_STATE_SCHEDULED, v1::MEETING_STATE_CIRCULATED})
    EXPECT_EQ(BackTo(state)->from, At("2026-11-11 09:30"));
  for (const v1::MeetingState state : {v1::MEETING_STATE_IN_PROGRESS, v1::MEETING_STATE_CLOSED})
    EXPECT_EQ(BackTo(state)->from, At("2026-11-25 09:30"));
  EXPECT_EQ(BackTo(v1::MEETING_STATE_SCHEDULED, At("2026-11-25 09:29"))->from, At("2026-11-25 09:30"))
      << "one that is to come";
}

TEST(LookBackTest, TheFirstMeetingLooksBackOnEverything) {
  ASSERT_OK_AND_ASSIGN(const LookBack back,
                       LookBackOf(MeetingAt("2026-11-11 09:30"), {MeetingAt("2026-11-11 09:30")}, kNow));
  EXPECT_EQ(back.from, absl::InfinitePast());
  EXPECT_FALSE(back.from_day.has_value());
}

v1::Action ActionIn(v1::ActionState state, const std::string& made = "2026-11-25 10:00") {
  v1::Action action;
  action.set_state(state);
  *action.mutable_create_time() = ToTimestamp(At(made));
  return action;
}

// unfinished ones return to the next meeting, however old they are.
TEST(OpeningTest, R13EveryActionThatIsNotFinishedReturns) {
  EXPECT_TRUE(IsForOpening(ActionIn(v1::ACTION_STATE_OPEN, "2024-01-03 10:00"), Back()));
  EXPECT_TRUE(IsForOpening(ActionIn(v1::ACTION_STATE_PROPOSED), Back()));
  EXPECT_FALSE(IsForOpening(ActionIn(v1::ACTION_STATE_COMPLETE), Back()));
  EXPECT_FALSE(IsForOpening(ActionIn(v1::ACTION_STATE_REFUSED), Back()));
  EXPECT_TRUE(IsForOpening(ActionIn(v1::ACTION_STATE_OPEN, "2026-12-09 09:29"), Back()));
  EXPECT_FALSE(IsForOpening(ActionIn(v1::ACTION_STATE_OPEN, "2026-12-09 09:30"), Back()))
      << "agreed in the meeting itself";
}

// Both kinds of not done are heard once, at the meeting after they were reported.
TEST(OpeningTest, R13WhatWasGivenUpIsHeardOnce) {
  for (const v1::ActionState state : {v1::ACTION_STATE_NOT_DONE, v1::ACTION_STATE_NOT_POSSIBLE}) {
    v1::Action action = ActionIn(state, "2026-10-01 10:00");
    const auto reported = [&](const std::string& when) {
      *action.mutable_report()->mutable_time() = ToTimestamp(At(when));
      return IsForOpening(action, Back());
    };
    EXPECT_FALSE(reported("2026-11-25 09:29"));
    EXPECT_TRUE(reported("2026-11-25 09:30"));
    EXPECT_TRUE(reported("2026-12-09 09:29"));
    EXPECT_FALSE(reported("2026-12-09 09:30"));
  }
}

v1::Case FlagUntil(int year, int month, int day) {
  v1::Case record;
  *record.mutable_flag_last_day() = Day(year, month, day);
  return record;
}

TEST(OpeningTest, R04AFlagThatLapsedSinceTheMeetingBeforeIsReadOut) {
  using enum FlagAtOpening;
  EXPECT_EQ(FlagAt(FlagUntil(2026, 11, 24), {}, Back()), kNone);
  EXPECT_EQ(FlagAt(FlagUntil(2026, 11, 25), {}, Back()), kLapsed);
  EXPECT_EQ(FlagAt(FlagUntil(2026, 12, 8), {}, Back()), kLapsed);
  EXPECT_EQ(FlagAt(FlagUntil(2026, 12, 9), {}, Back()), kNone);
  EXPECT_EQ(FlagAt(v1::Case(), {}, Back()), kNone);
}

// A repeat renews it when it is heard; while one waits to be heard nobody takes the flag off.
TEST(OpeningTest, R04ARepeatRenewsTheFlag) {
  using enum FlagAtOpening;
  const v1::Case lapsed = FlagUntil(2026, 12, 1);
  EXPECT_EQ(FlagAt(lapsed, {FlagUntil(2026, 12, 9)}, Back()), kNone);
  EXPECT_EQ(FlagAt(lapsed, {FlagUntil(2026, 12, 8)}, Back()), kLapsed);
  v1::Case repeat;
  for (const v1::CaseStage stage : {v1::CASE_STAGE_ACCEPTED, v1::CASE_STAGE_LISTED}) {
    repeat.set_stage(stage);
    EXPECT_EQ(FlagAt(lapsed, {repeat}, Back()), kToBeRenewed);
  }
  repeat.set_stage(v1::CASE_STAGE_CLOSED);
  EXPECT_EQ(FlagAt(lapsed, {repeat}, Back()), kLapsed) << "closed, and never heard";
}

// By when it was heard, whenever it was to start.
TEST(OpeningTest, AnEmergencyIsNotedAtTheMeetingAfterItWasHeard) {
  v1::AgendaItem item;
  item.set_state(v1::AGENDA_ITEM_STATE_HEARD);
  const auto noted = [&](const std::string& heard) {
    *item.mutable_close_time() = ToTimestamp(At(heard));
    return IsEmergencyForOpening(item, Back());
  };
  EXPECT_FALSE(noted("2026-11-25 09:29"));
  EXPECT_TRUE(noted("2026-11-25 09:30"));
  EXPECT_TRUE(noted("2026-12-09 09:29"));
  EXPECT_FALSE(noted("2026-12-09 09:30"));
  item.set_state(v1::AGENDA_ITEM_STATE_WITHDRAWN);
  EXPECT_FALSE(noted("2026-12-01 09:30"));
}

TEST(OpeningTest, ACaseIsNamedAndNoMoreIsSaidOfIt) {
  v1::Case record = FlagUntil(2026, 12, 1);
  record.set_name("areas/mk/cases/c");
  record.mutable_victim()->mutable_name()->set_value("Victim");
  record.mutable_victim()->mutable_gender()->set_value("female");
  record.set_reason_line("He has a knife");
  const v1::Case shown = ForOpening(record);
  EXPECT_EQ(shown.name(), record.name());
  EXPECT_EQ(shown.victim().name().value(), "Victim");
  EXPECT_FALSE(shown.victim().has_gender());
  EXPECT_EQ(shown.reason_line(), "");
}

TEST(OpeningTest, R21AVictimWhoWasNotToldIsNotForgotten) {
  v1::Case record;
  record.set_stage(v1::CASE_STAGE_HEARD);
  *record.mutable_last_heard_day() = Day(2026, 12, 8);
  EXPECT_TRUE(AwaitsVictimUpdate(record, Back()));
  *record.mutable_last_heard_day() = Day(2026, 12, 9);
  EXPECT_FALSE(AwaitsVictimUpdate(record, Back())) << "heard in the meeting itself";
  *record.mutable_last_heard_day() = Day(2025, 1, 8);
  EXPECT_TRUE(AwaitsVictimUpdate(record, Back()));
  record.mutable_victim_update()->set_told(true);
  EXPECT_FALSE(AwaitsVictimUpdate(record, Back()));
  record.clear_victim_update();
  record.set_stage(v1::CASE_STAGE_CLOSED);
  EXPECT_FALSE(AwaitsVictimUpdate(record, Back()));
}

}  // namespace
}  // namespace marac::domain
