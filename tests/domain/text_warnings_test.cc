// Free text that looks like a protected detail (security.md 2.6): what is warned of, and what is not. The
// numbers are from ranges that nobody has.
#include "domain/text_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/complete_referral.h"

namespace marac::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextWarningsTest, ATelephoneNumberIsSeenHoweverItIsWritten) {
  for (const char* text : {"01632 960001", "call 07700900123 after six", "(01632) 960 001", "+44 7700 900123",
                           "0044 7700 900123", "07700-900-123.", "ring 0 1 6 3 2 9 6 0 0 0 1"}) {
    EXPECT_TRUE(LooksLikeTelephone(text)) << text;
  }
}

TEST(TextWarningsTest, DaysSumsAndNumbersOfCasesAreNoTelephone) {
  for (const char* text :
       {"on 01/02/2026 10:15", "he owes 20000 pounds", "three times in 12 months",
        "crime reference 43260012345", "012345678", "", "+1 202 555 0100 88", "10 past 9, then 08:30"}) {
    EXPECT_FALSE(LooksLikeTelephone(text)) << text;
  }
}

TEST(TextWarningsTest, APostcodeIsSeenWithAndWithoutItsSpace) {
  for (const char* text : {"MK9 3EJ", "she is at mk93ej now", "SW1A 1AA.", "B1 1BB", "EC1A1BB"}) {
    EXPECT_TRUE(LooksLikePostcode(text)) << text;
  }
  for (const char* text : {"A1 road", "MK9", "covid19 2xx4", "M1 junction 14ab", "at 3pm", "R2D2"}) {
    EXPECT_FALSE(LooksLikePostcode(text)) << text;
  }
}

TEST(TextWarningsTest, AnEmailAddressIsSeen) {
  EXPECT_TRUE(LooksLikeEmail("write to sam@example.org"));
  EXPECT_FALSE(LooksLikeEmail("meet @ 3.30"));
  EXPECT_FALSE(LooksLikeEmail("@example.org"));
}

std::vector<std::string> Fields(const v1::Referral& referral) {
  std::vector<std::string> fields;
  for (const v1::TextWarning& warning : referral.text_warnings()) fields.push_back(warning.field());
  return fields;
}

TEST(TextWarningsTest, TheFieldIsNamedAndAnAddressWhereOneBelongsIsNot) {
  v1::Referral referral = testing::CompleteReferral();
  SetTextWarnings(referral, {});
  EXPECT_THAT(Fields(referral), IsEmpty()) << "addresses of parties are where they belong";
  referral.mutable_reason()->set_narrative("She is safe at 3 New Street, MK9 3EJ");
  referral.mutable_victim_voice()->mutable_fears()->set_value("that he rings 01632 960001");
  SetTextWarnings(referral, {});
  EXPECT_THAT(Fields(referral), ElementsAre("referral.reason.narrative", "referral.victim_voice.fears"));
  SetTextWarnings(referral, {});
  EXPECT_EQ(referral.text_warnings_size(), 2) << "not once more at every save";
}

// Only whoever gave a detail is told that a text holds it: others could feel for it.
TEST(TextWarningsTest, WhatIsKeptApartIsRecognisedWordForWord) {
  v1::Referral referral = testing::CompleteReferral();
  referral.mutable_reason()->set_narrative("Ask for Bluebell-Lane when you ring");
  v1::ProtectedDetail detail;
  detail.mutable_safe_contact()->mutable_code_word()->set_value("bluebell lane");
  SetTextWarnings(referral, {});
  EXPECT_THAT(Fields(referral), IsEmpty());
  SetTextWarnings(referral, std::vector<v1::ProtectedDetail>{detail});
  ASSERT_EQ(referral.text_warnings_size(), 1);
  EXPECT_EQ(referral.text_warnings(0).kind(), v1::TEXT_WARNING_KIND_KEPT_APART);
}

TEST(TextWarningsTest, AnActionAndADiscussionAreLookedAtToo) {
  v1::Action action;
  action.set_text("Ring her on 01632 960001");
  SetTextWarnings(action);
  ASSERT_EQ(action.text_warnings_size(), 1);
  EXPECT_EQ(action.text_warnings(0).field(), "text");
  v1::AgendaItem item;
  item.mutable_discussion()->set_risk_summary("She moved to MK9 3EJ");
  SetTextWarnings(item);
  ASSERT_EQ(item.text_warnings_size(), 1);
  EXPECT_EQ(item.text_warnings(0).field(), "discussion.risk_summary");
  v1::Case record;
  record.mutable_victim_update()->set_text("by telephone on 01632 960001");
  SetTextWarnings(record);
  EXPECT_EQ(record.text_warnings(0).field(), "victim_update.text");
}

}  // namespace
}  // namespace marac::domain
