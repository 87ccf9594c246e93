// What a referral still lacks. Saving is never blocked; an ordinary submission is, until every
// mandatory field was met with a value or with "not known"; an urgent one needs four things and the rest is
// chased.
#ifndef MARAC_DOMAIN_COMPLETENESS_H_
#define MARAC_DOMAIN_COMPLETENESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "marac/v1/directory.pb.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"

namespace marac::domain {

// A mandatory field that nobody has touched.
struct MissingField {
  // As in a SaveDraftRequest: "referral.perpetrators[0].name", "safe_contact.safe_to_call".
  std::string path;
  // What to do about it, in one sentence.
  std::string advice;
};

// Everything an ordinary submission waits for, in the order of the form: the fields mandatory everywhere, and
// those of settings.mandatory_fields. `safe_contact` is the victim's, kept apart from the referral; null:
// nobody gave one.
std::vector<MissingField> MissingFields(const v1::Referral& referral, const v1::SafeContact* safe_contact,
                                        const v1::AreaSettings& settings);

// What an urgent submission waits for: who the victim is, why now, safe contact or "do not contact", and
// consent or why it was not asked.
std::vector<MissingField> UrgentMissingFields(const v1::Referral& referral,
                                              const v1::SafeContact* safe_contact);

// Whether an area may make this mandatory: the path of a field of a referral, as in
// "referral.victim.pregnant".
bool IsReferralField(std::string_view path);

// Whether a referrer can be asked for this: a field as MissingFields names it
// ("referral.perpetrators[0].name", "safe_contact.phone"), or "safe_contact", "protected_details" or
// "excluded_people" as a whole.
bool MayBeAskedFor(std::string_view path);

// Which sources there are to choose from, for whoever is asked for one.
std::string SourceCategoryAdvice(const v1::AreaSettings& settings);

// Whether a text, or a reason why there is none, was given.
bool IsAnswered(const v1::Text& text);
bool IsAnswered(const v1::DayAnswer& day);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_COMPLETENESS_H_
