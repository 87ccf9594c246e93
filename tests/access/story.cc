#include "tests/access/story.h"

#include <cstdio>
#include <cstdlib>

#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "tests/support/assessments.h"
#include "tests/support/complete_discussion.h"
#include "tests/support/complete_referral.h"

namespace marac::testing {
namespace {

using Assessments = v1::AssessmentService::Stub;
using Referrals = v1::ReferralService::Stub;
using Cases = v1::CaseService::Stub;
using Meetings = v1::MeetingService::Stub;
using Actions = v1::ActionService::Stub;
using Research = v1::ResearchService::Stub;

constexpr char kArea[] = "areas/test";

}  // namespace

void DieOf(const absl::Status& status, const std::string& what) {
  std::fprintf(stderr, "access world: %s: %s\n", what.c_str(), status.ToString().c_str());
  std::abort();
}

v1::Assessment Assess(const Client& author, const v1::Referral& referral, Until until) {
  v1::StartAssessmentRequest start;
  start.set_parent(kArea);
  *start.mutable_victim() = AdultParty(referral.victim().name().value(), 1990);
  *start.add_perpetrators() = AdultParty(referral.perpetrators(0).name().value(), 1985);
  v1::Assessment made = Must(author.Call(&Assessments::StartAssessment, start), "start");
  v1::AppendAnswersRequest append;
  append.set_name(made.name());
  *append.mutable_answers() = OnlyYes({2});
  made = Must(author.Call(&Assessments::AppendAnswers, append), "append");
  if (until == Until::kAnswered) return made;
  v1::CompleteAssessmentRequest complete;
  complete.set_name(made.name());
  complete.set_etag(made.etag());
  complete.mutable_judgement()->set_text("She is afraid, and has somewhere safe to be.");
  made = Must(author.Call(&Assessments::CompleteAssessment, complete), "complete");
  if (until == Until::kCompleted) return made;
  v1::SignAssessmentRequest sign;
  sign.set_name(made.name());
  sign.set_etag(made.etag());
  return Must(author.Call(&Assessments::SignAssessment, sign), "sign");
}

void WriteDraft(Story& story, const Client& author, const v1::Referral& referral, size_t excluded) {
  story.draft = Assess(author, referral, Until::kAnswered);
  v1::PrintBookletRequest print;
  print.set_assessment(story.draft.name());
  story.booklet = Must(author.Call(&v1::DocumentService::Stub::PrintBooklet, print), "print").name();
  story.completed = Assess(author, referral, Until::kCompleted);
  story.signed_one = Assess(author, referral, Until::kSigned);

  v1::SaveDraftRequest& save = story.sent;
  save.set_parent(kArea);
  *save.mutable_referral() = referral;
  for (const v1::Assessment* made : {&story.draft, &story.completed, &story.signed_one}) {
    save.mutable_referral()->add_assessments(made->name());
  }
  save.mutable_referral()->set_has_excluded_people(v1::YES_NO_YES);
  for (size_t i = 0; i < excluded; ++i) {
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

void Submit(Story& story, const Client& author) {
  v1::SubmitReferralRequest submit;
  submit.set_name(story.referral.name());
  submit.set_etag(story.referral.etag());
  story.referral = Must(author.Call(&Referrals::SubmitReferral, submit), "submit");
}

void ShutOut(const Story& story, const Client& coordinator, std::span<const std::string> accounts) {
  for (size_t i = 0; i < accounts.size(); ++i) {
    v1::ResolveExcludedPersonRequest resolve;
    resolve.set_name(story.excluded[i]);
    resolve.set_answer(v1::EXCLUSION_ANSWER_WORKER);
    resolve.set_account(accounts[i]);
    Must(coordinator.Call(&Referrals::ResolveExcludedPerson, resolve), "shut out");
  }
}

void Accept(Story& story, const Client& coordinator) {
  v1::AcceptReferralRequest accept;
  accept.set_name(story.referral.name());
  accept.set_etag(story.referral.etag());
  accept.set_admit_reason("He is released tomorrow");
  story.referral = Must(coordinator.Call(&Referrals::AcceptReferral, accept), "accept");
}

void Discuss(Story& story, const Client& chair) {
  v1::OpenItemRequest open;
  open.set_name(story.item.name());
  story.item = Must(chair.Call(&Meetings::OpenItem, open), "open");
  v1::RecordDiscussionRequest record;
  record.set_name(story.item.name());
  record.set_etag(story.item.etag());
  *record.mutable_discussion() = CompleteDiscussion();
  record.mutable_discussion()->set_proportionality("Only what keeps her alive");
  story.item = Must(chair.Call(&Meetings::RecordDiscussion, record), "discussion");
}

void CloseItem(Story& story, const Client& chair) {
  v1::CloseItemRequest close;
  close.set_name(story.item.name());
  close.set_etag(story.item.etag());
  story.item = Must(chair.Call(&Meetings::CloseItem, close), "close item");
}

v1::Action ProposeAction(const Story& story, const Client& coordinator, const std::string& agency,
                         absl::Time due, const std::string& accepted_by) {
  v1::CreateActionRequest create;
  create.set_agenda_item(story.item.name());
  create.set_text("Change the locks");
  create.set_kind("SANCTUARY");
  create.set_agency(agency);
  create.set_accepted_by(accepted_by);
  *create.mutable_due_time() = domain::ToTimestamp(due);
  return Must(coordinator.Call(&Actions::CreateAction, create), "action");
}

v1::Action AcceptAction(const v1::Action& action, const Client& client) {
  v1::AcceptActionRequest accept;
  accept.set_name(action.name());
  accept.set_etag(action.etag());
  return Must(client.Call(&Actions::AcceptAction, accept), "accept action");
}

v1::Action Refuse(const v1::Action& action, const Client& client) {
  v1::RefuseActionRequest refuse;
  refuse.set_name(action.name());
  refuse.set_etag(action.etag());
  refuse.set_reason("Done already");
  return Must(client.Call(&Actions::RefuseAction, refuse), "refuse");
}

v1::Action ReportComplete(const v1::Action& action, const Client& client) {
  v1::ReportActionRequest report;
  report.set_name(action.name());
  report.set_etag(action.etag());
  report.set_state(v1::ACTION_STATE_COMPLETE);
  report.set_text("The locks were changed");
  return Must(client.Call(&Actions::ReportAction, report), "report");
}

std::string WorksheetName(const Story& story, const std::string& agency) {
  return story.record.name() + "/researchNotes/" + agency;
}

v1::ResearchNotes Worksheet(const Story& story, const std::string& agency, const Client& client,
                            absl::Time now) {
  v1::ListResearchRequest list;
  list.set_parent(story.record.name());
  const auto listed = client.Call(&Research::ListResearch, list);
  v1::ResearchNotes notes;
  notes.set_name(WorksheetName(story, agency));
  if (listed.ok()) notes.set_etag(listed->notes().etag());
  std::vector<std::string> people = {story.record.victim().party_id()};
  for (const v1::Party& party : story.record.perpetrators()) people.push_back(party.party_id());
  for (const v1::Party& party : story.record.children()) people.push_back(party.party_id());
  for (const std::string& person : people) {
    v1::SubjectSearch& search = *notes.add_searches();
    search.set_party_id(person);
    search.set_result(v1::SEARCH_RESULT_NOT_KNOWN);
    search.set_searched("Case system");
    *search.mutable_day() = domain::DateOf(now).ToDay();
  }
  return notes;
}

absl::StatusOr<v1::ResearchNotes> SaveWorksheet(const v1::ResearchNotes& notes, const Client& client) {
  v1::SaveResearchRequest save;
  *save.mutable_notes() = notes;
  return client.Call(&Research::SaveResearch, save);
}

void ReturnWorksheet(const v1::ResearchNotes& notes, const Client& client) {
  v1::ReturnResearchRequest request;
  request.set_name(notes.name());
  request.set_etag(notes.etag());
  Must(client.Call(&Research::ReturnResearch, request), "return research");
}

void UpdateVictim(Story& story, const Client& client) {
  v1::RecordVictimUpdateRequest update;
  update.set_name(story.record.name());
  update.set_etag(story.record.etag());
  update.set_told(true);
  update.set_text("By telephone, at a safe time");
  story.record = Must(client.Call(&Cases::RecordVictimUpdate, update), "update");
}

void CloseCase(Story& story, const Client& coordinator) {
  v1::CloseCaseRequest close;
  close.set_name(story.record.name());
  close.set_etag(story.record.etag());
  close.set_reason("All is done");
  story.record = Must(coordinator.Call(&Cases::CloseCase, close), "close case");
}

void ReadAssessments(Story& story, const Client& reader) {
  for (v1::Assessment* made : {&story.draft, &story.completed, &story.signed_one}) {
    v1::GetAssessmentRequest get;
    get.set_name(made->name());
    *made = Must(reader.Call(&Assessments::GetAssessment, get), "assessment");
  }
}

void ReadCase(Story& story, const Client& reader) {
  v1::GetCaseRequest get;
  get.set_name(story.referral.case_name());
  story.record = Must(reader.Call(&Cases::GetCase, get), "case");
}

}  // namespace marac::testing
