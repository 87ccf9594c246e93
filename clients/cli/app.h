// marac as a whole: reads the command line, runs one command, says how it ended.
#ifndef MARAC_CLI_APP_H_
#define MARAC_CLI_APP_H_

#include "cli/terminal.h"

namespace marac::cli {

// The process's exit code.
int RunMarac(int argc, const char* const* argv, Terminal& terminal);

}  // namespace marac::cli

#endif  // MARAC_CLI_APP_H_
