// What the store's tests share: a real encrypted database in a folder of its own, with one more table.
#ifndef MARAC_TESTS_STORE_TEST_DATABASE_H_
#define MARAC_TESTS_STORE_TEST_DATABASE_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "store/database.h"
#include "tests/support/status_matchers.h"

namespace marac::store {

// Removed with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "marac_store_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline DatabaseKey TestKey(char fill = 'k') {
  return {.key = Secret(std::string(32, fill)), .salt = Secret(std::string(16, 's'))};
}

// The program's own schema and, after it, tables that misbehave when asked to.
inline std::vector<Migration> TestMigrations() {
  std::vector<Migration> migrations = EmbeddedMigrations();
  migrations.push_back(
      {.number = static_cast<int>(migrations.size()) + 1, .name = "test_notes.sql", .sql = R"(
    CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
    CREATE TRIGGER notes_may_end_the_group BEFORE INSERT ON notes WHEN NEW.text = 'end the group'
    BEGIN SELECT RAISE(ROLLBACK, 'ended'); END;)"});
  return migrations;
}

inline DatabaseOptions TestOptions(const std::string& directory) {
  DatabaseOptions options;
  options.directory = directory;
  options.key = TestKey();
  options.reader_count = 4;
  options.migrations = TestMigrations();
  // Where tests do not say otherwise, a slow machine is no reason to fail.
  options.answer_wait_max = absl::Seconds(60);
  options.on_fatal = [](std::string_view reason) { ADD_FAILURE() << "fatal: " << reason; };
  return options;
}

inline domain::AuditEvent Event(const absl::Status& status) {
  domain::AuditEvent event;
  event.method = "test";
  event.allowed = status.ok();
  event.status = static_cast<int32_t>(status.code());
  return event;
}

inline absl::Status InsertNote(WriteTransaction& tx, int64_t id, std::string_view text) {
  ASSIGN_OR_RETURN(Statement insert, tx.Prepare("INSERT INTO notes (id, text) VALUES (?1, ?2)"));
  return insert.Bind(1, id).Bind(2, text).Run();
}

inline Database::WriteBody NoteWriter(int64_t id, std::string text = "a note") {
  return [id, text](WriteTransaction& tx) { return InsertNote(tx, id, text); };
}

inline absl::StatusOr<int64_t> Count(Transaction& tx, std::string_view sql) {
  ASSIGN_OR_RETURN(Statement count, tx.Prepare(sql));
  RETURN_IF_ERROR(count.Step().status());
  return count.Int(0);
}

// The first column of the first row, seen by a read (which leaves an audit row of its own afterwards).
inline int64_t ReadNumber(Database& database, std::string_view sql) {
  int64_t number = -1;
  EXPECT_OK(database.Read(
      [&](ReadTransaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(number, Count(tx, sql));
        return absl::OkStatus();
      },
      Event));
  return number;
}

// An event as it is stored.
inline domain::AuditEvent StoredEvent(Database& database, uint64_t sequence) {
  domain::AuditEvent event;
  EXPECT_OK(database.Read(
      [&](ReadTransaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(Statement row, tx.Prepare("SELECT record FROM audit_log WHERE sequence = ?1"));
        row.Bind(1, static_cast<int64_t>(sequence));
        RETURN_IF_ERROR(row.Step().status());
        ASSIGN_OR_RETURN(auto decoded, domain::DecodeAuditRecord(row.Blob(0)));
        event = decoded.second;
        return absl::OkStatus();
      },
      Event));
  return event;
}

class DatabaseTestBase : public ::testing::Test {
 protected:
  DatabaseTestBase() : options_(TestOptions(directory_.path())) {}

  void Create() { ASSERT_OK(CreateDatabase(options_)); }
  void Open() { ASSERT_OK_AND_ASSIGN(database_, Database::Open(options_)); }
  void CreateAndOpen() {
    ASSERT_NO_FATAL_FAILURE(Create());
    ASSERT_NO_FATAL_FAILURE(Open());
  }
  std::string file() const { return directory_.path() + "/marac.db"; }

  // A connection without the authorizer, as somebody has who holds the key and means harm.
  std::unique_ptr<Connection> OpenRaw() {
    const DatabaseKey key = TestKey();
    auto connection = Connection::Open({.path = std::filesystem::canonical(file()).string(),
                                        .key = &key,
                                        .use = Connection::Use::kMigrate,
                                        .read_time_max = absl::Seconds(2),
                                        .vfs = {}});
    EXPECT_OK(connection);
    return connection.ok() ? std::move(*connection) : nullptr;
  }

  TemporaryDirectory directory_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
};

}  // namespace marac::store

#endif  // MARAC_TESTS_STORE_TEST_DATABASE_H_
