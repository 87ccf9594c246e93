// Packs: risk assessment forms that an area installs.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/hash.h"
#include "base/keys.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/pack_file.h"
#include "cli/text.h"
#include "domain/area_instrument.h"
#include "domain/errors.h"
#include "domain/pack_lint.h"
#include "marac/v1/instrument_service.grpc.pb.h"

namespace marac::cli {
namespace {

using InstrumentStub = v1::InstrumentService::Stub;

const std::vector<domain::DataFile>& BuiltInPacks() {
  static const auto& files = *new std::vector<domain::DataFile>{
#include "schema/instruments.inc"
  };
  return files;
}

absl::StatusOr<domain::WordList> EasyWords() {
  static const auto& files = *new std::vector<domain::DataFile>{
#include "schema/words.inc"
  };
  return domain::WordList::Parse(files.front().text);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  return ReadDataFile(path, domain::kPackFileBytesMax);
}

struct LintFlags {
  std::string file;
  std::vector<std::string> beside;
};
void LintOptions(CLI::App& app, LintFlags& flags) {
  app.add_option("FILE", flags.file, "The pack, in text format")->required();
  app.add_option("--beside", flags.beside,
                 "Another pack that this one speaks of and that is not built in; repeat it");
}
absl::Status LintFile(Client& client, const LintFlags& flags) {
  domain::DataFile file{.name = flags.file, .text = ""};
  ASSIGN_OR_RETURN(file.text, ReadFile(flags.file));
  std::vector<domain::DataFile> beside = BuiltInPacks();
  for (const std::string& path : flags.beside) {
    ASSIGN_OR_RETURN(std::string text, ReadFile(path));
    beside.push_back({.name = path, .text = std::move(text)});
  }
  ASSIGN_OR_RETURN(const domain::WordList words, EasyWords());
  ASSIGN_OR_RETURN(const domain::LintedPack linted, domain::LintPackFile(file, beside, words));
  domain::FieldErrors errors;
  for (const auto& [line, finding] : linted.findings) {
    const std::string place = fmt::format("{}:{}: {}", flags.file, line, finding.path);
    const std::string text = fmt::format("{}: {}", finding.rule, finding.message);
    if (finding.severity == domain::LintSeverity::kError) {
      errors.Add(place, text);
    } else {
      client.Note(fmt::format("{}: {}", place, text));
    }
  }
  RETURN_IF_ERROR(errors.ToInvalidArgument());
  const v1::InstrumentAbout about = domain::AboutOf(linted.pack, Hex(Sha256(file.text)));
  client.Show(about, fmt::format("{}: {} questions, nothing wrong\nSHA-256 {}\n", about.instrument(),
                                 about.items(), about.hash()));
  return absl::OkStatus();
}

struct InstallFlags {
  std::string file;
  std::string signature;
  std::string hash;
};
void InstallOptions(CLI::App& app, InstallFlags& flags) {
  app.add_option("FILE", flags.file, "The pack, as its owner gave it out")->required();
  app.add_option("--signature", flags.signature, "The owner's signature of it: 64 bytes, or those in base64")
      ->required();
  app.add_option("--hash", flags.hash, "The SHA-256 of the file, as its owner tells it")->required();
}

// As it is, or as text that somebody could send by mail.
absl::StatusOr<std::string> ReadSignature(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (bytes.size() == kEd25519SignatureBytes) return bytes;
  absl::StatusOr<std::string> decoded = DecodeBase64(std::string(absl::StripAsciiWhitespace(bytes)));
  if (decoded.ok() && decoded->size() == kEd25519SignatureBytes) return decoded;
  return domain::InvalidField("signature", fmt::format("{} is no Ed25519 signature", path));
}

absl::Status Install(Client& client, const InstallFlags& flags) {
  v1::InstallInstrumentRequest request;
  ASSIGN_OR_RETURN(*request.mutable_pack_file(), ReadFile(flags.file));
  ASSIGN_OR_RETURN(*request.mutable_signature(), ReadSignature(flags.signature));
  request.set_hash(flags.hash);
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  return WithFileName(client.CallAndSum(&InstrumentStub::InstallInstrument, request), "pack.textproto",
                      flags.file);
}

struct ListFlags {
  int limit = kListLimitDefault;
};
void ListOptions(CLI::App& app, ListFlags& flags) { AddLimitOption(app, flags.limit); }

absl::StatusOr<v1::ListInstrumentsResponse> AllOf(Client& client, int limit) {
  v1::ListInstrumentsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  return client.List(&InstrumentStub::ListInstruments, request, &v1::ListInstrumentsResponse::instruments,
                     limit);
}

// "until 2026-06-30, soon".
std::string PermissionText(const v1::AreaInstrument& instrument) {
  std::vector<std::string> parts;
  if (instrument.about().has_permission_expires()) {
    parts.push_back("until " + DayText(instrument.about().permission_expires()));
  }
  if (instrument.has_pilot_last_day()) {
    parts.push_back("in a pilot until " + DayText(instrument.pilot_last_day()));
  }
  if (instrument.permission() == v1::PERMISSION_STANDING_ENDS_SOON) parts.emplace_back("ends soon");
  if (instrument.permission() == v1::PERMISSION_STANDING_ENDED) parts.emplace_back("has ended");
  return fmt::format("{}", fmt::join(parts, ", "));
}

absl::Status List(Client& client, const ListFlags& flags) {
  ASSIGN_OR_RETURN(const v1::ListInstrumentsResponse list, AllOf(client, flags.limit));
  Table table({{"PACK", false}, {"TITLE"}, {"OWNER"}, {"STATE"}, {"PERMISSION"}});
  for (const v1::AreaInstrument& instrument : list.instruments()) {
    const v1::InstrumentAbout& about = instrument.about();
    table.AddRow({about.instrument(), about.title(), about.owner(), Word(instrument.state()),
                  PermissionText(instrument)});
  }
  for (const v1::InstrumentAbout& about : list.built_in()) {
    table.AddRow({about.instrument(), about.title(), about.owner(), "built in", ""});
  }
  client.Show(list, table.Render());
  return absl::OkStatus();
}

// An installed pack by "id@version", its full name, or what follows the last slash.
absl::StatusOr<v1::AreaInstrument> Find(Client& client, const std::string& wanted) {
  ASSIGN_OR_RETURN(const v1::ListInstrumentsResponse list, AllOf(client, /*limit=*/0));
  for (const v1::AreaInstrument& instrument : list.instruments()) {
    if (instrument.about().instrument() == wanted || instrument.name() == wanted ||
        LastId(instrument.name()) == wanted) {
      return instrument;
    }
  }
  return absl::NotFoundError(
      "no such pack is installed in the area; marac instrument list shows those that are");
}

struct DiffFlags {
  std::string from;
  std::string to;
};
void DiffOptions(CLI::App& app, DiffFlags& flags) {
  app.add_option("FROM", flags.from, "The earlier pack: ID@VERSION")->required();
  app.add_option("TO", flags.to, "The later one")->required();
}
absl::Status Diff(Client& client, const DiffFlags& flags) {
  v1::DiffInstrumentRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  request.set_from_instrument(flags.from);
  request.set_to_instrument(flags.to);
  ASSIGN_OR_RETURN(const v1::DiffInstrumentResponse diff,
                   client.Call(&InstrumentStub::DiffInstrument, request));
  std::string text;
  for (const v1::InstrumentChange& change : diff.changes()) {
    const std::string place = change.item().empty()    ? change.field()
                              : change.field().empty() ? change.item()
                                                       : change.item() + " " + change.field();
    text += Paragraph(fmt::format("{}: {}", place, Word(change.kind())));
    if (!change.before().empty()) text += Labelled("was", change.before(), 2);
    if (!change.after().empty()) text += Labelled("is", change.after(), 2);
  }
  client.Show(diff, text.empty() ? "Nothing differs.\n" : text);
  return absl::OkStatus();
}

struct ActivateFlags : RecordFlags {
  std::string pilot;
};
void ActivateOptions(CLI::App& app, ActivateFlags& flags) {
  AddRecordOptions(app, flags, "The pack: ID@VERSION");
  app.add_option("--pilot", flags.pilot, "The pilot that approves it, where it has no sign-off");
}
absl::Status Activate(Client& client, const ActivateFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AreaInstrument instrument, Find(client, flags.name));
  v1::ActivateInstrumentRequest request;
  request.set_name(instrument.name());
  request.set_etag(EtagOf(flags, instrument));
  if (!flags.pilot.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_pilot(), RecordName(client, "pilots", flags.pilot));
  }
  return client.CallAndSum(&InstrumentStub::ActivateInstrument, request);
}

struct RetireFlags : RecordFlags {
  std::string reason;
};
void RetireOptions(CLI::App& app, RetireFlags& flags) {
  AddRecordOptions(app, flags, "The pack: ID@VERSION");
  app.add_option("--reason", flags.reason, "Why, in words")->required();
}
absl::Status Retire(Client& client, const RetireFlags& flags) {
  ASSIGN_OR_RETURN(const v1::AreaInstrument instrument, Find(client, flags.name));
  v1::RetireInstrumentRequest request;
  request.set_name(instrument.name());
  request.set_etag(EtagOf(flags, instrument));
  request.set_reason(flags.reason);
  return client.CallAndSum(&InstrumentStub::RetireInstrument, request);
}

}  // namespace

void AddInstrumentCommands(const Group& root) {
  const Group group = root.AddGroup("instrument", "Packs: risk assessment forms of the area");
  group.Add<LintFlags>("lint", "Check a pack's file, without a server", LintOptions, LintFile);
  group.Add<InstallFlags>("install", "Install a pack that its owner signed", InstallOptions, Install);
  group.Add<ListFlags>("list", "List packs, installed and built in", ListOptions, List);
  group.Add<DiffFlags>("diff", "What differs between two packs", DiffOptions, Diff);
  group.Add<ActivateFlags>("activate", "Let new assessments begin with a pack", ActivateOptions, Activate);
  group.Add<RetireFlags>("retire", "Let no new assessment begin with it, for good", RetireOptions, Retire);
}

}  // namespace marac::cli
