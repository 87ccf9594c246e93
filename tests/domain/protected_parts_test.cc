#include "domain/protected_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/completeness.h"
#include "domain/local_date.h"
#include "domain/timestamp.h"
#include "tests/support/complete_referral.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::CompleteReferral;
using testing::CompleteSafeContact;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Refuses;
using ::testing::SizeIs;

constexpr char kReferral[] = "areas/mk/referrals/r1";

v1::Referral Draft() {
  v1::Referral referral = CompleteReferral();
  referral.set_name(kReferral);
  referral.clear_has_excluded_people();
  EXPECT_OK(GivePartyIds(referral, nullptr));
  return referral;
}

// As the server does with what is new.
KeptApart Named(KeptApart kept) {
  int next = 0;
  for (v1::ProtectedDetail& detail : kept.details) {
    ++next;
    if (detail.name().empty()) detail.set_name("areas/mk/protectedDetails/d" + std::to_string(next));
  }
  return kept;
}

v1::ProtectedDetail Refuge(const std::string& party_id) {
  v1::ProtectedDetail detail;
  detail.set_party_id(party_id);
  detail.set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  detail.mutable_address()->mutable_lines()->set_value("3 Hidden Lane");
  return detail;
}

TEST(PartyIdsTest, EachPartyGetsAnIdThatIsNeverUsedAgain) {
  v1::Referral first = Draft();
  EXPECT_EQ(first.victim().party_id(), "p1");
  EXPECT_EQ(first.perpetrators(0).party_id(), "p2");
  EXPECT_EQ(first.children(0).party_id(), "p3");
  // The child goes, another person comes; the victim is sent without her id.
  v1::Referral second = first;
  second.clear_children();
  second.mutable_victim()->clear_party_id();
  second.add_perpetrators()->mutable_name()->set_value("Another");
  ASSERT_OK(GivePartyIds(second, &first));
  EXPECT_EQ(second.victim().party_id(), "p1");
  EXPECT_EQ(second.perpetrators(0).party_id(), "p2");
  EXPECT_EQ(second.perpetrators(1).party_id(), "p4");
}

TEST(PartyIdsTest, TwoPartiesCannotBeTheSame) {
  v1::Referral referral = Draft();
  referral.mutable_perpetrators(0)->set_party_id("p1");
  EXPECT_THAT(GivePartyIds(referral, nullptr),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.perpetrators[0].party_id"));
  referral.mutable_perpetrators(0)->set_party_id("../p2");
  EXPECT_THAT(GivePartyIds(referral, nullptr),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.perpetrators[0].party_id"));
}

TEST(SafeContactTest, R15AbsentOrUnknownMeansDoNotContact) {
  EXPECT_TRUE(MayContact(CompleteSafeContact()));
  v1::SafeContact contact;
  EXPECT_FALSE(MayContact(contact));
  contact.mutable_phone()->set_value("01632 960002");
  EXPECT_FALSE(MayContact(contact)) << "a number alone is not known to be safe";
  contact.set_safe_to_call(v1::YES_NO_NOT_KNOWN);
  EXPECT_FALSE(MayContact(contact));
  contact.set_safe_to_call(v1::YES_NO_NO);
  EXPECT_FALSE(MayContact(contact));
  contact.set_safe_to_text(v1::YES_NO_YES);
  EXPECT_TRUE(MayContact(contact));
  contact.set_do_not_contact(true);
  EXPECT_FALSE(MayContact(contact));
  v1::SafeContact friend_only;
  friend_only.mutable_safe_third_party()->set_unknown(v1::UNKNOWN_NOT_KNOWN);
  EXPECT_FALSE(MayContact(friend_only));
  friend_only.mutable_safe_third_party()->set_value("her sister, 01632 960003");
  EXPECT_TRUE(MayContact(friend_only));
}

TEST(SafeContactTest, R15EverySafeContactOfACaseHasToAllowIt) {
  google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask> masks;
  masks.Add()->set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  EXPECT_FALSE(MayContact(masks));
  masks.Add()->set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
  EXPECT_TRUE(MayContact(masks));
  v1::ProtectedDetailMask& other = *masks.Add();
  other.set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
  other.set_do_not_contact(true);
  EXPECT_FALSE(MayContact(masks));
}

class CorrectTest : public ::testing::Test {
 protected:
  // Two referrals came with one each; the second said not to contact her.
  CorrectTest() {
    for (int i = 1; i <= 2; ++i) {
      v1::ProtectedDetail& detail = details_.emplace_back();
      detail.set_name("areas/mk/protectedDetails/d" + std::to_string(i));
      detail.set_parent("areas/mk/referrals/r" + std::to_string(i));
      detail.set_party_id("p" + std::to_string(i));
      detail.set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
      *detail.mutable_safe_contact() = CompleteSafeContact();
    }
    details_[1].mutable_safe_contact()->set_do_not_contact(true);
    contact_.mutable_phone()->set_value("01632 960009");
    contact_.set_safe_to_text(v1::YES_NO_YES);
  }
  absl::Status Correct() {
    return CorrectSafeContact(details_, "areas/mk/cases/c", "p4", {contact_, reason_}, kDecision);
  }

  const Decision kDecision = {.account = "accounts/idva",
                              .now = absl::FromCivil(absl::CivilHour(2026, 12, 1, 9), London())};
  std::vector<v1::ProtectedDetail> details_;
  v1::SafeContact contact_;
  std::string reason_ = "he answers that number now";
};

TEST_F(CorrectTest, R15TheNewSafeContactIsTheOnlyOneAndSaysWhoWhenAndWhy) {
  ASSERT_OK(Correct());
  EXPECT_EQ(details_[0].safe_contact().phone().value(), "01632 960009");
  EXPECT_EQ(details_[0].safe_contact().safe_times().unknown(), v1::UNKNOWN_NOT_KNOWN)
      << "what was safe then is not known to be now";
  EXPECT_EQ(details_[0].safe_contact().safe_to_call(), v1::YES_NO_NOT_KNOWN);
  EXPECT_THAT(MissingFields(testing::CompleteReferral(), &details_[0].safe_contact(), {}), IsEmpty())
      << "R-14: and is asked no more";
  EXPECT_EQ(details_[0].party_id(), "p4") << "hers in the record it is corrected in";
  EXPECT_EQ(details_[0].correction().account(), "accounts/idva");
  EXPECT_EQ(details_[0].correction().reason(), "he answers that number now");
  EXPECT_EQ(FromTimestamp(details_[0].correction().time()), kDecision.now);
  EXPECT_EQ(details_[1].parent(), "") << "taken away, so that nobody is shown it";
  EXPECT_FALSE(details_[1].has_safe_contact());

  google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask> masks;
  masks.Add()->set_kind(v1::PROTECTED_KIND_REFUGE_ADDRESS);
  for (bool no : {false, true}) {
    v1::ProtectedDetailMask& mask = *masks.Add();
    mask.set_kind(v1::PROTECTED_KIND_SAFE_CONTACT);
    mask.set_do_not_contact(no);
  }
  EXPECT_FALSE(MayContact(masks));
  SetSafeContactMask(details_[0], "p7", masks);
  ASSERT_EQ(masks.size(), 2);
  EXPECT_EQ(masks[0].kind(), v1::PROTECTED_KIND_REFUGE_ADDRESS);
  EXPECT_EQ(masks[1].detail(), "areas/mk/protectedDetails/d1");
  EXPECT_EQ(masks[1].party_id(), "p7");
  EXPECT_EQ(FromTimestamp(masks[1].correct_time()), kDecision.now);
  EXPECT_TRUE(MayContact(masks));
}

TEST_F(CorrectTest, R15DoNotContactIsACorrectionAndNothingElseIsNeeded) {
  contact_.Clear();
  contact_.set_do_not_contact(true);
  ASSERT_OK(Correct());
  EXPECT_TRUE(details_[0].safe_contact().do_not_contact());
  EXPECT_FALSE(details_[0].safe_contact().has_phone()) << "the dangerous number is shown to nobody";
  google::protobuf::RepeatedPtrField<v1::ProtectedDetailMask> masks;
  SetSafeContactMask(details_[0], "p1", masks);
  EXPECT_TRUE(masks[0].do_not_contact());
}

TEST_F(CorrectTest, R15ASafeWayOrDoNotContactAndAReasonAreNeeded) {
  contact_.set_safe_to_text(v1::YES_NO_NOT_KNOWN);
  EXPECT_THAT(Correct(), Refuses(absl::StatusCode::kInvalidArgument, "safe_contact"));
  contact_.set_safe_to_text(v1::YES_NO_YES);
  reason_ = " ";
  EXPECT_THAT(Correct(), Refuses(absl::StatusCode::kInvalidArgument, "reason"));
  EXPECT_EQ(details_[0].safe_contact().phone().value(), "01632 960002") << "and nothing is changed";
}

TEST_F(CorrectTest, WhereNobodyGaveOneItIsAddedForTheVictim) {
  details_.clear();
  ASSERT_OK(Correct());
  ASSERT_THAT(details_, SizeIs(1));
  EXPECT_EQ(details_[0].parent(), "areas/mk/cases/c");
  EXPECT_EQ(details_[0].party_id(), "p4");
}

TEST_F(CorrectTest, AFormThatWasOpenSinceBeforeDoesNotPutTheOldNumberBack) {
  v1::Referral referral = Draft();
  KeptApart kept = Named(KeepApart(referral, {CompleteSafeContact(), {}, {}}).value());
  ASSERT_OK(CorrectSafeContact(kept.details, referral.name(), "p1", {contact_, reason_}, kDecision));
  EXPECT_THAT(KeepApart(referral, {CompleteSafeContact(), {}, kept.details}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "safe_contact"));
  EXPECT_OK(KeepApart(referral, {{}, {}, kept.details}).status());
}

TEST(CorrectedHereTest, WhereverSomebodyIsStillShownIt) {
  v1::Referral referral;
  for (v1::ReferralState state : {v1::REFERRAL_STATE_SUBMITTED, v1::REFERRAL_STATE_RETURNED,
                                  v1::REFERRAL_STATE_DECLINED, v1::REFERRAL_STATE_WITHDRAWN}) {
    referral.set_state(state);
    EXPECT_OK(CheckCorrectedHere(referral)) << state;
  }
  for (v1::ReferralState state :
       {v1::REFERRAL_STATE_DRAFT, v1::REFERRAL_STATE_ACCEPTED, v1::REFERRAL_STATE_DUPLICATE}) {
    referral.set_state(state);
    EXPECT_EQ(CheckCorrectedHere(referral).code(), absl::StatusCode::kFailedPrecondition) << state;
  }
}

TEST(KeepApartTest, AnAddressNobodyGaveDoesNotComeBack) {
  v1::Referral referral = Draft();
  referral.mutable_victim()->clear_usual_home();
  referral.mutable_perpetrators(0)->clear_address();
  referral.mutable_children(0)->mutable_usual_home();
  ASSERT_OK(KeepApart(referral, {CompleteSafeContact(), {}, {}}));
  EXPECT_TRUE(referral.victim().has_address());
  EXPECT_FALSE(referral.victim().has_usual_home());
  EXPECT_FALSE(referral.perpetrators(0).has_address());
  EXPECT_FALSE(referral.children(0).has_usual_home()) << "sent empty, by a form that opened it";
}

TEST(KeepApartTest, SafeContactIsAlwaysARecordOfItsOwnAndLeavesAMask) {
  v1::Referral referral = Draft();
  ASSERT_OK_AND_ASSIGN(KeptApart kept, KeepApart(referral, {CompleteSafeContact(), {}, {}}));
  ASSERT_THAT(kept.details, SizeIs(1));
  EXPECT_EQ(kept.details[0].parent(), kReferral);
  EXPECT_EQ(kept.details[0].party_id(), "p1");
  ASSERT_NE(kept.safe_contact(), nullptr);
  EXPECT_EQ(kept.safe_contact()->phone().value(), "01632 960002");
  SetMasks(referral, Named(kept).details);
  ASSERT_EQ(referral.protected_details_size(), 1);
  EXPECT_EQ(referral.protected_details(0).detail(), "areas/mk/protectedDetails/d1");
  EXPECT_FALSE(referral.protected_details(0).do_not_contact());
  EXPECT_THAT(referral.SerializeAsString(), Not(HasSubstr("960002")));
}

TEST(KeepApartTest, R15TheMaskSaysDoNotContactWhenNoSafeWayIsKnown) {
  v1::Referral referral = Draft();
  v1::SafeContact contact = CompleteSafeContact();
  contact.set_safe_to_call(v1::YES_NO_NOT_KNOWN);
  ASSERT_OK_AND_ASSIGN(KeptApart kept, KeepApart(referral, {contact, {}, {}}));
  SetMasks(referral, Named(kept).details);
  EXPECT_TRUE(referral.protected_details(0).do_not_contact());
}

TEST(KeepApartTest, ASecondSaveReplacesSafeContactAndAnAbsentOneChangesNothing) {
  v1::Referral referral = Draft();
  ASSERT_OK_AND_ASSIGN(KeptApart first, KeepApart(referral, {CompleteSafeContact(), {}, {}}));
  first = Named(first);
  ASSERT_OK_AND_ASSIGN(KeptApart unchanged, KeepApart(referral, {std::nullopt, {}, first.details}));
  EXPECT_EQ(unchanged.safe_contact()->phone().value(), "01632 960002");
  v1::SafeContact contact;
  contact.set_do_not_contact(true);
  ASSERT_OK_AND_ASSIGN(KeptApart second, KeepApart(referral, {contact, {}, first.details}));
  ASSERT_THAT(second.details, SizeIs(1));
  EXPECT_EQ(second.details[0].name(), first.details[0].name());
  EXPECT_TRUE(second.safe_contact()->do_not_contact());
}

TEST(KeepApartTest, AMarkedAddressLeavesOnlyTheMark) {
  v1::Referral referral = Draft();
  referral.mutable_victim()->mutable_address()->set_protected_detail(true);
  referral.mutable_children(0)->mutable_usual_home()->mutable_lines()->set_value("9 Other Road");
  referral.mutable_children(0)->mutable_usual_home()->set_protected_detail(true);
  ASSERT_OK_AND_ASSIGN(KeptApart kept, KeepApart(referral, {std::nullopt, {}, {}}));
  ASSERT_THAT(kept.details, SizeIs(2));
  EXPECT_EQ(kept.details[0].kind(), v1::PROTECTED_KIND_ADDRESS);
  EXPECT_EQ(kept.details[0].address().postcode().value(), "MK9 9ZZ");
  EXPECT_EQ(kept.details[1].kind(), v1::PROTECTED_KIND_USUAL_HOME);
  EXPECT_EQ(kept.details[1].party_id(), "p3");
  EXPECT_TRUE(referral.victim().address().protected_detail());
  EXPECT_FALSE(referral.victim().address().has_lines());
  EXPECT_FALSE(referral.victim().address().has_postcode());
  EXPECT_THAT(referral.children(0).SerializeAsString(), Not(HasSubstr("Other Road")));
}

TEST(KeepApartTest, AnAddressReadBackAndSentAgainStaysProtected) {
  v1::Referral referral = Draft();
  referral.mutable_victim()->mutable_address()->set_protected_detail(true);
  ASSERT_OK_AND_ASSIGN(KeptApart first, KeepApart(referral, {std::nullopt, {}, {}}));
  first = Named(first);
  ASSERT_OK_AND_ASSIGN(KeptApart again, KeepApart(referral, {std::nullopt, {}, first.details}));
  ASSERT_THAT(again.details, SizeIs(1));
  EXPECT_EQ(again.details[0].address().lines().value(), "12 Example Street, Exampleton");
  // Also by a client that forgot the mark together with the address.
  referral.mutable_victim()->clear_address();
  ASSERT_OK_AND_ASSIGN(KeptApart forgotten, KeepApart(referral, {std::nullopt, {}, first.details}));
  EXPECT_EQ(forgotten.details[0].parent(), kReferral);
  EXPECT_TRUE(referral.victim().address().protected_detail());
}

TEST(KeepApartTest, AnAddressSaidInTheOpenTakesItsDetailAway) {
  v1::Referral referral = Draft();
  referral.mutable_victim()->mutable_address()->set_protected_detail(true);
  ASSERT_OK_AND_ASSIGN(KeptApart first, KeepApart(referral, {std::nullopt, {}, {}}));
  first = Named(first);
  *referral.mutable_victim()->mutable_address() = CompleteReferral().victim().address();
  ASSERT_OK_AND_ASSIGN(KeptApart open, KeepApart(referral, {std::nullopt, {}, first.details}));
  ASSERT_THAT(open.details, SizeIs(1));
  EXPECT_EQ(open.details[0].parent(), "");
  EXPECT_FALSE(open.details[0].has_address());
  SetMasks(referral, open.details);
  EXPECT_THAT(referral.protected_details(), IsEmpty());
  EXPECT_EQ(referral.victim().address().lines().value(), "12 Example Street, Exampleton");
}

TEST(KeepApartTest, ADetailGivenBesideGoesToItsPartyAndADetailOfNobodyIsRefused) {
  v1::Referral referral = Draft();
  ASSERT_OK_AND_ASSIGN(KeptApart kept, KeepApart(referral, {std::nullopt, {Refuge("")}, {}}));
  EXPECT_EQ(kept.details.at(0).party_id(), "p1");
  EXPECT_THAT(KeepApart(referral, {std::nullopt, {Refuge("p77")}, {}}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "protected_details[0].party_id"));
  v1::ProtectedDetail empty;
  empty.set_kind(v1::PROTECTED_KIND_SCHOOL);
  EXPECT_THAT(KeepApart(referral, {std::nullopt, {empty}, {}}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "protected_details[0].text"));
  EXPECT_THAT(KeepApart(referral, {std::nullopt, {v1::ProtectedDetail()}, {}}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "protected_details[0].kind"));
}

TEST(KeepApartTest, ANameReplacesOnlyADetailOfThisReferral) {
  v1::Referral referral = Draft();
  ASSERT_OK_AND_ASSIGN(KeptApart first, KeepApart(referral, {std::nullopt, {Refuge("p1")}, {}}));
  first = Named(first);
  v1::ProtectedDetail moved = Refuge("p1");
  moved.set_name(first.details[0].name());
  moved.mutable_address()->mutable_lines()->set_value("4 Other Hidden Lane");
  moved.mutable_correction()->set_account("accounts/somebody-else");
  ASSERT_OK_AND_ASSIGN(KeptApart second, KeepApart(referral, {std::nullopt, {moved}, first.details}));
  ASSERT_THAT(second.details, SizeIs(1));
  EXPECT_EQ(second.details[0].address().lines().value(), "4 Other Hidden Lane");
  EXPECT_FALSE(second.details[0].has_correction()) << "the server's own";
  moved.set_name("areas/mk/protectedDetails/of-somebody-else");
  EXPECT_THAT(KeepApart(referral, {std::nullopt, {moved}, first.details}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "protected_details[0].name"));
}

TEST(KeepApartTest, TheDetailOfAPersonWhoWasTakenOutGoesToo) {
  v1::Referral referral = Draft();
  v1::ProtectedDetail school;
  school.set_party_id("p3");
  school.set_kind(v1::PROTECTED_KIND_SCHOOL);
  school.set_text("Example Primary School");
  ASSERT_OK_AND_ASSIGN(KeptApart first, KeepApart(referral, {std::nullopt, {school}, {}}));
  first = Named(first);
  referral.clear_children();
  ASSERT_OK_AND_ASSIGN(KeptApart second, KeepApart(referral, {std::nullopt, {}, first.details}));
  EXPECT_EQ(second.details[0].parent(), "");
  EXPECT_EQ(second.details[0].text(), "");
}

TEST(KeepApartTest, HostileTextAndImpossibleValuesAreCaughtHereToo) {
  v1::Referral referral = Draft();
  v1::SafeContact contact;
  contact.mutable_phone()->set_value("01632\u202E 960002");
  ASSERT_OK_AND_ASSIGN(KeptApart kept, KeepApart(referral, {contact, {}, {}}));
  EXPECT_EQ(kept.safe_contact()->phone().value(), "01632 960002");
  contact.mutable_phone()->set_value(std::string(101, '1'));
  EXPECT_THAT(KeepApart(referral, {contact, {}, {}}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "safe_contact.phone"));
}

v1::ExcludedPerson Excluded(const std::string& person) {
  v1::ExcludedPerson entry;
  entry.set_person(person);
  entry.set_reason("his brother");
  return entry;
}

TEST(KeepExcludedTest, ADraftsListIsReplacedByWhatIsSent) {
  v1::Referral referral = Draft();
  ASSERT_OK_AND_ASSIGN(std::vector<v1::ExcludedPerson> kept,
                       KeepExcluded(referral, {Excluded("A"), Excluded("B")}, {}));
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_EQ(kept[0].referral(), kReferral);
  EXPECT_EQ(referral.has_excluded_people(), v1::YES_NO_YES);
  EXPECT_EQ(referral.excluded_people_count(), 2);
  kept[0].set_name("areas/mk/excludedPeople/e1");
  kept[1].set_name("areas/mk/excludedPeople/e2");
  v1::ExcludedPerson again = Excluded("A, known as C");
  again.set_name("areas/mk/excludedPeople/e1");
  ASSERT_OK_AND_ASSIGN(kept, KeepExcluded(referral, {again}, kept));
  EXPECT_EQ(kept[0].person(), "A, known as C");
  EXPECT_EQ(kept[1].referral(), "");
  EXPECT_EQ(kept[1].person(), "");
  EXPECT_EQ(referral.excluded_people_count(), 1);
}

TEST(KeepExcludedTest, R16ASaveThatSendsNobodyLosesNobody) {
  v1::Referral referral = Draft();
  ASSERT_OK_AND_ASSIGN(std::vector<v1::ExcludedPerson> kept, KeepExcluded(referral, {Excluded("A")}, {}));
  kept[0].set_name("areas/mk/excludedPeople/e1");
  ASSERT_OK_AND_ASSIGN(kept, KeepExcluded(referral, {}, kept));
  EXPECT_EQ(kept[0].person(), "A");
  EXPECT_EQ(referral.excluded_people_count(), 1);
  referral.set_has_excluded_people(v1::YES_NO_NO);
  ASSERT_OK_AND_ASSIGN(kept, KeepExcluded(referral, {}, kept));
  EXPECT_EQ(kept[0].referral(), "");
  EXPECT_EQ(referral.excluded_people_count(), 0);
}

TEST(KeepExcludedTest, R16OnceSentTheListOnlyGrows) {
  v1::Referral referral = Draft();
  ASSERT_OK_AND_ASSIGN(std::vector<v1::ExcludedPerson> kept, KeepExcluded(referral, {Excluded("A")}, {}));
  kept[0].set_name("areas/mk/excludedPeople/e1");
  referral.mutable_submit_time()->set_seconds(1);
  ASSERT_OK_AND_ASSIGN(kept, KeepExcluded(referral, {Excluded("B")}, kept));
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_EQ(kept[0].person(), "A");
  EXPECT_EQ(referral.excluded_people_count(), 2);
  referral.set_has_excluded_people(v1::YES_NO_NO);
  EXPECT_THAT(KeepExcluded(referral, {}, kept).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.has_excluded_people"));
}

TEST(KeepExcludedTest, NobodyAndSomebodyContradictEachOther) {
  v1::Referral referral = Draft();
  referral.set_has_excluded_people(v1::YES_NO_NO);
  EXPECT_THAT(KeepExcluded(referral, {Excluded("A")}, {}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "referral.has_excluded_people"));
  referral.set_has_excluded_people(v1::YES_NO_YES);
  EXPECT_THAT(KeepExcluded(referral, {Excluded(" ")}, {}).status(),
              Refuses(absl::StatusCode::kInvalidArgument, "excluded_people[0].person"));
}

TEST(KeepExcludedTest, AnAuthorCannotAnswerForTheCoordinator) {
  v1::Referral referral = Draft();
  v1::ExcludedPerson entry = Excluded("A");
  entry.set_answer(v1::EXCLUSION_ANSWER_NOT_A_WORKER);
  entry.set_account("accounts/x");
  referral.set_has_excluded_people(v1::YES_NO_YES);
  ASSERT_OK_AND_ASSIGN(std::vector<v1::ExcludedPerson> kept, KeepExcluded(referral, {entry}, {}));
  EXPECT_EQ(kept[0].answer(), v1::EXCLUSION_ANSWER_UNSPECIFIED);
  EXPECT_EQ(kept[0].account(), "");
}

TEST(ResolveTest, R16AWorkerHasAnAccountAndNobodyElseHas) {
  ASSERT_OK_AND_ASSIGN(v1::ExcludedPerson worker,
                       Resolve(Excluded("A"), v1::EXCLUSION_ANSWER_WORKER, "accounts/brother"));
  EXPECT_EQ(worker.account(), "accounts/brother");
  EXPECT_OK(Resolve(worker, v1::EXCLUSION_ANSWER_WORKER, "accounts/brother").status());
  EXPECT_THAT(Resolve(worker, v1::EXCLUSION_ANSWER_NOT_A_WORKER, "").status(),
              Refuses(absl::StatusCode::kFailedPrecondition, "shut out"));
  EXPECT_OK(Resolve(Resolve(Excluded("A"), v1::EXCLUSION_ANSWER_NOT_A_WORKER, "").value(),
                    v1::EXCLUSION_ANSWER_WORKER, "accounts/brother")
                .status());
  EXPECT_THAT(Resolve(Excluded("A"), v1::EXCLUSION_ANSWER_WORKER, "").status(),
              Refuses(absl::StatusCode::kInvalidArgument, "account"));
  EXPECT_THAT(Resolve(Excluded("A"), v1::EXCLUSION_ANSWER_NOT_A_WORKER, "accounts/brother").status(),
              Refuses(absl::StatusCode::kInvalidArgument, "account"));
  EXPECT_THAT(Resolve(Excluded("A"), v1::EXCLUSION_ANSWER_UNSPECIFIED, "").status(),
              Refuses(absl::StatusCode::kInvalidArgument, "answer"));
}

}  // namespace
}  // namespace marac::domain
