#include "rpc/referral_service.h"

#include <fmt/format.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/addition.h"
#include "domain/agenda.h"
#include "domain/assessment.h"
#include "domain/case_number.h"
#include "domain/catalogue.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/matching.h"
#include "domain/protected_parts.h"
#include "domain/referral.h"
#include "domain/resource_name.h"
#include "domain/text_warnings.h"
#include "domain/timestamp.h"
#include "domain/triage.h"
#include "marac/v1/referral_service.grpc.pb.h"
#include "rpc/conflicts.h"
#include "rpc/referral_facts.h"
#include "rpc/safe_contact.h"
#include "rpc/whole_list.h"
#include "store/case_access.h"
#include "store/party_keys.h"
#include "store/records.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;
using google::protobuf::util::MessageDifferencer;

constexpr int kCandidatesMax = 50;
// Records compared for one question; a name that more of them share is no help.
constexpr int kMatchedRecordsMax = 500;

domain::Decision DecisionOf(const ReadCall& call) {
  return {.account = call.caller().account, .now = call.now()};
}

absl::StatusOr<std::string> AreaOf(const std::string& name) {
  ASSIGN_OR_RETURN(const ResourceName parsed, ResourceName::Parse("name", name));
  return parsed.area();
}

// Names the field when a linked record is of another area.
absl::Status MustBeIn(const std::string& area, std::string_view field, const std::string& name) {
  ASSIGN_OR_RETURN(const ResourceName parsed, ResourceName::Parse(field, name));
  if (parsed.area() == area) return absl::OkStatus();
  return domain::InvalidField(field, "name a record of the same area");
}

// All of it, and what was asked since it was sent.
absl::StatusOr<std::vector<v1::ExcludedPerson>> LoadExcluded(ReadCall& call, const std::string& referral) {
  return ListWholeAsServer<v1::ExcludedPerson>(call, {.kind = Kind::kExcludedPerson, .parent = referral});
}

// The entries of which nobody has said whether that person works here, by name.
std::vector<std::string> UnresolvedOf(const std::vector<v1::ExcludedPerson>& excluded) {
  std::vector<std::string> names;
  for (const v1::ExcludedPerson& person : excluded) {
    if (person.answer() == v1::EXCLUSION_ANSWER_UNSPECIFIED) names.push_back(person.name());
  }
  return names;
}

// Those still to be held.
absl::StatusOr<std::vector<v1::Meeting>> LoadMeetings(ReadCall& call, const std::string& area) {
  return ListWholeAsServer<v1::Meeting>(
      call, {.kind = Kind::kMeeting, .area = area, .sort_key_from = absl::ToUnixMillis(call.now())});
}

// Says of those that wait which meeting they are in time for now: the calendar may be another since they were
// sent.
absl::Status ShowMeeting(ReadCall& call, const std::vector<v1::Referral*>& referrals) {
  std::optional<std::vector<v1::Meeting>> meetings;
  for (v1::Referral* referral : referrals) {
    if (referral->state() != v1::REFERRAL_STATE_SUBMITTED) continue;
    if (!meetings) {
      ASSIGN_OR_RETURN(const std::string area, AreaOf(referral->name()));
      ASSIGN_OR_RETURN(meetings, LoadMeetings(call, area));
    }
    referral->set_meeting(
        domain::FirstMeetingInTime(*meetings, domain::FromTimestamp(referral->receive_time()), call.now()));
  }
  return absl::OkStatus();
}

// What has a name is saved when it changed; what has none yet is made, as the referral's author's.
template <typename T>
absl::Status Keep(WriteCall& call, std::vector<T>& records, const std::vector<T>& before,
                  const std::string& scope, const v1::Referral& referral) {
  for (T& record : records) {
    const auto stored = std::ranges::find(before, record.name(), &T::name);
    if (stored == before.end()) {
      RETURN_IF_ERROR(
          call.Create(record, scope, {.account = referral.author(), .agency = referral.agency()}));
    } else if (!MessageDifferencer::Equals(record, *stored)) {
      RETURN_IF_ERROR(call.Save(record));
    }
  }
  return absl::OkStatus();
}

template <typename T>
void GiveNames(WriteCall& call, std::vector<T>& records, Kind kind, const std::string& area) {
  for (T& record : records) {
    if (record.name().empty()) record.set_name(ResourceName::Make(kind, area, call.NewId()));
  }
}

// Checks that what a draft newly links to is there and open to its author. What it linked before may have
// come with a duplicate, and is somebody else's.
absl::Status CheckLinks(WriteCall& call, const v1::Referral& referral, const v1::Referral& before,
                        const std::string& area) {
  for (int i = 0; i < referral.assessments_size(); ++i) {
    const std::string& name = referral.assessments(i);
    if (std::ranges::find(before.assessments(), name) != before.assessments().end()) continue;
    const std::string field = fmt::format("referral.assessments[{}]", i);
    RETURN_IF_ERROR(MustBeIn(area, field, name));
    ASSIGN_OR_RETURN(const v1::Assessment assessment, call.Load<v1::Assessment>(name, field));
    if (assessment.state() == v1::ASSESSMENT_STATE_ENTERED_IN_ERROR) {
      return domain::InvalidField(field, "it was entered in error: leave it out, and take a new one");
    }
  }
  if (referral.referrer().on_behalf() && !referral.referrer().agency().empty()) {
    RETURN_IF_ERROR(
        call.LoadAsServer<v1::Agency>(referral.referrer().agency(), "referral.referrer.agency").status());
  }
  return absl::OkStatus();
}

// The assessments come under the referral's own access, and say which referral they went with. One that went
// with another referral before stays there: moving it would change who may see that one. Whoever a review is
// kept from, for what it reviews is kept from them, is kept from this referral.
absl::Status LinkAssessments(WriteCall& call, std::vector<v1::Assessment>& assessments,
                             const v1::Referral& referral, const std::string& scope) {
  for (v1::Assessment& assessment : assessments) {
    if (!assessment.referral().empty() || assessment.state() == v1::ASSESSMENT_STATE_ENTERED_IN_ERROR)
      continue;
    ASSIGN_OR_RETURN(const domain::RecordFacts before, call.Facts(assessment.name()));
    if (before.scope != scope) RETURN_IF_ERROR(store::CarryCaseAccess(call.write(), before.scope, scope));
    assessment = domain::WithReferral(std::move(assessment), referral.name());
    RETURN_IF_ERROR(call.Save(assessment));
    RETURN_IF_ERROR(call.SetScope(assessment.name(), scope));
  }
  return absl::OkStatus();
}

// Whoever was shut out of what an earlier case of the same two people holds is shut out of this referral as
// well, and of what becomes of it: they are no less a danger because nobody named them again. Decided
// over every case, also those that are closed to whoever calls.
absl::Status CarryEarlierCaseAccess(WriteCall& call, const v1::Referral& referral, const std::string& area,
                                    const std::string& scope) {
  const std::vector<domain::KeptParty> asked =
      domain::PartiesOf(referral.name(), referral.victim(), referral.perpetrators());
  ASSIGN_OR_RETURN(
      const store::FoundParties found,
      store::FindParties(call.tx(), area, asked, /*account=*/"",
                         absl::ToCivilDay(call.security_now(), domain::London()), kMatchedRecordsMax));
  for (const domain::RecordMatch& match : domain::MatchRecords(asked, found.parties)) {
    if (!match.same_pair && !match.roles_reversed) continue;
    ASSIGN_OR_RETURN(const domain::RecordFacts earlier, call.Facts(match.record));
    if (earlier.scope != scope) RETURN_IF_ERROR(store::CarryCaseAccess(call.write(), earlier.scope, scope));
  }
  return absl::OkStatus();
}

// What a referral brings along while it waits for triage: its assessments, and the people it is found by.
absl::Status KeepWaiting(WriteCall& call, std::vector<v1::Assessment>& assessments,
                         const v1::Referral& referral, const std::string& area, const std::string& scope) {
  RETURN_IF_ERROR(LinkAssessments(call, assessments, referral, scope));
  RETURN_IF_ERROR(CarryEarlierCaseAccess(call, referral, area, scope));
  RETURN_IF_ERROR(AskAboutWorkers(call, referral, area));
  return store::KeepParties(call.write(), area,
                            domain::PartiesOf(referral.name(), referral.victim(), referral.perpetrators()));
}

domain::Author AuthorOf(const ReadCall& call, const v1::Area& area) {
  return {.account = call.caller().account,
          .agency = call.caller().agency,
          .coordinator = call.caller().Holds({v1::ROLE_COORDINATOR}, area.name())};
}

// What goes with a referral in records of their own.
struct Apart {
  domain::SentDetails details;
  std::vector<v1::ExcludedPerson> excluded_people;
};

// Keeps a referral as it was saved or completed, with what goes apart. `before` is null for a new one.
absl::StatusOr<v1::Referral> KeepReferral(WriteCall& call, const v1::Area& area, v1::Referral referral,
                                          const v1::Referral* before, const Apart& sent) {
  RETURN_IF_ERROR(CheckLinks(call, referral, before != nullptr ? *before : v1::Referral::default_instance(),
                             area.name()));
  std::vector<v1::ExcludedPerson> excluded_before;
  std::string scope = referral.name();
  if (before != nullptr) {
    ASSIGN_OR_RETURN(excluded_before, LoadExcluded(call, referral.name()));
    // What the office asked of itself is no part of the author's list, and must not be counted where the
    // author reads it.
    std::erase_if(excluded_before, [](const v1::ExcludedPerson& person) {
      return person.source() != v1::EXCLUSION_SOURCE_UNSPECIFIED;
    });
    ASSIGN_OR_RETURN(const domain::RecordFacts stored_facts, call.Facts(referral.name()));
    scope = stored_facts.scope;
  }
  ASSIGN_OR_RETURN(domain::KeptApart kept, domain::KeepApart(referral, sent.details));
  ASSIGN_OR_RETURN(std::vector<v1::ExcludedPerson> excluded,
                   domain::KeepExcluded(referral, sent.excluded_people, excluded_before));
  GiveNames(call, kept.details, Kind::kProtectedDetail, area.name());
  GiveNames(call, excluded, Kind::kExcludedPerson, area.name());
  domain::SetMasks(referral, kept.details);

  ASSIGN_OR_RETURN(std::vector<v1::Assessment> assessments, LoadAssessments(call, referral));
  ASSIGN_OR_RETURN(const v1::Policy* policy, PolicyOf(call, area));
  const domain::ReferralFacts facts{.assessments = assessments,
                                    .safe_contact = kept.safe_contact(),
                                    .settings = area.settings(),
                                    .policy = *policy,
                                    .now = call.now()};
  referral = domain::Refresh(std::move(referral), facts);
  // Whoever completes it may not be who gave the details that are kept.
  const bool by_author = referral.author() == call.caller().account && !referral.has_submit_time();
  domain::SetTextWarnings(referral, by_author ? std::span<const v1::ProtectedDetail>(kept.details)
                                              : std::span<const v1::ProtectedDetail>());
  const bool waits = referral.state() == v1::REFERRAL_STATE_SUBMITTED;
  if (waits) RETURN_IF_ERROR(domain::CheckComplete(referral, facts));
  if (before != nullptr) {
    RETURN_IF_ERROR(call.Save(referral));
  } else {
    RETURN_IF_ERROR(call.NewScope(scope, area.name(), domain::Stage::kDraft));
    RETURN_IF_ERROR(call.Create(referral, scope));
  }
  RETURN_IF_ERROR(Keep(call, kept.details, sent.details.stored, scope, referral));
  RETURN_IF_ERROR(Keep(call, excluded, excluded_before, scope, referral));
  if (waits) RETURN_IF_ERROR(KeepWaiting(call, assessments, referral, area.name(), scope));
  return referral;
}

absl::StatusOr<v1::Referral> SaveDraft(WriteCall& call, const v1::SaveDraftRequest& request) {
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(request.parent()));
  v1::Referral sent = request.referral();
  std::optional<v1::Referral> before;
  Apart apart{
      .details = {.details = {request.protected_details().begin(), request.protected_details().end()}},
      .excluded_people = {request.excluded_people().begin(), request.excluded_people().end()}};
  if (request.has_safe_contact()) apart.details.safe_contact = request.safe_contact();
  if (sent.name().empty()) {
    sent.set_name(ResourceName::Make(Kind::kReferral, area.name(), call.NewId()));
  } else {
    RETURN_IF_ERROR(MustBeIn(area.name(), "referral.name", sent.name()));
    ASSIGN_OR_RETURN(before, call.LoadForChange<v1::Referral>(sent.name(), sent.etag(), "referral.name"));
    ASSIGN_OR_RETURN(domain::KeptApart stored, LoadDetails(call, *before));
    apart.details.stored = std::move(stored.details);
  }
  const v1::Referral* const earlier = before ? &*before : nullptr;
  ASSIGN_OR_RETURN(v1::Referral referral, domain::TakeDraft(std::move(sent), earlier, AuthorOf(call, area),
                                                            area.settings(), call.now()));
  return KeepReferral(call, area, std::move(referral), earlier, apart);
}

absl::StatusOr<v1::Referral> CompleteReferral(WriteCall& call, const v1::CompleteReferralRequest& request) {
  ASSIGN_OR_RETURN(const v1::Referral before,
                   call.LoadForChange<v1::Referral>(request.referral().name(), request.referral().etag(),
                                                    "referral.name"));
  ASSIGN_OR_RETURN(const std::string area_name, AreaOf(before.name()));
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(area_name));
  ASSIGN_OR_RETURN(domain::KeptApart stored, LoadDetails(call, before));
  ASSIGN_OR_RETURN(domain::Completed completed,
                   domain::TakeAdditions(before, stored.safe_contact(), request, AuthorOf(call, area),
                                         area.settings(), call.now()));
  const Apart apart{
      .details = {.safe_contact = completed.safe_contact,
                  .details = {request.protected_details().begin(), request.protected_details().end()},
                  .stored = std::move(stored.details)},
      .excluded_people = {request.excluded_people().begin(), request.excluded_people().end()}};
  return KeepReferral(call, area, std::move(completed.referral), &before, apart);
}

absl::StatusOr<v1::Referral> CorrectReferralSafeContact(
    WriteCall& call, const v1::CorrectReferralSafeContactRequest& request) {
  ASSIGN_OR_RETURN(v1::Referral referral, call.LoadForChange<v1::Referral>(request.name(), request.etag()));
  RETURN_IF_ERROR(domain::CheckCorrectedHere(referral));
  RETURN_IF_ERROR(CorrectSafeContact(call, referral, /*sources=*/{},
                                     {.contact = request.safe_contact(), .reason = request.reason()})
                      .status());
  if (referral.state() == v1::REFERRAL_STATE_SUBMITTED || referral.state() == v1::REFERRAL_STATE_RETURNED) {
    ASSIGN_OR_RETURN(referral, RefreshStored(call, std::move(referral)));
  }
  RETURN_IF_ERROR(call.Save(referral));
  return referral;
}

absl::StatusOr<v1::Referral> SubmitReferral(WriteCall& call, const v1::SubmitReferralRequest& request) {
  ASSIGN_OR_RETURN(v1::Referral referral, call.LoadForChange<v1::Referral>(request.name(), request.etag()));
  ASSIGN_OR_RETURN(const std::string area_name, AreaOf(referral.name()));
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(area_name));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(referral.name()));
  ASSIGN_OR_RETURN(std::vector<v1::Assessment> assessments, LoadAssessments(call, referral));
  ASSIGN_OR_RETURN(const domain::KeptApart kept, LoadDetails(call, referral));
  ASSIGN_OR_RETURN(const std::vector<v1::Meeting> meetings, LoadMeetings(call, area_name));
  ASSIGN_OR_RETURN(const v1::Policy* policy, PolicyOf(call, area));
  ASSIGN_OR_RETURN(referral, domain::Submit(std::move(referral),
                                            {.assessments = assessments,
                                             .safe_contact = kept.safe_contact(),
                                             .settings = area.settings(),
                                             .policy = *policy,
                                             .now = call.now()},
                                            meetings));
  // What was word for word one of the details was for its author alone.
  domain::SetTextWarnings(referral, {});
  RETURN_IF_ERROR(call.Save(referral));
  RETURN_IF_ERROR(KeepWaiting(call, assessments, referral, area_name, facts.scope));
  RETURN_IF_ERROR(call.SetStage(facts.scope, domain::Stage::kReceived));
  // The area's coordinator, chair and IDVA service, from now on.
  call.NoteRecipient(area_name);
  RETURN_IF_ERROR(call.Involve(facts.scope, referral.agency()));
  if (!referral.referrer().agency().empty()) {
    RETURN_IF_ERROR(call.Involve(facts.scope, referral.referrer().agency()));
  }
  return referral;
}

// The latest incident that the case's newest referral told of: the one sent last, whichever was taken in
// last.
absl::StatusOr<v1::DayAnswer> AnchorIncident(ReadCall& call, const v1::Case& earlier) {
  v1::DayAnswer incident;
  absl::Time newest = absl::InfinitePast();
  for (const std::string& name : earlier.referrals()) {
    ASSIGN_OR_RETURN(const v1::Referral referral, call.LoadAsServer<v1::Referral>(name));
    const absl::Time sent = domain::FromTimestamp(referral.submit_time());
    if (sent < newest) continue;
    newest = sent;
    incident = referral.reason().latest_incident();
  }
  return incident;
}

absl::Status AddCandidate(ReadCall& call, const v1::Referral& referral, const domain::RecordMatch& match,
                          const v1::Policy& policy, v1::FindMatchesResponse& answer) {
  v1::MatchCandidate& candidate = *answer.add_candidates();
  for (domain::MatchField field : match.victim_fields) {
    candidate.add_victim_fields(std::string(domain::FieldName(field)));
  }
  for (domain::MatchField field : match.perpetrator_fields) {
    candidate.add_perpetrator_fields(std::string(domain::FieldName(field)));
  }
  candidate.set_same_pair(match.same_pair);
  candidate.set_roles_reversed(match.roles_reversed);
  ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("candidate", match.record));
  if (name.kind() == Kind::kReferral) {
    ASSIGN_OR_RETURN(*candidate.mutable_waiting(), call.Load<v1::Referral>(match.record));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(v1::Case found, call.Load<v1::Case>(match.record));
  candidate.set_open_case(found.stage() == v1::CASE_STAGE_ACCEPTED || found.stage() == v1::CASE_STAGE_LISTED);
  if (match.same_pair) {
    ASSIGN_OR_RETURN(const v1::DayAnswer incident, AnchorIncident(call, found));
    const domain::RepeatFinding finding = domain::RepeatOf(referral, found, incident, policy);
    candidate.set_repeat_by_referral(finding.by_referral.answer == domain::RepeatAnswer::kRepeat);
    candidate.set_repeat_by_heard(finding.by_heard.answer == domain::RepeatAnswer::kRepeat);
    candidate.set_repeat(finding.repeat());
  }
  *candidate.mutable_candidate() = std::move(found);
  return absl::OkStatus();
}

absl::StatusOr<v1::FindMatchesResponse> FindMatches(ReadCall& call, const v1::FindMatchesRequest& request) {
  ASSIGN_OR_RETURN(const v1::Referral referral, call.Load<v1::Referral>(request.name()));
  ASSIGN_OR_RETURN(const std::string area_name, AreaOf(referral.name()));
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(area_name));
  const std::vector<domain::KeptParty> asked =
      domain::PartiesOf(referral.name(), referral.victim(), referral.perpetrators());
  ASSIGN_OR_RETURN(
      const store::FoundParties found,
      store::FindParties(call.tx(), area_name, asked, call.caller().account,
                         absl::ToCivilDay(call.security_now(), domain::London()), kMatchedRecordsMax));
  ASSIGN_OR_RETURN(const v1::Policy* policy, PolicyOf(call, area));
  v1::FindMatchesResponse answer;
  answer.set_more_exist(found.more_exist);
  for (const domain::RecordMatch& match : domain::MatchRecords(asked, found.parties)) {
    // The case this referral became is not another one.
    if (match.record == referral.case_name()) continue;
    if (answer.candidates_size() == kCandidatesMax) {
      answer.set_more_exist(true);
      break;
    }
    RETURN_IF_ERROR(AddCandidate(call, referral, match, *policy, answer));
  }
  call.NoteRows(answer.candidates_size());
  return answer;
}

// A number that no case has: an id has room for several draws of four characters.
absl::StatusOr<std::string> DrawCaseNumber(WriteCall& call, const v1::Area& area, const std::string& record) {
  const domain::LocalDate today = domain::DateOf(call.now());
  constexpr int kIdsMax = 10;
  for (int i = 0; i < kIdsMax; ++i) {
    const std::string id = call.NewId();
    for (size_t start = 0; start + domain::kCaseNumberRandomLength <= id.size();
         start += domain::kCaseNumberRandomLength) {
      const std::string number =
          domain::MakeCaseNumber(area.code(), today, id.substr(start, domain::kCaseNumberRandomLength));
      ASSIGN_OR_RETURN(const bool taken, store::TakeCaseNumber(call.write(), number, record));
      if (taken) return number;
    }
  }
  return absl::InternalError("no free case number was drawn");
}

// The people of a further source of `record`, under ids that cannot be those of another source.
std::vector<domain::KeptParty> FurtherParties(const std::string& record, const v1::Referral& referral) {
  std::vector<domain::KeptParty> parties =
      domain::PartiesOf(record, referral.victim(), referral.perpetrators());
  for (domain::KeptParty& party : parties)
    party.party_id = fmt::format("{} {}", referral.name(), party.party_id);
  return parties;
}

// Shows on the circulated agenda, if the case is on one, the people it has now.
absl::Status RefreshItems(WriteCall& call, const v1::Case& record) {
  if (record.meeting().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::vector<v1::AgendaItem> items,
      ListWholeAsServer<v1::AgendaItem>(call, {.kind = Kind::kAgendaItem, .parent = record.meeting()}));
  for (const v1::AgendaItem& item : items) {
    if (item.case_name() != record.name()) continue;
    v1::AgendaItem refreshed = domain::WithPeopleOf(record, item);
    if (!MessageDifferencer::Equals(refreshed, item)) RETURN_IF_ERROR(call.Save(refreshed));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Referral>> LoadDuplicates(ReadCall& call, const v1::Referral& referral) {
  std::vector<v1::Referral> duplicates;
  for (const std::string& name : referral.duplicates()) {
    ASSIGN_OR_RETURN(v1::Referral duplicate, call.LoadAsServer<v1::Referral>(name));
    duplicates.push_back(std::move(duplicate));
  }
  return duplicates;
}

// A referral and what came with it become part of a case: seen by whom the case is open to, and found through
// it.
absl::Status MoveInto(WriteCall& call, const v1::Referral& referral, std::vector<v1::Assessment>& assessments,
                      const std::string& record, const std::string& scope) {
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(referral.name()));
  RETURN_IF_ERROR(call.MoveScope(facts.scope, scope));
  for (v1::Assessment& assessment : assessments) {
    // One that went with an earlier referral stays that one's.
    if (assessment.referral() != referral.name() || !assessment.case_name().empty()) continue;
    assessment.set_case_name(record);
    RETURN_IF_ERROR(call.Save(assessment));
  }
  RETURN_IF_ERROR(store::ForgetParties(call.write(), referral.name()));
  return store::KeepParties(call.write(), facts.area, FurtherParties(record, referral));
}

absl::StatusOr<v1::Referral> AcceptReferral(WriteCall& call, const v1::AcceptReferralRequest& request) {
  ASSIGN_OR_RETURN(v1::Referral referral, call.LoadForChange<v1::Referral>(request.name(), request.etag()));
  ASSIGN_OR_RETURN(const std::string area_name, AreaOf(referral.name()));
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(area_name));
  ASSIGN_OR_RETURN(std::vector<v1::Assessment> assessments, LoadAssessments(call, referral));
  ASSIGN_OR_RETURN(const domain::KeptApart kept, LoadDetails(call, referral));
  ASSIGN_OR_RETURN(std::vector<v1::Referral> duplicates, LoadDuplicates(call, referral));
  RETURN_IF_ERROR(ShowMeeting(call, {&referral}));
  std::vector<std::string> sources = {referral.name()};
  sources.insert(sources.end(), referral.duplicates().begin(), referral.duplicates().end());
  ASSIGN_OR_RETURN(const v1::Policy* policy, PolicyOf(call, area));
  referral = domain::Refresh(std::move(referral), {.assessments = assessments,
                                                   .safe_contact = kept.safe_contact(),
                                                   .settings = area.settings(),
                                                   .policy = *policy,
                                                   .now = call.now()});
  domain::Acceptance acceptance{
      .decision = DecisionOf(call), .admit_reason = request.admit_reason(), .policy = *policy};
  for (const std::string& source : sources) {
    ASSIGN_OR_RETURN(const std::vector<v1::ExcludedPerson> excluded, LoadExcluded(call, source));
    std::ranges::copy(UnresolvedOf(excluded), std::back_inserter(acceptance.unresolved_exclusions));
  }
  v1::Case earlier;
  if (!request.repeat_of().empty()) {
    RETURN_IF_ERROR(MustBeIn(area_name, "repeat_of", request.repeat_of()));
    ASSIGN_OR_RETURN(earlier, call.Load<v1::Case>(request.repeat_of(), "repeat_of"));
    ASSIGN_OR_RETURN(acceptance.anchor_incident, AnchorIncident(call, earlier));
    acceptance.repeat_of = &earlier;
  }

  std::string record_name;
  std::string scope;
  if (request.join_case().empty()) {
    record_name = ResourceName::Make(Kind::kCase, area_name, call.NewId());
    scope = record_name;
    ASSIGN_OR_RETURN(const std::string number, DrawCaseNumber(call, area, record_name));
    ASSIGN_OR_RETURN(v1::Case record, domain::NewCase(referral, record_name, number, acceptance));
    for (const v1::Referral& duplicate : duplicates)
      record = domain::WithDuplicate(std::move(record), duplicate);
    RETURN_IF_ERROR(call.NewScope(scope, area_name, domain::Stage::kAccepted));
    RETURN_IF_ERROR(
        call.Create(record, scope, {.account = referral.author(), .agency = referral.referrer().agency()}));
  } else {
    RETURN_IF_ERROR(MustBeIn(area_name, "join_case", request.join_case()));
    ASSIGN_OR_RETURN(v1::Case record, call.Load<v1::Case>(request.join_case(), "join_case"));
    ASSIGN_OR_RETURN(record, domain::JoinCase(std::move(record), referral, acceptance));
    for (const v1::Referral& duplicate : duplicates)
      record = domain::WithDuplicate(std::move(record), duplicate);
    RETURN_IF_ERROR(call.Save(record));
    RETURN_IF_ERROR(RefreshItems(call, record));
    record_name = record.name();
    ASSIGN_OR_RETURN(const domain::RecordFacts joined, call.Facts(record_name));
    scope = joined.scope;
  }
  if (acceptance.repeat_of != nullptr) {
    ASSIGN_OR_RETURN(const domain::RecordFacts before, call.Facts(earlier.name()));
    RETURN_IF_ERROR(store::CarryCaseAccess(call.write(), before.scope, scope));
  }
  RETURN_IF_ERROR(MoveInto(call, referral, assessments, record_name, scope));
  for (v1::Referral& duplicate : duplicates) {
    ASSIGN_OR_RETURN(std::vector<v1::Assessment> brought, LoadAssessments(call, duplicate));
    RETURN_IF_ERROR(MoveInto(call, duplicate, brought, record_name, scope));
    duplicate.set_case_name(record_name);
    RETURN_IF_ERROR(call.Save(duplicate));
  }
  referral = domain::Accepted(std::move(referral), record_name, acceptance);
  RETURN_IF_ERROR(call.Save(referral));
  return referral;
}

absl::StatusOr<v1::Referral> MarkDuplicate(WriteCall& call, const v1::MarkDuplicateRequest& request) {
  ASSIGN_OR_RETURN(v1::Referral referral, call.LoadForChange<v1::Referral>(request.name(), request.etag()));
  ASSIGN_OR_RETURN(const std::string area_name, AreaOf(referral.name()));
  RETURN_IF_ERROR(MustBeIn(area_name, "duplicate_of", request.duplicate_of()));
  ASSIGN_OR_RETURN(v1::Referral other, call.Load<v1::Referral>(request.duplicate_of(), "duplicate_of"));
  ASSIGN_OR_RETURN(const std::vector<v1::ExcludedPerson> excluded, LoadExcluded(call, referral.name()));
  ASSIGN_OR_RETURN(domain::Duplicate marked, domain::MarkDuplicate(std::move(referral), std::move(other),
                                                                   UnresolvedOf(excluded), DecisionOf(call)));
  // The other shows how the victim may be reached, and what becomes of it is both.
  ASSIGN_OR_RETURN(const domain::RecordFacts from, call.Facts(marked.referral.name()));
  ASSIGN_OR_RETURN(const domain::RecordFacts to, call.Facts(marked.other.name()));
  RETURN_IF_ERROR(store::CarryCaseAccess(call.write(), from.scope, to.scope));
  RETURN_IF_ERROR(store::ForgetParties(call.write(), marked.referral.name()));
  RETURN_IF_ERROR(
      store::KeepParties(call.write(), area_name, FurtherParties(marked.other.name(), marked.referral)));
  RETURN_IF_ERROR(call.Save(marked.other));
  RETURN_IF_ERROR(call.Save(marked.referral));
  return std::move(marked.referral);
}

// Keeps what triage decided: nobody is found through a referral that waits no more, and what waited with it
// waits for itself again, or it would be lost by somebody else's change of mind.
absl::StatusOr<v1::Referral> SaveDecided(WriteCall& call, v1::Referral referral) {
  RETURN_IF_ERROR(store::ForgetParties(call.write(), referral.name()));
  ASSIGN_OR_RETURN(const std::string area, AreaOf(referral.name()));
  ASSIGN_OR_RETURN(std::vector<v1::Referral> duplicates, LoadDuplicates(call, referral));
  for (v1::Referral& duplicate : duplicates) {
    duplicate = domain::WaitsAgain(std::move(duplicate));
    RETURN_IF_ERROR(call.Save(duplicate));
    RETURN_IF_ERROR(store::KeepParties(
        call.write(), area,
        domain::PartiesOf(duplicate.name(), duplicate.victim(), duplicate.perpetrators())));
  }
  referral.clear_duplicates();
  RETURN_IF_ERROR(call.Save(referral));
  return referral;
}

absl::StatusOr<v1::Referral> WithdrawReferral(WriteCall& call, const v1::WithdrawReferralRequest& request) {
  ASSIGN_OR_RETURN(v1::Referral referral, call.LoadForChange<v1::Referral>(request.name(), request.etag()));
  ASSIGN_OR_RETURN(
      referral, domain::Withdraw(std::move(referral), request.reasons(), call.caller().account, call.now()));
  ASSIGN_OR_RETURN(std::vector<v1::Assessment> assessments, LoadAssessments(call, referral));
  for (v1::Assessment& assessment : assessments) {
    // Taken back, it is no referral that a high grade could rest on.
    if (assessment.referral() != referral.name()) continue;
    assessment = domain::WithReferral(std::move(assessment), "");
    RETURN_IF_ERROR(call.Save(assessment));
  }
  return SaveDecided(call, std::move(referral));
}

absl::StatusOr<v1::ListExcludedPeopleResponse> ListExcludedPeople(
    ReadCall& call, const v1::ListExcludedPeopleRequest& request) {
  ASSIGN_OR_RETURN(const v1::Referral referral, call.Load<v1::Referral>(request.referral(), "referral"));
  ASSIGN_OR_RETURN(
      std::vector<v1::ExcludedPerson> people,
      ListWhole<v1::ExcludedPerson>(call, {.kind = Kind::kExcludedPerson, .parent = referral.name()}));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(referral.name()));
  if (people.empty() && referral.excluded_people_count() > 0 && facts.author == call.caller().account) {
    // An empty list would say that nobody is excluded.
    return domain::WrongState("ALREADY_SENT",
                              "this list is with the coordinator since the referral was sent");
  }
  v1::ListExcludedPeopleResponse answer;
  for (v1::ExcludedPerson& person : people) *answer.add_excluded_people() = std::move(person);
  return answer;
}

absl::StatusOr<v1::ExcludedPerson> ResolveExcludedPerson(WriteCall& call,
                                                         const v1::ResolveExcludedPersonRequest& request) {
  ASSIGN_OR_RETURN(v1::ExcludedPerson person, call.Load<v1::ExcludedPerson>(request.name()));
  const bool was_open = person.answer() == v1::EXCLUSION_ANSWER_UNSPECIFIED;
  if (person.candidate() == call.caller().account && !person.candidate().empty()) {
    return domain::WrongState("ABOUT_YOURSELF",
                              "this asks about you: another coordinator, or the chair, answers it");
  }
  ASSIGN_OR_RETURN(person, domain::Resolve(std::move(person), request.answer(), request.account()));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(person.name()));
  ASSIGN_OR_RETURN(const v1::Referral referral, call.LoadAsServer<v1::Referral>(person.referral()));
  if (person.answer() == v1::EXCLUSION_ANSWER_WORKER) {
    RETURN_IF_ERROR(call.LoadAsServer<v1::Account>(person.account(), "account").status());
    RETURN_IF_ERROR(call.ShutOut(facts.scope, person.account()));
    ASSIGN_OR_RETURN(const domain::RecordFacts without, call.Facts(person.name()));
    RETURN_IF_ERROR(MustLeaveACoordinator(call, without));
    RETURN_IF_ERROR(
        NoteChange(call, facts.scope, v1::ACCESS_CHANGE_KIND_SHUT_OUT, person.account(), person.reason()));
    if (referral.state() == v1::REFERRAL_STATE_DUPLICATE && referral.case_name().empty()) {
      // What it waits with becomes one case with it.
      ASSIGN_OR_RETURN(const domain::RecordFacts holder, call.Facts(referral.triage().duplicate_of()));
      RETURN_IF_ERROR(call.ShutOut(holder.scope, person.account()));
    }
  }
  RETURN_IF_ERROR(call.Save(person));
  if (was_open && !referral.case_name().empty()) {
    ASSIGN_OR_RETURN(v1::Case record, call.LoadAsServer<v1::Case>(referral.case_name()));
    record.set_unresolved_exclusions(record.unresolved_exclusions() - 1);
    RETURN_IF_ERROR(call.Save(record));
  }
  return person;
}

class ReferralService final : public v1::ReferralService::Service {
 public:
  explicit ReferralService(Gate& gate) : gate_(gate) {}

  grpc::Status SaveDraft(grpc::ServerContext* context, const v1::SaveDraftRequest* request,
                         v1::Referral* response) override {
    return gate_.Write(*context, *request, response,
                       [&](WriteCall& call) { return marac::rpc::SaveDraft(call, *request); });
  }

  grpc::Status SubmitReferral(grpc::ServerContext* context, const v1::SubmitReferralRequest* request,
                              v1::Referral* response) override {
    return gate_.Write(*context, *request, response,
                       [&](WriteCall& call) { return marac::rpc::SubmitReferral(call, *request); });
  }

  grpc::Status CompleteReferral(grpc::ServerContext* context, const v1::CompleteReferralRequest* request,
                                v1::Referral* response) override {
    return gate_.Write(*context, *request, response,
                       [&](WriteCall& call) { return marac::rpc::CompleteReferral(call, *request); });
  }

  grpc::Status CorrectReferralSafeContact(grpc::ServerContext* context,
                                          const v1::CorrectReferralSafeContactRequest* request,
                                          v1::Referral* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) {
      return marac::rpc::CorrectReferralSafeContact(call, *request);
    });
  }

  grpc::Status GetReferral(grpc::ServerContext* context, const v1::GetReferralRequest* request,
                           v1::Referral* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::Referral> {
      ASSIGN_OR_RETURN(v1::Referral referral, call.Load<v1::Referral>(request->name()));
      RETURN_IF_ERROR(ShowMeeting(call, {&referral}));
      return referral;
    });
  }

  grpc::Status ListReferrals(grpc::ServerContext* context, const v1::ListReferralsRequest* request,
                             v1::ListReferralsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListReferralsResponse> {
          ASSIGN_OR_RETURN(const ResourceName area,
                           ResourceName::Parse("parent", request->parent(), Kind::kArea));
          // The queue of triage begins with who has waited longest.
          const bool is_queue = request->state() == v1::REFERRAL_STATE_SUBMITTED;
          v1::ListReferralsResponse answer;
          ASSIGN_OR_RETURN(std::vector<v1::Referral> referrals,
                           call.List<v1::Referral>({.kind = Kind::kReferral,
                                                    .area = area.text(),
                                                    .state = request->state(),
                                                    .author = request->mine() ? call.caller().account : "",
                                                    .newest_first = !is_queue},
                                                   request->page_size(), request->page_token(),
                                                   answer.mutable_next_page_token()));
          std::vector<v1::Referral*> listed;
          for (v1::Referral& referral : referrals) {
            *answer.add_referrals() = std::move(referral);
            listed.push_back(answer.mutable_referrals(answer.referrals_size() - 1));
          }
          RETURN_IF_ERROR(ShowMeeting(call, listed));
          return answer;
        });
  }

  grpc::Status FindMatches(grpc::ServerContext* context, const v1::FindMatchesRequest* request,
                           v1::FindMatchesResponse* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return marac::rpc::FindMatches(call, *request); });
  }

  grpc::Status AcceptReferral(grpc::ServerContext* context, const v1::AcceptReferralRequest* request,
                              v1::Referral* response) override {
    return gate_.Write(*context, *request, response,
                       [&](WriteCall& call) { return marac::rpc::AcceptReferral(call, *request); });
  }

  grpc::Status ReturnReferral(grpc::ServerContext* context, const v1::ReturnReferralRequest* request,
                              v1::Referral* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Referral> {
      ASSIGN_OR_RETURN(v1::Referral referral,
                       call.LoadForChange<v1::Referral>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(
          referral, domain::Return(std::move(referral), request->reasons(),
                                   {request->fields().begin(), request->fields().end()}, DecisionOf(call)));
      return SaveDecided(call, std::move(referral));
    });
  }

  grpc::Status DeclineReferral(grpc::ServerContext* context, const v1::DeclineReferralRequest* request,
                               v1::Referral* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Referral> {
      ASSIGN_OR_RETURN(v1::Referral referral,
                       call.LoadForChange<v1::Referral>(request->name(), request->etag()));
      v1::SupportService service;
      domain::Signpost signpost{.words = request->signpost()};
      if (!request->service().empty()) {
        ASSIGN_OR_RETURN(service, call.Load<v1::SupportService>(request->service(), "service"));
        signpost.service = &service;
      }
      ASSIGN_OR_RETURN(referral,
                       domain::Decline(std::move(referral), request->reasons(), signpost, DecisionOf(call)));
      return SaveDecided(call, std::move(referral));
    });
  }

  grpc::Status MarkDuplicate(grpc::ServerContext* context, const v1::MarkDuplicateRequest* request,
                             v1::Referral* response) override {
    return gate_.Write(*context, *request, response,
                       [&](WriteCall& call) { return marac::rpc::MarkDuplicate(call, *request); });
  }

  grpc::Status WithdrawReferral(grpc::ServerContext* context, const v1::WithdrawReferralRequest* request,
                                v1::Referral* response) override {
    return gate_.Write(*context, *request, response,
                       [&](WriteCall& call) { return marac::rpc::WithdrawReferral(call, *request); });
  }

  grpc::Status ListExcludedPeople(grpc::ServerContext* context, const v1::ListExcludedPeopleRequest* request,
                                  v1::ListExcludedPeopleResponse* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return marac::rpc::ListExcludedPeople(call, *request); });
  }

  grpc::Status ResolveExcludedPerson(grpc::ServerContext* context,
                                     const v1::ResolveExcludedPersonRequest* request,
                                     v1::ExcludedPerson* response) override {
    return gate_.Write(*context, *request, response,
                       [&](WriteCall& call) { return marac::rpc::ResolveExcludedPerson(call, *request); });
  }

 private:
  Gate& gate_;
};

}  // namespace

NamedService NewReferralService(Gate& gate) {
  return {.full_name = v1::ReferralService::service_full_name(),
          .service = std::make_unique<ReferralService>(gate)};
}

}  // namespace marac::rpc
