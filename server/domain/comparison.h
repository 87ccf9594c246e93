// Two assessments of one person side by side, and what changed from the one to the other (D-06, D-07).
#ifndef MARAC_DOMAIN_COMPARISON_H_
#define MARAC_DOMAIN_COMPARISON_H_

#include "absl/status/statusor.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/assessment_service.pb.h"
#include "marac/v1/instrument.pb.h"

namespace marac::domain {

// An assessment, and the form that it was taken on.
struct OnForm {
  const v1::Assessment& assessment;
  const v1::InstrumentPack& pack;
};

// Puts the two in the order in which they were made, and compares them. INVALID_ARGUMENT: they are one and
// the same edition, or are not known to be about one person: neither of one case or referral, nor of one name
// or NHS number with nothing known that speaks against it.
absl::StatusOr<v1::AssessmentComparison> CompareAssessments(const OnForm& one, const OnForm& other);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_COMPARISON_H_
