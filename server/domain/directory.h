// Rules about agencies, accounts and programs.
#ifndef MARAC_DOMAIN_DIRECTORY_H_
#define MARAC_DOMAIN_DIRECTORY_H_

#include <string_view>

#include "absl/status/status.h"
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

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_DIRECTORY_H_
