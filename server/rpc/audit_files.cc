#include "rpc/audit_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "base/status_macros.h"
#include "domain/audit_export.h"
#include "domain/checkpoint.h"
#include "rpc/host.h"
#include "store/checkpointer.h"
#include "store/database.h"
#include "store/installation.h"

namespace marac::rpc {
namespace {

// Nobody waits for these statements, and a whole log takes longer than one call's reading may.
constexpr absl::Duration kReadTimeMax = absl::Minutes(30);

// That the log was taken away, as everything else that leaves.
absl::Status NoteExport(store::Database& database, const SecurityClock& clock) {
  store::Installation installation;
  RETURN_IF_ERROR(database.Peek([&](store::ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(installation, store::LoadInstallation(tx));
    return absl::OkStatus();
  }));
  domain::AuditEvent event;
  event.kind = domain::AuditKind::kDisclosure;
  event.method = "export-audit";
  event.rule = "host";
  event.allowed = true;
  event.time_ms = absl::ToUnixMillis(clock.Now());
  event.business_time_ms = absl::ToUnixMillis(clock.Now() + installation.business_offset);
  return database.Append(event);
}

}  // namespace

absl::StatusOr<uint64_t> VerifyAudit(const config::v1::ServerConfig& config) {
  ASSIGN_OR_RETURN(store::DatabaseOptions options, DatabaseOptionsOf(config));
  options.read_time_max = kReadTimeMax;
  options.reader_count = 1;
  options.verify_rows_at_open = 0;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Database> database, store::Database::Open(options));
  const uint64_t head = database->Head().sequence;
  if (head > 0) RETURN_IF_ERROR(database->VerifyAudit(1, head));
  RETURN_IF_ERROR(database->VerifyIndex());
  ASSIGN_OR_RETURN(store::CheckpointerOptions checkpoints, CheckpointerOptionsOf(config));
  const SecurityClock clock;
  RETURN_IF_ERROR(
      store::Checkpointer::Create(std::move(checkpoints), &clock, [&](const store::LeafVisitor& visit) {
        return database->ScanLeaves(visit);
      }).status());
  return head;
}

absl::StatusOr<uint64_t> ExportAudit(const config::v1::ServerConfig& config, const std::string& path,
                                     const SecurityClock& clock) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return absl::AlreadyExistsError(fmt::format("{}: is there already: give another file", path));
  }
  ASSIGN_OR_RETURN(store::DatabaseOptions options, DatabaseOptionsOf(config));
  ASSIGN_OR_RETURN(const store::CheckpointerOptions checkpoints, CheckpointerOptionsOf(config));
  options.read_time_max = kReadTimeMax;
  options.reader_count = 1;
  options.verify_rows_at_open = 0;
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Database> database, store::Database::Open(options));
  const uint64_t head = database->Head().sequence;
  if (head > 0 && database->VerifyAudit(1, head).ok()) RETURN_IF_ERROR(NoteExport(*database, clock));

  std::ofstream file(path, std::ios::binary);
  file << domain::AuditExportHead(domain::CheckpointOrigin(checkpoints.area), clock.Now());
  uint64_t entries = 0;
  RETURN_IF_ERROR(database->ScanRows(1, [&](const store::StoredRow& row) {
    file << domain::AuditExportLine(row.sequence, row.record, row.leaf, row.chain);
    ++entries;
    return absl::OkStatus();
  }));
  file << domain::AuditExportEnd(entries);
  file.close();
  if (!file) {
    std::filesystem::remove(path, error);
    return absl::InvalidArgumentError(fmt::format("{}: cannot be written: give another file", path));
  }
  return entries;
}

}  // namespace marac::rpc
