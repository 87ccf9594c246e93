#include "tests/access/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/status_macros.h"
#include "domain/local_date.h"
#include "domain/record.h"
#include "domain/timestamp.h"
#include "rpc/setup.h"
#include "store/database.h"
#include "store/records.h"
#include "tests/support/area_packs.h"
#include "tests/support/assessments.h"
#include "tests/support/complete_referral.h"
#include "tests/support/complete_service.h"
#include "tests/support/pilot_plans.h"
#include "tests/support/sittings.h"

namespace marac::testing {
namespace {

using Assessments = v1::AssessmentService::Stub;
using Referrals = v1::ReferralService::Stub;
using Meetings = v1::MeetingService::Stub;
using Actions = v1::ActionService::Stub;
using Directory = v1::DirectoryService::Stub;
using Instruments = v1::InstrumentService::Stub;
using Pilots = v1::PilotService::Stub;

constexpr char kArea[] = "areas/test";
constexpr char kElsewhere[] = "areas/elsewhere";
constexpr char kPassword[] = "not a real password";
// Where those tried work, by relation. The record's own agency is housing.
constexpr char kOwn[] = "housing";
constexpr char kInvolved[] = "health";
constexpr char kUninvolved[] = "csc";

std::string WordOf(v1::Role role) {
  std::string word = v1::Role_Name(role).substr(5);
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c == '_' ? '-' : static_cast<char>(c + 32); });
  return word;
}

bool Past(rules::Stage stage, rules::Stage than) { return stage > than; }

}  // namespace

bool IsSystem(v1::Role role) { return role == v1::ROLE_AGENCY_SYSTEM || role == v1::ROLE_PARTNER_SYSTEM; }

World::World(size_t meetings, const ServerFixture::Clocks& clocks) : server_(clocks) {
  // Those tried elsewhere are of the record's own agency, so it is a member there too.
  server_.AddArea("elsewhere", {kOwn});
  v1::CreateAgencyRequest agency;
  agency.mutable_agency()->set_name("agencies/elsewhere");
  agency.mutable_agency()->set_display_name("Elsewhere");
  agency.mutable_agency()->add_areas(kElsewhere);
  Must(server_.As("admin.council").Call(&Directory::CreateAgency, agency), "agency");
  AddPeople();
  RaiseLimits();
  AddMeetings(meetings);
  waiting_ = At(rules::RECEIVED, v1::ROLE_REFERRER).referral;
  stories_.clear();
}

Client World::EnrolSystem(const std::string& name, const std::string& agency, v1::ProgramKind kind) {
  const std::string pem = Must(rpc::IssueProgramCertificate(server_.folder(), "marac.test", agency, name),
                               "certificate of " + name);
  v1::EnrolProgramRequest request;
  request.mutable_program()->set_kind(kind);
  request.mutable_program()->set_agency("agencies/" + agency);
  request.mutable_program()->set_display_name(name);
  request.set_certificate_pem(pem);
  const v1::Program program =
      Must(server_.As("admin.council").Call(&Directory::EnrolProgram, request), "enrol " + name);
  return server_.SystemAgain(name, Client(nullptr, "", program.name()));
}

std::unique_ptr<ServerFixture> World::MakeTwin(std::shared_ptr<const Twin> twin) {
  std::unique_ptr<ServerFixture> other = server_.RestartWithACopy();
  server_.TellAsWell(*other, std::move(twin));
  for (Person& person : people_) {
    person.client = IsSystem(person.role) ? server_.SystemAgain(person.program, person.client)
                                          : server_.Again(person.client);
  }
  return other;
}

void World::AddPeople() {
  people_.push_back({.label = "nobody", .client = server_.Nobody()});
  struct Place {
    const char* word;
    const char* agency;
    rules::Relation relation;
    bool elsewhere = false;
    bool shut_out = false;
  };
  const Place places[] = {{"uninvolved", kUninvolved, rules::UNINVOLVED},
                          {"involved", kInvolved, rules::INVOLVED},
                          {"own", kOwn, rules::OWN_AGENCY},
                          {"author", kOwn, rules::AUTHOR},
                          {"elsewhere", kOwn, rules::OWN_AGENCY, /*elsewhere=*/true},
                          {"shut", kOwn, rules::OWN_AGENCY, /*elsewhere=*/false, /*shut_out=*/true}};
  for (const Place& place : places) {
    for (int number = v1::ROLE_REFERRER; number <= v1::Role_MAX; ++number) {
      const auto role = static_cast<v1::Role>(number);
      if (place.relation == rules::AUTHOR && std::ranges::count(kAuthors, role) == 0) continue;
      // Who must not receive a case is a person.
      if (place.shut_out && IsSystem(role)) continue;
      Person person{.label = WordOf(role) + "." + place.word,
                    .role = role,
                    .relation = place.relation,
                    .elsewhere = place.elsewhere,
                    .shut_out = place.shut_out,
                    .login = WordOf(role) + "." + place.word,
                    .password = kPassword};
      if (IsSystem(role)) {
        // A system's areas are its agency's.
        person.program = WordOf(role) + "-" + place.word;
        person.client = EnrolSystem(person.program, place.elsewhere ? "elsewhere" : place.agency,
                                    role == v1::ROLE_AGENCY_SYSTEM ? v1::PROGRAM_KIND_AGENCY_SYSTEM
                                                                   : v1::PROGRAM_KIND_PARTNER_SYSTEM);
        if (place.elsewhere) person.relation = rules::UNINVOLVED;
      } else {
        server_.AddAccount(person.login, place.agency, {role}, place.elsewhere ? kElsewhere : kArea);
        person.client = server_.SignIn(person.login);
      }
      people_.push_back(std::move(person));
    }
  }
}

Person& World::Find(const std::string& label) {
  const auto found = std::ranges::find(people_, label, &Person::label);
  if (found == people_.end()) DieOf(absl::NotFoundError(label), "person");
  return *found;
}

Person& World::AuthorOf(v1::Role role) { return Find(WordOf(role) + ".author"); }

void World::Renew(Person& person) {
  if (!IsSystem(person.role)) person.client = server_.SignIn(person.login, person.password);
}

void World::Prove(const Person& person) {
  if (person.login.empty() || IsSystem(person.role)) return;
  v1::StepUpRequest request;
  request.set_password(person.password);
  Must(person.client.Call(&v1::SessionService::Stub::StepUp, request), "step-up of " + person.label);
}

v1::Account World::AddWaiting(const std::string& agency) {
  v1::CreateAccountRequest request;
  v1::Account& account = *request.mutable_account();
  account.set_login(fmt::format("waits.{}", ++newcomers_));
  account.set_display_name("Somebody who waits");
  account.set_agency("agencies/" + agency);
  v1::RoleGrant& grant = *account.add_roles();
  grant.set_area(kArea);
  grant.set_role(v1::ROLE_CHAIR);
  request.set_password(kPassword);
  return Must(server_.As("admin.council").Call(&Directory::CreateAccount, request), "somebody who waits");
}

std::string World::AddReferrer(const std::string& agency) {
  const std::string login = fmt::format("newcomer.{}", ++newcomers_);
  server_.AddAccount(login, agency, {v1::ROLE_REFERRER});
  return login;
}

std::string World::RecoveryCodeOf(const std::string& login) {
  v1::StartRecoveryRequest request;
  request.set_name(server_.SignIn(login).account());
  request.set_reason("Called back on the desk");
  return Must(server_.As("admin.council").Call(&Directory::StartRecovery, request), "recovery")
      .recovery_code();
}

google::protobuf::Timestamp World::InDays(int days) {
  return domain::ToTimestamp(server_.Now() + absl::Hours(24 * days));
}

// A meeting can only be put on a day to come and only be started on its day or after it, and there is one a
// day: so the calendar is filled first, and then it is a year later.
void World::AddMeetings(size_t count) {
  const domain::LocalDate today = domain::DateOf(server_.Now());
  for (int offset = 1; calendar_.size() < count; ++offset) {
    v1::ScheduleMeetingsRequest request;
    request.set_parent(kArea);
    *request.mutable_first_day() = today.AddDays(offset).ToDay();
    request.set_count(1);
    request.set_start_minute(9 * 60);
    request.mutable_length()->set_seconds(3 * 3600);
    request.set_venue("Room 1");
    request.add_invited_agencies(fmt::format("agencies/{}", kOwn));
    request.add_invited_agencies(fmt::format("agencies/{}", kInvolved));
    const auto made = coordinator().Call(&Meetings::ScheduleMeetings, request);
    // Weekends and holidays have none, or share one with the day after.
    if (made.ok()) calendar_.push_back(made->meetings(0));
  }
  server_.AdvanceTo(domain::FromTimestamp(calendar_.back().end_time()) + absl::Hours(48));
}

v1::SupportService World::AddService() {
  v1::CreateServiceRequest request;
  request.set_parent(kArea);
  *request.mutable_service() = CompleteService(domain::DateOf(server_.Now()));
  return Must(coordinator().Call(&Directory::CreateService, request), "service");
}

v1::SupportService World::Service() {
  if (service_.empty()) service_ = AddService().name();
  v1::GetServiceRequest request;
  request.set_name(service_);
  return Must(coordinator().Call(&Directory::GetService, request), "service");
}

v1::Pilot World::AddPilot() {
  const domain::LocalDate today = domain::DateOf(server_.Now());
  v1::RegisterPilotRequest request;
  request.set_parent(kArea);
  *request.mutable_plan() = PlanOfTwoRaters(today);
  return Must(coordinator().Call(&Pilots::RegisterPilot, request), "pilot");
}

v1::Pilot World::Pilot() {
  if (pilot_.name().empty()) {
    pilot_ = AddPilot();
    v1::PairAssessmentsRequest pair = TwoToPair();
    pair.set_pilot(pilot_.name());
    Must(coordinator().Call(&Pilots::PairAssessments, pair), "pair");
  }
  return pilot_;
}

v1::PilotIncident World::Incident() {
  v1::PilotIncident incident;
  *incident.mutable_day() = domain::DateOf(server_.Now()).ToDay();
  incident.set_kind(v1::PILOT_INCIDENT_KIND_DISTRESS);
  incident.set_text("Somebody asked to stop");
  return incident;
}

std::string World::IncidentToReview() {
  v1::ListPilotsRequest list;
  list.set_parent(kArea);
  list.set_page_size(100);
  v1::Pilot now = Pilot();
  const v1::ListPilotsResponse listed = Must(coordinator().Call(&Pilots::ListPilots, list), "pilots");
  for (const v1::Pilot& pilot : listed.pilots()) {
    if (pilot.name() == now.name()) now = pilot;
  }
  for (const v1::PilotIncident& incident : now.incidents()) {
    if (!incident.has_review()) return incident.id();
  }
  v1::RecordPilotIncidentRequest request;
  request.set_name(now.name());
  *request.mutable_incident() = Incident();
  now = Must(coordinator().Call(&Pilots::RecordPilotIncident, request), "incident");
  return now.incidents(now.incidents_size() - 1).id();
}

v1::InstallInstrumentRequest World::NewInstrument() {
  v1::InstrumentPack pack = CountyPack(fmt::format("1.{}", ++instruments_));
  SignOff(pack);
  return Signed(pack);
}

v1::InstallPolicyRequest World::NewPolicy() {
  v1::InstallPolicyRequest request;
  request.set_parent(kArea);
  request.set_policy_file(PolicyText(CountyPolicy(fmt::format("1.{}", ++instruments_))));
  return request;
}

v1::AreaInstrument World::FindInstrument(bool installed_alone) {
  const Client& admin = server_.As("admin.council");
  v1::ListInstrumentsRequest request;
  request.set_parent(kArea);
  const auto list = Must(admin.Call(&Instruments::ListInstruments, request), "instruments");
  for (const v1::AreaInstrument& instrument : list.instruments()) {
    if (instrument.state() == v1::INSTRUMENT_STATE_INSTALLED ||
        (!installed_alone && instrument.state() == v1::INSTRUMENT_STATE_ACTIVE)) {
      return instrument;
    }
  }
  return Must(admin.Call(&Instruments::InstallInstrument, NewInstrument()), "instrument");
}

v1::AreaInstrument World::InstrumentToActivate() { return FindInstrument(/*installed_alone=*/true); }

v1::AreaInstrument World::InstrumentToRetire() { return FindInstrument(/*installed_alone=*/false); }

v1::PairAssessmentsRequest World::TwoToPair() {
  const auto completed = [](const Client& by) {
    return Assess(by, CompleteReferral(), Until::kCompleted).name();
  };
  v1::PairAssessmentsRequest request;
  request.set_pilot(AddPilot().name());
  request.set_reference(completed(idva()));
  request.set_variant(completed(server_.As("referrer.police")));
  request.set_order(v1::PILOT_ORDER_REFERENCE_FIRST);
  request.set_blind(v1::YES_NO_YES);
  return request;
}

// What is tried is access; one IDVA opens what no IDVA opens in an hour.
void World::RaiseLimits() {
  const Client& admin = server_.As("admin.council");
  v1::GetAreaRequest get;
  get.set_name(kArea);
  v1::UpdateAreaRequest request;
  *request.mutable_area() = Must(admin.Call(&Directory::GetArea, get), "area");
  v1::UseLimits& limits = *request.mutable_area()->mutable_settings()->mutable_limits();
  limits.set_uninvolved_opens_per_hour(10'000);
  limits.set_lists_per_minute(10'000);
  limits.set_searches_per_minute(10'000);
  limits.set_opens_per_day(10'000);
  limits.set_reveals_per_day(10'000);
  Must(admin.Call(&Directory::UpdateArea, request), "limits");
}

std::string World::AddAlert() {
  v1::Alert alert;
  alert.set_name(fmt::format("{}/alerts/{}", kArea, ++alerts_));
  alert.set_kind(v1::ALERT_KIND_UNINVOLVED_OPEN);
  alert.set_state(v1::ALERT_STATE_WAITING);
  alert.set_account(AuthorOf(v1::ROLE_IDVA).client.account());
  alert.set_agency(fmt::format("agencies/{}", kOwn));
  const absl::Status kept = server_.host().database().Write(
      [&](store::WriteTransaction& tx) -> absl::Status {
        RETURN_IF_ERROR(store::NewScope(tx, alert.name(), kArea, domain::Stage::kArea));
        RETURN_IF_ERROR(store::ShutOut(tx, alert.name(), alert.account()));
        return store::InsertRecord(tx,
                                   {.name = alert.name(),
                                    .kind = domain::Kind::kAlert,
                                    .area = kArea,
                                    .columns = domain::ColumnsOf(alert),
                                    .body = alert.SerializeAsString()},
                                   alert.name(), /*time_ms=*/0, "server");
      },
      [](const absl::Status&) {
        domain::AuditEvent event;
        event.kind = domain::AuditKind::kAlert;
        event.method = "alert";
        return event;
      });
  if (!kept.ok()) DieOf(kept, "alert");
  return alert.name();
}

v1::Meeting World::NextMeeting() {
  if (next_meeting_ == calendar_.size())
    DieOf(absl::OutOfRangeError("no meeting is left: ask for more"), "calendar");
  return AsItIs(calendar_[next_meeting_++]);
}

v1::Meeting World::AsItIs(const v1::Meeting& meeting) {
  v1::GetMeetingRequest request;
  request.set_name(meeting.name());
  return Must(coordinator().Call(&Meetings::GetMeeting, request), "meeting");
}

v1::Meeting& World::MeetingAt(rules::Stage stage) {
  if (const auto kept = meetings_at_.find(stage); kept != meetings_at_.end()) {
    return kept->second = AsItIs(kept->second);
  }
  v1::Meeting meeting = NextMeeting();
  if (stage > rules::MEETING_SCHEDULED) {
    v1::CirculateAgendaRequest request;
    request.set_name(meeting.name());
    request.set_etag(meeting.etag());
    meeting = Must(coordinator().Call(&Meetings::CirculateAgenda, request), "circulate").meeting();
  }
  if (stage > rules::MEETING_CIRCULATED) {
    v1::StartMeetingRequest request;
    request.set_name(meeting.name());
    request.set_etag(meeting.etag());
    meeting = Must(chair().Call(&Meetings::StartMeeting, request), "start");
  }
  if (stage > rules::MEETING_IN_PROGRESS) {
    v1::CloseMeetingRequest request;
    request.set_name(meeting.name());
    request.set_etag(meeting.etag());
    meeting = Must(chair().Call(&Meetings::CloseMeeting, request), "close");
  }
  return meetings_at_[stage] = meeting;
}

Story& World::At(rules::Stage stage, v1::Role author, bool shut_out) {
  std::unique_ptr<Story>& story = stories_[{{stage, author}, shut_out}];
  if (story == nullptr) story = Make(stage, author, shut_out);
  return *story;
}

void World::Spend(Story& story) {
  std::erase_if(stories_, [&](const auto& entry) { return entry.second.get() == &story; });
}

void World::DropReadyToClose() {
  std::erase_if(stories_, [](const auto& entry) { return entry.second->ready_to_close; });
}

void World::AbsorbMeeting(rules::Stage stage, const google::protobuf::Message& answer) {
  v1::Meeting& meeting = MeetingAt(stage);
  if (answer.GetDescriptor() != v1::Meeting::descriptor()) return;
  const auto& read = dynamic_cast<const v1::Meeting&>(answer);
  if (read.name() == meeting.name()) meeting.set_etag(read.etag());
}

void World::Absorb(Story& story, const google::protobuf::Message& answer) {
  const auto take = [&answer](google::protobuf::Message& kept, const std::string& name) {
    if (kept.GetDescriptor() != answer.GetDescriptor()) return;
    const auto* field = kept.GetDescriptor()->FindFieldByName("name");
    const auto* etag = kept.GetDescriptor()->FindFieldByName("etag");
    if (answer.GetReflection()->GetString(answer, field) != name) return;
    // The rest may have been redacted for whoever got the answer.
    kept.GetReflection()->SetString(&kept, etag, answer.GetReflection()->GetString(answer, etag));
    if (const auto* seq = kept.GetDescriptor()->FindFieldByName("last_seq")) {
      kept.GetReflection()->SetInt64(&kept, seq, answer.GetReflection()->GetInt64(answer, seq));
    }
  };
  take(story.referral, story.referral.name());
  take(story.draft, story.draft.name());
  take(story.completed, story.completed.name());
  take(story.signed_one, story.signed_one.name());
  take(story.record, story.record.name());
  take(story.item, story.item.name());
  take(story.proposed, story.proposed.name());
  take(story.open, story.open.name());
}

v1::Action World::AddAction(const Story& story, const std::string& accepted_by) {
  return ProposeAction(story, coordinator(), fmt::format("agencies/{}", kOwn),
                       server_.Now() + absl::Hours(24 * 7), accepted_by);
}

void World::OpenAgain(const Story& story, const Person& person) {
  using Access = v1::AccessService::Stub;
  const std::string& name = story.record.name().empty() ? story.referral.name() : story.record.name();
  v1::RestrictCaseRequest open;
  open.set_name(name);
  open.set_reason("It was tried");
  Must(chair().Call(&Access::RestrictCase, open), "end the restriction");
  v1::DecideExclusionRequest lift;
  lift.set_name(name);
  lift.set_subject(person.client.account());
  lift.set_lift(true);
  lift.set_reason("It was tried");
  // Of a restriction there is nobody to let in again.
  chair().Call(&Access::DecideExclusion, lift).IgnoreError();
}

void World::RenewActions(Story& story) {
  story.proposed = AddAction(story, "");
  const std::string& author = AuthorOf(story.author).client.account();
  // A system accepts nothing; its agency's people do.
  story.open = AddAction(
      story, author.starts_with("accounts/") ? author : AuthorOf(v1::ROLE_REPRESENTATIVE).client.account());
}

void World::Amend(Story& story) {
  v1::AmendAssessmentRequest request;
  request.set_name(story.completed.name());
  request.set_etag(story.completed.etag());
  *request.add_answers() = AnswerTo(2, v1::ANSWER_CODE_NO);
  request.set_reason("Said again");
  story.completed = Must(AuthorOf(story.author).client.Call(&Assessments::AmendAssessment, request), "amend");
}

// Of a draft that was completed meanwhile, or is not this world's to change, there is none: who may is what
// is tried.
void World::InASitting(Story& story) {
  const auto begun =
      AuthorOf(story.author).client.Call(&Assessments::BeginSitting, Begin(story.draft.name()));
  if (begun.ok()) story.draft = *begun;
}

void World::OutOfASitting(Story& story) {
  v1::RecordSittingRequest request;
  request.set_name(story.draft.name());
  request.set_end(true);
  const auto ended = AuthorOf(story.author).client.Call(&Assessments::RecordSitting, request);
  if (ended.ok()) story.draft = *ended;
}

void World::AwaitingReview(Story& story) {
  v1::GetAssessmentRequest get;
  get.set_name(story.signed_one.name());
  const auto now = AuthorOf(story.author).client.Call(&Assessments::GetAssessment, get);
  if (!now.ok() || now->review().has_due()) return;
  v1::RecordChangeRequest request;
  request.set_name(story.signed_one.name());
  request.set_code("COURT");
  const auto changed = AuthorOf(story.author).client.Call(&Assessments::RecordChange, request);
  if (changed.ok()) story.signed_one = *changed;
}

void World::Write(Story& story, const Client& author, size_t excluded) {
  const std::string family = fmt::format("Invented{}", ++families_);
  v1::Referral referral = CompleteReferral();
  referral.mutable_victim()->mutable_name()->set_value("Maria " + family);
  referral.mutable_perpetrators(0)->mutable_name()->set_value("Robert " + family);
  referral.mutable_children(0)->mutable_name()->set_value("Sam " + family);
  *referral.add_others_at_risk() = AdultParty("Ana " + family, 1960);
  referral.mutable_staff_safety()->set_value("A dog");
  referral.mutable_victim_voice()->set_consent(v1::YES_NO_NO);
  v1::SharedWithoutConsent& shared = *referral.mutable_shared_without_consent();
  shared.set_decided_by("The manager");
  SetDay(*shared.mutable_decided_on(), 2026, 11, 2);
  shared.set_why_no_consent("She refused");
  shared.set_risk_relied_on("Threats to kill");
  shared.set_lawful_grounds("Vital interests");
  shared.set_recipients("The MARAC");
  shared.set_what_is_shared("This referral");
  shared.set_necessity("Her life");
  shared.set_proportionality("Only she and the child");
  WriteDraft(story, author, referral, excluded);
}

// Accepted, and proposed for a meeting of its own.
void World::List(Story& story) {
  Accept(story, coordinator());
  story.meeting = NextMeeting();
  v1::AdmitLateCaseRequest admit;
  admit.set_name(story.meeting.name());
  admit.set_case_name(story.referral.case_name());
  admit.set_reason("It cannot wait");
  v1::Agenda agenda = Must(chair().Call(&Meetings::AdmitLateCase, admit), "admit");
  if (Past(story.stage, rules::ACCEPTED)) {
    v1::CirculateAgendaRequest circulate;
    circulate.set_name(story.meeting.name());
    circulate.set_etag(agenda.meeting().etag());
    agenda = Must(coordinator().Call(&Meetings::CirculateAgenda, circulate), "circulate");
    v1::StartMeetingRequest start;
    start.set_name(story.meeting.name());
    start.set_etag(agenda.meeting().etag());
    const v1::Meeting started = Must(chair().Call(&Meetings::StartMeeting, start), "start");
    v1::RecordAttendanceRequest attend;
    attend.set_name(started.name());
    attend.set_etag(started.etag());
    v1::Attendance& entry = *attend.add_attendance();
    entry.set_agency(fmt::format("agencies/{}", kOwn));
    entry.set_person("Somebody who can accept an action");
    entry.set_state(v1::ATTENDANCE_STATE_PRESENT);
    Must(chair().Call(&Meetings::RecordAttendance, attend), "attendance");
  }
  story.item = agenda.items(0);
  ReadCase(story, coordinator());
}

void World::Hear(Story& story) {
  Discuss(story, chair());
  RenewActions(story);
  if (!Past(story.stage, rules::OPEN)) return;
  CloseItem(story, chair());
  ReadCase(story, coordinator());
}

void World::MakeReadyToClose(Story& story) {
  if (story.ready_to_close) return;
  story.ready_to_close = true;
  UpdateVictim(story, coordinator());
  v1::ListActionsRequest list;
  list.set_parent(kArea);
  list.set_case_name(story.record.name());
  const auto listed = Must(coordinator().Call(&Actions::ListActions, list), "actions");
  for (const v1::Action& action : listed.actions()) {
    if (action.state() == v1::ACTION_STATE_PROPOSED) {
      Refuse(action, AuthorOf(v1::ROLE_REPRESENTATIVE).client);
    } else if (action.state() == v1::ACTION_STATE_OPEN) {
      ReportComplete(action, coordinator());
    }
  }
}

std::unique_ptr<Story> World::Make(rules::Stage stage, v1::Role author_role, bool shut_out) {
  auto story = std::make_unique<Story>();
  story->stage = stage;
  story->author = author_role;
  const Client& author = AuthorOf(author_role).client;
  std::vector<std::string> accounts;
  for (const Person& person : people_) {
    if (shut_out && person.shut_out) accounts.push_back(person.client.account());
  }
  Write(*story, author, /*excluded=*/shut_out ? accounts.size() : 1);
  if (stage == rules::DRAFT) return story;

  Submit(*story, author);
  // Submitting changed the assessments as well.
  ReadAssessments(*story, author);
  ShutOut(*story, coordinator(), accounts);
  if (!shut_out) {
    v1::ResolveExcludedPersonRequest resolve;
    resolve.set_name(story->excluded[0]);
    resolve.set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
    Must(coordinator().Call(&Referrals::ResolveExcludedPerson, resolve), "resolve");
  }
  if (stage == rules::RETURNED) {
    v1::ReturnReferralRequest request;
    request.set_name(story->referral.name());
    request.set_etag(story->referral.etag());
    request.set_reasons("Say more about the child");
    story->referral = Must(coordinator().Call(&Referrals::ReturnReferral, request), "return");
  }
  if (!Past(stage, rules::RETURNED)) return story;
  List(*story);
  // Accepting named the case in the assessments.
  ReadAssessments(*story, author);
  if (!Past(stage, rules::LISTED)) return story;
  Hear(*story);
  if (!Past(stage, rules::HEARD)) return story;
  MakeReadyToClose(*story);
  CloseCase(*story, coordinator());
  story->ready_to_close = false;
  // Its actions are answered and reported, as they are in every closed case.
  for (v1::Action* action : {&story->proposed, &story->open}) {
    v1::GetActionRequest get;
    get.set_name(action->name());
    *action = Must(coordinator().Call(&Actions::GetAction, get), "action");
  }
  return story;
}

}  // namespace marac::testing
