// The audit: who did what, who looked at a case, and whether the log is whole.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/time/clock.h"
#include "cli/checkpoint_file.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/prompt.h"
#include "cli/text.h"
#include "cli/words.h"
#include "domain/audit_export.h"
#include "marac/v1/audit_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"

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

// Everybody of the area by account. Somebody who left it stays an account.
absl::StatusOr<std::map<std::string, std::string>> PeopleByAccount(Client& client) {
  v1::ListAccountsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const v1::ListAccountsResponse people,
                   client.List(&v1::DirectoryService::Stub::ListAccounts, request,
                               &v1::ListAccountsResponse::accounts, /*limit=*/0));
  std::map<std::string, std::string> names;
  for (const v1::Account& account : people.accounts()) names[account.name()] = account.display_name();
  return names;
}

std::string ReaderText(const v1::CaseReader& reader, const std::map<std::string, std::string>& names) {
  const auto name = names.find(reader.account());
  std::string text =
      fmt::format("{}, {}, {}\n", Printable(name == names.end() ? LastId(reader.account()) : name->second),
                  LastId(reader.agency()), reader.role());
  text += Labelled("account", reader.account(), /*indent=*/2);
  text += Labelled("first", MomentText(reader.first_time()), /*indent=*/2);
  text += Labelled("last", MomentText(reader.last_time()), /*indent=*/2);
  for (const v1::ReaderDeed& deed : reader.deeds()) {
    text += Labelled(fmt::format("{} times", deed.count()), deed.words(), /*indent=*/2);
  }
  if (reader.refused_count() > 0)
    text += Labelled("refused", fmt::format("{} times", reader.refused_count()), /*indent=*/2);
  if (reader.failed_count() > 0)
    text += Labelled("in vain", fmt::format("{} times", reader.failed_count()), /*indent=*/2);
  std::string classes;
  for (const int shown : reader.field_classes()) {
    classes += (classes.empty() ? "" : ", ") + Word(static_cast<v1::FieldClass>(shown));
  }
  if (!classes.empty()) text += Labelled("shown", classes, /*indent=*/2);
  for (const v1::ReaderReveal& reveal : reader.reveals()) {
    text += Labelled("revealed",
                     fmt::format("{} on {}{}", Word(reveal.kind()), MomentText(reveal.time()),
                                 reveal.reason().empty() ? "" : ": " + Printable(reveal.reason())),
                     /*indent=*/2);
  }
  return text;
}

void ReadersOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("CASE", flags.name, "The case: its name or number")->required();
}
absl::Status Readers(Client& client, const NameFlags& flags) {
  v1::ListCaseReadersRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), CaseName(client, flags.name));
  ASSIGN_OR_RETURN(const v1::ListCaseReadersResponse answer,
                   client.Call(&AuditStub::ListCaseReaders, request));
  ASSIGN_OR_RETURN(const auto names, PeopleByAccount(client));
  std::string text;
  for (const v1::CaseReader& reader : answer.readers()) {
    text += (text.empty() ? "" : "\n") + ReaderText(reader, names);
  }
  if (answer.has_counted_from())
    client.Note("there is too much to count all; what was before " + MomentText(answer.counted_from()) +
                " is left out");
  client.Show(answer, text);
  return absl::OkStatus();
}

struct ExportFlags {
  std::string file;
};
void ExportOptions(CLI::App& app, ExportFlags& flags) {
  app.add_option("FILE", flags.file, "A new file")->required();
}
// Up to where the log ended when it began: what is read is written down as well, so there is always more.
absl::Status Export(Client& client, const ExportFlags& flags) {
  std::error_code error;
  if (std::filesystem::exists(flags.file, error)) {
    return absl::InvalidArgumentError("FILE: is there already; give a new one");
  }
  const std::string unfinished = flags.file + ".part";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  using std::filesystem::perms;
  std::filesystem::permissions(unfinished, perms::owner_read | perms::owner_write, error);
  v1::ReadLogRequest request;
  request.set_from_sequence(1);
  request.set_page_size(1000);
  int64_t last = 0;
  int64_t written = 0;
  do {
    ASSIGN_OR_RETURN(const v1::ReadLogResponse page, client.Call(&AuditStub::ReadLog, request));
    if (written == 0) {
      last = page.head_sequence();
      file << domain::AuditExportHead(page.origin(), absl::Now());
    }
    if (page.entries().empty()) break;
    for (const v1::LogEntry& entry : page.entries()) {
      if (entry.sequence() > last) break;
      file << domain::AuditExportLine(static_cast<uint64_t>(entry.sequence()), entry.record(), entry.leaf(),
                                      entry.chain());
      ++written;
    }
    const int64_t at = page.entries().rbegin()->sequence();
    request.set_from_sequence(at + 1);
    if (at < last) client.Note(std::to_string(at) + " of " + std::to_string(last) + " read so far");
  } while (request.from_sequence() <= last);
  file << domain::AuditExportEnd(static_cast<uint64_t>(written));
  file.close();
  if (file) std::filesystem::rename(unfinished, flags.file, error);
  if (!file || error) return absl::InvalidArgumentError("FILE: cannot be written; give another");
  v1::ReadLogResponse taken;
  taken.set_head_sequence(last);
  client.Show(taken, fmt::format("{}: {} entries.\nCheck it with clients/verify/marac-verify.mjs and the key "
                                 "that `maracd audit-key` prints.\n",
                                 flags.file, written));
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

struct AlertsFlags {
  bool all = false;
  int limit = kListLimitDefault;
};
void AlertsOptions(CLI::App& app, AlertsFlags& flags) {
  app.add_flag("--all", flags.all, "Also those that somebody has reviewed");
  AddLimitOption(app, flags.limit);
}

// "over-limit reveal (61)".
std::string WhatWasNoticed(const v1::Alert& alert) {
  std::string text = Word(alert.kind());
  if (alert.use() != v1::USE_KIND_UNSPECIFIED) text += " " + Word(alert.use());
  if (alert.count() > 0) text += fmt::format(" ({})", alert.count());
  return text;
}

absl::Status Alerts(Client& client, const AlertsFlags& flags) {
  v1::ListAlertsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  if (!flags.all) request.set_state(v1::ALERT_STATE_WAITING);
  ASSIGN_OR_RETURN(
      const v1::ListAlertsResponse alerts,
      client.List(&AuditStub::ListAlerts, request, &v1::ListAlertsResponse::alerts, flags.limit));
  // Not a table: what tells one alert from another is long.
  std::string text;
  for (const v1::Alert& alert : alerts.alerts()) {
    std::vector<std::string> subjects;
    for (const std::string& subject : alert.subjects()) subjects.push_back(LastId(subject));
    const bool waits = alert.state() == v1::ALERT_STATE_WAITING;
    text += fmt::format("{}  {}, {}\n  alert:  {}\n  who:    {}, {}\n", MomentText(alert.time()),
                        WhatWasNoticed(alert), waits ? "waits" : Word(alert.review().outcome()),
                        LastId(alert.name()), LastId(alert.account()), LastId(alert.agency()));
    if (!subjects.empty()) text += fmt::format("  about:  {}\n", fmt::join(subjects, "\n          "));
  }
  client.Show(alerts, text);
  return absl::OkStatus();
}

struct ReviewFlags {
  std::string alert;
  std::string outcome;
  std::string note;
};
void ReviewOptions(CLI::App& app, ReviewFlags& flags) {
  app.add_option("ALERT", flags.alert, "As `marac audit alerts` lists it")->required();
  app.add_option("OUTCOME", flags.outcome, "What it was: " + Words<v1::AlertOutcome>())->required();
  AddOptionalTextOption(app, "--note", flags.note, "What was found and done, without names of subjects");
}
absl::Status Review(Client& client, const ReviewFlags& flags) {
  v1::ReviewAlertRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "alerts", flags.alert));
  ASSIGN_OR_RETURN(const auto outcome, ParseWord<v1::AlertOutcome>(flags.outcome, "outcome"));
  request.set_outcome(outcome);
  ASSIGN_OR_RETURN(*request.mutable_note(), TextIfGiven(client, flags.note));
  ASSIGN_OR_RETURN(const v1::Alert alert, client.Call(&AuditStub::ReviewAlert, request));
  client.Show(alert, "Reviewed.\n");
  return absl::OkStatus();
}

}  // namespace

void AddAuditCommands(const Group& root) {
  const Group group = root.AddGroup("audit", "Who did what, and whether the log is whole");
  group.Add<ListFlags>("list", "List events, the newest first", ListOptions, List);
  group.Add<NameFlags>("readers", "Who has looked at a case", ReadersOptions, Readers);
  group.Add<ExportFlags>("export", "Take the log away, for checking it elsewhere", ExportOptions, Export);
  group.Add<VerifyFlags>("verify", "Have the chain recomputed", VerifyOptions, Verify);
  group.Add<NoFlags>("checkpoint", "Print the newest signed checkpoint", NoOptions, ShowCheckpoint);
  group.Add<AlertsFlags>("alerts", "List what was noticed and waits for somebody to look at it",
                         AlertsOptions, Alerts);
  group.Add<ReviewFlags>("review", "Say what an alert was", ReviewOptions, Review);
  group.Add<CheckFlags>("check", "Compare it with the one kept here, and keep it", CheckOptions, Check);
}

}  // namespace marac::cli
