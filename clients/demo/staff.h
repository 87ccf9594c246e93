// The agencies of the demonstration area and the people who work for them. All of them are invented.
#ifndef MARAC_DEMO_STAFF_H_
#define MARAC_DEMO_STAFF_H_

#include <span>
#include <string_view>
#include <vector>

#include "marac/v1/directory.pb.h"

namespace marac::demo {

struct AgencyPlan {
  const char* word;  // "agencies/{word}"
  const char* display_name;
  const char* source_category;  // of its referrals, for the return
  bool idva_service = false;
};

struct StaffPlan {
  const char* login;
  const char* display_name;
  const char* job_title;
  const char* agency;
  std::vector<v1::Role> roles;
};

// The first is the one that `maracd init` makes, with the administrator.
inline constexpr std::string_view kFirstAgency = "council";
inline constexpr std::string_view kAdministrator = "admin";
// Approves whom the first one makes coordinator, chair or auditor; the first of Staff().
inline constexpr std::string_view kSecondAdministrator = "admin2";

std::span<const AgencyPlan> Agencies();
// Without the first administrator.
std::span<const StaffPlan> Staff();

// The agency's own. Null: there is none.
const AgencyPlan* FindAgency(std::string_view word);
const StaffPlan* FindStaff(std::string_view login);
// Who sits in the meeting for an agency; null: nobody.
const StaffPlan* RepresentativeOf(std::string_view agency);

}  // namespace marac::demo

#endif  // MARAC_DEMO_STAFF_H_
