#include "rpc/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace marac::rpc {
namespace {

constexpr int kBacklog = 1024;
constexpr int kNoDescriptorWaitMs = 20;
// A side that leaves our bytes unacknowledged, or its window shut, for this long is gone or hostile.
constexpr unsigned kUserTimeoutMs = 30'000;
// At the cap in all, how often at most every descriptor is looked at.
constexpr absl::Duration kSweepInterval = absl::Milliseconds(50);

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  int family() const { return storage.ss_family; }
};

absl::Status BadAddress() {
  return absl::InvalidArgumentError(
      "listen_address: give a numeric address and a port, for instance 0.0.0.0:8443 or [::]:8443");
}

absl::StatusOr<Address> ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return BadAddress();
  const std::string_view port_text = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.begin(), port_text.end(), port);
  if (error != std::errc() || end != port_text.end()) return BadAddress();
  std::string_view host = text.substr(0, colon);
  Address address;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
    if (inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &v6->sin6_addr) != 1) {
      return BadAddress();
    }
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    if (inet_pton(AF_INET, std::string(host).c_str(), &v4->sin_addr) != 1) return BadAddress();
  }
  return address;
}

sockaddr_storage NameOf(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) return {};
  return name;
}

// Where the port stands in either kind of address, in network order.
uint16_t& RawPort(sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                       : reinterpret_cast<sockaddr_in&>(address).sin_port;
}

socklen_t SizeOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

// An address that means "every one of this machine's" as one that can be called.
void ToCallable(sockaddr_storage& address) {
  if (address.ss_family == AF_INET6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address).sin6_addr;
    if (IN6_IS_ADDR_UNSPECIFIED(&v6)) v6 = in6addr_loopback;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address).sin_addr;
    if (v4.s_addr == htonl(INADDR_ANY)) v4.s_addr = htonl(INADDR_LOOPBACK);
  }
}

std::array<uint8_t, 16> SourceOfV4(const in_addr& address) {
  std::array<uint8_t, 16> source{};
  source[10] = source[11] = 0xff;
  std::memcpy(source.data() + 12, &address, 4);
  return source;
}

std::array<uint8_t, 16> SourceOfV6(const in6_addr& address) {
  std::array<uint8_t, 16> source{};
  std::memcpy(source.data(), &address, IN6_IS_ADDR_V4MAPPED(&address) ? 16 : 8);
  return source;
}

std::array<uint8_t, 16> SourceOf(const sockaddr_storage& peer) {
  return peer.ss_family == AF_INET6 ? SourceOfV6(reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr)
                                    : SourceOfV4(reinterpret_cast<const sockaddr_in&>(peer).sin_addr);
}

bool SetOption(int fd, int level, int name, unsigned value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

}  // namespace

absl::StatusOr<Listener::Source> Listener::ParseSource(const std::string& address) {
  in_addr v4;
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return SourceOfV4(v4);
  in6_addr v6;
  if (inet_pton(AF_INET6, address.c_str(), &v6) == 1) return SourceOfV6(v6);
  return absl::InvalidArgumentError(
      "limits.web_source_addresses: give numeric addresses without a port, for instance 10.0.4.7");
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const ListenerOptions& options) {
  ASSIGN_OR_RETURN(const Address address, ParseAddress(options.address));
  std::vector<Source> web_sources;
  for (const std::string& text : options.web_sources) {
    ASSIGN_OR_RETURN(const Source source, ParseSource(text));
    web_sources.push_back(source);
  }
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  std::unique_ptr<Listener> listener(new Listener(options, std::move(web_sources), fd, wake_fd));
  // SO_REUSEADDR lets a restart use the port at once. SO_REUSEPORT, which gRPC's own listener sets, is left
  // out: with it a second server would quietly take half of the connections.
  bool ready = wake_fd >= 0 && fd >= 0 && SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (ready && address.family() == AF_INET6) ready = SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  // Accepted sockets inherit both. gRPC sets them on sockets of its own making only.
  ready = ready && SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1) &&
          SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  if (!ready) {
    return absl::UnavailableError(
        fmt::format("listen_address: no socket could be made: {}", std::strerror(errno)));
  }
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      listen(fd, kBacklog) != 0) {
    const int error = errno;
    if (error == EADDRINUSE) {
      return absl::AlreadyExistsError(
          fmt::format("listen_address: {} is in use by another program; stop it or choose another port",
                      options.address));
    }
    return absl::UnavailableError(
        fmt::format("listen_address: cannot listen on {}: {}", options.address, std::strerror(error)));
  }
  listener->bound_ = NameOf(fd);
  ToCallable(listener->bound_);
  listener->port_ = ntohs(RawPort(listener->bound_));
  return listener;
}

Listener::Listener(ListenerOptions options, std::vector<Source> web_sources, int listen_fd, int wake_fd)
    : options_(std::move(options)),
      web_sources_(std::move(web_sources)),
      wake_fd_(wake_fd),
      listen_fd_(listen_fd) {}

Listener::~Listener() {
  Stop();
  if (wake_fd_ >= 0) close(wake_fd_);
}

void Listener::Start(Hand hand) {
  assert(!thread_.joinable());
  hand_ = std::move(hand);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    // Cannot fail: the counter of an eventfd that is written once does not overflow.
    (void)!write(wake_fd_, &one, sizeof one);
    thread_.join();
  }
  if (listen_fd_ >= 0) close(std::exchange(listen_fd_, -1));
}

absl::StatusOr<int> Listener::ConnectFromWithin(absl::Duration patience) {
  const auto failed = [](std::string_view what) {
    return absl::UnavailableError(fmt::format("listen_address: {}: {}", what, std::strerror(errno)));
  };
  const int fd = socket(bound_.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return failed("no socket could be made");
  // Bound before it calls, so that the accepting thread knows it by its port.
  sockaddr_storage from = bound_;
  RawPort(from) = 0;
  const timeval limit = absl::ToTimeval(patience);
  if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&from), SizeOf(from)) != 0) {
    const absl::Status status = failed("no port is free for calling the own one");
    close(fd);
    return status;
  }
  from = NameOf(fd);
  {
    absl::MutexLock lock(&mutex_);
    own_ = {.source = SourceOf(from), .port = ntohs(RawPort(from))};
  }
  if (connect(fd, reinterpret_cast<const sockaddr*>(&bound_), SizeOf(bound_)) != 0) {
    const absl::Status status = failed("the own port cannot be called");
    close(fd);
    return status;
  }
  return fd;
}

Listener::Figures Listener::figures() const {
  absl::MutexLock lock(&mutex_);
  ForgetClosed();
  return {.accepted = accepted_,
          .refused = refused_,
          .without_descriptor = without_descriptor_,
          .held = held_.size()};
}

void Listener::Run() {
  pollfd waiting[2] = {{.fd = listen_fd_, .events = POLLIN, .revents = 0},
                       {.fd = wake_fd_, .events = POLLIN, .revents = 0}};
  while (true) {
    if (poll(waiting, 2, -1) < 0 && errno != EINTR) {
      // Only for want of kernel memory. The port must not die of it.
      poll(nullptr, 0, kNoDescriptorWaitMs);
      continue;
    }
    if (waiting[1].revents != 0) return;
    if (waiting[0].revents != 0) AcceptOne();
  }
}

void Listener::AcceptOne() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int fd = accept4(listen_fd_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) {
    // Whatever else went wrong (the client gave up, the network did) concerns that connection, not the port.
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      ++without_descriptor_;
      poll(nullptr, 0, kNoDescriptorWaitMs);
    }
    return;
  }
  if (!Admit(fd, {.source = SourceOf(peer), .port = ntohs(RawPort(peer))})) {
    ++refused_;
    close(fd);
    return;
  }
  hand_(fd);
  ++accepted_;
}

bool Listener::Admit(int fd, const Peer& peer) {
  struct stat facts;
  if (fstat(fd, &facts) != 0) return false;
  const Source& source = peer.source;
  const bool is_web = std::find(web_sources_.begin(), web_sources_.end(), source) != web_sources_.end();
  const size_t source_max = is_web ? options_.per_web_source_max : options_.per_source_max;

  absl::MutexLock lock(&mutex_);
  if (peer == own_) {
    own_ = {};
    held_.push_back({.fd = fd, .inode = facts.st_ino, .source = source});
    return true;
  }
  size_t from_source = 0;
  std::erase_if(held_, [&](const Held& held) {
    if (held.source != source) return false;
    if (!IsOpen(held)) return true;
    ++from_source;
    return false;
  });
  if (from_source >= source_max) return false;
  if (held_.size() >= options_.connections_max) {
    // A flood must not make us look at every descriptor for every connection that we are about to refuse.
    if (const absl::Time now = absl::Now(); now - swept_ >= kSweepInterval || now < swept_) {
      swept_ = now;
      ForgetClosed();
    }
    if (held_.size() >= options_.connections_max) return false;
  }
  held_.push_back({.fd = fd, .inode = facts.st_ino, .source = source});
  return true;
}

void Listener::ForgetClosed() const {
  std::erase_if(held_, [](const Held& held) { return !IsOpen(held); });
}

// gRPC owns the descriptor and tells nobody when it closes it. The kernel knows: the number is then free, or
// belongs to another file, whose inode differs. (A duplicate to poll would double the descriptors that a
// flood uses up, and would keep the connection open after gRPC has closed its own.)
bool Listener::IsOpen(const Held& held) {
  struct stat facts;
  return fstat(held.fd, &facts) == 0 && S_ISSOCK(facts.st_mode) && facts.st_ino == held.inode;
}

}  // namespace marac::rpc
