// Rules about agencies, accounts and programs.
#ifndef MARAC_DOMAIN_DIRECTORY_H_
#define MARAC_DOMAIN_DIRECTORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "domain/access.h"
#include "marac/v1/directory.pb.h"

namespace marac::domain {

// The name and display name of an agency to be made.
absl::Status CheckAgency(const v1::Agency& agency);

// Login, name, agency and roles of an account; `field` is where it stands in the request.
absl::Status CheckAccount(const v1::Account& account);

// 12 to 200 characters; `field` names it. Says nothing about what was typed.
absl::Status CheckPassword(std::string_view field, std::string_view password);

// Kind, agency and name of a program to be enrolled: every kind but the web program belongs to an agency.
absl::Status CheckProgram(const v1::Program& program);

// An ADMIN may call every method of the directory, but only for the areas where they are ADMIN (decisions 9,
// security.md threat 11). These say so; NOT_FOUND is worded as for what is not there.

// Whether the caller may add this agency: it is a member of one area at least, and the caller is ADMIN in
// each.
absl::Status MayAddAgency(const Caller& caller, const v1::Agency& agency);

// Whether the caller is ADMIN in an area that `agency` is a member of, and so may change what belongs to it;
// NOT_FOUND of `name` otherwise.
absl::Status MayAdminister(const Caller& caller, const v1::Agency& agency, std::string_view name);

// Whether the caller may change an account's roles from `before` to `after`: each that is given is in an area
// where the caller is ADMIN and the account's agency a member, each that is taken in one where the caller is
// ADMIN. Nobody gives a role to themselves.
absl::Status MayChangeRoles(const Caller& caller, const v1::Agency& agency, const v1::Account& before,
                            const v1::Account& after);

// Whether the caller may enrol or revoke a program that works in `areas` (those of its agency, or all for the
// web program): ADMIN in one of them, and in all of them where the program itself has a say in each.
// NOT_FOUND of `name` in none of them, PERMISSION_DENIED in too few.
absl::Status MayAdministerProgram(const Caller& caller, const v1::Program& program,
                                  const std::vector<std::string>& areas, std::string_view name);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_DIRECTORY_H_
