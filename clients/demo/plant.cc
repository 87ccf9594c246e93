#include "demo/plant.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "base/file.h"
#include "base/status_macros.h"
#include "demo/invent.h"
#include "demo/plan.h"
#include "demo/requests.h"
#include "demo/services.h"
#include "demo/staff.h"
#include "domain/timestamp.h"
#include "marac/v1/access_service.grpc.pb.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "marac/v1/assessment_service.grpc.pb.h"
#include "marac/v1/audit_service.grpc.pb.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/demo_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/document_service.grpc.pb.h"
#include "marac/v1/instrument_service.grpc.pb.h"
#include "marac/v1/meeting_service.grpc.pb.h"
#include "marac/v1/pilot_service.grpc.pb.h"
#include "marac/v1/referral_service.grpc.pb.h"
#include "marac/v1/research_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::demo {
namespace {

using domain::FromTimestamp;
using domain::ToTimestamp;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Sessions = v1::SessionService::Stub;
using Directory = v1::DirectoryService::Stub;
using Assessments = v1::AssessmentService::Stub;
using Referrals = v1::ReferralService::Stub;
using Cases = v1::CaseService::Stub;
using Meetings = v1::MeetingService::Stub;
using Actions = v1::ActionService::Stub;
using Researches = v1::ResearchService::Stub;
using Access = v1::AccessService::Stub;
using Instruments = v1::InstrumentService::Stub;
using Pilots = v1::PilotService::Stub;

constexpr char kAdmin[] = "admin";
constexpr char kIdva[] = "idva";
constexpr char kCoordinator[] = "coordinator";
constexpr char kChair[] = "chair";
constexpr uint64_t kSeed = 20;

// Sets every message inside, a few levels deep, and gives every list of messages one entry.
void Touch(Message& message, int levels) {
  const auto& reflection = *message.GetReflection();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count() && levels > 0; ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    Touch(field.is_repeated() ? *reflection.AddMessage(&message, &field)
                              : *reflection.MutableMessage(&message, &field),
          levels - 1);
  }
}

class Planter {
 public:
  explicit Planter(World& world) : world_(world) {}

  absl::StatusOr<std::vector<Canary>> Run() {
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    plan_ = MakePlan(kSeed, now, now + absl::Hours(24 * 28));
    RETURN_IF_ERROR(PlantDirectory());
    RETURN_IF_ERROR(PlantAssessments());
    ASSIGN_OR_RETURN(const v1::Referral heard, SendReferral());
    ASSIGN_OR_RETURN(const std::string heard_case, ReturnAndAccept(heard));
    ASSIGN_OR_RETURN(const v1::Referral deferred, SendReferral());
    ASSIGN_OR_RETURN(const std::string deferred_case, Accept(deferred));
    RETURN_IF_ERROR(Dismiss());
    RETURN_IF_ERROR(PlantCase(heard_case));
    RETURN_IF_ERROR(Meet(heard_case, deferred_case));
    RETURN_IF_ERROR(PlantAccess(heard_case));
    RefuseEverything();
    RETURN_IF_ERROR(CheckNothingMissed());
    return canaries_.all();
  }

 private:
  // A call with a canary in every free text of the request.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(const std::string& login,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                std::type_identity_t<Request> request) {
    canaries_.FillText(request);
    absl::StatusOr<Response> answer = world_.Call(login, method, request);
    if (answer.ok()) return answer;
    return absl::Status(answer.status().code(), fmt::format("{}: {}", Request::descriptor()->full_name(),
                                                            std::string(answer.status().message())));
  }

  // --- Directory and sessions ------------------------------------------------------------------------------

  absl::Status PlantDirectory() {
    v1::CreateAgencyRequest agency;
    agency.mutable_agency()->set_name("agencies/aviary");
    agency.mutable_agency()->add_areas(world_.area());
    RETURN_IF_ERROR(Call(kAdmin, &Directory::CreateAgency, agency).status());

    v1::CreateAccountRequest create;
    v1::Account& account = *create.mutable_account();
    account.set_login("canary");
    account.set_agency("agencies/aviary");
    v1::RoleGrant& grant = *account.add_roles();
    grant.set_area(world_.area());
    grant.set_role(v1::ROLE_REFERRER);
    create.set_keep_password(true);
    canaries_.FillText(create);
    ASSIGN_OR_RETURN(account, world_.Call(kAdmin, &Directory::CreateAccount, create));
    RETURN_IF_ERROR(world_.SignIn("canary", Secret(create.password())));
    v1::UpdateAccountRequest update;
    *update.mutable_account() = account;
    RETURN_IF_ERROR(Call(kAdmin, &Directory::UpdateAccount, update).status());
    v1::RecordTrainingRequest training;
    training.set_name(account.name());
    v1::Day& day = *training.mutable_training()->mutable_day();
    day.set_year(2024);
    day.set_month(2);
    day.set_day(29);
    *training.mutable_training()->mutable_expire_day() = day;
    RETURN_IF_ERROR(Call(kAdmin, &Directory::RecordTraining, training).status());

    RETURN_IF_ERROR(PlantService());
    RETURN_IF_ERROR(PlantPilot());

    v1::GetAreaRequest get;
    get.set_name(world_.area());
    v1::UpdateAreaRequest area;
    ASSIGN_OR_RETURN(*area.mutable_area(), world_.Call(kAdmin, &Directory::GetArea, get));
    v1::PreviewAreaRequest preview;
    *preview.mutable_area() = area.area();
    RETURN_IF_ERROR(Call(kAdmin, &Directory::PreviewArea, preview).status());
    RETURN_IF_ERROR(Call(kAdmin, &Directory::UpdateArea, area).status());
    v1::ListAreaChangesRequest changes;
    changes.set_parent(world_.area());
    RETURN_IF_ERROR(Call(kAdmin, &Directory::ListAreaChanges, changes).status());

    v1::EnrolProgramRequest enrol;
    enrol.mutable_program()->set_kind(v1::PROGRAM_KIND_CLI);
    enrol.mutable_program()->set_agency("agencies/aviary");
    ASSIGN_OR_RETURN(*enrol.mutable_certificate_pem(),
                     ReadSmallFile(world_.options().directory + "/programs/canary-cli.pem", 64 << 10));
    ASSIGN_OR_RETURN(const v1::Program program, Call(kAdmin, &Directory::EnrolProgram, enrol));
    v1::RevokeProgramRequest revoke;
    revoke.set_name(program.name());
    return Call(kAdmin, &Directory::RevokeProgram, revoke).status();
  }

  absl::Status PlantService() {
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    v1::CreateServiceRequest create;
    create.set_parent(world_.area());
    *create.mutable_service() = On(Services()[0], domain::DateOf(now));
    create.mutable_service()->mutable_eligibility();
    v1::UpdateServiceRequest update;
    ASSIGN_OR_RETURN(*update.mutable_service(), Call(kCoordinator, &Directory::CreateService, create));
    return Call(kCoordinator, &Directory::UpdateService, update).status();
  }

  absl::Status PlantPilot() {
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    const domain::LocalDate today = domain::DateOf(now);
    v1::GetAreaRequest get;
    get.set_name(world_.area());
    ASSIGN_OR_RETURN(const v1::Area area, world_.Call(kAdmin, &Directory::GetArea, get));
    v1::RegisterPilotRequest request;
    request.set_parent(world_.area());
    v1::PilotPlan& plan = *request.mutable_plan();
    plan.set_design(v1::PILOT_DESIGN_BLIND_SECOND_RATER);
    plan.set_sample_percent(25);
    plan.set_reference_instrument(area.settings().instrument());
    plan.set_variant_instrument(area.settings().instrument());
    plan.set_policy(area.settings().policy());
    *plan.mutable_first_day() = today.ToDay();
    *plan.mutable_last_day() = today.AddDays(90).ToDay();
    v1::PilotRule& rule = *plan.add_rules();
    rule.set_id("BAND_AGREES");
    rule.set_measure(v1::PILOT_MEASURE_BAND_KAPPA_QUADRATIC);
    rule.set_limit(0.6);
    rule.set_pairs_min(20);
    plan.add_looks(40);
    *plan.mutable_approval()->mutable_approved_on() = today.ToDay();
    ASSIGN_OR_RETURN(const v1::Pilot pilot, Call(kCoordinator, &Pilots::RegisterPilot, request));
    v1::RecordPilotIncidentRequest incident;
    incident.set_name(pilot.name());
    *incident.mutable_incident()->mutable_day() = today.ToDay();
    incident.mutable_incident()->set_kind(v1::PILOT_INCIDENT_KIND_DISTRESS);
    incident.mutable_incident()->mutable_review();  // Is the server's; sent all the same.
    RETURN_IF_ERROR(Call(kCoordinator, &Pilots::RecordPilotIncident, incident).status());
    v1::ReviewPilotIncidentRequest review;
    review.set_name(pilot.name());
    review.set_incident("i1");
    return Call("steering", &Pilots::ReviewPilotIncident, review).status();
  }

  // --- Assessments -----------------------------------------------------------------------------------------

  // One whose referral is accepted as it is.
  const PlannedReferral& Planned() const {
    return *std::ranges::find_if(plan_.referrals, [this](const PlannedReferral& referral) {
      return !referral.urgent && !referral.on_behalf && !referral.answers.empty() && !referral.stopped &&
             !plan_.households[referral.household].children.empty();
    });
  }

  static v1::Party FullParty(const v1::Party& from) {
    v1::Party party = from;
    for (v1::Address* address : {party.mutable_address(), party.mutable_usual_home()}) {
      *address->mutable_lines() = Said("lines");
      *address->mutable_postcode() = Said("postcode");
      address->set_protected_detail(false);
    }
    return party;
  }

  absl::StatusOr<v1::Assessment> Answered(const std::vector<v1::Answer>& answers) {
    const Household& household = plan_.households[Planned().household];
    v1::StartAssessmentRequest start;
    start.set_parent(world_.area());
    *start.mutable_victim() = FullParty(household.victim);
    *start.add_perpetrators() = FullParty(household.perpetrator);
    ASSIGN_OR_RETURN(const v1::Assessment assessment, Call(kIdva, &Assessments::StartAssessment, start));
    v1::AppendAnswersRequest append;
    append.set_name(assessment.name());
    append.mutable_answers()->Assign(answers.begin(), answers.end());
    *append.mutable_victim() = start.victim();
    return Call(kIdva, &Assessments::AppendAnswers, append);
  }

  absl::StatusOr<v1::Assessment> Completed(const std::vector<v1::Answer>& answers) {
    ASSIGN_OR_RETURN(const v1::Assessment assessment, Answered(answers));
    v1::CompleteAssessmentRequest complete;
    complete.set_name(assessment.name());
    complete.set_etag(assessment.etag());
    *complete.mutable_judgement() = Planned().judgement;
    canaries_.FillText(*complete.mutable_judgement());
    return world_.Call(kIdva, &Assessments::CompleteAssessment, complete);
  }

  // What was said of how to communicate, and of one sitting.
  absl::StatusOr<v1::Assessment> PlantSitting(const v1::Assessment& assessment) {
    v1::RecordCommunicationProfileRequest record;
    record.set_name(assessment.name());
    record.set_etag(assessment.etag());
    v1::CommunicationProfile& profile = *record.mutable_profile();
    profile.add_ways(v1::COMMUNICATION_WAY_OTHER);
    profile.mutable_intermediary();
    profile.mutable_supporter()->set_chosen_by_person(v1::YES_NO_YES);
    profile.add_person_words()->set_perpetrator(1);
    RETURN_IF_ERROR(Call(kIdva, &Assessments::RecordCommunicationProfile, record).status());

    v1::BeginSittingRequest begin;
    begin.set_name(assessment.name());
    v1::Sitting& sitting = *begin.mutable_sitting();
    sitting.set_mode(v1::SITTING_MODE_SIGNED_BY_INTERPRETER);
    sitting.add_people_present()->set_present_as(v1::PRESENT_AS_SUPPORTER);
    v1::Interpreter& interpreter = *sitting.mutable_interpreter();
    interpreter.set_relation(v1::INTERPRETER_RELATION_PROFESSIONAL);
    interpreter.set_qualified(v1::YES_NO_YES);
    interpreter.set_known_to_abuser_or_community(v1::YES_NO_NO);
    v1::SafetyGate& safety = *sitting.mutable_safety();
    safety.set_alone(v1::YES_NO_YES);
    safety.set_safe_to_talk(v1::YES_NO_YES);
    safety.set_minutes_available(45);
    safety.set_safe_contact_known(v1::YES_NO_YES);
    RETURN_IF_ERROR(Call(kIdva, &Assessments::BeginSitting, begin).status());

    v1::RecordSittingRequest end;
    end.set_name(assessment.name());
    end.add_breaks();
    end.add_needs_met()->set_need(v1::COMMUNICATION_NEED_BREAKS);
    end.mutable_needs_met(0)->set_met(v1::YES_NO_NO);
    end.set_end(true);
    return Call(kIdva, &Assessments::RecordSitting, end);
  }

  absl::Status PlantAssessments() {
    v1::PreviewScoreRequest preview;
    preview.set_parent(world_.area());
    preview.mutable_answers()->Assign(Planned().answers.begin(), Planned().answers.end());
    *preview.mutable_judgement() = Planned().judgement;
    RETURN_IF_ERROR(Call(kIdva, &Assessments::PreviewScore, preview).status());

    ASSIGN_OR_RETURN(v1::Assessment stopped, Answered(Planned().answers));
    ASSIGN_OR_RETURN(stopped, PlantSitting(stopped));
    v1::CompleteAssessmentRequest stop;
    stop.set_name(stopped.name());
    stop.set_etag(stopped.etag());
    *stop.mutable_judgement() = Planned().judgement;
    RETURN_IF_ERROR(Call(kIdva, &Assessments::CompleteAssessment, stop).status());

    std::vector<v1::Answer> all_no = Planned().answers;
    for (v1::Answer& answer : all_no) {
      answer.set_code(v1::ANSWER_CODE_NO);
      answer.clear_details();
    }
    ASSIGN_OR_RETURN(v1::Assessment assessment, Completed(all_no));
    v1::SignAssessmentRequest sign;
    sign.set_name(assessment.name());
    sign.set_etag(assessment.etag());
    sign.mutable_non_referral()->set_reason_code("BELOW_THRESHOLD");
    sign.mutable_non_referral()->set_supervisor(world_.AccountOf("idva-manager"));
    ASSIGN_OR_RETURN(assessment, Call(kIdva, &Assessments::SignAssessment, sign));
    v1::RecordChangeRequest change;
    change.set_name(assessment.name());
    change.set_code("NEW_INCIDENT");
    ASSIGN_OR_RETURN(assessment, Call(kIdva, &Assessments::RecordChange, change));
    v1::EndReviewRequest end;
    end.set_name(assessment.name());
    end.set_etag(assessment.etag());
    ASSIGN_OR_RETURN(assessment, Call(kIdva, &Assessments::EndReview, end));
    v1::CountersignAssessmentRequest back;
    back.set_name(assessment.name());
    back.set_etag(assessment.etag());
    back.set_decision(v1::SUPERVISOR_DECISION_SENT_BACK);
    ASSIGN_OR_RETURN(assessment, Call("idva-manager", &Assessments::CountersignAssessment, back));
    v1::AmendAssessmentRequest amend;
    amend.set_name(assessment.name());
    amend.set_etag(assessment.etag());
    *amend.add_answers() = all_no[0];
    *amend.mutable_judgement() = Planned().judgement;
    ASSIGN_OR_RETURN(assessment, Call(kIdva, &Assessments::AmendAssessment, amend));
    v1::MarkEnteredInErrorRequest mark;
    mark.set_name(assessment.name());
    mark.set_etag(assessment.etag());
    // A supervisor was asked to agree to it, so a supervisor says so.
    return Call("idva-manager", &Assessments::MarkEnteredInError, mark).status();
  }

  // --- Referrals -------------------------------------------------------------------------------------------

  absl::StatusOr<v1::Referral> Save(const std::string& assessment, const v1::Referral* before) {
    PlannedReferral planned = Planned();
    planned.login = kIdva;
    planned.agency = "idva";
    planned.consent = v1::YES_NO_NO;
    planned.has_excluded = true;
    Random random(kSeed);
    ASSIGN_OR_RETURN(planned.submit_time, world_.Now());
    const Household& household = plan_.households[planned.household];
    v1::SaveDraftRequest draft = DraftOf(world_.area(), household, planned, {assessment}, random);
    v1::Referral& referral = *draft.mutable_referral();
    *referral.mutable_victim() = FullParty(referral.victim());
    for (v1::Party& party : *referral.mutable_perpetrators()) party = FullParty(party);
    for (v1::Party& party : *referral.mutable_children()) party = FullParty(party);
    *referral.add_others_at_risk() = FullParty(household.perpetrator);
    referral.mutable_criteria()->set_professional_judgement(v1::YES_NO_YES);
    referral.mutable_criteria()->set_referred_elsewhere(v1::YES_NO_YES);
    draft.mutable_safe_contact()->set_do_not_contact(false);
    draft.mutable_safe_contact()->set_safe_to_call(v1::YES_NO_YES);
    referral.mutable_manager_sign_off()->mutable_day()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
    canaries_.FillText(draft);
    if (before != nullptr) {
      referral.set_name(before->name());
      referral.set_etag(before->etag());
      const std::string& victim = before->victim().party_id();
      referral.mutable_victim()->set_party_id(victim);
      v1::ProtectedDetail& refuge = *draft.add_protected_details();
      refuge.set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
      refuge.set_party_id(victim);
      *refuge.mutable_address() = referral.victim().address();
      canaries_.FillText(*refuge.mutable_address());
      v1::ProtectedDetail& workplace = *draft.add_protected_details();
      workplace.set_kind(v1::PROTECTED_KIND_WORKPLACE);
      workplace.set_party_id(victim);
      canaries_.FillText(workplace);
    }
    return world_.Call(kIdva, &Referrals::SaveDraft, draft);
  }

  absl::StatusOr<v1::Referral> Submit(const v1::Referral& referral) {
    v1::SubmitReferralRequest submit;
    submit.set_name(referral.name());
    submit.set_etag(referral.etag());
    return Call(kIdva, &Referrals::SubmitReferral, submit);
  }

  absl::StatusOr<v1::Referral> SendReferral() {
    ASSIGN_OR_RETURN(const v1::Assessment assessment, Completed(Planned().answers));
    ASSIGN_OR_RETURN(const v1::Referral first, Save(assessment.name(), nullptr));
    ASSIGN_OR_RETURN(const v1::Referral second, Save(assessment.name(), &first));
    return Submit(second);
  }

  // A request that has name and etag, for the referral as it is now.
  template <typename Request>
  absl::StatusOr<Request> RequestFor(const std::string& login, const std::string& name) {
    v1::GetReferralRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(const v1::Referral referral, world_.Call(login, &Referrals::GetReferral, get));
    Request request;
    request.set_name(name);
    request.set_etag(referral.etag());
    return request;
  }

  absl::StatusOr<std::string> ReturnAndAccept(const v1::Referral& referral) {
    ASSIGN_OR_RETURN(const auto give_back,
                     RequestFor<v1::ReturnReferralRequest>(kCoordinator, referral.name()));
    RETURN_IF_ERROR(Call(kCoordinator, &Referrals::ReturnReferral, give_back).status());
    ASSIGN_OR_RETURN(const auto submit, RequestFor<v1::SubmitReferralRequest>(kIdva, referral.name()));
    RETURN_IF_ERROR(Call(kIdva, &Referrals::SubmitReferral, submit).status());
    ASSIGN_OR_RETURN(auto correct,
                     RequestFor<v1::CorrectReferralSafeContactRequest>(kCoordinator, referral.name()));
    v1::SafeContact& safe = *correct.mutable_safe_contact();
    safe.set_safe_to_call(v1::YES_NO_YES);
    safe.set_safe_to_leave_message(v1::YES_NO_NO);
    safe.set_safe_to_text(v1::YES_NO_NO);
    safe.set_withhold_number(v1::YES_NO_YES);
    RETURN_IF_ERROR(Call(kCoordinator, &Referrals::CorrectReferralSafeContact, correct).status());
    RETURN_IF_ERROR(Complete(referral.name()));
    return Accept(referral);
  }

  // What a coordinator adds: of the referral itself only what nobody has answered.
  absl::Status Complete(const std::string& name) {
    ASSIGN_OR_RETURN(const v1::Referral referral, RequestFor<v1::Referral>(kCoordinator, name));
    v1::CompleteReferralRequest complete;
    *complete.mutable_referral() = referral;
    canaries_.FillText(*complete.mutable_referral()->add_others_at_risk());
    complete.set_told_by(canaries_.Make("marac.v1.CompleteReferralRequest.told_by"));
    return world_.Call(kCoordinator, &Referrals::CompleteReferral, complete).status();
  }

  absl::StatusOr<std::string> Accept(const v1::Referral& referral) {
    ASSIGN_OR_RETURN(const auto accept, RequestFor<v1::AcceptReferralRequest>(kCoordinator, referral.name()));
    ASSIGN_OR_RETURN(const v1::Referral accepted, Call(kCoordinator, &Referrals::AcceptReferral, accept));
    v1::ListExcludedPeopleRequest list;
    list.set_referral(referral.name());
    ASSIGN_OR_RETURN(const v1::ListExcludedPeopleResponse people,
                     world_.Call(kCoordinator, &Referrals::ListExcludedPeople, list));
    for (const v1::ExcludedPerson& person : people.excluded_people()) {
      v1::ResolveExcludedPersonRequest resolve;
      resolve.set_name(person.name());
      resolve.set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
      RETURN_IF_ERROR(Call(kCoordinator, &Referrals::ResolveExcludedPerson, resolve).status());
    }
    return accepted.case_name();
  }

  absl::Status Dismiss() {
    ASSIGN_OR_RETURN(const v1::Referral declined, SendReferral());
    ASSIGN_OR_RETURN(const auto decline,
                     RequestFor<v1::DeclineReferralRequest>(kCoordinator, declined.name()));
    RETURN_IF_ERROR(Call(kCoordinator, &Referrals::DeclineReferral, decline).status());
    ASSIGN_OR_RETURN(const v1::Referral withdrawn, SendReferral());
    ASSIGN_OR_RETURN(const auto withdraw, RequestFor<v1::WithdrawReferralRequest>(kIdva, withdrawn.name()));
    RETURN_IF_ERROR(Call(kIdva, &Referrals::WithdrawReferral, withdraw).status());
    ASSIGN_OR_RETURN(const v1::Referral moved, SendReferral());
    v1::CloseCaseRequest close;
    ASSIGN_OR_RETURN(*close.mutable_name(), Accept(moved));
    ASSIGN_OR_RETURN(const v1::Case record, GetCase(kCoordinator, close.name()));
    close.set_etag(record.etag());
    close.set_ground(v1::CLOSE_GROUND_VICTIM_MOVED);
    return Call(kCoordinator, &Cases::CloseCase, close).status();
  }

  // --- Cases and the meeting -------------------------------------------------------------------------------

  absl::StatusOr<v1::Case> GetCase(const std::string& login, const std::string& name) {
    v1::GetCaseRequest get;
    get.set_name(name);
    return world_.Call(login, &Cases::GetCase, get);
  }

  absl::Status PlantCase(const std::string& name) {
    v1::CorrectSafeContactRequest correct;
    correct.set_name(name);
    ASSIGN_OR_RETURN(v1::Case record, GetCase(kIdva, name));
    correct.set_etag(record.etag());
    v1::SafeContact& safe = *correct.mutable_safe_contact();
    safe.set_safe_to_call(v1::YES_NO_YES);
    safe.set_safe_to_leave_message(v1::YES_NO_NO);
    safe.set_safe_to_text(v1::YES_NO_NO);
    safe.set_withhold_number(v1::YES_NO_YES);
    ASSIGN_OR_RETURN(record, Call(kIdva, &Cases::CorrectSafeContact, correct));
    v1::RecordVictimContactRequest contact;
    contact.set_name(name);
    contact.set_etag(record.etag());
    contact.set_state(v1::VICTIM_CONTACT_STATE_ENGAGING);
    RETURN_IF_ERROR(Call(kIdva, &Cases::RecordVictimContact, contact).status());
    for (const v1::ProtectedDetailMask& mask : record.protected_details()) {
      v1::RevealDetailRequest reveal;
      reveal.set_name(mask.detail());
      RETURN_IF_ERROR(Call(kChair, &Cases::RevealDetail, reveal).status());
    }
    return absl::OkStatus();
  }

  // The next meeting that is still to be held.
  absl::StatusOr<v1::Meeting> NextMeeting() {
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    v1::ListMeetingsRequest list;
    list.set_parent(world_.area());
    *list.mutable_from_day() = domain::DateOf(now).ToDay();
    ASSIGN_OR_RETURN(const v1::ListMeetingsResponse meetings,
                     world_.Call(kChair, &Meetings::ListMeetings, list));
    for (const v1::Meeting& meeting : meetings.meetings()) {
      if (meeting.state() == v1::MEETING_STATE_SCHEDULED) return meeting;
    }
    return absl::FailedPreconditionError("there is no meeting on the calendar to plant canaries in");
  }

  absl::StatusOr<v1::Meeting> Current(const std::string& meeting) {
    v1::GetMeetingRequest get;
    get.set_name(meeting);
    return world_.Call(kChair, &Meetings::GetMeeting, get);
  }

  absl::Status Meet(const std::string& heard, const std::string& deferred) {
    ASSIGN_OR_RETURN(const v1::Meeting meeting, NextMeeting());
    v1::ScheduleMeetingsRequest schedule;
    schedule.set_parent(world_.area());
    *schedule.mutable_first_day() =
        domain::DateOf(FromTimestamp(meeting.start_time())).AddDays(20 * 7).ToDay();
    schedule.set_count(1);
    schedule.set_start_minute(9 * 60);
    schedule.mutable_length()->set_seconds(3 * 60 * 60);
    ASSIGN_OR_RETURN(const v1::ScheduleMeetingsResponse made,
                     Call(kCoordinator, &Meetings::ScheduleMeetings, schedule));
    v1::MoveMeetingRequest move;
    move.set_name(made.meetings(0).name());
    move.set_etag(made.meetings(0).etag());
    move.set_start_minute(10 * 60);
    ASSIGN_OR_RETURN(const v1::Meeting moved, Call(kCoordinator, &Meetings::MoveMeeting, move));
    v1::CancelMeetingRequest cancel;
    cancel.set_name(moved.name());
    cancel.set_etag(moved.etag());
    RETURN_IF_ERROR(Call(kChair, &Meetings::CancelMeeting, cancel).status());

    for (const std::string& name : {heard, deferred}) {
      v1::AdmitLateCaseRequest admit;
      admit.set_name(meeting.name());
      admit.set_case_name(name);
      RETURN_IF_ERROR(Call(kChair, &Meetings::AdmitLateCase, admit).status());
    }
    ASSIGN_OR_RETURN(v1::Meeting current, Current(meeting.name()));
    v1::CirculateAgendaRequest circulate;
    circulate.set_name(meeting.name());
    circulate.set_etag(current.etag());
    ASSIGN_OR_RETURN(const v1::Agenda agenda, Call(kCoordinator, &Meetings::CirculateAgenda, circulate));
    RETURN_IF_ERROR(PlantResearch(heard));
    RETURN_IF_ERROR(world_.AdvanceTo(FromTimestamp(meeting.start_time())));
    ASSIGN_OR_RETURN(current, Current(meeting.name()));
    v1::StartMeetingRequest start;
    start.set_name(meeting.name());
    start.set_etag(current.etag());
    ASSIGN_OR_RETURN(current, Call(kChair, &Meetings::StartMeeting, start));
    v1::RecordAttendanceRequest attendance;
    attendance.set_name(meeting.name());
    attendance.set_etag(current.etag());
    attendance.add_attendance()->set_state(v1::ATTENDANCE_STATE_OBSERVER);
    // Without an account: the canary is somebody's name.
    v1::Attendance& present = *attendance.add_attendance();
    present.set_agency("agencies/housing");
    present.set_state(v1::ATTENDANCE_STATE_PRESENT);
    RETURN_IF_ERROR(Call(kChair, &Meetings::RecordAttendance, attendance).status());
    for (const v1::AgendaItem& item : agenda.items()) {
      if (item.case_name() == heard) RETURN_IF_ERROR(Hear(item));
      if (item.case_name() != heard) RETURN_IF_ERROR(Defer(item));
    }
    RETURN_IF_ERROR(CallEmergency(deferred));
    ASSIGN_OR_RETURN(const v1::Case record, GetCase(kIdva, heard));
    v1::RecordVictimUpdateRequest told;
    told.set_name(heard);
    told.set_etag(record.etag());
    told.set_told(true);
    ASSIGN_OR_RETURN(const v1::Case updated, Call(kIdva, &Cases::RecordVictimUpdate, told));
    ASSIGN_OR_RETURN(const v1::Case now, GetCase(kCoordinator, heard));
    v1::CloseCaseRequest close;
    close.set_name(heard);
    close.set_etag(now.etag());
    return Call(kCoordinator, &Cases::CloseCase, close).status();
  }

  absl::Status PlantResearch(const std::string& name) {
    ASSIGN_OR_RETURN(const v1::Case record, GetCase("housing", name));
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    const v1::Day today = domain::DateOf(now).ToDay();
    v1::SaveResearchRequest save;
    v1::ResearchNotes& notes = *save.mutable_notes();
    notes.set_name(name + "/researchNotes/housing");
    std::vector<std::string> people = {record.victim().party_id()};
    for (const v1::Party& party : record.perpetrators()) people.push_back(party.party_id());
    for (const v1::Party& party : record.children()) people.push_back(party.party_id());
    for (const std::string& person : people) {
      v1::SubjectSearch& search = *notes.add_searches();
      search.set_party_id(person);
      search.set_result(v1::SEARCH_RESULT_KNOWN);
      *search.mutable_day() = today;
    }
    for (const v1::SharingDecision decision :
         {v1::SHARING_DECISION_SHARE, v1::SHARING_DECISION_DO_NOT_SHARE}) {
      v1::ResearchEntry& entry = *notes.add_entries();
      entry.set_basis(v1::INFORMATION_BASIS_OPINION);
      *entry.mutable_day() = today;
      entry.set_sharing(decision);
    }
    ASSIGN_OR_RETURN(const v1::ResearchNotes saved, Call("housing", &Researches::SaveResearch, save));
    v1::ReturnResearchRequest request;
    request.set_name(saved.name());
    request.set_etag(saved.etag());
    return Call("housing", &Researches::ReturnResearch, request).status();
  }

  absl::Status Defer(const v1::AgendaItem& item) {
    v1::DeferItemRequest defer;
    defer.set_name(item.name());
    defer.set_etag(item.etag());
    return Call(kChair, &Meetings::DeferItem, defer).status();
  }

  // Outside the cycle; it is not held after all, and what a meeting opens with is read.
  absl::Status CallEmergency(const std::string& name) {
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    v1::CallEmergencyMeetingRequest call;
    call.set_case_name(name);
    *call.mutable_start_time() = ToTimestamp(now + absl::Hours(4));
    call.add_invited_agencies("agencies/housing");
    call.set_chair(world_.AccountOf(kChair));
    ASSIGN_OR_RETURN(const v1::Meeting emergency, Call(kCoordinator, &Meetings::CallEmergencyMeeting, call));
    v1::CancelMeetingRequest cancel;
    cancel.set_name(emergency.name());
    cancel.set_etag(emergency.etag());
    RETURN_IF_ERROR(Call(kChair, &Meetings::CancelMeeting, cancel).status());
    ASSIGN_OR_RETURN(const v1::Meeting next, NextMeeting());
    v1::GetOpeningRequest opening;
    opening.set_name(next.name());
    return Call(kCoordinator, &Meetings::GetOpening, opening).status();
  }

  absl::Status Hear(const v1::AgendaItem& listed) {
    v1::OpenItemRequest open;
    open.set_name(listed.name());
    ASSIGN_OR_RETURN(v1::AgendaItem item, Call(kChair, &Meetings::OpenItem, open));
    v1::RecordDiscussionRequest record;
    record.set_name(item.name());
    record.set_etag(item.etag());
    v1::AgencyInformation& information = *record.mutable_discussion()->add_information();
    information.set_agency("agencies/police");
    information.set_basis(v1::INFORMATION_BASIS_FACT);
    record.mutable_discussion()->set_children_considered(v1::YES_NO_YES);
    ASSIGN_OR_RETURN(item, Call(kChair, &Meetings::RecordDiscussion, record));
    RETURN_IF_ERROR(PlantActions(item.name()));
    v1::CloseItemRequest close;
    close.set_name(item.name());
    close.set_etag(item.etag());
    return Call(kChair, &Meetings::CloseItem, close).status();
  }

  absl::Status PlantActions(const std::string& item) {
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    v1::CreateActionRequest create;
    create.set_agenda_item(item);
    create.set_kind("OTHER");
    create.set_agency("agencies/housing");
    *create.mutable_due_time() = ToTimestamp(now + absl::Hours(24 * 7));
    ASSIGN_OR_RETURN(const v1::Action asked, Call(kChair, &Actions::CreateAction, create));
    v1::RefuseActionRequest refuse;
    refuse.set_name(asked.name());
    refuse.set_etag(asked.etag());
    RETURN_IF_ERROR(Call("housing", &Actions::RefuseAction, refuse).status());

    create.set_accepted_by(world_.AccountOf("housing"));
    ASSIGN_OR_RETURN(v1::Action action, Call(kChair, &Actions::CreateAction, create));
    v1::ExtendActionRequest extend;
    extend.set_name(action.name());
    extend.set_etag(action.etag());
    *extend.mutable_due_time() = ToTimestamp(now + absl::Hours(24 * 14));
    ASSIGN_OR_RETURN(action, Call(kCoordinator, &Actions::ExtendAction, extend));
    v1::ReportActionRequest report;
    report.set_name(action.name());
    report.set_etag(action.etag());
    report.set_state(v1::ACTION_STATE_COMPLETE);
    return Call("housing", &Actions::ReportAction, report).status();
  }

  // --- What is refused -------------------------------------------------------------------------------------

  // A request of nonsense must not be written down anywhere either.
  template <typename Stub, typename Request, typename Response>
  void Refuse(const std::string& login,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
    Request request;
    Touch(request, /*levels=*/3);
    canaries_.FillAll(request);
    // Some are answered all the same: a search that finds nothing.
    (void)world_.Call(login, method, request);
  }

  // A request of free text alone, answered or refused.
  template <typename Stub, typename Request, typename Response>
  void Say(const std::string& login,
           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
    Request request;
    canaries_.FillText(request);
    (void)world_.Call(login, method, request);
  }

  void RefuseEverything() {
    v1::SignInRequest sign_in;
    sign_in.set_login("canary");
    canaries_.FillText(sign_in);
    (void)world_.Call("canary", &Sessions::SignIn, sign_in);
    // Wrong passwords, and the names of forms, are free text that is never stored.
    Say("canary", &Sessions::ChangePassword);
    Say("canary", &Sessions::Unlock);
    Say("canary", &Sessions::EnrolCode);
    Say("canary", &Sessions::SaveFormDraft);
    Say("canary", &Sessions::GetFormDraft);
    Say("canary", &Sessions::DeleteFormDraft);
    Refuse("canary", &Sessions::ConfirmCode);
    Refuse("canary", &Sessions::SignIn);
    Refuse(kAdmin, &Directory::GetArea);
    Refuse(kAdmin, &Directory::UpdateArea);
    Refuse(kAdmin, &Directory::PreviewArea);
    Refuse(kAdmin, &Directory::ListAreaChanges);
    Refuse(kAdmin, &Directory::CreateAgency);
    Refuse(kAdmin, &Directory::ListAgencies);
    Refuse(kAdmin, &Directory::CreateAccount);
    Refuse(kAdmin, &Directory::UpdateAccount);
    Refuse(kAdmin, &Directory::RecordTraining);
    Refuse(kAdmin, &Directory::ListAccounts);
    Refuse(kAdmin, &Directory::EnrolProgram);
    Refuse(kAdmin, &Directory::RevokeProgram);
    Refuse(kAdmin, &Directory::ListPrograms);
    Refuse(kAdmin, &Directory::ListServices);
    Refuse(kAdmin, &Directory::GetService);
    Refuse(kAdmin, &Directory::CreateService);
    Refuse(kAdmin, &Directory::UpdateService);
    Refuse(kAdmin, &v1::DemoService::Stub::AdvanceClock);
    Refuse(kIdva, &Assessments::GetInstrument);
    Refuse(kIdva, &Assessments::StartAssessment);
    Refuse(kIdva, &Assessments::AppendAnswers);
    Refuse(kIdva, &Assessments::GetAssessment);
    Refuse(kIdva, &Assessments::CompareAssessments);
    Refuse(kIdva, &v1::DocumentService::Stub::PrintBooklet);
    Refuse(kIdva, &v1::DocumentService::Stub::ReadDocument);
    Refuse(kIdva, &Assessments::ListAssessments);
    Refuse(kIdva, &Assessments::CompleteAssessment);
    Refuse(kIdva, &Assessments::SignAssessment);
    Refuse(kIdva, &Assessments::AmendAssessment);
    Refuse("idva-manager", &Assessments::ListSupervision);
    Refuse("idva-manager", &Assessments::CountersignAssessment);
    Refuse(kIdva, &Assessments::RecordChange);
    Refuse(kIdva, &Assessments::EndReview);
    Refuse(kIdva, &Assessments::MarkEnteredInError);
    Refuse(kIdva, &Assessments::PreviewScore);
    Refuse(kIdva, &Assessments::RecordCommunicationProfile);
    Refuse(kIdva, &Assessments::BeginSitting);
    Refuse(kIdva, &Assessments::RecordSitting);
    Refuse(kIdva, &Sessions::StartHandover);
    Refuse(kIdva, &Referrals::SaveDraft);
    Refuse(kIdva, &Referrals::SubmitReferral);
    Refuse(kCoordinator, &Referrals::CompleteReferral);
    Refuse(kIdva, &Referrals::CorrectReferralSafeContact);
    Refuse(kIdva, &Referrals::GetReferral);
    Refuse(kIdva, &Referrals::ListReferrals);
    Refuse(kCoordinator, &Referrals::FindMatches);
    Refuse(kCoordinator, &Referrals::AcceptReferral);
    Refuse(kCoordinator, &Referrals::ReturnReferral);
    Refuse(kCoordinator, &Referrals::DeclineReferral);
    Refuse(kCoordinator, &Referrals::MarkDuplicate);
    Refuse(kIdva, &Referrals::WithdrawReferral);
    Refuse(kCoordinator, &Referrals::ListExcludedPeople);
    Refuse(kCoordinator, &Referrals::ResolveExcludedPerson);
    Refuse(kIdva, &Cases::GetCase);
    Refuse(kIdva, &Cases::ListCases);
    Refuse(kIdva, &Cases::RevealDetail);
    Refuse(kIdva, &Cases::CorrectSafeContact);
    Refuse(kIdva, &Cases::RecordVictimContact);
    Refuse(kIdva, &Cases::RecordVictimUpdate);
    Refuse(kCoordinator, &Cases::CloseCase);
    Refuse(kCoordinator, &Meetings::ScheduleMeetings);
    Refuse(kCoordinator, &Meetings::MoveMeeting);
    Refuse(kChair, &Meetings::CancelMeeting);
    Refuse(kCoordinator, &Meetings::CallEmergencyMeeting);
    Refuse(kCoordinator, &Meetings::GetOpening);
    Refuse(kCoordinator, &Meetings::GetMeeting);
    Refuse(kCoordinator, &Meetings::ListMeetings);
    Refuse(kCoordinator, &Meetings::ProposeAgenda);
    Refuse(kChair, &Meetings::AdmitLateCase);
    Refuse(kCoordinator, &Meetings::PlaceItem);
    Refuse(kCoordinator, &Meetings::CirculateAgenda);
    Refuse(kCoordinator, &Meetings::GetAgenda);
    Refuse(kChair, &Meetings::StartMeeting);
    Refuse(kChair, &Meetings::RecordAttendance);
    Refuse(kChair, &Meetings::OpenItem);
    Refuse(kChair, &Meetings::RecordDiscussion);
    Refuse(kChair, &Meetings::CloseItem);
    Refuse(kChair, &Meetings::DeferItem);
    Refuse(kChair, &Meetings::CloseMeeting);
    Refuse(kChair, &Actions::CreateAction);
    Refuse("housing", &Actions::AcceptAction);
    Refuse("housing", &Actions::RefuseAction);
    Refuse("housing", &Actions::GetAction);
    Refuse("housing", &Actions::ListActions);
    Refuse("housing", &Actions::ReportAction);
    Refuse(kChair, &Actions::ExtendAction);
    Refuse("housing", &Researches::ListResearch);
    Refuse("housing", &Researches::ListResearchDue);
    Refuse("housing", &Researches::SaveResearch);
    Refuse("housing", &Researches::ReturnResearch);
    Refuse("auditor", &v1::AuditService::Stub::ListEvents);
    Refuse("auditor", &v1::AuditService::Stub::VerifyChain);
    Say("auditor", &v1::AuditService::Stub::ReviewAlert);
    Refuse("auditor", &v1::AuditService::Stub::ReviewAlert);
    Say(kAdmin, &Directory::StartRecovery);
    Refuse(kAdmin, &Directory::StartRecovery);
    Say(kIdva, &Sessions::StepUp);
    Refuse(kIdva, &Sessions::StepUp);
    Say(kIdva, &Sessions::EndSession);
    Refuse(kIdva, &Sessions::EndSession);
    Say(kIdva, &Sessions::Recover);
    Refuse(kIdva, &Sessions::Recover);
    Refuse(kChair, &Access::GetCaseAccess);
    Say(kChair, &Access::RestrictCase);
    Refuse(kChair, &Access::RestrictCase);
    Refuse(kChair, &Access::ExcludePerson);
    Say(kChair, &Access::DecideExclusion);
    Refuse(kChair, &Access::DecideExclusion);
    Say(kIdva, &Access::DeclareConflict);
    Refuse(kIdva, &Access::DeclareConflict);
    Refuse(kIdva, &Access::SaveOwnRegister);
    Refuse(kCoordinator, &Pilots::RegisterPilot);
    Refuse(kCoordinator, &Pilots::ListPilots);
    Refuse(kCoordinator, &Pilots::PairAssessments);
    Refuse(kAdmin, &Instruments::InstallInstrument);
    Refuse(kAdmin, &Instruments::ListInstruments);
    Refuse(kAdmin, &Instruments::DiffInstrument);
    Refuse(kAdmin, &Instruments::ActivateInstrument);
    Refuse(kAdmin, &Instruments::InstallPolicy);
    Refuse(kAdmin, &Instruments::ListPolicies);
    Refuse(kAdmin, &Instruments::GetPolicy);
    Refuse(kAdmin, &Instruments::PreviewPolicy);
    Say(kAdmin, &Instruments::RetireInstrument);
    Refuse(kAdmin, &Instruments::RetireInstrument);
    Refuse(kCoordinator, &Pilots::RecordPilotIncident);
    Refuse("steering", &Pilots::ReviewPilotIncident);
    Refuse("steering", &Pilots::GetPilotReport);
    Refuse("steering", &Pilots::ExportPilot);
  }

  // --- Who may see a case ----------------------------------------------------------------------------------

  absl::Status PlantAccess(const std::string& record) {
    v1::ExcludePersonRequest exclude;
    exclude.set_name(record);
    RETURN_IF_ERROR(Call(kCoordinator, &Access::ExcludePerson, exclude).status());
    v1::SaveOwnRegisterRequest save;
    v1::RegisteredPerson& person = *save.mutable_register_()->add_people();
    person.set_relation(v1::REGISTERED_RELATION_OTHER);
    person.mutable_name()->set_value("x");
    person.add_aliases("x");
    person.mutable_address()->mutable_lines()->set_value("x");
    person.mutable_address()->mutable_postcode()->set_value("x");
    return Call(kIdva, &Access::SaveOwnRegister, save).status();
  }

  // A request that is new, or a field, must not go without a canary unnoticed.
  absl::Status CheckNothingMissed() const {
    std::string missed;
    for (const google::protobuf::Descriptor* type :
         {v1::SignInRequest::descriptor(), v1::CreateAccountRequest::descriptor(),
          v1::StartAssessmentRequest::descriptor(), v1::SaveDraftRequest::descriptor(),
          v1::GetCaseRequest::descriptor(), v1::GetMeetingRequest::descriptor(),
          v1::GetCaseAccessRequest::descriptor(), v1::CreateActionRequest::descriptor(),
          v1::ListEventsRequest::descriptor(), v1::RegisterPilotRequest::descriptor(),
          v1::InstallInstrumentRequest::descriptor(), v1::SaveResearchRequest::descriptor()}) {
      const google::protobuf::ServiceDescriptor& service = *type->file()->service(0);
      for (int i = 0; i < service.method_count(); ++i) {
        for (const std::string& field : canaries_.Missed(service.method(i)->input_type())) {
          missed += fmt::format(" {} ({})", field, service.method(i)->name());
        }
      }
    }
    if (missed.empty()) return absl::OkStatus();
    return absl::InternalError("no canary was put into:" + missed);
  }

  World& world_;
  Canaries canaries_;
  Plan plan_;
};

}  // namespace

absl::StatusOr<std::vector<Canary>> PlantCanaries(World& world) { return Planter(world).Run(); }

}  // namespace marac::demo
