#include "domain/triage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/protected_parts.h"
#include "domain/timestamp.h"
#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::CompleteReferral;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Refuses;
using testing::SetDay;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 10, 0, 0), London());
const Decision kDecision = {.account = "accounts/coordinator", .now = kNow};
const v1::Policy kPolicy;

v1::Referral Submitted(const std::string& id = "r1") {
  v1::Referral referral = CompleteReferral();
  referral.set_name("areas/mk/referrals/" + id);
  EXPECT_OK(GivePartyIds(referral, nullptr));
  referral.set_state(v1::REFERRAL_STATE_SUBMITTED);
  referral.mutable_criteria()->set_eligible(true);
  *referral.mutable_submit_time() = ToTimestamp(kNow - absl::Hours(24));
  *referral.mutable_receive_time() = ToTimestamp(kNow - absl::Hours(48));
  referral.add_assessments("areas/mk/assessments/a1");
  return referral;
}

// The victim and the perpetrator changed over.
v1::Referral Reversed(const std::string& id) {
  v1::Referral referral = Submitted(id);
  referral.mutable_victim()->Swap(referral.mutable_perpetrators(0));
  referral.mutable_victim()->set_party_id("p1");
  referral.mutable_perpetrators(0)->set_party_id("p2");
  return referral;
}

Acceptance Plain() { return {.decision = kDecision, .policy = kPolicy}; }

v1::Case CaseOf(const v1::Referral& referral) {
  return NewCase(referral, "areas/mk/cases/c1", "MK-26-7QX4-K", Plain()).value();
}

TEST(TriageTest, OnlyASubmittedReferralIsDecided) {
  for (int state = v1::ReferralState_MIN; state <= v1::ReferralState_MAX; ++state) {
    v1::Referral referral = Submitted();
    referral.set_state(static_cast<v1::ReferralState>(state));
    const absl::StatusCode expected =
        state == v1::REFERRAL_STATE_SUBMITTED ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition;
    EXPECT_EQ(Return(referral, "why", {}, kDecision).status().code(), expected) << state;
    EXPECT_EQ(Decline(referral, "why", {.words = "there"}, kDecision).status().code(), expected) << state;
    EXPECT_EQ(MarkDuplicate(referral, Submitted("r2"), {}, kDecision).status().code(), expected) << state;
    EXPECT_EQ(NewCase(referral, "areas/mk/cases/c1", "MK-26-7QX4-K", Plain()).status().code(), expected)
        << state;
    EXPECT_EQ(JoinCase(CaseOf(Submitted()), referral, Plain()).status().code(), expected) << state;
  }
}

TEST(TriageTest, R14AReturnSaysWhyAndKeepsTheReceipt) {
  ASSERT_OK_AND_ASSIGN(v1::Referral returned,
                       Return(Submitted(), "where is he?", {"referral.perpetrators[0].address"}, kDecision));
  EXPECT_EQ(returned.state(), v1::REFERRAL_STATE_RETURNED);
  EXPECT_EQ(returned.triage().reasons(), "where is he?");
  EXPECT_THAT(returned.triage().fields(), ElementsAre("referral.perpetrators[0].address"));
  EXPECT_EQ(returned.triage().account(), "accounts/coordinator");
  EXPECT_EQ(FromTimestamp(returned.receive_time()), kNow - absl::Hours(48));
  EXPECT_THAT(Return(Submitted(), "\u00A0", {}, kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "reasons"));
}

TEST(TriageTest, AReturnAsksOnlyForFieldsThatThereAre) {
  for (const char* field : {"referral.victim.address.lines", "referral.children[12].school", "safe_contact",
                            "safe_contact.phone", "excluded_people", "protected_details"}) {
    EXPECT_OK(Return(Submitted(), "say more", {field}, kDecision)) << field;
  }
  for (const char* field :
       {"nosuch.field", "referral.nosuch", "safe_contact.nosuch", "victim.name", "", "referral."}) {
    EXPECT_THAT(Return(Submitted(), "say more", {"safe_contact", field}, kDecision).status(),
                Refuses(absl::StatusCode::kInvalidArgument, "fields[1]: a referral has no such field"))
        << field;
  }
}

TEST(TriageTest, NobodyIsDeclinedWithoutAReasonAndASignpost) {
  ASSERT_OK_AND_ASSIGN(v1::Referral declined,
                       Decline(Submitted(), "standard risk", {.words = "outreach service"}, kDecision));
  EXPECT_EQ(declined.state(), v1::REFERRAL_STATE_DECLINED);
  EXPECT_EQ(declined.triage().signpost(), "outreach service");
  EXPECT_THAT(Decline(Submitted(), "", {.words = "there"}, kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "reasons"));
  EXPECT_THAT(Decline(Submitted(), "why", {}, kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "signpost"));
}

// decisions 33: an entry of the services directory is a signpost by itself.
TEST(TriageTest, ADeclineNamesAServiceThatIsOfferedInItsArea) {
  v1::SupportService service;
  service.set_name("areas/mk/services/s1");
  ASSERT_OK_AND_ASSIGN(v1::Referral declined,
                       Decline(Submitted(), "standard risk", {.service = &service}, kDecision));
  EXPECT_EQ(declined.triage().service(), "areas/mk/services/s1");
  EXPECT_EQ(declined.triage().signpost(), "");
  ASSERT_OK_AND_ASSIGN(declined, Decline(Submitted(), "standard risk",
                                         {.words = "ask for Ann", .service = &service}, kDecision));
  EXPECT_EQ(declined.triage().signpost(), "ask for Ann");
  service.set_retired(true);
  EXPECT_THAT(
      Decline(Submitted(), "standard risk", {.words = "there", .service = &service}, kDecision).status(),
      Refuses(absl::StatusCode::kInvalidArgument, "service: this service was retired"));
  service.set_retired(false);
  for (const char* name : {"areas/m/services/s1", "areas/mk2/services/s1"}) {
    service.set_name(name);
    EXPECT_THAT(
        Decline(Submitted(), "standard risk", {.service = &service}, kDecision).status(),
        Refuses(absl::StatusCode::kInvalidArgument, "service: name a service of this referral's area"));
  }
}

TEST(TriageTest, R02AVictimUnderAgeIsShownTheWayToChildrensSafeguarding) {
  v1::Referral referral = Submitted();
  referral.mutable_criteria()->set_under_age(true);
  EXPECT_THAT(Decline(referral, "under 16", {}, kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "children's safeguarding"));
  EXPECT_THAT(NewCase(referral, "areas/mk/cases/c1", "n", Plain()).status(),
              Refuses(absl::StatusCode::kFailedPrecondition, "children's safeguarding"));
  Acceptance admitted = Plain();
  admitted.admit_reason = "16 next week; children's services agree";
  ASSERT_OK_AND_ASSIGN(v1::Case record, NewCase(referral, "areas/mk/cases/c1", "n", admitted));
  EXPECT_EQ(record.admit_reason(), "16 next week; children's services agree");
}

TEST(TriageTest, R01WithoutAGroundItIsAdmittedOnlyWithAReason) {
  v1::Referral referral = Submitted();
  referral.mutable_criteria()->set_eligible(false);
  const absl::Status refused = NewCase(referral, "areas/mk/cases/c1", "n", Plain()).status();
  EXPECT_THAT(refused, Refuses(absl::StatusCode::kFailedPrecondition, "admit_reason"));
  EXPECT_EQ(DetailOf(refused).reason(), "ADMIT_REASON_REQUIRED");
  Acceptance admitted = Plain();
  admitted.admit_reason = "  ";
  EXPECT_FALSE(NewCase(referral, "areas/mk/cases/c1", "n", admitted).ok());
  admitted.admit_reason = "the chair asked for it";
  EXPECT_OK(NewCase(referral, "areas/mk/cases/c1", "n", admitted).status());
}

TEST(DuplicateTest, R22TheTwoStayApartAndOnlyWhatProtectsGoesOver) {
  v1::Referral referral = Submitted("r2");
  referral.set_has_excluded_people(v1::YES_NO_YES);
  referral.set_excluded_people_count(2);
  v1::ProtectedDetailMask& contact = *referral.add_protected_details();
  contact.set_detail("areas/mk/protectedDetails/d9");
  contact.set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
  contact.set_do_not_contact(true);
  referral.set_assessments(0, "areas/mk/assessments/a2");
  ASSERT_OK_AND_ASSIGN(Duplicate marked, MarkDuplicate(referral, Submitted("r1"), {}, kDecision));
  EXPECT_EQ(marked.referral.state(), v1::REFERRAL_STATE_DUPLICATE);
  EXPECT_EQ(marked.referral.triage().duplicate_of(), "areas/mk/referrals/r1");
  EXPECT_EQ(marked.referral.reason().narrative(), CompleteReferral().reason().narrative());
  EXPECT_EQ(marked.other.state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_THAT(marked.other.duplicates(), ElementsAre("areas/mk/referrals/r2"));
  EXPECT_FALSE(MayContact(marked.other.protected_details()));
  // Its author would learn from a count that somebody named people elsewhere.
  EXPECT_EQ(marked.other.excluded_people_count(), 0);
  EXPECT_EQ(marked.other.has_excluded_people(), Submitted("r1").has_excluded_people());

  const v1::Referral again = WaitsAgain(marked.referral);
  EXPECT_EQ(again.state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_FALSE(again.has_triage());
}

TEST(DuplicateTest, R22WhatHoldsDuplicatesIsNoDuplicateItself) {
  v1::Referral holder = Submitted("r2");
  holder.add_duplicates("areas/mk/referrals/r3");
  EXPECT_THAT(MarkDuplicate(holder, Submitted("r1"), {}, kDecision).status(),
              Refuses(absl::StatusCode::kFailedPrecondition, "others wait with this referral"));
}

TEST(DuplicateTest, R22ItsPeopleAndItsReceiptComeIntoTheCase) {
  v1::Referral duplicate = Submitted("r2");
  duplicate.mutable_referrer()->set_agency("agencies/housing");
  *duplicate.mutable_receive_time() =
      ToTimestamp(FromTimestamp(Submitted("r1").receive_time()) - absl::Hours(24));
  v1::Party& child = *duplicate.add_children();
  child.set_party_id("p9");
  child.mutable_name()->set_value("Wren Oakbarrow");
  v1::Party& second = *duplicate.add_perpetrators();
  second.set_party_id("p8");
  second.mutable_name()->set_value("Ivo Tarrant");
  v1::ProtectedDetailMask& mask = *duplicate.add_protected_details();
  mask.set_detail("areas/mk/protectedDetails/d9");
  mask.set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
  ASSERT_OK_AND_ASSIGN(const Duplicate marked, MarkDuplicate(duplicate, Submitted("r1"), {}, kDecision));
  const v1::Case record = WithDuplicate(CaseOf(marked.other), marked.referral);
  EXPECT_THAT(record.referrals(), ElementsAre("areas/mk/referrals/r1", "areas/mk/referrals/r2"));
  EXPECT_THAT(record.referring_agencies(), Contains("agencies/housing"));
  EXPECT_EQ(record.children_size(), Submitted("r1").children_size() + 1);
  EXPECT_EQ(record.perpetrators_size(), Submitted("r1").perpetrators_size() + 1);
  EXPECT_EQ(FromTimestamp(record.receive_time()), FromTimestamp(duplicate.receive_time()));
  EXPECT_EQ(record.protected_details_size(), marked.other.protected_details_size())
      << "what the other showed already is not shown twice";
}

TEST(DuplicateTest, R22OnlyAnotherReferralThatWaitsCanBeNamed) {
  EXPECT_THAT(MarkDuplicate(Submitted("r1"), Submitted("r1"), {}, kDecision).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "duplicate_of"));
  v1::Referral other = Submitted("r2");
  other.set_state(v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_THAT(MarkDuplicate(Submitted("r1"), other, {}, kDecision).status(),
              Refuses(absl::StatusCode::kFailedPrecondition, "accept this one into its case"));
  other.set_state(v1::REFERRAL_STATE_RETURNED);
  EXPECT_THAT(MarkDuplicate(Submitted("r1"), other, {}, kDecision).status(),
              Refuses(absl::StatusCode::kFailedPrecondition, "with its author, who may take it back"));
  for (v1::ReferralState state : {v1::REFERRAL_STATE_DRAFT, v1::REFERRAL_STATE_DECLINED,
                                  v1::REFERRAL_STATE_DUPLICATE, v1::REFERRAL_STATE_WITHDRAWN}) {
    other.set_state(state);
    EXPECT_THAT(MarkDuplicate(Submitted("r1"), other, {}, kDecision).status(),
                Refuses(absl::StatusCode::kFailedPrecondition, "waits for triage"));
  }
}

TEST(DuplicateTest, R16NothingIsADuplicateWhileSomebodyWhoMustNotReceiveEitherIsNotAnswered) {
  const absl::Status refused =
      MarkDuplicate(Submitted("r2"), Submitted("r1"), {"areas/mk/excludedPeople/e1"}, kDecision).status();
  EXPECT_THAT(refused, Refuses(absl::StatusCode::kFailedPrecondition, "areas/mk/excludedPeople/e1"));
  EXPECT_EQ(DetailOf(refused).reason(), "UNRESOLVED_EXCLUSIONS");
}

TEST(DuplicateTest, R17ACounterAllegationIsNeverADuplicate) {
  EXPECT_THAT(MarkDuplicate(Submitted("r1"), Reversed("r2"), {}, kDecision).status(),
              Refuses(absl::StatusCode::kFailedPrecondition, "keep the two apart"));
}

TEST(AcceptTest, ANewCaseIsTheReferralsSnapshot) {
  v1::Referral referral = Submitted();
  v1::ProtectedDetailMask& mask = *referral.add_protected_details();
  mask.set_detail("areas/mk/protectedDetails/d1");
  referral.mutable_criteria()->set_has_score(true);
  referral.mutable_criteria()->set_score(17);
  Acceptance acceptance = Plain();
  acceptance.unresolved_exclusions = {"areas/mk/excludedPeople/e1", "areas/mk/excludedPeople/e2"};
  ASSERT_OK_AND_ASSIGN(v1::Case record, NewCase(referral, "areas/mk/cases/c1", "MK-26-7QX4-K", acceptance));
  EXPECT_EQ(record.name(), "areas/mk/cases/c1");
  EXPECT_EQ(record.case_number(), "MK-26-7QX4-K");
  EXPECT_EQ(record.stage(), v1::CASE_STAGE_ACCEPTED);
  EXPECT_EQ(record.kind(), v1::CASE_KIND_NEW);
  EXPECT_THAT(record.referrals(), ElementsAre("areas/mk/referrals/r1"));
  EXPECT_THAT(record.assessments(), ElementsAre("areas/mk/assessments/a1"));
  EXPECT_THAT(record.referring_agencies(), ElementsAre("agencies/refuge"));
  EXPECT_EQ(record.victim().name().value(), "Maria Invented");
  EXPECT_EQ(record.perpetrators(0).party_id(), "p2");
  EXPECT_EQ(record.children_size(), 1);
  EXPECT_EQ(record.protected_details_size(), 1);
  EXPECT_EQ(record.score(), 17);
  EXPECT_EQ(record.unresolved_exclusions(), 2);
  EXPECT_EQ(record.reason_line(), "Threats and an assault on 1 November; he follows her to work.");
  EXPECT_EQ(FromTimestamp(record.receive_time()), kNow - absl::Hours(48));
  // the referral anchor is the day it was submitted, not the day it came or was accepted.
  EXPECT_EQ(record.last_referral_day().day(), 20);
  EXPECT_FALSE(record.has_last_heard_day());
  EXPECT_EQ(record.victim_contact().state(), v1::VICTIM_CONTACT_STATE_NOT_ATTEMPTED);
  const v1::Referral accepted = Accepted(referral, record.name(), acceptance);
  EXPECT_EQ(accepted.state(), v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(accepted.case_name(), "areas/mk/cases/c1");
}

TEST(AcceptTest, TheReasonLineIsOneLineAndDoesNotCutACharacter) {
  v1::Referral referral = Submitted();
  referral.mutable_reason()->set_why_now("first line\nsecond line");
  EXPECT_EQ(CaseOf(referral).reason_line(), "first line");
  std::string accents;
  for (int i = 0; i < 150; ++i) accents += "é";
  referral.mutable_reason()->set_why_now("x" + accents);
  EXPECT_EQ(CaseOf(referral).reason_line(), "x" + accents.substr(0, 198) + "…");
}

v1::Case Earlier(int year, int month, int day) {
  v1::Case earlier = CaseOf(Submitted("r0"));
  earlier.set_name("areas/mk/cases/c0");
  SetDay(*earlier.mutable_last_referral_day(), year, month, day);
  return earlier;
}

absl::StatusOr<v1::Case> AcceptAsRepeat(const v1::Case& earlier, const v1::Referral& referral = Submitted(),
                                        const v1::Policy& policy = kPolicy) {
  Acceptance acceptance = {.decision = kDecision, .repeat_of = &earlier, .policy = policy};
  return NewCase(referral, "areas/mk/cases/c1", "n", acceptance);
}

// The latest incident of the referral here is on 1 November 2026.
TEST(AcceptTest, R03ARepeatConfirmedByAPersonIsOneInsideTheTwelveMonths) {
  ASSERT_OK_AND_ASSIGN(v1::Case record, AcceptAsRepeat(Earlier(2025, 11, 1)));
  EXPECT_EQ(record.kind(), v1::CASE_KIND_REPEAT);
  EXPECT_EQ(record.repeat_of(), "areas/mk/cases/c0");
  EXPECT_OK(AcceptAsRepeat(Earlier(2026, 11, 1)).status());
  const absl::Status late = AcceptAsRepeat(Earlier(2025, 10, 31)).status();
  EXPECT_EQ(DetailOf(late).reason(), "NOT_A_REPEAT");
  EXPECT_EQ(DetailOf(AcceptAsRepeat(Earlier(2026, 11, 2)).status()).reason(), "NOT_A_REPEAT");
}

TEST(AcceptTest, R03TheAreasAnchorCounts) {
  v1::Policy heard;
  heard.mutable_repeat()->set_anchor(v1::REPEAT_ANCHOR_HEARD);
  v1::Case earlier = Earlier(2025, 10, 1);
  SetDay(*earlier.mutable_last_heard_day(), 2025, 11, 20);
  EXPECT_OK(AcceptAsRepeat(earlier, Submitted(), heard).status());
  EXPECT_EQ(DetailOf(AcceptAsRepeat(earlier).status()).reason(), "NOT_A_REPEAT");
}

TEST(AcceptTest, R03ARepeatIsAGroundByItself) {
  v1::Referral referral = Submitted();
  referral.mutable_criteria()->set_eligible(false);
  EXPECT_OK(AcceptAsRepeat(Earlier(2026, 1, 1), referral).status());
}

TEST(AcceptTest, R03WhereTheDayOfTheIncidentIsNotKnownThePersonDecides) {
  v1::Referral referral = Submitted();
  referral.mutable_reason()->mutable_latest_incident()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  EXPECT_OK(AcceptAsRepeat(Earlier(2026, 1, 1), referral).status());
}

TEST(AcceptTest, R17ACounterAllegationIsNoRepeatAndDoesNotJoin) {
  EXPECT_EQ(DetailOf(AcceptAsRepeat(Earlier(2026, 1, 1), Reversed("r1")).status()).reason(),
            "ROLES_REVERSED");
  EXPECT_EQ(DetailOf(JoinCase(CaseOf(Submitted()), Reversed("r2"), Plain()).status()).reason(),
            "ROLES_REVERSED");
}

TEST(JoinTest, R22ASecondReferralOfThePairJoinsWithoutDoublingAnybody) {
  v1::Referral second = Submitted("r2");
  second.mutable_referrer()->set_agency("agencies/police");
  second.set_assessments(0, "areas/mk/assessments/a2");
  *second.mutable_submit_time() = ToTimestamp(kNow);
  *second.mutable_receive_time() = ToTimestamp(kNow);
  second.mutable_victim()->mutable_name()->set_value("Maria Other-Spelling");
  ASSERT_OK_AND_ASSIGN(v1::Case record, JoinCase(CaseOf(Submitted()), second, Plain()));
  EXPECT_THAT(record.referrals(), ElementsAre("areas/mk/referrals/r1", "areas/mk/referrals/r2"));
  EXPECT_THAT(record.assessments(), ElementsAre("areas/mk/assessments/a1", "areas/mk/assessments/a2"));
  EXPECT_THAT(record.referring_agencies(), ElementsAre("agencies/refuge", "agencies/police"));
  EXPECT_EQ(record.victim().name().value(), "Maria Invented");
  EXPECT_EQ(record.perpetrators_size(), 1);
  EXPECT_EQ(record.children_size(), 1);
  // a timely case does not become late. R-03: the newest referral anchors.
  EXPECT_EQ(FromTimestamp(record.receive_time()), kNow - absl::Hours(48));
  EXPECT_EQ(record.last_referral_day().day(), 21);
}

// dash.md 8: whoever will meet the person reads what was recorded last, whichever referral brought it.
TEST(JoinTest, WhatTheVictimNeedsToCommunicateIsAsItWasRecordedLast) {
  EXPECT_FALSE(CaseOf(Submitted()).has_communication());
  const auto with = [](const char* id, absl::Time recorded, const char* language) {
    v1::Referral referral = Submitted(id);
    v1::CommunicationProfile& profile = *referral.mutable_communication();
    *profile.mutable_record_time() = ToTimestamp(recorded);
    profile.mutable_preferred_language()->set_value(language);
    return referral;
  };
  v1::Case record = CaseOf(with("r1", kNow, "BSL"));
  EXPECT_EQ(record.communication().preferred_language().value(), "BSL");
  ASSERT_OK_AND_ASSIGN(record, JoinCase(record, with("r2", kNow - absl::Hours(1), "Polish"), Plain()));
  EXPECT_EQ(record.communication().preferred_language().value(), "BSL");
  ASSERT_OK_AND_ASSIGN(record, JoinCase(record, with("r3", kNow + absl::Hours(1), "Welsh"), Plain()));
  EXPECT_EQ(record.communication().preferred_language().value(), "Welsh");
  ASSERT_OK_AND_ASSIGN(record, JoinCase(record, Submitted("r4"), Plain()));
  EXPECT_EQ(record.communication().preferred_language().value(), "Welsh");
}

// D-04: what a case has from an assessment goes with it, and what another referral brought stays.
TEST(JoinTest, D04WhatRestsOnAnAssessmentIsThatOfTheReferralsAsTheyAreNow) {
  v1::Referral first = Submitted("r1");
  first.mutable_criteria()->set_has_score(true);
  first.mutable_criteria()->set_score(15);
  *first.mutable_communication()->mutable_record_time() = ToTimestamp(kNow);
  v1::Referral second = Submitted("r2");
  second.mutable_criteria()->set_has_score(true);
  second.mutable_criteria()->set_score(9);
  ASSERT_OK_AND_ASSIGN(const v1::Case record, JoinCase(CaseOf(first), second, Plain()));
  ASSERT_EQ(record.score(), 15);
  first.mutable_criteria()->clear_score();
  first.mutable_criteria()->clear_has_score();
  first.clear_communication();
  first.add_assessments_in_error("areas/mk/assessments/of-somebody-else");
  const v1::Case now = WithFindingsOf(record, std::vector{first, second});
  EXPECT_EQ(now.score(), 9);
  EXPECT_FALSE(now.has_communication());
  EXPECT_THAT(now.assessments_in_error(), ElementsAre("areas/mk/assessments/of-somebody-else"));
  EXPECT_FALSE(WithFindingsOf(record, std::vector{first}).has_score());
}

TEST(JoinTest, R22SomebodyTheCaseDidNotHaveIsAddedUnderAnIdOfItsOwn) {
  v1::Referral second = Submitted("r2");
  v1::Party& brother = *second.add_perpetrators() = testing::AdultParty("Victor Invented", 1980);
  brother.set_party_id("p3");  // In the case p3 is the child.
  v1::ProtectedDetailMask& mask = *second.add_protected_details();
  mask.set_party_id("p3");
  mask.set_kind(v1::PROTECTED_KIND_WORKPLACE);
  mask.set_detail("areas/mk/protectedDetails/d5");
  second.mutable_children(0)->set_party_id("p4");
  ASSERT_OK_AND_ASSIGN(v1::Case record, JoinCase(CaseOf(Submitted()), second, Plain()));
  ASSERT_EQ(record.perpetrators_size(), 2);
  EXPECT_EQ(record.perpetrators(1).name().value(), "Victor Invented");
  EXPECT_EQ(record.perpetrators(1).party_id(), "p4");
  EXPECT_EQ(record.children(0).party_id(), "p3");
  EXPECT_EQ(record.protected_details(0).party_id(), "p4");
}

TEST(JoinTest, R15ASecondSourceThatSaysDoNotContactBinds) {
  v1::Referral first = Submitted("r1");
  first.add_protected_details()->set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
  v1::Referral second = Submitted("r2");
  v1::ProtectedDetailMask& mask = *second.add_protected_details();
  mask.set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
  mask.set_do_not_contact(true);
  EXPECT_TRUE(MayContact(CaseOf(first).protected_details()));
  EXPECT_FALSE(MayContact(JoinCase(CaseOf(first), second, Plain())->protected_details()));
}

TEST(JoinTest, R16NothingJoinsWhileSomebodyWhoMustNotReceiveItIsNotAnswered) {
  v1::Case record = CaseOf(Submitted());
  Acceptance acceptance = Plain();
  acceptance.unresolved_exclusions = {"areas/mk/excludedPeople/e1"};
  // Whether it was circulated or not: its first referrer sees it either way.
  for (const v1::CaseStage stage : {v1::CASE_STAGE_ACCEPTED, v1::CASE_STAGE_LISTED}) {
    record.set_stage(stage);
    const absl::Status refused = JoinCase(record, Submitted("r2"), acceptance).status();
    EXPECT_THAT(refused, Refuses(absl::StatusCode::kFailedPrecondition, "areas/mk/excludedPeople/e1"));
    EXPECT_EQ(DetailOf(refused).reason(), "UNRESOLVED_EXCLUSIONS");
  }
}

TEST(JoinTest, R16NothingJoinsACaseThatItselfAwaitsAnAnswer) {
  v1::Case record = CaseOf(Submitted());
  record.set_unresolved_exclusions(1);
  const absl::Status refused = JoinCase(record, Submitted("r2"), Plain()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(DetailOf(refused).reason(), "UNRESOLVED_EXCLUSIONS");
}

TEST(JoinTest, R03JoiningAnOlderReferralDoesNotMoveTheAnchorBack) {
  const auto sent = [](const std::string& id, absl::CivilDay day) {
    v1::Referral referral = Submitted(id);
    *referral.mutable_submit_time() = ToTimestamp(absl::FromCivil(day, London()));
    return referral;
  };
  const v1::Referral older = sent("r1", absl::CivilDay(2026, 11, 24));
  const v1::Referral newer = sent("r2", absl::CivilDay(2026, 11, 25));
  EXPECT_EQ(CaseOf(newer).last_referral_day().day(), 25);
  EXPECT_EQ(JoinCase(CaseOf(newer), older, Plain())->last_referral_day().day(), 25);
  EXPECT_EQ(JoinCase(CaseOf(older), newer, Plain())->last_referral_day().day(), 25);
}

TEST(AcceptTest, R16NoRepeatOfACaseThatAwaitsAnAnswer) {
  v1::Case earlier = CaseOf(Submitted("r1"));
  earlier.set_unresolved_exclusions(1);
  Acceptance acceptance = Plain();
  acceptance.repeat_of = &earlier;
  const absl::Status refused = NewCase(Submitted("r2"), "areas/mk/cases/c2", "n", acceptance).status();
  EXPECT_EQ(DetailOf(refused).reason(), "UNRESOLVED_EXCLUSIONS");
}

TEST(JoinTest, R22ALowerScoreDoesNotTakeThePlaceOfAHigher) {
  const auto scored = [](const std::string& id, int score) {
    v1::Referral referral = Submitted(id);
    referral.mutable_criteria()->set_has_score(true);
    referral.mutable_criteria()->set_score(score);
    return referral;
  };
  EXPECT_EQ(JoinCase(CaseOf(scored("r1", 18)), scored("r2", 9), Plain())->score(), 18);
  EXPECT_EQ(JoinCase(CaseOf(scored("r1", 9)), scored("r2", 18), Plain())->score(), 18);
  ASSERT_OK_AND_ASSIGN(const v1::Case first, JoinCase(CaseOf(Submitted()), scored("r2", 0), Plain()));
  EXPECT_TRUE(first.has_score());
}

TEST(JoinTest, R22OnlyACaseThatWaitsToBeHeardIsJoined) {
  for (int stage = v1::CaseStage_MIN; stage <= v1::CaseStage_MAX; ++stage) {
    v1::Case record = CaseOf(Submitted());
    record.set_stage(static_cast<v1::CaseStage>(stage));
    const bool open = stage == v1::CASE_STAGE_ACCEPTED || stage == v1::CASE_STAGE_LISTED;
    EXPECT_EQ(JoinCase(record, Submitted("r2"), Plain()).status().code(),
              open ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition)
        << stage;
  }
  const v1::Case earlier = Earlier(2026, 1, 1);
  Acceptance both = Plain();
  both.repeat_of = &earlier;
  EXPECT_THAT(JoinCase(CaseOf(Submitted()), Submitted("r2"), both).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "repeat_of"));
}

}  // namespace
}  // namespace marac::domain
