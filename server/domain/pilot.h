// Pilots (dash.md 7): whether another presentation of a form comes to the same as the form. What is fixed
// before there is data, which two assessments make a pair, and what may be taken away. Nothing here changes
// an assessment (PIL-08).
#ifndef MARAC_DOMAIN_PILOT_H_
#define MARAC_DOMAIN_PILOT_H_

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/assessment.h"
#include "domain/catalogue.h"
#include "domain/local_date.h"
#include "marac/v1/pilot.pb.h"
#include "marac/v1/pilot_service.pb.h"

namespace marac::domain {

// INVALID_ARGUMENT with one violation for each thing that is wrong, by its path ("plan.rules[1].limit"):
// packs that are not installed, not of one family or without the same items; a policy that does not grade
// both; a rule without a limit that its measure can have; looks that do not rise; no approval, or one of a
// day after `today`.
absl::Status CheckPlan(const v1::PilotPlan& plan, const Catalogue& catalogue, LocalDate today);

// `pilot` with another plan that was checked. FAILED_PRECONDITION once a pair is recorded: rules that are
// chosen after data prove nothing (PIL-07).
absl::StatusOr<v1::Pilot> ReplacePlan(v1::Pilot pilot, const v1::PilotPlan& plan);

// A pair, and the pilot that now has it.
struct RecordedPair {
  v1::Pilot pilot;
  v1::PilotPair pair;
};
// Adds `given`, of which order, blind, person_agreed and the names of both assessments are taken. `earlier`
// are the pilot's pairs. INVALID_ARGUMENT: what the design asks for was not said. FAILED_PRECONDITION, naming
// the field: an assessment on another pack or policy, not finished, amended since it was signed, outside the
// pilot's days, too far from the other one, by the same hand where a second is needed, or in a pair already.
absl::StatusOr<RecordedPair> RecordPair(v1::Pilot pilot, const v1::PilotPair& given,
                                        const v1::Assessment& reference, const v1::Assessment& variant,
                                        std::span<const v1::PilotPair> earlier, const Act& act);

// Adds something that went wrong (PIL-06): day, kind and text of `given`. INVALID_ARGUMENT names what is
// wrong.
absl::StatusOr<v1::Pilot> RecordIncident(v1::Pilot pilot, const v1::PilotIncident& given, const Act& act);
// Says what came of looking into one. INVALID_ARGUMENT: there is none of this id, or no finding;
// FAILED_PRECONDITION, REVIEWED: that was said already.
absl::StatusOr<v1::Pilot> ReviewIncident(v1::Pilot pilot, const v1::ReviewPilotIncidentRequest& request,
                                         const Act& act);
// How many nobody has looked into.
int UnreviewedIncidents(const v1::Pilot& pilot);

// One assessment as it was when it was paired, with the events that made it so.
struct PilotTaking {
  v1::Assessment assessment;
  std::vector<v1::Answer> events;
};
struct PilotPairing {
  v1::PilotPair pair;
  PilotTaking reference;
  PilotTaking variant;
};
// Cells of an export with fewer than this many are noted.
inline constexpr int kSmallCellBelow = 5;
// Rows without anything by which a person or a colleague is named (PIL-08). `row_ids`, one for each pairing,
// are random and new for each export; rows come in their order, which tells nothing of when they were
// recorded.
v1::PilotExport ExportOf(const v1::Pilot& pilot, std::span<const PilotPairing> pairings,
                         std::span<const std::string> row_ids);

// How long an assessment took, as far as its events tell.
struct Burden {
  double minutes = 0;  // from the first answer of each sitting to its last, without breaks
  int breaks = 0;      // more than kBreakMinutes without an answer inside a sitting
  int sittings = 0;    // by their ids; without them, a gap of more than kSittingHours makes another
};
inline constexpr int kBreakMinutes = 10;
inline constexpr int kSittingHours = 4;
// `events` in their order.
Burden BurdenOf(std::span<const v1::Answer> events);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_PILOT_H_
