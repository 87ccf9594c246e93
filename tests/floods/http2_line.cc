#include "tests/floods/http2_line.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/time/clock.h"

namespace marac::testing {
namespace {

constexpr absl::Duration kStuck = absl::Seconds(10);
constexpr size_t kFrameHeaderBytes = 9;

timeval Seconds(time_t seconds) { return {.tv_sec = seconds, .tv_usec = 0}; }

void Identify(SSL_CTX* context, const pki::Identity& client) {
  const std::string key_pem(client.key_pem.Reveal());
  BIO* key_bio = BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size()));
  BIO* chain_bio =
      BIO_new_mem_buf(client.certificates_pem.data(), static_cast<int>(client.certificates_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  X509* leaf = PEM_read_bio_X509(chain_bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, leaf);
  SSL_CTX_use_PrivateKey(context, key);
  while (X509* next = PEM_read_bio_X509(chain_bio, nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, next);
  }
  X509_free(leaf);
  EVP_PKEY_free(key);
  BIO_free(key_bio);
  BIO_free(chain_bio);
}

char Byte(size_t value, int shift) { return static_cast<char>((value >> shift) & 0xff); }

}  // namespace

int ConnectFrom(const char* source, int port, const char* server) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const timeval limit = Seconds(5);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, source, &address.sin_addr);
  bool good = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  inet_pton(AF_INET, server, &address.sin_addr);
  address.sin_port = htons(static_cast<uint16_t>(port));
  good = good && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (good) return fd;
  close(fd);
  return -1;
}

bool IsClosedWithin(int fd, absl::Duration wait) {
  const absl::Time end = absl::Now() + wait;
  char buffer[4096];
  while (true) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    const auto left = static_cast<int>(absl::ToInt64Milliseconds(end - absl::Now()));
    if (left <= 0 || poll(&waiting, 1, left) <= 0) return false;
    if (read(fd, buffer, sizeof buffer) <= 0) return true;
  }
}

std::string Frame(FrameType type, uint8_t flags, uint32_t stream, std::string_view payload) {
  std::string frame;
  frame.reserve(kFrameHeaderBytes + payload.size());
  for (const int shift : {16, 8, 0}) frame.push_back(Byte(payload.size(), shift));
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  for (const int shift : {24, 16, 8, 0}) frame.push_back(Byte(stream, shift));
  frame.append(payload);
  return frame;
}

namespace {

// RFC 7541, 5.1, with a prefix of 7 bits.
std::string Length(size_t size) {
  if (size < 127) return std::string(1, static_cast<char>(size));
  std::string text(1, '\x7f');
  for (size -= 127; size >= 128; size /= 128) text.push_back(static_cast<char>(0x80 | (size % 128)));
  text.push_back(static_cast<char>(size));
  return text;
}

}  // namespace

std::string Header(std::string_view name, std::string_view value) {
  std::string header(1, '\0');
  header += Length(name.size());
  header += name;
  header += Length(value.size());
  header += value;
  return header;
}

std::string CallHeaders(std::string_view path) {
  return "\x83\x87" + Header(":path", path) + Header(":authority", "localhost") + Header("te", "trailers") +
         Header("content-type", "application/grpc");
}

std::string Message(std::string_view bytes) {
  std::string message(1, '\0');
  for (const int shift : {24, 16, 8, 0}) message.push_back(Byte(bytes.size(), shift));
  message += bytes;
  return message;
}

std::unique_ptr<Http2Line> Http2Line::Open(int port, const pki::Identity* client, const char* source,
                                           std::string_view settings) {
  const int fd = ConnectFrom(source, port);
  if (fd < 0) return nullptr;
  const timeval limit = Seconds(10);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (client != nullptr) Identify(context, *client);
  SSL* ssl = SSL_new(context);
  const unsigned char protocol[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl, protocol, sizeof protocol);
  SSL_set_fd(ssl, fd);
  std::unique_ptr<Http2Line> line(new Http2Line(context, ssl, fd));
  if (SSL_connect(ssl) != 1) return nullptr;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  line->Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettingsFrame, 0, 0, settings), /*keep=*/true);
  return line;
}

Http2Line::~Http2Line() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  close(fd_);
}

bool Http2Line::Wait(short events, absl::Duration wait) const {
  pollfd waiting{.fd = fd_, .events = events, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(wait))) > 0;
}

void Http2Line::Drain(bool keep) {
  char buffer[16384];
  while (true) {
    const int got = SSL_read(ssl_, buffer, sizeof buffer);
    if (got > 0) {
      if (keep) inbox_.append(buffer, static_cast<size_t>(got));
      continue;
    }
    const int error = SSL_get_error(ssl_, got);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) gone_ = true;
    return;
  }
}

bool Http2Line::Send(std::string_view bytes, bool keep) {
  while (!bytes.empty() && !gone_) {
    const int put = SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), 1 << 20)));
    if (put > 0) {
      bytes.remove_prefix(static_cast<size_t>(put));
      continue;
    }
    const int error = SSL_get_error(ssl_, put);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      gone_ = true;
      break;
    }
    Drain(keep);
    if (!gone_ && !Wait(POLLIN | POLLOUT, kStuck)) return false;
  }
  if (!gone_) Drain(keep);
  return !gone_;
}

bool Http2Line::SendDeaf(std::string_view bytes) {
  while (!bytes.empty()) {
    const int put = SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    if (put > 0) {
      bytes.remove_prefix(static_cast<size_t>(put));
    } else if (SSL_get_error(ssl_, put) != SSL_ERROR_WANT_WRITE || !Wait(POLLOUT, absl::Seconds(1))) {
      return false;
    }
  }
  return true;
}

std::optional<Http2Line::Received> Http2Line::Read(absl::Duration wait) {
  const absl::Time end = absl::Now() + wait;
  while (true) {
    if (inbox_.size() >= kFrameHeaderBytes) {
      const auto at = [this](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(inbox_[i])); };
      const size_t size = (at(0) << 16) | (at(1) << 8) | at(2);
      if (inbox_.size() >= kFrameHeaderBytes + size) {
        Received frame{.type = static_cast<FrameType>(at(3)),
                       .flags = static_cast<uint8_t>(at(4)),
                       .stream = ((at(5) << 24) | (at(6) << 16) | (at(7) << 8) | at(8)) & 0x7fffffff,
                       .payload = inbox_.substr(kFrameHeaderBytes, size)};
        inbox_.erase(0, kFrameHeaderBytes + size);
        ++frames_read_;
        return frame;
      }
    }
    const absl::Duration left = end - absl::Now();
    if (gone_ || left <= absl::ZeroDuration()) return std::nullopt;
    Drain(/*keep=*/true);
    if (!gone_ && inbox_.size() < kFrameHeaderBytes) Wait(POLLIN, std::min(left, absl::Milliseconds(200)));
  }
}

bool Http2Line::EndsStream(uint32_t stream, absl::Duration wait) {
  const absl::Time end = absl::Now() + wait;
  while (!gone_ || !inbox_.empty()) {
    const std::optional<Received> frame = Read(end - absl::Now());
    if (!frame.has_value()) return gone_;
    if (frame->type == kGoAwayFrame) return true;
    if (frame->stream != stream) continue;
    if (frame->type == kResetFrame) return true;
    if ((frame->type == kHeadersFrame || frame->type == kDataFrame) && (frame->flags & kEndStreamFlag) != 0) {
      return true;
    }
  }
  return true;
}

}  // namespace marac::testing
