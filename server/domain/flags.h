// Flags on files, which lapse after twelve months.
#ifndef MARAC_DOMAIN_FLAGS_H_
#define MARAC_DOMAIN_FLAGS_H_

#include "domain/local_date.h"

namespace marac::domain {

enum class FlagState { kActive, kExpiring, kRemoved };

// The last day on which the flag stands. A repeat renews it by giving a new anchor.
inline LocalDate FlagLastDay(LocalDate anchor, int months = 12) { return anchor.AddMonths(months); }

// What a flag with this last day is on `today`. It is expiring from `expiring_days` before its last day,
// which itself is the last of expiring.
FlagState FlagStateOn(LocalDate last_day, LocalDate today, int expiring_days = 30);

// Whether the flag is read out at the meeting as lapsed since the meeting before: its last day is on or after
// the previous meeting and before this one, so that each flag is on one meeting's list and none is missed.
bool OnTwelveMonthList(LocalDate last_day, LocalDate previous_meeting, LocalDate meeting);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_FLAGS_H_
