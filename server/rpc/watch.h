// Notices how people use the system, in the same commit as the audit row of what they do: who works on what,
// what everybody looked at, and whether a person should look at that (domain/limits, domain/alerts).
#ifndef MARAC_RPC_WATCH_H_
#define MARAC_RPC_WATCH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/secret.h"
#include "domain/access.h"
#include "domain/limits.h"
#include "domain/working_days.h"
#include "marac/v1/alert.pb.h"
#include "store/database.h"

namespace marac::domain {
class Catalogue;
}

namespace marac::rpc {

// What of one call is watched: filled while its body runs. Of agencies' systems nothing is.
struct Watched {
  v1::UseKind use = v1::USE_KIND_UNSPECIFIED;
  // The cases, and referrals that wait, that the caller opened; drafts are nobody else's business.
  struct Scope {
    std::string area;
    bool involved = true;
    bool own_surname = false;
    std::vector<std::string> sought;  // names, for a search
  };
  std::map<std::string, Scope, std::less<>> opened;
  std::map<std::string, bool> worked;  // scopes written to, and whether as an IDVA
  // Of the area that it happens in.
  std::string area;
  v1::UseLimits limits;
  v1::Nation nation = v1::NATION_UNSPECIFIED;
};

// Any thread may call everything here.
class Watch {
 public:
  struct Parts {
    store::Database* database;
    const domain::Catalogue* catalogue;
    const BusinessClock* business_clock;
    const SecurityClock* security_clock;
    IdSource* ids;
    const Secret* app_key;
  };
  explicit Watch(const Parts& parts);

  // Who the call is by and what it may have to be judged by: the caller's own record and the area's. On the
  // snapshot that the body reads.
  absl::Status Notice(store::Transaction& tx, const domain::Caller& caller, absl::Time now,
                      domain::RecordFacts facts, Watched& watched) const;
  absl::Status LoadLimits(store::Transaction& tx, const domain::Caller& caller, Watched& watched) const;

  // In the transaction of the audit row: keeps what was done, counts, raises alerts. RESOURCE_EXHAUSTED with
  // the reason LIMIT, and nothing is answered, when the caller looks at too much they have no part in.
  absl::Status Settle(store::WriteTransaction& tx, const domain::Caller& caller, const Watched& watched,
                      absl::Time now) const;
  // Somebody signed in from the caller's program.
  absl::Status SettleSignIn(store::WriteTransaction& tx, const domain::Caller& caller, absl::Time now) const;

  // Whether this refusal gets a row of its own.
  domain::RefusalCap::Row NoteRefusal(std::string_view source, absl::Time now) const;

  // What is due by now: rows for the refusals that were counted, reveals after which nothing was done, the
  // looks drawn each week, and forgetting what nothing counts any more.
  absl::Status RunDue() const;
  // The same for refusals alone, also those whose window has not ended: before the server stops.
  absl::Status WriteCountedRefusals(absl::Time until) const;

 private:
  struct Raised;
  absl::Status Raise(store::WriteTransaction& tx, const Raised& raised, absl::Time now) const;
  absl::Status SettleLook(store::WriteTransaction& tx, const domain::Caller& caller, const Watched& watched,
                          const std::string& scope, const Watched::Scope& opened, absl::Time now) const;
  absl::Status SettleSearch(store::WriteTransaction& tx, const domain::Caller& caller, const Watched& watched,
                            const std::string& scope, const Watched::Scope& opened, absl::Time now) const;
  absl::Status AlertOverLimit(store::WriteTransaction& tx, const domain::Caller& caller,
                              const Watched& watched, v1::UseKind use, int count, absl::Time now) const;
  absl::Status FollowUp(store::WriteTransaction& tx, absl::Time now, int32_t* due) const;
  absl::Status Draw(store::WriteTransaction& tx, absl::Time now, int32_t* drawn) const;
  domain::AuditEvent EventAt(domain::AuditKind kind, std::string_view method, absl::Time now) const;

  const Parts parts_;
  const Secret names_key_;
  const Secret draw_key_;
  mutable absl::Mutex mutex_;
  mutable domain::RefusalCap refusals_ ABSL_GUARDED_BY(mutex_);
};

// Runs what is due every minute, and once when it starts; what failed is tried again the next time.
class WatchTimer {
 public:
  using RunDue = std::function<absl::Status()>;
  explicit WatchTimer(std::vector<RunDue> all);
  ~WatchTimer();  // Ends it.
  WatchTimer(const WatchTimer&) = delete;
  WatchTimer& operator=(const WatchTimer&) = delete;

 private:
  void Loop();

  const std::vector<RunDue> all_;
  absl::Mutex mutex_;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_WATCH_H_
