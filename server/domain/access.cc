#include "domain/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "domain/errors.h"

namespace marac::domain {
namespace {

// Both enumerations have a kArea, which is written in full.
using Kind::kAction, Kind::kAgendaItem, Kind::kAssessment, Kind::kCase, Kind::kExcludedPerson,
    Kind::kProtectedDetail, Kind::kReferral, Kind::kResearch, Kind::kResearchNotes;
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
// Those of them to whom only their own words are open, and not every case.
constexpr RoleSet kWritersApart = {Rf, Rp, Su, As};
// Writers with a session, which a system has not.
constexpr RoleSet kHandingOver = {Rf, Id, Rp, Su, Co};
constexpr RoleSet kReaders = {Rf, Id, Rp, Su, Co, Ch, As};
constexpr RoleSet kCaseStaff = kReaders | RoleSet{Mt};
constexpr RoleSet kPeople = {Rf, Id, Rp, Su, Co, Ch, Mt, Sg, Au, Po, Ad};
constexpr RoleSet kEveryone = kPeople | RoleSet{As, Ps};

constexpr FieldClassSet kRoutine = {v1::FIELD_CLASS_ROUTINE};
constexpr FieldClassSet kStaff = {v1::FIELD_CLASS_ROUTINE, v1::FIELD_CLASS_STAFF};
constexpr FieldClassSet kStaffClass = {v1::FIELD_CLASS_STAFF};
constexpr FieldClassSet kContent =
    kStaff | FieldClassSet{v1::FIELD_CLASS_IDENTITY, v1::FIELD_CLASS_SPECIAL, v1::FIELD_CLASS_RISK};
constexpr FieldClassSet kRiskOnly = {v1::FIELD_CLASS_RISK};
constexpr FieldClassSet kFound = kStaff | kRiskOnly;
// Which agency, and whom to ring there.
constexpr FieldClassSet kStaffOnly = {v1::FIELD_CLASS_STAFF};
// To the person of whom it is.
constexpr FieldClassSet kToldThemselves = {v1::FIELD_CLASS_RISK, v1::FIELD_CLASS_IDENTITY};
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
      {"author.case",
       {kCase},
       {kAccepted, kListed, kHeard, kClosed},
       kWritersApart,
       Relation::kAuthor,
       kContent},
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
      // Masked, and shown on need, while the case is before the meeting (marac.md 6, Safe contact).
      {"representative.protected",
       {kProtectedDetail},
       {kListed, kHeard},
       {Rp},
       Relation::kInvolvedAgency,
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
       {kListed},
       {Rp, As},
       Relation::kInvolvedAgency,
       kContent | FieldClassSet{v1::FIELD_CLASS_ACTION}},
      // What is said in the meeting: to those who signed for it, until it is minuted.
      {"representative.signed",
       {kAgendaItem},
       {kListed},
       {Rp},
       Relation::kSigned,
       {v1::FIELD_CLASS_DISCUSSION}},
      {"representative.minutes",
       {kReferral, kAssessment, kCase, kAgendaItem, kAction},
       {kHeard, kClosed},
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
      // to be done, not whose life it is about.
      {"action.agency",
       {kAction},
       {kListed, kHeard, kClosed},
       {Rp, Su, As},
       Relation::kOwnAgency,
       kStaff | FieldClassSet{v1::FIELD_CLASS_ACTION}},
      {"action.owner",
       {kAction},
       {kListed, kHeard, kClosed},
       kWritersApart,
       Relation::kAuthor,
       kStaff | FieldClassSet{v1::FIELD_CLASS_ACTION}},
      // What an agency returned is for all who have a part in the case; what it wrote down is its own, and
      // closed to the coordinator and the chair as well.
      {"research", {kResearch}, {kListed, kHeard, kClosed}, {Id, Co, Ch, Mt}, Relation::kAny, kFound},
      {"research.involved",
       {kResearch},
       {kListed, kHeard, kClosed},
       {Rp, As},
       Relation::kInvolvedAgency,
       kFound},
      {"research.notes",
       {kResearchNotes},
       {kListed, kHeard, kClosed},
       {Id, Rp, As},
       Relation::kOwnAgency,
       kFound},
      // The device in the person's hands: that there is such an assessment, and where it is in its life. What
      // more it is told is the answer of one method (GetHandover).
      {"handover",
       {kAssessment},
       {kDraft, kReceived, kAccepted, kListed, kHeard, kClosed},
       kHandingOver,
       Relation::kAuthor,
       kRoutine,
       Token::kHandover},
      // What is about no case.
      {"meeting", {Kind::kMeeting}, {Stage::kArea}, kCaseStaff, Relation::kAny, kStaff},
      // An emergency meeting belongs to its case: that it is held tells of it.
      {"meeting.emergency",
       {Kind::kMeeting},
       {kListed, kHeard, kClosed},
       {Co, Ch, Mt, Id},
       Relation::kAny,
       kStaff | kRiskOnly},
      {"meeting.emergency.called",
       {Kind::kMeeting},
       {kListed, kHeard, kClosed},
       {Rp, As},
       Relation::kInvolvedAgency,
       kStaff | kRiskOnly},
      {"directory",
       {Kind::kArea, Kind::kAgency, Kind::kService},
       {Stage::kArea},
       kEveryone,
       Relation::kAny,
       kRoutine},
      // Who works where is for those who work with them; another organisation's system addresses agencies.
      {"people", {Kind::kAccount}, {Stage::kArea}, kPeople | RoleSet{As}, Relation::kAny, kStaff},
      {"programs", {Kind::kProgram}, {Stage::kArea}, {Ad, Au}, Relation::kAny, kStaff},
      // Alerts of the area, and those about the privacy officer's own people. From whom it is about, each is
      // hidden
      // as a case from who is shut out.
      {"alerts", {Kind::kAlert}, {Stage::kArea}, {Au}, Relation::kAny, kRoutine | kAuditClass},
      {"alerts.agency", {Kind::kAlert}, {Stage::kArea}, {Po}, Relation::kOwnAgency, kRoutine | kAuditClass},
      // Packs. The steering group, which approves pilots of them, sees no colleague's name.
      {"instruments", {Kind::kInstrument, Kind::kPolicy}, {Stage::kArea}, {Co, Ad}, Relation::kAny, kStaff},
      {"instruments.steering",
       {Kind::kInstrument, Kind::kPolicy},
       {Stage::kArea},
       {Sg},
       Relation::kAny,
       kRoutine},
      // Who pairs does not see what comes of it, and who sees it does not pair: neither can steer what they
      // find.
      {"pilot", {Kind::kPilot, Kind::kPilotPair}, {Stage::kArea}, {Co}, Relation::kAny, kStaff},
      {"pilot.steering", {Kind::kPilot}, {Stage::kArea}, {Sg}, Relation::kAny, kRoutine},
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
  constexpr auto kEvenHandedOver = MethodRule::kEvenHandedOver;
  constexpr bool kStepUp = true;
  constexpr bool kNoStepUp = false;
  constexpr auto kEitherToken = MethodRule::kEitherToken;
  constexpr auto kHandovers = MethodRule::kHandovers;
  static const auto& rules = *new std::vector<MethodRule>{
      {"marac.v1.SessionService/SignIn", kAuthentication, {}, {}, {}, kNotNeeded, kCredential},
      {"marac.v1.SessionService/SignOut", kAuthentication, kPeople, {}, {}, kEvenLocked},
      {"marac.v1.SessionService/Lock", kAuthentication, kPeople, {}, {}, kEvenLocked},
      {"marac.v1.SessionService/Unlock", kAuthentication, kPeople, {}, {}, kEvenHandedOver},
      {"marac.v1.SessionService/StepUp", kAuthentication, kPeople, {}, {}},
      {"marac.v1.SessionService/ListSessions", kConsultation, kPeople, {}, {}},
      {"marac.v1.SessionService/EndSession", kAuthentication, kPeople, {}, {}},
      {"marac.v1.SessionService/EndOtherSessions", kAuthentication, kPeople, {}, {}},
      {"marac.v1.SessionService/Recover", kAuthentication, {}, {}, {}, kNotNeeded},
      {"marac.v1.SessionService/EnrolCode", kAuthentication, kPeople, {}, {}, kNeeded, kCredential},
      {"marac.v1.SessionService/ConfirmCode", kAuthentication, kPeople, {}, {}},
      // A locked session may keep what is typed, and see nothing of it.
      {"marac.v1.SessionService/SaveFormDraft", kCollection, kPeople, {}, {}, kEvenLocked},
      {"marac.v1.SessionService/GetFormDraft", kConsultation, kPeople, {}, {}, kNeeded, kOwnDraft},
      {"marac.v1.SessionService/DeleteFormDraft", kErasure, kPeople, {}, {}},
      {"marac.v1.SessionService/StartHandover", kAuthentication, {}, {}, kHandingOver, kNeeded, kCredential},
      {"marac.v1.SessionService/EndHandover",
       kAuthentication,
       kHandingOver,
       {},
       {},
       kNeeded,
       {},
       kNoStepUp,
       kHandovers},
      {"marac.v1.SessionService/GetCaller", kConsultation, kEveryone, {}, {}, kEvenWithOldPassword},
      {"marac.v1.SessionService/ChangePassword", kAuthentication, kPeople, {}, {}, kEvenWithOldPassword},

      {"marac.v1.DirectoryService/GetArea", kConsultation, kEveryone, {}, {}},
      {"marac.v1.DirectoryService/UpdateArea", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/PreviewArea", kConsultation, {Ad, Co, Ch}, {}, {}},
      {"marac.v1.DirectoryService/ListAreaChanges",
       kConsultation,
       {Ad, Co, Ch, Au},
       {},
       {},
       kNeeded,
       kStaffClass},
      {"marac.v1.DirectoryService/CreateAgency", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/ListAgencies", kConsultation, kEveryone, {}, {}},
      {"marac.v1.DirectoryService/CreateAccount", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.DirectoryService/UpdateAccount", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.DirectoryService/ApproveRoles", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.DirectoryService/RefuseRoles", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.DirectoryService/RecordTraining", kAdministration, {Ad}, {}, {}},
      {"marac.v1.DirectoryService/StartRecovery",
       kAdministration,
       {Ad},
       {},
       {},
       kNeeded,
       kCredential,
       kStepUp},
      {"marac.v1.DirectoryService/ListAccounts", kConsultation, kPeople | RoleSet{As}, {}, {}},
      {"marac.v1.DirectoryService/EnrolProgram", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.DirectoryService/RevokeProgram", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.DirectoryService/ListPrograms", kConsultation, {Ad, Au}, {}, {}},
      {"marac.v1.DirectoryService/ListServices", kConsultation, kEveryone, {}, {}},
      {"marac.v1.DirectoryService/GetService", kConsultation, kEveryone, {}, {}},
      // The coordinator keeps the directory (marac.md 1).
      {"marac.v1.DirectoryService/CreateService", kAdministration, {Ad, Co}, {}, {}},
      {"marac.v1.DirectoryService/UpdateService", kAdministration, {Ad, Co}, {}, {}},

      {"marac.v1.AssessmentService/GetInstrument",
       kConsultation,
       kCaseStaff,
       {},
       {},
       kNeeded,
       {},
       kNoStepUp,
       kEitherToken},
      {"marac.v1.AssessmentService/PreviewScore", kConsultation, kCaseStaff, {}, {}, kNeeded, kRiskOnly},
      // The one that is reviewed may be another's: AssessmentService decides about it as RecordChange would.
      {"marac.v1.AssessmentService/StartAssessment", kCollection, {}, {}, kWriters},
      {"marac.v1.AssessmentService/AppendAnswers",
       kCollection,
       {},
       {},
       kWriters,
       kNeeded,
       {},
       kNoStepUp,
       kEitherToken},
      {"marac.v1.AssessmentService/RecordCommunicationProfile", kCollection, {}, {}, kWriters},
      {"marac.v1.AssessmentService/BeginSitting", kCollection, {}, {}, kWriters},
      {"marac.v1.AssessmentService/RecordSitting", kCollection, {}, {}, kWriters},
      // What the person said themselves, and what they call people: no record's, for what it leaves out is
      // the record's too.
      {"marac.v1.AssessmentService/GetHandover",
       kConsultation,
       {},
       {},
       kHandingOver,
       kNeeded,
       kToldThemselves,
       kNoStepUp,
       kHandovers},
      {"marac.v1.AssessmentService/GetAssessment", kConsultation, kReaders, {}, {}},
      {"marac.v1.AssessmentService/CompareAssessments", kConsultation, kReaders, {}, {}},
      {"marac.v1.AssessmentService/ListAssessments", kConsultation, kReaders, {}, {}},
      {"marac.v1.AssessmentService/CompleteAssessment", kAlteration, {}, {}, kWriters},
      {"marac.v1.AssessmentService/SignAssessment", kAlteration, {}, {}, kWriters},
      {"marac.v1.AssessmentService/AmendAssessment", kAlteration, {}, {}, kWriters},
      // Of what the caller may read what names them: for whoever is no supervisor there is none.
      {"marac.v1.AssessmentService/ListSupervision", kConsultation, kReaders, {}, {}},
      {"marac.v1.AssessmentService/CountersignAssessment", kAlteration, {}, {Su}, {}},
      // Whoever supports the person hears what changed, whoever took the assessment.
      {"marac.v1.AssessmentService/RecordChange", kCollection, {Co, Id}, {Su}, kWriters},
      {"marac.v1.AssessmentService/EndReview", kAlteration, {Co, Id}, {Su}, kWriters},
      {"marac.v1.AssessmentService/MarkEnteredInError", kAlteration, {}, {Su}, kWriters},

      // Whoever may key in what is written on it.
      {"marac.v1.DocumentService/PrintBooklet", kCollection, {}, {}, kWriters},
      {"marac.v1.DocumentService/ReadDocument", kConsultation, kReaders, {}, {}},

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
      {"marac.v1.ReferralService/ListExcludedPeople", kConsultation, {Co, Ch}, {}, {Rf, Id, Rp, Su, As}},
      {"marac.v1.ReferralService/ResolveExcludedPerson", kAlteration, {Co, Ch}, {}, {}},

      {"marac.v1.CaseService/GetCase", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.CaseService/ListCases", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.CaseService/RevealDetail", kConsultation, {Co, Ch, Id, Rp}, {}, {Rf, Su, As}},
      {"marac.v1.CaseService/CorrectSafeContact", kAlteration, {Co, Id}, {}, {}},
      {"marac.v1.CaseService/RecordVictimContact", kCollection, {Id}, {}, {}},
      {"marac.v1.CaseService/RecordVictimUpdate", kCollection, {Id, Co, Ch, Rp}, {}, {}},
      {"marac.v1.CaseService/CloseCase", kAlteration, {Co}, {}, {}},

      {"marac.v1.AccessService/GetCaseAccess", kConsultation, {Co, Ch}, {}, {}},
      {"marac.v1.AccessService/RestrictCase", kAdministration, {Co, Ch}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.AccessService/ExcludePerson", kAdministration, {Co, Ch}, {}, {}},
      {"marac.v1.AccessService/DecideExclusion", kAdministration, {Ch}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.AccessService/DeclareConflict",
       kAdministration,
       {Id, Rp, Co, Ch, Mt},
       {Su},
       {Rf, Id, Rp, Su, Co}},
      {"marac.v1.AccessService/ListUndecided", kConsultation, {Co, Ch}, {}, {}},
      {"marac.v1.AccessService/GetOwnRegister", kConsultation, kPeople, {}, {}, kNeeded, kOwnDraft},
      {"marac.v1.AccessService/SaveOwnRegister", kCollection, kPeople, {}, {}, kNeeded, kOwnDraft},

      {"marac.v1.MeetingService/ScheduleMeetings", kCollection, {Co}, {}, {}},
      {"marac.v1.MeetingService/MoveMeeting", kAlteration, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/CancelMeeting", kAlteration, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/CallEmergencyMeeting", kDisclosure, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/GetMeeting", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.MeetingService/ListMeetings", kConsultation, kCaseStaff, {}, {}},
      {"marac.v1.MeetingService/ProposeAgenda", kAlteration, {Co}, {}, {}, kNeeded, kTriage},
      {"marac.v1.MeetingService/AdmitLateCase", kAlteration, {Ch}, {}, {}, kNeeded, kTriage},
      {"marac.v1.MeetingService/PlaceItem", kAlteration, {Co, Ch}, {}, {}, kNeeded, kTriage},
      {"marac.v1.MeetingService/CirculateAgenda", kDisclosure, {Co}, {}, {}, kNeeded, kTriage},
      {"marac.v1.MeetingService/GetAgenda",
       kConsultation,
       {Id, Rp, Co, Ch, Mt, As},
       {},
       {},
       kNeeded,
       kTriage | kStaffClass},
      {"marac.v1.MeetingService/GetOpening", kConsultation, {Id, Rp, Co, Ch, Mt, As}, {}, {}},
      {"marac.v1.MeetingService/StartMeeting", kAlteration, {Co, Ch}, {}, {}},
      {"marac.v1.MeetingService/RecordAttendance", kCollection, {Co, Ch, Mt}, {}, {}},
      {"marac.v1.MeetingService/SignConfidentiality", kCollection, {Id, Rp, Co, Ch, Mt}, {}, {}},
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

      {"marac.v1.ResearchService/ListResearch",
       kConsultation,
       {Id, Rp, Co, Ch, Mt, As},
       {},
       {},
       kNeeded,
       kStaffOnly},
      {"marac.v1.ResearchService/ListResearchDue",
       kConsultation,
       {Id, Rp, Co, Ch, As},
       {},
       {},
       kNeeded,
       kStaffOnly},
      {"marac.v1.ResearchService/SaveResearch", kCollection, {Id, Rp, As}, {}, {}},
      {"marac.v1.ResearchService/ReturnResearch", kDisclosure, {Id, Rp, As}, {}, {}},

      // A privacy officer reads what concerns the own agency; AuditService holds to it.
      {"marac.v1.AuditService/ListEvents", kConsultation, {Au, Po}, {}, {}, kNeeded, kAuditClass},
      {"marac.v1.AuditService/ListCaseReaders", kConsultation, {Ch, Au}, {}, {}, kNeeded, kAuditClass},
      {"marac.v1.AuditService/ReadLog", kConsultation, {Au}, {}, {}, kNeeded, kAuditClass},
      {"marac.v1.AuditService/VerifyChain", kConsultation, {Au}, {}, {}, kNeeded, kAuditClass},
      {"marac.v1.AuditService/GetCheckpoint", kConsultation, kEveryone, {}, {}},
      {"marac.v1.AuditService/ListAlerts", kConsultation, {Au}, {Po}, {}},
      {"marac.v1.AuditService/GetAlert", kConsultation, {Au}, {Po}, {}},
      {"marac.v1.AuditService/ReviewAlert", kAdministration, {Au}, {Po}, {}},

      {"marac.v1.PilotService/RegisterPilot", kAdministration, {Co}, {}, {}},
      {"marac.v1.PilotService/ListPilots", kConsultation, {Co, Sg}, {}, {}},
      {"marac.v1.PilotService/PairAssessments", kCollection, {Co}, {}, {}},
      {"marac.v1.PilotService/RecordPilotIncident", kCollection, {Co}, {}, {}},
      {"marac.v1.PilotService/ReviewPilotIncident", kAlteration, {Sg}, {}, {}},
      {"marac.v1.PilotService/GetPilotReport", kConsultation, {Sg}, {}, {}},
      {"marac.v1.PilotService/ExportPilot", kDisclosure, {Sg}, {}, {}, kNeeded, kRiskOnly, kStepUp},

      {"marac.v1.InstrumentService/InstallInstrument", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.InstrumentService/ListInstruments", kConsultation, {Ad, Co, Sg}, {}, {}},
      {"marac.v1.InstrumentService/DiffInstrument", kConsultation, {Ad, Co, Sg}, {}, {}},
      {"marac.v1.InstrumentService/ActivateInstrument", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.InstrumentService/RetireInstrument", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.InstrumentService/InstallPolicy", kAdministration, {Ad}, {}, {}, kNeeded, {}, kStepUp},
      {"marac.v1.InstrumentService/ListPolicies", kConsultation, {Ad, Co, Sg}, {}, {}},
      {"marac.v1.InstrumentService/GetPolicy", kConsultation, {Ad, Co, Sg}, {}, {}},
      // Counted over all that was signed, so by whoever no signed assessment's being there is kept from, but
      // for cases that are kept from themselves.
      {"marac.v1.InstrumentService/PreviewPolicy", kConsultation, {Co}, {}, {}, kNeeded, kRiskOnly},

      {"marac.v1.DemoService/AdvanceClock", kAdministration, {Ad}, {}, {}},
  };
  return rules;
}

template <typename T>
bool Contains(const std::vector<T>& list, const std::type_identity_t<T>& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
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
    case Relation::kSigned:
      return Contains(facts.involved_agencies, caller.agency) && Contains(facts.signed_by, caller.account);
  }
  return false;
}

bool MethodFits(const MethodRule& rule, v1::Role role, const Caller& caller, const RecordFacts& facts) {
  return rule.any.Has(role) || (rule.own_agency.Has(role) && Stands(Relation::kOwnAgency, caller, facts)) ||
         (rule.author.Has(role) && Stands(Relation::kAuthor, caller, facts));
}

// Four ways in which a case is kept from somebody whatever their role.
bool IsShutOut(const RecordFacts& facts, const std::string& account) {
  return Contains(facts.shut_out, account);
}
bool IsOffTheList(const RecordFacts& facts, const std::string& account, v1::Role role) {
  return facts.restricted && role != Ch && !Contains(facts.named, account);
}
bool IsOfTheEmployer(const RecordFacts& facts, const std::string& account, const std::string& agency) {
  return Contains(facts.shut_out_agencies, agency) && !Contains(facts.named, account);
}
// What an agency's system shows, the server cannot keep from one of the agency's people.
bool IsBesideTheShutOut(const RecordFacts& facts, const std::string& agency, v1::Role role) {
  return role == As && Contains(facts.agencies_of_shut_out, agency);
}

// Until triage has decided, what somebody sent stays open to them, as their own words: that it vanished on
// sending would tell whoever tries it that an earlier case of the same people is kept from them. For what the
// office does at triage it makes no exception: a coordinator with a conflict may have typed the referral.
bool IsOwnAtTriage(const AccessCandidate& c) {
  const bool authors_may = c.method.author.Has(c.held.role) || c.method.any.Has(Rf);
  // What they go on with vanishes no sooner.
  const bool is_with_it = c.facts.stage == kDraft && c.facts.own_lead == kReceived;
  return c.line.relation == Relation::kAuthor && (c.facts.stage == kReceived || is_with_it) && authors_may;
}

}  // namespace

bool IsKeptFrom(const RecordFacts& facts, const std::string& account, const std::string& agency,
                v1::Role role) {
  return IsShutOut(facts, account) || IsOffTheList(facts, account, role) ||
         IsOfTheEmployer(facts, account, agency) || IsBesideTheShutOut(facts, agency, role);
}

std::vector<int32_t> FieldClassSet::ToNumbers() const {
  std::vector<int32_t> numbers;
  for (int32_t c = 0; c < 32; ++c) {
    if ((bits_ >> c & 1U) != 0) numbers.push_back(c);
  }
  return numbers;
}

std::span<const RecordRule> RecordRules() { return Records(); }

// Those that most lines fail come first.
std::span<const Conjunct> Conjuncts() {
  static constexpr Conjunct kConjuncts[] = {
      {"kind", [](const AccessCandidate& c) { return Contains(c.line.kinds, c.facts.kind); }},
      {"stage", [](const AccessCandidate& c) { return Contains(c.line.stages, c.facts.stage); }},
      {"role", [](const AccessCandidate& c) { return c.line.roles.Has(c.held.role); }},
      {"area", [](const AccessCandidate& c) { return c.facts.area.empty() || c.held.area == c.facts.area; }},
      {"token",
       [](const AccessCandidate& c) {
         return c.line.token == (c.caller.handover.empty() ? Token::kOwn : Token::kHandover);
       }},
      {"handover",
       [](const AccessCandidate& c) {
         return c.caller.handover.empty() || c.caller.handover == c.facts.name;
       }},
      {"relation", [](const AccessCandidate& c) { return Stands(c.line.relation, c.caller, c.facts); }},
      {"method",
       [](const AccessCandidate& c) { return MethodFits(c.method, c.held.role, c.caller, c.facts); }},
      {"shut out",
       [](const AccessCandidate& c) { return IsOwnAtTriage(c) || !IsShutOut(c.facts, c.caller.account); }},
      {"restricted",
       [](const AccessCandidate& c) {
         return IsOwnAtTriage(c) || !IsOffTheList(c.facts, c.caller.account, c.held.role);
       }},
      {"employer",
       [](const AccessCandidate& c) {
         return IsOwnAtTriage(c) || !IsOfTheEmployer(c.facts, c.caller.account, c.caller.agency);
       }},
      {"system",
       [](const AccessCandidate& c) {
         return IsOwnAtTriage(c) || !IsBesideTheShutOut(c.facts, c.caller.agency, c.held.role);
       }},
  };
  return kConjuncts;
}

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
  const bool is_handover = !caller.handover.empty();
  if (rule.tokens != MethodRule::kEitherToken && is_handover != (rule.tokens == MethodRule::kHandovers)) {
    return absl::PermissionDeniedError(
        is_handover
            ? "this device is handed over, for the questions alone; unlock the session to do anything "
              "else"
            : "this is for a device that is handed over");
  }
  if (caller.Holds(rule.any | rule.own_agency | rule.author, /*area=*/"")) return absl::OkStatus();
  return absl::PermissionDeniedError(
      "your role here does not include this; if it should, ask your agency's administrator to change your "
      "role");
}

absl::Status RequireFreshFactor(const Caller& caller) {
  if (caller.factor_is_fresh) return absl::OkStatus();
  return WrongState(
      "STEP_UP_NEEDED",
      "prove first that it is still you, by a one-time code, or by your password where you have "
      "no codes; then do this again within five minutes");
}

absl::Status CheckFactor(const Caller& caller, const MethodRule& rule) {
  return rule.step_up ? RequireFreshFactor(caller) : absl::OkStatus();
}

AccessTables ProductionTables() { return {.conjuncts = Conjuncts(), .records = Records()}; }

AccessDecision Decide(const AccessTables& tables, const Caller& caller, const RecordFacts& facts,
                      const MethodRule& method) {
  AccessDecision decision;
  for (const RecordRule& line : tables.records) {
    for (const HeldRole& held : caller.roles) {
      const AccessCandidate candidate{caller, held, facts, line, method};
      if (!std::all_of(tables.conjuncts.begin(), tables.conjuncts.end(),
                       [&](const Conjunct& conjunct) { return conjunct.holds(candidate); })) {
        continue;
      }
      decision.classes = decision.classes | line.classes;
      if (decision.rule.empty()) decision.rule = line.id;
    }
  }
  return decision;
}

absl::StatusOr<Grant> MayTouch(const Caller& caller, const RecordFacts& facts, const MethodRule& rule) {
  const AccessDecision decision = Decide(ProductionTables(), caller, facts, rule);
  if (decision.classes.empty()) return NotFoundOrNotOpen(facts.name);
  return Grant(facts.name, decision.classes, std::string(decision.rule));
}

bool WorksAsIdva(const Caller& caller, std::string_view area) {
  return caller.Holds({Id}, area) && !caller.Holds({Co, Ch, Mt}, area);
}

bool IsInvolved(const Caller& caller, const RecordFacts& facts) {
  if (!facts.author.empty() && facts.author == caller.account) return true;
  if (caller.Holds({Co, Ch, Mt}, facts.area) || Contains(facts.named, caller.account)) return true;
  if (facts.kind == kAction && Stands(Relation::kOwnAgency, caller, facts)) return true;
  bool other_idva = false;
  for (const Worker& worker : facts.workers) {
    if (worker.account == caller.account || Contains(caller.covers_for, worker.account)) return true;
    other_idva = other_idva || worker.is_idva;
  }
  // Of whatever kind the record is: who has a part in the case has it in all of it.
  for (const RecordRule& line : Records()) {
    // The agency of a worksheet is its own; of another record it says who referred, which gives no part in
    // research.
    const bool other_record = Contains(line.kinds, kResearchNotes) && facts.kind != kResearchNotes;
    if (line.relation == Relation::kAny || other_record || !Stands(line.relation, caller, facts) ||
        std::find(line.stages.begin(), line.stages.end(), facts.stage) == line.stages.end()) {
      continue;
    }
    if (caller.Holds(line.roles, facts.area)) return true;
  }
  return caller.Holds({Id}, facts.area) && !other_idva && facts.stage != kClosed;
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

absl::Status MayAudit(const Caller& caller, const RecordFacts& facts) {
  const bool hidden =
      IsShutOut(facts, caller.account) || IsOfTheEmployer(facts, caller.account, caller.agency);
  if (hidden || facts.area.empty() || !caller.Holds({Au}, facts.area)) return NotFoundOrNotOpen(facts.name);
  return absl::OkStatus();
}

Grant ServerGrant(std::string_view name) { return Grant(std::string(name), FieldClassSet(), "server"); }

}  // namespace marac::domain
