#include "demo/fill.h"

#include <fmt/format.h>
#include <google/protobuf/util/time_util.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"
#include "demo/invent.h"
#include "demo/plan.h"
#include "demo/random.h"
#include "demo/requests.h"
#include "demo/schedule.h"
#include "demo/services.h"
#include "demo/staff.h"
#include "demo/wording.h"
#include "domain/timestamp.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "marac/v1/assessment_service.grpc.pb.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/meeting_service.grpc.pb.h"
#include "marac/v1/referral_service.grpc.pb.h"
#include "marac/v1/research_service.grpc.pb.h"

namespace marac::demo {
namespace {

using domain::FromTimestamp;
using domain::LocalDate;
using domain::ToTimestamp;
using Assessments = v1::AssessmentService::Stub;
using Referrals = v1::ReferralService::Stub;
using Cases = v1::CaseService::Stub;
using Meetings = v1::MeetingService::Stub;
using Actions = v1::ActionService::Stub;
using Directory = v1::DirectoryService::Stub;
using Researches = v1::ResearchService::Stub;

constexpr char kCoordinator[] = "coordinator";
constexpr char kChair[] = "chair";
constexpr char kMinutes[] = "minutes";
constexpr char kIdva[] = "idva";
// The next meeting after today's present, and some to come.
constexpr int kMeetingsAhead = 6;

// The status with what was being done, so that a refusal in the middle of a year says where.
absl::Status During(const absl::Status& status, std::string_view what) {
  if (status.ok()) return status;
  return absl::Status(status.code(), fmt::format("{}: {}", what, std::string(status.message())));
}

class Filler {
 public:
  Filler(World& world, const FillOptions& options, absl::Time start)
      : world_(world), options_(options), start_(start), plan_(MakePlan(options.seed, start, options.end)) {
    // A plan keeps its referrals where they are, so that tasks may point at them.
    runs_.resize(plan_.referrals.size());
  }

  absl::Status Run() {
    RETURN_IF_ERROR(ShareResearch());
    RETURN_IF_ERROR(ScheduleMeetings());
    RETURN_IF_ERROR(FindHelpline());
    for (const PlannedReferral& planned : plan_.referrals) {
      At(planned.submit_time, "a referral", [this, &planned] { return Refer(planned); });
    }
    for (const PlannedAssessment& planned : plan_.assessments) {
      At(planned.time, "an assessment", [this, &planned] { return AssessOnly(planned); });
    }
    RETURN_IF_ERROR(schedule_.Run(world_, options_.end, options_.threads,
                                  [this](absl::Time moment) { ShowProgress(domain::DateOf(moment)); }));
    std::fprintf(stderr, "\n");
    // Onward to the present, which is later than when this began.
    return world_.AdvanceTo(absl::Now());
  }

 private:
  // What has become of a planned referral so far. Its own tasks follow one another; only the meeting looks it
  // up by case, under the mutex.
  struct Progress {
    v1::Referral referral;
    std::vector<std::string> assessments;
    bool was_returned = false;
    bool was_deferred = false;
  };

  Progress& RunOf(const PlannedReferral& planned) { return runs_[static_cast<size_t>(planned.number)]; }
  const Household& HouseholdOf(const PlannedReferral& planned) const {
    return plan_.households[planned.household];
  }
  Random RandomFor(const PlannedReferral& planned, uint64_t purpose) const {
    return Random(options_.seed, purpose * 100'000 + static_cast<uint64_t>(planned.number));
  }

  void At(absl::Time time, const std::string& what, std::function<absl::Status()> task) {
    schedule_.At(time, [what, task = std::move(task)] { return During(task(), what); });
  }

  void ShowProgress(LocalDate day) {
    const bool is_terminal = isatty(STDERR_FILENO) == 1;
    const bool new_month = !shown_ || shown_->month() != day.month();
    if (shown_ == day || (!is_terminal && !new_month)) return;
    shown_ = day;
    absl::MutexLock lock(&mutex_);
    std::fprintf(stderr, "%s%s: %d referrals, %d cases heard, %d actions", is_terminal ? "\r" : "\n",
                 day.Iso().c_str(), referrals_, heard_, actions_);
    std::fflush(stderr);
  }

  // The next working day after `time`, at `hour`.
  static absl::Time NextOfficeDay(absl::Time time, int hour) {
    return OfficeTime(domain::DateOf(time).AddDays(1), hour, 0);
  }

  // --- The calendar ----------------------------------------------------------------------------------------

  // Meetings every two weeks on a Wednesday, placed so that the present lies before the next one.
  absl::Status ScheduleMeetings() {
    LocalDate next = domain::DateOf(options_.end).AddDays(1);
    while (absl::GetWeekday(next.civil()) != absl::Weekday::wednesday) next = next.AddDays(1);
    LocalDate first = next;
    int count = kMeetingsAhead;
    // The first three weeks bring the referrals for the first one.
    while (first.AddDays(-14) >= domain::DateOf(start_).AddDays(21)) {
      first = first.AddDays(-14);
      ++count;
    }
    v1::ScheduleMeetingsRequest request;
    request.set_parent(world_.area());
    *request.mutable_first_day() = first.ToDay();
    request.set_count(count);
    request.set_start_minute(9 * 60 + 30);
    request.mutable_length()->set_seconds(3 * 60 * 60);
    request.set_venue("Civic offices, Lantern room");
    ASSIGN_OR_RETURN(const v1::ScheduleMeetingsResponse made,
                     world_.Call(kCoordinator, &Meetings::ScheduleMeetings, request));
    for (const v1::Meeting& meeting : made.meetings()) {
      const std::string name = meeting.name();
      const absl::Time circulation = FromTimestamp(meeting.deadlines().circulation_time());
      At(FromTimestamp(meeting.deadlines().cut_off_time()) + absl::Minutes(30), "the first agenda",
         [this, name] { return Propose(name).status(); });
      At(circulation - absl::Minutes(90), "the agenda", [this, name] { return Circulate(name); });
      At(circulation + absl::Hours(20), "reading the agenda", [this, name] { return ReadAgenda(name); });
      At(FromTimestamp(meeting.start_time()), "the meeting", [this, name] { return Hold(name); });
      // Of the one to come alone: of the others it would take as long as all the rest, and be looked at by
      // nobody.
      if (FromTimestamp(meeting.start_time()) > options_.end) {
        At(circulation + absl::Minutes(90), "research", [this, name] { return Research(name); });
      }
    }
    return absl::OkStatus();
  }

  absl::Status ShareResearch() {
    v1::GetAreaRequest get;
    get.set_name(world_.area());
    v1::UpdateAreaRequest update;
    ASSIGN_OR_RETURN(*update.mutable_area(),
                     world_.Call(std::string(kAdministrator), &Directory::GetArea, get));
    update.mutable_area()->mutable_settings()->set_research_mode(v1::RESEARCH_MODE_SHARED);
    return world_.Call(std::string(kAdministrator), &Directory::UpdateArea, update).status();
  }

  absl::Status FindHelpline() {
    v1::ListServicesRequest request;
    request.set_parent(world_.area());
    request.set_purpose(v1::SERVICE_PURPOSE_DECLINE);
    ASSIGN_OR_RETURN(const v1::ListServicesResponse page,
                     world_.Call(kCoordinator, &Directory::ListServices, request));
    const auto found = std::ranges::find(page.services(), kHelpline, &v1::SupportService::display_name);
    if (found == page.services().end()) return absl::NotFoundError("the helpline is not in the directory");
    helpline_ = found->name();
    return absl::OkStatus();
  }

  // --- Assessments and referrals ---------------------------------------------------------------------------

  absl::StatusOr<v1::Assessment> Take(const std::string& login, const v1::Party& victim,
                                      const v1::Party& perpetrator, const std::vector<v1::Answer>& answers) {
    v1::StartAssessmentRequest start;
    start.set_parent(world_.area());
    // What a conversation begins with; addresses are given with the referral.
    *start.mutable_victim()->mutable_name() = victim.name();
    *start.mutable_victim()->mutable_birth_date() = victim.birth_date();
    *start.add_perpetrators()->mutable_name() = perpetrator.name();
    ASSIGN_OR_RETURN(v1::Assessment assessment, world_.Call(login, &Assessments::StartAssessment, start));
    // Half by half, as a form is saved on the way.
    for (size_t from = 0; from < answers.size(); from += 12) {
      v1::AppendAnswersRequest append;
      append.set_name(assessment.name());
      append.set_expected_seq(assessment.last_seq());
      for (size_t i = from; i < std::min(from + 12, answers.size()); ++i) *append.add_answers() = answers[i];
      ASSIGN_OR_RETURN(assessment, world_.Call(login, &Assessments::AppendAnswers, append));
    }
    return assessment;
  }

  absl::StatusOr<v1::Assessment> Complete(const std::string& login, const v1::Assessment& assessment,
                                          const v1::Judgement& judgement, bool stopped) {
    v1::CompleteAssessmentRequest request;
    request.set_name(assessment.name());
    request.set_etag(assessment.etag());
    *request.mutable_judgement() = judgement;
    if (stopped) request.set_stop_reason("It was no longer safe to talk; somebody came home.");
    return world_.Call(login, &Assessments::CompleteAssessment, request);
  }

  absl::Status Sign(const std::string& login, const std::string& name, bool referred) {
    v1::GetAssessmentRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(const v1::Assessment assessment, world_.Call(login, &Assessments::GetAssessment, get));
    v1::SignAssessmentRequest request;
    request.set_name(name);
    request.set_etag(assessment.etag());
    if (!referred) {
      request.mutable_non_referral()->set_reason_code("BELOW_THRESHOLD");
      request.mutable_non_referral()->set_text(
          "Below the threshold; support and a safety plan are in place.");
    }
    return world_.Call(login, &Assessments::SignAssessment, request).status();
  }

  absl::Status AssessOnly(const PlannedAssessment& planned) {
    ASSIGN_OR_RETURN(v1::Assessment assessment,
                     Take(planned.login, planned.victim, planned.perpetrator, planned.answers));
    if (planned.left_as_draft) return absl::OkStatus();
    ASSIGN_OR_RETURN(assessment, Complete(planned.login, assessment, planned.judgement, /*stopped=*/false));
    return Sign(planned.login, assessment.name(), /*referred=*/false);
  }

  absl::Status Refer(const PlannedReferral& planned) {
    Progress& run = RunOf(planned);
    if (planned.assessed) {
      const Household& household = HouseholdOf(planned);
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       Take(planned.login, household.victim, household.perpetrator, planned.answers));
      ASSIGN_OR_RETURN(assessment, Complete(planned.login, assessment, planned.judgement, planned.stopped));
      run.assessments = {assessment.name()};
    }
    Random random = RandomFor(planned, 1);
    v1::SaveDraftRequest draft =
        DraftOf(world_.area(), HouseholdOf(planned), planned, run.assessments, random);
    ASSIGN_OR_RETURN(run.referral, world_.Call(planned.login, &Referrals::SaveDraft, draft));
    RETURN_IF_ERROR(Submit(planned));
    if (planned.assessed && !planned.stopped) {
      RETURN_IF_ERROR(Sign(planned.login, run.assessments[0], /*referred=*/true));
    }
    absl::MutexLock lock(&mutex_);
    ++referrals_;
    return absl::OkStatus();
  }

  absl::Status Submit(const PlannedReferral& planned) {
    Progress& run = RunOf(planned);
    v1::SubmitReferralRequest request;
    request.set_name(run.referral.name());
    request.set_etag(run.referral.etag());
    ASSIGN_OR_RETURN(run.referral, world_.Call(planned.login, &Referrals::SubmitReferral, request));
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    if (planned.fate == Fate::kWithdrawn) {
      At(now + absl::Hours(2), "a withdrawal", [this, &planned] { return Withdraw(planned); });
      return absl::OkStatus();
    }
    // What concerns another one that waits is looked at before it; what is urgent, at once.
    const absl::Time next = NextOfficeDay(now, 10);
    const absl::Time triage = planned.urgent                     ? now + absl::Minutes(50)
                              : planned.fate == Fate::kDuplicate ? next - absl::Minutes(30)
                                                                 : next;
    At(triage, "triage", [this, &planned] { return Triage(planned); });
    return absl::OkStatus();
  }

  absl::Status Withdraw(const PlannedReferral& planned) {
    v1::WithdrawReferralRequest request;
    request.set_name(RunOf(planned).referral.name());
    request.set_etag(RunOf(planned).referral.etag());
    request.set_reasons("Sent for the wrong person; a new one follows.");
    return world_.Call(planned.login, &Referrals::WithdrawReferral, request).status();
  }

  absl::Status Triage(const PlannedReferral& planned) {
    Progress& run = RunOf(planned);
    Random random = RandomFor(planned, 2);
    v1::GetReferralRequest get;
    get.set_name(run.referral.name());
    ASSIGN_OR_RETURN(run.referral, world_.Call(kCoordinator, &Referrals::GetReferral, get));
    v1::FindMatchesRequest find;
    find.set_name(run.referral.name());
    ASSIGN_OR_RETURN(const v1::FindMatchesResponse matches,
                     world_.Call(kCoordinator, &Referrals::FindMatches, find));
    if (planned.returned_once && !run.was_returned) return Return(planned, random);
    if (planned.fate == Fate::kDeclined) {
      v1::DeclineReferralRequest request;
      request.set_name(run.referral.name());
      request.set_etag(run.referral.etag());
      request.set_reasons(ReasonForDecline(random));
      request.set_signpost("They can ring at any hour, and need not give a name.");
      request.set_service(helpline_);
      return world_.Call(kCoordinator, &Referrals::DeclineReferral, request).status();
    }
    std::string join, repeat_of;
    for (const v1::MatchCandidate& candidate : matches.candidates()) {
      if (!candidate.same_pair()) continue;
      if (candidate.has_waiting() && planned.fate == Fate::kDuplicate) {
        v1::MarkDuplicateRequest request;
        request.set_name(run.referral.name());
        request.set_etag(run.referral.etag());
        request.set_duplicate_of(candidate.waiting().name());
        return world_.Call(kCoordinator, &Referrals::MarkDuplicate, request).status();
      }
      if (candidate.open_case() && join.empty()) join = candidate.candidate().name();
      if (candidate.repeat() && repeat_of.empty()) repeat_of = candidate.candidate().name();
    }
    return Accept(planned, join, join.empty() ? repeat_of : "");
  }

  absl::Status Return(const PlannedReferral& planned, Random& random) {
    Progress& run = RunOf(planned);
    run.was_returned = true;
    v1::ReturnReferralRequest request;
    request.set_name(run.referral.name());
    request.set_etag(run.referral.etag());
    request.set_reasons(ReasonForReturn(random));
    request.add_fields("referral.reason.narrative");
    ASSIGN_OR_RETURN(run.referral, world_.Call(kCoordinator, &Referrals::ReturnReferral, request));
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    At(NextOfficeDay(now, 11), "a returned referral", [this, &planned] { return SendAgain(planned); });
    return absl::OkStatus();
  }

  absl::Status SendAgain(const PlannedReferral& planned) {
    Progress& run = RunOf(planned);
    v1::GetReferralRequest get;
    get.set_name(run.referral.name());
    ASSIGN_OR_RETURN(run.referral, world_.Call(planned.login, &Referrals::GetReferral, get));
    v1::SaveDraftRequest draft;
    draft.set_parent(world_.area());
    *draft.mutable_referral() = run.referral;
    draft.mutable_referral()->mutable_reason()->set_narrative(
        run.referral.reason().narrative() +
        " Added on request: the incident was seen by a neighbour, who will speak.");
    ASSIGN_OR_RETURN(run.referral, world_.Call(planned.login, &Referrals::SaveDraft, draft));
    return Submit(planned);
  }

  absl::Status Accept(const PlannedReferral& planned, const std::string& join, const std::string& repeat_of) {
    Progress& run = RunOf(planned);
    v1::AcceptReferralRequest request;
    request.set_name(run.referral.name());
    request.set_etag(run.referral.etag());
    request.set_join_case(join);
    request.set_repeat_of(repeat_of);
    if (!run.referral.criteria().eligible() && repeat_of.empty() && join.empty()) {
      request.set_admit_reason("Accepted on what is known so far; the danger is plain.");
    }
    // One that joins a case must be answered first.
    if (planned.has_excluded) RETURN_IF_ERROR(AnswerExclusions(run.referral.name()));
    ASSIGN_OR_RETURN(run.referral, world_.Call(kCoordinator, &Referrals::AcceptReferral, request));
    if (!join.empty()) return absl::OkStatus();
    {
      absl::MutexLock lock(&mutex_);
      by_case_[run.referral.case_name()] = &planned;
    }
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    At(planned.urgent ? now + absl::Hours(1) : NextOfficeDay(now, 11) + absl::Minutes(30), "first contact",
       [this, &planned] { return Contact(planned); });
    return absl::OkStatus();
  }

  absl::Status AnswerExclusions(const std::string& referral) {
    v1::ListExcludedPeopleRequest list;
    list.set_referral(referral);
    ASSIGN_OR_RETURN(const v1::ListExcludedPeopleResponse people,
                     world_.Call(kCoordinator, &Referrals::ListExcludedPeople, list));
    for (const v1::ExcludedPerson& person : people.excluded_people()) {
      v1::ResolveExcludedPersonRequest request;
      request.set_name(person.name());
      request.set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
      RETURN_IF_ERROR(world_.Call(kCoordinator, &Referrals::ResolveExcludedPerson, request).status());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::Case> GetCase(const std::string& login, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_name(name);
    return world_.Call(login, &Cases::GetCase, request);
  }

  // Who of the IDVA service has the case: its own author keeps it.
  static std::string IdvaOf(const PlannedReferral& planned) {
    return planned.login == "idva2" ? planned.login : kIdva;
  }

  // The IDVA looks up the safe contact, calls, and records how it went.
  absl::Status Contact(const PlannedReferral& planned) {
    const std::string idva = IdvaOf(planned);
    ASSIGN_OR_RETURN(v1::Case record, GetCase(idva, RunOf(planned).referral.case_name()));
    Random random = RandomFor(planned, 3);
    bool may_contact = false;
    for (const v1::ProtectedDetailMask& mask : record.protected_details()) {
      if (mask.kind() != v1::PROTECTED_KIND_SAFE_CONTACT || mask.do_not_contact()) continue;
      may_contact = true;
      v1::RevealDetailRequest reveal;
      reveal.set_name(mask.detail());
      reveal.set_reason("First contact with the victim");
      RETURN_IF_ERROR(world_.Call(idva, &Cases::RevealDetail, reveal).status());
    }
    v1::RecordVictimContactRequest request;
    request.set_name(record.name());
    request.set_etag(record.etag());
    const int lot = random.Below(100);
    if (!may_contact) {
      request.set_state(v1::VICTIM_CONTACT_STATE_UNSAFE);
      request.set_note("No safe way is known; contact goes through the referrer.");
    } else if (lot < 72) {
      request.set_state(v1::VICTIM_CONTACT_STATE_ENGAGING);
      request.set_note("Reached at the safe time; safety plan gone through.");
    } else if (lot < 90) {
      request.set_state(v1::VICTIM_CONTACT_STATE_ATTEMPTED);
      request.set_note("No answer; no message left.");
    } else {
      request.set_state(v1::VICTIM_CONTACT_STATE_DECLINED);
      request.set_note("Does not want support at present; knows how to come back.");
    }
    return world_.Call(idva, &Cases::RecordVictimContact, request).status();
  }

  // --- The meeting -----------------------------------------------------------------------------------------

  absl::StatusOr<v1::Agenda> Propose(const std::string& meeting) {
    v1::ProposeAgendaRequest request;
    request.set_name(meeting);
    return world_.Call(kCoordinator, &Meetings::ProposeAgenda, request);
  }

  absl::StatusOr<v1::Agenda> GetAgenda(const std::string& login, const std::string& meeting) {
    v1::GetAgendaRequest request;
    request.set_name(meeting);
    return world_.Call(login, &Meetings::GetAgenda, request);
  }

  absl::StatusOr<v1::Meeting> GetMeeting(const std::string& login, const std::string& meeting) {
    v1::GetMeetingRequest request;
    request.set_name(meeting);
    return world_.Call(login, &Meetings::GetMeeting, request);
  }

  absl::Status Circulate(const std::string& meeting) {
    ASSIGN_OR_RETURN(v1::Agenda agenda, Propose(meeting));
    RETURN_IF_ERROR(AdmitUrgent(agenda));
    ASSIGN_OR_RETURN(const v1::Meeting current, GetMeeting(kCoordinator, meeting));
    v1::CirculateAgendaRequest request;
    request.set_name(meeting);
    request.set_etag(current.etag());
    return world_.Call(kCoordinator, &Meetings::CirculateAgenda, request).status();
  }

  // What is urgent and came after the cut-off does not wait two weeks: the chair lets it in.
  absl::Status AdmitUrgent(const v1::Agenda& agenda) {
    std::vector<std::string> late;
    {
      absl::MutexLock lock(&mutex_);
      for (const auto& [name, planned] : by_case_) {
        const bool listed = std::ranges::any_of(
            agenda.items(), [&name = name](const v1::AgendaItem& item) { return item.case_name() == name; });
        if (planned->urgent && !listed && !heard_cases_.contains(name)) late.push_back(name);
      }
    }
    for (const std::string& name : late) {
      v1::AdmitLateCaseRequest request;
      request.set_name(agenda.meeting().name());
      request.set_case_name(name);
      request.set_reason("Urgent: it cannot wait for the meeting after this.");
      RETURN_IF_ERROR(world_.Call(kChair, &Meetings::AdmitLateCase, request).status());
    }
    return absl::OkStatus();
  }

  absl::Status ReadAgenda(const std::string& meeting) {
    std::vector<Schedule::Task> readers;
    for (const AgencyPlan& agency : Agencies()) {
      const StaffPlan* representative = RepresentativeOf(agency.word);
      if (representative == nullptr) continue;
      readers.push_back(
          [this, representative, meeting] { return GetAgenda(representative->login, meeting).status(); });
    }
    return RunAll(readers, options_.threads);
  }

  // Agencies that have no plan are still awaited.
  absl::Status Research(const std::string& meeting) {
    std::vector<Schedule::Task> agencies;
    for (const ResearchPlan& plan : ResearchPlans()) {
      agencies.push_back([this, &plan, meeting] { return ResearchOf(plan, meeting); });
    }
    return RunAll(agencies, options_.threads);
  }

  absl::Status ResearchOf(const ResearchPlan& plan, const std::string& meeting) {
    const std::string login = RepresentativeOf(plan.agency)->login;
    Random random(options_.seed, 41'000'000 + static_cast<uint64_t>(&plan - ResearchPlans().data()));
    v1::ListResearchDueRequest list;
    list.set_parent(world_.area());
    list.set_meeting(meeting);
    ASSIGN_OR_RETURN(const v1::ListResearchDueResponse listed,
                     world_.Call(login, &Researches::ListResearchDue, list));
    for (const v1::ResearchDue& due : listed.due()) {
      // One in six is not done yet.
      if (random.Below(6) == 0) continue;
      RETURN_IF_ERROR(ReturnOne(plan, login, due.case_name(), random));
    }
    return absl::OkStatus();
  }

  absl::Status ReturnOne(const ResearchPlan& plan, const std::string& login, const std::string& name,
                         Random& random) {
    v1::GetCaseRequest get;
    get.set_name(name);
    ASSIGN_OR_RETURN(const v1::Case record, world_.Call(login, &Cases::GetCase, get));
    ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
    const v1::Day today = domain::DateOf(now).ToDay();
    const bool knows = std::string_view(plan.finding) != "" && random.Percent(50);
    v1::SaveResearchRequest save;
    v1::ResearchNotes& notes = *save.mutable_notes();
    notes.set_name(fmt::format("{}/researchNotes/{}", name, plan.agency));
    const auto search = [&](const v1::Party& party, bool known) {
      v1::SubjectSearch& made = *notes.add_searches();
      made.set_party_id(party.party_id());
      made.set_result(known ? v1::SEARCH_RESULT_KNOWN : v1::SEARCH_RESULT_NOT_KNOWN);
      made.set_searched(plan.searched);
      *made.mutable_day() = today;
    };
    search(record.victim(), knows);
    for (const v1::Party& party : record.perpetrators()) search(party, false);
    for (const v1::Party& party : record.children()) search(party, false);
    if (knows) {
      v1::ResearchEntry& entry = *notes.add_entries();
      entry.set_party_id(record.victim().party_id());
      entry.set_basis(plan.basis);
      *entry.mutable_day() = today;
      entry.set_text(plan.finding);
      const bool withheld = random.Percent(15);
      entry.set_sharing(withheld ? v1::SHARING_DECISION_DO_NOT_SHARE : v1::SHARING_DECISION_SHARE);
      if (withheld) entry.set_withheld_reason("It would name who told us.");
    }
    ASSIGN_OR_RETURN(const v1::ResearchNotes saved, world_.Call(login, &Researches::SaveResearch, save));
    v1::ReturnResearchRequest request;
    request.set_name(saved.name());
    request.set_etag(saved.etag());
    return world_.Call(login, &Researches::ReturnResearch, request).status();
  }

  absl::Status Hold(const std::string& name) {
    ASSIGN_OR_RETURN(v1::Meeting meeting, GetMeeting(kChair, name));
    v1::StartMeetingRequest start;
    start.set_name(name);
    start.set_etag(meeting.etag());
    ASSIGN_OR_RETURN(meeting, world_.Call(kChair, &Meetings::StartMeeting, start));
    const LocalDate day = domain::DateOf(FromTimestamp(meeting.start_time()));
    Random random(options_.seed,
                  40'000'000 + static_cast<uint64_t>(day.civil() - absl::CivilDay(2000, 1, 1)));
    ASSIGN_OR_RETURN(const std::vector<std::string> present, RecordAttendance(meeting, day, random));
    ASSIGN_OR_RETURN(const v1::Agenda agenda, GetAgenda(kChair, name));
    absl::Time now = FromTimestamp(meeting.start_time()) + absl::Minutes(10);
    for (const v1::AgendaItem& item : agenda.items()) {
      if (item.state() != v1::AGENDA_ITEM_STATE_LISTED) continue;
      RETURN_IF_ERROR(world_.AdvanceTo(now));
      RETURN_IF_ERROR(HearOrDefer(item, present, day));
      now += absl::Minutes(random.Between(8, 13));
    }
    RETURN_IF_ERROR(world_.AdvanceTo(now));
    ASSIGN_OR_RETURN(meeting, GetMeeting(kChair, name));
    v1::CloseMeetingRequest close;
    close.set_name(name);
    close.set_etag(meeting.etag());
    return world_.Call(kChair, &Meetings::CloseMeeting, close).status();
  }

  // The agencies that are there.
  absl::StatusOr<std::vector<std::string>> RecordAttendance(const v1::Meeting& meeting, LocalDate day,
                                                            Random& random) {
    std::vector<std::string> present;
    v1::RecordAttendanceRequest request;
    request.set_name(meeting.name());
    request.set_etag(meeting.etag());
    for (const AgencyPlan& agency : Agencies()) {
      const std::string word = agency.word;
      v1::Attendance& entry = *request.add_attendance();
      entry.set_agency("agencies/" + word);
      const StaffPlan* representative =
          word == kFirstAgency ? FindStaff(kCoordinator) : RepresentativeOf(word);
      const bool always = word == kFirstAgency || word == "police" || word == "idva";
      const int lot = random.Below(100);
      if (always || lot < 86) {
        entry.set_account(world_.AccountOf(representative->login));
        entry.set_state(v1::ATTENDANCE_STATE_PRESENT);
        present.push_back(word);
      } else if (lot < 96) {
        entry.set_state(v1::ATTENDANCE_STATE_APOLOGIES);
        entry.set_information_sent(random.Percent(75));
        if (entry.information_sent()) *entry.mutable_information_day() = day.AddDays(-1).ToDay();
      } else {
        entry.set_state(v1::ATTENDANCE_STATE_ABSENT);
      }
    }
    RETURN_IF_ERROR(world_.Call(kMinutes, &Meetings::RecordAttendance, request).status());
    return present;
  }

  absl::Status HearOrDefer(const v1::AgendaItem& listed, const std::vector<std::string>& present,
                           LocalDate day) {
    const PlannedReferral* planned = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      const auto found = by_case_.find(listed.case_name());
      if (found == by_case_.end()) return absl::InternalError("a case on the agenda is not of this plan");
      planned = found->second;
    }
    Progress& run = RunOf(*planned);
    if (planned->deferred_once && !run.was_deferred) {
      run.was_deferred = true;
      v1::DeferItemRequest defer;
      defer.set_name(listed.name());
      defer.set_etag(listed.etag());
      defer.set_reason("The referrer neither attended nor sent a briefing.");
      defer.set_safety_plan("Address marker set, IDVA in contact, locks changed; reviewed today.");
      return world_.Call(kChair, &Meetings::DeferItem, defer).status();
    }
    v1::OpenItemRequest open;
    open.set_name(listed.name());
    ASSIGN_OR_RETURN(v1::AgendaItem item, world_.Call(kChair, &Meetings::OpenItem, open));
    Random random = RandomFor(*planned, 4);
    v1::RecordDiscussionRequest record;
    record.set_name(item.name());
    record.set_etag(item.etag());
    *record.mutable_discussion() = Discuss(HouseholdOf(*planned), *planned, random);
    ASSIGN_OR_RETURN(item, world_.Call(kChair, &Meetings::RecordDiscussion, record));
    RETURN_IF_ERROR(AgreeActions(*planned, item, present, day, random));
    v1::CloseItemRequest close;
    close.set_name(item.name());
    close.set_etag(item.etag());
    RETURN_IF_ERROR(world_.Call(kChair, &Meetings::CloseItem, close).status());
    {
      absl::MutexLock lock(&mutex_);
      ++heard_;
      heard_cases_.insert(item.case_name());
    }
    const std::string name = item.case_name();
    At(OfficeTime(day.AddDays(1), 13, 0), "telling the victim",
       [this, planned, name] { return TellVictim(*planned, name); });
    At(OfficeTime(day.AddDays(60), 15, 0), "closing a case", [this, name] { return CloseCase(name); });
    return absl::OkStatus();
  }

  // --- Actions ---------------------------------------------------------------------------------------------

  absl::Status AgreeActions(const PlannedReferral& planned, const v1::AgendaItem& item,
                            const std::vector<std::string>& present, LocalDate day, Random& random) {
    constexpr int kActionsMax = 5;
    int agreed = 0;
    for (const ActionPlan& action : ActionPlans()) {
      const bool fits = !action.needs_children || !HouseholdOf(planned).children.empty();
      if (agreed == kActionsMax || !fits || !random.Percent(action.percent)) continue;
      ++agreed;
      const bool is_present = std::ranges::count(present, action.agency) > 0;
      const std::string login = RepresentativeOf(action.agency)->login;
      static constexpr int kDueDays[] = {2, 7, 7, 14, 14, 21, 28};
      v1::CreateActionRequest request;
      request.set_agenda_item(item.name());
      request.set_text(action.text);
      request.set_kind(action.kind);
      request.set_agency(fmt::format("agencies/{}", action.agency));
      if (is_present) request.set_accepted_by(world_.AccountOf(login));
      const absl::Time due = OfficeTime(day.AddDays(random.Pick(kDueDays)), 17, 0);
      *request.mutable_due_time() = ToTimestamp(due);
      ASSIGN_OR_RETURN(const v1::Action made, world_.Call(kChair, &Actions::CreateAction, request));
      const uint64_t fate = random.Next();
      if (is_present) {
        PlanReport(made.name(), login, due, action.outcome, fate);
      } else {
        At(OfficeTime(day.AddDays(1), 11, 0), "an action that was proposed",
           [this, name = made.name(), login, due, &action, fate] {
             return Answer(name, login, due, action.outcome, fate);
           });
      }
      absl::MutexLock lock(&mutex_);
      ++actions_;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::Action> GetAction(const std::string& login, const std::string& name) {
    v1::GetActionRequest request;
    request.set_name(name);
    return world_.Call(login, &Actions::GetAction, request);
  }

  // An agency that was not in the room accepts, mostly.
  absl::Status Answer(const std::string& name, const std::string& login, absl::Time due, const char* outcome,
                      uint64_t fate) {
    ASSIGN_OR_RETURN(const v1::Action action, GetAction(login, name));
    if (fate % 7 == 0) {
      v1::RefuseActionRequest refuse;
      refuse.set_name(name);
      refuse.set_etag(action.etag());
      refuse.set_reason("Not ours: the person is not known to us and lives outside our district.");
      return world_.Call(login, &Actions::RefuseAction, refuse).status();
    }
    v1::AcceptActionRequest accept;
    accept.set_name(name);
    accept.set_etag(action.etag());
    RETURN_IF_ERROR(world_.Call(login, &Actions::AcceptAction, accept).status());
    PlanReport(name, login, due, outcome, fate);
    return absl::OkStatus();
  }

  void PlanReport(const std::string& name, const std::string& login, absl::Time due, const char* outcome,
                  uint64_t fate) {
    const auto report = [&](absl::Time time, v1::ActionState state) {
      At(time, "a report", [=, this] { return Report(name, login, state, outcome, fate); });
    };
    const LocalDate day = domain::DateOf(due);
    const int lot = static_cast<int>(fate / 7 % 100);
    if (lot < 72) {
      report(due - absl::Hours(3), v1::ACTION_STATE_COMPLETE);
    } else if (lot < 80) {
      report(due - absl::Hours(1), v1::ACTION_STATE_NOT_POSSIBLE);
    } else if (lot < 84) {
      report(OfficeTime(day.AddDays(1), 10, 30), v1::ACTION_STATE_NOT_DONE);
    } else if (lot < 89) {
      At(due - absl::Hours(2), "an extension", [this, name, due] { return Extend(name, due); });
      report(OfficeTime(day.AddDays(14), 12, 0), v1::ACTION_STATE_COMPLETE);
    } else if (lot < 96) {
      report(OfficeTime(day.AddDays(6), 12, 0), v1::ACTION_STATE_COMPLETE);  // overdue until then
    } else {
      report(OfficeTime(day.AddDays(45), 12, 0), v1::ACTION_STATE_NOT_DONE);  // overdue for long
    }
  }

  absl::Status Report(const std::string& name, const std::string& login, v1::ActionState state,
                      const char* outcome, uint64_t fate) {
    Random random(fate);
    ASSIGN_OR_RETURN(const v1::Action action, GetAction(login, name));
    v1::ReportActionRequest request;
    request.set_name(name);
    request.set_etag(action.etag());
    request.set_state(state);
    request.set_text(ReportText(state, random));
    if (state == v1::ACTION_STATE_COMPLETE) {
      request.set_outcome(outcome);
      request.set_evidence_reference(fmt::format("REF-{:05}", random.Below(100'000)));
    }
    return world_.Call(login, &Actions::ReportAction, request).status();
  }

  absl::Status Extend(const std::string& name, absl::Time due) {
    ASSIGN_OR_RETURN(const v1::Action action, GetAction(kCoordinator, name));
    v1::ExtendActionRequest request;
    request.set_name(name);
    request.set_etag(action.etag());
    *request.mutable_due_time() = ToTimestamp(OfficeTime(domain::DateOf(due).AddDays(14), 17, 0));
    request.set_agreed_by("The chair");
    request.set_reason("The survey was done; parts are on order.");
    return world_.Call(kCoordinator, &Actions::ExtendAction, request).status();
  }

  // --- Afterwards ------------------------------------------------------------------------------------------

  absl::Status TellVictim(const PlannedReferral& planned, const std::string& name) {
    const std::string idva = IdvaOf(planned);
    ASSIGN_OR_RETURN(const v1::Case record, GetCase(idva, name));
    Random random = RandomFor(planned, 5);
    const bool may_contact = std::ranges::any_of(record.protected_details(), [](const auto& mask) {
      return mask.kind() == v1::PROTECTED_KIND_SAFE_CONTACT && !mask.do_not_contact();
    });
    v1::RecordVictimUpdateRequest request;
    request.set_name(name);
    request.set_etag(record.etag());
    request.set_told(may_contact && random.Percent(94));
    request.set_text(request.told()
                         ? "By telephone at the safe time: what was agreed, and by whom."
                         : "Telling is not safe at present; it is tried again through the referrer.");
    return world_.Call(idva, &Cases::RecordVictimUpdate, request).status();
  }

  // When nothing is left to do. Otherwise it is looked at again a month later.
  absl::Status CloseCase(const std::string& name) {
    v1::ListActionsRequest list;
    list.set_parent(world_.area());
    list.set_case_name(name);
    list.set_page_size(100);
    ASSIGN_OR_RETURN(const v1::ListActionsResponse actions,
                     world_.Call(kCoordinator, &Actions::ListActions, list));
    const bool is_open = std::ranges::any_of(actions.actions(), [](const v1::Action& action) {
      return action.state() == v1::ACTION_STATE_OPEN || action.state() == v1::ACTION_STATE_PROPOSED;
    });
    if (is_open) {
      ASSIGN_OR_RETURN(const absl::Time now, world_.Now());
      At(now + absl::Hours(24 * 28), "closing a case", [this, name] { return CloseCase(name); });
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const v1::Case record, GetCase(kCoordinator, name));
    v1::CloseCaseRequest request;
    request.set_name(name);
    request.set_etag(record.etag());
    request.set_reason("Actions done, victim told; support goes on with the IDVA.");
    return world_.Call(kCoordinator, &Cases::CloseCase, request).status();
  }

  World& world_;
  const FillOptions options_;
  const absl::Time start_;
  const Plan plan_;
  Schedule schedule_;
  std::vector<Progress> runs_;
  std::optional<LocalDate> shown_;
  std::string helpline_;  // "areas/{area}/services/{service}"

  absl::Mutex mutex_;
  std::map<std::string, const PlannedReferral*> by_case_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> heard_cases_ ABSL_GUARDED_BY(mutex_);
  int referrals_ ABSL_GUARDED_BY(mutex_) = 0;
  int heard_ ABSL_GUARDED_BY(mutex_) = 0;
  int actions_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

absl::Status Fill(World& world, const FillOptions& options) {
  ASSIGN_OR_RETURN(const absl::Time start, world.Now());
  return Filler(world, options, start).Run();
}

}  // namespace marac::demo
