#include "domain/area_policy.h"

#include <algorithm>
#include <string>

#include "base/hash.h"
#include "tests/support/area_packs.h"
#include "tests/support/assessments.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using ::marac::testing::CountOfYes;
using ::marac::testing::CountyPolicy;
using ::marac::testing::OnlyYes;
using ::marac::testing::PolicyText;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedCatalogue;
using ::marac::testing::ShippedForm;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const LocalDate kToday = LocalDate::Create(2026, 1, 5, "today").value();
const Act kAct = {.account = "accounts/a1", .now = DeadlineAt(kToday, ClockTime::Noon())};

absl::StatusOr<v1::AreaPolicy> Install(const std::string& text) {
  v1::InstallPolicyRequest request;
  request.set_policy_file(text);
  return InstallPolicy(request, ShippedCatalogue(), kAct);
}

// The line of `what` in a text.
std::string LineOfText(const std::string& text, const std::string& what) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

v1::Assessment Signed(const marac::testing::Answers& answers, const std::string& name) {
  v1::Assessment assessment;
  assessment.set_name(name);
  assessment.set_instrument("plain24@1.0");
  assessment.set_policy("default@2026.1");
  assessment.set_state(v1::ASSESSMENT_STATE_SIGNED);
  *assessment.mutable_assessment_date() = kToday.ToDay();
  *assessment.mutable_answers() = answers;
  // As it was scored when it was signed.
  *assessment.mutable_result() =
      Regrade(assessment, ShippedForm().pack->pack, ShippedForm().policy->policy)->after;
  return assessment;
}

Regraded Under(const v1::Assessment& assessment, const v1::Policy& policy) {
  return Regrade(assessment, ShippedForm().pack->pack, policy).value();
}

TEST(InstallPolicyTest, KeepsAPolicyThatIsWhole) {
  ASSERT_OK_AND_ASSIGN(const v1::AreaPolicy kept, Install(PolicyText(CountyPolicy("1.0", 12))));
  EXPECT_EQ(kept.about().policy(), "county@1.0");
  EXPECT_EQ(kept.about().high_threshold(), 12);
  EXPECT_THAT(kept.about().instruments(), ElementsAre("plain24@1.0", "plain24-er@0.1"));
  EXPECT_EQ(kept.about().hash(), Hex(Sha256(kept.policy_file())));
  EXPECT_EQ(kept.installed_by(), "accounts/a1");
}

// Issue: overlapping bands, an unknown code.
TEST(InstallPolicyTest, NamesTheLineAndTheFieldOfEachGap) {
  v1::Policy policy = CountyPolicy("1.0");
  policy.mutable_bands(1)->set_to(5);
  std::string text = PolicyText(policy);
  EXPECT_THAT(Install(text),
              Refuses(StatusCode::kInvalidArgument,
                      "policy.textproto:" + LineOfText(text, "to: 5") + ": bands[1].to: this band"));
  policy = CountyPolicy("1.0");
  policy.mutable_clusters(0)->mutable_when()->set_answer("CHOKE");
  text = PolicyText(policy);
  EXPECT_THAT(Install(text),
              Refuses(StatusCode::kInvalidArgument, "policy.textproto:" + LineOfText(text, "CHOKE") +
                                                        ": clusters[0].when.answer: 'CHOKE' is no item"));
  policy = CountyPolicy("1.0");
  policy.add_instruments("county24@1.0");
  text = PolicyText(policy);
  EXPECT_THAT(Install(text),
              Refuses(StatusCode::kInvalidArgument, "policy.textproto:" + LineOfText(text, "county24@1.0") +
                                                        ": instruments[2]: no pack 'county24@1.0'"));
}

TEST(InstallPolicyTest, RefusesWhatIsHereAlreadyAndAFileThatIsTooLarge) {
  v1::Policy policy = CountyPolicy("2026.1");
  policy.set_id("default");
  EXPECT_THAT(Install(PolicyText(policy)),
              Refuses(StatusCode::kAlreadyExists, "default@2026.1 is installed"));
  const std::string text = PolicyText(CountyPolicy("1.0"));
  EXPECT_THAT(Install(text + std::string(kPolicyFileBytesMax - text.size(), '\n')), marac::testing::IsOk());
  EXPECT_THAT(Install(text + std::string(kPolicyFileBytesMax - text.size() + 1, '\n')),
              Refuses(StatusCode::kInvalidArgument, "policy_file: "));
}

TEST(RegradeTest, FindsTheGradeThatAThresholdChanges) {
  const v1::Assessment twelve = Signed(CountOfYes(12), "areas/mk/assessments/a12");
  const Regraded lower = Under(twelve, CountyPolicy("1.0", 12));
  EXPECT_TRUE(lower.differs);
  EXPECT_EQ(lower.before.final_grade(), v1::GRADE_MEDIUM);
  EXPECT_EQ(lower.after.final_grade(), v1::GRADE_HIGH);
  EXPECT_FALSE(Under(twelve, CountyPolicy("1.0", 13)).differs);
  EXPECT_FALSE(Under(twelve, CountyPolicy("1.0", 14)).differs);
}

TEST(RegradeTest, FindsAClusterThatWouldHaveAskedForAReason) {
  const v1::Assessment strangled = Signed(OnlyYes({10}), "areas/mk/assessments/a1");
  ASSERT_FALSE(strangled.result().clusters().empty());
  v1::Policy policy = CountyPolicy("1.0");
  policy.clear_clusters();
  const Regraded without = Under(strangled, policy);
  EXPECT_TRUE(without.differs);
  EXPECT_EQ(without.before.final_grade(), without.after.final_grade());
}

TEST(PreviewTest, CountsAllAndNamesThoseThatAreShown) {
  v1::PreviewPolicyResponse answer;
  const v1::Policy policy = CountyPolicy("1.0", 12);
  int number = 0;
  for (const int yes : {3, 12, 13, 20}) {
    const v1::Assessment assessment =
        Signed(CountOfYes(yes), "areas/mk/assessments/a" + std::to_string(++number));
    AddRegraded(assessment, Under(assessment, policy), /*show=*/yes == 12, answer);
  }
  EXPECT_EQ(answer.assessments(), 4);
  EXPECT_EQ(answer.changed(), 2);
  ASSERT_THAT(answer.moves(), SizeIs(1));
  EXPECT_EQ(answer.moves(0).before(), v1::GRADE_MEDIUM);
  EXPECT_EQ(answer.moves(0).after(), v1::GRADE_HIGH);
  EXPECT_EQ(answer.moves(0).assessments(), 2);
  ASSERT_THAT(answer.changes(), SizeIs(1));
  EXPECT_EQ(answer.changes(0).assessment(), "areas/mk/assessments/a2");
  EXPECT_THAT(answer.changes(0).criteria_gained(), ElementsAre("VISIBLE_HIGH"));
  EXPECT_THAT(answer.changes(0).criteria_lost(), IsEmpty());
}

}  // namespace
}  // namespace marac::domain
