// marac-demo: fills a demonstration area with a year of invented people, through the API that every client
// uses.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "base/file.h"
#include "base/status_macros.h"
#include "cli/connection.h"
#include "demo/canary.h"
#include "demo/figures.h"
#include "demo/fill.h"
#include "demo/pick.h"
#include "demo/plant.h"
#include "demo/services.h"
#include "demo/staff.h"
#include "demo/world.h"
#include "domain/local_date.h"

namespace {

using marac::Secret;
using marac::demo::World;

struct FillFlags {
  marac::demo::WorldOptions world;
  marac::demo::FillOptions fill;
  bool people_only = false;
};

// The administrator's password and everybody else's come on standard input, a line each.
absl::StatusOr<Secret> ReadPassword() {
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) {
    return absl::InvalidArgumentError(
        "give two lines on standard input: the administrator's password, and the one that everybody else "
        "gets");
  }
  Secret password(line);
  marac::WipeString(line);
  return password;
}

absl::Status Fill(FillFlags flags) {
  RETURN_IF_ERROR(marac::domain::LoadLondon().status());
  ASSIGN_OR_RETURN(const Secret admin_password, ReadPassword());
  ASSIGN_OR_RETURN(const Secret password, ReadPassword());
  ASSIGN_OR_RETURN(World world, World::Open(flags.world));
  RETURN_IF_ERROR(world.SignIn(std::string(marac::demo::kAdministrator), admin_password));
  RETURN_IF_ERROR(MakePeople(world, password));
  RETURN_IF_ERROR(KeepServices(world));
  if (flags.people_only) return absl::OkStatus();
  flags.fill.end = absl::Now();
  const absl::Time began = absl::Now();
  RETURN_IF_ERROR(marac::demo::Fill(world, flags.fill));
  RETURN_IF_ERROR(KeepServices(world));
  fmt::print(stderr, "filled in {:.0f} s\n", absl::ToDoubleSeconds(absl::Now() - began));
  ASSIGN_OR_RETURN(const std::string figures, marac::demo::FiguresText(world));
  std::cout << figures;
  return absl::OkStatus();
}

void PrintPeople() {
  fmt::print("{:<18} {:<24} {:<24} {}\n", "LOGIN", "NAME", "JOB", "AGENCY");
  for (const marac::demo::StaffPlan& person : marac::demo::Staff()) {
    fmt::print("{:<18} {:<24} {:<24} {}\n", person.login, person.display_name, person.job_title,
               person.agency);
  }
}

struct CanaryFlags {
  marac::demo::WorldOptions world;
  std::string list;
  std::string copy;
  std::vector<std::string> paths;
};

absl::Status Plant(const CanaryFlags& flags) {
  RETURN_IF_ERROR(marac::domain::LoadLondon().status());
  ASSIGN_OR_RETURN(const Secret admin_password, ReadPassword());
  ASSIGN_OR_RETURN(const Secret password, ReadPassword());
  ASSIGN_OR_RETURN(World world, World::Open(flags.world));
  RETURN_IF_ERROR(world.SignIn(std::string(marac::demo::kAdministrator), admin_password));
  for (const marac::demo::StaffPlan& person : marac::demo::Staff()) {
    RETURN_IF_ERROR(world.SignIn(person.login, password));
  }
  ASSIGN_OR_RETURN(const auto canaries, marac::demo::PlantCanaries(world));
  RETURN_IF_ERROR(marac::demo::WritePlainCopy(canaries, flags.copy));
  RETURN_IF_ERROR(
      marac::WriteFileDurably(flags.list, marac::demo::ToLines(canaries), 0600, marac::IfExists::kReplace));
  std::cout << canaries.size() << '\n';
  return absl::OkStatus();
}

constexpr size_t kListBytesMax = 4 << 20;

absl::Status FindCanaries(const CanaryFlags& flags) {
  ASSIGN_OR_RETURN(const std::string lines, marac::ReadSmallFile(flags.list, kListBytesMax));
  ASSIGN_OR_RETURN(const auto canaries, marac::demo::FromLines(lines));
  ASSIGN_OR_RETURN(const marac::demo::Search search, marac::demo::FindCanaries(canaries, flags.paths));
  constexpr size_t kShownMax = 20;
  for (size_t i = 0; i < std::min(search.findings.size(), kShownMax); ++i) {
    const marac::demo::Finding& finding = search.findings[i];
    fmt::print(stderr, "what was put into {} stands in {}, {}\n", finding.canary.field, finding.file,
               finding.form);
  }
  fmt::print(stderr, "looked in {} files, {} bytes\n", search.files, search.bytes);
  std::cout << search.findings.size() << '\n';
  return absl::OkStatus();
}

absl::Status PrintPicked(const std::string& path) {
  const std::string json((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  ASSIGN_OR_RETURN(const std::string value, marac::demo::Pick(json, path));
  std::cout << value << '\n';
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  marac::cli::PrepareProcess();
  CLI::App app("marac-demo: makes the demonstration area", "marac-demo");
  app.require_subcommand(1);

  FillFlags flags;
  CLI::App* fill = app.add_subcommand(
      "fill", "Make agencies, people and services, and live from the clock's day to today as they would");
  fill->add_option("--directory", flags.world.directory, "What maracd init --demonstration made")->required();
  fill->add_option("--server", flags.world.server_address, "Address and port of maracd")->required();
  fill->add_option("--area", flags.world.area, "The area, e.g. areas/mk")->required();
  fill->add_option("--seed", flags.fill.seed, "Another seed makes other people")->capture_default_str();
  fill->add_flag("--people-only", flags.people_only,
                 "Agencies, people and services, and nothing that happens");
  CLI::App* agencies = app.add_subcommand("agencies", "Print the short words of the agencies, a line each");
  CLI::App* people = app.add_subcommand("people", "Print the people with their logins");

  std::string path;
  CLI::App* pick = app.add_subcommand("pick", "Print one value of the JSON document on standard input");
  pick->add_option("PATH", path, "Such as items[0].state, or items.# for how many there are")->required();

  CanaryFlags canaries;
  CLI::App* plant = app.add_subcommand("plant", "Put a canary into every text that the API takes");
  plant->add_option("--directory", canaries.world.directory, "The installation")->required();
  plant->add_option("--server", canaries.world.server_address, "Address and port of maracd")->required();
  plant->add_option("--area", canaries.world.area, "The area, e.g. areas/mk")->required();
  plant->add_option("--list", canaries.list, "File that gets the list of them")->required();
  plant->add_option("--copy", canaries.copy, "Folder that gets them in clear text, to try the search on")
      ->required();
  CLI::App* find = app.add_subcommand("find", "Look for canaries; prints how many were found");
  find->add_option("--list", canaries.list, "The list that plant wrote")->required();
  find->add_option("PATH", canaries.paths, "Files, and folders with all that is in them")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (agencies->parsed()) {
    for (const marac::demo::AgencyPlan& agency : marac::demo::Agencies()) std::cout << agency.word << '\n';
    return 0;
  }
  if (people->parsed()) {
    PrintPeople();
    return 0;
  }
  const absl::Status status = pick->parsed()    ? PrintPicked(path)
                              : plant->parsed() ? Plant(canaries)
                              : find->parsed()  ? FindCanaries(canaries)
                                                : Fill(flags);
  if (status.ok()) return 0;
  std::cerr << "marac-demo: " << std::string(status.message()) << '\n';
  return 1;
}
