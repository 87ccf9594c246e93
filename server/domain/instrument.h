// Instrument packs: risk assessment forms as data (dash.md 2). Nothing here knows any one form.
#ifndef MARAC_DOMAIN_INSTRUMENT_H_
#define MARAC_DOMAIN_INSTRUMENT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "domain/errors.h"
#include "marac/v1/instrument.pb.h"

namespace marac::domain {

// "plain24@1.0": how packs and policies are named everywhere.
std::string NameWithVersion(std::string_view id, std::string_view version);

// Whether `id` is lower-case letters, digits and hyphens, and `version` digits and dots, both non-empty.
void CheckIdAndVersion(FieldErrors& errors, std::string_view id, std::string_view version);
// Whether `code` is capitals, digits and underscores, beginning with a capital.
bool IsCode(std::string_view code);

// INVALID_ARGUMENT with one violation for each thing that is wrong, by its path in the pack
// ("items[3].details[0].code"). A pack says who owns its words and under which licence, what its users must
// know, how well its score is known to mean its family's (EQ-01), how it is scored, and its items: numbered
// from 1 in order, with codes that nothing else in the pack has.
absl::Status CheckPack(const v1::InstrumentPack& pack);

// The item with this code; null when the pack has none.
const v1::Item* FindItem(const v1::InstrumentPack& pack, std::string_view code);
bool HasDetail(const v1::Item& item, std::string_view code);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_INSTRUMENT_H_
