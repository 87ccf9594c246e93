// Calendar days and clock times as practitioners mean them: in Europe/London, whatever the machine's own
// zone.
#ifndef MARAC_DOMAIN_LOCAL_DATE_H_
#define MARAC_DOMAIN_LOCAL_DATE_H_

#include <compare>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "marac/v1/values.pb.h"

namespace marac::domain {

// The zone in which every date and deadline is read. FAILED_PRECONDITION when the machine has no time zone
// data (package tzdata); the server asks once before it starts, so that London() cannot fail later.
absl::StatusOr<absl::TimeZone> LoadLondon();
// The same, loaded once. Ends the process when there is no data: going on in UTC would move every deadline of
// the summer by an hour.
const absl::TimeZone& London();

// A day that exists, from 1900 to 2200. It has no default, so that no record can hold a day nobody gave.
class LocalDate {
 public:
  // INVALID_ARGUMENT naming `field` when there is no such day, such as 31 February. The refusal does not
  // repeat the day, which may be somebody's date of birth.
  static absl::StatusOr<LocalDate> Create(int year, int month, int day, std::string_view field);
  // From "2026-01-07", the only accepted form.
  static absl::StatusOr<LocalDate> ParseIso(std::string_view text, std::string_view field);
  // From a message, and back into one. An absent day is refused as well.
  static absl::StatusOr<LocalDate> FromDay(const v1::Day& day, std::string_view field) {
    return Create(day.year(), day.month(), day.day(), field);
  }
  v1::Day ToDay() const;
  static LocalDate FromCivil(absl::CivilDay day) { return LocalDate(day); }

  int year() const { return static_cast<int>(day_.year()); }
  int month() const { return day_.month(); }
  int day() const { return day_.day(); }
  absl::CivilDay civil() const { return day_; }
  // Saturday or Sunday.
  bool IsWeekend() const;

  LocalDate AddDays(int days) const { return LocalDate(day_ + days); }
  // The same day of the month `months` later (earlier when negative), or the last day of a shorter month: 29
  // February 2024 and 12 months is 28 February 2025.
  LocalDate AddMonths(int months) const;

  // "2026-01-07".
  std::string Iso() const;
  // "7 January 2026", for sentences.
  std::string InWords() const;

  friend bool operator==(const LocalDate& a, const LocalDate& b) { return a.day_ == b.day_; }
  friend std::strong_ordering operator<=>(const LocalDate& a, const LocalDate& b) {
    return (a.day_ - b.day_) <=> 0;
  }
  // Days from `b` to `a`.
  friend int operator-(const LocalDate& a, const LocalDate& b) { return static_cast<int>(a.day_ - b.day_); }

 private:
  explicit LocalDate(absl::CivilDay day) : day_(day) {}

  absl::CivilDay day_;
};

// A time of day to the minute, 00:00 to 23:59.
class ClockTime {
 public:
  // INVALID_ARGUMENT naming `field` when the clock does not show it.
  static absl::StatusOr<ClockTime> Create(int hour, int minute, std::string_view field);
  // From minutes after midnight, as settings hold it.
  static absl::StatusOr<ClockTime> FromMinutes(int minutes, std::string_view field);
  static ClockTime Noon() { return ClockTime(12, 0); }
  // Five in the afternoon, when an office's day ends.
  static ClockTime EndOfDay() { return ClockTime(17, 0); }

  int hour() const { return hour_; }
  int minute() const { return minute_; }
  friend auto operator<=>(const ClockTime&, const ClockTime&) = default;

 private:
  ClockTime(int hour, int minute) : hour_(hour), minute_(minute) {}

  int hour_;
  int minute_;
};

// The day in London at this moment.
LocalDate DateOf(absl::Time time);

// The moment at which London's clocks show `clock` on `date`. A time that the change to summer time
// skips becomes the moment of the change; of a time that comes twice in autumn, the first is meant.
absl::Time DeadlineAt(LocalDate date, ClockTime clock);

// Completed years on `date`; the birthday itself counts. Born on 29 February, the year is completed on
// 1 March of a shorter year. Negative before birth.
int AgeOn(LocalDate birth, LocalDate date);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_LOCAL_DATE_H_
