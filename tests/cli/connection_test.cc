// One way to make every call: token, deadline, one request_id for all repeats, and errors that say what to
// do.
#include "cli/connection.h"

#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <deque>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "base/file.h"
#include "cli/exit_code.h"
#include "domain/errors.h"
#include "marac/v1/action_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_fixture.h"

namespace marac::cli {
namespace {

using absl::StatusCode;
using ::marac::testing::IsOk;
using ::marac::testing::Must;
using ::marac::testing::MustBeOk;
using ::marac::testing::Refuses;
using ::marac::testing::TlsFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Answers with the statuses it was told to, then with OK; remembers what came.
class ScriptedServer final : public v1::ActionService::Service {
 public:
  explicit ScriptedServer(const TlsFixture& tls) {
    const config::v1::ServerConfig config = tls.ServerConfig();
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = tls.root_pem();
    options.pem_key_cert_pairs.push_back({Must(ReadSmallFile(config.tls().private_key_file(), 65536)),
                                          Must(ReadSmallFile(config.tls().certificate_chain_file(), 65536))});
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~ScriptedServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void AnswerNext(grpc::Status status) { answers_.push_back(std::move(status)); }
  std::vector<std::string> request_ids() {
    const std::lock_guard lock(mutex_);
    return request_ids_;
  }
  std::string authorization() {
    const std::lock_guard lock(mutex_);
    return authorization_;
  }
  absl::Duration time_given() {
    const std::lock_guard lock(mutex_);
    return time_given_;
  }

  grpc::Status AcceptAction(grpc::ServerContext* context, const v1::AcceptActionRequest* request,
                            v1::Action* response) override {
    const std::lock_guard lock(mutex_);
    request_ids_.push_back(request->request_id());
    const auto found = context->client_metadata().find("authorization");
    authorization_ = found == context->client_metadata().end()
                         ? std::string()
                         : std::string(found->second.data(), found->second.size());
    time_given_ = absl::FromChrono(context->deadline()) - absl::Now();
    response->set_name(request->name());
    if (answers_.empty()) return grpc::Status::OK;
    const grpc::Status status = answers_.front();
    answers_.pop_front();
    return status;
  }

 private:
  std::mutex mutex_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::deque<grpc::Status> answers_;
  std::vector<std::string> request_ids_;
  std::string authorization_;
  absl::Duration time_given_;
};

grpc::Status Detailed(grpc::StatusCode code, const std::string& sentence, const std::string& reason,
                      const std::string& field = {}) {
  v1::ErrorDetail detail;
  detail.set_reason(reason);
  if (!field.empty()) {
    auto* violation = detail.add_field_violations();
    violation->set_field(field);
    violation->set_description("give it");
  }
  return {code, sentence, detail.SerializeAsString()};
}

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() : server_(tls_) {
    MustBeOk(pki::WriteIdentity(tls_.Issue("laptop"), tls_.folder(), "laptop"));
    std::ofstream(tls_.folder() + "/authority.pem") << tls_.root_pem();
    config_.set_server_address(server_.address());
    config_.set_server_name("127.0.0.1");
    config_.set_authority_file(tls_.folder() + "/authority.pem");
    config_.set_certificate_file(tls_.folder() + "/laptop.pem");
    config_.set_private_key_file(tls_.folder() + "/laptop.key");
    config_.set_timeout_ms(30'000);
  }

  absl::StatusOr<Connection> Open() {
    return Connection::Open(config_, [this](std::string_view note) { notes_.emplace_back(note); });
  }
  absl::StatusOr<v1::Action> Accept(const Connection& connection, const CallOptions& options = {}) {
    v1::AcceptActionRequest request;
    request.set_name("areas/test/actions/x1");
    return connection.Call(&v1::ActionService::Stub::AcceptAction, request, options);
  }

  TlsFixture tls_;
  ScriptedServer server_;
  config::v1::ClientConfig config_;
  std::vector<std::string> notes_;
};

TEST_F(ConnectionTest, ACallCarriesTokenDeadlineAndAUuid) {
  Connection connection = Must(Open());
  connection.set_token("the-token");
  ASSERT_THAT(Accept(connection), IsOk());
  EXPECT_EQ(server_.authorization(), "Bearer the-token");
  EXPECT_LE(server_.time_given(), absl::Seconds(10));
  ASSERT_THAT(server_.request_ids(), SizeIs(1));
  EXPECT_THAT(server_.request_ids()[0],
              ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST_F(ConnectionTest, ARequestThatIsTooLongIsWrongInputAndNamesItsLongestText) {
  const Connection connection = Must(Open());
  // More than any server reads: nothing is sent.
  v1::ReportActionRequest request;
  request.set_name("areas/test/actions/x1");
  request.set_text(std::string(kRequestBytesMax, 'x'));
  const auto refused = connection.Call(&v1::ActionService::Stub::ReportAction, request);
  EXPECT_THAT(refused, Refuses(absl::StatusCode::kInvalidArgument, "text: shorten this text"));
  EXPECT_EQ(ExitCodeOf(refused.status()), ExitCode::kWrongInput);
  // A server's own limit, in its library's words.
  server_.AnswerNext(
      {grpc::StatusCode::RESOURCE_EXHAUSTED, "Received message larger than max (300000 vs. 262144)"});
  EXPECT_THAT(Accept(connection), Refuses(absl::StatusCode::kInvalidArgument, "shorten this text"));
  EXPECT_THAT(server_.request_ids(), SizeIs(1));
}

TEST_F(ConnectionTest, ARepeatedWriteCarriesTheSameRequestIdAndANewCallAnother) {
  const Connection connection = Must(Open());
  server_.AnswerNext({grpc::StatusCode::UNAVAILABLE, "cut"});
  server_.AnswerNext({grpc::StatusCode::DEADLINE_EXCEEDED, "late"});
  ASSERT_THAT(Accept(connection), IsOk());
  ASSERT_THAT(Accept(connection), IsOk());
  const std::vector<std::string> ids = server_.request_ids();
  ASSERT_THAT(ids, SizeIs(4));
  EXPECT_EQ(ids[1], ids[0]);
  EXPECT_EQ(ids[2], ids[0]);
  EXPECT_NE(ids[3], ids[0]);
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("trying again (2 of 5)"), HasSubstr("trying again (3 of 5)")));
}

TEST_F(ConnectionTest, ABusyServerIsAskedAgainAndALimitIsNot) {
  const Connection connection = Must(Open());
  server_.AnswerNext(Detailed(grpc::StatusCode::RESOURCE_EXHAUSTED, "queue full", "BUSY"));
  EXPECT_THAT(Accept(connection), IsOk());
  server_.AnswerNext(Detailed(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many tries", "TOO_MANY_TRIES"));
  EXPECT_THAT(Accept(connection), Refuses(StatusCode::kResourceExhausted, "too many tries"));
  EXPECT_THAT(server_.request_ids(), SizeIs(3));
}

TEST_F(ConnectionTest, RefusalsAreNotRepeatedAndKeepTheirFields) {
  const Connection connection = Must(Open());
  server_.AnswerNext(Detailed(grpc::StatusCode::FAILED_PRECONDITION, "not complete", "NOT_COMPLETE", "a.b"));
  const auto refused = Accept(connection);
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "not complete"));
  const v1::ErrorDetail detail = domain::DetailOf(refused.status());
  EXPECT_EQ(detail.reason(), "NOT_COMPLETE");
  ASSERT_EQ(detail.field_violations_size(), 1);
  EXPECT_EQ(detail.field_violations(0).field(), "a.b");
  EXPECT_THAT(server_.request_ids(), SizeIs(1));
}

TEST_F(ConnectionTest, WhatTheServerWouldDoTwiceIsNotRepeated) {
  const Connection connection = Must(Open());
  server_.AnswerNext({grpc::StatusCode::UNAVAILABLE, "cut"});
  EXPECT_THAT(Accept(connection, {.repeat = false}), Refuses(StatusCode::kUnavailable, "try again later"));
  EXPECT_THAT(server_.request_ids(), SizeIs(1));
}

TEST_F(ConnectionTest, RepeatsEndAndTheErrorNamesTheServer) {
  const Connection connection = Must(Open());
  for (int i = 0; i < 9; ++i) server_.AnswerNext({grpc::StatusCode::UNAVAILABLE, "cut"});
  EXPECT_THAT(Accept(connection), Refuses(StatusCode::kUnavailable, server_.address()));
  EXPECT_THAT(server_.request_ids(), SizeIs(5));
}

TEST_F(ConnectionTest, NoServerIsTryAgainWithinTheTime) {
  config_.set_server_address("127.0.0.1:1");
  config_.set_timeout_ms(600);
  const Connection connection = Must(Open());
  const absl::Time before = absl::Now();
  EXPECT_THAT(Accept(connection), Refuses(StatusCode::kUnavailable, "127.0.0.1:1 cannot be reached"));
  EXPECT_LT(absl::Now() - before, absl::Seconds(3));
}

TEST_F(ConnectionTest, AServerOfAnotherAuthorityOrNameIsNotSpokenTo) {
  config_.set_timeout_ms(300);
  config_.set_server_name("elsewhere.example");
  EXPECT_THAT(Accept(Must(Open())), Refuses(StatusCode::kUnavailable, "cannot be reached"));
  config_.set_server_name("127.0.0.1");
  const TlsFixture other;
  std::ofstream(tls_.folder() + "/authority.pem") << other.root_pem();
  EXPECT_THAT(Accept(Must(Open())), Refuses(StatusCode::kUnavailable, "cannot be reached"));
  EXPECT_TRUE(server_.request_ids().empty());
}

TEST_F(ConnectionTest, AKeyThatOthersCanReadIsRefused) {
  ASSERT_EQ(chmod(config_.private_key_file().c_str(), 0644), 0);
  const auto refused = Open();
  EXPECT_EQ(ExitCodeOf(refused.status()), ExitCode::kSetUp);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("private_key_file"));
}

TEST_F(ConnectionTest, FilesThatDoNotBelongTogetherOrHaveExpiredAreRefused) {
  MustBeOk(pki::WriteIdentity(tls_.Issue("other"), tls_.folder(), "other"));
  config_.set_private_key_file(tls_.folder() + "/other.key");
  EXPECT_EQ(ExitCodeOf(Open().status()), ExitCode::kSetUp);
  MustBeOk(pki::WriteIdentity(tls_.Issue("old", absl::Now() - absl::Hours(48), absl::Hours(24)),
                              tls_.folder(), "old"));
  config_.set_private_key_file(tls_.folder() + "/old.key");
  config_.set_certificate_file(tls_.folder() + "/old.pem");
  const auto expired = Open();
  EXPECT_EQ(ExitCodeOf(expired.status()), ExitCode::kSetUp);
  EXPECT_THAT(std::string(expired.status().message()), HasSubstr("expired"));
}

}  // namespace
}  // namespace marac::cli
