// What people type and read for values.
#include "cli/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/client.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "marac/v1/action.pb.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/referral_service.pb.h"
#include "tests/support/status_matchers.h"

namespace marac::cli {
namespace {

using absl::StatusCode;
using ::marac::testing::IsOk;
using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(EnumWordTest, DropsThePrefixAndUsesHyphens) {
  EXPECT_EQ(Word(v1::ACTION_STATE_NOT_POSSIBLE), "not-possible");
  EXPECT_EQ(Word(v1::ACTION_STATE_UNSPECIFIED), "-");
  EXPECT_EQ(Words<v1::ActionState>(), "proposed, open, refused, complete, not-possible, not-done");
  EXPECT_EQ(EnumWord(*v1::ActionState_descriptor(), 99), "99 (unknown here)");
}

TEST(ParseWordTest, EveryWordComesBackAsItsValue) {
  const auto& type = *v1::ActionState_descriptor();
  for (int i = 1; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    EXPECT_THAT(ParseEnumWord(type, EnumWord(type, number), "state"), IsOkAndHolds(number));
  }
  EXPECT_THAT(ParseWord<v1::ActionState>("NOT_POSSIBLE", "state"),
              IsOkAndHolds(v1::ACTION_STATE_NOT_POSSIBLE));
  EXPECT_THAT(ParseWord<v1::ActionState>("", "state"), IsOkAndHolds(v1::ACTION_STATE_UNSPECIFIED));
}

TEST(ParseWordTest, AnotherWordIsRefusedWithTheListAndNotRepeated) {
  const auto refused = ParseWord<v1::ActionState>("finished", "state");
  EXPECT_THAT(refused, Refuses(StatusCode::kInvalidArgument, "state: give one of: proposed, open"));
  EXPECT_THAT(std::string(refused.status().message()), Not(HasSubstr("finished")));
  EXPECT_THAT(ParseWord<v1::ActionState>("unspecified", "state"),
              Refuses(StatusCode::kInvalidArgument, "state"));
}

TEST(ParseDayTest, ADayThatDoesNotExistIsRefused) {
  EXPECT_THAT(ParseDay("2026-02-31", "birth_date"), Refuses(StatusCode::kInvalidArgument, "birth_date"));
  const auto day = ParseDay("2026-02-28", "birth_date");
  ASSERT_THAT(day, IsOk());
  EXPECT_EQ(DayText(*day), "2026-02-28");
}

TEST(ParseMomentTest, IsByLondonsClocks) {
  // British Summer Time: 14:30 in London is 13:30 UTC.
  const auto summer = ParseMoment("2026-07-01T14:30", "due_time");
  ASSERT_THAT(summer, IsOk());
  EXPECT_EQ(summer->seconds(), 1782912600);
  EXPECT_EQ(MomentText(*summer), "2026-07-01 14:30");
  const auto day = ParseMoment("2026-01-07", "due_time");
  ASSERT_THAT(day, IsOk());
  EXPECT_EQ(MomentText(*day), "2026-01-07 17:00");
  const auto full = ParseMoment("2026-01-07T09:00:00Z", "due_time");
  ASSERT_THAT(full, IsOk());
  EXPECT_EQ(MomentText(*full), "2026-01-07 09:00");
  for (const char* bad :
       {"", "soon", "2026-13-01", "2026-01-07T25:00", "2026-01-07T9:30", "2026-02-31T09:00"}) {
    EXPECT_THAT(ParseMoment(bad, "due_time"), Refuses(StatusCode::kInvalidArgument, "due_time")) << bad;
  }
}

TEST(ParseTextTest, OneKeySaysWhyThereIsNoAnswer) {
  EXPECT_EQ(ParseText("?").unknown(), v1::UNKNOWN_NOT_KNOWN);
  EXPECT_EQ(ParseText("-").unknown(), v1::UNKNOWN_DECLINED);
  EXPECT_EQ(ParseText("!").unknown(), v1::UNKNOWN_NOT_ASKED);
  EXPECT_EQ(ParseText("Who?").value(), "Who?");
  EXPECT_EQ(TextOf(ParseText("?")), "(not known)");
  EXPECT_EQ(TextOf(v1::Text()), "");
}

TEST(ParseDayAnswerTest, TakesADayAYearOrWhyNot) {
  EXPECT_EQ(DayAnswerText(*ParseDayAnswer("1990-01-31", "f")), "1990-01-31");
  EXPECT_EQ(DayAnswerText(*ParseDayAnswer("1990", "f")), "about 1990");
  EXPECT_EQ(DayAnswerText(*ParseDayAnswer("!", "f")), "(not asked)");
  EXPECT_THAT(ParseDayAnswer("31.1.1990", "f"), Refuses(StatusCode::kInvalidArgument, "f"));
}

TEST(ParseYesNoTest, NothingButANoIsNo) {
  EXPECT_THAT(ParseYesNo("y", "f"), IsOkAndHolds(v1::YES_NO_YES));
  EXPECT_THAT(ParseYesNo("n", "f"), IsOkAndHolds(v1::YES_NO_NO));
  EXPECT_THAT(ParseYesNo("?", "f"), IsOkAndHolds(v1::YES_NO_NOT_KNOWN));
  EXPECT_THAT(ParseYesNo("not-asked", "f"), IsOkAndHolds(v1::YES_NO_NOT_ASKED));
  EXPECT_THAT(ParseYesNo("x", "f"), Refuses(StatusCode::kInvalidArgument, "f"));
}

v1::Case AnyCase() {
  v1::Case any;
  any.set_name("areas/mk/cases/x1");
  any.set_etag("secret-looking");
  any.set_case_number("MK-26-7QX4-K");
  any.set_stage(v1::CASE_STAGE_HEARD);
  any.mutable_victim()->mutable_name()->set_value("Ana \x1B[31mŁęska");
  any.mutable_victim()->mutable_birth_date()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  any.mutable_last_heard_day()->set_year(2026);
  any.mutable_last_heard_day()->set_month(1);
  any.mutable_last_heard_day()->set_day(7);
  any.set_reason_line(std::string(300, 'w'));
  return any;
}

TEST(RecordTextTest, ShowsWhatIsThereInWordsWithoutEtagsOrControls) {
  const std::string text = RecordText(AnyCase());
  EXPECT_THAT(text, HasSubstr("stage:                      heard"));
  EXPECT_THAT(text, HasSubstr("birth date:               (not known)"));
  EXPECT_THAT(text, HasSubstr("last heard day:             2026-01-07"));
  EXPECT_THAT(text, Not(HasSubstr("secret-looking")));
  EXPECT_THAT(text, Not(HasSubstr("\x1B")));
  EXPECT_THAT(text, Not(HasSubstr("repeat of")));
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    EXPECT_LE(DisplayWidth(text.substr(at, end - at)), kColumnsMax);
    at = end + 1;
  }
}

TEST(SummaryTextTest, NamesTheRecordAndWhereItIs) {
  EXPECT_EQ(SummaryText(AnyCase()), "areas/mk/cases/x1, MK-26-7QX4-K: heard\n");
}

TEST(JsonTest, WhatIsPrintedCanBeReadAgain) {
  const v1::Case before = AnyCase();
  const std::string path = ::testing::TempDir() + "/case.json";
  FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs(ToJson(before).c_str(), file);
  std::fclose(file);
  v1::Case after;
  ASSERT_THAT(ReadJson(path, after), IsOk());
  EXPECT_EQ(after.SerializeAsString(), before.SerializeAsString());
  // Names as in the contract, and a value for every plain field, so that a script need not know what is
  // absent.
  EXPECT_THAT(ToJson(before), HasSubstr("\"case_number\": \"MK-26-7QX4-K\""));
  EXPECT_THAT(ToJson(before), HasSubstr("\"deferral_count\": 0"));
}

TEST(JsonTest, AMistakeNamesTheFileAndTheMessage) {
  const std::string path = ::testing::TempDir() + "/bad.json";
  FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("{\"referral\": {\"urgnt\": true}}", file);
  std::fclose(file);
  v1::SaveDraftRequest request;
  EXPECT_THAT(ReadJson(path, request), Refuses(StatusCode::kInvalidArgument, "bad.json"));
  EXPECT_THAT(ReadJson(path, request), Refuses(StatusCode::kInvalidArgument, "urgnt"));
  EXPECT_THAT(ReadJson("/nonexistent.json", request),
              Refuses(StatusCode::kInvalidArgument, "/nonexistent.json"));
}

}  // namespace
}  // namespace marac::cli
