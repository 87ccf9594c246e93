// Research: what agencies find in their own files about the people of a case before the meeting
// (marac.md 4.2).
#ifndef MARAC_DOMAIN_RESEARCH_H_
#define MARAC_DOMAIN_RESEARCH_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/access.h"
#include "domain/case_access.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"
#include "marac/v1/research.pb.h"

namespace marac::domain {

// Where the area keeps research: an area that does not say keeps it in each agency.
v1::ResearchMode ModeOf(const v1::AreaSettings& settings);

// FAILED_PRECONDITION "WRONG_STATE" unless the case is on a circulated agenda and was not heard.
absl::Status CheckTakesResearch(const v1::Case& record);
// The same unless the case was on a circulated agenda once and is not closed: what somebody types while it is
// heard, or put off, is theirs to keep.
absl::Status CheckTakesNotes(Stage stage);

// Who saves or returns, and when.
struct ResearchAct {
  // "accounts/..." or "programs/...".
  std::string_view by;
  absl::Time now;
};

// The worksheet `kept` with what was sent of searches and entries; it may be as incomplete as it likes.
// INVALID_ARGUMENT names each field that no worksheet can hold, "notes.entries[2].day": a person who is not
// of the case or is looked for twice, a day in the future, a text or the whole that is too long.
absl::StatusOr<v1::ResearchNotes> SaveNotes(v1::ResearchNotes kept, const v1::ResearchNotes& sent,
                                            const v1::Case& record, const ResearchAct& act);

// What is returned, and the worksheet as it is then.
struct Returned {
  v1::Research research;
  v1::ResearchNotes notes;
};
// Returns a worksheet: everyone who was looked for, known or not, and where the area shares research each
// entry that is to be shared, the oldest first. Of what is withheld nothing is in it. FAILED_PRECONDITION
// "NOT_COMPLETE" names each field that a mandatory value is missing of; somebody of the case who was not
// looked for is "notes.searches[p3]", by their party_id. "MODE_CHANGED": the agency was told of another mode
// than the area's, `told`, unless it is UNSPECIFIED.
absl::StatusOr<Returned> ReturnNotes(v1::ResearchNotes notes, const v1::Case& record, v1::ResearchMode mode,
                                     v1::ResearchMode told, const ResearchAct& act);

// What is given out of it where the area keeps research so by now.
v1::Research GivenOut(v1::Research research, v1::ResearchMode mode);

// The people of a case for whom there is no result among these searches, by party_id: the victim, those who
// cause harm, the children.
std::vector<std::string> NotSearched(const google::protobuf::RepeatedPtrField<v1::SubjectSearch>& searches,
                                     const v1::Case& record);

// Whether the case is not kept from all of an agency that is part of it. `staff`: who does research, of
// whatever agency.
bool IsOpenToAgency(std::string_view agency, const RecordFacts& facts, const std::vector<Holder>& staff);
// Whether an agency that the meeting invited is asked about a case of its: it is open to the agency.
bool IsAsked(std::string_view agency, const v1::Meeting& meeting, const RecordFacts& facts,
             const std::vector<Holder>& staff);
// The accounts of `staff` who work there and may see the case.
std::vector<std::string> WhoResearches(std::string_view agency, const RecordFacts& facts,
                                       const std::vector<Holder>& staff);

// How far an agency is. `returned`: null when it returned nothing. `begun`: it has a worksheet, told to its
// own people and to nobody else. `meeting`: the one that the case is listed for.
v1::ResearchState StateOf(const v1::Research* returned, bool begun, const v1::Case& record,
                          std::string_view meeting, v1::ResearchMode mode);

// Sets meeting, case, state and whether it is overdue: not returned, and the due moment has passed; at the
// moment itself it is not yet.
v1::ResearchDue MakeDue(const v1::Meeting& meeting, const v1::Case& record, std::string_view agency,
                        v1::ResearchState state, absl::Time now);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_RESEARCH_H_
