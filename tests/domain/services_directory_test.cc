// What an entry of the services directory must say, whom it suits, and when it does not count any more
// (decisions 33).
#include "domain/services_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "domain/errors.h"
#include "tests/support/complete_service.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using ::marac::testing::CompleteService;
using ::marac::testing::Refuses;
using ::testing::ElementsAre;

const LocalDate kToday = LocalDate::Create(2026, 11, 21, "today").value();

v1::SupportService Complete() { return CompleteService(kToday.AddDays(-30)); }

v1::Day DayOf(int year, int month, int day) {
  v1::Day made;
  made.set_year(year);
  made.set_month(month);
  made.set_day(day);
  return made;
}

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const v1::ErrorDetail detail = DetailOf(status);
  for (const v1::FieldViolation& violation : detail.field_violations()) fields.push_back(violation.field());
  return fields;
}

TEST(ServicesDirectoryTest, AnEntryIsKeptAsItWasGiven) {
  v1::SupportService given = Complete();
  given.set_review_overdue(true);
  ASSERT_OK_AND_ASSIGN(const v1::SupportService kept, KeptService(given, kToday));
  given.set_review_overdue(false);
  EXPECT_EQ(kept.SerializeAsString(), given.SerializeAsString());
}

TEST(ServicesDirectoryTest, TheLeastIsANameAPurposeANumberTheHoursAndTheTwoDays) {
  v1::SupportService least;
  EXPECT_THAT(FieldsOf(KeptService(least, kToday).status()),
              ElementsAre("service.display_name", "service.purposes", "service.numbers", "service.hours",
                          "service.verified_day", "service.review_day"));
  least.set_display_name("Lantern");
  least.add_purposes(v1::SERVICE_PURPOSE_DECLINE);
  least.add_numbers()->set_number("101");
  least.mutable_numbers(0)->set_kind(v1::SERVICE_NUMBER_KIND_VOICE);
  least.set_hours("always");
  *least.mutable_verified_day() = kToday.ToDay();
  *least.mutable_review_day() = kToday.ToDay();
  EXPECT_OK(KeptService(least, kToday));
}

// One thing is wrong, and the refusal names it alone.
TEST(ServicesDirectoryTest, WhatIsWrongIsNamed) {
  struct Case {
    const char* field;
    const char* advice;
    std::function<void(v1::SupportService&)> spoil;
  };
  const Case cases[] = {
      {"service.display_name", "give its name", [](auto& s) { s.set_display_name(" \u00A0"); }},
      {"service.display_name", "too long", [](auto& s) { s.set_display_name(std::string(401, 'x')); }},
      {"service.hours", "when somebody answers", [](auto& s) { s.clear_hours(); }},
      {"service.purposes", "what it is there for", [](auto& s) { s.clear_purposes(); }},
      {"service.purposes[1]", "each once",
       [](auto& s) { s.set_purposes(1, v1::SERVICE_PURPOSE_IMMEDIATE_DANGER); }},
      {"service.purposes[0]", "that are offered",
       [](auto& s) { s.set_purposes(0, v1::SERVICE_PURPOSE_UNSPECIFIED); }},
      {"service.purposes[0]", "that are offered",
       [](auto& s) { s.set_purposes(0, static_cast<v1::ServicePurpose>(99)); }},
      {"service.numbers", "on which it is reached", [](auto& s) { s.clear_numbers(); }},
      {"service.numbers", "at most 5",
       [](auto& s) {
         while (s.numbers_size() < 6) *s.add_numbers() = s.numbers(0);
       }},
      {"service.numbers[0].number", "as it is dialled",
       [](auto& s) { s.mutable_numbers(0)->clear_number(); }},
      {"service.numbers[1].number", "as it is dialled",
       [](auto& s) { s.mutable_numbers(1)->set_number("ring Ann"); }},
      {"service.numbers[1].kind", "called or sent", [](auto& s) { s.mutable_numbers(1)->clear_kind(); }},
      {"service.numbers[1].note", "too long",
       [](auto& s) { s.mutable_numbers(1)->set_note(std::string(401, 'x')); }},
      {"service.eligibility.grades[0]", "that are offered",
       [](auto& s) { s.mutable_eligibility()->set_grades(0, v1::GRADE_UNSPECIFIED); }},
      {"service.eligibility.genders[1]", "each once",
       [](auto& s) { s.mutable_eligibility()->add_genders(v1::SERVICE_GENDER_WOMEN); }},
      {"service.eligibility.age_min", "in years", [](auto& s) { s.mutable_eligibility()->set_age_min(-1); }},
      {"service.eligibility.age_max", "in years", [](auto& s) { s.mutable_eligibility()->set_age_max(131); }},
      {"service.eligibility.age_max", "nobody would be taken",
       [](auto& s) { s.mutable_eligibility()->set_age_max(15); }},
      {"service.verified_day", "a day of the calendar", [](auto& s) { s.clear_verified_day(); }},
      {"service.verified_day", "a day of the calendar",
       [](auto& s) { *s.mutable_verified_day() = DayOf(2026, 2, 31); }},
      {"service.verified_day", "still to come",
       [](auto& s) {
         *s.mutable_verified_day() = kToday.AddDays(1).ToDay();
         *s.mutable_review_day() = kToday.AddDays(30).ToDay();
       }},
      {"service.review_day", "a day of the calendar",
       [](auto& s) { *s.mutable_review_day() = DayOf(2027, 2, 31); }},
      {"service.review_day", "before the day it was last verified",
       [](auto& s) { *s.mutable_review_day() = kToday.AddDays(-31).ToDay(); }},
  };
  for (const Case& tried : cases) {
    v1::SupportService service = Complete();
    tried.spoil(service);
    const absl::Status refusal = KeptService(service, kToday).status();
    EXPECT_THAT(refusal, Refuses(StatusCode::kInvalidArgument, tried.advice)) << tried.field;
    EXPECT_THAT(FieldsOf(refusal), ElementsAre(tried.field)) << tried.advice;
  }
}

TEST(ServicesDirectoryTest, ANumberIsWhatCanBeDialled) {
  const auto taken = [](const std::string& number) {
    v1::SupportService service = Complete();
    service.mutable_numbers(0)->set_number(number);
    return KeptService(service, kToday).ok();
  };
  for (const char* number : {"101", "01632 960123", "+44 1632 960123", "0808 157 0140", "123456789012345"}) {
    EXPECT_TRUE(taken(number)) << number;
  }
  for (const char* number : {"", " ", "+", "12", "1234567890123456", "01632-960123", "01632 960123 ", " 101",
                             "44+1632", "tel:101", "1 0 a"}) {
    EXPECT_FALSE(taken(number)) << number;
  }
}

TEST(ServicesDirectoryTest, CharactersThatShowNothingAreNotKept) {
  v1::SupportService service = Complete();
  service.set_hours("every\u202E day");
  ASSERT_OK_AND_ASSIGN(const v1::SupportService kept, KeptService(service, kToday));
  EXPECT_EQ(kept.hours(), "every day");
}

// On the day itself it still counts.
TEST(ServicesDirectoryTest, AnEntryPastItsReviewDaySaysSo) {
  v1::SupportService service = Complete();
  *service.mutable_review_day() = kToday.ToDay();
  DeriveReview(service, kToday);
  EXPECT_FALSE(service.review_overdue());
  DeriveReview(service, kToday.AddDays(1));
  EXPECT_TRUE(service.review_overdue());
  ASSERT_OK_AND_ASSIGN(const v1::SupportService kept, KeptService(service, kToday.AddDays(1)));
  EXPECT_TRUE(kept.review_overdue()) << "it may be written down late, and says so at once";
}

TEST(ServicesDirectoryTest, OnlyWhatSuitsIsFound) {
  const v1::SupportService service = Complete();  // medium and high, women of 16 to 65
  v1::ListServicesRequest asked;
  EXPECT_TRUE(Suits(service, asked));
  asked.set_purpose(v1::SERVICE_PURPOSE_DECLINE);
  EXPECT_TRUE(Suits(service, asked));
  asked.set_purpose(v1::SERVICE_PURPOSE_AFTER_ASSESSMENT);
  EXPECT_FALSE(Suits(service, asked));
  asked.Clear();
  asked.set_grade(v1::GRADE_HIGH);
  EXPECT_TRUE(Suits(service, asked));
  asked.set_grade(v1::GRADE_STANDARD);
  EXPECT_FALSE(Suits(service, asked));
  asked.Clear();
  asked.set_gender(v1::SERVICE_GENDER_WOMEN);
  EXPECT_TRUE(Suits(service, asked));
  asked.set_gender(v1::SERVICE_GENDER_NON_BINARY);
  EXPECT_FALSE(Suits(service, asked));
  asked.Clear();
  const std::vector<std::pair<int, bool>> ages = {{15, false}, {16, true}, {65, true}, {66, false}};
  for (const auto& [age, suits] : ages) {
    asked.set_age(age);
    EXPECT_EQ(Suits(service, asked), suits) << age;
  }
}

TEST(ServicesDirectoryTest, WhatAServiceDoesNotSayExcludesNobody) {
  v1::SupportService service = Complete();
  service.clear_eligibility();
  v1::ListServicesRequest asked;
  asked.set_grade(v1::GRADE_STANDARD);
  asked.set_gender(v1::SERVICE_GENDER_MEN);
  asked.set_age(99);
  EXPECT_TRUE(Suits(service, asked));
  service.mutable_eligibility()->set_age_min(18);
  EXPECT_TRUE(Suits(service, asked)) << "no oldest age";
}

// ACC-29, ACC-30: the device knows neither who holds it nor what the answers come to.
TEST(IsForEndingTest, TakesWhateverIsThereForItTodayAndTakesEverybody) {
  v1::Policy policy;
  policy.set_min_age_years(16);
  v1::SupportService good = Complete();
  good.clear_eligibility();
  good.clear_purposes();
  good.add_purposes(v1::SERVICE_PURPOSE_AFTER_ASSESSMENT);
  EXPECT_TRUE(IsForEnding(good, policy));
  good.mutable_eligibility()->set_age_min(16);
  EXPECT_TRUE(IsForEnding(good, policy));
  const auto without = [&](const std::function<void(v1::SupportService&)>& change) {
    v1::SupportService changed = good;
    change(changed);
    return IsForEnding(changed, policy);
  };
  EXPECT_FALSE(without([](auto& s) { s.set_purposes(0, v1::SERVICE_PURPOSE_IMMEDIATE_DANGER); }));
  EXPECT_FALSE(without([](auto& s) { s.set_review_overdue(true); }));
  EXPECT_FALSE(without([](auto& s) { s.mutable_eligibility()->add_grades(v1::GRADE_HIGH); }));
  EXPECT_FALSE(without([](auto& s) { s.mutable_eligibility()->add_genders(v1::SERVICE_GENDER_MEN); }));
  EXPECT_FALSE(without([](auto& s) { s.mutable_eligibility()->set_age_min(17); }));
  EXPECT_FALSE(without([](auto& s) { s.mutable_eligibility()->set_age_max(99); }));
}

}  // namespace
}  // namespace marac::domain
