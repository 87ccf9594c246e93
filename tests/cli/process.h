// Runs the real marac, as a person's shell or a script would.
#ifndef MARAC_TESTS_CLI_PROCESS_H_
#define MARAC_TESTS_CLI_PROCESS_H_

#include <google/protobuf/message.h>

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

// The answer of a run with --json, into `message`; a test failure when it is no such document.
void ParseAnswer(const Ran& ran, google::protobuf::Message& message);

}  // namespace marac::cli

#endif  // MARAC_TESTS_CLI_PROCESS_H_
