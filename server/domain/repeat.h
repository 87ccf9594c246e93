// Repeats: new abuse of the same pair within twelve months.
#ifndef MARAC_DOMAIN_REPEAT_H_
#define MARAC_DOMAIN_REPEAT_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "domain/local_date.h"

namespace marac::domain {

// Which date of the past counts in an area. Both are always worked out and shown.
enum class RepeatAnchor { kReferral, kHeard };

// What abuse counts: any, or only what would be a crime if reported.
enum class RepeatDefinition { kCurrent, kOld };

// Area settings, with the documented defaults.
struct RepeatSettings {
  RepeatAnchor anchor = RepeatAnchor::kReferral;
  int months = 12;
  RepeatDefinition definition = RepeatDefinition::kCurrent;
};

// What is known of the earlier case and the new incident.
struct RepeatFacts {
  // Confirmed by a person; see SamePair.
  bool same_pair = false;
  // Day on which the last referral of this pair that was *accepted* was submitted. Others do not anchor.
  std::optional<LocalDate> last_referral = std::nullopt;
  // Day on which the pair was last heard.
  std::optional<LocalDate> last_heard = std::nullopt;
  // Day of the new incident; empty when it is not known.
  std::optional<LocalDate> incident = std::nullopt;
  // The last referral already told of this incident.
  bool in_last_referral = false;
  // Asked for by the old definition only; empty when it is not known.
  std::optional<bool> would_be_criminal = std::nullopt;
};

enum class RepeatAnswer {
  kRepeat,
  kOtherPair,     // not the same victim and perpetrator
  kNoAnchor,      // never referred, or never heard
  kNotNew,        // the anchor referral already told of it
  kBeforeAnchor,  // it happened before the anchor
  kTooLate,       // it happened after the last day
  kNotCriminal,   // the area counts crimes only
  kNotKnown,      // the date, or whether it was a crime, is not known: a person decides
};
// One short sentence for a screen.
std::string_view Explain(RepeatAnswer answer);

struct AnchorFinding {
  RepeatAnswer answer;
  // Both empty without an anchor. An incident on `last_day` is still a repeat.
  std::optional<LocalDate> anchor = std::nullopt;
  std::optional<LocalDate> last_day = std::nullopt;
};

struct RepeatFinding {
  AnchorFinding by_referral;
  AnchorFinding by_heard;
  // The area's anchor, whose answer counts.
  RepeatAnchor counts;

  const AnchorFinding& counting() const { return counts == RepeatAnchor::kReferral ? by_referral : by_heard; }
  bool repeat() const { return counting().answer == RepeatAnswer::kRepeat; }
};

RepeatFinding FindRepeat(const RepeatFacts& facts, const RepeatSettings& settings);

// How many perpetrators two cases of one victim must share to be the same pair (area setting).
enum class PairRule { kOneInCommon, kAllInCommon };

// Whether two cases are of the same pair. The sets hold ids of people whom a person has confirmed. False when
// either case has no confirmed perpetrator.
bool SamePair(bool same_victim, const std::set<std::string>& perpetrators_before,
              const std::set<std::string>& perpetrators_now, PairRule rule = PairRule::kOneInCommon);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_REPEAT_H_
