// The encrypted database: one writer that commits in groups, readers on snapshots, and an audit row for
// everything, on disk before the answer.
#ifndef MARAC_STORE_DATABASE_H_
#define MARAC_STORE_DATABASE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
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
#include "domain/audit_event.h"
#include "store/audit_chain.h"
#include "store/connection.h"
#include "store/data_directory.h"
#include "store/migrate.h"
#include "store/transaction.h"

namespace marac::store {

struct DatabaseOptions {
  std::string directory;  // 0700, this process's alone
  DatabaseKey key;
  int reader_count = 8;     // reads at one moment
  int queue_limit = 1024;   // bodies that wait for the writer
  int group_size_max = 64;  // bodies behind one commit
  int checkpoint_pages = 1000;
  absl::Duration group_time_max = absl::Milliseconds(3);
  absl::Duration read_time_max = absl::Seconds(2);    // statements of one read, or of one body's reading
  absl::Duration reader_wait_max = absl::Seconds(2);  // for a free reader
  absl::Duration answer_wait_max = absl::Seconds(2);  // for the commit; then UNAVAILABLE
  uint64_t verify_rows_at_open = 100'000;             // the newest audit rows
  // Called once, from any thread, when disk or file failed. By default: one line in the log, a note for the
  // next start, and _exit(74). It is an option for tests; nothing is written to the file after it.
  std::function<void(std::string_view reason)> on_fatal;
  std::vector<Migration> migrations = EmbeddedMigrations();
  std::string vfs;  // empty: the default one
  const BootClock* boot_clock =
      nullptr;  // of the audit rows; null: the machine's own. Outlives the database.
};

// `maracd init`: makes the folder where it is missing, and a database with every migration in it. A stop at
// any moment leaves no database. ALREADY_EXISTS when there is one.
absl::Status CreateDatabase(const DatabaseOptions& options);

// `maracd migrate`: brings the database to this program's schema, with no server running.
absl::Status MigrateDatabase(const DatabaseOptions& options);

// Any thread may call everything here, except that a body must not call back.
class Database {
 public:
  using WriteBody = std::function<absl::Status(WriteTransaction&)>;
  using ReadBody = std::function<absl::Status(ReadTransaction&)>;
  // Makes the event for what the body came to; its moment by the BootClock is the append's. May be called
  // more than once; its last event is the one kept. None: a refusal that is counted elsewhere and leaves no
  // row of its own.
  using Audit = std::function<std::optional<domain::AuditEvent>(const absl::Status&)>;
  using AuditObserver = std::function<void(uint64_t sequence, std::string_view leaf)>;

  // Refuses, each with one sentence: a folder or file that others may reach, a second server on the folder,
  // a wrong key, an older or newer schema, and an audit log whose newest rows do not verify.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const DatabaseOptions& options);
  ~Database();  // Close

  // Runs `body` in a savepoint of its own on the writer's thread, then appends `audit` of its status: in the
  // same savepoint when it is OK, after taking it back when it is not (but for what WhenRefused says).
  // Returns the body's status once both are on disk. A body must be short, wait for nothing, and keep nothing
  // that cannot be made again.
  //   RESOURCE_EXHAUSTED  the queue, or the disk, is full: nothing was stored
  //   UNAVAILABLE         stopping, or the commit failed or takes too long: the same request_id may be sent
  //                       again, and tells whether it was stored
  absl::Status Write(const WriteBody& body, const Audit& audit);

  // Runs `body` on a snapshot, appends `audit` of its status, and returns the status once that row is on
  // disk. The body runs again when the right to look changed between its snapshot and its audit row, at last
  // on the writer's thread where nothing comes between, so it must begin by clearing what it fills, and be
  // short. What it found may leave only when this returns the body's status.
  // `settle` runs after a body that is OK, in the savepoint of the audit row: it keeps what the read means
  // for others to come, and may still refuse it. The last run of the body is the one it settles.
  absl::Status Read(const ReadBody& body, const Audit& audit, const WriteBody& settle = nullptr);

  // Runs `body` on a snapshot and leaves no event: for the server's own starting, and for what is looked up
  // before a call that leaves its event itself. Nothing found here may leave.
  absl::Status Peek(const ReadBody& body);

  // An event alone: refusals by role, start, stop, heartbeat.
  absl::Status Append(const domain::AuditEvent& event);

  // The newest audit row on disk.
  AuditHead Head() const;

  // From the returned head on, `observer` is given every audit row once, in order, after its commit and
  // before its caller is answered. It runs on the writer's thread, so it must be short and must not call
  // back. One observer; it must live until Close.
  AuditHead ObserveAudit(AuditObserver observer);

  // Verifies the rows from `from` (at least 1) to `to` against the stored chain before them, in pieces, so
  // that no snapshot stays open for long. The check itself leaves no event: the caller's does.
  absl::Status VerifyAudit(uint64_t from, uint64_t to);

  // Gives the leaf hash of every audit row up to the present head to `visit`, in pieces likewise, and leaves
  // no event. A million rows take some seconds.
  absl::Status ScanLeaves(const LeafVisitor& visit);

  // Compares the index of the log (who and what each row is found by) with the log, whole. DATA_LOSS names
  // the first row that is not found by what it says, or says that something was put into the index. Leaves no
  // event.
  absl::Status VerifyIndex();

  // Gives every audit row from `from` on to `visit`, in pieces, as it is stored, whether or not it verifies;
  // leaves no event.
  absl::Status ScanRows(uint64_t from, const RowVisitor& visit);

  // Rises with each committed BumpAccessEpoch.
  uint64_t access_epoch() const { return access_epoch_.load(); }

  // Commits so far, each one fsync for all its bodies.
  uint64_t commit_count() const { return commit_count_.load(); }

  // Bodies that wait for the writer now; at queue_limit the next is refused.
  int queue_length() const;

  // Refuses new calls, finishes the accepted ones, and leaves one file without a write-ahead log. Once.
  void Close();

 private:
  struct Call;
  class Presence;
  class ReaderLease;

  Database(const DatabaseOptions& options, DataDirectory directory);
  absl::Status OpenConnections(const DatabaseKey& key);
  absl::Status PrepareWriter();

  // Counts the calls in progress, so that Close waits for reads whose audit row is still to come.
  absl::Status Enter();
  void Leave();

  // Queues the call and waits for its end.
  absl::Status Submit(const std::shared_ptr<Call>& call);
  // For the event of a read: nothing is appended, and `moved` set, when the epoch is not `epoch` any more.
  absl::Status SubmitEvent(const domain::AuditEvent& event, std::optional<uint64_t> epoch, bool* moved);
  // The same of a read that is settled, with what settling it came to.
  absl::Status SubmitSettled(const WriteBody& settle, const Audit& audit, uint64_t epoch, bool* moved);

  absl::StatusOr<std::unique_ptr<Connection>> AcquireReader();
  void ReleaseReader(std::unique_ptr<Connection> reader);
  absl::Status RunOnSnapshot(const ReadBody& body);

  // The writer's thread.
  void WriterLoop();
  std::shared_ptr<Call> NextCall(bool wait);
  void RunGroup(const std::shared_ptr<Call>& first);
  // An error of these three means that the whole group is lost.
  absl::Status RunCall(Call& call);
  absl::Status CheckGroup(const absl::Status& cause) const;
  absl::Status Commit();
  absl::Status AppendRow(const Call& call, WriteTransaction& tx);
  absl::Status AppendEvent(domain::AuditEvent event);
  void Publish();
  void Answer(const std::vector<std::shared_ptr<Call>>& group, const absl::Status& group_status);
  void CheckpointWhenDue();

  // After this nothing is accepted, and nothing more is written.
  void Fail(int code);

  const DatabaseOptions options_;
  const BootClock own_boot_clock_;
  const BootClock& boot_clock_;
  const DataDirectory directory_;
  std::atomic<uint64_t> access_epoch_{0};
  std::atomic<uint64_t> commit_count_{0};
  std::atomic<bool> failed_{false};

  // Only the writer's thread, once it runs.
  std::unique_ptr<Connection> writer_;
  std::optional<Statement> begin_, commit_, rollback_, savepoint_, release_, rollback_to_, append_, index_;
  AuditHead group_head_;                                      // with the rows of the open group
  std::vector<std::pair<uint64_t, std::string>> group_rows_;  // sequence and leaf
  uint64_t group_epoch_ = 0;
  int checkpointed_pages_ = 0;

  mutable absl::Mutex mutex_;
  absl::CondVar work_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<Call>> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Connection>> readers_ ABSL_GUARDED_BY(mutex_);  // those that are free
  AuditHead head_ ABSL_GUARDED_BY(mutex_);
  AuditObserver observer_ ABSL_GUARDED_BY(mutex_);
  int active_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace marac::store

#endif  // MARAC_STORE_DATABASE_H_
