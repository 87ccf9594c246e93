#include "domain/folding.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "domain/instrument.h"
#include "domain/rollup.h"
#include "domain/text.h"

namespace marac::domain {
namespace {

using Answers = google::protobuf::RepeatedPtrField<v1::Answer>;

// What stands of one item.
struct Current {
  v1::Answer answer;
  std::map<std::string, v1::Answer> probes;  // by code; empty where the item was answered as a whole
};

// An answer to a whole item says nothing of its parts, and the parts of one wording are not those of another.
// Taken together they would make an answer that nobody gave: "no" to a part could stand beside a whole that
// was withdrawn, or count as a no to parts that were never put. So each begins again, and what has not been
// met since is NOT_ASKED.
void Take(const v1::Answer& event, Current& current) {
  bool same_probes = !event.probe().empty() && !current.probes.empty() &&
                     current.probes.begin()->second.shown_instrument() == event.shown_instrument();
  if (!same_probes) current.probes.clear();
  if (event.probe().empty()) {
    current.answer = event;
  } else {
    current.probes[event.probe()] = event;
  }
}

// "Ever" hides change, so that one part of now and one of the past are both.
v1::Currency Together(v1::Currency a, v1::Currency b) {
  if (a == v1::CURRENCY_UNSPECIFIED || a == b) return b;
  return b == v1::CURRENCY_UNSPECIFIED ? a : v1::CURRENCY_BOTH;
}

// The answer to `item` that the answers to its probes come to; there is at least one.
v1::Answer RolledUp(const v1::Item& item, const std::map<std::string, v1::Answer>& given) {
  std::vector<v1::AnswerCode> codes;
  std::vector<const v1::Answer*> answers;  // in the order of the form
  std::set<std::string> details;
  for (const v1::Probe& probe : item.probes()) {
    auto found = given.find(probe.code());
    codes.push_back(found == given.end() ? v1::ANSWER_CODE_NOT_ASKED : found->second.code());
    if (found == given.end()) continue;
    answers.push_back(&found->second);
    if (codes.back() != v1::ANSWER_CODE_YES) continue;
    if (!probe.detail().empty()) details.insert(probe.detail());
    details.insert(found->second.details().begin(), found->second.details().end());
  }
  v1::AnswerCode code = RollUp(codes);

  v1::Answer answer = **std::ranges::max_element(answers, {}, [](const v1::Answer* a) { return a->seq(); });
  answer.set_code(code);
  answer.clear_reason();
  auto decides = std::ranges::find(answers, code, [](const v1::Answer* a) { return a->code(); });
  if (decides != answers.end()) {
    answer.set_reason((*decides)->reason());
    answer.set_source((*decides)->source());
    answer.set_source_ref((*decides)->source_ref());
  }
  answer.clear_details();
  for (const v1::ItemDetail& detail : item.details()) {
    if (details.contains(detail.code())) answer.add_details(detail.code());
  }
  answer.clear_note();
  answer.clear_currency();
  bool own_words = true;  // of every note: a summary never passes for them
  for (const v1::Answer* part : answers) {
    if (part->code() == code) answer.set_currency(Together(answer.currency(), part->currency()));
    if (IsBlank(part->note())) continue;
    if (!answer.note().empty()) answer.mutable_note()->append("\n");
    answer.mutable_note()->append(part->note());
    own_words = own_words && part->verbatim();
  }
  answer.set_verbatim(!answer.note().empty() && own_words);
  // These are of one probe, and stay with it.
  answer.clear_probe();
  answer.clear_reworded();
  answer.clear_wording_hash();
  answer.clear_time_words();
  answer.clear_time_anchor();
  answer.clear_within_window();
  return answer;
}

}  // namespace

void FoldAnswers(const Form& form, const std::vector<v1::Answer>& events, v1::Assessment& assessment) {
  std::map<std::string, Current> items;
  for (const v1::Answer& answer : assessment.answers()) items[answer.item()].answer = answer;
  for (const v1::Answer& answer : assessment.section_answers()) items[answer.item()].answer = answer;
  for (const v1::Answer& answer : assessment.probe_answers()) {
    items[answer.item()].probes[answer.probe()] = answer;
  }
  for (const v1::Answer& event : events) Take(event, items[event.item()]);

  assessment.clear_answers();
  assessment.clear_probe_answers();
  assessment.clear_section_answers();
  auto keep = [&](const v1::Item& item, Answers& kept) {
    auto found = items.find(item.code());
    if (found == items.end()) return;
    Current& current = found->second;
    if (!current.probes.empty()) {
      // Null only when the pack that was shown has been taken away since; then nothing new was answered in
      // its words, and what they came to stands.
      const v1::InstrumentPack* shown = form.Shown(current.probes.begin()->second.shown_instrument());
      const v1::Item* asked = shown == nullptr ? nullptr : FindAnyItem(*shown, item.code());
      if (asked != nullptr) current.answer = RolledUp(*asked, current.probes);
    }
    *kept.Add() = current.answer;
    for (auto& [code, answer] : current.probes) *assessment.add_probe_answers() = answer;
  };
  for (const v1::Item& item : form.pack->pack.items()) keep(item, *assessment.mutable_answers());
  for (const v1::Section& section : form.pack->pack.sections()) {
    for (const v1::Item& item : section.items()) keep(item, *assessment.mutable_section_answers());
  }
}

}  // namespace marac::domain
