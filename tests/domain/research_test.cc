// Research of agencies before a meeting (marac.md 4.2).
#include "domain/research.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/text_warnings.h"
#include "domain/timestamp.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using ::marac::testing::IsOk;
using ::marac::testing::Refuses;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromCivil(absl::CivilMinute(2026, 11, 23, 10, 0), London());

v1::Day DayOf(int month, int day) {
  v1::Day made;
  made.set_year(2026);
  made.set_month(month);
  made.set_day(day);
  return made;
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const v1::ErrorDetail detail = DetailOf(status);
  for (const v1::FieldViolation& violation : detail.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

class ResearchTest : public ::testing::Test {
 protected:
  ResearchTest() {
    record_.set_name("areas/mk/cases/c");
    record_.set_case_number("MK-26-c");
    record_.set_stage(v1::CASE_STAGE_LISTED);
    record_.mutable_victim()->set_party_id("p1");
    record_.add_perpetrators()->set_party_id("p2");
    record_.add_children()->set_party_id("p3");
    kept_.set_name("areas/mk/cases/c/researchNotes/housing");
    kept_.set_case_name(record_.name());
    kept_.set_agency("agencies/housing");
  }

  static void Search(v1::ResearchNotes& notes, const std::string& person,
                     v1::SearchResult result = v1::SEARCH_RESULT_NOT_KNOWN) {
    v1::SubjectSearch& search = *notes.add_searches();
    search.set_party_id(person);
    search.set_result(result);
    search.set_searched("Case system and archive");
    *search.mutable_day() = DayOf(11, 23);
  }
  static v1::ResearchEntry& Enter(v1::ResearchNotes& notes, const std::string& text,
                                  v1::SharingDecision sharing, int day = 1) {
    v1::ResearchEntry& entry = *notes.add_entries();
    entry.set_party_id("p2");
    entry.set_basis(v1::INFORMATION_BASIS_FACT);
    *entry.mutable_day() = DayOf(11, day);
    entry.set_text(text);
    entry.set_sharing(sharing);
    if (sharing == v1::SHARING_DECISION_DO_NOT_SHARE) entry.set_withheld_reason("It would name a source");
    return entry;
  }
  static v1::ResearchNotes Everyone() {
    v1::ResearchNotes notes;
    for (const char* person : {"p1", "p2", "p3"}) Search(notes, person);
    return notes;
  }
  absl::StatusOr<v1::ResearchNotes> Save(const v1::ResearchNotes& sent) {
    return SaveNotes(kept_, sent, record_, {.by = "accounts/h", .now = kNow});
  }
  absl::StatusOr<Returned> Return(const v1::ResearchNotes& sent,
                                  v1::ResearchMode mode = v1::RESEARCH_MODE_SHARED) {
    absl::StatusOr<v1::ResearchNotes> saved = Save(sent);
    if (!saved.ok()) return saved.status();
    return ReturnNotes(*saved, record_, mode, v1::RESEARCH_MODE_UNSPECIFIED,
                       {.by = "accounts/h", .now = kNow});
  }

  v1::Case record_;
  v1::ResearchNotes kept_;
};

TEST_F(ResearchTest, AWorksheetMayBeAsIncompleteAsItLikes) {
  v1::ResearchNotes sent;
  sent.add_searches()->set_party_id("p2");
  sent.add_entries();
  const auto saved = Save(sent);
  ASSERT_OK(saved);
  EXPECT_EQ(saved->saved_by(), "accounts/h");
  EXPECT_EQ(FromTimestamp(saved->save_time()), kNow);
  EXPECT_FALSE(saved->has_return_time());
  EXPECT_OK(Save({}));
}

TEST_F(ResearchTest, WhatTheServerSetsIsNotTakenFromWhatIsSent) {
  v1::ResearchNotes sent = Everyone();
  sent.set_agency("agencies/police");
  sent.set_saved_by("accounts/another");
  *sent.mutable_return_time() = ToTimestamp(kNow);
  const auto saved = Save(sent);
  ASSERT_OK(saved);
  EXPECT_EQ(saved->agency(), "agencies/housing");
  EXPECT_EQ(saved->saved_by(), "accounts/h");
  EXPECT_FALSE(saved->has_return_time());
}

// marac.md 4.2: per person searched, and of which day.
TEST_F(ResearchTest, ADayInTheFutureIsRefusedAndTodayIsNot) {
  v1::ResearchNotes sent = Everyone();
  Enter(sent, "Seen at the flat", v1::SHARING_DECISION_SHARE, /*day=*/23);
  ASSERT_OK(Save(sent));
  *sent.mutable_searches(1)->mutable_day() = DayOf(11, 24);
  *sent.mutable_entries(0)->mutable_day() = DayOf(11, 24);
  EXPECT_THAT(FieldsOf(Save(sent).status()), ElementsAre("notes.searches[1].day", "notes.entries[0].day"));
  *sent.mutable_searches(1)->mutable_day() = DayOf(2, 31);
  sent.mutable_entries(0)->clear_day();
  EXPECT_THAT(FieldsOf(Save(sent).status()), ElementsAre("notes.searches[1].day"));
}

TEST_F(ResearchTest, SomebodyWhoIsNotOfTheCaseOrStandsTwiceIsRefused) {
  v1::ResearchNotes sent = Everyone();
  Search(sent, "p9");
  Search(sent, "p1");
  Enter(sent, "Seen", v1::SHARING_DECISION_SHARE).set_party_id("p9");
  Enter(sent, "The family as a whole", v1::SHARING_DECISION_SHARE).clear_party_id();
  EXPECT_THAT(
      FieldsOf(Save(sent).status()),
      ElementsAre("notes.searches[3].party_id", "notes.searches[4].party_id", "notes.entries[0].party_id"));
}

TEST_F(ResearchTest, TextsHaveTheLengthOfTheContract) {
  struct Limit {
    const char* field;
    size_t max;
    std::function<void(v1::ResearchNotes&, const std::string&)> set;
  };
  const Limit limits[] = {
      {"notes.searches[0].searched", 200, [](auto& n, auto& t) { n.mutable_searches(0)->set_searched(t); }},
      {"notes.searches[0].corrections", 1000,
       [](auto& n, auto& t) { n.mutable_searches(0)->set_corrections(t); }},
      {"notes.entries[0].text", 4000, [](auto& n, auto& t) { n.mutable_entries(0)->set_text(t); }},
      {"notes.entries[0].worker", 200, [](auto& n, auto& t) { n.mutable_entries(0)->set_worker(t); }},
      {"notes.entries[0].withheld_reason", 1000,
       [](auto& n, auto& t) { n.mutable_entries(0)->set_withheld_reason(t); }}};
  for (const Limit& limit : limits) {
    v1::ResearchNotes sent = Everyone();
    Enter(sent, "Seen", v1::SHARING_DECISION_SHARE);
    limit.set(sent, std::string(limit.max, 'x'));
    EXPECT_OK(Save(sent)) << limit.field;
    limit.set(sent, std::string(limit.max + 1, 'x'));
    EXPECT_THAT(FieldsOf(Save(sent).status()), ElementsAre(limit.field));
  }
  v1::ResearchNotes sent;
  for (int i = 0; i < 26; ++i) Enter(sent, std::string(4000, 'x'), v1::SHARING_DECISION_SHARE);
  EXPECT_THAT(FieldsOf(Save(sent).status()), ElementsAre("notes.entries"));
}

// marac.md 4.2: a nil return is data.
TEST_F(ResearchTest, ANilReturnSaysWhoWasLookedForAndThatNobodyIsKnown) {
  const auto returned = Return(Everyone());
  ASSERT_OK(returned);
  const v1::Research& research = returned->research;
  EXPECT_EQ(research.agency(), "agencies/housing");
  EXPECT_EQ(research.case_name(), record_.name());
  EXPECT_EQ(research.returned_by(), "accounts/h");
  EXPECT_EQ(FromTimestamp(research.return_time()), kNow);
  ASSERT_EQ(research.searches_size(), 3);
  EXPECT_EQ(research.searches(2).result(), v1::SEARCH_RESULT_NOT_KNOWN);
  EXPECT_EQ(research.searches(2).searched(), "Case system and archive");
  EXPECT_THAT(research.entries(), IsEmpty());
  EXPECT_EQ(FromTimestamp(returned->notes.return_time()), kNow);
  EXPECT_FALSE(returned->notes.changed_since_return());
}

// marac.md 4.2: one key per named person, and nobody is left out by it.
TEST_F(ResearchTest, NobodyIsReturnedWhoWasNotLookedForOrNotSaidHow) {
  v1::ResearchNotes sent = Everyone();
  sent.mutable_searches()->DeleteSubrange(2, 1);
  sent.mutable_searches(0)->set_result(v1::SEARCH_RESULT_UNSPECIFIED);
  sent.mutable_searches(1)->set_searched(" ");
  sent.mutable_searches(1)->clear_day();
  const auto refused = Return(sent);
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "p1"));
  EXPECT_EQ(DetailOf(refused.status()).reason(), "NOT_COMPLETE");
  EXPECT_THAT(FieldsOf(refused.status()), ElementsAre("notes.searches[p1]", "notes.searches[p3]",
                                                      "notes.searches[1].searched", "notes.searches[1].day"));
}

// marac.md 4.2, per entry M: fact or opinion, date, share or not with reason.
TEST_F(ResearchTest, AnEntryIsReturnedWithAllThatIsMandatory) {
  v1::ResearchNotes sent = Everyone();
  v1::ResearchEntry& entry = Enter(sent, "", v1::SHARING_DECISION_UNSPECIFIED);
  entry.clear_basis();
  entry.clear_day();
  EXPECT_THAT(FieldsOf(Return(sent).status()),
              ElementsAre("notes.entries[0].basis", "notes.entries[0].day", "notes.entries[0].text",
                          "notes.entries[0].sharing"));
  Enter(sent, "Seen", v1::SHARING_DECISION_DO_NOT_SHARE).set_withheld_reason(" ");
  sent.mutable_entries()->DeleteSubrange(0, 1);
  EXPECT_THAT(FieldsOf(Return(sent).status()), ElementsAre("notes.entries[0].withheld_reason"));
}

// marac.md 4.2, mode SHARED.
TEST_F(ResearchTest, OfWhatIsWithheldNothingIsReturned) {
  v1::ResearchNotes sent = Everyone();
  Enter(sent, "Newer", v1::SHARING_DECISION_SHARE, /*day=*/9).set_withheld_reason("Taken back");
  Enter(sent, "Withheld", v1::SHARING_DECISION_DO_NOT_SHARE);
  Enter(sent, "Older", v1::SHARING_DECISION_SHARE, /*day=*/2);
  const auto returned = Return(sent);
  ASSERT_OK(returned);
  ASSERT_EQ(returned->research.entries_size(), 2);
  EXPECT_EQ(returned->research.entries(0).text(), "Older");
  EXPECT_EQ(returned->research.entries(1).text(), "Newer");
  EXPECT_EQ(returned->research.entries(1).withheld_reason(), "");
  EXPECT_EQ(returned->notes.entries_size(), 3) << "the agency keeps what it wrote";
}

// marac.md 4.2, mode PRIVATE: stays in the agency.
TEST_F(ResearchTest, WhereResearchStaysInTheAgencyNoEntryLeavesAndNoneIsDecidedOn) {
  v1::ResearchNotes sent = Everyone();
  Enter(sent, "Undecided", v1::SHARING_DECISION_UNSPECIFIED);
  Enter(sent, "To share elsewhere", v1::SHARING_DECISION_SHARE);
  sent.mutable_searches(0)->set_corrections("Another surname");
  const auto returned = Return(sent, v1::RESEARCH_MODE_PRIVATE);
  ASSERT_OK(returned);
  EXPECT_THAT(returned->research.entries(), IsEmpty());
  EXPECT_EQ(returned->research.searches_size(), 3);
  EXPECT_EQ(returned->research.searches(0).corrections(), "");
  EXPECT_EQ(returned->notes.searches(0).corrections(), "Another surname");
  EXPECT_EQ(Return(sent, v1::RESEARCH_MODE_SHARED).status().code(), StatusCode::kFailedPrecondition);
  v1::AreaSettings settings;
  EXPECT_EQ(ModeOf(settings), v1::RESEARCH_MODE_PRIVATE)
      << "an area that does not say keeps it in the agency";
  settings.set_research_mode(v1::RESEARCH_MODE_SHARED);
  EXPECT_EQ(ModeOf(settings), v1::RESEARCH_MODE_SHARED);
}

// What somebody types while the case is heard or put off is theirs to keep, and is returned to nobody.
TEST_F(ResearchTest, ResearchIsReturnedForAListedCaseAndKeptUntilItIsClosed) {
  for (const v1::CaseStage stage : {v1::CASE_STAGE_ACCEPTED, v1::CASE_STAGE_HEARD, v1::CASE_STAGE_CLOSED}) {
    record_.set_stage(stage);
    EXPECT_THAT(Save(Everyone()), IsOk());
    EXPECT_THAT(Return(Everyone()), Refuses(StatusCode::kFailedPrecondition, "agenda"));
  }
  for (const Stage stage : {Stage::kListed, Stage::kHeard}) EXPECT_THAT(CheckTakesNotes(stage), IsOk());
  for (const Stage stage : {Stage::kAccepted, Stage::kReceived, Stage::kClosed})
    EXPECT_THAT(CheckTakesNotes(stage), Refuses(StatusCode::kFailedPrecondition, "agenda"));
}

// What was written for the own agency alone is not given out because the area has changed its mind since.
TEST_F(ResearchTest, WhoWasToldOfAnotherModeReturnsNothing) {
  const v1::ResearchNotes notes = Save(Everyone()).value();
  const auto returned = [&](v1::ResearchMode mode, v1::ResearchMode told) {
    return ReturnNotes(notes, record_, mode, told, {.by = "accounts/h", .now = kNow});
  };
  using enum v1::ResearchMode;
  EXPECT_THAT(returned(RESEARCH_MODE_SHARED, RESEARCH_MODE_PRIVATE),
              Refuses(StatusCode::kFailedPrecondition, "by now"));
  EXPECT_THAT(returned(RESEARCH_MODE_PRIVATE, RESEARCH_MODE_SHARED),
              Refuses(StatusCode::kFailedPrecondition, "by now"));
  EXPECT_THAT(returned(RESEARCH_MODE_SHARED, RESEARCH_MODE_SHARED), IsOk());
  EXPECT_THAT(returned(RESEARCH_MODE_SHARED, RESEARCH_MODE_UNSPECIFIED), IsOk());
}

TEST_F(ResearchTest, WhatWasSharedIsGivenOutOnlyWhereResearchIsShared) {
  v1::ResearchNotes sent = Everyone();
  Enter(sent, "He was here on Monday", v1::SHARING_DECISION_SHARE);
  sent.mutable_searches(0)->set_corrections("Another surname");
  const v1::Research research = Return(sent)->research;
  EXPECT_EQ(GivenOut(research, v1::RESEARCH_MODE_SHARED).entries_size(), 1);
  const v1::Research kept = GivenOut(research, v1::RESEARCH_MODE_PRIVATE);
  EXPECT_THAT(kept.entries(), IsEmpty());
  EXPECT_EQ(kept.searches(0).corrections(), "");
  EXPECT_EQ(kept.searches_size(), 3);
}

TEST_F(ResearchTest, WhatIsSavedAfterAReturnIsSaidToBeChanged) {
  kept_ = Return(Everyone())->notes;
  const auto saved = Save(Everyone());
  ASSERT_OK(saved);
  EXPECT_TRUE(saved->changed_since_return());
  EXPECT_EQ(FromTimestamp(saved->return_time()), kNow);
}

TEST_F(ResearchTest, TheStateIsAwaitedBegunReturnedAndAwaitedAgain) {
  const std::string meeting = "areas/mk/meetings/m";
  record_.set_meeting(meeting);
  const auto state = [&](const v1::Research* returned, bool begun, const std::string& of,
                         v1::ResearchMode mode = v1::RESEARCH_MODE_SHARED) {
    return StateOf(returned, begun, record_, of, mode);
  };
  EXPECT_EQ(state(nullptr, /*begun=*/false, meeting), v1::RESEARCH_STATE_AWAITED);
  EXPECT_EQ(state(nullptr, /*begun=*/true, meeting), v1::RESEARCH_STATE_BEGUN);
  const v1::Research research = Return(Everyone())->research;
  EXPECT_EQ(state(&research, /*begun=*/true, meeting), v1::RESEARCH_STATE_RETURNED);
  EXPECT_EQ(state(&research, true, "areas/mk/meetings/next"), v1::RESEARCH_STATE_AWAITED_AGAIN)
      << "a fortnight later there may be more to say";
  EXPECT_EQ(state(&research, true, meeting, v1::RESEARCH_MODE_PRIVATE), v1::RESEARCH_STATE_AWAITED_AGAIN);
  record_.add_children()->set_party_id("p4");
  EXPECT_EQ(state(&research, /*begun=*/true, meeting), v1::RESEARCH_STATE_AWAITED_AGAIN);
  EXPECT_THAT(NotSearched(research.searches(), record_), ElementsAre("p4"));
}

// at the due moment it is not yet overdue.
TEST_F(ResearchTest, ItIsOverdueAfterTheDueMomentAndNotAtIt) {
  v1::Meeting meeting;
  meeting.set_name("areas/mk/meetings/m");
  *meeting.mutable_day() = DayOf(11, 25);
  EXPECT_FALSE(MakeDue(meeting, record_, "agencies/housing", v1::RESEARCH_STATE_AWAITED, kNow).overdue())
      << "a meeting without deadlines has none that could pass";
  *meeting.mutable_deadlines()->mutable_research_due_time() = ToTimestamp(kNow);
  const auto due = [&](v1::ResearchState state, absl::Duration later) {
    return MakeDue(meeting, record_, "agencies/housing", state, kNow + later);
  };
  EXPECT_FALSE(due(v1::RESEARCH_STATE_AWAITED, absl::ZeroDuration()).overdue());
  for (const v1::ResearchState state :
       {v1::RESEARCH_STATE_AWAITED, v1::RESEARCH_STATE_BEGUN, v1::RESEARCH_STATE_AWAITED_AGAIN}) {
    EXPECT_TRUE(due(state, absl::Milliseconds(1)).overdue());
  }
  const v1::ResearchDue done = due(v1::RESEARCH_STATE_RETURNED, absl::Hours(1));
  EXPECT_FALSE(done.overdue());
  EXPECT_EQ(done.case_number(), "MK-26-c");
  EXPECT_EQ(done.meeting(), meeting.name());
  EXPECT_EQ(done.meeting_day().day(), 25);
}

// marac.md 6, Restricted (staff) case; R-16.
TEST_F(ResearchTest, AskedIsWhoWasInvitedIsPartOfItAndMaySeeIt) {
  v1::Meeting meeting;
  meeting.add_invited_agencies("agencies/housing");
  RecordFacts facts;
  facts.involved_agencies = {"agencies/housing", "agencies/police"};
  const std::vector<Holder> staff = {{"accounts/h", "agencies/housing"},
                                     {"accounts/g", "agencies/housing"},
                                     {"accounts/p", "agencies/police"}};
  const auto asked = [&](const char* agency) { return IsAsked(agency, meeting, facts, staff); };
  EXPECT_TRUE(asked("agencies/housing"));
  EXPECT_FALSE(asked("agencies/police")) << "was not invited";
  EXPECT_THAT(WhoResearches("agencies/housing", facts, staff), ElementsAre("accounts/g", "accounts/h"));
  facts.shut_out = {"accounts/g"};
  EXPECT_THAT(WhoResearches("agencies/housing", facts, staff), ElementsAre("accounts/h"));
  facts.shut_out_agencies = {"agencies/housing"};
  EXPECT_FALSE(asked("agencies/housing"));
  facts.named = {"accounts/h"};
  EXPECT_TRUE(asked("agencies/housing")) << "one of them is named";
  facts.shut_out_agencies.clear();
  facts.restricted = true;
  EXPECT_TRUE(asked("agencies/housing"));
  facts.named = {"accounts/p"};
  EXPECT_FALSE(asked("agencies/housing"));
  facts.restricted = false;
  facts.involved_agencies = {"agencies/police"};
  EXPECT_FALSE(asked("agencies/housing")) << "is no part of the case";
}

TEST_F(ResearchTest, WhatIsToBeSharedIsLookedAtForProtectedDetails) {
  v1::ResearchNotes notes = Everyone();
  notes.mutable_searches(1)->set_corrections("Lives at MK9 3EJ now");
  Enter(notes, "Ring 01632 960001", v1::SHARING_DECISION_DO_NOT_SHARE);
  Enter(notes, "Ring 01632 960001", v1::SHARING_DECISION_SHARE);
  SetTextWarnings(notes);
  ASSERT_EQ(notes.text_warnings_size(), 2);
  EXPECT_EQ(notes.text_warnings(0).field(), "searches[1].corrections");
  EXPECT_EQ(notes.text_warnings(0).kind(), v1::TEXT_WARNING_KIND_POSTCODE);
  EXPECT_EQ(notes.text_warnings(1).field(), "entries[1].text");
  EXPECT_EQ(notes.text_warnings(1).kind(), v1::TEXT_WARNING_KIND_TELEPHONE);
}

}  // namespace
}  // namespace marac::domain
