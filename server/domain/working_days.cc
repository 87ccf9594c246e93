#include "domain/working_days.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/text_proto.h"

namespace marac::domain {
namespace {

constexpr int kHolidaysAYearMin = 8;
// Two years of offsets are far beyond any deadline; more is a mistyped setting.
constexpr int kWorkingDaysMax = 600;

}  // namespace

absl::StatusOr<WorkingDays> WorkingDays::Create(const v1::BankHolidayCalendar& calendar) {
  if (calendar.nation() == v1::NATION_UNSPECIFIED || !v1::Nation_IsValid(calendar.nation())) {
    return InvalidField("nation", "say whose bank holidays these are");
  }
  if (calendar.days().empty()) return InvalidField("days", "give the bank holidays");
  WorkingDays result(calendar.nation());
  std::map<int, int> holidays_by_year;
  for (int i = 0; i < calendar.days_size(); ++i) {
    const v1::BankHoliday& day = calendar.days(i);
    std::string field = fmt::format("days[{}]", i);
    ASSIGN_OR_RETURN(LocalDate date, LocalDate::Create(day.year(), day.month(), day.day(), field));
    if (day.name().empty()) return InvalidField(field + ".name", "name the holiday");
    if (date.IsWeekend()) {
      return InvalidField(field, fmt::format("{} is on a weekend; give its substitute day", date.Iso()));
    }
    if (!result.days_.empty() && date <= result.days_.back().date) {
      return InvalidField(field, fmt::format("{} must come after the day before it in the list", date.Iso()));
    }
    result.days_.push_back({date, day.name(), day.projected()});
    ++holidays_by_year[date.year()];
  }
  for (int year = result.first_year(); year <= result.last_year(); ++year) {
    if (holidays_by_year[year] < kHolidaysAYearMin) {
      return InvalidField("days", fmt::format("{} has only {} holidays, fewer than {}; complete the year",
                                              year, holidays_by_year[year], kHolidaysAYearMin));
    }
  }
  return result;
}

absl::StatusOr<WorkingDays> WorkingDays::Parse(std::string_view text, std::string_view file) {
  v1::BankHolidayCalendar calendar;
  RETURN_IF_ERROR(ParseTextProto(text, file, calendar));
  absl::StatusOr<WorkingDays> result = Create(calendar);
  if (!result.ok()) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", file, std::string(result.status().message())));
  }
  return result;
}

const WorkingDays::Holiday* WorkingDays::Find(LocalDate date) const {
  auto found = std::ranges::lower_bound(days_, date, {}, &Holiday::date);
  return found != days_.end() && found->date == date ? &*found : nullptr;
}

absl::Status WorkingDays::CheckCovered(LocalDate date) const {
  if (date.year() >= first_year() && date.year() <= last_year()) return absl::OkStatus();
  return absl::OutOfRangeError(fmt::format(
      "The bank holidays of {} are known from {} to {} only: the calendar must be extended before "
      "working days in {} can be counted.",
      v1::Nation_Name(nation_), first_year(), last_year(), date.year()));
}

absl::StatusOr<bool> WorkingDays::IsWorkingDay(LocalDate date) const {
  RETURN_IF_ERROR(CheckCovered(date));
  return !date.IsWeekend() && Find(date) == nullptr;
}

absl::StatusOr<std::string> WorkingDays::WhyClosed(LocalDate date) const {
  RETURN_IF_ERROR(CheckCovered(date));
  if (const Holiday* holiday = Find(date)) return holiday->name;
  if (!date.IsWeekend()) return std::string();
  return std::string(absl::GetWeekday(date.civil()) == absl::Weekday::saturday ? "Saturday" : "Sunday");
}

absl::StatusOr<LocalDate> WorkingDays::NextWorkingDay(LocalDate date) const {
  ASSIGN_OR_RETURN(bool working, IsWorkingDay(date));
  if (working) return date;
  return AddWorkingDays(date, 1);
}

absl::StatusOr<LocalDate> WorkingDays::AddWorkingDays(LocalDate date, int n) const {
  if (n < -kWorkingDaysMax || n > kWorkingDaysMax) {
    return InvalidField("working_days",
                        fmt::format("give a number from -{} to {}", kWorkingDaysMax, kWorkingDaysMax));
  }
  RETURN_IF_ERROR(CheckCovered(date));
  int step = n < 0 ? -1 : 1;
  while (n != 0) {
    date = date.AddDays(step);
    ASSIGN_OR_RETURN(bool working, IsWorkingDay(date));
    if (working) n -= step;
  }
  return date;
}

absl::StatusOr<int> WorkingDays::WorkingDaysBetween(LocalDate from, LocalDate to) const {
  RETURN_IF_ERROR(CheckCovered(from));
  RETURN_IF_ERROR(CheckCovered(to));
  int count = 0;
  for (LocalDate day = std::min(from, to).AddDays(1); day <= std::max(from, to); day = day.AddDays(1)) {
    ASSIGN_OR_RETURN(bool working, IsWorkingDay(day));
    if (working) ++count;
  }
  return from <= to ? count : -count;
}

absl::StatusOr<bool> WorkingDays::RestsOnProjection(LocalDate from, LocalDate to) const {
  RETURN_IF_ERROR(CheckCovered(from));
  RETURN_IF_ERROR(CheckCovered(to));
  return std::ranges::any_of(
      days_, [&](const Holiday& day) { return day.projected && day.date >= from && day.date <= to; });
}

}  // namespace marac::domain
