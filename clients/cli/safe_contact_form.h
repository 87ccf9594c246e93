// Correcting how a victim may safely be reached, at the keyboard: nothing of it stands on a command line,
// which other people of the same machine can read.
#ifndef MARAC_CLI_SAFE_CONTACT_FORM_H_
#define MARAC_CLI_SAFE_CONTACT_FORM_H_

#include <string>

#include "absl/status/status.h"
#include "cli/client.h"
#include "marac/v1/protected_detail.pb.h"

namespace marac::cli {

// Asks whether there is a safe way now, then each part of it, and why it is not as it was. A usage error when
// the person stops: then nothing is changed.
absl::Status AskSafeContactCorrection(Client& client, v1::SafeContact& contact, std::string& reason);

// Fills a request that corrects a safe contact: from the JSON file that was named, or by asking. What the
// file leaves out of name and etag stays as it is in `request`.
template <typename Request>
absl::Status FillCorrection(Client& client, const JsonInput& json, Request& request) {
  Request given;
  RETURN_IF_ERROR(client.ReadInput(json, given));
  if (json.file.empty()) {
    return AskSafeContactCorrection(client, *request.mutable_safe_contact(), *request.mutable_reason());
  }
  request.MergeFrom(given);
  return absl::OkStatus();
}

}  // namespace marac::cli

#endif  // MARAC_CLI_SAFE_CONTACT_FORM_H_
