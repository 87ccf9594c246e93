#include "domain/case_readers.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace marac::domain {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::string_view kReveal = "marac.v1.CaseService/RevealDetail";

const std::map<std::string_view, std::string_view>& Words() {
  static const auto& words = *new std::map<std::string_view, std::string_view>{
      {"AssessmentService/StartAssessment", "began an assessment"},
      {"AssessmentService/AppendAnswers", "wrote answers of an assessment"},
      {"AssessmentService/GetAssessment", "opened an assessment"},
      {"AssessmentService/CompareAssessments", "compared two assessments"},
      {"AssessmentService/ListAssessments", "had an assessment in a list"},
      {"AssessmentService/CompleteAssessment", "completed an assessment"},
      {"AssessmentService/SignAssessment", "signed an assessment"},
      {"AssessmentService/AmendAssessment", "amended an assessment"},
      {"AssessmentService/ListSupervision", "had an assessment in the list of what waits for a supervisor"},
      {"AssessmentService/CountersignAssessment", "agreed to an assessment as supervisor, or sent it back"},
      {"AssessmentService/RecordChange", "recorded a change after which an assessment is to be reviewed"},
      {"AssessmentService/EndReview", "said that an assessment needs no review"},
      {"AssessmentService/MarkEnteredInError", "said that an assessment was entered in error"},
      {"AssessmentService/RecordCommunicationProfile", "recorded what the person needs to communicate"},
      {"AssessmentService/BeginSitting", "began a sitting of an assessment"},
      {"AssessmentService/RecordSitting", "recorded a sitting of an assessment"},
      {"AssessmentService/GetHandover", "had questions of an assessment shown to the person it is about"},
      {"SessionService/StartHandover", "handed the device over to the person an assessment is about"},
      {"SessionService/EndHandover", "ended a handover on the device"},
      {"SessionService/Unlock", "took the device back"},
      {"SessionService/EndSession", "ended a session whose device was handed over"},
      {"SessionService/EndOtherSessions", "ended a session whose device was handed over"},
      {"SessionService/ChangePassword", "ended a session whose device was handed over"},
      {"SessionService/Recover", "ended a session whose device was handed over"},
      // The wording itself is about nobody: only a device that is handed over reads it by an assessment.
      {"AssessmentService/GetInstrument", "had the form shown to the person an assessment is about"},
      {"DocumentService/PrintBooklet", "had questions of an assessment made for paper"},
      {"DocumentService/ReadDocument", "opened what was made for paper"},
      {"ReferralService/SaveDraft", "wrote the referral"},
      {"ReferralService/SubmitReferral", "submitted the referral"},
      {"ReferralService/CompleteReferral", "added to the referral"},
      {"ReferralService/CorrectReferralSafeContact", "corrected the safe contact"},
      {"ReferralService/GetReferral", "opened the referral"},
      {"ReferralService/ListReferrals", "had the referral in a list"},
      {"ReferralService/FindMatches", "looked for the same people in other cases"},
      {"ReferralService/AcceptReferral", "accepted the referral"},
      {"ReferralService/ReturnReferral", "returned the referral"},
      {"ReferralService/DeclineReferral", "declined the referral"},
      {"ReferralService/MarkDuplicate", "marked a referral as a duplicate"},
      {"ReferralService/WithdrawReferral", "withdrew the referral"},
      {"ReferralService/ListExcludedPeople", "read who must not receive it"},
      {"ReferralService/ResolveExcludedPerson", "answered who must not receive it"},
      {"CaseService/GetCase", "opened the case"},
      {"CaseService/ListCases", "had the case in a list"},
      {"CaseService/RevealDetail", "had a protected detail shown"},
      {"CaseService/CorrectSafeContact", "corrected the safe contact"},
      {"CaseService/RecordVictimContact", "recorded contact with the victim"},
      {"CaseService/RecordVictimUpdate", "recorded that the victim was told"},
      {"CaseService/CloseCase", "closed the case"},
      {"AccessService/GetCaseAccess", "read who may see it"},
      {"AccessService/RestrictCase", "restricted it, or ended that"},
      {"AccessService/ExcludePerson", "kept somebody from it"},
      {"AccessService/DecideExclusion", "decided whether somebody may see it"},
      {"AccessService/DeclareConflict", "declared a conflict of interest"},
      {"AccessService/SaveOwnRegister", "saved their own register, which it is compared with"},
      {"MeetingService/ProposeAgenda", "had it on an agenda that was proposed"},
      {"MeetingService/AdmitLateCase", "admitted a late case, with this one on the agenda"},
      {"MeetingService/CirculateAgenda", "circulated the agenda with it"},
      {"MeetingService/GetAgenda", "read an agenda with it"},
      {"MeetingService/CallEmergencyMeeting", "called an emergency meeting for it"},
      {"MeetingService/GetMeeting", "looked at the emergency meeting for it"},
      {"MeetingService/ListMeetings", "had the emergency meeting for it in a list"},
      {"MeetingService/GetOpening", "read what a meeting opens with"},
      {"MeetingService/OpenItem", "opened it in a meeting"},
      {"MeetingService/RecordDiscussion", "recorded the discussion"},
      {"MeetingService/CloseItem", "closed it in a meeting"},
      {"MeetingService/DeferItem", "deferred it"},
      {"MeetingService/PlaceItem", "moved it on an agenda"},
      {"MeetingService/CancelMeeting", "cancelled a meeting with it"},
      {"MeetingService/CloseMeeting", "closed a meeting with it"},
      {"ActionService/CreateAction", "added an action"},
      {"ActionService/AcceptAction", "accepted an action"},
      {"ActionService/RefuseAction", "refused an action"},
      {"ActionService/GetAction", "opened an action"},
      {"ActionService/ListActions", "had an action in a list"},
      {"ActionService/ReportAction", "reported on an action"},
      {"ActionService/ExtendAction", "extended an action"},
      {"ResearchService/ListResearch", "read what agencies know about it"},
      {"ResearchService/ListResearchDue", "had it in the list of research that is due"},
      {"ResearchService/SaveResearch", "wrote down what their agency knows about it"},
      {"ResearchService/ReturnResearch", "returned what their agency knows about it"},
      {"PilotService/PairAssessments", "paired an assessment of it in a pilot"},
      {"InstrumentService/PreviewPolicy", "saw what another policy would make of an assessment"},
      {"AuditService/ListCaseReaders", "read who looked at it"},
      {"AuditService/ListEvents", "read the log about it"},
  };
  return words;
}

// Whether an agency has written anything down is its own matter until it returns it: whoever wrote had read.
std::string_view ToldAs(std::string_view method) {
  return method == "marac.v1.ResearchService/SaveResearch" ? "marac.v1.ResearchService/ListResearch" : method;
}

// Without the package.
std::string_view ShortName(std::string_view method) {
  constexpr std::string_view kPackage = "marac.v1.";
  return method.starts_with(kPackage) ? method.substr(kPackage.size()) : method;
}

}  // namespace

bool HasDeedWords(std::string_view method) { return Words().contains(ShortName(method)); }

std::string DeedWords(std::string_view method) {
  const auto found = Words().find(ShortName(method));
  if (found != Words().end()) return std::string(found->second);
  std::string words;
  for (const char c : method.substr(method.find('/') + 1)) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isupper(letter) != 0 && !words.empty()) words += ' ';
    words += static_cast<char>(std::tolower(letter));
  }
  return words;
}

void CaseReaders::Add(uint64_t sequence, const AuditEvent& event) {
  const bool concerns =
      std::any_of(event.subjects.begin(), event.subjects.end(),
                  [this](const std::string& subject) { return records_.contains(subject); });
  // What was noticed about a look is for whoever reviews it; the look itself is a row of its own.
  if (!concerns || event.account.empty() || event.kind == AuditKind::kAlert) return;
  const auto [entry, first] = readers_.try_emplace({event.account, event.agency, event.role});
  Reader& reader = entry->second;
  if (first || event.time_ms < reader.first_ms) reader.first_ms = event.time_ms;
  if (first || event.time_ms > reader.last_ms) reader.last_ms = event.time_ms;
  reader.last_sequence = std::max(reader.last_sequence, sequence);
  if (!event.allowed) {
    if (event.kind == AuditKind::kDenied) {
      reader.said.set_refused_count(reader.said.refused_count() + 1);
    } else {
      reader.said.set_failed_count(reader.said.failed_count() + 1);
    }
    return;
  }
  reader.said.set_answered_count(reader.said.answered_count() + 1);
  ++reader.deeds[std::string(ToldAs(event.method))];
  for (size_t i = 0; i < event.subjects.size(); ++i) {
    if (!records_.contains(event.subjects[i])) continue;
    if (i < event.subject_classes.size()) reader.classes |= event.subject_classes[i];
    const auto detail = details_.find(event.subjects[i]);
    if (event.method != kReveal || detail == details_.end()) continue;
    v1::ReaderReveal& reveal = reader.reveals[sequence];
    *reveal.mutable_time() = TimeUtil::MillisecondsToTimestamp(event.time_ms);
    reveal.set_detail(detail->first);
    reveal.set_kind(detail->second);
    reveal.set_sequence(static_cast<int64_t>(sequence));
    const auto reason = reasons_.find(static_cast<int64_t>(sequence));
    if (reason != reasons_.end()) reveal.set_reason(reason->second);
  }
  if (event.subject_classes.empty()) {
    // Of before it was kept for each record: what the whole call showed.
    for (const int32_t shown : event.field_classes) reader.classes |= 1U << static_cast<uint32_t>(shown);
  }
}

std::vector<v1::CaseReader> CaseReaders::Take() && {
  std::vector<std::pair<uint64_t, v1::CaseReader>> ordered;
  for (auto& [who, reader] : readers_) {
    v1::CaseReader& said = reader.said;
    said.set_account(who[0]);
    said.set_agency(who[1]);
    said.set_role(who[2]);
    *said.mutable_first_time() = TimeUtil::MillisecondsToTimestamp(reader.first_ms);
    *said.mutable_last_time() = TimeUtil::MillisecondsToTimestamp(reader.last_ms);
    std::vector<std::pair<std::string, int32_t>> deeds(reader.deeds.begin(), reader.deeds.end());
    std::stable_sort(deeds.begin(), deeds.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [method, count] : deeds) {
      v1::ReaderDeed& deed = *said.add_deeds();
      deed.set_method(method);
      deed.set_words(DeedWords(method));
      deed.set_count(count);
    }
    for (int c = v1::FieldClass_MIN; c <= v1::FieldClass_MAX; ++c) {
      if ((reader.classes >> static_cast<uint32_t>(c) & 1U) != 0) {
        said.add_field_classes(static_cast<v1::FieldClass>(c));
      }
    }
    for (auto reveal = reader.reveals.rbegin(); reveal != reader.reveals.rend(); ++reveal) {
      *said.add_reveals() = std::move(reveal->second);
    }
    ordered.emplace_back(reader.last_sequence, std::move(said));
  }
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<v1::CaseReader> readers;
  for (auto& [sequence, said] : ordered) readers.push_back(std::move(said));
  return readers;
}

}  // namespace marac::domain
