// Documents through TLS against a real server: made for whoever may, read by whoever may read what they are
// of.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "domain/errors.h"
#include "store/records.h"
#include "tests/support/assessments.h"
#include "tests/support/complete_referral.h"
#include "tests/support/pdf.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Assessments = v1::AssessmentService::Stub;
using Documents = v1::DocumentService::Stub;

constexpr int64_t kPartBytes = 256 << 10;

v1::Assessment Start(const Client& by, const std::string& word = "Big Rob") {
  v1::StartAssessmentRequest start;
  start.set_parent(ServerFixture::kArea);
  start.set_presentation(v1::PRESENTATION_EASY_READ);
  start.mutable_victim()->mutable_name()->set_value("Maria Invented");
  start.add_perpetrators()->mutable_name()->set_value("Robert Invented");
  const v1::Assessment made = by.Call(&Assessments::StartAssessment, start).value();
  v1::RecordCommunicationProfileRequest profile;
  profile.set_name(made.name());
  profile.set_etag(made.etag());
  v1::PersonWord& person = *profile.mutable_profile()->add_person_words();
  person.set_perpetrator(1);
  person.set_word(word);
  return by.Call(&Assessments::RecordCommunicationProfile, profile).value();
}

absl::StatusOr<v1::Document> Print(const Client& by, const std::string& assessment,
                                   const std::string& request_id = "") {
  v1::PrintBookletRequest request;
  request.set_assessment(assessment);
  request.set_request_id(request_id);
  return by.Call(&Documents::PrintBooklet, request);
}

absl::StatusOr<v1::DocumentPart> Read(const Client& by, const std::string& name, int64_t offset = 0) {
  v1::ReadDocumentRequest request;
  request.set_name(name);
  request.set_offset(offset);
  return by.Call(&Documents::ReadDocument, request);
}

std::string Whole(const Client& by, const std::string& name) {
  std::string bytes;
  while (true) {
    const auto part = Read(by, name, static_cast<int64_t>(bytes.size()));
    EXPECT_OK(part.status());
    if (!part.ok() || part->data().empty()) return bytes;
    EXPECT_LE(part->data().size(), kPartBytes);
    bytes += part->data();
  }
}

class DocumentTest : public ::testing::Test {
 protected:
  // The referral that the assessment goes with, sent.
  void ReferAndSend(const v1::Assessment& assessment, std::string& referral) {
    v1::SaveDraftRequest save;
    save.set_parent(ServerFixture::kArea);
    *save.mutable_referral() = CompleteReferral();
    save.mutable_referral()->add_assessments(assessment.name());
    *save.mutable_safe_contact() = CompleteSafeContact();
    ASSERT_OK_AND_ASSIGN(const v1::Referral draft, author_.Call(&v1::ReferralService::Stub::SaveDraft, save));
    v1::SubmitReferralRequest submit;
    submit.set_name(draft.name());
    submit.set_etag(draft.etag());
    ASSERT_OK(author_.Call(&v1::ReferralService::Stub::SubmitReferral, submit).status());
    referral = draft.name();
  }

  ServerFixture& server_ = ServerFixture::Shared();
  const Client& author_ = server_.As("referrer.police");
};

TEST_F(DocumentTest, ACC46_ABookletIsMadeOfADraftAndReadBackAsItWasMade) {
  const v1::Assessment assessment = Start(author_);
  ASSERT_OK_AND_ASSIGN(const v1::Document document, Print(author_, assessment.name()));
  EXPECT_THAT(document.name(), StartsWith("areas/test/documents/"));
  EXPECT_EQ(document.kind(), v1::DOCUMENT_KIND_BOOKLET);
  EXPECT_EQ(document.of(), assessment.name());
  EXPECT_EQ(document.instrument(), "plain24-er@0.1");
  EXPECT_THAT(assessment.name(), EndsWith(document.reference()));
  EXPECT_EQ(document.maker(), author_.account());
  const std::string bytes = Whole(author_, document.name());
  EXPECT_EQ(static_cast<int64_t>(bytes.size()), document.size_bytes());
  EXPECT_EQ(Hex(Sha256(bytes)), document.sha256());
  // The stand-in for marac-render gives back what it is given: nothing of it is the assessment's.
  EXPECT_THAT(bytes, HasSubstr("Did Big Rob hurt your body this time?"));
  for (const char* hidden : {"Maria", "Robert", "Invented"}) EXPECT_THAT(bytes, Not(HasSubstr(hidden)));
}

TEST_F(DocumentTest, IsReadInParts) {
  // As long a word as may be, in a question of each of some 60 pages, does not fill two parts; so the
  // renderer does.
  ServerFixture server;
  server.PrintInEarnest({.time_max = absl::Seconds(60),
                         .script = "import sys; sys.stdin.read(); sys.stdout.write('%PDF-' + '7' * 600000)"});
  const Client& author = server.As("referrer.police");
  ASSERT_OK_AND_ASSIGN(const v1::Document document, Print(author, Start(author).name()));
  EXPECT_EQ(document.size_bytes(), 600005);
  for (const auto& [offset, size] :
       std::vector<std::pair<int64_t, int64_t>>{{0, kPartBytes},
                                                {kPartBytes, kPartBytes},
                                                {2 * kPartBytes, 600005 - 2 * kPartBytes},
                                                {600004, 1},
                                                {600005, 0}}) {
    ASSERT_OK_AND_ASSIGN(const v1::DocumentPart part, Read(author, document.name(), offset));
    EXPECT_EQ(static_cast<int64_t>(part.data().size()), size) << offset;
    EXPECT_EQ(part.offset(), offset);
    EXPECT_EQ(part.size_bytes(), 600005);
    EXPECT_EQ(part.sha256(), document.sha256());
  }
  EXPECT_EQ(Hex(Sha256(Whole(author, document.name()))), document.sha256());
  for (const int64_t offset : {int64_t{-1}, int64_t{600006}}) {
    EXPECT_THAT(Read(author, document.name(), offset), Refuses(StatusCode::kInvalidArgument, "offset"));
  }
}

TEST_F(DocumentTest, TheSameRequestMakesOneDocument) {
  const v1::Assessment assessment = Start(author_);
  const std::string id = "3f2c9a54-7d0e-4b52-9c7b-0a1f6d2e8b11";
  ASSERT_OK_AND_ASSIGN(const v1::Document first, Print(author_, assessment.name(), id));
  ASSERT_OK_AND_ASSIGN(const v1::Document again, Print(author_, assessment.name(), id));
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_THAT(Print(author_, Start(author_).name(), id), Refuses(StatusCode::kInvalidArgument, "request_id"));
}

TEST_F(DocumentTest, IsHiddenFromWhomeverItsAssessmentIsHiddenFrom) {
  const v1::Assessment assessment = Start(author_);
  ASSERT_OK_AND_ASSIGN(const v1::Document document, Print(author_, assessment.name()));
  std::string absent = document.name();
  absent.replace(absent.size() - 4, 4, "0000");
  for (const char* login :
       {"referrer.housing", "coordinator.council", "chair.police", "idva.idva", "representative.police"}) {
    const Client& other = server_.As(login);
    const absl::Status hidden = Read(other, document.name()).status();
    EXPECT_THAT(hidden, Refuses(StatusCode::kNotFound, document.name())) << login;
    std::string text(hidden.message());
    text.replace(text.find(document.name()), document.name().size(), absent);
    EXPECT_EQ(std::string(Read(other, absent).status().message()), text);
  }
  // Whoever may read the assessment may read what was made of it; only its assessor has it made.
  EXPECT_OK(Read(server_.As("supervisor.police"), document.name()).status());
  for (const char* login : {"supervisor.police", "referrer.housing", "coordinator.council"}) {
    EXPECT_THAT(Print(server_.As(login), assessment.name()),
                Refuses(StatusCode::kNotFound, assessment.name()));
  }
  for (const char* login : {"chair.police", "admin.council", "auditor.council"}) {
    EXPECT_THAT(Print(server_.As(login), assessment.name()), Refuses(StatusCode::kPermissionDenied, "role"));
  }
}

TEST_F(DocumentTest, GoesWhereItsAssessmentGoes) {
  const v1::Assessment assessment = Start(author_);
  ASSERT_OK_AND_ASSIGN(const v1::Document document, Print(author_, assessment.name()));
  EXPECT_THAT(Read(server_.As("coordinator.council"), document.name()), Refuses(StatusCode::kNotFound, ""));
  std::string referral;
  ASSERT_NO_FATAL_FAILURE(ReferAndSend(assessment, referral));
  v1::GetAssessmentRequest get;
  get.set_name(assessment.name());
  ASSERT_OK(server_.As("coordinator.council").Call(&Assessments::GetAssessment, get).status());
  EXPECT_OK(Read(server_.As("coordinator.council"), document.name()).status());
  EXPECT_THAT(Read(server_.As("referrer.housing"), document.name()), Refuses(StatusCode::kNotFound, ""));
  // And whoever looked at the case is asked of it too.
  EXPECT_OK(server_.host().database().Peek([&](store::ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const domain::RecordFacts facts, store::LoadFacts(tx, referral));
    ASSIGN_OR_RETURN(const std::vector<std::string> records, store::RecordsIn(tx, facts.scope));
    EXPECT_THAT(records, Contains(document.name()));
    return absl::OkStatus();
  }));
}

TEST_F(DocumentTest, WhatChangedWhileItWasMadeIsNotKept) {
  ServerFixture server;
  server.PrintInEarnest({.time_max = absl::Seconds(60),
                         .script = "import sys, time; data = sys.stdin.read(); time.sleep(2); "
                                   "sys.stdout.write('%PDF-' + data)"});
  const Client& author = server.As("referrer.police");
  const v1::Assessment assessment = Start(author, "Big Rob");
  absl::Status printed;
  std::thread printing([&] { printed = Print(author, assessment.name()).status(); });
  absl::SleepFor(absl::Milliseconds(700));
  v1::RecordCommunicationProfileRequest profile;
  profile.set_name(assessment.name());
  profile.set_etag(assessment.etag());
  *profile.mutable_profile() = assessment.communication();
  profile.mutable_profile()->mutable_person_words(0)->set_word("my dad");
  EXPECT_OK(author.Call(&Assessments::RecordCommunicationProfile, profile).status());
  printing.join();
  EXPECT_THAT(printed, Refuses(StatusCode::kAborted, "changed"));
  EXPECT_OK(Print(author, assessment.name()).status());
}

TEST_F(DocumentTest, IsMadeOfADraftAlone) {
  v1::Assessment assessment = Start(author_);
  ASSERT_OK_AND_ASSIGN(const v1::Document document, Print(author_, assessment.name()));
  v1::CompleteAssessmentRequest stop;
  stop.set_name(assessment.name());
  stop.set_etag(assessment.etag());
  stop.set_stop_reason("The person went home");
  stop.mutable_judgement()->set_text("She is afraid, and has somewhere safe to be.");
  ASSERT_OK(author_.Call(&Assessments::CompleteAssessment, stop).status());
  const absl::Status refused = Print(author_, assessment.name()).status();
  EXPECT_THAT(refused, Refuses(StatusCode::kFailedPrecondition, "draft"));
  EXPECT_EQ(domain::DetailOf(refused).reason(), "WRONG_STATE");
  // What was made before stays: it holds no answer.
  EXPECT_OK(Read(author_, document.name()).status());
}

v1::Assessment WithWord(const Client& by, const v1::Assessment& assessment, const std::string& word) {
  v1::RecordCommunicationProfileRequest profile;
  profile.set_name(assessment.name());
  profile.set_etag(assessment.etag());
  *profile.mutable_profile() = assessment.communication();
  profile.mutable_profile()->mutable_person_words(0)->set_word(word);
  return by.Call(&Assessments::RecordCommunicationProfile, profile).value();
}

// Every press made another, and after twenty there was none to be had any more.
TEST_F(DocumentTest, WhatIsThereAlreadyIsNotMadeAgain) {
  ServerFixture server;
  server.PrintInEarnest({.time_max = absl::Seconds(60),
                         .script = "import sys, time; data = sys.stdin.read(); "
                                   "sys.stdout.write('%PDF-' + str(time.time_ns()) + data)"});
  const Client& author = server.As("referrer.police");
  v1::Assessment assessment = Start(author, "Big Rob");
  ASSERT_OK_AND_ASSIGN(const v1::Document first, Print(author, assessment.name()));
  for (int i = 0; i < 25; ++i) {
    ASSERT_OK_AND_ASSIGN(const v1::Document again, Print(author, assessment.name()));
    ASSERT_EQ(again.SerializeAsString(), first.SerializeAsString()) << i;
  }
  assessment = WithWord(author, assessment, "my dad");
  ASSERT_OK_AND_ASSIGN(const v1::Document other, Print(author, assessment.name()));
  EXPECT_NE(other.name(), first.name());
  assessment = WithWord(author, assessment, "Big Rob");
  EXPECT_EQ(Print(author, assessment.name())->name(), first.name());
}

TEST_F(DocumentTest, OneAssessmentHasOnlySoManyThatDiffer) {
  v1::Assessment assessment = Start(author_);
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK(Print(author_, assessment.name()).status());
    assessment = WithWord(author_, assessment, fmt::format("word {}", i));
  }
  const absl::Status refused = Print(author_, assessment.name()).status();
  EXPECT_EQ(domain::DetailOf(refused).reason(), "TOO_MANY_DOCUMENTS");
  WithWord(author_, assessment, "word 7");
  EXPECT_OK(Print(author_, assessment.name()).status()) << "one of them is used";
}

TEST_F(DocumentTest, MakingAndReadingAreInTheLog) {
  const v1::Assessment assessment = Start(author_);
  ASSERT_OK_AND_ASSIGN(const v1::Document document, Print(author_, assessment.name()));
  ASSERT_OK(Read(author_, document.name()).status());
  v1::ListEventsRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_page_size(100);
  const auto events = server_.As("auditor.council").Call(&v1::AuditService::Stub::ListEvents, request);
  ASSERT_OK(events.status());
  int made = 0;
  int read = 0;
  for (const v1::AuditRecord& event : events->events()) {
    const bool about = std::ranges::count(event.subjects(), document.name()) > 0;
    made += about && event.method() == "marac.v1.DocumentService/PrintBooklet" ? 1 : 0;
    read += about && event.method() == "marac.v1.DocumentService/ReadDocument" ? 1 : 0;
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(read, 1);
}

TEST_F(DocumentTest, AFailureMakesNothingAndSaysNothing) {
  ServerFixture server;
  server.PrintInEarnest({.time_max = absl::Seconds(60), .script = "import sys; sys.exit('Big Rob')"});
  const Client& author = server.As("referrer.police");
  const v1::Assessment assessment = Start(author);
  const absl::Status failed = Print(author, assessment.name()).status();
  EXPECT_EQ(failed.code(), StatusCode::kInternal);
  EXPECT_THAT(std::string(failed.message()), Not(HasSubstr("Rob")));
  EXPECT_OK(author
                .Call(&Assessments::GetAssessment,
                      [&] {
                        v1::GetAssessmentRequest get;
                        get.set_name(assessment.name());
                        return get;
                      }())
                .status());
}

TEST_F(DocumentTest, ACC46_IsAPdfInEarnest) {
  ServerFixture server;
  server.PrintInEarnest();
  const Client& author = server.As("referrer.police");
  ASSERT_OK_AND_ASSIGN(const v1::Document document, Print(author, Start(author, "O'Brien & <Sons>").name()));
  const std::string pdf = Whole(author, document.name());
  EXPECT_EQ(Hex(Sha256(pdf)), document.sha256());
  EXPECT_THAT(PagesOfPdf(pdf), Contains(HasSubstr("O'Brien & <Sons>")));
}

}  // namespace
}  // namespace marac::testing
