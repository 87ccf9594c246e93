// What of referrals and cases is kept beside the records: the keys under which people are found again, the
// numbers of cases, and why a protected detail was shown.
#ifndef MARAC_STORE_PARTY_KEYS_H_
#define MARAC_STORE_PARTY_KEYS_H_

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/matching.h"
#include "store/transaction.h"

namespace marac::store {

// What a key is. The numbers are stored.
enum class KeyKind { kName = 1, kAlias = 2, kBirthDate = 3, kNhsNumber = 4, kAddress = 5 };

// Adds the parties' keys to those that their record has in this area.
absl::Status KeepParties(WriteTransaction& tx, std::string_view area,
                         std::span<const domain::KeptParty> parties);

// Takes all keys of a record away: nobody is found through it any more.
absl::Status ForgetParties(WriteTransaction& tx, std::string_view record);

// Everybody in the records that share a name, an alias, an NHS number or an address with somebody in `asked`,
// of those that are open to `account` on `day`, or of all where it is empty, which is for what the server
// decides and nobody sees; the record asked from is not among them. When more than `records_max` were found,
// `more_exist` says so: nothing is left out in silence.
struct FoundParties {
  std::vector<domain::KeptParty> parties;
  bool more_exist = false;
};
absl::StatusOr<FoundParties> FindParties(Transaction& tx, std::string_view area,
                                         std::span<const domain::KeptParty> asked, std::string_view account,
                                         absl::CivilDay day, int records_max);

// Gives the case this number; false when another has it already.
absl::StatusOr<bool> TakeCaseNumber(WriteTransaction& tx, std::string_view number, std::string_view record);

// Keeps why the detail is shown in this transaction.
absl::Status KeepRevealReason(WriteTransaction& tx, std::string_view detail, std::string_view reason);
// Why details of this scope were shown, by the sequence of the event that showed one.
absl::StatusOr<std::map<int64_t, std::string>> RevealReasonsIn(Transaction& tx, std::string_view scope);

}  // namespace marac::store

#endif  // MARAC_STORE_PARTY_KEYS_H_
