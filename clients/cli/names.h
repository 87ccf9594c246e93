// From what people type to full resource names.
#ifndef MARAC_CLI_NAMES_H_
#define MARAC_CLI_NAMES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cli/client.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"

namespace marac::cli {

// "areas/mk/referrals/x1" for itself or for "x1". `collection` is "referrals". INVALID_ARGUMENT when it is
// the name of something else.
absl::StatusOr<std::string> RecordName(Client& client, std::string_view collection, std::string_view text);

// The same for a case, which may also be given by its number ("MK-26-7QX4-K"): then the cases this person may
// see are looked through.
absl::StatusOr<std::string> CaseName(Client& client, std::string_view text);

// "agencies/police" for "police".
std::string AgencyName(std::string_view text);

// Somebody with a role in the area, by account, id or login.
absl::StatusOr<v1::Account> FindAccount(Client& client, std::string_view text);

// "accounts/x1" for itself, or for the login or id of somebody with a role in the area.
absl::StatusOr<std::string> AccountName(Client& client, std::string_view text);

// An item of an agenda: by its full name, as MEETING/ITEM, or as MEETING/CASE-NUMBER. Reads the agenda,
// because that is where items and their etags are.
absl::StatusOr<v1::AgendaItem> FindAgendaItem(Client& client, std::string_view text);

}  // namespace marac::cli

#endif  // MARAC_CLI_NAMES_H_
