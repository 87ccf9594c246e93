// Whether this server still serves, found out as a client would: by a new TLS connection through the real
// port and a health call on it. Only an answer feeds the supervisor's watchdog, so a server that has stopped
// accepting, shaking hands or answering is ended and started again by it.
#ifndef MARAC_RPC_WATCHDOG_H_
#define MARAC_RPC_WATCHDOG_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/pki.h"
#include "marac/config/v1/config.pb.h"
#include "rpc/listener.h"
#include "rpc/program_auth.h"

namespace marac::rpc {

class Watchdog {
 public:
  // Called after each answer, on the watchdog's thread.
  using Feed = std::function<void()>;

  // Asks three times within `patience`, which is how long the supervisor waits, with the certificate of
  // `files`, read anew each time and enrolled in `registry` as the server's own. Waits for the first answer,
  // and is refused when there is none. `listener` and `registry` live until Stop.
  static absl::StatusOr<std::unique_ptr<Watchdog>> Start(Listener& listener, ProgramRegistry& registry,
                                                         const config::v1::TlsFiles& files,
                                                         absl::Duration patience, Feed feed);

  ~Watchdog();  // Stop
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Asks and feeds no more. May be called again.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Watchdog(Listener& listener, ProgramRegistry& registry, const config::v1::TlsFiles& files,
           absl::Duration patience, Feed feed);
  void Run();
  absl::Status Ask();

  Listener& listener_;
  ProgramRegistry& registry_;
  const config::v1::TlsFiles files_;
  const absl::Duration interval_;
  const Feed feed_;
  pki::Identity identity_;  // The newest that could be read; only the thread's, once it runs.
  std::thread thread_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// One health call to the own port as `self`, which is done, well or not, after about `patience`. OK when the
// answer was SERVING.
absl::Status AskOwnHealth(Listener& listener, const pki::Identity& self, absl::Duration patience);

}  // namespace marac::rpc

#endif  // MARAC_RPC_WATCHDOG_H_
