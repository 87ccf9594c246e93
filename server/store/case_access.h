// What was decided about who may see a case, beyond its stage and the roles: restricted lists,
// agencies and people it is hidden from, who signed, and the workers' own register.
#ifndef MARAC_STORE_CASE_ACCESS_H_
#define MARAC_STORE_CASE_ACCESS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/names.h"
#include "marac/v1/access.pb.h"
#include "store/transaction.h"

namespace marac::store {

// Each of the following lets reads that are under way look again before they answer.

// Replaces who is named; `restricted` opens the scope to nobody else but the chair.
absl::Status SetNamed(WriteTransaction& tx, std::string_view scope, bool restricted,
                      std::span<const std::string> accounts);
absl::Status ShutOutAgency(WriteTransaction& tx, std::string_view scope, std::string_view agency);
// Hides the scope from an account until the chair decides.
absl::Status ShutOutUndecided(WriteTransaction& tx, std::string_view scope, std::string_view account);
// The chair decided about "accounts/..." or "agencies/...": it is hidden no more, or stays so. False: it was
// not hidden from them.
absl::StatusOr<bool> DecideShutOut(WriteTransaction& tx, std::string_view scope, std::string_view subject,
                                   bool lift);
// Whoever the one scope is kept from, by name, with their agency or by a restriction, is kept from the other
// as well, with what was decided about it. Of two restrictions, only who is named in both is left.
absl::Status CarryCaseAccess(WriteTransaction& tx, std::string_view from, std::string_view to);

// `scope`, that of the record of the same name alone, about which nothing is decided by itself, is kept from
// whom `record`'s is kept, now and later, and from nobody else.
absl::Status FollowCaseAccess(WriteTransaction& tx, std::string_view record, std::string_view scope);
// Lets the scopes that follow a record of this one know what changed. Every function here that changes who a
// scope is kept from does so; and so do those of records.h.
absl::Status LeadCaseAccess(WriteTransaction& tx, std::string_view scope);

// What was decided, for the record.
absl::Status NoteAccessChange(WriteTransaction& tx, std::string_view scope, const v1::AccessChange& change);
// The newest first, at most `limit`.
absl::StatusOr<std::vector<v1::AccessChange>> AccessChangesOf(Transaction& tx, std::string_view scope,
                                                              int limit);

// Cases and waiting referrals of the area that are kept from somebody and open to `account`, those that are
// closed left out; and whether the chair has to decide about one.
struct KeptRecord {
  std::string name;
  bool undecided = false;
};
absl::StatusOr<std::vector<KeptRecord>> KeptFromSomebody(Transaction& tx, std::string_view area,
                                                         std::string_view account, absl::CivilDay day,
                                                         int limit);

// Who signed the confidentiality statement of a meeting: these, and nobody else.
absl::Status ReplaceSigned(WriteTransaction& tx, std::string_view meeting,
                           std::span<const std::string> accounts);

// What a worker said of themselves and theirs; nothing where nothing was said.
absl::StatusOr<v1::OwnRegister> LoadOwnRegister(Transaction& tx, std::string_view account);
absl::Status SaveOwnRegister(WriteTransaction& tx, std::string_view account, const v1::OwnRegister& entries);
// Under what a worker is found. Replaces those of these persons (0: the name of the account) and, where there
// are entries, of all later ones.
absl::Status KeepWorkerName(WriteTransaction& tx, std::string_view account,
                            std::span<const std::string> name_keys);
// Accounts that are found under no name yet.
absl::StatusOr<std::vector<std::string>> AccountsWithoutWorkerName(Transaction& tx);
absl::Status KeepWorkerRegister(WriteTransaction& tx, std::string_view account,
                                std::span<const domain::PersonKeys> people);

// A worker who may be one of a case's people, or be close to one.
struct WorkerMatch {
  std::string account;
  std::string agency;
  // Name and date of birth, or a registered address, are the same: certain enough to hide the case.
  bool exact = false;
};
// The workers with a role in the area on `day` who match this person, each once.
absl::StatusOr<std::vector<WorkerMatch>> FindWorkers(Transaction& tx, std::string_view area,
                                                     absl::CivilDay day, const domain::PersonKeys& person);

}  // namespace marac::store

#endif  // MARAC_STORE_CASE_ACCESS_H_
