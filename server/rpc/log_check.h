// Each day, while serving, the whole audit log is compared with its hashes, its index and the newest
// checkpoint (security.md 5). At start only its newest rows are.
#ifndef MARAC_RPC_LOG_CHECK_H_
#define MARAC_RPC_LOG_CHECK_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "domain/audit_event.h"
#include "store/checkpointer.h"
#include "store/database.h"

namespace marac::rpc {

class LogCheck {
 public:
  // `make_event` makes the event of a check, at its moment. All outlive this.
  LogCheck(store::Database& database, const store::Checkpointer& checkpointer, const SecurityClock& clock,
           std::function<domain::AuditEvent()> make_event);

  // The first time on a day in London: checks, leaves an event of what it came to, and says aloud what is
  // wrong. The server goes on: what people need tonight is worth more than a stop for what happened to old
  // rows, and whoever looks at the log, here or from its export, sees it. Errors are of the checking itself.
  absl::Status RunDue() const;

 private:
  absl::Status CheckWhole() const;

  store::Database& database_;
  const store::Checkpointer& checkpointer_;
  const SecurityClock& clock_;
  const std::function<domain::AuditEvent()> make_event_;
  mutable absl::Mutex mutex_;  // Held for the length of a check: one at a time.
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_LOG_CHECK_H_
