// The gate: the one way from a gRPC call to a body that does something, and the one maker of a grpc::Status.
//
//   return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Referral> {
//   ... });
//
// It finds the method's rule by the type of the request, so that a handler names no permission and cannot
// name a wrong one. In one transaction: who is calling; may this role do this at all; has this request_id
// been answered; the body, which opens records through the call and so asks MayTouch for each; the audit row.
// It answers after the commit, redacted record by record.
#ifndef MARAC_RPC_GATE_H_
#define MARAC_RPC_GATE_H_

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/secret.h"
#include "base/status_macros.h"
#include "domain/access.h"
#include "domain/audit.h"
#include "domain/record.h"
#include "rpc/area_catalogues.h"
#include "rpc/open_calls.h"
#include "rpc/program_auth.h"
#include "rpc/watch.h"
#include "store/database.h"
#include "store/records.h"
#include "store/sessions.h"

namespace marac::rpc {

class Gate;

// NOT_FOUND is answered a whole number of these after its call came, so that nobody can tell by a clock
// whether a record is hidden from them or not there (security.md 1, threat 17).
inline constexpr std::chrono::milliseconds kNotFoundStep{3};

// Who a new record belongs to, where its message does not say.
struct Owner {
  std::string account;
  std::string agency;
};

// What a body may do that only looks. Lives during one run of the body; a body may be run again, so it keeps
// nothing outside the call and what it returns.
class ReadCall {
 public:
  ReadCall(const ReadCall&) = delete;
  ReadCall& operator=(const ReadCall&) = delete;

  const domain::Caller& caller() const { return caller_; }
  absl::Time now() const { return now_; }  // BusinessClock
  absl::CivilDay today() const;            // in Europe/London
  absl::Time security_now() const { return security_now_; }
  store::Transaction& tx() { return tx_; }
  // What is installed for the area: the one way to look up a pack or a policy. Lives as long as this call.
  absl::StatusOr<const domain::Catalogue*> CatalogueOf(std::string_view area);
  // Null when the nation has no calendar.
  const domain::WorkingDays* CalendarOf(v1::Nation nation) const;

  // The record, when the caller may touch it for this method; otherwise NOT_FOUND, worded alike for hidden
  // and absent. `field` names the request's field for a name that is no name.
  template <typename T>
  absl::StatusOr<T> Load(std::string_view name, std::string_view field = "name") {
    T record;
    RETURN_IF_ERROR(OpenInto(domain::KindOf<T>::value, name, field, /*by_server=*/false, record));
    return record;
  }
  // The same of one that is to be changed, or looked at as if it were: ABORTED when `etag` is not its present
  // one.
  template <typename T>
  absl::StatusOr<T> LoadForChange(std::string_view name, std::string_view etag,
                                  std::string_view field = "name") {
    ASSIGN_OR_RETURN(T record, Load<T>(name, field));
    if (record.etag() != etag) return StaleOrMissingEtag(name, etag);
    return record;
  }
  // A record the server needs beside it, whoever calls. Nothing of it leaves.
  template <typename T>
  absl::StatusOr<T> LoadAsServer(std::string_view name, std::string_view field = "name") {
    T record;
    RETURN_IF_ERROR(OpenInto(domain::KindOf<T>::value, name, field, /*by_server=*/true, record));
    return record;
  }
  // An area with its settings, for the server's own use.
  absl::StatusOr<v1::Area> Area(std::string_view area, std::string_view field = "parent") {
    return LoadAsServer<v1::Area>(area, field);
  }

  // Whether the caller may touch the record for this method, without loading it: for answers that are about
  // it and hold nothing of it.
  absl::StatusOr<domain::RecordFacts> Check(domain::Kind kind, std::string_view name,
                                            std::string_view field = "name");
  // What decided about a record; for its scope, stage and author.
  absl::StatusOr<domain::RecordFacts> Facts(std::string_view name) { return store::LoadFacts(tx_, name); }

  // One page of the records that are open to the caller, and the token for the next. 0 asks for 50, at most
  // 100; records that are large together end it earlier, so that no list outgrows a message.
  template <typename T>
  absl::StatusOr<std::vector<T>> List(const store::ListQuery& query, int32_t page_size,
                                      const std::string& page_token, std::string* next_page_token) {
    return ListWanted<T>(query, page_size, page_token, next_page_token, nullptr);
  }
  // The same of those that `wanted` takes, for what no column tells: a page is full while there are more of
  // them.
  template <typename T>
  absl::StatusOr<std::vector<T>> ListWanted(const store::ListQuery& query, int32_t page_size,
                                            const std::string& page_token, std::string* next_page_token,
                                            const std::function<bool(const T&)>& wanted) {
    std::vector<T> records;
    RETURN_IF_ERROR(WalkPage(query, page_size, page_token, next_page_token,
                             [&](const std::string& name) -> absl::StatusOr<std::optional<size_t>> {
                               if (wanted) {
                                 ASSIGN_OR_RETURN(const T looked_at, LoadAsServer<T>(name));
                                 if (!wanted(looked_at)) return std::nullopt;
                               }
                               ASSIGN_OR_RETURN(T record, Load<T>(name));
                               records.push_back(std::move(record));
                               return records.back().ByteSizeLong();
                             }));
    return records;
  }

  // Seals what a page of another kind of list ended with, and opens it again.
  std::string SealPage(std::string_view purpose, std::string_view content) const;
  absl::StatusOr<std::string> OpenPage(std::string_view purpose, std::string_view token) const;

  // For what a method wants of some calls only: FAILED_PRECONDITION, STEP_UP_NEEDED, when the person was not
  // proved within the last minutes (domain::kFactorFresh).
  absl::Status RequireFreshFactor() const { return domain::RequireFreshFactor(caller_); }
  // Whether the caller has a part in the case of which they opened a record (domain::IsInvolved).
  bool HasPartIn(const std::string& scope) const {
    const auto opened = watched_.opened.find(scope);
    return opened != watched_.opened.end() && opened->second.involved;
  }

  // For the audit. Loading, keeping and changing a record note it by themselves.
  void NoteSubject(std::string_view name);
  void NoteRows(int32_t rows) { row_count_ = rows; }
  void NoteReason(std::string_view code) { reason_code_ = code; }
  // To whom this call opens something that was not open to them.
  void NoteRecipient(std::string_view agency_or_area) { recipients_.emplace(agency_or_area); }

 protected:
  friend class Gate;
  struct Opened {
    domain::FieldClassSet classes;
    int64_t version = 0;
    std::string scope = {};
    std::string area = {};
    domain::Stage stage = domain::Stage::kArea;
  };

  ReadCall(const Gate& gate, store::Transaction& tx, const domain::MethodRule& rule)
      : gate_(gate), tx_(tx), rule_(rule), watched_({.use = domain::UseOf(rule.method)}) {}
  ~ReadCall() = default;

  static absl::Status StaleOrMissingEtag(std::string_view name, std::string_view etag);
  absl::Status OpenInto(domain::Kind kind, std::string_view name, std::string_view field, bool by_server,
                        google::protobuf::Message& record);
  // Calls `take` with the name of one record after the other until a page is full. It keeps the record and
  // returns its size in bytes, or nothing when the page does not have it.
  absl::Status WalkPage(
      const store::ListQuery& query, int32_t page_size, const std::string& page_token,
      std::string* next_page_token,
      const std::function<absl::StatusOr<std::optional<size_t>>(const std::string& name)>& take);
  void SetEtag(google::protobuf::Message& record, std::string_view name, int64_t version) const;

  const Gate& gate_;
  store::Transaction& tx_;
  const domain::MethodRule& rule_;
  domain::Caller caller_;
  absl::Time now_;
  absl::Time security_now_;
  std::map<std::string, Opened, std::less<>> opened_;
  std::vector<std::string> subjects_;
  std::string cited_rule_;
  std::string reason_code_;
  domain::ChangedRecords changed_;
  std::set<std::string, std::less<>> recipients_;
  int32_t row_count_ = 0;
  Watched watched_;
  std::vector<std::shared_ptr<const domain::Catalogue>> catalogues_;
};

// What a body may do that changes something.
class WriteCall : public ReadCall {
 public:
  store::WriteTransaction& write() { return write_; }
  std::string NewId() const;
  // SHA-256 of the token this call came with, of the session itself.
  const std::string& token_hash() const { return token_hash_; }

  // Keeps a new record; its name is set. The caller's role must allow the method in the record's area.
  template <typename T>
  absl::Status Create(T& record, std::string_view scope, Owner owner = {}) {
    return Insert(domain::KindOf<T>::value, domain::ColumnsOf(record), record.name(), record, scope,
                  std::move(owner));
  }
  // Keeps the next version of a record that this call loaded.
  template <typename T>
  absl::Status Save(T& record) {
    return Update(domain::KindOf<T>::value, domain::ColumnsOf(record), record.name(), record);
  }

  absl::Status NewScope(std::string_view scope, std::string_view area, domain::Stage stage) {
    return store::NewScope(write_, scope, area, stage);
  }
  absl::Status SetStage(std::string_view scope, domain::Stage stage) {
    return store::SetStage(write_, scope, stage);
  }
  absl::Status SetScope(std::string_view record, std::string_view scope) {
    return store::SetScope(write_, record, scope);
  }
  // Whoever the other scope is open to receives this one.
  absl::Status MoveScope(std::string_view from, std::string_view to);
  absl::Status Involve(std::string_view scope, std::string_view agency) {
    NoteRecipient(agency);
    return store::Involve(write_, scope, agency);
  }
  absl::Status ShutOut(std::string_view scope, std::string_view account) {
    return store::ShutOut(write_, scope, account);
  }

  // For what lives in memory: runs once this is on disk, before the answer, whether or not it is still waited
  // for (store::WriteTransaction). What it uses outlives the services.
  void AfterCommit(std::function<void()> action) { write_.AfterCommit(std::move(action)); }

  // Says who this is, in the one method that finds out (SignIn).
  void Acting(std::string_view account, std::string_view agency);

 private:
  friend class Gate;
  WriteCall(const Gate& gate, store::WriteTransaction& tx, const domain::MethodRule& rule)
      : ReadCall(gate, tx, rule), write_(tx) {}
  absl::Status Insert(domain::Kind kind, domain::RecordColumns columns, const std::string& name,
                      google::protobuf::Message& record, std::string_view scope, Owner owner);
  absl::Status Update(domain::Kind kind, const domain::RecordColumns& columns, const std::string& name,
                      google::protobuf::Message& record);
  // The caller has worked on what this scope is about.
  void NoteWork(domain::Kind kind, const std::string& scope, const std::string& area, domain::Stage stage);

  store::WriteTransaction& write_;
  std::string token_hash_;
};

// A message that is a record: it can be answered again from its stored version.
template <typename T>
concept Record = requires(T record) {
  domain::KindOf<T>::value;
  record.name();
};

// Made once; any thread may call Read and Write.
class Gate {
 public:
  struct Parts {
    store::Database* database;
    const ProgramRegistry* programs;
    const domain::Catalogue* catalogue;
    const BusinessClock* business_clock;
    const SecurityClock* security_clock;
    IdSource* ids;
    const Secret* app_key;
    OpenCalls* open_calls = nullptr;  // null: nobody's calls are counted
  };
  explicit Gate(const Parts& parts);

  template <typename Request, typename Response, typename Body>
  grpc::Status Read(grpc::ServerContext& context, const Request& request, Response* response,
                    const Body& body) {
    return RunRead(context, request, *response, [&body](ReadCall& call, google::protobuf::Message& answer) {
      return Fill<Response>(body(call), answer);
    });
  }

  // For answers that are one record: a repeated request_id is answered from the version it made.
  template <typename Request, Record Response, typename Body>
  grpc::Status Write(grpc::ServerContext& context, const Request& request, Response* response,
                     const Body& body) {
    return RunWrite(
        context, request, *response,
        [&body](WriteCall& call, google::protobuf::Message& answer) {
          return Fill<Response>(body(call), answer);
        },
        /*rebuild=*/nullptr);
  }

  // For other answers: `rebuild` makes the answer to a repeated request_id, from what is there now.
  template <typename Request, typename Response, typename Body, typename Rebuild>
  grpc::Status Write(grpc::ServerContext& context, const Request& request, Response* response,
                     const Body& body, const Rebuild& rebuild) {
    return RunWrite(
        context, request, *response,
        [&body](WriteCall& call, google::protobuf::Message& answer) {
          return Fill<Response>(body(call), answer);
        },
        [&rebuild](ReadCall& call, google::protobuf::Message& answer) {
          return Fill<Response>(rebuild(call), answer);
        });
  }

  // Looks something up that never leaves, before a call's own transaction (a password's hash, which must be
  // checked where nobody waits). Not audited: the call that follows is.
  absl::Status Peek(const std::function<absl::Status(store::Transaction&)>& look) const;

  // Whether a call is going to get as far as this, before work that is too dear to be had for the asking.
  // Looks alone, is not audited, and has not the last word: the call that follows is judged again.
  absl::Status MayBegin(const grpc::ServerContext& context, const google::protobuf::Message& request,
                        const std::function<absl::Status(ReadCall&)>& look) const;

  // Where a call comes from: the connection's address, or what the web program says of its people's.
  std::string SourceOf(const grpc::ServerContext& context) const;
  // The session is in use from `now` on: its person was proved anew.
  void Renew(const std::string& token_hash, absl::Time now) const;
  // Whether this session is locked, by its person or because it idles.
  bool IsLocked(const std::string& token_hash, const store::StoredSession& session, absl::Time now) const;

  // SHA-256 of the token a call carries; empty without one.
  static std::string TokenHashOf(const grpc::ServerContext& context);

  const Parts& parts() const { return parts_; }
  const Watch& watch() const { return watch_; }

 private:
  friend class ReadCall;
  friend class WriteCall;
  using ReadBody = std::function<absl::Status(ReadCall&, google::protobuf::Message&)>;
  using WriteBody = std::function<absl::Status(WriteCall&, google::protobuf::Message&)>;
  // What is known of a call before its transaction.
  struct Incoming;

  template <typename Response>
  static absl::Status Fill(absl::StatusOr<Response> made, google::protobuf::Message& answer) {
    if (!made.ok()) return made.status();
    static_cast<Response&>(answer) = *std::move(made);
    return absl::OkStatus();
  }

  grpc::Status RunRead(grpc::ServerContext& context, const google::protobuf::Message& request,
                       google::protobuf::Message& response, const ReadBody& body);
  grpc::Status RunWrite(grpc::ServerContext& context, const google::protobuf::Message& request,
                        google::protobuf::Message& response, const WriteBody& body, const ReadBody& rebuild);
  absl::StatusOr<Incoming> Receive(const grpc::ServerContext& context,
                                   const google::protobuf::Message& request) const;
  // Answers a call that did not come as far as its transaction; a refusal leaves its audit row as well.
  grpc::Status Refuse(const grpc::ServerContext& context, const absl::Status& status) const;
  // RESOURCE_EXHAUSTED when the program has as many calls open as one may.
  absl::Status CheckShare(const grpc::ServerContext& context, const Incoming& incoming) const;
  // Steps 1 and 2: who, and may this role at all.
  absl::Status Admit(const Incoming& incoming, ReadCall& call) const;
  absl::StatusOr<domain::Caller> Identify(const Incoming& incoming, store::Transaction& tx,
                                          absl::Time now) const;
  absl::Status Release(ReadCall& call, google::protobuf::Message& answer) const;
  absl::Status Replay(WriteCall& call, std::string_view resource, int64_t version,
                      google::protobuf::Message& answer) const;
  domain::AuditEvent EventOf(const Incoming& incoming, const ReadCall* call,
                             const absl::Status& status) const;
  // Whether a refusal of one call gets a row of its own, decided once; given back with the event.
  std::optional<domain::AuditEvent> Counted(domain::AuditEvent event, const absl::Status& status,
                                            std::optional<domain::RefusalCap::Row>& row) const;
  // A session that was not used for its idle time is locked; every use renews it. What is not remembered
  // counts from when its person was last proved, so that neither a restart nor a full memory opens what was
  // locked.
  bool Touch(const std::string& token_hash, const store::StoredSession& session, absl::Time now) const;

  const Parts parts_;
  const Secret seal_key_;
  const Secret etag_key_;
  const Secret audit_key_;
  const Watch watch_;
  const AreaCatalogues catalogues_;
  std::map<const google::protobuf::Descriptor*, const domain::MethodRule*> rules_;
  mutable absl::Mutex mutex_;
  mutable std::map<std::string, absl::Time> last_used_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace marac::rpc

#endif  // MARAC_RPC_GATE_H_
