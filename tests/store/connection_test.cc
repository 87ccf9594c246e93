#include "store/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlcipher/sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/store/test_database.h"

namespace marac::store {
namespace {

using marac::testing::Refuses;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Contents(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

class ConnectionTest : public DatabaseTestBase {
 protected:
  absl::StatusOr<std::unique_ptr<Connection>> OpenAs(Connection::Use use) {
    return Connection::Open({.path = std::filesystem::canonical(file()).string(),
                             .key = &options_.key,
                             .use = use,
                             .read_time_max = absl::Seconds(2),
                             .vfs = {}});
  }
};

TEST_F(ConnectionTest, ANewFileIsNotClearText) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1, "canary-3f9a1c7e5b"), Event));
  // While it serves, the row is in the log; after, in the file.
  EXPECT_THAT(Contents(file() + "-wal"), Not(HasSubstr("canary-3f9a1c7e5b")));
  database_.reset();
  const std::string contents = Contents(file());
  ASSERT_GT(contents.size(), 4096u);
  EXPECT_THAT(contents, Not(StartsWith("SQLite format 3")));
  EXPECT_THAT(contents, Not(HasSubstr("canary-3f9a1c7e5b")));
  EXPECT_THAT(contents, Not(HasSubstr("audit_log")));
}

TEST_F(ConnectionTest, TheFolderAndFilesAreForTheirUserAlone) {
  options_.directory = directory_.path() + "/data";
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  struct stat found {};
  ASSERT_EQ(stat(options_.directory.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0700u);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    ASSERT_EQ(stat((options_.directory + "/marac.db" + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 0777u, 0600u) << suffix;
  }
}

TEST_F(ConnectionTest, WhatOthersMayReachIsRefused) {
  Create();
  ASSERT_EQ(chmod(file().c_str(), 0640), 0);
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kFailedPrecondition, "chmod 0600"));
  ASSERT_EQ(chmod(file().c_str(), 0600), 0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kFailedPrecondition, "chmod 0700"));
}

TEST_F(ConnectionTest, AWrongKeyIsOneClearSentence) {
  Create();
  options_.key = TestKey('x');
  EXPECT_THAT(Database::Open(options_),
              Refuses(absl::StatusCode::kFailedPrecondition, "the key and salt do not open this database"));
}

// The first key of a process sets the library's log back, so this needs a process of its own. Noise of a
// database's size is as good as a database with another key.
TEST_F(ConnectionTest, AWrongKeyAsTheFirstOfAProcessPrintsNothingOfTheLibrarys) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        std::ofstream(file()) << std::string(8192, 'x');
        chmod(file().c_str(), 0600);
        const bool refused = absl::IsFailedPrecondition(OpenAs(Connection::Use::kWriter).status());
        std::filesystem::remove_all(directory_.path());
        _exit(refused ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), Not(HasSubstr("ERROR CORE")));
}

TEST_F(ConnectionTest, AWrongSaltIsOneClearSentence) {
  Create();
  options_.key.salt = Secret(std::string(16, 'x'));
  EXPECT_THAT(Database::Open(options_),
              Refuses(absl::StatusCode::kFailedPrecondition, "the key and salt do not open this database"));
}

TEST_F(ConnectionTest, AKeyOfTheWrongSizeIsRefusedAndNotStretched) {
  Create();
  options_.key.key = Secret("password");
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kInvalidArgument, "32 bytes"));
}

TEST_F(ConnectionTest, AMissingDatabaseNamesInit) {
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kNotFound, "maracd init"));
  options_.directory += "/nowhere";
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kNotFound, "maracd init"));
}

TEST_F(ConnectionTest, InitNeverReplacesADatabase) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1), Event));
  database_.reset();
  EXPECT_THAT(CreateDatabase(options_), Refuses(absl::StatusCode::kAlreadyExists, "already here"));
  Open();
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM notes"), 1);
}

TEST_F(ConnectionTest, WhatAnInterruptedInitLeftIsNoDatabaseAndDoesNotStopTheNext) {
  std::ofstream(file() + ".new") << "half of something";
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kNotFound, "maracd init"));
  CreateAndOpen();
  EXPECT_FALSE(std::filesystem::exists(file() + ".new"));
}

TEST_F(ConnectionTest, ASecondServerOnTheSameDataIsRefused) {
  CreateAndOpen();
  EXPECT_THAT(Database::Open(options_),
              Refuses(absl::StatusCode::kUnavailable, "another maracd is using this data directory"));
  EXPECT_THAT(MigrateDatabase(options_),
              Refuses(absl::StatusCode::kUnavailable, "another maracd is using this data directory"));
  database_.reset();
  Open();
}

TEST_F(ConnectionTest, TheDataDirectoryMayBeReachedThroughALinkButTheFileMayNotBeOne) {
  Create();
  const std::string link = directory_.path() + "/link";
  std::filesystem::create_directory_symlink(directory_.path(), link);
  options_.directory = link;
  Open();
  database_.reset();
  std::filesystem::rename(file(), directory_.path() + "/elsewhere");
  std::filesystem::create_symlink(directory_.path() + "/elsewhere", file());
  EXPECT_FALSE(Database::Open(options_).ok());
}

// security 3.2: every refusal of the authorizer, on the writer and on a reader.
TEST_F(ConnectionTest, ABodyCannotReachWhatItHasNoBusinessWith) {
  Create();
  for (const Connection::Use use : {Connection::Use::kWriter, Connection::Use::kReader}) {
    ASSERT_OK_AND_ASSIGN(auto connection, OpenAs(use));
    for (const char* sql : {
             "UPDATE audit_log SET record = x'00'",
             "DELETE FROM audit_log",
             "INSERT INTO audit_log (sequence, record, leaf, chain) VALUES (1, x'00', x'00', x'00')",
             "UPDATE audit_index SET key = 'k'",
             "DELETE FROM audit_index",
             "INSERT INTO audit_index (key, sequence) VALUES ('k', 1)",
             "UPDATE record_versions SET body = x'00'",
             "DELETE FROM record_versions",
             "ATTACH '/tmp/elsewhere.db' AS elsewhere",
             "DETACH main",
             "PRAGMA synchronous=OFF",
             "PRAGMA rekey='x'",
             "PRAGMA user_version",
             "DROP TRIGGER audit_log_is_never_changed",
             "DROP TABLE audit_log",
             "CREATE TABLE own (id INTEGER)",
             "CREATE TEMP TABLE own (id INTEGER)",
             "ALTER TABLE notes ADD COLUMN more TEXT",
             "CREATE TEMP TRIGGER own AFTER INSERT ON notes BEGIN SELECT 1; END",
             "COMMIT",
             "BEGIN",
             "ROLLBACK",
             "SAVEPOINT body",
             "RELEASE body",
             "ANALYZE",
             "REINDEX",
             "VACUUM",
             "SELECT load_extension('x')",
         }) {
      const absl::StatusOr<Statement> statement = connection->Prepare(sql);
      // Some are compiled and refuse when they run.
      if (statement.ok()) {
        ASSERT_OK_AND_ASSIGN(Statement again, connection->Prepare(sql));
        EXPECT_FALSE(again.Run().ok()) << sql;
      } else {
        EXPECT_THAT(statement, Refuses(absl::StatusCode::kInternal, "")) << sql;
      }
    }
  }
}

TEST_F(ConnectionTest, TheTriggersHoldEvenWithoutTheAuthorizer) {
  CreateAndOpen();
  ASSERT_OK(database_->Append(Event(absl::OkStatus())));
  ASSERT_OK(database_->Append(Event(absl::OkStatus())));
  ASSERT_OK(database_->Write(
      [](WriteTransaction& tx) { return tx.SaveVersion("areas/1/cases/2", 1, 0, "accounts/3", "body"); },
      Event));
  database_.reset();
  std::unique_ptr<Connection> raw = OpenRaw();
  const std::string zero32 = "zeroblob(32)";
  for (const std::string& sql : {
           std::string("UPDATE audit_log SET record = x'00' WHERE sequence = 1"),
           std::string("DELETE FROM audit_log WHERE sequence = 3"),
           "INSERT OR REPLACE INTO audit_log VALUES (2, x'00', " + zero32 + ", " + zero32 + ")",
           "INSERT INTO audit_log VALUES (9, x'00', " + zero32 + ", " + zero32 + ")",
           std::string("UPDATE record_versions SET body = x'00'"),
           std::string("DELETE FROM record_versions"),
           std::string("INSERT OR REPLACE INTO record_versions SELECT * FROM record_versions"),
       }) {
    EXPECT_FALSE(raw->Execute(sql).ok()) << sql;
  }
}

TEST_F(ConnectionTest, AStatementIsUsedAgainWithoutWhatWasBoundBefore) {
  Create();
  ASSERT_OK_AND_ASSIGN(auto connection, OpenAs(Connection::Use::kWriter));
  {
    ASSERT_OK_AND_ASSIGN(Statement first, connection->Prepare("SELECT ?1"));
    first.Bind(1, "areas/1/cases/2");
    ASSERT_THAT(first.Step(), marac::testing::IsOkAndHolds(true));
    // The same text inside its own loop is a statement of its own.
    ASSERT_OK_AND_ASSIGN(Statement inner, connection->Prepare("SELECT ?1"));
    inner.Bind(1, int64_t{7});
    ASSERT_THAT(inner.Step(), marac::testing::IsOkAndHolds(true));
    EXPECT_EQ(first.Text(0), "areas/1/cases/2");
    EXPECT_EQ(inner.Int(0), 7);
  }
  ASSERT_OK_AND_ASSIGN(Statement again, connection->Prepare("SELECT ?1"));
  ASSERT_THAT(again.Step(), marac::testing::IsOkAndHolds(true));
  EXPECT_TRUE(again.IsNull(0));
}

TEST_F(ConnectionTest, EmptyIsNotNullAndBytesSurvive) {
  Create();
  ASSERT_OK_AND_ASSIGN(auto connection, OpenAs(Connection::Use::kWriter));
  ASSERT_OK_AND_ASSIGN(Statement echo, connection->Prepare("SELECT ?1, ?2, ?3, ?4"));
  const std::string bytes("a\0b\xff", 4);
  echo.Bind(1, std::string_view()).BindBlob(2, std::string_view()).BindBlob(3, bytes).BindNull(4);
  ASSERT_THAT(echo.Step(), marac::testing::IsOkAndHolds(true));
  EXPECT_FALSE(echo.IsNull(0));
  EXPECT_FALSE(echo.IsNull(1));
  EXPECT_EQ(echo.Blob(2), bytes);
  EXPECT_TRUE(echo.IsNull(3));
}

TEST_F(ConnectionTest, AMistakeInBindingIsReturnedByStep) {
  Create();
  ASSERT_OK_AND_ASSIGN(auto connection, OpenAs(Connection::Use::kWriter));
  ASSERT_OK_AND_ASSIGN(Statement statement, connection->Prepare("SELECT ?1"));
  EXPECT_FALSE(statement.Bind(2, "no such parameter").Step().ok());
  EXPECT_THAT(statement.Bind(1, std::string(5 << 20, 'x')).Step(),
              Refuses(absl::StatusCode::kInvalidArgument, "make it shorter"));
}

TEST_F(ConnectionTest, TwoStatementsInOneTextAreRefused) {
  Create();
  ASSERT_OK_AND_ASSIGN(auto connection, OpenAs(Connection::Use::kWriter));
  EXPECT_THAT(connection->Prepare("SELECT 1; SELECT 2"), Refuses(absl::StatusCode::kInternal, "exactly one"));
  EXPECT_THAT(connection->Prepare(""), Refuses(absl::StatusCode::kInternal, "exactly one"));
}

TEST_F(ConnectionTest, ErrorsNameNoValue) {
  CreateAndOpen();
  ASSERT_OK(database_->Write(NoteWriter(1, "Jane Doe"), Event));
  const absl::Status twice = database_->Write(NoteWriter(1, "Jane Doe"), Event);
  EXPECT_THAT(twice, Refuses(absl::StatusCode::kAlreadyExists, "notes.id"));
  EXPECT_THAT(std::string(twice.message()), Not(HasSubstr("Jane")));
}

}  // namespace
}  // namespace marac::store
