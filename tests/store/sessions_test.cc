#include "store/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/test_database.h"

namespace marac::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAccount[] = "accounts/a";
constexpr char kAssessment[] = "areas/a/assessments/x";
const std::string kParent(32, 'p');
const std::string kDesk(32, 'd');
const std::string kDevice(32, 'h');

class SessionsTest : public DatabaseTestBase {
 protected:
  void SetUp() override {
    CreateAndOpen();
    Write([](WriteTransaction& tx) -> absl::Status {
      RETURN_IF_ERROR(InsertCredential(tx, {.account = kAccount, .agency = "agencies/x", .login = "a"}));
      for (const std::string& token : {kParent, kDesk}) {
        RETURN_IF_ERROR(InsertSession(tx, {.token_hash = token,
                                           .account = kAccount,
                                           .program = "programs/p",
                                           .source = "10.0.0.1",
                                           .now_ms = 1000,
                                           .expire_ms = 9000,
                                           .idle_lock_ms = 500}));
      }
      return InsertHandover(
          tx, {.token_hash = kDevice, .parent_hash = kParent, .assessment = kAssessment, .now_ms = 2000});
    });
  }

  void Write(const std::function<absl::Status(WriteTransaction&)>& body) {
    EXPECT_OK(database_->Write(body, Event));
  }
  StoredSession Find(const std::string& token) {
    StoredSession found;
    Write([&](WriteTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::optional<StoredSession> session, FindSession(tx, token));
      found = session.value();
      return absl::OkStatus();
    });
    return found;
  }
  std::vector<std::string> Listed() {
    std::vector<std::string> tokens;
    Write([&](WriteTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<ListedSession> sessions, ListSessions(tx, kAccount, 3000));
      for (const ListedSession& session : sessions) tokens.push_back(session.token_hash);
      return absl::OkStatus();
    });
    return tokens;
  }
};

TEST_F(SessionsTest, AHandoverSharesWhoWhereAndUntilWhenWithTheSessionItWasMadeFrom) {
  const StoredSession device = Find(kDevice);
  EXPECT_EQ(device.account, kAccount);
  EXPECT_EQ(device.program, "programs/p");
  EXPECT_EQ(device.expire_ms, 9000);
  EXPECT_EQ(device.assessment, kAssessment);
  EXPECT_FALSE(device.ended || device.locked || device.handed_over);
  EXPECT_TRUE(Find(kParent).handed_over);
  EXPECT_EQ(Find(kParent).assessment, "");
  EXPECT_FALSE(Find(kDesk).handed_over);
  // It is told of by the other one.
  EXPECT_THAT(Listed(), ElementsAre(kDesk, kParent));
}

TEST_F(SessionsTest, AHandoverEndsWithTheSessionItWasMadeFromAndWithNoOther) {
  Write([](WriteTransaction& tx) { return EndSession(tx, kDesk, 3000); });
  EXPECT_FALSE(Find(kDevice).ended);
  Write([](WriteTransaction& tx) { return EndSession(tx, kParent, 3000); });
  EXPECT_TRUE(Find(kDevice).ended);
}

TEST_F(SessionsTest, WhatHasEndedHandsNothingOver) {
  Write([](WriteTransaction& tx) { return EndSession(tx, kDevice, 3000); });
  EXPECT_FALSE(Find(kParent).handed_over);
  EXPECT_FALSE(Find(kParent).ended);
}

TEST_F(SessionsTest, HandoversAreEndedByTheirSessionAndByTheirAssessmentOnce) {
  for (const bool by_session : {true, false}) {
    Write([&](WriteTransaction& tx) -> absl::Status {
      const auto end = [&](bool other) {
        return by_session ? EndHandoversFrom(tx, other ? kDesk : kParent, 3000)
                          : EndHandoversOf(tx, other ? "areas/a/assessments/y" : kAssessment, 3000);
      };
      EXPECT_THAT(*end(/*other=*/true), IsEmpty());
      EXPECT_THAT(*end(/*other=*/false), ElementsAre(kAssessment));
      EXPECT_THAT(*end(/*other=*/false), IsEmpty());
      return InsertHandover(tx, {.token_hash = std::string(32, by_session ? '1' : '2'),
                                 .parent_hash = kParent,
                                 .assessment = kAssessment,
                                 .now_ms = 4000});
    });
  }
}

TEST_F(SessionsTest, EverySessionOfAnAccountEndsWithItsHandovers) {
  Write([](WriteTransaction& tx) { return SetSuspended(tx, kAccount, /*suspended=*/true, 3000); });
  EXPECT_TRUE(Find(kDevice).ended);
  EXPECT_TRUE(Find(kDevice).suspended);
}

}  // namespace
}  // namespace marac::store
