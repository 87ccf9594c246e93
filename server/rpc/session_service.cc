#include "rpc/session_service.h"

#include <google/protobuf/util/time_util.h>

#include <string>
#include <utility>

#include "base/hash.h"
#include "domain/directory.h"
#include "domain/errors.h"
#include "marac/v1/session_service.grpc.pb.h"
#include "rpc/grpc_status.h"
#include "rpc/try_limit.h"
#include "store/sessions.h"

namespace marac::rpc {
namespace {

using google::protobuf::util::TimeUtil;

constexpr absl::Duration kSessionLength = absl::Hours(8);
constexpr size_t kTokenBytes = 32;

// One text for an unknown login, a wrong password and a suspended account.
absl::Status NotSignedIn() {
  v1::ErrorDetail detail;
  detail.set_reason("SIGN_IN_FAILED");
  return domain::WithDetail(
      absl::UnauthenticatedError(
          "the login or the password is not right: try again, or ask your administrator"),
      detail);
}

absl::Status TooManyTries() {
  v1::ErrorDetail detail;
  detail.set_reason("TOO_MANY_TRIES");
  return domain::WithDetail(
      absl::ResourceExhaustedError("too many tries: wait 15 minutes, or ask your administrator for help"),
      detail);
}

class SessionService final : public v1::SessionService::Service {
 public:
  SessionService(Gate& gate, PasswordHasher& hasher, bool demonstration)
      : gate_(gate), hasher_(hasher), demonstration_(demonstration) {}

  grpc::Status SignIn(grpc::ServerContext* context, const v1::SignInRequest* request,
                      v1::Session* response) override {
    // The password is checked before the call's transaction, which must not wait for Argon2.
    std::optional<store::Credential> credential;
    const absl::Status checked = CheckSignIn(*request, &credential);
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::Session> {
          const std::string source = call.caller().source;
          if (credential.has_value()) call.Acting(credential->account, credential->agency);
          if (!sources_.MayTry(source, call.security_now())) return TooManyTries();
          if (!checked.ok()) {
            if (absl::IsUnauthenticated(checked)) sources_.NoteFailure(source, call.security_now());
            return checked;
          }
          return NewSession(call, *credential);
        },
        NoRepeat<v1::Session>);
  }

  grpc::Status SignOut(grpc::ServerContext* context, const v1::SignOutRequest* request,
                       v1::SignOutResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [](WriteCall& call) -> absl::StatusOr<v1::SignOutResponse> {
          RETURN_IF_ERROR(
              store::EndSession(call.write(), call.token_hash(), absl::ToUnixMillis(call.security_now())));
          return v1::SignOutResponse();
        },
        NoRepeat<v1::SignOutResponse>);
  }

  grpc::Status GetCaller(grpc::ServerContext* context, const v1::GetCallerRequest* request,
                         v1::Caller* response) override {
    return gate_.Read(*context, *request, response, [this](ReadCall& call) -> absl::StatusOr<v1::Caller> {
      v1::Caller answer;
      if (call.caller().account.starts_with("accounts/")) {
        ASSIGN_OR_RETURN(*answer.mutable_account(), call.Load<v1::Account>(call.caller().account));
      }
      answer.set_program(call.caller().program);
      *answer.mutable_business_time() = TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(call.now()));
      answer.set_demonstration(demonstration_);
      return answer;
    });
  }

  grpc::Status ChangePassword(grpc::ServerContext* context, const v1::ChangePasswordRequest* request,
                              v1::ChangePasswordResponse* response) override {
    // Who asks is found out inside the call; the hashes are made before it for whoever's session the token
    // is.
    std::string new_hash;
    std::string proved_account;
    const absl::Status prepared = PrepareChange(*context, *request, &new_hash, &proved_account);
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::ChangePasswordResponse> {
          RETURN_IF_ERROR(prepared);
          if (proved_account != call.caller().account) return NotSignedIn();
          const int64_t now_ms = absl::ToUnixMillis(call.security_now());
          RETURN_IF_ERROR(store::SetPassword(call.write(), proved_account, new_hash, /*must_change=*/false));
          RETURN_IF_ERROR(store::EndSessionsOf(call.write(), proved_account, call.token_hash(), now_ms));
          return v1::ChangePasswordResponse();
        },
        NoRepeat<v1::ChangePasswordResponse>);
  }

 private:
  // These requests carry no request_id, so this is never asked.
  template <typename Response>
  static absl::StatusOr<Response> NoRepeat(ReadCall&) {
    return Response();
  }

  absl::Status CheckSignIn(const v1::SignInRequest& request, std::optional<store::Credential>* credential) {
    const absl::Time now = gate_.parts().security_clock->Now();
    if (!logins_.MayTry(request.login(), now)) return TooManyTries();
    RETURN_IF_ERROR(gate_.Peek([&](store::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(*credential, store::FindCredential(tx, request.login()));
      return absl::OkStatus();
    }));
    const std::string stored = credential->has_value() ? (*credential)->password_hash : std::string();
    ASSIGN_OR_RETURN(const bool right, hasher_.Verify(request.password(), stored));
    if (!right || (*credential)->suspended) {
      logins_.NoteFailure(request.login(), now);
      return NotSignedIn();
    }
    logins_.Forget(request.login());
    return absl::OkStatus();
  }

  absl::Status PrepareChange(const grpc::ServerContext& context, const v1::ChangePasswordRequest& request,
                             std::string* new_hash, std::string* account) {
    RETURN_IF_ERROR(domain::CheckPassword("new_password", request.new_password()));
    if (request.new_password() == request.old_password()) {
      return domain::InvalidField("new_password", "give another one than the present one");
    }
    std::string stored;
    RETURN_IF_ERROR(gate_.Peek([&](store::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::optional<store::StoredSession> session,
                       store::FindSession(tx, Gate::TokenHashOf(context)));
      if (!session.has_value()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::optional<store::Credential> credential,
                       store::CredentialOf(tx, session->account));
      if (credential.has_value()) stored = credential->password_hash;
      *account = session->account;
      return absl::OkStatus();
    }));
    const absl::Time now = gate_.parts().security_clock->Now();
    if (!logins_.MayTry(*account, now)) return TooManyTries();
    ASSIGN_OR_RETURN(const bool right, hasher_.Verify(request.old_password(), stored));
    if (!right) {
      logins_.NoteFailure(*account, now);
      return domain::InvalidField("old_password", "this is not your present password");
    }
    ASSIGN_OR_RETURN(*new_hash, hasher_.Hash(request.new_password()));
    return absl::OkStatus();
  }

  absl::StatusOr<v1::Session> NewSession(WriteCall& call, const store::Credential& credential) {
    const Secret bytes = Secret::Random(kTokenBytes);
    v1::Session session;
    session.set_token(Base64url(bytes.Reveal()));
    const absl::Time expire = call.security_now() + kSessionLength;
    RETURN_IF_ERROR(store::InsertSession(call.write(), Sha256(session.token()), credential.account,
                                         call.caller().program, absl::ToUnixMillis(call.security_now()),
                                         absl::ToUnixMillis(expire)));
    *session.mutable_expire_time() = TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(expire));
    session.set_idle_lock_minutes(static_cast<int32_t>(absl::ToInt64Minutes(gate_.parts().idle_lock)));
    session.set_must_change_password(credential.must_change);
    return session;
  }

  Gate& gate_;
  PasswordHasher& hasher_;
  const bool demonstration_;
  TryLimit logins_{/*tries_max=*/5, absl::Minutes(15)};
  TryLimit sources_{/*tries_max=*/20, absl::Minutes(15)};
};

}  // namespace

NamedService NewSessionService(Gate& gate, PasswordHasher& hasher, bool demonstration) {
  return {.full_name = v1::SessionService::service_full_name(),
          .service = std::make_unique<SessionService>(gate, hasher, demonstration)};
}

}  // namespace marac::rpc
