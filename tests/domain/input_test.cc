#include "domain/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "marac/v1/referral.pb.h"
#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::CompleteReferral;
using testing::Refuses;

absl::Status Check(const v1::Referral& referral) {
  FieldErrors errors;
  CheckValues(referral, "referral", errors);
  return errors.ToInvalidArgument();
}

TEST(InputTest, HostileTextIsKeptWithoutControlAndDirectionCharacters) {
  EXPECT_EQ(WithoutHiddenCharacters("a\x01"
                                    "b\x7F"
                                    "c\rd"),
            "abcd");
  // Right-to-left override, isolate, zero-width space, byte order mark, line separator.
  EXPECT_EQ(WithoutHiddenCharacters("evil\u202Etxt.exe\u2067x\u2069\u200B\uFEFF\u2028end"),
            "eviltxt.exexend");
}

TEST(InputTest, OrdinaryTextOfEveryScriptStays) {
  for (const char* text :
       {"first\n\tsecond", "O'Connor-Łęska", "सुनीता क्ष\u200Dष", "می\u200Cخواهم", "李小龍", "👩\u200D👧"}) {
    EXPECT_EQ(WithoutHiddenCharacters(text), text);
  }
}

TEST(InputTest, EveryTextInsideAMessageIsCleaned) {
  v1::Referral referral;
  referral.mutable_victim()->mutable_name()->set_value("Ma\u202Eria");
  referral.mutable_victim()->add_aliases("M\x02m");
  referral.add_perpetrators()->mutable_address()->mutable_lines()->set_value("1 Street\x03");
  referral.mutable_reason()->set_why_now("now\u200E");
  DropHiddenCharacters(referral);
  EXPECT_EQ(referral.victim().name().value(), "Maria");
  EXPECT_EQ(referral.victim().aliases(0), "Mm");
  EXPECT_EQ(referral.perpetrators(0).address().lines().value(), "1 Street");
  EXPECT_EQ(referral.reason().why_now(), "now");
}

TEST(InputTest, ACompleteReferralHasNothingToCorrect) { EXPECT_OK(Check(CompleteReferral())); }

TEST(InputTest, ADayThatDoesNotExistIsNamedByItsField) {
  v1::Referral referral = CompleteReferral();
  testing::SetDay(*referral.mutable_perpetrators(0)->mutable_birth_date()->mutable_day(), 1990, 2, 31);
  EXPECT_THAT(Check(referral), Refuses(absl::StatusCode::kInvalidArgument,
                                       "referral.perpetrators[0].birth_date: there is no such day"));
  testing::SetDay(*referral.mutable_perpetrators(0)->mutable_birth_date()->mutable_day(), 1990, 2, 28);
  testing::SetDay(*referral.mutable_criteria()->add_incident_days(), 2026, 13, 1);
  EXPECT_THAT(Check(referral),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.criteria.incident_days[0]"));
}

TEST(InputTest, AYearAloneHasFourDigits) {
  v1::Referral referral;
  referral.mutable_victim()->mutable_birth_date()->set_about_year(90);
  EXPECT_THAT(Check(referral), Refuses(absl::StatusCode::kInvalidArgument, "referral.victim.birth_date"));
  referral.mutable_victim()->mutable_birth_date()->set_about_year(1990);
  EXPECT_OK(Check(referral));
}

TEST(InputTest, ANumberThatIsNoAnswerIsRefused) {
  v1::Referral referral;
  referral.set_has_children(static_cast<v1::YesNo>(77));
  EXPECT_THAT(Check(referral), Refuses(absl::StatusCode::kInvalidArgument, "referral.has_children"));
}

TEST(InputTest, TextsAreLimitedInCharactersAndNotInBytes) {
  v1::Referral referral;
  std::string name;
  for (int i = 0; i < 200; ++i) name += "é";
  referral.mutable_victim()->mutable_name()->set_value(name);
  EXPECT_OK(Check(referral));
  referral.mutable_victim()->mutable_name()->set_value(name + "é");
  EXPECT_THAT(Check(referral), Refuses(absl::StatusCode::kInvalidArgument,
                                       "referral.victim.name: shorten this to at most 200"));
  referral.mutable_victim()->clear_name();
  referral.mutable_reason()->set_why_now(std::string(4'001, 'x'));
  EXPECT_THAT(Check(referral), Refuses(absl::StatusCode::kInvalidArgument, "referral.reason.why_now"));
}

TEST(InputTest, ListsAreLimited) {
  v1::Referral referral;
  for (int i = 0; i < 20; ++i) referral.mutable_victim()->add_aliases("alias");
  EXPECT_OK(Check(referral));
  referral.mutable_victim()->add_aliases("one more");
  EXPECT_THAT(Check(referral), Refuses(absl::StatusCode::kInvalidArgument, "referral.victim.aliases"));
}

TEST(InputTest, ARefusalDoesNotRepeatWhatWasTyped) {
  v1::Referral referral;
  testing::SetDay(*referral.mutable_victim()->mutable_birth_date()->mutable_day(), 1987, 2, 30);
  EXPECT_THAT(std::string(Check(referral).message()), ::testing::Not(::testing::HasSubstr("1987")));
}

}  // namespace
}  // namespace marac::domain
