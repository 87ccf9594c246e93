// What a body receives from store::Database. The type says what it may do: whoever is given a Transaction
// or a ReadTransaction can find and not keep.
#ifndef MARAC_STORE_TRANSACTION_H_
#define MARAC_STORE_TRANSACTION_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/audit_event.h"
#include "store/statement.h"

namespace marac::store {

class Connection;

// Functions that only look take this, and so serve reads and writes alike. Lives during one body, on one
// thread; a Statement made from it must not outlive the body.
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // One statement that reads; INTERNAL for any other.
  absl::StatusOr<Statement> Prepare(std::string_view sql);

 protected:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction() = default;

  Connection& connection_;
};

// A snapshot: it sees what was committed when it first read, and nothing later.
class ReadTransaction final : public Transaction {
 public:
  explicit ReadTransaction(Connection& connection) : Transaction(connection) {}
};

// The newest state, and the right to change it. Nothing is final before the group's commit.
class WriteTransaction final : public Transaction {
 public:
  // `commit_seq` is the sequence of the audit row that this body will get.
  WriteTransaction(Connection& connection, int64_t commit_seq)
      : Transaction(connection), commit_seq_(commit_seq) {}

  // Any one statement on rows.
  absl::StatusOr<Statement> Prepare(std::string_view sql);

  int64_t commit_seq() const { return commit_seq_; }

  // The same state for a body that only looks.
  ReadTransaction View() { return ReadTransaction(connection_); }

  // Says that involvement, a conflict, a restriction, a session or a role changes here: from this commit on,
  // a read that looked before it is run again instead of answered.
  void BumpAccessEpoch() { ++epoch_bumps_; }
  int epoch_bumps() const { return epoch_bumps_; }

  // What stays of a body that refuses: its own changes are taken back, then `change` runs on what is there,
  // in the same savepoint as the refusal's audit row. For counting what was tried. The last one counts; of a
  // body that is OK nothing of it runs.
  void WhenRefused(std::function<absl::Status(WriteTransaction&)> change) {
    when_refused_ = std::move(change);
  }
  const std::function<absl::Status(WriteTransaction&)>& when_refused() const { return when_refused_; }

  // Once the body is OK and on disk, `action` runs on the writer's thread, before anybody is answered and
  // before the next body: in the order of the commits, and also where the caller was told meanwhile that the
  // disk is too slow. For what lives in memory beside the database. It is short, and what it uses outlives
  // the database.
  void AfterCommit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }
  std::vector<std::function<void()>> TakeAfterCommit() { return std::move(after_commit_); }

  // One more event of this body, which gets the row after the body's own, and returns that row's sequence:
  // something was noticed of what was done. It stays or goes with the body.
  int64_t AlsoAudit(domain::AuditEvent event) {
    further_events_.push_back(std::move(event));
    return commit_seq_ + static_cast<int64_t>(further_events_.size());
  }
  std::vector<domain::AuditEvent> TakeFurtherEvents() { return std::exchange(further_events_, {}); }

  // Keeps `body` as the `version` (from 1) of the record `name`. A second body for the same version is
  // refused: versions are never changed.
  absl::Status SaveVersion(std::string_view name, int64_t version, int64_t time_ms, std::string_view account,
                           std::string_view body);

 private:
  const int64_t commit_seq_;
  int epoch_bumps_ = 0;
  std::function<absl::Status(WriteTransaction&)> when_refused_;
  std::vector<std::function<void()>> after_commit_;
  std::vector<domain::AuditEvent> further_events_;
};

}  // namespace marac::store

#endif  // MARAC_STORE_TRANSACTION_H_
