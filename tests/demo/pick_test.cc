#include "demo/pick.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace marac::demo {
namespace {

using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;

constexpr char kJson[] =
    R"({"state": "OPEN", "count": 3, "done": false, "items": [{"name": "a", "ok": true}, {"name": "b", "ok": false}]})";

TEST(PickTest, TheValueAtAPathIsPrintedPlain) {
  EXPECT_THAT(Pick(kJson, "state"), IsOkAndHolds("OPEN"));
  EXPECT_THAT(Pick(kJson, "count"), IsOkAndHolds("3"));
  EXPECT_THAT(Pick(kJson, "done"), IsOkAndHolds("false"));
  EXPECT_THAT(Pick(kJson, "items[1].name"), IsOkAndHolds("b"));
  EXPECT_THAT(Pick(kJson, "items[name=b].ok"), IsOkAndHolds("false"));
  EXPECT_THAT(Pick(kJson, "items.#"), IsOkAndHolds("2"));
}

TEST(PickTest, WhatIsNotThereIsAnError) {
  EXPECT_THAT(Pick(kJson, "items[2].name"), Refuses(absl::StatusCode::kNotFound, "items[2].name"));
  EXPECT_THAT(Pick(kJson, "items[name=c].ok"), Refuses(absl::StatusCode::kNotFound, "name=c"));
  EXPECT_THAT(Pick(kJson, "nothing"), Refuses(absl::StatusCode::kNotFound, "nothing"));
  EXPECT_THAT(Pick(kJson, "items[0"), Refuses(absl::StatusCode::kInvalidArgument, "bracket"));
  EXPECT_THAT(Pick("{", "state"), Refuses(absl::StatusCode::kInvalidArgument, "JSON"));
}

}  // namespace
}  // namespace marac::demo
