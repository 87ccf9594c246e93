// What rules.textproto says about a call.
#ifndef MARAC_TESTS_ACCESS_EXPECTED_H_
#define MARAC_TESTS_ACCESS_EXPECTED_H_

#include <string>
#include <vector>

#include "access/access_rules.pb.h"
#include "marac/v1/directory.pb.h"

namespace marac::testing {

namespace rules = access::v1;

// Who calls and about what, as far as a rule can tell.
struct Situation {
  std::string method;  // "ReferralService/GetReferral"
  v1::Role role = v1::ROLE_UNSPECIFIED;
  rules::Relation relation = rules::UNINVOLVED;
  bool elsewhere = false;  // the role is held in another area
  bool shut_out = false;   // somebody who must not receive the case
  rules::Stage stage = rules::NONE;
};

struct Expectation {
  rules::Expected expected;
  std::string rule;  // what it rests on; "refused" without a rule
};

class RuleBook {
 public:
  // Reads tests/access/rules.textproto; ends the test program when it cannot.
  static const RuleBook& Get();

  // Contradicting rules are collected instead of decided.
  Expectation Expect(const Situation& situation) const;
  bool Names(const std::string& method) const;  // whether any rule does
  const std::vector<std::string>& contradictions() const { return contradictions_; }
  const rules::Rules& all() const { return rules_; }

 private:
  rules::Rules rules_;
  mutable std::vector<std::string> contradictions_;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_ACCESS_EXPECTED_H_
