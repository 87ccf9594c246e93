#include "rpc/session_service.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/hash.h"
#include "base/one_time_code.h"
#include "domain/area_settings.h"
#include "domain/directory.h"
#include "domain/errors.h"
#include "domain/handover.h"
#include "domain/local_date.h"
#include "domain/recovery.h"
#include "domain/timestamp.h"
#include "domain/try_limit.h"
#include "marac/v1/session_service.grpc.pb.h"
#include "rpc/grpc_status.h"
#include "store/account_events.h"
#include "store/form_drafts.h"
#include "store/one_time_codes.h"
#include "store/recoveries.h"
#include "store/sessions.h"
#include "store/sign_in_tries.h"

namespace marac::rpc {
namespace {

using google::protobuf::util::TimeUtil;

constexpr absl::Duration kSessionLength = absl::Hours(8);
constexpr size_t kTokenBytes = 32;
constexpr size_t kFormNameMax = 200;
// Below the limit of a message.
constexpr size_t kFormBytesMax = 192 << 10;
constexpr int kFormDraftsMax = 100;
constexpr absl::Duration kFormDraftsKept = absl::Hours(24 * 30);
// What an authenticator application shows, on a telephone that others may look at: it tells nothing.
constexpr std::string_view kIssuer = "Meeting office";

// One text for an unknown login, a wrong password, a wrong or used code and a suspended account.
absl::Status NotSignedIn() {
  v1::ErrorDetail detail;
  detail.set_reason("SIGN_IN_FAILED");
  return domain::WithDetail(
      absl::UnauthenticatedError(
          "the login, the password or the code is not right: try again, or ask your administrator"),
      detail);
}

// Told to whoever has proved a password, and to nobody else.
absl::Status AnotherAgencysProgram() {
  v1::ErrorDetail detail;
  detail.set_reason("ANOTHER_AGENCYS_PROGRAM");
  return domain::WithDetail(
      absl::PermissionDeniedError(
          "this program belongs to another agency: sign in through a program of your own agency"),
      detail);
}

absl::Status OldPasswordWrong(std::string_view field) {
  return domain::InvalidField(field, "this is not your present password");
}

// One text for an unknown login, and for a code that is wrong, used, guessed at too often or too old.
absl::Status NotRecovered() {
  v1::ErrorDetail detail;
  detail.set_reason("RECOVERY_FAILED");
  return domain::WithDetail(
      absl::UnauthenticatedError("the login or the recovery code is not right, or the code no longer counts: "
                                 "try again, or ask your administrator for a new code"),
      detail);
}

absl::Status TooManyTries() {
  v1::ErrorDetail detail;
  detail.set_reason("TOO_MANY_TRIES");
  return domain::WithDetail(
      absl::ResourceExhaustedError("too many tries: wait 15 minutes, or ask your administrator for help"),
      detail);
}

absl::Status CheckFormName(std::string_view form) {
  constexpr std::string_view kOthers = "._-/";
  const auto fits = [&](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || kOthers.find(c) != std::string_view::npos;
  };
  if (!form.empty() && form.size() <= kFormNameMax && std::ranges::all_of(form, fits))
    return absl::OkStatus();
  return domain::InvalidField("form", "give 1 to 200 of a-z, A-Z, 0-9, \".\", \"_\", \"-\" and \"/\"");
}

int64_t FormDraftsKeptFrom(const ReadCall& call) {
  return absl::ToUnixMillis(call.security_now() - kFormDraftsKept);
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
          bool right = *proved;
          if (right) {
            ASSIGN_OR_RETURN(right, TakeCode(call, credential->account, request->code()));
          }
          ASSIGN_OR_RETURN(const domain::Tries before,
                           store::CountTries(call.tx(), {.login = request->login(),
                                                         .source = call.caller().source,
                                                         .time = call.security_now()}));
          RETURN_IF_ERROR(CountTry(call, request->login(), right, NotSignedIn()));
          // A session here would be worth nothing, and would be told so as if it had ended.
          ASSIGN_OR_RETURN(const Program program,
                           gate_.parts().programs->ProgramOf(*context->auth_context()));
          if (!program.Serves(credential->agency)) return AnotherAgencysProgram();
          if (!before.source_is_known) {
            RETURN_IF_ERROR(NoteHappened(call, v1::ACCOUNT_EVENT_KIND_NEW_PLACE));
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

  grpc::Status Lock(grpc::ServerContext* context, const v1::LockRequest* request,
                    v1::LockResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [](WriteCall& call) -> absl::StatusOr<v1::LockResponse> {
          RETURN_IF_ERROR(
              store::LockSession(call.write(), call.token_hash(), absl::ToUnixMillis(call.security_now())));
          return v1::LockResponse();
        },
        NoRepeat<v1::LockResponse>);
  }

  grpc::Status Unlock(grpc::ServerContext* context, const v1::UnlockRequest* request,
                      v1::UnlockResponse* response) override {
    const absl::StatusOr<Proof> proof = ProvePassword(*context, request->password());
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::UnlockResponse> {
          RETURN_IF_ERROR(proof.status());
          RETURN_IF_ERROR(CountFactor(call, *proof, request->code()));
          const absl::Time now = call.security_now();
          RETURN_IF_ERROR(store::UnlockSession(call.write(), call.token_hash(), absl::ToUnixMillis(now)));
          RETURN_IF_ERROR(EndHandovers(call, call.token_hash()));
          call.AfterCommit(
              [gate = &gate_, token_hash = call.token_hash(), now] { gate->Renew(token_hash, now); });
          ASSIGN_OR_RETURN(const std::optional<store::StoredSession> session,
                           store::FindSession(call.write(), call.token_hash()));
          v1::UnlockResponse answer;
          *answer.mutable_expire_time() = TimeUtil::MillisecondsToTimestamp(session->expire_ms);
          return answer;
        },
        NoRepeat<v1::UnlockResponse>);
  }

  grpc::Status StepUp(grpc::ServerContext* context, const v1::StepUpRequest* request,
                      v1::StepUpResponse* response) override {
    const absl::StatusOr<Proof> proof = ProvePassword(*context, request->password());
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::StepUpResponse> {
          RETURN_IF_ERROR(proof.status());
          RETURN_IF_ERROR(CountFactor(call, *proof, request->code()));
          const absl::Time now = call.security_now();
          RETURN_IF_ERROR(store::RenewFactor(call.write(), call.token_hash(), absl::ToUnixMillis(now)));
          v1::StepUpResponse answer;
          *answer.mutable_fresh_until() = domain::ToTimestamp(now + domain::kFactorFresh);
          return answer;
        },
        NoRepeat<v1::StepUpResponse>);
  }

  grpc::Status ListSessions(grpc::ServerContext* context, const v1::ListSessionsRequest* request,
                            v1::ListSessionsResponse* response) override {
    const std::string token_hash = Gate::TokenHashOf(*context);
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListSessionsResponse> {
          const std::string& account = call.caller().account;
          const int64_t now_ms = absl::ToUnixMillis(call.security_now());
          v1::ListSessionsResponse answer;
          ASSIGN_OR_RETURN(const std::vector<store::ListedSession> sessions,
                           store::ListSessions(call.tx(), account, now_ms));
          for (const store::ListedSession& listed : sessions) {
            const store::StoredSession& stored = listed.session;
            ASSIGN_OR_RETURN(const v1::Program program, call.LoadAsServer<v1::Program>(stored.program));
            v1::OpenSession& session = *answer.add_sessions();
            session.set_id(SessionId(listed.token_hash));
            session.set_program(program.display_name());
            session.set_program_kind(program.kind());
            session.set_source(listed.source);
            *session.mutable_begin_time() = TimeUtil::MillisecondsToTimestamp(listed.create_ms);
            *session.mutable_factor_time() = TimeUtil::MillisecondsToTimestamp(stored.factor_ms);
            *session.mutable_expire_time() = TimeUtil::MillisecondsToTimestamp(stored.expire_ms);
            session.set_locked(gate_.IsLocked(listed.token_hash, stored, call.security_now()));
            session.set_current(listed.token_hash == token_hash);
            session.set_handed_over(stored.handed_over);
          }
          ASSIGN_OR_RETURN(const std::vector<store::AccountEvent> events,
                           store::ListAccountEvents(call.tx(), account, now_ms));
          for (const store::AccountEvent& happened : events) {
            v1::AccountEvent& event = *answer.add_events();
            event.set_kind(static_cast<v1::AccountEventKind>(happened.kind));
            *event.mutable_time() = TimeUtil::MillisecondsToTimestamp(happened.time_ms);
            event.set_source(happened.source);
          }
          return answer;
        });
  }

  grpc::Status EndSession(grpc::ServerContext* context, const v1::EndSessionRequest* request,
                          v1::EndSessionResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::EndSessionResponse> {
          const int64_t now_ms = absl::ToUnixMillis(call.security_now());
          ASSIGN_OR_RETURN(const std::vector<store::ListedSession> sessions,
                           store::ListSessions(call.tx(), call.caller().account, now_ms));
          const auto found = std::ranges::find(
              sessions, request->id(),
              [](const store::ListedSession& listed) { return SessionId(listed.token_hash); });
          if (found == sessions.end()) {
            return absl::NotFoundError("no session of yours that is open has this id: list them again");
          }
          RETURN_IF_ERROR(EndHandovers(call, found->token_hash));
          RETURN_IF_ERROR(store::EndSession(call.write(), found->token_hash, now_ms));
          RETURN_IF_ERROR(NoteHappened(call, v1::ACCOUNT_EVENT_KIND_SESSIONS_ENDED));
          return v1::EndSessionResponse();
        },
        NoRepeat<v1::EndSessionResponse>);
  }

  grpc::Status EndOtherSessions(grpc::ServerContext* context, const v1::EndOtherSessionsRequest* request,
                                v1::EndOtherSessionsResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [](WriteCall& call) -> absl::StatusOr<v1::EndOtherSessionsResponse> {
          RETURN_IF_ERROR(EndSessions(call, call.caller().account, call.token_hash()));
          RETURN_IF_ERROR(NoteHappened(call, v1::ACCOUNT_EVENT_KIND_SESSIONS_ENDED));
          return v1::EndOtherSessionsResponse();
        },
        NoRepeat<v1::EndOtherSessionsResponse>);
  }

  grpc::Status Recover(grpc::ServerContext* context, const v1::RecoverRequest* request,
                       v1::RecoverResponse* response) override {
    // A new password is hashed, which is dear, only for a code that opened something when it was looked at.
    std::optional<store::Credential> credential;
    const std::string typed_hash = Sha256(domain::NormalRecoveryCode(request->recovery_code()));
    const absl::StatusOr<std::string> new_hash = PrepareRecovery(*context, *request, typed_hash, &credential);
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::RecoverResponse> {
          if (credential.has_value()) call.Acting(credential->account, credential->agency);
          RETURN_IF_ERROR(new_hash.status());
          const std::string account = credential.has_value() ? credential->account : std::string();
          const absl::Time now = call.security_now();
          ASSIGN_OR_RETURN(const std::optional<domain::Recovery> open,
                           store::OpenRecovery(call.tx(), account));
          const bool right = !new_hash->empty() && domain::OpensRecovery(open, typed_hash, now);
          RETURN_IF_ERROR(CountTry(call, request->login(), right, NotRecovered(), account));
          ASSIGN_OR_RETURN(const Program program,
                           gate_.parts().programs->ProgramOf(*context->auth_context()));
          if (!program.Serves(credential->agency)) return AnotherAgencysProgram();
          const int64_t now_ms = absl::ToUnixMillis(now);
          RETURN_IF_ERROR(store::SetPassword(call.write(), account, *new_hash, /*must_change=*/false));
          RETURN_IF_ERROR(store::RemoveOneTimeCodes(call.write(), account));
          RETURN_IF_ERROR(EndSessions(call, account, /*keep_token_hash=*/""));
          RETURN_IF_ERROR(store::EndRecovery(call.write(), account, now_ms));
          RETURN_IF_ERROR(NoteHappened(call, v1::ACCOUNT_EVENT_KIND_RECOVERED));
          return v1::RecoverResponse();
        },
        NoRepeat<v1::RecoverResponse>);
  }

  grpc::Status EnrolCode(grpc::ServerContext* context, const v1::EnrolCodeRequest* request,
                         v1::EnrolCodeResponse* response) override {
    const absl::StatusOr<Proof> proof = ProvePassword(*context, request->password());
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::EnrolCodeResponse> {
          RETURN_IF_ERROR(proof.status());
          RETURN_IF_ERROR(CountProof(call, *proof, OldPasswordWrong("password")));
          // A password alone, phished with a session, does not replace the codes.
          ASSIGN_OR_RETURN(const store::OneTimeSecrets secrets,
                           store::LoadOneTimeSecrets(call.write(), proof->account));
          if (!secrets.secret.empty()) RETURN_IF_ERROR(call.RequireFreshFactor());
          ASSIGN_OR_RETURN(const std::optional<store::Credential> credential,
                           store::CredentialOf(call.write(), proof->account));
          const Secret secret = Secret::Random(kOneTimeSecretBytes);
          RETURN_IF_ERROR(store::BeginOneTimeCodes(call.write(), proof->account, secret));
          v1::EnrolCodeResponse answer;
          answer.set_uri(OtpAuthUri(kIssuer, credential->login, secret));
          answer.set_secret(Base32(secret));
          return answer;
        },
        NoRepeat<v1::EnrolCodeResponse>);
  }

  grpc::Status ConfirmCode(grpc::ServerContext* context, const v1::ConfirmCodeRequest* request,
                           v1::ConfirmCodeResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::ConfirmCodeResponse> {
          const std::string& account = call.caller().account;
          ASSIGN_OR_RETURN(const store::OneTimeSecrets secrets,
                           store::LoadOneTimeSecrets(call.write(), account));
          if (secrets.pending.empty()) {
            return domain::WrongState("NO_CODE_BEGUN", "no set-up of codes was begun: begin one first");
          }
          const std::optional<int64_t> step =
              StepOfCode(secrets.pending, call.security_now(), request->code());
          if (!step.has_value()) {
            return domain::InvalidField(
                "code",
                "this is not the code of this moment: give the next one, and check the telephone's clock");
          }
          RETURN_IF_ERROR(store::ConfirmOneTimeCodes(call.write(), account, *step));
          RETURN_IF_ERROR(NoteHappened(call, v1::ACCOUNT_EVENT_KIND_CODES_SET_UP));
          return v1::ConfirmCodeResponse();
        },
        NoRepeat<v1::ConfirmCodeResponse>);
  }

  grpc::Status SaveFormDraft(grpc::ServerContext* context, const v1::SaveFormDraftRequest* request,
                             v1::SaveFormDraftResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::SaveFormDraftResponse> {
          RETURN_IF_ERROR(CheckFormName(request->form()));
          if (request->content().size() > kFormBytesMax) {
            return domain::InvalidField("content", "at most 192 KiB are kept of one form: send it in parts");
          }
          RETURN_IF_ERROR(store::SaveFormDraft(
              call.write(), call.caller().account, request->form(),
              {.content = request->content(), .save_ms = absl::ToUnixMillis(call.security_now())},
              FormDraftsKeptFrom(call), kFormDraftsMax));
          return v1::SaveFormDraftResponse();
        },
        NoRepeat<v1::SaveFormDraftResponse>);
  }

  grpc::Status GetFormDraft(grpc::ServerContext* context, const v1::GetFormDraftRequest* request,
                            v1::FormDraft* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::FormDraft> {
      RETURN_IF_ERROR(CheckFormName(request->form()));
      ASSIGN_OR_RETURN(
          const std::optional<store::FormDraft> draft,
          store::FindFormDraft(call.tx(), call.caller().account, request->form(), FormDraftsKeptFrom(call)));
      v1::FormDraft answer;
      // A page asks each time it is opened; a refusal in the audit log would each time accuse somebody of
      // nothing.
      if (!draft.has_value()) return answer;
      answer.set_content(draft->content);
      *answer.mutable_save_time() = TimeUtil::MillisecondsToTimestamp(draft->save_ms);
      return answer;
    });
  }

  grpc::Status DeleteFormDraft(grpc::ServerContext* context, const v1::DeleteFormDraftRequest* request,
                               v1::DeleteFormDraftResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::DeleteFormDraftResponse> {
          RETURN_IF_ERROR(CheckFormName(request->form()));
          RETURN_IF_ERROR(store::DeleteFormDraft(call.write(), call.caller().account, request->form()));
          return v1::DeleteFormDraftResponse();
        },
        NoRepeat<v1::DeleteFormDraftResponse>);
  }

  grpc::Status StartHandover(grpc::ServerContext* context, const v1::StartHandoverRequest* request,
                             v1::StartHandoverResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::StartHandoverResponse> {
          ASSIGN_OR_RETURN(const v1::Assessment assessment,
                           call.Load<v1::Assessment>(request->assessment(), "assessment"));
          RETURN_IF_ERROR(domain::CheckHandover(assessment));
          const int64_t now_ms = absl::ToUnixMillis(call.security_now());
          // On one device at a time: the one before may be the one that was lost.
          RETURN_IF_ERROR(store::EndHandoversOf(call.write(), assessment.name(), now_ms).status());
          const Secret bytes = Secret::Random(kTokenBytes);
          v1::StartHandoverResponse answer;
          answer.set_token(Base64url(bytes.Reveal()));
          RETURN_IF_ERROR(store::InsertHandover(call.write(), {.token_hash = Sha256(answer.token()),
                                                               .parent_hash = call.token_hash(),
                                                               .assessment = assessment.name(),
                                                               .now_ms = now_ms}));
          // Of itself as well, so that it stays locked when the handover ends on the device.
          RETURN_IF_ERROR(store::LockSession(call.write(), call.token_hash(), now_ms));
          ASSIGN_OR_RETURN(const std::optional<store::StoredSession> session,
                           store::FindSession(call.write(), call.token_hash()));
          *answer.mutable_expire_time() = TimeUtil::MillisecondsToTimestamp(session->expire_ms);
          return answer;
        },
        NoRepeat<v1::StartHandoverResponse>);
  }

  grpc::Status EndHandover(grpc::ServerContext* context, const v1::EndHandoverRequest* request,
                           v1::EndHandoverResponse* response) override {
    return gate_.Write(
        *context, *request, response,
        [&](WriteCall& call) -> absl::StatusOr<v1::EndHandoverResponse> {
          call.NoteSubject(call.caller().handover);
          call.NoteReason(EndWord(request->end()));
          RETURN_IF_ERROR(
              store::EndSession(call.write(), call.token_hash(), absl::ToUnixMillis(call.security_now())));
          return v1::EndHandoverResponse();
        },
        NoRepeat<v1::EndHandoverResponse>);
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
      ASSIGN_OR_RETURN(const store::OneTimeSecrets secrets,
                       store::LoadOneTimeSecrets(call.tx(), call.caller().account));
      answer.set_has_code(!secrets.secret.empty());
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
          RETURN_IF_ERROR(CountProof(call, change->proof, OldPasswordWrong("old_password")));
          const std::string& account = call.caller().account;
          RETURN_IF_ERROR(store::SetPassword(call.write(), account, change->new_hash, /*must_change=*/false));
          RETURN_IF_ERROR(EndSessions(call, account, call.token_hash()));
          RETURN_IF_ERROR(NoteHappened(call, v1::ACCOUNT_EVENT_KIND_PASSWORD_CHANGED));
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

  // Ends the handover made from a session, and says in the audit of which assessment it was.
  static absl::Status EndHandovers(WriteCall& call, const std::string& parent_hash) {
    ASSIGN_OR_RETURN(
        const std::vector<std::string> assessments,
        store::EndHandoversFrom(call.write(), parent_hash, absl::ToUnixMillis(call.security_now())));
    for (const std::string& assessment : assessments) {
      call.NoteSubject(assessment);
      call.NoteReason("HANDOVER_ENDED");
    }
    return absl::OkStatus();
  }

  // Every session of the account but the one given (empty: all), with their handovers.
  static absl::Status EndSessions(WriteCall& call, const std::string& account,
                                  const std::string& keep_token_hash) {
    const int64_t now_ms = absl::ToUnixMillis(call.security_now());
    ASSIGN_OR_RETURN(const std::vector<store::ListedSession> sessions,
                     store::ListSessions(call.tx(), account, now_ms));
    for (const store::ListedSession& listed : sessions) {
      if (listed.session.handed_over) RETURN_IF_ERROR(EndHandovers(call, listed.token_hash));
    }
    return store::EndSessionsOf(call.write(), account, keep_token_hash, now_ms);
  }

  // Whatever is sent here, the device closes: an end of no known kind is told as none.
  static std::string_view EndWord(v1::HandoverEnd end) {
    switch (end) {
      case v1::HANDOVER_END_FINISHED:
        return "FINISHED";
      case v1::HANDOVER_END_STOPPED:
        return "STOPPED";
      case v1::HANDOVER_END_EXIT_QUICKLY:
        return "EXIT_QUICKLY";
      default:
        return "";
    }
  }

  // What is known of a password, and of a change of it, before the call's transaction.
  struct Proof {
    std::string account;  // whose session it is
    bool right = false;   // the password is theirs
  };
  struct Change {
    Proof proof;
    std::string new_hash;
  };

  // Judged where tries come one after the other, so that a thousand at once are no more than a thousand in a
  // row, and a right password beyond the limit is told from a wrong one by nothing.
  // `recovering` is the account whose recovery code was tried, if any.
  static absl::Status CountTry(WriteCall& call, const std::string& login, bool proved,
                               const absl::Status& refusal, const std::string& recovering = "") {
    const store::SignInTry tried{.login = login, .source = call.caller().source, .time = call.security_now()};
    ASSIGN_OR_RETURN(const domain::Tries tries, store::CountTries(call.tx(), tried));
    if (!domain::MayTry(tries)) return TooManyTries();
    if (proved) return store::NoteSuccess(call.write(), tried);
    call.write().WhenRefused([tried, recovering](store::WriteTransaction& tx) -> absl::Status {
      if (!recovering.empty()) RETURN_IF_ERROR(store::CountRecoveryFailure(tx, recovering));
      return store::NoteFailure(tx, tried);
    });
    return refusal;
  }

  // By the code of an account that has codes, by the password of another.
  static absl::Status CountFactor(WriteCall& call, const Proof& proof, const std::string& code) {
    const std::string& account = call.caller().account;
    ASSIGN_OR_RETURN(const store::OneTimeSecrets secrets, store::LoadOneTimeSecrets(call.write(), account));
    bool right = proof.right && proof.account == account;
    if (!secrets.secret.empty()) {
      ASSIGN_OR_RETURN(right, TakeCode(call, account, code));
    }
    return CountTry(call, account, right, NotSignedIn());
  }

  // The beginning of a token's digest, as the audit log has it.
  static std::string SessionId(const std::string& token_hash) { return Hex(token_hash).substr(0, 16); }

  static absl::Status NoteHappened(WriteCall& call, v1::AccountEventKind kind) {
    return store::NoteAccountEvent(
        call.write(), call.caller().account,
        {.kind = kind, .time_ms = absl::ToUnixMillis(call.security_now()), .source = call.caller().source});
  }

  // The hash of the new password; empty where the code opens nothing.
  absl::StatusOr<std::string> PrepareRecovery(const grpc::ServerContext& context,
                                              const v1::RecoverRequest& request,
                                              const std::string& typed_hash,
                                              std::optional<store::Credential>* credential) {
    RETURN_IF_ERROR(domain::CheckPassword("new_password", request.new_password()));
    bool opens = false;
    RETURN_IF_ERROR(gate_.Peek([&](store::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(*credential, store::FindCredential(tx, request.login()));
      ASSIGN_OR_RETURN(
          const std::optional<domain::Recovery> open,
          store::OpenRecovery(tx, credential->has_value() ? (*credential)->account : std::string()));
      opens = domain::OpensRecovery(open, typed_hash, gate_.parts().security_clock->Now()) &&
              !(*credential)->suspended;
      return PeekTries(tx, context, request.login());
    }));
    if (!opens) return std::string();
    return hasher_.Hash(request.new_password());
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

  // Whether the password is that of the person whose session the call's token is. Before the call's
  // transaction, which must not wait for Argon2; that the token counts is found out there. No password is no
  // proof and no work.
  absl::StatusOr<Proof> ProvePassword(const grpc::ServerContext& context, const std::string& password) {
    Proof proof;
    std::string stored;
    RETURN_IF_ERROR(gate_.Peek([&](store::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::optional<store::StoredSession> session,
                       store::FindSession(tx, Gate::TokenHashOf(context)));
      if (!session.has_value()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const std::optional<store::Credential> credential,
                       store::CredentialOf(tx, session->account));
      if (credential.has_value()) stored = credential->password_hash;
      proof.account = session->account;
      return PeekTries(tx, context, proof.account);
    }));
    if (password.empty() || proof.account.empty()) return proof;
    ASSIGN_OR_RETURN(proof.right, hasher_.Verify(password, stored));
    return proof;
  }

  static absl::Status CountProof(WriteCall& call, const Proof& proof, const absl::Status& refusal) {
    if (proof.account != call.caller().account) return NotSignedIn();
    return CountTry(call, proof.account, proof.right, refusal);
  }

  absl::StatusOr<Change> PrepareChange(const grpc::ServerContext& context,
                                       const v1::ChangePasswordRequest& request) {
    RETURN_IF_ERROR(domain::CheckPassword("new_password", request.new_password()));
    if (request.new_password() == request.old_password()) {
      return domain::InvalidField("new_password", "give another one than the present one");
    }
    Change change;
    ASSIGN_OR_RETURN(change.proof, ProvePassword(context, request.old_password()));
    if (!change.proof.right) return change;
    ASSIGN_OR_RETURN(change.new_hash, hasher_.Hash(request.new_password()));
    return change;
  }

  // Whether the code is one that this account may use now, and uses it up: neither it nor an older one counts
  // again. Where the account has no codes, any will do.
  static absl::StatusOr<bool> TakeCode(WriteCall& call, const std::string& account, std::string_view code) {
    ASSIGN_OR_RETURN(const store::OneTimeSecrets secrets, store::LoadOneTimeSecrets(call.write(), account));
    if (secrets.secret.empty()) return true;
    const std::optional<int64_t> step = StepOfCode(secrets.secret, call.security_now(), code);
    if (!step.has_value() || *step <= secrets.last_step) return false;
    RETURN_IF_ERROR(store::UseOneTimeCode(call.write(), account, *step));
    return true;
  }

  absl::StatusOr<v1::Session> NewSession(WriteCall& call, const store::Credential& credential) {
    const Secret bytes = Secret::Random(kTokenBytes);
    v1::Session session;
    session.set_token(Base64url(bytes.Reveal()));
    const absl::Time expire = call.security_now() + kSessionLength;
    ASSIGN_OR_RETURN(const absl::Duration idle_lock, IdleLockOf(call, credential.account));
    RETURN_IF_ERROR(
        store::InsertSession(call.write(), {.token_hash = Sha256(session.token()),
                                            .account = credential.account,
                                            .program = call.caller().program,
                                            .source = call.caller().source,
                                            .now_ms = absl::ToUnixMillis(call.security_now()),
                                            .expire_ms = absl::ToUnixMillis(expire),
                                            .idle_lock_ms = absl::ToInt64Milliseconds(idle_lock)}));
    *session.mutable_expire_time() = TimeUtil::MillisecondsToTimestamp(absl::ToUnixMillis(expire));
    session.set_idle_lock_minutes(static_cast<int32_t>(absl::ToInt64Minutes(idle_lock)));
    session.set_must_change_password(credential.must_change);
    return session;
  }

  // The shortest of the areas where the person holds a role today; what is longest anywhere without one.
  static absl::StatusOr<absl::Duration> IdleLockOf(WriteCall& call, const std::string& account) {
    int32_t minutes = domain::DefaultAreaSettings().idle_lock_minutes();
    const absl::CivilDay day = absl::ToCivilDay(call.security_now(), domain::London());
    ASSIGN_OR_RETURN(const std::vector<domain::HeldRole> held, store::RolesOn(call.tx(), account, day));
    for (const domain::HeldRole& role : held) {
      ASSIGN_OR_RETURN(const v1::Area area, call.Area(role.area));
      const int32_t here = area.settings().idle_lock_minutes();
      if (here > 0) minutes = std::min(minutes, here);
    }
    return absl::Minutes(minutes);
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
