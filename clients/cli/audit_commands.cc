// The audit: who did what, and whether the log is whole.
#include <fmt/format.h>

#include <algorithm>

#include "cli/checkpoint_file.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/text.h"
#include "marac/v1/audit_service.grpc.pb.h"

namespace marac::cli {
namespace {

using AuditStub = v1::AuditService::Stub;

struct ListFlags {
  std::string subject;
  std::string account;
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) {
  app.add_option("--subject", flags.subject, "Only events that touched this record (full name)");
  app.add_option("--account", flags.account, "Only this person's: account or login");
  AddLimitOption(app, flags.limit);
}
absl::Status List(Client& client, const ListFlags& flags) {
  v1::ListEventsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_subject(flags.subject);
  if (!flags.account.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_account(), AccountName(client, flags.account));
  }
  ASSIGN_OR_RETURN(
      const v1::ListEventsResponse events,
      client.List(&AuditStub::ListEvents, request, &v1::ListEventsResponse::events, flags.limit));
  // Identifiers keep their line, so that they can be copied; what belongs together stands below each other.
  Table table({{"SEQ", false}, {"TIME", false}, {"WHAT"}, {"WHO", false}, {"OK", false}, {"RECORDS", false}});
  for (const v1::AuditRecord& event : events.events()) {
    std::string time = MomentText(event.time());
    std::replace(time.begin(), time.end(), ' ', '\n');
    std::string subjects;
    for (const std::string& subject : event.subjects()) {
      const std::string id = LastId(subject);
      // The collection, without the area, which is the same for all.
      const std::string above = subject.substr(0, subject.size() - id.size());
      const size_t area = above.starts_with("areas/") ? above.find('/', 6) + 1 : 0;
      subjects += (subjects.empty() ? "" : "\n") + above.substr(area) + "\n" + id;
    }
    table.AddRow({std::to_string(event.sequence()), time, LastId(event.method()) + "\n" + event.kind(),
                  LastId(event.account()) + "\n" + LastId(event.agency()), event.allowed() ? "yes" : "no",
                  subjects});
  }
  client.Show(events, table.Render());
  return absl::OkStatus();
}

struct VerifyFlags {
  int64_t from = 0;
};
void VerifyOptions(CLI::App& app, VerifyFlags& flags) {
  app.add_option("--from", flags.from, "From this sequence number on; 0: from the first")
      ->capture_default_str();
}
absl::Status Verify(Client& client, const VerifyFlags& flags) {
  v1::VerifyChainRequest request;
  request.set_from_sequence(flags.from);
  client.Note("the server reads its whole log; this may take minutes");
  ASSIGN_OR_RETURN(const v1::VerifyChainResponse answer,
                   client.Call(&AuditStub::VerifyChain, request, {.timeout = absl::Minutes(10)}));
  client.Show(answer, answer.intact() ? fmt::format("Intact: {} events checked, the last is number {}.\n",
                                                    answer.checked(), answer.head_sequence())
                                      : "");
  if (answer.intact()) return absl::OkStatus();
  return AuditBad(
      fmt::format("the audit chain is broken at number {}: stop using this database and keep it as "
                  "it is",
                  answer.first_bad_sequence()));
}

struct NoFlags {};
void NoOptions(CLI::App&, NoFlags&) {}
absl::Status ShowCheckpoint(Client& client, const NoFlags&) {
  ASSIGN_OR_RETURN(const v1::Checkpoint checkpoint, client.Call(&AuditStub::GetCheckpoint, {}));
  client.Show(checkpoint, Printable(checkpoint.note()));
  return absl::OkStatus();
}

struct CheckFlags {
  std::string file;
  std::vector<std::string> keys;
};
void CheckOptions(CLI::App& app, CheckFlags& flags) {
  app.add_option("FILE", flags.file, "Where the newest checkpoint is kept, away from the server")->required();
  app.add_option("--audit-key", flags.keys, "A key that may have signed it; repeat it. Wins over audit_keys");
}
absl::Status Check(Client& client, const CheckFlags& flags) {
  std::vector<std::string> keys = flags.keys;
  if (keys.empty()) {
    ASSIGN_OR_RETURN(const config::v1::ClientConfig config, client.Config());
    keys.assign(config.audit_keys().begin(), config.audit_keys().end());
  }
  ASSIGN_OR_RETURN(const v1::Checkpoint checkpoint, client.Call(&AuditStub::GetCheckpoint, {}));
  ASSIGN_OR_RETURN(const CheckpointVerdict verdict, CheckAndKeep(flags.file, checkpoint.note(), keys));
  client.Show(checkpoint,
              verdict.kept_size == 0
                  ? fmt::format("Kept the first checkpoint: {} entries, signed.\n", verdict.new_size)
                  : fmt::format("Good: {} entries, signed; {} at the last check.\n", verdict.new_size,
                                verdict.kept_size));
  return absl::OkStatus();
}

}  // namespace

void AddAuditCommands(const Group& root) {
  const Group group = root.AddGroup("audit", "Who did what, and whether the log is whole");
  group.Add<ListFlags>("list", "List events, the newest first", ListOptions, List);
  group.Add<VerifyFlags>("verify", "Have the chain recomputed", VerifyOptions, Verify);
  group.Add<NoFlags>("checkpoint", "Print the newest signed checkpoint", NoOptions, ShowCheckpoint);
  group.Add<CheckFlags>("check", "Compare it with the one kept here, and keep it", CheckOptions, Check);
}

}  // namespace marac::cli
