// The fields of a referral in people's words, for questions and for lists of what is missing.
#ifndef MARAC_CLI_FIELD_WORDS_H_
#define MARAC_CLI_FIELD_WORDS_H_

#include <string>
#include <string_view>

#include "marac/v1/referral.pb.h"

namespace marac::cli {

// "victim: date of birth" for "referral.victim.birth_date", and "person causing harm 1: postcode" for
// "referral.perpetrators[0].address.postcode".
std::string QuestionOf(std::string_view path);

// The same, with the name of a person that `referral` holds: "Rob Invented (person causing harm): postcode".
std::string QuestionOf(std::string_view path, const v1::Referral& referral);

}  // namespace marac::cli

#endif  // MARAC_CLI_FIELD_WORDS_H_
