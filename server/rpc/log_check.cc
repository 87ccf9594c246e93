#include "rpc/log_check.h"

#include <spdlog/spdlog.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "domain/local_date.h"
#include "store/watch.h"

namespace marac::rpc {
namespace {

constexpr std::string_view kChore = "check-log";

}  // namespace

LogCheck::LogCheck(store::Database& database, const store::Checkpointer& checkpointer,
                   const SecurityClock& clock, std::function<domain::AuditEvent()> make_event)
    : database_(database), checkpointer_(checkpointer), clock_(clock), make_event_(std::move(make_event)) {}

absl::Status LogCheck::RunDue() const {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = clock_.Now();
  const absl::Time midnight = absl::FromCivil(domain::DateOf(now).civil(), domain::London());
  int64_t done_ms = 0;
  RETURN_IF_ERROR(database_.Peek([&](store::ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(done_ms, store::LastDone(tx, kChore));
    return absl::OkStatus();
  }));
  if (done_ms >= absl::ToUnixMillis(midnight)) return absl::OkStatus();

  const absl::Status found = CheckWhole();
  if (!found.ok() && !absl::IsDataLoss(found)) return found;
  if (!found.ok()) spdlog::critical("the audit log is damaged: {}", std::string(found.message()));
  return database_.Write(
      [&](store::WriteTransaction& tx) { return store::SetDone(tx, kChore, absl::ToUnixMillis(now)); },
      [&](const absl::Status&) {
        domain::AuditEvent event = make_event_();
        event.allowed = found.ok();
        event.status = static_cast<int32_t>(found.code());
        return event;
      });
}

absl::Status LogCheck::CheckWhole() const {
  RETURN_IF_ERROR(database_.VerifyAudit(1, database_.Head().sequence));
  RETURN_IF_ERROR(database_.VerifyIndex());
  return checkpointer_.Compare(
      [this](const store::LeafVisitor& visit) { return database_.ScanLeaves(visit); });
}

}  // namespace marac::rpc
