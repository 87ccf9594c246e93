#include "rpc/watchdog.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status_macros.h"

namespace marac::rpc {
namespace {

using std::string_view_literals::operator""sv;

// A third of the supervisor's patience for each try, so that one that was lost does not end the server.
constexpr int kTriesInPatience = 3;

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freer<SSL_free>>;

absl::Status NotServing(std::string_view what) { return absl::UnavailableError(std::string(what)); }

// HTTP/2 by hand, and no gRPC client: that would share threads and timers with the server that it is to
// judge. Nothing but this one call is ever sent, so it is a constant (RFC 9113, RFC 7541): preface; SETTINGS;
// HEADERS of stream 1 with POST, https, the path, an authority, te and content-type; and DATA, an empty
// message that ends the stream.
constexpr std::string_view kHealthCall =
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
    "\x00\x00\x48\x01\x04\x00\x00\x00\x01"
    "\x83\x87"
    "\x04\x1c/grpc.health.v1.Health/Check"
    "\x01\x06maracd"
    "\x00\x02te\x08trailers"
    "\x0f\x10\x10"
    "application/grpc"
    "\x00\x00\x05\x00\x01\x00\x00\x00\x01"
    "\x00\x00\x00\x00\x00"sv;
// The one message that an answer may hold: not compressed, two bytes long, status SERVING.
constexpr std::string_view kServing = "\x00\x00\x00\x00\x02\x08\x01"sv;
constexpr size_t kFrameHeaderBytes = 9;
constexpr size_t kAnswerBytesMax = 16 << 10;
constexpr uint8_t kData = 0;

// The payload of the first DATA frame in `bytes`; nullopt until it has come.
std::optional<std::string_view> FirstData(std::string_view bytes) {
  while (bytes.size() >= kFrameHeaderBytes) {
    const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
    const size_t size = (size_t{at(0)} << 16) | (size_t{at(1)} << 8) | at(2);
    if (bytes.size() < kFrameHeaderBytes + size) break;
    if (at(3) == kData) return bytes.substr(kFrameHeaderBytes, size);
    bytes.remove_prefix(kFrameHeaderBytes + size);
  }
  return std::nullopt;
}

bool UseIdentity(SSL_CTX* context, const pki::Identity& self) {
  const std::string_view key_pem = self.key_pem.Reveal();
  const std::unique_ptr<BIO, Freer<BIO_free>> key_bio(
      BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const std::unique_ptr<BIO, Freer<BIO_free>> chain_bio(
      BIO_new_mem_buf(self.certificates_pem.data(), static_cast<int>(self.certificates_pem.size())));
  const std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>> key(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  const std::unique_ptr<X509, Freer<X509_free>> leaf(
      PEM_read_bio_X509(chain_bio.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || leaf == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return false;
  }
  while (X509* next = PEM_read_bio_X509(chain_bio.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, next);
  }
  ERR_clear_error();  // The end of the text is an error to OpenSSL.
  return true;
}

}  // namespace

absl::Status AskOwnHealth(Listener& listener, const pki::Identity& self, absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      !UseIdentity(context.get(), self)) {
    return NotServing("the server's own certificate cannot be used to call it");
  }
  // Whose port it is was settled when we bound it. What is asked here is only whether it answers.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  ASSIGN_OR_RETURN(const int connected, listener.ConnectFromWithin(patience));
  const FileDescriptor fd(connected);
  const Session session(SSL_new(context.get()));
  constexpr unsigned char kProtocol[] = {2, 'h', '2'};
  if (session == nullptr || SSL_set_alpn_protos(session.get(), kProtocol, sizeof kProtocol) != 0 ||
      SSL_set_fd(session.get(), fd.get()) != 1 || SSL_connect(session.get()) != 1) {
    return NotServing("a TLS handshake with the own port did not succeed");
  }
  if (SSL_write(session.get(), kHealthCall.data(), static_cast<int>(kHealthCall.size())) <= 0) {
    return NotServing("the own port does not take a call");
  }
  std::string answer;
  char buffer[4096];
  while (absl::Now() < end && answer.size() < kAnswerBytesMax) {
    const int got = SSL_read(session.get(), buffer, sizeof buffer);
    if (got <= 0) break;
    answer.append(buffer, static_cast<size_t>(got));
    if (const std::optional<std::string_view> data = FirstData(answer); data.has_value()) {
      SSL_shutdown(session.get());
      return *data == kServing ? absl::OkStatus()
                               : NotServing("the own health check says that it does not serve");
    }
  }
  return NotServing(
      "the own port does not answer a health check (is the certificate good for a client too, and of the "
      "authority?)");
}

Watchdog::Watchdog(Listener& listener, ProgramRegistry& registry, const config::v1::TlsFiles& files,
                   absl::Duration patience, Feed feed)
    : listener_(listener),
      registry_(registry),
      files_(files),
      interval_(patience / kTriesInPatience),
      feed_(std::move(feed)) {}

absl::StatusOr<std::unique_ptr<Watchdog>> Watchdog::Start(Listener& listener, ProgramRegistry& registry,
                                                          const config::v1::TlsFiles& files,
                                                          absl::Duration patience, Feed feed) {
  // Private constructor.
  std::unique_ptr<Watchdog> watchdog(new Watchdog(listener, registry, files, patience, std::move(feed)));
  if (const absl::Status first = watchdog->Ask(); !first.ok()) {
    return absl::UnavailableError(fmt::format("watchdog: {}", std::string(first.message())));
  }
  watchdog->feed_();
  watchdog->thread_ = std::thread([w = watchdog.get()] { w->Run(); });
  return watchdog;
}

Watchdog::~Watchdog() { Stop(); }

void Watchdog::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Watchdog::Ask() {
  // In the middle of a renewal key and certificate may not belong together; then the ones before are still
  // good.
  absl::StatusOr<pki::Identity> read =
      pki::ReadIdentity(files_.private_key_file(), files_.certificate_chain_file());
  if (read.ok()) identity_ = *std::move(read);
  ASSIGN_OR_RETURN(std::string fingerprint, pki::FingerprintOfPem(identity_.certificates_pem));
  registry_.EnrolSelf(std::move(fingerprint));
  return AskOwnHealth(listener_, identity_, interval_ / 2);
}

void Watchdog::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_)) return;
    }
    if (const absl::Status answer = Ask(); answer.ok()) {
      feed_();
    } else {
      spdlog::error("watchdog: {}", std::string(answer.message()));
    }
  }
}

}  // namespace marac::rpc
