// Our own accept loop. gRPC 1.51's listener never accepts again once the process has run out of descriptors
// (CVE-2023-4785), and anybody who reaches the port can bring that about; this one waits and goes on, and
// holds no more connections than it is told.
#ifndef MARAC_RPC_LISTENER_H_
#define MARAC_RPC_LISTENER_H_

#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace marac::rpc {

struct ListenerOptions {
  std::string address;  // "127.0.0.1:8443", "[::]:8443"; port 0 lets the system choose.
  size_t connections_max = 2000;
  size_t per_source_max = 20;
  std::vector<std::string> web_sources = {};  // Numeric addresses that have per_web_source_max instead.
  size_t per_web_source_max = 200;
};

class Listener {
 public:
  // Receives an accepted, non-blocking, close-on-exec socket and owns it.
  using Hand = std::function<void(int fd)>;

  // Binds and listens; nothing is accepted before Start. Errors name the setting. Two listeners never share a
  // port.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const ListenerOptions& options);

  ~Listener();  // Stops.
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Accepts on a thread of its own and gives every connection to `hand`. Called once.
  void Start(Hand hand);
  // Accepts nothing more and closes the port; connections already given away go on. When it has returned,
  // `hand` is not running and will not be called. May be called again.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  int port() const { return port_; }

  // A new connection to the own port, as anybody would make it, but that no cap refuses: whoever looks
  // whether we still serve must not find us full and end us for it. Blocking, and every operation on it ends
  // after `patience`. One at a time.
  absl::StatusOr<int> ConnectFromWithin(absl::Duration patience) ABSL_LOCKS_EXCLUDED(mutex_);

  struct Figures {
    int64_t accepted = 0;            // Given to `hand`.
    int64_t refused = 0;             // Closed because a cap was reached.
    int64_t without_descriptor = 0;  // Times that accept found no free descriptor and waited.
    size_t held = 0;                 // Connections open now.
  };
  Figures figures() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // IPv4 as an IPv4-mapped address; of IPv6 the first 64 bits, because one machine may use a whole /64.
  using Source = std::array<uint8_t, 16>;
  struct Peer {
    Source source{};
    uint16_t port = 0;
    friend bool operator==(const Peer&, const Peer&) = default;
  };
  struct Held {
    int fd;
    ino_t inode;
    Source source;
  };

  Listener(ListenerOptions options, std::vector<Source> web_sources, int listen_fd, int wake_fd);

  static absl::StatusOr<Source> ParseSource(const std::string& address);
  static bool IsOpen(const Held& held);

  void Run();
  void AcceptOne();
  bool Admit(int fd, const Peer& peer) ABSL_LOCKS_EXCLUDED(mutex_);
  void ForgetClosed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ListenerOptions options_;
  const std::vector<Source> web_sources_;
  const int wake_fd_;
  int port_ = 0;              // Set by Bind.
  sockaddr_storage bound_{};  // Likewise: where we are called, loopback if everywhere.

  int listen_fd_;  // Start, the thread, and Stop after the thread has ended.
  Hand hand_;
  std::thread thread_;
  std::atomic<int64_t> accepted_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> without_descriptor_{0};

  mutable absl::Mutex mutex_;
  mutable std::vector<Held> held_ ABSL_GUARDED_BY(mutex_);
  Peer own_ ABSL_GUARDED_BY(mutex_);  // The other end of the connection from within.
  absl::Time swept_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_LISTENER_H_
