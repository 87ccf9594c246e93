#include "tests/access/world.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "rpc/setup.h"
#include "tests/support/assessments.h"
#include "tests/support/complete_referral.h"
#include "tests/support/complete_service.h"

namespace marac::testing {
namespace {

using Assessments = v1::AssessmentService::Stub;
using Referrals = v1::ReferralService::Stub;
using Cases = v1::CaseService::Stub;
using Meetings = v1::MeetingService::Stub;
using Actions = v1::ActionService::Stub;
using Directory = v1::DirectoryService::Stub;

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

void DieOf(const absl::Status& status, const std::string& what) {
  std::fprintf(stderr, "access world: %s: %s\n", what.c_str(), status.ToString().c_str());
  std::abort();
}

bool IsSystem(v1::Role role) { return role == v1::ROLE_AGENCY_SYSTEM || role == v1::ROLE_PARTNER_SYSTEM; }

World::World(size_t meetings) {
  // Those tried elsewhere are of the record's own agency, so it is a member there too.
  server_.AddArea("elsewhere", {kOwn});
  v1::CreateAgencyRequest agency;
  agency.mutable_agency()->set_name("agencies/elsewhere");
  agency.mutable_agency()->set_display_name("Elsewhere");
  agency.mutable_agency()->add_areas(kElsewhere);
  Must(server_.As("admin.council").Call(&Directory::CreateAgency, agency), "agency");
  AddPeople();
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
  const std::string base = server_.folder() + "/programs/" + name;
  const pki::Identity identity = Must(pki::ReadIdentity(base + ".key", base + ".pem"), "identity of " + name);
  return Client(server_.Channel(&identity), "", program.name());
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
        person.client =
            EnrolSystem(WordOf(role) + "-" + place.word, place.elsewhere ? "elsewhere" : place.agency,
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

v1::Meeting World::NextMeeting() {
  if (next_meeting_ == calendar_.size())
    DieOf(absl::OutOfRangeError("no meeting is left: ask for more"), "calendar");
  return calendar_[next_meeting_++];
}

v1::Meeting& World::MeetingAt(rules::Stage stage) {
  if (const auto kept = meetings_at_.find(stage); kept != meetings_at_.end()) return kept->second;
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
  v1::CreateActionRequest request;
  request.set_agenda_item(story.item.name());
  request.set_text("Change the locks");
  request.set_kind("SANCTUARY");
  request.set_agency(fmt::format("agencies/{}", kOwn));
  request.set_accepted_by(accepted_by);
  *request.mutable_due_time() = InDays(7);
  return Must(coordinator().Call(&Actions::CreateAction, request), "action");
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

void World::Write(Story& story, const Client& author, bool shut_out) {
  const std::string family = fmt::format("Invented{}", ++families_);
  const auto assess = [&](bool complete, bool sign) {
    v1::StartAssessmentRequest start;
    start.set_parent(kArea);
    *start.mutable_victim() = AdultParty("Maria " + family, 1990);
    *start.add_perpetrators() = AdultParty("Robert " + family, 1985);
    v1::Assessment made = Must(author.Call(&Assessments::StartAssessment, start), "start");
    v1::AppendAnswersRequest append;
    append.set_name(made.name());
    *append.mutable_answers() = OnlyYes({2});
    made = Must(author.Call(&Assessments::AppendAnswers, append), "append");
    if (complete) {
      v1::CompleteAssessmentRequest request;
      request.set_name(made.name());
      request.set_etag(made.etag());
      request.mutable_judgement()->set_text("She is afraid, and has somewhere safe to be.");
      made = Must(author.Call(&Assessments::CompleteAssessment, request), "complete");
    }
    if (sign) {
      v1::SignAssessmentRequest request;
      request.set_name(made.name());
      request.set_etag(made.etag());
      made = Must(author.Call(&Assessments::SignAssessment, request), "sign");
    }
    return made;
  };
  story.draft = assess(/*complete=*/false, /*sign=*/false);
  story.completed = assess(/*complete=*/true, /*sign=*/false);
  story.signed_one = assess(/*complete=*/true, /*sign=*/true);

  v1::SaveDraftRequest& save = story.sent;
  save.set_parent(kArea);
  v1::Referral& referral = *save.mutable_referral() = CompleteReferral();
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
  for (const v1::Assessment* made : {&story.draft, &story.completed, &story.signed_one}) {
    referral.add_assessments(made->name());
  }
  referral.set_has_excluded_people(v1::YES_NO_YES);
  for (int i = 0; i < (shut_out ? 11 : 1); ++i) {
    v1::ExcludedPerson& person = *save.add_excluded_people();
    person.set_person(kExcludedCanary);
    person.set_reason("A cousin of his");
  }
  v1::SafeContact& contact = *save.mutable_safe_contact() = CompleteSafeContact();
  contact.mutable_safe_times()->set_value(kSafeContactCanary);
  v1::ProtectedDetail& refuge = *save.add_protected_details();
  refuge.set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  refuge.mutable_address()->mutable_lines()->set_value(kRefugeCanary);
  refuge.mutable_address()->mutable_postcode()->set_value("MK9 9ZZ");

  story.referral = Must(author.Call(&Referrals::SaveDraft, save), "save");
  for (const v1::ProtectedDetailMask& mask : story.referral.protected_details()) {
    (mask.kind() == v1::PROTECTED_KIND_SAFE_CONTACT ? story.safe_contact : story.refuge) = mask.detail();
  }
  v1::ListExcludedPeopleRequest list;
  list.set_referral(story.referral.name());
  const auto listed = Must(author.Call(&Referrals::ListExcludedPeople, list), "excluded");
  for (const v1::ExcludedPerson& person : listed.excluded_people()) story.excluded.push_back(person.name());
  // What is sent again is the whole draft, but neither details nor people twice.
  save.clear_safe_contact();
  save.clear_protected_details();
  save.clear_excluded_people();
}

// Accepted, and proposed for a meeting of its own.
void World::List(Story& story) {
  v1::AcceptReferralRequest accept;
  accept.set_name(story.referral.name());
  accept.set_etag(story.referral.etag());
  accept.set_admit_reason("He is released tomorrow");
  story.referral = Must(coordinator().Call(&Referrals::AcceptReferral, accept), "accept");
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
  v1::GetCaseRequest get;
  get.set_name(story.referral.case_name());
  story.record = Must(coordinator().Call(&Cases::GetCase, get), "case");
}

void World::Hear(Story& story) {
  v1::OpenItemRequest open;
  open.set_name(story.item.name());
  story.item = Must(chair().Call(&Meetings::OpenItem, open), "open");
  v1::RecordDiscussionRequest record;
  record.set_name(story.item.name());
  record.set_etag(story.item.etag());
  v1::Discussion& discussion = *record.mutable_discussion();
  discussion.set_presenter("PC Shah, police");
  discussion.set_latest_incident("He followed her home on Friday");
  discussion.set_children_considered(v1::YES_NO_NO);
  discussion.set_proportionality("Only what keeps her alive");
  discussion.set_victim_views("She wants to stay at home");
  discussion.set_victim_views_source("Her adviser");
  discussion.set_risk_summary("Serious harm, soon");
  discussion.set_victim_update_by("Her adviser");
  discussion.set_victim_update_method("By telephone");
  story.item = Must(chair().Call(&Meetings::RecordDiscussion, record), "discussion");
  RenewActions(story);
  if (!Past(story.stage, rules::OPEN)) return;
  v1::CloseItemRequest close;
  close.set_name(story.item.name());
  close.set_etag(story.item.etag());
  story.item = Must(chair().Call(&Meetings::CloseItem, close), "close item");
  v1::GetCaseRequest get;
  get.set_name(story.record.name());
  story.record = Must(coordinator().Call(&Cases::GetCase, get), "case");
}

void World::MakeReadyToClose(Story& story) {
  if (story.ready_to_close) return;
  story.ready_to_close = true;
  v1::RecordVictimUpdateRequest update;
  update.set_name(story.record.name());
  update.set_etag(story.record.etag());
  update.set_told(true);
  update.set_text("By telephone, at a safe time");
  story.record = Must(coordinator().Call(&Cases::RecordVictimUpdate, update), "update");
  v1::ListActionsRequest list;
  list.set_parent(kArea);
  list.set_case_name(story.record.name());
  const auto listed = Must(coordinator().Call(&Actions::ListActions, list), "actions");
  for (const v1::Action& action : listed.actions()) {
    if (action.state() == v1::ACTION_STATE_PROPOSED) {
      v1::RefuseActionRequest refuse;
      refuse.set_name(action.name());
      refuse.set_etag(action.etag());
      refuse.set_reason("Done already");
      Must(AuthorOf(v1::ROLE_REPRESENTATIVE).client.Call(&Actions::RefuseAction, refuse), "refuse");
    } else if (action.state() == v1::ACTION_STATE_OPEN) {
      v1::ReportActionRequest report;
      report.set_name(action.name());
      report.set_etag(action.etag());
      report.set_state(v1::ACTION_STATE_COMPLETE);
      report.set_text("The locks were changed");
      Must(coordinator().Call(&Actions::ReportAction, report), "report");
    }
  }
}

std::unique_ptr<Story> World::Make(rules::Stage stage, v1::Role author_role, bool shut_out) {
  auto story = std::make_unique<Story>();
  story->stage = stage;
  story->author = author_role;
  const Client& author = AuthorOf(author_role).client;
  Write(*story, author, shut_out);
  if (stage == rules::DRAFT) return story;

  v1::SubmitReferralRequest submit;
  submit.set_name(story->referral.name());
  submit.set_etag(story->referral.etag());
  story->referral = Must(author.Call(&Referrals::SubmitReferral, submit), "submit");
  // Submitting changed the assessments as well.
  for (v1::Assessment* made : {&story->draft, &story->completed, &story->signed_one}) {
    v1::GetAssessmentRequest get;
    get.set_name(made->name());
    *made = Must(author.Call(&Assessments::GetAssessment, get), "assessment");
  }
  size_t next = 0;
  for (const Person& person : people_) {
    if (!shut_out || !person.shut_out) continue;
    v1::ResolveExcludedPersonRequest resolve;
    resolve.set_name(story->excluded[next++]);
    resolve.set_answer(v1::EXCLUSION_ANSWER_WORKER);
    resolve.set_account(person.client.account());
    Must(coordinator().Call(&Referrals::ResolveExcludedPerson, resolve), "shut out");
  }
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
  for (v1::Assessment* made : {&story->draft, &story->completed, &story->signed_one}) {
    v1::GetAssessmentRequest get;
    get.set_name(made->name());
    *made = Must(author.Call(&Assessments::GetAssessment, get), "assessment");
  }
  if (!Past(stage, rules::LISTED)) return story;
  Hear(*story);
  if (!Past(stage, rules::HEARD)) return story;
  MakeReadyToClose(*story);
  v1::CloseCaseRequest close;
  close.set_name(story->record.name());
  close.set_etag(story->record.etag());
  close.set_reason("All is done");
  story->record = Must(coordinator().Call(&Cases::CloseCase, close), "close case");
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
