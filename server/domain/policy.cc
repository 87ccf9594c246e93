#include "domain/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "domain/condition.h"
#include "domain/errors.h"
#include "domain/instrument.h"
#include "domain/local_date.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

constexpr int kClustersMax = 100;
constexpr int kInstrumentsMax = 20;
constexpr int kReviewChangesMax = 30;

// Bands are contiguous by construction, each from where the one before ended; what can be wrong is that one
// ends before it starts, that the last ends at all, and that the grades do not rise.
void CheckBands(FieldErrors& errors, const v1::Policy& policy) {
  errors.Require(policy.high_threshold() >= 1, "high_threshold", "give a count of at least 1");
  errors.Require(policy.bands_size() >= 1, "bands", "give at least one band");
  int from = 0;
  bool has_high = false;
  v1::Grade before = v1::GRADE_UNSPECIFIED;
  for (int i = 0; i < policy.bands_size(); ++i) {
    const v1::Band& band = policy.bands(i);
    std::string path = fmt::format("bands[{}]", i);
    errors.Require(v1::Grade_IsValid(band.grade()) && band.grade() > before, path + ".grade",
                   "give a grade above that of the band before");
    before = band.grade();
    if (band.grade() == v1::GRADE_HIGH) {
      has_high = true;
      errors.Require(from == policy.high_threshold(), path,
                     fmt::format("the high band starts at {} and high_threshold is {}; make them the same",
                                 from, policy.high_threshold()));
    }
    if (i + 1 == policy.bands_size()) {
      errors.Require(band.open() && band.to() == 0, path + ".open",
                     "the last band has no upper end: set open and leave `to` out");
    } else {
      errors.Require(!band.open(), path + ".open", "only the last band is open; give this one its `to`");
      errors.Require(band.to() >= from, path + ".to",
                     fmt::format("this band starts at {}; give an end from there on", from));
      from = band.to() + 1;
    }
  }
  errors.Require(has_high, "bands", "give a band with GRADE_HIGH that starts at high_threshold");
}

std::vector<const v1::InstrumentPack*> CheckInstruments(FieldErrors& errors, const v1::Policy& policy,
                                                        const FindPackFunction& find_pack) {
  std::vector<const v1::InstrumentPack*> packs;
  errors.Require(policy.instruments_size() >= 1 && policy.instruments_size() <= kInstrumentsMax,
                 "instruments", fmt::format("list from 1 to {} packs", kInstrumentsMax));
  for (int i = 0; i < std::min(policy.instruments_size(), kInstrumentsMax); ++i) {
    std::string path = fmt::format("instruments[{}]", i);
    const v1::InstrumentPack* pack = find_pack(policy.instruments(i));
    if (pack == nullptr) {
      errors.Add(path, fmt::format("no pack '{}' is installed; install it, or take it off the list",
                                   policy.instruments(i)));
      continue;
    }
    if (pack->scoring_mode() == v1::SCORING_MODE_COUNT) {
      errors.Require(policy.high_threshold() <= pack->items_size(), "high_threshold",
                     fmt::format("{} has {} items, so its count never gets there; give a lower one",
                                 policy.instruments(i), pack->items_size()));
    }
    packs.push_back(pack);
  }
  return packs;
}

void CheckClusters(FieldErrors& errors, const v1::Policy& policy, ConditionChecker& codes) {
  errors.Require(policy.clusters_size() <= kClustersMax, "clusters",
                 fmt::format("give at most {} clusters", kClustersMax));
  std::set<std::string> ids;
  for (int i = 0; i < std::min(policy.clusters_size(), kClustersMax); ++i) {
    const v1::Cluster& cluster = policy.clusters(i);
    std::string path = fmt::format("clusters[{}]", i);
    errors.Require(IsCode(cluster.id()), path + ".id", "give an id of capitals, digits and underscores");
    errors.Require(ids.insert(cluster.id()).second, path + ".id",
                   "another cluster has this id; give each its own");
    errors.Require(!IsBlank(cluster.prompt()), path + ".prompt", "write what the practitioner is to be told");
    errors.Require(
        v1::ClusterAction_IsValid(cluster.action()) && cluster.action() != v1::CLUSTER_ACTION_UNSPECIFIED,
        path + ".action", "say what it asks for");
    codes.Check(path + ".when", cluster.when());
  }
}

void CheckReviewChanges(FieldErrors& errors, const v1::Policy& policy) {
  errors.Require(policy.review_changes_size() <= kReviewChangesMax, "review_changes",
                 fmt::format("give at most {} changes", kReviewChangesMax));
  std::set<std::string> codes;
  for (int i = 0; i < std::min(policy.review_changes_size(), kReviewChangesMax); ++i) {
    const v1::ReviewChange& change = policy.review_changes(i);
    std::string path = fmt::format("review_changes[{}]", i);
    errors.Require(IsCode(change.code()), path + ".code", "give a code of capitals, digits and underscores");
    errors.Require(codes.insert(change.code()).second, path + ".code",
                   "another change has this code; give each its own");
    errors.Require(!IsBlank(change.label()), path + ".label", "say in words what changed");
  }
}

}  // namespace

absl::Status CheckPolicy(const v1::Policy& policy, const FindPackFunction& find_pack) {
  FieldErrors errors;
  CheckIdAndVersion(errors, policy.id(), policy.version());
  CheckBands(errors, policy);
  ConditionChecker codes(errors, CheckInstruments(errors, policy, find_pack), ConditionOf::kCluster);
  errors.Require(policy.escalation().count() >= 1, "escalation.count", "give a number of at least 1");
  errors.Require(policy.escalation().months() >= 1, "escalation.months", "give a number of at least 1");
  errors.Require(policy.repeat().months() >= 1, "repeat.months", "give a number of at least 1");
  errors.Require(v1::RepeatAnchor_IsValid(policy.repeat().anchor()) &&
                     policy.repeat().anchor() != v1::REPEAT_ANCHOR_UNSPECIFIED,
                 "repeat.anchor", "say which date a repeat is counted from");
  errors.Require(policy.judgement_min_chars() >= 1, "judgement_min_chars", "give a number of at least 1");
  errors.Require(policy.min_age_years() >= 1, "min_age_years", "give a number of at least 1");
  errors.Require(policy.review_days() >= 1, "review_days", "give a number of at least 1");
  CheckReviewChanges(errors, policy);
  CheckClusters(errors, policy, codes);
  std::set<std::string> control;
  for (int i = 0; i < policy.control_codes_size(); ++i) {
    std::string path = fmt::format("control_codes[{}]", i);
    codes.CheckYesNoItem(path, policy.control_codes(i));
    errors.Require(control.insert(policy.control_codes(i)).second, path, "this item is listed twice");
  }
  errors.Require(LocalDate::FromDay(policy.valid_from(), "valid_from").ok(), "valid_from",
                 "give the first day it may be used");
  return errors.ToInvalidArgument();
}

v1::Grade BandOf(const v1::Policy& policy, int score) {
  for (const v1::Band& band : policy.bands()) {
    if (band.open() || score <= band.to()) return band.grade();
  }
  return v1::GRADE_UNSPECIFIED;  // no checked policy gets here: its last band is open
}

std::set<std::string> FlagsOf(const v1::Policy& policy) {
  std::set<std::string> flags;
  for (const v1::Cluster& cluster : policy.clusters()) {
    ForEachCondition(cluster.when(), [&](const v1::Condition& condition) {
      if (condition.has_flag()) flags.insert(condition.flag());
    });
  }
  return flags;
}

const v1::Cluster* FindCluster(const v1::Policy& policy, std::string_view id) {
  auto found = std::ranges::find_if(policy.clusters(), [&](const v1::Cluster& c) { return c.id() == id; });
  return found == policy.clusters().end() ? nullptr : &*found;
}

bool AsksForReferral(v1::ClusterAction action) {
  return action == v1::CLUSTER_ACTION_SUGGEST_REFER || action == v1::CLUSTER_ACTION_REQUIRE_REASON;
}

}  // namespace marac::domain
