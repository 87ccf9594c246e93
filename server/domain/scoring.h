// What answers and judgement come to under a policy (dash.md 4). One scorer for every pack and presentation:
// no branch here knows an instrument's name (ACC-01).
#ifndef MARAC_DOMAIN_SCORING_H_
#define MARAC_DOMAIN_SCORING_H_

#include <google/protobuf/repeated_ptr_field.h>

#include "domain/local_date.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/instrument.pb.h"
#include "marac/v1/policy.pb.h"

namespace marac::domain {

// Raised whenever the same answers could come to something else; stored with each result.
inline constexpr int kScoringEngineVersion = 1;

// What was already done about the result.
struct Standing {
  // A submitted referral links the assessment.
  bool referred = false;
  // The reason why there is none was given.
  bool reason_given = false;
};

// `answers` are current answers, at most one an item, to items of the pack; items without one count as
// NOT_ASKED. Pack and policy were checked. Equal input gives an equal result, byte by byte.
v1::AssessmentResult Score(const v1::InstrumentPack& pack, const v1::Policy& policy,
                           const google::protobuf::RepeatedPtrField<v1::Answer>& answers,
                           const v1::Judgement& judgement, LocalDate assessment_date, Standing standing);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_SCORING_H_
