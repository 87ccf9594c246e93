// Lists and agendas: each holds exactly what its reader may read one by one (decisions 11), whatever the
// page, and nothing of a case that its reader is shut out of.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/status_macros.h"
#include "store/records.h"
#include "tests/access/calls.h"
#include "tests/access/world.h"
#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using ::testing::IsEmpty;

constexpr char kArea[] = "areas/test";
constexpr int kAtOnce = 8;
constexpr rules::Stage kStages[] = {rules::DRAFT,  rules::RECEIVED, rules::ACCEPTED,
                                    rules::LISTED, rules::HEARD,    rules::CLOSED};

using Names = std::set<std::string>;

class ListTest : public ::testing::Test {
 protected:
  // A small world of its own, since every record is read by everybody.
  static World& TheWorld() {
    static World& world = *[] {
      auto* made = new World(/*meetings=*/16);
      for (const rules::Stage stage : kStages) {
        made->At(stage, v1::ROLE_REFERRER);
        made->At(stage, v1::ROLE_AGENCY_SYSTEM);
      }
      made->At(rules::RECEIVED, v1::ROLE_REFERRER, /*shut_out=*/true);
      made->At(rules::HEARD, v1::ROLE_REFERRER, /*shut_out=*/true);
      return made;
    }();
    return world;
  }

  // Every record of the kind in the area, whoever may see it.
  static std::vector<std::string> Everything(domain::Kind kind) {
    std::vector<std::string> names;
    EXPECT_OK(TheWorld().server().host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto all, store::ListAll(tx, {.kind = kind, .area = kArea}, 10'000));
      for (const store::ListPosition& position : all) names.push_back(position.name);
      return absl::OkStatus();
    }));
    return names;
  }

  // Does something for everybody, several at a time.
  static void ForEverybody(const std::function<void(const Person&)>& act) {
    const auto& people = TheWorld().people();
    std::atomic<size_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kAtOnce; ++i) {
      threads.emplace_back([&] {
        for (size_t mine = next++; mine < people.size(); mine = next++) act(people[mine]);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // Walks a list to its end; nothing, when the role may not list.
  template <typename Request, typename Response, typename Record, typename Stub>
  static Names Walk(const Client& client,
                    grpc::Status (Stub::*list)(grpc::ClientContext*, const Request&, Response*),
                    const google::protobuf::RepeatedPtrField<Record>& (Response::*records)() const,
                    int page_size) {
    Names names;
    Request request;
    request.set_parent(kArea);
    request.set_page_size(page_size);
    do {
      const auto page = client.Call(list, request);
      if (!page.ok()) return {};
      const auto& found = ((*page).*records)();
      // A page is full until the last: a short one would tell of what was left out.
      EXPECT_TRUE(found.size() == page_size || page->next_page_token().empty());
      for (const Record& record : found) {
        if (names.insert(record.name()).second) continue;
        ADD_FAILURE() << "the pages go in a circle";
        return {};
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

  template <typename Request, typename Record, typename Stub>
  static Names ReadEach(const Client& client, const std::vector<std::string>& names,
                        grpc::Status (Stub::*get)(grpc::ClientContext*, const Request&, Record*)) {
    Names read;
    for (const std::string& name : names) {
      Request request;
      request.set_name(name);
      if (client.Call(get, request).ok()) read.insert(name);
    }
    return read;
  }

  // What the shut-out people must never meet.
  static Names Hidden() {
    Names names;
    for (const rules::Stage stage : {rules::RECEIVED, rules::HEARD}) {
      const Story& story = TheWorld().At(stage, v1::ROLE_REFERRER, /*shut_out=*/true);
      for (const std::string& name :
           {story.referral.name(), story.draft.name(), story.completed.name(), story.signed_one.name(),
            story.record.name(), story.open.name(), story.proposed.name(), story.item.name()}) {
        names.insert(name);
      }
    }
    return names;
  }

  // Compares for everybody, and asks that somebody sees something and somebody nothing.
  static void Compare(const std::function<Names(const Client&, int page_size)>& list,
                      const std::function<Names(const Client&)>& read) {
    const Names hidden = Hidden();
    std::mutex mutex;
    std::map<std::string, std::pair<Names, Names>> seen;
    std::map<std::string, Names> by_one;
    ForEverybody([&](const Person& person) {
      const Names listed = list(person.client, 100);
      const Names paged = list(person.client, 1);
      const Names single = read(person.client);
      const std::lock_guard lock(mutex);
      seen[person.label] = {listed, single};
      by_one[person.label] = paged;
    });
    size_t most = 0;
    int nothing = 0;
    for (const Person& person : TheWorld().people()) {
      const auto& [listed, single] = seen[person.label];
      EXPECT_EQ(listed, single) << person.label;
      EXPECT_EQ(listed, by_one[person.label]) << person.label << ", page by page";
      most = std::max(most, listed.size());
      if (listed.empty()) ++nothing;
      if (!person.shut_out) continue;
      for (const std::string& name : listed) EXPECT_FALSE(hidden.contains(name)) << person.label << name;
    }
    EXPECT_GT(most, 5U);
    EXPECT_GT(nothing, 5);
  }
};

TEST_F(ListTest, ReferralsAreListedToWhomeverMayReadThem) {
  using Referrals = v1::ReferralService::Stub;
  const auto all = Everything(domain::Kind::kReferral);
  Compare(
      [](const Client& client, int size) {
        return Walk(client, &Referrals::ListReferrals, &v1::ListReferralsResponse::referrals, size);
      },
      [&](const Client& client) { return ReadEach(client, all, &Referrals::GetReferral); });
}

TEST_F(ListTest, AssessmentsAreListedToWhomeverMayReadThem) {
  using Assessments = v1::AssessmentService::Stub;
  const auto all = Everything(domain::Kind::kAssessment);
  Compare(
      [](const Client& client, int size) {
        return Walk(client, &Assessments::ListAssessments, &v1::ListAssessmentsResponse::assessments, size);
      },
      [&](const Client& client) { return ReadEach(client, all, &Assessments::GetAssessment); });
}

TEST_F(ListTest, CasesAreListedToWhomeverMayReadThem) {
  using Cases = v1::CaseService::Stub;
  const auto all = Everything(domain::Kind::kCase);
  Compare([](const Client& client,
             int size) { return Walk(client, &Cases::ListCases, &v1::ListCasesResponse::cases, size); },
          [&](const Client& client) { return ReadEach(client, all, &Cases::GetCase); });
}

TEST_F(ListTest, ActionsAreListedToWhomeverMayReadThem) {
  using Actions = v1::ActionService::Stub;
  const auto all = Everything(domain::Kind::kAction);
  Compare(
      [](const Client& client, int size) {
        return Walk(client, &Actions::ListActions, &v1::ListActionsResponse::actions, size);
      },
      [&](const Client& client) { return ReadEach(client, all, &Actions::GetAction); });
}

TEST_F(ListTest, MeetingsAreListedToWhomeverMayReadThem) {
  using Meetings = v1::MeetingService::Stub;
  const auto all = Everything(domain::Kind::kMeeting);
  Compare(
      [](const Client& client, int size) {
        return Walk(client, &Meetings::ListMeetings, &v1::ListMeetingsResponse::meetings, size);
      },
      [&](const Client& client) { return ReadEach(client, all, &Meetings::GetMeeting); });
}

TEST_F(ListTest, ServicesAreListedToWhomeverMayReadThem) {
  using Directory = v1::DirectoryService::Stub;
  for (int i = 0; i < 8; ++i) TheWorld().AddService();
  const auto all = Everything(domain::Kind::kService);
  Compare(
      [](const Client& client, int size) {
        return Walk(client, &Directory::ListServices, &v1::ListServicesResponse::services, size);
      },
      [&](const Client& client) { return ReadEach(client, all, &Directory::GetService); });
}

// No method reads a pilot but its report, which a coordinator does not see; a list holds the pilots that
// there are.
TEST_F(ListTest, PilotsAreListedToCoordinatorAndSteeringGroup) {
  for (int i = 0; i < 3; ++i) TheWorld().AddPilot();
  const std::vector<std::string> everything = Everything(domain::Kind::kPilot);
  const Names all(everything.begin(), everything.end());
  const auto listed = [](const Client& client) {
    return Walk(client, &v1::PilotService::Stub::ListPilots, &v1::ListPilotsResponse::pilots, 2);
  };
  EXPECT_GE(all.size(), 3U);
  for (const char* login : {"coordinator.council", "steering.council"}) {
    EXPECT_EQ(listed(TheWorld().server().As(login)), all) << login;
  }
}

// No method reads one item; what of a case is on an agenda follows the rules "GetAgenda:item".
TEST_F(ListTest, AnAgendaHoldsTheItemsItsReaderMaySee) {
  struct Shown {
    const Story* story;
    bool shut_out;
  };
  std::vector<Shown> stories;
  for (const rules::Stage stage : {rules::ACCEPTED, rules::LISTED, rules::HEARD, rules::CLOSED}) {
    stories.push_back({&TheWorld().At(stage, v1::ROLE_REFERRER), false});
  }
  stories.push_back({&TheWorld().At(rules::HEARD, v1::ROLE_REFERRER, /*shut_out=*/true), true});
  std::mutex mutex;
  std::vector<std::string> wrong;
  ForEverybody([&](const Person& person) {
    for (const Shown& shown : stories) {
      // Who is shut out works for the record's own agency.
      const bool beside = shown.shut_out && !person.elsewhere && person.relation >= rules::OWN_AGENCY;
      // An item has no author; those who wrote the referral are of its agency.
      const Expectation expectation =
          RuleBook::Get().Expect({.method = "MeetingService/GetAgenda:item",
                                  .role = person.role,
                                  .relation = person.relation,
                                  .elsewhere = person.elsewhere,
                                  .shut_out = person.shut_out && shown.shut_out,
                                  .kept = beside ? Kept::kBesideTheShutOut : Kept::kNot,
                                  .stage = shown.story->stage});
      v1::GetAgendaRequest request;
      request.set_name(shown.story->meeting.name());
      const auto agenda = person.client.Call(&v1::MeetingService::Stub::GetAgenda, request);
      const bool is_there = agenda.ok() && agenda->items_size() == 1;
      if (is_there == (expectation.expected == rules::OK)) continue;
      const std::lock_guard lock(mutex);
      wrong.push_back(fmt::format("{}, {}: by {}", person.label, rules::Stage_Name(shown.story->stage),
                                  expectation.rule));
    }
  });
  EXPECT_THAT(wrong, IsEmpty());
}

// A number that is shown beside a record tells no more than the records it counts, and no less.
TEST_F(ListTest, CountsAndMatchesAgreeWithWhatIsReadOneByOne) {
  using Referrals = v1::ReferralService::Stub;
  using Cases = v1::CaseService::Stub;
  const auto all_referrals = Everything(domain::Kind::kReferral);
  const auto all_cases = Everything(domain::Kind::kCase);
  const Names hidden = Hidden();
  std::mutex mutex;
  std::vector<std::string> wrong;
  std::set<std::string> previews;
  std::atomic<int> counted = 0;
  std::atomic<int> matched = 0;
  ForEverybody([&](const Person& person) {
    const Client& client = person.client;
    const auto complain = [&](const std::string& what) {
      const std::lock_guard lock(mutex);
      wrong.push_back(person.label + ": " + what);
    };
    // How many are excluded from a referral, and how many of them nobody has answered for; -1: not for them.
    const auto excluded = [&](const std::string& referral) {
      v1::ListExcludedPeopleRequest list;
      list.set_referral(referral);
      const auto listed = client.Call(&Referrals::ListExcludedPeople, list);
      std::pair<int, int> counts = {-1, -1};
      if (!listed.ok()) return counts;
      counts = {listed->excluded_people_size(), 0};
      for (const v1::ExcludedPerson& entry : listed->excluded_people()) {
        if (entry.answer() == v1::EXCLUSION_ANSWER_UNSPECIFIED) ++counts.second;
      }
      return counts;
    };
    const Names readable = ReadEach(client, all_cases, &Cases::GetCase);
    const Names referrals = ReadEach(client, all_referrals, &Referrals::GetReferral);
    for (const std::string& name : referrals) {
      v1::GetReferralRequest get;
      get.set_name(name);
      const auto referral = client.Call(&Referrals::GetReferral, get);
      const auto [people, open] = excluded(name);
      if (people >= 0) ++counted;
      if (referral.ok() && people >= 0 && referral->excluded_people_count() != people) {
        complain(name + " counts other excluded people than it lists");
      }
      v1::FindMatchesRequest find;
      find.set_name(name);
      const auto found = client.Call(&Referrals::FindMatches, find);
      if (!found.ok()) continue;
      for (const v1::MatchCandidate& candidate : found->candidates()) {
        ++matched;
        const std::string& match =
            candidate.has_candidate() ? candidate.candidate().name() : candidate.waiting().name();
        if (person.shut_out && hidden.contains(match)) complain("matches what is hidden: " + match);
        if (!readable.contains(match) && !referrals.contains(match)) {
          complain("matches what cannot be read: " + match);
        }
      }
    }
    for (const std::string& name : readable) {
      v1::GetCaseRequest get;
      get.set_name(name);
      const auto record = client.Call(&Cases::GetCase, get);
      if (!record.ok() || record->referrals_size() != 1) continue;
      const auto [people, open] = excluded(record->referrals(0));
      if (open >= 0 && record->unresolved_exclusions() != open) complain(name + " counts other open entries");
    }
    v1::PreviewScoreRequest preview;
    preview.set_parent(kArea);
    *preview.mutable_answers() = OnlyYes({2});
    const auto score = client.Call(&v1::AssessmentService::Stub::PreviewScore, preview);
    if (!score.ok()) return;
    const std::lock_guard lock(mutex);
    previews.insert(score->SerializeAsString());
  });
  EXPECT_THAT(wrong, IsEmpty());
  EXPECT_GT(counted, 20);
  EXPECT_GT(matched, 20);
  // What answers come to hangs on the answers, whoever asks.
  EXPECT_EQ(previews.size(), 1U);
}

}  // namespace
}  // namespace marac::testing
