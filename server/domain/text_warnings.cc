#include "domain/text_warnings.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "domain/names.h"

namespace marac::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::RepeatedPtrField;

constexpr size_t kDigitsMin = 10;
constexpr size_t kDigitsMax = 15;
// A word shorter than this stands in many texts by chance.
constexpr size_t kKeptApartMin = 4;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsWord(char c) { return IsDigit(c) || IsLetter(c); }

// Texts that are kept apart, folded so that spelling does not hide them.
std::vector<std::string> FoldedValues(std::span<const v1::ProtectedDetail> details) {
  std::vector<std::string> values;
  const auto add = [&values](const std::string& text) {
    std::string folded = NormaliseName(text);
    if (folded.size() >= kKeptApartMin) values.push_back(std::move(folded));
  };
  for (const v1::ProtectedDetail& detail : details) {
    const v1::SafeContact& contact = detail.safe_contact();
    add(contact.phone().value());
    add(contact.safe_third_party().value());
    add(contact.code_word().value());
    add(detail.address().lines().value());
    add(detail.address().postcode().value());
    add(detail.text());
  }
  return values;
}

struct Warner {
  RepeatedPtrField<v1::TextWarning>& warnings;
  const std::vector<std::string>& kept_apart;

  void Add(const std::string& field, v1::TextWarningKind kind) const {
    v1::TextWarning& warning = *warnings.Add();
    warning.set_field(field);
    warning.set_kind(kind);
  }

  void Text(const std::string& text, const std::string& field) const {
    const std::string folded = kept_apart.empty() ? std::string() : NormaliseName(text);
    const bool kept = std::ranges::any_of(
        kept_apart, [&folded](const std::string& value) { return absl::StrContains(folded, value); });
    if (kept) return Add(field, v1::TEXT_WARNING_KIND_KEPT_APART);
    if (LooksLikeTelephone(text)) Add(field, v1::TEXT_WARNING_KIND_TELEPHONE);
    if (LooksLikePostcode(text)) Add(field, v1::TEXT_WARNING_KIND_POSTCODE);
    if (LooksLikeEmail(text)) Add(field, v1::TEXT_WARNING_KIND_EMAIL);
  }

  // Every text inside a message; a Text is named by the field that holds it.
  void All(const Message& message, const std::string& path) const {
    std::vector<const FieldDescriptor*> fields;
    const auto& reflection = *message.GetReflection();
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string below =
          message.GetDescriptor() == v1::Text::descriptor() ? path : path + "." + field->name();
      if (field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated()) {
        Text(reflection.GetString(message, field), below);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
        All(reflection.GetMessage(message, field), below);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
          All(reflection.GetRepeatedMessage(message, field, i), below + "[" + std::to_string(i) + "]");
        }
      }
    }
  }
};

const std::vector<std::string>& Nothing() {
  static const auto& nothing = *new std::vector<std::string>;
  return nothing;
}

}  // namespace

bool LooksLikeTelephone(std::string_view text) {
  constexpr std::string_view kBetween = " -()./\t";
  for (size_t i = 0; i < text.size(); ++i) {
    const bool plus = text[i] == '+';
    if (!plus && text[i] != '0') continue;
    if (i > 0 && (IsDigit(text[i - 1]) || text[i - 1] == '/')) continue;
    std::string digits;
    size_t at = plus ? i + 1 : i;
    int between = 0;
    for (; at < text.size() && digits.size() <= kDigitsMax; ++at) {
      if (IsDigit(text[at])) {
        digits += text[at];
        between = 0;
      } else if (kBetween.find(text[at]) == std::string_view::npos || ++between > 2) {
        break;
      }
    }
    if (digits.size() < kDigitsMin || digits.size() > kDigitsMax) continue;
    // "01/02/2026 10:15" is a day.
    const std::string_view run = text.substr(i, at - i);
    if (std::ranges::count(run, '/') >= 2) continue;
    if (!plus || digits.starts_with("44")) return true;
  }
  return false;
}

bool LooksLikePostcode(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsLetter(text[i]) || (i > 0 && IsWord(text[i - 1]))) continue;
    // One or two letters, a digit, perhaps another digit or letter; then a digit and two letters.
    for (size_t letters = 1; letters <= 2; ++letters) {
      for (size_t more = 0; more <= 1; ++more) {
        for (size_t space = 0; space <= 1; ++space) {
          const size_t length = letters + 1 + more + space + 3;
          if (i + length > text.size() || (i + length < text.size() && IsWord(text[i + length]))) continue;
          const std::string_view part = text.substr(i, length);
          const auto fits = [&part](size_t at, auto test) { return test(part[at]); };
          if (letters == 2 && !fits(1, IsLetter)) continue;
          if (!fits(letters, IsDigit) || (more == 1 && !fits(letters + 1, IsWord))) continue;
          if (space == 1 && part[letters + 1 + more] != ' ') continue;
          if (fits(length - 3, IsDigit) && fits(length - 2, IsLetter) && fits(length - 1, IsLetter))
            return true;
        }
      }
    }
  }
  return false;
}

bool LooksLikeEmail(std::string_view text) {
  for (size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at == 0 || !IsWord(text[at - 1])) continue;
    size_t end = at + 1;
    while (end < text.size() && (IsWord(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
    const std::string_view host = text.substr(at + 1, end - at - 1);
    const size_t dot = host.find('.');
    if (dot != std::string_view::npos && dot > 0 && dot + 2 < host.size()) return true;
  }
  return false;
}

void SetTextWarnings(v1::Referral& referral, std::span<const v1::ProtectedDetail> kept_apart) {
  const std::vector<std::string> values = FoldedValues(kept_apart);
  referral.clear_text_warnings();
  const Warner warner{.warnings = *referral.mutable_text_warnings(), .kept_apart = values};
  warner.All(referral.criteria(), "referral.criteria");
  warner.All(referral.reason(), "referral.reason");
  warner.All(referral.victim_voice(), "referral.victim_voice");
  warner.All(referral.shared_without_consent(), "referral.shared_without_consent");
  warner.All(referral.staff_safety(), "referral.staff_safety");
  warner.All(referral.communication(), "referral.communication");
}

void SetTextWarnings(v1::Action& action) {
  action.clear_text_warnings();
  const Warner warner{.warnings = *action.mutable_text_warnings(), .kept_apart = Nothing()};
  warner.Text(action.text(), "text");
  warner.Text(action.refusal_reason(), "refusal_reason");
  warner.Text(action.report().text(), "report.text");
}

void SetTextWarnings(v1::AgendaItem& item) {
  item.clear_text_warnings();
  const Warner warner{.warnings = *item.mutable_text_warnings(), .kept_apart = Nothing()};
  warner.All(item.discussion(), "discussion");
}

void SetTextWarnings(v1::Case& record) {
  record.clear_text_warnings();
  const Warner warner{.warnings = *record.mutable_text_warnings(), .kept_apart = Nothing()};
  warner.Text(record.victim_contact().note(), "victim_contact.note");
  warner.Text(record.victim_update().text(), "victim_update.text");
  warner.Text(record.closure().reason(), "closure.reason");
}

void SetTextWarnings(v1::ResearchNotes& notes) {
  notes.clear_text_warnings();
  const Warner warner{.warnings = *notes.mutable_text_warnings(), .kept_apart = Nothing()};
  for (int i = 0; i < notes.searches_size(); ++i) {
    const std::string search = "searches[" + std::to_string(i) + "]";
    warner.Text(notes.searches(i).searched(), search + ".searched");
    warner.Text(notes.searches(i).corrections(), search + ".corrections");
  }
  for (int i = 0; i < notes.entries_size(); ++i) {
    if (notes.entries(i).sharing() != v1::SHARING_DECISION_SHARE) continue;
    const std::string entry = "entries[" + std::to_string(i) + "]";
    warner.Text(notes.entries(i).text(), entry + ".text");
    warner.Text(notes.entries(i).worker(), entry + ".worker");
  }
}

}  // namespace marac::domain
