#include "domain/flags.h"

namespace marac::domain {

FlagState FlagStateOn(LocalDate last_day, LocalDate today, int expiring_days) {
  if (today > last_day) return FlagState::kRemoved;
  return today >= last_day.AddDays(-expiring_days) ? FlagState::kExpiring : FlagState::kActive;
}

bool OnTwelveMonthList(LocalDate last_day, LocalDate previous_meeting, LocalDate meeting) {
  return last_day >= previous_meeting && last_day < meeting;
}

}  // namespace marac::domain
