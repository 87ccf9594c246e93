// An entry of the services directory with everything it must say, for tests that spoil one thing. Invented,
// with numbers that are kept for drama.
#ifndef MARAC_TESTS_SUPPORT_COMPLETE_SERVICE_H_
#define MARAC_TESTS_SUPPORT_COMPLETE_SERVICE_H_

#include "domain/local_date.h"
#include "marac/v1/support.pb.h"

namespace marac::testing {

inline v1::SupportService CompleteService(domain::LocalDate verified) {
  v1::SupportService service;
  service.set_display_name("Lantern helpline");
  service.set_description("Advisers who listen.");
  service.add_purposes(v1::SERVICE_PURPOSE_IMMEDIATE_DANGER);
  service.add_purposes(v1::SERVICE_PURPOSE_DECLINE);
  v1::ServiceNumber& voice = *service.add_numbers();
  voice.set_number("0808 157 0140");
  voice.set_kind(v1::SERVICE_NUMBER_KIND_VOICE);
  voice.set_note("free");
  v1::ServiceNumber& text = *service.add_numbers();
  text.set_number("07700 900140");
  text.set_kind(v1::SERVICE_NUMBER_KIND_TEXT);
  service.set_hours("every day, 24 hours");
  v1::ServiceEligibility& takes = *service.mutable_eligibility();
  takes.add_grades(v1::GRADE_MEDIUM);
  takes.add_grades(v1::GRADE_HIGH);
  takes.set_age_min(16);
  takes.set_age_max(65);
  takes.add_genders(v1::SERVICE_GENDER_WOMEN);
  takes.set_note("lives in the borough");
  service.set_access("interpreters by telephone");
  *service.mutable_verified_day() = verified.ToDay();
  *service.mutable_review_day() = verified.AddMonths(6).ToDay();
  return service;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_COMPLETE_SERVICE_H_
