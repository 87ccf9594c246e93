// What was answered before on a form of another family, beside the questions of this one (D-06).
#ifndef MARAC_DOMAIN_CROSSWALK_H_
#define MARAC_DOMAIN_CROSSWALK_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <vector>

#include "marac/v1/assessment.pb.h"
#include "marac/v1/instrument.pb.h"

namespace marac::domain {

// An answer given before to what an item asks, or to some of it. It is there to be read beside the item, so
// that nobody has to tell it all again; it is never the item's answer, however well they match (D-07).
struct EarlierAnswer {
  std::string item;           // of the form that is being answered
  v1::CrosswalkMatch match;   // EXACT or PART
  const v1::Answer* earlier;  // as it was given, to an item of the earlier form
};

// By item in the order of `form`, and in the order of the earlier form's items. Both packs were checked. In
// one family items are the same by their code; between two families they are what either pack's crosswalk
// says, and only part where either says so. Items that were not asked before are left out. The pointers are
// into `answers`.
std::vector<EarlierAnswer> EarlierAnswers(const v1::InstrumentPack& form,
                                          const v1::InstrumentPack& earlier_form,
                                          const google::protobuf::RepeatedPtrField<v1::Answer>& answers);

// How far an item of one form and an item of another are the same question: EXACT, PART or NONE.
v1::CrosswalkMatch Match(const v1::InstrumentPack& form, const v1::Item& item,
                         const v1::InstrumentPack& other, const v1::Item& other_item);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CROSSWALK_H_
