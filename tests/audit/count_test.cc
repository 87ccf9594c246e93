// Threat 13, test L1: a client that counts its calls finds each of them in the log, exactly once, although
// the server is killed again and again meanwhile.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "base/status_macros.h"
#include "domain/audit.h"
#include "rpc/config.h"
#include "rpc/host.h"
#include "store/database.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

constexpr int kCallers = 4;
constexpr int kKills = 4;
constexpr int kCallsALife = 420;  // and as many after the last kill

// How often a call was made, and how often an answer came. By what marks it in the log: its request_id, or
// the record that only it asked for.
struct Tally {
  int made = 0;
  int answered = 0;
};
using Tallies = std::map<std::string, Tally>;

bool IsAnswer(const absl::Status& status) {
  return !absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) && !absl::IsCancelled(status);
}

class Counter {
 public:
  explicit Counter(Client client) : client_(std::move(client)) {}

  void UseChannel(const std::shared_ptr<grpc::Channel>& channel) {
    client_ = Client(channel, client_.token(), client_.account());
  }

  // Calls until the server is gone or `left` is used up.
  void Live(std::atomic<int>& left) {
    while (left > 0 && Once()) --left;
  }

  const Tallies& tallies() const { return tallies_; }

 private:
  // Of many kinds: what is written, what is read, what is refused for each reason, and what is sent again.
  bool Once() {
    const std::string id = NewUuid();
    switch (next_++ % 7) {
      case 0: {
        v1::StartAssessmentRequest request;
        request.set_parent(ServerProcess::kArea);
        request.set_request_id(id);
        return Count(id, &v1::AssessmentService::Stub::StartAssessment, request);
      }
      case 1: {
        v1::SaveDraftRequest request;
        request.set_parent(ServerProcess::kArea);
        request.mutable_referral()->mutable_reason()->set_why_now("He is released tomorrow");
        request.set_request_id(id);
        again_ = request;
        return Count(id, &v1::ReferralService::Stub::SaveDraft, request);
      }
      case 2:  // The same once more: the first answer, and an event of its own.
        return Count(again_.request_id(), &v1::ReferralService::Stub::SaveDraft, again_);
      case 3: {  // Not found.
        v1::GetReferralRequest request;
        request.set_name("areas/test/referrals/" + IdSource().NewId());
        return Count(request.name(), &v1::ReferralService::Stub::GetReferral, request);
      }
      case 4: {  // Not for this role.
        v1::CreateAgencyRequest request;
        request.mutable_agency()->set_name("agencies/refused");
        request.set_request_id(id);
        return Count(id, &v1::DirectoryService::Stub::CreateAgency, request);
      }
      case 5: {  // A mistake in it.
        v1::StartAssessmentRequest request;
        request.set_parent("no area");
        request.set_request_id(id);
        return Count(id, &v1::AssessmentService::Stub::StartAssessment, request);
      }
      default: {  // Not in a state for it, or absent.
        v1::GetCaseRequest request;
        request.set_name("areas/test/cases/" + IdSource().NewId());
        return Count(request.name(), &v1::CaseService::Stub::GetCase, request);
      }
    }
  }

  template <typename Method, typename Request>
  bool Count(const std::string& mark, Method method, const Request& request) {
    Tally& tally = tallies_[mark];
    ++tally.made;
    const bool answered = IsAnswer(client_.Call(method, request).status());
    if (answered) ++tally.answered;
    return answered;
  }

  Client client_;
  int next_ = 0;
  v1::SaveDraftRequest again_;
  Tallies tallies_;
};

TEST(CountTest, EveryAnsweredCallIsAnEventAndEveryEventWasACall) {
  ServerProcess server;
  ASSERT_TRUE(server.Start());
  server.AddAgency("police");
  std::vector<std::unique_ptr<Counter>> counters;
  for (int i = 0; i < kCallers; ++i) {
    const std::string login = fmt::format("counter{}.police", i);
    server.AddAccount(login, "police", v1::ROLE_REFERRER);
    counters.push_back(std::make_unique<Counter>(server.SignIn(login)));
  }
  for (int life = 0; life <= kKills; ++life) {
    std::atomic<int> left = kCallsALife;
    std::vector<std::thread> threads;
    for (auto& counter : counters) {
      counter->UseChannel(server.Channel());
      threads.emplace_back([&left, one = counter.get()] { one->Live(left); });
    }
    if (life < kKills) {
      // In the middle of it, while calls are under way.
      while (left > 10) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      server.Kill();
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(life == kKills || server.Start());
  }
  ASSERT_EQ(server.Stop(), 0);
  EXPECT_EQ(server.Run({"verify", "--config", server.config_file()}), 0);

  std::map<std::string, int> events;
  int unasked = 0;
  Tallies all;
  for (const auto& counter : counters) all.insert(counter->tallies().begin(), counter->tallies().end());
  ASSERT_OK_AND_ASSIGN(const auto config, rpc::LoadServerConfig(server.config_file()));
  ASSERT_OK_AND_ASSIGN(const store::DatabaseOptions options, rpc::DatabaseOptionsOf(config));
  ASSERT_OK_AND_ASSIGN(const auto database, store::Database::Open(options));
  ASSERT_OK(database->ScanRows(1, [&](const store::StoredRow& row) -> absl::Status {
    ASSIGN_OR_RETURN(const auto decoded, domain::DecodeAuditRecord(row.record));
    const domain::AuditEvent& event = decoded.second;
    const std::string& mark =
        event.request_id.empty() && !event.subjects.empty() ? event.subjects.front() : event.request_id;
    if (event.method == "marac.v1.DirectoryService/CreateAccount" || event.account.empty()) {
      return absl::OkStatus();
    }
    const bool ours = all.contains(mark);
    if (ours) ++events[mark];
    // Those of who set this up.
    const bool counted = event.role == "REFERRER";
    if (counted && !ours) ++unasked;
    return absl::OkStatus();
  }));
  database->Close();

  int made = 0, answered = 0, lost = 0, too_many = 0, unanswered_events = 0;
  for (const auto& [mark, tally] : all) {
    made += tally.made;
    answered += tally.answered;
    const int found = events[mark];
    if (found < tally.answered) ++lost;
    if (found > tally.made) ++too_many;
    unanswered_events += std::max(0, found - tally.answered);
  }
  std::printf("figure: counted_calls=%d calls\n", made);
  std::printf("figure: counted_answers=%d calls\n", answered);
  std::printf("figure: answers_without_event=%d calls\n", lost);
  std::printf("figure: events_without_call=%d events\n", too_many + unasked);
  EXPECT_GE(answered, 2000);
  EXPECT_EQ(lost, 0) << "an answer was given of which the log knows nothing";
  EXPECT_EQ(too_many + unasked, 0) << "an event of a call that was not made";
  // Of a call that the kill cut off the log may know, and never more than there were.
  EXPECT_LE(unanswered_events, made - answered);
}

}  // namespace
}  // namespace marac::testing
