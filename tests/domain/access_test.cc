// The matrix in tests/access tries every method on a real server, where an agency becomes part of a case when
// its agenda is circulated. Facts that come about in other ways, by a joined referral or a deferral, are
// tried here.
#include "domain/access.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::Refuses;

constexpr RoleSet kAgencyRoles = {v1::ROLE_REPRESENTATIVE, v1::ROLE_AGENCY_SYSTEM};

TEST(MayTouchTest, AnAgencyThatIsPartOfACaseSeesItOnceItIsListedAndNotBefore) {
  const MethodRule method{.method = "any", .kind = AuditKind::kConsultation, .any = kAgencyRoles};
  for (const v1::Role role : {v1::ROLE_REPRESENTATIVE, v1::ROLE_AGENCY_SYSTEM}) {
    Caller caller{.account = "accounts/a", .agency = "agencies/housing"};
    caller.roles = {{.area = "areas/test", .role = role}};
    for (const Kind kind :
         {Kind::kReferral, Kind::kAssessment, Kind::kCase, Kind::kAgendaItem, Kind::kAction}) {
      RecordFacts facts{.name = "areas/test/records/r",
                        .kind = kind,
                        .area = "areas/test",
                        .scope = "s",
                        .author = "accounts/b",
                        .agency = "agencies/police",
                        .involved_agencies = {"agencies/police", "agencies/housing"}};
      for (const Stage stage : {Stage::kDraft, Stage::kReceived, Stage::kAccepted}) {
        facts.stage = stage;
        EXPECT_THAT(MayTouch(caller, facts, method), Refuses(absl::StatusCode::kNotFound, "not open to you"))
            << static_cast<int>(kind) << " at stage " << static_cast<int>(stage);
      }
      for (const Stage stage : {Stage::kListed, Stage::kHeard, Stage::kClosed}) {
        facts.stage = stage;
        EXPECT_THAT(MayTouch(caller, facts, method), IsOk())
            << static_cast<int>(kind) << " at stage " << static_cast<int>(stage);
      }
    }
  }
}

Caller Person(const std::string& account, const std::string& agency, std::initializer_list<v1::Role> roles) {
  Caller caller{.account = account, .agency = agency};
  for (const v1::Role role : roles) caller.roles.push_back({.area = "areas/test", .role = role});
  return caller;
}

RecordFacts Case(Stage stage) {
  return {.name = "areas/test/cases/c",
          .kind = Kind::kCase,
          .area = "areas/test",
          .scope = "areas/test/cases/c",
          .stage = stage,
          .author = "accounts/referrer",
          .agency = "agencies/police",
          .involved_agencies = {"agencies/police", "agencies/housing"}};
}

// That it vanished on sending would tell whoever tries it of an earlier case; that it stayed after triage
// would open what the earlier case is kept from them for.
TEST(MayTouchTest, WhatIsKeptFromItsAuthorStaysOpenToThemAtTriageAndNoLonger) {
  const MethodRule method{
      .method = "any", .kind = AuditKind::kConsultation, .author = RoleSet{v1::ROLE_REFERRER}};
  const Caller author = Person("accounts/referrer", "agencies/police", {v1::ROLE_REFERRER});
  RecordFacts facts = Case(Stage::kReceived);
  facts.kind = Kind::kReferral;
  EXPECT_THAT(MayTouch(author, facts, method), IsOk());
  facts.shut_out = {"accounts/referrer"};
  EXPECT_THAT(MayTouch(author, facts, method), IsOk());
  for (const Stage stage : {Stage::kAccepted, Stage::kListed, Stage::kHeard, Stage::kClosed}) {
    facts.stage = stage;
    EXPECT_THAT(MayTouch(author, facts, method), Refuses(absl::StatusCode::kNotFound, "not open to you"))
        << static_cast<int>(stage);
  }
  facts.stage = Stage::kReceived;
  const Caller colleague = Person("accounts/colleague", "agencies/police", {v1::ROLE_REFERRER});
  facts.shut_out = {"accounts/colleague"};
  EXPECT_THAT(MayTouch(colleague, facts, method), Refuses(absl::StatusCode::kNotFound, "not open to you"));
}

TEST(IsInvolvedTest, AnIdvaPicksUpWhatNoOtherIdvaWorksOnAndIsAStrangerToTheRest) {
  const Caller idva = Person("accounts/a", "agencies/idva", {v1::ROLE_IDVA});
  RecordFacts facts = Case(Stage::kReceived);
  EXPECT_TRUE(IsInvolved(idva, facts)) << "somebody must pick it up";
  facts.workers = {{.account = "accounts/coordinator"}};
  EXPECT_TRUE(IsInvolved(idva, facts)) << "the office works on every case";
  facts.workers.push_back({.account = "accounts/b", .is_idva = true});
  EXPECT_FALSE(IsInvolved(idva, facts)) << "a colleague's";
  facts.agency = "agencies/idva";
  EXPECT_FALSE(IsInvolved(idva, facts)) << "also of the same service";
  Caller cover = idva;
  cover.covers_for = {"accounts/b"};
  EXPECT_TRUE(IsInvolved(cover, facts));
  facts.workers.push_back({.account = "accounts/a", .is_idva = true});
  EXPECT_TRUE(IsInvolved(idva, facts)) << "has worked on it";
  EXPECT_FALSE(IsInvolved(idva, Case(Stage::kClosed))) << "there is nothing to pick up";
}

TEST(IsInvolvedTest, OfficeAuthorAndAgenciesByTheRelationThatOpensIt) {
  RecordFacts facts = Case(Stage::kListed);
  facts.workers = {{.account = "accounts/b", .is_idva = true}};
  for (const v1::Role role : {v1::ROLE_COORDINATOR, v1::ROLE_CHAIR, v1::ROLE_MINUTE_TAKER}) {
    EXPECT_TRUE(IsInvolved(Person("accounts/a", "agencies/council", {role}), facts)) << role;
  }
  EXPECT_TRUE(IsInvolved(Person("accounts/referrer", "agencies/police", {v1::ROLE_IDVA}), facts)) << "author";
  EXPECT_TRUE(IsInvolved(Person("accounts/a", "agencies/housing", {v1::ROLE_REPRESENTATIVE}), facts));
  EXPECT_FALSE(IsInvolved(Person("accounts/a", "agencies/health", {v1::ROLE_REPRESENTATIVE}), facts));
  EXPECT_FALSE(IsInvolved(Person("accounts/a", "agencies/housing", {v1::ROLE_IDVA}), facts))
      << "an agency's part is its representative's";
  EXPECT_TRUE(
      IsInvolved(Person("accounts/a", "agencies/housing", {v1::ROLE_IDVA, v1::ROLE_REPRESENTATIVE}), facts));
  Caller elsewhere = Person("accounts/a", "agencies/council", {});
  elsewhere.roles = {{.area = "areas/elsewhere", .role = v1::ROLE_COORDINATOR}};
  EXPECT_FALSE(IsInvolved(elsewhere, facts));
  RecordFacts action = facts;
  action.kind = Kind::kAction;
  action.agency = "agencies/idva";
  EXPECT_TRUE(IsInvolved(Person("accounts/a", "agencies/idva", {v1::ROLE_IDVA}), action))
      << "it was offered to her service";
}

TEST(IsInvolvedTest, WhatTheOfficeWritesIsNoIdvasWork) {
  EXPECT_TRUE(WorksAsIdva(Person("a", "b", {v1::ROLE_IDVA}), "areas/test"));
  EXPECT_FALSE(WorksAsIdva(Person("a", "b", {v1::ROLE_IDVA, v1::ROLE_COORDINATOR}), "areas/test"));
  EXPECT_FALSE(WorksAsIdva(Person("a", "b", {v1::ROLE_REFERRER}), "areas/test"));
}

}  // namespace
}  // namespace marac::domain
