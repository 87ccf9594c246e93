// What people type and read for the values of messages: enum values as words, days, moments, answers that may
// be unknown. One form each, in and out.
#ifndef MARAC_CLI_WORDS_H_
#define MARAC_CLI_WORDS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "marac/v1/values.pb.h"

namespace marac::cli {

// "not-possible" for ACTION_STATE_NOT_POSSIBLE; "-" for the zero that says nothing was given.
std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number);
// Every word but the zero's, for help: "complete, not-possible, not-done".
std::string EnumWords(const google::protobuf::EnumDescriptor& type);
// The number of a word; case and '_' or '-' make no difference. INVALID_ARGUMENT naming `field` and the
// words.
absl::StatusOr<int> ParseEnumWord(const google::protobuf::EnumDescriptor& type, std::string_view word,
                                  std::string_view field);

template <typename Enum>
std::string Word(Enum value) {
  return EnumWord(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}
template <typename Enum>
std::string Words() {
  return EnumWords(*google::protobuf::GetEnumDescriptor<Enum>());
}
// An empty word is the zero.
template <typename Enum>
absl::StatusOr<Enum> ParseWord(std::string_view word, std::string_view field) {
  if (word.empty()) return static_cast<Enum>(0);
  ASSIGN_OR_RETURN(const int number,
                   ParseEnumWord(*google::protobuf::GetEnumDescriptor<Enum>(), word, field));
  return static_cast<Enum>(number);
}

// "2026-01-07", in and out.
std::string DayText(const v1::Day& day);
absl::StatusOr<v1::Day> ParseDay(std::string_view text, std::string_view field);

// "2026-01-07 14:30" by London's clocks; empty when absent (a message that was never set).
std::string MomentText(const google::protobuf::Timestamp& time);
// The same form, or a day alone, which means 17:00, or an RFC 3339 moment with its zone.
absl::StatusOr<google::protobuf::Timestamp> ParseMoment(std::string_view text, std::string_view field);

// The marks for "why there is no answer", the same at every question: "?" not known, "-" declined, "!" not
// asked.
inline constexpr char kUnknownHelp[] = "? not known, - declined, ! not asked";
v1::Unknown UnknownOf(std::string_view text);

// The text, or "(not known)".
std::string TextOf(const v1::Text& text);
v1::Text ParseText(std::string_view text);
// The day, "about 1990", or "(not known)".
std::string DayAnswerText(const v1::DayAnswer& day);
absl::StatusOr<v1::DayAnswer> ParseDayAnswer(std::string_view text, std::string_view field);
// y, n, ?, -, ! and the words of the enum.
absl::StatusOr<v1::YesNo> ParseYesNo(std::string_view text, std::string_view field);

// A record as lines of "field: value" below `indent`, in the order of the message, absent fields left out;
// etags, which are for programs, too.
std::string RecordText(const google::protobuf::Message& message, int indent = 0);

// One field that is set, as RecordText shows it: a value, or texts and codes with commas between. Empty for a
// record with fields of its own.
std::string FieldText(const google::protobuf::Message& message,
                      const google::protobuf::FieldDescriptor& field);

// "areas/mk/cases/x1: heard": the name of a record and where it is, for after a change; ends its line.
std::string SummaryText(const google::protobuf::Message& message);

// What follows the last slash.
std::string LastId(std::string_view name);

}  // namespace marac::cli

#endif  // MARAC_CLI_WORDS_H_
