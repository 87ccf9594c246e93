#include "domain/local_date.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

TEST(LocalDateTest, ADayThatDoesNotExistIsRefusedNamingTheField) {
  struct Case {
    int year, month, day;
    const char* advice;
  };
  for (const Case& c : {Case{2026, 2, 31, "a day from 1 to 28"}, Case{2024, 2, 30, "a day from 1 to 29"},
                        Case{1900, 2, 29, "a day from 1 to 28"}, Case{2026, 4, 31, "a day from 1 to 30"},
                        Case{2026, 1, 0, "a day from 1 to 31"}, Case{2026, 13, 1, "a month from 1 to 12"},
                        Case{2026, 0, 1, "a month from 1 to 12"}, Case{26, 1, 1, "a year from 1900 to 2200"},
                        Case{2201, 1, 1, "a year from 1900 to 2200"}}) {
    absl::StatusOr<LocalDate> date = LocalDate::Create(c.year, c.month, c.day, "victim.birth_date");
    EXPECT_THAT(date, Refuses(absl::StatusCode::kInvalidArgument, "victim.birth_date"));
    EXPECT_THAT(date, Refuses(absl::StatusCode::kInvalidArgument, c.advice));
  }
  EXPECT_OK(LocalDate::Create(2024, 2, 29, "due"));
  EXPECT_OK(LocalDate::Create(2000, 2, 29, "due"));
}

TEST(LocalDateTest, ARefusalDoesNotRepeatTheDate) {
  std::string text(LocalDate::Create(1987, 11, 31, "victim.birth_date").status().message());
  EXPECT_EQ(text.find("1987"), std::string::npos) << text;
  EXPECT_EQ(text.find("11"), std::string::npos) << text;
}

TEST(LocalDateTest, IsoTextIsReadAndWrittenInOneForm) {
  ASSERT_OK_AND_ASSIGN(LocalDate date, LocalDate::ParseIso("2026-01-07", "meeting.date"));
  EXPECT_EQ(date, Date(2026, 1, 7));
  EXPECT_EQ(date.Iso(), "2026-01-07");
  for (const char* text :
       {"2026-1-7", "07/01/2026", "2026-01-07 ", "+026-01-07", "2026-02-31", "", "2026-01-0a"}) {
    EXPECT_THAT(LocalDate::ParseIso(text, "meeting.date"),
                Refuses(absl::StatusCode::kInvalidArgument, "meeting.date"))
        << text;
  }
}

TEST(LocalDateTest, AMessageIsReadAndWritten) {
  v1::Day day = Date(2026, 1, 7).ToDay();
  EXPECT_THAT(LocalDate::FromDay(day, "due_date"), IsOkAndHolds(Date(2026, 1, 7)));
  day.set_day(32);
  EXPECT_THAT(LocalDate::FromDay(day, "due_date"), Refuses(absl::StatusCode::kInvalidArgument, "due_date"));
  EXPECT_THAT(LocalDate::FromDay(v1::Day(), "due_date"),
              Refuses(absl::StatusCode::kInvalidArgument, "due_date"));
}

TEST(LocalDateTest, AddMonthsKeepsTheDayOrTheLastDayOfAShorterMonth) {
  EXPECT_EQ(Date(2024, 2, 29).AddMonths(12), Date(2025, 2, 28));
  EXPECT_EQ(Date(2024, 2, 29).AddMonths(48), Date(2028, 2, 29));
  EXPECT_EQ(Date(2025, 3, 1).AddMonths(12), Date(2026, 3, 1));
  EXPECT_EQ(Date(2025, 8, 31).AddMonths(1), Date(2025, 9, 30));
  EXPECT_EQ(Date(2025, 12, 31).AddMonths(2), Date(2026, 2, 28));
  EXPECT_EQ(Date(2025, 3, 31).AddMonths(-1), Date(2025, 2, 28));
  EXPECT_EQ(Date(2025, 1, 15).AddMonths(-13), Date(2023, 12, 15));
  EXPECT_EQ(Date(2025, 1, 15).AddMonths(0), Date(2025, 1, 15));
}

TEST(LocalDateTest, DaysCompareAndSubtract) {
  EXPECT_LT(Date(2025, 12, 31), Date(2026, 1, 1));
  EXPECT_GT(Date(2026, 2, 1), Date(2026, 1, 31));
  EXPECT_EQ(Date(2026, 3, 1) - Date(2026, 2, 1), 28);
  EXPECT_EQ(Date(2026, 2, 28).AddDays(1), Date(2026, 3, 1));
}

// "All dates are calendar dates in Europe/London": in summer the day begins at 23:00 UTC.
TEST(LocalDateTest, TheDayOfAMomentIsLondons) {
  EXPECT_EQ(DateOf(absl::FromCivil(absl::CivilSecond(2026, 7, 1, 22, 59, 59), absl::UTCTimeZone())),
            Date(2026, 7, 1));
  EXPECT_EQ(DateOf(absl::FromCivil(absl::CivilSecond(2026, 7, 1, 23, 0, 0), absl::UTCTimeZone())),
            Date(2026, 7, 2));
  EXPECT_EQ(DateOf(absl::FromCivil(absl::CivilSecond(2026, 1, 1, 23, 30, 0), absl::UTCTimeZone())),
            Date(2026, 1, 1));
}

TEST(R05DeadlineAt, NoonFollowsTheClocksOfLondon) {
  EXPECT_EQ(DeadlineAt(Date(2026, 3, 27), ClockTime::Noon()),
            absl::FromCivil(absl::CivilSecond(2026, 3, 27, 12, 0, 0), absl::UTCTimeZone()));
  EXPECT_EQ(DeadlineAt(Date(2026, 3, 30), ClockTime::Noon()),
            absl::FromCivil(absl::CivilSecond(2026, 3, 30, 11, 0, 0), absl::UTCTimeZone()));
}

TEST(R05DeadlineAt, AnHourThatTheClocksSkipOrRepeatHasOneMeaning) {
  ASSERT_OK_AND_ASSIGN(ClockTime half_past_one, ClockTime::Create(1, 30, "cut_off"));
  EXPECT_EQ(DeadlineAt(Date(2026, 3, 29), half_past_one),
            absl::FromCivil(absl::CivilSecond(2026, 3, 29, 1, 0, 0), absl::UTCTimeZone()));
  EXPECT_EQ(DeadlineAt(Date(2026, 10, 25), half_past_one),
            absl::FromCivil(absl::CivilSecond(2026, 10, 25, 0, 30, 0), absl::UTCTimeZone()));
}

TEST(ClockTimeTest, ATimeThatNoClockShowsIsRefusedNamingTheField) {
  EXPECT_OK(ClockTime::Create(0, 0, "cut_off"));
  EXPECT_OK(ClockTime::Create(23, 59, "cut_off"));
  for (auto [hour, minute] : {std::pair(24, 0), std::pair(-1, 0), std::pair(12, 60), std::pair(12, -1)}) {
    EXPECT_THAT(ClockTime::Create(hour, minute, "cut_off"),
                Refuses(absl::StatusCode::kInvalidArgument, "cut_off"));
  }
}

TEST(ClockTimeTest, MinutesAfterMidnightAreAClockTime) {
  ASSERT_OK_AND_ASSIGN(ClockTime time, ClockTime::FromMinutes(17 * 60 + 5, "cut_off.minute"));
  EXPECT_EQ(time.hour(), 17);
  EXPECT_EQ(time.minute(), 5);
  EXPECT_THAT(ClockTime::FromMinutes(24 * 60, "cut_off.minute"),
              Refuses(absl::StatusCode::kInvalidArgument, "cut_off.minute"));
  EXPECT_THAT(ClockTime::FromMinutes(-1, "cut_off.minute"),
              Refuses(absl::StatusCode::kInvalidArgument, "cut_off.minute"));
}

TEST(R02Age, TheBirthdayItselfCounts) {
  EXPECT_EQ(AgeOn(Date(2010, 5, 20), Date(2026, 5, 19)), 15);
  EXPECT_EQ(AgeOn(Date(2010, 5, 20), Date(2026, 5, 20)), 16);
  EXPECT_EQ(AgeOn(Date(2010, 5, 20), Date(2026, 4, 30)), 15);
  EXPECT_EQ(AgeOn(Date(2010, 5, 20), Date(2026, 12, 1)), 16);
  EXPECT_EQ(AgeOn(Date(2008, 2, 29), Date(2026, 2, 28)), 17);
  EXPECT_EQ(AgeOn(Date(2008, 2, 29), Date(2026, 3, 1)), 18);
  EXPECT_EQ(AgeOn(Date(2026, 5, 20), Date(2026, 5, 19)), -1);
}

}  // namespace
}  // namespace marac::domain
