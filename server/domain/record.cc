#include "domain/record.h"

#include <google/protobuf/util/time_util.h>

#include "domain/action.h"
#include "domain/assessment.h"
#include "domain/meeting.h"
#include "domain/review.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

int64_t Millis(const google::protobuf::Timestamp& time) {
  return google::protobuf::util::TimeUtil::TimestampToMilliseconds(time);
}

std::optional<int64_t> DayNumber(const std::optional<LocalDate>& day) {
  if (!day) return std::nullopt;
  return day->civil() - absl::CivilDay(1970, 1, 1);
}

}  // namespace

RecordColumns ColumnsOf(const v1::Area&) { return {}; }

RecordColumns ColumnsOf(const v1::Agency&) { return {}; }

RecordColumns ColumnsOf(const v1::Account& account) {
  return {.state = account.suspended() ? 1 : 0, .author = account.name(), .agency = account.agency()};
}

RecordColumns ColumnsOf(const v1::Program& program) {
  return {.state = program.revoked() ? 1 : 0, .agency = program.agency()};
}

RecordColumns ColumnsOf(const v1::Assessment& assessment) {
  return {.state = assessment.state(),
          .author = assessment.assessor(),
          .agency = assessment.agency(),
          // Finds what waits for a supervisor; a referral names its assessments itself.
          .parent = AwaitedSupervisor(assessment),
          .sort_key = Millis(assessment.create_time()),
          .due_day = DayNumber(ReviewDue(assessment))};
}

RecordColumns ColumnsOf(const v1::Referral& referral) {
  return {.state = referral.state(),
          .author = referral.author(),
          .agency = referral.agency(),
          .parent = referral.case_name(),
          .sort_key = Millis(referral.has_receive_time() ? referral.receive_time() : referral.create_time())};
}

RecordColumns ColumnsOf(const v1::ExcludedPerson& person) {
  return {.state = person.answer(), .parent = person.referral()};
}

RecordColumns ColumnsOf(const v1::ProtectedDetail& detail) {
  return {.state = detail.kind(), .parent = detail.parent()};
}

RecordColumns ColumnsOf(const v1::Case& record) {
  RecordColumns columns{
      .state = record.stage(), .parent = record.repeat_of(), .sort_key = Millis(record.create_time())};
  if (const auto last = LocalDate::FromDay(record.flag_last_day(), "flag_last_day"); last.ok())
    columns.due_day = DayNumber(*last);
  return columns;
}

RecordColumns ColumnsOf(const v1::Meeting& meeting) {
  return {.state = meeting.state() + (IsInCycle(meeting) ? 0 : kOutsideCycle),
          .sort_key = Millis(meeting.start_time())};
}

RecordColumns ColumnsOf(const v1::AgendaItem& item) {
  // The name begins with the meeting's; the case is the item's scope.
  const std::string& name = item.name();
  return {.state = item.state(),
          .parent = name.substr(0, name.find("/agendaItems/")),
          .sort_key = item.order_key()};
}

RecordColumns ColumnsOf(const v1::Action& action) {
  RecordColumns columns{.state = action.state(),
                        .author = action.accepted_by(),
                        .agency = action.agency(),
                        .parent = action.case_name(),
                        .sort_key = Millis(action.due_time())};
  if (IsGivenUp(action)) columns.due_day = DayNumber(DateOf(FromTimestamp(action.report().time())));
  return columns;
}

RecordColumns ColumnsOf(const v1::SupportService& service) {
  return {.state = service.retired() ? kServiceOffered + 1 : kServiceOffered};
}

RecordColumns ColumnsOf(const v1::Alert& alert) {
  return {.state = alert.state(), .agency = alert.agency(), .sort_key = Millis(alert.time())};
}

RecordColumns ColumnsOf(const v1::Pilot& pilot) {
  return {.state = pilot.state(), .sort_key = Millis(pilot.create_time())};
}

RecordColumns ColumnsOf(const v1::PilotPair& pair) {
  return {.parent = pair.pilot(), .sort_key = pair.number()};
}

RecordColumns ColumnsOf(const v1::AreaInstrument& instrument) {
  return {.state = instrument.state(), .sort_key = Millis(instrument.install_time())};
}

RecordColumns ColumnsOf(const v1::AreaPolicy& policy) { return {.sort_key = Millis(policy.install_time())}; }

RecordColumns ColumnsOf(const v1::Document& document) {
  return {.state = document.kind(), .parent = document.of(), .sort_key = Millis(document.create_time())};
}

RecordColumns ColumnsOf(const v1::Research& research) {
  return {.agency = research.agency(), .parent = research.case_name()};
}

RecordColumns ColumnsOf(const v1::ResearchNotes& notes) {
  return {.agency = notes.agency(), .parent = notes.case_name()};
}

}  // namespace marac::domain
