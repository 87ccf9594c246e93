// The command line: groups of commands, one file a group.
#ifndef MARAC_CLI_COMMANDS_H_
#define MARAC_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "cli/client.h"

namespace marac::cli {

// What the command line asked for, to be run once it was understood as a whole.
using Action = std::function<absl::Status(Client&)>;

// Where commands are added: a group of the command line, and where the chosen one leaves its action.
struct Group {
  CLI::App& app;
  Action& chosen;

  // A group inside this one; one of its commands has to be given.
  Group AddGroup(const std::string& name, const std::string& help) const {
    CLI::App* group = app.add_subcommand(name, help);
    group->require_subcommand(1);
    return {*group, chosen};
  }

  // A command: `options` declares its options, which land in a Flags of their own, and `run` does it.
  template <typename Flags>
  void Add(const std::string& name, const std::string& help, void (*options)(CLI::App&, Flags&),
           absl::Status (*run)(Client&, const Flags&)) const {
    CLI::App* command = app.add_subcommand(name, help);
    const auto flags = std::make_shared<Flags>();
    options(*command, *flags);
    command->callback([&action = chosen, flags, run] {
      action = [flags, run](Client& client) { return run(client, *flags); };
    });
  }
};

void AddSessionCommands(const Group& root);
void AddAccountCommands(const Group& root);
void AddAssessmentCommands(const Group& root);
void AddSittingCommands(const Group& root);
void AddReviewCommands(const Group& root);
void AddDocumentCommands(const Group& root);
void AddSupervisionCommands(const Group& root);
void AddReferralCommands(const Group& root);
void AddTriageCommands(const Group& root);
void AddCaseCommands(const Group& root);
void AddAccessCommands(const Group& root);
void AddAgendaCommands(const Group& root);
void AddMeetingCommands(const Group& root);
void AddResearchCommands(const Group& root);
void AddActionCommands(const Group& root);
void AddAuditCommands(const Group& root);
void AddAreaCommands(const Group& root);
void AddDirectoryCommands(const Group& root);
void AddServiceCommands(const Group& root);
void AddInstrumentCommands(const Group& root);
void AddPolicyCommands(const Group& root);
void AddPilotCommands(const Group& root);
void AddClockCommands(const Group& root);

// Flags that several commands have.

// One record.
struct NameFlags {
  std::string name;
};

// One record, and the etag it must still have.
struct RecordFlags {
  std::string name;
  std::string etag;
};
// "NAME" with help, and --etag.
void AddRecordOptions(CLI::App& app, RecordFlags& flags, const std::string& what);
// The etag to send: the one given on the command line, else the one just read.
template <typename Record>
std::string EtagOf(const RecordFlags& flags, const Record& record) {
  return flags.etag.empty() ? record.etag() : flags.etag;
}

inline constexpr int kListLimitDefault = 50;
void AddLimitOption(CLI::App& app, int& limit);
// "--json [FILE]": the request or record as JSON, and the answer as JSON.
void AddJsonInput(CLI::App& app, JsonInput& input, const std::string& what);

}  // namespace marac::cli

#endif  // MARAC_CLI_COMMANDS_H_
