// maracd as it serves, but for its security clock, which goes before the real one by as many minutes as a
// file says: for pages that show what time does to a session. Only tests have it.
//
//   late_maracd CONFIGURATION FILE
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "rpc/config.h"
#include "rpc/host.h"
#include "rpc/tls.h"

namespace {

class ClockOfFile final : public marac::SecurityClock {
 public:
  explicit ClockOfFile(std::string path) : path_(std::move(path)) {}
  absl::Time Now() const override {
    int minutes = 0;
    std::ifstream(path_) >> minutes;
    return absl::Now() + absl::Minutes(minutes);
  }

 private:
  const std::string path_;
};

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "late_maracd: %s\n", status.ToString().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return Fail(absl::InvalidArgumentError("give a configuration and a file"));
  const ClockOfFile clock(argv[2]);
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  if (const absl::Status prepared = marac::rpc::PrepareProcess(); !prepared.ok()) return Fail(prepared);
  const auto config = marac::rpc::LoadServerConfig(argv[1]);
  if (!config.ok()) return Fail(config.status());
  const auto host = marac::rpc::Host::Start(*config, {.security_clock = &clock});
  if (!host.ok()) return Fail(host.status());
  std::printf("serving on port %d\n", (*host)->port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stops, &signal);
  (*host)->Stop(absl::Seconds(1));
  return 0;
}
