// The whole transport over real TLS on loopback. Rows of the table in the security design: A3 (certificates),
// N1 (descriptor flood), N2 (silent connections), N3 (sizes).
#include "rpc/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "rpc/tls.h"
#include "support/echo_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_fixture.h"

namespace marac::rpc {
namespace {

using absl::StatusCode;
using marac::testing::Refuses;
using marac::testing::TlsFixture;
using test::v1::EchoRequest;
using test::v1::EchoResponse;
using test::v1::EchoService;

constexpr char kEchoPath[] = "/marac.test.v1.EchoService/Echo";

class EchoHandler final : public EchoService::Service {
 public:
  explicit EchoHandler(std::atomic<int>* running) : running_(running) {}

  grpc::Status Echo(grpc::ServerContext*, const EchoRequest* request, EchoResponse* response) override {
    ++*running_;
    absl::SleepFor(absl::Milliseconds(request->wait_ms()));
    response->set_body(request->body());
    --*running_;
    return grpc::Status::OK;
  }

 private:
  std::atomic<int>* const running_;
};

bool OnlyEcho(std::string_view path) { return path == kEchoPath; }

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() : config_(tls_.ServerConfig()) {}

  void Start() { ASSERT_OK_AND_ASSIGN(server_, TryStart(OnlyEcho)); }

  absl::StatusOr<std::unique_ptr<RpcServer>> TryStart(HasRule has_rule) {
    std::vector<NamedService> services;
    services.push_back({EchoService::service_full_name(), std::make_unique<EchoHandler>(&running_)});
    return RpcServer::Start(config_, std::move(services), tls_.registry(), std::move(has_rule),
                            std::make_shared<OpenCalls>(config_.limits()));
  }

  std::shared_ptr<grpc::Channel> Channel(const pki::Identity* client) {
    return tls_.Channel(server_->port(), client);
  }

  static grpc::Status CallEcho(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& body = "hello", int wait_ms = 0) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    EchoRequest request;
    request.set_body(body);
    request.set_wait_ms(wait_ms);
    EchoResponse response;
    const grpc::Status status = EchoService::NewStub(channel)->Echo(&context, request, &response);
    if (status.ok()) {
      EXPECT_EQ(response.body(), body);
    }
    return status;
  }

  // A call by name with an empty request; `answer` receives the bytes of the response.
  static grpc::Status Generic(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                              std::string* answer) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    grpc::GenericStub stub(channel);
    const grpc::Slice none;
    const grpc::ByteBuffer request(&none, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    absl::Notification done;
    stub.UnaryCall(&context, path, {}, &request, &response, [&](grpc::Status outcome) {
      status = std::move(outcome);
      done.Notify();
    });
    done.WaitForNotification();
    grpc::Slice bytes;
    if (status.ok() && response.DumpToSingleSlice(&bytes).ok()) {
      answer->assign(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
    }
    return status;
  }

  // What an outsider without gRPC sees in a TLS handshake of this version: the kind of the server's key
  // (EVP_PKEY_EC ...) when it succeeds and the server then speaks HTTP/2, else 0. `session` receives the
  // session, and is resumed when it holds one.
  int RawHandshake(int version, const pki::Identity& client, SSL_SESSION** session = nullptr) const;
  int RawConnect() const;

  // Waits for gRPC to have closed every connection, up to five seconds.
  bool NothingHeld() const {
    for (int wait = 0; wait < 500 && server_->figures().held != 0; ++wait)
      absl::SleepFor(absl::Milliseconds(10));
    return server_->figures().held == 0;
  }

  // Runs an openssl command in the fixture's folder.
  void OpenSsl(const std::string& arguments) const {
    ASSERT_EQ(std::system(("cd " + tls_.folder() + " && openssl " + arguments + " 2>openssl.log").c_str()),
              0);
  }

  TlsFixture tls_;
  config::v1::ServerConfig config_;
  std::atomic<int> running_{0};
  std::unique_ptr<RpcServer> server_;
};

int ServerTest::RawConnect() const {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(server_->port()));
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return fd;
}

int ServerTest::RawHandshake(int version, const pki::Identity& client, SSL_SESSION** session) const {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  const std::string key_pem(client.key_pem.Reveal());
  BIO* key_bio = BIO_new_mem_buf(key_pem.data(), -1);
  BIO* leaf_bio = BIO_new_mem_buf(client.certificates_pem.data(), -1);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  X509* leaf = PEM_read_bio_X509(leaf_bio, nullptr, nullptr, nullptr);
  X509* intermediate = PEM_read_bio_X509(leaf_bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context.get(), leaf);
  SSL_CTX_use_PrivateKey(context.get(), key);
  SSL_CTX_add0_chain_cert(context.get(), intermediate);
  X509_free(leaf);
  EVP_PKEY_free(key);
  BIO_free(key_bio);
  BIO_free(leaf_bio);
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  const unsigned char alpn[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), alpn, sizeof alpn);
  const bool resume = session != nullptr && *session != nullptr;
  if (resume) SSL_set_session(ssl.get(), *session);
  const int fd = RawConnect();
  SSL_set_fd(ssl.get(), fd);
  char byte;
  // In TLS 1.3 the client is done before the server has judged its certificate, so the first bytes of HTTP/2
  // (the server's settings) are the proof.
  const bool served = SSL_connect(ssl.get()) == 1 && SSL_read(ssl.get(), &byte, 1) == 1;
  close(fd);
  if (served && session != nullptr && !resume) *session = SSL_get1_session(ssl.get());
  return served ? EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(ssl.get()))) : 0;
}

// A certificate as our own authority would never make it.
struct Wish {
  const char* name;
  const char* usage = "clientAuth";
  bool is_authority = false;
  absl::Time start = absl::Now() - absl::Hours(1);
  absl::Time end = absl::Now() + absl::Hours(24);
  std::string alternative_names = {};
};

// With a new key, and the issuer's chain behind it; null: signed by itself.
pki::Identity MakeCertificate(const Wish& wish, const pki::Identity* issuer) {
  const auto read_key = [](std::string_view pem) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    return key;
  };
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* made = X509_new();
  X509* above = made;
  EVP_PKEY* signing_key = key;
  if (issuer != nullptr) {
    BIO* bio = BIO_new_mem_buf(issuer->certificates_pem.data(), -1);
    above = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    signing_key = read_key(issuer->key_pem.Reveal());
  }
  static std::atomic<long> serial{1};
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  ASN1_TIME_set(X509_getm_notBefore(made), absl::ToTimeT(wish.start));
  ASN1_TIME_set(X509_getm_notAfter(made), absl::ToTimeT(wish.end));
  X509_set_pubkey(made, key);
  const std::string common_name = wish.name + std::to_string(serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made, X509_get_subject_name(above));
  X509V3_CTX context;
  X509V3_set_ctx(&context, above, made, nullptr, nullptr, 0);
  const auto extend = [&](int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    EXPECT_NE(extension, nullptr) << value;
    X509_add_ext(made, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, wish.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(NID_key_usage, wish.is_authority ? "critical,keyCertSign" : "critical,digitalSignature");
  if (!wish.is_authority) extend(NID_ext_key_usage, wish.usage);
  if (!wish.alternative_names.empty()) extend(NID_subject_alt_name, wish.alternative_names.c_str());
  EXPECT_GT(X509_sign(made, signing_key, EVP_sha256()), 0);

  const auto text_of = [](const std::function<void(BIO*)>& write) {
    BIO* bio = BIO_new(BIO_s_mem());
    write(bio);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    std::string text(bytes, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  };
  pki::Identity identity;
  identity.key_pem = Secret(
      text_of([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); }));
  identity.certificates_pem = text_of([&](BIO* bio) { PEM_write_bio_X509(bio, made); });
  if (issuer != nullptr) {
    identity.certificates_pem += issuer->certificates_pem;
    X509_free(above);
    EVP_PKEY_free(signing_key);
  }
  X509_free(made);
  EVP_PKEY_free(key);
  return identity;
}

TEST_F(ServerTest, AnEnrolledProgramIsServed) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  for (int i = 0; i < 20; ++i) {
    const grpc::Status status = CallEcho(channel);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_EQ(server_->figures().held, 1u);
}

// A3. Each of these fails before any handler, and the server goes on serving.
TEST_F(ServerTest, FourteenKindsOfCertificateThatAreNotGoodAreRefused) {
  Start();
  const absl::Time now = absl::Now();
  const pki::Authority other = marac::testing::Must(pki::CreateAuthority(TlsFixture::kOrigin, now));
  const pki::Identity& intermediate = tls_.authority().intermediate;
  const pki::Identity good = tls_.Enrolled("laptop");
  int refused = 0;
  const auto expect_refused = [&](const char* kind, bool is_refused) {
    EXPECT_TRUE(is_refused) << kind;
    if (is_refused) ++refused;
  };
  const auto is_refused = [&](const pki::Identity* identity) {
    return CallEcho(Channel(identity)).error_code() == grpc::StatusCode::UNAVAILABLE;
  };
  // Enrolled, so that nothing but the certificate itself is at fault.
  const auto enrolled_is_refused = [&](const pki::Identity& identity) {
    tls_.Enrol(identity, "p");
    return is_refused(&identity);
  };
  // What follows is refused for what it says, and not for how it was made.
  EXPECT_FALSE(enrolled_is_refused(MakeCertificate({.name = "good"}, &intermediate)));
  expect_refused("none", is_refused(nullptr));
  expect_refused("self-signed", enrolled_is_refused(MakeCertificate({.name = "self"}, nullptr)));
  expect_refused("another authority's of the same name",
                 enrolled_is_refused(marac::testing::Must(
                     pki::IssueProgram(other.intermediate, TlsFixture::kOrigin, "police", "p", now))));
  expect_refused("expired", enrolled_is_refused(tls_.Issue("p", now - absl::Hours(48), absl::Hours(24))));
  expect_refused("not yet valid", enrolled_is_refused(tls_.Issue("p", now + absl::Hours(24))));
  const pki::Identity unlisted = tls_.Issue("stranger");
  expect_refused("not enrolled", is_refused(&unlisted));
  // What counts is the certificate, and not what it calls itself.
  const pki::Identity namesake =
      marac::testing::Must(pki::IssueProgram(intermediate, TlsFixture::kOrigin, "health", "laptop", now));
  expect_refused("another agency's, with the name of an enrolled program", is_refused(&namesake));
  expect_refused("for servers only",
                 enrolled_is_refused(MakeCertificate({.name = "p", .usage = "serverAuth"}, &intermediate)));
  const pki::Identity old = MakeCertificate(
      {.name = "Old", .is_authority = true, .start = now - absl::Hours(48), .end = now - absl::Hours(24)},
      &tls_.authority().root);
  expect_refused("under an intermediate that has ended",
                 enrolled_is_refused(MakeCertificate({.name = "p"}, &old)));
  pki::Identity deep = intermediate;
  for (int i = 0; i < 20; ++i) deep = MakeCertificate({.name = "Deep", .is_authority = true}, &deep);
  expect_refused("under a chain of twenty", enrolled_is_refused(MakeCertificate({.name = "p"}, &deep)));
  std::string names = "DNS:a.example";
  while (names.size() < (16 << 10)) names += ",DNS:" + std::string(60, 'a') + ".example";
  const pki::Identity wordy = MakeCertificate({.name = "p", .alternative_names = names}, &intermediate);
  expect_refused("with 16 KiB of names", is_refused(&wordy));
  const pki::Identity resumed = tls_.Enrolled("resumed");
  SSL_SESSION* session = nullptr;
  ASSERT_EQ(RawHandshake(TLS1_3_VERSION, resumed, &session), EVP_PKEY_EC);
  ASSERT_TRUE(tls_.registry()->Revoke("resumed"));
  expect_refused("resumed after it was revoked", RawHandshake(TLS1_3_VERSION, resumed, &session) == 0);
  SSL_SESSION_free(session);
  expect_refused("by TLS 1.2", RawHandshake(TLS1_2_VERSION, good) == 0);
  EXPECT_TRUE(CallEcho(Channel(&good)).ok());
  OpenSsl("req -x509 -nodes -subj /CN=maracd -newkey rsa:2048 -keyout server.key -out server.pem");
  expect_refused("the server's own with an RSA key", !TryStart(OnlyEcho).ok());
  std::printf("figure: certificates_refused=%d kinds\n", refused);
}

TEST_F(ServerTest, ARevokedProgramIsRefusedOnItsNextCallAndItsNextConnection) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const pki::Identity bystander = tls_.Enrolled("desktop");
  const auto channel = Channel(&client);
  ASSERT_TRUE(CallEcho(channel).ok());
  ASSERT_TRUE(tls_.registry()->Revoke("laptop"));
  const grpc::Status status = CallEcho(channel);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(status.error_message(), "this program's certificate is not enrolled here");
  EXPECT_EQ(CallEcho(Channel(&client)).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(CallEcho(Channel(&bystander)).ok());
}

TEST_F(ServerTest, OnlyTls13IsSpoken) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  EXPECT_EQ(RawHandshake(TLS1_3_VERSION, client), EVP_PKEY_EC);
  EXPECT_EQ(RawHandshake(TLS1_2_VERSION, client), 0);
  EXPECT_EQ(RawHandshake(TLS1_1_VERSION, client), 0);
}

TEST_F(ServerTest, AProgramThatIsNotEnrolledNeverReachesHttp2) {
  Start();
  EXPECT_EQ(RawHandshake(TLS1_3_VERSION, tls_.Issue("stranger")), 0);
}

// A3. A resumed session brings no certificate of its own to judge.
TEST_F(ServerTest, AResumedSessionOfARevokedProgramIsRefused) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  SSL_SESSION* session = nullptr;
  ASSERT_EQ(RawHandshake(TLS1_3_VERSION, client, &session), EVP_PKEY_EC);
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(RawHandshake(TLS1_3_VERSION, client, &session), EVP_PKEY_EC);
  ASSERT_TRUE(tls_.registry()->Revoke("laptop"));
  EXPECT_EQ(RawHandshake(TLS1_3_VERSION, client, &session), 0);
  SSL_SESSION_free(session);
}

TEST_F(ServerTest, AServerKeyThatIsNotP256IsRefused) {
  OpenSsl("req -x509 -nodes -subj /CN=maracd -newkey rsa:2048 -keyout server.key -out server.pem");
  EXPECT_THAT(TryStart(OnlyEcho),
              Refuses(StatusCode::kFailedPrecondition, "tls.private_key_file: is not an ECDSA"));
}

TEST_F(ServerTest, WrongCertificateFilesAreNamedBySetting) {
  const auto with = [&](const std::function<void(config::v1::TlsFiles&)>& change) {
    config_ = tls_.ServerConfig();
    change(*config_.mutable_tls());
    return TryStart(OnlyEcho);
  };
  const std::string folder = tls_.folder();
  EXPECT_THAT(with([&](auto& f) { f.set_private_key_file(folder + "/none"); }),
              Refuses(StatusCode::kFailedPrecondition, "tls.private_key_file: "));
  EXPECT_THAT(with([&](auto& f) { f.set_certificate_chain_file(folder + "/none"); }),
              Refuses(StatusCode::kFailedPrecondition, "tls.certificate_chain_file: "));
  EXPECT_THAT(with([&](auto& f) { f.set_authority_file(folder + "/none"); }),
              Refuses(StatusCode::kFailedPrecondition, "tls.authority_file: "));
  EXPECT_THAT(with([&](auto& f) { f.set_authority_file(folder + "/server.key"); }),
              Refuses(StatusCode::kFailedPrecondition, "tls.authority_file: "));
  EXPECT_THAT(with([&](auto& f) { f.set_private_key_file(folder + "/root.key"); }),
              Refuses(StatusCode::kFailedPrecondition, "does not belong"));
  ASSERT_EQ(chmod((folder + "/server.key").c_str(), 0644), 0);
  EXPECT_THAT(with([](auto&) {}),
              Refuses(StatusCode::kFailedPrecondition, "tls.private_key_file: key file "));
  const absl::Time past = absl::Now() - absl::Hours(48);
  marac::testing::MustBeOk(
      pki::WriteIdentity(marac::testing::Must(pki::IssueServer(tls_.authority().intermediate, {"localhost"},
                                                               past, absl::Hours(24))),
                         folder, "server"));
  EXPECT_THAT(with([](auto&) {}), Refuses(StatusCode::kFailedPrecondition, "tls.certificate_chain_file: "));
}

// The check of the key is made at start only, so TLS 1.2 must not hang on it.
TEST_F(ServerTest, NewCertificateFilesAreUsedWithoutARestartAndBringNoTls12EvenWithAnRsaKey) {
  config_.mutable_tls()->set_reload_interval_ms(1000);
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  ASSERT_EQ(RawHandshake(TLS1_3_VERSION, client), EVP_PKEY_EC);
  OpenSsl("req -x509 -nodes -subj /CN=maracd -newkey rsa:2048 -keyout server.key -out server.pem");
  int key_type = EVP_PKEY_EC;
  for (int wait = 0; wait < 100 && key_type != EVP_PKEY_RSA; ++wait) {
    absl::SleepFor(absl::Milliseconds(100));
    key_type = RawHandshake(TLS1_3_VERSION, client);
  }
  EXPECT_EQ(key_type, EVP_PKEY_RSA);
  EXPECT_EQ(RawHandshake(TLS1_2_VERSION, client), 0);
}

TEST_F(ServerTest, AMethodWithoutARuleRefusesTheStartAndIsNamed) {
  EXPECT_THAT(TryStart([](std::string_view) { return false; }), Refuses(StatusCode::kInternal, kEchoPath));
}

TEST_F(ServerTest, AMethodWithoutARuleIsNotThere) {
  std::atomic<bool> has_rule{true};
  ASSERT_OK_AND_ASSIGN(server_, TryStart([&](std::string_view path) { return has_rule && OnlyEcho(path); }));
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  ASSERT_TRUE(CallEcho(channel).ok());
  has_rule = false;
  EXPECT_EQ(CallEcho(channel).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(ServerTest, HealthIsForEnrolledProgramsOnly) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  std::string answer;
  EXPECT_TRUE(Generic(Channel(&client), "/grpc.health.v1.Health/Check", &answer).ok());
  EXPECT_EQ(answer, "\x08\x01");  // status: SERVING
  EXPECT_EQ(Generic(Channel(nullptr), "/grpc.health.v1.Health/Check", &answer).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  // The rest of gRPC's health service has no row in anybody's table.
  EXPECT_EQ(Generic(Channel(&client), "/grpc.health.v1.Health/Watch", &answer).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(
      Generic(Channel(&client), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &answer)
          .error_code(),
      grpc::StatusCode::UNIMPLEMENTED);
}

// With its own certificate the server can ask itself whether it still serves, and nothing else.
TEST_F(ServerTest, TheServersOwnCertificateOpensItsHealthAlone) {
  Start();
  const std::string folder = tls_.folder();
  const pki::Identity self =
      marac::testing::Must(pki::ReadIdentity(folder + "/server.key", folder + "/server.pem"));
  std::string answer;
  EXPECT_EQ(Generic(Channel(&self), "/grpc.health.v1.Health/Check", &answer).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  tls_.registry()->EnrolSelf(marac::testing::Must(pki::FingerprintOfPem(self.certificates_pem)));
  const auto channel = Channel(&self);
  EXPECT_TRUE(Generic(channel, "/grpc.health.v1.Health/Check", &answer).ok());
  EXPECT_EQ(CallEcho(channel).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(running_, 0);
  EXPECT_EQ(Generic(channel, "/grpc.health.v1.Health/Watch", &answer).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(ServerTest, TheWatchdogIsFedAgainAndAgainAlsoWhenNobodyElseIsLetIn) {
  config_.mutable_limits()->set_connections_max(1);
  Start();
  const int taken = RawConnect();
  std::atomic<int> feeds{0};
  ASSERT_OK(server_->Watch(*tls_.registry(), config_.tls(), absl::Milliseconds(600), [&] { ++feeds; }));
  EXPECT_EQ(feeds, 1);
  for (int wait = 0; wait < 100 && feeds < 4; ++wait) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_GE(feeds, 4);
  server_->Stop(absl::ZeroDuration());
  const int last = feeds;
  absl::SleepFor(absl::Milliseconds(500));
  EXPECT_EQ(feeds, last);
  close(taken);
}

TEST_F(ServerTest, AWatchdogWhoseFirstCallIsNotAnsweredRefusesTheStart) {
  Start();
  const pki::Identity no_client =
      MakeCertificate({.name = "maracd", .usage = "serverAuth"}, &tls_.authority().intermediate);
  marac::testing::MustBeOk(pki::WriteIdentity(no_client, tls_.folder(), "server"));
  int feeds = 0;
  EXPECT_THAT(server_->Watch(*tls_.registry(), config_.tls(), absl::Seconds(2), [&] { ++feeds; }),
              Refuses(StatusCode::kUnavailable, "watchdog: "));
  EXPECT_EQ(feeds, 0);
}

// It is fed by answers, and not by the clock.
TEST_F(ServerTest, TheWatchdogIsNotFedWhenItsCallIsNotAnswered) {
  Start();
  std::atomic<int> feeds{0};
  ASSERT_OK(server_->Watch(*tls_.registry(), config_.tls(), absl::Milliseconds(600), [&] { ++feeds; }));
  // From now on it shows a certificate that its own server does not take.
  marac::testing::MustBeOk(pki::WriteIdentity(
      MakeCertificate({.name = "maracd", .usage = "serverAuth"}, &tls_.authority().intermediate),
      tls_.folder(), "server"));
  absl::SleepFor(absl::Milliseconds(500));  // One call may have been on its way.
  const int before = feeds;
  absl::SleepFor(absl::Seconds(2));
  EXPECT_EQ(feeds, before);
}

// In the middle of a renewal.
TEST_F(ServerTest, TheWatchdogGoesOnWithTheCertificateBeforeWhenTheFilesDoNotFit) {
  Start();
  std::atomic<int> feeds{0};
  ASSERT_OK(server_->Watch(*tls_.registry(), config_.tls(), absl::Milliseconds(600), [&] { ++feeds; }));
  std::filesystem::remove(tls_.folder() + "/server.key");
  const int before = feeds;
  for (int wait = 0; wait < 100 && feeds < before + 3; ++wait) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_GE(feeds, before + 3);
}

TEST_F(ServerTest, APortThatAcceptsAndDoesNotAnswerIsNotServing) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Listener> listener, Listener::Bind({.address = "127.0.0.1:0"}));
  std::vector<int> taken;
  listener->Start([&](int fd) { taken.push_back(fd); });
  const std::string folder = tls_.folder();
  const pki::Identity self =
      marac::testing::Must(pki::ReadIdentity(folder + "/server.key", folder + "/server.pem"));
  const absl::Time start = absl::Now();
  EXPECT_THAT(AskOwnHealth(*listener, self, absl::Milliseconds(300)),
              Refuses(StatusCode::kUnavailable, "TLS"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  listener->Stop();
  for (const int fd : taken) close(fd);
}

TEST_F(ServerTest, ACallThatLastsTooLongIsCancelled) {
  config_.mutable_limits()->set_call_time_max_ms(1000);
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  EXPECT_TRUE(CallEcho(channel, "in time", /*wait_ms=*/500).ok());
  EXPECT_EQ(CallEcho(channel, "too late", /*wait_ms=*/2000).error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(CallEcho(channel).ok());
}

TEST_F(ServerTest, AMessageOverTheLimitIsRefusedAndTheConnectionGoesOn) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  const auto limit = static_cast<size_t>(config_.limits().receive_message_bytes_max());
  // The body's tag and length take four bytes.
  EXPECT_TRUE(CallEcho(channel, std::string(limit - 4, 'x')).ok());
  EXPECT_EQ(CallEcho(channel, std::string(limit - 3, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(CallEcho(channel).ok());
}

TEST_F(ServerTest, ACompressedMessageIsNotUnfolded) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  EchoRequest request;
  request.set_body(std::string(200'000, 'x'));
  EchoResponse response;
  const grpc::Status status = EchoService::NewStub(Channel(&client))->Echo(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
}

TEST_F(ServerTest, HeadersOverTheLimitAreRefused) {
  config_.mutable_limits()->set_metadata_bytes_max(4096);  // The library's own limit is 8,192.
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  context.AddMetadata("x-long", std::string(5000, 'x'));
  EchoResponse response;
  const grpc::Status status =
      EchoService::NewStub(Channel(&client))->Echo(&context, EchoRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// N2.
TEST_F(ServerTest, ASilentOrHalfHeardConnectionIsClosedByTheHandshakeTimeout) {
  config_.mutable_limits()->set_handshake_timeout_ms(300);
  Start();
  // Nothing; and the first bytes of a ClientHello that promises 512.
  for (const std::string_view sent : {std::string_view(), std::string_view("\x16\x03\x01\x02\x00\x01", 6)}) {
    const int fd = RawConnect();
    const absl::Time start = absl::Now();
    ASSERT_EQ(write(fd, sent.data(), sent.size()), static_cast<ssize_t>(sent.size()));
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    char byte;
    ASSERT_EQ(poll(&waiting, 1, 10'000), 1);
    EXPECT_LE(read(fd, &byte, 1), 0);
    EXPECT_GE(absl::Now() - start, absl::Milliseconds(250));
    close(fd);
  }
  EXPECT_TRUE(NothingHeld());
}

TEST_F(ServerTest, ConnectionsThatEndMakeRoomForOthersOfTheirSource) {
  config_.mutable_limits()->set_connections_per_source_max(2);
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  for (int i = 0; i < 6; ++i) {
    {
      const auto first = Channel(&client);
      const auto second = Channel(&client);
      ASSERT_TRUE(CallEcho(first).ok());
      ASSERT_TRUE(CallEcho(second).ok());
      const int third = RawConnect();
      char byte;
      EXPECT_LE(read(third, &byte, 1), 0);
      close(third);
    }
    ASSERT_TRUE(NothingHeld());
  }
  EXPECT_EQ(server_->figures().refused, 6);
}

TEST_F(ServerTest, AConnectionWithoutACallIsClosedAfterTheIdleTime) {
  config_.mutable_limits()->set_connection_idle_max_ms(1000);
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  ASSERT_TRUE(CallEcho(channel).ok());
  EXPECT_EQ(server_->figures().held, 1u);
  EXPECT_TRUE(NothingHeld());
  EXPECT_TRUE(CallEcho(channel).ok());
}

TEST_F(ServerTest, AnOldConnectionMakesRoomForANewOneAndNoCallIsLost) {
  config_.mutable_limits()->set_connection_age_max_ms(1000);
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  const absl::Time end = absl::Now() + absl::Seconds(4);
  while (absl::Now() < end) {
    ASSERT_TRUE(CallEcho(channel, "hello", /*wait_ms=*/100).ok());
  }
  EXPECT_GE(server_->figures().accepted, 2);
}

// N1, short. gRPC's own listener never accepts again after this.
TEST_F(ServerTest, AFloodBeyondTheDescriptorsDoesNotEndTheListener) {
  config_.mutable_limits()->set_connections_max(1500);
  config_.mutable_limits()->set_connections_per_source_max(1500);
  Start();
  int highest = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    highest = std::max(highest, std::atoi(entry.path().filename().c_str()));
  }
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  int connected[2];
  int release[2];
  ASSERT_EQ(pipe(connected), 0);
  ASSERT_EQ(pipe(release), 0);
  // The flood comes from another process, because its descriptors must not be ours. After a fork of a program
  // with threads only plain system calls are allowed.
  const pid_t flood = fork();
  if (flood == 0) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    for (int i = 0; i < 1000; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      (void)!connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    char byte = 0;
    (void)!write(connected[1], &byte, 1);
    (void)!read(release[0], &byte, 1);
    _exit(0);
  }
  const rlimit low{.rlim_cur = static_cast<rlim_t>(highest) + 60, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  char byte;
  ASSERT_EQ(read(connected[0], &byte, 1), 1);
  for (int wait = 0; server_->figures().without_descriptor < 10 && wait < 500; ++wait) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_GE(server_->figures().without_descriptor, 10);
  ASSERT_EQ(write(release[1], &byte, 1), 1);
  ASSERT_EQ(waitpid(flood, nullptr, 0), flood);

  const pki::Identity client = tls_.Enrolled("laptop");
  grpc::Status status;
  const absl::Time start = absl::Now();
  do {
    status = CallEcho(Channel(&client));
  } while (!status.ok() && absl::Now() - start < absl::Seconds(10));
  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  for (int fd : {connected[0], connected[1], release[0], release[1]}) close(fd);
}

TEST_F(ServerTest, APortInUseNamesTheSetting) {
  Start();
  config_.set_listen_address("127.0.0.1:" + std::to_string(server_->port()));
  EXPECT_THAT(TryStart(OnlyEcho), Refuses(StatusCode::kAlreadyExists, "listen_address: 127.0.0.1:"));
}

TEST_F(ServerTest, MoreConnectionsThanDescriptorsRefuseTheStart) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  config_.mutable_limits()->set_connections_max(20'000);
  if (limit.rlim_max >= 20'512) limit.rlim_max = 20'000;
  // The hard limit cannot be raised again, so this happens in a process of its own.
  EXPECT_EXIT(
      {
        limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
        setrlimit(RLIMIT_NOFILE, &limit);
        std::fprintf(stderr, "%s\n", TryStart(OnlyEcho).status().ToString().c_str());
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "limits.connections_max: needs 20512 open files");
}

TEST_F(ServerTest, AStopFinishesWhatWasAcceptedAndLetsNothingIn) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  ASSERT_TRUE(CallEcho(channel).ok());
  grpc::Status running;
  std::thread caller([&] { running = CallEcho(channel, "slow", /*wait_ms=*/1000); });
  while (running_ == 0) absl::SleepFor(absl::Milliseconds(5));
  const int port = server_->port();
  const absl::Time start = absl::Now();
  server_->Stop(absl::Seconds(10));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  caller.join();
  EXPECT_TRUE(running.ok()) << running.error_message();
  EXPECT_EQ(CallEcho(tls_.Channel(port, &client)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, AStopCancelsWhatOutlivesTheGrace) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  const auto channel = Channel(&client);
  grpc::Status running;
  std::thread caller([&] { running = CallEcho(channel, "slow", /*wait_ms=*/1500); });
  while (running_ == 0) absl::SleepFor(absl::Milliseconds(5));
  server_->Stop(absl::Milliseconds(100));
  EXPECT_EQ(running_, 0);  // Stop returns when the handler has.
  caller.join();
  EXPECT_FALSE(running.ok());
}

TEST_F(ServerTest, AServerStartsAgainOnTheSamePortAtOnce) {
  Start();
  const pki::Identity client = tls_.Enrolled("laptop");
  ASSERT_TRUE(CallEcho(Channel(&client)).ok());
  config_.set_listen_address("127.0.0.1:" + std::to_string(server_->port()));
  server_.reset();
  Start();
  EXPECT_TRUE(CallEcho(Channel(&client)).ok());
}

}  // namespace
}  // namespace marac::rpc
