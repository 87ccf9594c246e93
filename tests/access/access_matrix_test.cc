// The access matrix (decisions 36): every method, called by nobody and by every role in every relation, about
// cases and meetings at every stage, against rules written by hand.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "tests/access/calls.h"
#include "tests/access/expected.h"
#include "tests/access/world.h"

namespace marac::testing {
namespace {

using google::protobuf::Message;
using ::testing::IsEmpty;

rules::Expected Outcome(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return rules::OK;
    case absl::StatusCode::kFailedPrecondition:
      return rules::WRONG_STATE;
    case absl::StatusCode::kUnauthenticated:
      return rules::UNAUTHENTICATED;
    case absl::StatusCode::kPermissionDenied:
      return rules::PERMISSION_DENIED;
    case absl::StatusCode::kNotFound:
      return rules::NOT_FOUND;
    default:
      return rules::EXPECTED_UNSPECIFIED;
  }
}

// Why an answer that is OK is none after all; empty: it is.
std::string BodyIsMissing(const Call& call, const Message& body) {
  const bool is_list = call.method.find("/List") != std::string::npos;
  if (is_list || body.GetDescriptor()->field_count() == 0) return "";
  // A meeting may have nothing on its agenda, a referral match nobody; the rest tells something.
  if (body.ByteSizeLong() == 0 && call.method != "ReferralService/FindMatches") return "an empty answer";
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
                              call.method == "ReferralService/ResolveExcludedPerson";
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
    static World& world = *new World;
    return world;
  }

  static void TearDownTestSuite() {
    std::printf("figure: access_cells=%d cells\nfigure: access_unexplained=%zu cells\n", cells_,
                unexplained_.size());
  }

  // Calls once and compares; what does not fit is unexplained.
  void TryCell(const Call& call, rules::Stage stage, Person& person) {
    World& world = TheWorld();
    const bool about_a_case = IsAboutACase(call);
    if (person.shut_out && !about_a_case) return;
    // A draft has been read by nobody yet, so nobody is shut out of it.
    if (person.shut_out && stage == rules::DRAFT) return;
    const v1::Role author = person.relation == rules::AUTHOR ? person.role : v1::ROLE_REFERRER;
    Story of_no_case;
    Story& story = about_a_case ? world.At(stage, author, person.shut_out) : of_no_case;
    if (stage >= rules::MEETING_SCHEDULED) story.meeting = world.MeetingAt(stage);
    const std::unique_ptr<Message> request = call.request(world, story, person);

    const Expectation expectation = RuleBook::Get().Expect({.method = call.method,
                                                            .role = person.role,
                                                            .relation = person.relation,
                                                            .elsewhere = person.elsewhere,
                                                            .shut_out = person.shut_out,
                                                            .stage = stage});
    const Answer answer = Send(person.client, call.method, *request);
    const rules::Expected outcome = Outcome(answer.status);
    ++cells_;
    std::string wrong;
    if (outcome != expectation.expected) {
      wrong = "must be " + rules::Expected_Name(expectation.expected) + " by " + expectation.rule + ", is " +
              answer.status.ToString();
    } else if (outcome == rules::OK) {
      wrong = BodyIsMissing(call, *answer.body);
    } else if (outcome == rules::NOT_FOUND) {
      wrong = TellsHiddenFromAbsent(call, *request, person, answer);
    }
    if (wrong.empty()) wrong = Leak(call, answer);
    if (!wrong.empty()) {
      unexplained_.push_back(call.method + " " + rules::Stage_Name(stage) + " by " + person.label + ": " +
                             wrong);
      std::printf("unexplained: %s\n", unexplained_.back().c_str());
    }
    if (outcome == rules::OK) CleanUp(call, stage, story, person, *answer.body);
  }

  void TryMethod(const std::string& method) {
    for (const Call& call : Calls()) {
      if (call.method != method) continue;
      for (const rules::Stage stage : call.stages) {
        for (Person& person : TheWorld().people()) TryCell(call, stage, person);
      }
    }
    TheWorld().DropReadyToClose();
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
  static std::string TellsHiddenFromAbsent(const Call& call, const Message& request, Person& person,
                                           const Answer& hidden) {
    if (call.subject.empty()) return "NOT_FOUND without a record";
    const std::string name = SubjectOf(call, request);
    const std::string absent_name = AbsentLike(name);
    // The same for every stage, so once a method and person.
    auto [known, is_new] = absent_.try_emplace({call.method + call.subject, person.label});
    if (is_new) {
      std::unique_ptr<Message> absent(request.New());
      absent->CopyFrom(request);
      SetSubject(call, *absent, absent_name);
      const Answer answer = Send(person.client, call.method, *absent);
      if (Outcome(answer.status) != rules::NOT_FOUND) {
        return "of an absent record it is told " + answer.status.ToString();
      }
      known->second = {Replaced(std::string(answer.status.message()), absent_name, "NAME"),
                       Replaced(answer.details, absent_name, "NAME")};
    }
    if (Replaced(std::string(hidden.status.message()), name, "NAME") != known->second.first ||
        Replaced(hidden.details, name, "NAME") != known->second.second) {
      return "hidden reads otherwise than absent: " + std::string(hidden.status.message());
    }
    return "";
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
      case Spends::kMeeting:
        world.SpendMeeting(stage);
        return;
      case Spends::kSession:
        world.Renew(person);
        return;
    }
  }

  static std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> absent_;
};

int AccessMatrixTest::cells_ = 0;
std::vector<std::string> AccessMatrixTest::unexplained_;
std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> AccessMatrixTest::absent_;

// A method that somebody adds later must come with a rule and a call of its own.
TEST_F(AccessMatrixTest, EveryMethodOfEveryServiceIsCalledAndHasARule) {
  std::vector<const google::protobuf::FileDescriptor*> files = {
      v1::SignInRequest::descriptor()->file(),        v1::GetAreaRequest::descriptor()->file(),
      v1::GetAssessmentRequest::descriptor()->file(), v1::GetReferralRequest::descriptor()->file(),
      v1::GetCaseRequest::descriptor()->file(),       v1::GetMeetingRequest::descriptor()->file(),
      v1::GetActionRequest::descriptor()->file(),     v1::ListEventsRequest::descriptor()->file(),
      v1::AdvanceClockRequest::descriptor()->file()};
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
  EXPECT_EQ(services, 9);
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

TEST_F(AccessMatrixTest, Sessions) { TryService("SessionService"); }
TEST_F(AccessMatrixTest, Directory) { TryService("DirectoryService"); }
TEST_F(AccessMatrixTest, Audit) { TryService("AuditService"); }
TEST_F(AccessMatrixTest, Assessments) { TryService("AssessmentService"); }
TEST_F(AccessMatrixTest, Referrals) { TryService("ReferralService"); }
TEST_F(AccessMatrixTest, Cases) { TryService("CaseService"); }
TEST_F(AccessMatrixTest, Meetings) { TryService("MeetingService"); }
TEST_F(AccessMatrixTest, Actions) { TryService("ActionService"); }
TEST_F(AccessMatrixTest, Demonstration) { TryService("DemoService"); }

TEST_F(AccessMatrixTest, NoTwoRulesContradictEachOther) {
  EXPECT_THAT(RuleBook::Get().contradictions(), IsEmpty());
}

}  // namespace
}  // namespace marac::testing
