// Conflicts of interest in a call: workers who may be one of a case's people, and whether anybody is
// left to see to it.
#ifndef MARAC_RPC_CONFLICTS_H_
#define MARAC_RPC_CONFLICTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/access.h"
#include "domain/case_access.h"
#include "domain/matching.h"
#include "marac/v1/access.pb.h"
#include "marac/v1/referral.pb.h"
#include "rpc/gate.h"

namespace marac::rpc {

// The people who hold this role in the area today, with where they work.
absl::StatusOr<std::vector<domain::Holder>> HoldersOf(ReadCall& call, const std::string& area, v1::Role role);
// Those who do research for their agency.
absl::StatusOr<std::vector<domain::Holder>> ResearchersOf(ReadCall& call, const std::string& area);

// FAILED_PRECONDITION unless a coordinator may still see to a case with these facts: shutting out the only
// one would leave a referral that nobody can decide on (decisions 9, 13).
absl::Status MustLeaveACoordinator(ReadCall& call, const domain::RecordFacts& facts);

// What to see to: no coordinator, no IDVA, no chair who may see it; open actions of people it is kept from.
absl::StatusOr<std::vector<std::string>> AccessWarnings(ReadCall& call, const domain::RecordFacts& facts);

// The entry of a worker, or of a name, in the list of people who must not see a referral and its case. With
// its case the case waits, until it is answered.
absl::Status AddEntry(WriteCall& call, v1::ExcludedPerson entry, const domain::RecordFacts& facts);

// Keeps what was decided about who may see a scope.
absl::Status NoteChange(WriteCall& call, const std::string& scope, v1::AccessChangeKind kind,
                        const std::string& subject, const std::string& reason, bool by_server = false);

// Compares the people of a referral with the workers of the area: an exact match is hidden from the worker
// until the chair decides, a worker of the same name is asked about. What was asked or answered before is
// not asked again. `only` limits it to one worker; empty: all.
absl::Status AskAboutWorkers(WriteCall& call, const v1::Referral& referral, const std::string& area,
                             const std::string& only = "");

}  // namespace marac::rpc

#endif  // MARAC_RPC_CONFLICTS_H_
