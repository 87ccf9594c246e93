// Signed checkpoints of the audit log, made while serving and compared at start. SQLCipher does not notice an
// older file put in the database's place, nor does the chain; a checkpoint kept elsewhere does.
#ifndef MARAC_STORE_CHECKPOINTER_H_
#define MARAC_STORE_CHECKPOINTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
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
#include "base/secret.h"
#include "domain/checkpoint.h"
#include "domain/merkle.h"
#include "store/audit_chain.h"

namespace marac::store {

// Gives every stored audit row, from 1 and in order, to the visitor, and returns its first error:
// Database::ScanLeaves.
using LeafScan = std::function<absl::Status(const LeafVisitor& visit)>;

// The compact range over the whole stored log, after comparing it with `known` checkpoints (at start: the
// newest in the folder; for `verify`: one that an agency kept). DATA_LOSS when the log has fewer entries than
// one of them, or another root at its size: the database was rolled back or changed.
absl::StatusOr<domain::CompactRange> RebuildAndCompare(const LeafScan& scan,
                                                       const std::vector<domain::Checkpoint>& known);

struct CheckpointerOptions {
  std::string area;
  std::string directory;                        // checkpoint_directory: on another mount than the database
  Secret signing_seed;                          // of the active audit key
  std::vector<std::string> former_public_keys;  // whose checkpoints are still believed
  uint64_t entries_per_checkpoint = 256;
  // With news; also the pause before a failed write is tried again.
  absl::Duration checkpoint_interval = absl::Seconds(10);
  absl::Duration spacing_min = absl::Seconds(1);  // however many entries come
  absl::Duration heartbeat_interval = absl::Seconds(60);
  absl::Duration poll_interval = absl::Milliseconds(200);
  size_t history_max = 10000;  // files of about 250 bytes; the oldest go first
};

// Keeps the tree as entries are committed, and writes its signed root to `<directory>/checkpoint` and to
// `<directory>/checkpoint-<entries, 20 digits>`: each 256 entries (though not more often than once a second,
// because every one costs four fsyncs), and 10 s after the one before when there is news. A heartbeat event
// each 60 s is news, so a log whose tail was cut shows within a minute.
class Checkpointer {
 public:
  using AppendHeartbeat = std::function<absl::Status()>;
  using HealthObserver = std::function<void(const absl::Status&)>;

  // Scans the log once and compares it with the newest checkpoints in the folder. FAILED_PRECONDITION for a
  // missing folder or an unreadable or foreign checkpoint in it, DATA_LOSS as RebuildAndCompare; no file is
  // written. `clock` must outlive the result.
  static absl::StatusOr<std::unique_ptr<Checkpointer>> Create(CheckpointerOptions options,
                                                              const SecurityClock* clock,
                                                              const LeafScan& scan);
  ~Checkpointer();  // Stop

  // Starts the thread. `append_heartbeat` appends a heartbeat event and waits for its commit; it must work
  // until Stop returns. `observe_health`, which may be empty, hears each change of health. Both run on the
  // thread.
  void Start(AppendHeartbeat append_heartbeat, HealthObserver observe_health);

  // Ends the thread and makes a last checkpoint if there is news. Entries may still be given afterwards.
  void Stop();

  // Each audit row, in order, after its commit. Any thread; takes about a microsecond.
  void Committed(uint64_t sequence, std::string_view leaf);

  // Whose checkpoints these are: their first line.
  const std::string& origin() const { return origin_; }

  // The newest signed note, also when it could not be written. Any thread.
  std::string newest() const;

  // OK, or one sentence on why checkpoints do not leave this process as they should. Any thread.
  absl::Status health() const;
  bool healthy() const { return health().ok(); }

  // Compares the stored log with the tree that was kept while its entries were committed, from which the
  // checkpoints are made. DATA_LOSS as RebuildAndCompare. Any thread.
  absl::Status Compare(const LeafScan& scan) const;

  // Does what is due at this moment. The thread calls it; tests call it in the thread's place.
  void Tick();

 private:
  Checkpointer(CheckpointerOptions options, const SecurityClock* clock, domain::CompactRange range);

  void Loop();
  void Heartbeat(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_mutex_);
  bool CheckpointDue(absl::Time now, uint64_t size) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_mutex_);
  void MakeCheckpoint(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_mutex_);
  absl::Status WriteFiles(const std::string& note, uint64_t size) ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_mutex_);
  void ReportHealth() ABSL_EXCLUSIVE_LOCKS_REQUIRED(work_mutex_);

  const CheckpointerOptions options_;
  const SecurityClock* const clock_;
  const std::string origin_;
  AppendHeartbeat append_heartbeat_;  // Set before the thread begins.
  HealthObserver observe_health_;
  std::thread thread_;

  // Held for the length of a Tick; never while Committed is.
  absl::Mutex work_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  uint64_t written_size_ ABSL_GUARDED_BY(work_mutex_) = 0;
  uint64_t attempted_size_ ABSL_GUARDED_BY(work_mutex_) = 0;
  absl::Time attempted_time_ ABSL_GUARDED_BY(work_mutex_) = absl::InfinitePast();
  absl::Time heartbeat_time_ ABSL_GUARDED_BY(work_mutex_) = absl::InfinitePast();
  std::set<uint64_t> history_ ABSL_GUARDED_BY(work_mutex_);
  absl::Status reported_ ABSL_GUARDED_BY(work_mutex_);

  mutable absl::Mutex mutex_;
  domain::CompactRange range_ ABSL_GUARDED_BY(mutex_);
  std::string newest_ ABSL_GUARDED_BY(mutex_);
  absl::Status order_ ABSL_GUARDED_BY(mutex_);      // Whether the entries came without a gap.
  absl::Status write_ ABSL_GUARDED_BY(mutex_);      // Of the last attempt.
  absl::Status heartbeat_ ABSL_GUARDED_BY(mutex_);  // Of the last one.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace marac::store

#endif  // MARAC_STORE_CHECKPOINTER_H_
