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

// Walks back from the row before `before`, over at most `rows_max` rows, until `visit` returns false.
absl::Status VisitBackwards(
    Transaction& tx, int64_t before, int rows_max,
    const std::function<bool(uint64_t sequence, const domain::AuditEvent& event)>& visit);

// Recomputes the rows `from` to `to` and returns the last one that is good: `to` when all are.
absl::StatusOr<uint64_t> FindFirstBad(Transaction& tx, uint64_t from, uint64_t to);

}  // namespace marac::store

#endif  // MARAC_STORE_AUDIT_CHAIN_H_
