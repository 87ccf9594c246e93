// Instrument packs: risk assessment forms as data (dash.md 2). Nothing here knows any one form.
#ifndef MARAC_DOMAIN_INSTRUMENT_H_
#define MARAC_DOMAIN_INSTRUMENT_H_

#include <string>
#include <string_view>
#include <vector>

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
// from 1 in order, with codes that nothing else in the pack has, asked whole, by probes or by options. An
// EASY_READ pack asks every item by probes and has what is said before, around and after (ACC-12, ACC-13,
// ACC-29). A RULES pack has rules over its scored items, none of which depends on itself.
absl::Status CheckPack(const v1::InstrumentPack& pack);

// INVALID_ARGUMENT as CheckPack, for what a checked pack says of others once all are installed: the pack it
// is derived from is there and has the same items, answers and scoring (ACC-01), and every item that the
// crosswalk names is in the packs of that family.
absl::Status CheckPackAmong(const v1::InstrumentPack& pack,
                            const std::vector<const v1::InstrumentPack*>& installed);

// The scored item with this code; null when the pack has none.
const v1::Item* FindItem(const v1::InstrumentPack& pack, std::string_view code);
// The item of a section with this code; null when the pack has none.
const v1::Item* FindSectionItem(const v1::InstrumentPack& pack, std::string_view code);
// Either of them.
const v1::Item* FindAnyItem(const v1::InstrumentPack& pack, std::string_view code);
bool HasDetail(const v1::Item& item, std::string_view code);
const v1::Probe* FindProbe(const v1::Item& item, std::string_view code);
// The place of an option in rising order, from 0; -1 when the item has none with this code.
int OptionRank(const v1::Item& item, std::string_view code);
const v1::GradeRule* FindRule(const v1::InstrumentPack& pack, std::string_view id);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_INSTRUMENT_H_
