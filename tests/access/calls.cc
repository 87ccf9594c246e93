#include "tests/access/calls.h"

#include <fmt/format.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>

#include "base/ids.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "rpc/setup.h"
#include "tests/support/assessments.h"
#include "tests/support/authenticator.h"
#include "tests/support/complete_referral.h"
#include "tests/support/complete_service.h"
#include "tests/support/pilot_plans.h"
#include "tests/support/sittings.h"

namespace marac::testing {
namespace {

using google::protobuf::Message;
using Made = std::unique_ptr<Message>;

constexpr char kArea[] = "areas/test";

const std::vector<rules::Stage> kNoStage = {rules::NONE};
const std::vector<rules::Stage> kReferralStages = {rules::DRAFT,    rules::RECEIVED, rules::RETURNED,
                                                   rules::ACCEPTED, rules::LISTED,   rules::OPEN,
                                                   rules::HEARD,    rules::CLOSED};
const std::vector<rules::Stage> kCaseStages = {rules::ACCEPTED, rules::LISTED, rules::OPEN, rules::HEARD,
                                               rules::CLOSED};
const std::vector<rules::Stage> kActionStages = {rules::OPEN, rules::HEARD, rules::CLOSED};
const std::vector<rules::Stage> kMeetingStages = {rules::MEETING_SCHEDULED, rules::MEETING_CIRCULATED,
                                                  rules::MEETING_IN_PROGRESS, rules::MEETING_CLOSED};

template <typename Request>
std::unique_ptr<Request> Named(const std::string& name) {
  auto request = std::make_unique<Request>();
  request->set_name(name);
  return request;
}

template <typename Request, typename Record>
std::unique_ptr<Request> Changing(const Record& record) {
  auto request = Named<Request>(record.name());
  request->set_etag(record.etag());
  return request;
}

template <typename Request>
std::unique_ptr<Request> In(const std::string& parent) {
  auto request = std::make_unique<Request>();
  request->set_parent(parent);
  return request;
}

// A list of an area, whole.
template <typename Request>
Call ListCall(const std::string& method) {
  return {method, kNoStage, "", Spends::kNothing,
          [](World&, Story&, Person&) -> Made { return In<Request>(kArea); }};
}

void AddSessionCalls(std::vector<Call>& calls) {
  calls.push_back(
      {"SessionService/SignIn", kNoStage, "", Spends::kNothing, [](World&, Story&, Person& person) -> Made {
         auto request = std::make_unique<v1::SignInRequest>();
         // Nobody and systems try the chair's.
         request->set_login(person.login.empty() || IsSystem(person.role) ? "chair.police" : person.login);
         request->set_password(person.password.empty() ? ServerFixture::kPassword : person.password);
         return request;
       }});
  calls.push_back({"SessionService/GetCaller", kNoStage, "", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return std::make_unique<v1::GetCallerRequest>(); }});
  calls.push_back({"SessionService/SignOut", kNoStage, "", Spends::kSession,
                   [](World&, Story&, Person&) -> Made { return std::make_unique<v1::SignOutRequest>(); }});
  calls.push_back({"SessionService/Lock", kNoStage, "", Spends::kSession,
                   [](World&, Story&, Person&) -> Made { return std::make_unique<v1::LockRequest>(); }});
  calls.push_back(
      {"SessionService/Unlock", kNoStage, "", Spends::kNothing, [](World&, Story&, Person& person) -> Made {
         auto request = std::make_unique<v1::UnlockRequest>();
         request->set_password(person.password);
         return request;
       }});
  calls.push_back(
      {"SessionService/StepUp", kNoStage, "", Spends::kNothing, [](World&, Story&, Person& person) -> Made {
         auto request = std::make_unique<v1::StepUpRequest>();
         request->set_password(person.password);
         return request;
       }});
  calls.push_back(
      {"SessionService/ListSessions", kNoStage, "", Spends::kNothing,
       [](World&, Story&, Person&) -> Made { return std::make_unique<v1::ListSessionsRequest>(); }});
  calls.push_back({"SessionService/EndSession", kNoStage, "", Spends::kNothing,
                   [](World& world, Story&, Person& person) -> Made {
                     auto request = std::make_unique<v1::EndSessionRequest>();
                     request->set_id("0000000000000000");
                     if (person.login.empty() || IsSystem(person.role)) return request;
                     // Who cannot sign in has no other one.
                     const v1::GetCallerRequest who;
                     if (!person.client.Call(&v1::SessionService::Stub::GetCaller, who).ok()) return request;
                     // Another one of theirs.
                     const auto listed =
                         world.server()
                             .SignIn(person.login, person.password)
                             .Call(&v1::SessionService::Stub::ListSessions, v1::ListSessionsRequest());
                     if (!listed.ok()) return request;
                     for (const v1::OpenSession& session : listed->sessions()) {
                       if (session.current()) request->set_id(session.id());
                     }
                     return request;
                   }});
  calls.push_back(
      {"SessionService/EndOtherSessions", kNoStage, "", Spends::kNothing,
       [](World&, Story&, Person&) -> Made { return std::make_unique<v1::EndOtherSessionsRequest>(); }});
  calls.push_back(
      {"SessionService/Recover", kNoStage, "", Spends::kNothing, [](World& world, Story&, Person&) -> Made {
         auto request = std::make_unique<v1::RecoverRequest>();
         request->set_login(world.AddReferrer("police"));
         request->set_recovery_code(world.RecoveryCodeOf(request->login()));
         request->set_new_password("another few words together");
         return request;
       }});
  calls.push_back({"SessionService/ChangePassword", kNoStage, "", Spends::kNothing,
                   [](World&, Story&, Person& person) -> Made {
                     auto request = std::make_unique<v1::ChangePasswordRequest>();
                     request->set_old_password(person.password);
                     person.password += ".";
                     request->set_new_password(person.password);
                     return request;
                   }});
}

void AddHandoverCalls(std::vector<Call>& calls) {
  calls.push_back({"SessionService/StartHandover", kReferralStages, "assessment", Spends::kSession,
                   [](World& world, Story& story, Person&) -> Made {
                     world.InASitting(story);
                     auto request = std::make_unique<v1::StartHandoverRequest>();
                     request->set_assessment(story.draft.name());
                     return request;
                   }});
  calls.push_back(
      {"AssessmentService/GetHandover", kReferralStages, "", Spends::kNothing,
       [](World&, Story&, Person&) -> Made { return std::make_unique<v1::GetHandoverRequest>(); }});
  calls.push_back(
      {"SessionService/EndHandover", kNoStage, "", Spends::kSession,
       [](World&, Story&, Person&) -> Made { return std::make_unique<v1::EndHandoverRequest>(); }});
}

// After every other call: from then on these people cannot sign in without a code.
void AddCodeCalls(std::vector<Call>& calls) {
  using Sessions = v1::SessionService::Stub;
  const auto enrol = [](const Person& person) {
    auto request = std::make_unique<v1::EnrolCodeRequest>();
    request->set_password(person.password);
    return request;
  };
  calls.push_back({"SessionService/EnrolCode", kNoStage, "", Spends::kNothing,
                   [enrol](World&, Story&, Person& person) -> Made { return enrol(person); }});
  calls.push_back({"SessionService/ConfirmCode", kNoStage, "", Spends::kNothing,
                   [enrol](World&, Story&, Person& person) -> Made {
                     auto request = std::make_unique<v1::ConfirmCodeRequest>();
                     const auto begun = person.client.Call(&Sessions::EnrolCode, *enrol(person));
                     request->set_code(begun.ok() ? CodeAt(SecretOf(begun->secret()), absl::Now())
                                                  : "000000");
                     return request;
                   }});
}

void AddFormDraftCalls(std::vector<Call>& calls) {
  using Sessions = v1::SessionService::Stub;
  const auto save = [] {
    auto request = std::make_unique<v1::SaveFormDraftRequest>();
    request->set_form("form/tried");
    request->set_content("half a sentence");
    return request;
  };
  calls.push_back({"SessionService/SaveFormDraft", kNoStage, "", Spends::kNothing,
                   [save](World&, Story&, Person&) -> Made { return save(); }});
  calls.push_back({"SessionService/GetFormDraft", kNoStage, "", Spends::kNothing,
                   [save](World&, Story&, Person& person) -> Made {
                     person.client.Call(&Sessions::SaveFormDraft, *save()).IgnoreError();
                     auto request = std::make_unique<v1::GetFormDraftRequest>();
                     request->set_form("form/tried");
                     return request;
                   }});
  calls.push_back(
      {"SessionService/DeleteFormDraft", kNoStage, "", Spends::kNothing, [](World&, Story&, Person&) -> Made {
         auto request = std::make_unique<v1::DeleteFormDraftRequest>();
         request->set_form("form/tried");
         return request;
       }});
}

void AddDirectoryCalls(std::vector<Call>& calls) {
  using Directory = v1::DirectoryService::Stub;
  calls.push_back({"DirectoryService/GetArea", kNoStage, "name", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return Named<v1::GetAreaRequest>(kArea); }});
  calls.push_back({"DirectoryService/UpdateArea", kNoStage, "area.name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     v1::GetAreaRequest get;
                     get.set_name(kArea);
                     auto request = std::make_unique<v1::UpdateAreaRequest>();
                     *request->mutable_area() =
                         Must(world.coordinator().Call(&Directory::GetArea, get), "area");
                     return request;
                   }});
  calls.push_back({"DirectoryService/PreviewArea", kNoStage, "area.name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     v1::GetAreaRequest get;
                     get.set_name(kArea);
                     auto request = std::make_unique<v1::PreviewAreaRequest>();
                     v1::Area& area = *request->mutable_area() =
                         Must(world.coordinator().Call(&Directory::GetArea, get), "area");
                     // What it tells of is about meetings, whatever is on them.
                     area.mutable_settings()->mutable_cut_off()->set_working_days(-9);
                     area.mutable_settings()->set_slot_minutes(11);
                     return request;
                   }});
  calls.push_back({"DirectoryService/ListAreaChanges", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return In<v1::ListAreaChangesRequest>(kArea); }});
  calls.push_back({"DirectoryService/CreateAgency", kNoStage, "agency.areas", Spends::kNothing,
                   [](World&, Story&, Person& person) -> Made {
                     auto request = std::make_unique<v1::CreateAgencyRequest>();
                     std::string word = person.label;
                     std::ranges::replace(word, '.', '-');
                     request->mutable_agency()->set_name("agencies/by-" + word);
                     request->mutable_agency()->set_display_name("Made by " + word);
                     request->mutable_agency()->add_areas(kArea);
                     return request;
                   }});
  calls.push_back(ListCall<v1::ListAgenciesRequest>("DirectoryService/ListAgencies"));
  calls.push_back(ListCall<v1::ListAccountsRequest>("DirectoryService/ListAccounts"));
  calls.push_back(
      {"DirectoryService/ListPrograms", kNoStage, "", Spends::kNothing,
       [](World&, Story&, Person&) -> Made { return std::make_unique<v1::ListProgramsRequest>(); }});
  calls.push_back({"DirectoryService/CreateAccount", kNoStage, "account.agency", Spends::kNothing,
                   [](World&, Story&, Person& person) -> Made {
                     auto request = std::make_unique<v1::CreateAccountRequest>();
                     request->mutable_account()->set_login("by." + person.label);
                     request->mutable_account()->set_display_name("Somebody new");
                     // Of the record's own agency. Without a role: a role in an area that the caller does not
                     // administer is refused for itself, whosever agency it is.
                     request->mutable_account()->set_agency("agencies/housing");
                     request->set_password(ServerFixture::kPassword);
                     return request;
                   }});
  calls.push_back({"DirectoryService/UpdateAccount", kNoStage, "account.name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = std::make_unique<v1::UpdateAccountRequest>();
                     // Read afresh: the one before may have been changed by somebody who may.
                     v1::Account& account = *request->mutable_account() =
                         Must(world.server()
                                  .As("referrer.housing")
                                  .Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest()),
                              "account")
                             .account();
                     account.set_display_name(account.display_name() + ".");
                     return request;
                   }});
  calls.push_back({"DirectoryService/ApproveRoles", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return Changing<v1::ApproveRolesRequest>(world.AddWaiting("housing"));
                   }});
  calls.push_back({"DirectoryService/RefuseRoles", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return Changing<v1::RefuseRolesRequest>(world.AddWaiting("housing"));
                   }});
  calls.push_back({"DirectoryService/RecordTraining", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request =
                         Named<v1::RecordTrainingRequest>(world.server().As("referrer.housing").account());
                     request->mutable_training()->set_course("DASH, two days");
                     const v1::Day today = domain::DateOf(world.server().Now()).ToDay();
                     *request->mutable_training()->mutable_day() = today;
                     *request->mutable_training()->mutable_expire_day() = today;
                     return request;
                   }});
  calls.push_back({"DirectoryService/StartRecovery", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request =
                         Named<v1::StartRecoveryRequest>(world.server().As("referrer.housing").account());
                     request->set_reason("Called back on the desk");
                     return request;
                   }});
  calls.push_back({"DirectoryService/EnrolProgram", kNoStage, "program.agency", Spends::kNothing,
                   [](World& world, Story&, Person& person) -> Made {
                     // A certificate is enrolled once.
                     std::string word = "tried-" + person.label;
                     std::ranges::replace(word, '.', '-');
                     const std::string pem = Must(
                         rpc::IssueProgramCertificate(world.server().folder(), "marac.test", "police", word),
                         "certificate");
                     auto request = std::make_unique<v1::EnrolProgramRequest>();
                     request->mutable_program()->set_kind(v1::PROGRAM_KIND_AGENCY_SYSTEM);
                     request->mutable_program()->set_agency("agencies/police");
                     request->mutable_program()->set_display_name("Tried");
                     request->set_certificate_pem(pem);
                     return request;
                   }});
  calls.push_back({"DirectoryService/RevokeProgram", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request =
                         Named<v1::RevokeProgramRequest>(world.server().SystemOf("police").account());
                     request->set_reason("Lost");
                     return request;
                   }});
  calls.push_back(ListCall<v1::ListServicesRequest>("DirectoryService/ListServices"));
  calls.push_back({"DirectoryService/GetService", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return Named<v1::GetServiceRequest>(world.Service().name());
                   }});
  calls.push_back({"DirectoryService/CreateService", kNoStage, "parent", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = In<v1::CreateServiceRequest>(kArea);
                     *request->mutable_service() = CompleteService(domain::DateOf(world.server().Now()));
                     return request;
                   }});
  calls.push_back({"DirectoryService/UpdateService", kNoStage, "service.name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = std::make_unique<v1::UpdateServiceRequest>();
                     *request->mutable_service() = world.Service();
                     return request;
                   }});
  calls.push_back(
      {"DemoService/AdvanceClock", kNoStage, "", Spends::kNothing, [](World& world, Story&, Person&) -> Made {
         auto request = std::make_unique<v1::AdvanceClockRequest>();
         *request->mutable_business_time() = domain::ToTimestamp(world.server().Now() + absl::Seconds(5));
         return request;
       }});
}

void AddAuditCalls(std::vector<Call>& calls) {
  calls.push_back({"AuditService/ListEvents", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return In<v1::ListEventsRequest>(kArea); }});
  calls.push_back({"AuditService/ListCaseReaders", kCaseStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::ListCaseReadersRequest>(story.record.name());
                   }});
  calls.push_back({"AuditService/ReadLog", kNoStage, "", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return std::make_unique<v1::ReadLogRequest>(); }});
  calls.push_back(
      {"AuditService/VerifyChain", kNoStage, "", Spends::kNothing,
       [](World&, Story&, Person&) -> Made { return std::make_unique<v1::VerifyChainRequest>(); }});
  calls.push_back(
      {"AuditService/GetCheckpoint", kNoStage, "", Spends::kNothing,
       [](World&, Story&, Person&) -> Made { return std::make_unique<v1::GetCheckpointRequest>(); }});
  calls.push_back(ListCall<v1::ListAlertsRequest>("AuditService/ListAlerts"));
  calls.push_back(
      {"AuditService/GetAlert", kNoStage, "name", Spends::kNothing,
       [](World& world, Story&, Person&) -> Made { return Named<v1::GetAlertRequest>(world.AddAlert()); }});
  calls.push_back({"AuditService/ReviewAlert", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = Named<v1::ReviewAlertRequest>(world.AddAlert());
                     request->set_outcome(v1::ALERT_OUTCOME_IN_ORDER);
                     return request;
                   }});
}

void AddPilotCalls(std::vector<Call>& calls) {
  calls.push_back({"PilotService/RegisterPilot", kNoStage, "parent", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = In<v1::RegisterPilotRequest>(kArea);
                     *request->mutable_plan() = PlanOfTwoRaters(domain::DateOf(world.server().Now()));
                     return request;
                   }});
  calls.push_back(ListCall<v1::ListPilotsRequest>("PilotService/ListPilots"));
  calls.push_back({"PilotService/PairAssessments", kNoStage, "pilot", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return std::make_unique<v1::PairAssessmentsRequest>(world.TwoToPair());
                   }});
  calls.push_back({"PilotService/RecordPilotIncident", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = Named<v1::RecordPilotIncidentRequest>(world.Pilot().name());
                     *request->mutable_incident() = world.Incident();
                     return request;
                   }});
  calls.push_back({"PilotService/ReviewPilotIncident", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = Named<v1::ReviewPilotIncidentRequest>(world.Pilot().name());
                     request->set_incident(world.IncidentToReview());
                     request->set_finding("The question comes later now");
                     return request;
                   }});
  calls.push_back({"PilotService/GetPilotReport", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return Named<v1::GetPilotReportRequest>(world.Pilot().name());
                   }});
  calls.push_back({"PilotService/ExportPilot", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return Named<v1::ExportPilotRequest>(world.Pilot().name());
                   }});
}

void AddInstrumentCalls(std::vector<Call>& calls) {
  calls.push_back({"InstrumentService/InstallInstrument", kNoStage, "parent", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return std::make_unique<v1::InstallInstrumentRequest>(world.NewInstrument());
                   }});
  calls.push_back({"InstrumentService/ListInstruments", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return In<v1::ListInstrumentsRequest>(kArea); }});
  calls.push_back({"InstrumentService/DiffInstrument", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made {
                     auto request = In<v1::DiffInstrumentRequest>(kArea);
                     request->set_from_instrument("plain24@1.0");
                     request->set_to_instrument("plain24-er@0.1");
                     return request;
                   }});
  calls.push_back({"InstrumentService/ActivateInstrument", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return Changing<v1::ActivateInstrumentRequest>(world.InstrumentToActivate());
                   }});
  calls.push_back({"InstrumentService/RetireInstrument", kNoStage, "name", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     auto request = Changing<v1::RetireInstrumentRequest>(world.InstrumentToRetire());
                     request->set_reason("Replaced");
                     return request;
                   }});
  calls.push_back({"InstrumentService/InstallPolicy", kNoStage, "parent", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     return std::make_unique<v1::InstallPolicyRequest>(world.NewPolicy());
                   }});
  calls.push_back({"InstrumentService/ListPolicies", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return In<v1::ListPoliciesRequest>(kArea); }});
  calls.push_back({"InstrumentService/GetPolicy", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made {
                     auto request = In<v1::GetPolicyRequest>(kArea);
                     request->set_policy("default@2026.1");
                     return request;
                   }});
  calls.push_back({"InstrumentService/PreviewPolicy", kNoStage, "parent", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     const domain::LocalDate today = domain::DateOf(world.server().Now());
                     auto request = In<v1::PreviewPolicyRequest>(kArea);
                     request->set_policy("default@2026.1");
                     *request->mutable_first_day() = today.AddDays(-90).ToDay();
                     *request->mutable_last_day() = today.ToDay();
                     return request;
                   }});
}

void AddAssessmentCalls(std::vector<Call>& calls) {
  calls.push_back({"AssessmentService/GetInstrument", kNoStage, "", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made {
                     auto request = std::make_unique<v1::GetInstrumentRequest>();
                     request->set_area(kArea);
                     return request;
                   }});
  calls.push_back(
      {"AssessmentService/PreviewScore", kNoStage, "", Spends::kNothing, [](World&, Story&, Person&) -> Made {
         auto request = In<v1::PreviewScoreRequest>(kArea);
         *request->mutable_answers() = OnlyYes({2});
         return request;
       }});
  calls.push_back({"AssessmentService/StartAssessment", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return In<v1::StartAssessmentRequest>(kArea); }});
  calls.push_back(ListCall<v1::ListAssessmentsRequest>("AssessmentService/ListAssessments"));
  calls.push_back({"AssessmentService/GetAssessment", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::GetAssessmentRequest>(story.completed.name());
                   }});
  calls.push_back({"AssessmentService/CompareAssessments", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Named<v1::CompareAssessmentsRequest>(story.completed.name());
                     request->set_other(story.signed_one.name());
                     return request;
                   }});
  calls.push_back({"AssessmentService/AppendAnswers", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Named<v1::AppendAnswersRequest>(story.draft.name());
                     *request->add_answers() = AnswerTo(3, v1::ANSWER_CODE_NO);
                     request->set_expected_seq(story.draft.last_seq());
                     return request;
                   }});
  calls.push_back({"AssessmentService/SignAssessment", kReferralStages, "name", Spends::kSignature,
                   [](World&, Story& story, Person&) -> Made {
                     return Changing<v1::SignAssessmentRequest>(story.completed);
                   }});
  calls.push_back({"AssessmentService/AmendAssessment", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::AmendAssessmentRequest>(story.signed_one);
                     *request->add_answers() = AnswerTo(3, v1::ANSWER_CODE_NO);
                     request->set_reason("Said again");
                     return request;
                   }});
  calls.push_back(ListCall<v1::ListSupervisionRequest>("AssessmentService/ListSupervision"));
  calls.push_back({"AssessmentService/CountersignAssessment", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::CountersignAssessmentRequest>(story.signed_one);
                     request->set_decision(v1::SUPERVISOR_DECISION_AGREED);
                     return request;
                   }});
  calls.push_back({"AssessmentService/RecordChange", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Named<v1::RecordChangeRequest>(story.signed_one.name());
                     request->set_code("NEW_INCIDENT");
                     return request;
                   }});
  calls.push_back({"AssessmentService/EndReview", kReferralStages, "name", Spends::kNothing,
                   [](World& world, Story& story, Person&) -> Made {
                     world.AwaitingReview(story);
                     auto request = Changing<v1::EndReviewRequest>(story.signed_one);
                     request->set_reason("She has moved away");
                     return request;
                   }});
  calls.push_back({"AssessmentService/MarkEnteredInError", kReferralStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::MarkEnteredInErrorRequest>(story.completed);
                     request->set_reason("It was of somebody else");
                     return request;
                   }});
  calls.push_back({"AssessmentService/RecordCommunicationProfile", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::RecordCommunicationProfileRequest>(story.draft);
                     request->mutable_profile()->mutable_preferred_language()->set_value("BSL");
                     return request;
                   }});
  calls.push_back({"AssessmentService/BeginSitting", kReferralStages, "name", Spends::kNothing,
                   [](World& world, Story& story, Person&) -> Made {
                     world.OutOfASitting(story);
                     return std::make_unique<v1::BeginSittingRequest>(Begin(story.draft.name()));
                   }});
  calls.push_back({"AssessmentService/RecordSitting", kReferralStages, "name", Spends::kNothing,
                   [](World& world, Story& story, Person&) -> Made {
                     world.InASitting(story);
                     auto request = Named<v1::RecordSittingRequest>(story.draft.name());
                     v1::NeedMet& met = *request->add_needs_met();
                     met.set_need(v1::COMMUNICATION_NEED_BREAKS);
                     met.set_met(v1::YES_NO_YES);
                     return request;
                   }});
  calls.push_back({"DocumentService/PrintBooklet", kReferralStages, "assessment", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = std::make_unique<v1::PrintBookletRequest>();
                     request->set_assessment(story.draft.name());
                     return request;
                   }});
  calls.push_back(
      {"DocumentService/ReadDocument", kReferralStages, "name", Spends::kNothing,
       [](World&, Story& story, Person&) -> Made { return Named<v1::ReadDocumentRequest>(story.booklet); }});
  // Last of these, because it ends the draft.
  calls.push_back({"AssessmentService/CompleteAssessment", kReferralStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::CompleteAssessmentRequest>(story.draft);
                     request->mutable_judgement()->set_text("She is afraid, and has somewhere safe to be.");
                     return request;
                   }});
}

void AddReferralCalls(std::vector<Call>& calls) {
  calls.push_back({"ReferralService/SaveDraft", kNoStage, "parent", Spends::kNothing,
                   [](World&, Story&, Person&) -> Made { return In<v1::SaveDraftRequest>(kArea); }});
  calls.push_back({"ReferralService/SaveDraft", kReferralStages, "referral.name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = std::make_unique<v1::SaveDraftRequest>(story.sent);
                     request->mutable_referral()->set_name(story.referral.name());
                     request->mutable_referral()->set_etag(story.referral.etag());
                     return request;
                   }});
  calls.push_back({"ReferralService/GetReferral", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::GetReferralRequest>(story.referral.name());
                   }});
  calls.push_back(ListCall<v1::ListReferralsRequest>("ReferralService/ListReferrals"));
  calls.push_back({"ReferralService/FindMatches", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::FindMatchesRequest>(story.referral.name());
                   }});
  calls.push_back({"ReferralService/ListExcludedPeople", kReferralStages, "referral", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = std::make_unique<v1::ListExcludedPeopleRequest>();
                     request->set_referral(story.referral.name());
                     return request;
                   }});
  calls.push_back({"ReferralService/ResolveExcludedPerson", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Named<v1::ResolveExcludedPersonRequest>(story.excluded[0]);
                     request->set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
                     return request;
                   }});
  calls.push_back({"ReferralService/CompleteReferral", kReferralStages, "referral.name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = std::make_unique<v1::CompleteReferralRequest>();
                     request->mutable_referral()->set_name(story.referral.name());
                     request->mutable_referral()->set_etag(story.referral.etag());
                     request->mutable_referral()->add_others_at_risk()->mutable_name()->set_value("A lodger");
                     request->set_told_by("The referrer, by telephone");
                     return request;
                   }});
  calls.push_back({"ReferralService/CorrectReferralSafeContact", kReferralStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::CorrectReferralSafeContactRequest>(story.referral);
                     *request->mutable_safe_contact() = CompleteSafeContact();
                     request->mutable_safe_contact()->mutable_safe_times()->set_value(kSafeContactCanary);
                     request->set_reason(kSafeContactCanary);
                     return request;
                   }});
  calls.push_back({"ReferralService/SubmitReferral", kReferralStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     return Changing<v1::SubmitReferralRequest>(story.referral);
                   }});
  calls.push_back({"ReferralService/WithdrawReferral", kReferralStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::WithdrawReferralRequest>(story.referral);
                     request->set_reasons("She asked for it");
                     return request;
                   }});
  calls.push_back({"ReferralService/AcceptReferral", kReferralStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     return Changing<v1::AcceptReferralRequest>(story.referral);
                   }});
  calls.push_back({"ReferralService/ReturnReferral", kReferralStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::ReturnReferralRequest>(story.referral);
                     request->set_reasons("Say more");
                     return request;
                   }});
  calls.push_back({"ReferralService/DeclineReferral", kReferralStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::DeclineReferralRequest>(story.referral);
                     request->set_reasons("Not for MARAC");
                     request->set_signpost("The housing officer");
                     return request;
                   }});
  calls.push_back({"ReferralService/MarkDuplicate", kReferralStages, "name", Spends::kStory,
                   [](World& world, Story& story, Person&) -> Made {
                     auto request = Changing<v1::MarkDuplicateRequest>(story.referral);
                     request->set_duplicate_of(world.waiting().name());
                     return request;
                   }});
}

void AddCaseCalls(std::vector<Call>& calls) {
  calls.push_back(
      {"CaseService/GetCase", kCaseStages, "name", Spends::kNothing,
       [](World&, Story& story, Person&) -> Made { return Named<v1::GetCaseRequest>(story.record.name()); }});
  calls.push_back(ListCall<v1::ListCasesRequest>("CaseService/ListCases"));
  for (const auto detail : {&Story::safe_contact, &Story::refuge}) {
    calls.push_back({"CaseService/RevealDetail", kReferralStages, "name", Spends::kNothing,
                     [detail](World&, Story& story, Person&) -> Made {
                       auto request = Named<v1::RevealDetailRequest>(story.*detail);
                       request->set_reason("To arrange transport");
                       return request;
                     }});
  }
  calls.push_back({"CaseService/CorrectSafeContact", kCaseStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::CorrectSafeContactRequest>(story.record);
                     *request->mutable_safe_contact() = CompleteSafeContact();
                     request->mutable_safe_contact()->mutable_safe_times()->set_value(kSafeContactCanary);
                     request->set_reason(kSafeContactCanary);
                     return request;
                   }});
  calls.push_back({"CaseService/RecordVictimContact", kCaseStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::RecordVictimContactRequest>(story.record);
                     request->set_state(v1::VICTIM_CONTACT_STATE_ENGAGING);
                     return request;
                   }});
  calls.push_back({"CaseService/RecordVictimUpdate", kCaseStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::RecordVictimUpdateRequest>(story.record);
                     request->set_told(true);
                     request->set_text("By telephone");
                     return request;
                   }});
  calls.push_back({"CaseService/CloseCase", kCaseStages, "name", Spends::kStory,
                   [](World& world, Story& story, Person&) -> Made {
                     if (story.stage == rules::HEARD) world.MakeReadyToClose(story);
                     auto request = Changing<v1::CloseCaseRequest>(story.record);
                     request->set_reason("All is done");
                     if (story.stage == rules::HEARD || story.stage == rules::CLOSED) return request;
                     request->set_ground(v1::CLOSE_GROUND_VICTIM_MOVED);
                     request->set_victim_update("Telling her is unsafe");
                     return request;
                   }});
}

// Nobody who is tried works for it, so that it can be kept out of any case.
constexpr char kElsewhereAgency[] = "agencies/elsewhere";

v1::ExcludePersonRequest KeepOut(const std::string& name) {
  v1::ExcludePersonRequest request;
  request.set_name(name);
  request.set_agency(kElsewhereAgency);
  request.set_reason("A subject works there");
  return request;
}

void AddAccessCalls(std::vector<Call>& calls) {
  using Access = v1::AccessService::Stub;
  calls.push_back({"AccessService/GetCaseAccess", kCaseStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::GetCaseAccessRequest>(story.record.name());
                   }});
  calls.push_back({"AccessService/GetCaseAccess",
                   {rules::DRAFT, rules::RECEIVED, rules::RETURNED},
                   "name",
                   Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::GetCaseAccessRequest>(story.referral.name());
                   }});
  calls.push_back({"AccessService/RestrictCase", kCaseStages, "name", Spends::kAccess,
                   [](World& world, Story& story, Person& person) -> Made {
                     auto request = Named<v1::RestrictCaseRequest>(story.record.name());
                     request->set_restricted(true);
                     request->add_accounts(world.coordinator().account());
                     const std::string& own = person.client.account();
                     if (person.role == v1::ROLE_COORDINATOR && !own.empty()) request->add_accounts(own);
                     request->set_reason("A subject works for an agency here");
                     return request;
                   }});
  calls.push_back({"AccessService/ExcludePerson", kCaseStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return std::make_unique<v1::ExcludePersonRequest>(KeepOut(story.record.name()));
                   }});
  calls.push_back(
      {"AccessService/DecideExclusion", kCaseStages, "name", Spends::kNothing,
       [](World& world, Story& story, Person& person) -> Made {
         if (person.role == v1::ROLE_CHAIR) {
           world.coordinator().Call(&Access::ExcludePerson, KeepOut(story.record.name())).IgnoreError();
         }
         auto request = Named<v1::DecideExclusionRequest>(story.record.name());
         request->set_subject(kElsewhereAgency);
         request->set_lift(true);
         request->set_reason("It was another person of that name");
         return request;
       }});
  const auto declare = [](const std::string& name) {
    auto request = Named<v1::DeclareConflictRequest>(name);
    request->set_reason("I know the family");
    return request;
  };
  calls.push_back(
      {"AccessService/DeclareConflict", kCaseStages, "name", Spends::kAccess,
       [declare](World&, Story& story, Person&) -> Made { return declare(story.record.name()); }});
  calls.push_back(
      {"AccessService/DeclareConflict",
       {rules::DRAFT, rules::RECEIVED, rules::RETURNED},
       "name",
       Spends::kAccess,
       [declare](World&, Story& story, Person&) -> Made { return declare(story.referral.name()); }});
  calls.push_back(ListCall<v1::ListUndecidedRequest>("AccessService/ListUndecided"));
  const auto register_somebody = [] {
    auto request = std::make_unique<v1::SaveOwnRegisterRequest>();
    v1::RegisteredPerson& person = *request->mutable_register_()->add_people();
    person.set_relation(v1::REGISTERED_RELATION_RELATIVE);
    person.mutable_name()->set_value("Quentin Unmatched-Anywhere");
    return request;
  };
  calls.push_back({"AccessService/SaveOwnRegister", kNoStage, "", Spends::kNothing,
                   [register_somebody](World&, Story&, Person&) -> Made { return register_somebody(); }});
  calls.push_back({"AccessService/GetOwnRegister", kNoStage, "", Spends::kNothing,
                   [register_somebody](World&, Story&, Person& person) -> Made {
                     person.client.Call(&Access::SaveOwnRegister, *register_somebody()).IgnoreError();
                     return std::make_unique<v1::GetOwnRegisterRequest>();
                   }});
}

void AddMeetingCalls(std::vector<Call>& calls) {
  calls.push_back({"MeetingService/ScheduleMeetings", kNoStage, "parent", Spends::kNothing,
                   [](World& world, Story&, Person&) -> Made {
                     static int weeks = 1;
                     auto request = In<v1::ScheduleMeetingsRequest>(kArea);
                     *request->mutable_first_day() =
                         domain::DateOf(world.server().Now()).AddDays(7 * ++weeks).ToDay();
                     request->set_count(1);
                     request->set_start_minute(9 * 60);
                     request->mutable_length()->set_seconds(3 * 3600);
                     request->set_venue("Room 2");
                     return request;
                   }});
  calls.push_back(ListCall<v1::ListMeetingsRequest>("MeetingService/ListMeetings"));
  calls.push_back({"MeetingService/GetMeeting", kMeetingStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::GetMeetingRequest>(story.meeting.name());
                   }});
  calls.push_back({"MeetingService/GetAgenda", kMeetingStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::GetAgendaRequest>(story.meeting.name());
                   }});
  calls.push_back({"MeetingService/GetOpening", kMeetingStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::GetOpeningRequest>(story.meeting.name());
                   }});
  calls.push_back({"MeetingService/CallEmergencyMeeting", kCaseStages, "case_name", Spends::kStory,
                   [](World& world, Story& story, Person&) -> Made {
                     auto request = std::make_unique<v1::CallEmergencyMeetingRequest>();
                     request->set_case_name(story.record.name());
                     *request->mutable_start_time() = world.InDays(1);
                     request->set_venue("Room 2");
                     request->add_invited_agencies("agencies/police");
                     request->set_reason("He was released this morning");
                     request->set_chair(world.chair().account());
                     return request;
                   }});
  calls.push_back({"MeetingService/RecordAttendance", kMeetingStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::RecordAttendanceRequest>(story.meeting);
                     v1::Attendance& entry = *request->add_attendance();
                     entry.set_agency("agencies/housing");
                     entry.set_state(v1::ATTENDANCE_STATE_APOLOGIES);
                     return request;
                   }});
  calls.push_back({"MeetingService/SignConfidentiality", kMeetingStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::SignConfidentialityRequest>(story.meeting.name());
                   }});
  calls.push_back({"MeetingService/ProposeAgenda", kMeetingStages, "name", Spends::kMeeting,
                   [](World&, Story& story, Person&) -> Made {
                     return Named<v1::ProposeAgendaRequest>(story.meeting.name());
                   }});
  calls.push_back({"MeetingService/CirculateAgenda", kMeetingStages, "name", Spends::kMeeting,
                   [](World&, Story& story, Person&) -> Made {
                     return Changing<v1::CirculateAgendaRequest>(story.meeting);
                   }});
  calls.push_back({"MeetingService/MoveMeeting", kMeetingStages, "name", Spends::kMeeting,
                   [](World& world, Story& story, Person&) -> Made {
                     // A day to come on which no meeting is: another for each call.
                     static int days = 480;
                     auto request = Changing<v1::MoveMeetingRequest>(story.meeting);
                     *request->mutable_day() = domain::DateOf(world.server().Now()).AddDays(++days).ToDay();
                     request->set_reason("The room is taken");
                     return request;
                   }});
  calls.push_back({"MeetingService/CancelMeeting", kMeetingStages, "name", Spends::kMeeting,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::CancelMeetingRequest>(story.meeting);
                     request->set_reason("Snow");
                     return request;
                   }});
  calls.push_back({"MeetingService/StartMeeting", kMeetingStages, "name", Spends::kMeeting,
                   [](World&, Story& story, Person&) -> Made {
                     return Changing<v1::StartMeetingRequest>(story.meeting);
                   }});
  calls.push_back({"MeetingService/CloseMeeting", kMeetingStages, "name", Spends::kMeeting,
                   [](World&, Story& story, Person&) -> Made {
                     return Changing<v1::CloseMeetingRequest>(story.meeting);
                   }});
  calls.push_back({"MeetingService/AdmitLateCase", kCaseStages, "case_name", Spends::kStory,
                   [](World& world, Story& story, Person&) -> Made {
                     // Another meeting than the one the case is proposed for.
                     auto request =
                         Named<v1::AdmitLateCaseRequest>(world.MeetingAt(rules::MEETING_SCHEDULED).name());
                     request->set_case_name(story.record.name());
                     request->set_reason("It cannot wait");
                     return request;
                   }});
  calls.push_back(
      {"MeetingService/OpenItem", kCaseStages, "name", Spends::kStory,
       [](World&, Story& story, Person&) -> Made { return Named<v1::OpenItemRequest>(story.item.name()); }});
  calls.push_back({"MeetingService/RecordDiscussion", kCaseStages, "name", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::RecordDiscussionRequest>(story.item);
                     request->mutable_discussion()->set_presenter("The police");
                     return request;
                   }});
  calls.push_back({"MeetingService/PlaceItem", kCaseStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Named<v1::PlaceItemRequest>(story.item.name());
                     request->set_place(1);
                     return request;
                   }});
  calls.push_back({"MeetingService/DeferItem", kCaseStages, "name", Spends::kStory,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::DeferItemRequest>(story.item);
                     request->set_reason("Nobody could present it");
                     request->set_safety_plan("She stays with her sister");
                     return request;
                   }});
  calls.push_back(
      {"MeetingService/CloseItem", kCaseStages, "name", Spends::kStory,
       [](World&, Story& story, Person&) -> Made { return Changing<v1::CloseItemRequest>(story.item); }});
}

void AddActionCalls(std::vector<Call>& calls) {
  calls.push_back({"ActionService/CreateAction", kCaseStages, "agenda_item", Spends::kNothing,
                   [](World& world, Story& story, Person&) -> Made {
                     auto request = std::make_unique<v1::CreateActionRequest>();
                     request->set_agenda_item(story.item.name());
                     request->set_text("Visit her");
                     request->set_kind("IDVA_CONTACT");
                     request->set_agency("agencies/idva");
                     *request->mutable_due_time() = world.InDays(7);
                     return request;
                   }});
  calls.push_back({"ActionService/AcceptAction", kActionStages, "name", Spends::kActions,
                   [](World&, Story& story, Person&) -> Made {
                     return Changing<v1::AcceptActionRequest>(story.proposed);
                   }});
  calls.push_back({"ActionService/RefuseAction", kActionStages, "name", Spends::kActions,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::RefuseActionRequest>(story.proposed);
                     request->set_reason("Another agency does it");
                     return request;
                   }});
  calls.push_back(
      {"ActionService/GetAction", kActionStages, "name", Spends::kNothing,
       [](World&, Story& story, Person&) -> Made { return Named<v1::GetActionRequest>(story.open.name()); }});
  calls.push_back(ListCall<v1::ListActionsRequest>("ActionService/ListActions"));
  calls.push_back({"ActionService/ExtendAction", kActionStages, "name", Spends::kActions,
                   [](World& world, Story& story, Person&) -> Made {
                     auto request = Changing<v1::ExtendActionRequest>(story.open);
                     *request->mutable_due_time() = world.InDays(14);
                     request->set_agreed_by("The chair");
                     request->set_reason("The locksmith is ill");
                     return request;
                   }});
  calls.push_back({"ActionService/ReportAction", kActionStages, "name", Spends::kActions,
                   [](World&, Story& story, Person&) -> Made {
                     auto request = Changing<v1::ReportActionRequest>(story.open);
                     request->set_state(v1::ACTION_STATE_COMPLETE);
                     request->set_text("Done");
                     return request;
                   }});
}

// The word of the agency that somebody works for: "housing".
std::string AgencyWordOf(const Person& person) {
  switch (person.relation) {
    case rules::INVOLVED:
      return "health";
    case rules::OWN_AGENCY:
    case rules::AUTHOR:
      return "housing";
    default:
      return "csc";
  }
}

void AddResearchCalls(std::vector<Call>& calls) {
  calls.push_back({"ResearchService/ListResearch", kCaseStages, "parent", Spends::kNothing,
                   [](World&, Story& story, Person&) -> Made {
                     return In<v1::ListResearchRequest>(story.record.name());
                   }});
  calls.push_back(ListCall<v1::ListResearchDueRequest>("ResearchService/ListResearchDue"));
  calls.push_back({"ResearchService/SaveResearch", kCaseStages, "notes.name", Spends::kNothing,
                   [](World& world, Story& story, Person& person) -> Made {
                     auto request = std::make_unique<v1::SaveResearchRequest>();
                     *request->mutable_notes() =
                         Worksheet(story, AgencyWordOf(person), person.client, world.server().Now());
                     return request;
                   }});
  calls.push_back({"ResearchService/ReturnResearch", kCaseStages, "name", Spends::kNothing,
                   [](World& world, Story& story, Person& person) -> Made {
                     v1::ResearchNotes notes =
                         Worksheet(story, AgencyWordOf(person), person.client, world.server().Now());
                     // Who may not save has none to return.
                     const auto saved = SaveWorksheet(notes, person.client);
                     if (saved.ok()) notes.set_etag(saved->etag());
                     return Changing<v1::ReturnResearchRequest>(notes);
                   }});
}

// The message that holds the last part of a path like "referral.name", and that part.
std::pair<Message*, const google::protobuf::FieldDescriptor*> Reach(Message& message,
                                                                    const std::string& path) {
  Message* at = &message;
  std::string rest = path;
  for (size_t dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
    at = at->GetReflection()->MutableMessage(at, at->GetDescriptor()->FindFieldByName(rest.substr(0, dot)));
    rest = rest.substr(dot + 1);
  }
  return {at, at->GetDescriptor()->FindFieldByName(rest)};
}

}  // namespace

bool WantsProof(const Call& call) {
  static constexpr std::string_view kMethods[] = {
      "CaseService/RevealDetail",
      "DirectoryService/CreateAccount",
      "DirectoryService/UpdateAccount",
      "DirectoryService/ApproveRoles",
      "DirectoryService/RefuseRoles",
      "DirectoryService/StartRecovery",
      "DirectoryService/EnrolProgram",
      "DirectoryService/RevokeProgram",
      "AccessService/RestrictCase",
      "AccessService/DecideExclusion",
      "PilotService/ExportPilot",
      "InstrumentService/InstallInstrument",
      "InstrumentService/ActivateInstrument",
      "InstrumentService/RetireInstrument",
      "InstrumentService/InstallPolicy",
  };
  return std::ranges::count(kMethods, call.method) > 0;
}

std::span<const Call> Calls() {
  static const auto& all = *[] {
    auto* calls = new std::vector<Call>;
    AddSessionCalls(*calls);
    AddFormDraftCalls(*calls);
    AddHandoverCalls(*calls);
    AddDirectoryCalls(*calls);
    AddAuditCalls(*calls);
    AddAssessmentCalls(*calls);
    AddPilotCalls(*calls);
    AddInstrumentCalls(*calls);
    AddReferralCalls(*calls);
    AddCaseCalls(*calls);
    AddAccessCalls(*calls);
    AddMeetingCalls(*calls);
    AddActionCalls(*calls);
    AddResearchCalls(*calls);
    AddCodeCalls(*calls);
    return calls;
  }();
  return all;
}

bool IsAboutACase(const Call& call) {
  return call.stages.front() >= rules::DRAFT && call.stages.front() <= rules::CLOSED;
}

const google::protobuf::MethodDescriptor& MethodOf(const std::string& method) {
  std::string full = "marac.v1." + method;
  std::ranges::replace(full, '/', '.');
  const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full);
  if (found == nullptr) DieOf(absl::NotFoundError(full), "method");
  return *found;
}

namespace {

std::string Written(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    text += std::string(key.data(), key.size()) + ": " + std::string(value.data(), value.size()) + "\n";
  }
  return text;
}

Answer SendTo(const std::shared_ptr<grpc::Channel>& channel, const Client& client, const std::string& method,
              const Message& request) {
  grpc::Slice slice(request.SerializeAsString());
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ClientContext context;
  client.Prepare(context);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareUnaryCall(&context, "/marac.v1." + method, sent, &queue);
  call->StartCall();
  grpc::ByteBuffer received;
  grpc::Status status;
  call->Finish(&received, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);

  Answer answer{.status = ToAbsl(status), .details = status.error_details()};
  answer.metadata =
      Written(context.GetServerInitialMetadata()) + Written(context.GetServerTrailingMetadata());
  const auto* type = MethodOf(method).output_type();
  answer.body.reset(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!status.ok()) return answer;
  std::vector<grpc::Slice> slices;
  if (received.Dump(&slices).ok()) {
    for (const grpc::Slice& part : slices) {
      answer.bytes.append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  if (!answer.body->ParseFromString(answer.bytes)) {
    answer.status = absl::InternalError("the answer does not parse");
  }
  return answer;
}

}  // namespace

Answer Send(const Client& client, const std::string& method, const Message& request) {
  std::unique_ptr<Message> complete(request.New());
  complete->CopyFrom(request);
  FillRequestId(*complete);
  return SendTo(client.channel(), client, method, *complete);
}

std::pair<Answer, Answer> SendToBoth(const Client& client, const std::string& method,
                                     const Message& request) {
  std::unique_ptr<Message> complete(request.New());
  complete->CopyFrom(request);
  FillRequestId(*complete);
  client.twin()->begin();
  std::pair<Answer, Answer> both;
  both.first = SendTo(client.channel(), client, method, *complete);
  client.twin()->again();
  both.second = SendTo(client.twin_channel(), client, method, *complete);
  return both;
}

std::string SubjectOf(const Call& call, const Message& request) {
  if (call.subject.empty()) return "";
  std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  const auto [message, field] = Reach(*copy, call.subject);
  return field->is_repeated() ? message->GetReflection()->GetRepeatedString(*message, field, 0)
                              : message->GetReflection()->GetString(*message, field);
}

void SetSubject(const Call& call, Message& request, const std::string& name) {
  const auto [message, field] = Reach(request, call.subject);
  if (field->is_repeated()) {
    message->GetReflection()->SetRepeatedString(message, field, 0, name);
  } else {
    message->GetReflection()->SetString(message, field, name);
  }
}

std::string AbsentLike(const std::string& name) {
  const size_t slash = name.rfind('/');
  std::string id = name.substr(slash + 1);
  std::ranges::reverse(id);
  return name.substr(0, slash + 1) + id;
}

}  // namespace marac::testing
