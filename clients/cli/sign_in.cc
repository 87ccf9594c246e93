#include "cli/sign_in.h"

#include <algorithm>
#include <optional>

#include "cli/exit_code.h"
#include "cli/passwords.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

using SessionStub = v1::SessionService::Stub;

// People read codes in two halves, and type them so.
std::string WithoutSpaces(std::string code) {
  code.erase(std::remove(code.begin(), code.end(), ' '), code.end());
  return code;
}

// What a person who was refused gives; empty for none.
absl::StatusOr<std::string> ReadCodeOrNone(Client& client) {
  ASSIGN_OR_RETURN(
      const std::optional<std::string> typed,
      client.terminal().ReadLine("Refused. One-time code, if you have set up codes (Enter: none): "));
  return WithoutSpaces(typed.value_or(""));
}

// Unlock and StepUp are asked for alike.
template <typename Request, typename Response>
using ProofMethod = grpc::Status (SessionStub::*)(grpc::ClientContext*, const Request&, Response*);

template <typename Request, typename Response>
absl::StatusOr<Response> Prove(Client& client, ProofMethod<Request, Response> method, const Secret& password,
                               const std::string& code) {
  Request request;
  request.set_password(std::string(password.Reveal()));
  request.set_code(code);
  absl::StatusOr<Response> answer = client.Call(method, request, {.repeat = false});
  WipeString(*request.mutable_password());
  // Whoever is told this has just tried; but a session that has ended needs another sign-in.
  if (absl::IsUnauthenticated(answer.status()) && ReasonOf(answer.status()) == "SIGN_IN_FAILED") {
    return SignInRefused(answer.status());
  }
  if (answer.ok() && !code.empty()) RETURN_IF_ERROR(client.RememberHasCode());
  return answer;
}

template <typename Request, typename Response>
absl::StatusOr<Response> ProveAsking(Client& client, ProofMethod<Request, Response> method,
                                     const ProofFlags& flags) {
  if (flags.with_code) {
    ASSIGN_OR_RETURN(const std::string code, ReadCode(client.terminal()));
    return Prove(client, method, Secret(), code);
  }
  ASSIGN_OR_RETURN(const Secret password, ReadOnePassword(client.terminal(), "Password: ", flags.from_stdin));
  const absl::StatusOr<Response> answer = Prove(client, method, password, "");
  if (!absl::IsUnauthenticated(answer.status()) || !flags.code_if_refused) return answer;
  ASSIGN_OR_RETURN(const std::string code, ReadCodeOrNone(client));
  if (code.empty()) return answer;
  return Prove(client, method, Secret(), code);
}

}  // namespace

absl::StatusOr<std::string> ReadCode(Terminal& terminal) {
  ASSIGN_OR_RETURN(const std::optional<std::string> typed, terminal.ReadLine("One-time code: "));
  if (!typed.has_value() || typed->empty()) return UsageError("no one-time code was given");
  return WithoutSpaces(*typed);
}

absl::StatusOr<v1::Session> SignInAsking(Client& client, const std::string& login, std::string_view prompt,
                                         const ProofFlags& flags) {
  ASSIGN_OR_RETURN(const Secret password, ReadOnePassword(client.terminal(), prompt, flags.from_stdin));
  std::string code;
  if (flags.with_code) {
    ASSIGN_OR_RETURN(code, ReadCode(client.terminal()));
  }
  absl::StatusOr<v1::Session> session = client.SignIn(login, password, code);
  if (!absl::IsUnauthenticated(session.status()) || flags.with_code || !flags.code_if_refused) return session;
  ASSIGN_OR_RETURN(code, ReadCodeOrNone(client));
  if (code.empty()) return session;
  return client.SignIn(login, password, code);
}

absl::StatusOr<v1::UnlockResponse> UnlockAsking(Client& client, const ProofFlags& flags) {
  return ProveAsking(client, &SessionStub::Unlock, flags);
}

absl::StatusOr<v1::StepUpResponse> StepUpAsking(Client& client, const ProofFlags& flags) {
  return ProveAsking(client, &SessionStub::StepUp, flags);
}

}  // namespace marac::cli
