// A meeting, from the calendar to its close (marac.md 2, 3, 4.3).
#ifndef MARAC_DOMAIN_MEETING_H_
#define MARAC_DOMAIN_MEETING_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/local_date.h"
#include "domain/working_days.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"
#include "marac/v1/meeting_service.pb.h"

namespace marac::domain {

// What is done to a meeting or to what hangs on it.
enum class MeetingVerb {
  kMove,  // or cancel
  kProposeAgenda,
  kAdmitLateCase,
  kCirculateAgenda,
  kStart,
  kRecordAttendance,
  kSign,
  kHearItem,  // open, record, close
  kDeferItem,
  kClose,
};

// FAILED_PRECONDITION "WRONG_STATE", with what state it would need, unless a meeting in this state takes it.
absl::Status CheckMeetingState(v1::MeetingState state, MeetingVerb verb);

// One of the cycle, and no emergency meeting.
bool IsInCycle(const v1::Meeting& meeting);
// FAILED_PRECONDITION "OUTSIDE_CYCLE" for an emergency meeting, which is about one case and goes on from no
// other.
absl::Status CheckInCycle(const v1::Meeting& meeting);

// What a series is made from, beside the request.
struct SeriesContext {
  const v1::AreaSettings& settings;
  const WorkingDays& working_days;
  // Every meeting of the area that is on the calendar.
  const std::vector<v1::Meeting>& existing;
  // Every agency that is a member of the area.
  const std::vector<std::string>& agencies;
  absl::Time now;
};

// The meetings asked for, SCHEDULED, with their deadlines, warnings and capacity, in order and
// without names. One that would fall on a closed day is on the next working day and says so.
//
// INVALID_ARGUMENT names the field: a first day in the past, more than 60 meetings, a length that opening and
// breaks fill, an agency that is no member, a day on which the area meets already. Beyond the known bank
// holidays: OUT_OF_RANGE.
absl::StatusOr<std::vector<v1::Meeting>> PlanSeries(const v1::ScheduleMeetingsRequest& request,
                                                    const SeriesContext& context);

// The days of the meetings such a request makes.
absl::StatusOr<std::vector<LocalDate>> SeriesDays(const v1::ScheduleMeetingsRequest& request,
                                                  const v1::AreaSettings& settings,
                                                  const WorkingDays& working_days);

// A change of the calendar.
struct CalendarChange {
  v1::Meeting meeting;
  // Those of the other meetings whose warnings are others now.
  std::vector<v1::Meeting> others;
};

// SCHEDULED and CIRCULATED: to another day, time, length or room, with the deadlines, warnings and capacity
// of that one. `context.existing` has the meeting as it was. INVALID_ARGUMENT names the field.
absl::StatusOr<CalendarChange> MoveMeeting(v1::Meeting meeting, const v1::MoveMeetingRequest& request,
                                           const SeriesContext& context, const std::string& account);
// SCHEDULED or CIRCULATED -> CANCELLED. What becomes of its cases is the agenda's. INVALID_ARGUMENT: no
// reason.
absl::StatusOr<CalendarChange> CancelMeeting(v1::Meeting meeting, const v1::CancelMeetingRequest& request,
                                             const SeriesContext& context, const std::string& account);

// What an emergency meeting is called with, beside the request.
struct EmergencyContext {
  const v1::AreaSettings& settings;
  const WorkingDays& working_days;
  // Every agency that is a member of the area.
  const std::vector<std::string>& agencies;
  // The chair who agreed; empty: nobody who could.
  std::string chair;
  // Who calls it.
  std::string account;
  absl::Time now;
};

// An emergency meeting, CIRCULATED at once, without a name. Of the deadlines it has those that come after it.
// INVALID_ARGUMENT names the field.
absl::StatusOr<v1::Meeting> CallEmergencyMeeting(const v1::CallEmergencyMeetingRequest& request,
                                                 const EmergencyContext& context);

// A meeting whose area has other settings.
struct MeetingPlannedAnew {
  v1::Meeting before;
  v1::Meeting after;
};

// Those of the meetings to come that are not circulated, and of the cycle, to which the settings of `context`
// give other deadlines, warnings or another capacity than `before` did. What was circulated
// stays as it was told. INVALID_ARGUMENT naming the setting when one of them is left no time for a case.
absl::StatusOr<std::vector<MeetingPlannedAnew>> PlanAnew(const v1::AreaSettings& before,
                                                         const SeriesContext& context);

// CIRCULATED -> IN_PROGRESS, not before its day. `chair` is the account that chairs it, or empty.
absl::StatusOr<v1::Meeting> StartMeeting(v1::Meeting meeting, std::string_view chair, absl::Time now);

// Whether somebody of the agency is recorded as present; who only observes is not there for the agency.
bool IsPresent(const v1::Meeting& meeting, std::string_view agency);

// Takes out `request.removed`, then puts each entry in the place of the one of the same person, or adds it.
// Before the meeting is in progress only apologies can be recorded. `agency_of_account` has every account the
// entries name.
absl::StatusOr<v1::Meeting> RecordAttendance(v1::Meeting meeting, const v1::RecordAttendanceRequest& request,
                                             const std::map<std::string, std::string>& agency_of_account,
                                             absl::Time now);

// Somebody of this agency is present and signed the confidentiality statement. Somebody of an
// agency that was not invited is there as an observer. FAILED_PRECONDITION: the meeting is not in progress.
absl::StatusOr<v1::Meeting> SignConfidentiality(v1::Meeting meeting, const std::string& account,
                                                const std::string& agency);
// The accounts that signed.
std::vector<std::string> SignedBy(const v1::Meeting& meeting);

// IN_PROGRESS -> CLOSED. FAILED_PRECONDITION "ITEMS_LEFT", naming each, while one of `items` was neither
// heard, deferred nor withdrawn.
absl::StatusOr<v1::Meeting> CloseMeeting(v1::Meeting meeting, const std::vector<v1::AgendaItem>& items,
                                         absl::Time now);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_MEETING_H_
