#include "domain/referral.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/errors.h"
#include "domain/timestamp.h"
#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::CompleteReferral;
using testing::CompleteSafeContact;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Refuses;
using testing::SetDay;

absl::Time London(int month, int day, int hour, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, month, day, hour, minute, second), domain::London());
}
// Saturday 21 November 2026, 10:00.
const absl::Time kNow = London(11, 21, 10);
const Author kIdva = {.account = "accounts/idva", .agency = "agencies/refuge"};
const Author kCoordinator = {
    .account = "accounts/coordinator", .agency = "agencies/council", .coordinator = true};

v1::Policy Policy() {
  v1::Policy policy;
  policy.set_high_threshold(14);
  policy.mutable_escalation()->set_count(3);
  policy.mutable_escalation()->set_months(12);
  policy.set_judgement_min_chars(1);
  policy.set_min_age_years(16);
  return policy;
}
const v1::Policy kPolicy = Policy();
const v1::AreaSettings kSettings;
const v1::SafeContact kContact = CompleteSafeContact();

ReferralFacts Facts(std::span<const v1::Assessment> assessments = {}, absl::Time now = kNow) {
  return {.assessments = assessments,
          .safe_contact = &kContact,
          .settings = kSettings,
          .policy = kPolicy,
          .now = now};
}

v1::Referral Sent() {
  v1::Referral referral = CompleteReferral();
  referral.set_name("areas/mk/referrals/r1");
  return referral;
}

v1::Referral Draft(v1::Referral sent = Sent(), const Author& author = kIdva) {
  return TakeDraft(std::move(sent), nullptr, author, kSettings, kNow).value();
}

v1::Assessment Assessment(int score, int year = 2026) {
  v1::Assessment assessment;
  SetDay(*assessment.mutable_assessment_date(), year, 11, 20);
  assessment.mutable_result()->set_score(score);
  assessment.mutable_result()->set_band(v1::GRADE_MEDIUM);
  return assessment;
}

// Nothing but the score speaks for this one.
v1::Referral WithoutGrounds() {
  v1::Referral referral = Draft();
  referral.mutable_criteria()->set_professional_judgement(v1::YES_NO_NO);
  referral.mutable_criteria()->clear_judgement_text();
  return referral;
}

TEST(TakeDraftTest, ANewDraftIsItsAuthorsWhateverWasSent) {
  v1::Referral sent = Sent();
  sent.set_state(v1::REFERRAL_STATE_ACCEPTED);
  sent.set_author("accounts/somebody-else");
  sent.set_agency("agencies/other");
  sent.set_case_name("areas/mk/cases/c1");
  sent.set_meeting("areas/mk/meetings/m1");
  sent.set_excluded_people_count(7);
  sent.add_missing_fields("x");
  sent.add_text_warnings()->set_field("x");
  sent.mutable_triage()->set_reasons("x");
  sent.mutable_communication()->set_interpreter(v1::YES_NO_YES);
  sent.add_assessments_in_error("areas/mk/assessments/of-another");
  sent.add_additions()->set_account("accounts/somebody-else");
  sent.add_duplicates("areas/mk/referrals/of-another");
  sent.add_protected_details()->set_detail("areas/mk/protectedDetails/of-another");
  *sent.mutable_submit_time() = ToTimestamp(kNow);
  *sent.mutable_receive_time() = ToTimestamp(kNow);
  *sent.mutable_create_time() = ToTimestamp(London(1, 1, 1));
  const v1::Referral draft = Draft(sent);
  EXPECT_EQ(draft.state(), v1::REFERRAL_STATE_DRAFT);
  EXPECT_EQ(draft.author(), "accounts/idva");
  EXPECT_EQ(draft.agency(), "agencies/refuge");
  EXPECT_EQ(draft.case_name(), "");
  EXPECT_EQ(draft.meeting(), "");
  EXPECT_EQ(draft.excluded_people_count(), 0);
  EXPECT_THAT(draft.missing_fields(), IsEmpty());
  EXPECT_THAT(draft.text_warnings(), IsEmpty());
  EXPECT_FALSE(draft.has_triage());
  EXPECT_FALSE(draft.has_communication());
  EXPECT_THAT(draft.assessments_in_error(), IsEmpty());
  EXPECT_THAT(draft.additions(), IsEmpty());
  EXPECT_THAT(draft.duplicates(), IsEmpty());
  EXPECT_THAT(draft.protected_details(), IsEmpty());
  EXPECT_FALSE(draft.has_submit_time());
  EXPECT_FALSE(draft.has_receive_time());
  EXPECT_EQ(FromTimestamp(draft.create_time()), kNow);
}

TEST(TakeDraftTest, EveryFieldIsEitherTheAuthorsOrTheServers) {
  // Whoever adds a field to Referral decides here which it is.
  EXPECT_EQ(v1::Referral::descriptor()->field_count(), 34);
}

v1::Assessment Profiled(absl::Time recorded, const std::string& language) {
  v1::Assessment assessment;
  v1::CommunicationProfile& profile = *assessment.mutable_communication();
  *profile.mutable_record_time() = ToTimestamp(recorded);
  profile.mutable_preferred_language()->set_value(language);
  profile.mutable_supporter()->set_person("Ola Sample");
  profile.mutable_supporter()->add_left_for("SEXUAL");
  profile.add_person_words()->set_word("my dad");
  profile.mutable_display()->set_read_aloud(true);
  return assessment;
}

// dash.md 8: recorded once, flagged and shared with whoever will meet the person.
TEST(RefreshTest, BringsWhatTheVictimNeedsToCommunicateFromTheAssessmentThatRecordedItLast) {
  const v1::Referral draft = Draft(CompleteReferral());
  EXPECT_FALSE(Refresh(draft, Facts()).has_communication());
  const std::vector<v1::Assessment> assessments = {Profiled(kNow - absl::Hours(1), "Polish"),
                                                   Profiled(kNow, "BSL"), v1::Assessment(),
                                                   Profiled(kNow - absl::Hours(2), "Welsh")};
  const v1::Referral referral = Refresh(draft, Facts(assessments));
  EXPECT_EQ(referral.communication().preferred_language().value(), "BSL");
  EXPECT_EQ(referral.communication().supporter().person(), "Ola Sample");
  EXPECT_THAT(referral.communication().supporter().left_for(), IsEmpty());
  EXPECT_THAT(referral.communication().person_words(), IsEmpty());
  EXPECT_FALSE(referral.communication().has_display());
  EXPECT_FALSE(Refresh(referral, Facts()).has_communication()) << "the assessment was taken out again";
  // One that went with another referral stays open to those alone who may see that one.
  std::vector<v1::Assessment> elsewhere = {Profiled(kNow, "BSL")};
  elsewhere[0].set_referral("areas/mk/referrals/of-another");
  EXPECT_FALSE(Refresh(draft, Facts(elsewhere)).has_communication());
  elsewhere[0].set_referral(draft.name());
  EXPECT_TRUE(Refresh(draft, Facts(elsewhere)).has_communication());
}

TEST(TakeDraftTest, ALaterSaveKeepsWhatTheServerSet) {
  v1::Referral before = Draft();
  before.set_state(v1::REFERRAL_STATE_RETURNED);
  before.mutable_triage()->set_reasons("say where he is");
  *before.mutable_receive_time() = ToTimestamp(London(11, 10, 9));
  before.add_protected_details()->set_detail("areas/mk/protectedDetails/d1");
  v1::Referral sent = Sent();
  sent.mutable_reason()->set_narrative("changed");
  ASSERT_OK_AND_ASSIGN(
      v1::Referral saved,
      TakeDraft(sent, &before, {.account = "accounts/other", .agency = "agencies/x"}, kSettings, kNow));
  EXPECT_EQ(saved.reason().narrative(), "changed");
  EXPECT_EQ(saved.state(), v1::REFERRAL_STATE_RETURNED);
  EXPECT_EQ(saved.triage().reasons(), "say where he is");
  EXPECT_EQ(FromTimestamp(saved.receive_time()), London(11, 10, 9));
  EXPECT_EQ(saved.protected_details_size(), 1);
  EXPECT_EQ(saved.author(), "accounts/idva");
}

TEST(TakeDraftTest, R14AnEmptyDraftIsSaved) {
  v1::Referral sent;
  sent.set_name("areas/mk/referrals/r1");
  ASSERT_OK_AND_ASSIGN(v1::Referral draft, TakeDraft(sent, nullptr, kIdva, kSettings, kNow));
  EXPECT_THAT(Refresh(draft, Facts()).missing_fields(), Contains("referral.victim.name"));
}

TEST(TakeDraftTest, OnlyADraftOrAReturnedReferralIsWritten) {
  for (int state = v1::ReferralState_MIN; state <= v1::ReferralState_MAX; ++state) {
    v1::Referral before = Draft();
    before.set_state(static_cast<v1::ReferralState>(state));
    const bool open = state == v1::REFERRAL_STATE_DRAFT || state == v1::REFERRAL_STATE_RETURNED;
    const absl::Status saved = TakeDraft(Sent(), &before, kIdva, kSettings, kNow).status();
    EXPECT_EQ(saved.code(), open ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition) << state;
  }
}

TEST(TakeDraftTest, R14AnUrgentReferralIsCompletedWhileItWaitsAndStaysUrgent) {
  v1::Referral before = Draft();
  before.set_urgent(true);
  before.set_state(v1::REFERRAL_STATE_SUBMITTED);
  v1::Referral sent = Sent();
  sent.set_urgent(false);
  ASSERT_OK_AND_ASSIGN(v1::Referral saved, TakeDraft(sent, &before, kIdva, kSettings, kNow));
  EXPECT_TRUE(saved.urgent());
  EXPECT_EQ(saved.state(), v1::REFERRAL_STATE_SUBMITTED);
  before.set_state(v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_FALSE(TakeDraft(sent, &before, kIdva, kSettings, kNow).ok());
}

TEST(TakeDraftTest, R14AManagersSignOffIsKeptAndHasHappened) {
  v1::Referral sent = Sent();
  sent.mutable_manager_sign_off()->mutable_manager()->set_value("Kim Manager");
  SetDay(*sent.mutable_manager_sign_off()->mutable_day()->mutable_day(), 2026, 11, 21);
  EXPECT_EQ(Draft(sent).manager_sign_off().manager().value(), "Kim Manager");
  SetDay(*sent.mutable_manager_sign_off()->mutable_day()->mutable_day(), 2026, 11, 22);
  EXPECT_THAT(TakeDraft(sent, nullptr, kIdva, kSettings, kNow).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.manager_sign_off.day"));
}

TEST(TakeDraftTest, ADayThatDoesNotExistOrIsStillToComeIsRefused) {
  v1::Referral sent = Sent();
  SetDay(*sent.mutable_victim()->mutable_birth_date()->mutable_day(), 1990, 2, 31);
  EXPECT_THAT(TakeDraft(sent, nullptr, kIdva, kSettings, kNow).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.victim.birth_date"));
  sent = Sent();
  SetDay(*sent.mutable_reason()->mutable_latest_incident()->mutable_day(), 2026, 11, 21);
  EXPECT_OK(TakeDraft(sent, nullptr, kIdva, kSettings, kNow).status());
  SetDay(*sent.mutable_reason()->mutable_latest_incident()->mutable_day(), 2026, 11, 22);
  EXPECT_THAT(TakeDraft(sent, nullptr, kIdva, kSettings, kNow).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.reason.latest_incident"));
}

TEST(TakeDraftTest, AnNhsNumberIsCheckedAndKeptAsDigits) {
  v1::Referral sent = Sent();
  sent.mutable_victim()->mutable_nhs_number()->set_value("943 476 5919");
  EXPECT_EQ(Draft(sent).victim().nhs_number().value(), "9434765919");
  sent.mutable_victim()->mutable_nhs_number()->set_value("943 476 5918");
  EXPECT_THAT(TakeDraft(sent, nullptr, kIdva, kSettings, kNow).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.victim.nhs_number"));
}

TEST(TakeDraftTest, ASourceCategoryIsFromTheAreasList) {
  v1::AreaSettings settings;
  settings.add_source_categories("POLICE");
  settings.add_source_categories("HOUSING");
  EXPECT_THAT(TakeDraft(Sent(), nullptr, kIdva, settings, kNow).status(),
              Refuses(absl::StatusCode::kInvalidArgument,
                      "referral.referrer.source_category: choose one of: POLICE, HOUSING"));
  settings.add_source_categories("IDVA");
  EXPECT_OK(TakeDraft(Sent(), nullptr, kIdva, settings, kNow).status());
}

v1::Referral SentOnBehalf(absl::Time received) {
  v1::Referral sent = Sent();
  sent.mutable_referrer()->set_on_behalf(true);
  sent.mutable_referrer()->set_agency("agencies/gp");
  sent.mutable_referrer()->set_route(v1::REFERRAL_ROUTE_POST);
  *sent.mutable_referrer()->mutable_receive_time() = ToTimestamp(received);
  return sent;
}

TEST(TakeDraftTest, OnlyACoordinatorEntersForSomebodyElse) {
  EXPECT_THAT(TakeDraft(SentOnBehalf(kNow), nullptr, kIdva, kSettings, kNow).status(),
              Refuses(absl::StatusCode::kPermissionDenied, "referral.referrer.on_behalf"));
  const v1::Referral draft = Draft(SentOnBehalf(kNow), kCoordinator);
  EXPECT_EQ(draft.referrer().agency(), "agencies/gp");
  EXPECT_EQ(draft.referrer().typed_by(), "accounts/coordinator");
  EXPECT_EQ(draft.agency(), "agencies/council");
}

TEST(TakeDraftTest, AnEntryOnBehalfWasNotReceivedInTheFuture) {
  EXPECT_OK(TakeDraft(SentOnBehalf(kNow), nullptr, kCoordinator, kSettings, kNow).status());
  EXPECT_THAT(
      TakeDraft(SentOnBehalf(kNow + absl::Seconds(1)), nullptr, kCoordinator, kSettings, kNow).status(),
      Refuses(absl::StatusCode::kInvalidArgument, "referral.referrer.receive_time"));
}

TEST(TakeDraftTest, OnesOwnReferralComesFromOnesOwnAgency) {
  v1::Referral sent = Sent();
  sent.mutable_referrer()->set_agency("agencies/police");
  sent.mutable_referrer()->set_typed_by("accounts/x");
  *sent.mutable_referrer()->mutable_receive_time() = ToTimestamp(London(1, 1, 1));
  sent.mutable_referrer()->clear_route();
  const v1::Referral draft = Draft(sent);
  EXPECT_EQ(draft.referrer().agency(), "agencies/refuge");
  EXPECT_EQ(draft.referrer().typed_by(), "");
  EXPECT_FALSE(draft.referrer().has_receive_time());
  EXPECT_EQ(draft.referrer().route(), v1::REFERRAL_ROUTE_OWN_SYSTEM);
}

TEST(CriteriaTest, R01FourteenIsEligibleAndThirteenAloneIsNot) {
  std::vector<v1::Assessment> assessments = {Assessment(14)};
  v1::Criteria criteria = Refresh(WithoutGrounds(), Facts(assessments)).criteria();
  EXPECT_TRUE(criteria.visible_high());
  EXPECT_TRUE(criteria.eligible());
  EXPECT_EQ(criteria.score(), 14);
  assessments = {Assessment(13)};
  criteria = Refresh(WithoutGrounds(), Facts(assessments)).criteria();
  EXPECT_FALSE(criteria.visible_high());
  EXPECT_FALSE(criteria.eligible());
  EXPECT_TRUE(criteria.has_score());
}

TEST(CriteriaTest, R01ThirteenWithJudgementAndThreeWithARepeatAreEligible) {
  std::vector<v1::Assessment> assessments = {Assessment(13)};
  v1::Referral referral = WithoutGrounds();
  referral.mutable_criteria()->set_professional_judgement(v1::YES_NO_YES);
  EXPECT_FALSE(Refresh(referral, Facts(assessments)).criteria().eligible())
      << "a tick without text is no ground";
  referral.mutable_criteria()->set_judgement_text("he strangled her");
  EXPECT_TRUE(Refresh(referral, Facts(assessments)).criteria().eligible());

  assessments = {Assessment(3)};
  referral = WithoutGrounds();
  referral.mutable_criteria()->set_repeat(v1::YES_NO_YES);
  EXPECT_TRUE(Refresh(referral, Facts(assessments)).criteria().eligible());
}

TEST(CriteriaTest, R01ThreeReportsInTwelveMonthsAreEscalationTheBoundaryDayIncluded) {
  v1::Referral referral = WithoutGrounds();
  SetDay(*referral.mutable_criteria()->add_incident_days(), 2025, 11, 21);
  SetDay(*referral.mutable_criteria()->add_incident_days(), 2026, 3, 1);
  EXPECT_FALSE(Refresh(referral, Facts()).criteria().eligible());
  SetDay(*referral.mutable_criteria()->add_incident_days(), 2026, 11, 21);
  EXPECT_TRUE(Refresh(referral, Facts()).criteria().eligible());
  SetDay(*referral.mutable_criteria()->mutable_incident_days(0), 2025, 11, 20);
  EXPECT_FALSE(Refresh(referral, Facts()).criteria().eligible());
}

TEST(CriteriaTest, R01TheScoreIsTheNewestAssessments) {
  std::vector<v1::Assessment> assessments = {Assessment(15, 2025), Assessment(9, 2026)};
  EXPECT_EQ(Refresh(WithoutGrounds(), Facts(assessments)).criteria().score(), 9);
  std::swap(assessments[0], assessments[1]);
  EXPECT_EQ(Refresh(WithoutGrounds(), Facts(assessments)).criteria().score(), 9);
}

// D-04: kept, and not scored.
TEST(CriteriaTest, D04WhatWasEnteredInErrorIsNoGroundAndIsNamed) {
  std::vector<v1::Assessment> assessments = {Assessment(9, 2025), Assessment(15, 2026)};
  assessments[1].set_name("areas/mk/assessments/of-somebody-else");
  assessments[1].set_state(v1::ASSESSMENT_STATE_ENTERED_IN_ERROR);
  v1::Referral sent = WithoutGrounds();
  sent.set_name("areas/mk/referrals/that-it-went-with");
  assessments[1].set_referral(sent.name());
  assessments[1].mutable_communication()->mutable_preferred_language()->set_value("BSL");
  *assessments[1].mutable_communication()->mutable_record_time() = ToTimestamp(kNow);
  const v1::Referral referral = Refresh(sent, Facts(assessments));
  EXPECT_EQ(referral.criteria().score(), 9) << "the newest that holds";
  EXPECT_FALSE(referral.criteria().eligible());
  EXPECT_FALSE(referral.has_communication()) << "that is what somebody else needs";
  EXPECT_THAT(referral.assessments_in_error(), ElementsAre(assessments[1].name()));
  assessments.erase(assessments.begin());
  const v1::Referral alone = Refresh(referral, Facts(assessments));
  EXPECT_FALSE(alone.criteria().has_score());
  EXPECT_THAT(Refresh(alone, Facts()).assessments_in_error(), IsEmpty()) << "it was taken out";
  // What went with nothing yet goes with nothing.
  v1::Referral draft = WithoutGrounds();
  draft.add_assessments("areas/mk/assessments/hers");
  draft.add_assessments(assessments[0].name());
  assessments[0].clear_referral();
  const v1::Referral without = Refresh(draft, Facts(assessments));
  EXPECT_THAT(without.assessments(), ElementsAre("areas/mk/assessments/hers"));
  EXPECT_THAT(without.assessments_in_error(), IsEmpty());
}

TEST(CriteriaTest, R01WithoutAnAssessmentThereIsNoScoreAndWhatWasSentDoesNotCount) {
  v1::Referral referral = WithoutGrounds();
  referral.mutable_criteria()->set_score(24);
  referral.mutable_criteria()->set_has_score(true);
  referral.mutable_criteria()->set_visible_high(true);
  referral.mutable_criteria()->set_eligible(true);
  const v1::Criteria criteria = Refresh(referral, Facts()).criteria();
  EXPECT_FALSE(criteria.has_score());
  EXPECT_EQ(criteria.score(), 0);
  EXPECT_FALSE(criteria.visible_high());
  EXPECT_FALSE(criteria.eligible());
}

TEST(CriteriaTest, R01GroundsThatTheAssessmentFoundCount) {
  std::vector<v1::Assessment> assessments = {Assessment(5)};
  assessments[0].mutable_result()->add_criteria("PROF_JUDGEMENT");
  EXPECT_TRUE(Refresh(WithoutGrounds(), Facts(assessments)).criteria().eligible());
}

TEST(CriteriaTest, R02TheSixteenthBirthdayCounts) {
  v1::Referral referral = Draft();
  SetDay(*referral.mutable_victim()->mutable_birth_date()->mutable_day(), 2010, 11, 21);
  EXPECT_FALSE(Refresh(referral, Facts()).criteria().under_age());
  SetDay(*referral.mutable_victim()->mutable_birth_date()->mutable_day(), 2010, 11, 22);
  EXPECT_TRUE(Refresh(referral, Facts()).criteria().under_age());
}

TEST(CriteriaTest, R02TheAgeIsThatOfTheDayOfReceipt) {
  v1::Referral referral = Draft();
  SetDay(*referral.mutable_victim()->mutable_birth_date()->mutable_day(), 2010, 11, 21);
  *referral.mutable_receive_time() = ToTimestamp(London(11, 20, 23, 59));
  EXPECT_TRUE(Refresh(referral, Facts()).criteria().under_age());
}

TEST(CriteriaTest, R02AnAgeThatIsNotKnownIsNotTooYoung) {
  v1::Referral referral = Draft();
  referral.mutable_victim()->mutable_birth_date()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  EXPECT_FALSE(Refresh(referral, Facts()).criteria().under_age());
  referral.mutable_victim()->mutable_birth_date()->set_about_year(2015);
  EXPECT_FALSE(Refresh(referral, Facts()).criteria().under_age());
  referral.mutable_victim()->clear_birth_date();
  EXPECT_FALSE(Refresh(referral, Facts()).criteria().under_age());
}

TEST(SubmitTest, ACompleteReferralIsReceivedWhenItIsSent) {
  ASSERT_OK_AND_ASSIGN(v1::Referral sent, Submit(Draft(), Facts(), {}));
  EXPECT_EQ(sent.state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_EQ(FromTimestamp(sent.submit_time()), kNow);
  EXPECT_EQ(FromTimestamp(sent.receive_time()), kNow);
  EXPECT_THAT(sent.missing_fields(), IsEmpty());
}

TEST(SubmitTest, R14AnUntouchedFieldBlocksAnOrdinarySubmissionAndIsNamed) {
  v1::Referral draft = Draft();
  draft.mutable_victim()->clear_gender();
  draft.mutable_reason()->clear_narrative();
  const absl::Status refused = Submit(draft, Facts(), {}).status();
  EXPECT_THAT(refused, Refuses(absl::StatusCode::kFailedPrecondition, "referral.victim.gender"));
  const v1::ErrorDetail detail = DetailOf(refused);
  EXPECT_EQ(detail.reason(), "NOT_COMPLETE");
  ASSERT_EQ(detail.field_violations_size(), 2);
  EXPECT_EQ(detail.field_violations(1).field(), "referral.reason.narrative");
}

TEST(SubmitTest, R14AnUrgentReferralIsSentAndTheRestIsListed) {
  v1::Referral sent;
  sent.set_name("areas/mk/referrals/r1");
  sent.set_urgent(true);
  sent.mutable_victim()->mutable_name()->set_value("Maria");
  sent.mutable_reason()->set_why_now("he is on his way");
  sent.mutable_victim_voice()->set_consent(v1::YES_NO_NOT_ASKED);
  sent.mutable_victim_voice()->set_consent_not_asked_reason("he was listening");
  v1::SafeContact contact;
  contact.set_do_not_contact(true);
  ReferralFacts facts = Facts();
  facts.safe_contact = &contact;
  ASSERT_OK_AND_ASSIGN(v1::Referral referral, Submit(Draft(sent), facts, {}));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_THAT(referral.missing_fields(), Contains("referral.perpetrators"));
  EXPECT_THAT(referral.missing_fields(), Contains("referral.reason.narrative"));
  EXPECT_THAT(referral.missing_fields(), Not(Contains("safe_contact.phone")));
  sent.mutable_reason()->clear_why_now();
  EXPECT_THAT(Submit(Draft(sent), facts, {}).status(),
              Refuses(absl::StatusCode::kFailedPrecondition, "referral.reason.why_now"));
}

TEST(SubmitTest, R01AndR02NeitherALowScoreNorAYoungVictimBlocksASubmission) {
  std::vector<v1::Assessment> assessments = {Assessment(2)};
  v1::Referral draft = WithoutGrounds();
  SetDay(*draft.mutable_victim()->mutable_birth_date()->mutable_day(), 2012, 1, 1);
  ASSERT_OK_AND_ASSIGN(v1::Referral sent, Submit(draft, Facts(assessments), {}));
  EXPECT_FALSE(sent.criteria().eligible());
  EXPECT_TRUE(sent.criteria().under_age());
}

TEST(SubmitTest, OnlyADraftOrAReturnedReferralIsSent) {
  for (int state = v1::ReferralState_MIN; state <= v1::ReferralState_MAX; ++state) {
    v1::Referral draft = Draft();
    draft.set_state(static_cast<v1::ReferralState>(state));
    const bool open = state == v1::REFERRAL_STATE_DRAFT || state == v1::REFERRAL_STATE_RETURNED;
    EXPECT_EQ(Submit(draft, Facts(), {}).status().code(),
              open ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition)
        << state;
  }
}

TEST(SubmitTest, R06AReturnDoesNotMoveTheReceipt) {
  ASSERT_OK_AND_ASSIGN(v1::Referral sent, Submit(Draft(), Facts(), {}));
  sent.set_state(v1::REFERRAL_STATE_RETURNED);
  const absl::Time later = kNow + absl::Hours(48);
  ASSERT_OK_AND_ASSIGN(v1::Referral again, Submit(sent, Facts({}, later), {}));
  EXPECT_EQ(FromTimestamp(again.submit_time()), later);
  EXPECT_EQ(FromTimestamp(again.receive_time()), kNow);
}

v1::Meeting Meeting(const std::string& id, absl::Time cut_off, absl::Time start,
                    v1::MeetingState state = v1::MEETING_STATE_SCHEDULED) {
  v1::Meeting meeting;
  meeting.set_name("areas/mk/meetings/" + id);
  meeting.set_state(state);
  *meeting.mutable_start_time() = ToTimestamp(start);
  *meeting.mutable_deadlines()->mutable_cut_off_time() = ToTimestamp(cut_off);
  return meeting;
}

TEST(SubmitTest, R06ExactlyAtTheCutOffIsInTimeAndAMomentLaterIsNot) {
  const std::vector<v1::Meeting> meetings = {Meeting("later", London(12, 4, 12), London(12, 16, 9)),
                                             Meeting("next", kNow, London(12, 2, 9))};
  EXPECT_EQ(Submit(Draft(), Facts(), meetings)->meeting(), "areas/mk/meetings/next");
  EXPECT_EQ(Submit(Draft(), Facts({}, kNow + absl::Microseconds(1)), meetings)->meeting(),
            "areas/mk/meetings/later");
  EXPECT_EQ(Submit(Draft(), Facts({}, London(12, 5, 9)), meetings)->meeting(), "");
}

TEST(SubmitTest, R06AnEntryOnBehalfCountsFromWhenTheLetterCame) {
  // The letter came before the cut-off and was typed after it.
  const std::vector<v1::Meeting> meetings = {Meeting("next", London(11, 20, 12), London(12, 2, 9))};
  const v1::Referral draft = Draft(SentOnBehalf(London(11, 20, 11, 59)), kCoordinator);
  ASSERT_OK_AND_ASSIGN(v1::Referral sent, Submit(draft, Facts(), meetings));
  EXPECT_EQ(FromTimestamp(sent.receive_time()), London(11, 20, 11, 59));
  EXPECT_EQ(sent.meeting(), "areas/mk/meetings/next");
}

TEST(SubmitTest, R06AMeetingThatWasHeldOrCancelledIsNotTheNextOne) {
  for (v1::MeetingState state :
       {v1::MEETING_STATE_IN_PROGRESS, v1::MEETING_STATE_CLOSED, v1::MEETING_STATE_CANCELLED}) {
    const std::vector<v1::Meeting> meetings = {Meeting("x", London(11, 30, 12), London(12, 2, 9), state)};
    EXPECT_EQ(Submit(Draft(), Facts(), meetings)->meeting(), "") << state;
  }
  const std::vector<v1::Meeting> circulated = {
      Meeting("x", London(11, 30, 12), London(12, 2, 9), v1::MEETING_STATE_CIRCULATED)};
  EXPECT_EQ(Submit(Draft(), Facts(), circulated)->meeting(), "areas/mk/meetings/x");
}

TEST(WithdrawTest, AnAuthorTakesBackWhatTriageHasNotDecidedWithAReason) {
  for (int state = v1::ReferralState_MIN; state <= v1::ReferralState_MAX; ++state) {
    v1::Referral referral = Draft();
    referral.set_state(static_cast<v1::ReferralState>(state));
    const bool open = state == v1::REFERRAL_STATE_DRAFT || state == v1::REFERRAL_STATE_RETURNED ||
                      state == v1::REFERRAL_STATE_SUBMITTED;
    EXPECT_EQ(Withdraw(referral, "she moved away", "accounts/idva", kNow).status().code(),
              open ? absl::StatusCode::kOk : absl::StatusCode::kFailedPrecondition)
        << state;
  }
  EXPECT_THAT(Withdraw(Draft(), " ", "accounts/idva", kNow).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "reasons"));
}

}  // namespace
}  // namespace marac::domain
