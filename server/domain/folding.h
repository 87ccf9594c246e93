// From answers as they were given to the answers that stand: the last event of each question (D-02), and what
// the parts of an item come to (ACC-02).
#ifndef MARAC_DOMAIN_FOLDING_H_
#define MARAC_DOMAIN_FOLDING_H_

#include <vector>

#include "domain/catalogue.h"
#include "marac/v1/assessment.pb.h"

namespace marac::domain {

// Takes checked `events`, in their order, into the current answers of `assessment`: its answers,
// probe_answers and section_answers in the order of the form, probes of one item by code. Taking them in at
// once or one after another comes to the same. An item answered by probes has the code they roll up to, the
// source and the reason of the first probe in the form's order that decides it, the details and the notes of
// all, and what is said of when and by whom from the newest of them.
void FoldAnswers(const Form& form, const std::vector<v1::Answer>& events, v1::Assessment& assessment);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_FOLDING_H_
