// The working-day engine: Monday to Friday, without the bank holidays of the area's nation.
#ifndef MARAC_DOMAIN_WORKING_DAYS_H_
#define MARAC_DOMAIN_WORKING_DAYS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/local_date.h"
#include "marac/v1/calendar.pb.h"

namespace marac::domain {

// One nation's working days over the years that its calendar covers. A question about any other year is
// refused with OUT_OF_RANGE and a sentence: a guess could let a deadline fall on a holiday. Immutable.
class WorkingDays {
 public:
  // INVALID_ARGUMENT naming the entry, unless the nation is set, every day exists and falls on a weekday, the
  // days are in order and each there once, and every year from the first to the last has at least the eight
  // holidays that each nation has (a year cut short would turn its holidays into working days).
  static absl::StatusOr<WorkingDays> Create(const v1::BankHolidayCalendar& calendar);
  // From a data file's text; errors begin with the file's name.
  static absl::StatusOr<WorkingDays> Parse(std::string_view text, std::string_view file);

  v1::Nation nation() const { return nation_; }
  int first_year() const { return days_.front().date.year(); }
  int last_year() const { return days_.back().date.year(); }

  // Whether offices work on `date`.
  absl::StatusOr<bool> IsWorkingDay(LocalDate date) const;
  // Why nobody works on `date`: the holiday's name, "Saturday" or "Sunday"; empty on a working day.
  absl::StatusOr<std::string> WhyClosed(LocalDate date) const;
  // The first working day on or after `date`.
  absl::StatusOr<LocalDate> NextWorkingDay(LocalDate date) const;
  // The nth working day after `date`, or before it when `n` is negative. `date` itself is not counted,
  // whether or not it is a working day; n = 0 is `date` itself.
  absl::StatusOr<LocalDate> AddWorkingDays(LocalDate date, int n) const;
  // Working days after `from` up to and including `to`; when `to` is earlier, the same from `to` with a
  // minus.
  absl::StatusOr<int> WorkingDaysBetween(LocalDate from, LocalDate to) const;
  // Whether a holiday from `from` to `to`, both included, is worked out and not yet published.
  absl::StatusOr<bool> RestsOnProjection(LocalDate from, LocalDate to) const;

 private:
  struct Holiday {
    LocalDate date;
    std::string name;
    bool projected;
  };

  explicit WorkingDays(v1::Nation nation) : nation_(nation) {}

  // Null when `date` is no holiday.
  const Holiday* Find(LocalDate date) const;
  absl::Status CheckCovered(LocalDate date) const;

  v1::Nation nation_;
  std::vector<Holiday> days_;  // in order; not empty once made
};

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_WORKING_DAYS_H_
