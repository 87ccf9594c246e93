// Kills maracd under load, again and again, and then asks for everything it ever acknowledged (security
// catalogue D1, decisions on honest tests): each acknowledged write must be there, field by field, exactly
// once, and the audit chain whole. The ledger lives here, in another process than the server, and is written
// when an answer came.
//
//   crash_test [KILLS]      default 50; one kill in ten happens inside a COMMIT
#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_process.h"

namespace marac::testing {
namespace {

constexpr int kWriters = 12;
constexpr int kAcknowledgedALife = 200;
constexpr auto kLifeMax = std::chrono::seconds(60);

// What one person was told is stored. Each writer has one of their own, so nothing here is shared.
struct Ledger {
  std::map<std::string, v1::Assessment> assessments;  // by name, as last acknowledged
  std::map<std::string, v1::Referral> referrals;
  long acknowledged = 0;
};

// One person who writes. A call whose answer never came is repeated with the same request_id, in the next
// life if need be, until it is answered: that is what a good client does, and what must never store anything
// twice.
class Writer {
 public:
  Writer(Client client, unsigned seed) : client_(std::move(client)), random_(seed) {}

  void UseChannel(std::shared_ptr<grpc::Channel> channel) {
    client_ = Client(std::move(channel), client_.token(), client_.account());
  }

  // Writes until the server is gone. Returns when a call fails.
  void Live(std::atomic<long>& acknowledged) {
    while (Step()) {
      ++ledger_.acknowledged;
      ++acknowledged;
    }
  }

  // Repeats what is unanswered.
  bool Settle() { return !pending_ || Step(); }

  const Ledger& ledger() const { return ledger_; }
  const Client& client() const { return client_; }

 private:
  bool Step() {
    if (!pending_) pending_ = NextCall();
    if (!pending_()) return false;
    pending_ = nullptr;
    return true;
  }

  std::function<bool()> NextCall() {
    switch (random_() % 4) {
      case 0:
        return NewReferral();
      case 1:
        return NewAssessment();
      default:
        return open_.empty() ? NewAssessment() : MoreAnswers();
    }
  }

  std::string Words() { return "words " + std::to_string(random_()) + " and " + std::to_string(random_()); }

  std::function<bool()> NewReferral() {
    v1::SaveDraftRequest request;
    request.set_parent(ServerProcess::kArea);
    v1::Referral& referral = *request.mutable_referral();
    referral.mutable_victim()->mutable_name()->set_value(Words());
    referral.mutable_reason()->set_narrative(Words());
    referral.mutable_reason()->set_why_now(Words());
    request.mutable_safe_contact()->mutable_phone()->set_value("01632 960" +
                                                               std::to_string(100 + random_() % 900));
    request.set_request_id(NewUuid());
    return [this, request] {
      const auto answer = client_.Call(&v1::ReferralService::Stub::SaveDraft, request);
      if (!answer.ok()) return Report(answer.status());
      ledger_.referrals[answer->name()] = *answer;
      return true;
    };
  }

  std::function<bool()> NewAssessment() {
    v1::StartAssessmentRequest request;
    request.set_parent(ServerProcess::kArea);
    request.mutable_victim()->mutable_name()->set_value(Words());
    request.set_request_id(NewUuid());
    return [this, request] {
      const auto answer = client_.Call(&v1::AssessmentService::Stub::StartAssessment, request);
      if (!answer.ok()) return Report(answer.status());
      ledger_.assessments[answer->name()] = *answer;
      open_ = answer->name();
      return true;
    };
  }

  std::function<bool()> MoreAnswers() {
    const v1::Assessment& known = ledger_.assessments[open_];
    v1::AppendAnswersRequest request;
    request.set_name(open_);
    request.set_expected_seq(known.last_seq());
    for (const char* item : {"INJ_NOW", "FEAR", "STRANGLE"}) {
      v1::Answer& answer = *request.add_answers();
      answer.set_item(item);
      answer.set_code(random_() % 2 == 0 ? v1::ANSWER_CODE_YES : v1::ANSWER_CODE_NO);
      answer.set_note(Words());
    }
    request.set_request_id(NewUuid());
    return [this, request] {
      const auto answer = client_.Call(&v1::AssessmentService::Stub::AppendAnswers, request);
      if (!answer.ok()) return Report(answer.status());
      ledger_.assessments[answer->name()] = *answer;
      return true;
    };
  }

  // The server being gone is what this is about; any other refusal is a finding.
  static bool Report(const absl::Status& status) {
    if (!absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status)) {
      std::fprintf(stderr, "crash_test: an unexpected refusal: %s\n", status.ToString().c_str());
      unexpected_ = true;
    }
    return false;
  }

  Client client_;
  std::mt19937_64 random_;
  Ledger ledger_;
  std::string open_;
  std::function<bool()> pending_;

 public:
  static inline std::atomic<bool> unexpected_{false};
};

struct Findings {
  long lost = 0;
  long doubled = 0;
};

bool Same(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

// Reads everything a person was told back through the API.
void ReadBack(const Writer& writer, Findings& findings) {
  for (const auto& [name, told] : writer.ledger().assessments) {
    v1::GetAssessmentRequest request;
    request.set_name(name);
    const auto read = writer.client().Call(&v1::AssessmentService::Stub::GetAssessment, request);
    if (!read.ok() || !Same(*read, told)) ++findings.lost;
  }
  for (const auto& [name, told] : writer.ledger().referrals) {
    v1::GetReferralRequest request;
    request.set_name(name);
    const auto read = writer.client().Call(&v1::ReferralService::Stub::GetReferral, request);
    if (!read.ok() || !Same(*read, told)) ++findings.lost;
  }
  // Whatever is stored beyond the ledger was stored twice: every unanswered call was repeated to its end.
  v1::ListReferralsRequest referrals;
  referrals.set_parent(ServerProcess::kArea);
  referrals.set_mine(true);
  referrals.set_page_size(100);
  do {
    const auto page = writer.client().Call(&v1::ReferralService::Stub::ListReferrals, referrals);
    if (!page.ok()) {
      ++findings.lost;
      break;
    }
    for (const v1::Referral& referral : page->referrals()) {
      if (!writer.ledger().referrals.contains(referral.name())) ++findings.doubled;
    }
    referrals.set_page_token(page->next_page_token());
  } while (!referrals.page_token().empty());
  v1::ListAssessmentsRequest assessments;
  assessments.set_parent(ServerProcess::kArea);
  assessments.set_mine(true);
  assessments.set_page_size(100);
  do {
    const auto page = writer.client().Call(&v1::AssessmentService::Stub::ListAssessments, assessments);
    if (!page.ok()) {
      ++findings.lost;
      break;
    }
    for (const v1::Assessment& assessment : page->assessments()) {
      if (!writer.ledger().assessments.contains(assessment.name())) ++findings.doubled;
    }
    assessments.set_page_token(page->next_page_token());
  } while (!assessments.page_token().empty());
}

int Main(int kills_wanted) {
  std::mt19937_64 random(20261121);
  ServerProcess server;
  if (!server.Start()) {
    std::fprintf(stderr, "crash_test: maracd did not start\n");
    return 1;
  }
  server.AddAgency("police");
  std::vector<std::unique_ptr<Writer>> writers;
  for (int i = 0; i < kWriters; ++i) {
    const std::string login = "writer" + std::to_string(i) + ".police";
    server.AddAccount(login, "police", v1::ROLE_REFERRER);
    writers.push_back(std::make_unique<Writer>(server.SignIn(login), static_cast<unsigned>(random())));
  }

  int kills = 0;
  int kills_in_commit = 0;
  int thin_lives = 0;
  bool dead = false;
  for (int life = 0; life < kills_wanted && !dead; ++life) {
    const bool in_commit = life % 10 == 9;
    server.Kill();  // The first time: ends the life that made the people.
    std::vector<std::string> environment;
    if (in_commit) {
      environment = {"LD_PRELOAD=" KILL_IN_COMMIT_LIBRARY,
                     "MARAC_KILL_AT_SYNC=" + std::to_string(150 + random() % 100)};
      if (random() % 2 == 0) environment.push_back("MARAC_KILL_AFTER_SYNC=1");
    }
    if (!server.Start(environment)) {
      std::fprintf(stderr, "crash_test: maracd did not start again after %d kills\n", kills);
      dead = true;
      break;
    }
    std::atomic<long> acknowledged{0};
    std::vector<std::thread> threads;
    for (auto& writer : writers) {
      writer->UseChannel(server.Channel());
      threads.emplace_back([&acknowledged, w = writer.get()] { w->Live(acknowledged); });
    }
    const long wanted = kAcknowledgedALife + static_cast<long>(random() % 200);
    const auto start = std::chrono::steady_clock::now();
    // A life that is to end inside a COMMIT ends by itself.
    while (std::chrono::steady_clock::now() - start < kLifeMax &&
           (in_commit ? !server.HasEnded() : acknowledged < wanted)) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    if (in_commit && server.HasEnded()) ++kills_in_commit;
    server.Kill();
    ++kills;
    for (std::thread& thread : threads) thread.join();
    if (!in_commit && acknowledged < kAcknowledgedALife) ++thin_lives;
  }

  Findings findings;
  long acknowledged = 0;
  bool stopped_well = false;
  bool chain_whole = false;
  if (!dead && server.Start()) {
    for (auto& writer : writers) {
      writer->UseChannel(server.Channel());
      if (!writer->Settle()) ++findings.lost;
    }
    for (auto& writer : writers) {
      ReadBack(*writer, findings);
      acknowledged += writer->ledger().acknowledged;
    }
    const int stopped = server.Stop();
    const int verified = server.Run({"verify", "--config", server.config_file()});
    if (stopped != 0) std::fprintf(stderr, "crash_test: the last stop ended with %d\n", stopped);
    if (verified != 0) std::fprintf(stderr, "crash_test: maracd verify ended with %d\n", verified);
    stopped_well = stopped == 0;
    chain_whole = verified == 0;
  } else {
    dead = true;
  }
  std::printf("figure: kills=%d kills\n", kills);
  std::printf("figure: kills_in_commit=%d kills\n", kills_in_commit);
  std::printf("figure: acked_writes=%ld writes\n", acknowledged);
  std::printf("figure: acked_lost=%ld writes\n", findings.lost);
  std::printf("figure: stored_twice=%ld writes\n", findings.doubled);
  const bool kept = !dead && findings.lost == 0 && findings.doubled == 0 && stopped_well && chain_whole &&
                    thin_lives == 0 && kills == kills_wanted && kills_in_commit == kills_wanted / 10 &&
                    !Writer::unexpected_;
  if (!chain_whole) std::fprintf(stderr, "crash_test: the audit chain does not verify\n");
  if (thin_lives > 0)
    std::fprintf(stderr, "crash_test: %d lives acknowledged fewer than %d\n", thin_lives, kAcknowledgedALife);
  std::printf("%d passed, %d failed\n", kept ? 1 : 0, kept ? 0 : 1);
  return kept ? 0 : 1;
}

}  // namespace
}  // namespace marac::testing

int main(int argc, char** argv) { return marac::testing::Main(argc > 1 ? atoi(argv[1]) : 50); }
