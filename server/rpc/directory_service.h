// The area, its agencies, accounts and programs.
#ifndef MARAC_RPC_DIRECTORY_SERVICE_H_
#define MARAC_RPC_DIRECTORY_SERVICE_H_

#include <memory>

#include "base/password.h"
#include "rpc/gate.h"
#include "rpc/program_auth.h"
#include "rpc/server.h"

namespace marac::rpc {

// A program is enrolled in `registry` as soon as its record is on disk.
NamedService NewDirectoryService(Gate& gate, PasswordHasher& hasher,
                                 std::shared_ptr<ProgramRegistry> registry, bool demonstration);

// The roles of an account, or of an agency's system in its agency's areas, as rows.
std::vector<store::RoleRow> RoleRowsOf(const v1::Account& account);
std::vector<store::RoleRow> RoleRowsOf(const v1::Program& program, const v1::Agency& agency);

// A program's record as the registry keeps it.
Program ToProgram(const v1::Program& record);

}  // namespace marac::rpc

#endif  // MARAC_RPC_DIRECTORY_SERVICE_H_
