#include "store/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/store/test_database.h"
#include "tests/support/source_path.h"

namespace marac::store {
namespace {

using marac::testing::IsOkAndHolds;
using marac::testing::Refuses;

class MigrateTest : public DatabaseTestBase {
 protected:
  MigrateTest() { options_.migrations = EmbeddedMigrations(); }

  int Newest() const { return static_cast<int>(options_.migrations.size()); }
  void Add(std::string sql, std::function<absl::Status(Connection&)> fill = nullptr) {
    options_.migrations.push_back(
        {.number = Newest() + 1, .name = "added.sql", .sql = std::move(sql), .fill = std::move(fill)});
  }
};

TEST_F(MigrateTest, TheFilesAreNumberedWithoutAGap) {
  ASSERT_FALSE(options_.migrations.empty());
  EXPECT_EQ(options_.migrations.front().name, "0001_foundation.sql");
  for (int i = 0; i < Newest(); ++i) EXPECT_EQ(options_.migrations[static_cast<size_t>(i)].number, i + 1);
}

TEST_F(MigrateTest, ANewDatabaseHasTheNewestSchema) {
  Create();
  EXPECT_THAT(SchemaVersion(*OpenRaw()), IsOkAndHolds(Newest()));
}

TEST_F(MigrateTest, AnOlderSchemaIsRefusedAtStartAndNamesTheCure) {
  Create();
  Add("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;");
  EXPECT_THAT(Database::Open(options_), Refuses(absl::StatusCode::kFailedPrecondition, "maracd migrate"));
  ASSERT_OK(MigrateDatabase(options_));
  Open();
}

TEST_F(MigrateTest, ANewerDatabaseIsRefusedByEverything) {
  Add("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;");
  Create();
  options_.migrations.pop_back();
  const auto refuses =
      Refuses(absl::StatusCode::kFailedPrecondition, "the database is newer than this program");
  EXPECT_THAT(Database::Open(options_), refuses);
  EXPECT_THAT(MigrateDatabase(options_), refuses);
}

TEST_F(MigrateTest, MigratingTwiceChangesNothing) {
  Create();
  ASSERT_OK(MigrateDatabase(options_));
  Open();
}

TEST_F(MigrateTest, RowsSurviveAndTheFillStepSeesThem) {
  CreateAndOpen();
  ASSERT_OK(database_->Append(Event(absl::OkStatus())));
  database_.reset();
  int64_t seen = 0;
  Add("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;", [&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(Statement count, connection.Prepare("SELECT count(*) FROM audit_log"));
    RETURN_IF_ERROR(count.Step().status());
    seen = count.Int(0);
    return connection.Execute("INSERT INTO more VALUES (41)");
  });
  ASSERT_OK(MigrateDatabase(options_));
  EXPECT_EQ(seen, 1);
  Open();
  EXPECT_EQ(ReadNumber(*database_, "SELECT id FROM more"), 41);
}

// Rows that others refer to stay where their table is made anew, and are referred to as before.
TEST_F(MigrateTest, RecordsOfTheOlderSchemaSurviveTheirNewTable) {
  const std::vector<Migration> newest = EmbeddedMigrations();
  options_.migrations.resize(7);
  Create();
  ASSERT_OK(
      OpenRaw()->Execute("INSERT INTO scopes (scope, area, stage) VALUES ('s', 'areas/a', 3);"
                         "INSERT INTO records VALUES ('areas/a/cases/c', 9, 'areas/a', 's', 1, 'accounts/w', "
                         "'agencies/x', 'p', 5,"
                         " 2, 6, x'0102');"
                         "INSERT INTO party_keys VALUES ('areas/a/cases/c', 'areas/a', 'p1', 1, 1, 'k');"
                         "INSERT INTO reveal_reasons VALUES (1, 'areas/a/cases/c', 'why');"));
  EXPECT_FALSE(OpenRaw()->Execute("UPDATE records SET kind = 13").ok());
  options_.migrations = newest;
  ASSERT_OK(MigrateDatabase(options_));
  std::unique_ptr<Connection> raw = OpenRaw();
  ASSERT_OK_AND_ASSIGN(
      Statement row,
      raw->Prepare("SELECT kind, scope, author, agency, parent, sort_key, version, hex(body) FROM records"));
  ASSERT_THAT(row.Step(), IsOkAndHolds(true));
  EXPECT_EQ(row.Int(0), 9);
  EXPECT_EQ(row.Text(1), "s");
  EXPECT_EQ(row.Text(2), "accounts/w");
  EXPECT_EQ(row.Text(3), "agencies/x");
  EXPECT_EQ(row.Text(4), "p");
  EXPECT_EQ(row.Int(5), 5);
  EXPECT_EQ(row.Int(6), 2);
  EXPECT_EQ(row.Text(7), "0102");
  // What it refers to and what refers to it are still held to.
  EXPECT_FALSE(raw->Execute("DELETE FROM records").ok());
  EXPECT_FALSE(raw->Execute("DELETE FROM scopes").ok());
  EXPECT_OK(raw->Execute("UPDATE records SET kind = 13"));
}

// Rows that were there before the index are found by it as well.
TEST_F(MigrateTest, TheIndexOfTheAuditIsFilledForTheRowsThereAre) {
  const std::vector<Migration> newest = EmbeddedMigrations();
  options_.migrations.resize(8);
  Create();
  domain::AuditEvent event;
  event.account = "accounts/w";
  event.subjects = {"areas/a/cases/c", "areas/a/cases/d"};
  const std::string record = domain::EncodeAuditRecord(1, event);
  const std::string leaf = domain::LeafHash(record);
  {
    std::unique_ptr<Connection> raw = OpenRaw();
    ASSERT_OK_AND_ASSIGN(Statement insert, raw->Prepare("INSERT INTO audit_log VALUES (1, ?1, ?2, ?3)"));
    insert.BindBlob(1, record).BindBlob(2, leaf).BindBlob(3, domain::ChainHash(domain::kChainStart, leaf));
    ASSERT_OK(insert.Run());
  }
  options_.migrations = newest;
  ASSERT_OK(MigrateDatabase(options_));
  Open();
  EXPECT_OK(database_->VerifyIndex());
  EXPECT_EQ(ReadNumber(*database_, "SELECT count(*) FROM audit_index WHERE sequence = 1"), 3);
}

TEST_F(MigrateTest, AMigrationThatLosesWhatARowRefersToIsRefused) {
  Create();
  const int before = Newest();
  ASSERT_OK(
      OpenRaw()->Execute("INSERT INTO scopes (scope, area, stage) VALUES ('s', 'areas/a', 3);"
                         "INSERT INTO records VALUES ('areas/a/cases/c', 9, 'areas/a', 's', 1, '', '', '', "
                         "5, 2, 6, x'0102', NULL)"));
  Add("DELETE FROM scopes;");
  EXPECT_THAT(MigrateDatabase(options_), Refuses(absl::StatusCode::kInternal, "refers to none"));
  EXPECT_THAT(SchemaVersion(*OpenRaw()), IsOkAndHolds(before));
}

TEST_F(MigrateTest, AMigrationThatFailsLeavesTheSchemaAsItWas) {
  Create();
  const int before = Newest();
  Add("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE more (id INTEGER) STRICT;");
  EXPECT_THAT(MigrateDatabase(options_), Refuses(absl::StatusCode::kInternal, "added.sql"));
  EXPECT_THAT(SchemaVersion(*OpenRaw()), IsOkAndHolds(before));

  options_.migrations.pop_back();
  Add("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;",
      [](Connection&) { return absl::InternalError("cannot fill"); });
  EXPECT_THAT(MigrateDatabase(options_), Refuses(absl::StatusCode::kInternal, "cannot fill"));
  std::unique_ptr<Connection> raw = OpenRaw();
  EXPECT_THAT(SchemaVersion(*raw), IsOkAndHolds(before));
  EXPECT_FALSE(raw->Prepare("SELECT * FROM more").ok());
}

TEST_F(MigrateTest, AnEmptyFileIsNotTakenForADatabase) {
  ASSERT_OK(DataDirectory::Lock(directory_.path())->MakeFile(file()));
  EXPECT_THAT(MigrateDatabase(options_), Refuses(absl::StatusCode::kFailedPrecondition, "the file is empty"));
  EXPECT_FALSE(Database::Open(options_).ok());
}

// hs 3.5: an edit of a migration that was applied somewhere shows here.
TEST_F(MigrateTest, TheWholeSchemaIsTheGoldenOne) {
  Create();
  std::unique_ptr<Connection> raw = OpenRaw();
  ASSERT_OK_AND_ASSIGN(
      Statement rows,
      raw->Prepare(
          "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type <> 'table', name"));
  std::string schema;
  while (true) {
    ASSERT_OK_AND_ASSIGN(const bool row, rows.Step());
    if (!row) break;
    schema += std::string(rows.Text(0)) + ";\n\n";
  }
  const std::string golden = marac::testing::SourcePath("tests/store/schema.golden.sql");
  if (std::getenv("MARAC_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << schema;
  std::ostringstream expected;
  expected << std::ifstream(golden).rdbuf();
  EXPECT_EQ(schema, expected.str()) << "if the change is meant, run this test with MARAC_UPDATE_GOLDEN=1";
}

}  // namespace
}  // namespace marac::store
