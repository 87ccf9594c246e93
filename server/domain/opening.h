// What a meeting opens with: what the meetings before it left (marac.md 3).
#ifndef MARAC_DOMAIN_OPENING_H_
#define MARAC_DOMAIN_OPENING_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/local_date.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/meeting.pb.h"

namespace marac::domain {

// The time that a meeting looks back on: from the start of the one before it in the cycle.
struct LookBack {
  absl::Time from = absl::InfinitePast();
  absl::Time to;
  // Of the meeting before; empty: there was none.
  std::optional<LocalDate> from_day;
  LocalDate to_day;
};

// `calendar`: every meeting of the cycle that was not cancelled. One whose time went by and that nobody held
// is none that anything was heard at.
absl::StatusOr<LookBack> LookBackOf(const v1::Meeting& meeting, const std::vector<v1::Meeting>& calendar,
                                    absl::Time now);

// Whether the meeting hears of this action at its opening: agreed before it and not finished, or given up
// since the meeting before.
bool IsForOpening(const v1::Action& action, const LookBack& back);

// What became of a flag since the meeting before.
enum class FlagAtOpening {
  kNone,         // it lapsed at another time, or a repeat has renewed it
  kLapsed,       // it is read out
  kToBeRenewed,  // a repeat waits to be heard
};
// `related`: the other cases of the same pair.
FlagAtOpening FlagAt(const v1::Case& record, const std::vector<v1::Case>& related, const LookBack& back);

// Whether this case was heard since the meeting before; `item` is one of an emergency meeting.
bool IsEmergencyForOpening(const v1::AgendaItem& item, const LookBack& back);

// Whether the case was heard before this meeting, and nobody has said what the victim was told.
bool AwaitsVictimUpdate(const v1::Case& record, const LookBack& back);

// Of a case and of an item what an opening names it by, and no more.
v1::Case ForOpening(const v1::Case& record);
v1::AgendaItem ForOpening(const v1::AgendaItem& item);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_OPENING_H_
