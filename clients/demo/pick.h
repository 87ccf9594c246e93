// One value out of a JSON document, for scripts: Debian has no tool for it.
#ifndef MARAC_DEMO_PICK_H_
#define MARAC_DEMO_PICK_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace marac::demo {

// The value at `path` in `json`: "meeting.state", "items[0].kind", "candidates[same_pair=true].repeat",
// "items.#" for the number of entries. Text without its quotes, everything else as JSON. NOT_FOUND says where
// the path ends.
absl::StatusOr<std::string> Pick(std::string_view json, std::string_view path);

}  // namespace marac::demo

#endif  // MARAC_DEMO_PICK_H_
