#include "domain/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "domain/errors.h"
#include "domain/instrument.h"
#include "domain/local_date.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

constexpr int kDepthMax = 10;
constexpr int kConditionsMax = 50;
constexpr int kClustersMax = 100;
constexpr int kInstrumentsMax = 20;

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

// Walks conditions, and asks each listed pack about each code.
class CodeChecker {
 public:
  CodeChecker(FieldErrors& errors, std::vector<const v1::InstrumentPack*> packs)
      : errors_(errors), packs_(std::move(packs)) {}

  void CheckItemCode(const std::string& path, std::string_view code) {
    for (const v1::InstrumentPack* pack : packs_) {
      if (FindItem(*pack, code) == nullptr) {
        errors_.Add(path, fmt::format("'{}' is no item of {}; use one of its codes, or take the pack off "
                                      "`instruments`",
                                      code, NameWithVersion(pack->id(), pack->version())));
      }
    }
  }

  void CheckCondition(const std::string& path, const v1::Condition& condition, int depth = 1) {
    if (depth > kDepthMax) {
      errors_.Add(path, fmt::format("nest conditions at most {} deep", kDepthMax));
      return;
    }
    switch (condition.test_case()) {
      case v1::Condition::kAllOf:
        return CheckList(path + ".all_of.conditions", condition.all_of().conditions(), depth);
      case v1::Condition::kAnyOf:
        return CheckList(path + ".any_of.conditions", condition.any_of().conditions(), depth);
      case v1::Condition::kAtLeast:
        errors_.Require(condition.at_least().count() >= 1 &&
                            condition.at_least().count() <= condition.at_least().conditions_size(),
                        path + ".at_least.count", "give from 1 to as many as there are conditions");
        return CheckList(path + ".at_least.conditions", condition.at_least().conditions(), depth);
      case v1::Condition::kAnswer:
        return CheckItemCode(path + ".answer", condition.answer());
      case v1::Condition::kHasNote:
        return CheckItemCode(path + ".has_note", condition.has_note());
      case v1::Condition::kDetail:
        return CheckDetail(path + ".detail", condition.detail());
      case v1::Condition::kFlag:
        return errors_.Require(IsCode(condition.flag()), path + ".flag",
                               "give a flag of capitals, digits and underscores");
      case v1::Condition::TEST_NOT_SET:
        return errors_.Add(path,
                           "say what it tests: all_of, any_of, at_least, answer, detail, has_note or flag");
    }
  }

 private:
  void CheckList(const std::string& path, const google::protobuf::RepeatedPtrField<v1::Condition>& list,
                 int depth) {
    errors_.Require(!list.empty() && list.size() <= kConditionsMax, path,
                    fmt::format("give from 1 to {} conditions", kConditionsMax));
    for (int i = 0; i < std::min(list.size(), kConditionsMax); ++i) {
      CheckCondition(fmt::format("{}[{}]", path, i), list[i], depth + 1);
    }
  }

  void CheckDetail(const std::string& path, const v1::DetailTest& test) {
    CheckItemCode(path + ".item", test.item());
    for (const v1::InstrumentPack* pack : packs_) {
      const v1::Item* item = FindItem(*pack, test.item());
      if (item != nullptr && !HasDetail(*item, test.detail())) {
        errors_.Add(path + ".detail",
                    fmt::format("'{}' is no detail of {} in {}; use one of its codes", test.detail(),
                                test.item(), NameWithVersion(pack->id(), pack->version())));
      }
    }
  }

  FieldErrors& errors_;
  std::vector<const v1::InstrumentPack*> packs_;
};

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

void CheckClusters(FieldErrors& errors, const v1::Policy& policy, CodeChecker& codes) {
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
    codes.CheckCondition(path + ".when", cluster.when());
  }
}

const v1::Answer* FindAnswer(const Answers& answers, std::string_view item) {
  auto found = std::ranges::find_if(answers, [&](const v1::Answer& a) { return a.item() == item; });
  return found == answers.end() ? nullptr : &*found;
}

bool IsYes(const v1::Answer* answer) { return answer != nullptr && answer->code() == v1::ANSWER_CODE_YES; }

void CollectFlags(const v1::Condition& condition, std::set<std::string>& flags) {
  auto collect = [&](const google::protobuf::RepeatedPtrField<v1::Condition>& list) {
    for (const v1::Condition& inner : list) CollectFlags(inner, flags);
  };
  if (condition.has_all_of()) collect(condition.all_of().conditions());
  if (condition.has_any_of()) collect(condition.any_of().conditions());
  if (condition.has_at_least()) collect(condition.at_least().conditions());
  if (condition.has_flag()) flags.insert(condition.flag());
}

}  // namespace

absl::Status CheckPolicy(const v1::Policy& policy, const FindPackFunction& find_pack) {
  FieldErrors errors;
  CheckIdAndVersion(errors, policy.id(), policy.version());
  CheckBands(errors, policy);
  CodeChecker codes(errors, CheckInstruments(errors, policy, find_pack));
  errors.Require(policy.escalation().count() >= 1, "escalation.count", "give a number of at least 1");
  errors.Require(policy.escalation().months() >= 1, "escalation.months", "give a number of at least 1");
  errors.Require(policy.repeat().months() >= 1, "repeat.months", "give a number of at least 1");
  errors.Require(v1::RepeatAnchor_IsValid(policy.repeat().anchor()) &&
                     policy.repeat().anchor() != v1::REPEAT_ANCHOR_UNSPECIFIED,
                 "repeat.anchor", "say which date a repeat is counted from");
  errors.Require(policy.judgement_min_chars() >= 1, "judgement_min_chars", "give a number of at least 1");
  errors.Require(policy.min_age_years() >= 1, "min_age_years", "give a number of at least 1");
  errors.Require(policy.review_days() >= 1, "review_days", "give a number of at least 1");
  CheckClusters(errors, policy, codes);
  std::set<std::string> control;
  for (int i = 0; i < policy.control_codes_size(); ++i) {
    std::string path = fmt::format("control_codes[{}]", i);
    codes.CheckItemCode(path, policy.control_codes(i));
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
  for (const v1::Cluster& cluster : policy.clusters()) CollectFlags(cluster.when(), flags);
  return flags;
}

const v1::Cluster* FindCluster(const v1::Policy& policy, std::string_view id) {
  auto found = std::ranges::find_if(policy.clusters(), [&](const v1::Cluster& c) { return c.id() == id; });
  return found == policy.clusters().end() ? nullptr : &*found;
}

bool AsksForReferral(v1::ClusterAction action) {
  return action == v1::CLUSTER_ACTION_SUGGEST_REFER || action == v1::CLUSTER_ACTION_REQUIRE_REASON;
}

bool Holds(const v1::Condition& condition, const Answers& answers, const v1::Judgement& judgement) {
  auto holds = [&](const v1::Condition& inner) { return Holds(inner, answers, judgement); };
  switch (condition.test_case()) {
    case v1::Condition::kAllOf:
      return std::ranges::all_of(condition.all_of().conditions(), holds);
    case v1::Condition::kAnyOf:
      return std::ranges::any_of(condition.any_of().conditions(), holds);
    case v1::Condition::kAtLeast:
      return std::ranges::count_if(condition.at_least().conditions(), holds) >= condition.at_least().count();
    case v1::Condition::kAnswer:
      return IsYes(FindAnswer(answers, condition.answer()));
    case v1::Condition::kDetail: {
      const v1::Answer* answer = FindAnswer(answers, condition.detail().item());
      return IsYes(answer) &&
             std::ranges::find(answer->details(), condition.detail().detail()) != answer->details().end();
    }
    case v1::Condition::kHasNote: {
      const v1::Answer* answer = FindAnswer(answers, condition.has_note());
      return answer != nullptr && !IsBlank(answer->note());
    }
    case v1::Condition::kFlag:
      return std::ranges::find(judgement.flags(), condition.flag()) != judgement.flags().end();
    case v1::Condition::TEST_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace marac::domain
