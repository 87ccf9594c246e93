// The services directory of the demonstration. Every service is invented, and every number is one that Ofcom
// keeps for drama: nobody answers it, so that nobody is rung by trying the pages.
#ifndef MARAC_DEMO_SERVICES_H_
#define MARAC_DEMO_SERVICES_H_

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "demo/world.h"
#include "domain/local_date.h"
#include "marac/v1/support.pb.h"

namespace marac::demo {

struct ServicePlan {
  v1::SupportService service;  // without its days
  bool neglected = false;      // nobody has verified it for more than a year
};
std::span<const ServicePlan> Services();

// Whom a declined referral is pointed to.
inline constexpr std::string_view kHelpline = "Lantern helpline";

// With the days it has when the coordinator keeps the directory on `today`.
v1::SupportService On(const ServicePlan& plan, domain::LocalDate today);

// Adds those that are not there yet, and verifies the others anew, but for the neglected one. The coordinator
// must be signed in.
absl::Status KeepServices(World& world);

}  // namespace marac::demo

#endif  // MARAC_DEMO_SERVICES_H_
