#include "domain/working_days.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::Calendar;
using ::marac::testing::IsOkAndHolds;
using ::marac::testing::ReadCalendar;
using ::marac::testing::Refuses;

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

TEST(R05WorkingDays, FiveWorkingDaysBeforeAMeetingSkipNewYearByNation) {
  EXPECT_THAT(Calendar("england_and_wales").AddWorkingDays(Date(2026, 1, 7), -5),
              IsOkAndHolds(Date(2025, 12, 30)));
  EXPECT_THAT(Calendar("scotland").AddWorkingDays(Date(2026, 1, 7), -5), IsOkAndHolds(Date(2025, 12, 29)));
}

TEST(R05WorkingDays, ThreeWorkingDaysAfterAMeetingSkipChristmasAndItsSubstitute) {
  for (const char* nation : {"england_and_wales", "scotland", "northern_ireland"}) {
    EXPECT_THAT(Calendar(nation).AddWorkingDays(Date(2026, 12, 23), 3), IsOkAndHolds(Date(2026, 12, 30)))
        << nation;
  }
}

TEST(R05WorkingDays, TheDayItselfIsNotCounted) {
  WorkingDays days = Calendar("england_and_wales");
  EXPECT_THAT(days.AddWorkingDays(Date(2026, 9, 7), 1), IsOkAndHolds(Date(2026, 9, 8)));
  EXPECT_THAT(days.AddWorkingDays(Date(2026, 9, 7), -1), IsOkAndHolds(Date(2026, 9, 4)));
  EXPECT_THAT(days.AddWorkingDays(Date(2026, 9, 5), 1), IsOkAndHolds(Date(2026, 9, 7)));
  EXPECT_THAT(days.AddWorkingDays(Date(2026, 9, 5), 0), IsOkAndHolds(Date(2026, 9, 5)));
}

TEST(R05WorkingDays, WeekendsAndHolidaysAreNotWorkedAndSayWhy) {
  WorkingDays days = Calendar("northern_ireland");
  EXPECT_THAT(days.IsWorkingDay(Date(2026, 9, 4)), IsOkAndHolds(true));
  EXPECT_THAT(days.IsWorkingDay(Date(2026, 9, 5)), IsOkAndHolds(false));
  EXPECT_THAT(days.IsWorkingDay(Date(2026, 9, 6)), IsOkAndHolds(false));
  EXPECT_THAT(days.IsWorkingDay(Date(2026, 3, 17)), IsOkAndHolds(false));
  EXPECT_THAT(Calendar("scotland").IsWorkingDay(Date(2026, 3, 17)), IsOkAndHolds(true));
  EXPECT_THAT(days.WhyClosed(Date(2026, 9, 4)), IsOkAndHolds(std::string()));
  EXPECT_THAT(days.WhyClosed(Date(2026, 9, 5)), IsOkAndHolds(std::string("Saturday")));
  EXPECT_THAT(days.WhyClosed(Date(2026, 9, 6)), IsOkAndHolds(std::string("Sunday")));
  EXPECT_THAT(days.WhyClosed(Date(2026, 3, 17)), IsOkAndHolds(std::string("St Patrick's Day")));
  EXPECT_THAT(days.NextWorkingDay(Date(2026, 4, 3)), IsOkAndHolds(Date(2026, 4, 7)));
  EXPECT_THAT(days.NextWorkingDay(Date(2026, 4, 7)), IsOkAndHolds(Date(2026, 4, 7)));
}

TEST(R05WorkingDays, CountingBetweenTwoDaysIsTheOtherWayOfAdding) {
  WorkingDays days = Calendar("scotland");
  EXPECT_THAT(days.WorkingDaysBetween(Date(2025, 12, 29), Date(2026, 1, 7)), IsOkAndHolds(5));
  EXPECT_THAT(days.WorkingDaysBetween(Date(2026, 1, 7), Date(2025, 12, 29)), IsOkAndHolds(-5));
  EXPECT_THAT(days.WorkingDaysBetween(Date(2026, 1, 7), Date(2026, 1, 7)), IsOkAndHolds(0));
  for (int n = 1; n <= 30; ++n) {
    ASSERT_OK_AND_ASSIGN(LocalDate later, days.AddWorkingDays(Date(2026, 5, 20), n));
    EXPECT_THAT(days.WorkingDaysBetween(Date(2026, 5, 20), later), IsOkAndHolds(n));
    EXPECT_THAT(days.AddWorkingDays(later, -n), IsOkAndHolds(Date(2026, 5, 20)));
  }
}

TEST(R05WorkingDays, AYearOutsideTheCalendarIsRefusedAndNeverGuessed) {
  WorkingDays days = Calendar("england_and_wales");
  EXPECT_EQ(days.first_year(), 2024);
  EXPECT_EQ(days.last_year(), 2030);
  EXPECT_THAT(days.IsWorkingDay(Date(2030, 12, 31)), IsOkAndHolds(true));
  constexpr absl::StatusCode kCode = absl::StatusCode::kOutOfRange;
  EXPECT_THAT(days.IsWorkingDay(Date(2031, 1, 2)), Refuses(kCode, "known from 2024 to 2030 only"));
  EXPECT_THAT(days.IsWorkingDay(Date(2023, 12, 29)), Refuses(kCode, "in 2023"));
  EXPECT_THAT(days.WhyClosed(Date(2031, 1, 1)), Refuses(kCode, "2031"));
  EXPECT_THAT(days.AddWorkingDays(Date(2030, 12, 30), 5), Refuses(kCode, "2031"));
  EXPECT_THAT(days.AddWorkingDays(Date(2024, 1, 3), -5), Refuses(kCode, "2023"));
  EXPECT_THAT(days.AddWorkingDays(Date(2031, 1, 2), 0), Refuses(kCode, "2031"));
  EXPECT_THAT(days.WorkingDaysBetween(Date(2030, 12, 30), Date(2031, 1, 2)), Refuses(kCode, "2031"));
  EXPECT_THAT(days.AddWorkingDays(Date(2026, 1, 7), 601),
              Refuses(absl::StatusCode::kInvalidArgument, "working_days"));
}

TEST(R05WorkingDays, DaysNotYetPublishedAreKnownAsSuch) {
  WorkingDays days = Calendar("england_and_wales");
  EXPECT_THAT(days.RestsOnProjection(Date(2026, 1, 1), Date(2027, 12, 31)), IsOkAndHolds(false));
  EXPECT_THAT(days.RestsOnProjection(Date(2029, 12, 24), Date(2029, 12, 27)), IsOkAndHolds(true));
  EXPECT_THAT(days.RestsOnProjection(Date(2029, 12, 27), Date(2029, 12, 31)), IsOkAndHolds(false));
}

// The calendars once more, from the rules and not from the files, by other means: Easter by the table of
// golden numbers, substitutes by walking forward from each day in turn.
LocalDate EasterSunday(int year) {
  // Full moons of 1900 to 2199 by golden number, as days after 21 March.
  static constexpr int kFullMoonAfter21March[] = {24, 13, 2,  21, 10, 28, 18, 7,  26, 15,
                                                  4,  23, 12, 1,  20, 9,  27, 17, 6};
  LocalDate day = LocalDate::FromCivil(absl::CivilDay(year, 3, 21)).AddDays(kFullMoonAfter21March[year % 19]);
  do {
    day = day.AddDays(1);
  } while (absl::GetWeekday(day.civil()) != absl::Weekday::sunday);
  return day;
}

LocalDate MondayOnOrAfter(LocalDate day) {
  while (absl::GetWeekday(day.civil()) != absl::Weekday::monday) day = day.AddDays(1);
  return day;
}

std::set<LocalDate> HolidaysByTheRules(int year, v1::Nation nation) {
  bool scotland = nation == v1::NATION_SCOTLAND;
  LocalDate easter = EasterSunday(year);
  std::set<LocalDate> days = {easter.AddDays(-2), MondayOnOrAfter(Date(year, 5, 1)),
                              MondayOnOrAfter(Date(year, 5, 25)),
                              MondayOnOrAfter(scotland ? Date(year, 8, 1) : Date(year, 8, 25))};
  if (!scotland) days.insert(easter.AddDays(1));
  std::vector<LocalDate> fixed = {Date(year, 1, 1), Date(year, 12, 25), Date(year, 12, 26)};
  if (scotland) fixed.insert(fixed.end(), {Date(year, 1, 2), Date(year, 11, 30)});
  if (nation == v1::NATION_NORTHERN_IRELAND)
    fixed.insert(fixed.end(), {Date(year, 3, 17), Date(year, 7, 12)});
  std::vector<LocalDate> on_weekends;
  for (LocalDate day : fixed) {
    if (day.IsWeekend()) {
      on_weekends.push_back(day);
    } else {
      days.insert(day);
    }
  }
  for (LocalDate day : on_weekends) {
    while (day.IsWeekend() || days.contains(day)) day = day.AddDays(1);
    days.insert(day);
  }
  // Appointed by proclamation for one year only.
  if (scotland && year == 2026) days.insert(Date(2026, 6, 15));
  return days;
}

TEST(R05Calendars, TheDataFilesAgreeWithTheRulesWorkedOutApart) {
  EXPECT_EQ(EasterSunday(2024), Date(2024, 3, 31));
  EXPECT_EQ(EasterSunday(2025), Date(2025, 4, 20));
  EXPECT_EQ(EasterSunday(2026), Date(2026, 4, 5));
  for (const char* name : {"england_and_wales", "scotland", "northern_ireland"}) {
    v1::BankHolidayCalendar calendar = ReadCalendar(name);
    std::map<int, std::set<LocalDate>> by_year;
    for (const v1::BankHoliday& day : calendar.days()) {
      by_year[day.year()].insert(Date(day.year(), day.month(), day.day()));
      // What is far away cannot have been published.
      EXPECT_TRUE(day.projected() || day.year() < 2029) << name << " " << day.year();
    }
    for (int year = 2024; year <= 2030; ++year) {
      EXPECT_EQ(by_year[year], HolidaysByTheRules(year, calendar.nation())) << name << " " << year;
    }
    EXPECT_EQ(by_year.size(), 7u) << name;
  }
}

TEST(R05Calendars, EachFileSaysWhoseItIs) {
  EXPECT_EQ(Calendar("england_and_wales").nation(), v1::NATION_ENGLAND_AND_WALES);
  EXPECT_EQ(Calendar("scotland").nation(), v1::NATION_SCOTLAND);
  EXPECT_EQ(Calendar("northern_ireland").nation(), v1::NATION_NORTHERN_IRELAND);
}

TEST(R05Calendars, ADefectiveCalendarIsRefusedNamingTheEntry) {
  v1::BankHolidayCalendar good = ReadCalendar("england_and_wales");
  EXPECT_OK(WorkingDays::Create(good));
  constexpr absl::StatusCode kCode = absl::StatusCode::kInvalidArgument;
  v1::BankHolidayCalendar bad = good;
  bad.clear_nation();
  EXPECT_THAT(WorkingDays::Create(bad), Refuses(kCode, "nation"));
  bad = good;
  bad.clear_days();
  EXPECT_THAT(WorkingDays::Create(bad), Refuses(kCode, "days"));
  bad = good;
  bad.mutable_days(3)->set_day(31);
  bad.mutable_days(3)->set_month(2);
  EXPECT_THAT(WorkingDays::Create(bad), Refuses(kCode, "days[3]"));
  bad = good;
  bad.mutable_days()->SwapElements(3, 4);
  EXPECT_THAT(WorkingDays::Create(bad), Refuses(kCode, "days[4]"));
  bad = good;
  *bad.mutable_days(4) = bad.days(3);
  EXPECT_THAT(WorkingDays::Create(bad), Refuses(kCode, "days[4]"));
  bad = good;
  bad.mutable_days(2)->clear_name();
  EXPECT_THAT(WorkingDays::Create(bad), Refuses(kCode, "days[2].name"));
  bad = good;
  bad.mutable_days(0)->set_day(6);  // Saturday 6 January 2024
  EXPECT_THAT(WorkingDays::Create(bad), Refuses(kCode, "days[0]: 2024-01-06 is on a weekend"));
}

TEST(R05Calendars, AYearThatIsMissingOrCutShortIsRefused) {
  v1::BankHolidayCalendar calendar = ReadCalendar("england_and_wales");
  calendar.mutable_days()->DeleteSubrange(8, 8);  // all of 2025
  EXPECT_THAT(WorkingDays::Create(calendar), Refuses(absl::StatusCode::kInvalidArgument, "2025 has only 0"));
  calendar = ReadCalendar("england_and_wales");
  calendar.mutable_days()->RemoveLast();
  EXPECT_THAT(WorkingDays::Create(calendar), Refuses(absl::StatusCode::kInvalidArgument, "2030 has only 7"));
}

TEST(R05Calendars, AFileThatDoesNotParseIsRefusedWithItsLine) {
  EXPECT_THAT(WorkingDays::Parse("nation: NATION_SCOTLAND\ndays { yeer: 2026 }\n", "mine.textproto"),
              Refuses(absl::StatusCode::kInvalidArgument, "mine.textproto: line 2, column "));
  EXPECT_THAT(WorkingDays::Parse("nation: NATION_SCOTLAND\n", "mine.textproto"),
              Refuses(absl::StatusCode::kInvalidArgument, "mine.textproto: days: "));
}

}  // namespace
}  // namespace marac::domain
