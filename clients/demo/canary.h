// Canaries: words that occur nowhere else, put into every free text that the API takes, and looked for
// afterwards wherever clear text must not be.
#ifndef MARAC_DEMO_CANARY_H_
#define MARAC_DEMO_CANARY_H_

#include <google/protobuf/message.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace marac::demo {

struct Canary {
  std::string word;   // 16 letters and digits
  std::string field;  // where it was put: "marac.v1.Party.school"
};

class Canaries {
 public:
  // A new one for `field`.
  std::string Make(std::string_view field);

  // Puts a new one into every free text of `message` and of the messages that are set in it: text that is
  // there is replaced, and a Text that is absent is made. Codes, names of records and what the server fills
  // in itself stay as they are.
  void FillText(google::protobuf::Message& message);
  // The same for every string, codes and names too: the request will be refused.
  void FillAll(google::protobuf::Message& message);

  const std::vector<Canary>& all() const { return all_; }

  // The free texts that `request` can hold, and none of which was ever filled.
  std::vector<std::string> Missed(const google::protobuf::Descriptor* request) const;

 private:
  std::vector<Canary> all_;
  std::set<std::string> filled_;  // fields
};

// Writes every canary into files below `folder`, each in one of the forms that FindCanaries knows, in turn.
absl::Status WritePlainCopy(const std::vector<Canary>& canaries, const std::string& folder);

// One line a canary, and back.
std::string ToLines(const std::vector<Canary>& canaries);
absl::StatusOr<std::vector<Canary>> FromLines(std::string_view lines);

// A canary in a file, and the form it had there.
struct Finding {
  Canary canary;
  std::string file;
  std::string form;
};

struct Search {
  int files = 0;
  int64_t bytes = 0;
  std::vector<Finding> findings;  // at most one for each canary
};

// Looks in files, and in every file below folders, for canaries as they are (in any case), as UTF-16, base64
// (both alphabets), hexadecimal, and all of these inside gzip or zlib data.
absl::StatusOr<Search> FindCanaries(const std::vector<Canary>& canaries,
                                    const std::vector<std::string>& paths);

}  // namespace marac::demo

#endif  // MARAC_DEMO_CANARY_H_
