// An assessment's questions on paper (ACC-46): the same questions, codes and order as on the screen, and
// nothing of what was answered or what answers come to.
#ifndef MARAC_DOMAIN_BOOKLET_H_
#define MARAC_DOMAIN_BOOKLET_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "marac/print/v1/booklet.pb.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/instrument.pb.h"
#include "marac/v1/support.pb.h"

namespace marac::domain {

// What is asked on one page. It points into the pack it was made from.
struct Place {
  const v1::Section* section = nullptr;  // null: one of the questions that count
  const v1::Item* item = nullptr;
  const v1::Probe* probe = nullptr;  // null: the item has none
  // Of a check-in, what it comes after.
  const v1::Item* after = nullptr;
};

// Every place of a form in the order in which it is asked: what comes before the questions, the questions,
// after each hard one how the person is (ACC-27), what follows, and how they found it.
std::vector<Place> PlacesOf(const v1::InstrumentPack& pack);

// "ISOLATED/ISOLATED_FAMILY", or "FEAR" of an item without probes: what is printed, and keyed in by.
std::string CodeOf(const Place& place);

// What the person calls those whom they fear (ACC-14): "this person" where no word is known, because nobody's
// name takes its place.
std::string WordFor(const v1::Assessment& assessment);

// The question there, and the same in other words or nothing, with that word in it.
std::string QuestionAt(const Place& place, std::string_view word);
std::string RewordAt(const Place& place, std::string_view word);

// Where on the form it is, in words: "Question 3 of 24, part 2 of 3".
std::string ProgressAt(const Place& place, const v1::InstrumentPack& pack);

// Tells one assessment's paper from another's, and nobody who finds it what it is of.
std::string ReferenceOf(const v1::Assessment& assessment);

// FAILED_PRECONDITION: it is not being taken, so nothing could be keyed in.
absl::Status CheckBooklet(const v1::Assessment& assessment);

// The booklet of an assessment by its own pack; the services in the order of their names.
print::v1::Booklet BookletOf(const v1::Assessment& assessment, const v1::InstrumentPack& pack,
                             std::vector<v1::SupportService> services);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_BOOKLET_H_
