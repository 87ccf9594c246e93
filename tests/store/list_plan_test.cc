#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/records.h"
#include "tests/store/test_database.h"

namespace marac::store {
namespace {

using ::marac::testing::IsOk;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

struct Shape {
  const char* name;
  ListQuery query;
  const char* index;
  friend void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }
};

// Every shape of list that the services ask for, and the index that finds its rows and nothing else. An
// agenda of sixteen once read every agenda item there was: the database had chosen another index.
class ListPlanTest : public ::testing::TestWithParam<Shape> {};

TEST_P(ListPlanTest, ReadsOnlyTheRowsItIsFor) {
  TemporaryDirectory directory;
  const DatabaseOptions options = TestOptions(directory.path() + "/data");
  ASSERT_THAT(CreateDatabase(options), IsOk());
  const auto database = Database::Open(options);
  ASSERT_THAT(database, IsOk());
  for (const bool after : {false, true}) {
    std::string plan;
    ASSERT_THAT((*database)->Peek([&](ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(Statement explain,
                       tx.Prepare("EXPLAIN QUERY PLAN " + OpenListSql(GetParam().query, after)));
      while (true) {
        ASSIGN_OR_RETURN(const bool row, explain.Step());
        if (!row) return absl::OkStatus();
        plan += std::string(explain.Text(3)) + "\n";
      }
    }),
                IsOk());
    EXPECT_THAT(plan,
                ContainsRegex(std::string("SEARCH r USING (COVERING )?INDEX ") + GetParam().index + " \\("))
        << plan;
    EXPECT_THAT(plan, Not(HasSubstr("USE TEMP B-TREE"))) << plan;
    EXPECT_THAT(plan, Not(HasSubstr("SCAN "))) << plan;
  }
}

using enum domain::Kind;

INSTANTIATE_TEST_SUITE_P(
    Lists, ListPlanTest,
    ::testing::Values(
        Shape{"OfAnArea", {.kind = kCase, .area = "a", .newest_first = true}, "records_by_area"},
        Shape{"OfAnAreaFromTheFirst", {.kind = kService, .area = "a"}, "records_by_area"},
        Shape{"OfAState", {.kind = kReferral, .area = "a", .state = 1}, "records_by_state"},
        Shape{"OfAParent", {.kind = kAgendaItem, .parent = "p"}, "records_by_parent"},
        Shape{"OfAParentInAState",
              {.kind = kAction, .area = "a", .state = 1, .parent = "p"},
              "records_by_parent"},
        Shape{
            "OfASupervisor", {.kind = kAssessment, .area = "a", .parent = "accounts/s"}, "records_by_parent"},
        Shape{"OfAnAuthor", {.kind = kReferral, .area = "a", .author = "x"}, "records_by_author"},
        Shape{"OfAnAuthorInAState",
              {.kind = kReferral, .area = "a", .state = 1, .author = "x"},
              "records_by_author"},
        Shape{"OfWhatIsDue",
              {.kind = kAssessment, .area = "a", .due_by = absl::CivilDay(2026, 6, 1)},
              "records_by_due"},
        Shape{"OfWhatIsDueOfAnAuthor",
              {.kind = kAssessment, .area = "a", .author = "x", .due_by = absl::CivilDay(2026, 6, 1)},
              "records_by_due"},
        Shape{"OfFlagsThatLapsed",
              {.kind = kCase,
               .area = "a",
               .due_from = absl::CivilDay(2026, 5, 1),
               .due_by = absl::CivilDay(2026, 6, 1)},
              "records_by_due"},
        Shape{"OfActionsThatWereGivenUp",
              {.kind = kAction,
               .area = "a",
               .state = 1,
               .due_from = absl::CivilDay(2026, 5, 1),
               .due_by = absl::CivilDay(2026, 6, 1)},
              "records_by_due"},
        Shape{"OfRepeats", {.kind = kCase, .parent = "p"}, "records_by_parent"},
        Shape{"OfACase", {.kind = kProtectedDetail, .scope = "s"}, "records_by_scope"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace marac::store
