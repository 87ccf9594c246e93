#include "cli/field_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace marac::cli {
namespace {

// Fields whose own names are the program's, by how their path ends; what is not here reads well as it is.
struct FieldWords {
  std::string_view end;
  std::string_view words;
};
constexpr FieldWords kFieldWords[] = {
    {"usual_home.lines", "usual address without the postcode"},
    {"usual_home.postcode", "usual postcode"},
    {"address.lines", "address without the postcode"},
    {"address.postcode", "postcode"},
    {"has_aliases", "other names or spellings"},
    {"aliases", "other names"},
    {"birth_date", "date of birth"},
    {"usual_home_differs", "usually lives somewhere else"},
    {"ethnicity", "ethnic group"},
    {"disability", "disabled"},
    {"lgbt", "lesbian, gay, bisexual or trans"},
    {"interpreter", "needs an interpreter"},
    {"nhs_number", "NHS number"},
    {"joint_tenancy_with_perpetrator", "holds a tenancy together with the person causing harm"},
    {"relationship_to_victim", "relationship to the victim"},
    {"relationship_to_perpetrator", "relationship to the person causing harm"},
    {"lives_with", "who the child lives with"},
    {"perpetrator_away", "when the person causing harm is away"},
    {"safe_third_party", "somebody through whom it is safe"},
    {"referral.has_children", "are there children"},
    {"referral.perpetrators", "who causes the harm"},
    {"referral.children", "who the children are"},
    {"referral.has_excluded_people", "is there somebody who must not receive this"},
    {"excluded_people", "who must not receive this"},
    {"criteria.escalation", "grounds: are incidents getting more or worse"},
    {"criteria.repeat", "grounds: was it heard before"},
    {"criteria.listed_before", "grounds: when it was heard before"},
    {"criteria.professional_judgement", "grounds: professional judgement"},
    {"criteria.judgement_text", "grounds: why professional judgement says high risk"},
    {"criteria.referred_elsewhere", "grounds: was it referred to another MARAC"},
    {"criteria.referred_elsewhere_text", "grounds: where and when it was referred"},
    {"victim_voice.aware", "victim: knows about this referral"},
    {"victim_voice.not_aware_reason", "victim: why they do not know about it"},
    {"victim_voice.consent", "victim: agrees to this referral"},
    {"victim_voice.consent_not_asked_reason", "victim: why they were not asked"},
    {"victim_voice.fears", "victim: who and what they fear"},
    {"victim_voice.safe_to_talk_to", "victim: who it is safe to talk to, and who not"},
    {"victim_voice.wants", "victim: what they want to happen"},
};

// What people are called who are in a list of the referral.
struct ListWords {
  std::string_view list;
  std::string_view words;
  const google::protobuf::RepeatedPtrField<v1::Party>& (v1::Referral::*people)() const;
};
constexpr ListWords kListWords[] = {
    {"perpetrators", "person causing harm", &v1::Referral::perpetrators},
    {"children", "child", &v1::Referral::children},
    {"others_at_risk", "other person at risk", &v1::Referral::others_at_risk},
};

// Ends with `end`, and not inside a step.
bool EndsWith(std::string_view path, std::string_view end) {
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '.';
}

// "perpetrators[0]" as whoever that is; nothing for another step.
std::optional<std::string> PersonWords(std::string_view step, const v1::Referral* referral) {
  for (const ListWords& list : kListWords) {
    if (!step.starts_with(list.list) || step.substr(list.list.size(), 1) != "[") continue;
    int index = 0;
    std::from_chars(step.data() + list.list.size() + 1, step.data() + step.size(), index);
    if (referral != nullptr && index < (referral->*list.people)().size()) {
      const std::string& name = (referral->*list.people)()[index].name().value();
      if (!name.empty()) return fmt::format("{} ({})", name, list.words);
    }
    return fmt::format("{} {}", list.words, index + 1);
  }
  return std::nullopt;
}

std::string Words(std::string_view path, const v1::Referral* referral) {
  std::string tail;
  for (const FieldWords& field : kFieldWords) {
    if (!EndsWith(path, field.end)) continue;
    tail = field.words;
    path.remove_suffix(std::min(path.size(), field.end.size() + 1));
    break;
  }
  std::string text;
  const auto add = [&](std::string_view words) {
    if (!words.empty()) text += (text.empty() ? "" : ": ") + std::string(words);
  };
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('.', at), path.size());
    std::string step(path.substr(at, end - at));
    at = end + 1;
    if (step == "referral") continue;
    if (const auto person = PersonWords(step, referral)) {
      step = *person;
    } else {
      std::replace(step.begin(), step.end(), '_', ' ');
    }
    add(step);
  }
  add(tail);
  return text;
}

}  // namespace

std::string QuestionOf(std::string_view path) { return Words(path, nullptr); }

std::string QuestionOf(std::string_view path, const v1::Referral& referral) { return Words(path, &referral); }

}  // namespace marac::cli
