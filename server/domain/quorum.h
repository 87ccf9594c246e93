// Whether those are there who have to be. It warns; whether to go on is the chair's to decide.
#ifndef MARAC_DOMAIN_QUORUM_H_
#define MARAC_DOMAIN_QUORUM_H_

#include <vector>

#include "domain/agenda.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"

namespace marac::domain {

// Who is missing by the rule of the area. An agency is there when anybody is present for it, a deputy too;
// who only observes is not. `items` are those that the caller sees, with the case of each in `cases`: whether
// there is a child is asked of no other.
v1::Quorum QuorumOf(const v1::Meeting& meeting, const std::vector<v1::AgendaItem>& items, const Cases& cases,
                    const v1::AreaSettings& settings);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_QUORUM_H_
