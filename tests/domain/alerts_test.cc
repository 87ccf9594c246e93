#include "domain/alerts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/local_date.h"
#include "domain/names.h"
#include "tests/support/calendars.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using marac::testing::Refuses;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

absl::Time London(int year, int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(year, month, day, hour), domain::London());
}

TEST(AlertsOfTest, AnUninvolvedLookIsNoticedAndAnInvolvedOneIsNot) {
  EXPECT_THAT(AlertsOf({.involved = true}), IsEmpty());
  EXPECT_THAT(AlertsOf({.involved = true, .revealed = true}), IsEmpty());
  EXPECT_THAT(AlertsOf({.involved = false}), ElementsAre(v1::ALERT_KIND_UNINVOLVED_OPEN));
  EXPECT_THAT(AlertsOf({.involved = false, .revealed = true}), ElementsAre(v1::ALERT_KIND_UNINVOLVED_REVEAL));
  EXPECT_THAT(AlertsOf({.involved = true, .own_surname = true}), ElementsAre(v1::ALERT_KIND_OWN_SURNAME));
}

TEST(IsMoreThanUsualTest, ThreeTimesTheMedianOfDaysWorkedAndNoSmallNumber) {
  const std::vector<int> usual = {9, 12, 11, 90, 12};
  EXPECT_FALSE(IsMoreThanUsual(36, usual)) << "three times 12";
  EXPECT_TRUE(IsMoreThanUsual(37, usual));
  const std::vector<int> little = {1, 1, 2, 1, 1};
  EXPECT_FALSE(IsMoreThanUsual(kUsualMin, little));
  EXPECT_TRUE(IsMoreThanUsual(kUsualMin + 1, little));
  const std::vector<int> unknown = {1, 1, 2, 1};
  EXPECT_FALSE(IsMoreThanUsual(190, unknown)) << "four days say nothing yet; the daily limit does";
}

TEST(OwnSurnameTest, IsAFamilyNameOnBothSides) {
  EXPECT_THAT(SurnamesOf("Ann Smith-Jones"), UnorderedElementsAre("smith", "jones"));
  EXPECT_THAT(SurnamesOf("Maria de la Cruz"), ElementsAre("cruz"));
  EXPECT_THAT(SurnamesOf("Cher"), IsEmpty());
  const auto is_own = [](const char* staff, const char* party) {
    return HasOwnSurname(SurnamesOf(staff), NameKeys(party));
  };
  EXPECT_TRUE(is_own("Ann Smith", "Zoe Smith"));
  EXPECT_TRUE(is_own("Ann SMÍTH", "zoe smith"));
  EXPECT_TRUE(is_own("Ann O'Connor", "Zoe OConnor"));
  EXPECT_FALSE(is_own("Ann James", "James Brown")) << "a given name there";
  EXPECT_FALSE(is_own("James Ann", "James Brown")) << "a given name here";
  EXPECT_TRUE(is_own("Ann Brown", "James Brown"));
  EXPECT_FALSE(is_own("Ann Smith", "Zoe Jones"));
  EXPECT_FALSE(is_own("Ann Smith", "Smith"));
  // Keys of several people together.
  std::vector<std::string> keys = NameKeys("Zoe Brown");
  for (const std::string& key : NameKeys("Brown Ltd")) keys.push_back(key);
  EXPECT_FALSE(HasOwnSurname(SurnamesOf("Ann Zoe"), keys));
}

TEST(SoughtNamesTest, OneKeyAName) {
  EXPECT_THAT(SoughtNames(NameKeys("Zoe Brown")), ElementsAre("brown zoe"));
  EXPECT_THAT(SoughtNames(NameKeys("Brown Zoe")), ElementsAre("brown zoe"));
  EXPECT_THAT(SoughtNames(NameKeys("Zoe")), IsEmpty());
}

TEST(NewProgramTest, OnlyOutOfHoursAndOnlyForSomebodyWhoHasUsedAnother) {
  const WorkingDays days = marac::testing::Calendar("england_and_wales");
  EXPECT_THAT(IsOutOfHours(London(2026, 3, 4, 6), days), marac::testing::IsOkAndHolds(true));
  EXPECT_THAT(IsOutOfHours(London(2026, 3, 4, 7), days), marac::testing::IsOkAndHolds(false));
  EXPECT_THAT(IsOutOfHours(London(2026, 3, 4, 19), days), marac::testing::IsOkAndHolds(false));
  EXPECT_THAT(IsOutOfHours(London(2026, 3, 4, 20), days), marac::testing::IsOkAndHolds(true));
  EXPECT_THAT(IsOutOfHours(London(2026, 3, 7, 12), days), marac::testing::IsOkAndHolds(true)) << "Saturday";
  EXPECT_THAT(IsOutOfHours(London(2026, 4, 3, 12), days), marac::testing::IsOkAndHolds(true))
      << "Good Friday";
  EXPECT_TRUE(IsNewProgramOutOfHours({.program_is_new = true, .used_others = true, .out_of_hours = true}));
  EXPECT_FALSE(IsNewProgramOutOfHours({.program_is_new = false, .used_others = true, .out_of_hours = true}));
  EXPECT_FALSE(IsNewProgramOutOfHours({.program_is_new = true, .used_others = false, .out_of_hours = true}));
  EXPECT_FALSE(IsNewProgramOutOfHours({.program_is_new = true, .used_others = true, .out_of_hours = false}));
}

TEST(FollowUpTest, ByTheEndOfTheNextWorkingDay) {
  const WorkingDays days = marac::testing::Calendar("england_and_wales");
  // A Thursday before Easter: Friday and Monday are holidays.
  EXPECT_THAT(FollowUpDue(London(2026, 4, 2, 15), days), marac::testing::IsOkAndHolds(London(2026, 4, 8, 0)));
  EXPECT_TRUE(WasFollowed(London(2026, 3, 4, 15), London(2026, 3, 4, 9))) << "earlier that day";
  EXPECT_TRUE(WasFollowed(London(2026, 3, 4, 15), London(2026, 3, 5, 9)));
  EXPECT_FALSE(WasFollowed(London(2026, 3, 4, 15), London(2026, 3, 3, 23)));
  EXPECT_FALSE(WasFollowed(London(2026, 3, 4, 15), absl::UnixEpoch()));
}

TEST(IsDrawnTest, TwoInAHundred) {
  int drawn = 0;
  for (int i = 0; i < 256 * 256; ++i) {
    const std::string digest = {static_cast<char>(7), static_cast<char>(i / 256), static_cast<char>(i % 256)};
    drawn += IsDrawn(digest) ? 1 : 0;
  }
  EXPECT_NEAR(drawn, 256 * 256 / 50, 1);
}

TEST(ReviewTest, SaysWhatItWasOnce) {
  v1::Alert alert;
  alert.set_state(v1::ALERT_STATE_WAITING);
  const Finding finding{.outcome = v1::ALERT_OUTCOME_MISUSE,
                        .note = "",
                        .account = "accounts/a",
                        .time = London(2026, 3, 4, 9)};
  EXPECT_THAT(Review(alert, finding), Refuses(absl::StatusCode::kInvalidArgument, "note"));
  Finding full = finding;
  full.note = "told her manager";
  full.outcome = v1::ALERT_OUTCOME_UNSPECIFIED;
  EXPECT_THAT(Review(alert, full), Refuses(absl::StatusCode::kInvalidArgument, "outcome"));
  full.outcome = v1::ALERT_OUTCOME_MISUSE;
  ASSERT_OK_AND_ASSIGN(const v1::Alert reviewed, Review(alert, full));
  EXPECT_EQ(reviewed.state(), v1::ALERT_STATE_REVIEWED);
  EXPECT_EQ(reviewed.review().note(), "told her manager");
  EXPECT_EQ(reviewed.review().account(), "accounts/a");
  EXPECT_THAT(Review(reviewed, full), Refuses(absl::StatusCode::kFailedPrecondition, "already"));
  Finding short_one = finding;
  short_one.outcome = v1::ALERT_OUTCOME_IN_ORDER;
  EXPECT_OK(Review(alert, short_one)) << "what was in order needs no words";
}

}  // namespace
}  // namespace marac::domain
