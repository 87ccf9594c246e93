// Names of records (decisions 1, 6).
#include "domain/resource_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using ::marac::testing::Refuses;

TEST(ResourceNameTest, WhatHangsInAMeetingOrACaseKnowsItsAreaAndWhatItHangsIn) {
  struct Row {
    Kind kind;
    std::string name;
    std::string parent;
  };
  const Row rows[] = {{Kind::kCase, "areas/mk/cases/c1", "areas/mk"},
                      {Kind::kAgendaItem, "areas/mk/meetings/m1/agendaItems/i1", "areas/mk/meetings/m1"},
                      {Kind::kResearch, "areas/mk/cases/c1/research/housing", "areas/mk/cases/c1"},
                      {Kind::kResearchNotes, "areas/mk/cases/c1/researchNotes/housing", "areas/mk/cases/c1"}};
  for (const Row& row : rows) {
    const auto parsed = ResourceName::Parse("name", row.name, row.kind);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->area(), "areas/mk");
    EXPECT_EQ(parsed->parent(), row.parent);
    EXPECT_EQ(ResourceName::Make(row.kind, row.parent, parsed->id()), row.name);
  }
}

TEST(ResourceNameTest, NothingHangsWhereItDoesNotBelong) {
  for (const char* name : {"areas/mk/meetings/m1/research/housing", "areas/mk/cases/c1/agendaItems/i1",
                           "areas/mk/research/housing", "areas/mk/cases/c1/research",
                           "cases/c1/research/housing", "areas/mk/cases/c1/researchNotes/Housing"}) {
    EXPECT_FALSE(ResourceName::Parse("name", name).ok()) << name;
  }
  EXPECT_THAT(ResourceName::Parse("name", "areas/mk/cases/c1/research/housing", Kind::kResearchNotes),
              Refuses(StatusCode::kInvalidArgument, "areas/AREA/cases/CASE/researchNotes/ID"));
}

}  // namespace
}  // namespace marac::domain
