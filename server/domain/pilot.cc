#include "domain/pilot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/input.h"
#include "domain/instrument.h"
#include "domain/policy.h"
#include "domain/text.h"
#include "domain/text_field.h"
#include "domain/text_warnings.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

constexpr int kRulesMax = 20;
constexpr int kLooksMax = 20;
constexpr int kPairsMax = 1000;
constexpr int kCrossoverDaysMax = 60;
constexpr double kFalseAlarmPercentMax = 20;
constexpr int kMinutesRound = 5;
constexpr int kIncidentsMax = 200;
constexpr int kIncidentCharactersMin = 3;
constexpr int kIncidentCharactersMax = 1000;

// The steering group reads it, and nothing of anybody's: what can be told apart from other words is refused.
void RequireNobody(FieldErrors& errors, std::string_view field, std::string_view text) {
  errors.Require(!LooksLikeTelephone(text) && !LooksLikePostcode(text) && !LooksLikeEmail(text), field,
                 "leave out telephone numbers, postcodes and email addresses: nobody may be known by it");
}

std::set<std::string> CodesOf(const v1::InstrumentPack& pack) {
  std::set<std::string> codes;
  for (const v1::Item& item : pack.items()) codes.insert(item.code());
  return codes;
}

bool HasOptions(const v1::InstrumentPack& pack) {
  return std::ranges::any_of(pack.items(), [](const v1::Item& item) { return !item.options().empty(); });
}

const v1::InstrumentPack* FindPlanned(FieldErrors& errors, const Catalogue& catalogue, std::string_view field,
                                      const std::string& name) {
  const InstalledPack* installed = catalogue.FindPack(name);
  if (installed == nullptr) {
    errors.Add(field, "no such pack is installed; give one as \"id@version\"");
    return nullptr;
  }
  errors.Require(!HasOptions(installed->pack), field,
                 "its questions are not answered by yes or no, and such packs cannot be compared here");
  return &installed->pack;
}

// The pack that is piloted, when it is installed.
const v1::InstrumentPack* CheckPacks(FieldErrors& errors, const v1::PilotPlan& plan,
                                     const Catalogue& catalogue) {
  const v1::InstrumentPack* reference =
      FindPlanned(errors, catalogue, "plan.reference_instrument", plan.reference_instrument());
  const v1::InstrumentPack* variant =
      FindPlanned(errors, catalogue, "plan.variant_instrument", plan.variant_instrument());
  if (plan.design() != v1::PILOT_DESIGN_BLIND_SECOND_RATER) {
    errors.Require(plan.reference_instrument() != plan.variant_instrument(), "plan.variant_instrument",
                   "give another pack than the reference; one pack is compared with itself only by a second "
                   "rater");
  }
  if (reference != nullptr && variant != nullptr) {
    errors.Require(
        reference->family() == variant->family() && CodesOf(*reference) == CodesOf(*variant),
        "plan.variant_instrument",
        "give a pack of the reference's family with the same items; others measure something else");
  }
  if (catalogue.FindPolicy(plan.policy()) == nullptr) {
    errors.Add("plan.policy", "no such policy is installed; give one as \"id@version\"");
    return variant;
  }
  for (const std::string& name : {plan.reference_instrument(), plan.variant_instrument()}) {
    const auto& graded = catalogue.FindPolicy(plan.policy())->policy.instruments();
    errors.Require(std::ranges::find(graded, name) != graded.end(), "plan.policy",
                   "it does not grade both packs; give one that does, so that one threshold holds for both");
  }
  return variant;
}

// Days that exist and are in order.
void CheckDays(FieldErrors& errors, const v1::PilotPlan& plan, LocalDate today) {
  const auto first = LocalDate::FromDay(plan.first_day(), "plan.first_day");
  const auto last = LocalDate::FromDay(plan.last_day(), "plan.last_day");
  errors.Require(first.ok(), "plan.first_day", "give the first day of the assessments it takes");
  errors.Require(last.ok(), "plan.last_day", "give the last day of the assessments it takes");
  if (first.ok() && last.ok()) {
    errors.Require(*first <= *last, "plan.last_day", "give a day that is not before the first");
  }
  RequireText(errors, "plan.approval.steering_group", plan.approval().steering_group(), kLineBytesMax,
              "say which steering group approved it");
  const auto approved = LocalDate::FromDay(plan.approval().approved_on(), "plan.approval.approved_on");
  errors.Require(approved.ok() && *approved <= today, "plan.approval.approved_on",
                 "give the day on which the steering group approved it");
}

void CheckDesign(FieldErrors& errors, const v1::PilotPlan& plan) {
  const bool sampled = plan.design() == v1::PILOT_DESIGN_BLIND_SECOND_RATER;
  const bool crossed = plan.design() == v1::PILOT_DESIGN_CROSSOVER;
  errors.Require(v1::PilotDesign_IsValid(plan.design()) && plan.design() != v1::PILOT_DESIGN_UNSPECIFIED,
                 "plan.design", "say how the two assessments of a pair come about");
  errors.Require(
      sampled ? plan.sample_percent() >= 1 && plan.sample_percent() <= 100 : plan.sample_percent() == 0,
      "plan.sample_percent",
      "give 1 to 100 percent where a second rater takes a sample, and nothing otherwise");
  errors.Require(crossed ? plan.crossover_days_max() >= 1 && plan.crossover_days_max() <= kCrossoverDaysMax
                         : plan.crossover_days_max() == 0,
                 "plan.crossover_days_max",
                 fmt::format("give 1 to {} days where the person answers both, and nothing otherwise",
                             kCrossoverDaysMax));
}

// What the limit of a measure can be, in words; empty where it is.
std::string WrongLimit(const v1::PilotRule& rule) {
  // A limit that is no number is refused by every one of these, since no comparison with it holds.
  const double limit = rule.limit();
  switch (rule.measure()) {
    case v1::PILOT_MEASURE_BAND_KAPPA_QUADRATIC:
    case v1::PILOT_MEASURE_BAND_KAPPA_LINEAR:
      return limit >= -1 && limit <= 1 ? "" : "give a kappa, -1 to 1";
    case v1::PILOT_MEASURE_NOT_UNDERSTOOD_PERCENT:
    case v1::PILOT_MEASURE_MOVED_OUT_OF_HIGH_PERCENT:
      return limit >= 0 && limit <= 100 ? "" : "give 0 to 100 percent";
    case v1::PILOT_MEASURE_DONT_KNOW_RATIO:
      return limit >= 1 && limit <= 100 ? "" : "give how many times as common, 1 to 100";
    case v1::PILOT_MEASURE_NO_DOWNWARD_SHIFT:
      return limit > 0 && limit <= 24 ? "" : "give the most yes answers that may be lost, above 0";
    case v1::PILOT_MEASURE_UNSPECIFIED:
    default:
      return "say first what is measured";
  }
}

void CheckRules(FieldErrors& errors, const v1::PilotPlan& plan) {
  errors.Require(
      plan.looks_size() >= 1 && plan.looks_size() <= kLooksMax, "plan.looks",
      fmt::format("give from 1 to {} numbers of pairs at which the rules are looked at", kLooksMax));
  for (int i = 0; i < std::min(plan.looks_size(), kLooksMax); ++i) {
    errors.Require(
        plan.looks(i) >= 2 && plan.looks(i) <= kPairsMax && (i == 0 || plan.looks(i - 1) < plan.looks(i)),
        fmt::format("plan.looks[{}]", i), fmt::format("give numbers from 2 to {} that rise", kPairsMax));
  }
  errors.Require(plan.rules_size() >= 1 && plan.rules_size() <= kRulesMax, "plan.rules",
                 fmt::format("give from 1 to {} rules by which it will be judged", kRulesMax));
  std::set<std::string> ids;
  const int most = plan.looks().empty() ? 0 : plan.looks(plan.looks_size() - 1);
  for (int i = 0; i < std::min(plan.rules_size(), kRulesMax); ++i) {
    const v1::PilotRule& rule = plan.rules(i);
    const std::string path = fmt::format("plan.rules[{}]", i);
    errors.Require(IsCode(rule.id()) && ids.insert(rule.id()).second, path + ".id",
                   "give an id of capitals, digits and underscores that no other rule has");
    errors.Require(
        v1::PilotMeasure_IsValid(rule.measure()) && rule.measure() != v1::PILOT_MEASURE_UNSPECIFIED,
        path + ".measure", "say what is measured");
    const std::string wrong = WrongLimit(rule);
    errors.Require(wrong.empty(), path + ".limit", wrong);
    // Otherwise the rule could never be judged.
    errors.Require(rule.pairs_min() >= 2 && rule.pairs_min() <= most, path + ".pairs_min",
                   "give at least 2 pairs, and no more than there are at the last look");
    const bool shift = rule.measure() == v1::PILOT_MEASURE_NO_DOWNWARD_SHIFT;
    errors.Require(shift
                       ? rule.false_alarm_percent() > 0 && rule.false_alarm_percent() <= kFalseAlarmPercentMax
                       : rule.false_alarm_percent() == 0,
                   path + ".false_alarm_percent",
                   fmt::format("give above 0 and at most {} percent for a shift, and nothing otherwise",
                               kFalseAlarmPercentMax));
  }
}

void CheckPractice(FieldErrors& errors, const v1::PilotPlan& plan, const v1::InstrumentPack& variant) {
  std::set<std::string> practice;
  for (const v1::Section& section : variant.sections()) {
    if (section.kind() != v1::SECTION_KIND_PRACTICE) continue;
    for (const v1::Item& item : section.items()) practice.insert(item.code());
  }
  for (int i = 0; i < plan.practice_size(); ++i) {
    const std::string path = fmt::format("plan.practice[{}]", i);
    errors.Require(practice.contains(plan.practice(i).item()), path + ".item",
                   "give a practice question of the variant");
    errors.Require(
        plan.practice(i).answer() == v1::ANSWER_CODE_YES || plan.practice(i).answer() == v1::ANSWER_CODE_NO,
        path + ".answer", "say whether yes or no is true");
  }
}

// Conditions are checked where all others are, as the clusters of the policy that grades the variant.
void CheckContradictions(FieldErrors& errors, const v1::PilotPlan& plan, const Catalogue& catalogue) {
  const InstalledPolicy* installed = catalogue.FindPolicy(plan.policy());
  if (installed == nullptr) return;
  v1::Policy policy = installed->policy;
  policy.clear_clusters();
  for (const v1::PilotContradiction& contradiction : plan.contradictions()) {
    v1::Cluster* cluster = policy.add_clusters();
    cluster->set_id(contradiction.id());
    cluster->set_prompt("prompt");
    cluster->set_action(v1::CLUSTER_ACTION_PROMPT);
    *cluster->mutable_when() = contradiction.when();
  }
  const absl::Status checked = CheckPolicy(policy, [&](std::string_view name) {
    const InstalledPack* pack = catalogue.FindPack(name);
    return pack == nullptr ? nullptr : &pack->pack;
  });
  const v1::ErrorDetail detail = DetailOf(checked);
  for (const v1::FieldViolation& violation : detail.field_violations()) {
    if (!violation.field().starts_with("clusters")) continue;
    errors.Add("plan.contradictions" + violation.field().substr(std::string_view("clusters").size()),
               violation.description());
  }
}

std::optional<LocalDate> DayOf(const v1::Assessment& assessment) {
  auto day = LocalDate::FromDay(assessment.assessment_date(), "assessment_date");
  return day.ok() ? std::optional(*day) : std::nullopt;
}

// What one of the two must be, whatever the other is.
void CheckTaking(FieldErrors& errors, const v1::PilotPlan& plan, std::string_view field,
                 const v1::Assessment& assessment, const std::string& instrument) {
  errors.Require(assessment.instrument() == instrument, field,
                 fmt::format("it was taken on another pack than {}", instrument));
  errors.Require(assessment.policy() == plan.policy(), field,
                 fmt::format("it is graded by another policy than {}", plan.policy()));
  const bool finished = assessment.state() == v1::ASSESSMENT_STATE_COMPLETED ||
                        assessment.state() == v1::ASSESSMENT_STATE_SIGNED ||
                        assessment.state() == v1::ASSESSMENT_STATE_COUNTERSIGNED ||
                        assessment.state() == v1::ASSESSMENT_STATE_STOPPED;
  errors.Require(finished && assessment.edition() <= 1, field,
                 "it must be completed, signed or stopped, and not amended since: what was first answered is "
                 "compared");
  const auto first = LocalDate::FromDay(plan.first_day(), "first_day");
  const auto last = LocalDate::FromDay(plan.last_day(), "last_day");
  const std::optional<LocalDate> day = DayOf(assessment);
  errors.Require(day && first.ok() && last.ok() && *first <= *day && *day <= *last, field,
                 "it is not of the days of this pilot");
}

void CheckTogether(FieldErrors& errors, const v1::PilotPlan& plan, const v1::Assessment& reference,
                   const v1::Assessment& variant) {
  errors.Require(reference.name() != variant.name(), "pair.variant", "give two assessments, not one twice");
  if (plan.design() == v1::PILOT_DESIGN_BLIND_SECOND_RATER) {
    errors.Require(reference.assessor() != variant.assessor(), "pair.variant",
                   "the second rater must be somebody else");
  }
  const std::optional<LocalDate> one = DayOf(reference);
  const std::optional<LocalDate> other = DayOf(variant);
  if (!one || !other) return;
  errors.Require(std::abs(*one - *other) <= plan.crossover_days_max(), "pair.variant",
                 plan.crossover_days_max() == 0 ? "both must be about the same day"
                                                : "there are too many days between them");
}

void SayPaired(FieldErrors& errors, std::string_view field, const std::string& name,
               std::span<const v1::PilotPair> earlier) {
  errors.Require(std::ranges::none_of(earlier,
                                      [&](const v1::PilotPair& pair) {
                                        return pair.reference() == name || pair.variant() == name;
                                      }),
                 field, "it is in a pair of this pilot already");
}

void CheckHow(FieldErrors& errors, const v1::PilotPlan& plan, const v1::PilotPair& given) {
  if (plan.design() == v1::PILOT_DESIGN_CROSSOVER) {
    errors.Require(given.person_agreed() == v1::YES_NO_YES, "pair.person_agreed",
                   "nobody is asked twice who did not agree to it");
    errors.Require(
        given.order() == v1::PILOT_ORDER_REFERENCE_FIRST || given.order() == v1::PILOT_ORDER_VARIANT_FIRST,
        "pair.order", "say which was asked first");
    return;
  }
  errors.Require(given.blind() == v1::YES_NO_YES, "pair.blind",
                 "whoever completed the second must not have seen the first; otherwise it is no pair");
  errors.Require(given.order() != v1::PILOT_ORDER_UNSPECIFIED && v1::PilotOrder_IsValid(given.order()),
                 "pair.order", "say which was completed first, or that both are from the same talk");
}

v1::PilotExportAnswer ExportedAnswer(const std::string& code, const v1::Answer& answer) {
  v1::PilotExportAnswer exported;
  exported.set_code(code);
  exported.set_answer(answer.code());
  exported.set_reason(answer.reason());
  exported.set_reworded(answer.reworded());
  return exported;
}

v1::PilotExportSide ExportedSide(const PilotTaking& taking) {
  const v1::Assessment& assessment = taking.assessment;
  v1::PilotExportSide side;
  side.set_stopped(assessment.state() == v1::ASSESSMENT_STATE_STOPPED);
  side.set_score(assessment.result().score());
  side.set_not_asked(assessment.result().not_asked());
  side.set_band(assessment.result().band());
  *side.mutable_criteria() = assessment.result().criteria();
  for (const v1::FiredCluster& cluster : assessment.result().clusters()) side.add_clusters(cluster.id());
  side.set_referred(!assessment.referral().empty());
  side.set_minutes(static_cast<int>(std::lround(BurdenOf(taking.events).minutes / kMinutesRound)) *
                   kMinutesRound);
  for (const v1::Answer& answer : assessment.answers()) {
    *side.add_answers() = ExportedAnswer(answer.item(), answer);
  }
  for (const v1::Answer& answer : assessment.probe_answers()) {
    *side.add_probe_answers() = ExportedAnswer(answer.probe(), answer);
  }
  return side;
}

std::string MonthOf(const v1::Assessment& assessment) {
  return fmt::format("{:04}-{:02}", assessment.assessment_date().year(),
                     assessment.assessment_date().month());
}

// "STANDARD" of GRADE_STANDARD.
std::string GradeWord(v1::Grade grade) {
  return v1::Grade_Name(grade).substr(std::string_view("GRADE_").size());
}

}  // namespace

absl::Status CheckPlan(const v1::PilotPlan& plan, const Catalogue& catalogue, LocalDate today) {
  FieldErrors errors;
  RequireText(errors, "plan.title", plan.title(), kLineBytesMax, "give it a title");
  CheckDesign(errors, plan);
  const v1::InstrumentPack* variant = CheckPacks(errors, plan, catalogue);
  CheckDays(errors, plan, today);
  CheckRules(errors, plan);
  if (variant != nullptr) CheckPractice(errors, plan, *variant);
  CheckContradictions(errors, plan, catalogue);
  return errors.ToInvalidArgument();
}

absl::StatusOr<v1::Pilot> ReplacePlan(v1::Pilot pilot, const v1::PilotPlan& plan) {
  if (pilot.state() != v1::PILOT_STATE_REGISTERED) {
    return WrongState(
        "PLAN_FIXED",
        "The plan was fixed with the first pair: rules that are chosen after data prove nothing. "
        "Register another pilot.");
  }
  *pilot.mutable_plan() = plan;
  return pilot;
}

absl::StatusOr<RecordedPair> RecordPair(v1::Pilot pilot, const v1::PilotPair& given,
                                        const v1::Assessment& reference, const v1::Assessment& variant,
                                        std::span<const v1::PilotPair> earlier, const Act& act) {
  const v1::PilotPlan& plan = pilot.plan();
  FieldErrors said;
  CheckHow(said, plan, given);
  if (!said.empty()) return said.ToInvalidArgument();

  FieldErrors errors;
  errors.Require(static_cast<int>(earlier.size()) < plan.looks(plan.looks_size() - 1), "pair",
                 "the pilot has all the pairs that were planned");
  CheckTaking(errors, plan, "pair.reference", reference, plan.reference_instrument());
  CheckTaking(errors, plan, "pair.variant", variant, plan.variant_instrument());
  CheckTogether(errors, plan, reference, variant);
  SayPaired(errors, "pair.reference", reference.name(), earlier);
  SayPaired(errors, "pair.variant", variant.name(), earlier);
  if (!errors.empty()) return errors.ToFailedPrecondition("NO_PAIR");

  RecordedPair recorded;
  v1::PilotPair& pair = recorded.pair;
  pair.set_pilot(pilot.name());
  pair.set_number(static_cast<int>(earlier.size()) + 1);
  pair.set_reference(reference.name());
  pair.set_variant(variant.name());
  pair.set_order(given.order());
  pair.set_blind(given.blind());
  pair.set_person_agreed(given.person_agreed());
  pair.set_reference_seq(reference.last_seq());
  pair.set_variant_seq(variant.last_seq());
  pair.set_account(act.account);
  *pair.mutable_time() = ToTimestamp(act.now);
  if (pilot.state() == v1::PILOT_STATE_REGISTERED) *pilot.mutable_first_pair_time() = ToTimestamp(act.now);
  pilot.set_state(v1::PILOT_STATE_RUNNING);
  pilot.set_pairs(pair.number());
  recorded.pilot = std::move(pilot);
  return recorded;
}

absl::StatusOr<v1::Pilot> RecordIncident(v1::Pilot pilot, const v1::PilotIncident& given, const Act& act) {
  const auto day = LocalDate::FromDay(given.day(), "incident.day");
  const int length = VisibleLength(given.text());
  FieldErrors errors;
  errors.Require(
      v1::PilotIncidentKind_IsValid(given.kind()) && given.kind() != v1::PILOT_INCIDENT_KIND_UNSPECIFIED,
      "incident.kind", "say what it was: DISTRESS, SAFETY or OTHER");
  errors.Require(day.ok() && *day <= DateOf(act.now), "incident.day", "give the day of it, today or before");
  errors.Require(length >= kIncidentCharactersMin && length <= kIncidentCharactersMax, "incident.text",
                 fmt::format("say in {} to {} characters what happened, without names",
                             kIncidentCharactersMin, kIncidentCharactersMax));
  RequireNobody(errors, "incident.text", given.text());
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (pilot.incidents_size() >= kIncidentsMax) {
    return WrongState("TOO_MANY", "so much went wrong in this pilot that it should end");
  }
  v1::PilotIncident& incident = *pilot.add_incidents();
  incident.set_id(fmt::format("i{}", pilot.incidents_size()));
  *incident.mutable_day() = given.day();
  incident.set_kind(given.kind());
  incident.set_text(WithoutHiddenCharacters(given.text()));
  *incident.mutable_time() = ToTimestamp(act.now);
  return pilot;
}

absl::StatusOr<v1::Pilot> ReviewIncident(v1::Pilot pilot, const v1::ReviewPilotIncidentRequest& request,
                                         const Act& act) {
  const auto found = std::ranges::find_if(*pilot.mutable_incidents(), [&](const v1::PilotIncident& incident) {
    return incident.id() == request.incident();
  });
  const int length = VisibleLength(request.finding());
  FieldErrors errors;
  errors.Require(found != pilot.mutable_incidents()->end(), "incident",
                 "this pilot has no such incident; give the id of one that it has");
  errors.Require(length >= kIncidentCharactersMin && length <= kIncidentCharactersMax, "finding",
                 fmt::format("say in {} to {} characters what was found and what is changed, without names",
                             kIncidentCharactersMin, kIncidentCharactersMax));
  RequireNobody(errors, "finding", request.finding());
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  if (found->has_review()) return WrongState("REVIEWED", "somebody looked into this one already");
  found->mutable_review()->set_finding(WithoutHiddenCharacters(request.finding()));
  *found->mutable_review()->mutable_time() = ToTimestamp(act.now);
  return pilot;
}

int UnreviewedIncidents(const v1::Pilot& pilot) {
  return static_cast<int>(std::ranges::count_if(
      pilot.incidents(), [](const v1::PilotIncident& incident) { return !incident.has_review(); }));
}

v1::PilotExport ExportOf(const v1::Pilot& pilot, std::span<const PilotPairing> pairings,
                         std::span<const std::string> row_ids) {
  assert(row_ids.size() == pairings.size());
  v1::PilotExport exported;
  exported.set_pilot(pilot.name());
  *exported.mutable_plan() = pilot.plan();
  exported.set_small_below(kSmallCellBelow);
  std::vector<size_t> order(pairings.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&](size_t i) { return row_ids[i]; });

  std::map<std::string, int> cells;
  for (size_t i : order) {
    const PilotPairing& pairing = pairings[i];
    v1::PilotExportRow* row = exported.add_rows();
    row->set_row_id(row_ids[i]);
    row->set_month(MonthOf(pairing.reference.assessment));
    row->set_order(pairing.pair.order());
    *row->mutable_reference() = ExportedSide(pairing.reference);
    *row->mutable_variant() = ExportedSide(pairing.variant);
    ++cells["month " + row->month()];
    if (row->reference().band() != v1::GRADE_UNSPECIFIED && row->variant().band() != v1::GRADE_UNSPECIFIED) {
      ++cells[fmt::format("band {}/{}", GradeWord(row->reference().band()),
                          GradeWord(row->variant().band()))];
    }
    for (const std::string& cluster : row->reference().clusters()) ++cells["cluster " + cluster];
  }
  for (const auto& [cell, count] : cells) {
    if (count < kSmallCellBelow) exported.add_small_cells(cell);
  }
  return exported;
}

Burden BurdenOf(std::span<const v1::Answer> events) {
  Burden burden;
  const v1::Answer* before = nullptr;
  for (const v1::Answer& event : events) {
    if (!event.has_time()) continue;
    if (before == nullptr) {
      burden.sittings = 1;
      before = &event;
      continue;
    }
    const absl::Duration gap = FromTimestamp(event.time()) - FromTimestamp(before->time());
    const bool same = event.sitting() == before->sitting() &&
                      (!event.sitting().empty() || gap <= absl::Hours(kSittingHours));
    if (!same) {
      ++burden.sittings;
    } else if (gap > absl::Minutes(kBreakMinutes)) {
      ++burden.breaks;
    } else {
      burden.minutes += absl::ToDoubleMinutes(gap);
    }
    before = &event;
  }
  return burden;
}

}  // namespace marac::domain
