#include "rpc/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/time/clock.h"
#include "tests/support/status_matchers.h"

namespace marac::rpc {
namespace {

using absl::StatusCode;
using marac::testing::Refuses;

// Both ends of the connections of one listener.
class ListenerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (listener_ != nullptr) listener_->Stop();
    for (int fd : clients_) close(fd);
    for (int fd : TakeServed()) close(fd);
  }

  void Listen(ListenerOptions options) {
    ASSERT_OK_AND_ASSIGN(listener_, Listener::Bind(options));
    listener_->Start([this](int fd) {
      absl::MutexLock lock(&mutex_);
      served_.push_back(fd);
    });
  }

  // A connection from `source`, which on Linux may be any address of 127.0.0.0/8.
  int Connect(const char* source = "127.0.0.1") {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, source, &address.sin_addr), 1);
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(inet_pton(AF_INET, "127.0.0.1", &address.sin_addr), 1);
    address.sin_port = htons(static_cast<uint16_t>(listener_->port()));
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    clients_.push_back(fd);
    return fd;
  }

  // True when the server closes the connection within a second.
  static bool IsClosed(int fd) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    char byte;
    return poll(&waiting, 1, 1000) == 1 && read(fd, &byte, 1) <= 0;
  }

  // Waits until `count` connections have been handed over in all, up to five seconds.
  bool Accepted(int64_t count) {
    for (int i = 0; i < 500; ++i) {
      if (listener_->figures().accepted == count) return true;
      absl::SleepFor(absl::Milliseconds(10));
    }
    return false;
  }

  std::vector<int> TakeServed() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(served_, {});
  }

  std::unique_ptr<Listener> listener_;
  std::vector<int> clients_;
  absl::Mutex mutex_;
  std::vector<int> served_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ListenerTest, AConnectionIsHandedOverReadyForGrpc) {
  Listen({.address = "127.0.0.1:0"});
  Connect();
  ASSERT_TRUE(Accepted(1));
  const std::vector<int> served = TakeServed();
  EXPECT_NE(fcntl(served[0], F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(served[0], F_GETFD) & FD_CLOEXEC, 0);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ASSERT_EQ(getsockopt(served[0], IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_EQ(no_delay, 1);
  unsigned user_timeout_ms = 0;
  ASSERT_EQ(getsockopt(served[0], IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, &size), 0);
  EXPECT_EQ(user_timeout_ms, 30'000u);
  close(served[0]);
}

TEST_F(ListenerTest, ConnectionsAboveTheCapInAllAreClosedAtOnce) {
  Listen({.address = "127.0.0.1:0", .connections_max = 3});
  Connect("127.0.0.2");
  Connect("127.0.0.3");
  Connect("127.0.0.4");
  ASSERT_TRUE(Accepted(3));
  EXPECT_TRUE(IsClosed(Connect("127.0.0.5")));
  EXPECT_EQ(listener_->figures().held, 3u);
  EXPECT_EQ(listener_->figures().refused, 1);
}

TEST_F(ListenerTest, OneSourceCannotTakeThePlacesOfOthers) {
  Listen(
      {.address = "127.0.0.1:0", .per_source_max = 2, .web_sources = {"127.0.0.9"}, .per_web_source_max = 4});
  for (int i = 0; i < 2; ++i) Connect("127.0.0.2");
  ASSERT_TRUE(Accepted(2));
  EXPECT_TRUE(IsClosed(Connect("127.0.0.2")));
  Connect("127.0.0.3");
  EXPECT_TRUE(Accepted(3));
  for (int i = 0; i < 4; ++i) Connect("127.0.0.9");
  EXPECT_TRUE(Accepted(7));
  EXPECT_TRUE(IsClosed(Connect("127.0.0.9")));
}

// Or a flood would make the server look dead to whoever watches over it.
TEST_F(ListenerTest, TheServersOwnCallIsNotRefusedByACap) {
  Listen({.address = "0.0.0.0:0", .connections_max = 2, .per_source_max = 1});
  Connect("127.0.0.1");
  Connect("127.0.0.2");
  ASSERT_TRUE(Accepted(2));
  for (int64_t own = 1; own <= 2; ++own) {
    ASSERT_OK_AND_ASSIGN(const int fd, listener_->ConnectFromWithin(absl::Seconds(5)));
    clients_.push_back(fd);
    EXPECT_TRUE(Accepted(2 + own));
  }
  // Nobody else gains by it.
  EXPECT_TRUE(IsClosed(Connect("127.0.0.1")));
  EXPECT_TRUE(IsClosed(Connect("127.0.0.3")));
}

TEST_F(ListenerTest, AnEndedConnectionMakesRoomEvenIfItsDescriptorIsUsedAgain) {
  Listen({.address = "127.0.0.1:0", .connections_max = 2, .per_source_max = 1});
  Connect("127.0.0.2");
  Connect("127.0.0.3");
  ASSERT_TRUE(Accepted(2));
  const std::vector<int> served = TakeServed();
  EXPECT_TRUE(IsClosed(Connect("127.0.0.2")));
  // The number of the first connection now belongs to another socket, that of the second to nothing.
  const int other = socket(AF_INET, SOCK_STREAM, 0);
  dup2(other, served[0]);
  close(other);
  EXPECT_EQ(listener_->figures().held, 1u);
  close(served[1]);
  EXPECT_EQ(listener_->figures().held, 0u);
  Connect("127.0.0.2");
  Connect("127.0.0.3");
  EXPECT_TRUE(Accepted(4));
  close(served[0]);
}

TEST_F(ListenerTest, Ipv6ListensForBothAndCountsIpv4ByItsOwnAddress) {
  Listen({.address = "[::]:0", .per_source_max = 1});
  Connect("127.0.0.2");
  Connect("127.0.0.3");
  EXPECT_TRUE(Accepted(2));
  EXPECT_TRUE(IsClosed(Connect("127.0.0.3")));
}

TEST_F(ListenerTest, APortInUseIsOneSentenceThatNamesTheSetting) {
  Listen({.address = "127.0.0.1:0"});
  EXPECT_THAT(Listener::Bind({.address = fmt::format("127.0.0.1:{}", listener_->port())}),
              Refuses(StatusCode::kAlreadyExists, "listen_address: 127.0.0.1:"));
}

TEST_F(ListenerTest, APortIsFreeAfterStopAndNothingIsHandedOver) {
  Listen({.address = "127.0.0.1:0"});
  Connect();
  ASSERT_TRUE(Accepted(1));
  const std::string address = fmt::format("127.0.0.1:{}", listener_->port());
  listener_->Stop();
  listener_->Stop();
  EXPECT_OK(Listener::Bind({.address = address}));
}

TEST_F(ListenerTest, AddressesThatAreNotNumericOrNotOursAreRefused) {
  for (const char* bad : {"", "8443", "localhost:8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                          "127.0.0.1:-1", "::1:8443", "[::1]", "[::1:8443", "[]:1", "127.0.0.1:80x"}) {
    EXPECT_THAT(Listener::Bind({.address = bad}), Refuses(StatusCode::kInvalidArgument, "listen_address"))
        << bad;
  }
  EXPECT_THAT(Listener::Bind({.address = "192.0.2.1:0"}),
              Refuses(StatusCode::kUnavailable, "listen_address"));
  EXPECT_THAT(Listener::Bind({.address = "127.0.0.1:0", .web_sources = {"web.example"}}),
              Refuses(StatusCode::kInvalidArgument, "limits.web_source_addresses"));
}

}  // namespace
}  // namespace marac::rpc
