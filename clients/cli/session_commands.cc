// Signing in and out, locking and unlocking, and one-time codes.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/passwords.h"
#include "cli/qr_code.h"
#include "cli/sign_in.h"
#include "cli/text.h"
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

struct CodeFlags : PasswordFlags {
  bool with_code = false;
};
struct SignInFlags : CodeFlags {
  std::string login;
};
void SignInOptions(CLI::App& app, SignInFlags& flags) {
  app.add_option("LOGIN", flags.login, "What you sign in with")->required();
  PasswordOptions(app, flags);
  app.add_flag("--code", flags.with_code,
               "Ask for a one-time code too; from a script the next line of input");
}
void UnlockOptions(CLI::App& app, CodeFlags& flags) {
  PasswordOptions(app, flags);
  app.add_flag("--code", flags.with_code, "Ask for a one-time code instead; from a script a line of input");
}

// Whether the account is asked for a code: as was said, or as was known of it on this machine.
ProofFlags ProofOf(Client& client, const CodeFlags& flags, const std::string& login) {
  const absl::StatusOr<config::v1::ClientSession> known = client.Session();
  const bool has_code = known.ok() && known->has_code() && (login.empty() || known->login() == login);
  return {.from_stdin = flags.from_stdin,
          .with_code = flags.with_code || (has_code && !flags.from_stdin),
          .code_if_refused = !flags.from_stdin && client.terminal().interactive()};
}

absl::Status SignIn(Client& client, const SignInFlags& flags) {
  ASSIGN_OR_RETURN(v1::Session session,
                   SignInAsking(client, flags.login, "Password: ", ProofOf(client, flags, flags.login)));
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

absl::Status Lock(Client& client, const NoFlags&) {
  ASSIGN_OR_RETURN(const v1::LockResponse answer, client.Call(&SessionStub::Lock, {}));
  client.Show(answer, "Locked. Unlock with: marac session unlock\n");
  return absl::OkStatus();
}

absl::Status Unlock(Client& client, const CodeFlags& flags) {
  ASSIGN_OR_RETURN(const v1::UnlockResponse answer,
                   UnlockAsking(client, ProofOf(client, flags, /*login=*/"")));
  client.Show(answer, fmt::format("Unlocked; the session ends {}.\n", MomentText(answer.expire_time())));
  return absl::OkStatus();
}

absl::Status StepUp(Client& client, const CodeFlags& flags) {
  ASSIGN_OR_RETURN(const v1::StepUpResponse answer,
                   StepUpAsking(client, ProofOf(client, flags, /*login=*/"")));
  client.Show(answer, fmt::format("Proved; it counts until {}.\n", MomentText(answer.fresh_until())));
  return absl::OkStatus();
}

absl::Status ListSessions(Client& client, const NoFlags&) {
  ASSIGN_OR_RETURN(const v1::ListSessionsResponse answer, client.Call(&SessionStub::ListSessions, {}));
  Table table({{"SESSION", false}, {"PROGRAM"}, {"FROM"}, {"BEGUN"}, {"PROVED"}, {"ENDS"}, {"STATE", false}});
  for (const v1::OpenSession& session : answer.sessions()) {
    const std::string state = session.locked() ? "locked" : "open";
    table.AddRow({session.id(), session.program(), session.source(), MomentText(session.begin_time()),
                  MomentText(session.factor_time()), MomentText(session.expire_time()),
                  session.current() ? state + ", this one" : state});
  }
  Table events({{"WHEN"}, {"WHAT HAPPENED TO YOUR ACCOUNT"}, {"FROM"}});
  for (const v1::AccountEvent& event : answer.events()) {
    events.AddRow({MomentText(event.time()), Word(event.kind()), event.source()});
  }
  client.Show(answer, table.Render() + (answer.events().empty() ? "" : "\n" + events.Render()));
  return absl::OkStatus();
}

struct EndFlags {
  std::string id;
  bool others = false;
};
void EndOptions(CLI::App& app, EndFlags& flags) {
  CLI::Option* id = app.add_option("SESSION", flags.id, "Which, as marac session list shows it");
  app.add_flag("--others", flags.others, "Every session of yours but this one")->excludes(id);
}
absl::Status EndSession(Client& client, const EndFlags& flags) {
  if (flags.others) {
    ASSIGN_OR_RETURN(const v1::EndOtherSessionsResponse answer,
                     client.Call(&SessionStub::EndOtherSessions, {}));
    client.Show(answer, "Every other session of yours has ended.\n");
    return absl::OkStatus();
  }
  if (flags.id.empty()) return UsageError("say which session: marac session list shows them; or --others");
  v1::EndSessionRequest request;
  request.set_id(flags.id);
  ASSIGN_OR_RETURN(const v1::EndSessionResponse answer, client.Call(&SessionStub::EndSession, request));
  client.Show(answer, "The session has ended.\n");
  return absl::OkStatus();
}

struct RecoverFlags : PasswordFlags {
  std::string login;
};
void RecoverOptions(CLI::App& app, RecoverFlags& flags) {
  app.add_option("LOGIN", flags.login, "What you sign in with")->required();
  app.add_flag("--password-stdin", flags.from_stdin,
               "Read the recovery code and the new password from standard input, one a line");
}
absl::Status Recover(Client& client, const RecoverFlags& flags) {
  ASSIGN_OR_RETURN(
      const Secret code,
      ReadOnePassword(client.terminal(), "Recovery code, as your administrator told it: ", flags.from_stdin));
  ASSIGN_OR_RETURN(
      const Secret new_password,
      ReadNewPassword(client.terminal(), "New password (12 characters or more): ", flags.from_stdin));
  v1::RecoverRequest request;
  request.set_login(flags.login);
  request.set_recovery_code(std::string(code.Reveal()));
  request.set_new_password(std::string(new_password.Reveal()));
  const absl::StatusOr<v1::RecoverResponse> answer =
      client.CallUnsigned(&SessionStub::Recover, request, {.repeat = false});
  WipeString(*request.mutable_recovery_code());
  WipeString(*request.mutable_new_password());
  // Advice to sign in would say nothing new.
  if (absl::IsUnauthenticated(answer.status())) return SignInRefused(answer.status());
  RETURN_IF_ERROR(answer.status());
  client.Show(*answer, "The new password is set; sign in with: marac sign-in " + flags.login +
                           "\nThen set up one-time codes again: marac session code set-up\n");
  return absl::OkStatus();
}

// "ABCD EFGH ...", as people copy it.
std::string InFours(const std::string& secret) {
  std::string text;
  for (size_t at = 0; at < secret.size(); at += 4) text += (at > 0 ? " " : "") + secret.substr(at, 4);
  return text;
}

absl::Status ConfirmCode(Client& client) {
  ASSIGN_OR_RETURN(const std::string code, ReadCode(client.terminal()));
  v1::ConfirmCodeRequest request;
  request.set_code(code);
  ASSIGN_OR_RETURN(const v1::ConfirmCodeResponse answer,
                   client.Call(&SessionStub::ConfirmCode, request, {.repeat = false}));
  RETURN_IF_ERROR(client.RememberHasCode());
  client.Show(
      answer,
      "One-time codes are set up: you sign in with your password and a code, and unlock with a code.\n"
      "A code counts once; wait for the next one before you sign in.\n");
  return absl::OkStatus();
}

absl::Status SetUpCode(Client& client, const PasswordFlags& flags) {
  ASSIGN_OR_RETURN(const Secret password, ReadOnePassword(client.terminal(), "Password: ", flags.from_stdin));
  v1::EnrolCodeRequest request;
  request.set_password(std::string(password.Reveal()));
  absl::StatusOr<v1::EnrolCodeResponse> answer =
      client.Call(&SessionStub::EnrolCode, request, {.repeat = false});
  WipeString(*request.mutable_password());
  RETURN_IF_ERROR(answer.status());
  std::string text = "Add an account in your authenticator, where nobody looks over your shoulder.\n";
  if (isatty(STDOUT_FILENO) != 0) text += QrCodeText(answer->uri());
  text += fmt::format("Secret, to be typed where it cannot be scanned (time based): {}\n",
                      InFours(answer->secret()));
  client.Show(*answer, text);
  WipeString(text);
  WipeString(*answer->mutable_uri());
  WipeString(*answer->mutable_secret());
  if (client.flags().json || !client.terminal().interactive()) {
    client.Note("Codes count once the first is given: marac session code confirm");
    return absl::OkStatus();
  }
  // A mistyped digit, or a clock that is wrong, is no reason to begin again; an empty line is.
  for (;;) {
    const absl::Status confirmed = ConfirmCode(client);
    if (ExitCodeOf(confirmed) != ExitCode::kWrongInput) return confirmed;
    client.ShowError(confirmed);
  }
}

absl::Status Confirm(Client& client, const NoFlags&) { return ConfirmCode(client); }

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
  root.Add<RecoverFlags>("recover", "Set a new password with a recovery code from your administrator",
                         RecoverOptions, Recover);
  const Group session = root.AddGroup("session", "Your sessions: locking, unlocking, and one-time codes");
  session.Add<NoFlags>("lock", "Lock the session; nothing opens until it is unlocked", NoOptions, Lock);
  session.Add<CodeFlags>("unlock", "Open a locked session again", UnlockOptions, Unlock);
  session.Add<CodeFlags>("step-up", "Prove anew that it is you, for what asks for it; it counts five minutes",
                         UnlockOptions, StepUp);
  session.Add<NoFlags>("list", "Your open sessions, and what happened to your account lately", NoOptions,
                       ListSessions);
  session.Add<EndFlags>("end", "End one of your sessions, or all others", EndOptions, EndSession);
  const Group code = session.AddGroup("code", "One-time codes of an authenticator");
  code.Add<PasswordFlags>("set-up", "Show a secret for your authenticator, and take the first code",
                          PasswordOptions, SetUpCode);
  code.Add<NoFlags>("confirm", "Give the first code of a set-up", NoOptions, Confirm);
}

}  // namespace marac::cli
