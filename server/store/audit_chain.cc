#include "store/audit_chain.h"

#include <fmt/format.h>

#include <utility>

#include "base/status_macros.h"
#include "domain/audit.h"

namespace marac::store {
namespace {

absl::Status Broken(std::string_view what) {
  return absl::DataLossError(
      fmt::format("the audit log is broken: {}: restore the newest backup that verifies", what));
}

absl::Status VisitEvents(Statement& rows, const EventVisitor& visit) {
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return absl::OkStatus();
    ASSIGN_OR_RETURN(const auto decoded, domain::DecodeAuditRecord(rows.Blob(0)));
    if (!visit(decoded.first, decoded.second)) return absl::OkStatus();
  }
}

// Checks the rows after those that `check` has seen, up to `to`.
absl::Status CheckRows(Transaction& tx, uint64_t to, domain::ChainCheck& check) {
  ASSIGN_OR_RETURN(Statement rows, tx.Prepare("SELECT sequence, record, leaf, chain FROM audit_log "
                                              "WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence"));
  rows.Bind(1, static_cast<int64_t>(check.checked())).Bind(2, static_cast<int64_t>(to));
  while (check.checked() < to) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return Broken(fmt::format("row {} is missing", check.checked() + 1));
    const absl::Status row =
        check.Next(static_cast<uint64_t>(rows.Int(0)), rows.Blob(1), rows.Blob(2), rows.Blob(3));
    if (!row.ok()) return Broken(std::string(row.message()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AuditHead> LoadAuditHead(Transaction& tx) {
  ASSIGN_OR_RETURN(Statement last,
                   tx.Prepare("SELECT sequence, chain FROM audit_log ORDER BY sequence DESC LIMIT 1"));
  ASSIGN_OR_RETURN(const bool found, last.Step());
  if (!found) return AuditHead{};
  return AuditHead{static_cast<uint64_t>(last.Int(0)), std::string(last.Blob(1))};
}

absl::StatusOr<AuditHead> LoadAuditHeadAt(Transaction& tx, uint64_t sequence) {
  if (sequence == 0) return AuditHead{};
  ASSIGN_OR_RETURN(Statement row, tx.Prepare("SELECT chain FROM audit_log WHERE sequence = ?1"));
  row.Bind(1, static_cast<int64_t>(sequence));
  ASSIGN_OR_RETURN(const bool found, row.Step());
  if (!found) return Broken(fmt::format("row {} is missing", sequence));
  return AuditHead{sequence, std::string(row.Blob(0))};
}

absl::StatusOr<AuditHead> VerifyChain(Transaction& tx, const AuditHead& before, uint64_t to) {
  domain::ChainCheck check(before.sequence, before.chain);
  RETURN_IF_ERROR(CheckRows(tx, to, check));
  return AuditHead{check.checked(), check.chain()};
}

absl::StatusOr<uint64_t> FindFirstBad(Transaction& tx, uint64_t from, uint64_t to) {
  ASSIGN_OR_RETURN(const AuditHead before, LoadAuditHeadAt(tx, from - 1));
  domain::ChainCheck check(before.sequence, before.chain);
  const absl::Status status = CheckRows(tx, to, check);
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  return check.checked();
}

absl::Status VisitBackwards(Transaction& tx, int64_t before, int rows_max, const EventVisitor& visit) {
  ASSIGN_OR_RETURN(Statement rows, tx.Prepare("SELECT record FROM audit_log WHERE sequence < ?1 "
                                              "ORDER BY sequence DESC LIMIT ?2"));
  rows.Bind(1, before).Bind(2, int64_t{rows_max});
  return VisitEvents(rows, visit);
}

absl::Status VisitBackwardsBy(Transaction& tx, std::string_view key, int64_t before, int rows_max,
                              const EventVisitor& visit) {
  ASSIGN_OR_RETURN(
      Statement rows,
      tx.Prepare("SELECT l.record FROM audit_index i JOIN audit_log l ON l.sequence = i.sequence "
                 "WHERE i.key = ?1 AND i.sequence < ?2 ORDER BY i.sequence DESC LIMIT ?3"));
  rows.Bind(1, key).Bind(2, before).Bind(3, int64_t{rows_max});
  return VisitEvents(rows, visit);
}

absl::Status VisitScopeBackwards(Transaction& tx, std::string_view scope, int rows_max,
                                 const EventVisitor& visit) {
  ASSIGN_OR_RETURN(
      Statement rows,
      tx.Prepare("SELECT l.record FROM audit_log l WHERE l.sequence IN ("
                 "SELECT i.sequence FROM records r JOIN audit_index i ON i.key = r.name WHERE r.scope = ?1) "
                 "ORDER BY l.sequence DESC LIMIT ?2"));
  rows.Bind(1, scope).Bind(2, int64_t{rows_max});
  return VisitEvents(rows, visit);
}

absl::StatusOr<int64_t> CountIndexed(Transaction& tx, uint64_t after, uint64_t to) {
  ASSIGN_OR_RETURN(Statement find,
                   tx.Prepare("SELECT count(*) FROM audit_index WHERE key = ?1 AND sequence = ?2"));
  int64_t count = 0;
  const absl::Status visited = VisitRows(tx, after, to, [&](const StoredRow& row) -> absl::Status {
    ASSIGN_OR_RETURN(const auto decoded, domain::DecodeAuditRecord(row.record));
    for (const std::string& key : domain::IndexKeys(decoded.second)) {
      find.Bind(1, key).Bind(2, static_cast<int64_t>(row.sequence));
      RETURN_IF_ERROR(find.Step().status());
      const bool found = find.Int(0) == 1;
      // To its end, so that it can be bound again.
      RETURN_IF_ERROR(find.Step().status());
      if (!found) {
        return absl::DataLossError(
            fmt::format("the index of the audit log does not find entry {} by what it touched: somebody "
                        "wrote into the database; the log itself is whole",
                        row.sequence));
      }
      ++count;
    }
    return absl::OkStatus();
  });
  if (!visited.ok()) return visited;
  return count;
}

absl::StatusOr<int64_t> IndexRowsUpTo(Transaction& tx, uint64_t to) {
  ASSIGN_OR_RETURN(Statement count, tx.Prepare("SELECT count(*) FROM audit_index WHERE sequence <= ?1"));
  count.Bind(1, static_cast<int64_t>(to));
  RETURN_IF_ERROR(count.Step().status());
  return count.Int(0);
}

absl::Status VisitRows(Transaction& tx, uint64_t after, uint64_t to, const RowVisitor& visit) {
  ASSIGN_OR_RETURN(Statement rows, tx.Prepare("SELECT sequence, record, leaf, chain FROM audit_log "
                                              "WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence"));
  rows.Bind(1, static_cast<int64_t>(after)).Bind(2, static_cast<int64_t>(to));
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return absl::OkStatus();
    RETURN_IF_ERROR(visit({.sequence = static_cast<uint64_t>(rows.Int(0)),
                           .record = rows.Blob(1),
                           .leaf = rows.Blob(2),
                           .chain = rows.Blob(3)}));
  }
}

absl::Status VisitLeaves(Transaction& tx, uint64_t after, uint64_t to, const LeafVisitor& visit) {
  ASSIGN_OR_RETURN(Statement rows, tx.Prepare("SELECT sequence, leaf FROM audit_log "
                                              "WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence"));
  rows.Bind(1, static_cast<int64_t>(after)).Bind(2, static_cast<int64_t>(to));
  while (true) {
    ASSIGN_OR_RETURN(const bool found, rows.Step());
    if (!found) return absl::OkStatus();
    RETURN_IF_ERROR(visit(static_cast<uint64_t>(rows.Int(0)), rows.Blob(1)));
  }
}

}  // namespace marac::store
