// maracd: the subcommands of the host. Each reads the configuration, does one thing, and ends with an exit
// code that means something to a script.
#include <signal.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <string>

#include "base/process_memory.h"
#include "base/status_macros.h"
#include "base/supervisor.h"
#include "domain/local_date.h"
#include "rpc/audit_files.h"
#include "rpc/config.h"
#include "rpc/host.h"
#include "rpc/setup.h"
#include "rpc/tls.h"
#include "store/database.h"

namespace {

using marac::config::v1::ServerConfig;

// Exit codes: 0 done; 2 usage; 65 data (wrong key, newer database, damage); 69 unavailable (port in use,
// second server); 74 the disk failed while serving; 78 configuration.
enum ExitCode { kDone = 0, kUsage = 2, kData = 65, kUnavailable = 69, kConfiguration = 78 };

int CodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return kConfiguration;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAlreadyExists:
      return kUnavailable;
    default:
      return kData;
  }
}

int Report(const absl::Status& status) {
  if (!status.ok()) std::cerr << "maracd: " << std::string(status.message()) << '\n';
  return CodeOf(status);
}

absl::Status SetUpLog(const ServerConfig& config) {
  using Log = marac::config::v1::Log;
  if (!config.log().file().empty()) {
    try {
      spdlog::set_default_logger(spdlog::basic_logger_mt("maracd", config.log().file()));
    } catch (const spdlog::spdlog_ex&) {
      return absl::InvalidArgumentError("log.file: cannot be opened for writing: give another file");
    }
  }
  spdlog::set_level(config.log().level() == Log::LEVEL_ERROR     ? spdlog::level::err
                    : config.log().level() == Log::LEVEL_WARNING ? spdlog::level::warn
                                                                 : spdlog::level::info);
  spdlog::flush_on(spdlog::level::info);
  return absl::OkStatus();
}

void Tell(const char* state) {
  if (const absl::Status told = marac::TellSupervisor(state); !told.ok()) {
    spdlog::error("{}", std::string(told.message()));
  }
}

absl::Status Serve(const std::string& config_file) {
  ASSIGN_OR_RETURN(const ServerConfig config, marac::rpc::LoadServerConfig(config_file));
  RETURN_IF_ERROR(SetUpLog(config));
  if (const absl::Status locked = marac::LockProcessMemory(); !locked.ok()) {
    spdlog::warn("{}", std::string(locked.message()));
  }
  // Blocked before any thread exists, so that only the wait below receives them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGINT);
  sigaddset(&stops, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  RETURN_IF_ERROR(marac::domain::LoadLondon().status());
  ASSIGN_OR_RETURN(const std::unique_ptr<marac::rpc::Host> host,
                   marac::rpc::Host::Start(config, {.watchdog = marac::SupervisorPatience(),
                                                    .feed = [] { Tell("WATCHDOG=1"); }}));
  spdlog::info("serving on port {}{}", host->port(), host->demonstration() ? ", a demonstration" : "");
  Tell("READY=1");
  int signal = 0;
  sigwait(&stops, &signal);
  Tell("STOPPING=1");
  spdlog::info("stopping: calls that were accepted are finished first");
  host->Stop(absl::Milliseconds(config.stop_grace_ms()));
  spdlog::info("stopped");
  return absl::OkStatus();
}

absl::Status Verify(const std::string& config_file) {
  ASSIGN_OR_RETURN(const ServerConfig config, marac::rpc::LoadServerConfig(config_file));
  ASSIGN_OR_RETURN(const uint64_t entries, marac::rpc::VerifyAudit(config));
  std::cout << "audit log: " << entries
            << " entries, every one follows from the one before, as the newest checkpoint says\n";
  return absl::OkStatus();
}

absl::Status ExportAudit(const std::string& config_file, const std::string& file) {
  ASSIGN_OR_RETURN(const ServerConfig config, marac::rpc::LoadServerConfig(config_file));
  const marac::SecurityClock clock;
  ASSIGN_OR_RETURN(const uint64_t entries, marac::rpc::ExportAudit(config, file, clock));
  std::cout << file << ": " << entries << " entries\n";
  return absl::OkStatus();
}

absl::Status Migrate(const std::string& config_file) {
  ASSIGN_OR_RETURN(const ServerConfig config, marac::rpc::LoadServerConfig(config_file));
  ASSIGN_OR_RETURN(const marac::store::DatabaseOptions options, marac::rpc::DatabaseOptionsOf(config));
  return marac::store::MigrateDatabase(options);
}

absl::Status PrintAuditKey(const std::string& config_file) {
  ASSIGN_OR_RETURN(const ServerConfig config, marac::rpc::LoadServerConfig(config_file));
  ASSIGN_OR_RETURN(const std::string key, marac::rpc::AuditVerifierKey(config));
  std::cout << key << '\n';
  return absl::OkStatus();
}

// One line without echo from a terminal, or from standard input: never from the command line.
marac::Secret ReadPassword(const std::string& prompt) {
  const bool is_terminal = isatty(STDIN_FILENO) == 1;
  termios before{};
  if (is_terminal) {
    std::cerr << prompt << std::flush;
    tcgetattr(STDIN_FILENO, &before);
    termios quiet = before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  }
  std::string line;
  std::getline(std::cin, line);
  if (is_terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cerr << '\n';
  }
  marac::Secret password(line);
  marac::WipeString(line);
  return password;
}

}  // namespace

int main(int argc, char** argv) {
  if (const absl::Status prepared = marac::rpc::PrepareProcess(); !prepared.ok()) return Report(prepared);
  // A file made without thinking of its mode is nobody else's.
  umask(0077);

  CLI::App app("maracd: the MARAC server", "maracd");
  app.require_subcommand(1);
  std::string config_file = "/etc/maracd/maracd.textproto";

  CLI::App* serve =
      app.add_subcommand("serve", "Serve until SIGTERM, then finish what was accepted and stop");
  serve->add_option("--config", config_file, "The configuration file")->capture_default_str();
  CLI::App* verify = app.add_subcommand("verify", "Check the whole audit log, with no server running");
  verify->add_option("--config", config_file, "The configuration file")->capture_default_str();
  std::string export_file;
  CLI::App* export_audit = app.add_subcommand(
      "export-audit", "Write the whole audit log to a file, for checking it elsewhere; no server running");
  export_audit->add_option("--config", config_file, "The configuration file")->capture_default_str();
  export_audit->add_option("FILE", export_file, "A new file")->required();
  CLI::App* migrate = app.add_subcommand("migrate", "Bring the database to this program's schema");
  migrate->add_option("--config", config_file, "The configuration file")->capture_default_str();

  CLI::App* audit_key = app.add_subcommand(
      "audit-key",
      "Print the public key that checkpoints are checked with: audit_keys of the auditor's marac");
  audit_key->add_option("--config", config_file, "The configuration file")->capture_default_str();

  marac::rpc::SetupOptions setup;
  std::string nation = "england-and-wales";
  CLI::App* init = app.add_subcommand(
      "init",
      "Make an installation: keys, authority, database, area, first administrator (password asked for)");
  init->add_option("--directory", setup.directory, "Where it is made")->required();
  init->add_option("--listen", setup.listen_address, "Address and port to serve on")->capture_default_str();
  init->add_option("--server-name", setup.server_names, "Names and addresses in the server's certificate");
  init->add_option("--area", setup.area, "Short word for the area, e.g. mk")->required();
  init->add_option("--area-code", setup.area_code, "Capitals that begin case numbers, e.g. MK")->required();
  init->add_option("--area-name", setup.area_name, "Name for people")->required();
  init->add_option("--nation", nation, "Whose bank holidays count")
      ->check(CLI::IsMember({"england-and-wales", "scotland", "northern-ireland"}))
      ->capture_default_str();
  init->add_option("--instrument", setup.instrument, "Pack for assessments, e.g. plain24@1.0")->required();
  init->add_option("--policy", setup.policy, "Policy for assessments, e.g. default@2026.1")->required();
  init->add_option("--agency", setup.agency, "Short word for the first agency")->required();
  init->add_option("--agency-name", setup.agency_name, "Its name")->required();
  init->add_option("--admin", setup.admin_login, "Login of the first administrator")->required();
  init->add_option("--admin-name", setup.admin_name, "Their name")->required();
  init->add_flag("--demonstration", setup.demonstration,
                 "For demonstration only, for good: a simulated clock, invented people");

  std::string demonstration_start;
  init->add_option(
      "--demonstration-start", demonstration_start,
      "Day that the simulated clock of a demonstration begins at, e.g. 2026-01-05; without: now");

  std::string directory, origin, agency, program;
  CLI::App* issue =
      app.add_subcommand("issue-program", "Issue a certificate for a program, to be enrolled afterwards");
  issue->add_option("--directory", directory, "The installation")->required();
  issue->add_option("--origin", origin, "The area_origin of the configuration")->required();
  issue->add_option("--agency", agency, "Short word of the agency it belongs to")->required();
  issue->add_option("--program", program, "Short word for the program")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }

  if (serve->parsed()) return Report(Serve(config_file));
  if (verify->parsed()) return Report(Verify(config_file));
  if (export_audit->parsed()) return Report(ExportAudit(config_file, export_file));
  if (migrate->parsed()) return Report(Migrate(config_file));
  if (audit_key->parsed()) return Report(PrintAuditKey(config_file));
  if (issue->parsed()) {
    const absl::StatusOr<std::string> pem =
        marac::rpc::IssueProgramCertificate(directory, origin, agency, program);
    if (pem.ok()) std::cout << directory << "/programs/" << program << ".pem\n";
    return Report(pem.status());
  }
  setup.nation = nation == "scotland"           ? marac::v1::NATION_SCOTLAND
                 : nation == "northern-ireland" ? marac::v1::NATION_NORTHERN_IRELAND
                                                : marac::v1::NATION_ENGLAND_AND_WALES;
  if (!demonstration_start.empty()) {
    if (const absl::Status london = marac::domain::LoadLondon().status(); !london.ok()) return Report(london);
    const auto day = marac::domain::LocalDate::ParseIso(demonstration_start, "--demonstration-start");
    if (!day.ok()) return Report(day.status());
    setup.demonstration_start = absl::FromCivil(day->civil(), marac::domain::London());
  }
  setup.admin_password = ReadPassword("Password for the first administrator: ");
  return Report(marac::rpc::SetUp(setup));
}
