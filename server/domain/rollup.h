// What the probes of an item come to (ACC-02). One table for every pack, and the same in whatever order the
// probes were asked.
#ifndef MARAC_DOMAIN_ROLLUP_H_
#define MARAC_DOMAIN_ROLLUP_H_

#include <span>

#include "marac/v1/assessment.pb.h"

namespace marac::domain {

// The first that any probe has of YES, NOT_ASKED, DONT_KNOW, DECLINED, NO. A probe that does not apply says
// nothing, and where none applies neither does the item: NOT_APPLICABLE. So a NO needs a NO from every probe
// that applies, and one YES is enough. `probes` holds one code for each probe of the item, NOT_ASKED for
// those that were not met; whatever is no answer to a probe counts as that.
v1::AnswerCode RollUp(std::span<const v1::AnswerCode> probes);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_ROLLUP_H_
