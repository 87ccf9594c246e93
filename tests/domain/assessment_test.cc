#include "domain/assessment.h"

#include <algorithm>
#include <functional>
#include <map>

#include "domain/errors.h"
#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::AccessibleFile;
using ::marac::testing::Answers;
using ::marac::testing::AnswerTo;
using ::marac::testing::CountOfYes;
using ::marac::testing::DefaultPolicyFile;
using ::marac::testing::IsOk;
using ::marac::testing::OnlyYes;
using ::marac::testing::Plain24File;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedForm;
using ::marac::testing::ShippedPolicyFile;
using ::marac::testing::With;
using ::testing::ElementsAre;

constexpr char kName[] = "areas/mk/assessments/a1";
constexpr char kAssessor[] = "accounts/idva";
constexpr char kAgency[] = "agencies/idva";
constexpr char kReferral[] = "areas/mk/referrals/r1";
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London());
const Act kByAssessor{kAssessor, kNow};
const Act kByAnother{"accounts/colleague", kNow};

v1::Day DayOf(int year, int month, int day) {
  return LocalDate::Create(year, month, day, "day").value().ToDay();
}

v1::Assessment Draft(const Form& form = ShippedForm()) {
  v1::StartAssessmentRequest request;
  return StartAssessment(form, request, kName, kAgency, kByAssessor).value();
}

v1::AppendAnswersRequest Append(const Answers& answers, int64_t expected_seq) {
  v1::AppendAnswersRequest request;
  *request.mutable_answers() = answers;
  request.set_expected_seq(expected_seq);
  return request;
}

// A draft with these answers.
v1::Assessment Answered24(const Answers& answers, const Form& form = ShippedForm()) {
  return AppendAnswers(Draft(form), form, Append(answers, 0), kByAssessor).value().assessment;
}

v1::CompleteAssessmentRequest WithText(const std::string& text = "What I saw and why it worries me.") {
  v1::CompleteAssessmentRequest request;
  request.mutable_judgement()->set_text(text);
  return request;
}

v1::Assessment Completed(const Answers& answers, const v1::CompleteAssessmentRequest& request = WithText(),
                         const Form& form = ShippedForm()) {
  return CompleteAssessment(Answered24(answers, form), form, request, kByAssessor).value();
}

v1::Assessment Linked(v1::Assessment assessment) { return WithReferral(std::move(assessment), kReferral); }

absl::StatusOr<v1::Assessment> SignIt(const v1::Assessment& assessment,
                                      const v1::SignAssessmentRequest& request = {},
                                      const std::optional<v1::Account>& supervisor = std::nullopt,
                                      const Act& act = kByAssessor) {
  return SignAssessment(assessment, ShippedForm(), request, supervisor, act);
}

v1::Assessment Signed(const Answers& answers) { return SignIt(Linked(Completed(answers))).value(); }

v1::Account Supervisor() {
  v1::Account account;
  account.set_name("accounts/manager");
  account.set_agency(kAgency);
  v1::RoleGrant* grant = account.add_roles();
  grant->set_area("areas/mk");
  grant->set_role(v1::ROLE_SUPERVISOR);
  return account;
}

v1::SignAssessmentRequest NoReferral(const std::string& supervisor = "") {
  v1::SignAssessmentRequest request;
  request.mutable_non_referral()->set_reason_code("ALREADY_LISTED");
  request.mutable_non_referral()->set_text("On the agenda of 18 June already.");
  request.mutable_non_referral()->set_supervisor(supervisor);
  return request;
}

// Signed as high without a referral: it waits for the manager.
v1::Assessment Waiting() {
  return SignIt(Completed(CountOfYes(14)), NoReferral("accounts/manager"), Supervisor()).value();
}

absl::StatusOr<v1::Assessment> Decide(const v1::Assessment& assessment, v1::SupervisorDecision decision,
                                      const std::string& reason = "") {
  v1::CountersignAssessmentRequest request;
  request.set_decision(decision);
  request.set_reason(reason);
  return CountersignAssessment(assessment, ShippedForm(), request, {"accounts/manager", kNow});
}

v1::AmendAssessmentRequest Amendment(const v1::Answer& answer, const std::string& reason = "Heard wrongly.") {
  v1::AmendAssessmentRequest request;
  *request.add_answers() = answer;
  request.set_reason(reason);
  return request;
}

// A form whose score is proven, so that EQ-03 asks for no text.
const Form& SupportedForm() {
  static const Catalogue catalogue = [] {
    const DataFile packs[] = {
        With(Plain24File(), "EQUIVALENCE_STATUS_UNTESTED", "EQUIVALENCE_STATUS_SUPPORTED")};
    const DataFile policies[] = {DefaultPolicyFile()};
    return Catalogue::Load(packs, policies, {}).value();
  }();
  static const Form form = catalogue.FormFor("plain24@1.0", "default@2026.1").value();
  return form;
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  const v1::ErrorDetail detail = DetailOf(status);
  std::vector<std::string> fields;
  for (const v1::FieldViolation& violation : detail.field_violations()) fields.push_back(violation.field());
  return fields;
}

// dash.md 4 vector: 14 YES, 10 NOT_ASKED -> 14, high, complete false, referral allowed, sign-off refused.
TEST(DashVectorAssessmentTest, AnUnfinishedHighFormMayBeReferredAndNotSigned) {
  v1::Assessment draft = Answered24(CountOfYes(14, v1::ANSWER_CODE_NOT_ASKED));
  EXPECT_EQ(draft.result().final_grade(), v1::GRADE_HIGH);
  EXPECT_FALSE(draft.result().complete());
  v1::Assessment linked = Linked(draft);
  EXPECT_EQ(linked.referral(), kReferral);
  EXPECT_THAT(CompleteAssessment(linked, ShippedForm(), WithText(), kByAssessor),
              Refuses(kFailed, "answers: 10 of 24 questions were not asked"));
  EXPECT_THAT(SignIt(linked), Refuses(kFailed, "complete it before it is signed"));
  v1::Assessment signed_once = Signed(CountOfYes(14));
  v1::Assessment amended = AmendAssessment(signed_once, ShippedForm(),
                                           Amendment(AnswerTo(1, v1::ANSWER_CODE_NOT_ASKED)), kByAssessor)
                               ->assessment;
  EXPECT_THAT(SignIt(amended), Refuses(kFailed, "answers: 1 of 24 questions were not asked"));
}

// dash.md 4 vector: only 15 -> unsigned until reason or referral.
TEST(DashVectorAssessmentTest, StranglingIsNotSignedUntilThereIsAReasonOrAReferral) {
  v1::Assessment completed = Completed(OnlyYes({15}));
  EXPECT_THAT(
      SignIt(completed),
      Refuses(kFailed, "non_referral: submit a referral, or say why there is none: Somebody tried to stop"));
  EXPECT_THAT(SignIt(completed, NoReferral()), IsOk())
      << "the grade is not high, so no supervisor is asked for";
  EXPECT_THAT(SignIt(Linked(completed)), IsOk());
}

// dash.md 4 vector: 14 YES, practitioner medium -> refused (no downgrade).
TEST(DashVectorAssessmentTest, JudgementMayNotLowerTheGrade) {
  v1::CompleteAssessmentRequest request = WithText();
  request.mutable_judgement()->set_grade(v1::GRADE_MEDIUM);
  EXPECT_THAT(CompleteAssessment(Answered24(CountOfYes(14)), ShippedForm(), request, kByAssessor),
              Refuses(kFailed, "judgement.grade: judgement may raise the grade"));
  request.mutable_judgement()->set_grade(v1::GRADE_HIGH);
  EXPECT_THAT(CompleteAssessment(Answered24(CountOfYes(14)), ShippedForm(), request, kByAssessor), IsOk());
}

// dash.md 4 vector: 5 YES, practitioner high, no text -> refused: reason needed.
TEST(DashVectorAssessmentTest, AGradeAboveTheBandNeedsItsReason) {
  v1::CompleteAssessmentRequest request;
  request.mutable_judgement()->set_grade(v1::GRADE_HIGH);
  v1::Assessment five = Answered24(CountOfYes(5), SupportedForm());
  EXPECT_THAT(
      CompleteAssessment(five, SupportedForm(), request, kByAssessor),
      Refuses(kFailed,
              "judgement.text: write the reasons for the grade in your own words: this grade is not"));
  request.mutable_judgement()->set_text("She whispered that he is in the car outside.");
  ASSERT_OK_AND_ASSIGN(v1::Assessment completed,
                       CompleteAssessment(five, SupportedForm(), request, kByAssessor));
  EXPECT_EQ(completed.result().final_grade(), v1::GRADE_HIGH);
  EXPECT_EQ(completed.result().band(), v1::GRADE_STANDARD);
}

// dash.md 4 vector: T 14 -> 12 after signing: old record unchanged; new uses 12 (D-05).
TEST(DashVectorAssessmentTest, AThresholdThatChangesLeavesOldRecordsAsTheyWere) {
  DataFile next = With(With(With(ShippedPolicyFile(), "version: \"2026.1\"", "version: \"2026.2\""),
                            "high_threshold: 14", "high_threshold: 12"),
                       "bands { to: 13 grade", "bands { to: 11 grade");
  const DataFile packs[] = {Plain24File(), AccessibleFile()};
  const DataFile policies[] = {ShippedPolicyFile(), next};
  ASSERT_OK_AND_ASSIGN(Catalogue catalogue, Catalogue::Load(packs, policies, {}));

  v1::Assessment old = SignIt(Linked(Completed(CountOfYes(12)))).value();
  ASSERT_OK_AND_ASSIGN(Form old_form, catalogue.FormOf(old));
  ASSERT_OK_AND_ASSIGN(
      Answered same,
      AmendAssessment(old, old_form, Amendment(AnswerTo(1, old.answers(0).code())), kByAssessor));
  EXPECT_EQ(same.assessment.result().SerializeAsString(), old.result().SerializeAsString());
  EXPECT_EQ(old.result().band(), v1::GRADE_MEDIUM);

  ASSERT_OK_AND_ASSIGN(Form new_form, catalogue.FormFor("plain24@1.0", "default@2026.2"));
  v1::Assessment fresh = Answered24(CountOfYes(12), new_form);
  EXPECT_EQ(fresh.result().band(), v1::GRADE_HIGH);
  EXPECT_EQ(fresh.policy(), "default@2026.2");
  EXPECT_THAT(fresh.result().criteria(), ElementsAre("VISIBLE_HIGH"));
}

// dash.md 4 vector: 15 YES amended to NO after sign-off -> version 2, v1 readable, reason kept, re-sign
// (D-03).
TEST(DashVectorAssessmentTest, AnAmendmentAfterSigningMakesTheNextEditionToBeSignedAgain) {
  v1::Assessment first = Signed(OnlyYes({15}));
  ASSERT_OK_AND_ASSIGN(
      Answered answered,
      AmendAssessment(first, ShippedForm(),
                      Amendment(AnswerTo(15, v1::ANSWER_CODE_NO), "She meant another time."), kByAssessor));
  const v1::Assessment& second = answered.assessment;
  EXPECT_EQ(second.edition(), 2);
  EXPECT_EQ(second.state(), v1::ASSESSMENT_STATE_AMENDED);
  EXPECT_EQ(second.amend_reason(), "She meant another time.");
  EXPECT_FALSE(second.has_signature());
  EXPECT_EQ(second.result().score(), 0);
  EXPECT_EQ(second.result().clusters_size(), 0);
  ASSERT_EQ(answered.events.size(), 1U);
  EXPECT_EQ(answered.events[0].amend_reason(), "She meant another time.");
  EXPECT_EQ(answered.events[0].seq(), 25);

  EXPECT_EQ(first.edition(), 1) << "the first edition is what it was";
  EXPECT_EQ(first.result().score(), 1);
  EXPECT_EQ(first.signature().digest(), DigestOf(first));

  ASSERT_OK_AND_ASSIGN(v1::Assessment again, SignIt(second));
  EXPECT_EQ(again.state(), v1::ASSESSMENT_STATE_SIGNED);
  EXPECT_EQ(again.signature().edition(), 2);
  EXPECT_NE(again.signature().digest(), first.signature().digest());
}

TEST(StartAssessmentTest, MakesADraftOnAPackAndPolicyForGood) {
  v1::StartAssessmentRequest request;
  request.mutable_victim()->mutable_name()->set_value("A");
  ASSERT_OK_AND_ASSIGN(v1::Assessment draft,
                       StartAssessment(ShippedForm(), request, kName, kAgency, kByAssessor));
  EXPECT_EQ(draft.name(), kName);
  EXPECT_EQ(draft.state(), v1::ASSESSMENT_STATE_DRAFT);
  EXPECT_EQ(draft.purpose(), v1::ASSESSMENT_PURPOSE_INITIAL);
  EXPECT_EQ(draft.instrument(), "plain24@1.0");
  EXPECT_EQ(draft.instrument_hash(), ShippedForm().pack->hash);
  EXPECT_EQ(draft.policy(), "default@2026.1");
  EXPECT_EQ(draft.policy_hash(), ShippedForm().policy->hash);
  EXPECT_EQ(draft.victim().name().value(), "A");
  EXPECT_EQ(draft.assessor(), kAssessor);
  EXPECT_EQ(draft.agency(), kAgency);
  EXPECT_EQ(draft.assessment_date().day(), 15);
  EXPECT_EQ(draft.edition(), 1);
  EXPECT_EQ(draft.last_seq(), 0);
  EXPECT_EQ(draft.result().not_asked(), 24);
}

TEST(StartAssessmentTest, RefusesAFutureDayAndAProtectedAddress) {
  v1::StartAssessmentRequest request;
  *request.mutable_assessment_date() = DayOf(2026, 6, 16);
  EXPECT_THAT(StartAssessment(ShippedForm(), request, kName, kAgency, kByAssessor),
              Refuses(kInvalid, "assessment_date:"));
  *request.mutable_assessment_date() = DayOf(2026, 2, 28);
  request.mutable_assessment_date()->set_day(31);
  EXPECT_THAT(StartAssessment(ShippedForm(), request, kName, kAgency, kByAssessor),
              Refuses(kInvalid, "assessment_date: give a day that exists"));
  request.clear_assessment_date();
  request.mutable_victim()->mutable_address()->set_protected_detail(true);
  EXPECT_THAT(StartAssessment(ShippedForm(), request, kName, kAgency, kByAssessor),
              Refuses(kInvalid, "victim.address:"));
}

// What the referral that is made of it would refuse is refused where it is typed.
TEST(StartAssessmentTest, RefusesPeopleWhomNoReferralWouldTake) {
  const auto start = [](const v1::StartAssessmentRequest& request) {
    return StartAssessment(ShippedForm(), request, kName, kAgency, kByAssessor);
  };
  v1::StartAssessmentRequest request;
  request.mutable_victim()->mutable_name()->set_value(std::string(200, 'x'));
  EXPECT_THAT(start(request), IsOk());
  request.mutable_victim()->mutable_name()->set_value(std::string(201, 'x'));
  EXPECT_THAT(start(request), Refuses(kInvalid, "victim.name: shorten this to at most 200"));
  request.clear_victim();
  v1::Party& perpetrator = *request.add_perpetrators();
  *perpetrator.mutable_birth_date()->mutable_day() = DayOf(2026, 6, 15);
  EXPECT_THAT(start(request), IsOk());
  *perpetrator.mutable_birth_date()->mutable_day() = DayOf(2026, 6, 16);
  EXPECT_THAT(start(request), Refuses(kInvalid, "perpetrators[0].birth_date: this day is still to come"));
}

TEST(StartAssessmentTest, DropsWhatChangesHowANameReads) {
  v1::StartAssessmentRequest request;
  request.mutable_victim()->mutable_name()->set_value("Mara\u202E Thorn\x1b");
  request.add_perpetrators()->mutable_name()->set_value("Ned\u200B Thorn");
  ASSERT_OK_AND_ASSIGN(const v1::Assessment draft,
                       StartAssessment(ShippedForm(), request, kName, kAgency, kByAssessor));
  EXPECT_EQ(draft.victim().name().value(), "Mara Thorn");
  EXPECT_EQ(draft.perpetrators(0).name().value(), "Ned Thorn");
}

TEST(AppendAnswersTest, ANoteHasAtMost4000Characters) {
  Answers answers = OnlyYes({1});
  answers.Mutable(0)->set_note(std::string(4'000, 'x'));
  EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor), IsOk());
  answers.Mutable(0)->set_note(std::string(4'001, 'x'));
  EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor),
              Refuses(kInvalid, "answers[0].note: shorten this to at most 4000"));
}

TEST(StartAssessmentTest, APolicyIsNotUsedBeforeItsFirstDay) {
  v1::StartAssessmentRequest request;
  Act early{kAssessor, absl::FromCivil(absl::CivilSecond(2023, 12, 31, 23, 59, 0), London())};
  EXPECT_THAT(StartAssessment(ShippedForm(), request, kName, kAgency, early), Refuses(kInvalid, "policy:"));
  early.now += absl::Minutes(1);
  EXPECT_THAT(StartAssessment(ShippedForm(), request, kName, kAgency, early), IsOk());
}

// D-02: events are numbered, dated and signed by the server; the last one of an item is its answer.
TEST(AppendAnswersTest, TheLastEventOfAnItemIsItsAnswer) {
  v1::Assessment draft = Answered24(OnlyYes({1}));
  Answers change;
  *change.Add() = AnswerTo(1, v1::ANSWER_CODE_NO);
  *change.Add() = AnswerTo(2, v1::ANSWER_CODE_DECLINED);
  *change.Add() = AnswerTo(2, v1::ANSWER_CODE_YES);
  change.Mutable(0)->set_seq(7);
  change.Mutable(0)->set_account("accounts/somebody");
  ASSERT_OK_AND_ASSIGN(Answered answered,
                       AppendAnswers(draft, ShippedForm(), Append(change, 24), kByAnother));
  EXPECT_EQ(answered.assessment.last_seq(), 27);
  EXPECT_EQ(answered.assessment.answers_size(), 24);
  EXPECT_EQ(answered.assessment.answers(0).code(), v1::ANSWER_CODE_NO);
  EXPECT_EQ(answered.assessment.answers(1).code(), v1::ANSWER_CODE_YES);
  EXPECT_EQ(answered.assessment.result().score(), 1);
  ASSERT_EQ(answered.events.size(), 3U);
  EXPECT_EQ(answered.events[0].seq(), 25);
  EXPECT_EQ(answered.events[2].seq(), 27);
  EXPECT_EQ(answered.events[0].account(), "accounts/colleague");
  EXPECT_EQ(answered.events[0].time().seconds(), absl::ToUnixSeconds(kNow));
  EXPECT_EQ(answered.events[0].source(), v1::SOURCE_ROLE_VICTIM);
}

// D-02: a sequence number used again with another answer.
TEST(AppendAnswersTest, AnswersGivenInBetweenAreNotOverwritten) {
  v1::Assessment draft = Answered24(OnlyYes({}));
  for (int64_t expected : {0, 23, 25}) {
    absl::Status status =
        AppendAnswers(draft, ShippedForm(), Append(OnlyYes({1}), expected), kByAssessor).status();
    EXPECT_THAT(status, Refuses(absl::StatusCode::kAborted, "expected_seq: the last answer is number 24"));
    EXPECT_EQ(DetailOf(status).current_seq(), 24);
    EXPECT_EQ(DetailOf(status).reason(), "SEQ_MISMATCH");
  }
}

TEST(AppendAnswersTest, NamesTheAnswerThatIsWrong) {
  struct Case {
    void (*spoil)(v1::Answer&);
    std::string field;
  };
  const Case cases[] = {
      {[](auto& a) { a.set_item("25"); },
       "answers[1].item: plain24@1.0 has no item with this code; its 24 items are INJ_NOW, "},
      {[](auto& a) { a.set_item("STRANGLED"); }, "answers[1].item:"},
      {[](auto& a) { a.clear_item(); }, "answers[1].item:"},
      {[](auto& a) { a.clear_code(); }, "answers[1].code: give an answer"},
      {[](auto& a) { a.set_code(static_cast<v1::AnswerCode>(99)); }, "answers[1].code: give an answer"},
      {[](auto& a) { a.set_code(v1::ANSWER_CODE_NOT_APPLICABLE); },
       "answers[1].code: this form does not take"},
      {[](auto& a) { a.add_details("NEIGHBOUR"); },
       "answers[1].details: HURT_ELSE: give any of CHILD, RELATIVE, EX_PARTNER, OTHER, each at most once"},
      {[](auto& a) {
         a.set_item("FEAR");
         a.add_details("CHILD");
       },
       "answers[1].details: FEAR has no details on this form"},
      {[](auto& a) {
         a.add_details("CHILD");
         a.add_details("CHILD");
       },
       "answers[1].details:"},
      {[](auto& a) {
         a.add_details("CHILD");
         a.set_code(v1::ANSWER_CODE_NO);
       },
       "answers[1].details: details belong"},
      {[](auto& a) { a.set_note(std::string(16'001, 'x')); }, "answers[1].note:"},
      {[](auto& a) { a.set_source(static_cast<v1::SourceRole>(99)); }, "answers[1].source:"},
  };
  for (const Case& c : cases) {
    Answers answers;
    *answers.Add() = AnswerTo(1, v1::ANSWER_CODE_YES);
    *answers.Add() = AnswerTo(18, v1::ANSWER_CODE_YES);
    c.spoil(*answers.Mutable(1));
    EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor),
                Refuses(kInvalid, c.field));
  }
}

// D-01: default victim; every other source says which.
TEST(AppendAnswersTest, ASourceOtherThanTheVictimSaysWhich) {
  Answers answers;
  *answers.Add() = AnswerTo(1, v1::ANSWER_CODE_YES);
  answers.Mutable(0)->clear_source();
  ASSERT_OK_AND_ASSIGN(Answered told, AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor));
  EXPECT_EQ(told.events[0].source(), v1::SOURCE_ROLE_VICTIM);
  for (v1::SourceRole source :
       {v1::SOURCE_ROLE_POLICE, v1::SOURCE_ROLE_OTHER_PROFESSIONAL, v1::SOURCE_ROLE_RECORD_SEARCH,
        v1::SOURCE_ROLE_THIRD_PARTY, v1::SOURCE_ROLE_PRACTITIONER_OBSERVATION}) {
    answers.Mutable(0)->set_source(source);
    answers.Mutable(0)->set_source_ref(" ");
    EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor),
                Refuses(kInvalid, "answers[0].source_ref:"));
    answers.Mutable(0)->set_source_ref("crime report 44");
    EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor), IsOk());
  }
}

TEST(AppendAnswersTest, TakesAtMostAHundredAnswersAtATime) {
  Answers answers;
  for (int i = 0; i < 100; ++i) *answers.Add() = AnswerTo(1, v1::ANSWER_CODE_NO);
  EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor), IsOk());
  *answers.Add() = AnswerTo(1, v1::ANSWER_CODE_NO);
  EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), Append(answers, 0), kByAssessor),
              Refuses(kInvalid, "answers:"));
}

TEST(AppendAnswersTest, MayChangeWhoItIsAboutAlone) {
  v1::AppendAnswersRequest request;
  EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), request, kByAssessor),
              Refuses(kInvalid, "answers: give at least"));
  request.mutable_victim()->mutable_name()->set_value("B");
  request.add_perpetrators()->mutable_name()->set_value("C");
  ASSERT_OK_AND_ASSIGN(Answered answered, AppendAnswers(Draft(), ShippedForm(), request, kByAssessor));
  EXPECT_EQ(answered.assessment.victim().name().value(), "B");
  EXPECT_EQ(answered.assessment.perpetrators(0).name().value(), "C");
  EXPECT_EQ(answered.assessment.last_seq(), 0);
  EXPECT_TRUE(answered.events.empty());
  request.mutable_perpetrators(0)->mutable_usual_home()->set_protected_detail(true);
  EXPECT_THAT(AppendAnswers(Draft(), ShippedForm(), request, kByAssessor),
              Refuses(kInvalid, "perpetrators[0].usual_home:"));
}

// D-04: every state against every verb.
TEST(StatesTest, GoOnlyWhereTheTableSays) {
  // Every one of them lacks nothing, so that only its state can be in the way.
  const v1::Assessment completed = Completed(OnlyYes({}));
  Answers again;
  *again.Add() = AnswerTo(20, v1::ANSWER_CODE_NO);
  const v1::Assessment draft =
      AppendAnswers(completed, ShippedForm(), Append(again, 24), kByAssessor)->assessment;
  const v1::Assessment signed_ = SignIt(completed).value();
  const v1::AmendAssessmentRequest change = Amendment(AnswerTo(20, v1::ANSWER_CODE_YES));
  const v1::Assessment amended = AmendAssessment(signed_, ShippedForm(), change, kByAssessor)->assessment;
  v1::CompleteAssessmentRequest stop;
  stop.set_stop_reason("She had to leave.");
  const v1::Assessment stopped = CompleteAssessment(draft, ShippedForm(), stop, kByAssessor).value();
  const v1::Assessment countersigned = Decide(Waiting(), v1::SUPERVISOR_DECISION_AGREED).value();

  auto state = [](const auto& result) {
    return result.ok() ? result->state() : v1::ASSESSMENT_STATE_UNSPECIFIED;
  };
  auto events_state = [](const auto& result) {
    return result.ok() ? result->assessment.state() : v1::ASSESSMENT_STATE_UNSPECIFIED;
  };
  struct Row {
    const v1::Assessment& from;
    v1::AssessmentState append, complete, stop, sign, amend;
  };
  constexpr auto kNo = v1::ASSESSMENT_STATE_UNSPECIFIED;
  constexpr auto kDraft = v1::ASSESSMENT_STATE_DRAFT;
  constexpr auto kCompleted = v1::ASSESSMENT_STATE_COMPLETED;
  constexpr auto kSigned = v1::ASSESSMENT_STATE_SIGNED;
  constexpr auto kAmended = v1::ASSESSMENT_STATE_AMENDED;
  const Row rows[] = {
      {draft, kDraft, kCompleted, v1::ASSESSMENT_STATE_STOPPED, kNo, kNo},
      {completed, kDraft, kCompleted, kNo, kSigned, kNo},
      {signed_, kNo, kNo, kNo, kNo, kAmended},
      {countersigned, kNo, kNo, kNo, kNo, kAmended},
      {amended, kNo, kNo, kNo, kSigned, kAmended},
      {stopped, kNo, kNo, kNo, kNo, kNo},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(v1::AssessmentState_Name(row.from.state()));
    Answers one;
    *one.Add() = AnswerTo(20, v1::ANSWER_CODE_NO);
    EXPECT_EQ(
        events_state(AppendAnswers(row.from, ShippedForm(), Append(one, row.from.last_seq()), kByAssessor)),
        row.append);
    EXPECT_EQ(state(CompleteAssessment(row.from, ShippedForm(), WithText(), kByAssessor)), row.complete);
    EXPECT_EQ(state(CompleteAssessment(row.from, ShippedForm(), stop, kByAssessor)), row.stop);
    EXPECT_EQ(state(SignIt(row.from)), row.sign);
    EXPECT_EQ(events_state(AmendAssessment(row.from, ShippedForm(), change, kByAssessor)), row.amend);
  }
}

absl::StatusOr<v1::Assessment> MarkInError(const v1::Assessment& assessment, const std::string& reason) {
  v1::MarkEnteredInErrorRequest request;
  request.set_reason(reason);
  return MarkEnteredInError(assessment, request, {}, {"accounts/supervisor", kNow});
}

// D-04: any -> entered_in_error, kept and not scored, and nothing leads out of it.
TEST(EnteredInErrorTest, D04AnyStateLeadsThereAndNothingLeadsOut) {
  const v1::Assessment completed = Completed(OnlyYes({}));
  const v1::Assessment signed_ = SignIt(completed).value();
  const v1::AmendAssessmentRequest change = Amendment(AnswerTo(20, v1::ANSWER_CODE_YES));
  v1::CompleteAssessmentRequest stop;
  stop.set_stop_reason("She had to leave.");
  const v1::Assessment states[] = {
      Draft(),
      completed,
      signed_,
      AmendAssessment(signed_, ShippedForm(), change, kByAssessor)->assessment,
      CompleteAssessment(Draft(), ShippedForm(), stop, kByAssessor).value(),
      Decide(Waiting(), v1::SUPERVISOR_DECISION_AGREED).value(),
  };
  for (const v1::Assessment& from : states) {
    SCOPED_TRACE(v1::AssessmentState_Name(from.state()));
    ASSERT_OK_AND_ASSIGN(const v1::Assessment marked, MarkInError(from, "It was of somebody else."));
    EXPECT_EQ(marked.state(), v1::ASSESSMENT_STATE_ENTERED_IN_ERROR);
    EXPECT_FALSE(marked.has_result());
    EXPECT_FALSE(marked.has_signature());
    EXPECT_FALSE(marked.review().has_due());
    EXPECT_EQ(marked.answers_size(), from.answers_size()) << "it is kept";
    EXPECT_EQ(marked.entered_in_error().reason(), "It was of somebody else.");
    EXPECT_EQ(marked.entered_in_error().account(), "accounts/supervisor");
    EXPECT_EQ(marked.edition(), from.edition() + (from.has_signature() ? 1 : 0))
        << "who read what was signed reads it again";

    EXPECT_THAT(MarkInError(marked, "Once more"), Refuses(kFailed, "said once"));
    EXPECT_THAT(
        AppendAnswers(marked, ShippedForm(), Append(OnlyYes({}), marked.last_seq()), kByAssessor).status(),
        Refuses(kFailed, "entered in error"));
    EXPECT_FALSE(CompleteAssessment(marked, ShippedForm(), WithText(), kByAssessor).ok());
    EXPECT_FALSE(CompleteAssessment(marked, ShippedForm(), stop, kByAssessor).ok());
    EXPECT_FALSE(SignIt(marked).ok());
    EXPECT_FALSE(AmendAssessment(marked, ShippedForm(), change, kByAssessor).ok());
    EXPECT_FALSE(Decide(marked, v1::SUPERVISOR_DECISION_AGREED).ok());
    EXPECT_FALSE(WithReferral(marked, "areas/mk/referrals/r1").has_result());
  }
}

// Whoever took it does not undo alone what a supervisor agreed to, or was asked.
TEST(EnteredInErrorTest, D04WhatConcernsASupervisorASupervisorMarks) {
  v1::MarkEnteredInErrorRequest request;
  request.set_reason("It was of somebody else.");
  for (const v1::Assessment& one : {Waiting(), Decide(Waiting(), v1::SUPERVISOR_DECISION_AGREED).value()}) {
    const absl::Status refused = MarkEnteredInError(one, request, {}, kByAssessor).status();
    EXPECT_THAT(refused, Refuses(kFailed, "a supervisor of your agency"));
    EXPECT_EQ(DetailOf(refused).reason(), "SUPERVISOR_SAYS_SO");
    EXPECT_OK(MarkEnteredInError(one, request, {}, {"accounts/supervisor", kNow}));
    // Nor by amending it first.
    const v1::Assessment amended =
        AmendAssessment(one, ShippedForm(), Amendment(AnswerTo(20, v1::ANSWER_CODE_YES)), kByAssessor)
            ->assessment;
    EXPECT_THAT(MarkEnteredInError(amended, request, std::vector{one}, kByAssessor),
                Refuses(kFailed, "a supervisor of your agency"));
  }
  const v1::Assessment plain = SignIt(Completed(OnlyYes({}))).value();
  EXPECT_OK(MarkEnteredInError(plain, request, std::vector{plain}, kByAssessor));
}

// What triage decided upon can be read again, signed or not.
TEST(EnteredInErrorTest, D04WhatWentWithAReferralKeepsItsEdition) {
  const v1::Assessment sent = WithReferral(Completed(OnlyYes({})), "areas/mk/referrals/r1");
  EXPECT_EQ(MarkInError(sent, "Not her")->edition(), 2);
  EXPECT_EQ(MarkInError(Completed(OnlyYes({})), "Not her")->edition(), 1);
}

TEST(EnteredInErrorTest, SaysWhatWasWrong) {
  EXPECT_THAT(MarkInError(Draft(), " no "), Refuses(kInvalid, "reason: say in 3 to 1000 characters"));
  EXPECT_THAT(MarkInError(Draft(), std::string(1001, 'x')), Refuses(kInvalid, "reason"));
  EXPECT_OK(MarkInError(Draft(), std::string(1000, 'x')));
  EXPECT_EQ(MarkInError(Draft(), "Not \u202Eher")->entered_in_error().reason(), "Not her");
}

TEST(CompleteAssessmentTest, OnlyItsAssessorReopensACompletedOneWithAnAnswer) {
  v1::Assessment completed = Completed(OnlyYes({}));
  Answers one;
  *one.Add() = AnswerTo(20, v1::ANSWER_CODE_YES);
  EXPECT_THAT(AppendAnswers(completed, ShippedForm(), Append(one, 24), kByAnother),
              Refuses(kFailed, "only the person who took this assessment"));
  ASSERT_OK_AND_ASSIGN(Answered reopened,
                       AppendAnswers(completed, ShippedForm(), Append(one, 24), kByAssessor));
  EXPECT_FALSE(reopened.assessment.has_complete_time());
}

// EQ-03: with a form that is not supported, the threshold stays and text is compulsory.
TEST(CompleteAssessmentTest, AnUntestedFormNeedsJudgementInWords) {
  EXPECT_THAT(CompleteAssessment(Answered24(OnlyYes({})), ShippedForm(), {}, kByAssessor),
              Refuses(kFailed, "judgement.text:"));
  EXPECT_THAT(CompleteAssessment(Answered24(OnlyYes({})), ShippedForm(), WithText(" \u00a0"), kByAssessor),
              Refuses(kFailed, "judgement.text:"));
  EXPECT_THAT(CompleteAssessment(Answered24(OnlyYes({})), ShippedForm(), WithText(), kByAssessor), IsOk());
  EXPECT_THAT(CompleteAssessment(Answered24(OnlyYes({}), SupportedForm()), SupportedForm(), {}, kByAssessor),
              IsOk());
}

// professional judgement may stand alone, with its reasons.
TEST(CompleteAssessmentTest, ATickedJudgementNeedsItsReasons) {
  v1::CompleteAssessmentRequest request;
  request.mutable_judgement()->set_professional_judgement(true);
  v1::Assessment draft = Answered24(OnlyYes({}), SupportedForm());
  EXPECT_THAT(CompleteAssessment(draft, SupportedForm(), request, kByAssessor),
              Refuses(kFailed, "professional judgement was ticked"));
  request.mutable_judgement()->set_text("She is more frightened than she says.");
  ASSERT_OK_AND_ASSIGN(v1::Assessment completed,
                       CompleteAssessment(draft, SupportedForm(), request, kByAssessor));
  EXPECT_THAT(completed.result().criteria(), ElementsAre("PROF_JUDGEMENT"));
}

TEST(CompleteAssessmentTest, NamesWhatIsWrongWithAJudgement) {
  struct Case {
    void (*spoil)(v1::Judgement&);
    std::string field;
  };
  const Case cases[] = {
      {[](auto& j) { j.set_grade(static_cast<v1::Grade>(9)); }, "judgement.grade:"},
      {[](auto& j) { j.set_text(std::string(16'001, 'x')); }, "judgement.text:"},
      {[](auto& j) { j.add_flags("HONOUR"); }, "judgement.flags[0]:"},
      {[](auto& j) {
         j.add_flags("HONOUR_CONCERN");
         j.add_flags("HONOUR_CONCERN");
       },
       "judgement.flags[1]:"},
      {[](auto& j) {
         *j.add_report_days() = DayOf(2026, 2, 1);
         j.mutable_report_days(0)->set_day(31);
       },
       "judgement.report_days[0]:"},
      {[](auto& j) { j.add_steps()->set_cluster("NONE"); }, "judgement.steps[0].cluster:"},
      {[](auto& j) { j.add_steps()->set_cluster("CHILD"); }, "judgement.steps[0].text:"},
      {[](auto& j) {
         for (int i = 0; i < 101; ++i) *j.add_report_days() = DayOf(2026, 2, 1);
       },
       "judgement.report_days:"},
  };
  for (const Case& c : cases) {
    v1::CompleteAssessmentRequest request = WithText();
    c.spoil(*request.mutable_judgement());
    EXPECT_THAT(CompleteAssessment(Answered24(OnlyYes({})), ShippedForm(), request, kByAssessor),
                Refuses(kInvalid, c.field));
  }
}

TEST(CompleteAssessmentTest, SaysAllThatIsMissingAtOnce) {
  v1::CompleteAssessmentRequest request;
  request.mutable_judgement()->set_grade(v1::GRADE_STANDARD);
  Answers answers = CountOfYes(14);
  answers.Mutable(0)->set_code(v1::ANSWER_CODE_NOT_ASKED);
  absl::Status status = CompleteAssessment(Answered24(answers), ShippedForm(), request, kByAssessor).status();
  EXPECT_THAT(FieldsOf(status), ElementsAre("judgement.grade", "answers", "judgement.text"));
}

// "If the band later rises, final follows": a grade given before is not held against the practitioner.
TEST(CompleteAssessmentTest, AGradeGivenBeforeTheBandRoseStandsAndTheFinalGradeFollows) {
  v1::CompleteAssessmentRequest medium = WithText();
  medium.mutable_judgement()->set_grade(v1::GRADE_MEDIUM);
  v1::Assessment completed = Completed(CountOfYes(12), medium);
  EXPECT_EQ(completed.result().final_grade(), v1::GRADE_MEDIUM);
  ASSERT_OK_AND_ASSIGN(Answered raised,
                       AppendAnswers(completed, ShippedForm(), Append(CountOfYes(14), 24), kByAssessor));
  EXPECT_EQ(raised.assessment.result().final_grade(), v1::GRADE_HIGH);
  ASSERT_OK_AND_ASSIGN(v1::Assessment again,
                       CompleteAssessment(raised.assessment, ShippedForm(), {}, kByAssessor));
  EXPECT_EQ(again.result().practitioner_grade(), v1::GRADE_MEDIUM);
  EXPECT_EQ(again.result().final_grade(), v1::GRADE_HIGH);
}

TEST(CompleteAssessmentTest, AFormGradedByJudgementNeedsAGrade) {
  InstalledPack pack{ShippedForm().pack->pack, ShippedForm().pack->hash};
  pack.pack.set_scoring_mode(v1::SCORING_MODE_JUDGEMENT);
  Form form{&pack, ShippedForm().policy};
  EXPECT_THAT(CompleteAssessment(Answered24(CountOfYes(20), form), form, WithText(), kByAssessor),
              Refuses(kFailed, "judgement.grade: this form is graded by judgement"));
}

// D-04: stopped with a reason; the answers are kept and scored, and may support a referral.
TEST(StopTest, KeepsAndScoresTheAnswersAndNeedsOnlyItsReason) {
  v1::Assessment draft = Answered24(CountOfYes(14, v1::ANSWER_CODE_NOT_ASKED));
  v1::CompleteAssessmentRequest request;
  request.set_stop_reason("He came home.");
  ASSERT_OK_AND_ASSIGN(v1::Assessment stopped,
                       CompleteAssessment(draft, ShippedForm(), request, kByAssessor));
  EXPECT_EQ(stopped.state(), v1::ASSESSMENT_STATE_STOPPED);
  EXPECT_EQ(stopped.stop_reason(), "He came home.");
  EXPECT_EQ(stopped.answers_size(), 24);
  EXPECT_EQ(stopped.result().final_grade(), v1::GRADE_HIGH);
  EXPECT_FALSE(stopped.has_complete_time());
  EXPECT_EQ(Linked(stopped).referral(), kReferral);
  request.set_stop_reason("  ");
  EXPECT_THAT(CompleteAssessment(draft, ShippedForm(), request, kByAssessor),
              Refuses(kFailed, "answers: 10 of 24"))
      << "a blank reason stops nothing";
}

TEST(StopTest, ATickStillNeedsItsReasons) {
  v1::CompleteAssessmentRequest request;
  request.set_stop_reason("He came home.");
  request.mutable_judgement()->set_professional_judgement(true);
  EXPECT_THAT(CompleteAssessment(Draft(), ShippedForm(), request, kByAssessor),
              Refuses(kFailed, "judgement.text:"));
}

// "final == high with no referral blocks sign-off until non_referral exists", with a supervisor.
TEST(SignAssessmentTest, AHighGradeNeedsAReferralOrAReasonThatASupervisorAgreesWith) {
  v1::Assessment high = Completed(CountOfYes(14));
  absl::Status bare = SignIt(high).status();
  EXPECT_THAT(bare, Refuses(kFailed, "non_referral: the grade is high"));
  EXPECT_THAT(SignIt(high, NoReferral()), Refuses(kFailed, "non_referral.supervisor:"));
  ASSERT_OK_AND_ASSIGN(v1::Assessment with_reason,
                       SignIt(high, NoReferral("accounts/manager"), Supervisor()));
  EXPECT_EQ(with_reason.non_referral().supervisor(), "accounts/manager");
  EXPECT_EQ(with_reason.non_referral().time().seconds(), absl::ToUnixSeconds(kNow));
  ASSERT_OK_AND_ASSIGN(v1::Assessment with_referral, SignIt(Linked(high)));
  EXPECT_EQ(with_referral.state(), v1::ASSESSMENT_STATE_SIGNED);
  EXPECT_EQ(with_referral.signature().account(), kAssessor);
  EXPECT_EQ(with_referral.signature().edition(), 1);
}

TEST(SignAssessmentTest, AGradeThatIsHighByJudgementAloneNeedsThemToo) {
  v1::CompleteAssessmentRequest request = WithText();
  request.mutable_judgement()->set_grade(v1::GRADE_HIGH);
  EXPECT_THAT(SignIt(Completed(OnlyYes({}), request)), Refuses(kFailed, "non_referral: the grade is high"));
}

TEST(SignAssessmentTest, TheSupervisorIsAnotherPersonOfTheSameAgencyWithThatRoleToday) {
  v1::Assessment high = Completed(CountOfYes(14));
  struct Case {
    void (*spoil)(v1::Account&);
    bool accepted;
  };
  const Case cases[] = {
      {[](auto&) {}, true},
      {[](auto& a) { a.set_agency("agencies/police"); }, false},
      {[](auto& a) { a.set_suspended(true); }, false},
      {[](auto& a) { a.clear_roles(); }, false},
      {[](auto& a) { a.mutable_roles(0)->set_role(v1::ROLE_COORDINATOR); }, false},
      {[](auto& a) { a.mutable_roles(0)->set_area("areas/m"); }, false},
      {[](auto& a) { *a.mutable_roles(0)->mutable_from() = DayOf(2026, 6, 15); }, true},
      {[](auto& a) { *a.mutable_roles(0)->mutable_from() = DayOf(2026, 6, 16); }, false},
      {[](auto& a) { *a.mutable_roles(0)->mutable_to() = DayOf(2026, 6, 15); }, true},
      {[](auto& a) { *a.mutable_roles(0)->mutable_to() = DayOf(2026, 6, 14); }, false},
  };
  for (const Case& c : cases) {
    v1::Account supervisor = Supervisor();
    c.spoil(supervisor);
    absl::StatusOr<v1::Assessment> result = SignIt(high, NoReferral("accounts/manager"), supervisor);
    EXPECT_EQ(result.ok(), c.accepted) << supervisor.ShortDebugString();
    if (!c.accepted) {
      EXPECT_THAT(result, Refuses(kInvalid, "non_referral.supervisor: name one supervisor"));
    }
  }
  v1::Account self = Supervisor();
  self.set_name(kAssessor);
  EXPECT_THAT(SignIt(high, NoReferral(kAssessor), self), Refuses(kInvalid, "non_referral.supervisor:"));
  EXPECT_THAT(SignIt(high, NoReferral("accounts/nobody")), Refuses(kInvalid, "non_referral.supervisor:"));
}

TEST(SignAssessmentTest, AReasonForNoReferralHasACodeAndWords) {
  v1::Assessment completed = Completed(OnlyYes({15}));
  v1::SignAssessmentRequest request = NoReferral();
  request.mutable_non_referral()->set_reason_code("already listed");
  EXPECT_THAT(SignIt(completed, request), Refuses(kInvalid, "non_referral.reason_code:"));
  request = NoReferral();
  request.mutable_non_referral()->set_text(" - ");
  EXPECT_THAT(SignIt(completed, request), Refuses(kInvalid, "non_referral.text:"));
}

// require_step: a referral is not the step, and the step can be recorded without starting again.
TEST(SignAssessmentTest, AClusterThatAsksForAStepWaitsForIt) {
  v1::Assessment completed = Linked(Completed(OnlyYes({5})));
  EXPECT_THAT(
      SignIt(completed),
      Refuses(kFailed,
              "judgement.steps[VICTIM_SUICIDE]: write down the step that was taken: The person may think"));
  v1::CompleteAssessmentRequest request = WithText();
  v1::StepTaken* step = request.mutable_judgement()->add_steps();
  step->set_cluster("VICTIM_SUICIDE");
  step->set_text("Her sister stays tonight; crisis team rings at 18:00.");
  ASSERT_OK_AND_ASSIGN(completed, CompleteAssessment(completed, ShippedForm(), request, kByAssessor));
  EXPECT_THAT(SignIt(completed), IsOk());
}

TEST(SignAssessmentTest, APromptOrASuggestionHoldsNobodyUp) {
  EXPECT_THAT(SignIt(Completed(OnlyYes({2, 3, 8, 9, 10, 11, 13, 22}))), IsOk());
}

TEST(SignAssessmentTest, OnlyTheAssessorSigns) {
  EXPECT_THAT(SignIt(Completed(OnlyYes({})), {}, std::nullopt, kByAnother),
              Refuses(kFailed, "only the person who"));
}

TEST(SignAssessmentTest, WhereAPolicyAllowsALowerGradeASupervisorCountersignsIt) {
  InstalledPolicy policy{ShippedForm().policy->policy, ShippedForm().policy->hash};
  policy.policy.set_allow_downgrade(true);
  Form form{ShippedForm().pack, &policy};
  v1::CompleteAssessmentRequest request = WithText();
  request.mutable_judgement()->set_grade(v1::GRADE_MEDIUM);
  v1::Assessment lowered = Completed(CountOfYes(14), request, form);
  EXPECT_EQ(lowered.result().final_grade(), v1::GRADE_MEDIUM);
  v1::SignAssessmentRequest sign;
  EXPECT_THAT(SignAssessment(lowered, form, sign, std::nullopt, kByAssessor),
              Refuses(kFailed, "countersigned_by:"));
  sign.set_countersigned_by("accounts/manager");
  EXPECT_THAT(SignAssessment(lowered, form, sign, std::nullopt, kByAssessor),
              Refuses(kInvalid, "countersigned_by:"));
  ASSERT_OK_AND_ASSIGN(v1::Assessment done, SignAssessment(lowered, form, sign, Supervisor(), kByAssessor));
  EXPECT_EQ(done.signature().countersigned_by(), "accounts/manager");
  request.mutable_judgement()->clear_text();
  EXPECT_THAT(CompleteAssessment(Answered24(CountOfYes(14), form), form, request, kByAssessor),
              Refuses(kFailed, "judgement.text:"));
}

// D-03: what is signed, and nothing that comes of it later.
TEST(DigestTest, CoversTheAnswersTheJudgementAndTheFormAndNotTheReferral) {
  const v1::Assessment signed_ = Signed(OnlyYes({15}));
  EXPECT_EQ(signed_.signature().digest().size(), 64U);
  const std::string digest = DigestOf(signed_);
  EXPECT_EQ(signed_.signature().digest(), digest);

  v1::Assessment linked = WithReferral(signed_, "areas/mk/referrals/r2");
  EXPECT_EQ(DigestOf(linked), digest);

  const std::function<void(v1::Assessment&)> changes[] = {
      [](auto& a) { a.set_name("areas/mk/assessments/a2"); },
      [](auto& a) { a.set_edition(2); },
      [](auto& a) { a.set_instrument_hash("0"); },
      [](auto& a) { a.set_policy_hash("0"); },
      [](auto& a) { a.mutable_assessment_date()->set_day(14); },
      [](auto& a) { a.mutable_answers(14)->set_code(v1::ANSWER_CODE_NO); },
      [](auto& a) { a.mutable_answers(3)->set_note("x"); },
      [](auto& a) { a.mutable_answers(3)->set_source_ref("x"); },
      [](auto& a) { a.mutable_judgement()->set_text("x"); },
  };
  for (const auto& change : changes) {
    v1::Assessment other = signed_;
    change(other);
    EXPECT_NE(DigestOf(other), digest);
  }
}

// D-03: items by code, whatever order they are kept in.
TEST(DigestTest, DoesNotDependOnTheOrderOfAnswers) {
  v1::Assessment assessment = Answered24(OnlyYes({1, 2}));
  v1::Assessment reversed = assessment;
  std::reverse(reversed.mutable_answers()->begin(), reversed.mutable_answers()->end());
  EXPECT_EQ(DigestOf(reversed), DigestOf(assessment));
}

// D-03: an amendment needs a reason and cancels the signature, and what a supervisor agreed to with it.
TEST(AmendAssessmentTest, NeedsAReasonAndAChange) {
  v1::Assessment signed_ = Signed(OnlyYes({15}));
  EXPECT_THAT(
      AmendAssessment(signed_, ShippedForm(), Amendment(AnswerTo(15, v1::ANSWER_CODE_NO), " "), kByAssessor),
      Refuses(kInvalid, "reason:"));
  v1::AmendAssessmentRequest nothing;
  nothing.set_reason("Because.");
  EXPECT_THAT(AmendAssessment(signed_, ShippedForm(), nothing, kByAssessor), Refuses(kInvalid, "answers:"));
}

TEST(AmendAssessmentTest, CancelsWhatASupervisorAgreedTo) {
  v1::Assessment signed_ =
      SignIt(Completed(CountOfYes(14)), NoReferral("accounts/manager"), Supervisor()).value();
  ASSERT_OK_AND_ASSIGN(
      Answered amended,
      AmendAssessment(signed_, ShippedForm(), Amendment(AnswerTo(15, v1::ANSWER_CODE_YES)), kByAssessor));
  EXPECT_FALSE(amended.assessment.has_non_referral());
  EXPECT_THAT(SignIt(amended.assessment), Refuses(kFailed, "non_referral"));
}

// D-04: signed -> countersigned. What waits is what named a supervisor, as long as there is no referral.
TEST(CountersignAssessmentTest, WaitsForWhoIsNamedAndNobodyElse) {
  EXPECT_EQ(AwaitedSupervisor(Waiting()), "accounts/manager");
  EXPECT_EQ(AwaitedSupervisor(Linked(Waiting())), "") << "there is a referral now";
  EXPECT_EQ(AwaitedSupervisor(WithReferral(Linked(Waiting()), "")), "accounts/manager") << "taken back";
  EXPECT_EQ(AwaitedSupervisor(Signed(CountOfYes(14))), "") << "nobody is named";
  EXPECT_EQ(AwaitedSupervisor(Completed(CountOfYes(14))), "");
  v1::Assessment lowered = Linked(Waiting());
  lowered.mutable_signature()->set_countersigned_by("accounts/other");
  EXPECT_EQ(AwaitedSupervisor(lowered), "accounts/other") << "a grade below the band waits, referral or not";
  const v1::Assessment amended =
      AmendAssessment(Waiting(), ShippedForm(), Amendment(AnswerTo(15, v1::ANSWER_CODE_YES)), kByAssessor)
          ->assessment;
  EXPECT_EQ(AwaitedSupervisor(amended), "");
}

TEST(CountersignAssessmentTest, AnAgreementKeepsWhoWhenAndToWhat) {
  const v1::Assessment before = Waiting();
  ASSERT_OK_AND_ASSIGN(const v1::Assessment after, Decide(before, v1::SUPERVISOR_DECISION_AGREED));
  EXPECT_EQ(after.state(), v1::ASSESSMENT_STATE_COUNTERSIGNED);
  EXPECT_EQ(after.countersignature().account(), "accounts/manager");
  EXPECT_EQ(after.countersignature().time().seconds(), absl::ToUnixSeconds(kNow));
  EXPECT_EQ(after.countersignature().edition(), 1);
  EXPECT_EQ(after.countersignature().digest(), before.signature().digest());
  EXPECT_EQ(after.signature().SerializeAsString(), before.signature().SerializeAsString());
  EXPECT_TRUE(after.has_non_referral());
  EXPECT_EQ(AwaitedSupervisor(after), "");
  EXPECT_THAT(Decide(after, v1::SUPERVISOR_DECISION_AGREED), Refuses(kFailed, "waits for no supervisor"));
}

TEST(CountersignAssessmentTest, NobodyAgreesToTheirOwn) {
  v1::CountersignAssessmentRequest request;
  request.set_decision(v1::SUPERVISOR_DECISION_AGREED);
  EXPECT_THAT(CountersignAssessment(Waiting(), ShippedForm(), request, kByAssessor),
              Refuses(kFailed, "nobody agrees to their own"));
  // Another supervisor of the agency may, when the one who is named is away.
  EXPECT_OK(CountersignAssessment(Waiting(), ShippedForm(), request, kByAnother));
}

TEST(CountersignAssessmentTest, WantsADecisionAndAReasonToSendItBack) {
  EXPECT_THAT(Decide(Waiting(), v1::SUPERVISOR_DECISION_UNSPECIFIED), Refuses(kInvalid, "decision:"));
  EXPECT_THAT(Decide(Waiting(), static_cast<v1::SupervisorDecision>(9)), Refuses(kInvalid, "decision:"));
  EXPECT_THAT(Decide(Waiting(), v1::SUPERVISOR_DECISION_SENT_BACK, " -\n"), Refuses(kInvalid, "reason:"));
  EXPECT_THAT(Decide(Waiting(), v1::SUPERVISOR_DECISION_SENT_BACK, "No."), IsOk());
  EXPECT_THAT(Decide(Waiting(), v1::SUPERVISOR_DECISION_AGREED, std::string(16'001, 'x')),
              Refuses(kInvalid, "reason:"));
}

// D-03: what the supervisor did not agree to stays to be read, and nothing of it holds for the next edition.
TEST(CountersignAssessmentTest, SentBackItIsTheNextEditionToBeSignedAgain) {
  ASSERT_OK_AND_ASSIGN(v1::Assessment back,
                       Decide(Waiting(), v1::SUPERVISOR_DECISION_SENT_BACK, "Refer her today."));
  EXPECT_EQ(back.state(), v1::ASSESSMENT_STATE_AMENDED);
  EXPECT_EQ(back.edition(), 2);
  EXPECT_EQ(back.amend_reason(), "Refer her today.");
  EXPECT_FALSE(back.has_signature());
  EXPECT_FALSE(back.has_non_referral());
  const v1::Assessment strangled =
      SignIt(Completed(OnlyYes({15})), NoReferral("accounts/manager"), Supervisor()).value();
  ASSERT_TRUE(strangled.result().clusters(0).satisfied());
  EXPECT_FALSE(Decide(strangled, v1::SUPERVISOR_DECISION_SENT_BACK, "Refer her today.")
                   ->result()
                   .clusters(0)
                   .satisfied())
      << "the reason is gone, and what it satisfied is asked for again";
  EXPECT_EQ(back.countersignature().edition(), 1);
  EXPECT_EQ(back.countersignature().reason(), "Refer her today.");
  EXPECT_THAT(SignIt(back), Refuses(kFailed, "non_referral: the grade is high"));
  // Why it came back holds while it is changed, and is gone when it is signed again.
  v1::Assessment changed =
      AmendAssessment(back, ShippedForm(), Amendment(AnswerTo(15, v1::ANSWER_CODE_YES)), kByAssessor)
          ->assessment;
  EXPECT_EQ(changed.countersignature().reason(), "Refer her today.");
  EXPECT_FALSE(SignIt(Linked(changed)).value().has_countersignature());
  const v1::Assessment again = SignIt(changed, NoReferral("accounts/manager"), Supervisor()).value();
  EXPECT_EQ(AwaitedSupervisor(again), "accounts/manager") << "it waits anew";
}

TEST(CountersignAssessmentTest, AnAmendmentCancelsAnAgreement) {
  const v1::Assessment agreed = Decide(Waiting(), v1::SUPERVISOR_DECISION_AGREED).value();
  ASSERT_OK_AND_ASSIGN(
      const Answered amended,
      AmendAssessment(agreed, ShippedForm(), Amendment(AnswerTo(15, v1::ANSWER_CODE_YES)), kByAssessor));
  EXPECT_FALSE(amended.assessment.has_countersignature());
  EXPECT_EQ(amended.assessment.edition(), 2);
}

TEST(AmendAssessmentTest, ANewGradeBelowTheBandIsRefusedAndAnOldOneFollows) {
  v1::CompleteAssessmentRequest medium = WithText();
  medium.mutable_judgement()->set_grade(v1::GRADE_MEDIUM);
  v1::Assessment signed_ = SignIt(Linked(Completed(CountOfYes(12), medium))).value();
  v1::AmendAssessmentRequest request;
  *request.mutable_answers() = CountOfYes(14);
  request.set_reason("She told more.");
  ASSERT_OK_AND_ASSIGN(Answered amended, AmendAssessment(signed_, ShippedForm(), request, kByAssessor));
  EXPECT_EQ(amended.assessment.result().final_grade(), v1::GRADE_HIGH);
  *request.mutable_judgement() = medium.judgement();
  EXPECT_THAT(AmendAssessment(signed_, ShippedForm(), request, kByAssessor),
              Refuses(kFailed, "judgement.grade:"));
}

TEST(WithReferralTest, SatisfiesWhatAsksForAReferralAndNothingElse) {
  v1::Assessment completed = Completed(OnlyYes({5, 8, 15}));
  auto satisfied = [](const v1::Assessment& assessment) {
    std::map<std::string, bool> by_id;
    for (const v1::FiredCluster& cluster : assessment.result().clusters())
      by_id[cluster.id()] = cluster.satisfied();
    return by_id;
  };
  const std::map<std::string, bool> without = {
      {"STRANGULATION", false}, {"STALKING", false}, {"VICTIM_SUICIDE", false}};
  EXPECT_EQ(satisfied(completed), without);
  EXPECT_EQ(
      satisfied(WithReferral(completed, kReferral)),
      (std::map<std::string, bool>{{"STRANGULATION", true}, {"STALKING", true}, {"VICTIM_SUICIDE", false}}));
  EXPECT_EQ(satisfied(WithReferral(WithReferral(completed, kReferral), "")), without) << "taken back";
}

TEST(PreviewScoreTest, ScoresAndStoresNothingAndChecksAsAppendDoes) {
  v1::PreviewScoreRequest request;
  *request.mutable_answers() = CountOfYes(14);
  ASSERT_OK_AND_ASSIGN(v1::AssessmentResult result, PreviewScore(ShippedForm(), request, kByAssessor));
  EXPECT_EQ(result.score(), 14);
  request.mutable_answers(3)->set_item("25");
  EXPECT_THAT(PreviewScore(ShippedForm(), request, kByAssessor), Refuses(kInvalid, "answers[3].item:"));
  request.clear_answers();
  request.mutable_judgement()->add_flags("NONE");
  EXPECT_THAT(PreviewScore(ShippedForm(), request, kByAssessor), Refuses(kInvalid, "judgement.flags[0]:"));
}

}  // namespace
}  // namespace marac::domain
