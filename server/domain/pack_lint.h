// Everything that can be said of a pack's file before it is sent anywhere.
#ifndef MARAC_DOMAIN_PACK_LINT_H_
#define MARAC_DOMAIN_PACK_LINT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "domain/catalogue.h"
#include "domain/easy_read.h"
#include "marac/v1/instrument.pb.h"

namespace marac::domain {

struct LintedPack {
  v1::InstrumentPack pack;
  struct Finding {
    int line = 0;  // from 1
    LintFinding finding;
  };
  // Of an EASY_READ pack what the reading rules find, its missing sign-off (LINT-18b) as a warning last; of
  // another nothing, because an owner's official words are not ours to change.
  std::vector<Finding> findings;
  bool passes() const;  // no error among them
};

// Checks a file as an area would that has `beside`. A pack there of the same name is left out, so that a file
// can be checked again after it was installed. INVALID_ARGUMENT as Catalogue::Load.
absl::StatusOr<LintedPack> LintPackFile(const DataFile& file, std::span<const DataFile> beside,
                                        const WordList& easy_words);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_PACK_LINT_H_
