// The cycle of meetings, through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/errors.h"
#include "store/case_access.h"
#include "tests/support/complete_referral.h"
#include "tests/support/meeting_scenario.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using domain::FromTimestamp;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Numbers(const v1::Agenda& agenda) {
  std::vector<std::string> numbers;
  for (const v1::AgendaItem& item : agenda.items()) numbers.push_back(item.case_number().substr(6));
  return numbers;
}

std::vector<int64_t> Places(const v1::Agenda& agenda) {
  std::vector<int64_t> places;
  for (const v1::AgendaItem& item : agenda.items()) places.push_back(item.order_key());
  return places;
}

class MeetingServiceTest : public MeetingScenario {
 protected:
  using Referrals = v1::ReferralService::Stub;

  // A referral of the police that waits for triage; `excluded` must not receive it, unless empty.
  v1::Referral Refer(const std::string& excluded = "", v1::YesNo consent = v1::YES_NO_YES) {
    v1::SaveDraftRequest draft;
    draft.set_parent(ServerFixture::kArea);
    *draft.mutable_referral() = CompleteReferral();
    draft.mutable_referral()->mutable_victim_voice()->set_consent(consent);
    *draft.mutable_safe_contact() = CompleteSafeContact();
    if (!excluded.empty()) {
      draft.mutable_referral()->set_has_excluded_people(v1::YES_NO_YES);
      draft.add_excluded_people()->set_person(excluded);
    }
    const Client& police = server_.As("referrer.police");
    const v1::Referral saved = Need(police.Call(&Referrals::SaveDraft, draft));
    v1::SubmitReferralRequest submit;
    submit.set_name(saved.name());
    submit.set_etag(saved.etag());
    return Need(police.Call(&Referrals::SubmitReferral, submit));
  }
  absl::StatusOr<v1::Referral> ReadReferral(const Client& client, const std::string& name) {
    v1::GetReferralRequest request;
    request.set_name(name);
    return client.Call(&Referrals::GetReferral, request);
  }
  absl::StatusOr<v1::Opening> OpeningFor(const Client& client, const v1::Meeting& meeting) {
    v1::GetOpeningRequest request;
    request.set_name(meeting.name());
    return client.Call(&Meetings::GetOpening, request);
  }
  absl::StatusOr<v1::Referral> Join(const v1::Referral& referral, const std::string& case_name) {
    v1::AcceptReferralRequest request;
    request.set_name(referral.name());
    request.set_etag(Need(ReadReferral(Coordinator(), referral.name())).etag());
    request.set_join_case(case_name);
    return Coordinator().Call(&Referrals::AcceptReferral, request);
  }
};

TEST_F(MeetingServiceTest, AMeetingIsHeldFromItsProposalToItsClose) {
  const v1::Meeting meeting = Schedule();
  EXPECT_EQ(meeting.state(), v1::MEETING_STATE_SCHEDULED);
  EXPECT_EQ(meeting.capacity(), 17);
  const std::string adult = AddCase(meeting, "adult");
  const std::string child = AddCase(meeting, "child", [](v1::Case& record) {
    record.add_children()->mutable_name()->set_value("A child");
  });

  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(meeting));
  EXPECT_THAT(Numbers(proposed), ElementsAre("child", "adult"));
  EXPECT_EQ(proposed.items(0).children(0).name().value(), "A child");
  EXPECT_EQ(proposed.expected_overrun_minutes(), 0);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda again, Propose(meeting));
  EXPECT_EQ(again.items(1).etag(), proposed.items(1).etag()) << "asked again, nothing changes";

  ASSERT_OK_AND_ASSIGN(const v1::Agenda circulated, Circulate(meeting));
  EXPECT_EQ(circulated.meeting().state(), v1::MEETING_STATE_CIRCULATED);
  EXPECT_EQ(circulated.meeting().agenda_edition(), 1);
  EXPECT_EQ(KeptCase(adult).stage(), v1::CASE_STAGE_LISTED);
  EXPECT_EQ(KeptCase(adult).meeting(), meeting.name());

  EXPECT_THAT(Start(meeting), Refuses(StatusCode::kFailedPrecondition, "start it on that day"));
  server_.AdvanceTo(FromTimestamp(meeting.start_time()));
  ASSERT_OK_AND_ASSIGN(const v1::Meeting started, Start(meeting));
  EXPECT_EQ(started.chair(), Chair().account());

  v1::RecordAttendanceRequest attendance;
  attendance.set_name(meeting.name());
  attendance.set_etag(started.etag());
  v1::Attendance& present = *attendance.add_attendance();
  present.set_agency("agencies/housing");
  present.set_account(Housing().account());
  present.set_state(v1::ATTENDANCE_STATE_PRESENT);
  ASSERT_OK_AND_ASSIGN(const v1::Meeting attended,
                       server_.As("minutes.council").Call(&Meetings::RecordAttendance, attendance));
  EXPECT_EQ(attended.attendance_size(), 1);

  present.set_account(server_.As("minutes.council").account());
  present.set_agency("agencies/council");
  EXPECT_THAT(Chair().Call(&Meetings::RecordAttendance, attendance), Refuses(StatusCode::kAborted, "changed"))
      << "somebody else recorded meanwhile";

  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem open, Open(Item(meeting, child)));
  EXPECT_THAT(CloseItem(open), Refuses(StatusCode::kFailedPrecondition, "discussion.presenter"));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem recorded, Record(open));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem heard, CloseItem(recorded));
  EXPECT_EQ(heard.state(), v1::AGENDA_ITEM_STATE_HEARD);
  const v1::Case kept = KeptCase(child);
  EXPECT_EQ(kept.stage(), v1::CASE_STAGE_HEARD) << "and not closed: the victim was not told yet (R-21)";
  EXPECT_EQ(kept.last_heard_day().ShortDebugString(), meeting.day().ShortDebugString());
  EXPECT_EQ(kept.flag_last_day().year(), meeting.day().year() + 1);

  EXPECT_THAT(Close(meeting), Refuses(StatusCode::kFailedPrecondition, "TS-26-adult"));
  ASSERT_OK(Defer(Item(meeting, adult)));
  ASSERT_OK_AND_ASSIGN(const v1::Meeting closed, Close(meeting));
  EXPECT_EQ(closed.state(), v1::MEETING_STATE_CLOSED);
}

TEST_F(MeetingServiceTest, RepresentativesSeeACaseOnceItIsCirculatedAndNoTriage) {
  const v1::Meeting meeting = Schedule();
  AddCase(meeting, "a", [](v1::Case& record) { record.set_reason_line("Threats to kill"); });
  ASSERT_OK(Propose(meeting));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda before, AgendaFor(Housing(), meeting));
  EXPECT_THAT(Numbers(before), IsEmpty());
  ASSERT_OK(Circulate(meeting));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda after, AgendaFor(Housing(), meeting));
  ASSERT_THAT(Numbers(after), ElementsAre("a"));
  EXPECT_EQ(after.items(0).victim().name().value(), "Victim a");
  EXPECT_EQ(after.items(0).reason_line(), "Threats to kill");
  EXPECT_EQ(after.items(0).order_key(), 1);
  EXPECT_THAT(after.warnings(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const v1::Agenda uninvited, AgendaFor(server_.As("representative.health"), meeting));
  EXPECT_THAT(Numbers(uninvited), IsEmpty());
}

TEST_F(MeetingServiceTest, ALateCaseIsForTheChairToAdmitWithAReason) {
  const v1::Meeting meeting = Schedule();
  const std::string late = AddCase(meeting, "late", [&](v1::Case& record) {
    *record.mutable_receive_time() =
        domain::ToTimestamp(FromTimestamp(meeting.deadlines().cut_off_time()) + absl::Milliseconds(1));
  });
  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(meeting));
  EXPECT_THAT(Numbers(proposed), IsEmpty());
  v1::AdmitLateCaseRequest request;
  request.set_name(meeting.name());
  request.set_case_name(late);
  request.set_reason("He is released tomorrow");
  EXPECT_THAT(Coordinator().Call(&Meetings::AdmitLateCase, request),
              Refuses(StatusCode::kPermissionDenied, "role"));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda admitted, Chair().Call(&Meetings::AdmitLateCase, request));
  ASSERT_THAT(Numbers(admitted), ElementsAre("late"));
  EXPECT_EQ(admitted.items(0).state_reason(), "He is released tomorrow");
}

TEST_F(MeetingServiceTest, R06ACaseInTimeComesOntoAnAgendaThatWentOutEarly) {
  const v1::Meeting meeting = Schedule();
  const std::string before = AddCase(meeting, "before");
  Need(Propose(meeting));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda early, Circulate(meeting));
  EXPECT_THAT(early.warnings(), ElementsAre(HasSubstr("went out before the cut-off")));
  const std::string after = AddCase(meeting, "after");
  AddCase(meeting, "late", [&](v1::Case& record) {
    *record.mutable_receive_time() =
        domain::ToTimestamp(FromTimestamp(meeting.deadlines().cut_off_time()) + absl::Seconds(1));
  });

  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(meeting));
  EXPECT_THAT(Numbers(proposed), ElementsAre("after", "before"));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda not_yet, AgendaFor(Housing(), meeting));
  EXPECT_THAT(Numbers(not_yet), ElementsAre("before")) << "it goes out with the next edition";
  server_.AdvanceTo(FromTimestamp(meeting.deadlines().cut_off_time()) + absl::Seconds(1));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda again, Circulate(meeting));
  EXPECT_EQ(again.meeting().agenda_edition(), 2);
  EXPECT_THAT(again.warnings(), IsEmpty());
  EXPECT_EQ(KeptCase(after).stage(), v1::CASE_STAGE_LISTED);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda both, AgendaFor(Housing(), meeting));
  EXPECT_THAT(Numbers(both), ElementsAre("after", "before"));
}

TEST_F(MeetingServiceTest, ADeferredCaseComesToTheNextMeetingAndStaysWithThoseWhoHaveIt) {
  const v1::Meeting first = Schedule();
  const v1::Meeting second = Schedule(42);
  const std::string put_off = AddCase(first, "a", [](v1::Case& record) { record.set_deferral_count(1); });
  ASSERT_OK(Propose(first));
  ASSERT_OK(Circulate(first));
  ASSERT_OK(Defer(Item(first, put_off)));
  EXPECT_EQ(KeptCase(put_off).deferral_count(), 2);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda next, Propose(second));
  ASSERT_THAT(Numbers(next), ElementsAre("a"));
  EXPECT_THAT(next.warnings(), Contains(HasSubstr("TS-26-a was deferred 2 times")));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda chairs, AgendaFor(Chair(), second));
  EXPECT_THAT(chairs.warnings(), Contains(HasSubstr("TS-26-a was deferred 2 times"))) << "the chair is told";

  ASSERT_OK_AND_ASSIGN(const v1::Agenda kept, AgendaFor(Housing(), first));
  ASSERT_THAT(Numbers(kept), ElementsAre("a"));
  EXPECT_EQ(kept.items(0).safety_plan(), "She stays with her sister");
  ASSERT_OK_AND_ASSIGN(const v1::Agenda not_yet, AgendaFor(Housing(), second));
  EXPECT_THAT(Numbers(not_yet), IsEmpty()) << "its new place is not circulated";
}

TEST_F(MeetingServiceTest, CirculationWaitsForWhoMustNotReceiveACase) {
  const v1::Meeting meeting = Schedule();
  AddCase(meeting, "a", [](v1::Case& record) { record.set_unresolved_exclusions(1); });
  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(meeting));
  EXPECT_THAT(proposed.warnings(), ElementsAre(HasSubstr("TS-26-a: 1 of the people")));
  const auto refused = Circulate(meeting);
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "TS-26-a"));
  EXPECT_EQ(domain::DetailOf(refused.status()).reason(), "UNRESOLVED_EXCLUSIONS");
  ASSERT_OK_AND_ASSIGN(const v1::Agenda after, AgendaFor(Housing(), meeting));
  EXPECT_THAT(Numbers(after), IsEmpty()) << "nothing went out";
}

TEST_F(MeetingServiceTest, R16WhatJoinsACirculatedCaseWaitsForWhoMustNotReceiveIt) {
  const v1::Meeting meeting = Schedule();
  const std::string listed = AddCase(meeting, "listed");
  const std::string put_off = AddCase(meeting, "off");
  Need(Propose(meeting));
  Need(Circulate(meeting));
  // Put off, it waits like a case that nobody has seen, and stays open to those it went to.
  Need(Defer(Item(meeting, put_off)));
  const v1::Referral urgent = Refer("Lucja Fennimore, housing, his sister");
  for (const std::string& record : {listed, put_off}) {
    const auto refused = Join(urgent, record);
    EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "must not receive the referral"));
    EXPECT_EQ(domain::DetailOf(refused.status()).reason(), "UNRESOLVED_EXCLUSIONS");
    EXPECT_THAT(ReadReferral(Housing(), urgent.name()),
                Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  }

  v1::ListExcludedPeopleRequest list;
  list.set_referral(urgent.name());
  v1::ResolveExcludedPersonRequest resolve;
  resolve.set_name(Need(Coordinator().Call(&Referrals::ListExcludedPeople, list)).excluded_people(0).name());
  resolve.set_answer(v1::EXCLUSION_ANSWER_WORKER);
  resolve.set_account(Housing().account());
  ASSERT_OK(Coordinator().Call(&Referrals::ResolveExcludedPerson, resolve));
  EXPECT_EQ(Item(meeting, listed).children_size(), 0);
  ASSERT_OK(Join(urgent, listed));
  EXPECT_EQ(Item(meeting, listed).children_size(), 1) << "R-22: the agencies search for the child as well";
  EXPECT_OK(ReadReferral(server_.As("representative.police"), urgent.name()));
  EXPECT_THAT(ReadReferral(Housing(), urgent.name()),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));
}

TEST_F(MeetingServiceTest, WhatIsMissingOfADiscussionDependsOnWhatTheCaseIsMadeOf) {  // marac.md 4.4
  const v1::Meeting meeting = Schedule();
  const std::string record = AddCase(meeting, "a");
  ASSERT_OK(Join(Refer(/*excluded=*/"", v1::YES_NO_NOT_KNOWN), record));
  Hold(meeting);
  const v1::AgendaItem open = Need(Open(Item(meeting, record)));
  v1::RecordDiscussionRequest request;
  request.set_name(open.name());
  request.set_etag(open.etag());
  request.mutable_discussion()->add_information()->set_agency("agencies/nobody");
  EXPECT_THAT(Chair().Call(&Meetings::RecordDiscussion, request),
              Refuses(StatusCode::kInvalidArgument, "discussion.information[0].agency"));
  EXPECT_THAT(CloseItem(Need(Record(open))),
              Refuses(StatusCode::kFailedPrecondition, "discussion.proportionality"));
}

TEST_F(MeetingServiceTest, ACaseHiddenFromTheCoordinatorIsHeardAndNotTold) {
  const v1::Meeting meeting = Schedule();
  for (const char* id : {"a", "hidden", "z"}) {
    AddCase(meeting, id, [&](v1::Case& record) {
      if (record.case_number() == "TS-26-hidden") record.set_unresolved_exclusions(1);
    });
  }
  HideFrom(Coordinator(), std::string(ServerFixture::kArea) + "/cases/hidden");
  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(meeting));
  EXPECT_THAT(Numbers(proposed), ElementsAre("a", "z"));
  EXPECT_THAT(Places(proposed), ElementsAre(1, 2)) << "and no gap";
  EXPECT_THAT(proposed.warnings(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const v1::Agenda chairs, AgendaFor(Chair(), meeting));
  EXPECT_THAT(Numbers(chairs), ElementsAre("a", "hidden", "z"));
  EXPECT_THAT(Places(chairs), ElementsAre(1, 2, 3));

  // What stands in its way would tell that it is there; it stays proposed for the coordinator who sees it.
  ASSERT_OK(Circulate(meeting));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda after, AgendaFor(Chair(), meeting));
  EXPECT_EQ(after.items(0).state(), v1::AGENDA_ITEM_STATE_LISTED);
  EXPECT_EQ(after.items(1).state(), v1::AGENDA_ITEM_STATE_PROPOSED);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda housings, AgendaFor(Housing(), meeting));
  EXPECT_THAT(Numbers(housings), ElementsAre("a", "z"));
}

TEST_F(MeetingServiceTest, ACaseHiddenFromWhoClosesTheMeetingIsNotLost) {
  const v1::Meeting meeting = Schedule();
  const v1::Meeting next = Schedule(42);
  const std::string hidden = AddCase(meeting, "hidden");
  HideFrom(Chair(), hidden);
  Hold(meeting);
  ASSERT_OK(Close(meeting));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda seen, AgendaFor(Coordinator(), meeting));
  ASSERT_EQ(seen.items_size(), 1);
  EXPECT_EQ(seen.items(0).state(), v1::AGENDA_ITEM_STATE_DEFERRED);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(next));
  EXPECT_THAT(Numbers(proposed), ElementsAre("hidden"));
}

// The places are those that the coordinator sees: a hidden case between tells nothing, and keeps a place of
// its own.
TEST_F(MeetingServiceTest, R09AnItemIsPlacedAmongThoseThatWhoeverPlacesItSees) {
  const v1::Meeting meeting = Schedule();
  const auto received = [&](int hours) {
    return [&, hours](v1::Case& record) {
      *record.mutable_receive_time() =
          domain::ToTimestamp(FromTimestamp(meeting.deadlines().cut_off_time()) - absl::Hours(hours));
    };
  };
  AddCase(meeting, "a", received(9));
  const std::string hidden = AddCase(meeting, "hidden", received(8));
  AddCase(meeting, "b", received(7));
  const std::string c = AddCase(meeting, "c", received(6));
  HideFrom(Coordinator(), hidden);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(meeting));
  ASSERT_THAT(Numbers(proposed), ElementsAre("a", "b", "c"));
  v1::PlaceItemRequest place;
  place.set_name(Item(meeting, c).name());
  place.set_place(2);
  place.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const v1::Agenda placed, Coordinator().Call(&Meetings::PlaceItem, place));
  EXPECT_THAT(Numbers(placed), ElementsAre("a", "c", "b"));
  EXPECT_THAT(Places(placed), ElementsAre(1, 2, 3));
  EXPECT_TRUE(placed.items(0).placed_by_hand());
  ASSERT_OK_AND_ASSIGN(const v1::Agenda again, Coordinator().Call(&Meetings::PlaceItem, place));
  EXPECT_EQ(again.SerializeAsString(), placed.SerializeAsString()) << "the same request again";
  ASSERT_OK_AND_ASSIGN(const v1::Agenda whole, AgendaFor(Chair(), meeting));
  EXPECT_THAT(Numbers(whole), ElementsAre("a", "hidden", "c", "b"));
  place.set_place(0);
  place.set_request_id(NewUuid());
  EXPECT_THAT(Coordinator().Call(&Meetings::PlaceItem, place),
              Refuses(StatusCode::kInvalidArgument, "place"));
  place.set_place(99);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda last, Coordinator().Call(&Meetings::PlaceItem, place));
  EXPECT_THAT(Numbers(last), ElementsAre("a", "b", "c"));
  ASSERT_OK(Circulate(meeting));
  place.set_place(1);
  place.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const v1::Agenda front, Coordinator().Call(&Meetings::PlaceItem, place));
  EXPECT_THAT(Numbers(front), ElementsAre("c", "a", "b"));
  // What does not move is not saved anew: it would tell of a hidden case between.
  place.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const v1::Agenda same, Coordinator().Call(&Meetings::PlaceItem, place));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(same.items(i).etag(), front.items(i).etag());
  v1::ProposeAgendaRequest by_rule;
  by_rule.set_name(meeting.name());
  by_rule.set_by_rule(true);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda ruled, Coordinator().Call(&Meetings::ProposeAgenda, by_rule));
  EXPECT_FALSE(ruled.items(0).placed_by_hand());
}

// What was put off before the meeting stood between, and a case that was moved up landed at the end.
TEST_F(MeetingServiceTest, R09WhatWasPutOffHasNoPlaceAmongThoseThatWait) {
  const v1::Meeting meeting = Schedule();
  std::vector<std::string> names;
  for (int i = 0; i < 4; ++i) {
    names.push_back(AddCase(meeting, std::string(1, static_cast<char>('a' + i)), [&](v1::Case& record) {
      *record.mutable_receive_time() =
          domain::ToTimestamp(FromTimestamp(meeting.deadlines().cut_off_time()) - absl::Hours(9 - i));
    }));
  }
  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(meeting));
  ASSERT_THAT(Numbers(proposed), ElementsAre("a", "b", "c", "d"));
  v1::DeferItemRequest defer;
  defer.set_name(proposed.items(1).name());
  defer.set_etag(proposed.items(1).etag());
  defer.set_reason("Nobody can present it");
  defer.set_safety_plan("She stays with her sister");
  ASSERT_OK(Coordinator().Call(&Meetings::DeferItem, defer));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda now, AgendaFor(Coordinator(), meeting));
  EXPECT_THAT(Numbers(now), ElementsAre("a", "c", "d", "b"));
  v1::PlaceItemRequest place;
  place.set_name(Item(meeting, names[3]).name());
  place.set_place(2);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda placed, Coordinator().Call(&Meetings::PlaceItem, place));
  EXPECT_THAT(Numbers(placed), ElementsAre("a", "d", "c", "b"));
}

// A case can be proposed for two meetings. Cancelling the one that did not hear it took back that it was
// heard.
TEST_F(MeetingServiceTest, R07CancellingAMeetingLeavesACaseAloneThatAnotherHas) {
  const v1::Meeting meeting = Schedule(42);
  const v1::Meeting sooner = Schedule();
  const std::string record = AddCase(sooner, "a");
  ASSERT_OK(Propose(meeting));
  ASSERT_OK(Propose(sooner));
  Hold(sooner);
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem open, Open(Item(sooner, record)));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem recorded, Record(open));
  ASSERT_OK(CloseItem(recorded));
  v1::CancelMeetingRequest cancel;
  cancel.set_name(meeting.name());
  cancel.set_etag(Get(meeting).etag());
  cancel.set_reason("Snow.");
  ASSERT_OK(Chair().Call(&Meetings::CancelMeeting, cancel));
  EXPECT_EQ(KeptCase(record).stage(), v1::CASE_STAGE_HEARD);
  EXPECT_EQ(KeptCase(record).deferral_count(), 0);
  EXPECT_EQ(Item(meeting, record).state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
}

TEST_F(MeetingServiceTest, R06AReferralThatWaitsIsInTimeForTheMeetingThatThereIs) {
  const v1::Meeting meeting = Schedule();
  const v1::Meeting after = Schedule(42);
  const v1::Referral waiting = Refer();
  ASSERT_EQ(waiting.meeting(), meeting.name());
  v1::MoveMeetingRequest move;
  move.set_name(meeting.name());
  move.set_etag(meeting.etag());
  *move.mutable_day() = domain::DateOf(FromTimestamp(after.start_time())).AddDays(7).ToDay();
  move.set_reason("Half of the agencies are away.");
  EXPECT_THAT(server_.As("minutes.council").Call(&Meetings::MoveMeeting, move),
              Refuses(StatusCode::kPermissionDenied, "role"));
  ASSERT_OK_AND_ASSIGN(const v1::Meeting moved, Coordinator().Call(&Meetings::MoveMeeting, move));
  EXPECT_EQ(Need(ReadReferral(Coordinator(), waiting.name())).meeting(), after.name());
  EXPECT_THAT(Coordinator().Call(&Meetings::MoveMeeting, move), Refuses(StatusCode::kAborted, "changed"));
  v1::CancelMeetingRequest cancel;
  cancel.set_name(after.name());
  cancel.set_etag(Get(after).etag());
  cancel.set_reason("Snow.");
  ASSERT_OK(Chair().Call(&Meetings::CancelMeeting, cancel));
  EXPECT_EQ(Need(ReadReferral(Coordinator(), waiting.name())).meeting(), moved.name());
  EXPECT_THAT(Chair().Call(&Meetings::CancelMeeting, cancel).status(), Not(IsOk()));
}

// No case is lost with its meeting, whether or not whoever cancels it sees the case.
TEST_F(MeetingServiceTest, R07TheCasesOfACancelledMeetingComeToTheNext) {
  const v1::Meeting meeting = Schedule();
  const v1::Meeting next = Schedule(42);
  AddCase(meeting, "seen");
  const std::string hidden = AddCase(meeting, "hidden");
  HideFrom(Chair(), hidden);
  ASSERT_OK(Propose(meeting));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda circulated, Circulate(meeting));
  v1::CancelMeetingRequest cancel;
  cancel.set_name(meeting.name());
  cancel.set_etag(circulated.meeting().etag());
  EXPECT_THAT(Chair().Call(&Meetings::CancelMeeting, cancel),
              Refuses(StatusCode::kInvalidArgument, "reason"));
  cancel.set_reason("Snow.");
  ASSERT_OK_AND_ASSIGN(const v1::Meeting cancelled, Chair().Call(&Meetings::CancelMeeting, cancel));
  EXPECT_EQ(cancelled.state(), v1::MEETING_STATE_CANCELLED);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda left, AgendaFor(Coordinator(), meeting));
  ASSERT_EQ(left.items_size(), 2);
  for (const v1::AgendaItem& item : left.items()) {
    EXPECT_EQ(item.state(), v1::AGENDA_ITEM_STATE_DEFERRED);
    EXPECT_EQ(item.state_reason(), "Snow.");
  }
  EXPECT_EQ(KeptCase(hidden).deferral_count(), 1);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda proposed, Propose(next));
  EXPECT_THAT(Numbers(proposed), UnorderedElementsAre("seen", "hidden"));
  EXPECT_THAT(Propose(meeting), Refuses(StatusCode::kFailedPrecondition, "was cancelled"));
}

v1::CallEmergencyMeetingRequest EmergencyFor(const std::string& case_name, absl::Time start) {
  v1::CallEmergencyMeetingRequest request;
  request.set_case_name(case_name);
  *request.mutable_start_time() = domain::ToTimestamp(start);
  request.set_venue("Room 2");
  request.add_invited_agencies("agencies/police");
  request.add_invited_agencies("agencies/council");
  request.set_reason("He was released this morning.");
  request.set_request_id(NewUuid());
  return request;
}

// marac.md 3: an emergency meeting, from its call to the note of it at the next meeting of the cycle.
TEST_F(MeetingServiceTest, AnEmergencyIsHeardOutsideTheCycleAndNotedAtTheNextMeeting) {
  const v1::Meeting meeting = Schedule();
  const std::string record = AddCase(meeting, "a");
  ASSERT_OK(Propose(meeting));
  ASSERT_OK(Circulate(meeting));
  auto call = EmergencyFor(record, server_.Now() + absl::Hours(4));
  EXPECT_THAT(Coordinator().Call(&Meetings::CallEmergencyMeeting, call),
              Refuses(StatusCode::kInvalidArgument, "chair"));
  call.set_chair(Coordinator().account());
  EXPECT_THAT(Coordinator().Call(&Meetings::CallEmergencyMeeting, call),
              Refuses(StatusCode::kInvalidArgument, "chair"))
      << "who does not chair cannot agree";
  call.set_chair(Chair().account());
  ASSERT_OK_AND_ASSIGN(const v1::Meeting emergency,
                       Coordinator().Call(&Meetings::CallEmergencyMeeting, call));
  EXPECT_EQ(emergency.emergency().chair(), Chair().account());
  ASSERT_OK_AND_ASSIGN(const v1::Meeting again, Coordinator().Call(&Meetings::CallEmergencyMeeting, call));
  EXPECT_EQ(again.SerializeAsString(), emergency.SerializeAsString()) << "the same request again";
  EXPECT_EQ(Item(meeting, record).state(), v1::AGENDA_ITEM_STATE_WITHDRAWN);
  EXPECT_EQ(Item(emergency, record).state(), v1::AGENDA_ITEM_STATE_LISTED);
  EXPECT_EQ(KeptCase(record).meeting(), emergency.name());
  call.set_request_id(NewUuid());
  EXPECT_THAT(Coordinator().Call(&Meetings::CallEmergencyMeeting, call),
              Refuses(StatusCode::kFailedPrecondition, "already"));
  EXPECT_THAT(Propose(emergency), Refuses(StatusCode::kFailedPrecondition, "one case"));

  server_.AdvanceTo(FromTimestamp(emergency.start_time()));
  ASSERT_OK(Start(emergency));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem open, Open(Item(emergency, record)));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem recorded, Record(open));
  ASSERT_OK(CloseItem(recorded));
  ASSERT_OK(Close(emergency));
  EXPECT_EQ(KeptCase(record).stage(), v1::CASE_STAGE_HEARD);

  ASSERT_OK_AND_ASSIGN(const v1::Opening opening, OpeningFor(Coordinator(), meeting));
  ASSERT_EQ(opening.emergencies_size(), 1);
  EXPECT_EQ(opening.emergencies(0).case_name(), record);
  EXPECT_EQ(opening.emergencies(0).order_key(), 0);
  ASSERT_EQ(opening.victims_not_updated_size(), 1);
  EXPECT_THAT(OpeningFor(Coordinator(), emergency), Refuses(StatusCode::kFailedPrecondition, "emergency"));
}

// That an emergency meeting is held tells of its case: it is nowhere for whomever the case is hidden from,
// and for agencies that were not called.
TEST_F(MeetingServiceTest, AnEmergencyMeetingIsNowhereForWhomeverItsCaseIsHiddenFrom) {
  const v1::Meeting meeting = Schedule();
  const std::string unseen = AddCase(meeting, "unseen");
  HideFrom(Chair(), unseen);
  auto call = EmergencyFor(unseen, server_.Now() + absl::Hours(4));
  EXPECT_THAT(Chair().Call(&Meetings::CallEmergencyMeeting, call), Refuses(StatusCode::kNotFound, ""));
  call.set_chair(Chair().account());
  EXPECT_THAT(Coordinator().Call(&Meetings::CallEmergencyMeeting, call),
              Refuses(StatusCode::kInvalidArgument, "chair"))
      << "who must not know of the case cannot agree to it";
  const std::string record = AddCase(meeting, "a");
  HideFrom(server_.As("idva.idva"), record);
  ASSERT_OK_AND_ASSIGN(
      const v1::Meeting emergency,
      Chair().Call(&Meetings::CallEmergencyMeeting, EmergencyFor(record, server_.Now() + absl::Hours(4))));
  const auto names = [&](const Client& client) {
    v1::ListMeetingsRequest list;
    list.set_parent(ServerFixture::kArea);
    std::vector<std::string> listed;
    const v1::ListMeetingsResponse meetings = Need(client.Call(&Meetings::ListMeetings, list));
    for (const v1::Meeting& each : meetings.meetings()) listed.push_back(each.name());
    return listed;
  };
  for (const Client* client : {&Coordinator(), &server_.As("representative.police")})
    EXPECT_THAT(names(*client), UnorderedElementsAre(meeting.name(), emergency.name()));
  v1::GetMeetingRequest get;
  get.set_name(emergency.name());
  for (const Client* client : {&server_.As("idva.idva"), &Housing(), &server_.As("referrer.police")}) {
    EXPECT_THAT(names(*client), ElementsAre(meeting.name()));
    EXPECT_THAT(client->Call(&Meetings::GetMeeting, get), Refuses(StatusCode::kNotFound, ""));
  }
  // Nor does it take a day of the calendar.
  v1::ScheduleMeetingsRequest same_day = Series(0);
  same_day.set_start_minute(23 * 60);
  same_day.mutable_length()->set_seconds(3000);
  ASSERT_OK(Coordinator().Call(&Meetings::ScheduleMeetings, same_day));
}

TEST_F(MeetingServiceTest, ACancelledEmergencyGivesItsCaseBackToTheAgendaThatItWasOn) {
  const v1::Meeting meeting = Schedule();
  const std::string record = AddCase(meeting, "a");
  ASSERT_OK(Propose(meeting));
  ASSERT_OK(Circulate(meeting));
  ASSERT_OK_AND_ASSIGN(
      const v1::Meeting emergency,
      Chair().Call(&Meetings::CallEmergencyMeeting, EmergencyFor(record, server_.Now() + absl::Hours(4))));
  EXPECT_EQ(emergency.emergency().chair(), Chair().account());
  v1::CancelMeetingRequest cancel;
  cancel.set_name(emergency.name());
  cancel.set_etag(emergency.etag());
  cancel.set_reason("He is back in custody.");
  ASSERT_OK(Chair().Call(&Meetings::CancelMeeting, cancel));
  ASSERT_OK_AND_ASSIGN(const v1::Agenda agenda, AgendaFor(Housing(), meeting));
  ASSERT_EQ(agenda.items_size(), 1) << "without anybody sending it out again";
  EXPECT_EQ(agenda.items(0).state(), v1::AGENDA_ITEM_STATE_LISTED);
  EXPECT_EQ(KeptCase(record).meeting(), meeting.name());
  EXPECT_EQ(KeptCase(record).deferral_count(), 0);
}

// An agency that the case is kept from would hear nothing, and whoever called it would think that it did.
TEST_F(MeetingServiceTest, AnAgencyOfWhichNobodyMaySeeTheCaseIsNotCalled) {
  const v1::Meeting meeting = Schedule();
  const std::string record = AddCase(meeting, "a");
  Keep([&](store::WriteTransaction& tx) { return store::ShutOutAgency(tx, record, "agencies/idva"); });
  auto call = EmergencyFor(record, server_.Now() + absl::Hours(4));
  call.add_invited_agencies("agencies/idva");
  EXPECT_THAT(Chair().Call(&Meetings::CallEmergencyMeeting, call),
              Refuses(StatusCode::kInvalidArgument, "invited_agencies[2]"));
}

// who signed for the meeting that put the case off has signed nothing for the one that hears it.
TEST_F(MeetingServiceTest, R24SigningForOneMeetingOpensNothingThatIsSaidInAnother) {
  const v1::Meeting meeting = Schedule();
  const std::string record = AddCase(meeting, "a");
  Hold(meeting);
  v1::SignConfidentialityRequest sign;
  sign.set_name(meeting.name());
  ASSERT_OK(Housing().Call(&Meetings::SignConfidentiality, sign));
  ASSERT_OK(Defer(Item(meeting, record)));
  auto call = EmergencyFor(record, server_.Now() + absl::Hours(4));
  call.add_invited_agencies("agencies/housing");
  ASSERT_OK_AND_ASSIGN(const v1::Meeting emergency, Chair().Call(&Meetings::CallEmergencyMeeting, call));
  server_.AdvanceTo(FromTimestamp(emergency.start_time()));
  ASSERT_OK(Start(emergency));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem open, Open(Item(emergency, record)));
  ASSERT_OK(Record(open));
  EXPECT_FALSE(Need(AgendaFor(Housing(), emergency)).items(0).has_discussion());
  sign.set_name(emergency.name());
  sign.set_request_id(NewUuid());
  ASSERT_OK(Housing().Call(&Meetings::SignConfidentiality, sign));
  EXPECT_TRUE(Need(AgendaFor(Housing(), emergency)).items(0).has_discussion());
}

TEST_F(MeetingServiceTest, AMeetingOpensWithWhatWasLeftAsFarAsWhoReadsItSees) {
  const v1::Meeting meeting = Schedule(28);
  const v1::Meeting next = Schedule(42);
  const auto heard = [&](const std::string& id, const v1::Day& flag) {
    return AddCase(meeting, id, [&](v1::Case& record) {
      record.set_stage(v1::CASE_STAGE_HEARD);
      *record.mutable_last_heard_day() = meeting.day();
      *record.mutable_flag_last_day() = flag;
    });
  };
  const std::string lapsed = heard("lapsed", meeting.day());
  heard("lasts", next.day());
  const std::string renewed = heard("renewed", meeting.day());
  // A repeat of a repeat, and one that waits.
  const std::string between = AddCase(meeting, "between", [&](v1::Case& record) {
    record.set_stage(v1::CASE_STAGE_CLOSED);
    record.set_repeat_of(renewed);
  });
  AddCase(meeting, "repeat", [&](v1::Case& record) {
    record.set_stage(v1::CASE_STAGE_CLOSED);
    record.set_repeat_of(between);
    *record.mutable_flag_last_day() = next.day();
  });
  const std::string waited = heard("waited", meeting.day());
  AddCase(meeting, "waits", [&](v1::Case& record) { record.set_repeat_of(waited); });
  const std::string hidden = heard("hidden", meeting.day());
  HideFrom(Chair(), hidden);
  ASSERT_OK_AND_ASSIGN(const v1::Opening opening, OpeningFor(Chair(), next));
  ASSERT_EQ(opening.lapsed_flags_size(), 1);
  EXPECT_EQ(opening.lapsed_flags(0).name(), lapsed);
  EXPECT_EQ(opening.lapsed_flags(0).reason_line(), "");
  ASSERT_EQ(opening.flags_to_be_renewed_size(), 1);
  EXPECT_EQ(opening.flags_to_be_renewed(0).name(), waited);
  EXPECT_EQ(opening.victims_not_updated_size(), 4);
  EXPECT_EQ(Need(OpeningFor(Coordinator(), next)).lapsed_flags_size(), 2);
  EXPECT_EQ(Need(OpeningFor(Coordinator(), meeting)).lapsed_flags_size(), 0) << "none before its day";
}

TEST_F(MeetingServiceTest, OneCaseIsOpenAtATimeAsFarAsWhoOpensItSees) {
  const v1::Meeting meeting = Schedule();
  const std::string first = AddCase(meeting, "a");
  const std::string second = AddCase(meeting, "b");
  const std::string third = AddCase(meeting, "c");
  Hold(meeting);
  ASSERT_OK(Open(Item(meeting, first)));
  EXPECT_THAT(Open(Item(meeting, second)), Refuses(StatusCode::kFailedPrecondition, "TS-26-a is open"));
  ASSERT_OK(Defer(Item(meeting, first)));
  ASSERT_OK(Open(Item(meeting, second)));
  // A refusal would tell the chair of a case that is hidden from this chair.
  HideFrom(Chair(), second);
  EXPECT_OK(Open(Item(meeting, third)));
}

TEST_F(MeetingServiceTest, R07ACasePutOffIsHeardAfterAllWhenItsReferrerComes) {
  const v1::Meeting meeting = Schedule();
  const v1::Meeting next = Schedule(42);
  const std::string late = AddCase(meeting, "a");
  Hold(meeting);
  ASSERT_OK(Defer(Item(meeting, late)));
  ASSERT_OK(Propose(next));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem open, Open(Item(meeting, late)));
  EXPECT_EQ(KeptCase(late).deferral_count(), 0);
  EXPECT_EQ(KeptCase(late).meeting(), meeting.name());
  ASSERT_OK(CloseItem(Need(Record(open))));
  EXPECT_EQ(KeptCase(late).stage(), v1::CASE_STAGE_HEARD);
  ASSERT_OK_AND_ASSIGN(const v1::Agenda after, Propose(next));
  ASSERT_EQ(after.items_size(), 1);
  EXPECT_EQ(after.items(0).state(), v1::AGENDA_ITEM_STATE_WITHDRAWN) << "it was heard before";
}

TEST_F(MeetingServiceTest, ARepeatedRequestMakesNothingTwice) {
  v1::ScheduleMeetingsRequest series = Series(28, 3);
  series.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const auto first, Coordinator().Call(&Meetings::ScheduleMeetings, series));
  ASSERT_OK_AND_ASSIGN(const auto second, Coordinator().Call(&Meetings::ScheduleMeetings, series));
  ASSERT_EQ(second.meetings_size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(first.meetings(i).name(), second.meetings(i).name());

  const v1::Meeting& meeting = first.meetings(0);
  AddCase(meeting, "b");
  const std::string a = AddCase(meeting, "a");
  Hold(meeting);
  v1::OpenItemRequest open;
  open.set_name(Item(meeting, a).name());
  open.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem once, Chair().Call(&Meetings::OpenItem, open));
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem twice, Chair().Call(&Meetings::OpenItem, open));
  EXPECT_EQ(once.DebugString(), twice.DebugString());
  EXPECT_EQ(twice.order_key(), 0) << "a place that is kept would tell of items between";
}

TEST_F(MeetingServiceTest, WhatSomebodyElseChangedMeanwhileIsNotOverwritten) {
  const v1::Meeting meeting = Schedule();
  const std::string a = AddCase(meeting, "a");
  Hold(meeting);
  ASSERT_OK_AND_ASSIGN(const v1::AgendaItem open, Open(Item(meeting, a)));
  ASSERT_OK(Record(open));
  EXPECT_THAT(Record(open), Refuses(StatusCode::kAborted, "somebody changed it"));
  EXPECT_THAT(CloseItem(open), Refuses(StatusCode::kAborted, "somebody changed it"));
  v1::CloseMeetingRequest close;
  close.set_name(meeting.name());
  close.set_etag(meeting.etag());
  EXPECT_THAT(Chair().Call(&Meetings::CloseMeeting, close),
              Refuses(StatusCode::kAborted, "somebody changed it"));
}

TEST_F(MeetingServiceTest, MeetingsAreListedByDayFromADayOnInPages) {
  ASSERT_OK(Coordinator().Call(&Meetings::ScheduleMeetings, Series(28, 3)));
  v1::ListMeetingsRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(const auto page, Housing().Call(&Meetings::ListMeetings, request));
  ASSERT_EQ(page.meetings_size(), 2);
  EXPECT_LT(FromTimestamp(page.meetings(0).start_time()), FromTimestamp(page.meetings(1).start_time()));
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto rest, Housing().Call(&Meetings::ListMeetings, request));
  EXPECT_EQ(rest.meetings_size(), 1);
  EXPECT_EQ(rest.next_page_token(), "");
  request.clear_page_token();
  *request.mutable_from_day() = page.meetings(1).day();
  ASSERT_OK_AND_ASSIGN(const auto later, Housing().Call(&Meetings::ListMeetings, request));
  ASSERT_EQ(later.meetings_size(), 2);
  EXPECT_EQ(later.meetings(0).name(), page.meetings(1).name());
}

}  // namespace
}  // namespace marac::testing
