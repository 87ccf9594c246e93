// What differs between two packs, item by item.
#ifndef MARAC_DOMAIN_INSTRUMENT_DIFF_H_
#define MARAC_DOMAIN_INSTRUMENT_DIFF_H_

#include <vector>

#include "marac/v1/instrument.pb.h"
#include "marac/v1/instrument_service.pb.h"

namespace marac::domain {

// Every difference but for id and version, which name them. Items, probes, details, options, sections, words
// and rules are the same ones where their code is; that one stands elsewhere among the others is told once,
// and not of those that only made room.
std::vector<v1::InstrumentChange> DiffPacks(const v1::InstrumentPack& before,
                                            const v1::InstrumentPack& after);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_INSTRUMENT_DIFF_H_
