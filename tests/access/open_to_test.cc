// Lists follow the SQL view open_to, single records follow MayTouch; both must say the same about any facts
// (decisions 11). Tried on a real database with facts that were drawn at random.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "domain/access.h"
#include "store/case_access.h"
#include "store/records.h"
#include "store/sessions.h"
#include "tests/store/test_database.h"

namespace marac::store {
namespace {

using domain::Kind;
using domain::MethodRule;
using domain::Stage;

constexpr int kScopes = 220;
constexpr int kRecords = 2000;
constexpr int kAccounts = 30;
constexpr int kMeetings = 5;
constexpr int kKinds = 13;
constexpr size_t kPageSize = 7;
constexpr absl::CivilDay kToday(2026, 11, 21);

const std::vector<std::string> kAreas = {"areas/a", "areas/b"};
const std::vector<std::string> kAgencies = {"agencies/x", "agencies/y", "agencies/z"};

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }

// A method that every role may call about every record: what is left is the record table.
const MethodRule& AnyMethod() {
  static const MethodRule& rule = *[] {
    auto* made = new MethodRule{.method = "any", .kind = domain::AuditKind::kConsultation};
    for (int role = 1; role <= v1::Role_MAX; ++role) {
      made->any = made->any | domain::RoleSet{static_cast<v1::Role>(role)};
    }
    return made;
  }();
  return rule;
}

struct Method {
  Kind kind;
  const char* list;
};
constexpr Method kLists[] = {{Kind::kReferral, "marac.v1.ReferralService/ListReferrals"},
                             {Kind::kAssessment, "marac.v1.AssessmentService/ListAssessments"},
                             {Kind::kCase, "marac.v1.CaseService/ListCases"},
                             {Kind::kAction, "marac.v1.ActionService/ListActions"},
                             {Kind::kMeeting, "marac.v1.MeetingService/ListMeetings"},
                             {Kind::kAgency, "marac.v1.DirectoryService/ListAgencies"},
                             {Kind::kAccount, "marac.v1.DirectoryService/ListAccounts"},
                             {Kind::kProgram, "marac.v1.DirectoryService/ListPrograms"},
                             {Kind::kService, "marac.v1.DirectoryService/ListServices"}};

class OpenToTest : public DatabaseTestBase, public ::testing::WithParamInterface<unsigned> {
 protected:
  std::string AccountName(int number) { return fmt::format("accounts/{}", number); }
  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  template <typename T>
  const T& OneOf(const std::vector<T>& list) {
    return list[static_cast<size_t>(Draw(static_cast<int>(list.size())))];
  }

  // Facts that also contradict what the services would ever write: the two must agree on any.
  absl::Status Fill(WriteTransaction& tx) {
    RETURN_IF_ERROR(WriteRecordRules(tx, domain::RecordRules()));
    for (int i = 0; i < kScopes; ++i) {
      const std::string scope = fmt::format("scope/{}", i);
      RETURN_IF_ERROR(NewScope(tx, scope, OneOf(kAreas), static_cast<Stage>(1 + Draw(7))));
      for (int involved = Draw(3); involved > 0; --involved) {
        RETURN_IF_ERROR(Involve(tx, scope, OneOf(kAgencies)));
      }
      for (int hidden = Draw(4); hidden > 0; --hidden) {
        RETURN_IF_ERROR(ShutOut(tx, scope, AccountName(Draw(kAccounts))));
      }
      if (Draw(4) == 0) RETURN_IF_ERROR(ShutOutAgency(tx, scope, OneOf(kAgencies)));
      std::vector<std::string> named;
      for (int count = Draw(6); count > 0; --count) named.push_back(AccountName(Draw(kAccounts)));
      RETURN_IF_ERROR(SetNamed(tx, scope, Draw(4) == 0, named));
    }
    for (int i = 0; i < kRecords; ++i) {
      RecordRow row{.name = fmt::format("record/{}", i),
                    .kind = static_cast<Kind>(1 + Draw(kKinds)),
                    .area = Draw(5) == 0 ? "" : OneOf(kAreas),
                    .body = "body"};
      if (Draw(4) != 0) row.columns.author = AccountName(Draw(kAccounts));
      if (Draw(4) != 0) row.columns.agency = OneOf(kAgencies);
      // Some items are those of a meeting that some people signed for.
      if (row.kind == Kind::kAgendaItem) row.columns.parent = fmt::format("record/{}", Draw(kMeetings));
      RETURN_IF_ERROR(InsertRecord(tx, row, fmt::format("scope/{}", Draw(kScopes)), 0, "accounts/maker"));
      if (i >= kMeetings) continue;
      std::vector<std::string> signed_by;
      for (int count = Draw(8); count > 0; --count) signed_by.push_back(AccountName(Draw(kAccounts)));
      RETURN_IF_ERROR(ReplaceSigned(tx, row.name, signed_by));
    }
    for (int i = 0; i < kAccounts; ++i) {
      std::vector<RoleRow> roles;
      std::set<std::pair<std::string, int>> held;
      for (int count = 1 + Draw(3); count > 0; --count) {
        // Some are over, some are still to come.
        const RoleRow role{.area = OneOf(kAreas),
                           .role = 1 + Draw(v1::Role_MAX),
                           .from_day = DayNumber(kToday) - 3 + Draw(5),
                           .to_day = DayNumber(kToday) - 1 + Draw(5)};
        if (held.emplace(role.area, role.role).second) roles.push_back(role);
      }
      agency_[i] = OneOf(kAgencies);
      // The agencies of those shut out are told by their credentials.
      RETURN_IF_ERROR(InsertCredential(
          tx, {.account = AccountName(i), .agency = agency_[i], .login = fmt::format("login{}", i)}));
      RETURN_IF_ERROR(ReplaceRoles(tx, AccountName(i), agency_[i], roles));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<domain::Caller> CallerOf(Transaction& tx, int number) {
    domain::Caller caller;
    caller.account = AccountName(number);
    caller.agency = agency_[number];
    ASSIGN_OR_RETURN(caller.roles, RolesOn(tx, caller.account, kToday));
    return caller;
  }

  // What the lists of every kind hold, by page and at once, against each record on its own.
  absl::Status Compare(ReadTransaction& tx, const domain::Caller& caller, int& open_pairs) {
    std::set<std::string> listed;
    for (int kind = 1; kind <= kKinds; ++kind) {
      const ListQuery query{.kind = static_cast<Kind>(kind)};
      ASSIGN_OR_RETURN(const std::vector<ListPosition> whole,
                       ListOpen(tx, query, caller.account, kToday, std::nullopt, kRecords));
      std::vector<std::string> names;
      for (const ListPosition& position : whole) names.push_back(position.name);
      std::vector<std::string> paged;
      std::optional<ListPosition> after;
      do {
        ASSIGN_OR_RETURN(const std::vector<ListPosition> page,
                         ListOpen(tx, query, caller.account, kToday, after, kPageSize));
        for (const ListPosition& position : page) paged.push_back(position.name);
        after = page.size() < kPageSize ? std::nullopt : std::optional(page.back());
      } while (after.has_value());
      EXPECT_EQ(paged, names) << caller.account << ", kind " << kind;
      listed.insert(names.begin(), names.end());
    }
    std::set<std::string> touched;
    for (const domain::RecordFacts& facts : records_) {
      if (domain::MayTouch(caller, facts, AnyMethod()).ok()) touched.insert(facts.name);
    }
    EXPECT_EQ(listed, touched) << caller.account;
    open_pairs += static_cast<int>(touched.size());
    return absl::OkStatus();
  }

  absl::Status LoadRecords(ReadTransaction& tx, int from, int count) {
    for (int i = from; i < from + count; ++i) {
      ASSIGN_OR_RETURN(records_.emplace_back(), LoadFacts(tx, fmt::format("record/{}", i)));
    }
    return absl::OkStatus();
  }

  std::mt19937 random_{GetParam()};
  std::vector<domain::RecordFacts> records_;
  std::map<int, std::string> agency_;
};

TEST_P(OpenToTest, AListHoldsExactlyWhatMayTouchOpens) {
  ASSERT_NO_FATAL_FAILURE(CreateAndOpen());
  ASSERT_OK(database_->Write([this](WriteTransaction& tx) { return Fill(tx); }, Event));
  // In several reads, because the database stops one that takes too long.
  constexpr int kChunk = 200;
  for (int from = 0; from < kRecords; from += kChunk) {
    ASSERT_OK(database_->Read([&](ReadTransaction& tx) { return LoadRecords(tx, from, kChunk); }, Event));
  }
  int open_pairs = 0;
  for (int number = 0; number < kAccounts; ++number) {
    ASSERT_OK(database_->Read(
        [&](ReadTransaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(const domain::Caller caller, CallerOf(tx, number));
          return Compare(tx, caller, open_pairs);
        },
        Event));
  }
  // Neither all nor nothing, or the comparison would prove little.
  EXPECT_GT(open_pairs, kRecords * kAccounts / 50);
  EXPECT_LT(open_pairs, kRecords * kAccounts / 2);
}

// A list opens each record it found with its own method's rule; a role that the view opens a record to and
// the method does not name would make the whole list fail.
TEST(ListMethodTest, EveryListMethodNamesTheRolesTheViewOpensItsRecordsTo) {
  for (const Method& method : kLists) {
    const MethodRule* rule = domain::FindMethodRule(method.list);
    ASSERT_NE(rule, nullptr) << method.list;
    for (const domain::RecordRule& line : domain::RecordRules()) {
      if (std::count(line.kinds.begin(), line.kinds.end(), method.kind) == 0) continue;
      for (int role = 1; role <= v1::Role_MAX; ++role) {
        if (!line.roles.Has(static_cast<v1::Role>(role))) continue;
        EXPECT_TRUE(rule->any.Has(static_cast<v1::Role>(role)))
            << method.list << ": " << v1::Role_Name(role) << " by " << line.id;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, OpenToTest, ::testing::Values(1U, 20261121U));

}  // namespace
}  // namespace marac::store
