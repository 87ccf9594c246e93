#include "tests/access/expected.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/source_path.h"

namespace marac::testing {

namespace {

// marac.md 6, Restricted (staff) case: named list, chair yes, and employer's agenda shows nothing; R-16. An
// agency's system is nobody who is named, and shows what it is given to all of the agency's people.
bool IsKeptFrom(const Situation& situation) {
  if (situation.shut_out) return true;
  switch (situation.kept) {
    case Kept::kNot:
    case Kept::kNamed:
      return false;
    case Kept::kOffTheList:
      return situation.role != v1::ROLE_CHAIR;
    case Kept::kEmployer:
      return true;
    case Kept::kBesideTheShutOut:
      return situation.role == v1::ROLE_AGENCY_SYSTEM;
  }
  return true;
}

// Whether a line is for somebody with this token.
template <typename Line>
bool FitsToken(const Line& line, const Situation& situation) {
  return line.token() == rules::EITHER ||
         (line.token() == rules::HANDOVER) == (situation.handover != Handover::kNo);
}

// Whether a line is for somebody in this relation, here, at this stage.
template <typename Line>
bool Fits(const Line& line, const Situation& situation) {
  if (!FitsToken(line, situation)) return false;
  // decisions 21: the wording and the answers of one assessment, and nothing else.
  if (situation.handover == Handover::kOfAnother && situation.stage != rules::NONE) return false;
  // security.md 2.5: the sender sees the ordinary answer, so what they sent stays theirs until triage has
  // decided.
  const bool own_at_triage = line.relation() == rules::AUTHOR &&
                             (situation.stage == rules::RECEIVED || situation.stage == rules::RETURNED);
  if (IsKeptFrom(situation) && !own_at_triage) return false;
  if (situation.elsewhere && !line.elsewhere()) return false;
  if (situation.relation < line.relation()) return false;
  if (situation.only_that && line.relation() != rules::UNINVOLVED && line.relation() != situation.relation) {
    return false;
  }
  return line.stages().empty() || std::ranges::count(line.stages(), situation.stage) > 0;
}

}  // namespace

rules::Expected Outcome(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return rules::OK;
    case absl::StatusCode::kFailedPrecondition:
      return rules::WRONG_STATE;
    case absl::StatusCode::kUnauthenticated:
      return rules::UNAUTHENTICATED;
    case absl::StatusCode::kPermissionDenied:
      return rules::PERMISSION_DENIED;
    case absl::StatusCode::kNotFound:
      return rules::NOT_FOUND;
    default:
      return rules::EXPECTED_UNSPECIFIED;
  }
}

const RuleBook& RuleBook::Get() {
  static const RuleBook* const book = [] {
    std::ifstream file(SourcePath("tests/access/rules.textproto"));
    std::stringstream text;
    text << file.rdbuf();
    auto* made = new RuleBook;
    if (!file.good() || !google::protobuf::TextFormat::ParseFromString(text.str(), &made->rules_)) {
      std::fprintf(stderr, "tests/access/rules.textproto does not parse\n");
      std::abort();
    }
    return made;
  }();
  return *book;
}

bool RuleBook::Names(const std::string& method) const {
  return std::ranges::any_of(rules_.rules(), [&](const rules::Rule& rule) {
    return std::ranges::count(rule.methods(), method) > 0;
  });
}

Expectation RuleBook::Expect(const Situation& situation) const {
  const rules::Rule* cited = nullptr;
  bool role_is_named = false;
  for (const rules::Rule& rule : rules_.rules()) {
    if (std::ranges::count(rule.methods(), situation.method) == 0 ||
        std::ranges::count(rule.roles(), situation.role) == 0 || !FitsToken(rule, situation)) {
      continue;
    }
    role_is_named = true;
    if (!Fits(rule, situation)) continue;
    if (cited != nullptr && cited->expected() != rule.expected()) {
      contradictions_.push_back(cited->id() + " and " + rule.id());
    }
    if (cited == nullptr) cited = &rule;
  }
  if (cited != nullptr) return {cited->expected(), cited->id()};
  if (situation.role == v1::ROLE_UNSPECIFIED) return {rules::UNAUTHENTICATED, "refused"};
  return {role_is_named ? rules::NOT_FOUND : rules::PERMISSION_DENIED, "refused"};
}

std::set<int> RuleBook::Sees(rules::Kind kind, const Situation& situation) const {
  std::set<int> classes;
  for (const rules::Sight& sight : rules_.sights()) {
    if (std::ranges::count(sight.kinds(), kind) == 0 ||
        std::ranges::count(sight.roles(), situation.role) == 0 || !Fits(sight, situation) ||
        (sight.signed_() && !situation.signed_for)) {
      continue;
    }
    classes.insert(sight.classes().begin(), sight.classes().end());
  }
  return classes;
}

std::set<int> RuleBook::Outside(const std::string& method) const {
  std::set<int> classes;
  for (const rules::Outside& outside : rules_.outsides()) {
    if (std::ranges::count(outside.methods(), method) == 0) continue;
    classes.insert(outside.classes().begin(), outside.classes().end());
  }
  return classes;
}

Expectation RuleBook::Standing(rules::Standing standing, const std::string& method,
                               const Expectation& fresh) const {
  for (const rules::StandingRule& rule : rules_.standings()) {
    if (std::ranges::count(rule.standings(), standing) == 0) continue;
    if (!rule.methods().empty() && std::ranges::count(rule.methods(), method) == 0) continue;
    return {rule.expected(), rule.id()};
  }
  return fresh;
}

}  // namespace marac::testing
