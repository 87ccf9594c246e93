#include "cli/app.h"

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"

namespace marac::cli {
namespace {

constexpr char kVersion[] = "marac 0.1.0";

void AddGlobalOptions(CLI::App& app, GlobalFlags& flags) {
  const auto setting = [&app](const std::string& name, std::string* (config::v1::ClientConfig::*field)(),
                              config::v1::ClientConfig& config, const std::string& help) {
    app.add_option_function<std::string>(
           name, [&config, field](const std::string& value) { *(config.*field)() = value; }, help)
        ->group("Settings, over the configuration file");
  };
  app.add_option("--config", flags.config_file, "Configuration file (~/.config/marac/config.textproto)")
      ->group("Settings, over the configuration file");
  using config::v1::ClientConfig;
  setting("--server", &ClientConfig::mutable_server_address, flags.config, "Server: host and port");
  setting("--server-name", &ClientConfig::mutable_server_name, flags.config,
          "Name in the server's certificate");
  setting("--authority", &ClientConfig::mutable_authority_file, flags.config,
          "Root certificate of the area, PEM");
  setting("--certificate", &ClientConfig::mutable_certificate_file, flags.config,
          "This program's certificate, PEM");
  setting("--key", &ClientConfig::mutable_private_key_file, flags.config,
          "File of its private key (0600), PEM");
  setting("--area", &ClientConfig::mutable_area, flags.config, "Area worked in, for instance mk");
  setting("--session-file", &ClientConfig::mutable_session_file, flags.config, "File of the session (0600)");
  app.add_option_function<int>(
         "--timeout-ms", [&flags](const int& value) { flags.config.set_timeout_ms(value); },
         "How long one call may take, repeats included")
      ->group("Settings, over the configuration file");
  app.add_flag("--json", flags.json, "Answer with one JSON document (marac.v1 as protobuf JSON)");
  app.add_flag("-q,--quiet", flags.quiet, "No notes and no progress");
}

}  // namespace

void AddRecordOptions(CLI::App& app, RecordFlags& flags, const std::string& what) {
  app.add_option("NAME", flags.name, what + ": its full name, or what follows the last slash")->required();
  app.add_option("--etag", flags.etag, "Refuse if it was changed since it was read with this etag");
}

void AddLimitOption(CLI::App& app, int& limit) {
  app.add_option("--limit", limit, "Rows at most; 0 for all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

void AddJsonInput(CLI::App& app, JsonInput& input, const std::string& what) {
  app.add_option_function<std::vector<std::string>>(
         "--json",
         [&input](const std::vector<std::string>& given) {
           input.given = true;
           if (!given.empty()) input.file = given.front();
         },
         what +
             " as JSON from this file, - for standard input; answers in JSON. Without a file: answers only")
      ->expected(0, 1)
      ->type_name("[FILE]");
}

int RunMarac(int argc, const char* const* argv, Terminal& terminal) {
  Client client(terminal);
  Action chosen;
  CLI::App app("marac: the work of a MARAC on the command line", "marac");
  app.set_version_flag("--version", kVersion);
  app.set_help_all_flag("--help-all", "Help for every command");
  app.footer(kExitCodeHelp);
  app.require_subcommand(1);
  // Settings and --json may stand behind the command too.
  app.fallthrough();
  AddGlobalOptions(app, client.flags());
  const Group root = {app, chosen};
  AddSessionCommands(root);
  AddAccountCommands(root);
  AddAssessmentCommands(root);
  AddSittingCommands(root);
  AddReviewCommands(root);
  AddDocumentCommands(root);
  AddSupervisionCommands(root);
  AddReferralCommands(root);
  AddTriageCommands(root);
  AddCaseCommands(root);
  AddAccessCommands(root);
  AddAgendaCommands(root);
  AddMeetingCommands(root);
  AddResearchCommands(root);
  AddActionCommands(root);
  AddAreaCommands(root);
  AddDirectoryCommands(root);
  AddServiceCommands(root);
  AddInstrumentCommands(root);
  AddPolicyCommands(root);
  AddPilotCommands(root);
  AddAuditCommands(root);
  AddClockCommands(root);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 tells by exception, help and version too.
    return app.exit(error) == 0 ? static_cast<int>(ExitCode::kOk) : static_cast<int>(ExitCode::kUsage);
  }
  const absl::Status status = chosen(client);
  if (!status.ok()) client.ShowError(status);
  return static_cast<int>(ExitCodeOf(status));
}

}  // namespace marac::cli
