#include "domain/meeting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "domain/area_settings.h"
#include "domain/errors.h"
#include "domain/record.h"
#include "domain/timestamp.h"
#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, London(), &time, &error)) << error;
  return time;
}

v1::Day Day(int year, int month, int day) {
  v1::Day result;
  result.set_year(year);
  result.set_month(month);
  result.set_day(day);
  return result;
}

class SeriesTest : public ::testing::Test {
 protected:
  SeriesTest() {
    *request_.mutable_first_day() = Day(2026, 12, 9);
    request_.set_count(3);
    request_.set_start_minute(9 * 60 + 30);
    request_.mutable_length()->set_seconds(3 * 3600);
    request_.set_venue("Room 4");
  }

  absl::StatusOr<std::vector<v1::Meeting>> Plan() {
    return PlanSeries(request_, {settings_, calendar_, existing_, agencies_, now_});
  }

  v1::AreaSettings settings_ = DefaultAreaSettings();
  WorkingDays calendar_ = marac::testing::Calendar("england_and_wales");
  std::vector<v1::Meeting> existing_;
  std::vector<std::string> agencies_ = {"agencies/police", "agencies/idva"};
  absl::Time now_ = At("2026-11-02 10:00");
  v1::ScheduleMeetingsRequest request_;
};

TEST_F(SeriesTest, MeetsEveryFortnightUnlessToldOtherwise) {
  request_.mutable_first_day()->CopyFrom(Day(2026, 6, 3));
  now_ = At("2026-05-01 10:00");
  ASSERT_OK_AND_ASSIGN(const auto meetings, Plan());
  ASSERT_EQ(meetings.size(), 3U);
  EXPECT_EQ(meetings[1].day().day(), 17);
  EXPECT_EQ(meetings[2].day().month(), 7);
  EXPECT_EQ(meetings[2].day().day(), 1);
  request_.set_every_weeks(4);
  ASSERT_OK_AND_ASSIGN(const auto monthly, Plan());
  EXPECT_EQ(monthly[1].day().month(), 7);
}

TEST_F(SeriesTest, AMeetingHasItsDeadlinesByTheClockInLondon) {
  request_.mutable_first_day()->CopyFrom(Day(2026, 4, 15));
  request_.set_count(1);
  now_ = At("2026-03-01 10:00");
  ASSERT_OK_AND_ASSIGN(const auto meetings, Plan());
  // D-8 goes back over Easter and over the change to summer time: Wednesday 1 April, noon, is 11:00 UTC.
  EXPECT_EQ(FromTimestamp(meetings[0].deadlines().cut_off_time()), At("2026-04-01 12:00"));
  EXPECT_EQ(FromTimestamp(meetings[0].deadlines().minutes_due_time()), At("2026-04-20 17:00"));
  EXPECT_EQ(FromTimestamp(meetings[0].start_time()), At("2026-04-15 09:30"));
  EXPECT_EQ(FromTimestamp(meetings[0].end_time()), At("2026-04-15 12:30"));
}

TEST_F(SeriesTest, AMeetingHasItsCapacity) {  // 180-10-10 at 10 = 16
  settings_.set_break_minutes(10);
  ASSERT_OK_AND_ASSIGN(const auto meetings, Plan());
  EXPECT_EQ(meetings[0].capacity(), 16);
  settings_.set_break_minutes(0);
  settings_.set_slot_minutes(15);
  ASSERT_OK_AND_ASSIGN(const auto longer, Plan());
  EXPECT_EQ(longer[0].capacity(), 11);
}

TEST_F(SeriesTest, AMeetingOnAHolidayIsOnTheNextWorkingDayAndSaysSo) {
  request_.mutable_first_day()->CopyFrom(Day(2026, 12, 11));
  ASSERT_OK_AND_ASSIGN(const auto meetings, Plan());
  // 25 December 2026 is a Friday; Monday 28th is the substitute of Boxing Day.
  EXPECT_EQ(meetings[1].day().day(), 29);
  ASSERT_FALSE(meetings[1].warnings().empty());
  EXPECT_THAT(meetings[1].warnings(0), HasSubstr("25 December 2026 is closed"));
  EXPECT_EQ(meetings[2].day().day(), 8) << "one that is moved does not move the next";
}

TEST_F(SeriesTest, HolidaysThatTakeTimeAwayAreWarnedOf) {
  ASSERT_OK_AND_ASSIGN(const auto meetings, Plan());
  EXPECT_THAT(meetings[2].warnings(), Contains(HasSubstr("Because of holidays, ")));
}

TEST_F(SeriesTest, TheMeetingBeforeIsTheOneOnTheCalendar) {
  request_.set_count(1);
  request_.mutable_first_day()->CopyFrom(Day(2027, 1, 6));
  v1::Meeting before;
  *before.mutable_day() = Day(2026, 12, 23);
  existing_.push_back(before);
  ASSERT_OK_AND_ASSIGN(const auto meetings, Plan());
  EXPECT_THAT(meetings[0].warnings(),
              Contains(HasSubstr("minutes due (30 December 2026) for the meeting of 23 December 2026")));
}

TEST_F(SeriesTest, EveryAgencyOfTheAreaIsInvitedUnlessSomeAreNamed) {
  ASSERT_OK_AND_ASSIGN(const auto all, Plan());
  EXPECT_THAT(all[0].invited_agencies(), ElementsAre("agencies/police", "agencies/idva"));
  request_.add_invited_agencies("agencies/idva");
  ASSERT_OK_AND_ASSIGN(const auto one, Plan());
  EXPECT_THAT(one[0].invited_agencies(), ElementsAre("agencies/idva"));
  request_.add_invited_agencies("agencies/elsewhere");
  EXPECT_THAT(Plan(), Refuses(absl::StatusCode::kInvalidArgument, "invited_agencies[1]"));
}

TEST_F(SeriesTest, BeyondTheKnownHolidaysNothingIsPlanned) {
  request_.mutable_first_day()->CopyFrom(Day(calendar_.last_year(), 12, 18));
  EXPECT_THAT(Plan(), Refuses(absl::StatusCode::kOutOfRange, ""));
}

TEST_F(SeriesTest, TheAreaMeetsOnceADay) {
  ASSERT_OK_AND_ASSIGN(existing_, Plan());
  EXPECT_THAT(Plan(),
              Refuses(absl::StatusCode::kInvalidArgument, "first_day: the area meets on 9 December 2026"));
}

TEST_F(SeriesTest, WhatMakesNoSenseIsRefusedByName) {
  auto refuses = [&](const char* field, auto change) {
    v1::ScheduleMeetingsRequest good = request_;
    change(request_);
    EXPECT_THAT(Plan(), Refuses(absl::StatusCode::kInvalidArgument, field)) << request_.ShortDebugString();
    request_ = good;
  };
  refuses("first_day", [](auto& r) { *r.mutable_first_day() = Day(2026, 2, 31); });
  refuses("first_day", [](auto& r) { *r.mutable_first_day() = Day(2026, 11, 1); });
  refuses("every_weeks", [](auto& r) { r.set_every_weeks(13); });
  refuses("every_weeks", [](auto& r) { r.set_every_weeks(-1); });
  refuses("count", [](auto& r) { r.set_count(0); });
  refuses("count", [](auto& r) { r.set_count(61); });
  refuses("start_minute", [](auto& r) { r.set_start_minute(1440); });
  refuses("length", [](auto& r) { r.mutable_length()->set_seconds(14 * 60); });
  refuses("length", [](auto& r) { r.mutable_length()->set_seconds(13 * 3600); });
  refuses("length", [](auto& r) { r.mutable_length()->set_seconds(3601); });
  refuses("venue", [](auto& r) { r.set_venue("\u00a0"); });
}

TEST_F(SeriesTest, AMeetingLeavesTimeForOneCase) {
  settings_.set_opening_minutes(20);
  request_.mutable_length()->set_seconds(30 * 60);
  EXPECT_OK(Plan());
  request_.mutable_length()->set_seconds(29 * 60);
  EXPECT_THAT(Plan(), Refuses(absl::StatusCode::kInvalidArgument, "length"));
}

TEST_F(SeriesTest, TodayIsNotInThePast) {
  request_.set_count(1);
  now_ = At("2026-12-09 23:59");
  EXPECT_OK(Plan());
  now_ = At("2026-12-10 00:00");
  EXPECT_THAT(Plan(), Refuses(absl::StatusCode::kInvalidArgument, "first_day"));
}

// Three meetings a fortnight apart, on 9 and 23 December 2026 and 6 January 2027.
class CalendarTest : public SeriesTest {
 protected:
  CalendarTest() {
    existing_ = Plan().value();
    for (size_t i = 0; i < existing_.size(); ++i)
      existing_[i].set_name(absl::StrCat("areas/mk/meetings/", i));
    move_.set_reason("The room is taken.");
  }
  SeriesContext Context() { return {settings_, calendar_, existing_, agencies_, now_}; }
  absl::StatusOr<CalendarChange> Move(size_t which) {
    return MoveMeeting(existing_[which], move_, Context(), "accounts/coordinator");
  }
  absl::StatusOr<CalendarChange> Cancel(size_t which, const std::string& reason = "Snow.") {
    v1::CancelMeetingRequest request;
    request.set_reason(reason);
    return CancelMeeting(existing_[which], request, Context(), "accounts/chair");
  }
  v1::MoveMeetingRequest move_;
};

TEST_F(CalendarTest, R05AMeetingThatIsMovedHasTheDeadlinesOfItsNewDay) {
  *move_.mutable_day() = Day(2026, 12, 16);
  ASSERT_OK_AND_ASSIGN(const CalendarChange moved, Move(0));
  const v1::Meeting& meeting = moved.meeting;
  EXPECT_EQ(meeting.state(), v1::MEETING_STATE_SCHEDULED);
  EXPECT_EQ(FromTimestamp(meeting.start_time()), At("2026-12-16 09:30")) << "the same clock";
  EXPECT_EQ(FromTimestamp(meeting.end_time()), At("2026-12-16 12:30"));
  EXPECT_EQ(FromTimestamp(meeting.deadlines().cut_off_time()), At("2026-12-04 12:00"));
  ASSERT_EQ(meeting.moves_size(), 1);
  EXPECT_EQ(FromTimestamp(meeting.moves(0).start_time()), At("2026-12-09 09:30"));
  EXPECT_EQ(meeting.moves(0).reason(), "The room is taken.");
  EXPECT_EQ(meeting.moves(0).account(), "accounts/coordinator");
  EXPECT_EQ(FromTimestamp(meeting.moves(0).time()), now_);
  EXPECT_EQ(meeting.venue(), "Room 4");
  EXPECT_EQ(FromTimestamp(meeting.moves(0).end_time()), At("2026-12-09 12:30"));
  EXPECT_EQ(meeting.moves(0).venue(), "Room 4");
  EXPECT_THAT(meeting.warnings(), Not(Contains(HasSubstr("cut-off for this day is over"))));
}

// what was in time before the move may not be any more, and nobody would have decided it.
TEST_F(CalendarTest, R06AMoveBeyondItsOwnCutOffSaysSo) {
  *move_.mutable_day() = Day(2026, 11, 12);  // D-8: 2 November, noon.
  now_ = At("2026-11-02 11:59");
  ASSERT_OK_AND_ASSIGN(const CalendarChange in_time, Move(0));
  EXPECT_THAT(in_time.meeting.warnings(), Not(Contains(HasSubstr("cut-off for this day is over"))));
  now_ = At("2026-11-02 12:00");
  ASSERT_OK_AND_ASSIGN(const CalendarChange late, Move(0));
  EXPECT_THAT(late.meeting.warnings(), Contains(HasSubstr("cut-off for this day is over")));
}

// over the change to summer time the clock in London stays, and over a holiday the working days.
TEST_F(CalendarTest, R05AMoveKeepsTheClockOverTheChangeToSummerTime) {
  *move_.mutable_day() = Day(2027, 4, 7);
  ASSERT_OK_AND_ASSIGN(const CalendarChange moved, Move(0));
  EXPECT_EQ(FromTimestamp(moved.meeting.start_time()), At("2027-04-07 09:30"));
  // Easter Monday is 29 March 2027, Good Friday the 26th.
  EXPECT_EQ(FromTimestamp(moved.meeting.deadlines().cut_off_time()), At("2027-03-24 12:00"));
}

TEST_F(CalendarTest, TimeLengthAndRoomCanChangeAlone) {
  move_.set_start_minute(14 * 60);
  move_.mutable_length()->set_seconds(3600);
  move_.set_venue("Room 5");
  ASSERT_OK_AND_ASSIGN(const CalendarChange moved, Move(0));
  EXPECT_EQ(FromTimestamp(moved.meeting.start_time()), At("2026-12-09 14:00"));
  EXPECT_EQ(FromTimestamp(moved.meeting.end_time()), At("2026-12-09 15:00"));
  EXPECT_EQ(moved.meeting.venue(), "Room 5");
  EXPECT_EQ(moved.meeting.capacity(), 5) << "R-08: 60-10 at 10";
  EXPECT_THAT(moved.others, IsEmpty()) << "the others are as far apart as before";
}

TEST_F(CalendarTest, R05AMoveOntoABankHolidayIsWarnedOfAndNotRefused) {
  *move_.mutable_day() = Day(2026, 12, 25);
  ASSERT_OK_AND_ASSIGN(const CalendarChange moved, Move(1));
  EXPECT_THAT(moved.meeting.warnings(), Contains(HasSubstr("25 December 2026 is")));
}

TEST_F(CalendarTest, R05TheMeetingAfterIsWarnedByTheOneThatIsBeforeItNow) {
  ASSERT_THAT(existing_[2].warnings(), Contains(HasSubstr("23 December 2026")));
  existing_[2].add_warnings("Something else that was said of it.");
  ASSERT_OK_AND_ASSIGN(const CalendarChange cancelled, Cancel(1));
  EXPECT_EQ(cancelled.meeting.state(), v1::MEETING_STATE_CANCELLED);
  EXPECT_EQ(cancelled.meeting.cancellation().reason(), "Snow.");
  EXPECT_EQ(cancelled.meeting.cancellation().account(), "accounts/chair");
  ASSERT_EQ(cancelled.others.size(), 1U) << "the first has the same before it";
  EXPECT_EQ(cancelled.others[0].name(), existing_[2].name());
  EXPECT_THAT(cancelled.others[0].warnings(), Not(Contains(HasSubstr("23 December 2026"))));
  EXPECT_THAT(cancelled.others[0].warnings(), Contains("Something else that was said of it."));
}

TEST_F(CalendarTest, WhatMakesNoSenseIsRefusedByName) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Move(0), Refuses(kInvalid, "when and where it is already"));
  *move_.mutable_day() = Day(2026, 12, 23);
  EXPECT_THAT(Move(0), Refuses(kInvalid, "day: the area meets on"));
  *move_.mutable_day() = Day(2026, 11, 1);
  EXPECT_THAT(Move(0), Refuses(kInvalid, "day: give a time that is still to come"));
  *move_.mutable_day() = Day(2026, 11, 31);
  EXPECT_THAT(Move(0), Refuses(kInvalid, "day"));
  *move_.mutable_day() = Day(2026, 12, 10);
  move_.set_start_minute(24 * 60);
  EXPECT_THAT(Move(0), Refuses(kInvalid, "start_minute"));
  move_.set_start_minute(9 * 60);
  move_.mutable_length()->set_seconds(10 * 60);
  EXPECT_THAT(Move(0), Refuses(kInvalid, "length"));
  move_.clear_length();
  move_.set_reason(" a ");
  EXPECT_THAT(Move(0), Refuses(kInvalid, "reason: say why"));
  move_.set_reason("yes");
  EXPECT_OK(Move(0));
  EXPECT_THAT(Cancel(0, ""), Refuses(kInvalid, "reason"));
  // Today is fine while its time is to come.
  *move_.mutable_day() = Day(2026, 11, 2);
  move_.set_start_minute(10 * 60);
  EXPECT_THAT(Move(0), Refuses(kInvalid, "still to come"));
  move_.set_start_minute(10 * 60 + 1);
  EXPECT_OK(Move(0));
  for (int i = 0; i < 20; ++i) existing_[0].add_moves();
  EXPECT_THAT(Move(0), Refuses(kInvalid, "moved so often"));
}

// Every state and every verb; what is not here is refused.
// marac.md 3: an emergency meeting, the chair agrees, the same day to 72 hours.
class EmergencyTest : public CalendarTest {
 protected:
  EmergencyTest() {
    now_ = At("2026-12-22 10:00");
    *request_.mutable_start_time() = ToTimestamp(At("2026-12-22 14:00"));
    request_.set_venue("Room 2");
    request_.add_invited_agencies("agencies/police");
    request_.set_reason("He was released this morning.");
  }
  absl::StatusOr<v1::Meeting> Call() {
    return CallEmergencyMeeting(request_,
                                {settings_, calendar_, agencies_, chair_, "accounts/coordinator", now_});
  }
  v1::CallEmergencyMeetingRequest request_;
  std::string chair_ = "accounts/chair";
};

TEST_F(EmergencyTest, IsCirculatedAtOnceAndHasTheDeadlinesThatComeAfterIt) {
  ASSERT_OK_AND_ASSIGN(const v1::Meeting meeting, Call());
  EXPECT_FALSE(IsInCycle(meeting));
  EXPECT_EQ(meeting.state(), v1::MEETING_STATE_CIRCULATED);
  EXPECT_EQ(meeting.day().day(), 22);
  EXPECT_EQ(FromTimestamp(meeting.end_time()), At("2026-12-22 15:00"));
  EXPECT_EQ(FromTimestamp(meeting.circulate_time()), now_);
  EXPECT_EQ(meeting.agenda_edition(), 1);
  EXPECT_EQ(meeting.capacity(), 1);
  EXPECT_EQ(meeting.venue(), "Room 2");
  EXPECT_THAT(meeting.invited_agencies(), ElementsAre("agencies/police"));
  EXPECT_FALSE(meeting.deadlines().has_cut_off_time());
  EXPECT_EQ(FromTimestamp(meeting.deadlines().research_due_time()), At("2026-12-22 14:00"));
  // Christmas and the day that makes up for Boxing Day, a Saturday, lie between.
  EXPECT_EQ(FromTimestamp(meeting.deadlines().minutes_due_time()), At("2026-12-29 17:00"));
  EXPECT_EQ(FromTimestamp(meeting.deadlines().actions_out_time()), At("2026-12-23 17:00"));
  EXPECT_EQ(meeting.emergency().reason(), "He was released this morning.");
  EXPECT_EQ(meeting.emergency().chair(), "accounts/chair");
  EXPECT_EQ(meeting.emergency().account(), "accounts/coordinator");
  EXPECT_EQ(FromTimestamp(meeting.emergency().time()), now_);
}

TEST_F(EmergencyTest, IsWithin72Hours) {
  *request_.mutable_start_time() = ToTimestamp(now_ + absl::Hours(72));
  EXPECT_THAT(Call(), IsOk());
  *request_.mutable_start_time() = ToTimestamp(now_ + absl::Hours(72) + absl::Milliseconds(1));
  EXPECT_THAT(Call(), Refuses(absl::StatusCode::kInvalidArgument, "start_time"));
  *request_.mutable_start_time() = ToTimestamp(now_ + absl::Milliseconds(1));
  EXPECT_THAT(Call(), IsOk());
  *request_.mutable_start_time() = ToTimestamp(now_);
  EXPECT_THAT(Call(), Refuses(absl::StatusCode::kInvalidArgument, "start_time"));
}

TEST_F(EmergencyTest, NeedsAChairsWordAReasonAndSomebodyToCome) {
  chair_.clear();
  request_.clear_reason();
  request_.clear_invited_agencies();
  request_.clear_venue();
  request_.mutable_length()->set_seconds(9 * 60);
  std::vector<std::string> fields;
  const v1::ErrorDetail detail = DetailOf(Call().status());
  for (const v1::FieldViolation& violation : detail.field_violations()) fields.push_back(violation.field());
  EXPECT_THAT(fields, UnorderedElementsAre("chair", "reason", "invited_agencies", "venue", "length"));
  chair_ = "accounts/chair";
  request_.set_reason("He was released.");
  request_.set_venue("Room 2");
  request_.mutable_length()->set_seconds(10 * 60);
  request_.add_invited_agencies("agencies/stranger");
  EXPECT_THAT(Call(), Refuses(absl::StatusCode::kInvalidArgument, "invited_agencies[0]"));
  request_.set_invited_agencies(0, "agencies/idva");
  EXPECT_THAT(Call(), IsOk());
  request_.mutable_length()->set_seconds(4 * 3600 + 1);
  EXPECT_THAT(Call(), Refuses(absl::StatusCode::kInvalidArgument, "length"));
}

// The area meets on the 23rd: an emergency takes nobody's place on the calendar, and warns no other meeting.
TEST_F(EmergencyTest, IsMovedBesideTheCycleAndWithin72Hours) {
  ASSERT_OK_AND_ASSIGN(const v1::Meeting meeting, Call());
  *move_.mutable_day() = Day(2026, 12, 23);
  ASSERT_OK_AND_ASSIGN(const CalendarChange moved, MoveMeeting(meeting, move_, Context(), "accounts/chair"));
  EXPECT_EQ(FromTimestamp(moved.meeting.start_time()), At("2026-12-23 14:00"));
  EXPECT_FALSE(moved.meeting.deadlines().has_cut_off_time());
  EXPECT_EQ(FromTimestamp(moved.meeting.deadlines().actions_out_time()), At("2026-12-24 17:00"));
  EXPECT_EQ(moved.meeting.capacity(), 1);
  EXPECT_THAT(moved.meeting.warnings(), IsEmpty());
  EXPECT_THAT(moved.others, IsEmpty());
  // However often it is moved: within 72 hours of the call.
  *move_.mutable_day() = Day(2026, 12, 25);
  move_.set_start_minute(10 * 60);
  now_ = At("2026-12-24 10:00");
  EXPECT_THAT(MoveMeeting(meeting, move_, Context(), "accounts/chair"), IsOk());
  move_.set_start_minute(10 * 60 + 1);
  EXPECT_THAT(MoveMeeting(meeting, move_, Context(), "accounts/chair"),
              Refuses(absl::StatusCode::kInvalidArgument, "day"));
  v1::CancelMeetingRequest cancel;
  cancel.set_reason("He is back in custody.");
  ASSERT_OK_AND_ASSIGN(const CalendarChange cancelled,
                       CancelMeeting(meeting, cancel, Context(), "accounts/chair"));
  EXPECT_EQ(cancelled.meeting.state(), v1::MEETING_STATE_CANCELLED);
  EXPECT_THAT(cancelled.others, IsEmpty());
}

// How far an unfinished action has come is counted in meetings, which must not tell of one that is hidden.
TEST_F(EmergencyTest, R13IsNotCountedAmongTheMeetings) {
  ASSERT_OK_AND_ASSIGN(v1::Meeting meeting, Call());
  meeting.set_state(v1::MEETING_STATE_CLOSED);
  EXPECT_NE(ColumnsOf(meeting).state, v1::MEETING_STATE_CLOSED);
  meeting.set_kind(v1::MEETING_KIND_ORDINARY);
  EXPECT_EQ(ColumnsOf(meeting).state, v1::MEETING_STATE_CLOSED);
}

TEST(MeetingStateTest, EachStateTakesItsVerbsAndNoOthers) {
  using enum MeetingVerb;
  const std::vector<std::pair<v1::MeetingState, std::vector<MeetingVerb>>> table = {
      {v1::MEETING_STATE_UNSPECIFIED, {}},
      {v1::MEETING_STATE_SCHEDULED,
       {kMove, kProposeAgenda, kAdmitLateCase, kCirculateAgenda, kRecordAttendance, kDeferItem}},
      {v1::MEETING_STATE_CIRCULATED,
       {kMove, kProposeAgenda, kAdmitLateCase, kCirculateAgenda, kStart, kRecordAttendance, kDeferItem}},
      {v1::MEETING_STATE_IN_PROGRESS, {kRecordAttendance, kHearItem, kDeferItem, kClose}},
      {v1::MEETING_STATE_CLOSED, {}},
      {v1::MEETING_STATE_CANCELLED, {}},
  };
  ASSERT_EQ(static_cast<int>(table.size()), v1::MeetingState_ARRAYSIZE);
  for (const auto& [state, taken] : table) {
    for (MeetingVerb verb : {kMove, kProposeAgenda, kAdmitLateCase, kCirculateAgenda, kStart,
                             kRecordAttendance, kHearItem, kDeferItem, kClose}) {
      const bool takes = std::ranges::count(taken, verb) > 0;
      const absl::Status status = CheckMeetingState(state, verb);
      EXPECT_EQ(status.ok(), takes) << v1::MeetingState_Name(state) << " " << static_cast<int>(verb);
      if (!takes) {
        EXPECT_THAT(status, Refuses(absl::StatusCode::kFailedPrecondition, "this meeting"));
        EXPECT_EQ(DetailOf(status).reason(), "WRONG_STATE");
      }
    }
  }
}

v1::Meeting Circulated() {
  v1::Meeting meeting;
  meeting.set_name("areas/mk/meetings/1");
  meeting.set_state(v1::MEETING_STATE_CIRCULATED);
  *meeting.mutable_day() = Day(2026, 12, 9);
  meeting.add_invited_agencies("agencies/police");
  meeting.add_invited_agencies("agencies/housing");
  return meeting;
}

v1::Meeting InProgress() {
  v1::Meeting meeting = Circulated();
  meeting.set_state(v1::MEETING_STATE_IN_PROGRESS);
  return meeting;
}

TEST(StartMeetingTest, IsOnItsDayOrLater) {
  EXPECT_THAT(StartMeeting(Circulated(), "accounts/chair", At("2026-12-08 23:59")),
              Refuses(absl::StatusCode::kFailedPrecondition, "9 December 2026"));
  ASSERT_OK_AND_ASSIGN(const v1::Meeting started,
                       StartMeeting(Circulated(), "accounts/chair", At("2026-12-09 00:00")));
  EXPECT_EQ(started.state(), v1::MEETING_STATE_IN_PROGRESS);
  EXPECT_EQ(started.chair(), "accounts/chair");
}

class AttendanceTest : public ::testing::Test {
 protected:
  v1::Attendance& Add(const std::string& agency, v1::AttendanceState state) {
    v1::Attendance* entry = request_.add_attendance();
    entry->set_agency(agency);
    entry->set_state(state);
    entry->set_person("Somebody");
    return *entry;
  }
  absl::StatusOr<v1::Meeting> Record() {
    return RecordAttendance(meeting_, request_, {{"accounts/p", "agencies/police"}}, At("2026-12-09 09:40"));
  }
  // Records what was added, and begins again.
  void MustRecord() {
    ASSERT_OK_AND_ASSIGN(meeting_, Record());
    request_.Clear();
  }
  std::vector<std::string> Recorded() const {
    std::vector<std::string> recorded;
    for (const v1::Attendance& entry : meeting_.attendance()) {
      const std::string state = v1::AttendanceState_Name(entry.state());
      recorded.push_back(entry.agency().substr(9) + ":" + entry.account() + entry.person() + "=" +
                         state.substr(17));
    }
    return recorded;
  }

  v1::Meeting meeting_ = InProgress();
  v1::RecordAttendanceRequest request_;
};

// The second of an agency to be recorded made the first one disappear.
TEST_F(AttendanceTest, ASecondPersonOfAnAgencyLeavesTheFirst) {
  Add("agencies/police", v1::ATTENDANCE_STATE_PRESENT).set_person("PC Shah");
  MustRecord();
  Add("agencies/police", v1::ATTENDANCE_STATE_PRESENT).set_person("Sgt Lee");
  Add("agencies/housing", v1::ATTENDANCE_STATE_PRESENT);
  MustRecord();
  v1::Attendance& with_account = Add("agencies/police", v1::ATTENDANCE_STATE_PRESENT);
  with_account.set_account("accounts/p");
  with_account.clear_person();
  Add("agencies/police", v1::ATTENDANCE_STATE_OBSERVER).set_person("Sgt Lee");
  MustRecord();
  EXPECT_THAT(Recorded(), ElementsAre("police:PC Shah=PRESENT", "police:Sgt Lee=OBSERVER",
                                      "housing:Somebody=PRESENT", "police:accounts/p=PRESENT"));
}

TEST_F(AttendanceTest, AnAgencyIsNotAbsentOnceSomebodyOfItIsThere) {
  Add("agencies/police", v1::ATTENDANCE_STATE_ABSENT).clear_person();
  MustRecord();
  Add("agencies/police", v1::ATTENDANCE_STATE_PRESENT).set_person("PC Shah");
  MustRecord();
  EXPECT_THAT(Recorded(), ElementsAre("police:PC Shah=PRESENT"));
  Add("agencies/police", v1::ATTENDANCE_STATE_APOLOGIES).clear_person();
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[0].state: somebody"));
}

TEST_F(AttendanceTest, AMistakeIsTakenOutByNamingIt) {
  Add("agencies/police", v1::ATTENDANCE_STATE_PRESENT).set_person("PC Shah");
  Add("agencies/police", v1::ATTENDANCE_STATE_PRESENT).set_person("Sgt Lee");
  MustRecord();
  v1::Attendance& mistake = *request_.add_removed();
  mistake.set_agency("agencies/police");
  mistake.set_person("PC Shaw");
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "removed[0]"));
  mistake.set_person("PC Shah");
  MustRecord();
  EXPECT_THAT(Recorded(), ElementsAre("police:Sgt Lee=PRESENT"));
}

TEST_F(AttendanceTest, BeforeTheMeetingOnlyApologiesAreKnown) {
  meeting_ = Circulated();
  Add("agencies/police", v1::ATTENDANCE_STATE_APOLOGIES);
  EXPECT_OK(Record());
  Add("agencies/housing", v1::ATTENDANCE_STATE_PRESENT);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[1].state"));
}

TEST_F(AttendanceTest, InformationComesWithApologiesAndADay) {
  v1::Attendance& entry = Add("agencies/police", v1::ATTENDANCE_STATE_APOLOGIES);
  entry.set_information_sent(true);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "information_day"));
  *entry.mutable_information_day() = Day(2026, 12, 10);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "information_day")) << "tomorrow";
  *entry.mutable_information_day() = Day(2026, 12, 9);
  EXPECT_OK(Record());
  entry.set_state(v1::ATTENDANCE_STATE_ABSENT);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[0].information_sent"));
}

TEST_F(AttendanceTest, ADayOfInformationIsNotDroppedInSilence) {
  v1::Attendance& entry = Add("agencies/police", v1::ATTENDANCE_STATE_APOLOGIES);
  *entry.mutable_information_day() = Day(2026, 12, 9);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "information_sent: a day was given"));
  entry.set_information_sent(true);
  EXPECT_OK(Record());
}

TEST_F(AttendanceTest, WhoChoseNoAgencyIsToldToChooseOne) {
  Add("", v1::ATTENDANCE_STATE_APOLOGIES);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[0].agency: choose"));
}

TEST_F(AttendanceTest, OnlyInvitedAgenciesAttendAndAnybodyMayObserve) {
  Add("agencies/elsewhere", v1::ATTENDANCE_STATE_OBSERVER);
  Add("", v1::ATTENDANCE_STATE_OBSERVER);
  EXPECT_OK(Record());
  Add("agencies/elsewhere", v1::ATTENDANCE_STATE_PRESENT);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[2].agency"));
}

TEST_F(AttendanceTest, SomebodyWhoIsThereHasANameOrAnAccountOfThatAgency) {
  v1::Attendance& entry = Add("agencies/police", v1::ATTENDANCE_STATE_PRESENT);
  entry.set_person(" ");
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[0].person"));
  entry.set_account("accounts/p");
  EXPECT_OK(Record());
  entry.set_agency("agencies/housing");
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[0].account"));
  entry.set_account("accounts/nobody");
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[0].account"));
}

TEST_F(AttendanceTest, SaysSomething) {
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance"));
  Add("agencies/police", v1::ATTENDANCE_STATE_UNSPECIFIED);
  EXPECT_THAT(Record(), Refuses(absl::StatusCode::kInvalidArgument, "attendance[0].state"));
}

v1::AgendaItem ItemIn(v1::AgendaItemState state) {
  v1::AgendaItem item;
  item.set_case_number(v1::AgendaItemState_Name(state));
  item.set_state(state);
  return item;
}

TEST(CloseMeetingTest, EveryCaseWasHeardOrPutOff) {
  const std::vector<v1::AgendaItem> done = {ItemIn(v1::AGENDA_ITEM_STATE_HEARD),
                                            ItemIn(v1::AGENDA_ITEM_STATE_DEFERRED),
                                            ItemIn(v1::AGENDA_ITEM_STATE_WITHDRAWN)};
  ASSERT_OK_AND_ASSIGN(const v1::Meeting closed, CloseMeeting(InProgress(), done, At("2026-12-09 12:30")));
  EXPECT_EQ(closed.state(), v1::MEETING_STATE_CLOSED);
  EXPECT_EQ(FromTimestamp(closed.close_time()), At("2026-12-09 12:30"));
  for (v1::AgendaItemState left :
       {v1::AGENDA_ITEM_STATE_PROPOSED, v1::AGENDA_ITEM_STATE_LISTED, v1::AGENDA_ITEM_STATE_OPEN}) {
    std::vector<v1::AgendaItem> items = done;
    items.push_back(ItemIn(left));
    const auto refused = CloseMeeting(InProgress(), items, At("2026-12-09 12:30"));
    EXPECT_THAT(refused, Refuses(absl::StatusCode::kFailedPrecondition, v1::AgendaItemState_Name(left)));
    EXPECT_EQ(DetailOf(refused.status()).reason(), "ITEMS_LEFT");
  }
}

}  // namespace
}  // namespace marac::domain
