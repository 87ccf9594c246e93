#include "cli/assessment_calls.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/names.h"
#include "cli/text.h"
#include "domain/errors.h"

namespace marac::cli {
namespace {

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string ScoreText(const v1::AssessmentResult& result) {
  if (result.nothing_known()) return fmt::format("nothing is known: no answer of {}", result.items());
  if (result.score_max() == result.score()) return fmt::format("{} of {}", result.score(), result.items());
  return fmt::format("{} of {}, and up to {} if every unknown were a yes", result.score(), result.items(),
                     result.score_max());
}

std::string ClusterText(const v1::FiredCluster& cluster) {
  switch (cluster.action()) {
    case v1::CLUSTER_ACTION_REQUIRE_REASON:
      return cluster.prompt() +
             (cluster.satisfied() ? " [done]" : " [needs a referral, or a reason why not]");
    case v1::CLUSTER_ACTION_REQUIRE_STEP:
      return cluster.prompt() + (cluster.satisfied() ? " [done]" : " [needs a step, written down]");
    default:
      return cluster.prompt();
  }
}

// The sub-boxes of an answer in the words of the form, a line each.
std::string DetailsText(const v1::Item& item, const v1::Answer& answer) {
  std::string text;
  for (const std::string& code : answer.details()) {
    const auto detail = std::find_if(item.details().begin(), item.details().end(),
                                     [&](const v1::ItemDetail& known) { return known.code() == code; });
    text += "\n+ " + (detail == item.details().end() ? code : detail->label());
  }
  return text;
}

// Adds a row for each of `items`: what was answered, or a dash.
void AddAnswers(Table& table, const google::protobuf::RepeatedPtrField<v1::Item>& items,
                const google::protobuf::RepeatedPtrField<v1::Answer>& answers) {
  for (const v1::Item& item : items) {
    const auto answer = std::find_if(answers.begin(), answers.end(),
                                     [&](const v1::Answer& given) { return given.item() == item.code(); });
    const bool given = answer != answers.end();
    table.AddRow({std::to_string(item.number()), item.question(),
                  given ? CodeText(item, *answer) + DetailsText(item, *answer) : "-",
                  given ? answer->note() : ""});
  }
}

// The item of a code, in the form or in a section of it; null for none.
const v1::Item* ItemOf(const v1::InstrumentPack& pack, const std::string& code) {
  for (const v1::Item& item : pack.items()) {
    if (item.code() == code) return &item;
  }
  for (const v1::Section& section : pack.sections()) {
    for (const v1::Item& item : section.items()) {
      if (item.code() == code) return &item;
    }
  }
  return nullptr;
}

// What was said to an item, with its details and words; a dash where there is no answer.
std::string SaidText(const v1::Assessment& assessment, const v1::Item* item) {
  if (item == nullptr) return "-";
  for (const auto* answers : {&assessment.answers(), &assessment.section_answers()}) {
    for (const v1::Answer& answer : *answers) {
      if (answer.item() != item->code()) continue;
      const std::string note = answer.note().empty() ? "" : "\n" + answer.note();
      return CodeText(*item, answer) + DetailsText(*item, answer) + note;
    }
  }
  return "-";
}

std::string ChangeText(v1::AnswerChange change) {
  switch (change) {
    case v1::ANSWER_CHANGE_WORDS:
      return "other words";
    case v1::ANSWER_CHANGE_CHANGED:
      return "changed";
    case v1::ANSWER_CHANGE_ONLY_LATER:
      return "new";
    case v1::ANSWER_CHANGE_ONLY_EARLIER:
      return "not asked again";
    case v1::ANSWER_CHANGE_NOT_COMPARED:
      return "another question in part";
    default:
      return "";
  }
}

std::string HeadOf(const v1::Assessment& assessment) {
  return fmt::format("{}, edition {}, {}, {}", DayText(assessment.assessment_date()), assessment.edition(),
                     assessment.instrument(), LastId(assessment.name()));
}

}  // namespace

std::string CodeText(const v1::Item& item, const v1::Answer& answer) {
  for (const v1::Option& option : item.options()) {
    if (option.code() == answer.option()) return option.label();
  }
  return Word(answer.code());
}

absl::StatusOr<v1::Assessment> GetAssessment(Client& client, const std::string& name, int edition) {
  v1::GetAssessmentRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "assessments", name));
  request.set_edition(edition);
  return client.Call(&AssessmentStub::GetAssessment, request);
}

absl::StatusOr<v1::InstrumentPack> GetInstrument(Client& client, const std::string& instrument) {
  v1::GetInstrumentRequest request;
  request.set_instrument(instrument);
  ASSIGN_OR_RETURN(*request.mutable_area(), client.Area());
  return client.Call(&AssessmentStub::GetInstrument, request);
}

absl::Status SetSource(const SourceFlags& flags, v1::Answer& answer) {
  ASSIGN_OR_RETURN(const auto source, ParseWord<v1::SourceRole>(flags.source, "source"));
  answer.set_source(source);
  answer.set_source_ref(flags.reference);
  return absl::OkStatus();
}

absl::StatusOr<v1::Answer> ParseAnswer(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return domain::InvalidField("answers",
                                "give ITEM=ANSWER, for instance STRANGLE=yes or STRANGLE=dont-know");
  }
  v1::Answer answer;
  answer.set_item(text.substr(0, equals));
  const size_t colon = text.find(':', equals);
  const std::string word = text.substr(equals + 1, colon == std::string::npos ? colon : colon - equals - 1);
  ASSIGN_OR_RETURN(const int code,
                   ParseEnumWord(*v1::AnswerCode_descriptor(), word, "answers." + answer.item()));
  answer.set_code(static_cast<v1::AnswerCode>(code));
  for (size_t at = colon; at != std::string::npos;) {
    const size_t end = text.find('+', at + 1);
    answer.add_details(text.substr(at + 1, end == std::string::npos ? end : end - at - 1));
    at = end;
  }
  if (answer.code() == v1::ANSWER_CODE_OPTION && answer.details_size() == 1) {
    answer.set_option(answer.details(0));
    answer.clear_details();
  }
  return answer;
}

v1::Party NamedParty(const std::string& name) {
  v1::Party party;
  *party.mutable_name() = ParseText(name);
  return party;
}

std::string ResultText(const v1::AssessmentResult& result) {
  std::string text = Labelled("score", ScoreText(result), 0);
  const bool low = result.final_grade() != v1::GRADE_HIGH;
  if (result.reachable() && low) {
    // Decisions 26: the name of a low grade would read as "not in danger" where too little is known.
    text += Labelled(
        "grade",
        fmt::format("too little known to grade: {} now, {} possible", result.score(), result.score_max()), 0);
  } else if (result.final_grade() != v1::GRADE_UNSPECIFIED) {
    text += Labelled("grade", Word(result.final_grade()), 0);
    if (result.band() != result.final_grade() && result.band() != v1::GRADE_UNSPECIFIED) {
      text += Labelled("by count alone", Word(result.band()), 0);
    }
  }
  text += Labelled("form", fmt::format("{} ({})", result.instrument(), Word(result.equivalence_status())), 0);
  if (result.unknown() > 0) {
    text += Labelled("unknown",
                     fmt::format("{}, of which {} not asked", result.unknown(), result.not_asked()), 0);
  }
  text += Labelled("grounds to refer",
                   result.criteria().empty() ? "none by count or rule" : Joined(result.criteria()), 0);
  for (const v1::FiredCluster& cluster : result.clusters())
    text += Labelled(cluster.id(), ClusterText(cluster), 0);
  text += Labelled(
      "coercive control",
      fmt::format("{} of the {} questions about it are a yes; for your judgement, no part of score or grade",
                  result.control_count(), result.control_items()),
      0);
  if (result.not_from_victim_percent() > 0) {
    text += Labelled("not from the victim", fmt::format("{}%", result.not_from_victim_percent()), 0);
  }
  return text;
}

std::string AssessmentText(const v1::Assessment& assessment, const v1::InstrumentPack& pack) {
  v1::Assessment head = assessment;
  head.clear_answers();
  head.clear_probe_answers();
  head.clear_section_answers();
  head.clear_result();
  if (head.has_review()) head.mutable_review()->clear_choices();
  std::string text = RecordText(head) + "\n";
  Table table({{"NO", false}, {"QUESTION"}, {"ANSWER"}, {"NOTE"}});
  AddAnswers(table, pack.items(), assessment.answers());
  text += table.Render();
  if (!assessment.section_answers().empty()) {
    Table besides({{"NO", false}, {"ASKED BESIDES, NEVER SCORED"}, {"ANSWER"}, {"NOTE"}});
    for (const v1::Section& section : pack.sections()) {
      AddAnswers(besides, section.items(), assessment.section_answers());
    }
    text += "\n" + besides.Render();
  }
  if (assessment.has_result()) text += "\n" + ResultText(assessment.result());
  return text;
}

std::string ComparisonText(const v1::AssessmentComparison& comparison, const v1::InstrumentPack& earlier_pack,
                           const v1::InstrumentPack& later_pack) {
  Table table({{"QUESTION"}, {"EARLIER"}, {"LATER"}, {"CHANGE"}});
  for (const v1::ComparedItem& row : comparison.items()) {
    const v1::Item* later = ItemOf(later_pack, row.item());
    const v1::Item* earlier = ItemOf(earlier_pack, row.earlier_item());
    std::string question = later != nullptr     ? later->question()
                           : earlier != nullptr ? earlier->question()
                                                : "";
    // Of two questions that are only in part the same, both are read.
    if (row.match() == v1::CROSSWALK_MATCH_PART && earlier != nullptr) {
      question += "\nbefore: " + earlier->question();
    }
    table.AddRow({question, SaidText(comparison.earlier(), earlier), SaidText(comparison.later(), later),
                  ChangeText(row.change())});
  }
  return Labelled("earlier", HeadOf(comparison.earlier()), 0) +
         Labelled("later", HeadOf(comparison.later()), 0) + "\n" + table.Render() + "\nearlier\n" +
         ResultText(comparison.earlier().result()) + "\nlater\n" + ResultText(comparison.later().result());
}

}  // namespace marac::cli
