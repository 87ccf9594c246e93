#include "domain/training.h"

#include <algorithm>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kTrainingMax = 20;
constexpr int kCourseCharactersMin = 3;
constexpr int kCourseCharactersMax = 200;

}  // namespace

absl::StatusOr<v1::Account> RecordTraining(v1::Account account, const v1::Training& training,
                                           const Act& act) {
  if (account.name() == act.account) {
    return WrongState("OWN_TRAINING", "nobody records their own training; another administrator does");
  }
  const auto day = LocalDate::FromDay(training.day(), "training.day");
  const auto last = LocalDate::FromDay(training.expire_day(), "training.expire_day");
  FieldErrors errors;
  const int length = VisibleLength(training.course());
  errors.Require(length >= kCourseCharactersMin && length <= kCourseCharactersMax, "training.course",
                 "say in 3 to 200 characters what it was");
  errors.Require(day.ok() && *day <= DateOf(act.now), "training.day",
                 "give the day on which it ended, today or before");
  errors.Require(last.ok() && (!day.ok() || *day <= *last), "training.expire_day",
                 "give the last day on which it counts, not before the day of the training");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (account.training_size() >= kTrainingMax) {
    account.mutable_training()->DeleteSubrange(0, account.training_size() - kTrainingMax + 1);
  }
  v1::Training& added = *account.add_training();
  added.set_course(WithoutHiddenCharacters(training.course()));
  *added.mutable_day() = training.day();
  *added.mutable_expire_day() = training.expire_day();
  added.set_recorder(act.account);
  *added.mutable_record_time() = ToTimestamp(act.now);
  return account;
}

bool IsTrained(const v1::Account& account, LocalDate today) {
  return std::ranges::any_of(account.training(), [&](const v1::Training& training) {
    const auto last = LocalDate::FromDay(training.expire_day(), "expire_day");
    return last.ok() && today <= *last;
  });
}

absl::Status RequireTraining(const v1::AreaSettings& settings, const std::optional<v1::Account>& signer,
                             LocalDate today) {
  if (!settings.training_required() || (signer && IsTrained(*signer, today))) return absl::OkStatus();
  return WrongState(
      "NOT_QUALIFIED",
      "no training that counts today is recorded for you, and this area wants it of who signs; "
      "everything you wrote is kept: have your administrator record the training, and then sign");
}

}  // namespace marac::domain
