// Referrals from draft to triage, and the cases that come of them, tried through TLS against a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/ids.h"
#include "base/status_macros.h"
#include "domain/case_number.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "tests/support/complete_referral.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using domain::DetailOf;
using domain::FromTimestamp;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using Referrals = v1::ReferralService::Stub;
using Cases = v1::CaseService::Stub;
using Assessments = v1::AssessmentService::Stub;

constexpr char kArea[] = "areas/test";

// People nobody else in this program has, and an incident five days ago.
class ReferralServiceTest : public ::testing::Test {
 protected:
  ReferralServiceTest() : family_("Fam" + IdSource().NewId().substr(0, 8)) {}

  ServerFixture& server_ = ServerFixture::Shared();
  const Client& police_ = server_.As("referrer.police");
  const Client& housing_ = server_.As("referrer.housing");
  const Client& idva_ = server_.As("idva.idva");
  const Client& coordinator_ = server_.As("coordinator.council");

  v1::Day DaysAgo(int days) { return domain::DateOf(server_.Now()).AddDays(-days).ToDay(); }

  v1::SaveDraftRequest Complete() {
    v1::SaveDraftRequest request;
    request.set_parent(kArea);
    v1::Referral& referral = *request.mutable_referral() = CompleteReferral();
    referral.mutable_victim()->mutable_name()->set_value("Maria " + family_);
    referral.mutable_perpetrators(0)->mutable_name()->set_value("Robert " + family_);
    referral.mutable_children(0)->mutable_name()->set_value("Sam " + family_);
    for (v1::Party* party :
         {referral.mutable_victim(), referral.mutable_perpetrators(0), referral.mutable_children(0)}) {
      party->mutable_address()->mutable_lines()->set_value("12 " + family_ + " Street");
    }
    *referral.mutable_reason()->mutable_latest_incident()->mutable_day() = DaysAgo(5);
    *request.mutable_safe_contact() = CompleteSafeContact();
    return request;
  }

  // The victim and the perpetrator changed over.
  v1::SaveDraftRequest CounterAllegation() {
    v1::SaveDraftRequest request = Complete();
    v1::Referral& referral = *request.mutable_referral();
    referral.mutable_victim()->Swap(referral.mutable_perpetrators(0));
    referral.mutable_perpetrators(0)->mutable_relationship_to_victim()->set_value("PARTNER");
    return request;
  }

  v1::SaveDraftRequest Excluding(const std::string& person) {
    v1::SaveDraftRequest request = Complete();
    request.mutable_referral()->set_has_excluded_people(v1::YES_NO_YES);
    request.add_excluded_people()->set_person(person);
    return request;
  }

  absl::StatusOr<v1::Referral> Save(const Client& client, const v1::SaveDraftRequest& request) {
    return client.Call(&Referrals::SaveDraft, request);
  }
  absl::StatusOr<v1::Referral> Submit(const Client& client, const v1::Referral& referral) {
    v1::SubmitReferralRequest request;
    request.set_name(referral.name());
    request.set_etag(referral.etag());
    return client.Call(&Referrals::SubmitReferral, request);
  }
  v1::Referral Send(const Client& client, const v1::SaveDraftRequest& request) {
    const absl::StatusOr<v1::Referral> saved = Save(client, request);
    EXPECT_OK(saved);
    if (!saved.ok()) return v1::Referral();
    absl::StatusOr<v1::Referral> sent = Submit(client, *saved);
    EXPECT_OK(sent);
    return sent.ok() ? *sent : v1::Referral();
  }
  v1::Referral Send(const Client& client) { return Send(client, Complete()); }

  absl::StatusOr<v1::Referral> Get(const Client& client, const std::string& name) {
    v1::GetReferralRequest request;
    request.set_name(name);
    return client.Call(&Referrals::GetReferral, request);
  }
  absl::StatusOr<v1::Case> GetCase(const Client& client, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_name(name);
    return client.Call(&Cases::GetCase, request);
  }
  absl::StatusOr<v1::ProtectedDetail> Reveal(const Client& client, const std::string& name,
                                             const std::string& reason = "") {
    v1::RevealDetailRequest request;
    request.set_name(name);
    request.set_reason(reason);
    return client.Call(&Cases::RevealDetail, request);
  }

  v1::AcceptReferralRequest AcceptRequest(const v1::Referral& referral) {
    v1::AcceptReferralRequest request;
    request.set_name(referral.name());
    // The coordinator read it after the author sent it.
    request.set_etag(Get(coordinator_, referral.name())->etag());
    return request;
  }
  absl::StatusOr<v1::Referral> Accept(const v1::AcceptReferralRequest& request) {
    return coordinator_.Call(&Referrals::AcceptReferral, request);
  }
  v1::Case AcceptedCase(const v1::Referral& referral) {
    const absl::StatusOr<v1::Referral> accepted = Accept(AcceptRequest(referral));
    EXPECT_OK(accepted);
    if (!accepted.ok()) return v1::Case();
    absl::StatusOr<v1::Case> record = GetCase(coordinator_, accepted->case_name());
    EXPECT_OK(record);
    return record.ok() ? *record : v1::Case();
  }

  v1::MarkDuplicateRequest DuplicateRequest(const v1::Referral& referral, const v1::Referral& other) {
    v1::MarkDuplicateRequest request;
    request.set_name(referral.name());
    request.set_etag(Get(coordinator_, referral.name())->etag());
    request.set_duplicate_of(other.name());
    return request;
  }

  // The entry of a referral that names one.
  v1::ExcludedPerson OnlyExcluded(const v1::Referral& referral) {
    v1::ListExcludedPeopleRequest request;
    request.set_referral(referral.name());
    const absl::StatusOr<v1::ListExcludedPeopleResponse> people =
        coordinator_.Call(&Referrals::ListExcludedPeople, request);
    EXPECT_OK(people);
    EXPECT_EQ(people.ok() ? people->excluded_people_size() : 0, 1);
    return people.ok() && people->excluded_people_size() == 1 ? people->excluded_people(0)
                                                              : v1::ExcludedPerson();
  }
  absl::StatusOr<v1::ExcludedPerson> Answer(const v1::ExcludedPerson& person, v1::ExclusionAnswer answer,
                                            const std::string& account = "") {
    v1::ResolveExcludedPersonRequest request;
    request.set_name(person.name());
    request.set_answer(answer);
    request.set_account(account);
    return coordinator_.Call(&Referrals::ResolveExcludedPerson, request);
  }

  // An IDVA of this test alone, and how to sign in as them.
  std::pair<v1::Account, std::string> Worker(const std::string& who) {
    std::string login = who + "." + family_;
    for (char& c : login) c = static_cast<char>(std::tolower(c));
    return {server_.AddAccount(login, "idva", {v1::ROLE_IDVA}), login};
  }

  // Everybody who holds this role in the area.
  absl::StatusOr<std::vector<v1::Account>> Coordinators() {
    v1::ListAccountsRequest request;
    request.set_page_size(100);
    std::vector<v1::Account> held;
    do {
      ASSIGN_OR_RETURN(const v1::ListAccountsResponse page,
                       server_.As("admin.council").Call(&v1::DirectoryService::Stub::ListAccounts, request));
      for (const v1::Account& account : page.accounts()) {
        const bool is_one = std::ranges::any_of(account.roles(), [](const v1::RoleGrant& grant) {
          return grant.role() == v1::ROLE_COORDINATOR && grant.area() == kArea;
        });
        if (is_one) held.push_back(account);
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return held;
  }
  absl::Status Suspend(v1::Account account) {
    v1::UpdateAccountRequest request;
    account.set_suspended(true);
    *request.mutable_account() = account;
    return server_.As("admin.council").Call(&v1::DirectoryService::Stub::UpdateAccount, request).status();
  }

  absl::StatusOr<v1::FindMatchesResponse> FindMatches(const Client& client, const std::string& name) {
    v1::FindMatchesRequest request;
    request.set_name(name);
    return client.Call(&Referrals::FindMatches, request);
  }

  // Names in the queue, as one caller sees it.
  std::vector<std::string> Queue(const Client& client) {
    std::vector<std::string> names;
    v1::ListReferralsRequest request;
    request.set_parent(kArea);
    request.set_state(v1::REFERRAL_STATE_SUBMITTED);
    request.set_page_size(100);
    do {
      const absl::StatusOr<v1::ListReferralsResponse> page = client.Call(&Referrals::ListReferrals, request);
      EXPECT_OK(page);
      if (!page.ok()) break;
      for (const v1::Referral& referral : page->referrals()) names.push_back(referral.name());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return names;
  }

  std::string family_;
};

const v1::ProtectedDetailMask* FindMask(
    const google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask>& masks, v1::ProtectedKind kind) {
  for (const v1::ProtectedDetailMask& mask : masks) {
    if (mask.kind() == kind) return &mask;
  }
  return nullptr;
}

TEST_F(ReferralServiceTest, ADraftIsItsAuthorsAndNobodyElseMeetsIt) {
  ASSERT_OK_AND_ASSIGN(const v1::Referral draft, Save(police_, Complete()));
  EXPECT_EQ(draft.state(), v1::REFERRAL_STATE_DRAFT);
  EXPECT_EQ(draft.author(), police_.account());
  EXPECT_EQ(draft.referrer().agency(), "agencies/police");
  EXPECT_OK(Get(police_, draft.name()));
  for (const Client* other : {&housing_, &idva_, &coordinator_, &server_.As("chair.police"),
                              &server_.As("representative.police")}) {
    EXPECT_THAT(Get(*other, draft.name()), Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  }
}

TEST_F(ReferralServiceTest, R14AnIncompleteDraftIsSavedAndItsSubmissionNamesWhatIsMissing) {
  v1::SaveDraftRequest request = Complete();
  request.mutable_referral()->mutable_victim()->clear_ethnicity();
  request.clear_safe_contact();
  ASSERT_OK_AND_ASSIGN(v1::Referral draft, Save(police_, request));
  EXPECT_THAT(draft.missing_fields(), Contains("referral.victim.ethnicity"));
  EXPECT_THAT(draft.missing_fields(), Contains("safe_contact.safe_to_call"));
  const absl::Status refused = Submit(police_, draft).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(DetailOf(refused).reason(), "NOT_COMPLETE");
  EXPECT_EQ(DetailOf(refused).field_violations_size(), draft.missing_fields_size());
  EXPECT_THAT(Queue(idva_), Not(Contains(draft.name())));

  v1::SaveDraftRequest completed = Complete();
  *completed.mutable_referral()->mutable_name() = draft.name();
  *completed.mutable_referral()->mutable_etag() = draft.etag();
  ASSERT_OK_AND_ASSIGN(draft, Save(police_, completed));
  EXPECT_THAT(draft.missing_fields(), IsEmpty());
  EXPECT_OK(Submit(police_, draft));
}

TEST_F(ReferralServiceTest, R14AnUrgentReferralIsSentWithFourThings) {
  v1::SaveDraftRequest request;
  request.set_parent(kArea);
  v1::Referral& referral = *request.mutable_referral();
  referral.set_urgent(true);
  referral.mutable_victim()->mutable_description()->set_value("woman, about 30");
  referral.mutable_reason()->set_why_now("he is outside");
  referral.mutable_victim_voice()->set_consent(v1::YES_NO_YES);
  ASSERT_OK_AND_ASSIGN(const v1::Referral without_contact, Save(police_, request));
  EXPECT_THAT(Submit(police_, without_contact), Refuses(StatusCode::kFailedPrecondition, "safe_contact"));
  request.mutable_safe_contact()->set_do_not_contact(true);
  const v1::Referral sent = Send(police_, request);
  EXPECT_THAT(Queue(idva_), Contains(sent.name()));
  EXPECT_THAT(sent.missing_fields(), Contains("referral.perpetrators"));

  // The author gives the rest while it waits, and it leaves nobody's sight.
  v1::SaveDraftRequest rest = Complete();
  rest.mutable_referral()->set_name(sent.name());
  rest.mutable_referral()->set_etag(sent.etag());
  rest.mutable_referral()->mutable_reason()->set_why_now("he is outside");
  ASSERT_OK_AND_ASSIGN(const v1::Referral completed, Save(police_, rest));
  EXPECT_THAT(completed.missing_fields(), IsEmpty());
  EXPECT_THAT(Queue(idva_), Contains(sent.name()));
  const v1::Referral other = Send(housing_);
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, other.name()));
  EXPECT_EQ(matches.candidates_size(), 1) << "and is found by what was given";
  rest.mutable_referral()->set_etag(completed.etag());
  rest.mutable_safe_contact()->Clear();
  EXPECT_THAT(Save(police_, rest), Refuses(StatusCode::kFailedPrecondition, "safe_contact"));
}

TEST_F(ReferralServiceTest, R14TheCoordinatorTypesWhatTheAuthorSaysOnTheTelephone) {
  v1::SaveDraftRequest request;
  request.set_parent(kArea);
  v1::Referral& referral = *request.mutable_referral();
  referral.set_urgent(true);
  referral.mutable_victim()->mutable_name()->set_value("Maria " + family_);
  referral.mutable_reason()->set_why_now("he is outside");
  referral.mutable_victim_voice()->set_consent(v1::YES_NO_YES);
  request.mutable_safe_contact()->set_safe_to_call(v1::YES_NO_YES);
  const v1::Referral sent = Send(police_, request);
  EXPECT_THAT(sent.missing_fields(), Contains("safe_contact.safe_times"));

  v1::CompleteReferralRequest add;
  add.mutable_referral()->set_name(sent.name());
  add.mutable_referral()->set_etag(Get(coordinator_, sent.name())->etag());
  add.mutable_referral()->mutable_victim()->mutable_gender()->set_value("female");
  add.mutable_referral()->add_perpetrators()->mutable_name()->set_value("Robert " + family_);
  add.mutable_safe_contact()->mutable_safe_times()->set_value("mornings");
  EXPECT_THAT(coordinator_.Call(&Referrals::CompleteReferral, add),
              Refuses(StatusCode::kInvalidArgument, "told_by"));
  add.set_told_by("PC Shah, by telephone");
  EXPECT_THAT(housing_.Call(&Referrals::CompleteReferral, add), Refuses(StatusCode::kNotFound, "not open"));
  ASSERT_OK_AND_ASSIGN(const v1::Referral added, coordinator_.Call(&Referrals::CompleteReferral, add));
  EXPECT_EQ(added.victim().gender().value(), "female");
  EXPECT_EQ(added.author(), police_.account()) << "what was said stays the author's";
  EXPECT_EQ(added.agency(), "agencies/police");
  EXPECT_EQ(added.referrer().agency(), "agencies/police");
  ASSERT_EQ(added.additions_size(), 1);
  EXPECT_EQ(added.additions(0).account(), coordinator_.account());
  EXPECT_THAT(added.missing_fields(), Not(Contains("referral.victim.gender")));
  EXPECT_THAT(added.missing_fields(), Not(Contains("safe_contact.safe_times")));
  EXPECT_THAT(added.missing_fields(), Contains("referral.perpetrators[0].birth_date"));
  ASSERT_OK_AND_ASSIGN(const v1::ProtectedDetail contact, Reveal(idva_, added.protected_details(0).detail()));
  EXPECT_EQ(contact.safe_contact().safe_to_call(), v1::YES_NO_YES);
  EXPECT_EQ(contact.safe_contact().safe_times().value(), "mornings");

  add.mutable_referral()->set_etag(added.etag());
  add.mutable_referral()->mutable_victim()->mutable_name()->set_value("Somebody else");
  EXPECT_THAT(coordinator_.Call(&Referrals::CompleteReferral, add),
              Refuses(StatusCode::kInvalidArgument, "referral.victim.name"));
  // The author may as well, and sees who added what.
  v1::CompleteReferralRequest own;
  own.mutable_referral()->set_name(sent.name());
  own.mutable_referral()->set_etag(Get(police_, sent.name())->etag());
  own.mutable_referral()->mutable_victim()->mutable_ethnicity()->set_value("White British");
  ASSERT_OK_AND_ASSIGN(const v1::Referral completed, police_.Call(&Referrals::CompleteReferral, own));
  ASSERT_EQ(completed.additions_size(), 2);
  EXPECT_EQ(completed.additions(0).told_by(), "PC Shah, by telephone");
  EXPECT_EQ(completed.additions(1).account(), police_.account());
}

TEST_F(ReferralServiceTest, R15TheSafeContactOfASentReferralIsCorrectedByThoseWhoMayLearnOfIt) {
  const v1::Referral sent = Send(police_);
  v1::CorrectReferralSafeContactRequest request;
  request.set_name(sent.name());
  request.mutable_safe_contact()->set_do_not_contact(true);
  request.set_reason("he answers that number now");
  for (const Client* who : {&police_, &idva_, &coordinator_}) {
    request.set_etag(Get(*who, sent.name())->etag());
    ASSERT_OK_AND_ASSIGN(const v1::Referral corrected,
                         who->Call(&Referrals::CorrectReferralSafeContact, request));
    ASSERT_EQ(corrected.protected_details_size(), 1);
    EXPECT_TRUE(corrected.protected_details(0).do_not_contact());
    EXPECT_THAT(corrected.missing_fields(), IsEmpty());
  }
  EXPECT_THAT(housing_.Call(&Referrals::CorrectReferralSafeContact, request),
              Refuses(StatusCode::kNotFound, "not open to you"));
  ASSERT_OK_AND_ASSIGN(const v1::ProtectedDetail shown, Reveal(idva_, sent.protected_details(0).detail()));
  EXPECT_TRUE(shown.safe_contact().do_not_contact());
  EXPECT_EQ(shown.correction().account(), coordinator_.account());
  // A correction in two words does not make a complete referral incomplete: it can still be added to.
  v1::CorrectReferralSafeContactRequest in_short = request;
  in_short.set_etag(Get(coordinator_, sent.name())->etag());
  in_short.mutable_safe_contact()->Clear();
  in_short.mutable_safe_contact()->set_safe_to_text(v1::YES_NO_YES);
  ASSERT_OK_AND_ASSIGN(const v1::Referral in_short_now,
                       coordinator_.Call(&Referrals::CorrectReferralSafeContact, in_short));
  v1::CompleteReferralRequest add;
  add.mutable_referral()->set_name(sent.name());
  add.mutable_referral()->set_etag(in_short_now.etag());
  add.mutable_referral()->add_others_at_risk()->mutable_name()->set_value("A lodger");
  add.set_told_by("PC Shah, by telephone");
  ASSERT_OK(coordinator_.Call(&Referrals::CompleteReferral, add));
  request.set_etag(Get(coordinator_, sent.name())->etag());
  ASSERT_OK(coordinator_.Call(&Referrals::CorrectReferralSafeContact, request));
  // It goes into the case, and is corrected there from then on.
  const v1::Case record = AcceptedCase(sent);
  EXPECT_TRUE(record.protected_details(0).do_not_contact());
  request.set_etag(Get(idva_, sent.name())->etag());
  EXPECT_EQ(DetailOf(idva_.Call(&Referrals::CorrectReferralSafeContact, request).status()).reason(),
            "ALREADY_ACCEPTED");
}

TEST_F(ReferralServiceTest, ADayThatDoesNotExistIsRefusedAndNothingIsKept) {
  v1::SaveDraftRequest request = Complete();
  SetDay(*request.mutable_referral()->mutable_victim()->mutable_birth_date()->mutable_day(), 1990, 2, 31);
  EXPECT_THAT(Save(police_, request), Refuses(StatusCode::kInvalidArgument, "referral.victim.birth_date"));
}

TEST_F(ReferralServiceTest, SomebodyElsesSaveInBetweenIsNotOverwritten) {
  v1::SaveDraftRequest request = Complete();
  ASSERT_OK_AND_ASSIGN(const v1::Referral first, Save(police_, request));
  request.mutable_referral()->set_name(first.name());
  request.mutable_referral()->set_etag(first.etag());
  ASSERT_OK_AND_ASSIGN(const v1::Referral second, Save(police_, request));
  EXPECT_NE(first.etag(), second.etag());
  EXPECT_THAT(Save(police_, request), Refuses(StatusCode::kAborted, "somebody changed it"));
}

TEST_F(ReferralServiceTest, ARepeatedSubmissionMakesNoSecondReferral) {
  ASSERT_OK_AND_ASSIGN(const v1::Referral draft, Save(police_, Complete()));
  v1::SubmitReferralRequest request;
  request.set_name(draft.name());
  request.set_etag(draft.etag());
  request.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const v1::Referral first, police_.Call(&Referrals::SubmitReferral, request));
  ASSERT_OK_AND_ASSIGN(const v1::Referral again, police_.Call(&Referrals::SubmitReferral, request));
  EXPECT_EQ(first.etag(), again.etag());
  EXPECT_EQ(first.SerializeAsString().size(), again.SerializeAsString().size());
  const std::vector<std::string> queue = Queue(coordinator_);
  EXPECT_EQ(std::ranges::count(queue, draft.name()), 1);
}

TEST_F(ReferralServiceTest, ASubmittedReferralIsInTheQueueAtOnceAndTheLongestWaitingComesFirst) {
  const v1::Referral first = Send(police_);
  for (const Client* client : {&idva_, &coordinator_}) EXPECT_THAT(Queue(*client), Contains(first.name()));
  const v1::Referral second = Send(housing_);
  const std::vector<std::string> queue = Queue(idva_);
  EXPECT_LT(std::ranges::find(queue, first.name()), std::ranges::find(queue, second.name()));
  EXPECT_NE(std::ranges::find(queue, second.name()), queue.end());
  EXPECT_THAT(Queue(server_.As("representative.health")), Not(Contains(first.name())));
}

TEST_F(ReferralServiceTest, R06AnEntryOnBehalfWaitsFromTheDayTheLetterCame) {
  const v1::Referral typed_before = Send(police_);
  v1::SaveDraftRequest request = Complete();
  v1::Referrer& referrer = *request.mutable_referral()->mutable_referrer();
  referrer.set_on_behalf(true);
  referrer.set_agency("agencies/health");
  referrer.set_route(v1::REFERRAL_ROUTE_POST);
  const absl::Time received = server_.Now() - absl::Hours(72);
  *referrer.mutable_receive_time() = domain::ToTimestamp(received);
  EXPECT_THAT(Save(police_, request), Refuses(StatusCode::kPermissionDenied, "referral.referrer.on_behalf"));
  const v1::Referral letter = Send(coordinator_, request);
  EXPECT_EQ(absl::ToUnixMicros(FromTimestamp(letter.receive_time())), absl::ToUnixMicros(received));
  EXPECT_EQ(letter.referrer().typed_by(), coordinator_.account());
  const std::vector<std::string> queue = Queue(coordinator_);
  EXPECT_LT(std::ranges::find(queue, letter.name()), std::ranges::find(queue, typed_before.name()));
  *request.mutable_referral()->mutable_referrer()->mutable_receive_time() =
      domain::ToTimestamp(server_.Now() + absl::Hours(1));
  EXPECT_THAT(Save(coordinator_, request),
              Refuses(StatusCode::kInvalidArgument, "referral.referrer.receive_time"));
  referrer.set_agency("agencies/nowhere");
  *referrer.mutable_receive_time() = domain::ToTimestamp(received);
  EXPECT_THAT(Save(coordinator_, request), Refuses(StatusCode::kNotFound, "agencies/nowhere"));
}

TEST_F(ReferralServiceTest, ProtectedDetailsLeaveOnlyAMaskAndAreShownToThoseWhoMayKnow) {
  v1::SaveDraftRequest request = Complete();
  request.mutable_referral()->mutable_victim()->mutable_address()->set_protected_detail(true);
  v1::ProtectedDetail& refuge = *request.add_protected_details();
  refuge.set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  refuge.mutable_address()->mutable_lines()->set_value("3 Hidden Lane");
  ASSERT_OK_AND_ASSIGN(const v1::Referral draft, Save(police_, request));
  EXPECT_TRUE(draft.victim().address().protected_detail());
  EXPECT_FALSE(draft.victim().address().has_lines());
  EXPECT_THAT(draft.SerializeAsString(), Not(::testing::HasSubstr("Hidden Lane")));
  EXPECT_THAT(draft.SerializeAsString(), Not(::testing::HasSubstr("960002")));
  ASSERT_EQ(draft.protected_details_size(), 3);
  const std::string contact = FindMask(draft.protected_details(), v1::PROTECTED_KIND_SAFE_CONTACT)->detail();
  const std::string hidden = FindMask(draft.protected_details(), v1::PROTECTED_KIND_REFUGE_ADDRESS)->detail();
  // The author reads what the author wrote, until it is sent.
  ASSERT_OK_AND_ASSIGN(v1::ProtectedDetail shown, Reveal(police_, hidden));
  EXPECT_EQ(shown.address().lines().value(), "3 Hidden Lane");
  EXPECT_THAT(Reveal(coordinator_, hidden, "why"), Refuses(StatusCode::kNotFound, "not open to you"));

  ASSERT_OK(Submit(police_, draft));
  EXPECT_THAT(Reveal(police_, hidden, "why"), Refuses(StatusCode::kNotFound, "not open to you"));
  // The IDVA and the coordinator read safe contact in one step; a refuge needs a reason.
  for (const Client* first_line : {&idva_, &coordinator_}) {
    ASSERT_OK_AND_ASSIGN(shown, Reveal(*first_line, contact));
    EXPECT_EQ(shown.safe_contact().phone().value(), "01632 960002");
    EXPECT_THAT(Reveal(*first_line, hidden), Refuses(StatusCode::kInvalidArgument, "reason"));
    ASSERT_OK_AND_ASSIGN(shown, Reveal(*first_line, hidden, "transport on Monday"));
    EXPECT_EQ(shown.address().lines().value(), "3 Hidden Lane");
  }
  EXPECT_THAT(Reveal(server_.As("chair.police"), contact), Refuses(StatusCode::kInvalidArgument, "reason"));
  EXPECT_THAT(Reveal(server_.As("representative.police"), contact, "why").status(),
              Refuses(StatusCode::kNotFound, "not open to you"));
}

TEST_F(ReferralServiceTest, SavingAgainKeepsWhatIsHeldApart) {
  v1::SaveDraftRequest request = Complete();
  request.mutable_referral()->mutable_victim()->mutable_address()->set_protected_detail(true);
  ASSERT_OK_AND_ASSIGN(const v1::Referral draft, Save(police_, request));
  v1::SaveDraftRequest again;
  again.set_parent(kArea);
  *again.mutable_referral() = draft;
  again.mutable_referral()->mutable_reason()->set_narrative("more");
  ASSERT_OK_AND_ASSIGN(const v1::Referral saved, Save(police_, again));
  ASSERT_EQ(saved.protected_details_size(), 2);
  EXPECT_EQ(saved.reason().narrative(), "more");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(saved.protected_details(i).detail(), draft.protected_details(i).detail());
  }
  ASSERT_OK_AND_ASSIGN(const v1::ProtectedDetail address,
                       Reveal(police_, saved.protected_details(0).detail()));
  EXPECT_EQ(address.address().lines().value(), "12 " + family_ + " Street");
}

TEST_F(ReferralServiceTest, ALinkedAssessmentGoesWithTheReferral) {
  v1::StartAssessmentRequest start;
  start.set_parent(kArea);
  ASSERT_OK_AND_ASSIGN(const v1::Assessment assessment, police_.Call(&Assessments::StartAssessment, start));
  v1::GetAssessmentRequest get;
  get.set_name(assessment.name());
  EXPECT_THAT(idva_.Call(&Assessments::GetAssessment, get), Refuses(StatusCode::kNotFound, "not open"));

  v1::SaveDraftRequest request = Complete();
  request.mutable_referral()->add_assessments(assessment.name());
  EXPECT_THAT(Save(housing_, request), Refuses(StatusCode::kNotFound, assessment.name()));
  const v1::Referral sent = Send(police_, request);
  EXPECT_TRUE(sent.criteria().has_score());
  ASSERT_OK_AND_ASSIGN(v1::Assessment linked, idva_.Call(&Assessments::GetAssessment, get));
  EXPECT_EQ(linked.referral(), sent.name());
  const v1::Case record = AcceptedCase(sent);
  EXPECT_THAT(record.assessments(), ElementsAre(assessment.name()));
  ASSERT_OK_AND_ASSIGN(linked, police_.Call(&Assessments::GetAssessment, get));
  EXPECT_EQ(linked.case_name(), record.name());
}

TEST_F(ReferralServiceTest, AReferralIsAcceptedIntoACaseWithANumberOfItsOwn) {
  const v1::Referral sent = Send(police_);
  const v1::Case record = AcceptedCase(sent);
  EXPECT_EQ(record.stage(), v1::CASE_STAGE_ACCEPTED);
  EXPECT_EQ(record.kind(), v1::CASE_KIND_NEW);
  EXPECT_TRUE(domain::IsCaseNumber(record.case_number())) << record.case_number();
  EXPECT_THAT(record.case_number(), ::testing::StartsWith("TS-"));
  EXPECT_EQ(record.victim().name().value(), "Maria " + family_);
  EXPECT_EQ(domain::LocalDate::FromDay(record.last_referral_day(), "day").value(),
            domain::DateOf(server_.Now()));
  EXPECT_THAT(Queue(coordinator_), Not(Contains(sent.name())));
  ASSERT_OK_AND_ASSIGN(const v1::Referral read, Get(police_, sent.name()));
  EXPECT_EQ(read.state(), v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(read.case_name(), record.name());
  EXPECT_OK(GetCase(idva_, record.name()));
  // A representative meets it when it is listed.
  EXPECT_THAT(GetCase(server_.As("representative.health"), record.name()),
              Refuses(StatusCode::kNotFound, "not open"));
  EXPECT_THAT(Accept(AcceptRequest(sent)),
              Refuses(StatusCode::kFailedPrecondition, "does not wait for triage"));
}

TEST_F(ReferralServiceTest, R01AReferralWithoutGroundsIsSentAndAdmittedOnlyWithAReason) {
  v1::SaveDraftRequest request = Complete();
  request.mutable_referral()->mutable_criteria()->set_professional_judgement(v1::YES_NO_NO);
  const v1::Referral sent = Send(police_, request);
  EXPECT_FALSE(sent.criteria().eligible());
  v1::AcceptReferralRequest accept = AcceptRequest(sent);
  EXPECT_THAT(Accept(accept), Refuses(StatusCode::kFailedPrecondition, "admit_reason"));
  accept.set_admit_reason("the chair asked for it");
  EXPECT_OK(Accept(accept));
}

TEST_F(ReferralServiceTest, R02AVictimUnderSixteenIsFlaggedAndDeclinedWithASignpost) {
  v1::SaveDraftRequest request = Complete();
  *request.mutable_referral()->mutable_victim()->mutable_birth_date()->mutable_day() =
      domain::DateOf(server_.Now()).AddDays(1).AddMonths(-16 * 12).ToDay();
  const v1::Referral sent = Send(police_, request);
  EXPECT_TRUE(sent.criteria().under_age());
  EXPECT_THAT(Accept(AcceptRequest(sent)),
              Refuses(StatusCode::kFailedPrecondition, "children's safeguarding"));
  v1::DeclineReferralRequest decline;
  decline.set_name(sent.name());
  decline.set_etag(Get(coordinator_, sent.name())->etag());
  decline.set_reasons("younger than 16");
  EXPECT_THAT(coordinator_.Call(&Referrals::DeclineReferral, decline),
              Refuses(StatusCode::kInvalidArgument, "signpost"));
  decline.set_signpost("children's safeguarding, today");
  ASSERT_OK(coordinator_.Call(&Referrals::DeclineReferral, decline));
  ASSERT_OK_AND_ASSIGN(const v1::Referral kept, Get(police_, sent.name()));
  EXPECT_EQ(kept.state(), v1::REFERRAL_STATE_DECLINED);
  EXPECT_EQ(kept.triage().signpost(), "children's safeguarding, today");
  EXPECT_EQ(kept.victim().name().value(), "Maria " + family_);
}

TEST_F(ReferralServiceTest, R14AReturnedReferralIsCompletedByItsAuthorAndSentAgain) {
  const v1::Referral sent = Send(police_);
  v1::ReturnReferralRequest give_back;
  give_back.set_name(sent.name());
  give_back.set_etag(Get(coordinator_, sent.name())->etag());
  give_back.set_reasons("where does he work?");
  give_back.add_fields("referral.perpetrators[0].occupation");
  ASSERT_OK(coordinator_.Call(&Referrals::ReturnReferral, give_back));
  EXPECT_THAT(Queue(coordinator_), Not(Contains(sent.name())));

  ASSERT_OK_AND_ASSIGN(const v1::Referral returned, Get(police_, sent.name()));
  EXPECT_EQ(returned.triage().reasons(), "where does he work?");
  v1::SaveDraftRequest request;
  request.set_parent(kArea);
  *request.mutable_referral() = returned;
  request.mutable_referral()->mutable_perpetrators(0)->mutable_occupation()->set_value("courier");
  // After the first submission the author still says how the victim is safely reached.
  *request.mutable_safe_contact() = CompleteSafeContact();
  request.mutable_safe_contact()->mutable_phone()->set_value("01632 960009");
  ASSERT_OK_AND_ASSIGN(const v1::Referral saved, Save(police_, request));
  ASSERT_OK_AND_ASSIGN(const v1::Referral again, Submit(police_, saved));
  EXPECT_EQ(FromTimestamp(again.receive_time()), FromTimestamp(sent.receive_time()));
  EXPECT_THAT(Queue(coordinator_), Contains(sent.name()));
  ASSERT_OK_AND_ASSIGN(const v1::ProtectedDetail contact, Reveal(idva_, again.protected_details(0).detail()));
  EXPECT_EQ(contact.safe_contact().phone().value(), "01632 960009");
}

TEST_F(ReferralServiceTest, AWithdrawnReferralIsOutOfTheQueueAndFindsNobody) {
  const v1::Referral sent = Send(police_);
  v1::WithdrawReferralRequest withdraw;
  withdraw.set_name(sent.name());
  withdraw.set_etag(sent.etag());
  withdraw.set_reasons("sent twice");
  EXPECT_THAT(housing_.Call(&Referrals::WithdrawReferral, withdraw),
              Refuses(StatusCode::kNotFound, "not open"));
  ASSERT_OK(police_.Call(&Referrals::WithdrawReferral, withdraw));
  EXPECT_THAT(Queue(coordinator_), Not(Contains(sent.name())));
  const v1::Referral other = Send(housing_);
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, other.name()));
  EXPECT_THAT(matches.candidates(), IsEmpty());
}

TEST_F(ReferralServiceTest, OnlyTheCoordinatorAsksForMatches) {
  const v1::Referral sent = Send(police_);
  for (const Client* client : {&police_, &idva_, &server_.As("chair.police")}) {
    EXPECT_EQ(FindMatches(*client, sent.name()).status().code(), StatusCode::kPermissionDenied);
  }
}

TEST_F(ReferralServiceTest, R22TwoWaitingReferralsOfOnePairAreShownToEachOther) {
  const v1::Referral first = Send(police_);
  const v1::Referral second = Send(housing_);
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, second.name()));
  ASSERT_EQ(matches.candidates_size(), 1);
  EXPECT_FALSE(matches.more_exist());
  const v1::MatchCandidate& candidate = matches.candidates(0);
  EXPECT_EQ(candidate.waiting().name(), first.name());
  EXPECT_FALSE(candidate.has_candidate());
  EXPECT_TRUE(candidate.same_pair());
  EXPECT_FALSE(candidate.roles_reversed());
  EXPECT_THAT(candidate.victim_fields(), ElementsAre("name", "birth_date", "address"));
}

TEST_F(ReferralServiceTest, R22ASecondReferralJoinsTheOpenCase) {
  const v1::Case record = AcceptedCase(Send(police_));
  const v1::Referral second = Send(housing_);
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, second.name()));
  ASSERT_EQ(matches.candidates_size(), 1);
  EXPECT_EQ(matches.candidates(0).candidate().name(), record.name());
  EXPECT_TRUE(matches.candidates(0).open_case());
  EXPECT_TRUE(matches.candidates(0).same_pair());
  v1::AcceptReferralRequest accept = AcceptRequest(second);
  accept.set_join_case(record.name());
  ASSERT_OK_AND_ASSIGN(const v1::Referral joined, Accept(accept));
  EXPECT_EQ(joined.case_name(), record.name());
  ASSERT_OK_AND_ASSIGN(const v1::Case both, GetCase(coordinator_, record.name()));
  EXPECT_EQ(both.referrals_size(), 2);
  EXPECT_THAT(both.referring_agencies(), ElementsAre("agencies/police", "agencies/housing"));
  EXPECT_EQ(both.perpetrators_size(), 1);
  // Its own case is no match of it.
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse after, FindMatches(coordinator_, second.name()));
  EXPECT_THAT(after.candidates(), IsEmpty());
}

TEST_F(ReferralServiceTest, R22ADuplicateGoesIntoTheCaseWithAllItHas) {
  const v1::Referral first = Send(police_);
  v1::SaveDraftRequest with_more = Excluding("Brother " + family_);
  v1::Party& second_child = *with_more.mutable_referral()->add_children();
  second_child = with_more.referral().children(0);
  second_child.clear_party_id();
  second_child.mutable_name()->set_value("Ines " + family_);
  const v1::Referral second = Send(housing_, with_more);
  v1::MarkDuplicateRequest mark = DuplicateRequest(second, first);
  // Whoever sent the first could be the brother.
  const absl::Status refused = coordinator_.Call(&Referrals::MarkDuplicate, mark).status();
  EXPECT_EQ(DetailOf(refused).reason(), "UNRESOLVED_EXCLUSIONS");
  const v1::ExcludedPerson brother = OnlyExcluded(second);
  ASSERT_OK(Answer(brother, v1::EXCLUSION_ANSWER_NOT_A_WORKER));
  ASSERT_OK_AND_ASSIGN(const v1::Referral duplicate, coordinator_.Call(&Referrals::MarkDuplicate, mark));
  EXPECT_EQ(duplicate.state(), v1::REFERRAL_STATE_DUPLICATE);
  EXPECT_EQ(duplicate.triage().duplicate_of(), first.name());
  EXPECT_THAT(Queue(coordinator_), Not(Contains(second.name())));
  // The first one's author is told nothing of whom the second names.
  ASSERT_OK_AND_ASSIGN(const v1::Referral seen, Get(police_, first.name()));
  EXPECT_EQ(seen.excluded_people_count(), 0);
  EXPECT_EQ(Get(police_, second.name()).status().code(), StatusCode::kNotFound);

  const v1::Case record = AcceptedCase(first);
  EXPECT_THAT(record.referrals(), ElementsAre(first.name(), second.name()));
  EXPECT_THAT(record.referring_agencies(), ElementsAre("agencies/police", "agencies/housing"));
  EXPECT_EQ(record.children_size(), 2);
  ASSERT_OK_AND_ASSIGN(const v1::Referral joined, Get(coordinator_, second.name()));
  EXPECT_EQ(joined.case_name(), record.name());
  EXPECT_EQ(OnlyExcluded(second).person(), "Brother " + family_);
  EXPECT_OK(Get(housing_, second.name()));
  // A third one of the pair is shown to the case alone, by whichever child or name it has.
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, Send(idva_).name()));
  EXPECT_EQ(matches.candidates_size(), 1);
}

TEST_F(ReferralServiceTest, R22WhatWaitedWithAnotherWaitsForItselfWhenThatOneGoes) {
  const auto hold = [&](const v1::Referral& holder) {
    const v1::Referral second = Send(housing_);
    EXPECT_OK(coordinator_.Call(&Referrals::MarkDuplicate, DuplicateRequest(second, holder)));
    return second.name();
  };
  const auto waits = [&](const std::string& name) {
    EXPECT_THAT(Queue(coordinator_), Contains(name));
    EXPECT_EQ(Get(coordinator_, name)->state(), v1::REFERRAL_STATE_SUBMITTED);
  };
  v1::Referral first = Send(police_);
  std::string second = hold(first);
  v1::ReturnReferralRequest back;
  back.set_name(first.name());
  back.set_etag(Get(coordinator_, first.name())->etag());
  back.set_reasons("the address is missing");
  ASSERT_OK(coordinator_.Call(&Referrals::ReturnReferral, back));
  waits(second);
  // And what is with its author, who may take it back, holds nothing.
  EXPECT_THAT(
      coordinator_.Call(&Referrals::MarkDuplicate, DuplicateRequest(*Get(coordinator_, second), first)),
      Refuses(StatusCode::kFailedPrecondition, "with its author"));
  ASSERT_OK_AND_ASSIGN(first, Submit(police_, *Get(police_, first.name())));
  ASSERT_OK(
      coordinator_.Call(&Referrals::MarkDuplicate, DuplicateRequest(*Get(coordinator_, second), first)));

  v1::WithdrawReferralRequest withdraw;
  withdraw.set_name(first.name());
  withdraw.set_etag(Get(police_, first.name())->etag());
  withdraw.set_reasons("sent for the wrong family");
  ASSERT_OK(police_.Call(&Referrals::WithdrawReferral, withdraw));
  waits(second);

  first = Send(police_);
  ASSERT_OK(
      coordinator_.Call(&Referrals::MarkDuplicate, DuplicateRequest(*Get(coordinator_, second), first)));
  v1::DeclineReferralRequest decline;
  decline.set_name(first.name());
  decline.set_etag(Get(coordinator_, first.name())->etag());
  decline.set_reasons("standard risk");
  decline.set_signpost("outreach");
  ASSERT_OK(coordinator_.Call(&Referrals::DeclineReferral, decline));
  waits(second);
  // Its people are found again.
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, Send(idva_).name()));
  ASSERT_EQ(matches.candidates_size(), 1);
  EXPECT_EQ(matches.candidates(0).waiting().name(), second);
}

TEST_F(ReferralServiceTest, R16WhoWasShutOutOfACaseIsShutOutOfWhatComesAfter) {
  const auto [sister, login] = Worker("idva3");
  const v1::Referral first = Send(police_, Excluding("Sister " + family_));
  ASSERT_OK(Answer(OnlyExcluded(first), v1::EXCLUSION_ANSWER_WORKER, sister.name()));
  const v1::Case record = AcceptedCase(first);
  // The next one names nobody, and she is not to read it in the queue either.
  v1::SaveDraftRequest again = Complete();
  *again.mutable_referral()->mutable_reason()->mutable_latest_incident()->mutable_day() = DaysAgo(0);
  const v1::Referral fresh = Send(housing_, again);
  EXPECT_THAT(Queue(server_.As(login)), Not(Contains(fresh.name())));
  EXPECT_THAT(Queue(idva_), Contains(fresh.name()));
  v1::AcceptReferralRequest accept = AcceptRequest(fresh);
  accept.set_repeat_of(record.name());
  ASSERT_OK_AND_ASSIGN(const v1::Referral accepted, Accept(accept));
  EXPECT_EQ(GetCase(server_.As(login), accepted.case_name()).status().code(), StatusCode::kNotFound);
  EXPECT_OK(GetCase(idva_, accepted.case_name()));
  // Nor what is said the other way round.
  EXPECT_THAT(Queue(server_.As(login)), Not(Contains(Send(housing_, CounterAllegation()).name())));
}

TEST_F(ReferralServiceTest, R16ARepeatThatAPersonConfirmedShutsOutWhomTheEarlierCaseDid) {
  const auto [sister, login] = Worker("idva4");
  const v1::Referral first = Send(police_, Excluding("Sister " + family_));
  ASSERT_OK(Answer(OnlyExcluded(first), v1::EXCLUSION_ANSWER_WORKER, sister.name()));
  const v1::Case record = AcceptedCase(first);
  // Under another name and address nothing matches; the coordinator knows it is she.
  v1::SaveDraftRequest again = Complete();
  v1::Referral& referral = *again.mutable_referral();
  *referral.mutable_reason()->mutable_latest_incident()->mutable_day() = DaysAgo(0);
  for (v1::Party* party :
       {referral.mutable_victim(), referral.mutable_perpetrators(0), referral.mutable_children(0)}) {
    party->mutable_name()->set_value(party->name().value() + "ton");
    party->mutable_address()->mutable_lines()->set_value("1 Other " + family_ + " Way");
  }
  const v1::Referral fresh = Send(housing_, again);
  EXPECT_THAT(Queue(server_.As(login)), Contains(fresh.name()));
  v1::AcceptReferralRequest accept = AcceptRequest(fresh);
  accept.set_repeat_of(record.name());
  ASSERT_OK_AND_ASSIGN(const v1::Referral accepted, Accept(accept));
  EXPECT_EQ(GetCase(server_.As(login), accepted.case_name()).status().code(), StatusCode::kNotFound);
}

TEST_F(ReferralServiceTest, R16TheOnlyCoordinatorIsNotShutOut) {
  // Of those that other tests made none is left to open it.
  const v1::Referral sent = Send(police_, Excluding("Cousin " + family_));
  ASSERT_OK_AND_ASSIGN(const std::vector<v1::Account> coordinators, Coordinators());
  for (const v1::Account& account : coordinators) {
    if (account.name() == coordinator_.account()) continue;
    ASSERT_OK(Suspend(account));
  }
  const absl::Status last =
      Answer(OnlyExcluded(sent), v1::EXCLUSION_ANSWER_WORKER, coordinator_.account()).status();
  EXPECT_EQ(DetailOf(last).reason(), "NO_COORDINATOR_LEFT");
  EXPECT_OK(Get(coordinator_, sent.name()));
}

TEST_F(ReferralServiceTest, R03ANewIncidentOfThePairIsARepeatByTheReferralAnchor) {
  const v1::Case earlier = AcceptedCase(Send(police_));
  // The incident was before the anchor: not new.
  const v1::Referral old = Send(housing_);
  ASSERT_OK_AND_ASSIGN(v1::FindMatchesResponse matches, FindMatches(coordinator_, old.name()));
  ASSERT_EQ(matches.candidates_size(), 1);
  EXPECT_FALSE(matches.candidates(0).repeat());
  v1::AcceptReferralRequest accept = AcceptRequest(old);
  accept.set_repeat_of(earlier.name());
  EXPECT_EQ(DetailOf(Accept(accept).status()).reason(), "NOT_A_REPEAT");

  // Today, the day of the anchor itself: a repeat.
  v1::SaveDraftRequest request = Complete();
  *request.mutable_referral()->mutable_reason()->mutable_latest_incident()->mutable_day() = DaysAgo(0);
  const v1::Referral fresh = Send(idva_, request);
  ASSERT_OK_AND_ASSIGN(matches, FindMatches(coordinator_, fresh.name()));
  const auto found = std::ranges::find_if(matches.candidates(), [&](const v1::MatchCandidate& candidate) {
    return candidate.candidate().name() == earlier.name();
  });
  ASSERT_NE(found, matches.candidates().end());
  EXPECT_TRUE(found->same_pair());
  EXPECT_TRUE(found->repeat());
  EXPECT_TRUE(found->repeat_by_referral());
  EXPECT_FALSE(found->repeat_by_heard()) << "it was never heard";
  accept = AcceptRequest(fresh);
  accept.set_repeat_of(earlier.name());
  ASSERT_OK_AND_ASSIGN(const v1::Referral accepted, Accept(accept));
  ASSERT_OK_AND_ASSIGN(const v1::Case repeat, GetCase(coordinator_, accepted.case_name()));
  EXPECT_EQ(repeat.kind(), v1::CASE_KIND_REPEAT);
  EXPECT_EQ(repeat.repeat_of(), earlier.name());
}

TEST_F(ReferralServiceTest, R03OnlyAnAcceptedReferralAnchors) {
  const v1::Referral sent = Send(police_);
  v1::DeclineReferralRequest decline;
  decline.set_name(sent.name());
  decline.set_etag(Get(coordinator_, sent.name())->etag());
  decline.set_reasons("standard risk");
  decline.set_signpost("outreach");
  ASSERT_OK(coordinator_.Call(&Referrals::DeclineReferral, decline));
  const v1::Referral second = Send(housing_);
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, second.name()));
  EXPECT_THAT(matches.candidates(), IsEmpty());
}

TEST_F(ReferralServiceTest, R17ACounterAllegationAlertsAndIsNeverMerged) {
  const v1::Case record = AcceptedCase(Send(police_));
  const v1::Referral counter = Send(housing_, CounterAllegation());
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse matches, FindMatches(coordinator_, counter.name()));
  ASSERT_EQ(matches.candidates_size(), 1);
  EXPECT_TRUE(matches.candidates(0).roles_reversed());
  EXPECT_FALSE(matches.candidates(0).same_pair());
  v1::AcceptReferralRequest accept = AcceptRequest(counter);
  accept.set_join_case(record.name());
  EXPECT_EQ(DetailOf(Accept(accept).status()).reason(), "ROLES_REVERSED");
}

TEST_F(ReferralServiceTest, R16AnExcludedWorkerIsShutOutAtOnceAndMeetsTheCaseNowhere) {
  const std::string login = "idva." + family_;
  std::string lower = login;
  for (char& c : lower) c = static_cast<char>(std::tolower(c));
  const v1::Account brother = server_.AddAccount(lower, "idva", {v1::ROLE_IDVA});
  const Client& worker = server_.As(lower);
  const v1::Referral sent = Send(police_, Excluding("Brother " + family_));
  EXPECT_EQ(sent.excluded_people_count(), 1);
  const v1::Case record = AcceptedCase(sent);
  EXPECT_EQ(record.unresolved_exclusions(), 1);
  EXPECT_OK(GetCase(worker, record.name()));

  v1::ListExcludedPeopleRequest list;
  list.set_referral(sent.name());
  ASSERT_OK_AND_ASSIGN(const v1::ListExcludedPeopleResponse people,
                       coordinator_.Call(&Referrals::ListExcludedPeople, list));
  ASSERT_EQ(people.excluded_people_size(), 1);
  v1::ResolveExcludedPersonRequest resolve;
  resolve.set_name(people.excluded_people(0).name());
  resolve.set_answer(v1::EXCLUSION_ANSWER_WORKER);
  EXPECT_THAT(coordinator_.Call(&Referrals::ResolveExcludedPerson, resolve),
              Refuses(StatusCode::kInvalidArgument, "account"));
  resolve.set_account("accounts/nobody");
  EXPECT_THAT(coordinator_.Call(&Referrals::ResolveExcludedPerson, resolve),
              Refuses(StatusCode::kNotFound, "accounts/nobody"));
  resolve.set_account(brother.name());
  ASSERT_OK(coordinator_.Call(&Referrals::ResolveExcludedPerson, resolve));

  EXPECT_THAT(GetCase(worker, record.name()),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  EXPECT_THAT(Get(worker, sent.name()), Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  EXPECT_THAT(Reveal(worker, sent.protected_details(0).detail(), "why"),
              Refuses(StatusCode::kNotFound, "not found, or not open to you"));
  v1::ListCasesRequest cases;
  cases.set_parent(kArea);
  cases.set_page_size(100);
  ASSERT_OK_AND_ASSIGN(const v1::ListCasesResponse seen, worker.Call(&Cases::ListCases, cases));
  for (const v1::Case& other : seen.cases()) EXPECT_NE(other.name(), record.name());
  EXPECT_OK(GetCase(idva_, record.name()));
  ASSERT_OK_AND_ASSIGN(const v1::Case answered, GetCase(coordinator_, record.name()));
  EXPECT_EQ(answered.unresolved_exclusions(), 0);
}

TEST_F(ReferralServiceTest, R16WhoIsShutOutBeforeAcceptanceStaysShutOutOfTheCase) {
  std::string login = "idva2." + family_;
  for (char& c : login) c = static_cast<char>(std::tolower(c));
  const v1::Account brother = server_.AddAccount(login, "idva", {v1::ROLE_IDVA});
  const v1::Referral sent = Send(police_, Excluding("Brother " + family_));
  v1::ListExcludedPeopleRequest list;
  list.set_referral(sent.name());
  v1::ResolveExcludedPersonRequest resolve;
  resolve.set_name(coordinator_.Call(&Referrals::ListExcludedPeople, list)->excluded_people(0).name());
  resolve.set_answer(v1::EXCLUSION_ANSWER_WORKER);
  resolve.set_account(brother.name());
  ASSERT_OK(coordinator_.Call(&Referrals::ResolveExcludedPerson, resolve));
  EXPECT_THAT(Queue(server_.As(login)), Not(Contains(sent.name())));
  const v1::Case record = AcceptedCase(sent);
  EXPECT_EQ(record.unresolved_exclusions(), 0);
  EXPECT_THAT(GetCase(server_.As(login), record.name()), Refuses(StatusCode::kNotFound, "not open to you"));
}

TEST_F(ReferralServiceTest, R16AHiddenCaseIsNoMatchForTheCoordinatorItIsHiddenFrom) {
  std::string login = "coordinator." + family_;
  for (char& c : login) c = static_cast<char>(std::tolower(c));
  const v1::Account hidden_from = server_.AddAccount(login, "council", {v1::ROLE_COORDINATOR});
  const v1::Referral first = Send(police_, Excluding("Cousin " + family_));
  const v1::Case record = AcceptedCase(first);
  v1::ListExcludedPeopleRequest list;
  list.set_referral(first.name());
  v1::ResolveExcludedPersonRequest resolve;
  resolve.set_name(coordinator_.Call(&Referrals::ListExcludedPeople, list)->excluded_people(0).name());
  resolve.set_answer(v1::EXCLUSION_ANSWER_WORKER);
  resolve.set_account(hidden_from.name());
  ASSERT_OK(coordinator_.Call(&Referrals::ResolveExcludedPerson, resolve));
  // Of the same pair she meets not even the referral.
  EXPECT_EQ(Get(server_.As(login), Send(housing_).name()).status().code(), StatusCode::kNotFound);
  // The same victim with somebody else is open to her; the hidden case is no match of it.
  v1::SaveDraftRequest another = Complete();
  v1::Party& harm = *another.mutable_referral()->mutable_perpetrators(0);
  harm.mutable_name()->set_value("Ivo Tarrant");
  harm.mutable_address()->mutable_lines()->set_value("3 Elsewhere " + family_);
  const v1::Referral second = Send(housing_, another);
  const auto is_record = [&](const v1::MatchCandidate& candidate) {
    return candidate.candidate().name() == record.name();
  };
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse open, FindMatches(coordinator_, second.name()));
  EXPECT_EQ(std::ranges::count_if(open.candidates(), is_record), 1);
  ASSERT_OK_AND_ASSIGN(const v1::FindMatchesResponse hidden, FindMatches(server_.As(login), second.name()));
  EXPECT_THAT(hidden.candidates(), IsEmpty());
  EXPECT_FALSE(hidden.more_exist());
}

TEST_F(ReferralServiceTest, R16TheListOfExcludedPeopleIsItsAuthorsUntilItIsSent) {
  ASSERT_OK_AND_ASSIGN(const v1::Referral draft, Save(police_, Excluding("Brother " + family_)));
  v1::ListExcludedPeopleRequest list;
  list.set_referral(draft.name());
  ASSERT_OK_AND_ASSIGN(const v1::ListExcludedPeopleResponse people,
                       police_.Call(&Referrals::ListExcludedPeople, list));
  EXPECT_EQ(people.excluded_people_size(), 1);
  ASSERT_OK(Submit(police_, draft));
  EXPECT_THAT(police_.Call(&Referrals::ListExcludedPeople, list),
              Refuses(StatusCode::kFailedPrecondition, "with the coordinator"));
  EXPECT_THAT(idva_.Call(&Referrals::ListExcludedPeople, list).status(), Not(IsOk()));
}

TEST_F(ReferralServiceTest, R15AContactIsRecordedOnlyWhereASafeWayIsKnown) {
  v1::SaveDraftRequest unsafe = Complete();
  unsafe.mutable_safe_contact()->Clear();
  unsafe.mutable_safe_contact()->set_do_not_contact(true);
  const v1::Case silent = AcceptedCase(Send(police_, unsafe));
  EXPECT_TRUE(FindMask(silent.protected_details(), v1::PROTECTED_KIND_SAFE_CONTACT)->do_not_contact());
  v1::RecordVictimContactRequest contact;
  contact.set_name(silent.name());
  contact.set_etag(silent.etag());
  contact.set_state(v1::VICTIM_CONTACT_STATE_ATTEMPTED);
  EXPECT_EQ(DetailOf(idva_.Call(&Cases::RecordVictimContact, contact).status()).reason(), "DO_NOT_CONTACT");
  contact.set_state(v1::VICTIM_CONTACT_STATE_UNSAFE);
  contact.set_note("he answers her phone");
  EXPECT_OK(idva_.Call(&Cases::RecordVictimContact, contact));

  family_ += "Two";
  const v1::Case reachable = AcceptedCase(Send(police_));
  contact.set_name(reachable.name());
  contact.set_etag(reachable.etag());
  contact.set_state(v1::VICTIM_CONTACT_STATE_ENGAGING);
  ASSERT_OK_AND_ASSIGN(const v1::Case recorded, idva_.Call(&Cases::RecordVictimContact, contact));
  EXPECT_EQ(recorded.victim_contact().state(), v1::VICTIM_CONTACT_STATE_ENGAGING);
  EXPECT_EQ(recorded.victim_contact().account(), idva_.account());
}

TEST_F(ReferralServiceTest, R21ACaseThatWasNotHeardHasNothingToTellAndIsNotClosed) {
  const v1::Case record = AcceptedCase(Send(police_));
  v1::RecordVictimUpdateRequest update;
  update.set_name(record.name());
  update.set_etag(record.etag());
  update.set_told(true);
  update.set_text("by phone");
  EXPECT_EQ(DetailOf(idva_.Call(&Cases::RecordVictimUpdate, update).status()).reason(), "NOT_HEARD");
  v1::CloseCaseRequest close;
  close.set_name(record.name());
  close.set_etag(record.etag());
  close.set_reason("done");
  EXPECT_EQ(DetailOf(coordinator_.Call(&Cases::CloseCase, close).status()).reason(), "NOT_HEARD");
}

}  // namespace
}  // namespace marac::testing
