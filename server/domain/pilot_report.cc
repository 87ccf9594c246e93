#include "domain/pilot_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/condition.h"
#include "domain/instrument.h"
#include "domain/pilot_statistics.h"
#include "domain/policy.h"

namespace marac::domain {
namespace {

// Standard, medium, high.
constexpr int kBands = 3;
// What a shift of the score may spend of the false alarms; the rest is for the items.
constexpr double kShareOfScore = 0.5;
// How often a place may be found above its limit by chance before the last look, in all of a rule's places
// and looks.
constexpr double kFalseAlarmOfPlaces = 0.05;
// Fewer answers than this say nothing of a place.
constexpr int kPlaceMin = 10;
// All yes is a pattern from this many answers on.
constexpr int kStraightLineMin = 10;
// Errors to each side of an interval of 95 %.
constexpr double kCertain = 0.975;

// --- Pairs, with the answers to each item of the form beside each other ------------------------------------

// The answers of one assessment in the order of the form; null where there is none.
using Row = std::vector<const v1::Answer*>;

struct Pair {
  const PilotPairing* pairing = nullptr;
  Row reference;
  Row variant;
};

using Places = std::unordered_map<std::string_view, size_t>;

Places PlacesOf(const std::vector<std::string>& codes) {
  Places places;
  for (size_t i = 0; i < codes.size(); ++i) places[codes[i]] = i;
  return places;
}

Row RowOf(const v1::Assessment& assessment, const Places& places) {
  Row row(places.size(), nullptr);
  for (const v1::Answer& answer : assessment.answers()) {
    const auto place = places.find(answer.item());
    if (place != places.end()) row[place->second] = &answer;
  }
  return row;
}

bool IsAnswered(const v1::Answer* answer) {
  return answer != nullptr && answer->code() != v1::ANSWER_CODE_UNSPECIFIED &&
         answer->code() != v1::ANSWER_CODE_NOT_ASKED;
}
// Whether it can be compared: put, and applies.
bool IsComparable(const v1::Answer* answer) {
  return IsAnswered(answer) && answer->code() != v1::ANSWER_CODE_NOT_APPLICABLE;
}
bool IsYes(const v1::Answer* answer) { return answer != nullptr && answer->code() == v1::ANSWER_CODE_YES; }

// Yes or not, of each, for one item.
CrossTable ItemTable(std::span<const Pair> pairs, size_t item) {
  CrossTable table(2);
  for (const Pair& pair : pairs) {
    if (!IsComparable(pair.reference[item]) || !IsComparable(pair.variant[item])) continue;
    table.Add(IsYes(pair.reference[item]) ? 0 : 1, IsYes(pair.variant[item]) ? 0 : 1);
  }
  return table;
}
int LostIn(const CrossTable& table) { return table.at(0, 1); }
int GainedIn(const CrossTable& table) { return table.at(1, 0); }

// The place of a band in the matrix; -1 where there is none.
int BandPlace(const v1::Assessment& assessment) {
  switch (assessment.result().band()) {
    case v1::GRADE_STANDARD:
      return 0;
    case v1::GRADE_MEDIUM:
      return 1;
    case v1::GRADE_HIGH:
      return 2;
    case v1::GRADE_UNSPECIFIED:
    default:
      return -1;
  }
}

CrossTable BandTable(std::span<const Pair> pairs) {
  CrossTable table(kBands);
  for (const Pair& pair : pairs) {
    const int reference = BandPlace(pair.pairing->reference.assessment);
    const int variant = BandPlace(pair.pairing->variant.assessment);
    if (reference >= 0 && variant >= 0) table.Add(reference, variant);
  }
  return table;
}

// Scores of pairs of two finished forms: of an unfinished one the count says how far it came.
std::vector<std::vector<double>> Scores(std::span<const Pair> pairs) {
  std::vector<std::vector<double>> scores;
  for (const Pair& pair : pairs) {
    const v1::AssessmentResult& reference = pair.pairing->reference.assessment.result();
    const v1::AssessmentResult& variant = pair.pairing->variant.assessment.result();
    if (!reference.complete() || !variant.complete()) continue;
    scores.push_back({static_cast<double>(reference.score()), static_cast<double>(variant.score())});
  }
  return scores;
}

// Variant less reference.
std::optional<Differences> ScoreDifferences(std::span<const Pair> pairs) {
  std::vector<double> differences;
  for (const std::vector<double>& score : Scores(pairs)) differences.push_back(score[1] - score[0]);
  return BlandAltman(differences);
}

void SetEstimate(const std::optional<Interval>& interval, v1::PilotEstimate* estimate) {
  estimate->set_value(interval->value);
  estimate->set_low(interval->low);
  estimate->set_high(interval->high);
}

v1::PilotEstimate MeanDifference(const Differences& differences) {
  v1::PilotEstimate estimate;
  estimate.set_value(differences.mean);
  if (differences.interval) SetEstimate(differences.interval, &estimate);
  return estimate;
}

// --- What is not understood, and the like, counted ---------------------------------------------------------

// What the events of one assessment say of one item or probe.
struct Course {
  bool skipped = false;
  bool changed = false;
  bool reworded = false;
};

struct Courses {
  std::map<std::string, Course, std::less<>> items;  // an item's own, and all its probes'
  std::map<std::string, Course, std::less<>> probes;
};

Courses CoursesOf(const PilotTaking& taking) {
  Courses courses;
  // By item and probe: the answer before.
  std::map<std::pair<std::string, std::string>, v1::AnswerCode> before;
  for (const v1::Answer& event : taking.events) {
    Course seen;
    seen.skipped = event.code() == v1::ANSWER_CODE_NOT_ASKED;
    seen.reworded = event.reworded();
    const auto [last, is_first] = before.try_emplace({event.item(), event.probe()}, event.code());
    seen.changed = !is_first && last->second != v1::ANSWER_CODE_NOT_ASKED && last->second != event.code();
    last->second = event.code();
    auto add = [&seen](Course& course) {
      course.skipped = course.skipped || seen.skipped;
      course.changed = course.changed || seen.changed;
      course.reworded = course.reworded || seen.reworded;
    };
    add(courses.items[event.item()]);
    if (!event.probe().empty()) add(courses.probes[event.probe()]);
  }
  return courses;
}

void AddCourse(const std::map<std::string, Course, std::less<>>& courses, std::string_view code,
               bool reworded, v1::PilotQuality& quality) {
  const auto found = courses.find(code);
  const Course course = found == courses.end() ? Course{} : found->second;
  if (course.skipped) quality.set_skipped(quality.skipped() + 1);
  if (course.changed) quality.set_changed(quality.changed() + 1);
  if (course.reworded || reworded) quality.set_reworded(quality.reworded() + 1);
}

void AddAnswer(const v1::Answer* answer, bool not_understood, v1::PilotQuality& quality) {
  if (!IsAnswered(answer)) {
    quality.set_missing(quality.missing() + 1);
    return;
  }
  quality.set_answered(quality.answered() + 1);
  if (answer->code() == v1::ANSWER_CODE_DONT_KNOW) quality.set_dont_know(quality.dont_know() + 1);
  if (answer->code() == v1::ANSWER_CODE_DECLINED) quality.set_declined(quality.declined() + 1);
  if (not_understood) quality.set_not_understood(quality.not_understood() + 1);
}

bool IsNotUnderstood(const v1::Answer& answer) {
  return answer.code() == v1::ANSWER_CODE_DONT_KNOW && answer.reason() == v1::ANSWER_REASON_NOT_UNDERSTOOD;
}

// The answers to one side of all pairs.
struct Taken {
  const PilotTaking* taking = nullptr;
  const Row* row = nullptr;
  const Row* other = nullptr;  // the answers of the other side
};

v1::PilotQuality ItemQuality(const v1::Item& item, size_t place, std::span<const Taken> taken,
                             std::span<const Courses> courses) {
  v1::PilotQuality quality;
  quality.set_code(item.code());
  for (size_t i = 0; i < taken.size(); ++i) {
    const v1::Answer* answer = (*taken[i].row)[place];
    bool not_understood = answer != nullptr && IsNotUnderstood(*answer);
    bool reworded = answer != nullptr && answer->reworded();
    for (const v1::Answer& probe : taken[i].taking->assessment.probe_answers()) {
      if (probe.item() != item.code()) continue;
      not_understood = not_understood || IsNotUnderstood(probe);
      reworded = reworded || probe.reworded();
    }
    // What is not understood is among what is not known: a part of an item answered yes holds nothing back.
    not_understood = not_understood && answer != nullptr && answer->code() == v1::ANSWER_CODE_DONT_KNOW;
    AddAnswer(answer, not_understood, quality);
    AddCourse(courses[i].items, item.code(), reworded, quality);
  }
  return quality;
}

v1::PilotQuality ProbeQuality(const v1::Probe& probe, size_t place, std::span<const Taken> taken,
                              std::span<const Courses> courses) {
  v1::PilotQuality quality;
  quality.set_code(probe.code());
  for (size_t i = 0; i < taken.size(); ++i) {
    const auto& answers = taken[i].taking->assessment.probe_answers();
    const auto found = std::ranges::find(answers, probe.code(), &v1::Answer::probe);
    const v1::Answer* answer = found == answers.end() ? nullptr : &*found;
    AddAnswer(answer, answer != nullptr && IsNotUnderstood(*answer), quality);
    AddCourse(courses[i].probes, probe.code(), answer != nullptr && answer->reworded(), quality);
    const v1::Answer* other = (*taken[i].other)[place];
    if (IsYes(answer) && IsComparable(other) && !IsYes(other)) quality.set_yes_alone(quality.yes_alone() + 1);
  }
  return quality;
}

bool IsStraightLine(const v1::Assessment& assessment) {
  int given = 0;
  for (const v1::Answer& answer : assessment.answers()) {
    if (!IsAnswered(&answer)) continue;
    if (!IsYes(&answer)) return false;
    ++given;
  }
  return given >= kStraightLineMin;
}

bool FailsPractice(const v1::PilotPlan& plan, const v1::Assessment& assessment) {
  return std::ranges::any_of(plan.practice(), [&](const v1::PilotPractice& practice) {
    const auto& answers = assessment.section_answers();
    const auto found = std::ranges::find(answers, practice.item(), &v1::Answer::item);
    return found != answers.end() && IsAnswered(&*found) && found->code() != practice.answer();
  });
}

bool HasNoOverYes(const v1::Assessment& assessment) {
  return std::ranges::any_of(assessment.probe_answers(), [&](const v1::Answer& probe) {
    return IsYes(&probe) && std::ranges::any_of(assessment.answers(), [&](const v1::Answer& answer) {
             return answer.item() == probe.item() && answer.code() == v1::ANSWER_CODE_NO;
           });
  });
}

void AddContradictions(const v1::PilotPlan& plan, std::span<const Taken> taken, v1::PilotSide& side) {
  v1::PilotCount* no_over_yes = side.add_contradictions();
  no_over_yes->set_id("NO_OVER_YES");
  no_over_yes->set_count(static_cast<int>(
      std::ranges::count_if(taken, [](const Taken& one) { return HasNoOverYes(one.taking->assessment); })));
  for (const v1::PilotContradiction& contradiction : plan.contradictions()) {
    v1::PilotCount* count = side.add_contradictions();
    count->set_id(contradiction.id());
    count->set_count(static_cast<int>(std::ranges::count_if(taken, [&](const Taken& one) {
      return Holds(contradiction.when(), one.taking->assessment.answers(),
                   one.taking->assessment.judgement());
    })));
  }
}

void AddSectionAnswers(const v1::InstrumentPack& pack, std::span<const Taken> taken, v1::PilotSide& side) {
  for (const v1::Section& section : pack.sections()) {
    // Practice has its own count, and what is asked about abuse is nobody's burden.
    if (section.kind() != v1::SECTION_KIND_TEACH_BACK && section.kind() != v1::SECTION_KIND_CHECK_IN &&
        section.kind() != v1::SECTION_KIND_AFTER) {
      continue;
    }
    for (const v1::Item& item : section.items()) {
      std::map<std::pair<v1::AnswerCode, std::string>, int> counts;
      for (const Taken& one : taken) {
        for (const v1::Answer& answer : one.taking->assessment.section_answers()) {
          if (answer.item() == item.code()) ++counts[{answer.code(), answer.option()}];
        }
      }
      for (const auto& [given, count] : counts) {
        v1::PilotSectionAnswer* answer = side.add_section_answers();
        answer->set_kind(section.kind());
        answer->set_item(item.code());
        answer->set_code(given.first);
        answer->set_option(given.second);
        answer->set_count(count);
      }
    }
  }
}

// Below which a share of sorted numbers lies, in a straight line between two of them.
double QuantileOf(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - std::floor(at)) * (sorted[above] - sorted[below]);
}

v1::PilotSpread SpreadOf(std::vector<double> numbers) {
  v1::PilotSpread spread;
  spread.set_count(static_cast<int>(numbers.size()));
  if (numbers.empty()) return spread;
  std::ranges::sort(numbers);
  spread.set_median(QuantileOf(numbers, 0.5));
  spread.set_quartile_low(QuantileOf(numbers, 0.25));
  spread.set_quartile_high(QuantileOf(numbers, 0.75));
  return spread;
}

v1::PilotSide SideOf(const v1::PilotPlan& plan, const v1::InstrumentPack& pack, const Places& places,
                     std::span<const Taken> taken) {
  v1::PilotSide side;
  side.set_instrument(NameWithVersion(pack.id(), pack.version()));
  side.set_assessments(static_cast<int>(taken.size()));
  std::vector<Courses> courses;
  std::vector<double> minutes;
  for (const Taken& one : taken) {
    const v1::Assessment& assessment = one.taking->assessment;
    if (assessment.state() == v1::ASSESSMENT_STATE_STOPPED) side.set_stopped(side.stopped() + 1);
    if (IsStraightLine(assessment)) side.set_straight_line_yes(side.straight_line_yes() + 1);
    if (FailsPractice(plan, assessment)) side.set_practice_failures(side.practice_failures() + 1);
    const Burden burden = BurdenOf(one.taking->events);
    if (burden.sittings > 0) minutes.push_back(burden.minutes);
    side.set_breaks(side.breaks() + burden.breaks);
    side.set_sittings(side.sittings() + burden.sittings);
    courses.push_back(CoursesOf(*one.taking));
  }
  *side.mutable_minutes() = SpreadOf(std::move(minutes));
  AddContradictions(plan, taken, side);
  for (const v1::Item& item : pack.items()) {
    const size_t place = places.at(item.code());
    *side.add_items() = ItemQuality(item, place, taken, courses);
    for (const v1::Probe& probe : item.probes()) {
      *side.add_probes() = ProbeQuality(probe, place, taken, courses);
    }
  }
  AddSectionAnswers(pack, taken, side);
  return side;
}

// --- Agreement ---------------------------------------------------------------------------------------------

v1::PilotItemAgreement AgreementOn(const std::string& item, const CrossTable& table) {
  v1::PilotItemAgreement agreement;
  agreement.set_item(item);
  agreement.set_pairs(table.total());
  agreement.set_both_yes(table.at(0, 0));
  agreement.set_lost(LostIn(table));
  agreement.set_gained(GainedIn(table));
  agreement.set_neither(table.at(1, 1));
  if (const auto share = AgreementShare(table)) agreement.set_agreement_percent(100 * *share);
  if (const auto kappa = Kappa(table, Weights::kIdentity)) SetEstimate(kappa, agreement.mutable_kappa());
  if (const auto pabak = Pabak(table)) agreement.set_pabak(*pabak);
  agreement.set_chance_of_shift(McNemar(LostIn(table), GainedIn(table)));
  return agreement;
}

v1::PilotBandAgreement BandAgreement(const CrossTable& table) {
  constexpr v1::Grade kGrades[] = {v1::GRADE_STANDARD, v1::GRADE_MEDIUM, v1::GRADE_HIGH};
  v1::PilotBandAgreement agreement;
  agreement.set_pairs(table.total());
  for (int i = 0; i < kBands; ++i) {
    for (int j = 0; j < kBands; ++j) {
      v1::PilotBandCell* cell = agreement.add_cells();
      cell->set_reference(kGrades[i]);
      cell->set_variant(kGrades[j]);
      cell->set_pairs(table.at(i, j));
      if (j > i) agreement.set_raised(agreement.raised() + table.at(i, j));
      if (j < i) agreement.set_lowered(agreement.lowered() + table.at(i, j));
    }
  }
  const int high = kBands - 1;
  agreement.set_moved_into_high(table.at(0, high) + table.at(1, high));
  agreement.set_moved_out_of_high(table.at(high, 0) + table.at(high, 1));
  agreement.set_moved_into_high_percent(100.0 * agreement.moved_into_high() / table.total());
  if (const auto kappa = Kappa(table, Weights::kQuadratic)) {
    SetEstimate(kappa, agreement.mutable_kappa_quadratic());
  }
  if (const auto kappa = Kappa(table, Weights::kLinear)) SetEstimate(kappa, agreement.mutable_kappa_linear());
  agreement.set_chance_of_shift(McNemar(agreement.raised(), agreement.lowered()));
  return agreement;
}

std::optional<v1::PilotScoreAgreement> ScoreAgreement(std::span<const Pair> pairs) {
  const std::optional<Differences> differences = ScoreDifferences(pairs);
  if (!differences) return std::nullopt;
  v1::PilotScoreAgreement agreement;
  agreement.set_pairs(differences->pairs);
  if (const auto icc = Icc21(Scores(pairs))) agreement.set_icc(*icc);
  *agreement.mutable_mean_difference() = MeanDifference(*differences);
  if (differences->limit_low) agreement.set_limit_low(*differences->limit_low);
  if (differences->limit_high) agreement.set_limit_high(*differences->limit_high);
  return agreement;
}

std::set<std::string> GroundsOf(const v1::Assessment& assessment) {
  std::set<std::string> grounds(assessment.result().criteria().begin(), assessment.result().criteria().end());
  for (const v1::FiredCluster& cluster : assessment.result().clusters()) grounds.insert(cluster.id());
  return grounds;
}

void AddGrounds(std::span<const Pair> pairs, v1::PilotReport& report) {
  std::map<std::string, v1::PilotGroundAgreement> grounds;
  v1::PilotGroundAgreement referred;
  referred.set_id("REFERRED");
  auto count = [](v1::PilotGroundAgreement& ground, bool reference, bool variant) {
    if (reference && variant) ground.set_both(ground.both() + 1);
    if (reference && !variant) ground.set_reference_only(ground.reference_only() + 1);
    if (!reference && variant) ground.set_variant_only(ground.variant_only() + 1);
  };
  for (const Pair& pair : pairs) {
    const std::set<std::string> reference = GroundsOf(pair.pairing->reference.assessment);
    const std::set<std::string> variant = GroundsOf(pair.pairing->variant.assessment);
    std::set<std::string> either = reference;
    either.insert(variant.begin(), variant.end());
    for (const std::string& id : either) {
      v1::PilotGroundAgreement& ground = grounds[id];
      ground.set_id(id);
      count(ground, reference.contains(id), variant.contains(id));
    }
    count(referred, !pair.pairing->reference.assessment.referral().empty(),
          !pair.pairing->variant.assessment.referral().empty());
  }
  for (const auto& [id, ground] : grounds) *report.add_grounds() = ground;
  *report.add_grounds() = referred;
}

// --- The rules ---------------------------------------------------------------------------------------------

// The pairs a rule is judged on, and what it may spend.
struct Look {
  std::span<const Pair> pairs;
  bool is_last = false;
  int looks = 1;  // of the plan
};

v1::PilotOutcome KappaOutcome(const std::optional<Interval>& kappa, double limit, bool is_last) {
  if (!kappa) return v1::PILOT_OUTCOME_TOO_LITTLE_DATA;  // all are in one band
  if (kappa->low >= limit) return v1::PILOT_OUTCOME_MET;
  // What was to be shown with the pairs that were planned and was not is not met.
  if (kappa->high < limit || is_last) return v1::PILOT_OUTCOME_NOT_MET;
  return v1::PILOT_OUTCOME_TOO_LITTLE_DATA;
}

void JudgeKappa(Weights weights, const v1::PilotRule& rule, const Look& look, v1::PilotRuleResult& result) {
  const std::optional<Interval> kappa = Kappa(BandTable(look.pairs), weights);
  if (kappa) SetEstimate(kappa, result.mutable_value());
  result.set_outcome(KappaOutcome(kappa, rule.limit(), look.is_last));
}

// Some of how many, at one place of the form.
struct Share {
  std::string place;
  int count = 0;
  int of = 0;
};

// Above its limit by more than chance, it is not met at any look. Before the last one it is met only with
// certainty; at the last one what was seen decides, and where that is above the limit but chance could be
// why, nothing is decided.
v1::PilotOutcome ShareOutcome(const Share& share, double limit_percent, double false_alarm, bool is_last) {
  if (share.of == 0) return v1::PILOT_OUTCOME_TOO_LITTLE_DATA;
  if (100 * ShareInterval(share.count, share.of, NormalQuantile(1 - false_alarm))->low > limit_percent) {
    return v1::PILOT_OUTCOME_NOT_MET;
  }
  // Multiplied out, so that 5 of 100 are not above 5 percent by a rounding.
  const bool seen_within = 100.0 * share.count <= limit_percent * share.of && share.of >= kPlaceMin;
  const bool surely_within =
      100 * ShareInterval(share.count, share.of, NormalQuantile(kCertain))->high <= limit_percent;
  return (is_last ? seen_within : surely_within) ? v1::PILOT_OUTCOME_MET : v1::PILOT_OUTCOME_TOO_LITTLE_DATA;
}

// Not met anywhere: not met. Unknown somewhere: too little data. A rule over no place at all says nothing.
v1::PilotOutcome Together(const std::vector<v1::PilotOutcome>& outcomes) {
  auto has = [&](v1::PilotOutcome outcome) { return std::ranges::find(outcomes, outcome) != outcomes.end(); };
  if (has(v1::PILOT_OUTCOME_NOT_MET)) return v1::PILOT_OUTCOME_NOT_MET;
  if (outcomes.empty() || has(v1::PILOT_OUTCOME_TOO_LITTLE_DATA)) return v1::PILOT_OUTCOME_TOO_LITTLE_DATA;
  return v1::PILOT_OUTCOME_MET;
}

void JudgeShares(const std::vector<Share>& shares, const v1::PilotRule& rule, const Look& look,
                 v1::PilotRuleResult& result) {
  const double false_alarm =
      kFalseAlarmOfPlaces / look.looks / std::max(1.0, static_cast<double>(shares.size()));
  std::vector<v1::PilotOutcome> outcomes;
  const Share* worst = nullptr;
  for (const Share& share : shares) {
    outcomes.push_back(ShareOutcome(share, rule.limit(), false_alarm, look.is_last));
    if (outcomes.back() == v1::PILOT_OUTCOME_NOT_MET) result.add_where(share.place);
    if (share.of == 0) continue;
    if (worst == nullptr ||
        static_cast<double>(share.count) * worst->of > static_cast<double>(worst->count) * share.of) {
      worst = &share;
    }
  }
  if (worst != nullptr) {
    const Interval interval = *ShareInterval(worst->count, worst->of, NormalQuantile(kCertain));
    SetEstimate(Interval{100 * interval.value, 100 * interval.low, 100 * interval.high},
                result.mutable_value());
  }
  result.set_outcome(Together(outcomes));
}

// Of probes; of items that are asked whole, of the item.
std::vector<Share> NotUnderstood(const v1::InstrumentPack& pack, const v1::PilotSide& variant) {
  std::vector<Share> shares;
  for (const v1::PilotQuality& probe : variant.probes()) {
    shares.push_back({probe.code(), probe.not_understood(), probe.answered()});
  }
  for (const v1::PilotQuality& item : variant.items()) {
    if (!FindItem(pack, item.code())->probes().empty()) continue;
    shares.push_back({item.code(), item.not_understood(), item.answered()});
  }
  return shares;
}

// As for shares. Where one is exactly `limit` times as common, it has limit / (limit + 1) of all "don't
// know"; where both are as common, half.
v1::PilotOutcome RatioOutcome(int variant, int reference, double limit, double false_alarm, bool is_last) {
  const int all = variant + reference;
  const double at_limit = limit / (limit + 1);
  if (variant <= limit * reference) {
    const bool certain = 1 - ChanceOfAtLeast(variant + 1, all, at_limit) < 1 - kCertain;
    return is_last || certain ? v1::PILOT_OUTCOME_MET : v1::PILOT_OUTCOME_TOO_LITTLE_DATA;
  }
  // At the last look it is enough that it is seen above the limit and surely above the reference.
  return ChanceOfAtLeast(variant, all, is_last ? 0.5 : at_limit) < false_alarm
             ? v1::PILOT_OUTCOME_NOT_MET
             : v1::PILOT_OUTCOME_TOO_LITTLE_DATA;
}

void JudgeRatio(const std::vector<std::string>& items, const v1::PilotRule& rule, const Look& look,
                v1::PilotRuleResult& result) {
  const double false_alarm = kFalseAlarmOfPlaces / look.looks / static_cast<double>(items.size());
  std::vector<v1::PilotOutcome> outcomes;
  for (size_t i = 0; i < items.size(); ++i) {
    int reference = 0;
    int variant = 0;
    for (const Pair& pair : look.pairs) {
      // Only where both were put: a form that was stopped has fewer of everything.
      if (!IsAnswered(pair.reference[i]) || !IsAnswered(pair.variant[i])) continue;
      if (pair.reference[i]->code() == v1::ANSWER_CODE_DONT_KNOW) ++reference;
      if (pair.variant[i]->code() == v1::ANSWER_CODE_DONT_KNOW) ++variant;
    }
    outcomes.push_back(RatioOutcome(variant, reference, rule.limit(), false_alarm, look.is_last));
    if (outcomes.back() == v1::PILOT_OUTCOME_NOT_MET) result.add_where(items[i]);
    if (reference == 0) continue;
    const double ratio = static_cast<double>(variant) / reference;
    if (!result.has_value() || ratio > result.value().value()) result.mutable_value()->set_value(ratio);
  }
  result.set_outcome(Together(outcomes));
}

// "SCORE" and the items that are shifted downwards by more than chance. The false alarms of the whole pilot
// are shared out among its looks, and at a look between the score and the items (Bonferroni's inequality).
std::vector<std::string> ShiftedDown(const std::vector<std::string>& items, const v1::PilotRule& rule,
                                     const Look& look) {
  const double spent = rule.false_alarm_percent() / 100 / look.looks;
  std::vector<std::string> shifted;
  if (const std::optional<Differences> differences = ScoreDifferences(look.pairs)) {
    const std::optional<double> chance = ChanceOfDrop(*differences);
    if (chance && *chance < kShareOfScore * spent) shifted.emplace_back("SCORE");
  }
  for (size_t i = 0; i < items.size(); ++i) {
    const CrossTable table = ItemTable(look.pairs, i);
    if (ChanceOfShift(GainedIn(table), LostIn(table)) <
        (1 - kShareOfScore) * spent / static_cast<double>(items.size())) {
      shifted.push_back(items[i]);
    }
  }
  return shifted;
}

void JudgeShift(const std::vector<std::string>& items, const v1::PilotRule& rule, std::span<const Look> looks,
                v1::PilotRuleResult& result) {
  const std::optional<Differences> differences = ScoreDifferences(looks.back().pairs);
  if (differences) *result.mutable_value() = MeanDifference(*differences);
  // Found once, it stays found: more pairs do not take back what the plan's own test has shown.
  for (const Look& look : looks) {
    if (static_cast<int>(look.pairs.size()) < rule.pairs_min()) continue;
    for (const std::string& place : ShiftedDown(items, rule, look)) {
      if (std::ranges::find(result.where(), place) == result.where().end()) result.add_where(place);
    }
  }
  if (!result.where().empty()) {
    result.set_outcome(v1::PILOT_OUTCOME_NOT_MET);
  } else if (differences && differences->interval && differences->interval->low > -rule.limit()) {
    result.set_outcome(v1::PILOT_OUTCOME_MET);
  } else {
    // That no shift was found is no proof that there is none.
    result.set_outcome(v1::PILOT_OUTCOME_TOO_LITTLE_DATA);
  }
}

std::vector<Taken> TakenOf(std::span<const Pair> pairs, bool variant) {
  std::vector<Taken> taken;
  for (const Pair& pair : pairs) {
    taken.push_back({variant ? &pair.pairing->variant : &pair.pairing->reference,
                     variant ? &pair.variant : &pair.reference, variant ? &pair.reference : &pair.variant});
  }
  return taken;
}

v1::PilotRuleResult Judge(const v1::PilotPlan& plan, const v1::PilotRule& rule, const PilotPacks& packs,
                          const std::vector<std::string>& items, const Places& places,
                          std::span<const Look> looks) {
  v1::PilotRuleResult result;
  result.set_id(rule.id());
  result.set_measure(rule.measure());
  result.set_limit(rule.limit());
  result.set_outcome(v1::PILOT_OUTCOME_TOO_LITTLE_DATA);
  if (looks.empty() || static_cast<int>(looks.back().pairs.size()) < rule.pairs_min()) return result;
  const Look& look = looks.back();
  switch (rule.measure()) {
    case v1::PILOT_MEASURE_BAND_KAPPA_QUADRATIC:
      JudgeKappa(Weights::kQuadratic, rule, look, result);
      break;
    case v1::PILOT_MEASURE_BAND_KAPPA_LINEAR:
      JudgeKappa(Weights::kLinear, rule, look, result);
      break;
    case v1::PILOT_MEASURE_NOT_UNDERSTOOD_PERCENT: {
      const v1::PilotSide side = SideOf(plan, packs.variant, places, TakenOf(look.pairs, /*variant=*/true));
      JudgeShares(NotUnderstood(packs.variant, side), rule, look, result);
      break;
    }
    case v1::PILOT_MEASURE_DONT_KNOW_RATIO:
      JudgeRatio(items, rule, look, result);
      break;
    case v1::PILOT_MEASURE_NO_DOWNWARD_SHIFT:
      JudgeShift(items, rule, looks, result);
      break;
    case v1::PILOT_MEASURE_MOVED_OUT_OF_HIGH_PERCENT: {
      const CrossTable table = BandTable(look.pairs);
      const int high = kBands - 1;
      const int lowered = table.at(high, 0) + table.at(high, 1);
      JudgeShares({{"BAND", lowered, lowered + table.at(high, high)}}, rule, look, result);
      break;
    }
    case v1::PILOT_MEASURE_UNSPECIFIED:
    default:
      break;  // no checked plan gets here
  }
  return result;
}

}  // namespace

v1::PilotReport ReportOf(const v1::Pilot& pilot, const PilotPacks& packs,
                         std::span<const PilotPairing> pairings) {
  const v1::PilotPlan& plan = pilot.plan();
  std::vector<std::string> items;
  for (const v1::Item& item : packs.reference.items()) items.push_back(item.code());
  const Places places = PlacesOf(items);
  std::vector<Pair> pairs;
  for (const PilotPairing& pairing : pairings) {
    pairs.push_back(
        {&pairing, RowOf(pairing.reference.assessment, places), RowOf(pairing.variant.assessment, places)});
  }
  const std::span<const Pair> all = pairs;
  std::vector<Look> looks;
  for (int look : plan.looks()) {
    if (static_cast<size_t>(look) > all.size()) break;
    looks.push_back(
        {all.first(static_cast<size_t>(look)), look == plan.looks(plan.looks_size() - 1), plan.looks_size()});
  }

  v1::PilotReport report;
  report.set_pilot(pilot.name());
  report.set_pairs(static_cast<int>(all.size()));
  report.set_incidents(pilot.incidents_size());
  report.set_incidents_unreviewed(UnreviewedIncidents(pilot));
  if (!looks.empty()) report.set_look(static_cast<int>(looks.back().pairs.size()));
  report.set_last_look(!looks.empty() && looks.back().is_last);
  for (const v1::PilotRule& rule : plan.rules()) {
    v1::PilotRuleResult& result = *report.add_rules();
    result = Judge(plan, rule, packs, items, places, looks);
    if (report.incidents_unreviewed() == 0) continue;
    result.set_outcome(v1::PILOT_OUTCOME_WITHHELD);
    result.clear_where();
  }
  for (size_t i = 0; i < items.size(); ++i) *report.add_items() = AgreementOn(items[i], ItemTable(all, i));
  if (const CrossTable bands = BandTable(all); bands.total() > 0) {
    *report.mutable_band() = BandAgreement(bands);
  }
  if (const auto score = ScoreAgreement(all)) *report.mutable_score() = *score;
  AddGrounds(all, report);
  *report.mutable_reference() = SideOf(plan, packs.reference, places, TakenOf(all, /*variant=*/false));
  *report.mutable_variant() = SideOf(plan, packs.variant, places, TakenOf(all, /*variant=*/true));
  return report;
}

}  // namespace marac::domain
