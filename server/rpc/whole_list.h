// Lists that a handler works through whole.
#ifndef MARAC_RPC_WHOLE_LIST_H_
#define MARAC_RPC_WHOLE_LIST_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "rpc/gate.h"
#include "store/records.h"

namespace marac::rpc {

// More than an area can have of anything that is looked through at once; beyond it something is wrong, and to
// go on with a part would lose somebody.
inline constexpr int kWholeListMax = 5000;

// Every record that is open to the caller and that `wanted` takes; the others are not opened.
template <typename T>
absl::StatusOr<std::vector<T>> ListWholeWanted(ReadCall& call, const store::ListQuery& query,
                                               const std::function<bool(const T&)>& wanted) {
  std::vector<T> records;
  std::string token;
  do {
    std::string next;
    ASSIGN_OR_RETURN(std::vector<T> page, call.ListWanted<T>(query, /*page_size=*/100, token, &next, wanted));
    for (T& record : page) records.push_back(std::move(record));
    token = std::move(next);
  } while (!token.empty());
  return records;
}

// Every record that is open to the caller.
template <typename T>
absl::StatusOr<std::vector<T>> ListWhole(ReadCall& call, const store::ListQuery& query) {
  return ListWholeWanted<T>(call, query, nullptr);
}

// Every record, whoever calls; nothing of them leaves.
template <typename T>
absl::StatusOr<std::vector<T>> ListWholeAsServer(ReadCall& call, const store::ListQuery& query) {
  ASSIGN_OR_RETURN(const std::vector<store::ListPosition> positions,
                   store::ListAll(call.tx(), query, kWholeListMax + 1));
  if (positions.size() > kWholeListMax) {
    return absl::ResourceExhaustedError("there is more here than can be worked through at once");
  }
  std::vector<T> records;
  for (const store::ListPosition& position : positions) {
    ASSIGN_OR_RETURN(T record, call.LoadAsServer<T>(position.name));
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace marac::rpc

#endif  // MARAC_RPC_WHOLE_LIST_H_
