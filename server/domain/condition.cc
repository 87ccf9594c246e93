#include "domain/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "domain/instrument.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;
using Conditions = google::protobuf::RepeatedPtrField<v1::Condition>;

constexpr int kDepthMax = 10;
constexpr int kConditionsMax = 50;

const v1::Answer* FindAnswer(const Answers& answers, std::string_view item) {
  auto found = std::ranges::find_if(answers, [&](const v1::Answer& a) { return a.item() == item; });
  return found == answers.end() ? nullptr : &*found;
}

bool IsYes(const v1::Answer* answer) { return answer != nullptr && answer->code() == v1::ANSWER_CODE_YES; }

// Tests of one set of answers. A rule is looked at once, however many others name it.
class Evaluation {
 public:
  // `pack` is null where no rules are tested.
  Evaluation(const v1::InstrumentPack* pack, const Answers& answers, const v1::Judgement& judgement)
      : pack_(pack), answers_(answers), judgement_(judgement) {}

  bool Holds(const v1::Condition& condition) {
    auto holds = [&](const v1::Condition& inner) { return Holds(inner); };
    switch (condition.test_case()) {
      case v1::Condition::kAllOf:
        return std::ranges::all_of(condition.all_of().conditions(), holds);
      case v1::Condition::kAnyOf:
        return std::ranges::any_of(condition.any_of().conditions(), holds);
      case v1::Condition::kAtLeast:
        return std::ranges::count_if(condition.at_least().conditions(), holds) >=
               condition.at_least().count();
      case v1::Condition::kAnswer:
        return IsYes(FindAnswer(answers_, condition.answer()));
      case v1::Condition::kDetail: {
        const v1::Answer* answer = FindAnswer(answers_, condition.detail().item());
        return IsYes(answer) &&
               std::ranges::find(answer->details(), condition.detail().detail()) != answer->details().end();
      }
      case v1::Condition::kHasNote: {
        const v1::Answer* answer = FindAnswer(answers_, condition.has_note());
        return answer != nullptr && !IsBlank(answer->note());
      }
      case v1::Condition::kFlag:
        return std::ranges::find(judgement_.flags(), condition.flag()) != judgement_.flags().end();
      case v1::Condition::kOption:
        return IsAtLeast(condition.option());
      case v1::Condition::kRule:
        return RuleHolds(condition.rule());
      case v1::Condition::TEST_NOT_SET:
        return false;  // refused by ConditionChecker
    }
    return false;
  }

  bool RuleHolds(const std::string& id) {
    auto known = rules_.find(id);
    if (known != rules_.end()) return known->second;
    const v1::GradeRule* rule = pack_ == nullptr ? nullptr : FindRule(*pack_, id);
    return rules_[id] = rule != nullptr && Holds(rule->when());
  }

 private:
  bool IsAtLeast(const v1::OptionTest& test) const {
    const v1::Item* item = pack_ == nullptr ? nullptr : FindItem(*pack_, test.item());
    const v1::Answer* answer = FindAnswer(answers_, test.item());
    if (item == nullptr || answer == nullptr || answer->code() != v1::ANSWER_CODE_OPTION) return false;
    return OptionRank(*item, answer->option()) >= OptionRank(*item, test.at_least());
  }

  const v1::InstrumentPack* pack_;
  const Answers& answers_;
  const v1::Judgement& judgement_;
  std::map<std::string, bool> rules_;
};

}  // namespace

void ConditionChecker::Check(const std::string& path, const v1::Condition& condition, int depth) {
  if (depth > kDepthMax) {
    errors_.Add(path, fmt::format("nest conditions at most {} deep", kDepthMax));
    return;
  }
  bool rule = of_ == ConditionOf::kRule;
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
      return CheckYesNoItem(path + ".answer", condition.answer());
    case v1::Condition::kHasNote:
      HaveItem(path + ".has_note", condition.has_note());
      return;
    case v1::Condition::kDetail:
      return CheckDetail(path + ".detail", condition.detail());
    case v1::Condition::kFlag:
      errors_.Require(!rule, path + ".flag", "only policies ask for flags; test the answers of the form");
      return errors_.Require(IsCode(condition.flag()), path + ".flag",
                             "give a flag of capitals, digits and underscores");
    case v1::Condition::kOption:
      errors_.Require(rule, path + ".option", "only the rules of a pack test options; test an answer");
      return CheckOption(path + ".option", condition.option());
    case v1::Condition::kRule:
      errors_.Require(rule, path + ".rule", "only the rules of a pack name rules; test an answer");
      return errors_.Require(!rule || FindRule(*packs_.front(), condition.rule()) != nullptr, path + ".rule",
                             "the pack has no rule with this id; give the id of one it has");
    case v1::Condition::TEST_NOT_SET:
      return errors_.Add(
          path, rule ? "say what it tests: all_of, any_of, at_least, answer, detail, has_note, option or rule"
                     : "say what it tests: all_of, any_of, at_least, answer, detail, has_note or flag");
  }
}

void ConditionChecker::CheckYesNoItem(const std::string& path, std::string_view code) {
  if (!HaveItem(path, code)) return;
  for (const v1::InstrumentPack* pack : packs_) {
    errors_.Require(FindItem(*pack, code)->options().empty(), path,
                    fmt::format("{} is answered by options in {} and never by yes; test a question that has "
                                "none",
                                code, NameWithVersion(pack->id(), pack->version())));
  }
}

bool ConditionChecker::HaveItem(const std::string& path, std::string_view code) {
  bool all = true;
  for (const v1::InstrumentPack* pack : packs_) {
    if (FindItem(*pack, code) != nullptr) continue;
    all = false;
    std::string name = NameWithVersion(pack->id(), pack->version());
    if (FindSectionItem(*pack, code) != nullptr) {
      errors_.Add(path,
                  fmt::format("'{}' is of a section of {}, and what a section asks is never scored; use "
                              "a question of the form itself",
                              code, name));
    } else if (of_ == ConditionOf::kRule) {
      errors_.Add(path, fmt::format("'{}' is no item of {}; use one of its codes", code, name));
    } else {
      errors_.Add(path, fmt::format("'{}' is no item of {}; use one of its codes, or take the pack off "
                                    "`instruments`",
                                    code, name));
    }
  }
  return all;
}

void ConditionChecker::CheckList(const std::string& path, const Conditions& list, int depth) {
  errors_.Require(!list.empty() && list.size() <= kConditionsMax, path,
                  fmt::format("give from 1 to {} conditions", kConditionsMax));
  for (int i = 0; i < std::min(list.size(), kConditionsMax); ++i) {
    Check(fmt::format("{}[{}]", path, i), list[i], depth + 1);
  }
}

void ConditionChecker::CheckDetail(const std::string& path, const v1::DetailTest& test) {
  if (!HaveItem(path + ".item", test.item())) return;
  for (const v1::InstrumentPack* pack : packs_) {
    errors_.Require(HasDetail(*FindItem(*pack, test.item()), test.detail()), path + ".detail",
                    fmt::format("'{}' is no detail of {} in {}; use one of its codes", test.detail(),
                                test.item(), NameWithVersion(pack->id(), pack->version())));
  }
}

void ConditionChecker::CheckOption(const std::string& path, const v1::OptionTest& test) {
  if (!HaveItem(path + ".item", test.item())) return;
  for (const v1::InstrumentPack* pack : packs_) {
    errors_.Require(
        OptionRank(*FindItem(*pack, test.item()), test.at_least()) >= 0, path + ".at_least",
        fmt::format("'{}' is no option of {}; use one of its codes", test.at_least(), test.item()));
  }
}

void ForEachCondition(const v1::Condition& condition,
                      const std::function<void(const v1::Condition&)>& visit) {
  visit(condition);
  auto inside = [&](const Conditions& list) {
    for (const v1::Condition& inner : list) ForEachCondition(inner, visit);
  };
  if (condition.has_all_of()) inside(condition.all_of().conditions());
  if (condition.has_any_of()) inside(condition.any_of().conditions());
  if (condition.has_at_least()) inside(condition.at_least().conditions());
}

bool Holds(const v1::Condition& condition, const Answers& answers, const v1::Judgement& judgement) {
  return Evaluation(/*pack=*/nullptr, answers, judgement).Holds(condition);
}

v1::Grade GradeByRules(const v1::InstrumentPack& pack, const Answers& answers) {
  const v1::Judgement no_flags;
  Evaluation evaluation(&pack, answers, no_flags);
  v1::Grade highest = v1::GRADE_UNSPECIFIED;
  for (const v1::GradeRule& rule : pack.rules()) {
    if (evaluation.RuleHolds(rule.id())) highest = std::max(highest, rule.grade());
  }
  return highest == v1::GRADE_UNSPECIFIED ? pack.otherwise() : highest;
}

}  // namespace marac::domain
