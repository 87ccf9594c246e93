// Who may be referred: the criteria (R-01, dash.md 4) and the age. Nothing here blocks a draft, and
// the score alone never blocks anything.
#ifndef MARAC_DOMAIN_THRESHOLD_H_
#define MARAC_DOMAIN_THRESHOLD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/local_date.h"

namespace marac::domain {

// Area settings, with the documented defaults.
struct ThresholdSettings {
  int high_score = 14;
  int escalation_reports_min = 3;
  int escalation_months = 12;
  // Characters that the text of a professional judgement must have, apart from space at its ends.
  int judgement_text_length_min = 1;
  // Codes of factors any of which is enough alone, such as STRANGLE. None by default.
  std::vector<std::string> decisive_factors = {};
};

struct ThresholdFacts {
  LocalDate assessed;
  // Count of YES; empty without an assessment, or with one that is not graded by counting.
  std::optional<int> score = std::nullopt;
  bool judgement_ticked = false;
  std::string judgement_text = "";
  // Day of each report of abuse of this victim, in any order; two on one day are two.
  std::vector<LocalDate> reports = {};
  bool repeat = false;
  // Codes of the factors that are present.
  std::vector<std::string> factors = {};
};

enum class Criterion { kVisibleHigh, kProfessionalJudgement, kEscalation, kRepeat, kDecisiveFactor };

struct ThresholdFinding {
  // Those that are met, in the order of the enum.
  std::vector<Criterion> criteria = {};
  // Nothing is met: the form asks whether professional judgement says otherwise, and why.
  bool ask_for_judgement = false;

  bool eligible() const { return !criteria.empty(); }
};

// INVALID_ARGUMENT naming `judgement_text` when judgement is ticked and the text is blank or too short. Text
// without the tick is only text.
absl::StatusOr<ThresholdFinding> CheckThreshold(const ThresholdFacts& facts,
                                                const ThresholdSettings& settings);

// Reports in the `months` back from `assessed`, both boundary days included.
int CountReports(const std::vector<LocalDate>& reports, LocalDate assessed, int months);

enum class AgeAnswer { kOldEnough, kTooYoung, kNotKnown };

// The victim's age on the day of the referral; the birthday counts. A birth date that is not known is
// not "too young": the coordinator decides. Too young is for children's safeguarding, and the record is kept.
AgeAnswer CheckAge(std::optional<LocalDate> birth, LocalDate referred, int age_min = 16);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_THRESHOLD_H_
