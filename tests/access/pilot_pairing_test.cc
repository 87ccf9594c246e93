// A coordinator pairs assessments that are not open to them (README, "Who pairs does not see what comes of
// it"). From whom a case is kept, its assessments are not there for that either.
#include <gtest/gtest.h>

#include "tests/access/calls.h"
#include "tests/access/world.h"

namespace marac::testing {
namespace {

constexpr char kPair[] = "PilotService/PairAssessments";

TEST(PilotPairingTest, AnAssessmentOfACaseThatIsKeptFromTheCoordinatorIsNotThere) {
  World world(/*meetings=*/2);
  const Story& story = world.At(rules::ACCEPTED, v1::ROLE_REFERRER, /*shut_out=*/true);
  const Client& shut_out = world.Find("coordinator.shut").client;
  v1::PairAssessmentsRequest pair = world.TwoToPair();
  const std::string open = pair.variant();
  for (const std::string& name : {story.draft.name(), story.completed.name(), story.signed_one.name()}) {
    pair.set_variant(name);
    EXPECT_EQ(Send(shut_out, kPair, pair).status.code(), absl::StatusCode::kNotFound);
    // It is looked at for whoever may know of the case, and says what is wrong with it, if anything is.
    EXPECT_NE(Send(world.coordinator(), kPair, pair).status.code(), absl::StatusCode::kNotFound);
    pair.set_variant(open);
    pair.set_reference(name);
    EXPECT_EQ(Send(shut_out, kPair, pair).status.code(), absl::StatusCode::kNotFound);
    pair = world.TwoToPair();
  }
  EXPECT_TRUE(Send(shut_out, kPair, pair).status.ok());
}

}  // namespace
}  // namespace marac::testing
