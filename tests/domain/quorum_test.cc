#include "domain/quorum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace marac::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class QuorumTest : public ::testing::Test {
 protected:
  v1::Attendance& Attend(const std::string& agency,
                         v1::AttendanceState state = v1::ATTENDANCE_STATE_PRESENT) {
    v1::Attendance& entry = *meeting_.add_attendance();
    entry.set_agency(agency);
    entry.set_person("Somebody");
    entry.set_state(state);
    return entry;
  }
  void Demand(const std::string& agency, v1::QuorumCondition condition) {
    v1::QuorumAgency& wanted = *settings_.mutable_quorum()->add_agencies();
    wanted.set_agency(agency);
    wanted.set_condition(condition);
  }
  v1::Case& List(const std::string& name, v1::AgendaItemState state = v1::AGENDA_ITEM_STATE_LISTED) {
    items_.emplace_back().set_case_name(name);
    items_.back().set_state(state);
    return cases_[name];
  }
  v1::Quorum Quorum() const { return QuorumOf(meeting_, items_, cases_, settings_); }

  v1::Meeting meeting_;
  std::vector<v1::AgendaItem> items_;
  Cases cases_;
  v1::AreaSettings settings_;
};

TEST_F(QuorumTest, R11AnAreaThatDemandsNothingIsAlwaysQuorate) {
  EXPECT_TRUE(Quorum().met());
  settings_.mutable_quorum();
  EXPECT_TRUE(Quorum().met());
}

TEST_F(QuorumTest, R11ExactlyTheLeastNumberIsEnough) {
  settings_.mutable_quorum()->set_agencies_min(2);
  Attend("agencies/police");
  EXPECT_FALSE(Quorum().met());
  EXPECT_EQ(Quorum().agencies_short(), 1);
  Attend("agencies/idva");
  EXPECT_TRUE(Quorum().met());
  EXPECT_EQ(Quorum().agencies_short(), 0);
  Attend("agencies/csc");
  EXPECT_TRUE(Quorum().met());
  EXPECT_EQ(Quorum().agencies_short(), 0) << "never fewer than none";
}

TEST_F(QuorumTest, R11AnAgencyCountsOnceHoweverManyPeopleItSends) {
  settings_.mutable_quorum()->set_agencies_min(2);
  Attend("agencies/police");
  Attend("agencies/police");
  EXPECT_EQ(Quorum().present(), 1);
  EXPECT_FALSE(Quorum().met());
}

TEST_F(QuorumTest, R11ADeputyCountsForTheAgencyAndAnObserverDoesNot) {
  Demand("agencies/police", v1::QUORUM_CONDITION_ALWAYS);
  Attend("agencies/police", v1::ATTENDANCE_STATE_OBSERVER);
  EXPECT_THAT(Quorum().missing(), ElementsAre("agencies/police"));
  EXPECT_EQ(Quorum().present(), 0);
  Attend("agencies/police").set_person("A deputy");
  EXPECT_THAT(Quorum().missing(), IsEmpty());
  EXPECT_TRUE(Quorum().met());
}

TEST_F(QuorumTest, R11ApologiesWithInformationAreCountedApart) {
  settings_.mutable_quorum()->set_agencies_min(1);
  Demand("agencies/health", v1::QUORUM_CONDITION_ALWAYS);
  Attend("agencies/health", v1::ATTENDANCE_STATE_APOLOGIES).set_information_sent(true);
  Attend("agencies/housing", v1::ATTENDANCE_STATE_APOLOGIES);
  Attend("agencies/probation", v1::ATTENDANCE_STATE_ABSENT);
  EXPECT_EQ(Quorum().apologies_with_information(), 1);
  EXPECT_EQ(Quorum().present(), 0);
  EXPECT_EQ(Quorum().agencies_short(), 1);
  EXPECT_THAT(Quorum().missing(), ElementsAre("agencies/health"));
  Attend("agencies/health");
  EXPECT_EQ(Quorum().apologies_with_information(), 0) << "somebody came after all";
}

TEST_F(QuorumTest, R11ChildrensServicesHaveToBeThereWhenACaseHasAChild) {
  Demand("agencies/csc", v1::QUORUM_CONDITION_CHILDREN);
  List("areas/a/cases/1");
  EXPECT_TRUE(Quorum().met());
  List("areas/a/cases/2", v1::AGENDA_ITEM_STATE_DEFERRED).add_children();
  EXPECT_TRUE(Quorum().met()) << "it is not on the agenda any more";
  List("areas/a/cases/3", v1::AGENDA_ITEM_STATE_HEARD).add_children();
  EXPECT_THAT(Quorum().missing(), ElementsAre("agencies/csc"));
  Attend("agencies/csc");
  EXPECT_TRUE(Quorum().met());
}

TEST_F(QuorumTest, R11AnUnbornChildCountsWhereTheAreaSaysSo) {
  Demand("agencies/csc", v1::QUORUM_CONDITION_CHILDREN);
  List("areas/a/cases/1").mutable_victim()->set_pregnant(v1::YES_NO_YES);
  EXPECT_TRUE(Quorum().met());
  settings_.set_unborn_counts_as_child(true);
  EXPECT_THAT(Quorum().missing(), ElementsAre("agencies/csc"));
}

}  // namespace
}  // namespace marac::domain
