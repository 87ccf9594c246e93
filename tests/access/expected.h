// What rules.textproto says about a call.
#ifndef MARAC_TESTS_ACCESS_EXPECTED_H_
#define MARAC_TESTS_ACCESS_EXPECTED_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "access/access_rules.pb.h"
#include "marac/v1/directory.pb.h"

namespace marac::testing {

namespace rules = access::v1;

// What keeps somebody from a case whatever their role (marac.md 6, R-16).
enum class Kept {
  kNot,
  kOffTheList,        // the case is restricted, and they are not named
  kNamed,             // the case is restricted and their agency shut out, and they are named
  kEmployer,          // a subject works for their agency
  kBesideTheShutOut,  // somebody of their agency must not receive it
};

// By the token of a handover, and whether the call is about the assessment that it is for.
enum class Handover { kNo, kOfThis, kOfAnother };

// Who calls and about what, as far as a rule can tell.
struct Situation {
  std::string method;  // "ReferralService/GetReferral"
  v1::Role role = v1::ROLE_UNSPECIFIED;
  rules::Relation relation = rules::UNINVOLVED;
  bool only_that = false;  // and none of the relations before it: the author, who has moved to another agency
  bool elsewhere = false;  // the role is held in another area
  bool shut_out = false;   // somebody who must not receive the case
  Kept kept = Kept::kNot;
  bool signed_for = false;  // signed for the meeting that the case is on
  Handover handover = Handover::kNo;
  rules::Stage stage = rules::NONE;
};

struct Expectation {
  rules::Expected expected;
  std::string rule;  // what it rests on; "refused" without a rule
};

// What the rules call an answer of this status; unspecified for a status that no rule asks for.
rules::Expected Outcome(const absl::Status& status);

class RuleBook {
 public:
  // Reads tests/access/rules.textproto; ends the test program when it cannot.
  static const RuleBook& Get();

  // Contradicting rules are collected instead of decided.
  Expectation Expect(const Situation& situation) const;
  bool Names(const std::string& method) const;  // whether any rule does
  // The classes that are seen of a record of this kind; the situation's method does not matter.
  std::set<int> Sees(rules::Kind kind, const Situation& situation) const;
  // The classes that leave outside any record.
  std::set<int> Outside(const std::string& method) const;
  // What somebody gets who stands so; where no line says it, what `fresh` says.
  Expectation Standing(rules::Standing standing, const std::string& method, const Expectation& fresh) const;
  const std::vector<std::string>& contradictions() const { return contradictions_; }
  const rules::Rules& all() const { return rules_; }

 private:
  rules::Rules rules_;
  mutable std::vector<std::string> contradictions_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_ACCESS_EXPECTED_H_
