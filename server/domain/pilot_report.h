// What a pilot shows (dash.md PIL-02 to PIL-05), and what the rules that were fixed before say of it
// (PIL-07).
#ifndef MARAC_DOMAIN_PILOT_REPORT_H_
#define MARAC_DOMAIN_PILOT_REPORT_H_

#include <span>

#include "domain/pilot.h"
#include "marac/v1/instrument.pb.h"
#include "marac/v1/pilot.pb.h"

namespace marac::domain {

// The packs of a pilot's plan.
struct PilotPacks {
  const v1::InstrumentPack& reference;
  const v1::InstrumentPack& variant;
};

// A function of its arguments and of nothing else. `pairings` are in the order of their numbers. Rules are
// judged on the pairs up to the last look that was reached, and on no others; until one is reached there is
// too little data.
v1::PilotReport ReportOf(const v1::Pilot& pilot, const PilotPacks& packs,
                         std::span<const PilotPairing> pairings);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_PILOT_REPORT_H_
