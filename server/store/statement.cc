#include "store/statement.h"

#include <sqlcipher/sqlite3.h>

#include <utility>

#include "store/connection.h"

namespace marac::store {

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      control_(other.control_),
      bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    GiveBack();
    connection_ = other.connection_;
    statement_ = std::exchange(other.statement_, nullptr);
    control_ = other.control_;
    bind_error_ = other.bind_error_;
  }
  return *this;
}

Statement::~Statement() { GiveBack(); }

void Statement::GiveBack() {
  if (statement_ != nullptr) connection_->GiveBack(std::exchange(statement_, nullptr), control_);
}

void Statement::KeepFirst(int code) {
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

Statement& Statement::Bind(int index, std::string_view text) {
  // A null pointer would bind NULL, and an empty view may hold one.
  const char* data = text.data() == nullptr ? "" : text.data();
  KeepFirst(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::Bind(int index, int64_t value) {
  KeepFirst(sqlite3_bind_int64(statement_, index, value));
  return *this;
}

Statement& Statement::BindBlob(int index, std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  KeepFirst(sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::BindNull(int index) {
  KeepFirst(sqlite3_bind_null(statement_, index));
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  if (bind_error_ != SQLITE_OK) return connection_->Error(std::exchange(bind_error_, SQLITE_OK));
  const int code = connection_->StepRaw(statement_, control_);
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_);
  if (code == SQLITE_DONE) return false;
  return connection_->Error(code);
}

absl::Status Statement::Run() {
  while (true) {
    absl::StatusOr<bool> row = Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
  }
}

std::string_view Statement::Text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::Blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

bool Statement::ReadsOnly() const { return sqlite3_stmt_readonly(statement_) != 0; }

}  // namespace marac::store
