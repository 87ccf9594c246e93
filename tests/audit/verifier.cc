#include "tests/audit/verifier.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <regex>

#include "tests/support/source_path.h"

namespace marac::testing {
namespace {

// None of what is written here has a character that JSON escapes.
std::string Quoted(const std::string& text) { return '"' + text + '"'; }

uint64_t NumberOf(const std::string& json, const std::string& field) {
  std::smatch found;
  if (!std::regex_search(json, found, std::regex('"' + field + "\":([0-9]+)"))) return 0;
  return std::strtoull(found[1].str().c_str(), nullptr, 10);
}

[[noreturn]] void Become(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

}  // namespace

Verifier::Verifier() {
  std::array<int, 2> in{}, out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) std::abort();
  const std::string script = SourcePath("tests/audit/verifier.mjs");
  child_ = fork();
  if (child_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    Become({"node", script});
  }
  close(in[0]);
  close(out[1]);
  to_ = fdopen(in[1], "w");
  from_ = fdopen(out[0], "r");
}

Verifier::~Verifier() {
  std::fclose(to_);
  std::fclose(from_);
  waitpid(child_, nullptr, 0);
}

Verdict Verifier::Check(const std::string& log, const std::string& key,
                        const std::vector<std::string>& checkpoints, const std::string& earlier) {
  std::string request = fmt::format(R"({{"log":{},"keys":[{}],"checkpoints":[)", Quoted(log), Quoted(key));
  for (size_t i = 0; i < checkpoints.size(); ++i) request += (i == 0 ? "" : ",") + Quoted(checkpoints[i]);
  request += ']';
  if (!earlier.empty()) request += ",\"earlier\":" + Quoted(earlier);
  request += "}\n";
  Verdict verdict;
  std::fputs(request.c_str(), to_);
  std::fflush(to_);
  char* line = nullptr;
  size_t size = 0;
  if (getline(&line, &size, from_) < 0) {
    ADD_FAILURE() << "the verifier is gone: is the pinned Node in PATH (deploy/setup --print-node)?";
  } else {
    verdict.text = line;
    verdict.code = static_cast<int>(NumberOf(verdict.text, "code"));
    verdict.first_bad = NumberOf(verdict.text, "firstBad");
    verdict.last_bad = NumberOf(verdict.text, "lastBad");
  }
  std::free(line);
  return verdict;
}

int Verifier::Run(const std::string& log, const std::string& key,
                  const std::vector<std::string>& checkpoints) {
  std::vector<std::string> words = {"node", SourcePath("clients/verify/marac-verify.mjs"), "--key", key};
  for (const std::string& checkpoint : checkpoints) words.insert(words.end(), {"--checkpoint", checkpoint});
  words.push_back(log);
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    Become(std::move(words));
  }
  int state = 0;
  waitpid(child, &state, 0);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

}  // namespace marac::testing
