// Questions at the keyboard. Each knows its answers: anything else is said to be none, with what may be
// given, and the same question comes again. What takes one key takes it everywhere, and what takes a line a
// line.
#ifndef MARAC_CLI_PROMPT_H_
#define MARAC_CLI_PROMPT_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/commands.h"

namespace marac::cli {

// A key and what it means; '\n' is Enter.
struct Choice {
  char key = 0;
  std::string meaning;
};

// The key of one of `choices`, or of those in `besides`, which are not listed; a capital that is no choice of
// its own is the same as its small letter. Nothing when the person stopped.
absl::StatusOr<std::optional<char>> AskKey(Terminal& terminal, std::string_view question,
                                           const std::vector<Choice>& choices,
                                           const std::vector<Choice>& besides = {});
// y or n alone.
absl::StatusOr<std::optional<bool>> AskYesNo(Terminal& terminal, std::string_view question);
// A line with something in it; nothing when the person stopped.
absl::StatusOr<std::optional<std::string>> AskText(Terminal& terminal, std::string_view question);
// Indices into `options`, chosen by letters apart from each other ("a c", "a, c"), none of them by `0`, or
// `so_far` by Enter unless that is empty; what was chosen is said back. Nothing when the person stopped.
absl::StatusOr<std::optional<std::vector<int>>> AskLetters(Terminal& terminal,
                                                           const std::vector<std::string>& options,
                                                           const std::vector<int>& so_far = {});

// An option for words about people: with - or without the option they are not on the command line, which
// others of the same machine can read.
void AddTextOption(CLI::App& app, const std::string& name, std::string& text, const std::string& help);
// What it gives: the words themselves; for "-" all of standard input; without, what the person is asked for.
absl::StatusOr<std::string> TextFrom(Client& client, const std::string& given, std::string_view question);
// The same for words that may be left out: then nothing is asked.
CLI::Option* AddOptionalTextOption(CLI::App& app, const std::string& name, std::string& text,
                                   const std::string& help);
absl::StatusOr<std::string> TextIfGiven(Client& client, const std::string& given);

// What came of a question.
enum class Asked { kAnswered, kLeft, kStopped };

// One field of a record.
struct FieldQuestion {
  std::string text;
  // In messages about what was typed.
  std::string path;
  // What Enter does: it leaves the field as it is.
  std::string enter = "later";
  // The only values it has, where an area lists them; upper and lower case are the same.
  std::vector<std::string> codes = {};
};
// Asks for a field and sets it. `typed` is what was typed. A field that no line of text can hold is left,
// with a note of how to give it.
absl::StatusOr<Asked> AskField(Client& client, google::protobuf::Message& parent,
                               const google::protobuf::FieldDescriptor& field, const FieldQuestion& question,
                               std::string* typed = nullptr);

// Sets one field from what a person typed. INVALID_ARGUMENT names it. For the field kinds a referral has:
// texts, days, moments, yes-no and other enums, plain strings and lists of them.
absl::Status SetFromTyped(google::protobuf::Message& parent, const google::protobuf::FieldDescriptor& field,
                          std::string_view typed, std::string_view path);

// "a, b" as "a" and "b", without the spaces around them and without empty ones.
std::vector<std::string> SplitAtCommas(std::string_view text);

}  // namespace marac::cli

#endif  // MARAC_CLI_PROMPT_H_
