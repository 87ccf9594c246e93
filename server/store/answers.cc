#include "store/answers.h"

#include "base/status_macros.h"

namespace marac::store {

absl::Status AppendAnswers(WriteTransaction& tx, std::string_view assessment,
                           std::span<const v1::Answer> events) {
  ASSIGN_OR_RETURN(Statement insert,
                   tx.Prepare("INSERT INTO answer_events (assessment, seq, body) VALUES (?1, ?2, ?3)"));
  for (const v1::Answer& event : events) {
    insert.Bind(1, assessment).Bind(2, event.seq()).BindBlob(3, event.SerializeAsString());
    RETURN_IF_ERROR(insert.Run());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Answer>> LoadAnswers(Transaction& tx, std::string_view assessment) {
  ASSIGN_OR_RETURN(Statement find,
                   tx.Prepare("SELECT body FROM answer_events WHERE assessment = ?1 ORDER BY seq"));
  find.Bind(1, assessment);
  std::vector<v1::Answer> events;
  while (true) {
    ASSIGN_OR_RETURN(bool found, find.Step());
    if (!found) return events;
    std::string_view body = find.Blob(0);
    if (!events.emplace_back().ParseFromArray(body.data(), static_cast<int>(body.size()))) {
      return absl::DataLossError("an answer event does not read back");
    }
  }
}

}  // namespace marac::store
