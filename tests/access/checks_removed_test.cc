// Every check that access rests on is taken away in turn, and must be missed (decisions 37): each line of the
// record table and of the method table, each role, kind, stage and class in each line, and each condition of
// MayTouch. The tables are compared with the hand-written rules over every role in every relation at every
// stage; that the server answers by these tables is what the access matrix, the redaction test and the list
// test show on a real one. A removal that changes nothing is a line that says nothing: it is named, and the
// test fails.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "domain/access.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/alert.pb.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/meeting.pb.h"
#include "marac/v1/pilot.pb.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"
#include "marac/v1/research.pb.h"
#include "marac/v1/support.pb.h"
#include "tests/access/calls.h"
#include "tests/access/expected.h"

namespace marac::testing {
namespace {

using domain::Kind;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using ::testing::Ge;
using ::testing::IsEmpty;

using Tables = std::vector<domain::RecordRule>;

// --- Kinds, by hand ----------------------------------------------------------------------------------------

struct KindRow {
  rules::Kind rule_kind;
  Kind kind;
  const Descriptor* message;
  std::vector<rules::Stage> stages;  // at which there is such a record
  bool has_author;
  bool has_agency;
  bool has_area;
};

// An excluded person and a protected detail are the referral's author's; an item is nobody's.
const std::vector<KindRow>& KindRows() {
  static const auto& rows = *[] {
    using enum rules::Stage;
    const std::vector<rules::Stage> of_referral = {DRAFT, RECEIVED, ACCEPTED, LISTED, HEARD, CLOSED};
    const std::vector<rules::Stage> of_case = {ACCEPTED, LISTED, HEARD, CLOSED};
    const std::vector<rules::Stage> of_action = {LISTED, HEARD, CLOSED};
    const std::vector<rules::Stage> of_area = {NONE};
    const std::vector<rules::Stage> of_meeting = {NONE, LISTED, HEARD, CLOSED};
    return new std::vector<KindRow>{
        {rules::KIND_REFERRAL, Kind::kReferral, v1::Referral::descriptor(), of_referral, true, true, true},
        {rules::KIND_ASSESSMENT, Kind::kAssessment, v1::Assessment::descriptor(), of_referral, true, true,
         true},
        {rules::KIND_EXCLUDED_PERSON, Kind::kExcludedPerson, v1::ExcludedPerson::descriptor(), of_referral,
         true, true, true},
        {rules::KIND_PROTECTED_DETAIL, Kind::kProtectedDetail, v1::ProtectedDetail::descriptor(), of_referral,
         true, true, true},
        {rules::KIND_CASE, Kind::kCase, v1::Case::descriptor(), of_case, true, true, true},
        {rules::KIND_AGENDA_ITEM, Kind::kAgendaItem, v1::AgendaItem::descriptor(), of_case, false, false,
         true},
        {rules::KIND_ACTION, Kind::kAction, v1::Action::descriptor(), of_action, true, true, true},
        {rules::KIND_MEETING, Kind::kMeeting, v1::Meeting::descriptor(), of_meeting, false, false, true},
        {rules::KIND_RESEARCH, Kind::kResearch, v1::Research::descriptor(), of_action, false, true, true},
        {rules::KIND_RESEARCH_NOTES, Kind::kResearchNotes, v1::ResearchNotes::descriptor(), of_action, false,
         true, true},
        {rules::KIND_AREA, Kind::kArea, v1::Area::descriptor(), of_area, false, false, true},
        {rules::KIND_SERVICE, Kind::kService, v1::SupportService::descriptor(), of_area, false, false, true},
        {rules::KIND_AGENCY, Kind::kAgency, v1::Agency::descriptor(), of_area, false, false, false},
        {rules::KIND_ACCOUNT, Kind::kAccount, v1::Account::descriptor(), of_area, true, true, false},
        {rules::KIND_PROGRAM, Kind::kProgram, v1::Program::descriptor(), of_area, false, true, false},
        {rules::KIND_ALERT, Kind::kAlert, v1::Alert::descriptor(), of_area, false, true, true},
        {rules::KIND_PILOT, Kind::kPilot, v1::Pilot::descriptor(), of_area, false, false, true},
        {rules::KIND_PILOT_PAIR, Kind::kPilotPair, v1::PilotPair::descriptor(), of_area, false, false, true},
        {rules::KIND_INSTRUMENT, Kind::kInstrument, v1::AreaInstrument::descriptor(), of_area, false, false,
         true},
        {rules::KIND_POLICY, Kind::kPolicy, v1::AreaPolicy::descriptor(), of_area, false, false, true}};
  }();
  return rows;
}

const KindRow& RowOf(rules::Kind kind) { return *std::ranges::find(KindRows(), kind, &KindRow::rule_kind); }

// What a method's call is about, where that is a case, what comes of one, or a meeting.
rules::Kind SubjectKindOf(const std::string& method) {
  static const auto& others = *new std::map<std::string, rules::Kind>{
      {"AssessmentService/GetInstrument", rules::KIND_UNSPECIFIED},
      {"AssessmentService/PreviewScore", rules::KIND_UNSPECIFIED},
      {"SessionService/StartHandover", rules::KIND_ASSESSMENT},
      {"ReferralService/ResolveExcludedPerson", rules::KIND_EXCLUDED_PERSON},
      {"CaseService/RevealDetail", rules::KIND_PROTECTED_DETAIL},
      {"MeetingService/ListMeetings", rules::KIND_UNSPECIFIED},
      {"MeetingService/ScheduleMeetings", rules::KIND_UNSPECIFIED},
      {"MeetingService/AdmitLateCase", rules::KIND_CASE},
      {"MeetingService/CallEmergencyMeeting", rules::KIND_CASE},
      {"MeetingService/GetAgenda:item", rules::KIND_AGENDA_ITEM},
      {"MeetingService/OpenItem", rules::KIND_AGENDA_ITEM},
      {"MeetingService/RecordDiscussion", rules::KIND_AGENDA_ITEM},
      {"MeetingService/CloseItem", rules::KIND_AGENDA_ITEM},
      {"MeetingService/DeferItem", rules::KIND_AGENDA_ITEM},
      {"MeetingService/PlaceItem", rules::KIND_AGENDA_ITEM},
      {"ActionService/CreateAction", rules::KIND_AGENDA_ITEM},
      // Whose worksheet it is, and whether it may be written, the service decides beyond the tables.
      {"ResearchService/ListResearch", rules::KIND_CASE},
      {"DirectoryService/GetArea", rules::KIND_AREA},
      {"DirectoryService/PreviewArea", rules::KIND_AREA},
      {"DirectoryService/ListAreaChanges", rules::KIND_AREA},
      {"AccessService/GetCaseAccess", rules::KIND_CASE},
      {"AccessService/RestrictCase", rules::KIND_CASE},
      {"AccessService/ExcludePerson", rules::KIND_CASE},
      {"AccessService/DecideExclusion", rules::KIND_CASE},
      {"AccessService/DeclareConflict", rules::KIND_CASE},
      {"AuditService/GetAlert", rules::KIND_ALERT},
      {"AuditService/ReviewAlert", rules::KIND_ALERT},
      {"DirectoryService/GetService", rules::KIND_SERVICE},
      {"PilotService/PairAssessments", rules::KIND_PILOT},
      {"PilotService/RecordPilotIncident", rules::KIND_PILOT},
      {"PilotService/ReviewPilotIncident", rules::KIND_PILOT},
      {"PilotService/GetPilotReport", rules::KIND_PILOT},
      {"PilotService/ExportPilot", rules::KIND_PILOT},
      {"InstrumentService/ActivateInstrument", rules::KIND_INSTRUMENT},
      {"InstrumentService/RetireInstrument", rules::KIND_INSTRUMENT},
  };
  if (const auto found = others.find(method); found != others.end()) return found->second;
  if (method.starts_with("AssessmentService/") || method.starts_with("DocumentService/"))
    return rules::KIND_ASSESSMENT;
  if (method.starts_with("ReferralService/")) return rules::KIND_REFERRAL;
  if (method.starts_with("CaseService/")) return rules::KIND_CASE;
  if (method.starts_with("MeetingService/")) return rules::KIND_MEETING;
  if (method.starts_with("ActionService/")) return rules::KIND_ACTION;
  return rules::KIND_UNSPECIFIED;
}

domain::Stage StageOf(rules::Stage stage) {
  switch (stage) {
    case rules::DRAFT:
      return domain::Stage::kDraft;
    case rules::RECEIVED:
    case rules::RETURNED:
      return domain::Stage::kReceived;
    case rules::ACCEPTED:
      return domain::Stage::kAccepted;
    case rules::LISTED:
    case rules::OPEN:
      return domain::Stage::kListed;
    case rules::HEARD:
      return domain::Stage::kHeard;
    case rules::CLOSED:
      return domain::Stage::kClosed;
    default:
      return domain::Stage::kArea;
  }
}

void AddClasses(const Descriptor& message, std::set<const Descriptor*>& seen, std::set<int>& classes) {
  if (!seen.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const int of_field = field.options().GetExtension(v1::field_class);
    if (of_field != 0) classes.insert(of_field);
    if (field.message_type() != nullptr) AddClasses(*field.message_type(), seen, classes);
  }
}

// The classes that a message has anything of.
std::set<int> ClassesIn(const Descriptor& message) {
  std::set<const Descriptor*> seen;
  std::set<int> classes;
  AddClasses(message, seen, classes);
  return classes;
}

std::set<int> Both(const std::set<int>& a, const std::set<int>& b) {
  std::set<int> both;
  std::ranges::set_intersection(a, b, std::inserter(both, both.begin()));
  return both;
}

std::set<int> NumbersOf(domain::FieldClassSet classes) {
  const std::vector<int32_t> numbers = classes.ToNumbers();
  return {numbers.begin(), numbers.end()};
}

// --- People and records ------------------------------------------------------------------------------------

constexpr char kArea[] = "areas/test";
constexpr char kOwn[] = "agencies/own";

struct Who {
  Situation situation;  // without method and stage
  domain::Caller caller;
};

domain::Caller CallerOf(const Situation& situation) {
  domain::Caller caller{.account = "accounts/somebody", .agency = "agencies/uninvolved"};
  const bool also = !situation.only_that;
  if (situation.relation == rules::AUTHOR) caller.account = "accounts/author";
  if (situation.relation == rules::INVOLVED) caller.agency = "agencies/involved";
  if (situation.relation == rules::OWN_AGENCY || (situation.relation == rules::AUTHOR && also)) {
    caller.agency = kOwn;
  }
  if (situation.shut_out) caller.account = "accounts/shut-out";
  if (situation.handover != Handover::kNo) {
    caller.handover = situation.handover == Handover::kOfThis ? "record" : "another record";
  }
  caller.roles = {{.area = situation.elsewhere ? "areas/elsewhere" : kArea, .role = situation.role}};
  return caller;
}

// Every role in every relation; of the author also after a move to another agency; of the record's agency
// also where the meeting was not for it; elsewhere; shut out; by the token of a handover, which a system
// cannot have.
const std::vector<Who>& Everybody() {
  static const auto& all = *[] {
    auto* made = new std::vector<Who>;
    for (int number = 1; number <= v1::Role_MAX; ++number) {
      Situation base;
      base.role = static_cast<v1::Role>(number);
      std::vector<Situation> situations;
      for (const rules::Relation relation :
           {rules::UNINVOLVED, rules::INVOLVED, rules::OWN_AGENCY, rules::AUTHOR}) {
        Situation situation = base;
        situation.relation = relation;
        situations.push_back(situation);
        if (relation < rules::OWN_AGENCY) continue;
        situation.only_that = true;
        situations.push_back(situation);
      }
      Situation other = base;
      other.relation = rules::OWN_AGENCY;
      other.elsewhere = true;
      situations.push_back(other);
      other.elsewhere = false;
      other.shut_out = true;
      situations.push_back(other);
      other.shut_out = false;
      other.signed_for = true;
      situations.push_back(other);
      other.signed_for = false;
      for (const Kept kept : {Kept::kOffTheList, Kept::kNamed, Kept::kEmployer, Kept::kBesideTheShutOut}) {
        other.kept = kept;
        situations.push_back(other);
      }
      // The author, from whom a referral is kept only once it is accepted.
      other.relation = rules::AUTHOR;
      other.kept = Kept::kOffTheList;
      situations.push_back(other);
      if (!IsSystem(base.role)) {
        for (const Handover handover : {Handover::kOfThis, Handover::kOfAnother}) {
          for (const rules::Relation relation : {rules::UNINVOLVED, rules::AUTHOR}) {
            Situation situation = base;
            situation.relation = relation;
            situation.handover = handover;
            situations.push_back(situation);
          }
        }
      }
      for (const Situation& situation : situations) made->push_back({situation, CallerOf(situation)});
    }
    return made;
  }();
  return all;
}

domain::RecordFacts FactsOf(const KindRow& row, rules::Stage stage, const Situation& situation) {
  domain::RecordFacts facts{.name = "record", .kind = row.kind, .scope = "scope"};
  facts.stage = StageOf(stage);
  if (row.has_area) facts.area = kArea;
  if (row.has_author) facts.author = "accounts/author";
  if (row.has_agency) facts.agency = kOwn;
  // What is about no case has nobody part of it.
  if (facts.stage == domain::Stage::kArea) return facts;
  facts.involved_agencies = {"agencies/involved"};
  const bool own_is_not = situation.only_that && situation.relation == rules::OWN_AGENCY;
  if (!own_is_not) facts.involved_agencies.emplace_back(kOwn);
  facts.shut_out = {"accounts/another", "accounts/shut-out"};
  facts.restricted = situation.kept == Kept::kOffTheList || situation.kept == Kept::kNamed;
  facts.named = {"accounts/another"};
  if (situation.kept == Kept::kNamed) facts.named.emplace_back("accounts/somebody");
  if (situation.kept == Kept::kEmployer || situation.kept == Kept::kNamed) facts.shut_out_agencies = {kOwn};
  if (situation.kept == Kept::kBesideTheShutOut) facts.agencies_of_shut_out = {kOwn};
  if (situation.signed_for) facts.signed_by = {"accounts/somebody"};
  return facts;
}

// What such a situation says is of cases alone.
bool IsAboutACaseAlone(const Situation& situation) {
  return situation.shut_out || situation.signed_for || situation.kept != Kept::kNot;
}

// A method that every role may call about every record: what is left is the record table.
const domain::MethodRule& AnyMethod() {
  static const domain::MethodRule& rule = *[] {
    auto* made = new domain::MethodRule{.method = "any", .kind = domain::AuditKind::kConsultation};
    made->tokens = domain::MethodRule::kEitherToken;
    for (int role = 1; role <= v1::Role_MAX; ++role) {
      made->any = made->any | domain::RoleSet{static_cast<v1::Role>(role)};
    }
    return made;
  }();
  return rule;
}

// --- Comparing with the rules ------------------------------------------------------------------------------

struct SightCell {
  const KindRow* row;
  const Who* who;
  rules::Stage stage;
  domain::RecordFacts facts;
  std::set<int> relevant;
  std::set<int> expected;
};

const std::vector<SightCell>& SightCells() {
  static const auto& cells = *[] {
    auto* made = new std::vector<SightCell>;
    for (const KindRow& row : KindRows()) {
      const std::set<int> relevant = ClassesIn(*row.message);
      for (const rules::Stage stage : row.stages) {
        for (const Who& who : Everybody()) {
          Situation situation = who.situation;
          situation.stage = stage;
          // Nobody is shut out of what is about no case.
          if (IsAboutACaseAlone(situation) && stage == rules::NONE) continue;
          made->push_back({&row, &who, stage, FactsOf(row, stage, situation), relevant,
                           Both(RuleBook::Get().Sees(row.rule_kind, situation), relevant)});
        }
      }
    }
    return made;
  }();
  return cells;
}

struct MethodCell {
  const Who* who;
  rules::Stage stage;
  domain::RecordFacts facts;  // of no name: the method is about no record
  rules::Expected expected;
};

// What a call comes to by the tables: whether its role may call at all, and whether the record is open to it.
rules::Expected OutcomeOf(const domain::AccessTables& tables, const domain::MethodRule& method,
                          const MethodCell& cell) {
  if (method.session == domain::MethodRule::kNotNeeded) return rules::OK;
  if (!domain::MayCall(cell.who->caller, method).ok()) return rules::PERMISSION_DENIED;
  if (cell.facts.name.empty()) return rules::OK;
  return domain::Decide(tables, cell.who->caller, cell.facts, method).classes.empty() ? rules::NOT_FOUND
                                                                                      : rules::OK;
}

// "marac.v1.CaseService/GetCase" as the rules name it.
std::string ShortName(std::string_view method) { return std::string(method.substr(sizeof("marac.v1.") - 1)); }

std::vector<MethodCell> CellsOfMethod(const std::string& named) {
  std::vector<MethodCell> cells;
  const std::string method = named.substr(0, named.find(':'));
  const rules::Kind kind = SubjectKindOf(named);
  for (const Call& call : Calls()) {
    if (call.method != method) continue;
    // Of an agenda, what it holds of a case, at the stages of the case.
    const bool of_item = named != method;
    const bool about_nothing = kind == rules::KIND_UNSPECIFIED || (call.stages.front() == rules::NONE &&
                                                                   RowOf(kind).stages.front() != rules::NONE);
    const std::vector<rules::Stage>& stages = of_item ? RowOf(kind).stages : call.stages;
    for (const rules::Stage stage : stages) {
      for (const Who& who : Everybody()) {
        Situation situation = who.situation;
        situation.method = named;
        situation.stage = stage;
        if (IsAboutACaseAlone(situation) && (about_nothing || StageOf(stage) == domain::Stage::kArea))
          continue;
        // Outsiders to a method about no record in particular: the gate cannot tell areas there.
        if (situation.elsewhere && about_nothing) continue;
        rules::Expected expected = RuleBook::Get().Expect(situation).expected;
        if (expected == rules::WRONG_STATE) expected = rules::OK;
        // Whom an administrator may not see to, domain/directory decides, beyond the tables.
        if (about_nothing && expected == rules::NOT_FOUND) continue;
        domain::RecordFacts facts;
        if (!about_nothing) {
          // Who may see a case is asked of its referral before there is one.
          const bool of_referral = kind == rules::KIND_CASE && stage <= rules::RETURNED;
          facts = FactsOf(RowOf(of_referral ? rules::KIND_REFERRAL : kind), stage, situation);
          if (RowOf(kind).stages.front() == rules::NONE) facts.stage = domain::Stage::kArea;
        }
        cells.push_back({&who, stage, std::move(facts), expected});
      }
    }
  }
  return cells;
}

const std::map<std::string, std::vector<MethodCell>>& MethodCells() {
  static const auto& cells = *[] {
    auto* made = new std::map<std::string, std::vector<MethodCell>>;
    for (const domain::MethodRule& rule : domain::MethodRules()) {
      const std::string name = ShortName(rule.method);
      (*made)[name] = CellsOfMethod(name);
      if (name != "MeetingService/GetAgenda") continue;
      std::vector<MethodCell> items = CellsOfMethod(name + ":item");
      // To whom the agenda itself is refused is told above.
      std::erase_if(items, [](const MethodCell& cell) { return cell.expected == rules::PERMISSION_DENIED; });
      (*made)[name].insert((*made)[name].end(), items.begin(), items.end());
    }
    return made;
  }();
  return cells;
}

std::string_view WordOf(Kept kept) {
  switch (kept) {
    case Kept::kNot:
      return "";
    case Kept::kOffTheList:
      return " off the list";
    case Kept::kNamed:
      return " named";
    case Kept::kEmployer:
      return " of the employer";
    case Kept::kBesideTheShutOut:
      return " beside the shut out";
  }
  return "";
}

std::string Describe(const Who& who, rules::Stage stage) {
  return fmt::format("{} {}{}{}{}{}{}{} at {}", v1::Role_Name(who.situation.role),
                     rules::Relation_Name(who.situation.relation), who.situation.only_that ? " only" : "",
                     who.situation.elsewhere ? " elsewhere" : "", who.situation.shut_out ? " shut out" : "",
                     who.situation.signed_for ? " signed" : "", WordOf(who.situation.kept),
                     who.situation.handover == Handover::kNo       ? ""
                     : who.situation.handover == Handover::kOfThis ? " holding the device"
                                                                   : " holding another's device",
                     rules::Stage_Name(stage));
}

// The first that the tables have otherwise than the rules; empty: none. `kinds` narrows it to what a change
// can have touched.
std::string SightsDiffer(const domain::AccessTables& tables, const std::vector<Kind>* kinds = nullptr) {
  for (const SightCell& cell : SightCells()) {
    if (kinds != nullptr && std::ranges::count(*kinds, cell.row->kind) == 0) continue;
    const std::set<int> seen = Both(
        NumbersOf(domain::Decide(tables, cell.who->caller, cell.facts, AnyMethod()).classes), cell.relevant);
    if (seen != cell.expected) {
      std::string text =
          rules::Kind_Name(cell.row->rule_kind) + " by " + Describe(*cell.who, cell.stage) + ": sees";
      for (const int c : seen) text += " " + v1::FieldClass_Name(static_cast<v1::FieldClass>(c));
      text += ", must see";
      for (const int c : cell.expected) text += " " + v1::FieldClass_Name(static_cast<v1::FieldClass>(c));
      return text;
    }
  }
  return "";
}

// Null: the method is not served at all.
std::string MethodDiffers(const domain::AccessTables& tables, const std::string& name,
                          const domain::MethodRule* rule) {
  for (const MethodCell& cell : MethodCells().at(name)) {
    const rules::Expected outcome =
        rule == nullptr ? rules::EXPECTED_UNSPECIFIED : OutcomeOf(tables, *rule, cell);
    if (outcome != cell.expected) {
      return fmt::format("{} by {}: is {}, must be {}", name, Describe(*cell.who, cell.stage),
                         rules::Expected_Name(outcome), rules::Expected_Name(cell.expected));
    }
  }
  if (rule == nullptr) return "";
  std::set<int> relevant = ClassesIn(*MethodOf(name).output_type());
  relevant.erase(v1::FIELD_CLASS_ROUTINE);
  if (NumbersOf(rule->outside) != Both(RuleBook::Get().Outside(name), relevant)) {
    return name + ": other classes leave outside any record";
  }
  for (const auto& [standing, needed] :
       {std::pair{rules::LOCKED, domain::MethodRule::kEvenLocked},
        std::pair{rules::OLD_PASSWORD, domain::MethodRule::kEvenWithOldPassword},
        std::pair{rules::HANDED_OVER, domain::MethodRule::kEvenHandedOver}}) {
    const bool expected = RuleBook::Get().Standing(standing, name, {}).expected == rules::OK;
    const bool is = rule->session == needed || rule->session == domain::MethodRule::kNotNeeded ||
                    rule->session == domain::MethodRule::kEvenHandedOver ||
                    (rule->session == domain::MethodRule::kEvenLocked && standing != rules::HANDED_OVER);
    if (expected != is) return name + ": open to another session, " + rules::Standing_Name(standing);
  }
  const bool for_nobody =
      RuleBook::Get().Expect({.method = name, .role = v1::ROLE_UNSPECIFIED}).expected == rules::OK;
  if (for_nobody != (rule->session == domain::MethodRule::kNotNeeded))
    return name + ": open without a session";
  return "";
}

// --- Taking away -------------------------------------------------------------------------------------------

class ChecksRemovedTest : public ::testing::Test {
 protected:
  void Removed(const std::string& what, const std::string& difference) {
    ++removed_;
    if (difference.empty()) survivors_.push_back(what);
  }

  void RemoveLine(size_t at) {
    Tables lines(domain::RecordRules().begin(), domain::RecordRules().end());
    const std::string id(lines[at].id);
    const std::vector<Kind> kinds = lines[at].kinds;
    lines.erase(lines.begin() + static_cast<ptrdiff_t>(at));
    Removed("the line " + id, SightsDiffer({.conjuncts = domain::Conjuncts(), .records = lines}, &kinds));
  }

  void RemoveFrom(size_t at, const std::string& what,
                  const std::function<void(domain::RecordRule&)>& change) {
    Tables lines(domain::RecordRules().begin(), domain::RecordRules().end());
    const std::string id(lines[at].id);
    const std::vector<Kind> kinds = lines[at].kinds;
    change(lines[at]);
    Removed(what + " of the line " + id,
            SightsDiffer({.conjuncts = domain::Conjuncts(), .records = lines}, &kinds));
  }

  void ChangeMethod(const domain::MethodRule& rule, const std::string& what,
                    const std::function<void(domain::MethodRule&)>& change) {
    domain::MethodRule changed = rule;
    change(changed);
    const std::string name = ShortName(rule.method);
    Removed(what + " of the method " + name, MethodDiffers(domain::ProductionTables(), name, &changed));
  }

  static domain::RoleSet Without(domain::RoleSet roles, v1::Role role) {
    domain::RoleSet fewer;
    for (int number = 1; number <= v1::Role_MAX; ++number) {
      const auto other = static_cast<v1::Role>(number);
      if (other != role && roles.Has(other)) fewer = fewer | domain::RoleSet{other};
    }
    return fewer;
  }

  static domain::FieldClassSet Without(domain::FieldClassSet classes, int32_t number) {
    domain::FieldClassSet fewer;
    for (const int32_t other : classes.ToNumbers()) {
      if (other != number) fewer = fewer | domain::FieldClassSet{static_cast<v1::FieldClass>(other)};
    }
    return fewer;
  }

  void TearDown() override {
    for (const std::string& survivor : survivors_) std::printf("survived: %s\n", survivor.c_str());
  }

  int removed_ = 0;
  std::vector<std::string> survivors_;
};

// First of all, they agree as they are; else every removal would be caught.
TEST_F(ChecksRemovedTest, TheTablesSayWhatTheRulesSay) {
  const domain::AccessTables tables = domain::ProductionTables();
  EXPECT_EQ(SightsDiffer(tables), "");
  for (const domain::MethodRule& rule : domain::MethodRules()) {
    const std::string name = ShortName(rule.method);
    EXPECT_THAT(MethodCells().at(name).size(), Ge(1U)) << name;
    EXPECT_EQ(MethodDiffers(tables, name, &rule), "");
  }
}

TEST_F(ChecksRemovedTest, EveryLineOfTheRulesCitesItsSourceAndNamesMethodsThatAreThere) {
  const rules::Rules& all = RuleBook::Get().all();
  std::set<std::string> ids;
  for (const rules::Sight& sight : all.sights()) {
    EXPECT_TRUE(ids.insert(sight.id()).second) << sight.id() << " twice";
    EXPECT_GT(sight.source().size(), 10U) << sight.id();
    EXPECT_FALSE(sight.kinds().empty() || sight.roles().empty() || sight.classes().empty()) << sight.id();
  }
  for (const rules::Outside& outside : all.outsides()) {
    EXPECT_GT(outside.source().size(), 10U);
    for (const std::string& method : outside.methods()) MethodOf(method);
  }
  for (const rules::StandingRule& standing : all.standings()) {
    EXPECT_TRUE(ids.insert(standing.id()).second) << standing.id() << " twice";
    EXPECT_GT(standing.source().size(), 10U) << standing.id();
    EXPECT_FALSE(standing.standings().empty()) << standing.id();
    for (const std::string& method : standing.methods()) MethodOf(method);
  }
}

TEST_F(ChecksRemovedTest, WhateverIsTakenAwayIsMissed) {
  const auto lines = domain::RecordRules();
  for (size_t at = 0; at < lines.size(); ++at) {
    const domain::RecordRule& line = lines[at];
    RemoveLine(at);
    for (size_t i = 0; i < line.kinds.size(); ++i) {
      RemoveFrom(at, fmt::format("kind {}", static_cast<int>(line.kinds[i])),
                 [i](auto& l) { l.kinds.erase(l.kinds.begin() + static_cast<ptrdiff_t>(i)); });
    }
    for (size_t i = 0; i < line.stages.size(); ++i) {
      RemoveFrom(at, fmt::format("stage {}", static_cast<int>(line.stages[i])),
                 [i](auto& l) { l.stages.erase(l.stages.begin() + static_cast<ptrdiff_t>(i)); });
    }
    for (int number = 1; number <= v1::Role_MAX; ++number) {
      const auto role = static_cast<v1::Role>(number);
      if (!line.roles.Has(role)) continue;
      RemoveFrom(at, v1::Role_Name(role), [role](auto& l) { l.roles = Without(l.roles, role); });
    }
    for (const int32_t number : line.classes.ToNumbers()) {
      RemoveFrom(at, v1::FieldClass_Name(static_cast<v1::FieldClass>(number)),
                 [number](auto& l) { l.classes = Without(l.classes, number); });
    }
    RemoveFrom(at, "the token", [](auto& l) {
      const bool own = l.token == domain::Token::kOwn;
      l.token = own ? domain::Token::kHandover : domain::Token::kOwn;
    });
    // A line that asks for no relation any more.
    if (line.relation != domain::Relation::kAny) {
      RemoveFrom(at, "the relation", [](auto& l) { l.relation = domain::Relation::kAny; });
    }
  }

  for (const domain::MethodRule& rule : domain::MethodRules()) {
    const std::string name = ShortName(rule.method);
    Removed("the method " + name, MethodDiffers(domain::ProductionTables(), name, nullptr));
    for (domain::RoleSet domain::MethodRule::*const roles :
         {&domain::MethodRule::any, &domain::MethodRule::own_agency, &domain::MethodRule::author}) {
      for (int number = 1; number <= v1::Role_MAX; ++number) {
        const auto role = static_cast<v1::Role>(number);
        if (!(rule.*roles).Has(role)) continue;
        ChangeMethod(rule, v1::Role_Name(role), [&](auto& m) { m.*roles = Without(m.*roles, role); });
      }
    }
    for (const int32_t number : rule.outside.ToNumbers()) {
      ChangeMethod(rule, v1::FieldClass_Name(static_cast<v1::FieldClass>(number)),
                   [number](auto& m) { m.outside = Without(m.outside, number); });
    }
    for (const auto tokens :
         {domain::MethodRule::kOwnTokens, domain::MethodRule::kEitherToken, domain::MethodRule::kHandovers}) {
      // Who need not be known has no token.
      if (tokens == rule.tokens || rule.session == domain::MethodRule::kNotNeeded) continue;
      ChangeMethod(rule, fmt::format("tokens {}", static_cast<int>(tokens)),
                   [tokens](auto& m) { m.tokens = tokens; });
    }
    if (rule.session == domain::MethodRule::kEvenLocked ||
        rule.session == domain::MethodRule::kEvenHandedOver) {
      ChangeMethod(rule, "the lock of a handover", [](auto& m) {
        const bool locked = m.session == domain::MethodRule::kEvenLocked;
        m.session = locked ? domain::MethodRule::kEvenHandedOver : domain::MethodRule::kEvenLocked;
      });
    }
    if (rule.session != domain::MethodRule::kNeeded) {
      ChangeMethod(rule, "the session", [](auto& m) { m.session = domain::MethodRule::kNeeded; });
    } else {
      ChangeMethod(rule, "the need of a session",
                   [](auto& m) { m.session = domain::MethodRule::kNotNeeded; });
    }
  }

  const auto conjuncts = domain::Conjuncts();
  for (size_t at = 0; at < conjuncts.size(); ++at) {
    std::vector<domain::Conjunct> fewer(conjuncts.begin(), conjuncts.end());
    fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(at));
    const domain::AccessTables tables{.conjuncts = fewer, .records = lines};
    std::string difference = SightsDiffer(tables);
    for (const domain::MethodRule& rule : domain::MethodRules()) {
      if (!difference.empty()) break;
      difference = MethodDiffers(tables, ShortName(rule.method), &rule);
    }
    Removed(fmt::format("the condition \"{}\"", conjuncts[at].name), difference);
  }

  std::printf("figure: checks_removed=%d\nfigure: checks_caught=%zu\n", removed_,
              static_cast<size_t>(removed_) - survivors_.size());
  EXPECT_THAT(survivors_, IsEmpty());
  EXPECT_THAT(removed_, Ge(500));
}

}  // namespace
}  // namespace marac::testing
