#include "domain/input.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <vector>

#include "domain/local_date.h"
#include "marac/v1/values.pb.h"

namespace marac::domain {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

// Longest text in characters, and most entries of a list. Everything that is not here has the general limit.
constexpr int kTextLengthMax = 4'000;
constexpr int kListSizeMax = 100;
struct Limit {
  std::string_view field;
  int max;
};
constexpr std::array kTextLimits = {
    Limit{"marac.v1.Party.aliases", 200},
    Limit{"marac.v1.Party.party_id", 40},
    Limit{"marac.v1.Address.lines", 400},
    Limit{"marac.v1.Address.postcode", 20},
    Limit{"marac.v1.Party.name", 200},
    Limit{"marac.v1.Party.nhs_number", 20},
    Limit{"marac.v1.Referrer.person", 200},
    Limit{"marac.v1.Referrer.job_title", 200},
    Limit{"marac.v1.Referrer.contact", 200},
    Limit{"marac.v1.ExcludedPerson.person", 200},
    Limit{"marac.v1.Reason.narrative", 10'000},
    Limit{"marac.v1.Referral.assessments", 200},
    Limit{"marac.v1.SafeContact.phone", 100},
    Limit{"marac.v1.SafeContact.code_word", 100},
    // A sitting keeps the whole profile, and an assessment has many of them.
    Limit{"marac.v1.CommunicationProfile.preferred_language", 200},
    Limit{"marac.v1.CommunicationProfile.other_way", 200},
    Limit{"marac.v1.CommunicationProfile.sensory", 500},
    Limit{"marac.v1.CommunicationProfile.breaks", 500},
    Limit{"marac.v1.CommunicationProfile.processing_time", 500},
    Limit{"marac.v1.CommunicationProfile.memory", 500},
    Limit{"marac.v1.CommunicationProfile.fatigue", 500},
    Limit{"marac.v1.CommunicationProfile.says_yes", 500},
    Limit{"marac.v1.CommunicationProfile.says_no", 500},
    Limit{"marac.v1.CommunicationProfile.trauma_triggers", 500},
    Limit{"marac.v1.CommunicationProfile.other", 500},
    Limit{"marac.v1.SittingBreak.reason", 200},
    Limit{"marac.v1.NeedMet.why", 500},
    Limit{"marac.v1.SubjectSearch.searched", 200},
    Limit{"marac.v1.SubjectSearch.corrections", 1000},
    Limit{"marac.v1.ResearchEntry.worker", 200},
    Limit{"marac.v1.ResearchEntry.withheld_reason", 1000},
};
constexpr std::array kListLimits = {
    Limit{"marac.v1.Party.aliases", 20},        Limit{"marac.v1.Referral.perpetrators", 20},
    Limit{"marac.v1.Referral.children", 30},    Limit{"marac.v1.Referral.others_at_risk", 30},
    Limit{"marac.v1.Referral.assessments", 20},
};

template <size_t N>
int LimitOf(const std::array<Limit, N>& limits, const FieldDescriptor& field, int general) {
  for (const Limit& limit : limits) {
    if (field.full_name() == limit.field) return limit.max;
  }
  return general;
}

bool IsHidden(UChar32 c) {
  if (c == '\n' || c == '\t') return false;
  constexpr UChar32 kNonJoiner = 0x200C;
  constexpr UChar32 kJoiner = 0x200D;
  if (c == kNonJoiner || c == kJoiner) return false;
  switch (u_charType(c)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_SURROGATE:
      return true;
    default:
      return false;
  }
}

int LengthOf(std::string_view text) {
  // Each character of UTF-8 has one byte that is not a continuation.
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Messages that are one value to the person who typed it: an error names the field that holds them.
bool IsOneValue(const Message& message) {
  const auto* type = message.GetDescriptor();
  return type == v1::Text::descriptor() || type == v1::DayAnswer::descriptor();
}

// `length_field` is the field that the limit of a text hangs on: of a Text the one that holds it.
void Check(const Message& message, std::string_view path, const FieldDescriptor* length_field,
           FieldErrors& errors);

void CheckOne(const Message& message, const FieldDescriptor& field, int index, const std::string& path,
              const FieldDescriptor& length_field, FieldErrors& errors) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Check(repeated ? reflection.GetRepeatedMessage(message, &field, index)
                     : reflection.GetMessage(message, &field),
            path, &length_field, errors);
      break;
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = repeated ? reflection.GetRepeatedString(message, &field, index)
                                        : reflection.GetString(message, &field);
      const int max = LimitOf(kTextLimits, length_field, kTextLengthMax);
      errors.Require(LengthOf(text) <= max, path, fmt::format("shorten this to at most {} characters", max));
      break;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = repeated ? reflection.GetRepeatedEnumValue(message, &field, index)
                                  : reflection.GetEnumValue(message, &field);
      errors.Require(field.enum_type()->FindValueByNumber(number) != nullptr, path,
                     "this is not one of the answers; choose one of those the form offers");
      break;
    }
    default:
      break;
  }
}

void Check(const Message& message, std::string_view path, const FieldDescriptor* length_field,
           FieldErrors& errors) {
  if (message.GetDescriptor() == v1::Day::descriptor()) {
    const absl::StatusOr<LocalDate> day = LocalDate::FromDay(static_cast<const v1::Day&>(message), path);
    errors.Require(day.ok(), path,
                   "there is no such day; give a day of the calendar, or say that it is not known");
    return;
  }
  if (message.GetDescriptor() == v1::DayAnswer::descriptor()) {
    const auto& answer = static_cast<const v1::DayAnswer&>(message);
    errors.Require(
        !answer.has_about_year() || (answer.about_year() >= kFirstYear && answer.about_year() <= kLastYear),
        path, "give the year with four digits, or say that it is not known");
  }
  const bool one_value = IsOneValue(message);
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string here = one_value ? std::string(path) : fmt::format("{}.{}", path, field->name());
    const FieldDescriptor& limited = one_value && length_field != nullptr ? *length_field : *field;
    if (!field->is_repeated()) {
      CheckOne(message, *field, /*index=*/0, here, limited, errors);
      continue;
    }
    const int size = reflection.FieldSize(message, field);
    const int max = LimitOf(kListLimits, *field, kListSizeMax);
    if (size > max) {
      errors.Add(here, fmt::format("this list holds at most {} entries", max));
      continue;
    }
    for (int i = 0; i < size; ++i)
      CheckOne(message, *field, i, fmt::format("{}[{}]", here, i), limited, errors);
  }
}

}  // namespace

std::string WithoutHiddenCharacters(std::string_view text) {
  // Ordinary text is left as it is, without a copy into another encoding.
  const bool plain = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7F); });
  if (plain) return std::string(text);
  const icu::UnicodeString before =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  icu::UnicodeString after;
  for (int32_t i = 0; i < before.length(); i = before.moveIndex32(i, 1)) {
    const UChar32 c = before.char32At(i);
    if (!IsHidden(c)) after.append(c);
  }
  std::string result;
  after.toUTF8String(result);
  return result;
}

void DropHiddenCharacters(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        DropHiddenCharacters(field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                                  : *reflection.MutableMessage(&message, field));
      } else if (field->type() == FieldDescriptor::TYPE_STRING && field->is_repeated()) {
        reflection.SetRepeatedString(
            &message, field, i, WithoutHiddenCharacters(reflection.GetRepeatedString(message, field, i)));
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        reflection.SetString(&message, field, WithoutHiddenCharacters(reflection.GetString(message, field)));
      }
    }
  }
}

void CheckTextLength(std::string_view text, std::string_view path, FieldErrors& errors) {
  errors.Require(LengthOf(text) <= kTextLengthMax, path,
                 fmt::format("shorten this to at most {} characters", kTextLengthMax));
}

void CheckValues(const Message& message, std::string_view path, FieldErrors& errors) {
  Check(message, path, /*length_field=*/nullptr, errors);
}

}  // namespace marac::domain
