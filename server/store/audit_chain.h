// Reading the audit log back: its head, and the proof that nobody touched it.
#ifndef MARAC_STORE_AUDIT_CHAIN_H_
#define MARAC_STORE_AUDIT_CHAIN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/audit.h"
#include "store/transaction.h"

namespace marac::store {

// The last row that is on disk; sequence 0 and 32 zero bytes before the first.
struct AuditHead {
  uint64_t sequence = 0;
  std::string chain = std::string(domain::kChainStart);
};

absl::StatusOr<AuditHead> LoadAuditHead(Transaction& tx);

// The stored head at `sequence`, 0 included; DATA_LOSS when the row is missing.
absl::StatusOr<AuditHead> LoadAuditHeadAt(Transaction& tx, uint64_t sequence);

// Recomputes every row after `before`, up to and including `to`, from the stored bytes, and returns the head
// at `to`. DATA_LOSS names the first row that is missing, out of order, or does not follow from the one
// before.
absl::StatusOr<AuditHead> VerifyChain(Transaction& tx, const AuditHead& before, uint64_t to);

// Is given the sequence and leaf hash of audit rows, in order; its error ends the visit.
using LeafVisitor = std::function<absl::Status(uint64_t sequence, std::string_view leaf)>;

// Gives every stored row after `after`, up to and including `to`, to `visit`, as it is stored.
absl::Status VisitLeaves(Transaction& tx, uint64_t after, uint64_t to, const LeafVisitor& visit);

// Is given audit rows as they are stored, in order; its error ends the visit. The views live as long as the
// call.
struct StoredRow {
  uint64_t sequence = 0;
  std::string_view record, leaf, chain;
};
using RowVisitor = std::function<absl::Status(const StoredRow& row)>;
absl::Status VisitRows(Transaction& tx, uint64_t after, uint64_t to, const RowVisitor& visit);

// Is given an event; false ends the visit.
using EventVisitor = std::function<bool(uint64_t sequence, const domain::AuditEvent& event)>;

// Walks back over the events that touched `key`, or were made by it (domain::IndexKeys), before `before`;
// over at most `rows_max`.
absl::Status VisitBackwardsBy(Transaction& tx, std::string_view key, int64_t before, int rows_max,
                              const EventVisitor& visit);

// Walks back over the events that touched a record of `scope`, whenever it came to be there; over at most
// `rows_max`.
absl::Status VisitScopeBackwards(Transaction& tx, std::string_view scope, int rows_max,
                                 const EventVisitor& visit);

// How many index rows the events after `after`, up to and including `to`, must have; DATA_LOSS names the
// first event that lacks one.
absl::StatusOr<int64_t> CountIndexed(Transaction& tx, uint64_t after, uint64_t to);
// How many there are of events up to and including `to`.
absl::StatusOr<int64_t> IndexRowsUpTo(Transaction& tx, uint64_t to);

// Walks back from the row before `before`, over at most `rows_max` rows, until `visit` returns false.
absl::Status VisitBackwards(Transaction& tx, int64_t before, int rows_max, const EventVisitor& visit);

// Recomputes the rows `from` to `to` and returns the last one that is good: `to` when all are.
absl::StatusOr<uint64_t> FindFirstBad(Transaction& tx, uint64_t from, uint64_t to);

}  // namespace marac::store

#endif  // MARAC_STORE_AUDIT_CHAIN_H_
