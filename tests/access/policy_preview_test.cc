// What another policy would have changed is counted over assessments that a coordinator may not read, and
// names only those that they may. Of a case that is kept from them nothing is counted, and nobody else is
// answered.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "domain/local_date.h"
#include "tests/access/world.h"
#include "tests/support/area_packs.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using Instruments = v1::InstrumentService::Stub;

class PolicyPreviewTest : public ::testing::Test {
 protected:
  PolicyPreviewTest() : world_(/*meetings=*/2) {
    v1::InstallPolicyRequest install = world_.NewPolicy();
    // One yes, which every assessment here has, is another grade's.
    v1::Policy policy = CountyPolicy("0.1");
    policy.mutable_bands(0)->set_to(0);
    install.set_policy_file(PolicyText(policy));
    EXPECT_OK(world_.server().As("admin.council").Call(&Instruments::InstallPolicy, install));
    const domain::LocalDate today = domain::DateOf(world_.server().Now());
    request_.set_parent("areas/test");
    request_.set_policy("county@0.1");
    *request_.mutable_first_day() = today.AddDays(-300).ToDay();
    *request_.mutable_last_day() = today.AddDays(60).ToDay();
  }

  v1::PreviewPolicyResponse Preview(const Client& client) {
    const auto answer = client.Call(&Instruments::PreviewPolicy, request_);
    EXPECT_OK(answer);
    return answer.ok() ? *answer : v1::PreviewPolicyResponse();
  }

  World world_;
  v1::PreviewPolicyRequest request_;
};

TEST_F(PolicyPreviewTest, CountsNothingOfACaseThatIsKeptFromTheCaller) {
  world_.At(rules::ACCEPTED, v1::ROLE_REFERRER, /*shut_out=*/false);
  const v1::PreviewPolicyResponse before = Preview(world_.coordinator());
  const v1::PreviewPolicyResponse shut_before = Preview(world_.Find("coordinator.shut").client);
  const Story& hidden = world_.At(rules::ACCEPTED, v1::ROLE_REFERRER, /*shut_out=*/true);
  const v1::PreviewPolicyResponse after = Preview(world_.coordinator());
  const v1::PreviewPolicyResponse shut_after = Preview(world_.Find("coordinator.shut").client);
  EXPECT_EQ(after.assessments(), before.assessments() + 1);
  EXPECT_EQ(after.changed(), before.changed() + 1);
  EXPECT_EQ(shut_after.SerializeAsString(), shut_before.SerializeAsString());
  std::set<std::string> named;
  for (const v1::RegradedAssessment& change : after.changes()) named.insert(change.assessment());
  EXPECT_TRUE(named.contains(hidden.signed_one.name()));
}

TEST_F(PolicyPreviewTest, NamesNothingThatACoordinatorMayNotOpen) {
  const v1::PreviewPolicyResponse before = Preview(world_.coordinator());
  const Story& unsent = world_.At(rules::DRAFT, v1::ROLE_REFERRER);
  const v1::PreviewPolicyResponse after = Preview(world_.coordinator());
  EXPECT_GT(after.changed(), before.changed());
  EXPECT_EQ(after.changes_size(), before.changes_size());
  for (const v1::RegradedAssessment& change : after.changes()) {
    EXPECT_NE(change.assessment(), unsent.signed_one.name());
  }
}

// A count of what was signed told an administrator of a case that did not exist for them.
TEST_F(PolicyPreviewTest, TheSteeringGroupAndAnAdministratorAreToldNothing) {
  world_.At(rules::ACCEPTED, v1::ROLE_REFERRER);
  ASSERT_GT(Preview(world_.coordinator()).changes_size(), 0);
  for (const char* login : {"steering.council", "admin.council"}) {
    EXPECT_THAT(world_.server().As(login).Call(&Instruments::PreviewPolicy, request_),
                Refuses(absl::StatusCode::kPermissionDenied, ""));
  }
}

}  // namespace
}  // namespace marac::testing
