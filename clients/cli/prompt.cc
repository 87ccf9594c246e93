#include "cli/prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "cli/exit_code.h"
#include "cli/text.h"
#include "domain/errors.h"

namespace marac::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What a plain text holds when nobody knows: it has no mark of its own for that.
constexpr char kNotKnown[] = "not known";
constexpr char kByFile[] = "give it with `marac referral save --json`";

char Lower(char key) { return static_cast<char>(std::tolower(static_cast<unsigned char>(key))); }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return Lower(c); });
  return lower;
}

std::string KeyName(char key) { return key == '\n' ? "Enter" : std::string(1, key); }

std::string ChoicesText(const std::vector<Choice>& choices) {
  std::string text;
  for (const Choice& choice : choices) {
    text += (text.empty() ? "" : ", ") + KeyName(choice.key) + " " + choice.meaning;
  }
  return text;
}

std::vector<Choice> YesNoChoices() {
  return {{'y', "yes"}, {'n', "no"}, {'?', "not known"}, {'-', "declined"}, {'!', "not asked"}};
}

bool IsYesNo(const FieldDescriptor& field) { return field.enum_type() == v1::YesNo_descriptor(); }
bool IsPlainText(const FieldDescriptor& field) {
  return !field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

// What may be typed into a field that takes a line.
std::string Hint(const FieldDescriptor& field) {
  if (field.enum_type() != nullptr) return EnumWords(*field.enum_type());
  if (field.message_type() == v1::Text::descriptor()) return kUnknownHelp;
  if (field.message_type() == v1::DayAnswer::descriptor()) {
    return fmt::format("2026-01-31 or a year; {}", kUnknownHelp);
  }
  if (field.message_type() == v1::Day::descriptor()) return "2026-01-31";
  if (field.message_type() == google::protobuf::Timestamp::descriptor()) return "2026-01-31T14:30";
  return field.is_repeated() ? "with commas between" : "in words; ? not known";
}

// The value of the list that was meant. "?" is the list's own OTHER.
absl::StatusOr<std::string> Coded(const std::vector<std::string>& codes, const std::string& typed,
                                  std::string_view path) {
  const std::string meant = Lower(typed == "?" ? "other" : typed);
  const auto found =
      std::find_if(codes.begin(), codes.end(), [&](const std::string& code) { return Lower(code) == meant; });
  if (found != codes.end()) return *found;
  return domain::InvalidField(path, fmt::format("choose one of: {}", fmt::join(codes, ", ")));
}

}  // namespace

absl::StatusOr<std::optional<char>> AskKey(Terminal& terminal, std::string_view question,
                                           const std::vector<Choice>& choices,
                                           const std::vector<Choice>& besides) {
  std::string prompt = Paragraph(fmt::format("{} ({})", question, ChoicesText(choices)));
  prompt.back() = ':';
  prompt += ' ';
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<char> key, terminal.ReadKey(prompt));
    if (!key.has_value()) return std::nullopt;
    for (const char pressed : {*key, Lower(*key)}) {
      const auto is_pressed = [&](const Choice& choice) { return choice.key == pressed; };
      if (std::any_of(choices.begin(), choices.end(), is_pressed) ||
          std::any_of(besides.begin(), besides.end(), is_pressed)) {
        return pressed;
      }
    }
    terminal.Write(Paragraph("That key is no answer here. Press one of: " + ChoicesText(choices)));
  }
}

absl::StatusOr<std::optional<bool>> AskYesNo(Terminal& terminal, std::string_view question) {
  ASSIGN_OR_RETURN(const std::optional<char> key, AskKey(terminal, question, {{'y', "yes"}, {'n', "no"}}));
  if (!key.has_value()) return std::nullopt;
  return *key == 'y';
}

absl::StatusOr<std::optional<std::string>> AskText(Terminal& terminal, std::string_view question) {
  for (;;) {
    ASSIGN_OR_RETURN(std::optional<std::string> typed, terminal.ReadLine(std::string(question) + ": "));
    if (!typed.has_value() || !typed->empty()) return typed;
    terminal.Write("Something has to be written here.\n");
  }
}

void AddTextOption(CLI::App& app, const std::string& name, std::string& text, const std::string& help) {
  app.add_option(name, text, help + "; - reads standard input, without the option it is asked for");
}

absl::StatusOr<std::string> TextFrom(Client& client, const std::string& given, std::string_view question) {
  if (!given.empty()) return TextIfGiven(client, given);
  ASSIGN_OR_RETURN(const std::optional<std::string> typed, AskText(client.terminal(), question));
  if (typed.has_value()) return *typed;
  return UsageError("stopped: nothing was given, and nothing is changed");
}

CLI::Option* AddOptionalTextOption(CLI::App& app, const std::string& name, std::string& text,
                                   const std::string& help) {
  return app.add_option(name, text, help + "; - reads standard input");
}

absl::StatusOr<std::string> TextIfGiven(Client& client, const std::string& given) {
  if (given != "-") return given;
  std::string text;
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<std::string> line, client.terminal().ReadLine(""));
    if (!line.has_value()) break;
    text += (text.empty() ? "" : "\n") + *line;
  }
  if (text.empty()) return UsageError("standard input held nothing");
  return text;
}

absl::StatusOr<std::optional<std::vector<int>>> AskLetters(Terminal& terminal,
                                                           const std::vector<std::string>& options,
                                                           const std::vector<int>& so_far) {
  const auto say = [&](const std::vector<int>& chosen) {
    for (const int index : chosen) terminal.Write(Paragraph("+ " + options[static_cast<size_t>(index)], 4));
  };
  const char last = static_cast<char>('a' + static_cast<int>(options.size()) - 1);
  std::string text;
  for (size_t i = 0; i < options.size(); ++i) {
    text += Paragraph(fmt::format("{} {}", static_cast<char>('a' + static_cast<int>(i)), options[i]), 4);
  }
  terminal.Write(text);
  if (!so_far.empty()) {
    terminal.Write("  So far:\n");
    say(so_far);
  }
  for (;;) {
    ASSIGN_OR_RETURN(
        const std::optional<std::string> typed,
        terminal.ReadLine(fmt::format("  Which of these (letters with spaces between; 0 none of them{}): ",
                                      so_far.empty() ? "" : "; Enter as it is")));
    if (!typed.has_value()) return std::nullopt;
    if (*typed == "0") return std::vector<int>();
    if (typed->empty() && !so_far.empty()) return so_far;
    // A word is letters run together as well, and nobody who types one means them.
    std::vector<int> chosen;
    bool understood = !typed->empty();
    bool apart = true;
    for (const char c : *typed) {
      if (c == ' ' || c == ',' || c == '+') {
        apart = true;
        continue;
      }
      const char letter = Lower(c);
      understood = understood && apart && letter >= 'a' && letter <= last;
      apart = false;
      if (!understood) break;
      const int index = letter - 'a';
      if (std::find(chosen.begin(), chosen.end(), index) == chosen.end()) chosen.push_back(index);
    }
    if (understood && !chosen.empty()) {
      say(chosen);
      return chosen;
    }
    terminal.Write(Paragraph(
        fmt::format("Give letters from a to {} with spaces between, for instance \"a\", or 0 for none.",
                    last),
        2));
  }
}

absl::StatusOr<Asked> AskField(Client& client, Message& parent, const FieldDescriptor& field,
                               const FieldQuestion& question, std::string* typed) {
  Terminal& terminal = client.terminal();
  for (;;) {
    std::optional<std::string> given;
    if (IsYesNo(field)) {
      std::vector<Choice> choices = YesNoChoices();
      choices.push_back({'\n', question.enter});
      ASSIGN_OR_RETURN(const std::optional<char> key, AskKey(terminal, question.text, choices));
      if (key.has_value()) given = *key == '\n' ? std::string() : std::string(1, *key);
    } else {
      std::string hint = Hint(field);
      if (!question.codes.empty()) {
        const bool other = Coded(question.codes, "?", "").ok();
        hint = fmt::format("{}{}", fmt::join(question.codes, ", "), other ? "; ? OTHER" : "");
      }
      terminal.Write(Paragraph(fmt::format("{} ({}; Enter: {})", question.text, hint, question.enter)));
      ASSIGN_OR_RETURN(given, terminal.ReadLine("> "));
    }
    if (!given.has_value()) return Asked::kStopped;
    if (given->empty()) return Asked::kLeft;
    if (typed != nullptr) *typed = *given;
    absl::Status set;
    if (!question.codes.empty()) {
      absl::StatusOr<std::string> code = Coded(question.codes, *given, question.path);
      if (code.ok()) given = *std::move(code);
      set = code.status();
    } else if (IsPlainText(field) && *given == "?") {
      given = kNotKnown;
    }
    if (set.ok()) set = SetFromTyped(parent, field, *given, question.path);
    if (set.ok()) return Asked::kAnswered;
    if (set.code() == absl::StatusCode::kUnimplemented) {
      client.Note(std::string(set.message()));
      return Asked::kLeft;
    }
    client.ShowError(set);
  }
}

absl::Status SetFromTyped(Message& parent, const FieldDescriptor& field, std::string_view typed,
                          std::string_view path) {
  const auto* reflection = parent.GetReflection();
  const absl::Status not_here = absl::UnimplementedError(fmt::format("{}: {}", path, kByFile));
  if (field.is_repeated()) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return not_here;
    reflection->ClearField(&parent, &field);
    for (std::string& part : SplitAtCommas(typed)) reflection->AddString(&parent, &field, std::move(part));
    return absl::OkStatus();
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(&parent, &field, std::string(typed));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      if (IsYesNo(field)) {
        ASSIGN_OR_RETURN(const v1::YesNo answer, ParseYesNo(typed, path));
        reflection->SetEnumValue(&parent, &field, answer);
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(const int number, ParseEnumWord(*field.enum_type(), typed, path));
      reflection->SetEnumValue(&parent, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto* type = field.message_type();
      if (type == v1::Text::descriptor()) {
        reflection->MutableMessage(&parent, &field)->CopyFrom(ParseText(typed));
      } else if (type == v1::DayAnswer::descriptor()) {
        ASSIGN_OR_RETURN(const v1::DayAnswer day, ParseDayAnswer(typed, path));
        reflection->MutableMessage(&parent, &field)->CopyFrom(day);
      } else if (type == v1::Day::descriptor()) {
        ASSIGN_OR_RETURN(const v1::Day day, ParseDay(typed, path));
        reflection->MutableMessage(&parent, &field)->CopyFrom(day);
      } else if (type == google::protobuf::Timestamp::descriptor()) {
        // A day alone is the end of its work elsewhere, which for what has happened is a guess.
        if (typed.size() == 10) return domain::InvalidField(path, "give the time too: 2026-01-31T14:30");
        ASSIGN_OR_RETURN(const google::protobuf::Timestamp time, ParseMoment(typed, path));
        reflection->MutableMessage(&parent, &field)->CopyFrom(time);
      } else {
        return not_here;
      }
      return absl::OkStatus();
    }
    default:
      return not_here;
  }
}

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    std::string_view part = text.substr(at, end - at);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    at = end + 1;
  }
  return parts;
}

}  // namespace marac::cli
