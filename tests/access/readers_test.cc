// Who looked at a case (security.md 1, threat 3: "who looked" equals the log; 5, Use), and what each who may
// read the log gets of it.
#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/hash.h"
#include "base/status_macros.h"
#include "domain/audit.h"
#include "store/audit_chain.h"
#include "store/records.h"
#include "tests/access/world.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Audit = v1::AuditService::Stub;
using Cases = v1::CaseService::Stub;
using Referrals = v1::ReferralService::Stub;

constexpr char kArea[] = "areas/test";
constexpr char kReason[] = "To arrange transport from where she is";
constexpr char kReveal[] = "marac.v1.CaseService/RevealDetail";

class ReadersTest : public ::testing::Test {
 protected:
  static World& TheWorld() {
    static World& world = *new World(/*meetings=*/8);
    return world;
  }
  static Story& Heard() { return TheWorld().At(rules::HEARD, v1::ROLE_REFERRER); }

  static absl::StatusOr<v1::ListCaseReadersResponse> Ask(const Client& client, const std::string& record) {
    v1::ListCaseReadersRequest request;
    request.set_name(record);
    return client.Call(&Audit::ListCaseReaders, request);
  }
  static absl::StatusOr<v1::Case> Open(const Client& client, const std::string& record) {
    v1::GetCaseRequest request;
    request.set_name(record);
    return client.Call(&Cases::GetCase, request);
  }
  static absl::Status Reveal(const Client& client, const std::string& detail, const std::string& reason) {
    v1::RevealDetailRequest request;
    request.set_name(detail);
    request.set_reason(reason);
    return client.Call(&Cases::RevealDetail, request).status();
  }

  struct Line {
    int64_t sequence;
    domain::AuditEvent event;
  };
  // The whole log, from its stored bytes.
  static std::vector<Line> TheLog() {
    std::vector<Line> lines;
    EXPECT_OK(
        TheWorld().server().host().database().ScanRows(1, [&](const store::StoredRow& row) -> absl::Status {
          ASSIGN_OR_RETURN(auto decoded, domain::DecodeAuditRecord(row.record));
          lines.push_back({static_cast<int64_t>(decoded.first), std::move(decoded.second)});
          return absl::OkStatus();
        }));
    return lines;
  }
  static domain::AuditEvent NewestOf(const std::string& method) {
    const std::vector<Line> lines = TheLog();
    const auto found = std::find_if(lines.rbegin(), lines.rend(),
                                    [&](const Line& line) { return line.event.method == method; });
    return found == lines.rend() ? domain::AuditEvent() : found->event;
  }
  // The case and all that belongs to it.
  static std::set<std::string> RecordsOf(const std::string& record) {
    std::set<std::string> names;
    EXPECT_OK(TheWorld().server().host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, store::LoadFacts(tx, record));
      ASSIGN_OR_RETURN(const auto all, store::RecordsIn(tx, facts.scope));
      names.insert(all.begin(), all.end());
      return absl::OkStatus();
    }));
    return names;
  }
  static const v1::CaseReader* Find(const v1::ListCaseReadersResponse& answer, const std::string& account) {
    const auto found = std::ranges::find(answer.readers(), account, &v1::CaseReader::account);
    return found == answer.readers().end() ? nullptr : &*found;
  }
};

// Counted a second time here, in another way: by hand from the lines of the whole log.
TEST_F(ReadersTest, WhoLookedEqualsTheLog) {
  World& world = TheWorld();
  Story& story = Heard();
  // Of every kind: opened, in a list, refused, failed, a detail with and without a reason.
  for (const char* label :
       {"idva.uninvolved", "representative.involved", "coordinator.own", "referrer.author",
        "referrer.uninvolved", "representative.uninvolved", "chair.involved"}) {
    Open(world.Find(label).client, story.record.name()).IgnoreError();
  }
  v1::ListCasesRequest list;
  list.set_parent(kArea);
  ASSERT_OK(world.idva().Call(&Cases::ListCases, list));
  ASSERT_OK(Reveal(world.idva(), story.refuge, kReason));
  ASSERT_OK(Reveal(world.idva(), story.safe_contact, ""));
  v1::RecordVictimContactRequest stale;
  stale.set_name(story.record.name());
  stale.set_etag("old");
  ASSERT_FALSE(world.idva().Call(&Cases::RecordVictimContact, stale).ok());

  ASSERT_OK_AND_ASSIGN(const v1::ListCaseReadersResponse answer, Ask(world.chair(), story.record.name()));
  const std::set<std::string> records = RecordsOf(story.record.name());
  ASSERT_THAT(records, SizeIs(Gt(8U))) << "the case, its referral, assessments, details, item and actions";

  struct Counted {
    int answered = 0, refused = 0, failed = 0;
    int64_t first = 0, last = 0;
    std::map<std::string, int> deeds;
    std::set<int> classes;
    std::set<int64_t> reveals;
  };
  using Who = std::tuple<std::string, std::string, std::string>;
  std::map<Who, Counted> counted;
  const std::vector<Line> log = TheLog();
  for (size_t i = 0; i < log.size(); ++i) {
    const domain::AuditEvent& event = log[i].event;
    // Asking is an event as well, but comes after what it answers.
    const bool is_this_question = event.method.ends_with("/ListCaseReaders") && i + 1 == log.size();
    if (is_this_question || event.account.empty()) continue;
    bool here = false;
    uint32_t shown = 0;
    for (size_t s = 0; s < event.subjects.size(); ++s) {
      if (!records.contains(event.subjects[s])) continue;
      here = true;
      shown |= event.subject_classes.at(s);
    }
    if (!here) continue;
    Counted& one = counted[{event.account, event.agency, event.role}];
    if (one.first == 0) one.first = event.time_ms;
    one.last = event.time_ms;
    if (!event.allowed) {
      ++(event.kind == domain::AuditKind::kDenied ? one.refused : one.failed);
      continue;
    }
    ++one.answered;
    ++one.deeds[event.method];
    for (int c = 0; c < 32; ++c) {
      if ((shown >> static_cast<uint32_t>(c) & 1U) != 0) one.classes.insert(c);
    }
    if (event.method == kReveal) one.reveals.insert(log[i].sequence);
  }

  EXPECT_EQ(static_cast<size_t>(answer.readers_size()), counted.size());
  EXPECT_GE(counted.size(), 9U);
  for (const v1::CaseReader& reader : answer.readers()) {
    SCOPED_TRACE(reader.ShortDebugString());
    const auto found = counted.find({reader.account(), reader.agency(), reader.role()});
    ASSERT_NE(found, counted.end());
    const Counted& one = found->second;
    EXPECT_EQ(reader.answered_count(), one.answered);
    EXPECT_EQ(reader.refused_count(), one.refused);
    EXPECT_EQ(reader.failed_count(), one.failed);
    EXPECT_EQ(TimeUtil::TimestampToMilliseconds(reader.first_time()), one.first);
    EXPECT_EQ(TimeUtil::TimestampToMilliseconds(reader.last_time()), one.last);
    std::map<std::string, int> deeds;
    for (const v1::ReaderDeed& deed : reader.deeds()) {
      deeds[deed.method()] = deed.count();
      EXPECT_THAT(deed.words(), Not(IsEmpty()));
    }
    EXPECT_EQ(deeds, one.deeds);
    EXPECT_EQ(std::set<int>(reader.field_classes().begin(), reader.field_classes().end()), one.classes);
    std::set<int64_t> reveals;
    for (const v1::ReaderReveal& reveal : reader.reveals()) reveals.insert(reveal.sequence());
    EXPECT_EQ(reveals, one.reveals);
  }
  EXPECT_FALSE(answer.has_counted_from());
}

TEST_F(ReadersTest, SaysWhatWasRevealedAndWhy) {
  World& world = TheWorld();
  Story& story = Heard();
  Person& idva = world.Find("idva.involved");
  ASSERT_OK(Reveal(idva.client, story.refuge, kReason));
  ASSERT_OK_AND_ASSIGN(const v1::ListCaseReadersResponse answer, Ask(world.chair(), story.record.name()));
  const v1::CaseReader* reader = Find(answer, idva.client.account());
  ASSERT_NE(reader, nullptr);
  ASSERT_EQ(reader->reveals_size(), 1);
  EXPECT_EQ(reader->reveals(0).detail(), story.refuge);
  EXPECT_EQ(reader->reveals(0).kind(), v1::PROTECTED_KIND_REFUGE_ADDRESS);
  EXPECT_EQ(reader->reveals(0).reason(), kReason);
  EXPECT_THAT(reader->field_classes(), Contains(v1::FIELD_CLASS_PROTECTED));
  // The detail itself is not told here.
  EXPECT_EQ(answer.SerializeAsString().find(kRefugeCanary), std::string::npos);
}

TEST_F(ReadersTest, CoversWhatWasBeforeItWasACase) {
  World& world = TheWorld();
  Story& waiting = world.At(rules::RECEIVED, v1::ROLE_IDVA);
  Person& early = world.Find("supervisor.own");
  v1::GetReferralRequest get;
  get.set_name(waiting.referral.name());
  ASSERT_OK(early.client.Call(&Referrals::GetReferral, get));
  v1::AcceptReferralRequest accept;
  accept.set_name(waiting.referral.name());
  accept.set_etag(waiting.referral.etag());
  accept.set_admit_reason("He is released tomorrow");
  ASSERT_OK_AND_ASSIGN(const v1::Referral accepted,
                       world.coordinator().Call(&Referrals::AcceptReferral, accept));
  ASSERT_OK_AND_ASSIGN(const v1::ListCaseReadersResponse answer, Ask(world.chair(), accepted.case_name()));
  const v1::CaseReader* reader = Find(answer, early.client.account());
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->deeds(0).words(), "opened the referral");
  // And its author, from the first draft on.
  EXPECT_NE(Find(answer, world.AuthorOf(v1::ROLE_IDVA).client.account()), nullptr);
  world.Spend(waiting);
}

TEST_F(ReadersTest, WhoeverIsRefusedIsNamedToo) {
  World& world = TheWorld();
  Story& story = world.At(rules::HEARD, v1::ROLE_REFERRER, /*shut_out=*/true);
  Person& shut = world.Find("idva.shut");
  EXPECT_THAT(Open(shut.client, story.record.name()), Refuses(absl::StatusCode::kNotFound, "not found"));
  EXPECT_THAT(Open(shut.client, story.record.name()), Refuses(absl::StatusCode::kNotFound, "not found"));
  ASSERT_OK_AND_ASSIGN(const v1::ListCaseReadersResponse answer, Ask(world.chair(), story.record.name()));
  const v1::CaseReader* reader = Find(answer, shut.client.account());
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->refused_count(), 2);
  EXPECT_EQ(reader->answered_count(), 0);
  EXPECT_THAT(reader->field_classes(), IsEmpty());
}

// Hidden means the same answer: a chair and an auditor who must not know of a case are told of none.
TEST_F(ReadersTest, WhoIsShutOutIsToldTheSameAsOfNoCase) {
  World& world = TheWorld();
  Story& story = world.At(rules::HEARD, v1::ROLE_REFERRER, /*shut_out=*/true);
  const std::string absent = std::string(kArea) + "/cases/00000000000000000000000000";
  for (const char* label : {"chair.shut", "auditor.shut"}) {
    const Client& client = world.Find(label).client;
    std::string hidden(Ask(client, story.record.name()).status().message());
    const size_t at = hidden.find(story.record.name());
    ASSERT_NE(at, std::string::npos) << hidden;
    hidden.replace(at, story.record.name().size(), absent);
    EXPECT_EQ(hidden, std::string(Ask(client, absent).status().message())) << label;
  }
}

TEST_F(ReadersTest, AskingIsAnEventOfTheCaseAndShowsNothingOfIt) {
  World& world = TheWorld();
  Story& story = Heard();
  Person& auditor = world.Find("auditor.uninvolved");
  ASSERT_OK(Ask(auditor.client, story.record.name()));
  const domain::AuditEvent event = NewestOf("marac.v1.AuditService/ListCaseReaders");
  EXPECT_EQ(event.account, auditor.client.account());
  EXPECT_THAT(event.subjects, Contains(story.record.name()));
  EXPECT_THAT(event.subject_classes, Each(0U));
  v1::ListEventsRequest list;
  list.set_parent(kArea);
  list.set_subject(story.record.name());
  ASSERT_OK(auditor.client.Call(&Audit::ListEvents, list));
  EXPECT_THAT(NewestOf("marac.v1.AuditService/ListEvents").subjects, Contains(story.record.name()));
  ASSERT_OK_AND_ASSIGN(const v1::ListCaseReadersResponse answer, Ask(world.chair(), story.record.name()));
  const v1::CaseReader* reader = Find(answer, auditor.client.account());
  ASSERT_NE(reader, nullptr);
  EXPECT_EQ(reader->answered_count(), 2);
}

TEST_F(ReadersTest, AListOfEventsOfOneRecordIsWholeAndHasNoOther) {
  World& world = TheWorld();
  Story& story = Heard();
  const std::string subject = story.referral.name();
  std::set<int64_t> expected;
  for (const Line& line : TheLog()) {
    if (std::ranges::count(line.event.subjects, subject) > 0) expected.insert(line.sequence);
  }
  std::set<int64_t> listed;
  v1::ListEventsRequest list;
  list.set_parent(kArea);
  list.set_subject(subject);
  list.set_page_size(3);
  do {
    ASSERT_OK_AND_ASSIGN(const v1::ListEventsResponse page,
                         world.Find("auditor.own").client.Call(&Audit::ListEvents, list));
    for (const v1::AuditRecord& event : page.events()) {
      EXPECT_THAT(event.subjects(), Contains(subject));
      // Listing them is an event of the record itself.
      if (event.sequence() <= *expected.rbegin()) listed.insert(event.sequence());
    }
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(listed, expected);
  EXPECT_THAT(expected, SizeIs(Gt(3U)));
}

// --- What an event says (security.md 5, Row) ---------------------------------------------------------------

TEST_F(ReadersTest, AChangeIsKnownByItsDigestsBeforeAndAfter) {
  World& world = TheWorld();
  Story& story = world.At(rules::ACCEPTED, v1::ROLE_REFERRER);
  const auto stored = [&] {
    std::string body;
    EXPECT_OK(world.server().host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const store::StoredRecord record,
                       store::LoadBody(tx, domain::ServerGrant(story.record.name())));
      body = record.body;
      return absl::OkStatus();
    }));
    return Sha256(body);
  };
  const std::string before = stored();
  ASSERT_OK_AND_ASSIGN(const v1::Case now, Open(world.coordinator(), story.record.name()));
  v1::RecordVictimContactRequest request;
  request.set_name(now.name());
  request.set_etag(now.etag());
  request.set_state(v1::VICTIM_CONTACT_STATE_ENGAGING);
  ASSERT_OK_AND_ASSIGN(story.record, world.idva().Call(&Cases::RecordVictimContact, request));
  const domain::AuditEvent event = NewestOf("marac.v1.CaseService/RecordVictimContact");
  EXPECT_EQ(event.digest_before, before);
  EXPECT_EQ(event.digest_after, stored());
  EXPECT_EQ(event.rule, "idva");
  EXPECT_EQ(event.role, "IDVA");
  EXPECT_GE(event.factor_age_s, 0);
  EXPECT_EQ(event.session_digest.size(), 16U);
  EXPECT_THAT(event.source, Not(IsEmpty()));
}

TEST_F(ReadersTest, WhatTheServerChangedBesideItIsTouchedAsWellAndShowsNothing) {
  // The last item was closed by the chair, and its case with it.
  World& world = TheWorld();
  Story& story = Heard();
  for (const Line& line : TheLog()) {
    if (line.event.method != "marac.v1.MeetingService/CloseItem" || !line.event.allowed) continue;
    const auto at = std::ranges::find(line.event.subjects, story.record.name());
    if (at == line.event.subjects.end()) continue;
    EXPECT_EQ(line.event.subject_classes.at(static_cast<size_t>(at - line.event.subjects.begin())), 0U);
    EXPECT_EQ(line.event.digest_before.size(), kHashBytes);
    EXPECT_EQ(line.event.digest_after.size(), kHashBytes);
    return;
  }
  FAIL() << "closing the item is no event of " << world.Find("chair.own").label << "'s case";
}

TEST_F(ReadersTest, ACirculationNamesItsRecipients) {
  Heard();
  const domain::AuditEvent circulated = NewestOf("marac.v1.MeetingService/CirculateAgenda");
  EXPECT_EQ(circulated.kind, domain::AuditKind::kDisclosure);
  EXPECT_THAT(circulated.recipients, ::testing::ElementsAre("agencies/health", "agencies/housing"));
  const domain::AuditEvent submitted = NewestOf("marac.v1.ReferralService/SubmitReferral");
  EXPECT_EQ(submitted.kind, domain::AuditKind::kDisclosure);
  EXPECT_THAT(submitted.recipients, Contains(kArea));
}

TEST_F(ReadersTest, AReasonIsBoundToTheLogWithoutItsWords) {
  World& world = TheWorld();
  ASSERT_OK(Reveal(world.idva(), Heard().refuge, kReason));
  const domain::AuditEvent one = NewestOf(kReveal);
  EXPECT_THAT(one.reason_code, ::testing::StartsWith("hmac-sha256:"));
  EXPECT_EQ(domain::EncodeAuditRecord(1, one).find("transport"), std::string::npos);
  ASSERT_OK(Reveal(world.idva(), Heard().refuge, "Another reason altogether"));
  EXPECT_NE(NewestOf(kReveal).reason_code, one.reason_code);
}

TEST_F(ReadersTest, ARefusalSaysWhichQuestionWasAnsweredWithNo) {
  World& world = TheWorld();
  Story& story = Heard();
  ASSERT_FALSE(Open(world.Find("representative.uninvolved").client, story.record.name()).ok());
  EXPECT_EQ(NewestOf("marac.v1.CaseService/GetCase").rule, "record");
  ASSERT_FALSE(Open(world.Find("steering-group.own").client, story.record.name()).ok());
  EXPECT_EQ(NewestOf("marac.v1.CaseService/GetCase").rule, "role");
  ASSERT_FALSE(Open(world.server().Nobody(), story.record.name()).ok());
  EXPECT_EQ(NewestOf("marac.v1.CaseService/GetCase").rule, "session");
}

// --- Privacy officers (security.md 5, Use) -----------------------------------------------------------------

class PrivacyOfficerTest : public ReadersTest {
 protected:
  static std::vector<v1::AuditRecord> AllEvents(const Client& client, const std::string& subject = "") {
    std::vector<v1::AuditRecord> events;
    v1::ListEventsRequest list;
    list.set_parent(kArea);
    list.set_subject(subject);
    list.set_page_size(100);
    do {
      const auto page = client.Call(&Audit::ListEvents, list);
      EXPECT_OK(page);
      if (!page.ok()) return events;
      events.insert(events.end(), page->events().begin(), page->events().end());
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty());
    return events;
  }
};

TEST_F(PrivacyOfficerTest, ReadsTheOwnPeopleAndOthersReadsOfTheOwnCasesAndNothingElse) {
  World& world = TheWorld();
  Story& story = Heard();  // Referred by housing.
  Person& idva = world.Find("idva.uninvolved");
  ASSERT_OK(Open(idva.client, story.record.name()));
  const std::string own = "agencies/housing";
  const std::set<std::string> own_records = [&] {
    std::set<std::string> names;
    EXPECT_OK(world.server().host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(store::Statement rows,
                       tx.Prepare("SELECT name FROM records WHERE scope IN (SELECT scope FROM records WHERE "
                                  "kind IN (6, 9) AND agency = 'agencies/housing')"));
      while (true) {
        ASSIGN_OR_RETURN(const bool found, rows.Step());
        if (!found) return absl::OkStatus();
        names.emplace(rows.Text(0));
      }
    }));
    return names;
  }();
  const std::vector<v1::AuditRecord> events = AllEvents(world.Find("privacy-officer.own").client);
  std::set<int64_t> listed;
  bool saw_the_stranger = false;
  for (const v1::AuditRecord& event : events) {
    listed.insert(event.sequence());
    if (event.agency() == own) continue;
    saw_the_stranger = saw_the_stranger || event.account() == idva.client.account();
    EXPECT_FALSE(event.subjects().empty());
    for (const std::string& subject : event.subjects()) {
      EXPECT_TRUE(own_records.contains(subject)) << subject << " in " << event.method();
    }
    EXPECT_TRUE(event.source().empty() && event.session().empty() && event.request_id().empty());
  }
  EXPECT_TRUE(saw_the_stranger);
  // Nothing that concerns the agency is left out either.
  for (const Line& line : TheLog()) {
    if (line.sequence > events.front().sequence()) break;
    const bool here = std::ranges::none_of(line.event.subjects, [](const std::string& subject) {
      return subject.starts_with("areas/") && !subject.starts_with("areas/test");
    });
    const bool touches = std::ranges::any_of(
        line.event.subjects, [&](const std::string& subject) { return own_records.contains(subject); });
    const bool expected = line.event.agency == own || touches;
    EXPECT_TRUE(!here || listed.contains(line.sequence) == expected)
        << line.event.method << " by " << line.event.account;
  }
}

TEST_F(PrivacyOfficerTest, OfAnotherAgencyReadsOfItOnlyWhatTheOwnPeopleDid) {
  World& world = TheWorld();
  Story& story = Heard();
  ASSERT_OK(Open(world.idva(), story.record.name()));
  const auto by_idva = [&](const std::string& officer) {
    int count = 0;
    for (const v1::AuditRecord& event : AllEvents(world.Find(officer).client, story.record.name())) {
      count += event.account() == world.idva().account() ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(by_idva("privacy-officer.uninvolved"), 0);
  EXPECT_GT(by_idva("privacy-officer.own"), 0);
}

TEST_F(PrivacyOfficerTest, WhoIsShutOutReadsOfItOnlyWhatTheOwnPeopleDid) {
  World& world = TheWorld();
  Story& story = world.At(rules::HEARD, v1::ROLE_REFERRER, /*shut_out=*/true);
  ASSERT_OK(Open(world.idva(), story.record.name()));
  for (const v1::AuditRecord& event :
       AllEvents(world.Find("privacy-officer.shut").client, story.record.name())) {
    EXPECT_EQ(event.agency(), "agencies/housing");
  }
}

TEST_F(PrivacyOfficerTest, MayNotAskWhoLookedNorTakeTheLog) {
  World& world = TheWorld();
  const Client& officer = world.Find("privacy-officer.own").client;
  EXPECT_THAT(Ask(officer, Heard().record.name()), Refuses(absl::StatusCode::kPermissionDenied, "your role"));
  EXPECT_THAT(officer.Call(&Audit::ReadLog, v1::ReadLogRequest()),
              Refuses(absl::StatusCode::kPermissionDenied, "your role"));
}

// --- The log itself ----------------------------------------------------------------------------------------

TEST_F(ReadersTest, TheLogIsReadAsItIsStoredPageByPage) {
  World& world = TheWorld();
  Heard();
  const Client& auditor = world.Find("auditor.own").client;
  v1::ReadLogRequest request;
  request.set_page_size(100);
  domain::ChainCheck chain;
  uint64_t next = 1;
  int64_t head = 0;
  std::string chain_before(domain::kChainStart);
  int withheld = 0;
  while (true) {
    request.set_from_sequence(static_cast<int64_t>(next));
    ASSERT_OK_AND_ASSIGN(const v1::ReadLogResponse page, auditor.Call(&Audit::ReadLog, request));
    EXPECT_LE(page.entries_size(), 100);
    EXPECT_EQ(page.origin(), "marac.test/audit");
    if (head == 0) head = page.head_sequence();
    for (const v1::LogEntry& entry : page.entries()) {
      ASSERT_EQ(entry.sequence(), static_cast<int64_t>(next++));
      ASSERT_EQ(domain::ChainHash(chain_before, entry.leaf()), entry.chain());
      chain_before = entry.chain();
      if (entry.record().empty()) {
        ++withheld;
        continue;
      }
      ASSERT_EQ(domain::LeafHash(entry.record()), entry.leaf());
      ASSERT_OK_AND_ASSIGN(const auto decoded, domain::DecodeAuditRecord(entry.record()));
      EXPECT_THAT(decoded.second.subjects, Not(Contains(::testing::StartsWith("areas/elsewhere"))));
    }
    if (static_cast<int64_t>(next) > head) break;
  }
  EXPECT_GT(head, 200);
  // What concerns another area alone is there as hashes.
  v1::GetAreaRequest get;
  get.set_name("areas/elsewhere");
  ASSERT_OK(world.Find("referrer.elsewhere").client.Call(&v1::DirectoryService::Stub::GetArea, get));
  const Line newest = TheLog().back();
  ASSERT_THAT(newest.event.subjects, Contains("areas/elsewhere"));
  request.set_from_sequence(newest.sequence);
  ASSERT_OK_AND_ASSIGN(const v1::ReadLogResponse page, auditor.Call(&Audit::ReadLog, request));
  EXPECT_THAT(page.entries(0).record(), IsEmpty());
  EXPECT_THAT(page.entries(0).leaf(), SizeIs(32));
  ASSERT_OK_AND_ASSIGN(const v1::ReadLogResponse theirs,
                       world.Find("auditor.elsewhere").client.Call(&Audit::ReadLog, request));
  EXPECT_THAT(theirs.entries(0).record(), Not(IsEmpty()));
}

}  // namespace
}  // namespace marac::testing
