#include "domain/pack_lint.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "domain/text_proto.h"

namespace marac::domain {

bool LintedPack::passes() const {
  return std::ranges::none_of(
      findings, [](const Finding& found) { return found.finding.severity == LintSeverity::kError; });
}

absl::StatusOr<LintedPack> LintPackFile(const DataFile& file, std::span<const DataFile> beside,
                                        const WordList& easy_words) {
  LintedPack linted;
  google::protobuf::TextFormat::ParseInfoTree tree;
  RETURN_IF_ERROR(ParseTextProto(file.text, file.name, linted.pack, &tree));
  std::vector<std::shared_ptr<const InstalledPack>> others;
  for (const DataFile& other : beside) {
    v1::InstrumentPack pack;
    RETURN_IF_ERROR(ParseTextProto(other.text, other.name, pack));
    if (pack.id() == linted.pack.id() && pack.version() == linted.pack.version()) continue;
    others.push_back(
        std::make_shared<const InstalledPack>(InstalledPack{.pack = std::move(pack), .hash = ""}));
  }
  RETURN_IF_ERROR(Catalogue().With(others, {}).CheckNewPack(file).status());
  if (linted.pack.presentation() != v1::PRESENTATION_EASY_READ) return linted;
  std::vector<LintFinding> findings = Lint(linted.pack, easy_words);
  if (std::optional<LintFinding> missing = LintCoProduction(linted.pack)) {
    missing->severity = LintSeverity::kWarning;
    findings.push_back(*std::move(missing));
  }
  for (LintFinding& finding : findings) {
    const int line = LineOf(tree, *v1::InstrumentPack::descriptor(), finding.path);
    linted.findings.push_back({.line = line, .finding = std::move(finding)});
  }
  return linted;
}

}  // namespace marac::domain
