#include "domain/comparison.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/status_macros.h"
#include "domain/crosswalk.h"
#include "domain/errors.h"
#include "domain/matching.h"

namespace marac::domain {
namespace {

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

// What was said to a question; null where it was not put.
const v1::Answer* Given(const Answers& answers, const std::string& item) {
  const auto found = std::ranges::find(answers, item, &v1::Answer::item);
  return found == answers.end() || found->code() == v1::ANSWER_CODE_NOT_ASKED ? nullptr : &*found;
}

// What the answer says; a yes that is over, or has another detail, says something else.
auto SaidBy(const v1::Answer& answer) {
  return std::tuple(answer.code(), answer.option(),
                    std::set<std::string>(answer.details().begin(), answer.details().end()),
                    answer.time_anchor(), answer.currency(), answer.within_window());
}

auto WordsOf(const v1::Answer& answer) {
  return std::tuple(answer.note(), answer.verbatim(), answer.source(), answer.source_ref(), answer.reason(),
                    answer.time_words());
}

v1::AnswerChange ChangeOf(const v1::Answer* earlier, const v1::Answer* later, v1::CrosswalkMatch match) {
  if (earlier == nullptr && later == nullptr) return v1::ANSWER_CHANGE_NEITHER;
  if (earlier == nullptr) return v1::ANSWER_CHANGE_ONLY_LATER;
  if (later == nullptr) return v1::ANSWER_CHANGE_ONLY_EARLIER;
  if (match != v1::CROSSWALK_MATCH_EXACT) return v1::ANSWER_CHANGE_NOT_COMPARED;
  if (SaidBy(*earlier) != SaidBy(*later)) return v1::ANSWER_CHANGE_CHANGED;
  return WordsOf(*earlier) == WordsOf(*later) ? v1::ANSWER_CHANGE_SAME : v1::ANSWER_CHANGE_WORDS;
}

// A question of a form, and what was answered.
struct Put {
  const v1::Item& item;
  const v1::Answer* answer;
  bool in_section;
};

std::vector<Put> QuestionsOf(const OnForm& side) {
  std::vector<Put> questions;
  for (const v1::Item& item : side.pack.items()) {
    questions.push_back({item, Given(side.assessment.answers(), item.code()), false});
  }
  for (const v1::Section& section : side.pack.sections()) {
    // What was practised, or only checked that it was understood, says nothing about the person's risk.
    if (section.kind() != v1::SECTION_KIND_UNSCORED) continue;
    for (const v1::Item& item : section.items()) {
      questions.push_back({item, Given(side.assessment.section_answers(), item.code()), true});
    }
  }
  return questions;
}

void CompareItems(const OnForm& earlier, const OnForm& later, v1::AssessmentComparison& comparison) {
  const std::vector<Put> before = QuestionsOf(earlier);
  std::set<const v1::Item*> met;
  for (const Put& now : QuestionsOf(later)) {
    bool found = false;
    for (const Put& then : before) {
      // What is asked beside the form is never compared with what counts.
      if (now.in_section != then.in_section) continue;
      const v1::CrosswalkMatch match = Match(later.pack, now.item, earlier.pack, then.item);
      if (match == v1::CROSSWALK_MATCH_NONE) continue;
      v1::ComparedItem& row = *comparison.add_items();
      row.set_item(now.item.code());
      row.set_earlier_item(then.item.code());
      row.set_match(match);
      row.set_change(ChangeOf(then.answer, now.answer, match));
      met.insert(&then.item);
      found = true;
    }
    if (found) continue;
    v1::ComparedItem& row = *comparison.add_items();
    row.set_item(now.item.code());
    row.set_match(v1::CROSSWALK_MATCH_NONE);
    row.set_change(ChangeOf(nullptr, now.answer, v1::CROSSWALK_MATCH_NONE));
  }
  for (const Put& then : before) {
    if (met.contains(&then.item)) continue;
    v1::ComparedItem& row = *comparison.add_items();
    row.set_earlier_item(then.item.code());
    row.set_match(v1::CROSSWALK_MATCH_NONE);
    row.set_change(ChangeOf(then.answer, nullptr, v1::CROSSWALK_MATCH_NONE));
  }
}

bool AreOfOnePerson(const v1::Assessment& one, const v1::Assessment& other) {
  if (one.name() == other.name()) return true;
  if (!one.case_name().empty() && one.case_name() == other.case_name()) return true;
  if (!one.referral().empty() && one.referral() == other.referral()) return true;
  const std::vector<Candidate> found =
      MatchCandidates(KeysOf(one.victim()), {{other.name(), KeysOf(other.victim())}});
  if (found.empty() || found[0].proposed == MatchAnswer::kStranger) return false;
  // Who shares an address with somebody may be her mother.
  return std::ranges::any_of(found[0].agreed, [](MatchField field) {
    return field == MatchField::kName || field == MatchField::kAlias || field == MatchField::kNhsNumber;
  });
}

// When it was made: by the day it is about, and among those of one day by when it was begun.
auto OrderOf(const v1::Assessment& assessment) {
  const v1::Day& day = assessment.assessment_date();
  return std::tuple(day.year(), day.month(), day.day(),
                    google::protobuf::util::TimeUtil::TimestampToNanoseconds(assessment.create_time()),
                    assessment.name(), assessment.edition());
}

}  // namespace

absl::StatusOr<v1::AssessmentComparison> CompareAssessments(const OnForm& one, const OnForm& other) {
  FieldErrors errors;
  errors.Require(one.assessment.name() != other.assessment.name() ||
                     one.assessment.edition() != other.assessment.edition(),
                 "other_edition", "these are one and the same; give another assessment or another edition");
  errors.Require(AreOfOnePerson(one.assessment, other.assessment), "other",
                 "the two are not known to be about one person: give one of the same case or referral, or "
                 "write the same name and date of birth into both");
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  const bool in_order = OrderOf(one.assessment) < OrderOf(other.assessment);
  const OnForm& earlier = in_order ? one : other;
  const OnForm& later = in_order ? other : one;
  v1::AssessmentComparison comparison;
  comparison.set_name(later.assessment.name());
  *comparison.mutable_earlier() = earlier.assessment;
  *comparison.mutable_later() = later.assessment;
  CompareItems(earlier, later, comparison);
  return comparison;
}

}  // namespace marac::domain
