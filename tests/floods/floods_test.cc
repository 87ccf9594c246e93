// Nothing hostile at the door stops an honest client (security catalogue N1 to N4). A real maracd over TLS,
// started and watched as the shipped unit has it, is flooded and attacked in every way that is known to hurt
// its gRPC; each time an honest client then makes a new TLS connection and reads from the database, and at
// the end everything that was acknowledged is still there.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "tests/floods/http2_line.h"
#include "tests/floods/supervisor.h"
#include "tests/support/server_process.h"
#include "tests/support/source_path.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

// Smaller than the shipped unit's, so that a limit that does not hold shows on any machine and in minutes.
constexpr int kConnectionsMax = 300;
constexpr size_t kDescriptors = kConnectionsMax + 512;  // What maracd asks for.
constexpr size_t kMemoryMax = size_t{1} << 30;
constexpr absl::Duration kWatchdog = absl::Seconds(6);
constexpr absl::Duration kHandshake = absl::Seconds(5);
constexpr absl::Duration kCallMax = absl::Seconds(10);
constexpr absl::Duration kUnreadMax = absl::Seconds(30);
constexpr char kDeafSource[] = "127.0.3.11";
constexpr int kPerSource = 20;
constexpr int kPerWebSource = 200;
constexpr char kWebSource[] = "127.0.0.9";
// Start again, open the database, serve: longer than this and the flood has won.
constexpr absl::Duration kRecoveryMax = absl::Seconds(60);
constexpr char kReadPath[] = "/marac.v1.DirectoryService/GetArea";
constexpr size_t kMessageMax = 256 << 10;
// Less than one message of 64 MiB that is kept. A machine that is busy makes further threads, which have
// memory of their own: 29 MiB were seen, and none more with time.
constexpr size_t kSizesGrowthMax = 48 << 20;

int64_t Ms(absl::Duration duration) { return absl::ToInt64Milliseconds(duration); }

// "Name=value" of the shipped unit.
std::string UnitSetting(const std::string& name) {
  std::ifstream unit(SourcePath("deploy/maracd.service"));
  for (std::string line; std::getline(unit, line);) {
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
  }
  return "";
}

// Somewhere else in 127.0.0.0/8 for each number.
std::string SourceOf(int number) {
  return "127.1." + std::to_string(number / 250) + "." + std::to_string(1 + number % 250);
}

size_t DescriptorsOf(pid_t pid) {
  std::error_code gone;
  const std::filesystem::directory_iterator folder("/proc/" + std::to_string(pid) + "/fd", gone);
  return gone ? 0 : static_cast<size_t>(std::distance(begin(folder), end(folder)));
}

// `count` calls from `first` on, each reset as soon as it is made.
std::string RapidResets(uint32_t first, int count) {
  const std::string headers = CallHeaders(kReadPath);
  std::string frames;
  for (uint32_t i = 0; i < static_cast<uint32_t>(count); ++i) {
    frames += Frame(kHeadersFrame, kEndHeadersFlag, first + 2 * i, headers);
    frames += Frame(kResetFrame, 0, first + 2 * i, std::string_view("\x00\x00\x00\x08", 4));
  }
  return frames;
}

// maracd, who watches over it, and the honest client. One for all tests.
class Stand final : public ::testing::Environment {
 public:
  static Stand& Get() { return *instance_; }

  Stand() { instance_ = this; }

  void SetUp() override {
    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    server_ = std::make_unique<ServerProcess>();
    std::ofstream(server_->config_file(), std::ios::app)
        << "limits { connections_max: " << kConnectionsMax << " web_source_addresses: \"" << kWebSource
        << "\" }\n";
    SupervisorOptions options{
        .command = {MARACD_BINARY, "serve", "--config", server_->config_file()},
        .log = server_->folder() + "/log",
        .watchdog = kWatchdog,
        .restart_after = absl::Seconds(std::stoi(UnitSetting("RestartSec"))),
        .memory_bytes_max = kMemoryMax,
        .descriptors_max = kDescriptors,
    };
    std::istringstream codes(UnitSetting("RestartPreventExitStatus"));
    for (int code = 0; codes >> code;) options.final_exit_codes.push_back(code);
    supervisor_ = std::make_unique<Supervisor>(options);
    ASSERT_TRUE(supervisor_->AwaitReady(absl::Seconds(60))) << Log();
    std::printf("the memory limit is kept by: %s\n", supervisor_->memory_guard());
    honest_ = server_->SignIn("admin.council");
    root_pem_ = *ReadSmallFile(server_->folder() + "/tls/root.pem", kPemBytesMax);
    ASSERT_TRUE(Serve(absl::Seconds(10)).ok());
  }

  void TearDown() override {
    if (supervisor_ == nullptr || acknowledged_.empty()) return;
    // All that was acknowledged before an attack, from the server as the last attack left it.
    v1::ListAgenciesRequest request;
    std::vector<std::string> found;
    do {
      const auto page = Fresh().Call(&v1::DirectoryService::Stub::ListAgencies, request);
      ASSERT_OK(page.status());
      for (const v1::Agency& agency : page->agencies()) found.push_back(agency.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_THAT(found, IsSupersetOf(acknowledged_));
    EXPECT_EQ(supervisor_->Stop(), 0) << Log();
    const bool whole = server_->Run({"verify", "--config", server_->config_file()}) == 0;
    EXPECT_TRUE(whole) << Log();
    std::printf("figure: floods_tried=%d attacks\n", tried_);
    std::printf("figure: floods_survived=%d attacks\n", whole ? survived_ : 0);
    std::printf("figure: flood_recovery_ms_max=%lld ms\n", static_cast<long long>(Ms(slowest_)));
    std::printf("figure: flood_restarts=%zu restarts\n", supervisor_->ends().size());
  }

  ServerProcess& server() { return *server_; }
  Supervisor& supervisor() { return *supervisor_; }
  int port() const { return server_->port(); }

  // A new TLS connection of the honest program, with its person's session.
  Client Fresh() { return Client(server_->Channel(), honest_.token(), ""); }

  // A write, sent again with the same request_id until it is answered: that is what a good client does.
  template <typename Method, typename Request>
  auto Persist(Method method, Request request) {
    FillRequestId(request);
    const absl::Time end = absl::Now() + kRecoveryMax;
    while (true) {
      auto answer = Fresh().Call(method, request);
      const absl::StatusCode code = answer.status().code();
      const bool again = code == absl::StatusCode::kUnavailable ||
                         code == absl::StatusCode::kResourceExhausted || code == absl::StatusCode::kCancelled;
      if (!again || absl::Now() > end) return answer;
      absl::SleepFor(absl::Milliseconds(50));
    }
  }

  // What the honest client wants: a new TLS connection, and an answer from the database, within `patience`.
  absl::Status Serve(absl::Duration patience) {
    const std::shared_ptr<grpc::Channel> channel = server_->Channel();
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + patience));
    context.AddMetadata("authorization", "Bearer " + honest_.token());
    v1::GetAreaRequest request;
    request.set_name(ServerProcess::kArea);
    v1::Area area;
    const absl::Status status = ToAbsl(v1::DirectoryService::Stub(channel).GetArea(&context, request, &area));
    if (status.ok() && area.name() != request.name()) return absl::DataLossError("another area came back");
    return status;
  }

  // An acknowledged write, which nothing that follows may undo.
  void Acknowledge() {
    v1::CreateAgencyRequest request;
    const std::string word = "flooded-" + std::to_string(acknowledged_.size());
    request.mutable_agency()->set_name("agencies/" + word);
    request.mutable_agency()->set_display_name(word);
    request.mutable_agency()->add_areas(ServerProcess::kArea);
    ASSERT_OK(Persist(&v1::DirectoryService::Stub::CreateAgency, request).status());
    acknowledged_.push_back(request.agency().name());
  }

  // Tries until the honest client is served; how long that took.
  absl::StatusOr<absl::Duration> Recover() {
    const absl::Time start = absl::Now();
    absl::Status status;
    do {
      if (status = Serve(absl::Seconds(5)); status.ok()) return absl::Now() - start;
      absl::SleepFor(absl::Milliseconds(20));
    } while (absl::Now() - start < kRecoveryMax);
    return status;
  }

  void Count(bool survived, absl::Duration recovery) {
    ++tried_;
    if (survived) ++survived_;
    slowest_ = std::max(slowest_, recovery);
  }

  // A program with a certificate that is enrolled, of the kind that an attacker would steal.
  pki::Identity Enrolled(const std::string& word) {
    const std::string folder = server_->folder();
    const auto pem = rpc::IssueProgramCertificate(folder, "marac.test", "council", word);
    v1::EnrolProgramRequest request;
    request.mutable_program()->set_kind(v1::PROGRAM_KIND_CLI);
    request.mutable_program()->set_agency("agencies/council");
    request.mutable_program()->set_display_name(word);
    request.set_certificate_pem(Must(pem));
    const v1::Program program = Must(Persist(&v1::DirectoryService::Stub::EnrolProgram, request));
    programs_[word] = program.name();
    return Must(
        pki::ReadIdentity(folder + "/programs/" + word + ".key", folder + "/programs/" + word + ".pem"));
  }

  absl::Status Revoke(const std::string& word) {
    v1::RevokeProgramRequest request;
    request.set_name(programs_[word]);
    request.set_reason("floods");
    return Persist(&v1::DirectoryService::Stub::RevokeProgram, request).status();
  }

  // A session through this program; the attacker may be somebody's own.
  std::string SignInAs(const pki::Identity& client) {
    v1::SignInRequest request;
    request.set_login("admin.council");
    request.set_password(ServerProcess::kPassword);
    return Must(Client(ChannelOf(&client), "", "").Call(&v1::SessionService::Stub::SignIn, request)).token();
  }

  // Whether maracd has an open connection from this address, as the kernel has it.
  bool Holds(const char* source) const {
    in_addr address;
    inet_pton(AF_INET, source, &address);
    char local[16];
    char remote[16];
    std::snprintf(local, sizeof local, ":%04X", port());
    std::snprintf(remote, sizeof remote, "%08X:", address.s_addr);
    constexpr char kEstablished[] = " 01 ";
    std::ifstream table("/proc/net/tcp");
    for (std::string line; std::getline(table, line);) {
      const size_t at = line.find(remote);
      const size_t own = line.find(local);
      if (own != std::string::npos && at != std::string::npos && own < at &&
          line.find(kEstablished, at) != std::string::npos) {
        return true;
      }
    }
    return false;
  }

  std::shared_ptr<grpc::Channel> ChannelOf(const pki::Identity* client) {
    return TlsChannel(port(), root_pem_, client);
  }

  std::string Log() const {
    std::ostringstream text;
    text << std::ifstream(server_->folder() + "/log").rdbuf();
    const std::string all = text.str();
    return all.size() < 4000 ? all : all.substr(all.size() - 4000);
  }

 private:
  static constexpr size_t kPemBytesMax = 65536;

  template <typename T>
  static T Must(absl::StatusOr<T> value) {
    EXPECT_OK(value.status());
    return *std::move(value);
  }

  static Stand* instance_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Supervisor> supervisor_;
  Client honest_;
  std::string root_pem_;
  std::map<std::string, std::string> programs_;
  std::vector<std::string> acknowledged_;
  int tried_ = 0;
  int survived_ = 0;
  absl::Duration slowest_;
};

Stand* Stand::instance_ = nullptr;
const ::testing::Environment* const kStand = ::testing::AddGlobalTestEnvironment(new Stand);

// The honest client at work while something hostile goes on: one call after the other, each on a connection
// of its own.
class Meanwhile {
 public:
  Meanwhile() : thread_([this] { Run(); }) {}
  ~Meanwhile() { End(); }

  void End() {
    if (!thread_.joinable()) return;
    over_ = true;
    thread_.join();
    outage_ = std::max(outage_, absl::Now() - last_served_);
    std::printf(
        "  meanwhile: %d of %d honest calls served, the slowest in %lld ms, the longest time without one "
        "%lld ms\n",
        served_, tried_, static_cast<long long>(Ms(slowest_)), static_cast<long long>(Ms(outage_)));
  }

  int tried() const { return tried_; }
  int served() const { return served_; }
  absl::Duration outage() const { return outage_; }
  const absl::Status& last_error() const { return last_error_; }

 private:
  void Run() {
    while (!over_) {
      const absl::Time start = absl::Now();
      const absl::Status status = Stand::Get().Serve(absl::Seconds(5));
      ++tried_;
      if (status.ok()) {
        ++served_;
        slowest_ = std::max(slowest_, absl::Now() - start);
        outage_ = std::max(outage_, absl::Now() - last_served_);
        last_served_ = absl::Now();
      } else {
        last_error_ = status;
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
  }

  std::atomic<bool> over_{false};
  int tried_ = 0;
  int served_ = 0;
  absl::Duration slowest_;
  absl::Duration outage_;  // the longest time without a call that was served
  absl::Time last_served_ = absl::Now();
  absl::Status last_error_;
  std::thread thread_;
};

// Each test is one attack: before it something is acknowledged, after it the honest client is served.
class FloodsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(stand_.Recover().status());
    stand_.Acknowledge();
    ends_before_ = stand_.supervisor().ends().size();
    rss_before_ = ResidentBytes(stand_.supervisor().pid());
  }

  void TearDown() override {
    const absl::StatusOr<absl::Duration> recovery = stand_.Recover();
    EXPECT_OK(recovery.status()) << stand_.Log();
    std::string ends;
    for (const std::string& end : EndsOfThis()) ends += " " + end;
    std::printf("  then: the honest client is served after %lld ms;%s; %zu MiB now, %zu MiB before\n",
                static_cast<long long>(recovery.ok() ? Ms(*recovery) : -1),
                ends.empty() ? " no restart" : (" restarted for" + ends).c_str(),
                ResidentBytes(stand_.supervisor().pid()) >> 20, rss_before_ >> 20);
    std::fflush(stdout);
    stand_.Count(recovery.ok() && !HasFailure(), recovery.value_or(kRecoveryMax));
  }

  std::vector<std::string> EndsOfThis() const {
    std::vector<std::string> ends = stand_.supervisor().ends();
    ends.erase(ends.begin(), ends.begin() + static_cast<long>(ends_before_));
    return ends;
  }

  // Connects `count` times, at most `per_source` from each address, and holds what it gets.
  std::vector<int> Hold(int count, int per_source, int first_source) {
    std::vector<int> held;
    for (int i = 0; i < count; ++i) {
      const int fd = ConnectFrom(SourceOf(first_source + i / per_source).c_str(), stand_.port());
      if (fd >= 0) held.push_back(fd);
    }
    return held;
  }

  // How many of these the server has not closed after `wait`. The rest stay open.
  static int StillOpen(const std::vector<int>& fds, absl::Duration wait) {
    absl::SleepFor(wait);
    return static_cast<int>(std::count_if(fds.begin(), fds.end(), [](int fd) {
      char byte;
      const ssize_t got = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
    }));
  }

  static void Drop(std::vector<int>& fds) {
    for (const int fd : fds) close(fd);
    fds.clear();
  }

  // A line of the attacker's as soon as there can be one: what it did before may have had the server
  // restarted.
  std::unique_ptr<Http2Line> Line(const pki::Identity& client, const char* source,
                                  std::string_view settings = {}) {
    std::unique_ptr<Http2Line> line;
    for (int tries = 0; tries < 3 && line == nullptr; ++tries) {
      line = Http2Line::Open(stand_.port(), &client, source, settings);
      if (line == nullptr) {
        EXPECT_OK(stand_.Recover().status());
      }
    }
    return line;
  }

  // A call by name with these bytes as its message.
  static grpc::Status Raw(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                          const std::string& bytes,
                          const std::function<void(grpc::ClientContext&)>& prepare = {}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (prepare) prepare(context);
    grpc::GenericStub stub(channel);
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, path, {}, &request, &response, [&](grpc::Status outcome) {
      status = std::move(outcome);
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }

  Stand& stand_ = Stand::Get();
  size_t ends_before_ = 0;
  size_t rss_before_ = 0;
};

// --- N1: more connections than there is room for --------------------------------------------------

TEST_F(FloodsTest, TenTimesTheDescriptorsOfConnectsAreHeldAndDropped) {
  const size_t idle = DescriptorsOf(stand_.supervisor().pid());
  std::vector<int> held = Hold(10 * static_cast<int>(kDescriptors), kPerSource, 0);
  EXPECT_GE(held.size(), 9 * kDescriptors);
  EXPECT_LE(StillOpen(held, absl::Milliseconds(500)), kConnectionsMax);
  EXPECT_LE(DescriptorsOf(stand_.supervisor().pid()), idle + kConnectionsMax + 8);
  Drop(held);
  EXPECT_THAT(EndsOfThis(), IsEmpty());
}

// For longer than the supervisor is patient: to be full is not to be dead, and to be restarted for it would
// do the attacker's work.
TEST_F(FloodsTest, AServerThatIsKeptFullIsNotTakenForDead) {
  const absl::Time end = absl::Now() + kWatchdog + absl::Seconds(3);
  std::vector<int> held;
  int rounds = 0;
  int full = 0;
  for (int round = 0; absl::Now() < end; ++round) {
    std::vector<int> more = Hold(kConnectionsMax + 100, kPerSource, 500 + round % 20 * 20);
    // While those of the last round have the places, those of this one are refused.
    const int open = StillOpen(held, absl::ZeroDuration()) + StillOpen(more, absl::ZeroDuration());
    full += open >= kConnectionsMax / 2 ? 1 : 0;
    ++rounds;
    Drop(held);
    held = std::move(more);
  }
  EXPECT_GT(full, rounds / 2);
  Drop(held);
  EXPECT_THAT(EndsOfThis(), IsEmpty()) << stand_.Log();
}

TEST_F(FloodsTest, OneSourceTakesOnlyItsShareWhileOthersAreServed) {
  Meanwhile meanwhile;
  std::vector<int> one;
  for (int i = 0; i < 10 * kPerSource; ++i) one.push_back(ConnectFrom("127.0.0.5", stand_.port()));
  EXPECT_EQ(StillOpen(one, absl::Milliseconds(500)), kPerSource);
  std::vector<int> web;
  for (int i = 0; i < kPerWebSource + 30; ++i) web.push_back(ConnectFrom(kWebSource, stand_.port()));
  EXPECT_EQ(StillOpen(web, absl::Milliseconds(500)), kPerWebSource);
  meanwhile.End();
  EXPECT_EQ(meanwhile.served(), meanwhile.tried()) << meanwhile.last_error();
  Drop(one);
  Drop(web);
  EXPECT_THAT(EndsOfThis(), IsEmpty());
}

// What ends gRPC's own listener for ever.
TEST_F(FloodsTest, DescriptorsRunOut) {
  const pid_t pid = stand_.supervisor().pid();
  rlimit low{.rlim_cur = DescriptorsOf(pid) + 16, .rlim_max = kDescriptors};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &low, nullptr), 0);
  std::vector<int> held = Hold(200, kPerSource, 900);
  EXPECT_GE(static_cast<rlim_t>(DescriptorsOf(pid)) + 1, low.rlim_cur);
  absl::SleepFor(absl::Seconds(1));
  Drop(held);
  EXPECT_OK(stand_.Recover().status());  // Under the low limit still.
  low.rlim_cur = kDescriptors;
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &low, nullptr), 0);
  EXPECT_THAT(EndsOfThis(), IsEmpty());
}

// --- N2: slow ones --------------------------------------------------------------------------------

TEST_F(FloodsTest, WhoDoesNotFinishTheHandshakeIsClosedWhileOthersAreServed) {
  Meanwhile meanwhile;
  // The first bytes of a ClientHello that promises 512.
  constexpr std::string_view kHalf("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  std::vector<int> silent = Hold(kPerSource, kPerSource, 1000);
  std::vector<int> half = Hold(kPerSource, kPerSource, 1001);
  std::vector<int> drip = Hold(kPerSource, kPerSource, 1002);
  const absl::Time start = absl::Now();
  for (const int fd : half) EXPECT_EQ(send(fd, kHalf.data(), kHalf.size(), MSG_NOSIGNAL), 11);
  for (size_t i = 0; i < 4; ++i) {
    for (const int fd : drip) send(fd, kHalf.data() + i, 1, MSG_NOSIGNAL);
    absl::SleepFor(absl::Seconds(1));
  }
  for (const std::vector<int>* fds : {&silent, &half, &drip})
    EXPECT_EQ(StillOpen(*fds, absl::ZeroDuration()), kPerSource);
  for (std::vector<int>* fds : {&silent, &half, &drip}) {
    for (const int fd : *fds)
      EXPECT_TRUE(IsClosedWithin(fd, start + kHandshake + absl::Seconds(2) - absl::Now()));
    Drop(*fds);
  }
  meanwhile.End();
  EXPECT_EQ(meanwhile.served(), meanwhile.tried()) << meanwhile.last_error();
  EXPECT_THAT(EndsOfThis(), IsEmpty());
}

// --- N3: sizes ------------------------------------------------------------------------------------

TEST_F(FloodsTest, MessagesThatAreTooLargeTooDeepOrTooMany) {
  const pki::Identity client = stand_.Enrolled("sizes");
  std::shared_ptr<grpc::Channel> channel;
  const auto code = [&](const std::string& bytes, const std::string& path = kReadPath) {
    return Raw(channel, path, bytes).error_code();
  };
  const auto repeated = [](std::string_view what, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += what;
    return all;
  };
  // An unknown field of bytes (number 1000) that fills the message to its length: tag 2, length 3.
  const auto filled = [](size_t size) {
    const size_t body = size - 5;
    std::string message = "\xc2\x3e";
    message.push_back(static_cast<char>(0x80 | (body & 0x7f)));
    message.push_back(static_cast<char>(0x80 | ((body >> 7) & 0x7f)));
    message.push_back(static_cast<char>(body >> 14));
    return message + std::string(body, 'x');
  };
  // Groups in groups: field 1000, wire types 3 and 4.
  const auto nested = [&](int depth) { return repeated("\xc3\x3e", depth) + repeated("\xc4\x3e", depth); };
  const auto with_header = [](size_t size) {
    return [size](grpc::ClientContext& context) { context.AddMetadata("x-long", std::string(size, 'x')); };
  };
  // AppendAnswersRequest.answers, empty ones.
  const std::string answers = "/marac.v1.AssessmentService/AppendAnswers";
  const std::string million = repeated(std::string_view("\x12\x00", 2), 1'000'000);

  // The first round makes the threads and their memory; those after it must not add to it.
  for (int round = 0; round < 4; ++round) {
    channel = stand_.ChannelOf(&client);
    if (round == 1) rss_before_ = ResidentBytes(stand_.supervisor().pid());
    // Taken, and refused for want of a session.
    EXPECT_EQ(code(filled(kMessageMax - 1)), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(code(filled(kMessageMax)), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(code(filled(kMessageMax + 1)), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(code(million, answers), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(code(million.substr(0, kMessageMax), answers), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(code(nested(99)), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(code(nested(101)), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(code(nested(60'000)), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(code("\xff\xff\xff"), grpc::StatusCode::INTERNAL);
    // Some 64 KiB that would be 64 MiB.
    EXPECT_EQ(Raw(channel, kReadPath, std::string(64 << 20, '\0'),
                  [](grpc::ClientContext& context) { context.set_compression_algorithm(GRPC_COMPRESS_GZIP); })
                  .error_code(),
              grpc::StatusCode::INTERNAL);
    EXPECT_EQ(Raw(channel, kReadPath, "", with_header(7000)).error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(Raw(channel, kReadPath, "", with_header((8 << 10) + 1)).error_code(),
              grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  EXPECT_THAT(EndsOfThis(), IsEmpty());
  EXPECT_LT(ResidentBytes(stand_.supervisor().pid()), rss_before_ + kSizesGrowthMax);
}

// --- N4: HTTP/2 itself ----------------------------------------------------------------------------

// Who is not enrolled never reaches the parser: no frame of HTTP/2 comes back, whatever is sent.
TEST_F(FloodsTest, NobodyWithoutAnEnrolledCertificateReachesTheParser) {
  const std::string folder = stand_.server().folder();
  ASSERT_OK(rpc::IssueProgramCertificate(folder, "marac.test", "council", "unlisted").status());
  ASSERT_OK_AND_ASSIGN(const pki::Identity unlisted, pki::ReadIdentity(folder + "/programs/unlisted.key",
                                                                       folder + "/programs/unlisted.pem"));
  for (const pki::Identity* client : {static_cast<const pki::Identity*>(nullptr), &unlisted}) {
    for (int i = 0; i < 10; ++i) {
      const auto line = Http2Line::Open(stand_.port(), client, "127.0.3.3");
      if (line == nullptr) continue;  // Refused before the handshake was over.
      line->Send(RapidResets(1, 1000), /*keep=*/true);
      EXPECT_FALSE(line->Read(absl::Seconds(5)).has_value());
      EXPECT_TRUE(line->gone());
      EXPECT_EQ(line->frames_read(), 0);
    }
  }
  EXPECT_THAT(EndsOfThis(), IsEmpty());
}

TEST(LimitsTest, TheServerSaysHowManyCallsAndHowMuchMetadataItTakes) {
  const pki::Identity client = Stand::Get().Enrolled("settings");
  const auto line = Http2Line::Open(Stand::Get().port(), &client, "127.0.3.12");
  ASSERT_NE(line, nullptr);
  const auto settings = line->Read(absl::Seconds(10));
  ASSERT_TRUE(settings.has_value());
  ASSERT_EQ(settings->type, kSettingsFrame);
  // SETTINGS_MAX_CONCURRENT_STREAMS and SETTINGS_MAX_HEADER_LIST_SIZE.
  EXPECT_THAT(settings->payload, HasSubstr(std::string("\x00\x03\x00\x00\x00\x80", 6)));
  EXPECT_THAT(settings->payload, HasSubstr(std::string("\x00\x06\x00\x00\x20\x00", 6)));
}

// One bad header ends the attacker's own connection, and nobody else's.
TEST_F(FloodsTest, ABadBinaryHeader) {
  const pki::Identity client = stand_.Enrolled("binary");
  Meanwhile meanwhile;
  for (int i = 0; i < 100; ++i) {
    const auto line = Http2Line::Open(stand_.port(), &client, "127.0.3.9");
    ASSERT_NE(line, nullptr);
    line->Send(Frame(kHeadersFrame, kEndHeadersFlag | kEndStreamFlag, 1,
                     CallHeaders(kReadPath) + Header("x-bin", "!!! not base64 !!!")),
               /*keep=*/true);
    EXPECT_TRUE(line->EndsStream(1, absl::Seconds(5)));
  }
  meanwhile.End();
  EXPECT_EQ(meanwhile.served(), meanwhile.tried()) << meanwhile.last_error();
  EXPECT_THAT(EndsOfThis(), IsEmpty());
}

// The cure for a program that attacks: it is refused on the connection that it has, and gets no other.
TEST_F(FloodsTest, AnAttackingProgramIsRevoked) {
  const pki::Identity client = stand_.Enrolled("revoked");
  const auto channel = stand_.ChannelOf(&client);
  const grpc::Status before = Raw(channel, kReadPath, "");
  EXPECT_EQ(before.error_message(), "sign in first: this call carries no session");
  std::atomic<bool> over{false};
  std::thread attack([&] {
    while (!over) {
      const auto line = Http2Line::Open(stand_.port(), &client, "127.0.3.10");
      if (line == nullptr || !line->Send(RapidResets(1, 500), /*keep=*/true)) return;
    }
  });
  EXPECT_OK(stand_.Revoke("revoked"));
  const grpc::Status after = Raw(channel, kReadPath, "");
  over = true;
  attack.join();
  EXPECT_EQ(after.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(after.error_message(), "this program's certificate is not enrolled here");
  const auto line = Http2Line::Open(stand_.port(), &client, "127.0.3.10");
  if (line != nullptr) {
    EXPECT_FALSE(line->Read(absl::Seconds(5)).has_value());
    EXPECT_TRUE(line->gone());
  }
}

// --- What costs memory, so that the limit may end the server --------------------------------------

// Calls whose answers stay in the server: the attacker lets it send nothing (an HTTP/2 window of 0). Each
// holds one of the threads that answer everybody.
TEST_F(FloodsTest, WhoAsksAndDoesNotReadTheAnswerLosesTheCall) {
  const pki::Identity client = stand_.Enrolled("unread");
  const std::string token = stand_.SignInAs(client);
  std::string request;
  v1::GetAreaRequest message;
  message.set_name(ServerProcess::kArea);
  message.SerializeToString(&request);

  // One that does not even read its socket comes first, because it takes longest until its connection is
  // ended.
  const auto deaf = Line(client, kDeafSource);
  ASSERT_NE(deaf, nullptr);
  const absl::Time deaf_since = absl::Now();
  std::string piece = Frame(kWindowFrame, 0, 0, std::string_view("\x3f\xff\xff\xff", 4));
  for (uint32_t stream = 1; stream < 8'000 && deaf->SendDeaf(piece); stream += 2) {
    piece = Frame(kHeadersFrame, kEndHeadersFlag, stream, CallHeaders(kReadPath)) +
            Frame(kDataFrame, kEndStreamFlag, stream, Message(request));
  }
  ASSERT_OK(stand_.Recover().status());

  Meanwhile meanwhile;
  const absl::Time start = absl::Now();
  constexpr std::string_view kNoWindow("\x00\x04\x00\x00\x00\x00", 6);
  std::vector<std::unique_ptr<Http2Line>> lines;
  for (int i = 0; i < 2; ++i) {
    lines.push_back(Line(client, "127.0.3.1", kNoWindow));
    ASSERT_NE(lines.back(), nullptr);
    std::string calls;
    for (uint32_t stream = 1; stream < 200; stream += 2) {
      calls += Frame(kHeadersFrame, kEndHeadersFlag, stream,
                     CallHeaders(kReadPath) + Header("authorization", "Bearer " + token));
      calls += Frame(kDataFrame, kEndStreamFlag, stream, Message(request));
    }
    ASSERT_TRUE(lines.back()->Send(calls, /*keep=*/true));
  }
  // Those that got a thread lose it when the call has lasted too long, and the rest never had one.
  for (const auto& line : lines) EXPECT_TRUE(line->EndsStream(1, kCallMax + absl::Seconds(5)));
  EXPECT_GE(absl::Now() - start, kCallMax - absl::Seconds(1));
  meanwhile.End();
  // Another program's calls find a thread all the while.
  EXPECT_LT(meanwhile.outage(), kCallMax / 2) << meanwhile.last_error();

  while (stand_.Holds(kDeafSource) && absl::Now() - deaf_since < kUnreadMax + absl::Seconds(20)) {
    absl::SleepFor(absl::Milliseconds(200));
  }
  EXPECT_FALSE(stand_.Holds(kDeafSource));
  std::printf("  the connection that nobody read was ended after %lld ms\n",
              static_cast<long long>(Ms(absl::Now() - deaf_since)));
  EXPECT_THAT(EndsOfThis(), IsEmpty());
}

// One message that says it is 2 GiB long, of which as much is sent as the server lets in.
TEST_F(FloodsTest, AMessageThatClaimsTwoGibibytes) {
  const pki::Identity client = stand_.Enrolled("claims");
  Meanwhile meanwhile;
  const auto line = Line(client, "127.0.3.2");
  ASSERT_NE(line, nullptr);
  int64_t stream_window = 65'535;
  int64_t connection_window = 65'535;
  int64_t initial = 65'535;
  const auto number = [](std::string_view bytes) {
    uint32_t value = 0;
    for (const char c : bytes.substr(0, 4)) value = (value << 8) | static_cast<uint8_t>(c);
    return value;
  };
  bool ended = false;
  // What the server says about how much it takes, until it says nothing for `wait`.
  const auto listen = [&](absl::Duration wait) {
    while (const auto frame = line->Read(wait)) {
      if (frame->type == kWindowFrame) {
        (frame->stream == 0 ? connection_window : stream_window) += number(frame->payload);
      } else if (frame->type == kSettingsFrame && (frame->flags & kAckFlag) == 0) {
        for (size_t at = 0; at + 6 <= frame->payload.size(); at += 6) {
          if (frame->payload[at + 1] != 4) continue;  // SETTINGS_INITIAL_WINDOW_SIZE
          const int64_t now = number(std::string_view(frame->payload).substr(at + 2));
          stream_window += now - std::exchange(initial, now);
        }
        line->Send(Frame(kSettingsFrame, kAckFlag, 0, ""), /*keep=*/true);
      } else if (frame->type == kResetFrame || frame->type == kGoAwayFrame ||
                 (frame->type == kHeadersFrame && (frame->flags & kEndStreamFlag) != 0)) {
        ended = true;
      }
      wait = absl::ZeroDuration();
    }
  };
  line->Send(Frame(kHeadersFrame, kEndHeadersFlag, 1, CallHeaders(kReadPath)) +
                 Frame(kDataFrame, 0, 1, std::string("\x00\x7f\xff\xff\xff", 5)),
             /*keep=*/true);
  stream_window -= 5;
  connection_window -= 5;
  constexpr int64_t kSentMax = int64_t{3} << 29;  // more than the memory that there is
  int64_t sent = 5;
  const std::string payload(16'384, 'x');
  while (!ended && !line->gone() && sent < kSentMax) {
    const int64_t room = std::min({stream_window, connection_window, static_cast<int64_t>(payload.size())});
    if (room <= 0) {
      listen(absl::Seconds(2));
      if (std::min(stream_window, connection_window) <= 0) break;  // It takes no more.
      continue;
    }
    line->Send(Frame(kDataFrame, 0, 1, std::string_view(payload).substr(0, static_cast<size_t>(room))),
               /*keep=*/true);
    stream_window -= room;
    connection_window -= room;
    sent += room;
    listen(absl::ZeroDuration());
  }
  std::printf("  %lld KiB of it taken%s\n", static_cast<long long>(sent >> 10),
              ended || line->gone() ? ", then ended by the server" : "");
}

TEST_F(FloodsTest, RapidReset) {
  const pki::Identity client = stand_.Enrolled("reset");
  Meanwhile meanwhile;
  int sent = 0;
  for (int piece = 0; piece < 20; ++piece) {
    const auto line = Line(client, "127.0.3.4");
    if (line == nullptr) continue;
    if (line->Send(RapidResets(1, 5000))) sent += 5000;
  }
  std::printf("  %d streams opened and reset\n", sent);
}

TEST_F(FloodsTest, AHeaderThatClaimsAGibibyte) {
  const pki::Identity client = stand_.Enrolled("hpack");
  Meanwhile meanwhile;
  const auto line = Line(client, "127.0.3.5");
  ASSERT_NE(line, nullptr);
  // Name "x", and a value of 127 + 2^30 bytes.
  const std::string claim = std::string("\x00\x01x\x7f", 4) + "\x80\x80\x80\x80\x04";
  line->Send(Frame(kHeadersFrame, 0, 1, CallHeaders(kReadPath) + claim));
  const std::string piece = Frame(kContinuationFrame, 0, 1, std::string(16'384, 'x'));
  int sent = 0;
  while (sent < 256 && line->Send(piece)) ++sent;
  std::printf("  %d KiB of it sent\n", sent * 16);
}

TEST_F(FloodsTest, HeadersThatNeverEnd) {
  const pki::Identity client = stand_.Enrolled("endless");
  Meanwhile meanwhile;
  const auto line = Line(client, "127.0.3.6");
  ASSERT_NE(line, nullptr);
  line->Send(Frame(kHeadersFrame, 0, 1, CallHeaders(kReadPath)));
  std::string headers;
  while (headers.size() < 16'000) headers += Header("x", std::string(100, 'x'));
  const std::string piece = Frame(kContinuationFrame, 0, 1, headers);
  int sent = 0;
  while (sent < 512 && line->Send(piece)) ++sent;
  std::printf("  %d KiB of them sent\n", sent * 16);
}

TEST_F(FloodsTest, TwentyThousandStreamsWithoutAcknowledgingTheLimit) {
  const pki::Identity client = stand_.Enrolled("streams");
  Meanwhile meanwhile;
  const auto line = Line(client, "127.0.3.7");
  ASSERT_NE(line, nullptr);
  const std::string headers = CallHeaders(kReadPath);
  int sent = 0;
  for (uint32_t stream = 1; stream < 40'000; stream += 2) {
    if (!line->Send(Frame(kHeadersFrame, kEndHeadersFlag, stream, headers))) break;
    ++sent;
  }
  std::printf("  %d streams opened\n", sent);
}

TEST_F(FloodsTest, PingsAndSettings) {
  const pki::Identity client = stand_.Enrolled("pings");
  Meanwhile meanwhile;
  const std::pair<const char*, std::string> kinds[] = {
      {"pings", Frame(kPingFrame, 0, 0, "12345678")},
      {"settings", Frame(kSettingsFrame, 0, 0, std::string_view("\x00\x04\x00\x01\x00\x00", 6))},
      {"windows", Frame(kWindowFrame, 0, 0, std::string_view("\x00\x00\x00\x01", 4))},
      {"acknowledgements", Frame(kSettingsFrame, kAckFlag, 0, "")},
      {"unknown frames", Frame(static_cast<FrameType>(0x7e), 0, 0, "1234")}};
  for (const auto& [name, frame] : kinds) {
    const auto line = Line(client, "127.0.3.8");
    ASSERT_NE(line, nullptr);
    std::string thousand;
    for (int i = 0; i < 1000; ++i) thousand += frame;
    int sent = 0;
    while (sent < 100 && line->Send(thousand)) ++sent;
    std::printf("  %s: %d thousand sent\n", name, sent);
    // More than two pings too early end the connection.
    if (std::string_view(name) == "pings") {
      EXPECT_TRUE(line->EndsStream(1, absl::Seconds(5)));
    }
  }
}

// --- The watchdog ---------------------------------------------------------------------------------

TEST_F(FloodsTest, AServerThatHangsIsStartedAgain) {
  // It is fed, and not only at its start. What the attack before left in its queues may still end it for want
  // of memory; then the next one is looked at.
  const auto is_fed = [&] {
    const int feeds = stand_.supervisor().feeds();
    absl::SleepFor(kWatchdog / 2);
    return stand_.supervisor().feeds() > feeds;
  };
  EXPECT_TRUE(is_fed() || is_fed());
  const size_t ends = EndsOfThis().size();
  ASSERT_EQ(kill(stand_.supervisor().pid(), SIGSTOP), 0);
  for (int wait = 0; wait < 200 && EndsOfThis().size() == ends; ++wait)
    absl::SleepFor(absl::Milliseconds(100));
  ASSERT_EQ(EndsOfThis().size(), ends + 1);
  EXPECT_EQ(EndsOfThis().back(), "watchdog");
}

}  // namespace
}  // namespace marac::testing
