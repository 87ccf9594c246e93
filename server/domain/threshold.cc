#include "domain/threshold.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/errors.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

bool Intersects(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::any_of(a,
                             [&](const std::string& code) { return std::ranges::find(b, code) != b.end(); });
}

}  // namespace

int CountReports(const std::vector<LocalDate>& reports, LocalDate assessed, int months) {
  LocalDate first = assessed.AddMonths(-months);
  return static_cast<int>(
      std::ranges::count_if(reports, [&](LocalDate day) { return day >= first && day <= assessed; }));
}

absl::StatusOr<ThresholdFinding> CheckThreshold(const ThresholdFacts& facts,
                                                const ThresholdSettings& settings) {
  if (facts.judgement_ticked &&
      VisibleLength(facts.judgement_text) < std::max(1, settings.judgement_text_length_min)) {
    return InvalidField(
        "judgement_text",
        fmt::format("say in at least {} characters why professional judgement puts this at high risk",
                    std::max(1, settings.judgement_text_length_min)));
  }
  ThresholdFinding finding;
  if (facts.score && *facts.score >= settings.high_score) finding.criteria.push_back(Criterion::kVisibleHigh);
  if (facts.judgement_ticked) finding.criteria.push_back(Criterion::kProfessionalJudgement);
  if (CountReports(facts.reports, facts.assessed, settings.escalation_months) >=
      settings.escalation_reports_min) {
    finding.criteria.push_back(Criterion::kEscalation);
  }
  if (facts.repeat) finding.criteria.push_back(Criterion::kRepeat);
  if (Intersects(facts.factors, settings.decisive_factors))
    finding.criteria.push_back(Criterion::kDecisiveFactor);
  finding.ask_for_judgement = finding.criteria.empty();
  return finding;
}

AgeAnswer CheckAge(std::optional<LocalDate> birth, LocalDate referred, int age_min) {
  if (!birth) return AgeAnswer::kNotKnown;
  return AgeOn(*birth, referred) >= age_min ? AgeAnswer::kOldEnough : AgeAnswer::kTooYoung;
}

}  // namespace marac::domain
