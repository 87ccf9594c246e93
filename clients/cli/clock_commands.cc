// The clock of a demonstration.
#include <fmt/format.h>

#include "cli/commands.h"
#include "marac/v1/demo_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

struct NoFlags {};
void NoOptions(CLI::App&, NoFlags&) {}

absl::Status ShowClock(Client& client, const NoFlags&) {
  ASSIGN_OR_RETURN(const v1::Caller caller, client.Call(&v1::SessionService::Stub::GetCaller, {}));
  v1::AdvanceClockResponse clock;
  *clock.mutable_business_time() = caller.business_time();
  client.Show(clock, MomentText(caller.business_time()) + "\n");
  return absl::OkStatus();
}

struct AdvanceFlags {
  std::string to;
  int days = 0;
};
void AdvanceOptions(CLI::App& app, AdvanceFlags& flags) {
  CLI::Option_group* when = app.add_option_group("When");
  when->add_option("--to", flags.to, "A day (17:00) or a moment such as 2026-01-07T09:30");
  when->add_option("--days", flags.days, "Days from what it shows now")->check(CLI::PositiveNumber);
  when->require_option(1);
}
absl::Status Advance(Client& client, const AdvanceFlags& flags) {
  v1::AdvanceClockRequest request;
  if (flags.to.empty()) {
    ASSIGN_OR_RETURN(const v1::Caller caller, client.Call(&v1::SessionService::Stub::GetCaller, {}));
    *request.mutable_business_time() = caller.business_time();
    request.mutable_business_time()->set_seconds(caller.business_time().seconds() +
                                                 int64_t{flags.days} * 86'400);
  } else {
    ASSIGN_OR_RETURN(*request.mutable_business_time(), ParseMoment(flags.to, "business_time"));
  }
  ASSIGN_OR_RETURN(const v1::AdvanceClockResponse clock,
                   client.Call(&v1::DemoService::Stub::AdvanceClock, request));
  client.Show(clock, MomentText(clock.business_time()) + "\n");
  return absl::OkStatus();
}

}  // namespace

void AddClockCommands(const Group& root) {
  const Group group = root.AddGroup("clock", "The clock that records and deadlines go by");
  group.Add<NoFlags>("show", "What it shows", NoOptions, ShowClock);
  group.Add<AdvanceFlags>("advance", "Move it forward, in a demonstration", AdvanceOptions, Advance);
}

}  // namespace marac::cli
