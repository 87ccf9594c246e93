// what blocks an ordinary submission, field by field, and the four things an urgent one needs.
#include "domain/completeness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::CompleteReferral;
using testing::CompleteSafeContact;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Paths(const std::vector<MissingField>& fields) {
  std::vector<std::string> paths;
  for (const MissingField& field : fields) {
    EXPECT_FALSE(field.advice.empty()) << field.path;
    paths.push_back(field.path);
  }
  return paths;
}

std::vector<std::string> Missing(const v1::Referral& referral, const v1::SafeContact& contact,
                                 const v1::AreaSettings& settings = {}) {
  return Paths(MissingFields(referral, &contact, settings));
}

v1::Referral WithoutConsent() {
  v1::Referral referral = CompleteReferral();
  referral.mutable_victim_voice()->set_consent(v1::YES_NO_NO);
  v1::SharedWithoutConsent& record = *referral.mutable_shared_without_consent();
  record.set_decided_by("Manager");
  testing::SetDay(*record.mutable_decided_on(), 2026, 11, 2);
  record.set_why_no_consent("refused out of fear");
  record.set_risk_relied_on("threat to kill");
  record.set_lawful_grounds("vital interests");
  record.set_recipients("MARAC agencies");
  record.set_what_is_shared("this referral");
  record.set_necessity("no other way");
  record.set_proportionality("this household alone");
  return referral;
}

// One mandatory field: how to leave it untouched in a referral that is complete otherwise, and how it is then
// named.
struct Untouched {
  std::string path;
  std::function<void(v1::Referral&, v1::SafeContact&)> leave_out;
};

std::vector<Untouched> MandatoryFields() {
  using R = v1::Referral&;
  using S = v1::SafeContact&;
  return {
      {"referral.referrer.agency", [](R r, S) { r.mutable_referrer()->clear_agency(); }},
      {"referral.referrer.person", [](R r, S) { r.mutable_referrer()->set_person(" "); }},
      {"referral.referrer.job_title", [](R r, S) { r.mutable_referrer()->clear_job_title(); }},
      {"referral.referrer.contact", [](R r, S) { r.mutable_referrer()->clear_contact(); }},
      {"referral.referrer.route", [](R r, S) { r.mutable_referrer()->clear_route(); }},
      {"referral.referrer.source_category", [](R r, S) { r.mutable_referrer()->clear_source_category(); }},
      {"referral.referrer.receive_time", [](R r, S) { r.mutable_referrer()->set_on_behalf(true); }},
      {"referral.victim.name", [](R r, S) { r.mutable_victim()->clear_name(); }},
      {"referral.victim.has_aliases", [](R r, S) { r.mutable_victim()->clear_has_aliases(); }},
      {"referral.victim.birth_date", [](R r, S) { r.mutable_victim()->clear_birth_date(); }},
      {"referral.victim.address.lines", [](R r, S) { r.mutable_victim()->mutable_address()->clear_lines(); }},
      {"referral.victim.address.postcode",
       [](R r, S) { r.mutable_victim()->mutable_address()->mutable_postcode()->set_value("\u00A0"); }},
      {"referral.victim.usual_home_differs", [](R r, S) { r.mutable_victim()->clear_usual_home_differs(); }},
      {"referral.victim.gender", [](R r, S) { r.mutable_victim()->clear_gender(); }},
      {"referral.victim.ethnicity",
       [](R r, S) { r.mutable_victim()->mutable_ethnicity()->set_unknown(v1::UNKNOWN_UNSPECIFIED); }},
      {"referral.victim.disability", [](R r, S) { r.mutable_victim()->clear_disability(); }},
      {"referral.victim.lgbt", [](R r, S) { r.mutable_victim()->clear_lgbt(); }},
      {"safe_contact.phone", [](R, S s) { s.clear_phone(); }},
      {"safe_contact.safe_to_call", [](R, S s) { s.clear_safe_to_call(); }},
      {"safe_contact.safe_times", [](R, S s) { s.clear_safe_times(); }},
      {"safe_contact.safe_to_leave_message", [](R, S s) { s.clear_safe_to_leave_message(); }},
      {"safe_contact.safe_to_text", [](R, S s) { s.clear_safe_to_text(); }},
      {"safe_contact.withhold_number", [](R, S s) { s.clear_withhold_number(); }},
      {"safe_contact.safe_third_party", [](R, S s) { s.clear_safe_third_party(); }},
      {"safe_contact.perpetrator_away", [](R, S s) { s.clear_perpetrator_away(); }},
      {"referral.perpetrators", [](R r, S) { r.clear_perpetrators(); }},
      {"referral.perpetrators[0].name", [](R r, S) { r.mutable_perpetrators(0)->clear_name(); }},
      {"referral.perpetrators[0].has_aliases",
       [](R r, S) { r.mutable_perpetrators(0)->clear_has_aliases(); }},
      {"referral.perpetrators[0].birth_date", [](R r, S) { r.mutable_perpetrators(0)->clear_birth_date(); }},
      {"referral.perpetrators[0].address.lines",
       [](R r, S) { r.mutable_perpetrators(0)->mutable_address()->clear_lines(); }},
      {"referral.perpetrators[0].address.postcode",
       [](R r, S) { r.mutable_perpetrators(0)->mutable_address()->clear_postcode(); }},
      {"referral.perpetrators[0].relationship_to_victim",
       [](R r, S) { r.mutable_perpetrators(0)->clear_relationship_to_victim(); }},
      {"referral.has_children",
       [](R r, S) {
         r.clear_has_children();
         r.clear_children();
       }},
      {"referral.children", [](R r, S) { r.clear_children(); }},
      {"referral.children[0].name", [](R r, S) { r.mutable_children(0)->clear_name(); }},
      {"referral.children[0].birth_date", [](R r, S) { r.mutable_children(0)->clear_birth_date(); }},
      {"referral.children[0].relationship_to_victim",
       [](R r, S) { r.mutable_children(0)->clear_relationship_to_victim(); }},
      {"referral.children[0].relationship_to_perpetrator",
       [](R r, S) { r.mutable_children(0)->clear_relationship_to_perpetrator(); }},
      {"referral.children[0].address.lines",
       [](R r, S) { r.mutable_children(0)->mutable_address()->clear_lines(); }},
      {"referral.children[0].address.postcode",
       [](R r, S) { r.mutable_children(0)->mutable_address()->clear_postcode(); }},
      {"referral.children[0].school", [](R r, S) { r.mutable_children(0)->clear_school(); }},
      {"referral.children[0].lives_with", [](R r, S) { r.mutable_children(0)->clear_lives_with(); }},
      {"referral.criteria.professional_judgement",
       [](R r, S) { r.mutable_criteria()->clear_professional_judgement(); }},
      // the blank text of a judgement is refused.
      {"referral.criteria.judgement_text", [](R r, S) { r.mutable_criteria()->set_judgement_text(" "); }},
      {"referral.criteria.escalation", [](R r, S) { r.mutable_criteria()->clear_escalation(); }},
      {"referral.criteria.repeat", [](R r, S) { r.mutable_criteria()->clear_repeat(); }},
      {"referral.criteria.listed_before", [](R r, S) { r.mutable_criteria()->set_repeat(v1::YES_NO_YES); }},
      {"referral.criteria.referred_elsewhere",
       [](R r, S) { r.mutable_criteria()->clear_referred_elsewhere(); }},
      {"referral.criteria.referred_elsewhere_text",
       [](R r, S) { r.mutable_criteria()->set_referred_elsewhere(v1::YES_NO_YES); }},
      {"referral.reason.narrative", [](R r, S) { r.mutable_reason()->clear_narrative(); }},
      {"referral.reason.latest_incident", [](R r, S) { r.mutable_reason()->clear_latest_incident(); }},
      {"referral.victim_voice.aware", [](R r, S) { r.mutable_victim_voice()->clear_aware(); }},
      {"referral.victim_voice.not_aware_reason",
       [](R r, S) { r.mutable_victim_voice()->set_aware(v1::YES_NO_NO); }},
      {"referral.victim_voice.consent", [](R r, S) { r.mutable_victim_voice()->clear_consent(); }},
      {"referral.victim_voice.consent_not_asked_reason",
       [](R r, S) { r.mutable_victim_voice()->set_consent(v1::YES_NO_NOT_ASKED); }},
      {"referral.victim_voice.fears", [](R r, S) { r.mutable_victim_voice()->clear_fears(); }},
      {"referral.victim_voice.safe_to_talk_to",
       [](R r, S) { r.mutable_victim_voice()->clear_safe_to_talk_to(); }},
      {"referral.has_excluded_people", [](R r, S) { r.clear_has_excluded_people(); }},
      {"excluded_people", [](R r, S) { r.set_has_excluded_people(v1::YES_NO_YES); }},
  };
}

TEST(CompletenessTest, R14ACompleteReferralLacksNothing) {
  EXPECT_THAT(Missing(CompleteReferral(), CompleteSafeContact()), IsEmpty());
}

TEST(CompletenessTest, R14EachMandatoryFieldLeftUntouchedIsNamedAlone) {
  for (const Untouched& field : MandatoryFields()) {
    v1::Referral referral = CompleteReferral();
    v1::SafeContact contact = CompleteSafeContact();
    field.leave_out(referral, contact);
    EXPECT_THAT(Missing(referral, contact), ElementsAre(field.path));
  }
}

TEST(CompletenessTest, R14AnEmptyReferralNamesEveryFieldOnce) {
  std::vector<std::string> missing =
      Paths(MissingFields(v1::Referral(), /*safe_contact=*/nullptr, v1::AreaSettings()));
  EXPECT_THAT(missing, Contains("referral.victim.name"));
  EXPECT_THAT(missing, Contains("safe_contact.safe_to_call"));
  EXPECT_EQ(std::set<std::string>(missing.begin(), missing.end()).size(), missing.size());
}

TEST(CompletenessTest, R14NotKnownIsAnAnswerToEverything) {
  v1::Referral referral = CompleteReferral();
  for (v1::Party* party :
       {referral.mutable_victim(), referral.mutable_perpetrators(0), referral.mutable_children(0)}) {
    party->mutable_name()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    party->mutable_birth_date()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    party->mutable_address()->mutable_lines()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    party->mutable_address()->mutable_postcode()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    party->set_has_aliases(v1::YES_NO_NOT_KNOWN);
    party->set_usual_home_differs(v1::YES_NO_NOT_KNOWN);
    party->mutable_relationship_to_victim()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    party->mutable_relationship_to_perpetrator()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    party->mutable_school()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    party->mutable_lives_with()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  }
  referral.mutable_criteria()->set_professional_judgement(v1::YES_NO_NOT_KNOWN);
  referral.mutable_criteria()->set_repeat(v1::YES_NO_NOT_KNOWN);
  referral.mutable_criteria()->set_referred_elsewhere(v1::YES_NO_NOT_KNOWN);
  referral.mutable_reason()->mutable_latest_incident()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  referral.mutable_victim_voice()->set_aware(v1::YES_NO_NOT_KNOWN);
  referral.mutable_victim_voice()->mutable_fears()->set_unknown(v1::UNKNOWN_NOT_ASKED);
  referral.mutable_victim_voice()->mutable_safe_to_talk_to()->set_unknown(v1::UNKNOWN_DECLINED);
  referral.set_has_excluded_people(v1::YES_NO_NOT_KNOWN);
  v1::SafeContact contact;
  contact.mutable_phone()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  contact.set_safe_to_call(v1::YES_NO_NOT_KNOWN);
  contact.mutable_safe_times()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  contact.set_safe_to_leave_message(v1::YES_NO_NOT_KNOWN);
  contact.set_safe_to_text(v1::YES_NO_NOT_KNOWN);
  contact.set_withhold_number(v1::YES_NO_NOT_KNOWN);
  contact.mutable_safe_third_party()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  contact.mutable_perpetrator_away()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  EXPECT_THAT(Missing(referral, contact), IsEmpty());
}

TEST(CompletenessTest, R14ConsentRefusedNeedsTheWholeRecordOfSharingWithoutIt) {
  EXPECT_THAT(Missing(WithoutConsent(), CompleteSafeContact()), IsEmpty());
  const auto* record = v1::SharedWithoutConsent::descriptor();
  ASSERT_EQ(record->field_count(), 9);
  for (int i = 0; i < record->field_count(); ++i) {
    v1::Referral referral = WithoutConsent();
    auto* shared = referral.mutable_shared_without_consent();
    shared->GetReflection()->ClearField(shared, record->field(i));
    EXPECT_THAT(Missing(referral, CompleteSafeContact()),
                ElementsAre("referral.shared_without_consent." + record->field(i)->name()));
  }
}

TEST(CompletenessTest, R14DoNotContactAnswersAllOfSafeContact) {
  v1::SafeContact contact;
  contact.set_do_not_contact(true);
  EXPECT_THAT(Missing(CompleteReferral(), contact), IsEmpty());
}

TEST(CompletenessTest, R14AFieldMandatoryInTheAreaBlocksThere) {
  v1::AreaSettings settings;
  settings.add_mandatory_fields("referral.victim.pregnant");
  settings.add_mandatory_fields("referral.perpetrators.nhs_number");
  settings.add_mandatory_fields("referral.victim.name");
  v1::Referral referral = CompleteReferral();
  EXPECT_THAT(Missing(referral, CompleteSafeContact(), settings),
              ElementsAre("referral.victim.pregnant", "referral.perpetrators[0].nhs_number"));
  referral.mutable_victim()->set_pregnant(v1::YES_NO_NOT_ASKED);
  referral.mutable_perpetrators(0)->mutable_nhs_number()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  EXPECT_THAT(Missing(referral, CompleteSafeContact(), settings), IsEmpty());
}

TEST(CompletenessTest, R14WhereTheAreaWantsAManagersSignOffAnUrgentReferralDoesNotWaitForIt) {
  v1::AreaSettings settings;
  for (const char* path : {"referral.manager_sign_off.manager", "referral.manager_sign_off.day"}) {
    EXPECT_TRUE(IsReferralField(path));
    settings.add_mandatory_fields(path);
  }
  v1::Referral referral = CompleteReferral();
  EXPECT_THAT(Missing(referral, CompleteSafeContact(), {}), IsEmpty());
  EXPECT_THAT(Missing(referral, CompleteSafeContact(), settings),
              ElementsAre("referral.manager_sign_off.manager", "referral.manager_sign_off.day"));
  const v1::SafeContact contact = CompleteSafeContact();
  referral.mutable_reason()->set_why_now("he is outside");
  EXPECT_THAT(UrgentMissingFields(referral, &contact), IsEmpty());
  referral.mutable_manager_sign_off()->mutable_manager()->set_value("Kim Manager");
  testing::SetDay(*referral.mutable_manager_sign_off()->mutable_day()->mutable_day(), 2026, 11, 3);
  EXPECT_THAT(Missing(referral, CompleteSafeContact(), settings), IsEmpty());
}

TEST(CompletenessTest, R14AnAreaCannotAskForAFieldThatDoesNotExist) {
  for (const char* path :
       {"referral.victim.pregnant", "referral.children.nhs_number", "referral.staff_safety"}) {
    EXPECT_TRUE(IsReferralField(path)) << path;
  }
  for (const char* path : {"", "referral", "referral.", "victim.pregnant", "referral.victim.shoe_size",
                           "referral.victim.pregnant.really"}) {
    EXPECT_FALSE(IsReferralField(path)) << path;
  }
}

TEST(CompletenessTest, R14AnAddressOrSchoolHeldApartIsAnAnswer) {
  v1::Referral referral = CompleteReferral();
  referral.mutable_victim()->set_party_id("p1");
  referral.mutable_children(0)->set_party_id("p3");
  referral.mutable_victim()->mutable_address()->Clear();
  referral.mutable_children(0)->clear_school();
  EXPECT_THAT(Missing(referral, CompleteSafeContact()),
              ElementsAre("referral.victim.address.lines", "referral.victim.address.postcode",
                          "referral.children[0].school"));
  v1::ProtectedDetailMask& refuge = *referral.add_protected_details();
  refuge.set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  refuge.set_party_id("p1");
  v1::ProtectedDetailMask& school = *referral.add_protected_details();
  school.set_kind(v1::PROTECTED_KIND_SCHOOL);
  school.set_party_id("p3");
  EXPECT_THAT(Missing(referral, CompleteSafeContact()), IsEmpty());
}

v1::Referral UrgentReferral() {
  v1::Referral referral;
  referral.set_urgent(true);
  referral.mutable_victim()->mutable_description()->set_value("woman, about 30, at the bus station");
  referral.mutable_reason()->set_why_now("he is on his way to her");
  referral.mutable_victim_voice()->set_consent(v1::YES_NO_YES);
  return referral;
}

TEST(CompletenessTest, R14AnUrgentReferralNeedsFourThingsAndNothingElse) {
  v1::SafeContact contact;
  contact.set_do_not_contact(true);
  EXPECT_THAT(UrgentMissingFields(UrgentReferral(), &contact), IsEmpty());
  EXPECT_THAT(Missing(UrgentReferral(), contact), Contains("referral.victim.name"));

  v1::Referral referral = UrgentReferral();
  // "Not known" does not say who it is.
  referral.mutable_victim()->clear_description();
  referral.mutable_victim()->mutable_name()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  EXPECT_THAT(Paths(UrgentMissingFields(referral, &contact)), ElementsAre("referral.victim.name"));
  referral.mutable_victim()->mutable_name()->set_value("Maria");
  EXPECT_THAT(UrgentMissingFields(referral, &contact), IsEmpty());

  referral = UrgentReferral();
  referral.mutable_reason()->set_why_now("\t");
  EXPECT_THAT(Paths(UrgentMissingFields(referral, &contact)), ElementsAre("referral.reason.why_now"));

  EXPECT_THAT(Paths(UrgentMissingFields(UrgentReferral(), nullptr)), ElementsAre("safe_contact"));
  v1::SafeContact untouched;
  EXPECT_THAT(Paths(UrgentMissingFields(UrgentReferral(), &untouched)), ElementsAre("safe_contact"));

  referral = UrgentReferral();
  referral.mutable_victim_voice()->clear_consent();
  EXPECT_THAT(Paths(UrgentMissingFields(referral, &contact)), ElementsAre("referral.victim_voice.consent"));
  referral.mutable_victim_voice()->set_consent(v1::YES_NO_NOT_ASKED);
  EXPECT_THAT(Paths(UrgentMissingFields(referral, &contact)),
              ElementsAre("referral.victim_voice.consent_not_asked_reason"));
  referral.mutable_victim_voice()->set_consent_not_asked_reason("he was in the room");
  EXPECT_THAT(UrgentMissingFields(referral, &contact), IsEmpty());
  // The rest of 4.8 follows by the next working day.
  referral.mutable_victim_voice()->set_consent(v1::YES_NO_NO);
  EXPECT_THAT(UrgentMissingFields(referral, &contact), IsEmpty());
}

}  // namespace
}  // namespace marac::domain
