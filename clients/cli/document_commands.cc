// Documents: having them made, and reading them.
#include <string>

#include "base/file.h"
#include "base/hash.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/text.h"
#include "marac/v1/document_service.grpc.pb.h"

namespace marac::cli {
namespace {

using DocumentStub = v1::DocumentService::Stub;

struct OutFlags : NameFlags {
  std::string out;
};
void AddOutOption(CLI::App& app, OutFlags& flags) {
  app.add_option("--out", flags.out, "The file to write; nobody else can read it. It must not be there yet")
      ->required();
}

// Reads a document part by part, and writes it as a file once all of it is there.
absl::Status Save(Client& client, const std::string& name, const std::string& out) {
  std::string bytes;
  v1::DocumentPart part;
  do {
    v1::ReadDocumentRequest request;
    request.set_name(name);
    request.set_offset(static_cast<int64_t>(bytes.size()));
    ASSIGN_OR_RETURN(part, client.Call(&DocumentStub::ReadDocument, request));
    bytes += part.data();
  } while (!part.data().empty() && static_cast<int64_t>(bytes.size()) < part.size_bytes());
  if (Hex(Sha256(bytes)) != part.sha256()) {
    return absl::InternalError("the document did not arrive as it was made: read it again");
  }
  RETURN_IF_ERROR(WriteFileDurably(out, bytes, 0600, IfExists::kRefuse));
  client.Note("written; delete the file when it is printed, and keep the paper with you");
  return absl::OkStatus();
}

void BookletOptions(CLI::App& app, OutFlags& flags) {
  app.add_option("ASSESSMENT", flags.name, "The assessment: its full name, or what follows the last slash")
      ->required();
  AddOutOption(app, flags);
}
absl::Status Booklet(Client& client, const OutFlags& flags) {
  v1::PrintBookletRequest request;
  ASSIGN_OR_RETURN(*request.mutable_assessment(), RecordName(client, "assessments", flags.name));
  ASSIGN_OR_RETURN(const v1::Document document, client.Call(&DocumentStub::PrintBooklet, request));
  RETURN_IF_ERROR(Save(client, document.name(), flags.out));
  client.Show(document, SummaryText(document));
  return absl::OkStatus();
}

void ReadOptions(CLI::App& app, OutFlags& flags) {
  app.add_option("DOCUMENT", flags.name, "The document: its full name, or what follows the last slash")
      ->required();
  AddOutOption(app, flags);
}
absl::Status Read(Client& client, const OutFlags& flags) {
  ASSIGN_OR_RETURN(const std::string name, RecordName(client, "documents", flags.name));
  return Save(client, name, flags.out);
}

}  // namespace

void AddDocumentCommands(const Group& root) {
  const Group group = root.AddGroup("document", "Documents for paper, as PDF");
  group.Add<OutFlags>("booklet", "Have the questions of an assessment made, to be answered on paper",
                      BookletOptions, Booklet);
  group.Add<OutFlags>("read", "Write a document that was made as a file", ReadOptions, Read);
}

}  // namespace marac::cli
