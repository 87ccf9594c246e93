#include "domain/repeat.h"

#include <algorithm>

namespace marac::domain {
namespace {

RepeatAnswer Answer(const RepeatFacts& facts, const std::optional<LocalDate>& anchor,
                    const RepeatSettings& settings) {
  if (!facts.same_pair) return RepeatAnswer::kOtherPair;
  if (!anchor) return RepeatAnswer::kNoAnchor;
  if (facts.in_last_referral) return RepeatAnswer::kNotNew;
  if (!facts.incident) return RepeatAnswer::kNotKnown;
  if (*facts.incident < *anchor) return RepeatAnswer::kBeforeAnchor;
  if (*facts.incident > anchor->AddMonths(settings.months)) return RepeatAnswer::kTooLate;
  if (settings.definition == RepeatDefinition::kOld) {
    // Not known is not no.
    if (!facts.would_be_criminal) return RepeatAnswer::kNotKnown;
    if (!*facts.would_be_criminal) return RepeatAnswer::kNotCriminal;
  }
  return RepeatAnswer::kRepeat;
}

AnchorFinding Find(const RepeatFacts& facts, const std::optional<LocalDate>& anchor,
                   const RepeatSettings& settings) {
  AnchorFinding finding = {Answer(facts, anchor, settings), anchor, std::nullopt};
  if (anchor) finding.last_day = anchor->AddMonths(settings.months);
  return finding;
}

}  // namespace

std::string_view Explain(RepeatAnswer answer) {
  switch (answer) {
    case RepeatAnswer::kRepeat:
      return "Repeat: new abuse of the same pair within the period.";
    case RepeatAnswer::kOtherPair:
      return "Not a repeat: not the same victim and perpetrator.";
    case RepeatAnswer::kNoAnchor:
      return "Not a repeat: there is no earlier date to count from.";
    case RepeatAnswer::kNotNew:
      return "Not a repeat: the last referral already told of this incident.";
    case RepeatAnswer::kBeforeAnchor:
      return "Not a repeat: the incident is older than the date counted from.";
    case RepeatAnswer::kTooLate:
      return "Not a repeat: the incident is after the last day.";
    case RepeatAnswer::kNotCriminal:
      return "Not a repeat: this area counts only what would be a crime.";
    case RepeatAnswer::kNotKnown:
      break;
  }
  return "Not decided: what is needed to tell is not known, so a person decides.";
}

RepeatFinding FindRepeat(const RepeatFacts& facts, const RepeatSettings& settings) {
  return {Find(facts, facts.last_referral, settings), Find(facts, facts.last_heard, settings),
          settings.anchor};
}

bool SamePair(bool same_victim, const std::set<std::string>& perpetrators_before,
              const std::set<std::string>& perpetrators_now, PairRule rule) {
  if (!same_victim || perpetrators_before.empty() || perpetrators_now.empty()) return false;
  if (rule == PairRule::kAllInCommon) return perpetrators_before == perpetrators_now;
  return std::ranges::any_of(perpetrators_now,
                             [&](const std::string& person) { return perpetrators_before.contains(person); });
}

}  // namespace marac::domain
