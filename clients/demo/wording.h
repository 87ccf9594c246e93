// What the invented people say and write. Plain, short, and nobody's real words.
#ifndef MARAC_DEMO_WORDING_H_
#define MARAC_DEMO_WORDING_H_

#include <span>
#include <string>
#include <string_view>

#include "demo/plan.h"
#include "demo/random.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/meeting.pb.h"

namespace marac::demo {

std::span<const char* const> SafeTimes();
// Why somebody is at high risk though the count is below the threshold.
std::span<const char* const> JudgementReasons();
std::span<const char* const> JudgementTexts();
// Beside a yes to this item.
std::string NoteFor(std::string_view item, Random& random);

std::string Narrative(const Household& household, const PlannedReferral& referral, Random& random);
std::string WhyNow(const Household& household, Random& random);
std::string Fears(const Household& household);
std::string Wants(Random& random);
v1::SharedWithoutConsent WithoutConsent(const Household& household, const domain::LocalDate& day);
std::string ReasonForReturn(Random& random);
std::string ReasonForDecline(Random& random);

v1::Discussion Discuss(const Household& household, const PlannedReferral& referral, Random& random);

// What one agency does before a meeting: what it searches, and what it finds of somebody it knows; empty: it
// finds nothing that bears on risk.
struct ResearchPlan {
  const char* agency;
  const char* searched;
  const char* finding;
  v1::InformationBasis basis = v1::INFORMATION_BASIS_FACT;
};
std::span<const ResearchPlan> ResearchPlans();

// One kind of action that agencies offer, and how it goes.
struct ActionPlan {
  const char* kind;
  const char* agency;
  const char* text;
  int percent;  // of cases
  bool needs_children = false;
  const char* outcome = "";  // with a report of complete
};
std::span<const ActionPlan> ActionPlans();
std::string ReportText(v1::ActionState state, Random& random);

}  // namespace marac::demo

#endif  // MARAC_DEMO_WORDING_H_
