// Conditions over the answers of a form: what the clusters of a policy and the rules of a pack are made of.
#ifndef MARAC_DOMAIN_CONDITION_H_
#define MARAC_DOMAIN_CONDITION_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/errors.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/instrument.pb.h"
#include "marac/v1/policy.pb.h"

namespace marac::domain {

// What a condition belongs to: only clusters ask for flags, and only rules of a pack test options and each
// other.
enum class ConditionOf { kCluster, kRule };

// Walks conditions, and asks each pack about each code.
class ConditionChecker {
 public:
  // `errors` outlives the checker; so do `packs`, of which a rule has one.
  ConditionChecker(FieldErrors& errors, std::vector<const v1::InstrumentPack*> packs, ConditionOf of)
      : errors_(errors), packs_(std::move(packs)), of_(of) {}

  // Adds a violation for each thing that is wrong, by its path below `path`: a condition that tests nothing,
  // an item, detail, option or rule that a pack has not, a limit that cannot be met.
  void Check(const std::string& path, const v1::Condition& condition, int depth = 1);
  // Adds a violation unless each pack has this item and takes YES for an answer to it.
  void CheckYesNoItem(const std::string& path, std::string_view code);

 private:
  bool HaveItem(const std::string& path, std::string_view code);
  void CheckList(const std::string& path, const google::protobuf::RepeatedPtrField<v1::Condition>& list,
                 int depth);
  void CheckDetail(const std::string& path, const v1::DetailTest& test);
  void CheckOption(const std::string& path, const v1::OptionTest& test);

  FieldErrors& errors_;
  std::vector<const v1::InstrumentPack*> packs_;
  ConditionOf of_;
};

// Calls `visit` with each condition inside `condition`, and with itself.
void ForEachCondition(const v1::Condition& condition, const std::function<void(const v1::Condition&)>& visit);

// Whether a cluster's checked condition holds over current answers, one an item, and the flags ticked.
bool Holds(const v1::Condition& condition, const google::protobuf::RepeatedPtrField<v1::Answer>& answers,
           const v1::Judgement& judgement);

// The highest grade of the rules of a checked pack that hold over current answers, one an item; the pack's
// `otherwise` where none does.
v1::Grade GradeByRules(const v1::InstrumentPack& pack,
                       const google::protobuf::RepeatedPtrField<v1::Answer>& answers);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CONDITION_H_
