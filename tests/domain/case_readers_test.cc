// Who looked at a case, counted from the lines of the audit.
#include "domain/case_readers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/access.h"

namespace marac::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCase[] = "areas/a/cases/c";
constexpr char kRefuge[] = "areas/a/protectedDetails/d";

AuditEvent Event(const std::string& account, const std::string& method, std::vector<std::string> subjects,
                 std::vector<uint32_t> shown) {
  AuditEvent event;
  event.kind = AuditKind::kConsultation;
  event.account = account;
  event.agency = "agencies/x";
  event.role = "IDVA";
  event.method = method;
  event.allowed = true;
  event.time_ms = 1000;
  event.subjects = std::move(subjects);
  event.subject_classes = std::move(shown);
  return event;
}

CaseReaders Readers() {
  return CaseReaders({kCase, kRefuge}, {{kRefuge, v1::PROTECTED_KIND_REFUGE_ADDRESS}}, {{7, "To meet her"}});
}

// A method that comes later needs words for the chair, who is no programmer.
TEST(CaseReadersTest, EveryMethodThatTouchesACaseHasWords) {
  for (const MethodRule& rule : MethodRules()) {
    const bool touches = rule.method.find("AssessmentService/") != std::string_view::npos ||
                         rule.method.find("ReferralService/") != std::string_view::npos ||
                         rule.method.find("CaseService/") != std::string_view::npos ||
                         rule.method.find("AccessService/") != std::string_view::npos ||
                         rule.method.find("ActionService/") != std::string_view::npos ||
                         rule.method.find("ResearchService/") != std::string_view::npos;
    const bool of_no_case = rule.method == "marac.v1.AssessmentService/GetInstrument" ||
                            rule.method == "marac.v1.AssessmentService/PreviewScore" ||
                            rule.method == "marac.v1.AccessService/ListUndecided" ||
                            rule.method == "marac.v1.AccessService/GetOwnRegister";
    EXPECT_TRUE(!touches || of_no_case || HasDeedWords(rule.method)) << rule.method;
  }
  EXPECT_EQ(DeedWords("marac.v1.CaseService/GetCase"), "opened the case");
  EXPECT_EQ(DeedWords("marac.v1.CaseService/DoSomethingNew"), "do something new");
}

// marac.md 4.2: whether an agency has written anything down is its own matter until it returns it.
TEST(CaseReadersTest, WhoeverSavedAWorksheetIsToldAsHavingRead) {
  CaseReaders readers = Readers();
  readers.Add(5, Event("accounts/1", "marac.v1.ResearchService/ListResearch", {kCase}, {}));
  readers.Add(6, Event("accounts/1", "marac.v1.ResearchService/SaveResearch", {kCase}, {}));
  const std::vector<v1::CaseReader> told = std::move(readers).Take();
  ASSERT_EQ(told.size(), 1U);
  ASSERT_EQ(told[0].deeds_size(), 1);
  EXPECT_EQ(told[0].deeds(0).method(), "marac.v1.ResearchService/ListResearch");
  EXPECT_EQ(told[0].deeds(0).count(), 2);
}

// The chair may be the one an alert is about, and reviews none.
TEST(CaseReadersTest, WhatWasNoticedIsNotToldToTheChair) {
  CaseReaders readers = Readers();
  AuditEvent alert = Event("accounts/1", "alert", {kCase}, {});
  alert.kind = AuditKind::kAlert;
  readers.Add(5, alert);
  EXPECT_THAT(std::move(readers).Take(), IsEmpty());
}

TEST(CaseReadersTest, WhoTouchedNoneOfItIsNoReader) {
  CaseReaders readers = Readers();
  readers.Add(1, Event("accounts/1", "m/M", {"areas/a/cases/other"}, {2}));
  readers.Add(2, Event("", "m/M", {kCase}, {2}));
  EXPECT_THAT(std::move(readers).Take(), IsEmpty());
}

TEST(CaseReadersTest, OnlyWhatWasShownOfTheCaseCountsWhateverElseThePageHeld) {
  CaseReaders readers = Readers();
  readers.Add(1, Event("accounts/1", "marac.v1.CaseService/ListCases", {"areas/a/cases/other", kCase},
                       {1U << v1::FIELD_CLASS_RISK, 1U << v1::FIELD_CLASS_ROUTINE}));
  const std::vector<v1::CaseReader> said = std::move(readers).Take();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_THAT(said[0].field_classes(), ElementsAre(v1::FIELD_CLASS_ROUTINE));
}

TEST(CaseReadersTest, AnEventOfBeforeIsCountedByWhatTheWholeCallShowed) {
  CaseReaders readers = Readers();
  AuditEvent event = Event("accounts/1", "marac.v1.CaseService/GetCase", {kCase}, {});
  event.field_classes = {v1::FIELD_CLASS_ROUTINE, v1::FIELD_CLASS_RISK};
  readers.Add(1, event);
  EXPECT_THAT(std::move(readers).Take()[0].field_classes(),
              ElementsAre(v1::FIELD_CLASS_ROUTINE, v1::FIELD_CLASS_RISK));
}

TEST(CaseReadersTest, ARefusalAndAMistakeShowNothingAndAreCountedApart) {
  CaseReaders readers = Readers();
  AuditEvent refused = Event("accounts/1", "marac.v1.CaseService/GetCase", {kCase}, {0});
  refused.allowed = false;
  refused.kind = AuditKind::kDenied;
  readers.Add(1, refused);
  AuditEvent mistaken = Event("accounts/1", "marac.v1.CaseService/CloseCase", {kCase}, {0});
  mistaken.allowed = false;
  readers.Add(2, mistaken);
  const std::vector<v1::CaseReader> said = std::move(readers).Take();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].refused_count(), 1);
  EXPECT_EQ(said[0].failed_count(), 1);
  EXPECT_EQ(said[0].answered_count(), 0);
  EXPECT_THAT(said[0].deeds(), IsEmpty());
}

TEST(CaseReadersTest, WhoeverChangesRoleIsListedOnceForEachAndTheLastToComeIsFirst) {
  CaseReaders readers = Readers();
  readers.Add(1, Event("accounts/1", "marac.v1.CaseService/GetCase", {kCase}, {2}));
  readers.Add(2, Event("accounts/2", "marac.v1.CaseService/GetCase", {kCase}, {2}));
  AuditEvent later = Event("accounts/1", "marac.v1.CaseService/GetCase", {kCase}, {2});
  later.role = "CHAIR";
  later.time_ms = 2000;
  readers.Add(3, later);
  const std::vector<v1::CaseReader> said = std::move(readers).Take();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0].role(), "CHAIR");
  EXPECT_EQ(said[1].account(), "accounts/2");
  EXPECT_EQ(said[2].role(), "IDVA");
}

TEST(CaseReadersTest, ADetailIsRevealedWithItsReasonOnlyWhereItWasAnswered) {
  CaseReaders readers = Readers();
  readers.Add(7, Event("accounts/1", "marac.v1.CaseService/RevealDetail", {kRefuge}, {2}));
  AuditEvent refused = Event("accounts/1", "marac.v1.CaseService/RevealDetail", {kRefuge}, {0});
  refused.allowed = false;
  readers.Add(8, refused);
  const std::vector<v1::CaseReader> said = std::move(readers).Take();
  ASSERT_EQ(said[0].reveals_size(), 1);
  EXPECT_EQ(said[0].reveals(0).kind(), v1::PROTECTED_KIND_REFUGE_ADDRESS);
  EXPECT_EQ(said[0].reveals(0).reason(), "To meet her");
}

}  // namespace
}  // namespace marac::domain
