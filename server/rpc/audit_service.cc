#include "rpc/audit_service.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "domain/alerts.h"
#include "domain/case_readers.h"
#include "domain/errors.h"
#include "marac/v1/audit_service.grpc.pb.h"
#include "store/audit_chain.h"
#include "store/party_keys.h"

namespace marac::rpc {
namespace {

using google::protobuf::util::TimeUtil;

// Rows looked at for one page, and verified by one call: what fits well inside the time a read may take. A
// client goes on with the token, or from the row after the last that was checked.
constexpr int kRowsPerPageMax = 5'000;
constexpr uint64_t kRowsPerCheckMax = 20'000;
// Events that one answer of ListCaseReaders counts.
constexpr int kReaderEventsMax = 50'000;
// Of ReadLog; a page ends earlier where its rows together would outgrow a message.
constexpr int kLogPageDefault = 500;
constexpr int kLogPageMax = 1000;
constexpr size_t kLogPageBytes = size_t{700} * 1024;

std::string_view KindName(domain::AuditKind kind) {
  using enum domain::AuditKind;
  switch (kind) {
    case kCollection:
      return "COLLECTION";
    case kAlteration:
      return "ALTERATION";
    case kConsultation:
      return "CONSULTATION";
    case kDisclosure:
      return "DISCLOSURE";
    case kCombination:
      return "COMBINATION";
    case kErasure:
      return "ERASURE";
    case kAuthentication:
      return "AUTHENTICATION";
    case kDenied:
      return "DENIED";
    case kAdministration:
      return "ADMINISTRATION";
    case kKey:
      return "KEY";
    case kSystem:
      return "SYSTEM";
    case kAlert:
      return "ALERT";
    case kHeartbeat:
      return "HEARTBEAT";
    case kDiscontinuity:
      return "DISCONTINUITY";
  }
  return "";
}

v1::AuditRecord ToRecord(uint64_t sequence, const domain::AuditEvent& event) {
  v1::AuditRecord record;
  record.set_sequence(static_cast<int64_t>(sequence));
  *record.mutable_time() = TimeUtil::MillisecondsToTimestamp(event.time_ms);
  *record.mutable_business_time() = TimeUtil::MillisecondsToTimestamp(event.business_time_ms);
  record.set_kind(std::string(KindName(event.kind)));
  record.set_method(event.method);
  record.set_allowed(event.allowed);
  record.set_rule(event.rule);
  record.set_account(event.account);
  record.set_agency(event.agency);
  record.set_role(event.role);
  record.set_program(event.program);
  for (const std::string& subject : event.subjects) record.add_subjects(subject);
  record.set_row_count(event.row_count);
  record.set_status(event.status);
  record.set_monotonic_ns(event.monotonic_ns);
  record.set_boot_id(event.boot_id);
  record.set_request_id(event.request_id);
  record.set_session(event.session_digest);
  record.set_factor_age_s(event.factor_age_s);
  record.set_source(event.source);
  for (const int32_t shown : event.field_classes)
    record.add_field_classes(static_cast<v1::FieldClass>(shown));
  record.set_reason_code(event.reason_code);
  for (const std::string& recipient : event.recipients) record.add_recipients(recipient);
  record.set_digest_before(event.digest_before);
  record.set_digest_after(event.digest_after);
  return record;
}

// An area's auditor reads what touched the area's records, and what touched none of any area.
bool ConcernsArea(const domain::AuditEvent& event, const std::string& area) {
  bool any_area = false;
  for (const std::string& subject : event.subjects) {
    if (!subject.starts_with("areas/")) continue;
    if (subject == area || subject.starts_with(area + "/")) return true;
    any_area = true;
  }
  return !any_area;
}

// What of the log a privacy officer may read: what the agency's own people did, and what others did to
// records of the agency's cases and referrals that are not hidden from the officer.
class AgencyView {
 public:
  explicit AgencyView(ReadCall& call) : call_(call) {}

  absl::StatusOr<bool> Concerns(const domain::AuditEvent& event) {
    if (IsOwn(event)) return true;
    for (const std::string& subject : event.subjects) {
      ASSIGN_OR_RETURN(const bool own, IsOwnRecord(subject));
      if (own) return true;
    }
    return false;
  }

  // Of somebody else's doing only what touched the agency, and nothing about the person beyond who it was.
  absl::StatusOr<domain::AuditEvent> Reduce(domain::AuditEvent event) {
    if (IsOwn(event)) return event;
    std::vector<std::string> subjects;
    for (std::string& subject : event.subjects) {
      ASSIGN_OR_RETURN(const bool own, IsOwnRecord(subject));
      if (own) subjects.push_back(std::move(subject));
    }
    event.subjects = std::move(subjects);
    event.row_count = static_cast<int32_t>(event.subjects.size());
    event.request_id.clear();
    event.session_digest.clear();
    event.factor_age_s = -1;
    event.source.clear();
    event.recipients.clear();
    return event;
  }

 private:
  bool IsOwn(const domain::AuditEvent& event) const {
    return !event.agency.empty() && event.agency == call_.caller().agency;
  }

  absl::StatusOr<bool> IsOwnRecord(const std::string& name) {
    const auto known = own_.find(name);
    if (known != own_.end()) return known->second;
    bool own = false;
    const absl::StatusOr<domain::RecordFacts> facts = call_.Facts(name);
    if (facts.ok() && facts->stage != domain::Stage::kArea &&
        !domain::IsKeptFrom(*facts, call_.caller().account, call_.caller().agency,
                            v1::ROLE_PRIVACY_OFFICER)) {
      ASSIGN_OR_RETURN(const std::vector<std::string> agencies,
                       store::AgenciesOfScope(call_.tx(), facts->scope));
      own = std::ranges::count(agencies, call_.caller().agency) > 0;
    }
    own_[name] = own;
    return own;
  }

  ReadCall& call_;
  std::map<std::string, bool> own_;
};

// What the caller may ask about the readers of, and its scope.
absl::StatusOr<std::string> ScopeToAudit(ReadCall& call, const std::string& name) {
  ASSIGN_OR_RETURN(const domain::ResourceName parsed,
                   domain::ResourceName::Parse("name", name, domain::Kind::kCase));
  const absl::StatusOr<domain::RecordFacts> as_chair = call.Check(domain::Kind::kCase, name);
  if (as_chair.ok()) return as_chair->scope;
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(parsed.text()));
  RETURN_IF_ERROR(domain::MayAudit(call.caller(), facts));
  return facts.scope;
}

class AuditService final : public v1::AuditService::Service {
 public:
  AuditService(Gate& gate, const store::Checkpointer& checkpointer)
      : gate_(gate), checkpointer_(checkpointer) {}

  grpc::Status ListEvents(grpc::ServerContext* context, const v1::ListEventsRequest* request,
                          v1::ListEventsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListEventsResponse> {
          RETURN_IF_ERROR(
              domain::ResourceName::Parse("parent", request->parent(), domain::Kind::kArea).status());
          const bool whole_area = call.caller().Holds({v1::ROLE_AUDITOR}, request->parent());
          if (!whole_area && !call.caller().Holds({v1::ROLE_PRIVACY_OFFICER}, request->parent())) {
            return domain::NotFoundOrNotOpen(request->parent());
          }
          if (!request->subject().empty()) {
            ASSIGN_OR_RETURN(const domain::ResourceName subject,
                             domain::ResourceName::Parse("subject", request->subject()));
            call.NoteSubject(subject.text());
          }
          if (request->page_size() < 0)
            return domain::InvalidField("page_size", "give 1 to 100, or leave it out for 50");
          const int size = request->page_size() == 0 ? 50 : std::min(request->page_size(), 100);
          const std::string purpose = request->parent() + ' ' + request->subject() + ' ' + request->account();
          int64_t before = std::numeric_limits<int64_t>::max();
          if (!request->page_token().empty()) {
            ASSIGN_OR_RETURN(const std::string content, call.OpenPage(purpose, request->page_token()));
            before = std::strtoll(content.c_str(), nullptr, 10);
          }
          AgencyView agency(call);
          v1::ListEventsResponse answer;
          int looked_at = 0;
          bool more = false;
          absl::Status failed;
          const auto take = [&](uint64_t sequence, const domain::AuditEvent& event) {
            if (answer.events_size() == size) {
              more = true;
              return false;
            }
            ++looked_at;
            before = static_cast<int64_t>(sequence);
            // Nobody meets an alert about themselves.
            if (event.kind == domain::AuditKind::kAlert && event.account == call.caller().account)
              return true;
            if (!Wanted(*request, event)) return true;
            if (whole_area) {
              *answer.add_events() = ToRecord(sequence, event);
              return true;
            }
            const absl::StatusOr<bool> concerns = agency.Concerns(event);
            if (!concerns.ok()) failed = concerns.status();
            if (!concerns.ok() || !*concerns) return concerns.ok();
            absl::StatusOr<domain::AuditEvent> reduced = agency.Reduce(event);
            if (!reduced.ok()) failed = reduced.status();
            if (!reduced.ok()) return false;
            *answer.add_events() = ToRecord(sequence, *reduced);
            return true;
          };
          // By what is rarer, where there is a choice; Wanted asks for the other.
          const std::string& key = request->subject().empty() ? request->account() : request->subject();
          RETURN_IF_ERROR(key.empty()
                              ? store::VisitBackwards(call.tx(), before, kRowsPerPageMax, take)
                              : store::VisitBackwardsBy(call.tx(), key, before, kRowsPerPageMax, take));
          RETURN_IF_ERROR(failed);
          if (more || looked_at == kRowsPerPageMax)
            answer.set_next_page_token(call.SealPage(purpose, std::to_string(before)));
          call.NoteRows(answer.events_size());
          return answer;
        });
  }

  grpc::Status ListCaseReaders(grpc::ServerContext* context, const v1::ListCaseReadersRequest* request,
                               v1::ListCaseReadersResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListCaseReadersResponse> {
          ASSIGN_OR_RETURN(const std::string scope, ScopeToAudit(call, request->name()));
          ASSIGN_OR_RETURN(const std::vector<std::string> records, store::RecordsIn(call.tx(), scope));
          std::map<std::string, v1::ProtectedKind> details;
          for (const std::string& record : records) {
            ASSIGN_OR_RETURN(const domain::ResourceName name, domain::ResourceName::Parse("record", record));
            if (name.kind() != domain::Kind::kProtectedDetail) continue;
            ASSIGN_OR_RETURN(const v1::ProtectedDetail detail,
                             call.LoadAsServer<v1::ProtectedDetail>(record));
            details[record] = detail.kind();
          }
          ASSIGN_OR_RETURN(auto reasons, store::RevealReasonsIn(call.tx(), scope));
          domain::CaseReaders readers({records.begin(), records.end()}, std::move(details),
                                      std::move(reasons));
          v1::ListCaseReadersResponse answer;
          int counted = 0;
          int64_t earliest_ms = 0;
          RETURN_IF_ERROR(store::VisitScopeBackwards(call.tx(), scope, kReaderEventsMax,
                                                     [&](uint64_t sequence, const domain::AuditEvent& event) {
                                                       ++counted;
                                                       earliest_ms = event.time_ms;
                                                       readers.Add(sequence, event);
                                                       return true;
                                                     }));
          if (counted == kReaderEventsMax)
            *answer.mutable_counted_from() = TimeUtil::MillisecondsToTimestamp(earliest_ms);
          for (v1::CaseReader& reader : std::move(readers).Take()) *answer.add_readers() = std::move(reader);
          call.NoteRows(answer.readers_size());
          return answer;
        });
  }

  grpc::Status ReadLog(grpc::ServerContext* context, const v1::ReadLogRequest* request,
                       v1::ReadLogResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ReadLogResponse> {
          if (request->from_sequence() < 0)
            return domain::InvalidField("from_sequence", "give 1 or more, or leave it out");
          if (request->page_size() < 0)
            return domain::InvalidField("page_size", "give 1 to 1000, or leave it out for 500");
          const int size =
              request->page_size() == 0 ? kLogPageDefault : std::min(request->page_size(), kLogPageMax);
          const uint64_t after = static_cast<uint64_t>(std::max<int64_t>(request->from_sequence(), 1)) - 1;
          ASSIGN_OR_RETURN(const store::AuditHead head, store::LoadAuditHead(call.tx()));
          v1::ReadLogResponse answer;
          answer.set_head_sequence(static_cast<int64_t>(head.sequence));
          answer.set_origin(checkpointer_.origin());
          size_t bytes = 0;
          RETURN_IF_ERROR(store::VisitRows(call.tx(), after, after + static_cast<uint64_t>(size),
                                           [&](const store::StoredRow& row) -> absl::Status {
                                             if (bytes > kLogPageBytes) return absl::OkStatus();
                                             v1::LogEntry& entry = *answer.add_entries();
                                             entry.set_sequence(static_cast<int64_t>(row.sequence));
                                             if (MayHave(call.caller(), row.record))
                                               entry.set_record(std::string(row.record));
                                             entry.set_leaf(std::string(row.leaf));
                                             entry.set_chain(std::string(row.chain));
                                             bytes += entry.ByteSizeLong();
                                             return absl::OkStatus();
                                           }));
          call.NoteRows(answer.entries_size());
          return answer;
        });
  }

  grpc::Status VerifyChain(grpc::ServerContext* context, const v1::VerifyChainRequest* request,
                           v1::VerifyChainResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::VerifyChainResponse> {
          if (request->from_sequence() < 0)
            return domain::InvalidField("from_sequence", "give 1 or more, or leave it out");
          const uint64_t from = static_cast<uint64_t>(std::max<int64_t>(request->from_sequence(), 1));
          ASSIGN_OR_RETURN(const store::AuditHead head, store::LoadAuditHead(call.tx()));
          v1::VerifyChainResponse answer;
          answer.set_head_sequence(static_cast<int64_t>(head.sequence));
          if (from > head.sequence)
            return domain::InvalidField("from_sequence", "the log is shorter than that");
          const uint64_t to = std::min(head.sequence, from + kRowsPerCheckMax - 1);
          ASSIGN_OR_RETURN(const uint64_t good_to, store::FindFirstBad(call.tx(), from, to));
          answer.set_checked(static_cast<int64_t>(good_to - from + 1));
          answer.set_intact(good_to == to);
          if (good_to != to) answer.set_first_bad_sequence(static_cast<int64_t>(good_to + 1));
          return answer;
        });
  }

  grpc::Status GetCheckpoint(grpc::ServerContext* context, const v1::GetCheckpointRequest* request,
                             v1::Checkpoint* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall&) -> absl::StatusOr<v1::Checkpoint> {
      v1::Checkpoint answer;
      answer.set_note(checkpointer_.newest());
      return answer;
    });
  }

  grpc::Status ListAlerts(grpc::ServerContext* context, const v1::ListAlertsRequest* request,
                          v1::ListAlertsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListAlertsResponse> {
          ASSIGN_OR_RETURN(const domain::ResourceName area,
                           domain::ResourceName::Parse("parent", request->parent(), domain::Kind::kArea));
          v1::ListAlertsResponse answer;
          ASSIGN_OR_RETURN(std::vector<v1::Alert> alerts,
                           call.List<v1::Alert>({.kind = domain::Kind::kAlert,
                                                 .area = area.text(),
                                                 .state = request->state(),
                                                 .newest_first = true},
                                                request->page_size(), request->page_token(),
                                                answer.mutable_next_page_token()));
          for (v1::Alert& alert : alerts) *answer.add_alerts() = std::move(alert);
          return answer;
        });
  }

  grpc::Status GetAlert(grpc::ServerContext* context, const v1::GetAlertRequest* request,
                        v1::Alert* response) override {
    return gate_.Read(*context, *request, response,
                      [&](ReadCall& call) { return call.Load<v1::Alert>(request->name()); });
  }

  grpc::Status ReviewAlert(grpc::ServerContext* context, const v1::ReviewAlertRequest* request,
                           v1::Alert* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Alert> {
      ASSIGN_OR_RETURN(v1::Alert alert, call.Load<v1::Alert>(request->name()));
      ASSIGN_OR_RETURN(alert, domain::Review(std::move(alert), {.outcome = request->outcome(),
                                                                .note = request->note(),
                                                                .account = call.caller().account,
                                                                .time = call.security_now()}));
      RETURN_IF_ERROR(call.Save(alert));
      return alert;
    });
  }

 private:
  // What is no audit record is nobody's secret, and is what an auditor looks for.
  static bool MayHave(const domain::Caller& caller, std::string_view record) {
    const auto decoded = domain::DecodeAuditRecord(record);
    if (!decoded.ok()) return true;
    return std::ranges::any_of(caller.roles, [&](const domain::HeldRole& held) {
      return held.role == v1::ROLE_AUDITOR && ConcernsArea(decoded->second, held.area);
    });
  }

  static bool Wanted(const v1::ListEventsRequest& request, const domain::AuditEvent& event) {
    const auto& subjects = event.subjects;
    return ConcernsArea(event, request.parent()) &&
           (request.account().empty() || event.account == request.account()) &&
           (request.subject().empty() ||
            std::find(subjects.begin(), subjects.end(), request.subject()) != subjects.end());
  }

  Gate& gate_;
  const store::Checkpointer& checkpointer_;
};

}  // namespace

NamedService NewAuditService(Gate& gate, const store::Checkpointer& checkpointer) {
  return {.full_name = v1::AuditService::service_full_name(),
          .service = std::make_unique<AuditService>(gate, checkpointer)};
}

}  // namespace marac::rpc
