#include "domain/agenda_order.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;
using ::testing::ElementsAre;
using First = OrderSettings::First;

TEST(R09Order, CasesWithChildrenComeFirst) {
  std::vector<AgendaEntry> entries = {{.score = 24}, {.has_children = true, .score = 1}, {.repeat = true}};
  EXPECT_THAT(ProposeOrder(entries, {}), IsOkAndHolds(ElementsAre(1, 2, 0)));
}

TEST(R09Order, AnUnbornChildCountsWhereTheAreaSaysSo) {
  std::vector<AgendaEntry> entries = {{.score = 24}, {.unborn_child = true, .score = 1}};
  EXPECT_THAT(ProposeOrder(entries, {.unborn_counts = true}), IsOkAndHolds(ElementsAre(1, 0)));
  EXPECT_THAT(ProposeOrder(entries, {.unborn_counts = false}), IsOkAndHolds(ElementsAre(0, 1)));
}

TEST(R09Order, RepeatsOrTheHigherScoreComeFirstWithinEachPart) {
  std::vector<AgendaEntry> entries = {{.has_children = true, .score = 14},
                                      {.has_children = true, .repeat = true, .score = 3},
                                      {.has_children = true, .score = 20},
                                      {.has_children = true, .repeat = true, .score = 20},
                                      {.score = 20},
                                      {.repeat = true, .score = 3}};
  EXPECT_THAT(ProposeOrder(entries, {.first = First::kRepeats}), IsOkAndHolds(ElementsAre(3, 1, 2, 0, 5, 4)));
  EXPECT_THAT(ProposeOrder(entries, {.first = First::kHigherScore}),
              IsOkAndHolds(ElementsAre(3, 2, 0, 1, 4, 5)));
}

TEST(R09Order, ACaseWithoutAScoreComesAfterAScoreOfNought) {
  std::vector<AgendaEntry> entries = {{}, {.score = 0}};
  EXPECT_THAT(ProposeOrder(entries, {}), IsOkAndHolds(ElementsAre(1, 0)));
}

TEST(R09Order, EqualsKeepTheOrderInWhichTheyCame) {
  std::vector<AgendaEntry> entries(40, AgendaEntry{.has_children = true, .score = 14});
  ASSERT_OK_AND_ASSIGN(std::vector<size_t> order, ProposeOrder(entries, {}));
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(order.size(), 40u);
}

TEST(R09Order, TheManualOrderWins) {
  std::vector<AgendaEntry> entries = {{.has_children = true},
                                      {.manual_position = 1},
                                      {.repeat = true},
                                      {.has_children = true, .manual_position = 3}};
  EXPECT_THAT(ProposeOrder(entries, {}), IsOkAndHolds(ElementsAre(1, 0, 3, 2)));
}

TEST(R09Order, APositionBeyondTheEndIsLast) {
  std::vector<AgendaEntry> entries = {
      {.has_children = true, .manual_position = 99}, {.manual_position = 50}, {}};
  EXPECT_THAT(ProposeOrder(entries, {}), IsOkAndHolds(ElementsAre(2, 1, 0)));
}

TEST(R09Order, PositionsThatCannotBeAreRefused) {
  constexpr absl::StatusCode kCode = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(ProposeOrder({{.manual_position = 0}}, {}), Refuses(kCode, "manual_position"));
  EXPECT_THAT(ProposeOrder({{.manual_position = 2}, {.manual_position = 2}}, {}),
              Refuses(kCode, "position 2"));
}

TEST(R09Order, NoCasesAreNoAgenda) { EXPECT_THAT(ProposeOrder({}, {}), IsOkAndHolds(ElementsAre())); }

TEST(R07Deferral, TheSecondDeferralAlertsTheChair) {
  ASSERT_OK_AND_ASSIGN(Deferral first, Defer(0, "Referrer absent", "Staying with her sister"));
  EXPECT_EQ(first.count, 1);
  EXPECT_FALSE(first.alert_chair);
  ASSERT_OK_AND_ASSIGN(Deferral second, Defer(1, "Referrer absent", "Staying with her sister"));
  EXPECT_EQ(second.count, 2);
  EXPECT_TRUE(second.alert_chair);
  ASSERT_OK_AND_ASSIGN(Deferral third, Defer(2, "Referrer absent", "Staying with her sister"));
  EXPECT_TRUE(third.alert_chair);
  EXPECT_FALSE(Defer(1, "Referrer absent", "Staying with her sister", /*alert_at=*/3)->alert_chair);
}

TEST(R07Deferral, AReasonAndASafetyPlanAreNeeded) {
  EXPECT_THAT(Defer(0, "  ", "plan"), Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  EXPECT_THAT(Defer(0, "reason", "\n"), Refuses(absl::StatusCode::kInvalidArgument, "safety_plan"));
}

}  // namespace
}  // namespace marac::domain
