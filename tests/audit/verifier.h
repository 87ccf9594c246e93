// clients/verify/marac-verify.mjs, which shares no code with the server, as a child that checks one log after
// the other.
#ifndef MARAC_TESTS_AUDIT_VERIFIER_H_
#define MARAC_TESTS_AUDIT_VERIFIER_H_

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace marac::testing {

struct Verdict {
  int code = -1;
  uint64_t first_bad = 0;  // 0: it names none
  uint64_t last_bad = 0;
  std::string text;  // the whole line of JSON
};

class Verifier {
 public:
  Verifier();
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  Verdict Check(const std::string& log, const std::string& key, const std::vector<std::string>& checkpoints,
                const std::string& earlier = "");

  // The same by the program that people run; its exit code.
  static int Run(const std::string& log, const std::string& key, const std::vector<std::string>& checkpoints);

 private:
  pid_t child_ = -1;
  FILE* to_ = nullptr;
  FILE* from_ = nullptr;
};

}  // namespace marac::testing

#endif  // MARAC_TESTS_AUDIT_VERIFIER_H_
