// What this installation is.
#ifndef MARAC_STORE_INSTALLATION_H_
#define MARAC_STORE_INSTALLATION_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "store/transaction.h"

namespace marac::store {

// Records that belong to no area hang on this scope; an area's own hang on the area's name.
inline constexpr std::string_view kInstallationScope = "installation";

struct Installation {
  std::string origin;              // of the audit's checkpoints: "marac.mk/audit"
  bool demonstration = false;      // for good
  absl::Duration business_offset;  // of the simulated clock from the real one; zero but in a demonstration
};

absl::StatusOr<Installation> LoadInstallation(Transaction& tx);
absl::Status InsertInstallation(WriteTransaction& tx, const Installation& installation);
// Refused by the database for anything but a demonstration, and for a step back.
absl::Status SetBusinessOffset(WriteTransaction& tx, absl::Duration offset);

}  // namespace marac::store

#endif  // MARAC_STORE_INSTALLATION_H_
