// What is noticed of how people use the system, and waits for a person to look at it (security.md 5). Rules
// over facts and nothing else: what was counted, and by whose clock, is told to them.
#ifndef MARAC_DOMAIN_ALERTS_H_
#define MARAC_DOMAIN_ALERTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/working_days.h"
#include "marac/v1/alert.pb.h"

namespace marac::domain {

// One look at one case.
struct Look {
  bool involved = true;               // IsInvolved
  bool revealed = false;              // a protected detail of it
  bool own_surname = false;           // HasOwnSurname
  int cases_today = 0;                // distinct ones, with this one; 0: it was among them already
  std::span<const int> earlier_days;  // distinct cases of each day of the last kUsualDays with any
};
std::vector<v1::AlertKind> AlertsOf(const Look& look);

// More than three times the median of the earlier days. Somebody who has worked on fewer than kDaysKnown of
// them has no usual yet, and what is no more than kUsualMin is not worth a word whatever the median.
inline constexpr int kUsualDays = 30;
inline constexpr int kDaysKnown = 5;
inline constexpr int kUsualMin = 30;
bool IsMoreThanUsual(int cases_today, std::span<const int> earlier_days);

// The family names in a person's name as written, normalised: every word but the first, without the small
// words that many names share. None of a single word.
std::vector<std::string> SurnamesOf(std::string_view name);
// Whether one of these surnames is a family name of a party with these name keys (domain::NameKeys). Of
// names in another order ("Smith Anne") the given name is compared as well.
bool HasOwnSurname(std::span<const std::string> own_surnames, std::span<const std::string> name_keys);
// Of name keys, those by which one name is told from another: the words in order, of two words or more.
std::vector<std::string> SoughtNames(std::span<const std::string> name_keys);

// How many may seek the same name within kSoughtWithin before it is noticed.
inline constexpr int kSeekersMax = 2;
inline constexpr absl::Duration kSoughtWithin = absl::Hours(24 * 7);

// A sign-in by somebody who has used other programs before, and never this one, on a day or at an hour when
// offices are closed.
struct SignedIn {
  bool program_is_new = false;
  bool used_others = false;
  bool out_of_hours = false;
};
constexpr bool IsNewProgramOutOfHours(const SignedIn& sign_in) {
  return sign_in.program_is_new && sign_in.used_others && sign_in.out_of_hours;
}
// Before seven, from eight in the evening, at weekends and on bank holidays, by London's clock.
absl::StatusOr<bool> IsOutOfHours(absl::Time time, const WorkingDays& days);

// Until when something must have been done on a case after a reveal: the end of the next working day.
absl::StatusOr<absl::Time> FollowUpDue(absl::Time revealed, const WorkingDays& days);
// Whether the person wrote something of the case from the day of the reveal on. `worked` is the newest time.
bool WasFollowed(absl::Time revealed, absl::Time worked);

// How long the same thing about the same case is not alerted about again. A namesake stays one.
absl::Duration QuietAfter(v1::AlertKind kind);

// Whether a look is one of the two in a hundred that are drawn for review: `digest` is a keyed one of it, so
// that nobody can tell beforehand.
bool IsDrawn(std::string_view digest);

// "UNINVOLVED_OPEN", for the log.
std::string AlertWord(v1::AlertKind kind);

// WAITING -> REVIEWED. INVALID_ARGUMENT names the field; FAILED_PRECONDITION when it was reviewed already.
struct Finding {
  v1::AlertOutcome outcome;
  std::string note;
  std::string account;
  absl::Time time;
};
absl::StatusOr<v1::Alert> Review(v1::Alert alert, const Finding& finding);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ALERTS_H_
