#include "demo/requests.h"

#include <fmt/format.h>

#include <algorithm>

#include "demo/invent.h"
#include "demo/staff.h"
#include "demo/wording.h"
#include "domain/timestamp.h"

namespace marac::demo {
namespace {

v1::Referrer ReferrerOf(const PlannedReferral& planned, Random& random) {
  const AgencyPlan& agency = *FindAgency(planned.agency);
  const StaffPlan& person = planned.on_behalf ? *RepresentativeOf(planned.agency) : *FindStaff(planned.login);
  v1::Referrer referrer;
  referrer.set_agency(fmt::format("agencies/{}", agency.word));
  referrer.set_person(person.display_name);
  referrer.set_job_title(person.job_title);
  referrer.set_contact(fmt::format("01632 960{:03}", random.Below(1000)));
  referrer.set_route(planned.route);
  referrer.set_source_category(agency.source_category);
  referrer.set_on_behalf(planned.on_behalf);
  if (planned.on_behalf) {
    // It lay in the post box for an hour.
    *referrer.mutable_receive_time() = domain::ToTimestamp(planned.submit_time - absl::Hours(1));
  }
  return referrer;
}

v1::Criteria CriteriaOf(const PlannedReferral& planned, Random& random) {
  v1::Criteria criteria;
  const bool judged = planned.judgement.professional_judgement();
  criteria.set_professional_judgement(judged ? v1::YES_NO_YES : v1::YES_NO_NO);
  if (judged) criteria.set_judgement_text(planned.judgement.text());
  criteria.set_escalation(planned.reported_days.empty() ? v1::YES_NO_NO : v1::YES_NO_YES);
  for (const v1::Day& day : planned.reported_days) *criteria.add_incident_days() = day;
  const bool knows_of_repeat = planned.fate == Fate::kRepeat && random.Percent(60);
  criteria.set_repeat(knows_of_repeat ? v1::YES_NO_YES : v1::YES_NO_NOT_KNOWN);
  if (knows_of_repeat) criteria.mutable_listed_before()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  criteria.set_referred_elsewhere(random.Percent(80) ? v1::YES_NO_NO : v1::YES_NO_NOT_KNOWN);
  return criteria;
}

v1::VictimVoice VoiceOf(const Household& household, const PlannedReferral& planned, Random& random) {
  v1::VictimVoice voice;
  voice.set_consent(planned.consent);
  const bool aware = planned.consent == v1::YES_NO_YES || random.Percent(50);
  voice.set_aware(aware ? v1::YES_NO_YES : v1::YES_NO_NO);
  if (!aware) voice.set_not_aware_reason("Telling now could be overheard by the person causing harm.");
  if (planned.consent == v1::YES_NO_NOT_ASKED) {
    voice.set_consent_not_asked_reason("There was no moment alone with the victim.");
  }
  *voice.mutable_fears() = Said(Fears(household));
  *voice.mutable_safe_to_talk_to() = Said("The IDVA and the school; not the neighbours.");
  *voice.mutable_wants() = Said(Wants(random));
  return voice;
}

}  // namespace

v1::SaveDraftRequest DraftOf(const std::string& area, const Household& household,
                             const PlannedReferral& planned, const std::vector<std::string>& assessments,
                             Random& random) {
  v1::SaveDraftRequest request;
  request.set_parent(area);
  *request.mutable_safe_contact() = household.safe_contact;
  v1::Referral& referral = *request.mutable_referral();
  for (const std::string& name : assessments) referral.add_assessments(name);
  *referral.mutable_referrer() = ReferrerOf(planned, random);
  *referral.mutable_victim_voice() = VoiceOf(household, planned, random);
  const domain::LocalDate day = domain::DateOf(planned.submit_time);
  *referral.mutable_reason()->mutable_latest_incident() = On(day.AddDays(-random.Between(0, 3)));
  if (planned.consent == v1::YES_NO_NO)
    *referral.mutable_shared_without_consent() = WithoutConsent(household, day);
  *referral.add_perpetrators() = household.perpetrator;
  *referral.mutable_victim() = household.victim;
  for (const v1::Party& child : household.children) *referral.add_children() = child;
  if (planned.urgent) {
    referral.set_urgent(true);
    referral.mutable_reason()->set_why_now(WhyNow(household, random));
    return request;
  }
  referral.set_has_children(household.children.empty() ? v1::YES_NO_NO : v1::YES_NO_YES);
  *referral.mutable_criteria() = CriteriaOf(planned, random);
  referral.mutable_reason()->set_narrative(Narrative(household, planned, random));
  referral.mutable_reason()->set_latest_incident_criminal(random.Percent(85) ? v1::YES_NO_YES
                                                                             : v1::YES_NO_NOT_KNOWN);
  if (random.Percent(20)) *referral.mutable_staff_safety() = Said("A large dog; visit in pairs.");
  referral.set_has_excluded_people(planned.has_excluded ? v1::YES_NO_YES : v1::YES_NO_NO);
  if (planned.has_excluded) {
    v1::ExcludedPerson& person = *request.add_excluded_people();
    person.set_person(household.relative);
    person.set_reason("A relative of the person causing harm who works for the public.");
  }
  return request;
}

}  // namespace marac::demo
