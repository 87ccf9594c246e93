// The device in the hands of the person whom an assessment is about, through TLS against a real server: what
// it may and is told, and everything that ends it. That it may nothing else, of all there is, is shown by
// tests/access/standing_test.cc.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "domain/errors.h"
#include "domain/redact.h"
#include "rpc/setup.h"
#include "tests/support/assessments.h"
#include "tests/support/complete_service.h"
#include "tests/support/moved_clock.h"
#include "tests/support/server_fixture.h"
#include "tests/support/sittings.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Assessments = v1::AssessmentService::Stub;
using Sessions = v1::SessionService::Stub;
using Directory = v1::DirectoryService::Stub;

constexpr char kNote[] = "What the practitioner saw";
constexpr char kVictim[] = "Maria Invented";
constexpr char kAbuser[] = "Robert Invented";

v1::UnlockRequest UnlockBy(const std::string& password) {
  v1::UnlockRequest request;
  request.set_password(password);
  return request;
}

std::string ReasonOf(const absl::Status& status) { return domain::DetailOf(status).reason(); }

// A session of their own, an assessment with an answer that the practitioner took down, a sitting, and the
// device.
class HandoverTest : public ::testing::Test {
 protected:
  explicit HandoverTest(const SecurityClock* clock = nullptr)
      : own_server_(clock == nullptr ? nullptr : std::make_unique<ServerFixture>(clock)),
        server_(clock == nullptr ? ServerFixture::Shared() : *own_server_) {
    // Somebody of their own, whose sessions are ended here.
    static int people = 0;
    login_ = fmt::format("hands{}.police", ++people);
    server_.AddAccount(login_, "police", {v1::ROLE_REFERRER});
    parent_ = server_.SignIn(login_);
    desk_ = server_.SignIn(login_);
  }

  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(StartOne());
    ASSERT_NO_FATAL_FAILURE(HandOver());
  }

  void StartOne() {
    v1::StartAssessmentRequest start;
    start.set_parent(ServerFixture::kArea);
    start.mutable_victim()->mutable_name()->set_value(kVictim);
    start.add_perpetrators()->mutable_name()->set_value(kAbuser);
    ASSERT_OK_AND_ASSIGN(assessment_, parent_.Call(&Assessments::StartAssessment, start));
    v1::AppendAnswersRequest append = AnswerWith(1, v1::ANSWER_CODE_YES);
    append.mutable_answers(0)->set_note(kNote);
    ASSERT_OK_AND_ASSIGN(assessment_, parent_.Call(&Assessments::AppendAnswers, append));
    v1::RecordCommunicationProfileRequest profile;
    profile.set_name(assessment_.name());
    profile.set_etag(assessment_.etag());
    profile.mutable_profile()->mutable_trauma_triggers()->set_value("Uniforms");
    profile.mutable_profile()->mutable_display()->set_theme(v1::DISPLAY_THEME_CREAM);
    v1::PersonWord& word = *profile.mutable_profile()->add_person_words();
    word.set_perpetrator(1);
    word.set_word("Big Rob");
    ASSERT_OK_AND_ASSIGN(assessment_, parent_.Call(&Assessments::RecordCommunicationProfile, profile));
    ASSERT_OK_AND_ASSIGN(assessment_, parent_.Call(&Assessments::BeginSitting, Begin(assessment_.name())));
  }

  absl::StatusOr<v1::StartHandoverResponse> StartBy(const Client& client, const std::string& name) {
    v1::StartHandoverRequest request;
    request.set_assessment(name);
    return client.Call(&Sessions::StartHandover, request);
  }

  void HandOver() {
    ASSERT_OK_AND_ASSIGN(const v1::StartHandoverResponse started, StartBy(parent_, assessment_.name()));
    device_ = Client(parent_.channel(), started.token(), parent_.account());
  }

  v1::AppendAnswersRequest AnswerWith(int number, v1::AnswerCode code) const {
    v1::AppendAnswersRequest request;
    request.set_name(assessment_.name());
    request.set_expected_seq(assessment_.last_seq());
    *request.add_answers() = AnswerTo(number, code);
    return request;
  }

  absl::StatusOr<v1::Handover> Handover() const {
    return device_.Call(&Assessments::GetHandover, v1::GetHandoverRequest());
  }
  bool IsDead() const {
    const absl::Status read = Handover().status();
    const absl::Status appended =
        device_.Call(&Assessments::AppendAnswers, AnswerWith(3, v1::ANSWER_CODE_YES)).status();
    EXPECT_EQ(read, appended);
    return ReasonOf(read) == "SESSION_ENDED";
  }
  absl::Status ParentSays() const {
    return parent_.Call(&Sessions::GetCaller, v1::GetCallerRequest()).status();
  }
  v1::Assessment Read() {
    v1::GetAssessmentRequest get;
    get.set_name(assessment_.name());
    return desk_.Call(&Assessments::GetAssessment, get).value_or(v1::Assessment());
  }
  v1::AuditRecord NewestEvent(const std::string& method) {
    v1::ListEventsRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_page_size(100);
    const auto events = server_.As("auditor.council").Call(&v1::AuditService::Stub::ListEvents, request);
    for (const v1::AuditRecord& event : events->events()) {
      if (event.method() == "marac.v1." + method) return event;
    }
    return {};
  }

  std::unique_ptr<ServerFixture> own_server_;
  ServerFixture& server_;
  std::string login_;
  Client parent_;
  Client desk_;  // another session of the same person
  Client device_;
  v1::Assessment assessment_;
};

TEST_F(HandoverTest, TheDeviceReadsTheWordingAndWhereThePersonIsAndAppendsAnswers) {
  v1::GetInstrumentRequest get;
  ASSERT_OK_AND_ASSIGN(const v1::InstrumentPack pack, device_.Call(&Assessments::GetInstrument, get));
  EXPECT_EQ(pack.id(), "plain24");
  get.set_instrument("plain24@1.0");
  EXPECT_OK(device_.Call(&Assessments::GetInstrument, get));
  get.set_instrument("plain24@9.9");
  EXPECT_THAT(device_.Call(&Assessments::GetInstrument, get),
              Refuses(StatusCode::kNotFound, "not open to you"));

  ASSERT_OK_AND_ASSIGN(v1::Handover handover, Handover());
  EXPECT_EQ(handover.assessment(), assessment_.name());
  EXPECT_EQ(handover.instrument(), "plain24@1.0");
  EXPECT_EQ(handover.position().item(), CodeOf(2));
  EXPECT_EQ(handover.display().theme(), v1::DISPLAY_THEME_CREAM);
  EXPECT_EQ(handover.mode(), v1::SITTING_MODE_PERSON_TAPS_WITH_SUPPORT);
  EXPECT_EQ(handover.people(0).word(), "Big Rob");
  EXPECT_TRUE(handover.has_expire_time());

  ASSERT_OK_AND_ASSIGN(const v1::Assessment appended,
                       device_.Call(&Assessments::AppendAnswers, AnswerWith(2, v1::ANSWER_CODE_YES)));
  EXPECT_EQ(appended.last_seq(), 2);
  ASSERT_OK_AND_ASSIGN(handover, Handover());
  EXPECT_EQ(handover.last_seq(), 2);
  EXPECT_EQ(handover.position().item(), CodeOf(3));
  EXPECT_EQ(handover.answers(1).code(), v1::ANSWER_CODE_YES);

  const v1::Assessment read = Read();
  EXPECT_EQ(read.result().score(), 2);
  EXPECT_EQ(read.answers(0).sitting(), "");
  EXPECT_EQ(read.answers(1).sitting(), "s1");
  EXPECT_EQ(read.answers(1).account(), parent_.account());
  EXPECT_EQ(read.sittings(0).profile().trauma_triggers().value(), "Uniforms");
}

TEST_F(HandoverTest, ACC29_TheDeviceIsToldWhomThePersonCanCallAndNotWhomTheGradeWouldTell) {
  const Client coordinator = server_.As("coordinator.council");
  const auto add = [&](const char* name, bool by_grade) {
    v1::CreateServiceRequest create;
    create.set_parent(ServerFixture::kArea);
    *create.mutable_service() = CompleteService(domain::DateOf(server_.Now()));
    v1::SupportService& service = *create.mutable_service();
    service.set_display_name(name);
    service.clear_eligibility();
    service.clear_purposes();
    service.add_purposes(v1::SERVICE_PURPOSE_AFTER_ASSESSMENT);
    if (by_grade) service.mutable_eligibility()->add_grades(v1::GRADE_HIGH);
    create.set_request_id(NewUuid());
    EXPECT_OK(coordinator.Call(&Directory::CreateService, create));
  };
  add("For everybody", /*by_grade=*/false);
  add("For a high grade", /*by_grade=*/true);
  ASSERT_OK_AND_ASSIGN(const v1::Handover handover, Handover());
  std::set<std::string> names;
  for (const v1::HandoverService& service : handover.services()) {
    names.insert(service.display_name());
    EXPECT_GE(service.numbers_size(), 1);
  }
  EXPECT_TRUE(names.contains("For everybody"));
  EXPECT_FALSE(names.contains("For a high grade"));
}

TEST_F(HandoverTest, TheAccessibleFormIsChosenAtTheStartAndReadOnTheDevice) {
  v1::GetInstrumentRequest get;
  get.set_area(ServerFixture::kArea);
  get.set_presentation(v1::PRESENTATION_EASY_READ);
  ASSERT_OK_AND_ASSIGN(const v1::InstrumentPack offered, desk_.Call(&Assessments::GetInstrument, get));
  EXPECT_EQ(offered.presentation(), v1::PRESENTATION_EASY_READ);
  v1::StartAssessmentRequest start;
  start.set_parent(ServerFixture::kArea);
  start.set_presentation(v1::PRESENTATION_EASY_READ);
  ASSERT_OK_AND_ASSIGN(assessment_, desk_.Call(&Assessments::StartAssessment, start));
  EXPECT_EQ(assessment_.instrument(), "plain24-er@0.1");
  EXPECT_EQ(assessment_.result().equivalence_status(), v1::EQUIVALENCE_STATUS_UNTESTED);
  ASSERT_OK(desk_.Call(&Assessments::BeginSitting, Begin(assessment_.name())));
  parent_ = desk_;
  ASSERT_NO_FATAL_FAILURE(HandOver());
  ASSERT_OK_AND_ASSIGN(const v1::Handover handover, Handover());
  EXPECT_EQ(handover.position().item(), "TEACH_BACK_SEES");
  EXPECT_EQ(handover.derived_from(), "plain24@1.0");
  EXPECT_FALSE(handover.announce());
  start.set_instrument("judgement27@0.1");
  EXPECT_THAT(server_.SignIn(login_).Call(&Assessments::StartAssessment, start),
              Refuses(StatusCode::kInvalidArgument, "instrument"));
}

// What is set anywhere in it, but of a class that the device is never told.
void ExpectOnly(const google::protobuf::Message& message, const std::set<v1::FieldClass>& classes) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const auto* field : fields) {
    const v1::FieldClass own = domain::ClassOf(*field);
    EXPECT_TRUE(own == v1::FIELD_CLASS_UNSPECIFIED || classes.contains(own)) << field->full_name();
    if (own != v1::FIELD_CLASS_UNSPECIFIED || field->message_type() == nullptr) continue;
    const auto& reflection = *message.GetReflection();
    for (int i = 0; field->is_repeated() && i < reflection.FieldSize(message, field); ++i) {
      ExpectOnly(reflection.GetRepeatedMessage(message, field, i), classes);
    }
    if (!field->is_repeated()) ExpectOnly(reflection.GetMessage(message, field), classes);
  }
}

// ACC-30, also when an answer is asked for again.
TEST_F(HandoverTest, TheDeviceIsNeverToldWhatTheAnswersComeToNorWhatThePractitionerWrote) {
  v1::AppendAnswersRequest append = AnswerWith(15, v1::ANSWER_CODE_YES);
  append.set_request_id(NewUuid());
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const v1::Assessment appended, device_.Call(&Assessments::AppendAnswers, append));
    EXPECT_EQ(appended.name(), assessment_.name());
    ExpectOnly(appended, {v1::FIELD_CLASS_ROUTINE});
    EXPECT_FALSE(appended.has_result());
    EXPECT_EQ(appended.answers_size(), 0);
    for (const char* word : {kNote, kVictim, kAbuser, "Big Rob", "Uniforms", "Quiet room", "At school"}) {
      EXPECT_THAT(appended.SerializeAsString(), Not(HasSubstr(word)));
    }
  }
  ASSERT_OK_AND_ASSIGN(const v1::Handover handover, Handover());
  for (const char* word : {kNote, kVictim, kAbuser, "Uniforms", "Quiet room", "At school"}) {
    EXPECT_THAT(handover.SerializeAsString(), Not(HasSubstr(word)));
  }
}

TEST_F(HandoverTest, TheDeviceIsForOneAssessmentAndSaysNothingOfOthers) {
  const std::string mine = assessment_.name();
  v1::StartAssessmentRequest start;
  start.set_parent(ServerFixture::kArea);
  ASSERT_OK_AND_ASSIGN(const v1::Assessment other, desk_.Call(&Assessments::StartAssessment, start));
  v1::AppendAnswersRequest append = AnswerWith(2, v1::ANSWER_CODE_YES);
  append.set_name(other.name());
  append.set_expected_seq(0);
  EXPECT_THAT(device_.Call(&Assessments::AppendAnswers, append),
              Refuses(StatusCode::kNotFound, other.name()));
  append = AnswerWith(2, v1::ANSWER_CODE_YES);
  append.mutable_victim()->mutable_name()->set_value("Somebody else");
  EXPECT_THAT(device_.Call(&Assessments::AppendAnswers, append),
              Refuses(StatusCode::kInvalidArgument, "victim: "));
  append = AnswerWith(2, v1::ANSWER_CODE_YES);
  append.mutable_answers(0)->set_source(v1::SOURCE_ROLE_THIRD_PARTY);
  append.mutable_answers(0)->set_source_ref("A neighbour");
  EXPECT_THAT(device_.Call(&Assessments::AppendAnswers, append),
              Refuses(StatusCode::kInvalidArgument, "answers[0].source: "));
  v1::GetAssessmentRequest get;
  get.set_name(mine);
  EXPECT_EQ(device_.Call(&Assessments::GetAssessment, get).status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(Read().last_seq(), 1);
}

TEST_F(HandoverTest, NobodyElseReadsWhereThePersonIs) {
  EXPECT_THAT(desk_.Call(&Assessments::GetHandover, v1::GetHandoverRequest()),
              Refuses(StatusCode::kPermissionDenied, "for a device that is handed over"));
  EXPECT_THAT(desk_.Call(&Sessions::EndHandover, v1::EndHandoverRequest()),
              Refuses(StatusCode::kPermissionDenied, "for a device that is handed over"));
}

TEST_F(HandoverTest, TheSessionItCameFromIsLockedForEverythingButUnlocking) {
  v1::SaveFormDraftRequest draft;
  draft.set_form("form");
  for (const absl::Status& refused : {ParentSays(), parent_.Call(&Sessions::SaveFormDraft, draft).status(),
                                      parent_.Call(&Sessions::Lock, v1::LockRequest()).status(),
                                      parent_.Call(&Sessions::SignOut, v1::SignOutRequest()).status(),
                                      StartBy(parent_, assessment_.name()).status()}) {
    EXPECT_THAT(refused, Refuses(StatusCode::kUnauthenticated, "this device is handed over"));
    EXPECT_EQ(ReasonOf(refused), "SESSION_LOCKED");
  }
  EXPECT_EQ(parent_.Call(&Sessions::Unlock, UnlockBy("wrong password")).status().code(),
            StatusCode::kUnauthenticated);
  EXPECT_OK(Handover());
  // The token of the device proves nobody, and the right password with it opens nothing.
  EXPECT_EQ(device_.Call(&Sessions::Unlock, UnlockBy(ServerFixture::kPassword)).status().code(),
            StatusCode::kPermissionDenied);
  EXPECT_OK(Handover());

  EXPECT_OK(parent_.Call(&Sessions::Unlock, UnlockBy(ServerFixture::kPassword)));
  EXPECT_TRUE(IsDead());
  EXPECT_OK(ParentSays());
}

TEST_F(HandoverTest, TheSessionsAreListedAsOneThatIsHandedOver) {
  ASSERT_OK_AND_ASSIGN(const v1::ListSessionsResponse listed,
                       desk_.Call(&Sessions::ListSessions, v1::ListSessionsRequest()));
  int handed_over = 0;
  for (const v1::OpenSession& session : listed.sessions()) {
    if (!session.handed_over()) continue;
    ++handed_over;
    EXPECT_TRUE(session.locked());
    EXPECT_FALSE(session.current());
  }
  EXPECT_GE(handed_over, 1);
}

TEST_F(HandoverTest, ExitQuicklyEndsItAtOnceAndLosesNothing) {
  EXPECT_OK(device_.Call(&Assessments::AppendAnswers, AnswerWith(2, v1::ANSWER_CODE_YES)));
  v1::EndHandoverRequest exit;
  exit.set_end(v1::HANDOVER_END_EXIT_QUICKLY);
  EXPECT_OK(device_.Call(&Sessions::EndHandover, exit));
  EXPECT_TRUE(IsDead());
  EXPECT_THAT(ParentSays(), Refuses(StatusCode::kUnauthenticated, "this session is locked"));
  EXPECT_EQ(Read().last_seq(), 2);
  EXPECT_EQ(Read().state(), v1::ASSESSMENT_STATE_DRAFT);
  // Nothing is in anybody's hands any more, so it can be left.
  EXPECT_OK(parent_.Call(&Sessions::Unlock, UnlockBy(ServerFixture::kPassword)));
  ASSERT_NO_FATAL_FAILURE(HandOver());
  ASSERT_OK_AND_ASSIGN(const v1::Handover handover, Handover());
  EXPECT_EQ(handover.position().item(), CodeOf(3));
}

TEST_F(HandoverTest, EveryStartAndEndIsInTheAudit) {
  v1::AuditRecord event = NewestEvent("SessionService/StartHandover");
  EXPECT_THAT(event.subjects(), ElementsAre(assessment_.name()));
  EXPECT_EQ(event.account(), parent_.account());
  EXPECT_EQ(event.role(), "REFERRER");

  EXPECT_OK(Handover());
  event = NewestEvent("AssessmentService/GetHandover");
  EXPECT_EQ(event.role(), "HANDOVER");
  EXPECT_EQ(event.rule(), "handover");

  v1::EndHandoverRequest end;
  end.set_end(v1::HANDOVER_END_FINISHED);
  EXPECT_OK(device_.Call(&Sessions::EndHandover, end));
  event = NewestEvent("SessionService/EndHandover");
  EXPECT_THAT(event.subjects(), ElementsAre(assessment_.name()));
  EXPECT_EQ(event.role(), "HANDOVER");
  EXPECT_EQ(event.reason_code(), "FINISHED");

  EXPECT_OK(parent_.Call(&Sessions::Unlock, UnlockBy(ServerFixture::kPassword)));
  ASSERT_NO_FATAL_FAILURE(HandOver());
  EXPECT_OK(parent_.Call(&Sessions::Unlock, UnlockBy(ServerFixture::kPassword)));
  event = NewestEvent("SessionService/Unlock");
  EXPECT_THAT(event.subjects(), ElementsAre(assessment_.name()));
  EXPECT_EQ(event.reason_code(), "HANDOVER_ENDED");

  ASSERT_NO_FATAL_FAILURE(HandOver());
  EXPECT_OK(desk_.Call(&Sessions::EndOtherSessions, v1::EndOtherSessionsRequest()));
  event = NewestEvent("SessionService/EndOtherSessions");
  EXPECT_THAT(event.subjects(), ::testing::Contains(assessment_.name()));
}

// --- What ends it

TEST_F(HandoverTest, EndsWithTheSessionItCameFrom) {
  ASSERT_OK_AND_ASSIGN(const v1::ListSessionsResponse listed,
                       desk_.Call(&Sessions::ListSessions, v1::ListSessionsRequest()));
  for (const v1::OpenSession& session : listed.sessions()) {
    if (!session.handed_over()) continue;
    v1::EndSessionRequest end;
    end.set_id(session.id());
    EXPECT_OK(desk_.Call(&Sessions::EndSession, end));
  }
  EXPECT_TRUE(IsDead());
}

TEST_F(HandoverTest, EndsWhenTheAssessmentIsNoDraftAnyMoreAndDoesNotComeBackWithIt) {
  v1::AppendAnswersRequest append = AnswerWith(1, v1::ANSWER_CODE_NO);
  *append.mutable_answers() = OnlyYes({2});
  ASSERT_OK_AND_ASSIGN(assessment_, desk_.Call(&Assessments::AppendAnswers, append));
  v1::CompleteAssessmentRequest complete;
  complete.set_name(assessment_.name());
  complete.set_etag(assessment_.etag());
  complete.mutable_judgement()->set_text("What I saw.");
  ASSERT_OK_AND_ASSIGN(assessment_, desk_.Call(&Assessments::CompleteAssessment, complete));
  EXPECT_TRUE(IsDead());
  EXPECT_EQ(NewestEvent("AssessmentService/CompleteAssessment").reason_code(), "HANDOVER_ENDED");
  ASSERT_OK_AND_ASSIGN(assessment_,
                       desk_.Call(&Assessments::AppendAnswers, AnswerWith(1, v1::ANSWER_CODE_YES)));
  EXPECT_EQ(assessment_.state(), v1::ASSESSMENT_STATE_DRAFT);
  EXPECT_TRUE(IsDead());
  // Locked it stays, until the practitioner says who they are.
  EXPECT_EQ(ReasonOf(ParentSays()), "SESSION_LOCKED");
}

TEST_F(HandoverTest, EndsWithItsSitting) {
  v1::RecordSittingRequest end;
  end.set_name(assessment_.name());
  end.set_end(true);
  EXPECT_OK(desk_.Call(&Assessments::RecordSitting, end));
  EXPECT_TRUE(IsDead());
  EXPECT_OK(desk_.Call(&Assessments::BeginSitting, Begin(assessment_.name())));
  EXPECT_TRUE(IsDead());
}

TEST_F(HandoverTest, EndsWhenAnotherDeviceIsHandedOver) {
  const Client before = device_;
  parent_ = desk_;
  ASSERT_NO_FATAL_FAILURE(HandOver());
  EXPECT_OK(Handover());
  device_ = before;
  EXPECT_TRUE(IsDead());
}

TEST_F(HandoverTest, EndsWithTheAccount) {
  v1::UpdateAccountRequest suspend;
  *suspend.mutable_account() = desk_.Call(&Sessions::GetCaller, v1::GetCallerRequest())->account();
  suspend.mutable_account()->set_suspended(true);
  ASSERT_OK(server_.As("admin.council").Call(&Directory::UpdateAccount, suspend));
  EXPECT_TRUE(IsDead());
}

TEST_F(HandoverTest, IsBoundToTheProgram) {
  const Client elsewhere = device_.At(server_.Channel(&server_.cli()));
  EXPECT_EQ(ReasonOf(elsewhere.Call(&Assessments::GetHandover, v1::GetHandoverRequest()).status()),
            "SESSION_ENDED");
  EXPECT_OK(Handover());
}

TEST_F(HandoverTest, EndsWithTheProgram) {
  ServerFixture server;
  parent_ = server.SignIn("referrer.police");
  ASSERT_NO_FATAL_FAILURE(StartOne());
  ASSERT_NO_FATAL_FAILURE(HandOver());
  EXPECT_OK(Handover());
  const Client council(server.Channel(&server.cli()), "", "");
  v1::SignInRequest sign_in;
  sign_in.set_login("admin.council");
  sign_in.set_password(ServerFixture::kPassword);
  ASSERT_OK_AND_ASSIGN(const v1::Session session, council.Call(&Sessions::SignIn, sign_in));
  const Client by_cli(council.channel(), session.token(), "");
  ASSERT_OK_AND_ASSIGN(const v1::ListProgramsResponse programs,
                       by_cli.Call(&Directory::ListPrograms, v1::ListProgramsRequest()));
  for (const v1::Program& program : programs.programs()) {
    if (program.kind() != v1::PROGRAM_KIND_WEB) continue;
    v1::RevokeProgramRequest revoke;
    revoke.set_name(program.name());
    revoke.set_reason("Stolen");
    ASSERT_OK(by_cli.Call(&Directory::RevokeProgram, revoke));
  }
  EXPECT_FALSE(Handover().ok());
}

// --- What it needs

TEST_F(HandoverTest, IsOfOnesOwnDraftInASittingInWhichThePersonHoldsTheDevice) {
  const Client colleague = server_.As("representative.police");
  EXPECT_THAT(StartBy(colleague, assessment_.name()), Refuses(StatusCode::kNotFound, "not open to you"));
  EXPECT_EQ(StartBy(server_.As("chair.police"), assessment_.name()).status().code(),
            StatusCode::kPermissionDenied);
  EXPECT_THAT(StartBy(desk_, "nonsense"), Refuses(StatusCode::kInvalidArgument, "assessment"));

  v1::StartAssessmentRequest start;
  start.set_parent(ServerFixture::kArea);
  ASSERT_OK_AND_ASSIGN(v1::Assessment fresh, desk_.Call(&Assessments::StartAssessment, start));
  EXPECT_EQ(ReasonOf(StartBy(desk_, fresh.name()).status()), "NO_SITTING");
  v1::Sitting read_out = SafeSitting();
  read_out.set_mode(v1::SITTING_MODE_PRACTITIONER_READS);
  ASSERT_OK(desk_.Call(&Assessments::BeginSitting, Begin(fresh.name(), read_out)));
  EXPECT_EQ(ReasonOf(StartBy(desk_, fresh.name()).status()), "WRONG_MODE");
  v1::GetAssessmentRequest get;
  get.set_name(fresh.name());
  ASSERT_OK_AND_ASSIGN(fresh, desk_.Call(&Assessments::GetAssessment, get));
  v1::CompleteAssessmentRequest stop;
  stop.set_name(fresh.name());
  stop.set_etag(fresh.etag());
  stop.set_stop_reason("She left");
  ASSERT_OK(desk_.Call(&Assessments::CompleteAssessment, stop));
  EXPECT_EQ(ReasonOf(StartBy(desk_, fresh.name()).status()), "WRONG_STATE");
  // A refusal locks nobody out.
  EXPECT_OK(desk_.Call(&Sessions::GetCaller, v1::GetCallerRequest()));
}

TEST_F(HandoverTest, ASittingIsTheAssessorsAndNotBegunWhereItIsNotSafe) {
  v1::RecordSittingRequest end;
  end.set_name(assessment_.name());
  end.set_end(true);
  ASSERT_OK(desk_.Call(&Assessments::RecordSitting, end));
  const Client colleague = server_.As("supervisor.police");
  EXPECT_EQ(colleague.Call(&Assessments::BeginSitting, Begin(assessment_.name())).status().code(),
            StatusCode::kNotFound);
  v1::Sitting unsafe = SafeSitting();
  unsafe.mutable_safety()->set_safe_to_talk(v1::YES_NO_NO);
  const absl::Status refused =
      desk_.Call(&Assessments::BeginSitting, Begin(assessment_.name(), unsafe)).status();
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "sitting.safety.safe_to_talk"));
  EXPECT_EQ(ReasonOf(refused), "NOT_SAFE");
  EXPECT_EQ(Read().sittings_size(), 1);
}

// --- Time

class HandoverClockTest : public HandoverTest {
 protected:
  HandoverClockTest() : HandoverTest(&clock_) {}
  static MovedClock clock_;
};
MovedClock HandoverClockTest::clock_;

// WCAG 2.2.1: locks, never loses. It ends with the session, eight hours after that began.
TEST_F(HandoverClockTest, DoesNotIdleAndEndsWithTheEightHoursOfTheSession) {
  const absl::Duration before = clock_.offset;
  ASSERT_OK_AND_ASSIGN(const v1::Handover handover, Handover());
  clock_.offset = before + absl::Hours(8) - absl::Minutes(1);
  EXPECT_OK(Handover());
  EXPECT_OK(device_.Call(&Assessments::AppendAnswers, AnswerWith(2, v1::ANSWER_CODE_YES)));
  EXPECT_OK(parent_.Call(&Sessions::Unlock, UnlockBy(ServerFixture::kPassword)));
  ASSERT_NO_FATAL_FAILURE(HandOver());
  ASSERT_OK_AND_ASSIGN(const v1::Handover later, Handover());
  EXPECT_EQ(later.expire_time().seconds(), handover.expire_time().seconds());
  clock_.offset = before + absl::Hours(8);
  EXPECT_TRUE(IsDead());
}

}  // namespace
}  // namespace marac::testing
