// Settings of an area and what they alter, through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/meeting_scenario.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AreaSettingsServiceTest : public MeetingScenario {
 protected:
  using Directory = v1::DirectoryService::Stub;

  const Client& Admin() { return server_.As("admin.council"); }
  v1::Area Area() {
    v1::GetAreaRequest request;
    request.set_name(ServerFixture::kArea);
    return Need(Coordinator().Call(&Directory::GetArea, request));
  }
  absl::StatusOr<v1::PreviewAreaResponse> Preview(const v1::Area& area) {
    v1::PreviewAreaRequest request;
    *request.mutable_area() = area;
    return Coordinator().Call(&Directory::PreviewArea, request);
  }
  absl::StatusOr<v1::Area> Update(const v1::Area& area) {
    v1::UpdateAreaRequest request;
    *request.mutable_area() = area;
    return Admin().Call(&Directory::UpdateArea, request);
  }
  absl::StatusOr<v1::ListAreaChangesResponse> Changes(const Client& client) {
    v1::ListAreaChangesRequest request;
    request.set_parent(ServerFixture::kArea);
    return client.Call(&Directory::ListAreaChanges, request);
  }
  v1::Meeting Kept(const v1::Meeting& meeting) {
    v1::GetMeetingRequest request;
    request.set_name(meeting.name());
    return Need(Coordinator().Call(&Meetings::GetMeeting, request));
  }
  v1::Quorum QuorumFor(const Client& client, const v1::Meeting& meeting) {
    return Need(AgendaFor(client, meeting)).quorum();
  }
  void Demand(const std::string& agency, v1::QuorumCondition condition) {
    v1::Area area = Area();
    v1::QuorumAgency& wanted = *area.mutable_settings()->mutable_quorum()->add_agencies();
    wanted.set_agency(agency);
    wanted.set_condition(condition);
    Need(Update(area));
  }
};

TEST_F(AreaSettingsServiceTest, AChangeIsSeenBeforeItIsMadeAndMovesTheMeetingsThatAreNotOut) {
  const v1::Meeting meeting = Schedule();
  v1::Area area = Area();
  area.mutable_settings()->mutable_cut_off()->set_working_days(-10);
  area.mutable_settings()->set_slot_minutes(15);
  ASSERT_OK_AND_ASSIGN(const v1::PreviewAreaResponse preview, Preview(area));
  ASSERT_EQ(preview.changes_size(), 2);
  EXPECT_EQ(preview.changes(0).field(), "settings.slot_minutes");
  EXPECT_EQ(preview.changes(1).before(), "-8");
  EXPECT_THAT(preview.consequences(), ElementsAre(HasSubstr("Referral cut-off: changes for 1 meeting "),
                                                  HasSubstr("11, instead of 17")));
  EXPECT_EQ(Kept(meeting).etag(), meeting.etag()) << "nothing is saved";
  EXPECT_EQ(Area().etag(), area.etag());

  ASSERT_OK_AND_ASSIGN(const v1::Area changed, Update(area));
  EXPECT_EQ(changed.settings().slot_minutes(), 15);
  const v1::Meeting moved = Kept(meeting);
  EXPECT_EQ(moved.capacity(), 11);
  EXPECT_LT(moved.deadlines().cut_off_time().seconds(), meeting.deadlines().cut_off_time().seconds());
  EXPECT_EQ(moved.deadlines().circulation_time().seconds(), meeting.deadlines().circulation_time().seconds());
  EXPECT_THAT(Preview(area), Refuses(StatusCode::kAborted, "changed"));
  EXPECT_THAT(Update(area), Refuses(StatusCode::kAborted, "changed"));
}

TEST_F(AreaSettingsServiceTest, WhatIsCirculatedKeepsWhatItWasTold) {
  const v1::Meeting meeting = Schedule();
  AddCase(meeting, "a");
  ASSERT_OK(Propose(meeting));
  ASSERT_OK(Circulate(meeting));
  v1::Area area = Area();
  area.mutable_settings()->set_slot_minutes(15);
  ASSERT_OK(Update(area));
  EXPECT_EQ(Kept(meeting).capacity(), 17);
}

TEST_F(AreaSettingsServiceTest, APreviewIsRefusedAsTheChangeItselfIs) {
  v1::Area area = Area();
  area.mutable_settings()->set_slot_minutes(16);
  area.mutable_settings()->mutable_quorum()->add_agencies()->set_agency("agencies/nobody");
  area.mutable_settings()->mutable_quorum()->mutable_agencies(0)->set_condition(v1::QUORUM_CONDITION_ALWAYS);
  for (const absl::Status& status : {Preview(area).status(), Update(area).status()}) {
    EXPECT_THAT(status, Refuses(StatusCode::kInvalidArgument, "settings.slot_minutes"));
    EXPECT_THAT(status.ToString(absl::StatusToStringMode::kWithEverything),
                HasSubstr("settings.quorum.agencies[0].agency"));
  }
  area = Area();
  area.mutable_settings()->set_instrument("no-such-pack@1.0");
  EXPECT_EQ(Preview(area).status(), Update(area).status());
  EXPECT_FALSE(Preview(area).ok());
  area = Area();
  area.clear_etag();
  EXPECT_THAT(Preview(area), Refuses(StatusCode::kInvalidArgument, "etag"));
}

TEST_F(AreaSettingsServiceTest, WhoChangedWhatIsKeptTheNewestFirst) {
  ASSERT_OK_AND_ASSIGN(const v1::ListAreaChangesResponse none, Changes(Coordinator()));
  ASSERT_EQ(none.changes_size(), 1);
  EXPECT_EQ(none.changes(0).account(), "") << "when the area was made";
  EXPECT_THAT(none.changes(0).changes(), IsEmpty());

  v1::Area area = Area();
  area.mutable_settings()->set_slot_minutes(12);
  ASSERT_OK_AND_ASSIGN(area, Update(area));
  ASSERT_OK_AND_ASSIGN(const v1::Area same, Update(area));
  EXPECT_EQ(same.etag(), area.etag()) << "nothing that changes is no change";
  area.mutable_settings()->set_slot_minutes(14);
  ASSERT_OK(Update(area));

  const std::string admin =
      Need(Admin().Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest())).account().name();
  for (const char* login : {"coordinator.council", "chair.police", "auditor.council", "admin.council"}) {
    ASSERT_OK_AND_ASSIGN(const v1::ListAreaChangesResponse changes, Changes(server_.As(login)));
    ASSERT_EQ(changes.changes_size(), 3) << login;
    EXPECT_EQ(changes.changes(0).account(), admin);
    EXPECT_GT(changes.changes(0).time().seconds(), 0);
    ASSERT_EQ(changes.changes(0).changes_size(), 1);
    EXPECT_EQ(changes.changes(0).changes(0).field(), "settings.slot_minutes");
    EXPECT_EQ(changes.changes(0).changes(0).before(), "12");
    EXPECT_EQ(changes.changes(0).changes(0).after(), "14");
    EXPECT_EQ(changes.changes(1).changes(0).before(), "10");
  }
  EXPECT_THAT(Changes(server_.As("referrer.police")), Refuses(StatusCode::kPermissionDenied, ""));
  EXPECT_THAT(Changes(server_.As("representative.housing")), Refuses(StatusCode::kPermissionDenied, ""));
}

TEST_F(AreaSettingsServiceTest, NoMoreThanAHundredChangesAreToldAndNoneOfThemIsWrong) {
  v1::Area area = Area();
  for (int i = 0; i < 101; ++i) {
    area.mutable_settings()->set_slot_minutes(11 + i % 2);
    ASSERT_OK_AND_ASSIGN(area, Update(area));
  }
  ASSERT_OK_AND_ASSIGN(const v1::ListAreaChangesResponse changes, Changes(Coordinator()));
  ASSERT_EQ(changes.changes_size(), 100);
  EXPECT_EQ(changes.changes(99).changes(0).before(), "11") << "of the second, against the first";
  EXPECT_EQ(changes.changes(99).changes(0).after(), "12");
}

TEST_F(AreaSettingsServiceTest, R11WhoIsMissingIsSaidOnceTheMeetingIsHeldToThoseWhoMakeTheAgenda) {
  Demand("agencies/police", v1::QUORUM_CONDITION_ALWAYS);
  Demand("agencies/csc", v1::QUORUM_CONDITION_CHILDREN);
  const v1::Meeting meeting = Schedule();
  AddCase(meeting, "child", [](v1::Case& record) { record.add_children()->mutable_name()->set_value("A"); });
  ASSERT_OK(Propose(meeting));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda circulated, Circulate(meeting));
  EXPECT_FALSE(circulated.has_quorum()) << "nobody can be there yet";
  server_.AdvanceTo(domain::FromTimestamp(meeting.start_time()));
  ASSERT_OK_AND_ASSIGN(const v1::Meeting started, Start(meeting));

  EXPECT_THAT(QuorumFor(Chair(), meeting).missing(), ElementsAre("agencies/police", "agencies/csc"));
  EXPECT_THAT(QuorumFor(Coordinator(), meeting).missing(), ElementsAre("agencies/police", "agencies/csc"));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda housing, AgendaFor(Housing(), meeting));
  EXPECT_FALSE(housing.has_quorum());

  v1::RecordAttendanceRequest attendance;
  attendance.set_name(meeting.name());
  attendance.set_etag(started.etag());
  v1::Attendance& present = *attendance.add_attendance();
  present.set_agency("agencies/police");
  present.set_person("A deputy");
  present.set_state(v1::ATTENDANCE_STATE_PRESENT);
  ASSERT_OK(Chair().Call(&Meetings::RecordAttendance, attendance));
  EXPECT_THAT(QuorumFor(Chair(), meeting).missing(), ElementsAre("agencies/csc"));
  ASSERT_OK(Open(Item(meeting, circulated.items(0).case_name()))) << "it warns, and the chair goes on";
}

}  // namespace
}  // namespace marac::testing
