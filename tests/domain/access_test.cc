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

}  // namespace
}  // namespace marac::domain
