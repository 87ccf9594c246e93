#ifndef MARAC_TESTS_SUPPORT_AUTHENTICATOR_H_
#define MARAC_TESTS_SUPPORT_AUTHENTICATOR_H_

#include <liboath/oath.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/one_time_code.h"

namespace marac::testing {

// What a person's telephone does: takes the secret as it is typed in, in base32. Empty when it is none.
inline Secret SecretOf(const std::string& base32) {
  char* bytes = nullptr;
  size_t size = 0;
  if (oath_base32_decode(base32.data(), base32.size(), &bytes, &size) != OATH_OK) return Secret();
  Secret secret(std::string_view(bytes, size));
  std::free(bytes);
  return secret;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_AUTHENTICATOR_H_
