#include "store/connection.h"

#include <fmt/format.h>
#include <sodium.h>
#include <sqlcipher/sqlite3.h>

#include <array>
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/status_macros.h"
#include "store/wiping_memory.h"

namespace marac::store {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSaltBytes = 16;
constexpr int kCacheMax = 512;

// The largest value is a message of 1 MiB beside its columns; the rest keeps a mistake in a statement from
// growing into a denial of service.
constexpr int kValueBytesMax = 4 * 1024 * 1024;
constexpr int kSqlBytesMax = 64 * 1024;

bool IsFatal(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

bool Is(const char* text, std::string_view wanted) { return text != nullptr && wanted == text; }

// The number behind NAME= among the library's compile-time options, or -1.
int CompileOption(std::string_view name) {
  for (int i = 0;; ++i) {
    const char* option = sqlite3_compileoption_get(i);
    if (option == nullptr) return -1;
    const std::string_view text(option);
    if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=') {
      return std::atoi(option + name.size() + 1);
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options) {
  RETURN_IF_ERROR(PrepareLibrary());
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOMUTEX;
  if (options.use == Use::kCreate) flags |= SQLITE_OPEN_CREATE;
  sqlite3* db = nullptr;
  const int code =
      sqlite3_open_v2(options.path.c_str(), &db, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (db == nullptr) return absl::ResourceExhaustedError("no memory to open the database");
  std::unique_ptr<Connection> connection(new Connection(options, db));
  if ((code & 0xff) == SQLITE_CANTOPEN) {
    return absl::NotFoundError(fmt::format(
        "{}: no database can be opened here: run `maracd init`, or check the data directory setting",
        options.path));
  }
  if (code != SQLITE_OK) {
    return absl::FailedPreconditionError(
        fmt::format("{}: cannot be opened: {}", options.path, sqlite3_errstr(code)));
  }
  RETURN_IF_ERROR(connection->Configure(options));
  return connection;
}

Connection::Connection(const Options& options, sqlite3* db)
    : path_(options.path), read_time_max_(absl::ToChronoNanoseconds(options.read_time_max)), db_(db) {
  StartClock();
}

Connection::~Connection() {
  // Closing would checkpoint, and so sync again what could not be synced: that may say OK and be lost.
  if (fatal_code_ != 0) KeepWalOnClose();
  for (const auto& [sql, statement] : cache_) sqlite3_finalize(statement);
  const int code = sqlite3_close(db_);
  // BUSY here means that a Statement outlived its connection.
  assert(code == SQLITE_OK);
  static_cast<void>(code);
}

// The order matters: what is said before the key decides how the key is handled, the key is proved before
// anything is built on it, and the authorizer comes last because it forbids the PRAGMAs before it.
absl::Status Connection::Configure(const Options& options) {
  const bool reader = options.use == Use::kReader;
  sqlite3_extended_result_codes(db_, 1);
  RETURN_IF_ERROR(CheckLibrary());
  // Otherwise a wrong key, and each page that may not be locked in memory, prints a line to stderr.
  RETURN_IF_ERROR(Pragma("PRAGMA cipher_log_level=NONE").status());
  // PrepareLibrary wipes and LockProcessMemory locks; this would do both again, with two system calls for
  // each piece of memory.
  RETURN_IF_ERROR(Pragma("PRAGMA cipher_memory_security=OFF").status());
  RETURN_IF_ERROR(SetKey(*options.key));
  // The first key of a process starts the library's ciphers, and that sets its log back.
  RETURN_IF_ERROR(Pragma("PRAGMA cipher_log_level=NONE").status());

  // A wrong key is noticed only when the first page is read.
  if (absl::StatusOr<std::string> read = Pragma("SELECT count(*) FROM sqlite_schema"); !read.ok()) {
    if ((fatal_code_ & 0xff) == SQLITE_NOTADB) {
      return absl::FailedPreconditionError(
          fmt::format("{}: the key and salt do not open this database: give the key file it was made with, "
                      "or restore a backup if its first page is damaged",
                      path_));
    }
    return read.status();
  }
  RETURN_IF_ERROR(Pragma("PRAGMA cipher_log_level=ERROR").status());

  // Connections of the same file agree on these; a reader waits for a moment when recovery is running, the
  // writer never waits because nobody else writes.
  RETURN_IF_ERROR(SetPragma("journal_mode", "WAL", "wal"));
  RETURN_IF_ERROR(SetPragma("synchronous", "FULL", "2"));
  RETURN_IF_ERROR(SetPragma("wal_autocheckpoint", "0", "0"));
  RETURN_IF_ERROR(SetPragma("temp_store", "MEMORY", "2"));
  RETURN_IF_ERROR(SetPragma("mmap_size", "0", "0"));
  // In KiB, negative. A page that is not kept is decrypted and verified again whenever it is needed.
  const char* const cache = reader ? "-16384" : "-65536";
  RETURN_IF_ERROR(SetPragma("cache_size", cache, cache));
  RETURN_IF_ERROR(SetPragma("foreign_keys", "ON", "1"));
  RETURN_IF_ERROR(SetPragma("trusted_schema", "OFF", "0"));
  RETURN_IF_ERROR(SetPragma("cell_size_check", "ON", "1"));
  RETURN_IF_ERROR(SetPragma("secure_delete", "ON", "1"));
  RETURN_IF_ERROR(SetPragma("busy_timeout", reader ? "2000" : "0", reader ? "2000" : "0"));
  if (reader) RETURN_IF_ERROR(SetPragma("query_only", "ON", "1"));

  RETURN_IF_ERROR(SetFlag(SQLITE_DBCONFIG_DEFENSIVE, 1, "DEFENSIVE"));
  RETURN_IF_ERROR(SetFlag(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, "ENABLE_LOAD_EXTENSION"));
  RETURN_IF_ERROR(SetFlag(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, "TRUSTED_SCHEMA"));
  RETURN_IF_ERROR(SetFlag(SQLITE_DBCONFIG_DQS_DML, 0, "DQS_DML"));
  RETURN_IF_ERROR(SetFlag(SQLITE_DBCONFIG_DQS_DDL, 0, "DQS_DDL"));
  // Only one connection may ever checkpoint: two that write and checkpoint at one moment can corrupt.
  if (reader) RETURN_IF_ERROR(SetFlag(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, "NO_CKPT_ON_CLOSE"));

  sqlite3_wal_hook(db_, &Connection::AfterCommit, this);
  if (options.use == Use::kCreate || options.use == Use::kMigrate) return absl::OkStatus();

  sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_limit(db_, SQLITE_LIMIT_SQL_LENGTH, kSqlBytesMax);
  sqlite3_limit(db_, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db_, SQLITE_LIMIT_EXPR_DEPTH, 100);
  sqlite3_limit(db_, SQLITE_LIMIT_COMPOUND_SELECT, 50);
  sqlite3_limit(db_, SQLITE_LIMIT_VARIABLE_NUMBER, 1000);
  sqlite3_limit(db_, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
  sqlite3_limit(db_, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
  sqlite3_limit(db_, SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_progress_handler(db_, /*instructions=*/1000, &Connection::Progress, this);
  sqlite3_set_authorizer(db_, &Connection::Authorize, this);
  StartClock();
  return absl::OkStatus();
}

// Plain SQLite has the same functions, ignores the key and would write clear text; and an older SQLCipher
// has an older SQLite with known corruption bugs.
absl::Status Connection::CheckLibrary() {
  ASSIGN_OR_RETURN(const std::string version, Pragma("PRAGMA cipher_version"));
  if (!version.starts_with("4.")) {
    return absl::FailedPreconditionError(
        fmt::format("the database library is not SQLCipher 4 (cipher_version: \"{}\"): install libsqlcipher "
                    "4.6 and see that no plain SQLite is linked",
                    version));
  }
  if (CompileOption("TEMP_STORE") < 2) {
    return absl::FailedPreconditionError(
        "the database library may write temporary data to disk in clear text: install a libsqlcipher built "
        "with TEMP_STORE 2 or 3");
  }
  if (sqlite3_threadsafe() == 0) {
    return absl::FailedPreconditionError(
        "the database library is not thread safe: install a libsqlcipher built with THREADSAFE 1 or 2");
  }
  return absl::OkStatus();
}

absl::Status Connection::SetKey(const DatabaseKey& key) {
  if (key.key.size() != kKeyBytes || key.salt.size() != kSaltBytes) {
    return absl::InvalidArgumentError(
        fmt::format("the database key must be {} bytes and its salt {} bytes: check the key file", kKeyBytes,
                    kSaltBytes));
  }
  // x'<key><salt>' in hexadecimal makes SQLCipher take the bytes as they are; through this function they
  // are in no SQL text.
  std::array<char, 2 + 2 * (kKeyBytes + kSaltBytes) + 2> spec{};
  spec[0] = 'x';
  spec[1] = '\'';
  const auto hex = [&](const Secret& secret, size_t at) {
    sodium_bin2hex(spec.data() + at, 2 * secret.size() + 1,
                   reinterpret_cast<const unsigned char*>(secret.Reveal().data()), secret.size());
  };
  hex(key.key, 2);
  hex(key.salt, 2 + 2 * kKeyBytes);
  spec[spec.size() - 2] = '\'';
  const int code = sqlite3_key_v2(db_, "main", spec.data(), static_cast<int>(spec.size()) - 1);
  sodium_memzero(spec.data(), spec.size());
  return code == SQLITE_OK ? absl::OkStatus() : Error(code);
}

absl::StatusOr<std::string> Connection::Pragma(const std::string& sql) {
  ASSIGN_OR_RETURN(Statement statement, PrepareControl(sql));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? std::string(statement.Text(0)) : std::string();
}

absl::Status Connection::SetPragma(std::string_view name, std::string_view value,
                                   std::string_view read_back) {
  RETURN_IF_ERROR(Pragma(fmt::format("PRAGMA {}={}", name, value)).status());
  ASSIGN_OR_RETURN(const std::string found, Pragma(fmt::format("PRAGMA {}", name)));
  if (found != read_back) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: the database library did not take {}={} (it says \"{}\")", path_, name, value, found));
  }
  return absl::OkStatus();
}

absl::Status Connection::SetFlag(int option, int value, std::string_view name) {
  int found = -1;
  const int code = sqlite3_db_config(db_, option, value, &found);
  // A library built without extension loading does not know that flag and needs none.
  if (code != SQLITE_OK && option == SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION) return absl::OkStatus();
  if (code != SQLITE_OK || found != value) {
    return absl::FailedPreconditionError(
        fmt::format("{}: the database library did not take {}={}", path_, name, value));
  }
  return absl::OkStatus();
}

absl::StatusOr<sqlite3_stmt*> Connection::Compile(std::string_view sql, bool control) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  control_ = control;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      control ? 0 : SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  control_ = false;
  if (code != SQLITE_OK) return Error(code);
  if (statement == nullptr || tail != sql.data() + sql.size()) {
    sqlite3_finalize(statement);
    return absl::InternalError("a statement must be exactly one");
  }
  return statement;
}

absl::StatusOr<Statement> Connection::Prepare(std::string_view sql) {
  // A statement leaves the cache while it is in use, so that the same text may be used inside its own loop.
  if (auto found = cache_.find(sql); found != cache_.end()) {
    Statement statement(this, found->second, /*control=*/false);
    cache_.erase(found);
    return statement;
  }
  ASSIGN_OR_RETURN(sqlite3_stmt * statement, Compile(sql, /*control=*/false));
  return Statement(this, statement, /*control=*/false);
}

absl::StatusOr<Statement> Connection::PrepareControl(std::string_view sql) {
  ASSIGN_OR_RETURN(sqlite3_stmt * statement, Compile(sql, /*control=*/true));
  return Statement(this, statement, /*control=*/true);
}

void Connection::GiveBack(sqlite3_stmt* statement, bool control) {
  sqlite3_reset(statement);
  if (control || cache_.size() >= kCacheMax) {
    sqlite3_finalize(statement);
    return;
  }
  // What was bound belongs to a case and must not wait in memory for the next one.
  sqlite3_clear_bindings(statement);
  if (!cache_.try_emplace(sqlite3_sql(statement), statement).second) sqlite3_finalize(statement);
}

absl::Status Connection::Execute(const std::string& script) {
  control_ = true;
  const int code = sqlite3_exec(db_, script.c_str(), nullptr, nullptr, nullptr);
  control_ = false;
  return code == SQLITE_OK ? absl::OkStatus() : Error(code);
}

int Connection::StepRaw(sqlite3_stmt* statement, bool control) {
  limited_ = !control && sqlite3_stmt_readonly(statement) != 0;
  // Many short statements never reach the progress handler, so the clock is read here as well.
  if (limited_ && OutOfTime()) return SQLITE_INTERRUPT;
  // Compiling again, should the library find it necessary, asks the authorizer again.
  control_ = control;
  const int code = sqlite3_step(statement);
  control_ = false;
  return code;
}

void Connection::StartClock() { clock_started_ = std::chrono::steady_clock::now(); }

bool Connection::OutOfTime() const {
  return std::chrono::steady_clock::now() - clock_started_ > read_time_max_;
}

bool Connection::InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }

absl::Status Connection::Checkpoint(bool truncate) {
  const int code = sqlite3_wal_checkpoint_v2(
      db_, "main", truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Error(code);
}

void Connection::KeepWalOnClose() {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, static_cast<int*>(nullptr));
}

// Texts here name no value of a record: a constraint's own message names tables and columns only, and every
// other text is the library's fixed one for the code.
absl::Status Connection::Error(int code) {
  if (IsFatal(code) && fatal_code_ == 0) fatal_code_ = code;
  switch (code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::AlreadyExistsError(fmt::format("a record with this key exists: {}", sqlite3_errmsg(db_)));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return absl::FailedPreconditionError("a record that this one refers to does not exist");
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return absl::InternalError(fmt::format("the database refused the record: {}", sqlite3_errmsg(db_)));
    case SQLITE_INTERRUPT:
      return absl::DeadlineExceededError(
          fmt::format("reading took longer than {} ms and was stopped: ask for less",
                      std::chrono::duration_cast<std::chrono::milliseconds>(read_time_max_).count()));
    case SQLITE_FULL:
      return absl::ResourceExhaustedError("the disk is full and nothing was stored: free space on it");
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError("the database has no memory left: try again");
    case SQLITE_TOOBIG:
      return absl::InvalidArgumentError(
          fmt::format("a value is larger than {} bytes: make it shorter", kValueBytesMax));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(
          fmt::format("{}: the database file is damaged (code {}): restore the newest backup", path_, code));
    case SQLITE_AUTH:
      return absl::InternalError("the database refused the statement: not authorised");
    case SQLITE_ERROR:
    case SQLITE_READONLY:
      return absl::InternalError(fmt::format("the database refused the statement: {}", sqlite3_errmsg(db_)));
    default:
      return absl::UnavailableError(
          fmt::format("the database failed with code {} ({})", code, sqlite3_errstr(code)));
  }
}

// What a body may do is listed, so that a new kind of action is refused until somebody thought about it.
int Connection::Authorize(void* self, int action, const char* first, const char* second, const char*,
                          const char*) {
  if (static_cast<Connection*>(self)->control_) return SQLITE_OK;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      // Two functions reach outside the database: one loads code, one copies everything to another file.
      return Is(second, "load_extension") || Is(second, "sqlcipher_export") ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_INSERT:
      return Is(first, "audit_log") || Is(first, "audit_index") ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return Is(first, "audit_log") || Is(first, "audit_index") || Is(first, "record_versions") ? SQLITE_DENY
                                                                                                : SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

int Connection::Progress(void* self) {
  const auto* connection = static_cast<Connection*>(self);
  return connection->limited_ && connection->OutOfTime() ? 1 : 0;
}

int Connection::AfterCommit(void* self, sqlite3*, const char*, int pages) {
  static_cast<Connection*>(self)->wal_pages_ = pages;
  return SQLITE_OK;
}

}  // namespace marac::store
