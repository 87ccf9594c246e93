// Free text that looks like what is kept apart (security.md 2.6): a number or an address typed into a
// narrative is read by everybody who reads the narrative. The author is warned, and never refused: a
// narrative may need the school's number.
#ifndef MARAC_DOMAIN_TEXT_WARNINGS_H_
#define MARAC_DOMAIN_TEXT_WARNINGS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <span>
#include <string>
#include <string_view>

#include "marac/v1/action.pb.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/meeting.pb.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"
#include "marac/v1/research.pb.h"
#include "marac/v1/values.pb.h"

namespace marac::domain {

// Ten digits or more that begin with 0, +44 or 0044, whatever stands between them.
bool LooksLikeTelephone(std::string_view text);
// A United Kingdom postcode, with or without its space.
bool LooksLikePostcode(std::string_view text);
bool LooksLikeEmail(std::string_view text);

// Sets the warnings of a record from its free texts as they are now. Of a referral also what is word for word
// in `kept_apart`: only for its author, because whoever may not know a detail could feel for it.
void SetTextWarnings(v1::Referral& referral, std::span<const v1::ProtectedDetail> kept_apart);
void SetTextWarnings(v1::Action& action);
void SetTextWarnings(v1::AgendaItem& item);
void SetTextWarnings(v1::Case& record);
// Of what is to be shared: corrections, and the texts of entries that are.
void SetTextWarnings(v1::ResearchNotes& notes);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_TEXT_WARNINGS_H_
