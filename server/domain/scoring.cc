#include "domain/scoring.h"

#include <algorithm>
#include <string>
#include <vector>

#include "domain/condition.h"
#include "domain/instrument.h"
#include "domain/policy.h"
#include "domain/text.h"
#include "domain/threshold.h"

namespace marac::domain {
namespace {

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

// A step must say something: a dot typed to get past the question is no safety step.
constexpr int kStepCharactersMin = 3;

struct Counts {
  int yes = 0;
  int dont_know = 0;
  int declined = 0;
  int not_asked = 0;
  int given = 0;            // answers other than NOT_ASKED
  int not_from_victim = 0;  // of those
};

Counts Count(const v1::InstrumentPack& pack, const Answers& answers) {
  Counts counts;
  for (const v1::Answer& answer : answers) {
    if (answer.code() == v1::ANSWER_CODE_YES) ++counts.yes;
    if (answer.code() == v1::ANSWER_CODE_DONT_KNOW) ++counts.dont_know;
    if (answer.code() == v1::ANSWER_CODE_DECLINED) ++counts.declined;
    if (answer.code() == v1::ANSWER_CODE_NOT_ASKED) continue;
    ++counts.given;
    if (answer.source() != v1::SOURCE_ROLE_VICTIM) ++counts.not_from_victim;
  }
  counts.not_asked = pack.items_size() - counts.given;
  return counts;
}

bool IsUnknown(v1::AnswerCode code) {
  return code == v1::ANSWER_CODE_DONT_KNOW || code == v1::ANSWER_CODE_DECLINED ||
         code == v1::ANSWER_CODE_NOT_ASKED;
}

// The answers as they would be if everything that is unknown were the worst: a yes with every detail, or the
// highest option.
Answers AtWorst(const v1::InstrumentPack& pack, const Answers& answers) {
  Answers worst;
  for (const v1::Item& item : pack.items()) {
    auto given = std::ranges::find(answers, item.code(), &v1::Answer::item);
    v1::Answer& answer = *worst.Add();
    if (given != answers.end()) answer = *given;
    if (given != answers.end() && !IsUnknown(given->code())) continue;
    answer.set_item(item.code());
    answer.set_code(item.options().empty() ? v1::ANSWER_CODE_YES : v1::ANSWER_CODE_OPTION);
    if (!item.options().empty()) answer.set_option(item.options().rbegin()->code());
    for (const v1::ItemDetail& detail : item.details()) answer.add_details(detail.code());
  }
  return worst;
}

int CountYes(const Answers& answers) {
  return static_cast<int>(std::ranges::count(answers, v1::ANSWER_CODE_YES, &v1::Answer::code));
}

bool JudgementStated(const v1::Policy& policy, const v1::Judgement& judgement) {
  return judgement.professional_judgement() &&
         VisibleLength(judgement.text()) >= policy.judgement_min_chars();
}

bool Escalates(const v1::Policy& policy, const v1::Judgement& judgement, LocalDate assessment_date) {
  std::vector<LocalDate> reports;
  for (const v1::Day& day : judgement.report_days()) {
    absl::StatusOr<LocalDate> report = LocalDate::FromDay(day, "report_days");
    if (report.ok()) reports.push_back(*report);  // a day that does not exist was refused on its way in
  }
  return CountReports(reports, assessment_date, policy.escalation().months()) >= policy.escalation().count();
}

bool StepTaken(const v1::Judgement& judgement, std::string_view cluster) {
  return std::ranges::any_of(judgement.steps(), [&](const v1::StepTaken& step) {
    return step.cluster() == cluster && VisibleLength(step.text()) >= kStepCharactersMin;
  });
}

bool Satisfied(const v1::Cluster& cluster, const v1::Judgement& judgement, Standing standing) {
  if (AsksForReferral(cluster.action())) return standing.referred || standing.reason_given;
  if (cluster.action() == v1::CLUSTER_ACTION_REQUIRE_STEP) return StepTaken(judgement, cluster.id());
  return true;  // a prompt asks for nothing
}

}  // namespace

v1::AssessmentResult Score(const v1::InstrumentPack& pack, const v1::Policy& policy, const Answers& answers,
                           const v1::Judgement& judgement, LocalDate assessment_date, Standing standing) {
  Counts counts = Count(pack, answers);
  int threshold = policy.high_threshold();
  // A form that is graded by judgement has neither band nor threshold, however many answers are yes.
  bool counted = pack.scoring_mode() == v1::SCORING_MODE_COUNT;
  bool by_rules = pack.scoring_mode() == v1::SCORING_MODE_RULES;
  const Answers worst = AtWorst(pack, answers);

  v1::AssessmentResult result;
  result.set_score(counts.yes);
  result.set_unknown(counts.dont_know + counts.declined + counts.not_asked);
  result.set_score_max(CountYes(worst));
  result.set_not_asked(counts.not_asked);
  result.set_items(pack.items_size());
  result.set_complete(counts.not_asked == 0);
  result.set_reachable(counted && result.score() < threshold && result.score_max() >= threshold);
  result.set_nothing_known(result.unknown() == pack.items_size());
  if (counted) result.set_band(BandOf(policy, result.score()));
  if (by_rules) {
    result.set_band(GradeByRules(pack, answers));
    result.set_reachable(result.band() < v1::GRADE_HIGH && GradeByRules(pack, worst) == v1::GRADE_HIGH);
  }
  result.set_practitioner_grade(judgement.grade());
  bool downgraded = policy.allow_downgrade() && judgement.grade() != v1::GRADE_UNSPECIFIED;
  result.set_final_grade(downgraded ? judgement.grade() : std::max(result.band(), judgement.grade()));

  if (counted && result.score() >= threshold) result.add_criteria("VISIBLE_HIGH");
  if (JudgementStated(policy, judgement)) result.add_criteria("PROF_JUDGEMENT");
  if (Escalates(policy, judgement, assessment_date)) result.add_criteria("ESCALATION");
  if (judgement.repeat() == v1::YES_NO_YES) result.add_criteria("REPEAT");

  for (const v1::Cluster& cluster : policy.clusters()) {
    if (!Holds(cluster.when(), answers, judgement)) continue;
    v1::FiredCluster* fired = result.add_clusters();
    fired->set_id(cluster.id());
    fired->set_prompt(cluster.prompt());
    fired->set_action(cluster.action());
    fired->set_satisfied(Satisfied(cluster, judgement, standing));
  }

  for (const v1::Answer& answer : answers) {
    bool control = std::ranges::find(policy.control_codes(), answer.item()) != policy.control_codes().end();
    if (control && answer.code() == v1::ANSWER_CODE_YES) result.set_control_count(result.control_count() + 1);
  }
  result.set_control_items(policy.control_codes_size());
  if (counts.given > 0) {
    result.set_not_from_victim_percent((200 * counts.not_from_victim + counts.given) / (2 * counts.given));
  }

  result.set_instrument(NameWithVersion(pack.id(), pack.version()));
  result.set_equivalence_status(pack.equivalence_status());
  result.set_policy(NameWithVersion(policy.id(), policy.version()));
  result.set_engine_version(kScoringEngineVersion);
  return result;
}

}  // namespace marac::domain
