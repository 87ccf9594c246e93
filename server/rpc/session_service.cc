#include "rpc/session_service.h"

#include <google/protobuf/util/time_util.h>

#include <string>
#include <utility>

#include "base/hash.h"
#include "domain/directory.h"
#include "domain/errors.h"
#include "domain/try_limit.h"
#include "marac/v1/session_service.grpc.pb.h"
#include "rpc/grpc_status.h"
#include "store/sessions.h"
#include "store/sign_in_tries.h"

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
    const absl::StatusOr<bool> proved = CheckSignIn(*context, *request, &credential);
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::Session> {
          if (credential.has_value()) call.Acting(credential->account, credential->agency);
          RETURN_IF_ERROR(proved.status());
          RETURN_IF_ERROR(CountTry(call, request->login(), *proved, NotSignedIn()));
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
    const absl::StatusOr<Change> change = PrepareChange(*context, *request);
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::ChangePasswordResponse> {
          RETURN_IF_ERROR(change.status());
          const std::string& account = call.caller().account;
          if (change->account != account) return NotSignedIn();
          RETURN_IF_ERROR(
              CountTry(call, account, change->proved,
                       domain::InvalidField("old_password", "this is not your present password")));
          const int64_t now_ms = absl::ToUnixMillis(call.security_now());
          RETURN_IF_ERROR(store::SetPassword(call.write(), account, change->new_hash, /*must_change=*/false));
          RETURN_IF_ERROR(store::EndSessionsOf(call.write(), account, call.token_hash(), now_ms));
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

  // What is known of a change of password before its transaction.
  struct Change {
    std::string account;  // whose session it is
    bool proved = false;  // the old password is theirs
    std::string new_hash;
  };

  // Judged where tries come one after the other, so that a thousand at once are no more than a thousand in a
  // row, and a right password beyond the limit is told from a wrong one by nothing.
  static absl::Status CountTry(WriteCall& call, const std::string& login, bool proved,
                               const absl::Status& refusal) {
    const store::SignInTry tried{.login = login, .source = call.caller().source, .time = call.security_now()};
    ASSIGN_OR_RETURN(const domain::Tries tries, store::CountTries(call.tx(), tried));
    if (!domain::MayTry(tries)) return TooManyTries();
    if (proved) return store::NoteSuccess(call.write(), tried);
    call.write().WhenRefused([tried](store::WriteTransaction& tx) { return store::NoteFailure(tx, tried); });
    return refusal;
  }

  // Before a password is worth the work of Argon2; CountTry has the last word.
  absl::Status PeekTries(store::Transaction& tx, const grpc::ServerContext& context,
                         const std::string& login) const {
    ASSIGN_OR_RETURN(const domain::Tries tries,
                     store::CountTries(tx, {.login = login,
                                            .source = gate_.SourceOf(context),
                                            .time = gate_.parts().security_clock->Now()}));
    return domain::MayTry(tries) ? absl::OkStatus() : TooManyTries();
  }

  // Whether the password is that of the login and the account is not suspended.
  absl::StatusOr<bool> CheckSignIn(const grpc::ServerContext& context, const v1::SignInRequest& request,
                                   std::optional<store::Credential>* credential) {
    RETURN_IF_ERROR(gate_.Peek([&](store::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(*credential, store::FindCredential(tx, request.login()));
      return PeekTries(tx, context, request.login());
    }));
    const std::string stored = credential->has_value() ? (*credential)->password_hash : std::string();
    ASSIGN_OR_RETURN(const bool right, hasher_.Verify(request.password(), stored));
    return right && !(*credential)->suspended;
  }

  absl::StatusOr<Change> PrepareChange(const grpc::ServerContext& context,
                                       const v1::ChangePasswordRequest& request) {
    RETURN_IF_ERROR(domain::CheckPassword("new_password", request.new_password()));
    if (request.new_password() == request.old_password()) {
      return domain::InvalidField("new_password", "give another one than the present one");
    }
    Change change;
    std::string stored;
    RETURN_IF_ERROR(gate_.Peek([&](store::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::optional<store::StoredSession> session,
                       store::FindSession(tx, Gate::TokenHashOf(context)));
      if (!session.has_value()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::optional<store::Credential> credential,
                       store::CredentialOf(tx, session->account));
      if (credential.has_value()) stored = credential->password_hash;
      change.account = session->account;
      return PeekTries(tx, context, change.account);
    }));
    ASSIGN_OR_RETURN(change.proved, hasher_.Verify(request.old_password(), stored));
    if (!change.proved) return change;
    ASSIGN_OR_RETURN(change.new_hash, hasher_.Hash(request.new_password()));
    return change;
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
};

}  // namespace

NamedService NewSessionService(Gate& gate, PasswordHasher& hasher, bool demonstration) {
  return {.full_name = v1::SessionService::service_full_name(),
          .service = std::make_unique<SessionService>(gate, hasher, demonstration)};
}

}  // namespace marac::rpc
