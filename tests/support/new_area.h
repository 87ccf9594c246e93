// The area that tests set up: invented, named areas/test, with the council's administrator.
#ifndef MARAC_TESTS_SUPPORT_NEW_AREA_H_
#define MARAC_TESTS_SUPPORT_NEW_AREA_H_

#include <string>

#include "rpc/setup.h"

namespace marac::testing {

inline constexpr char kTestPassword[] = "not a real password";

// In this folder, which exists; the demonstration's, so that its clock can be moved. The administrator signs
// in as admin.council with kTestPassword.
inline rpc::SetupOptions NewTestArea(const std::string& directory, const std::string& listen_address) {
  rpc::SetupOptions setup;
  setup.directory = directory;
  setup.listen_address = listen_address;
  setup.area = "test";
  setup.area_code = "TS";
  setup.area_name = "Test area";
  setup.instrument = "plain24@1.0";
  setup.policy = "default@2026.1";
  setup.agency = "council";
  setup.agency_name = "Council";
  setup.admin_login = "admin.council";
  setup.admin_name = "Administrator";
  setup.admin_password = Secret(kTestPassword);
  setup.demonstration = true;
  return setup;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_NEW_AREA_H_
