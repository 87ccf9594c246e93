// Signing in and out.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/passwords.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

using SessionStub = v1::SessionService::Stub;

struct PasswordFlags {
  bool from_stdin = false;
};
void PasswordOptions(CLI::App& app, PasswordFlags& flags) {
  app.add_flag("--password-stdin", flags.from_stdin, kPasswordStdinHelp);
}

struct SignInFlags : PasswordFlags {
  std::string login;
};
void SignInOptions(CLI::App& app, SignInFlags& flags) {
  app.add_option("LOGIN", flags.login, "What you sign in with")->required();
  PasswordOptions(app, flags);
}

absl::Status SignIn(Client& client, const SignInFlags& flags) {
  ASSIGN_OR_RETURN(const Secret password, ReadOnePassword(client.terminal(), "Password: ", flags.from_stdin));
  ASSIGN_OR_RETURN(v1::Session session, client.SignIn(flags.login, password));
  // The token stays in the file: whatever is shown may be seen or logged.
  session.clear_token();
  client.Show(session,
              fmt::format("Signed in as {} until {}; locks after {} minutes without a call.\n", flags.login,
                          MomentText(session.expire_time()), session.idle_lock_minutes()));
  if (session.must_change_password()) client.Note("Change your password first: marac change-password");
  return absl::OkStatus();
}

struct NoFlags {};
void NoOptions(CLI::App&, NoFlags&) {}

absl::Status SignOut(Client& client, const NoFlags&) {
  const absl::StatusOr<v1::SignOutResponse> answer = client.Call(&SessionStub::SignOut, {});
  // Ended already is as good as ended; with no answer from the server, at least nobody goes on from here.
  RETURN_IF_ERROR(client.ForgetSession());
  if (!answer.ok() && !absl::IsUnauthenticated(answer.status())) return answer.status();
  client.Show(v1::SignOutResponse(), "Signed out.\n");
  return absl::OkStatus();
}

absl::Status WhoAmI(Client& client, const NoFlags&) {
  return client.CallAndShow(&SessionStub::GetCaller, {});
}

absl::Status ChangePassword(Client& client, const PasswordFlags& flags) {
  ASSIGN_OR_RETURN(const Secret old_password,
                   ReadOnePassword(client.terminal(), "Present password: ", flags.from_stdin));
  ASSIGN_OR_RETURN(
      const Secret new_password,
      ReadNewPassword(client.terminal(), "New password (12 characters or more): ", flags.from_stdin));
  v1::ChangePasswordRequest request;
  request.set_old_password(std::string(old_password.Reveal()));
  request.set_new_password(std::string(new_password.Reveal()));
  const absl::StatusOr<v1::ChangePasswordResponse> answer =
      client.Call(&SessionStub::ChangePassword, request, {.repeat = false});
  WipeString(*request.mutable_old_password());
  WipeString(*request.mutable_new_password());
  RETURN_IF_ERROR(answer.status());
  client.Show(*answer, "The password is changed; every other session of yours has ended.\n");
  return absl::OkStatus();
}

}  // namespace

void AddSessionCommands(const Group& root) {
  root.Add<SignInFlags>("sign-in", "Sign in", SignInOptions, SignIn);
  root.Add<NoFlags>("sign-out", "End the session", NoOptions, SignOut);
  root.Add<NoFlags>("whoami", "Who is signed in, and what they may do", NoOptions, WhoAmI);
  root.Add<PasswordFlags>("change-password", "Change your own password", PasswordOptions, ChangePassword);
}

}  // namespace marac::cli
