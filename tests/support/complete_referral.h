// A referral with nothing missing, for tests that spoil one thing. All people are invented.
#ifndef MARAC_TESTS_SUPPORT_COMPLETE_REFERRAL_H_
#define MARAC_TESTS_SUPPORT_COMPLETE_REFERRAL_H_

#include <string>

#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"
#include "marac/v1/values.pb.h"

namespace marac::testing {

inline void SetDay(v1::Day& day, int year, int month, int of_month) {
  day.set_year(year);
  day.set_month(month);
  day.set_day(of_month);
}

// A victim or perpetrator about whom every mandatory question is answered.
inline v1::Party AdultParty(const std::string& name, int birth_year) {
  v1::Party party;
  party.mutable_name()->set_value(name);
  party.set_has_aliases(v1::YES_NO_NO);
  SetDay(*party.mutable_birth_date()->mutable_day(), birth_year, 5, 17);
  party.mutable_address()->mutable_lines()->set_value("12 Example Street, Exampleton");
  party.mutable_address()->mutable_postcode()->set_value("MK9 9ZZ");
  party.set_usual_home_differs(v1::YES_NO_NO);
  party.mutable_gender()->set_unknown(v1::UNKNOWN_NOT_ASKED);
  party.mutable_ethnicity()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  party.set_disability(v1::YES_NO_NO);
  party.set_lgbt(v1::YES_NO_DECLINED);
  return party;
}

inline v1::Party ChildParty(const std::string& name, int birth_year) {
  v1::Party party = AdultParty(name, birth_year);
  party.mutable_relationship_to_victim()->set_value("CHILD");
  party.mutable_relationship_to_perpetrator()->set_value("STEPCHILD");
  party.mutable_school()->set_value("Example Primary School");
  party.mutable_lives_with()->set_value("VICTIM");
  return party;
}

// One victim, one perpetrator, one child; consent given; grounds by professional judgement; nobody excluded.
// The latest incident is on 1 November 2026.
inline v1::Referral CompleteReferral() {
  v1::Referral referral;
  v1::Referrer& referrer = *referral.mutable_referrer();
  referrer.set_agency("agencies/refuge");
  referrer.set_person("Alex Referrer");
  referrer.set_job_title("Adviser");
  referrer.set_contact("01632 960001");
  referrer.set_route(v1::REFERRAL_ROUTE_OWN_SYSTEM);
  referrer.set_source_category("IDVA");
  *referral.mutable_victim() = AdultParty("Maria Invented", 1990);
  v1::Party& perpetrator = *referral.add_perpetrators() = AdultParty("Robert Invented", 1985);
  perpetrator.mutable_relationship_to_victim()->set_value("PARTNER");
  referral.set_has_children(v1::YES_NO_YES);
  *referral.add_children() = ChildParty("Sam Invented", 2018);
  v1::Criteria& criteria = *referral.mutable_criteria();
  criteria.set_professional_judgement(v1::YES_NO_YES);
  criteria.set_judgement_text("She is very afraid, and he has found her twice.");
  criteria.set_escalation(v1::YES_NO_NOT_KNOWN);
  criteria.set_repeat(v1::YES_NO_NO);
  criteria.set_referred_elsewhere(v1::YES_NO_NO);
  v1::Reason& reason = *referral.mutable_reason();
  reason.set_narrative("Threats and an assault on 1 November; he follows her to work.");
  SetDay(*reason.mutable_latest_incident()->mutable_day(), 2026, 11, 1);
  reason.set_latest_incident_criminal(v1::YES_NO_YES);
  v1::VictimVoice& voice = *referral.mutable_victim_voice();
  voice.set_aware(v1::YES_NO_YES);
  voice.set_consent(v1::YES_NO_YES);
  voice.mutable_fears()->set_value("Her partner");
  voice.mutable_safe_to_talk_to()->set_value("Her sister");
  referral.set_has_excluded_people(v1::YES_NO_NO);
  return referral;
}

inline v1::SafeContact CompleteSafeContact() {
  v1::SafeContact contact;
  contact.mutable_phone()->set_value("01632 960002");
  contact.set_safe_to_call(v1::YES_NO_YES);
  contact.mutable_safe_times()->set_value("weekdays, 10 to 12");
  contact.set_safe_to_leave_message(v1::YES_NO_NO);
  contact.set_safe_to_text(v1::YES_NO_NO);
  contact.set_withhold_number(v1::YES_NO_YES);
  contact.mutable_safe_third_party()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  contact.mutable_perpetrator_away()->set_value("weekdays until 17:00");
  return contact;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_COMPLETE_REFERRAL_H_
