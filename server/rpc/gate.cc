#include "rpc/gate.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>
#include <tuple>

#include "absl/strings/ascii.h"
#include "base/hash.h"
#include "base/keys.h"
#include "base/seal.h"
#include "domain/errors.h"
#include "domain/local_date.h"
#include "domain/redact.h"
#include "rpc/grpc_status.h"
#include "store/idempotency.h"
#include "store/sessions.h"

namespace marac::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int32_t kPageSizeDefault = 50;
constexpr int32_t kPageSizeMax = 100;
// A page that has come to this is full. With one more record, which came in one message, it stays below what
// a message may be.
constexpr size_t kPageBytes = 512 << 10;
constexpr absl::Duration kRequestsKept = absl::Hours(24 * 7);
// Past this many sessions in memory, those that are locked anyway are dropped.
constexpr size_t kSessionsRemembered = 10'000;
// No session idles longer than this (domain::CheckAreaSettings).
constexpr absl::Duration kIdleLockMax = absl::Minutes(15);

int64_t Millis(absl::Time time) { return absl::ToUnixMillis(time); }

const FieldDescriptor* StringField(const Descriptor& type, const char* name) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() ? field
                                                                                                    : nullptr;
}

std::string StringOf(const Message& message, const char* name) {
  const FieldDescriptor* field = StringField(*message.GetDescriptor(), name);
  return field == nullptr ? std::string() : message.GetReflection()->GetString(message, field);
}

void SetString(Message& message, const char* name, const std::string& value) {
  const FieldDescriptor* field = StringField(*message.GetDescriptor(), name);
  if (field != nullptr) message.GetReflection()->SetString(&message, field, value);
}

absl::Status Unauthenticated(std::string_view reason, std::string_view sentence) {
  v1::ErrorDetail detail;
  detail.set_reason(std::string(reason));
  return domain::WithDetail(absl::UnauthenticatedError(std::string(sentence)), detail);
}

std::string FromMetadata(const grpc::ServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  return found == context.client_metadata().end() ? std::string()
                                                  : std::string(found->second.data(), found->second.size());
}

// "ipv4:10.1.2.3:4711" without the port, which tells nothing and changes.
std::string HostOf(std::string peer) {
  const size_t colon = peer.rfind(':');
  return colon == std::string::npos ? peer : peer.substr(0, colon);
}

// Keyed, so that nobody who reads the log can try out what may have been said.
std::string ReasonDigest(const Secret& key, std::string_view words) {
  return "hmac-sha256:" + Hex(HmacSha256(key, words)).substr(0, 32);
}

// 8-4-4-4-12 hexadecimal digits (RFC 9562).
bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

// A client can reset calls much faster than they can be done, and each of them would wait for the disk.
// Nothing was looked at for it, so it leaves no audit row.
grpc::Status GivenUp() { return {grpc::StatusCode::CANCELLED, "the caller has given up"}; }

bool IsRefusal(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) || absl::IsNotFound(status) ||
         domain::IsOverLimit(status);
}

// Which of the gate's questions was answered with no.
std::string_view RefusingRule(const absl::Status& status) {
  if (absl::IsUnauthenticated(status)) return "session";
  return absl::IsPermissionDenied(status) ? "role" : "record";
}

using SteadyTime = std::chrono::steady_clock::time_point;

// NOT_FOUND waits for its step: looking at a record that is hidden takes some microseconds longer than
// finding that there is none.
void WaitForStep(const absl::Status& status, SteadyTime begun) {
  if (!absl::IsNotFound(status)) return;
  const auto taken = std::chrono::steady_clock::now() - begun;
  std::this_thread::sleep_for(kNotFoundStep - taken % kNotFoundStep);
}

// What a call that was not done is answered.
grpc::Status NotDone(std::string_view method, const absl::Status& status, SteadyTime begun) {
  if (absl::IsInternal(status)) {
    spdlog::error("internal error in {}: {}", method, std::string(status.message()));
  }
  WaitForStep(status, begun);
  return ToGrpcStatus(status);
}

}  // namespace

struct Gate::Incoming {
  const domain::MethodRule* rule = nullptr;
  Program program;
  std::string token_hash;  // empty: no token
  std::string source;
  std::string request_id;
  bool wants_request_id = false;
  std::string request_hash;
  std::string reason;  // for the audit: a digest of the words that were given
};

Gate::Gate(const Parts& parts)
    : parts_(parts),
      seal_key_(DeriveKey(*parts.app_key, "page-token")),
      etag_key_(DeriveKey(*parts.app_key, "etag")),
      audit_key_(DeriveKey(*parts.app_key, "audit-hmac")),
      watch_({.database = parts.database,
              .catalogue = parts.catalogue,
              .business_clock = parts.business_clock,
              .security_clock = parts.security_clock,
              .ids = parts.ids,
              .app_key = parts.app_key}),
      catalogues_(parts.catalogue) {
  const auto& pool = *google::protobuf::DescriptorPool::generated_pool();
  for (const domain::MethodRule& rule : domain::MethodRules()) {
    const size_t slash = rule.method.find('/');
    const auto* service = pool.FindServiceByName(std::string(rule.method.substr(0, slash)));
    if (service == nullptr) continue;  // Not part of this program: it cannot be served.
    const auto* method = service->FindMethodByName(std::string(rule.method.substr(slash + 1)));
    if (method != nullptr) rules_[method->input_type()] = &rule;
  }
}

std::string Gate::SourceOf(const grpc::ServerContext& context) const {
  const absl::StatusOr<Program> program = parts_.programs->ProgramOf(*context.auth_context());
  if (program.ok() && program->kind == v1::PROGRAM_KIND_WEB) {
    // Only the web program is believed about where its people are.
    std::string said = FromMetadata(context, "marac-client-address");
    if (!said.empty() && said.size() <= 64) return said;
  }
  return HostOf(context.peer());
}

std::string Gate::TokenHashOf(const grpc::ServerContext& context) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string authorization = FromMetadata(context, "authorization");
  return authorization.starts_with(kBearer) ? Sha256(authorization.substr(kBearer.size())) : std::string();
}

absl::StatusOr<Gate::Incoming> Gate::Receive(const grpc::ServerContext& context,
                                             const Message& request) const {
  Incoming incoming;
  const auto rule = rules_.find(request.GetDescriptor());
  if (rule == rules_.end()) return absl::UnimplementedError("this method is not served here");
  incoming.rule = rule->second;
  ASSIGN_OR_RETURN(incoming.program, parts_.programs->ProgramOf(*context.auth_context()));
  incoming.source = SourceOf(context);
  incoming.token_hash = TokenHashOf(context);
  incoming.wants_request_id = StringField(*request.GetDescriptor(), "request_id") != nullptr;
  incoming.request_id = StringOf(request, "request_id");
  // What is no UUID was likely made from something, and two who make theirs alike would get each other's
  // answers.
  if (!incoming.request_id.empty() && !IsUuid(incoming.request_id)) {
    return domain::InvalidField("request_id", "give a UUID, such as 3f2c9a54-7d0e-4b52-9c7b-0a1f6d2e8b11");
  }
  incoming.request_hash = Sha256(request.SerializeAsString());
  for (const char* field : {"reason", "reasons", "admit_reason"}) {
    const std::string words = StringOf(request, field);
    if (!words.empty()) incoming.reason = ReasonDigest(audit_key_, words);
  }
  return incoming;
}

grpc::Status Gate::Refuse(const grpc::ServerContext& context, const absl::Status& status) const {
  domain::AuditEvent event;
  event.kind = domain::AuditKind::kDenied;
  event.time_ms = Millis(parts_.security_clock->Now());
  event.business_time_ms = Millis(parts_.business_clock->Now());
  event.method = "connection";
  event.rule = "program";
  event.source = HostOf(context.peer());
  event.status = static_cast<int32_t>(status.code());
  std::optional<domain::RefusalCap::Row> row;
  const std::optional<domain::AuditEvent> counted = Counted(std::move(event), status, row);
  if (!counted.has_value()) return ToGrpcStatus(status);
  const absl::Status appended = parts_.database->Append(*counted);
  return ToGrpcStatus(appended.ok() ? status : appended);
}

std::optional<domain::AuditEvent> Gate::Counted(domain::AuditEvent event, const absl::Status& status,
                                                std::optional<domain::RefusalCap::Row>& row) const {
  using Row = domain::RefusalCap::Row;
  // One above a limit is not a stranger's, and comes with an alert.
  if (!IsRefusal(status) || domain::IsOverLimit(status)) return event;
  if (!row.has_value()) row = watch_.NoteRefusal(event.source, parts_.security_clock->Now());
  if (*row == Row::kNone) return std::nullopt;
  if (*row == Row::kCountingBegins) event.reason_code = "COUNTING_BEGINS";
  return event;
}

absl::Status Gate::CheckShare(const grpc::ServerContext& context, const Incoming& incoming) const {
  if (parts_.open_calls == nullptr || parts_.open_calls->Claim(context, incoming.program.id)) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError(
      "this program has too many calls open: wait for answers, then try again");
}

bool Gate::Touch(const std::string& token_hash, const store::StoredSession& session, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  if (last_used_.size() > kSessionsRemembered) {
    std::erase_if(last_used_, [&](const auto& entry) { return now - entry.second >= kIdleLockMax; });
  }
  const absl::Time proved = absl::FromUnixMillis(session.factor_ms);
  absl::Time& last_used = last_used_.try_emplace(token_hash, proved).first->second;
  if (now - last_used >= absl::Milliseconds(session.idle_lock_ms)) return false;
  last_used = now;
  return true;
}

bool Gate::IsLocked(const std::string& token_hash, const store::StoredSession& session,
                    absl::Time now) const {
  if (session.locked || session.handed_over) return true;
  absl::MutexLock lock(&mutex_);
  const auto remembered = last_used_.find(token_hash);
  const absl::Time last_used =
      remembered == last_used_.end() ? absl::FromUnixMillis(session.factor_ms) : remembered->second;
  return now - last_used >= absl::Milliseconds(session.idle_lock_ms);
}

void Gate::Renew(const std::string& token_hash, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  last_used_[token_hash] = now;
}

absl::StatusOr<domain::Caller> Gate::Identify(const Incoming& incoming, store::Transaction& tx,
                                              absl::Time now) const {
  domain::Caller caller;
  caller.program = incoming.program.id;
  caller.source = incoming.source;
  const absl::CivilDay day = absl::ToCivilDay(now, domain::London());
  const bool is_system = incoming.program.kind == v1::PROGRAM_KIND_AGENCY_SYSTEM ||
                         incoming.program.kind == v1::PROGRAM_KIND_PARTNER_SYSTEM;
  if (is_system) {
    caller.account = incoming.program.id;
    caller.agency = incoming.program.agency;
    caller.factor_is_fresh = true;
    ASSIGN_OR_RETURN(caller.roles, store::RolesOn(tx, caller.account, day));
    return caller;
  }
  if (incoming.token_hash.empty()) {
    return Unauthenticated("NO_SESSION", "sign in first: this call carries no session");
  }
  ASSIGN_OR_RETURN(const std::optional<store::StoredSession> session,
                   store::FindSession(tx, incoming.token_hash));
  // One text for every way in which a token is not good, so that a stolen one teaches nothing.
  const absl::Status ended =
      Unauthenticated("SESSION_ENDED", "this session has ended or is not yours: sign in again");
  if (!session.has_value() || session->ended || session->suspended) return ended;
  if (session->program != incoming.program.id) return ended;
  if (!incoming.program.Serves(session->agency)) return ended;
  if (Millis(now) >= session->expire_ms) return ended;
  // Whoever holds the device must not get back into the practitioner's pages, and has nothing to leave or
  // keep there.
  if (session->handed_over && incoming.rule->session != domain::MethodRule::kEvenHandedOver) {
    return Unauthenticated("SESSION_LOCKED",
                           "this device is handed over, and this session locked: unlock it to end that");
  }
  // A handover does not idle: nobody is hurried, and nothing is lost by waiting (dash.md, WCAG 2.2.1).
  const bool is_handover = !session->assessment.empty();
  const bool open = is_handover || (!session->locked && Touch(incoming.token_hash, *session, now));
  if (!open && incoming.rule->session != domain::MethodRule::kEvenLocked &&
      incoming.rule->session != domain::MethodRule::kEvenHandedOver) {
    return Unauthenticated("SESSION_LOCKED",
                           "this session is locked: unlock it or sign in again; what you saved is kept");
  }
  caller.account = session->account;
  caller.agency = session->agency;
  caller.handover = session->assessment;
  caller.session_digest = Hex(incoming.token_hash).substr(0, 16);
  caller.factor_age_s = static_cast<int32_t>((Millis(now) - session->factor_ms) / 1000);
  // A clock that was put back makes nothing fresh that was not.
  const absl::Duration factor_age = now - absl::FromUnixMillis(session->factor_ms);
  caller.factor_is_fresh = factor_age > -domain::kFactorFresh && factor_age < domain::kFactorFresh;
  caller.must_change_password = session->must_change;
  ASSIGN_OR_RETURN(caller.roles, store::RolesOn(tx, caller.account, day));
  return caller;
}

absl::Status Gate::Admit(const Incoming& incoming, ReadCall& call) const {
  call.now_ = parts_.business_clock->Now();
  call.security_now_ = parts_.security_clock->Now();
  if (incoming.rule->session == domain::MethodRule::kNotNeeded) {
    call.caller_.program = incoming.program.id;
    call.caller_.agency = incoming.program.agency;
    call.caller_.source = incoming.source;
    return absl::OkStatus();
  }
  // Whoever it turns out to be is named in the audit of a refusal that follows.
  ASSIGN_OR_RETURN(call.caller_, Identify(incoming, call.tx_, call.security_now_));
  if (call.caller_.must_change_password &&
      incoming.rule->session != domain::MethodRule::kEvenWithOldPassword &&
      incoming.rule->session != domain::MethodRule::kEvenLocked &&
      incoming.rule->session != domain::MethodRule::kEvenHandedOver) {
    return domain::WrongState("MUST_CHANGE_PASSWORD",
                              "change your password first; everything else opens after that");
  }
  RETURN_IF_ERROR(domain::MayCall(call.caller_, *incoming.rule));
  return domain::CheckFactor(call.caller_, *incoming.rule);
}

absl::Status Gate::Release(ReadCall& call, Message& answer) const {
  const domain::FieldClassSet outside = domain::FieldClassSet{v1::FIELD_CLASS_ROUTINE} | call.rule_.outside;
  return domain::Redact(answer, outside, [&call](std::string_view name) -> const domain::FieldClassSet* {
    const auto found = call.opened_.find(name);
    return found == call.opened_.end() ? nullptr : &found->second.classes;
  });
}

domain::AuditEvent Gate::EventOf(const Incoming& incoming, const ReadCall* call,
                                 const absl::Status& status) const {
  domain::AuditEvent event;
  event.kind = IsRefusal(status) ? domain::AuditKind::kDenied : incoming.rule->kind;
  event.time_ms = Millis(parts_.security_clock->Now());
  event.business_time_ms = Millis(parts_.business_clock->Now());
  event.request_id = incoming.request_id;
  event.method = std::string(incoming.rule->method);
  event.allowed = status.ok();
  event.status = static_cast<int32_t>(status.code());
  event.program = incoming.program.id;
  event.source = incoming.source;
  if (call == nullptr) return event;
  event.account = call->caller_.account;
  event.agency = call->caller_.agency;
  event.session_digest = call->caller_.session_digest;
  event.factor_age_s = call->caller_.factor_age_s;
  event.rule = domain::IsOverLimit(status) ? "limit"
               : IsRefusal(status)         ? RefusingRule(status)
                                           : call->cited_rule_;
  // Where no record decided, the role did.
  if (event.rule.empty() && status.ok() && !call->caller_.roles.empty()) event.rule = "role";
  event.subjects = call->subjects_;
  event.row_count = call->row_count_;
  event.reason_code = call->reason_code_.empty() ? incoming.reason : call->reason_code_;
  for (const domain::HeldRole& held : call->caller_.roles) {
    if (!event.role.empty()) event.role += ',';
    event.role += v1::Role_Name(held.role).substr(std::string_view("ROLE_").size());
  }
  // Not what they did, but what was done on the device that they handed over.
  if (!call->caller_.handover.empty()) event.role = "HANDOVER";
  event.subject_classes.assign(event.subjects.size(), 0);
  if (!status.ok()) return event;
  std::tie(event.digest_before, event.digest_after) = domain::DigestsOf(call->changed_);
  event.recipients.assign(call->recipients_.begin(), call->recipients_.end());
  domain::FieldClassSet released = incoming.rule->outside;
  for (size_t i = 0; i < event.subjects.size(); ++i) {
    const auto opened = call->opened_.find(event.subjects[i]);
    if (opened == call->opened_.end()) continue;
    released = released | opened->second.classes;
    event.subject_classes[i] = opened->second.classes.bits();
  }
  event.field_classes = released.ToNumbers();
  return event;
}

grpc::Status Gate::RunRead(grpc::ServerContext& context, const Message& request, Message& response,
                           const ReadBody& body) {
  const SteadyTime begun = std::chrono::steady_clock::now();
  if (context.IsCancelled()) return GivenUp();
  absl::StatusOr<Incoming> incoming = Receive(context, request);
  if (!incoming.ok()) return Refuse(context, incoming.status());
  // Without an audit row, as when gRPC itself has no thread left: it decides nothing about a record, and must
  // cost less than what it refuses.
  if (const absl::Status share = CheckShare(context, *incoming); !share.ok()) return ToGrpcStatus(share);
  // The call is kept beyond the body for its audit row; the body may run again and then starts afresh.
  struct Kept : ReadCall {
    Kept(const Gate& gate, store::Transaction& tx, const domain::MethodRule& rule)
        : ReadCall(gate, tx, rule) {}
  };
  std::unique_ptr<Kept> call;
  std::optional<domain::RefusalCap::Row> row;
  // A method that opens no case, and counts as nothing, has nothing to settle.
  const bool settles = domain::UseOf(incoming->rule->method) != v1::USE_KIND_UNSPECIFIED;
  absl::Status status = parts_.database->Read(
      [&](store::ReadTransaction& tx) -> absl::Status {
        response.Clear();
        call = std::make_unique<Kept>(*this, tx, *incoming->rule);
        RETURN_IF_ERROR(Admit(*incoming, *call));
        RETURN_IF_ERROR(body(*call, response));
        if (settles) RETURN_IF_ERROR(watch_.LoadLimits(tx, call->caller_, call->watched_));
        return Release(*call, response);
      },
      [&](const absl::Status& outcome) {
        return Counted(EventOf(*incoming, call.get(), outcome), outcome, row);
      },
      !settles
          ? store::Database::WriteBody()
          : [&](store::WriteTransaction&
                    tx) { return watch_.Settle(tx, call->caller_, call->watched_, call->security_now_); });
  if (status.ok()) return grpc::Status::OK;
  response.Clear();
  return NotDone(incoming->rule->method, status, begun);
}

absl::Status Gate::Replay(WriteCall& call, std::string_view resource, int64_t version,
                          Message& answer) const {
  // Authorised as if it came for the first time: what the caller may see now is what the caller gets.
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, store::LoadFacts(call.tx_, resource));
  ASSIGN_OR_RETURN(const domain::Grant grant, domain::MayTouch(call.caller_, facts, call.rule_));
  ASSIGN_OR_RETURN(const store::StoredRecord stored, store::LoadVersion(call.tx_, grant, version));
  if (!answer.ParseFromString(stored.body)) return absl::InternalError("a stored record does not parse");
  call.SetEtag(answer, resource, version);
  call.opened_[std::string(resource)] = {.classes = grant.classes(), .version = version};
  call.NoteSubject(resource);
  call.cited_rule_ = "replay";
  return absl::OkStatus();
}

grpc::Status Gate::RunWrite(grpc::ServerContext& context, const Message& request, Message& response,
                            const WriteBody& body, const ReadBody& rebuild) {
  const SteadyTime begun = std::chrono::steady_clock::now();
  if (context.IsCancelled()) return GivenUp();
  absl::StatusOr<Incoming> incoming = Receive(context, request);
  if (!incoming.ok()) return Refuse(context, incoming.status());
  if (const absl::Status share = CheckShare(context, *incoming); !share.ok()) return ToGrpcStatus(share);
  struct Kept : WriteCall {
    Kept(const Gate& gate, store::WriteTransaction& tx, const domain::MethodRule& rule)
        : WriteCall(gate, tx, rule) {}
  };
  std::unique_ptr<Kept> call;
  const auto run = [&](store::WriteTransaction& tx) -> absl::Status {
    response.Clear();
    call = std::make_unique<Kept>(*this, tx, *incoming->rule);
    call->token_hash_ = incoming->token_hash;
    RETURN_IF_ERROR(Admit(*incoming, *call));
    const store::RequestKey key{.caller = call->caller_.account,
                                .method = std::string(incoming->rule->method),
                                .request_id = incoming->request_id};
    const int64_t now_ms = Millis(call->security_now_);
    if (incoming->wants_request_id) {
      if (key.request_id.empty()) {
        return domain::InvalidField("request_id",
                                    "give a new UUID with every write, and the same one when you repeat it");
      }
      ASSIGN_OR_RETURN(const std::optional<store::AnsweredRequest> answered,
                       store::FindRequest(tx, key, now_ms));
      if (answered.has_value()) {
        if (answered->request_hash != incoming->request_hash) {
          return domain::InvalidField("request_id", "you used this id for another request; give a new one");
        }
        if (rebuild == nullptr) {
          RETURN_IF_ERROR(Replay(*call, answered->resource, answered->version, response));
        } else {
          RETURN_IF_ERROR(rebuild(*call, response));
          call->cited_rule_ = "replay";
        }
        return Release(*call, response);
      }
    }
    RETURN_IF_ERROR(body(*call, response));
    if (incoming->wants_request_id) {
      const std::string resource = rebuild == nullptr ? StringOf(response, "name") : std::string();
      const auto opened = call->opened_.find(resource);
      const store::AnsweredRequest answer{
          .request_hash = incoming->request_hash,
          .resource = resource,
          .version = opened == call->opened_.end() ? 0 : opened->second.version};
      RETURN_IF_ERROR(
          store::RememberRequest(tx, key, answer, now_ms, now_ms + absl::ToInt64Milliseconds(kRequestsKept)));
    }
    if (incoming->rule->session == domain::MethodRule::kNotNeeded) {
      RETURN_IF_ERROR(watch_.SettleSignIn(tx, call->caller_, call->security_now_));
    } else {
      RETURN_IF_ERROR(watch_.LoadLimits(tx, call->caller_, call->watched_));
      RETURN_IF_ERROR(watch_.Settle(tx, call->caller_, call->watched_, call->security_now_));
    }
    return Release(*call, response);
  };
  std::optional<domain::RefusalCap::Row> row;
  absl::Status status = parts_.database->Write(run, [&](const absl::Status& outcome) {
    return Counted(EventOf(*incoming, call.get(), outcome), outcome, row);
  });
  if (status.ok()) return grpc::Status::OK;
  response.Clear();
  return NotDone(incoming->rule->method, status, begun);
}

absl::Status Gate::MayBegin(const grpc::ServerContext& context, const Message& request,
                            const std::function<absl::Status(ReadCall&)>& look) const {
  ASSIGN_OR_RETURN(const Incoming incoming, Receive(context, request));
  struct Looking : ReadCall {
    Looking(const Gate& gate, store::Transaction& tx, const domain::MethodRule& rule)
        : ReadCall(gate, tx, rule) {}
  };
  const SteadyTime begun = std::chrono::steady_clock::now();
  const absl::Status status = parts_.database->Peek([&](store::ReadTransaction& tx) -> absl::Status {
    Looking call(*this, tx, *incoming.rule);
    RETURN_IF_ERROR(Admit(incoming, call));
    return look(call);
  });
  WaitForStep(status, begun);
  return status;
}

absl::Status Gate::Peek(const std::function<absl::Status(store::Transaction&)>& look) const {
  return parts_.database->Peek([&look](store::ReadTransaction& tx) { return look(tx); });
}

absl::StatusOr<const domain::Catalogue*> ReadCall::CatalogueOf(std::string_view area) {
  ASSIGN_OR_RETURN(std::shared_ptr<const domain::Catalogue> catalogue,
                   gate_.catalogues_.In(tx_, area, domain::DateOf(now_)));
  catalogues_.push_back(std::move(catalogue));
  return catalogues_.back().get();
}

const domain::WorkingDays* ReadCall::CalendarOf(v1::Nation nation) const {
  return gate_.parts_.catalogue->FindCalendar(nation);
}

absl::CivilDay ReadCall::today() const { return absl::ToCivilDay(now_, domain::London()); }

void ReadCall::SetEtag(Message& record, std::string_view name, int64_t version) const {
  SetString(record, "etag", Etag(gate_.etag_key_, name, version));
}

absl::Status ReadCall::OpenInto(domain::Kind kind, std::string_view name, std::string_view field,
                                bool by_server, Message& record) {
  ASSIGN_OR_RETURN(const domain::ResourceName parsed, domain::ResourceName::Parse(field, name, kind));
  if (!by_server) NoteSubject(parsed.text());
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, store::LoadFacts(tx_, parsed.text()));
  absl::StatusOr<domain::Grant> grant =
      by_server ? domain::ServerGrant(parsed.text()) : domain::MayTouch(caller_, facts, rule_);
  if (!grant.ok()) return grant.status();
  ASSIGN_OR_RETURN(const store::StoredRecord stored, store::LoadBody(tx_, *grant));
  if (!record.ParseFromString(stored.body)) return absl::InternalError("a stored record does not parse");
  SetEtag(record, parsed.text(), stored.version);
  // What the caller opened stays open when the server looks at the same record afterwards.
  Opened& opened = opened_[parsed.text()];
  opened.classes = opened.classes | grant->classes();
  opened.version = stored.version;
  opened.scope = facts.scope;
  opened.area = facts.area;
  opened.stage = facts.stage;
  if (by_server) return absl::OkStatus();
  if (cited_rule_.empty()) cited_rule_ = grant->rule();
  RETURN_IF_ERROR(gate_.watch_.Notice(tx_, caller_, security_now_, facts, watched_));
  return absl::OkStatus();
}

absl::StatusOr<domain::RecordFacts> ReadCall::Check(domain::Kind kind, std::string_view name,
                                                    std::string_view field) {
  ASSIGN_OR_RETURN(const domain::ResourceName parsed, domain::ResourceName::Parse(field, name, kind));
  NoteSubject(parsed.text());
  ASSIGN_OR_RETURN(domain::RecordFacts facts, store::LoadFacts(tx_, parsed.text()));
  ASSIGN_OR_RETURN(const domain::Grant grant, domain::MayTouch(caller_, facts, rule_));
  if (cited_rule_.empty()) cited_rule_ = grant.rule();
  return facts;
}

void ReadCall::NoteSubject(std::string_view name) {
  if (std::find(subjects_.begin(), subjects_.end(), name) == subjects_.end()) subjects_.emplace_back(name);
}

absl::Status ReadCall::WalkPage(
    const store::ListQuery& query, int32_t page_size, const std::string& page_token,
    std::string* next_page_token,
    const std::function<absl::StatusOr<std::optional<size_t>>(const std::string& name)>& take) {
  if (page_size < 0) return domain::InvalidField("page_size", "give 1 to 100, or leave it out for 50");
  const int32_t size = page_size == 0 ? kPageSizeDefault : std::min(page_size, kPageSizeMax);
  // The bounds are not part of it: what is overdue moves with the clock between two pages.
  const std::string purpose = fmt::format(
      "{} {} {} {} {} {} {} {} {} {}", rule_.method, static_cast<int>(query.kind), query.area, query.state,
      query.parent, query.scope, query.author, query.agency, query.or_unowned, query.newest_first);
  std::optional<store::ListPosition> after;
  if (!page_token.empty()) {
    ASSIGN_OR_RETURN(const std::string content, OpenPage(purpose, page_token));
    const size_t space = content.find(' ');
    after = store::ListPosition{.sort_key = std::strtoll(content.c_str(), nullptr, 10),
                                .name = content.substr(space + 1)};
  }
  // Roles count by the real day, as for the call itself.
  const absl::CivilDay day = absl::ToCivilDay(security_now_, domain::London());
  int32_t taken = 0;
  size_t bytes = 0;
  while (true) {
    // One more than the page has room for tells whether there is another.
    const auto room = static_cast<size_t>(size - taken);
    ASSIGN_OR_RETURN(const std::vector<store::ListPosition> positions,
                     store::ListOpen(tx_, query, caller_.account, day, after, static_cast<int>(room) + 1));
    for (size_t i = 0; i < positions.size(); ++i) {
      if (taken == size || bytes >= kPageBytes) {
        *next_page_token = SealPage(purpose, fmt::format("{} {}", after->sort_key, after->name));
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(const std::optional<size_t> kept, take(positions[i].name));
      after = positions[i];
      if (!kept.has_value()) continue;
      ++taken;
      ++row_count_;
      bytes += *kept;
    }
    if (positions.size() <= room) return absl::OkStatus();
  }
}

std::string ReadCall::SealPage(std::string_view purpose, std::string_view content) const {
  return Seal(gate_.seal_key_, {.field = "page_token", .purpose = purpose, .caller = caller_.account},
              content);
}

absl::StatusOr<std::string> ReadCall::OpenPage(std::string_view purpose, std::string_view token) const {
  return Unseal(gate_.seal_key_, {.field = "page_token", .purpose = purpose, .caller = caller_.account},
                token);
}

std::string WriteCall::NewId() const { return gate_.parts_.ids->NewId(); }

absl::Status WriteCall::MoveScope(std::string_view from, std::string_view to) {
  ASSIGN_OR_RETURN(const std::vector<std::string> agencies, store::InvolvedIn(write_, to));
  for (const std::string& agency : agencies) NoteRecipient(agency);
  return store::MoveScope(write_, from, to);
}

void WriteCall::Acting(std::string_view account, std::string_view agency) {
  caller_.account = account;
  caller_.agency = agency;
}

void WriteCall::NoteWork(domain::Kind kind, const std::string& scope, const std::string& area,
                         domain::Stage stage) {
  if (stage == domain::Stage::kArea) return;
  // What an IDVA refers is picked up by a colleague: writing it is not yet working on the case as one. Nor is
  // what an IDVA answers for the agency.
  const bool for_agency = kind == domain::Kind::kResearch || kind == domain::Kind::kResearchNotes;
  bool& as_idva = watched_.worked[scope];
  as_idva = as_idva || (stage != domain::Stage::kDraft && !for_agency && domain::WorksAsIdva(caller_, area));
}

absl::Status ReadCall::StaleOrMissingEtag(std::string_view name, std::string_view etag) {
  if (etag.empty()) return domain::InvalidField("etag", "give the etag of the record as you last read it");
  return domain::StaleEtag(name);
}

absl::Status WriteCall::Insert(domain::Kind kind, domain::RecordColumns columns, const std::string& name,
                               Message& record, std::string_view scope, Owner owner) {
  ASSIGN_OR_RETURN(const domain::ResourceName parsed, domain::ResourceName::Parse("name", name, kind));
  if (columns.author.empty()) columns.author = std::move(owner.account);
  if (columns.agency.empty()) columns.agency = std::move(owner.agency);
  SetString(record, "etag", "");
  const store::RecordRow row{.name = name,
                             .kind = kind,
                             .area = parsed.area(),
                             .columns = std::move(columns),
                             .body = record.SerializeAsString()};
  RETURN_IF_ERROR(store::InsertRecord(write_, row, scope, Millis(now_), caller_.account));
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, store::LoadFacts(write_, name));
  ASSIGN_OR_RETURN(const domain::Grant grant, domain::MayCreate(caller_, facts, rule_));
  opened_[name] = {.classes = grant.classes(),
                   .version = 1,
                   .scope = facts.scope,
                   .area = facts.area,
                   .stage = facts.stage};
  // What the caller may not even read is no work of theirs: the server keeps it beside what they do.
  if (!grant.classes().empty()) NoteWork(kind, facts.scope, facts.area, facts.stage);
  NoteSubject(name);
  changed_[name] = {"", Sha256(row.body)};
  if (cited_rule_.empty()) cited_rule_ = grant.rule();
  SetEtag(record, name, 1);
  return absl::OkStatus();
}

absl::Status WriteCall::Update(domain::Kind kind, const domain::RecordColumns& columns,
                               const std::string& name, Message& record) {
  const auto opened = opened_.find(name);
  if (opened == opened_.end()) return absl::InternalError("a record is saved that was not loaded");
  ASSIGN_OR_RETURN(const domain::ResourceName parsed, domain::ResourceName::Parse("name", name, kind));
  SetString(record, "etag", "");
  const store::RecordRow row{.name = name,
                             .kind = kind,
                             .area = parsed.area(),
                             .columns = columns,
                             .body = record.SerializeAsString()};
  const int64_t version = opened->second.version + 1;
  const auto [changed, first] = changed_.try_emplace(name);
  if (first) {
    ASSIGN_OR_RETURN(const store::StoredRecord before, store::LoadBody(write_, domain::ServerGrant(name)));
    changed->second.first = Sha256(before.body);
  }
  RETURN_IF_ERROR(store::UpdateRecord(write_, row, version, Millis(now_), caller_.account));
  opened->second.version = version;
  changed->second.second = Sha256(row.body);
  // Also one that the server changed beside what the caller opened.
  NoteSubject(name);
  if (!opened->second.classes.empty())
    NoteWork(kind, opened->second.scope, opened->second.area, opened->second.stage);
  SetEtag(record, name, version);
  return absl::OkStatus();
}

}  // namespace marac::rpc
