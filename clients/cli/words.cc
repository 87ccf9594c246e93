#include "cli/words.h"

#include <fmt/format.h>
#include <google/protobuf/duration.pb.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

#include "cli/text.h"
#include "domain/errors.h"
#include "domain/local_date.h"

namespace marac::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;

constexpr std::string_view kZeroSuffix = "UNSPECIFIED";

std::string ToWord(std::string_view name) {
  std::string word(name);
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return word;
}

// The part of every value's name that repeats the enum's: "ACTION_STATE_". The zero is always
// PREFIX_UNSPECIFIED.
std::string_view Prefix(const EnumDescriptor& type) {
  const std::string_view zero = type.FindValueByNumber(0)->name();
  return zero.substr(0, zero.size() - kZeroSuffix.size());
}

absl::Time TimeOf(const Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

Timestamp ToTimestamp(absl::Time time) {
  Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(timestamp.seconds()))));
  return timestamp;
}

bool ParseNumber(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Words apart: "not possible" for "not-possible", "due time" for "due_time".
std::string Label(std::string_view name) {
  std::string label(name);
  std::replace_if(
      label.begin(), label.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  return label;
}

std::string Reason(v1::Unknown unknown) { return "(" + Label(Word(unknown)) + ")"; }

// The text of a message that is one value to people; nothing for others.
bool ValueText(const Message& message, std::string& text) {
  if (const auto* day = dynamic_cast<const v1::Day*>(&message)) {
    text = DayText(*day);
  } else if (const auto* answer = dynamic_cast<const v1::Text*>(&message)) {
    text = TextOf(*answer);
  } else if (const auto* when = dynamic_cast<const v1::DayAnswer*>(&message)) {
    text = DayAnswerText(*when);
  } else if (const auto* time = dynamic_cast<const Timestamp*>(&message)) {
    text = MomentText(*time);
  } else {
    return false;
  }
  return true;
}

std::string ScalarText(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return one ? reflection.GetString(message, &field)
                 : reflection.GetRepeatedString(message, &field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumWord(*field.enum_type(), one ? reflection.GetEnumValue(message, &field)
                                              : reflection.GetRepeatedEnumValue(message, &field, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? reflection.GetBool(message, &field) : reflection.GetRepeatedBool(message, &field, index))
                 ? "yes"
                 : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(one ? reflection.GetInt32(message, &field)
                                : reflection.GetRepeatedInt32(message, &field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(one ? reflection.GetInt64(message, &field)
                                : reflection.GetRepeatedInt64(message, &field, index));
    default:
      // The contract has no other kind; a new one shows as this until it has a line above.
      return "(not shown)";
  }
}

std::string MessageText(std::string_view label, const Message& message, int indent) {
  std::string text;
  if (ValueText(message, text)) return text.empty() ? std::string() : Labelled(label, text, indent);
  const std::string inside = RecordText(message, indent + 2);
  if (inside.empty()) return {};
  return std::string(static_cast<size_t>(indent), ' ') + std::string(label) + ":\n" + inside;
}

}  // namespace

std::string EnumWord(const EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  // A newer server may send a value this program does not know.
  if (value == nullptr) return fmt::format("{} (unknown here)", number);
  if (number == 0) return "-";
  return ToWord(std::string_view(value->name()).substr(Prefix(type).size()));
}

std::string EnumWords(const EnumDescriptor& type) {
  std::string words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    if (!words.empty()) words += ", ";
    words += EnumWord(type, type.value(i)->number());
  }
  return words;
}

absl::StatusOr<int> ParseEnumWord(const EnumDescriptor& type, std::string_view word, std::string_view field) {
  const std::string wanted = ToWord(word);
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0 && EnumWord(type, type.value(i)->number()) == wanted) {
      return type.value(i)->number();
    }
  }
  return domain::InvalidField(field, fmt::format("give one of: {}", EnumWords(type)));
}

std::string DayText(const v1::Day& day) {
  if (day.year() == 0) return {};
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

absl::StatusOr<v1::Day> ParseDay(std::string_view text, std::string_view field) {
  ASSIGN_OR_RETURN(const domain::LocalDate date, domain::LocalDate::ParseIso(text, field));
  return date.ToDay();
}

std::string MomentText(const Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return {};
  return absl::FormatTime("%Y-%m-%d %H:%M", TimeOf(time), domain::London());
}

absl::StatusOr<Timestamp> ParseMoment(std::string_view text, std::string_view field) {
  absl::Time time;
  std::string error;
  const std::string given(text);
  if (absl::ParseTime(absl::RFC3339_full, given, &time, &error)) return ToTimestamp(time);
  if (text.size() == 10) {
    ASSIGN_OR_RETURN(const domain::LocalDate date, domain::LocalDate::ParseIso(text, field));
    return ToTimestamp(domain::DeadlineAt(date, domain::ClockTime::EndOfDay()));
  }
  int hour = -1;
  int minute = -1;
  if (text.size() == 16 && (text[10] == ' ' || text[10] == 'T') && text[13] == ':' &&
      ParseNumber(text.substr(11, 2), hour) && ParseNumber(text.substr(14, 2), minute)) {
    ASSIGN_OR_RETURN(const domain::LocalDate date, domain::LocalDate::ParseIso(text.substr(0, 10), field));
    ASSIGN_OR_RETURN(const domain::ClockTime clock, domain::ClockTime::Create(hour, minute, field));
    return ToTimestamp(domain::DeadlineAt(date, clock));
  }
  return domain::InvalidField(field, "give a day such as 2026-01-07, which means 17:00, or 2026-01-07T14:30");
}

v1::Unknown UnknownOf(std::string_view text) {
  if (text == "?") return v1::UNKNOWN_NOT_KNOWN;
  if (text == "-") return v1::UNKNOWN_DECLINED;
  if (text == "!") return v1::UNKNOWN_NOT_ASKED;
  return v1::UNKNOWN_UNSPECIFIED;
}

std::string TextOf(const v1::Text& text) {
  if (text.has_value()) return text.value();
  return text.unknown() == v1::UNKNOWN_UNSPECIFIED ? std::string() : Reason(text.unknown());
}

v1::Text ParseText(std::string_view text) {
  v1::Text answer;
  if (const v1::Unknown unknown = UnknownOf(text); unknown != v1::UNKNOWN_UNSPECIFIED) {
    answer.set_unknown(unknown);
  } else {
    answer.set_value(std::string(text));
  }
  return answer;
}

std::string DayAnswerText(const v1::DayAnswer& day) {
  if (day.has_day()) return DayText(day.day());
  if (day.has_about_year()) return fmt::format("about {}", day.about_year());
  return day.unknown() == v1::UNKNOWN_UNSPECIFIED ? std::string() : Reason(day.unknown());
}

absl::StatusOr<v1::DayAnswer> ParseDayAnswer(std::string_view text, std::string_view field) {
  v1::DayAnswer answer;
  int year = 0;
  if (const v1::Unknown unknown = UnknownOf(text); unknown != v1::UNKNOWN_UNSPECIFIED) {
    answer.set_unknown(unknown);
  } else if (text.size() == 4 && ParseNumber(text, year)) {
    answer.set_about_year(year);
  } else if (text.size() == 10) {
    ASSIGN_OR_RETURN(*answer.mutable_day(), ParseDay(text, field));
  } else {
    return domain::InvalidField(field, "give a day such as 1990-01-31, a year such as 1990, or ?");
  }
  return answer;
}

absl::StatusOr<v1::YesNo> ParseYesNo(std::string_view text, std::string_view field) {
  if (text == "y" || text == "Y") return v1::YES_NO_YES;
  if (text == "n" || text == "N") return v1::YES_NO_NO;
  switch (UnknownOf(text)) {
    case v1::UNKNOWN_NOT_KNOWN:
      return v1::YES_NO_NOT_KNOWN;
    case v1::UNKNOWN_DECLINED:
      return v1::YES_NO_DECLINED;
    case v1::UNKNOWN_NOT_ASKED:
      return v1::YES_NO_NOT_ASKED;
    default:
      break;
  }
  ASSIGN_OR_RETURN(const int number, ParseEnumWord(*v1::YesNo_descriptor(), text, field));
  return static_cast<v1::YesNo>(number);
}

std::string RecordText(const Message& message, int indent) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  std::string text;
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "etag") continue;
    const std::string label = Label(field->name());
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!field->is_repeated()) {
      text += is_message ? MessageText(label, reflection.GetMessage(message, field), indent)
                         : Labelled(label, ScalarText(message, *field, -1), indent);
      continue;
    }
    std::string joined;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      std::string value;
      if (is_message) {
        const Message& entry = reflection.GetRepeatedMessage(message, field, i);
        if (!ValueText(entry, value)) {
          text += MessageText(fmt::format("{} {}", label, i + 1), entry, indent);
          continue;
        }
      } else {
        value = ScalarText(message, *field, i);
      }
      // Texts in sentences keep a line each; codes and names share one.
      joined += (joined.empty() ? "" : value.find(' ') != std::string::npos ? "\n" : ", ") + value;
    }
    if (!joined.empty()) text += Labelled(label, joined, indent);
  }
  return text;
}

std::string FieldText(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  std::string text;
  if (!field.is_repeated()) {
    if (!is_message) return ScalarText(message, field, -1);
    return ValueText(reflection.GetMessage(message, &field), text) ? text : std::string();
  }
  for (int i = 0; !is_message && i < reflection.FieldSize(message, &field); ++i) {
    text += (text.empty() ? "" : ", ") + ScalarText(message, field, i);
  }
  return text;
}

std::string SummaryText(const Message& message) {
  const auto* type = message.GetDescriptor();
  const auto& reflection = *message.GetReflection();
  std::string text;
  for (const char* name : {"name", "case_number"}) {
    const FieldDescriptor* field = type->FindFieldByName(name);
    if (field == nullptr || reflection.GetString(message, field).empty()) continue;
    text += (text.empty() ? "" : ", ") + reflection.GetString(message, field);
  }
  for (const char* name : {"state", "stage"}) {
    const FieldDescriptor* field = type->FindFieldByName(name);
    if (field == nullptr) continue;
    text += ": " + Label(EnumWord(*field->enum_type(), reflection.GetEnumValue(message, field)));
  }
  return Paragraph(text);
}

std::string LastId(std::string_view name) {
  const size_t slash = name.rfind('/');
  return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1));
}

}  // namespace marac::cli
