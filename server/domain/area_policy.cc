#include "domain/area_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/hash.h"
#include "base/status_macros.h"
#include "domain/errors.h"
#include "domain/instrument.h"
#include "domain/local_date.h"
#include "domain/scoring.h"
#include "domain/timestamp.h"

namespace marac::domain {
namespace {

// What the file is called in a refusal; whoever sent it knows its name.
constexpr char kFileName[] = "policy.textproto";

std::set<std::string> CriteriaOf(const v1::AssessmentResult& result) {
  return {result.criteria().begin(), result.criteria().end()};
}

std::set<std::string> ClustersOf(const v1::AssessmentResult& result) {
  std::set<std::string> ids;
  for (const v1::FiredCluster& cluster : result.clusters()) ids.insert(cluster.id());
  return ids;
}

// What is in `one` and not in `other`.
void AddMissing(const std::set<std::string>& one, const std::set<std::string>& other,
                google::protobuf::RepeatedPtrField<std::string>& to) {
  for (const std::string& word : one) {
    if (!other.contains(word)) *to.Add() = word;
  }
}

}  // namespace

v1::PolicyAbout AboutOf(const v1::Policy& policy, std::string_view hash) {
  v1::PolicyAbout about;
  about.set_policy(NameWithVersion(policy.id(), policy.version()));
  about.set_hash(std::string(hash));
  *about.mutable_instruments() = policy.instruments();
  about.set_high_threshold(policy.high_threshold());
  if (policy.has_valid_from()) *about.mutable_valid_from() = policy.valid_from();
  return about;
}

absl::StatusOr<v1::AreaPolicy> InstallPolicy(const v1::InstallPolicyRequest& request, const Catalogue& here,
                                             const Act& act) {
  if (request.policy_file().size() > kPolicyFileBytesMax) {
    return InvalidField("policy_file", fmt::format("give a file of at most {} bytes", kPolicyFileBytesMax));
  }
  ASSIGN_OR_RETURN(const v1::Policy policy,
                   here.CheckNewPolicy({.name = kFileName, .text = request.policy_file()}));
  v1::AreaPolicy kept;
  *kept.mutable_about() = AboutOf(policy, Hex(Sha256(request.policy_file())));
  kept.set_policy_file(request.policy_file());
  kept.set_installed_by(act.account);
  *kept.mutable_install_time() = ToTimestamp(act.now);
  return kept;
}

absl::StatusOr<Regraded> Regrade(const v1::Assessment& assessment, const v1::InstrumentPack& pack,
                                 const v1::Policy& policy) {
  ASSIGN_OR_RETURN(const LocalDate date, LocalDate::FromDay(assessment.assessment_date(), "assessment_date"));
  Regraded regraded;
  regraded.before = assessment.result();
  regraded.after =
      Score(pack, policy, assessment.answers(), assessment.judgement(), date,
            {.referred = !assessment.referral().empty(), .reason_given = assessment.has_non_referral()});
  regraded.differs = regraded.before.band() != regraded.after.band() ||
                     regraded.before.final_grade() != regraded.after.final_grade() ||
                     CriteriaOf(regraded.before) != CriteriaOf(regraded.after) ||
                     ClustersOf(regraded.before) != ClustersOf(regraded.after);
  return regraded;
}

void AddRegraded(const v1::Assessment& assessment, const Regraded& regraded, bool show,
                 v1::PreviewPolicyResponse& answer) {
  answer.set_assessments(answer.assessments() + 1);
  const v1::AssessmentResult& before = regraded.before;
  const v1::AssessmentResult& after = regraded.after;
  if (!regraded.differs) return;
  answer.set_changed(answer.changed() + 1);
  auto move = std::ranges::find_if(*answer.mutable_moves(), [&](const v1::GradeMove& known) {
    return known.before() == before.final_grade() && known.after() == after.final_grade();
  });
  if (move == answer.mutable_moves()->end()) {
    v1::GradeMove& added = *answer.add_moves();
    added.set_before(before.final_grade());
    added.set_after(after.final_grade());
    added.set_assessments(1);
  } else {
    move->set_assessments(move->assessments() + 1);
  }
  if (!show) return;
  v1::RegradedAssessment& shown = *answer.add_changes();
  shown.set_assessment(assessment.name());
  shown.set_before(before.final_grade());
  shown.set_after(after.final_grade());
  AddMissing(CriteriaOf(after), CriteriaOf(before), *shown.mutable_criteria_gained());
  AddMissing(CriteriaOf(before), CriteriaOf(after), *shown.mutable_criteria_lost());
  AddMissing(ClustersOf(after), ClustersOf(before), *shown.mutable_clusters_gained());
  AddMissing(ClustersOf(before), ClustersOf(after), *shown.mutable_clusters_lost());
}

}  // namespace marac::domain
