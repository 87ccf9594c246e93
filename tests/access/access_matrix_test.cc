// The access matrix (decisions 36): every method, called by nobody and by every role in every relation, about
// cases and meetings at every stage, against rules written by hand.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "tests/access/calls.h"
#include "tests/access/expected.h"
#include "tests/access/world.h"

namespace marac::testing {
namespace {

using google::protobuf::Message;
using ::testing::IsEmpty;

constexpr int kAtOnce = 8;

// Why an answer that is OK is none after all; empty: it is.
std::string BodyIsMissing(const Call& call, const Message& body) {
  const bool is_list = call.method.find("/List") != std::string::npos;
  if (is_list || body.GetDescriptor()->field_count() == 0) return "";
  // A meeting may have nothing on its agenda and nothing to open with, a referral match nobody; the rest
  // tells something.
  if (body.ByteSizeLong() == 0 && call.method != "ReferralService/FindMatches" &&
      call.method != "MeetingService/GetOpening") {
    return "an empty answer";
  }
  const auto* name = body.GetDescriptor()->FindFieldByName("name");
  if (name != nullptr && body.GetReflection()->GetString(body, name).empty()) return "no name";
  return "";
}

// What leaves only where it must: a canary of a protected detail, or of somebody who is excluded.
std::string Leak(const Call& call, const Answer& answer) {
  const std::string bytes =
      answer.body->SerializeAsString() + answer.details + std::string(answer.status.message());
  const bool reveals = call.method == "CaseService/RevealDetail";
  const bool lists_excluded = call.method == "ReferralService/ListExcludedPeople" ||
                              call.method == "ReferralService/ResolveExcludedPerson" ||
                              call.method.starts_with("AccessService/");
  if (!reveals && bytes.find(kSafeContactCanary) != std::string::npos) return "safe contact leaked";
  if (!reveals && bytes.find(kRefugeCanary) != std::string::npos) return "the refuge leaked";
  if (!lists_excluded && bytes.find(kExcludedCanary) != std::string::npos) return "an excluded person leaked";
  return "";
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

class AccessMatrixTest : public ::testing::Test {
 protected:
  static World& TheWorld() {
    static World& world = *new World(/*meetings=*/360);
    return world;
  }

  static void TearDownTestSuite() {
    std::printf("figure: access_cells=%d cells\nfigure: access_unexplained=%zu cells\n", cells_,
                unexplained_.size());
  }

  // One call by one person, and what came of it.
  struct Cell {
    Person* person;
    Expectation expectation;
    Story* story = nullptr;
    std::unique_ptr<Message> request = nullptr;
    Answer answer = {};
    // What the person is told of a record that nobody has, when the answer was NOT_FOUND.
    std::optional<Answer> absent = std::nullopt;
  };

  static bool IsRefused(const Cell& cell) {
    return cell.expectation.expected != rules::OK && cell.expectation.expected != rules::WRONG_STATE;
  }

  static std::vector<Cell> CellsOf(const Call& call, rules::Stage stage) {
    std::vector<Cell> cells;
    for (Person& person : TheWorld().people()) {
      // Somebody is shut out of a case, and of a draft nobody has been yet.
      if (person.shut_out && (!IsAboutACase(call) || stage == rules::DRAFT)) continue;
      cells.push_back({.person = &person,
                       .expectation = RuleBook::Get().Expect({.method = call.method,
                                                              .role = person.role,
                                                              .relation = person.relation,
                                                              .elsewhere = person.elsewhere,
                                                              .shut_out = person.shut_out,
                                                              .stage = stage})});
    }
    return cells;
  }

  static void Prepare(const Call& call, rules::Stage stage, Cell& cell) {
    static Story of_no_case;
    const Person& person = *cell.person;
    const v1::Role author = person.relation == rules::AUTHOR ? person.role : v1::ROLE_REFERRER;
    cell.story = IsAboutACase(call) ? &TheWorld().At(stage, author, person.shut_out) : &of_no_case;
    if (stage >= rules::MEETING_SCHEDULED) cell.story->meeting = TheWorld().MeetingAt(stage);
    if (WantsProof(call)) World::Prove(person);
    cell.request = call.request(TheWorld(), *cell.story, *cell.person);
  }

  static void Try(const Call& call, Cell& cell) {
    cell.answer = Send(cell.person->client, call.method, *cell.request);
    if (Outcome(cell.answer.status) != rules::NOT_FOUND || call.subject.empty()) return;
    std::unique_ptr<Message> absent(cell.request->New());
    absent->CopyFrom(*cell.request);
    SetSubject(call, *absent, AbsentLike(SubjectOf(call, *absent)));
    cell.absent = Send(cell.person->client, call.method, *absent);
  }

  // What does not fit is unexplained.
  static void Judge(const Call& call, rules::Stage stage, Cell& cell) {
    const rules::Expected outcome = Outcome(cell.answer.status);
    ++cells_;
    std::string wrong;
    if (outcome != cell.expectation.expected) {
      wrong = "must be " + rules::Expected_Name(cell.expectation.expected) + " by " + cell.expectation.rule +
              ", is " + cell.answer.status.ToString();
    } else if (outcome == rules::OK) {
      wrong = BodyIsMissing(call, *cell.answer.body);
    } else if (outcome == rules::NOT_FOUND) {
      wrong = TellsHiddenFromAbsent(call, cell);
    }
    if (wrong.empty()) wrong = Leak(call, cell.answer);
    if (!wrong.empty()) {
      unexplained_.push_back(call.method + " " + rules::Stage_Name(stage) + " by " + cell.person->label +
                             ": " + wrong);
      std::printf("unexplained: %s\n", unexplained_.back().c_str());
    }
    if (outcome == rules::OK) CleanUp(call, stage, *cell.story, *cell.person, *cell.answer.body);
  }

  static void TryMethod(const std::string& method) {
    for (const Call& call : Calls()) {
      if (call.method != method) continue;
      for (const rules::Stage stage : call.stages) TryStage(call, stage);
    }
    TheWorld().DropReadyToClose();
  }

  static void TryStage(const Call& call, rules::Stage stage) {
    std::vector<Cell> cells = CellsOf(call, stage);
    const auto allowed = std::stable_partition(cells.begin(), cells.end(), IsRefused);
    // Refusals change nothing, so they can all be waited for at once.
    const std::span<Cell> refused(cells.begin(), allowed);
    for (Cell& cell : refused) Prepare(call, stage, cell);
    std::atomic<size_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kAtOnce; ++i) {
      threads.emplace_back([&] {
        for (size_t mine = next++; mine < refused.size(); mine = next++) Try(call, refused[mine]);
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (Cell& cell : refused) Judge(call, stage, cell);
    for (Cell& cell : std::span<Cell>(allowed, cells.end())) {
      Prepare(call, stage, cell);
      Try(call, cell);
      Judge(call, stage, cell);
    }
  }

  // Every cell of a service, in the order in which the calls are written.
  void TryService(const std::string& service) {
    const size_t before = unexplained_.size();
    std::set<std::string> done;
    for (const Call& call : Calls()) {
      if (call.method.starts_with(service + "/") && done.insert(call.method).second) TryMethod(call.method);
    }
    EXPECT_GE(done.size(), 1U);
    EXPECT_EQ(unexplained_.size() - before, 0U) << "named above";
  }

  static int cells_;
  static std::vector<std::string> unexplained_;

 private:
  // A refusal reads the same whether the record is there or not (security.md 2.5).
  static std::string TellsHiddenFromAbsent(const Call& call, const Cell& cell) {
    if (!cell.absent.has_value()) return "NOT_FOUND without a record";
    const std::string name = SubjectOf(call, *cell.request);
    const std::string absent_name = AbsentLike(name);
    const auto told = [](const Answer& answer, const std::string& of) {
      return Replaced(answer.status.ToString() + answer.details, of, "NAME");
    };
    const std::string hidden = told(cell.answer, name);
    const std::string absent = told(*cell.absent, absent_name);
    return hidden == absent ? "" : "hidden is told as " + hidden + ", absent as " + absent;
  }

  static void CleanUp(const Call& call, rules::Stage stage, Story& story, Person& person,
                      const Message& answer) {
    World& world = TheWorld();
    switch (call.spends) {
      case Spends::kNothing:
        if (stage >= rules::MEETING_SCHEDULED) world.AbsorbMeeting(stage, answer);
        World::Absorb(story, answer);
        return;
      case Spends::kStory:
        world.Spend(story);
        if (call.method == "MeetingService/AdmitLateCase") world.SpendMeeting(rules::MEETING_SCHEDULED);
        return;
      case Spends::kActions:
        world.RenewActions(story);
        return;
      case Spends::kSignature:
        World::Absorb(story, answer);
        world.Amend(story);
        return;
      case Spends::kAccess:
        world.OpenAgain(story, person);
        return;
      case Spends::kMeeting:
        world.SpendMeeting(stage);
        return;
      case Spends::kSession:
        world.Renew(person);
        return;
    }
  }
};

int AccessMatrixTest::cells_ = 0;
std::vector<std::string> AccessMatrixTest::unexplained_;

// A method that somebody adds later must come with a rule and a call of its own.
TEST_F(AccessMatrixTest, EveryMethodOfEveryServiceIsCalledAndHasARule) {
  std::vector<const google::protobuf::FileDescriptor*> files = {
      v1::SignInRequest::descriptor()->file(),        v1::GetAreaRequest::descriptor()->file(),
      v1::GetCaseAccessRequest::descriptor()->file(), v1::GetAssessmentRequest::descriptor()->file(),
      v1::GetReferralRequest::descriptor()->file(),   v1::GetCaseRequest::descriptor()->file(),
      v1::GetMeetingRequest::descriptor()->file(),    v1::GetActionRequest::descriptor()->file(),
      v1::ListEventsRequest::descriptor()->file(),    v1::AdvanceClockRequest::descriptor()->file(),
      v1::RegisterPilotRequest::descriptor()->file(), v1::InstallInstrumentRequest::descriptor()->file(),
      v1::PrintBookletRequest::descriptor()->file(),  v1::SaveResearchRequest::descriptor()->file()};
  int services = 0;
  for (const auto* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      ++services;
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string method = file->service(s)->name() + "/" + file->service(s)->method(m)->name();
        EXPECT_TRUE(std::ranges::any_of(Calls(), [&](const Call& call) { return call.method == method; }))
            << method << " is called by nobody";
        EXPECT_TRUE(RuleBook::Get().Names(method)) << method << " has no rule";
      }
    }
  }
  EXPECT_EQ(services, 14);
}

TEST_F(AccessMatrixTest, EveryRuleCitesItsSourceAndNamesMethodsThatAreThere) {
  std::set<std::string> ids;
  for (const rules::Rule& rule : RuleBook::Get().all().rules()) {
    EXPECT_TRUE(ids.insert(rule.id()).second) << rule.id() << " twice";
    EXPECT_GT(rule.source().size(), 10U) << rule.id();
    EXPECT_FALSE(rule.methods().empty() || rule.roles().empty()) << rule.id();
    EXPECT_TRUE(rule.expected() == rules::OK || rule.expected() == rules::WRONG_STATE) << rule.id();
    for (const std::string& method : rule.methods()) MethodOf(method.substr(0, method.find(':')));
  }
}

TEST_F(AccessMatrixTest, Directory) { TryService("DirectoryService"); }
TEST_F(AccessMatrixTest, Audit) { TryService("AuditService"); }
TEST_F(AccessMatrixTest, Assessments) { TryService("AssessmentService"); }
TEST_F(AccessMatrixTest, Documents) { TryService("DocumentService"); }
TEST_F(AccessMatrixTest, Referrals) { TryService("ReferralService"); }
TEST_F(AccessMatrixTest, Cases) { TryService("CaseService"); }
TEST_F(AccessMatrixTest, CaseAccess) { TryService("AccessService"); }
TEST_F(AccessMatrixTest, Meetings) { TryService("MeetingService"); }
TEST_F(AccessMatrixTest, Actions) { TryService("ActionService"); }
TEST_F(AccessMatrixTest, Research) { TryService("ResearchService"); }
TEST_F(AccessMatrixTest, Pilots) { TryService("PilotService"); }
TEST_F(AccessMatrixTest, Instruments) { TryService("InstrumentService"); }
TEST_F(AccessMatrixTest, Demonstration) { TryService("DemoService"); }
// Last: people who have set up codes prove themselves by no password any more.
TEST_F(AccessMatrixTest, Sessions) { TryService("SessionService"); }

TEST_F(AccessMatrixTest, NoTwoRulesContradictEachOther) {
  EXPECT_THAT(RuleBook::Get().contradictions(), IsEmpty());
}

}  // namespace
}  // namespace marac::testing
