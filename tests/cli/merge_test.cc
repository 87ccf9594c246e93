// What two people changed of one referral.
#include "cli/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "marac/v1/referral.pb.h"

namespace marac::cli {
namespace {

v1::Referral Base() {
  v1::Referral base;
  base.set_etag("old");
  base.mutable_victim()->mutable_name()->set_value("Ana");
  base.mutable_reason()->set_narrative("then");
  base.add_perpetrators()->mutable_name()->set_value("Bo");
  return base;
}

TEST(MergeTest, WhatBothChangedApartIsAllThere) {
  v1::Referral mine = Base();
  mine.mutable_victim()->mutable_gender()->set_value("female");
  mine.mutable_perpetrators(0)->mutable_relationship_to_victim()->set_value("husband");
  mine.add_perpetrators()->mutable_name()->set_value("Cy");
  v1::Referral theirs = Base();
  theirs.set_etag("new");
  theirs.mutable_victim()->mutable_ethnicity()->set_value("Irish");
  theirs.mutable_reason()->set_why_now("tonight");
  theirs.mutable_perpetrators(0)->mutable_occupation()->set_value("driver");

  EXPECT_THAT(MergeOnto(Base(), mine, theirs, "referral"), ::testing::IsEmpty());
  EXPECT_EQ(theirs.etag(), "new");
  EXPECT_EQ(theirs.victim().name().value(), "Ana");
  EXPECT_EQ(theirs.victim().gender().value(), "female");
  EXPECT_EQ(theirs.victim().ethnicity().value(), "Irish");
  EXPECT_EQ(theirs.reason().why_now(), "tonight");
  ASSERT_EQ(theirs.perpetrators_size(), 2);
  EXPECT_EQ(theirs.perpetrators(0).relationship_to_victim().value(), "husband");
  EXPECT_EQ(theirs.perpetrators(0).occupation().value(), "driver");
  EXPECT_EQ(theirs.perpetrators(1).name().value(), "Cy");
}

TEST(MergeTest, WhatBothChangedIsMineAndIsNamed) {
  v1::Referral mine = Base();
  mine.mutable_reason()->set_narrative("mine");
  mine.mutable_victim()->mutable_name()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  v1::Referral theirs = Base();
  theirs.mutable_reason()->set_narrative("theirs");
  EXPECT_THAT(MergeOnto(Base(), mine, theirs, "referral"),
              ::testing::ElementsAre("referral.reason.narrative"));
  EXPECT_EQ(theirs.reason().narrative(), "mine");
  EXPECT_FALSE(theirs.victim().name().has_value());
}

}  // namespace
}  // namespace marac::cli
