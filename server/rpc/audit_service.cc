#include "rpc/audit_service.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "domain/errors.h"
#include "marac/v1/audit_service.grpc.pb.h"
#include "store/audit_chain.h"

namespace marac::rpc {
namespace {

using google::protobuf::util::TimeUtil;

// Rows looked at for one page, and verified by one call: what fits well inside the time a read may take. A
// client goes on with the token, or from the row after the last that was checked.
constexpr int kRowsPerPageMax = 5'000;
constexpr uint64_t kRowsPerCheckMax = 20'000;

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
          if (!call.caller().Holds({v1::ROLE_AUDITOR}, request->parent())) {
            return domain::NotFoundOrNotOpen(request->parent());
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
          v1::ListEventsResponse answer;
          int looked_at = 0;
          bool more = false;
          RETURN_IF_ERROR(store::VisitBackwards(call.tx(), before, kRowsPerPageMax,
                                                [&](uint64_t sequence, const domain::AuditEvent& event) {
                                                  if (answer.events_size() == size) {
                                                    more = true;
                                                    return false;
                                                  }
                                                  ++looked_at;
                                                  before = static_cast<int64_t>(sequence);
                                                  if (Wanted(*request, event))
                                                    *answer.add_events() = ToRecord(sequence, event);
                                                  return true;
                                                }));
          if (more || looked_at == kRowsPerPageMax)
            answer.set_next_page_token(call.SealPage(purpose, std::to_string(before)));
          call.NoteRows(answer.events_size());
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

 private:
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
