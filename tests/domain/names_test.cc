#include "domain/names.h"

#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOkAndHolds;
using ::marac::testing::Refuses;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

LocalDate Date(int year, int month, int day) {
  return LocalDate::FromCivil(absl::CivilDay(year, month, day));
}

TEST(R03Names, NormalisingLeavesPlainSmallLetters) {
  struct Case {
    const char* name;
    const char* normalised;
  };
  for (const Case& c : {
           Case{"  O'Connor-ŁĘSKA ", "oconnor leska"},
           Case{"O’Connor", "oconnor"},
           Case{"Oʼconnor", "oconnor"},
           Case{"O`Connor", "oconnor"},
           Case{"Anne--Marie   Dupont", "anne marie dupont"},
           Case{"Zoe\u0308 M\u00fcller", "zoe muller"},
           Case{"Strauß", "strauss"},
           Case{"Đặng Thị Hồng", "dang thi hong"},
           Case{"IŞIK", "isik"},
           Case{"İpek", "ipek"},
           Case{"Çağrı", "cagri"},
           Case{"Søren Ångström", "soren angstrom"},
           Case{"Иван", "ivan"},
           Case{"Ｋｈａｎ", "khan"},
           Case{"Smith,Jane", "smith jane"},
           Case{"Ka\u200bte", "kate"},
           Case{"John Smith 2nd", "john smith 2nd"},
           Case{"...", ""},
           Case{"", ""},
           Case{"\xff\xfe", ""},
       }) {
    EXPECT_EQ(NormaliseName(c.name), c.normalised) << c.name;
    EXPECT_EQ(NormaliseName(NormaliseName(c.name)), c.normalised) << c.name;
  }
}

TEST(R03Names, KeysAgreeAcrossOrderAndSpaces) {
  EXPECT_THAT(NameKeys("Marie Anne Dupont"),
              ElementsAre("marie anne dupont", "anne dupont marie", "marieannedupont", "annedupontmarie"));
  EXPECT_THAT(NameKeys("Khan"), ElementsAre("khan"));
  EXPECT_THAT(NameKeys(" - "), IsEmpty());
  auto share = [](const char* a, const char* b) {
    std::vector<std::string> keys = NameKeys(b);
    return std::ranges::any_of(NameKeys(a),
                               [&](const std::string& key) { return std::ranges::count(keys, key) > 0; });
  };
  EXPECT_TRUE(share("Amina Khan", "KHAN, Amina"));
  EXPECT_TRUE(share("Annemarie Dupont", "Anne-Marie Dupont"));
  EXPECT_TRUE(share("O Connor", "O'Connor"));
  EXPECT_FALSE(share("Amina Khan", "Amina Khanum"));
}

TEST(R03Names, AnAddressNeedsItsPostcode) {
  EXPECT_EQ(AddressKey("12, High Street", "mk9  3ej"), "12 high street|mk93ej");
  EXPECT_EQ(AddressKey("12 HIGH STREET", "MK93EJ"), AddressKey("12, High Street", "mk9 3ej"));
  EXPECT_NE(AddressKey("1, 2 High Street", "MK9 3EJ"), AddressKey("12 High Street", "MK9 3EJ"));
  EXPECT_EQ(AddressKey("12, High Street", " "), "");
}

TEST(R03NhsNumber, TheCheckDigitIsModulus11) {
  EXPECT_THAT(ParseNhsNumber("943 476 5919", "victim.nhs_number"), IsOkAndHolds(std::string("9434765919")));
  EXPECT_THAT(ParseNhsNumber("943-476-5919", "victim.nhs_number"), IsOkAndHolds(std::string("9434765919")));
  // A sum that 11 divides has the check digit 0.
  EXPECT_THAT(ParseNhsNumber("9434765870", "victim.nhs_number"), IsOkAndHolds(std::string("9434765870")));
  for (const char* wrong : {"9434765918", "4943765919", "9434756919"}) {
    EXPECT_THAT(ParseNhsNumber(wrong, "victim.nhs_number"),
                Refuses(absl::StatusCode::kInvalidArgument, "victim.nhs_number: the check digit"));
  }
  for (const char* wrong : {"", "943476591", "94347659190", "943476591x", "+943476591"}) {
    EXPECT_THAT(
        ParseNhsNumber(wrong, "victim.nhs_number"),
        Refuses(absl::StatusCode::kInvalidArgument, "victim.nhs_number: an NHS number is ten digits"));
  }
}

TEST(R03NhsNumber, ASumThatLeavesTenHasNoCheckDigit) {
  for (char digit = '0'; digit <= '9'; ++digit) {
    EXPECT_THAT(ParseNhsNumber(std::string("943476503") + digit, "nhs_number"),
                Refuses(absl::StatusCode::kInvalidArgument, "check digit"));
  }
}

TEST(R03NhsNumber, TenEqualDigitsAreNobodys) {
  for (const char* text : {"0000000000", "444 444 4444", "9999999999"}) {
    EXPECT_THAT(ParseNhsNumber(text, "victim.nhs_number"),
                Refuses(absl::StatusCode::kInvalidArgument, "ten times the same digit"));
  }
}

TEST(R03NhsNumber, ARefusalDoesNotRepeatTheNumber) {
  std::string message(ParseNhsNumber("9434765918", "nhs_number").status().message());
  EXPECT_EQ(message.find("943"), std::string::npos) << message;
}

PersonKeys Person(const char* name, std::vector<LocalDate> births = {}) {
  PersonKeys keys;
  keys.name_keys = NameKeys(name);
  keys.birth_dates = std::move(births);
  return keys;
}

TEST(R03Match, NameAndBirthDateProposeTheSamePerson) {
  std::vector<Candidate> found = MatchCandidates(Person("KHAN, Amina", {Date(1990, 4, 7)}),
                                                 {{"a", Person("Amina Khan", {Date(1990, 4, 7)})}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, "a");
  EXPECT_THAT(found[0].agreed, ElementsAre(MatchField::kName, MatchField::kBirthDate));
  EXPECT_THAT(found[0].differed, IsEmpty());
  EXPECT_EQ(found[0].proposed, MatchAnswer::kSamePerson);
}

TEST(R03Match, AnAliasOrAnAlternativeBirthDateIsEnough) {
  PersonKeys stored = Person("Amina Khan", {Date(1991, 1, 1), Date(1990, 4, 7)});
  stored.alias_keys = NameKeys("Mina Khan");
  std::vector<Candidate> found = MatchCandidates(Person("Mina Khan", {Date(1990, 4, 7)}), {{"a", stored}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].agreed, ElementsAre(MatchField::kAlias, MatchField::kBirthDate));
  EXPECT_THAT(found[0].differed, IsEmpty());
  EXPECT_EQ(found[0].proposed, MatchAnswer::kSamePerson);
}

TEST(R03Match, DayAndMonthChangedOverIsAVariantAndSaysSo) {
  std::vector<Candidate> found = MatchCandidates(Person("Amina Khan", {Date(1990, 7, 4)}),
                                                 {{"a", Person("Amina Khan", {Date(1990, 4, 7)})}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].agreed, ElementsAre(MatchField::kName, MatchField::kBirthDateReversed));
  EXPECT_EQ(found[0].proposed, MatchAnswer::kSamePerson);
}

TEST(R03Match, AnNhsNumberFindsAPersonWhoseNameHasChanged) {
  PersonKeys query = Person("Amina Said", {Date(1990, 4, 7)});
  query.nhs_number = "9434765919";
  PersonKeys stored = Person("Amina Khan", {Date(1990, 4, 7)});
  stored.nhs_number = "9434765919";
  std::vector<Candidate> found = MatchCandidates(query, {{"a", stored}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].agreed, ElementsAre(MatchField::kBirthDate, MatchField::kNhsNumber));
  EXPECT_THAT(found[0].differed, ElementsAre(MatchField::kName));
  EXPECT_EQ(found[0].proposed, MatchAnswer::kSamePerson);
}

TEST(R03Match, SamePersonSameHouseholdAndStrangerAreThreeAnswers) {
  PersonKeys query = Person("Amina Khan", {Date(1990, 4, 7)});
  query.address_key = AddressKey("12 High Street", "MK9 3EJ");
  PersonKeys sister = Person("Laila Khan", {Date(1992, 2, 2)});
  sister.address_key = query.address_key;
  PersonKeys namesake = Person("Amina Khan", {Date(1961, 12, 30)});
  namesake.address_key = AddressKey("3 Low Road", "MK1 1AA");
  PersonKeys mother_of_same_name = Person("Amina Khan", {Date(1961, 12, 30)});
  mother_of_same_name.address_key = query.address_key;
  std::vector<Candidate> found =
      MatchCandidates(query, {{"namesake", namesake},
                              {"sister", sister},
                              {"mother", mother_of_same_name},
                              {"too little", Person("Amina Khan")},
                              {"herself", Person("Amina Khan", {Date(1990, 4, 7)})},
                              {"born that day", Person("Wei Zhang", {Date(1990, 4, 7)})}});
  std::vector<std::pair<std::string, std::optional<MatchAnswer>>> answers;
  for (const Candidate& candidate : found) answers.emplace_back(candidate.id, candidate.proposed);
  EXPECT_THAT(answers, ElementsAre(std::pair("herself", MatchAnswer::kSamePerson),
                                   std::pair("too little", std::nullopt),
                                   std::pair("mother", MatchAnswer::kSameHousehold),
                                   std::pair("sister", MatchAnswer::kSameHousehold),
                                   std::pair("namesake", MatchAnswer::kStranger)));
}

TEST(R03Match, AnNhsNumberThatDiffersSpeaksAgainstTheSamePerson) {
  PersonKeys query = Person("Amina Khan", {Date(1990, 4, 7)});
  query.nhs_number = "9434765919";
  PersonKeys stored = query;
  stored.nhs_number = "9434765870";
  std::vector<Candidate> found = MatchCandidates(query, {{"a", stored}});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].differed, ElementsAre(MatchField::kNhsNumber));
  EXPECT_EQ(found[0].proposed, MatchAnswer::kStranger);
}

TEST(R03Match, PeopleWithNothingKnownMatchNobody) {
  EXPECT_THAT(MatchCandidates(PersonKeys(), {{"a", PersonKeys()}, {"b", Person("Amina Khan")}}), IsEmpty());
}

TEST(R03Match, NobodyIsLeftOutForLengthAndTheOrderIsFixed) {
  std::vector<StoredPerson> stored;
  for (int i = 999; i >= 100; --i) stored.push_back({std::to_string(i), Person("Amina Khan")});
  std::vector<Candidate> found = MatchCandidates(Person("Amina Khan"), stored);
  EXPECT_EQ(found.size(), 900u);
  EXPECT_TRUE(std::ranges::is_sorted(found, {}, &Candidate::id));
}

}  // namespace
}  // namespace marac::domain
