// Research before a meeting, through TLS against a real server (marac.md 4.2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "store/case_access.h"
#include "tests/support/meeting_scenario.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using domain::FromTimestamp;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using Researches = v1::ResearchService::Stub;

// A circulated agenda with one case of a victim, a perpetrator and a child.
class ResearchServiceTest : public MeetingScenario {
 protected:
  ResearchServiceTest() : meeting_(Schedule()) {
    case_ = AddCase(meeting_, "a", [](v1::Case& record) {
      record.mutable_victim()->set_party_id("p1");
      record.add_perpetrators()->set_party_id("p2");
      record.add_children()->set_party_id("p3");
    });
    Need(Propose(meeting_));
    Need(Circulate(meeting_));
  }

  void Share() {
    v1::GetAreaRequest get;
    get.set_name(ServerFixture::kArea);
    const Client& admin = server_.As("admin.council");
    v1::UpdateAreaRequest request;
    *request.mutable_area() = Need(admin.Call(&v1::DirectoryService::Stub::GetArea, get));
    request.mutable_area()->mutable_settings()->set_research_mode(v1::RESEARCH_MODE_SHARED);
    Need(admin.Call(&v1::DirectoryService::Stub::UpdateArea, request));
  }
  const Client& Police() { return server_.As("representative.police"); }

  v1::ResearchNotes Sheet(const std::string& agency, const std::string& etag = "") {
    v1::ResearchNotes notes;
    notes.set_name(case_ + "/researchNotes/" + agency);
    notes.set_etag(etag);
    for (const char* person : {"p1", "p2", "p3"}) {
      v1::SubjectSearch& search = *notes.add_searches();
      search.set_party_id(person);
      search.set_result(v1::SEARCH_RESULT_NOT_KNOWN);
      search.set_searched("Case system");
      *search.mutable_day() = domain::DateOf(server_.Now()).ToDay();
    }
    return notes;
  }
  static void Enter(v1::ResearchNotes& notes, const std::string& text, v1::SharingDecision sharing) {
    v1::ResearchEntry& entry = *notes.add_entries();
    entry.set_text(text);
    entry.set_basis(v1::INFORMATION_BASIS_FACT);
    entry.set_sharing(sharing);
    *entry.mutable_day() = notes.searches(0).day();
    if (sharing == v1::SHARING_DECISION_DO_NOT_SHARE) entry.set_withheld_reason("It would name a source");
  }
  absl::StatusOr<v1::ResearchNotes> Save(const Client& client, const v1::ResearchNotes& notes,
                                         const std::string& request_id = NewUuid()) {
    v1::SaveResearchRequest request;
    *request.mutable_notes() = notes;
    request.set_request_id(request_id);
    return client.Call(&Researches::SaveResearch, request);
  }
  absl::StatusOr<v1::ResearchNotes> Return(const Client& client, const v1::ResearchNotes& notes,
                                           const std::string& request_id = NewUuid()) {
    v1::ReturnResearchRequest request;
    request.set_name(notes.name());
    request.set_etag(notes.etag());
    request.set_request_id(request_id);
    return client.Call(&Researches::ReturnResearch, request);
  }
  absl::StatusOr<v1::ListResearchResponse> List(const Client& client) {
    v1::ListResearchRequest request;
    request.set_parent(case_);
    return client.Call(&Researches::ListResearch, request);
  }
  v1::ListResearchDueResponse Due(const Client& client, const std::string& meeting = "") {
    v1::ListResearchDueRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_meeting(meeting);
    return Need(client.Call(&Researches::ListResearchDue, request));
  }
  // The state of each agency as this person is told it; of an agency that is not there UNSPECIFIED.
  v1::ResearchState StateFor(const Client& client, const std::string& agency) {
    const v1::ListResearchDueResponse listed = Due(client);
    for (const v1::ResearchDue& due : listed.due()) {
      if (due.agency() == "agencies/" + agency) return due.state();
    }
    return v1::RESEARCH_STATE_UNSPECIFIED;
  }
  std::vector<std::string> AgenciesFor(const Client& client) {
    std::vector<std::string> agencies;
    const v1::ListResearchDueResponse listed = Due(client);
    for (const v1::ResearchDue& due : listed.due()) agencies.push_back(due.agency());
    return agencies;
  }

  v1::Meeting meeting_;
  std::string case_;
};

TEST_F(ResearchServiceTest, ANilReturnIsReadByEverybodyWithAPartInTheCase) {
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes saved, Save(Housing(), Sheet("housing")));
  EXPECT_EQ(saved.saved_by(), Housing().account());
  EXPECT_EQ(saved.agency(), "agencies/housing");
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes returned, Return(Housing(), saved));
  EXPECT_TRUE(returned.has_return_time());
  for (const char* login :
       {"representative.police", "idva.idva", "coordinator.council", "chair.police", "minutes.council"}) {
    ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse listed, List(server_.As(login)));
    ASSERT_EQ(listed.research_size(), 1) << login;
    EXPECT_EQ(listed.research(0).name(), case_ + "/research/housing");
    EXPECT_EQ(listed.research(0).returned_by(), Housing().account());
    EXPECT_EQ(listed.research(0).searches_size(), 3);
    EXPECT_FALSE(listed.has_notes()) << login;
    EXPECT_EQ(listed.mode(), v1::RESEARCH_MODE_PRIVATE);
  }
  EXPECT_THAT(List(server_.As("representative.health")), Refuses(StatusCode::kNotFound, "not found"));
  EXPECT_THAT(List(server_.As("referrer.police")), Refuses(StatusCode::kPermissionDenied, "role"));
}

// marac.md 4.2: whether anything is written down is the agency's own matter.
TEST_F(ResearchServiceTest, AWorksheetIsNobodysButItsAgencys) {
  const std::string before = List(server_.As("chair.police"))->SerializeAsString();
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes saved, Save(Housing(), Sheet("housing")));
  EXPECT_EQ(StateFor(Housing(), "housing"), v1::RESEARCH_STATE_BEGUN);
  EXPECT_EQ(StateFor(Coordinator(), "housing"), v1::RESEARCH_STATE_AWAITED);
  EXPECT_EQ(StateFor(Chair(), "housing"), v1::RESEARCH_STATE_AWAITED);
  EXPECT_EQ(List(server_.As("chair.police"))->SerializeAsString(), before);
  ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse own, List(Housing()));
  EXPECT_EQ(own.notes().etag(), saved.etag());
  EXPECT_EQ(own.notes_name(), saved.name());
  // Another agency's is not there, whether it is or not.
  const auto told = [&](const std::string& agency) {
    v1::ResearchNotes other = Sheet(agency, "guessed");
    return std::vector<absl::Status>{Save(Police(), other).status(), Return(Police(), other).status(),
                                     Save(Police(), Sheet(agency)).status()};
  };
  const std::vector<absl::Status> there = told("housing");
  const std::vector<absl::Status> not_there = told("council");
  for (size_t i = 0; i < there.size(); ++i) {
    EXPECT_THAT(there[i], Refuses(StatusCode::kNotFound, "researchNotes/housing"));
    EXPECT_THAT(not_there[i], Refuses(StatusCode::kNotFound, "researchNotes/council"));
  }
  for (const char* login : {"coordinator.council", "chair.police", "minutes.council"}) {
    EXPECT_THAT(Save(server_.As(login), Sheet("housing")), Refuses(StatusCode::kPermissionDenied, "role"));
  }
}

TEST_F(ResearchServiceTest, TwoOfAnAgencyDoNotOverwriteEachOther) {
  server_.AddAccount("second.housing", "housing", {v1::ROLE_REPRESENTATIVE});
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes first, Save(Housing(), Sheet("housing")));
  EXPECT_THAT(Save(server_.As("second.housing"), Sheet("housing")), Refuses(StatusCode::kAborted, "changed"));
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes second,
                       Save(server_.As("second.housing"), Sheet("housing", first.etag())));
  EXPECT_NE(second.etag(), first.etag());
  EXPECT_THAT(Save(Housing(), Sheet("housing", first.etag())), Refuses(StatusCode::kAborted, "changed"));
  EXPECT_THAT(Return(Housing(), first), Refuses(StatusCode::kAborted, "changed"));
  EXPECT_THAT(Save(Police(), Sheet("police", "of nothing")), Refuses(StatusCode::kAborted, "changed"));
}

// decisions 17.
TEST_F(ResearchServiceTest, TheSameRequestAgainIsAnsweredAsTheFirstTime) {
  const std::string saving = NewUuid();
  const std::string returning = NewUuid();
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes saved, Save(Housing(), Sheet("housing"), saving));
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes returned, Return(Housing(), saved, returning));
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes saved_again, Save(Housing(), Sheet("housing"), saving));
  EXPECT_EQ(saved_again.SerializeAsString(), saved.SerializeAsString());
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes returned_again, Return(Housing(), saved, returning));
  EXPECT_EQ(returned_again.SerializeAsString(), returned.SerializeAsString());
}

// marac.md 4.2, mode SHARED: what is withheld, how much and why is told to nobody.
TEST_F(ResearchServiceTest, WhatIsSharedIsReadAndWhatIsWithheldIsNot) {
  Share();
  v1::ResearchNotes sheet = Sheet("housing");
  Enter(sheet, "Rent arrears since May", v1::SHARING_DECISION_SHARE);
  ASSERT_OK_AND_ASSIGN(v1::ResearchNotes notes, Save(Housing(), sheet));
  ASSERT_OK_AND_ASSIGN(notes, Return(Housing(), notes));
  ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse before, List(Police()));
  ASSERT_EQ(before.research(0).entries_size(), 1);
  EXPECT_EQ(before.research(0).entries(0).text(), "Rent arrears since May");
  sheet.set_etag(notes.etag());
  Enter(sheet, "A neighbour called", v1::SHARING_DECISION_DO_NOT_SHARE);
  ASSERT_OK_AND_ASSIGN(notes, Save(Housing(), sheet));
  EXPECT_TRUE(notes.changed_since_return());
  EXPECT_EQ(List(Police())->SerializeAsString(), before.SerializeAsString())
      << "what is saved after a return changes nothing for others, not even the etag";
  ASSERT_OK_AND_ASSIGN(notes, Return(Housing(), notes));
  EXPECT_FALSE(notes.changed_since_return());
  ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse after, List(Police()));
  EXPECT_EQ(after.research(0).entries_size(), 1);
  EXPECT_THAT(after.DebugString(), Not(HasSubstr("neighbour")));
  EXPECT_THAT(after.DebugString(), Not(HasSubstr("source")));
  EXPECT_EQ(notes.entries_size(), 2);
}

// marac.md 4.2, mode PRIVATE: stays in the agency.
TEST_F(ResearchServiceTest, AnAreaThatDoesNotSayKeepsResearchInTheAgency) {
  v1::ResearchNotes sheet = Sheet("housing");
  Enter(sheet, "Rent arrears since May", v1::SHARING_DECISION_UNSPECIFIED);
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes notes, Save(Housing(), sheet));
  ASSERT_OK(Return(Housing(), notes));
  ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse listed, List(Police()));
  EXPECT_EQ(listed.research(0).entries_size(), 0);
  EXPECT_THAT(listed.DebugString(), Not(HasSubstr("arrears")));
}

TEST_F(ResearchServiceTest, WhatIsIncompleteIsSavedAndNotReturned) {
  v1::ResearchNotes sheet = Sheet("housing");
  sheet.mutable_searches()->DeleteSubrange(1, 1);
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes notes, Save(Housing(), sheet));
  ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse own, List(Housing()));
  EXPECT_THAT(own.not_searched(), ElementsAre("p2"));
  const auto refused = Return(Housing(), notes);
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "notes.searches[p2]"));
  EXPECT_EQ(domain::DetailOf(refused.status()).reason(), "NOT_COMPLETE");
  EXPECT_EQ(List(Coordinator())->research_size(), 0);
}

TEST_F(ResearchServiceTest, TheCoordinatorSeesWhoWasAskedAndHasNotReturnedAndWhomToRing) {
  EXPECT_THAT(AgenciesFor(Coordinator()), UnorderedElementsAre("agencies/council", "agencies/police",
                                                               "agencies/idva", "agencies/housing"));
  EXPECT_THAT(AgenciesFor(Housing()), ElementsAre("agencies/housing"));
  EXPECT_THAT(AgenciesFor(server_.As("idva.idva")), ElementsAre("agencies/idva"));
  EXPECT_THAT(AgenciesFor(server_.As("representative.health")), IsEmpty()) << "was not invited";
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes notes, Save(Housing(), Sheet("housing")));
  ASSERT_OK(Return(Housing(), notes));
  EXPECT_EQ(StateFor(Coordinator(), "housing"), v1::RESEARCH_STATE_RETURNED);
  const v1::ListResearchDueResponse told = Due(Coordinator());
  for (const v1::ResearchDue& due : told.due()) {
    EXPECT_EQ(due.case_name(), case_);
    EXPECT_EQ(due.meeting(), meeting_.name());
    EXPECT_EQ(FromTimestamp(due.due_time()), FromTimestamp(meeting_.deadlines().research_due_time()));
    if (due.agency() == "agencies/housing") {
      EXPECT_THAT(due.representatives(), ElementsAre(Housing().account()));
    }
  }
  EXPECT_THAT(Due(Housing()).due(0).representatives(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse listed, List(Coordinator()));
  EXPECT_THAT(listed.awaited_agencies(),
              UnorderedElementsAre("agencies/council", "agencies/police", "agencies/idva"));
  EXPECT_THAT(List(Police())->awaited_agencies(), IsEmpty());
}

// at the due moment not yet.
TEST_F(ResearchServiceTest, ItIsOverdueAfterTheDueMomentAndNotAtIt) {
  const absl::Time due = FromTimestamp(meeting_.deadlines().research_due_time());
  server_.AdvanceTo(due - absl::Minutes(5));
  EXPECT_FALSE(Due(Coordinator()).due(0).overdue());
  server_.AdvanceTo(due + absl::Seconds(1));
  EXPECT_TRUE(Due(Coordinator()).due(0).overdue());
}

TEST_F(ResearchServiceTest, WhoComesToTheCaseAfterTheReturnIsAwaitedAgain) {
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes notes, Save(Housing(), Sheet("housing")));
  ASSERT_OK(Return(Housing(), notes));
  v1::Case record = KeptCase(case_);
  record.add_children()->set_party_id("p4");
  Keep([&](store::WriteTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const store::StoredRecord stored, store::LoadBody(tx, domain::ServerGrant(case_)));
    return store::UpdateRecord(tx,
                               {.name = record.name(),
                                .kind = domain::Kind::kCase,
                                .area = ServerFixture::kArea,
                                .columns = domain::ColumnsOf(record),
                                .body = record.SerializeAsString()},
                               stored.version + 1, /*time_ms=*/0, "accounts/test");
  });
  EXPECT_EQ(StateFor(Housing(), "housing"), v1::RESEARCH_STATE_AWAITED_AGAIN);
  EXPECT_EQ(StateFor(Coordinator(), "housing"), v1::RESEARCH_STATE_AWAITED_AGAIN);
  EXPECT_THAT(List(Housing())->not_searched(), ElementsAre("p4"));
  EXPECT_THAT(List(Coordinator())->awaited_agencies(), Not(::testing::Contains("agencies/housing")));
}

// marac.md 6, Restricted (staff) case; R-16: nothing of a case that is kept from somebody.
TEST_F(ResearchServiceTest, OfACaseThatIsKeptFromSomebodyNothingIsDue) {
  HideFrom(Housing(), case_);
  EXPECT_THAT(AgenciesFor(Housing()), IsEmpty());
  EXPECT_THAT(Save(Housing(), Sheet("housing")), Refuses(StatusCode::kNotFound, "not found"));
  const v1::ListResearchDueResponse told = Due(Coordinator());
  for (const v1::ResearchDue& due : told.due()) {
    if (due.agency() == "agencies/housing") {
      EXPECT_THAT(due.representatives(), IsEmpty()) << "whoever is rung would learn that there is one";
    }
  }
  HideFrom(Coordinator(), case_);
  EXPECT_THAT(AgenciesFor(Coordinator()), IsEmpty());
}

// who saved it may be shut out afterwards.
TEST_F(ResearchServiceTest, WhoeverIsShutOutOfTheCaseLosesTheWorksheetToo) {
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes notes, Save(Housing(), Sheet("housing")));
  HideFrom(Housing(), case_);
  EXPECT_THAT(Return(Housing(), notes), Refuses(StatusCode::kNotFound, "not found"));
  EXPECT_THAT(List(Housing()), Refuses(StatusCode::kNotFound, "not found"));
}

TEST_F(ResearchServiceTest, AnAgencysSystemSavesAndReturnsForIt) {
  const Client& system = server_.SystemOf("housing");
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes saved, Save(system, Sheet("housing")));
  EXPECT_EQ(saved.saved_by(), system.account());
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes by_person, Save(Housing(), Sheet("housing", saved.etag())));
  ASSERT_OK(Return(system, by_person));
  EXPECT_EQ(List(Police())->research(0).returned_by(), system.account());
}

TEST_F(ResearchServiceTest, WhatIsTypedWhileACaseIsHeardIsKeptAndReturnedToNobody) {
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes saved, Save(Housing(), Sheet("housing")));
  server_.AdvanceTo(FromTimestamp(meeting_.start_time()));
  Need(Start(meeting_));
  v1::AgendaItem item = Need(Open(Item(meeting_, case_)));
  EXPECT_THAT(AgenciesFor(Housing()), ElementsAre("agencies/housing")) << "while it is discussed it counts";
  item = Need(Record(item));
  Need(CloseItem(item));
  ASSERT_OK_AND_ASSIGN(const v1::ResearchNotes later, Save(Housing(), Sheet("housing", saved.etag())));
  EXPECT_THAT(Return(Housing(), later), Refuses(StatusCode::kFailedPrecondition, "agenda"));
  EXPECT_EQ(List(Housing())->notes().etag(), later.etag());
  EXPECT_THAT(AgenciesFor(Coordinator()), IsEmpty());
}

TEST_F(ResearchServiceTest, OneMeetingIsAskedForAlone) {
  const v1::Meeting other = Schedule(/*days_ahead=*/42);
  EXPECT_EQ(Due(Coordinator(), meeting_.name()).due_size(), 4);
  EXPECT_EQ(Due(Coordinator(), other.name()).due_size(), 0);
  v1::ListResearchDueRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_meeting(std::string(ServerFixture::kArea) + "/meetings/none");
  EXPECT_THAT(Coordinator().Call(&Researches::ListResearchDue, request),
              Refuses(StatusCode::kNotFound, "not found"));
}

// Research for an emergency meeting is due when it starts.
TEST_F(ResearchServiceTest, WhoIsCalledToAnEmergencyMeetingIsAskedToo) {
  v1::CallEmergencyMeetingRequest call;
  call.set_case_name(case_);
  *call.mutable_start_time() = domain::ToTimestamp(server_.Now() + absl::Hours(4));
  call.set_venue("Room 2");
  call.add_invited_agencies("agencies/police");
  call.set_reason("He was released this morning.");
  ASSERT_OK_AND_ASSIGN(const v1::Meeting emergency, Chair().Call(&Meetings::CallEmergencyMeeting, call));
  EXPECT_THAT(AgenciesFor(Coordinator()), ElementsAre("agencies/police"));
  const v1::ListResearchDueResponse due = Due(Police());
  ASSERT_EQ(due.due_size(), 1);
  EXPECT_EQ(due.due(0).meeting(), emergency.name());
  EXPECT_EQ(FromTimestamp(due.due(0).due_time()), FromTimestamp(emergency.start_time()));
  EXPECT_FALSE(due.due(0).overdue());
}

// By a change of what was returned the others would know that something was changed which they do not see.
TEST_F(ResearchServiceTest, AReturnThatSharesTheSameTellsNobodyThatMoreIsWithheld) {
  Share();
  v1::ResearchNotes sheet = Sheet("housing");
  Enter(sheet, "He was here on Monday", v1::SHARING_DECISION_SHARE);
  ASSERT_OK_AND_ASSIGN(v1::ResearchNotes notes, Save(Housing(), sheet));
  ASSERT_OK_AND_ASSIGN(notes, Return(Housing(), notes));
  const std::string before = List(Police())->research(0).SerializeAsString();
  server_.AdvanceTo(server_.Now() + absl::Hours(1));
  Enter(notes, "Our source is his brother", v1::SHARING_DECISION_DO_NOT_SHARE);
  ASSERT_OK_AND_ASSIGN(notes, Save(Housing(), notes));
  ASSERT_OK_AND_ASSIGN(notes, Return(Housing(), notes));
  EXPECT_FALSE(notes.changed_since_return());
  EXPECT_EQ(List(Police())->research(0).SerializeAsString(), before);
}

// A chair who represents an agency too sees a restricted case as the chair, and not what is the agency's own.
TEST_F(ResearchServiceTest, WhoSeesARestrictedCaseAsTheChairReadsNoWorksheet) {
  ASSERT_OK(Save(Police(), Sheet("police")));
  const std::string chair = Chair().account();
  const std::vector<std::string> named = {Police().account()};
  Keep([&](store::WriteTransaction& tx) -> absl::Status {
    const auto role = [&](v1::Role of) {
      return store::RoleRow{.area = ServerFixture::kArea, .role = of, .from_day = 0, .to_day = 1'000'000};
    };
    const std::vector<store::RoleRow> roles = {role(v1::ROLE_CHAIR), role(v1::ROLE_REPRESENTATIVE)};
    RETURN_IF_ERROR(store::ReplaceRoles(tx, chair, "agencies/police", roles));
    return store::SetNamed(tx, case_, /*restricted=*/true, named);
  });
  ASSERT_OK_AND_ASSIGN(const v1::ListResearchResponse listed, List(Chair()));
  EXPECT_FALSE(listed.has_notes());
  EXPECT_EQ(listed.notes_name(), "");
  EXPECT_EQ(StateFor(Chair(), "police"), v1::RESEARCH_STATE_AWAITED);
}

TEST_F(ResearchServiceTest, ACaseThatIsOnNoCirculatedAgendaIsNotResearched) {
  case_ = AddCase(meeting_, "b");
  EXPECT_THAT(Save(server_.As("idva.idva"), Sheet("idva")),
              Refuses(StatusCode::kFailedPrecondition, "agenda"));
  EXPECT_THAT(Save(Housing(), Sheet("housing")), Refuses(StatusCode::kNotFound, "not found"));
}

}  // namespace
}  // namespace marac::testing
