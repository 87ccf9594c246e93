// Reads that are under way while access is taken away (decisions 12): by shutting somebody out, by suspending
// the account, by ending the role. Several threads read the same referral all the time. Once it is taken
// away,
//   - a read that begins after that was acknowledged shows nothing;
//   - of reads under way, those that showed something were acknowledged before it: each has its row in the
//   audit,
//     and every such row is before the row of the taking. An answer leaves after its row is on disk, and the
//     rows are in the order of the acknowledgements.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "domain/local_date.h"
#include "tests/access/world.h"
#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using ::testing::Ge;
using Referrals = v1::ReferralService::Stub;
using Directory = v1::DirectoryService::Stub;
using Clock = std::chrono::steady_clock;

constexpr char kArea[] = "areas/test";
constexpr int kThreads = 4;
constexpr int kRounds = 6;

struct Seen {
  int64_t content = 0;
  int64_t begun_after_with_content = 0;
};

class RaceTest : public ::testing::Test {
 protected:
  RaceTest() {
    v1::SaveDraftRequest save;
    save.set_parent(kArea);
    *save.mutable_referral() = CompleteReferral();
    save.mutable_referral()->set_has_excluded_people(v1::YES_NO_YES);
    *save.mutable_safe_contact() = CompleteSafeContact();
    for (int i = 0; i < kRounds; ++i) {
      v1::ExcludedPerson& person = *save.add_excluded_people();
      person.set_person("A cousin of his");
      person.set_reason("He told her so");
    }
    const Client& author = server_.As("referrer.police");
    referral_ = Must(author.Call(&Referrals::SaveDraft, save), "save");
    v1::ListExcludedPeopleRequest list;
    list.set_referral(referral_.name());
    excluded_ = Must(author.Call(&Referrals::ListExcludedPeople, list), "excluded");
    v1::SubmitReferralRequest submit;
    submit.set_name(referral_.name());
    submit.set_etag(referral_.etag());
    referral_ = Must(author.Call(&Referrals::SubmitReferral, submit), "submit");
    server_.As("coordinator.council");
    server_.As("admin.council");
    server_.As("auditor.council");
  }

  // One person reads on several threads; after a while `take` takes their access away, which is acknowledged
  // when it returns.
  void Round(const Client& reader, const std::string& taking, const std::function<void()>& take) {
    std::atomic<bool> stop = false;
    std::atomic<int64_t> acknowledged = std::numeric_limits<int64_t>::max();
    std::vector<Seen> seen(kThreads);
    std::atomic<int> answered = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        v1::GetReferralRequest request;
        request.set_name(referral_.name());
        while (!stop) {
          const int64_t begun = Clock::now().time_since_epoch().count();
          const auto answer = reader.Call(&Referrals::GetReferral, request);
          ++answered;
          if (!answer.ok()) continue;
          ++seen[static_cast<size_t>(t)].content;
          if (begun > acknowledged) ++seen[static_cast<size_t>(t)].begun_after_with_content;
        }
      });
    }
    while (answered < 3 * kThreads) std::this_thread::yield();
    take();
    acknowledged = Clock::now().time_since_epoch().count();
    const int before = answered;
    while (answered < before + 3 * kThreads) std::this_thread::yield();
    stop = true;
    for (std::thread& thread : threads) thread.join();

    int64_t content = 0;
    for (const Seen& of_thread : seen) {
      content += of_thread.content;
      EXPECT_EQ(of_thread.begun_after_with_content, 0) << taking;
    }
    EXPECT_GT(content, 0);
    CompareWithTheAudit(reader.account(), taking, content);
    reads_ += answered;
  }

  void CompareWithTheAudit(const std::string& reader, const std::string& taking, int64_t content) {
    v1::ListEventsRequest list;
    list.set_parent(kArea);
    list.set_page_size(100);
    int64_t shown = 0;
    int64_t taken = 0;
    // Backwards: what comes before the newest row of the taking is older than it.
    do {
      const auto page = server_.As("auditor.council").Call(&v1::AuditService::Stub::ListEvents, list);
      ASSERT_OK(page);
      for (const v1::AuditRecord& event : page->events()) {
        if (taken == 0 && event.method() == taking && event.allowed()) taken = event.sequence();
        if (event.account() != reader || event.method() != "marac.v1.ReferralService/GetReferral" ||
            !event.allowed()) {
          continue;
        }
        ++shown;
        EXPECT_NE(taken, 0) << "a read was acknowledged after " << taking;
      }
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty());
    EXPECT_EQ(shown, content) << "what was shown and what is in the audit";
  }

  Client NewReader() {
    const std::string login = fmt::format("idva.{}", ++readers_);
    account_ = server_.AddAccount(login, "idva", {v1::ROLE_IDVA});
    return server_.SignIn(login);
  }

  void Update() {
    v1::UpdateAccountRequest request;
    *request.mutable_account() = account_;
    Must(server_.As("admin.council").Call(&Directory::UpdateAccount, request), "update");
  }

  ServerFixture server_;
  v1::Referral referral_;
  v1::ListExcludedPeopleResponse excluded_;
  v1::Account account_;
  int readers_ = 0;
  int reads_ = 0;
};

TEST_F(RaceTest, NoReadIsAcknowledgedAfterAccessWasTakenAway) {
  for (int round = 0; round < kRounds; ++round) {
    const Client shut_out = NewReader();
    Round(shut_out, "marac.v1.ReferralService/ResolveExcludedPerson", [&] {
      v1::ResolveExcludedPersonRequest request;
      request.set_name(excluded_.excluded_people(round).name());
      request.set_answer(v1::EXCLUSION_ANSWER_WORKER);
      request.set_account(shut_out.account());
      Must(server_.As("coordinator.council").Call(&Referrals::ResolveExcludedPerson, request), "shut out");
    });
    const Client suspended = NewReader();
    Round(suspended, "marac.v1.DirectoryService/UpdateAccount", [&] {
      account_.set_suspended(true);
      Update();
    });
    const Client ended = NewReader();
    Round(ended, "marac.v1.DirectoryService/UpdateAccount", [&] {
      *account_.mutable_roles(0)->mutable_from() = domain::DateOf(absl::Now()).AddDays(-10).ToDay();
      *account_.mutable_roles(0)->mutable_to() = domain::DateOf(absl::Now()).AddDays(-1).ToDay();
      Update();
    });
  }
  std::printf("figure: race_reads=%d calls\nfigure: race_rounds=%d\n", reads_, 3 * kRounds);
  EXPECT_THAT(reads_, Ge(3 * kRounds * 6 * kThreads));
}

}  // namespace
}  // namespace marac::testing
