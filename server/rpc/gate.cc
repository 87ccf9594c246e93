#include "rpc/gate.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

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

bool IsRefusal(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) || absl::IsNotFound(status);
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
};

Gate::Gate(const Parts& parts)
    : parts_(parts),
      seal_key_(DeriveKey(*parts.app_key, "page-token")),
      etag_key_(DeriveKey(*parts.app_key, "etag")) {
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
  if (incoming.request_id.size() > 64) {
    return domain::InvalidField("request_id", "give at most 64 characters, e.g. a UUID");
  }
  incoming.request_hash = Sha256(request.SerializeAsString());
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
  const absl::Status appended = parts_.database->Append(event);
  return ToGrpcStatus(appended.ok() ? status : appended);
}

bool Gate::Touch(const std::string& token_hash, absl::Time proved, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  if (last_used_.size() > kSessionsRemembered) {
    std::erase_if(last_used_, [&](const auto& entry) { return now - entry.second >= parts_.idle_lock; });
  }
  absl::Time& last_used = last_used_.try_emplace(token_hash, proved).first->second;
  if (now - last_used >= parts_.idle_lock) return false;
  last_used = now;
  return true;
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
  const bool open =
      !session->locked && Touch(incoming.token_hash, absl::FromUnixMillis(session->factor_ms), now);
  if (!open && incoming.rule->session != domain::MethodRule::kEvenLocked) {
    return Unauthenticated("SESSION_LOCKED",
                           "this session is locked: unlock it or sign in again; what you saved is kept");
  }
  caller.account = session->account;
  caller.agency = session->agency;
  caller.session_digest = Hex(incoming.token_hash).substr(0, 16);
  caller.factor_age_s = static_cast<int32_t>((Millis(now) - session->factor_ms) / 1000);
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
      incoming.rule->session != domain::MethodRule::kEvenLocked) {
    return domain::WrongState("MUST_CHANGE_PASSWORD",
                              "change your password first; everything else opens after that");
  }
  return domain::MayCall(call.caller_, *incoming.rule);
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
  event.rule = call->cited_rule_;
  event.subjects = call->subjects_;
  event.row_count = call->row_count_;
  event.reason_code = call->reason_code_;
  for (const domain::HeldRole& held : call->caller_.roles) {
    if (!event.role.empty()) event.role += ',';
    event.role += v1::Role_Name(held.role).substr(std::string_view("ROLE_").size());
  }
  if (!status.ok()) return event;
  event.digest_after = call->digest_after_;
  domain::FieldClassSet released;
  for (const auto& [name, opened] : call->opened_) released = released | opened.classes;
  event.field_classes = released.ToNumbers();
  return event;
}

grpc::Status Gate::RunRead(grpc::ServerContext& context, const Message& request, Message& response,
                           const ReadBody& body) {
  absl::StatusOr<Incoming> incoming = Receive(context, request);
  if (!incoming.ok()) return Refuse(context, incoming.status());
  // The call is kept beyond the body for its audit row; the body may run again and then starts afresh.
  struct Kept : ReadCall {
    Kept(const Gate& gate, store::Transaction& tx, const domain::MethodRule& rule)
        : ReadCall(gate, tx, rule) {}
  };
  std::unique_ptr<Kept> call;
  absl::Status status = parts_.database->Read(
      [&](store::ReadTransaction& tx) -> absl::Status {
        response.Clear();
        call = std::make_unique<Kept>(*this, tx, *incoming->rule);
        RETURN_IF_ERROR(Admit(*incoming, *call));
        RETURN_IF_ERROR(body(*call, response));
        return Release(*call, response);
      },
      [&](const absl::Status& outcome) { return EventOf(*incoming, call.get(), outcome); });
  if (!status.ok()) response.Clear();
  if (absl::IsInternal(status))
    spdlog::error("internal error in {}: {}", incoming->rule->method, std::string(status.message()));
  return ToGrpcStatus(status);
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
  call.subjects_.emplace_back(resource);
  call.cited_rule_ = "replay";
  return absl::OkStatus();
}

grpc::Status Gate::RunWrite(grpc::ServerContext& context, const Message& request, Message& response,
                            const WriteBody& body, const ReadBody& rebuild) {
  absl::StatusOr<Incoming> incoming = Receive(context, request);
  if (!incoming.ok()) return Refuse(context, incoming.status());
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
    return Release(*call, response);
  };
  absl::Status status = parts_.database->Write(
      run, [&](const absl::Status& outcome) { return EventOf(*incoming, call.get(), outcome); });
  if (!status.ok()) {
    response.Clear();
    if (absl::IsInternal(status)) {
      spdlog::error("internal error in {}: {}", incoming->rule->method, std::string(status.message()));
    }
    return ToGrpcStatus(status);
  }
  return grpc::Status::OK;
}

absl::Status Gate::Peek(const std::function<absl::Status(store::Transaction&)>& look) const {
  return parts_.database->Peek([&look](store::ReadTransaction& tx) { return look(tx); });
}

const domain::Catalogue& ReadCall::catalogue() const { return *gate_.parts_.catalogue; }

absl::CivilDay ReadCall::today() const { return absl::ToCivilDay(now_, domain::London()); }

void ReadCall::SetEtag(Message& record, std::string_view name, int64_t version) const {
  SetString(record, "etag", Etag(gate_.etag_key_, name, version));
}

absl::Status ReadCall::OpenInto(domain::Kind kind, std::string_view name, std::string_view field,
                                bool by_server, Message& record) {
  ASSIGN_OR_RETURN(const domain::ResourceName parsed, domain::ResourceName::Parse(field, name, kind));
  if (!by_server) subjects_.push_back(parsed.text());
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
  if (!by_server && cited_rule_.empty()) cited_rule_ = grant->rule();
  return absl::OkStatus();
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

void WriteCall::Acting(std::string_view account, std::string_view agency) {
  caller_.account = account;
  caller_.agency = agency;
}

absl::Status WriteCall::StaleOrMissingEtag(std::string_view name, std::string_view etag) const {
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
  opened_[name] = {.classes = grant.classes(), .version = 1};
  subjects_.push_back(name);
  digest_after_ = Sha256(row.body);
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
  RETURN_IF_ERROR(store::UpdateRecord(write_, row, version, Millis(now_), caller_.account));
  opened->second.version = version;
  digest_after_ = Sha256(row.body);
  SetEtag(record, name, version);
  return absl::OkStatus();
}

}  // namespace marac::rpc
