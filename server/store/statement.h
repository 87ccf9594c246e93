// One prepared SQL statement: values are bound, never pasted, and columns are read by type.
#ifndef MARAC_STORE_STATEMENT_H_
#define MARAC_STORE_STATEMENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3_stmt;

namespace marac::store {

class Connection;

// Made by Transaction::Prepare; lives no longer than the body it was made in, and is used by one thread.
//
//   ASSIGN_OR_RETURN(Statement find, tx.Prepare("SELECT body FROM cases WHERE id = ?1"));
//   find.Bind(1, id);
//   ASSIGN_OR_RETURN(bool found, find.Step());
//   if (found) Parse(find.Blob(0));
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1. The value is copied. A mistake is kept and returned by the next Step or Run.
  Statement& Bind(int index, std::string_view text);
  Statement& Bind(int index, int64_t value);
  Statement& BindBlob(int index, std::string_view bytes);
  Statement& BindNull(int index);

  // True: there is a row to read. False: the statement has ended and may be bound and stepped again.
  absl::StatusOr<bool> Step();

  // For a statement that gives no rows: runs it to its end. Bind and Run may follow again.
  absl::Status Run();

  // The columns of the row that Step found, counted from 0. The view is valid until the next Step. NULL
  // reads as empty or 0.
  std::string_view Text(int column) const;
  std::string_view Blob(int column) const;
  int64_t Int(int column) const;
  bool IsNull(int column) const;

  bool ReadsOnly() const;

 private:
  friend class Connection;
  Statement(Connection* connection, sqlite3_stmt* statement, bool control)
      : connection_(connection), statement_(statement), control_(control) {}
  void GiveBack();
  void KeepFirst(int code);

  Connection* connection_;
  sqlite3_stmt* statement_;
  bool control_;
  int bind_error_ = 0;
};

}  // namespace marac::store

#endif  // MARAC_STORE_STATEMENT_H_
