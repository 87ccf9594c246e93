// A client that need not be a good one: raw TCP, TLS and HTTP/2 frames made by hand, against our own server
// on loopback.
#ifndef MARAC_TESTS_FLOODS_HTTP2_LINE_H_
#define MARAC_TESTS_FLOODS_HTTP2_LINE_H_

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/pki.h"

namespace marac::testing {

// A blocking connection from `source`, any address of 127.0.0.0/8, to the port of `server`, likewise; -1 when
// it is refused or takes longer than five seconds.
int ConnectFrom(const char* source, int port, const char* server = "127.0.0.1");

// True when the other side ends the connection within `wait`; what it sends before is thrown away.
bool IsClosedWithin(int fd, absl::Duration wait);

// Frames (RFC 9113). `payload` may lie about itself.
enum FrameType : uint8_t {
  kDataFrame = 0,
  kHeadersFrame = 1,
  kResetFrame = 3,
  kSettingsFrame = 4,
  kPingFrame = 6,
  kGoAwayFrame = 7,
  kWindowFrame = 8,
  kContinuationFrame = 9,
};
inline constexpr uint8_t kEndStreamFlag = 1;
inline constexpr uint8_t kAckFlag = 1;
inline constexpr uint8_t kEndHeadersFlag = 4;

std::string Frame(FrameType type, uint8_t flags, uint32_t stream, std::string_view payload);
// A header without compression.
std::string Header(std::string_view name, std::string_view value);
// The headers of a gRPC call of this method, "/marac.v1.SessionService/GetCaller".
std::string CallHeaders(std::string_view path);
// One message as gRPC frames it.
std::string Message(std::string_view bytes);

class Http2Line {
 public:
  // TLS 1.3 as `client` (null: without a certificate), then the preface and `settings`, the payload of a
  // SETTINGS frame. Null when the handshake fails on this side; whether the server likes the certificate
  // shows only afterwards.
  static std::unique_ptr<Http2Line> Open(int port, const pki::Identity* client, const char* source,
                                         std::string_view settings = {});
  ~Http2Line();
  Http2Line(const Http2Line&) = delete;
  Http2Line& operator=(const Http2Line&) = delete;

  // Sends all of `bytes`; what arrives meanwhile is kept for Read, or thrown away when `keep` is false. False
  // when the connection is gone, or nothing moves for ten seconds.
  bool Send(std::string_view bytes, bool keep = false);

  // Sends without ever reading. False when the connection is gone or takes nothing for a second.
  bool SendDeaf(std::string_view bytes);

  struct Received {
    FrameType type;
    uint8_t flags;
    uint32_t stream;
    std::string payload;
  };
  // The next frame; nullopt after `wait` or when the connection is gone.
  std::optional<Received> Read(absl::Duration wait);
  // Reads until the server ends stream `stream` (END_STREAM, RST_STREAM, GOAWAY) or the connection. False
  // when it did not do so within `wait`.
  bool EndsStream(uint32_t stream, absl::Duration wait);
  bool gone() const { return gone_; }
  // Frames that were read, of any kind: none means that the server never spoke HTTP/2 to us.
  int frames_read() const { return frames_read_; }

 private:
  Http2Line(SSL_CTX* context, SSL* ssl, int fd) : context_(context), ssl_(ssl), fd_(fd) {}
  void Drain(bool keep);
  bool Wait(short events, absl::Duration wait) const;

  SSL_CTX* const context_;
  SSL* const ssl_;
  const int fd_;
  std::string inbox_;
  bool gone_ = false;
  int frames_read_ = 0;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_FLOODS_HTTP2_LINE_H_
