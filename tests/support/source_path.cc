#include "tests/support/source_path.h"

namespace marac::testing {

std::string SourcePath(std::string_view path) { return std::string(MARAC_SOURCE_DIR "/").append(path); }

}  // namespace marac::testing
