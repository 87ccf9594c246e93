// A server with one meeting four weeks ahead, and steps that a test takes with it.
#ifndef MARAC_TESTS_SUPPORT_MEETING_SCENARIO_H_
#define MARAC_TESTS_SUPPORT_MEETING_SCENARIO_H_

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "domain/local_date.h"
#include "domain/record.h"
#include "domain/timestamp.h"
#include "marac/v1/case.pb.h"
#include "store/database.h"
#include "store/records.h"
#include "tests/support/complete_discussion.h"
#include "tests/support/server_fixture.h"

namespace marac::testing {

class MeetingScenario : public ::testing::Test {
 protected:
  explicit MeetingScenario(const SecurityClock* security_clock = nullptr) : server_(security_clock) {}

  using Meetings = v1::MeetingService::Stub;

  const Client& Coordinator() { return server_.As("coordinator.council"); }
  const Client& Chair() { return server_.As("chair.police"); }
  const Client& Housing() { return server_.As("representative.housing"); }

  // Ends the test program when a step that a test only passes through is refused.
  template <typename T>
  static T Need(absl::StatusOr<T> value) {
    if (!value.ok()) ADD_FAILURE() << value.status();
    return std::move(value).value();
  }

  v1::ScheduleMeetingsRequest Series(int days_ahead, int count = 1) {
    v1::ScheduleMeetingsRequest request;
    request.set_parent(ServerFixture::kArea);
    *request.mutable_first_day() = domain::DateOf(server_.Now()).AddDays(days_ahead).ToDay();
    request.set_count(count);
    request.set_start_minute(9 * 60 + 30);
    request.mutable_length()->set_seconds(3 * 3600);
    request.set_venue("Room 4");
    for (const char* agency : {"council", "police", "idva", "housing"}) {
      request.add_invited_agencies(std::string("agencies/") + agency);
    }
    return request;
  }
  v1::Meeting Schedule(int days_ahead = 28) {
    return Need(Coordinator().Call(&Meetings::ScheduleMeetings, Series(days_ahead))).meetings(0);
  }

  // A case as acceptance leaves it, received an hour before the meeting's cut-off.
  std::string AddCase(
      const v1::Meeting& meeting, const std::string& id,
      const std::function<void(v1::Case&)>& change = [](v1::Case&) {}) {
    v1::Case record;
    record.set_name(std::string(ServerFixture::kArea) + "/cases/" + id);
    record.set_case_number("TS-26-" + id);
    record.set_stage(v1::CASE_STAGE_ACCEPTED);
    record.set_kind(v1::CASE_KIND_NEW);
    record.mutable_victim()->mutable_name()->set_value("Victim " + id);
    *record.mutable_receive_time() =
        domain::ToTimestamp(domain::FromTimestamp(meeting.deadlines().cut_off_time()) - absl::Hours(1));
    change(record);
    Keep([&](store::WriteTransaction& tx) -> absl::Status {
      RETURN_IF_ERROR(store::NewScope(tx, record.name(), ServerFixture::kArea, domain::Stage::kAccepted));
      return store::InsertRecord(tx,
                                 {.name = record.name(),
                                  .kind = domain::Kind::kCase,
                                  .area = ServerFixture::kArea,
                                  .columns = domain::ColumnsOf(record),
                                  .body = record.SerializeAsString()},
                                 record.name(), /*time_ms=*/0, "accounts/test");
    });
    return record.name();
  }

  void HideFrom(const Client& person, const std::string& case_name) {
    Keep([&](store::WriteTransaction& tx) { return store::ShutOut(tx, case_name, person.account()); });
  }

  // The case as it is kept.
  v1::Case KeptCase(const std::string& name) {
    v1::Case record;
    const absl::Status status =
        server_.host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(const store::StoredRecord stored, store::LoadBody(tx, domain::ServerGrant(name)));
          return record.ParseFromString(stored.body) ? absl::OkStatus() : absl::InternalError("unreadable");
        });
    EXPECT_TRUE(status.ok()) << status;
    return record;
  }

  absl::StatusOr<v1::Agenda> Propose(const v1::Meeting& meeting) {
    v1::ProposeAgendaRequest request;
    request.set_name(meeting.name());
    return Coordinator().Call(&Meetings::ProposeAgenda, request);
  }
  absl::StatusOr<v1::Agenda> Circulate(const v1::Meeting& meeting) {
    v1::CirculateAgendaRequest request;
    request.set_name(meeting.name());
    request.set_etag(Get(meeting).etag());
    return Coordinator().Call(&Meetings::CirculateAgenda, request);
  }
  absl::StatusOr<v1::Agenda> AgendaFor(const Client& client, const v1::Meeting& meeting) {
    v1::GetAgendaRequest request;
    request.set_name(meeting.name());
    return client.Call(&Meetings::GetAgenda, request);
  }
  v1::Meeting Get(const v1::Meeting& meeting) {
    v1::GetMeetingRequest request;
    request.set_name(meeting.name());
    return Need(Coordinator().Call(&Meetings::GetMeeting, request));
  }
  absl::StatusOr<v1::Meeting> Start(const v1::Meeting& meeting) {
    v1::StartMeetingRequest request;
    request.set_name(meeting.name());
    request.set_etag(Get(meeting).etag());
    return Chair().Call(&Meetings::StartMeeting, request);
  }
  absl::StatusOr<v1::Meeting> Close(const v1::Meeting& meeting) {
    v1::CloseMeetingRequest request;
    request.set_name(meeting.name());
    request.set_etag(Get(meeting).etag());
    return Chair().Call(&Meetings::CloseMeeting, request);
  }
  void Attend(const v1::Meeting& meeting, const std::string& agency, const Client& person,
              v1::AttendanceState state) {
    v1::RecordAttendanceRequest request;
    request.set_name(meeting.name());
    request.set_etag(Get(meeting).etag());
    v1::Attendance& entry = *request.add_attendance();
    entry.set_agency("agencies/" + agency);
    entry.set_account(person.account());
    entry.set_state(state);
    Need(Chair().Call(&Meetings::RecordAttendance, request));
  }
  // Proposes, circulates and starts, on the day, with housing in the room.
  void Hold(const v1::Meeting& meeting) {
    Need(Propose(meeting));
    Need(Circulate(meeting));
    server_.AdvanceTo(domain::FromTimestamp(meeting.start_time()));
    Need(Start(meeting));
    Attend(meeting, "housing", Housing(), v1::ATTENDANCE_STATE_PRESENT);
  }
  v1::AgendaItem Item(const v1::Meeting& meeting, const std::string& case_name) {
    const v1::Agenda agenda = Need(AgendaFor(Chair(), meeting));
    for (const v1::AgendaItem& item : agenda.items()) {
      if (item.case_name() == case_name) return item;
    }
    ADD_FAILURE() << case_name << " is not on the agenda";
    return {};
  }
  absl::StatusOr<v1::AgendaItem> Open(const v1::AgendaItem& item) {
    v1::OpenItemRequest request;
    request.set_name(item.name());
    return Chair().Call(&Meetings::OpenItem, request);
  }
  absl::StatusOr<v1::AgendaItem> Record(const v1::AgendaItem& item) {
    v1::RecordDiscussionRequest request;
    request.set_name(item.name());
    request.set_etag(item.etag());
    *request.mutable_discussion() = CompleteDiscussion();
    return server_.As("minutes.council").Call(&Meetings::RecordDiscussion, request);
  }
  absl::StatusOr<v1::AgendaItem> CloseItem(const v1::AgendaItem& item) {
    v1::CloseItemRequest request;
    request.set_name(item.name());
    request.set_etag(item.etag());
    return Chair().Call(&Meetings::CloseItem, request);
  }
  absl::StatusOr<v1::AgendaItem> Defer(const v1::AgendaItem& item) {
    v1::DeferItemRequest request;
    request.set_name(item.name());
    request.set_etag(item.etag());
    request.set_reason("Nobody came for the referrer");
    request.set_safety_plan("She stays with her sister");
    return Chair().Call(&Meetings::DeferItem, request);
  }

  // What no call does, done in the database.
  void Keep(const store::Database::WriteBody& body) {
    const absl::Status kept = server_.host().database().Write(
        body, [](const absl::Status&) { return domain::AuditEvent{.method = "test", .allowed = true}; });
    ASSERT_TRUE(kept.ok()) << kept;
  }

  ServerFixture server_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_MEETING_SCENARIO_H_
