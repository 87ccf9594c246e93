#include "domain/access.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/errors.h"

namespace marac::domain {
namespace {

// Both enumerations have a kArea, which is written in full.
using Kind::kAction, Kind::kAgendaItem, Kind::kAssessment, Kind::kCase, Kind::kExcludedPerson,
    Kind::kProtectedDetail, Kind::kReferral;
using Stage::kAccepted, Stage::kClosed, Stage::kDraft, Stage::kHeard, Stage::kListed, Stage::kReceived;

constexpr v1::Role Rf = v1::ROLE_REFERRER;
constexpr v1::Role Id = v1::ROLE_IDVA;
constexpr v1::Role Rp = v1::ROLE_REPRESENTATIVE;
constexpr v1::Role Su = v1::ROLE_SUPERVISOR;
constexpr v1::Role Co = v1::ROLE_COORDINATOR;
constexpr v1::Role Ch = v1::ROLE_CHAIR;
constexpr v1::Role Mt = v1::ROLE_MINUTE_TAKER;
constexpr v1::Role Sg = v1::ROLE_STEERING_GROUP;
constexpr v1::Role Au = v1::ROLE_AUDITOR;
constexpr v1::Role Po = v1::ROLE_PRIVACY_OFFICER;
constexpr v1::Role Ad = v1::ROLE_ADMIN;
constexpr v1::Role As = v1::ROLE_AGENCY_SYSTEM;
constexpr v1::Role Ps = v1::ROLE_PARTNER_SYSTEM;

constexpr RoleSet kWriters = {Rf, Id, Rp, Su, Co, As};
constexpr RoleSet kReaders = {Rf, Id, Rp, Su, Co, Ch, As};
constexpr RoleSet kCaseStaff = kReaders | RoleSet{Mt};
constexpr RoleSet kPeople = {Rf, Id, Rp, Su, Co, Ch, Mt, Sg, Au, Po, Ad};
constexpr RoleSet kEveryone = kPeople | RoleSet{As, Ps};

constexpr FieldClassSet kRoutine = {v1::FIELD_CLASS_ROUTINE};
constexpr FieldClassSet kStaff = {v1::FIELD_CLASS_ROUTINE, v1::FIELD_CLASS_STAFF};
constexpr FieldClassSet kContent =
    kStaff | FieldClassSet{v1::FIELD_CLASS_IDENTITY, v1::FIELD_CLASS_SPECIAL, v1::FIELD_CLASS_RISK};
constexpr FieldClassSet kCredential = {v1::FIELD_CLASS_CREDENTIAL};
constexpr FieldClassSet kOwnDraft = {v1::FIELD_CLASS_OWN_DRAFT};
constexpr FieldClassSet kAuditClass = {v1::FIELD_CLASS_AUDIT};
constexpr FieldClassSet kTriage = {v1::FIELD_CLASS_TRIAGE};
constexpr FieldClassSet kInMeeting = {v1::FIELD_CLASS_DISCUSSION, v1::FIELD_CLASS_ACTION};
constexpr FieldClassSet kProtected = kRoutine | FieldClassSet{v1::FIELD_CLASS_PROTECTED};

// marac.md 6, line by line. What is not here is closed.
const std::vector<RecordRule>& Records() {
  static const auto& rules = *new std::vector<RecordRule>{
      // A draft is its author's, and their supervisor's.
      {"author.draft", {kReferral, kAssessment}, {kDraft}, kWriters, Relation::kAuthor, kContent | kTriage},
      {"author.draft.protected", {kProtectedDetail}, {kDraft}, kWriters, Relation::kAuthor, kProtected},
      {"author.draft.excluded", {kExcludedPerson}, {kDraft}, kWriters, Relation::kAuthor, kRoutine | kTriage},
      {"supervisor",
       {kReferral, kAssessment},
       {kDraft, kReceived, kAccepted, kListed, kHeard, kClosed},
       {Su},
       Relation::kOwnAgency,
       kContent},
      // What somebody sent stays open to them; protected details and the excluded do not, once it is sent.
      {"author.sent",
       {kReferral, kAssessment},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       kWriters,
       Relation::kAuthor,
       kContent | kTriage},
      {"author.case", {kCase}, {kAccepted, kListed, kHeard, kClosed}, kWriters, Relation::kAuthor, kContent},
      {"agency.sent",
       {kReferral, kAssessment},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       {Rp, As},
       Relation::kOwnAgency,
       kContent},
      {"agency.case",
       {kCase},
       {kAccepted, kListed, kHeard, kClosed},
       {Rp, As},
       Relation::kOwnAgency,
       kContent},
      // The coordinator and the chair: everything from receipt on.
      {"coordinator",
       {kReferral, kAssessment, kExcludedPerson, kCase, kAgendaItem, kAction},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       {Co},
       Relation::kAny,
       kContent | kTriage | kInMeeting},
      {"coordinator.protected",
       {kProtectedDetail},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       {Co},
       Relation::kAny,
       kProtected},
      {"chair",
       {kReferral, kAssessment, kExcludedPerson, kCase, kAgendaItem, kAction},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       {Ch},
       Relation::kAny,
       kContent | kTriage | kInMeeting},
      {"chair.protected",
       {kProtectedDetail},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       {Ch},
       Relation::kAny,
       kProtected},
      // The IDVA service: on receipt, at once.
      {"idva",
       {kReferral, kAssessment, kCase},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       {Id},
       Relation::kAny,
       kContent},
      {"idva.protected",
       {kProtectedDetail},
       {kReceived, kAccepted, kListed, kHeard, kClosed},
       {Id},
       Relation::kAny,
       kProtected},
      {"idva.meeting",
       {kAgendaItem, kAction},
       {kListed, kHeard, kClosed},
       {Id},
       Relation::kAny,
       kContent | kInMeeting},
      // Representatives of agencies that are part of the case: once it is listed.
      {"representative",
       {kReferral, kAssessment, kCase, kAgendaItem, kAction},
       {kListed, kHeard, kClosed},
       {Rp, As},
       Relation::kInvolvedAgency,
       kContent | kInMeeting},
      {"minute-taker",
       {kCase, kAgendaItem, kAction},
       {kListed, kHeard, kClosed},
       {Mt},
       Relation::kAny,
       kContent | kInMeeting},
      // An action belongs to the agency that offered it, and to the person who accepted it; it shows what is
      // to be
      // done, not whose life it is about.
      {"action.agency",
       {kAction},
       {kAccepted, kListed, kHeard, kClosed},
       {Rp, Su, As},
       Relation::kOwnAgency,
       kStaff | FieldClassSet{v1::FIELD_CLASS_ACTION}},
      {"action.owner",
       {kAction},
       {kAccepted, kListed, kHeard, kClosed},
       kWriters,
       Relation::kAuthor,
       kStaff | FieldClassSet{v1::FIELD_CLASS_ACTION}},
      // What is about no case.
      {"meeting", {Kind::kMeeting}, {Stage::kArea}, kCaseStaff, Relation::kAny, kStaff},
      {"directory",
       {Kind::kArea, Kind::kAgency, Kind::kService},
       {Stage::kArea},
       kEveryone,
       Relation::kAny,
       kRoutine},
      // Who works where is for those who work with them; another organisation's system addresses agencies.
      {"people", {Kind::kAccount}, {Stage::kArea}, kPeople | RoleSet{As}, Relation::kAny, kStaff},
      {"programs", {Kind::kProgram}, {Stage::kArea}, {Ad, Au}, Relation::kAny, kStaff},
  };
  return rules;
}

// One line a method; a method that is not here cannot be served.
const std::vector<MethodRule>& Methods() {
  using enum AuditKind;
  constexpr auto kNeeded = MethodRule::kNeeded;
  constexpr auto kNotNeeded = MethodRule::kNotNeeded;
  constexpr auto kEvenWithOldPassword = MethodRule::kEvenWithOldPassword;
  constexpr auto kEvenLocked = MethodRule::kEvenLocked;
  static const auto& rules = *new std::vector<MethodRule>{
      {"marac.v1.SessionService/SignIn", kAuthentication, {}, {}, {}, kNotNeeded, kCredential},
      {"marac.v1.SessionService/SignOut", kAuthentication, kPeople, {}, {}, kEvenLocked},
      {"marac.v1.SessionService/Lock", kAuthentication, kPeople, {}, {}, kEvenLocked},
      {"marac.v1.SessionService/Unlock", kAuthentication, kPeople, {}, {}, kEvenLocked},
      {"marac.v1.SessionService/EnrolCode", kAuthentication, kPeople, {}, {}, kNeeded, kCredential},
      {"marac.v1.SessionService/ConfirmCode", kAuthentication, kPeople, {}, {}},
      // A locked session may keep what is typed, and see nothing of it.
      {"marac.v1.SessionService/SaveFormDraft", kCollection, kPeople, {}, {}, kEvenLocked},
      {"marac.v1.SessionService/GetFormDraft", kConsultation, kPeople, {}, {}, kNeeded, kOwnDraft},
      {"marac.v1.SessionService/DeleteFormDraft", kErasure, kPeople, {}, {}},
      {"marac.v1.SessionService/GetCaller", kConsultation, kEveryone, {}, {}, kEvenWithOldPassword},
      {"marac.v1.SessionService/ChangePassword", kAuthentication, kPeople, {}, {}, kEvenWithOldPassword},

      {"marac.v1.DirectoryService/GetArea", kConsultation, kEveryone, {}, {}},
      {"marac.v1.DirectoryService/UpdateArea", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/CreateAgency", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/ListAgencies", kConsultation, kEveryone, {}, {}},
      {"marac.v1.DirectoryService/CreateAccount", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/UpdateAccount", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/ListAccounts", kConsultation, kPeople | RoleSet{As}, {}, {}},
      {"marac.v1.DirectoryService/EnrolProgram", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/RevokeProgram", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/ListPrograms", kConsultation, {Ad, Au}, {}, {}},
      {"marac.v1.DirectoryService/ListServices", kConsultation, kEveryone, {}, {}},
      {"marac.v1.DirectoryService/GetService", kConsultation, kEveryone, {}, {}},
      // The coordinator keeps the directory (marac.md 1).
      {"marac.v1.DirectoryService/CreateService", kAdministration, {Ad, Co}, {}, {}},
      {"marac.v1.DirectoryService/UpdateService", kAdministration, {Ad, Co}, {}, {}},

      {"marac.v1.AssessmentService/GetInstrument", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.AssessmentService/PreviewScore", kConsultation, kCaseStaff, {}, {}, kNeeded, kContent},
      {"marac.v1.AssessmentService/StartAssessment", kCollection, {}, {}, kWriters},
      {"marac.v1.AssessmentService/AppendAnswers", kCollection, {}, {}, kWriters},
      {"marac.v1.AssessmentService/GetAssessment", kConsultation, kReaders, {}, {}},
      {"marac.v1.AssessmentService/ListAssessments", kConsultation, kReaders, {}, {}},
      {"marac.v1.AssessmentService/CompleteAssessment", kAlteration, {}, {}, kWriters},
      {"marac.v1.AssessmentService/SignAssessment", kAlteration, {}, {}, kWriters},
      {"marac.v1.AssessmentService/AmendAssessment", kAlteration, {}, {}, kWriters},

      {"marac.v1.ReferralService/SaveDraft", kCollection, {}, {}, kWriters},
      {"marac.v1.ReferralService/SubmitReferral", kDisclosure, {}, {}, kWriters},
      {"marac.v1.ReferralService/CompleteReferral", kCollection, {Co}, {}, kWriters},
      {"marac.v1.ReferralService/CorrectReferralSafeContact", kAlteration, {Co, Id}, {}, kWriters},
      {"marac.v1.ReferralService/GetReferral", kConsultation, kReaders, {}, {}},
      {"marac.v1.ReferralService/ListReferrals", kConsultation, kReaders, {}, {}},
      {"marac.v1.ReferralService/FindMatches", kCombination, {Co}, {}, {}, kNeeded, kTriage},
      {"marac.v1.ReferralService/AcceptReferral", kAlteration, {Co}, {}, {}},
      {"marac.v1.ReferralService/ReturnReferral", kAlteration, {Co}, {}, {}},
      {"marac.v1.ReferralService/DeclineReferral", kAlteration, {Co}, {}, {}},
      {"marac.v1.ReferralService/MarkDuplicate", kCombination, {Co}, {}, {}},
      {"marac.v1.ReferralService/WithdrawReferral", kAlteration, {}, {}, kWriters},
      {"marac.v1.ReferralService/ListExcludedPeople", kConsultation, {Co, Ch}, {}, kWriters},
      {"marac.v1.ReferralService/ResolveExcludedPerson", kAlteration, {Co}, {}, {}},

      {"marac.v1.CaseService/GetCase", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.CaseService/ListCases", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.CaseService/RevealDetail", kConsultation, {Co, Ch, Id}, {}, kWriters},
      {"marac.v1.CaseService/CorrectSafeContact", kAlteration, {Co, Id}, {}, {}},
      {"marac.v1.CaseService/RecordVictimContact", kCollection, {Id}, {}, {}},
      {"marac.v1.CaseService/RecordVictimUpdate", kCollection, {Id, Co, Ch, Rp}, {}, {}},
      {"marac.v1.CaseService/CloseCase", kAlteration, {Co}, {}, {}},

      {"marac.v1.MeetingService/ScheduleMeetings", kCollection, {Co}, {}, {}},
      {"marac.v1.MeetingService/GetMeeting", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.MeetingService/ListMeetings", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.MeetingService/ProposeAgenda", kAlteration, {Co}, {}, {}, kNeeded, kTriage},
      {"marac.v1.MeetingService/AdmitLateCase", kAlteration, {Ch}, {}, {}, kNeeded, kTriage},
      {"marac.v1.MeetingService/CirculateAgenda", kDisclosure, {Co}, {}, {}, kNeeded, kTriage},
      {"marac.v1.MeetingService/GetAgenda",
       kConsultation,
       {Id, Rp, Co, Ch, Mt, As},
       {},
       {},
       kNeeded,
       kTriage},
      {"marac.v1.MeetingService/StartMeeting", kAlteration, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/RecordAttendance", kCollection, {Co, Ch, Mt}, {}, {}},
      {"marac.v1.MeetingService/OpenItem", kAlteration, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/RecordDiscussion", kCollection, {Co, Ch, Mt}, {}, {}},
      {"marac.v1.MeetingService/CloseItem", kAlteration, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/DeferItem", kAlteration, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/CloseMeeting", kAlteration, {Co, Ch}, {}, {}},

      {"marac.v1.ActionService/CreateAction", kCollection, {Co, Ch, Mt}, {}, {}},
      {"marac.v1.ActionService/AcceptAction", kAlteration, {}, {Id, Rp, Su, As}, {}},
      {"marac.v1.ActionService/RefuseAction", kAlteration, {}, {Id, Rp, Su, As}, {}},
      {"marac.v1.ActionService/GetAction", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.ActionService/ListActions", kConsultation, kCaseStaff, {}, {}},
      // The coordinator keys in what an agency reports by telephone.
      {"marac.v1.ActionService/ReportAction", kAlteration, {Co}, {Id, Rp, Su, As}, {Rf}},
      {"marac.v1.ActionService/ExtendAction", kAlteration, {Co, Ch}, {}, {}},

      {"marac.v1.AuditService/ListEvents", kConsultation, {Au}, {}, {}, kNeeded, kAuditClass},
      {"marac.v1.AuditService/VerifyChain", kConsultation, {Au}, {}, {}, kNeeded, kAuditClass},
      {"marac.v1.AuditService/GetCheckpoint", kConsultation, kEveryone, {}, {}},

      {"marac.v1.DemoService/AdvanceClock", kAdministration, {Ad}, {}, {}},
  };
  return rules;
}

bool Contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool Stands(Relation relation, const Caller& caller, const RecordFacts& facts) {
  switch (relation) {
    case Relation::kAny:
      return true;
    case Relation::kAuthor:
      return !facts.author.empty() && facts.author == caller.account;
    case Relation::kOwnAgency:
      return !facts.agency.empty() && facts.agency == caller.agency;
    case Relation::kInvolvedAgency:
      return Contains(facts.involved_agencies, caller.agency);
  }
  return false;
}

bool MethodFits(const MethodRule& rule, v1::Role role, const Caller& caller, const RecordFacts& facts) {
  return rule.any.Has(role) || (rule.own_agency.Has(role) && Stands(Relation::kOwnAgency, caller, facts)) ||
         (rule.author.Has(role) && Stands(Relation::kAuthor, caller, facts));
}

}  // namespace

std::vector<int32_t> FieldClassSet::ToNumbers() const {
  std::vector<int32_t> numbers;
  for (int32_t c = 0; c < 32; ++c) {
    if ((bits_ >> c & 1U) != 0) numbers.push_back(c);
  }
  return numbers;
}

std::span<const RecordRule> RecordRules() { return Records(); }

std::span<const MethodRule> MethodRules() { return Methods(); }

const MethodRule* FindMethodRule(std::string_view method) {
  const auto& rules = Methods();
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [method](const MethodRule& rule) { return rule.method == method; });
  return found == rules.end() ? nullptr : &*found;
}

bool Caller::Holds(RoleSet wanted, std::string_view area) const {
  return std::any_of(roles.begin(), roles.end(), [&](const HeldRole& held) {
    return wanted.Has(held.role) && (area.empty() || held.area == area);
  });
}

absl::Status MayCall(const Caller& caller, const MethodRule& rule) {
  if (caller.Holds(rule.any | rule.own_agency | rule.author, /*area=*/"")) return absl::OkStatus();
  return absl::PermissionDeniedError(
      "your role here does not include this; if it should, ask your agency's administrator to change your "
      "role");
}

absl::StatusOr<Grant> MayTouch(const Caller& caller, const RecordFacts& facts, const MethodRule& rule) {
  if (Contains(facts.shut_out, caller.account)) return NotFoundOrNotOpen(facts.name);
  FieldClassSet classes;
  std::string cited;
  for (const RecordRule& line : Records()) {
    if (std::find(line.kinds.begin(), line.kinds.end(), facts.kind) == line.kinds.end() ||
        std::find(line.stages.begin(), line.stages.end(), facts.stage) == line.stages.end() ||
        !Stands(line.relation, caller, facts)) {
      continue;
    }
    for (const HeldRole& held : caller.roles) {
      const bool here = facts.area.empty() || held.area == facts.area;
      if (!here || !line.roles.Has(held.role) || !MethodFits(rule, held.role, caller, facts)) continue;
      classes = classes | line.classes;
      if (cited.empty()) cited = line.id;
    }
  }
  if (classes.empty()) return NotFoundOrNotOpen(facts.name);
  return Grant(facts.name, classes, cited);
}

absl::StatusOr<Grant> MayCreate(const Caller& caller, const RecordFacts& facts, const MethodRule& rule) {
  for (const HeldRole& held : caller.roles) {
    if ((facts.area.empty() || held.area == facts.area) &&
        (rule.any | rule.own_agency | rule.author).Has(held.role)) {
      // What may be read back of it right away is what the record table says; where the maker is no reader
      // (an author's excluded people, say) nothing of it leaves.
      absl::StatusOr<Grant> readable = MayTouch(caller, facts, rule);
      return readable.ok() ? *readable : Grant(facts.name, FieldClassSet(), "create");
    }
  }
  return NotFoundOrNotOpen(facts.area);
}

Grant ServerGrant(std::string_view name) { return Grant(std::string(name), FieldClassSet(), "server"); }

}  // namespace marac::domain
