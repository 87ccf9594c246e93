// Where the tree lies from which the tests were built, for tests that read its files.
#ifndef MARAC_TESTS_SUPPORT_SOURCE_PATH_H_
#define MARAC_TESTS_SUPPORT_SOURCE_PATH_H_

#include <string>
#include <string_view>

namespace marac::testing {

// The absolute path of what is named from the top of the tree: SourcePath("schema/policies").
std::string SourcePath(std::string_view path);

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_SOURCE_PATH_H_
