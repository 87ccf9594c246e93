#include "store/form_drafts.h"

#include <fmt/format.h>

#include "base/status_macros.h"

namespace marac::store {

absl::Status SaveFormDraft(WriteTransaction& tx, std::string_view account, std::string_view form,
                           const FormDraft& draft, int64_t kept_from_ms, int count_max) {
  ASSIGN_OR_RETURN(Statement drop, tx.Prepare("DELETE FROM form_drafts WHERE save_ms < ?1"));
  RETURN_IF_ERROR(drop.Bind(1, kept_from_ms).Run());
  ASSIGN_OR_RETURN(Statement count,
                   tx.Prepare("SELECT count(*) FROM form_drafts WHERE account = ?1 AND form <> ?2"));
  count.Bind(1, account).Bind(2, form);
  RETURN_IF_ERROR(count.Step().status());
  if (count.Int(0) >= count_max) {
    return absl::ResourceExhaustedError(fmt::format(
        "{} half-filled forms are kept for you, which is the most: finish or discard one", count_max));
  }
  ASSIGN_OR_RETURN(
      Statement upsert,
      tx.Prepare(
          "INSERT INTO form_drafts (account, form, content, save_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
          "(account, form) DO UPDATE SET content = excluded.content, save_ms = excluded.save_ms"));
  return upsert.Bind(1, account).Bind(2, form).BindBlob(3, draft.content).Bind(4, draft.save_ms).Run();
}

absl::StatusOr<std::optional<FormDraft>> FindFormDraft(Transaction& tx, std::string_view account,
                                                       std::string_view form, int64_t kept_from_ms) {
  ASSIGN_OR_RETURN(Statement select, tx.Prepare("SELECT content, save_ms FROM form_drafts WHERE account = ?1 "
                                                "AND form = ?2 AND save_ms >= ?3"));
  select.Bind(1, account).Bind(2, form).Bind(3, kept_from_ms);
  ASSIGN_OR_RETURN(const bool found, select.Step());
  if (!found) return std::nullopt;
  return FormDraft{.content = std::string(select.Blob(0)), .save_ms = select.Int(1)};
}

absl::Status DeleteFormDraft(WriteTransaction& tx, std::string_view account, std::string_view form) {
  ASSIGN_OR_RETURN(Statement remove, tx.Prepare("DELETE FROM form_drafts WHERE account = ?1 AND form = ?2"));
  return remove.Bind(1, account).Bind(2, form).Run();
}

}  // namespace marac::store
