// The forms of the tree, and answers to them, for tests.
#ifndef MARAC_TESTS_SUPPORT_ASSESSMENTS_H_
#define MARAC_TESTS_SUPPORT_ASSESSMENTS_H_

#include <gtest/gtest.h>

#include <fstream>
#include <initializer_list>
#include <set>
#include <sstream>
#include <string>

#include "domain/assessment.h"
#include "domain/catalogue.h"
#include "domain/instrument.h"
#include "tests/support/source_path.h"

namespace marac::testing {

inline domain::DataFile ReadSchemaFile(const std::string& path) {
  std::ifstream file(SourcePath("schema/" + path));
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return {path.substr(path.rfind('/') + 1), text.str()};
}

inline domain::DataFile Plain24File() { return ReadSchemaFile("instruments/plain24.textproto"); }
inline domain::DataFile AccessibleFile() { return ReadSchemaFile("instruments/plain24-er.textproto"); }
inline domain::DataFile ShippedPolicyFile() { return ReadSchemaFile("policies/default.textproto"); }

// `file` with `from`, which it must hold once, replaced by `to`.
inline domain::DataFile With(domain::DataFile file, const std::string& from, const std::string& to) {
  size_t at = file.text.find(from);
  EXPECT_NE(at, std::string::npos) << file.name << " does not hold: " << from;
  EXPECT_EQ(file.text.find(from, at + 1), std::string::npos) << file.name << " holds twice: " << from;
  if (at != std::string::npos) file.text.replace(at, from.size(), to);
  return file;
}

// The policy that ships, for plain24 alone.
inline domain::DataFile DefaultPolicyFile() {
  return With(ShippedPolicyFile(), "instruments: \"plain24-er@0.1\"\n", "");
}

// What ships: plain24@1.0 and its accessible variant, graded by default@2026.1.
inline const domain::Catalogue& ShippedCatalogue() {
  static const domain::Catalogue catalogue = [] {
    const domain::DataFile packs[] = {Plain24File(), AccessibleFile()};
    const domain::DataFile policies[] = {ShippedPolicyFile()};
    return domain::Catalogue::Load(packs, policies, {}).value();
  }();
  return catalogue;
}

inline domain::Form ShippedForm() {
  return ShippedCatalogue().FormFor("plain24@1.0", "default@2026.1").value();
}

// The accessible variant of it, as it ships.
inline domain::Form AccessibleForm() {
  return ShippedCatalogue().FormFor("plain24-er@0.1", "default@2026.1").value();
}

// The code of an item of the 24 by its number.
inline std::string CodeOf(int number) { return ShippedForm().pack->pack.items(number - 1).code(); }

inline v1::Answer AnswerTo(int number, v1::AnswerCode code) {
  v1::Answer answer;
  answer.set_item(CodeOf(number));
  answer.set_code(code);
  answer.set_source(v1::SOURCE_ROLE_VICTIM);
  return answer;
}

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

// All 24: these numbers YES, the rest `rest`.
inline Answers OnlyYes(const std::set<int>& yes, v1::AnswerCode rest = v1::ANSWER_CODE_NO) {
  Answers answers;
  for (int number = 1; number <= 24; ++number) {
    *answers.Add() = AnswerTo(number, yes.contains(number) ? v1::ANSWER_CODE_YES : rest);
  }
  return answers;
}

// All 24: `count` YES, the rest `rest`. The yes go to items of which few clusters speak first, so that a
// count can be tested without what a cluster asks for: strangling, threats to kill and low mood come last.
inline Answers CountOfYes(int count, v1::AnswerCode rest = v1::ANSWER_CODE_NO) {
  static constexpr int kOrder[] = {19, 20, 21, 23, 24, 7,  2,  3, 10, 11, 8,  22,
                                   13, 9,  12, 4,  18, 16, 17, 1, 6,  15, 14, 5};
  return OnlyYes(std::set<int>(kOrder, kOrder + count), rest);
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_ASSESSMENTS_H_
