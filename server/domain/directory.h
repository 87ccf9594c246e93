// Rules about agencies, accounts and programs.
#ifndef MARAC_DOMAIN_DIRECTORY_H_
#define MARAC_DOMAIN_DIRECTORY_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/access.h"
#include "domain/local_date.h"
#include "marac/v1/directory.pb.h"

namespace marac::domain {

// The name and display name of an agency to be made.
absl::Status CheckAgency(const v1::Agency& agency);

// Login, name, agency and roles of an account, those that wait among them.
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

// The agency that runs each area (Area.host_agency), by the area's name.
using AreaHosts = std::map<std::string, std::string>;

// Whether the caller may change the people of `agency`: ADMIN in an area that it is a member of, and of that
// agency themselves or of the one that runs the area. NOT_FOUND of `name` otherwise.
absl::Status MayAdminister(const Caller& caller, const v1::Agency& agency, const AreaHosts& hosts,
                           std::string_view name);

// Whether the caller is ADMIN in an area that `agency` is a member of, of whatever agency: for what takes a
// second administrator. NOT_FOUND of `name` otherwise.
absl::Status MayApprove(const Caller& caller, const v1::Agency& agency, std::string_view name);

// Whether the caller may change an account's roles from `before` to `after`: each that is given is in an area
// where the caller administers the account's agency and the agency is a member, each that is taken in one
// where the caller administers it. Nobody gives a role to themselves, and no ADMIN is taken off the record.
absl::Status MayChangeRoles(const Caller& caller, const v1::Agency& agency, const AreaHosts& hosts,
                            const v1::Account& before, const v1::Account& after);

// Roles with which somebody decides about others' access, or about the record of it: one administrator alone
// does not give them (security.md 1, threat 11).
inline constexpr RoleSet kPowerfulRoles = {v1::ROLE_ADMIN, v1::ROLE_COORDINATOR, v1::ROLE_CHAIR,
                                           v1::ROLE_AUDITOR};

// Moves every powerful role that `after` has beyond `before` from its roles to its pending_roles, as asked
// for by `asked_by` at `now`; what waited before waits on. A part of what somebody holds already is nothing
// more, and ADMIN in an area of `alone` needs no second person.
void HoldBackRoles(const v1::Account& before, v1::Account& after, const std::string& asked_by, absl::Time now,
                   const std::set<std::string>& alone);

// Whether an area's only administrator ever, `ever`, is the caller, who may then name a second one alone.
bool IsAlone(const Caller& caller, const std::vector<std::string>& ever);

// Puts in force what waits in areas where the caller is ADMIN and was asked for by somebody else.
//   NOT_FOUND             what waits is in no area of the caller's
//   FAILED_PRECONDITION   nothing waits; the caller asked for it; it is for the caller
absl::StatusOr<v1::Account> ApproveRoles(v1::Account account, const Caller& caller);
// Takes away what waits in areas where the caller is ADMIN. NOT_FOUND and FAILED_PRECONDITION as above.
absl::StatusOr<v1::Account> RefuseRoles(v1::Account account, const Caller& caller);

// Its last day is over.
bool HasEnded(const v1::RoleGrant& grant, LocalDate today);

// Whether the caller may enrol or revoke a program that works in `areas` (those of its agency, or all for the
// web program): ADMIN in one of them, and in all of them where the program itself has a say in each.
// NOT_FOUND of `name` in none of them, PERMISSION_DENIED in too few.
absl::Status MayAdministerProgram(const Caller& caller, const v1::Program& program,
                                  const std::vector<std::string>& areas, std::string_view name);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_DIRECTORY_H_
