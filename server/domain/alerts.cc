#include "domain/alerts.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/local_date.h"
#include "domain/names.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kOfficeOpens = 7;
constexpr int kOfficeCloses = 20;
constexpr unsigned kDrawnOneIn = 50;

// Parts of family names that tell nobody from anybody.
constexpr std::array<std::string_view, 18> kSmallWords = {"de",  "la",  "le",  "da",  "di",  "du",
                                                          "del", "dos", "van", "von", "der", "den",
                                                          "bin", "ibn", "abu", "al",  "el",  "ter"};

std::vector<std::string> WordsOf(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool Tells(const std::string& word) {
  return word.size() > 1 && std::ranges::find(kSmallWords, word) == kSmallWords.end();
}

}  // namespace

std::vector<v1::AlertKind> AlertsOf(const Look& look) {
  std::vector<v1::AlertKind> alerts;
  if (!look.involved) {
    alerts.push_back(look.revealed ? v1::ALERT_KIND_UNINVOLVED_REVEAL : v1::ALERT_KIND_UNINVOLVED_OPEN);
  }
  if (look.own_surname) alerts.push_back(v1::ALERT_KIND_OWN_SURNAME);
  if (IsMoreThanUsual(look.cases_today, look.earlier_days)) {
    alerts.push_back(v1::ALERT_KIND_MORE_THAN_USUAL);
  }
  return alerts;
}

bool IsMoreThanUsual(int cases_today, std::span<const int> earlier_days) {
  if (cases_today <= kUsualMin || earlier_days.size() < kDaysKnown) return false;
  std::vector<int> days(earlier_days.begin(), earlier_days.end());
  const auto middle = days.begin() + static_cast<std::ptrdiff_t>(days.size() / 2);
  std::nth_element(days.begin(), middle, days.end());
  return cases_today > 3 * *middle;
}

std::vector<std::string> SurnamesOf(std::string_view name) {
  std::vector<std::string> words = WordsOf(NormaliseName(name));
  if (words.empty()) return {};
  words.erase(words.begin());
  std::erase_if(words, [](const std::string& word) { return !Tells(word); });
  return words;
}

bool HasOwnSurname(std::span<const std::string> own_surnames, std::span<const std::string> name_keys) {
  for (const std::string& key : name_keys) {
    std::vector<std::string> words = WordsOf(key);
    if (words.size() < 2) continue;
    // A name is kept as it was given and, where that is another, with its words in alphabetical order. In
    // that one the first word may be a given name as well as a family name, unless it is how the name was
    // given.
    std::vector<std::string> sorted = words;
    std::ranges::sort(sorted);
    const bool is_copy = sorted == words && std::ranges::any_of(name_keys, [&](const std::string& other) {
                           std::vector<std::string> others = WordsOf(other);
                           if (others == words) return false;
                           std::ranges::sort(others);
                           return others == words;
                         });
    if (is_copy) continue;
    const auto is_own = [&](const std::string& word) {
      return std::ranges::find(own_surnames, word) != own_surnames.end();
    };
    if (std::any_of(words.begin() + 1, words.end(), is_own)) return true;
  }
  return false;
}

std::vector<std::string> SoughtNames(std::span<const std::string> name_keys) {
  std::vector<std::string> names;
  for (const std::string& key : name_keys) {
    const std::vector<std::string> words = WordsOf(key);
    if (words.size() >= 2 && std::ranges::is_sorted(words)) names.push_back(key);
  }
  return names;
}

absl::StatusOr<bool> IsOutOfHours(absl::Time time, const WorkingDays& days) {
  const int hour = absl::ToCivilHour(time, London()).hour();
  if (hour < kOfficeOpens || hour >= kOfficeCloses) return true;
  ASSIGN_OR_RETURN(const bool works, days.IsWorkingDay(DateOf(time)));
  return !works;
}

absl::StatusOr<absl::Time> FollowUpDue(absl::Time revealed, const WorkingDays& days) {
  ASSIGN_OR_RETURN(const LocalDate next, days.AddWorkingDays(DateOf(revealed), 1));
  return absl::FromCivil(next.civil() + 1, London());
}

bool WasFollowed(absl::Time revealed, absl::Time worked) {
  return worked >= absl::FromCivil(DateOf(revealed).civil(), London());
}

absl::Duration QuietAfter(v1::AlertKind kind) {
  switch (kind) {
    case v1::ALERT_KIND_OWN_SURNAME:
      return absl::Hours(24 * 365);
    case v1::ALERT_KIND_UNINVOLVED_OPEN:
    case v1::ALERT_KIND_UNINVOLVED_REVEAL:
    case v1::ALERT_KIND_NAME_SOUGHT_BY_MANY:
      return absl::Hours(24 * 7);
    default:
      return absl::Hours(24);
  }
}

bool IsDrawn(std::string_view digest) {
  unsigned number = 0;
  for (const char byte : digest.substr(0, 3)) number = number << 8 | static_cast<unsigned char>(byte);
  return number % kDrawnOneIn == 0;
}

std::string AlertWord(v1::AlertKind kind) {
  return v1::AlertKind_Name(kind).substr(std::string_view("ALERT_KIND_").size());
}

absl::StatusOr<v1::Alert> Review(v1::Alert alert, const Finding& finding) {
  const std::string note = WithoutHiddenCharacters(finding.note);
  FieldErrors errors;
  errors.Require(
      finding.outcome != v1::ALERT_OUTCOME_UNSPECIFIED && v1::AlertOutcome_IsValid(finding.outcome),
      "outcome", "say whether it was in order, a mistake, or misuse");
  errors.Require(finding.outcome == v1::ALERT_OUTCOME_IN_ORDER || !IsBlank(note), "note",
                 "say what was found and what was done, without names of subjects");
  LimitText(errors, "note", note, kTextBytesMax);
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (alert.state() != v1::ALERT_STATE_WAITING) {
    return WrongState("ALREADY_REVIEWED", "this alert was reviewed already: read what was found");
  }
  alert.set_state(v1::ALERT_STATE_REVIEWED);
  v1::AlertReview& review = *alert.mutable_review();
  review.set_outcome(finding.outcome);
  review.set_note(note);
  review.set_account(finding.account);
  *review.mutable_time() = ToTimestamp(finding.time);
  return alert;
}

}  // namespace marac::domain
