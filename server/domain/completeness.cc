#include "domain/completeness.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>

#include "domain/text.h"

namespace marac::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What one row is asked about: the referral, and the party it is a row of (null for rows of the referral
// itself).
struct Subject {
  const v1::Referral& referral;
  const v1::Party* party = nullptr;
};
using Condition = bool (*)(const Subject&);

// One mandatory field: its path below the message it belongs to, what to do, and when it is asked at all.
struct Row {
  std::string_view path;
  std::string_view advice;
  Condition asked = nullptr;
};

constexpr std::string_view kSourceCategory = "referral.referrer.source_category";
constexpr std::string_view kSay = "give an answer; \"not known\" is one";

bool HeldApart(const Subject& subject, std::initializer_list<v1::ProtectedKind> kinds) {
  return std::ranges::any_of(subject.referral.protected_details(), [&](const v1::ProtectedDetailMask& mask) {
    return mask.party_id() == subject.party->party_id() &&
           std::ranges::find(kinds, mask.kind()) != kinds.end();
  });
}

bool AddressAsked(const Subject& s) {
  return !HeldApart(
      s, {v1::PROTECTED_KIND_ADDRESS, v1::PROTECTED_KIND_REFUGE_ADDRESS, v1::PROTECTED_KIND_NEW_ADDRESS});
}
bool SchoolAsked(const Subject& s) { return !HeldApart(s, {v1::PROTECTED_KIND_SCHOOL}); }
bool AliasesAsked(const Subject& s) { return s.party->aliases().empty(); }
bool UsualHomeAsked(const Subject& s) {
  return !IsAnswered(s.party->usual_home().lines()) && !HeldApart(s, {v1::PROTECTED_KIND_USUAL_HOME});
}
bool WithoutConsent(const Subject& s) { return s.referral.victim_voice().consent() == v1::YES_NO_NO; }

// marac.md 4.1 in the order of the form.
constexpr Row kReferral[] = {
    {"referrer.agency", "name the agency that refers"},
    {"referrer.person", "name the person who refers"},
    {"referrer.job_title", "give the job title of the person who refers"},
    {"referrer.contact", "give a work telephone number or email address of the person who refers"},
    {"referrer.route", "say how the referral came"},
    {"referrer.source_category", "choose the source from the area's list"},
    {"referrer.receive_time", "say when it was received",
     [](const Subject& s) { return s.referral.referrer().on_behalf(); }},
    {"criteria.professional_judgement", "say yes or no: your own judgement is asked"},
    {"criteria.judgement_text", "say why professional judgement puts this at high risk",
     [](const Subject& s) { return s.referral.criteria().professional_judgement() == v1::YES_NO_YES; }},
    {"criteria.escalation", kSay},
    {"criteria.repeat", kSay},
    {"criteria.listed_before", "say when it was listed before, or that this is not known",
     [](const Subject& s) { return s.referral.criteria().repeat() == v1::YES_NO_YES; }},
    {"criteria.referred_elsewhere", kSay},
    {"criteria.referred_elsewhere_text", "say where and when",
     [](const Subject& s) { return s.referral.criteria().referred_elsewhere() == v1::YES_NO_YES; }},
    {"reason.narrative", "say what happened and why it is dangerous now"},
    {"reason.latest_incident", "give the day of the latest incident, or say that it is not known"},
    {"victim_voice.aware", kSay},
    {"victim_voice.not_aware_reason", "say why the victim does not know of the referral",
     [](const Subject& s) { return s.referral.victim_voice().aware() == v1::YES_NO_NO; }},
    {"victim_voice.consent", kSay},
    {"victim_voice.consent_not_asked_reason", "say why consent was not asked",
     [](const Subject& s) { return s.referral.victim_voice().consent() == v1::YES_NO_NOT_ASKED; }},
    {"victim_voice.fears", kSay},
    {"victim_voice.safe_to_talk_to", kSay},
    {"shared_without_consent.decided_by", "say who decided to share without consent", WithoutConsent},
    {"shared_without_consent.decided_on", "say on which day that was decided", WithoutConsent},
    {"shared_without_consent.why_no_consent", "say why asking was unsafe, or why consent was refused",
     WithoutConsent},
    {"shared_without_consent.risk_relied_on", "say which risk the decision rests on", WithoutConsent},
    {"shared_without_consent.lawful_grounds", "give the lawful grounds", WithoutConsent},
    {"shared_without_consent.recipients", "say who receives it", WithoutConsent},
    {"shared_without_consent.what_is_shared", "say what is shared", WithoutConsent},
    {"shared_without_consent.necessity", "say why it is necessary", WithoutConsent},
    {"shared_without_consent.proportionality", "say why it is proportionate to a named person or household",
     WithoutConsent},
    {"has_children", kSay, [](const Subject& s) { return s.referral.children().empty(); }},
    {"children", "give each child; what is not known of them can be said so",
     [](const Subject& s) { return s.referral.has_children() == v1::YES_NO_YES; }},
    {"perpetrators", "give the person causing harm; what is not known of them can be said so"},
    // The first control against a friend or relative in an agency is to ask.
    {"has_excluded_people",
     "say whether somebody must not receive this; \"no\" and \"not known\" are answers"},
};

constexpr Row kVictim[] = {
    {"name", kSay},
    {"has_aliases", kSay, AliasesAsked},
    {"birth_date", "give the date of birth, the year alone, or say that it is not known"},
    {"address.lines", kSay, AddressAsked},
    {"address.postcode", kSay, AddressAsked},
    {"usual_home_differs", kSay, UsualHomeAsked},
    {"gender", kSay},
    {"ethnicity", kSay},
    {"disability", kSay},
    {"lgbt", kSay},
};

constexpr Row kPerpetrator[] = {
    {"name", kSay},
    {"has_aliases", kSay, AliasesAsked},
    {"birth_date", "give the date of birth, the year alone, or say that it is not known"},
    {"address.lines", kSay, AddressAsked},
    {"address.postcode", kSay, AddressAsked},
    {"relationship_to_victim", kSay},
};

constexpr Row kChild[] = {
    {"name", kSay},
    {"birth_date", "give the date of birth, the year alone, or say that it is not known"},
    {"relationship_to_victim", kSay},
    {"relationship_to_perpetrator", kSay},
    {"address.lines", kSay, AddressAsked},
    {"address.postcode", kSay, AddressAsked},
    {"school", kSay, SchoolAsked},
    {"lives_with", kSay},
};

constexpr std::string_view kSafeContact[] = {
    "phone",        "safe_to_call",    "safe_times",       "safe_to_leave_message",
    "safe_to_text", "withhold_number", "safe_third_party", "perpetrator_away",
};

bool FieldAnswered(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) > 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnumValue(message, &field) != 0;
    case FieldDescriptor::CPPTYPE_STRING:
      return !IsBlank(reflection.GetString(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (!reflection.HasField(message, &field)) return false;
      const Message& value = reflection.GetMessage(message, &field);
      if (value.GetDescriptor() == v1::Text::descriptor())
        return IsAnswered(static_cast<const v1::Text&>(value));
      if (value.GetDescriptor() == v1::DayAnswer::descriptor()) {
        return IsAnswered(static_cast<const v1::DayAnswer&>(value));
      }
      return true;
    }
    default:
      // A number or a tick that is zero cannot be told from one nobody set, so it is never mandatory by
      // itself.
      return true;
  }
}

// Splits "address.lines" into "address" and "lines".
std::pair<std::string, std::string_view> FirstStep(std::string_view path) {
  const size_t dot = path.find('.');
  if (dot == std::string_view::npos) return {std::string(path), {}};
  return {std::string(path.substr(0, dot)), path.substr(dot + 1)};
}

// Adds the fields at `path` below `message` that nobody has answered. A list on the way is followed into each
// entry.
void AddUnanswered(const Message& message, std::string_view path, const std::string& prefix,
                   std::string_view advice, std::vector<MissingField>& missing) {
  const auto [step, rest] = FirstStep(path);
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(step);
  // Rows of the code are held to the messages by a test; an area's are checked when they are set.
  if (field == nullptr) return;
  const std::string here = fmt::format("{}.{}", prefix, step);
  if (rest.empty()) {
    if (!FieldAnswered(message, *field)) missing.push_back({here, std::string(advice)});
    return;
  }
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!field->is_repeated()) {
    AddUnanswered(reflection.GetMessage(message, field), rest, here, advice, missing);
    return;
  }
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    AddUnanswered(reflection.GetRepeatedMessage(message, field, i), rest, fmt::format("{}[{}]", here, i),
                  advice, missing);
  }
}

void AddRows(const Message& message, std::span<const Row> rows, const std::string& prefix,
             const Subject& subject, std::vector<MissingField>& missing) {
  for (const Row& row : rows) {
    if (row.asked == nullptr || row.asked(subject))
      AddUnanswered(message, row.path, prefix, row.advice, missing);
  }
}

bool IsField(const Descriptor* message, std::string_view path) {
  const auto [step, rest] = FirstStep(path);
  const FieldDescriptor* field = message->FindFieldByName(step);
  if (field == nullptr) return false;
  if (rest.empty()) return true;
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && IsField(field->message_type(), rest);
}

// "referral.victim.pregnant" -> "victim.pregnant".
std::optional<std::string_view> BelowReferral(std::string_view path) {
  constexpr std::string_view kPrefix = "referral.";
  if (!path.starts_with(kPrefix)) return std::nullopt;
  return path.substr(kPrefix.size());
}

}  // namespace

bool IsAnswered(const v1::Text& text) {
  return text.has_value() ? !IsBlank(text.value()) : text.unknown() != v1::UNKNOWN_UNSPECIFIED;
}

bool IsAnswered(const v1::DayAnswer& day) {
  return day.has_day() || day.has_about_year() || day.unknown() != v1::UNKNOWN_UNSPECIFIED;
}

std::vector<MissingField> MissingFields(const v1::Referral& referral, const v1::SafeContact* safe_contact,
                                        const v1::AreaSettings& settings) {
  std::vector<MissingField> missing;
  AddRows(referral.victim(), kVictim, "referral.victim", {referral, &referral.victim()}, missing);
  const v1::SafeContact& contact =
      safe_contact != nullptr ? *safe_contact : v1::SafeContact::default_instance();
  if (!contact.do_not_contact()) {
    for (std::string_view path : kSafeContact) {
      AddUnanswered(contact, path, "safe_contact",
                    "give an answer, \"not known\" being one, or say do not contact", missing);
    }
  }
  for (int i = 0; i < referral.perpetrators_size(); ++i) {
    const v1::Party& party = referral.perpetrators(i);
    AddRows(party, kPerpetrator, fmt::format("referral.perpetrators[{}]", i), {referral, &party}, missing);
  }
  for (int i = 0; i < referral.children_size(); ++i) {
    const v1::Party& party = referral.children(i);
    AddRows(party, kChild, fmt::format("referral.children[{}]", i), {referral, &party}, missing);
  }
  AddRows(referral, kReferral, "referral", {referral}, missing);
  const auto source = std::ranges::find(missing, kSourceCategory, &MissingField::path);
  if (source != missing.end() && !settings.source_categories().empty()) {
    source->advice = SourceCategoryAdvice(settings);
  }
  if (referral.has_excluded_people() == v1::YES_NO_YES && referral.excluded_people_count() == 0) {
    missing.push_back({"excluded_people", "name the people who must not receive this"});
  }
  for (const std::string& path : settings.mandatory_fields()) {
    if (const auto below = BelowReferral(path)) {
      AddUnanswered(referral, *below, "referral", "this area asks for it; \"not known\" is an answer",
                    missing);
    }
  }
  // An area may list what is mandatory everywhere as well.
  std::vector<MissingField> once;
  for (MissingField& field : missing) {
    if (std::ranges::find(once, field.path, &MissingField::path) == once.end())
      once.push_back(std::move(field));
  }
  return once;
}

std::vector<MissingField> UrgentMissingFields(const v1::Referral& referral,
                                              const v1::SafeContact* safe_contact) {
  std::vector<MissingField> missing;
  const auto require = [&](bool holds, std::string_view path, std::string_view advice) {
    if (!holds) missing.push_back({std::string(path), std::string(advice)});
  };
  const v1::Party& victim = referral.victim();
  require(!IsBlank(victim.name().value()) || !IsBlank(victim.description().value()), "referral.victim.name",
          "say who the victim is: a name, or in victim.description what is known of her or him");
  require(!IsBlank(referral.reason().why_now()), "referral.reason.why_now", "say why it cannot wait");
  require(safe_contact != nullptr &&
              (safe_contact->do_not_contact() || safe_contact->safe_to_call() != v1::YES_NO_UNSPECIFIED ||
               IsAnswered(safe_contact->safe_third_party())),
          "safe_contact", "say how the victim may safely be reached, or do not contact");
  const v1::VictimVoice& voice = referral.victim_voice();
  require(voice.consent() != v1::YES_NO_UNSPECIFIED, "referral.victim_voice.consent",
          "say whether the victim agrees, or that it was not asked");
  require(voice.consent() != v1::YES_NO_NOT_ASKED || !IsBlank(voice.consent_not_asked_reason()),
          "referral.victim_voice.consent_not_asked_reason", "say why consent was not asked");
  return missing;
}

std::string SourceCategoryAdvice(const v1::AreaSettings& settings) {
  return fmt::format("choose one of: {}", fmt::join(settings.source_categories(), ", "));
}

bool IsReferralField(std::string_view path) {
  const auto below = BelowReferral(path);
  return below.has_value() && IsField(v1::Referral::descriptor(), *below);
}

bool MayBeAskedFor(std::string_view path) {
  if (path == "safe_contact" || path == "protected_details" || path == "excluded_people") return true;
  // Which entry of a list is meant does not matter here.
  std::string without_indices;
  bool inside = false;
  for (const char c : path) {
    if (c == '[') inside = true;
    if (!inside) without_indices += c;
    if (c == ']') inside = false;
  }
  constexpr std::string_view kContact = "safe_contact.";
  if (!without_indices.starts_with(kContact)) return IsReferralField(without_indices);
  return IsField(v1::SafeContact::descriptor(), std::string_view(without_indices).substr(kContact.size()));
}

}  // namespace marac::domain
