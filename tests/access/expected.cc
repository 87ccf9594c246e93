#include "tests/access/expected.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/source_path.h"

namespace marac::testing {

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
        std::ranges::count(rule.roles(), situation.role) == 0) {
      continue;
    }
    role_is_named = true;
    if (situation.shut_out || (situation.elsewhere && !rule.elsewhere())) continue;
    if (situation.relation < rule.relation()) continue;
    if (!rule.stages().empty() && std::ranges::count(rule.stages(), situation.stage) == 0) continue;
    if (cited != nullptr && cited->expected() != rule.expected()) {
      contradictions_.push_back(cited->id() + " and " + rule.id());
    }
    if (cited == nullptr) cited = &rule;
  }
  if (cited != nullptr) return {cited->expected(), cited->id()};
  if (situation.role == v1::ROLE_UNSPECIFIED) return {rules::UNAUTHENTICATED, "refused"};
  return {role_is_named ? rules::NOT_FOUND : rules::PERMISSION_DENIED, "refused"};
}

}  // namespace marac::testing
