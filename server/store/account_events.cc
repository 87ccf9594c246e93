#include "store/account_events.h"

#include "base/status_macros.h"

namespace marac::store {
namespace {

constexpr int64_t kKeptMs = int64_t{90} * 24 * 60 * 60 * 1000;

}  // namespace

absl::Status NoteAccountEvent(WriteTransaction& tx, std::string_view account, const AccountEvent& event) {
  ASSIGN_OR_RETURN(Statement drop, tx.Prepare("DELETE FROM account_events WHERE time_ms <= ?1"));
  RETURN_IF_ERROR(drop.Bind(1, event.time_ms - kKeptMs).Run());
  ASSIGN_OR_RETURN(
      Statement insert,
      tx.Prepare("INSERT INTO account_events (account, time_ms, kind, source) VALUES (?1, ?2, ?3, ?4)"));
  return insert.Bind(1, account)
      .Bind(2, event.time_ms)
      .Bind(3, int64_t{event.kind})
      .Bind(4, event.source)
      .Run();
}

absl::StatusOr<std::vector<AccountEvent>> ListAccountEvents(Transaction& tx, std::string_view account,
                                                            int64_t now_ms) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT kind, time_ms, source FROM account_events WHERE account = ?1 AND "
                              "time_ms > ?2 ORDER BY time_ms DESC, rowid DESC LIMIT 100"));
  select.Bind(1, account).Bind(2, now_ms - kKeptMs);
  std::vector<AccountEvent> events;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return events;
    events.push_back({.kind = static_cast<int32_t>(select.Int(0)),
                      .time_ms = select.Int(1),
                      .source = std::string(select.Text(2))});
  }
}

}  // namespace marac::store
