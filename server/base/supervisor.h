// What the program says to whoever started it and watches over it, in systemd's words (sd_notify(3)): a
// datagram to the socket that NOTIFY_SOCKET names. Without one, nobody is told and nothing is wrong.
#ifndef MARAC_BASE_SUPERVISOR_H_
#define MARAC_BASE_SUPERVISOR_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace marac {

// "READY=1", "WATCHDOG=1", "STOPPING=1". OK when nobody is to be told.
absl::Status TellSupervisor(std::string_view state);

// How long the supervisor waits for a WATCHDOG=1 before it ends this process (WATCHDOG_USEC, when
// WATCHDOG_PID is absent or names this process); zero when it does not.
absl::Duration SupervisorPatience();

}  // namespace marac

#endif  // MARAC_BASE_SUPERVISOR_H_
