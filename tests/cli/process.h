// Runs the real marac, as a person's shell or a script would.
#ifndef MARAC_TESTS_CLI_PROCESS_H_
#define MARAC_TESTS_CLI_PROCESS_H_

#include <google/protobuf/message.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace marac::cli {

struct Ran {
  int exit = -1;
  std::string out;
  std::string err;
};

// `arguments` without the program's name; `input` is its standard input, which is no terminal. The
// environment holds HOME=`home` and `environment`, and nothing else.
Ran RunMarac(const std::vector<std::string>& arguments, const std::string& home,
             const std::string& input = {}, const std::map<std::string, std::string>& environment = {});

// The real marac with a person at a pseudo terminal.
class MaracAtTerminal {
 public:
  MaracAtTerminal(const std::vector<std::string>& arguments, const std::string& home);
  MaracAtTerminal(const MaracAtTerminal&) = delete;
  MaracAtTerminal& operator=(const MaracAtTerminal&) = delete;
  ~MaracAtTerminal();

  // Types once `prompt` has been shown, behind what was waited for before. A test failure when it is not
  // shown in half a minute.
  void TypeAfter(const std::string& prompt, const std::string& keys);
  // Waits for the end; the exit code.
  int Wait();
  const std::string& shown() const { return shown_; }

 private:
  // False at the end of the program.
  bool ReadShown();

  int keyboard_ = -1;
  pid_t child_ = -1;
  std::string shown_;
  size_t seen_ = 0;
};

// The answer of a run with --json, into `message`; a test failure when it is no such document.
void ParseAnswer(const Ran& ran, google::protobuf::Message& message);

}  // namespace marac::cli

#endif  // MARAC_TESTS_CLI_PROCESS_H_
