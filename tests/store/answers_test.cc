#include "store/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/test_database.h"

namespace marac::store {
namespace {

v1::Answer EventOf(int64_t seq, const std::string& item, v1::AnswerCode code) {
  v1::Answer event;
  event.set_seq(seq);
  event.set_item(item);
  event.set_code(code);
  return event;
}

class AnswersTest : public DatabaseTestBase {
 protected:
  void SetUp() override { CreateAndOpen(); }

  absl::Status Append(const std::string& assessment, const std::vector<v1::Answer>& events) {
    return database_->Write([&](WriteTransaction& tx) { return AppendAnswers(tx, assessment, events); },
                            Event);
  }
  std::vector<v1::Answer> All(const std::string& assessment) {
    std::vector<v1::Answer> events;
    EXPECT_OK(database_->Read(
        [&](ReadTransaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(events, LoadAnswers(tx, assessment));
          return absl::OkStatus();
        },
        Event));
    return events;
  }
};

// D-02: every answer that was given is kept, in order, beside the later one that took its place.
TEST_F(AnswersTest, KeepsEveryEventInOrderAndEachAssessmentApart) {
  ASSERT_OK(Append("areas/mk/assessments/a",
                   {EventOf(1, "FEAR", v1::ANSWER_CODE_NO), EventOf(2, "MONEY", v1::ANSWER_CODE_YES)}));
  ASSERT_OK(Append("areas/mk/assessments/b", {EventOf(1, "STALK", v1::ANSWER_CODE_YES)}));
  ASSERT_OK(Append("areas/mk/assessments/a", {EventOf(3, "FEAR", v1::ANSWER_CODE_YES)}));
  const std::vector<v1::Answer> events = All("areas/mk/assessments/a");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].item(), "FEAR");
  EXPECT_EQ(events[0].code(), v1::ANSWER_CODE_NO);
  EXPECT_EQ(events[2].code(), v1::ANSWER_CODE_YES);
  EXPECT_EQ(All("areas/mk/assessments/b").size(), 1u);
}

// D-02: a sequence number is used once, and none is left out; the whole call is refused.
TEST_F(AnswersTest, TakesOnlyTheNextNumber) {
  ASSERT_OK(Append("areas/mk/assessments/a", {EventOf(1, "FEAR", v1::ANSWER_CODE_NO)}));
  for (int64_t seq : {1, 3}) {
    EXPECT_FALSE(Append("areas/mk/assessments/a", {EventOf(seq, "FEAR", v1::ANSWER_CODE_YES)}).ok()) << seq;
  }
  EXPECT_FALSE(Append("areas/mk/assessments/a",
                      {EventOf(2, "FEAR", v1::ANSWER_CODE_YES), EventOf(2, "FEAR", v1::ANSWER_CODE_NO)})
                   .ok());
  EXPECT_EQ(All("areas/mk/assessments/a").size(), 1u);
}

TEST_F(AnswersTest, NobodyChangesOrRemovesAnEvent) {
  ASSERT_OK(Append("areas/mk/assessments/a", {EventOf(1, "FEAR", v1::ANSWER_CODE_NO)}));
  for (const char* sql : {"UPDATE answer_events SET body = x'00'", "DELETE FROM answer_events",
                          "INSERT OR REPLACE INTO answer_events (assessment, seq, body) "
                          "VALUES ('areas/mk/assessments/a', 1, x'00')"}) {
    EXPECT_FALSE(database_
                     ->Write(
                         [&](WriteTransaction& tx) -> absl::Status {
                           ASSIGN_OR_RETURN(Statement change, tx.Prepare(sql));
                           return change.Run();
                         },
                         Event)
                     .ok())
        << sql;
  }
  ASSERT_EQ(All("areas/mk/assessments/a").size(), 1u);
  EXPECT_EQ(All("areas/mk/assessments/a")[0].code(), v1::ANSWER_CODE_NO);
}

}  // namespace
}  // namespace marac::store
