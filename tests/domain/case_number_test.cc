#include "domain/case_number.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>

namespace marac::domain {
namespace {

const LocalDate kDay = LocalDate::Create(2026, 11, 21, "day").value();
constexpr std::string_view kBase32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

TEST(CaseNumberTest, ItIsTheAreaTheYearFourRandomCharactersAndACheckCharacter) {
  const std::string number = MakeCaseNumber("MK", kDay, "7qx4");
  EXPECT_THAT(number, ::testing::MatchesRegex("MK-26-7QX4-[0-9A-Z]"));
  EXPECT_TRUE(IsCaseNumber(number));
  EXPECT_TRUE(IsCaseNumber(MakeCaseNumber("THVS", kDay, "0000")));
}

TEST(CaseNumberTest, EveryMistypedCharacterShows) {
  const std::string number = MakeCaseNumber("MK", kDay, "7QX4");
  for (size_t i = 0; i < number.size(); ++i) {
    if (number[i] == '-') continue;
    int accepted = 0;
    for (char c : kBase32) {
      std::string other = number;
      other[i] = c;
      if (IsCaseNumber(other)) {
        ++accepted;
        EXPECT_EQ(other, number);
      }
    }
    EXPECT_EQ(accepted, 1) << i;
  }
}

TEST(CaseNumberTest, TwoCharactersThatChangedPlacesShow) {
  for (const char* random : {"7QX4", "01ZY", "A5T0"}) {
    const std::string number = MakeCaseNumber("MK", kDay, random);
    for (size_t i = 0; i < number.size(); ++i) {
      for (size_t j = i + 1; j < number.size(); ++j) {
        std::string other = number;
        std::swap(other[i], other[j]);
        EXPECT_EQ(IsCaseNumber(other), other == number) << other;
      }
    }
  }
}

TEST(CaseNumberTest, ItIsReadAsAPersonReadsIt) {
  const std::string number = MakeCaseNumber("MK", kDay, "0110");
  std::string spoken = number;
  for (char& c : spoken) c = static_cast<char>(std::tolower(c));
  EXPECT_TRUE(IsCaseNumber(spoken));
  spoken[6] = 'o';
  spoken[7] = 'l';
  spoken[8] = 'I';
  spoken[9] = 'O';
  EXPECT_TRUE(IsCaseNumber(spoken));
}

TEST(CaseNumberTest, AnythingElseIsNone) {
  for (const char* text :
       {"", "MK", "MK-26-7QX4", "MK267QX4K", "M-26-7QX4-K", "MKMKM-26-7QX4-K", "MK-26-7Q*4-K"}) {
    EXPECT_FALSE(IsCaseNumber(text)) << text;
  }
}

}  // namespace
}  // namespace marac::domain
