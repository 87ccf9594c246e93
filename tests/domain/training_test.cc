#include "domain/training.h"

#include <string>

#include "domain/errors.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using ::marac::testing::IsOk;
using ::marac::testing::Refuses;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;

const Act kAct{"accounts/admin", absl::FromCivil(absl::CivilSecond(2026, 6, 15, 10, 0, 0), London())};

LocalDate On(int month, int day) { return LocalDate::Create(2026, month, day, "day").value(); }

v1::Training Course(LocalDate day, LocalDate last, const std::string& course = "DASH, two days") {
  v1::Training training;
  training.set_course(course);
  *training.mutable_day() = day.ToDay();
  *training.mutable_expire_day() = last.ToDay();
  return training;
}

v1::Account Person() {
  v1::Account account;
  account.set_name("accounts/idva");
  return account;
}

TEST(RecordTrainingTest, KeepsWhoRecordedItAndWhen) {
  v1::Training forged = Course(On(6, 1), On(12, 31));
  forged.set_recorder("accounts/somebody");
  ASSERT_OK_AND_ASSIGN(const v1::Account account, RecordTraining(Person(), forged, kAct));
  ASSERT_EQ(account.training_size(), 1);
  EXPECT_EQ(account.training(0).course(), "DASH, two days");
  EXPECT_EQ(account.training(0).recorder(), "accounts/admin");
  EXPECT_EQ(account.training(0).record_time().seconds(), absl::ToUnixSeconds(kAct.now));
}

TEST(RecordTrainingTest, RefusesWhatCannotBe) {
  EXPECT_THAT(RecordTraining(Person(), Course(On(6, 15), On(6, 15)), kAct), IsOk())
      << "today, and today only";
  EXPECT_THAT(RecordTraining(Person(), Course(On(6, 16), On(12, 31)), kAct),
              Refuses(kInvalid, "training.day:"));
  EXPECT_THAT(RecordTraining(Person(), Course(On(6, 10), On(6, 9)), kAct),
              Refuses(kInvalid, "training.expire_day:"));
  v1::Training endless = Course(On(6, 1), On(6, 2));
  endless.clear_expire_day();
  EXPECT_THAT(RecordTraining(Person(), endless, kAct), Refuses(kInvalid, "training.expire_day:"));
  EXPECT_THAT(RecordTraining(Person(), Course(On(6, 1), On(6, 2), "DA"), kAct),
              Refuses(kInvalid, "training.course:"));
  EXPECT_THAT(RecordTraining(Person(), Course(On(6, 1), On(6, 2), "DAS"), kAct), IsOk());
  EXPECT_THAT(RecordTraining(Person(), Course(On(6, 1), On(6, 2), std::string(200, 'x')), kAct), IsOk());
  EXPECT_THAT(RecordTraining(Person(), Course(On(6, 1), On(6, 2), std::string(201, 'x')), kAct),
              Refuses(kInvalid, "training.course:"));
  v1::Account own = Person();
  own.set_name(kAct.account);
  EXPECT_THAT(RecordTraining(own, Course(On(6, 1), On(6, 2)), kAct), Refuses(kFailed, "their own"));
}

TEST(RecordTrainingTest, OfMoreThanTwentyTheOldestGoes) {
  v1::Account account = Person();
  for (int i = 0; i < 21; ++i) {
    account = RecordTraining(account, Course(On(1, 1 + i), On(12, 31)), kAct).value();
  }
  ASSERT_EQ(account.training_size(), 20);
  EXPECT_EQ(account.training(0).day().day(), 2);
  EXPECT_EQ(account.training(19).day().day(), 21);
}

TEST(IsTrainedTest, CountsToItsLastDay) {
  EXPECT_FALSE(IsTrained(Person(), On(6, 15)));
  v1::Account account = RecordTraining(Person(), Course(On(1, 1), On(6, 15)), kAct).value();
  EXPECT_TRUE(IsTrained(account, On(6, 15)));
  EXPECT_FALSE(IsTrained(account, On(6, 16)));
  account = RecordTraining(account, Course(On(1, 1), On(6, 16)), kAct).value();
  EXPECT_TRUE(IsTrained(account, On(6, 16))) << "one that counts is enough";
}

TEST(RequireTrainingTest, IsAskedWhereTheAreaSaysSo) {
  v1::AreaSettings settings;
  EXPECT_OK(RequireTraining(settings, Person(), On(6, 15))) << "off, as every area begins";
  settings.set_training_required(true);
  const absl::Status refused = RequireTraining(settings, Person(), On(6, 15));
  EXPECT_THAT(refused, Refuses(kFailed, "record the training"));
  EXPECT_EQ(DetailOf(refused).reason(), "NOT_QUALIFIED");
  EXPECT_THAT(RequireTraining(settings, std::nullopt, On(6, 15)), Refuses(kFailed, "no training"));
  EXPECT_OK(RequireTraining(settings, RecordTraining(Person(), Course(On(1, 1), On(6, 15)), kAct).value(),
                            On(6, 15)));
}

}  // namespace
}  // namespace marac::domain
