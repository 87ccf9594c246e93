// One connection to the encrypted file. It is opened in one way only, so that no connection can lack a key
// check, a limit or the authorizer.
#ifndef MARAC_STORE_CONNECTION_H_
#define MARAC_STORE_CONNECTION_H_

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/secret.h"
#include "store/statement.h"

struct sqlite3;

namespace marac::store {

// The raw key and our own salt; the salt is kept with the key so that the file opens even when its first
// page, where SQLCipher would keep it, is damaged.
struct DatabaseKey {
  Secret key;   // 32 bytes
  Secret salt;  // 16 bytes
};

// Used by one thread at a time.
class Connection {
 public:
  enum class Use {
    kCreate,   // an empty file, for `init`
    kMigrate,  // may change the schema; no authorizer
    kWriter,   // reads and writes rows
    kReader,   // reads only
  };

  struct Options {
    std::string path;        // without symbolic links
    const DatabaseKey* key;  // needed during Open only
    Use use;
    absl::Duration read_time_max;  // for all reading between two StartClock; see there
    std::string vfs;               // empty: the default one
  };

  // NOT_FOUND when there is no file; FAILED_PRECONDITION when the key is wrong, when the library is not a
  // SQLCipher 4 that keeps temporary data in memory, or when a setting does not take.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A statement on rows. On a writer or a reader the authorizer refuses transaction control, PRAGMA, ATTACH,
  // schema changes, and any change of `audit_log` or of what `record_versions` already holds.
  absl::StatusOr<Statement> Prepare(std::string_view sql);

  // The same without those refusals, for transaction control and the audit's own row. Not cached.
  absl::StatusOr<Statement> PrepareControl(std::string_view sql);

  // Statements without values and without those refusals, e.g. a migration file.
  absl::Status Execute(const std::string& script);

  // Reading is stopped with DEADLINE_EXCEEDED `read_time_max` after the last call of this; writing is not,
  // because that would end the whole group. The clock starts at Open.
  void StartClock();

  // False after the database ended the transaction by itself (RAISE(ROLLBACK), a full disk).
  bool InTransaction() const;

  // The first error seen that means the file or the disk cannot be trusted any more, else 0. There is no way
  // back from it: the process must end and read what is on disk.
  int fatal_code() const { return fatal_code_; }

  // The number of frames in the write-ahead log after this connection's last commit.
  int wal_pages() const { return wal_pages_; }

  // Only the writer may call these, between groups. `truncate` needs that no reader is active.
  absl::Status Checkpoint(bool truncate);

  // After a failure nothing more may reach the file, not even by closing; a connection that met a fatal
  // error itself does this by itself.
  void KeepWalOnClose();

 private:
  friend class Statement;
  Connection(const Options& options, sqlite3* db);

  absl::Status Configure(const Options& options);
  absl::Status CheckLibrary();
  absl::Status SetKey(const DatabaseKey& key);
  absl::Status SetPragma(std::string_view name, std::string_view value, std::string_view read_back);
  absl::StatusOr<std::string> Pragma(const std::string& sql);
  absl::Status SetFlag(int option, int value, std::string_view name);
  absl::StatusOr<sqlite3_stmt*> Compile(std::string_view sql, bool control);

  int StepRaw(sqlite3_stmt* statement, bool control);
  void GiveBack(sqlite3_stmt* statement, bool control);
  // The status for a result code; remembers a fatal one.
  absl::Status Error(int code);
  bool OutOfTime() const;

  static int Authorize(void* self, int action, const char* first, const char* second, const char* database,
                       const char* trigger);
  static int Progress(void* self);
  static int AfterCommit(void* self, sqlite3* db, const char* database, int pages);

  const std::string path_;
  const std::chrono::nanoseconds read_time_max_;
  sqlite3* const db_;
  std::map<std::string, sqlite3_stmt*, std::less<>> cache_;  // those not in use
  std::chrono::steady_clock::time_point clock_started_;
  bool control_ = false;  // a control statement is being compiled or stepped
  bool limited_ = false;  // the statement being stepped reads only
  int fatal_code_ = 0;
  int wal_pages_ = 0;
};

}  // namespace marac::store

#endif  // MARAC_STORE_CONNECTION_H_
