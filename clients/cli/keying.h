// Keying in what was answered on paper (ACC-46): a key an answer, in the order of the booklet, each saved as
// it is keyed. A second time it is keyed blind and compared, and nothing is replaced without being asked
// about.
#ifndef MARAC_CLI_KEYING_H_
#define MARAC_CLI_KEYING_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/assessment_calls.h"
#include "cli/client.h"
#include "domain/booklet.h"

namespace marac::cli {

class Keying {
 public:
  // `pack` is the assessment's own.
  Keying(Client& client, v1::InstrumentPack pack, v1::Assessment assessment)
      : client_(client), pack_(std::move(pack)), assessment_(std::move(assessment)) {}

  // Everything that was not keyed in yet. OK also when the person stops: what was keyed is kept.
  absl::Status Run();
  // Everything once more, from the page with the code `from` on (empty: the first): every difference from
  // what was keyed first is shown, and asked about.
  absl::Status RunSecond(const std::string& from);

 private:
  // FAILED_PRECONDITION: answers on paper are of a sitting on paper, and none is open.
  absl::Status Begin();
  // What is ticked there. `code` is UNSPECIFIED for one page back; nothing: the person stopped.
  absl::StatusOr<std::optional<v1::Answer>> Ask(const domain::Place& place);
  const v1::Answer* Find(const std::string& item, const std::string& probe) const;
  const v1::Answer* AnswerAt(const domain::Place& place) const;
  bool IsOpen(const domain::Place& place) const;
  // Behind what somebody else answered meanwhile.
  absl::Status Save(const v1::Answer& answer);

  Client& client_;
  const v1::InstrumentPack pack_;
  v1::Assessment assessment_;
  std::string sitting_;
};

}  // namespace marac::cli

#endif  // MARAC_CLI_KEYING_H_
