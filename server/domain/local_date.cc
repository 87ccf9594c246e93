#include "domain/local_date.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "domain/errors.h"

namespace marac::domain {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

int DaysInMonth(int year, int month) {
  return static_cast<int>(absl::CivilDay(absl::CivilMonth(year, month) + 1) -
                          absl::CivilDay(absl::CivilMonth(year, month)));
}

// Digits only: a sign or a space would pass the usual conversions.
bool ReadDigits(std::string_view text, int& value) {
  value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + (c - '0');
  }
  return true;
}

}  // namespace

absl::StatusOr<absl::TimeZone> LoadLondon() {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("Europe/London", &zone)) {
    return absl::FailedPreconditionError(
        "There is no data for the time zone Europe/London on this machine: install the package tzdata.");
  }
  return zone;
}

const absl::TimeZone& London() {
  static const absl::TimeZone zone = [] {
    absl::StatusOr<absl::TimeZone> loaded = LoadLondon();
    if (!loaded.ok()) {
      std::fputs((std::string(loaded.status().message()) + "\n").c_str(), stderr);
      std::abort();
    }
    return *loaded;
  }();
  return zone;
}

absl::StatusOr<LocalDate> LocalDate::Create(int year, int month, int day, std::string_view field) {
  if (year < kFirstYear || year > kLastYear) {
    return InvalidField(field, fmt::format("give a year from {} to {}", kFirstYear, kLastYear));
  }
  if (month < 1 || month > 12) return InvalidField(field, "give a month from 1 to 12");
  int days = DaysInMonth(year, month);
  if (day < 1 || day > days) {
    return InvalidField(field, fmt::format("that month has {} days; give a day from 1 to {}", days, days));
  }
  return LocalDate(absl::CivilDay(year, month, day));
}

absl::StatusOr<LocalDate> LocalDate::ParseIso(std::string_view text, std::string_view field) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !ReadDigits(text.substr(0, 4), year) ||
      !ReadDigits(text.substr(5, 2), month) || !ReadDigits(text.substr(8, 2), day)) {
    return InvalidField(field, "give the day as year-month-day, like 2026-01-07");
  }
  return Create(year, month, day, field);
}

bool LocalDate::IsWeekend() const {
  absl::Weekday weekday = absl::GetWeekday(day_);
  return weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday;
}

LocalDate LocalDate::AddMonths(int months) const {
  absl::CivilMonth month = absl::CivilMonth(day_) + months;
  int last = DaysInMonth(static_cast<int>(month.year()), month.month());
  return LocalDate(absl::CivilDay(month.year(), month.month(), day() < last ? day() : last));
}

std::string LocalDate::Iso() const { return fmt::format("{:04}-{:02}-{:02}", year(), month(), day()); }

std::string LocalDate::InWords() const {
  static constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                                 "May",       "June",     "July",     "August",
                                                 "September", "October",  "November", "December"};
  return fmt::format("{} {} {}", day(), kMonths[month() - 1], year());
}

v1::Day LocalDate::ToDay() const {
  v1::Day result;
  result.set_year(year());
  result.set_month(month());
  result.set_day(day());
  return result;
}

absl::StatusOr<ClockTime> ClockTime::Create(int hour, int minute, std::string_view field) {
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    return InvalidField(field, "give a time from 00:00 to 23:59");
  }
  return ClockTime(hour, minute);
}

absl::StatusOr<ClockTime> ClockTime::FromMinutes(int minutes, std::string_view field) {
  if (minutes < 0 || minutes >= 24 * 60) return InvalidField(field, "give a time from 00:00 to 23:59");
  return ClockTime(minutes / 60, minutes % 60);
}

LocalDate DateOf(absl::Time time) { return LocalDate::FromCivil(absl::ToCivilDay(time, London())); }

absl::Time DeadlineAt(LocalDate date, ClockTime clock) {
  return absl::FromCivil(
      absl::CivilSecond(date.year(), date.month(), date.day(), clock.hour(), clock.minute()), London());
}

int AgeOn(LocalDate birth, LocalDate date) {
  bool birthday_reached =
      std::make_tuple(date.month(), date.day()) >= std::make_tuple(birth.month(), birth.day());
  return date.year() - birth.year() - (birthday_reached ? 0 : 1);
}

}  // namespace marac::domain
