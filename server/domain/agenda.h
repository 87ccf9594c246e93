// The cases of a meeting: which come onto its agenda and in what order, and how each is heard
// or put off (marac.md 4.3, 4.4).
#ifndef MARAC_DOMAIN_AGENDA_H_
#define MARAC_DOMAIN_AGENDA_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/access.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/directory.pb.h"
#include "marac/v1/meeting.pb.h"

namespace marac::domain {

// By name.
using Cases = std::map<std::string, v1::Case>;

// What is done to an item.
enum class ItemVerb { kPlace, kOpen, kRecord, kClose, kDefer };

// FAILED_PRECONDITION "WRONG_STATE", with what state it would need, unless an item in this state takes it.
absl::Status CheckItemState(v1::AgendaItemState state, ItemVerb verb);

// Still to be heard at this meeting, or heard at it.
bool IsOnAgenda(const v1::AgendaItem& item);

// Whether this case is for this meeting's agenda: accepted, on no circulated agenda, and received up to and
// including the cut-off or put off by an earlier meeting, after which it is late for none.
bool AwaitsMeeting(const v1::Case& record, const v1::Meeting& meeting);

// The agenda with every waiting case on it, once. `items` are those the meeting has; `cases` holds the case
// of each and every case that may be waiting. An item whose case went elsewhere before circulation is
// withdrawn. The order is that of R-09; among equals the case received first comes first. Asked again, it
// changes nothing that has not changed. What was placed by hand stands in front, as it was placed, unless
// `by_rule` takes that back. Also after circulation: what is new is PROPOSED until the agenda is circulated
// again.
absl::StatusOr<std::vector<v1::AgendaItem>> ProposeAgenda(const v1::Meeting& meeting,
                                                          std::vector<v1::AgendaItem> items,
                                                          const Cases& cases,
                                                          const v1::AreaSettings& settings, absl::Time now,
                                                          bool by_rule = false);

// The items with the one of this name before the one named `before`, or last where there is no such; from
// then on all of them are placed by hand.
absl::StatusOr<std::vector<v1::AgendaItem>> PlaceItem(const v1::Meeting& meeting,
                                                      std::vector<v1::AgendaItem> items, const Cases& cases,
                                                      std::string_view name, std::string_view before,
                                                      const v1::AreaSettings& settings);

// The same with one case more, by the chair's leave. Also after circulation: the item is then PROPOSED
// until the agenda is circulated again.
absl::StatusOr<std::vector<v1::AgendaItem>> AdmitLateCase(const v1::Meeting& meeting,
                                                          std::vector<v1::AgendaItem> items,
                                                          const Cases& cases, std::string_view case_name,
                                                          std::string_view reason,
                                                          const v1::AreaSettings& settings);

// The item with the people of its case as they are now, while it waits or is heard: whoever searches their
// files must find those a further referral brought. One that is done with stays as it was.
v1::AgendaItem WithPeopleOf(const v1::Case& record, v1::AgendaItem item);

// An item with its case, changed together.
struct ItemAndCase {
  v1::AgendaItem item;
  v1::Case record;
};

// A case with its item in an emergency meeting.
struct EmergencyListing {
  ItemAndCase listed;
  // The item of a meeting of the cycle that it is taken off.
  std::optional<v1::AgendaItem> withdrawn;
};

// The case goes to this emergency meeting at once: its item is LISTED, without a name. `elsewhere` is its
// item on the agenda that it is listed on, where there is one, and `other` that meeting. FAILED_PRECONDITION:
// it was heard, is being heard or is closed; it is on another emergency meeting; "UNRESOLVED_EXCLUSIONS".
// INVALID_ARGUMENT: the other meeting is sooner.
absl::StatusOr<EmergencyListing> ListForEmergency(const v1::Meeting& meeting, v1::Case record,
                                                  std::optional<v1::AgendaItem> elsewhere,
                                                  const v1::Meeting& other, absl::Time now);

// The case of an emergency meeting that is not held waits as it did before: `from`, the item that it was
// taken off, is LISTED again where `other`, its meeting, has not started, and else the case waits for the
// next agenda. It was not put off.
struct EmergencyTakenBack {
  ItemAndCase taken;
  std::optional<v1::AgendaItem> listed_again;
};
EmergencyTakenBack TakeBackEmergency(ItemAndCase taken, std::optional<v1::AgendaItem> from,
                                     const v1::Meeting& other, absl::Time now);

struct Circulation {
  v1::Meeting meeting;
  // Those whose item became LISTED or was withdrawn; the others stay as they are.
  std::vector<ItemAndCase> changed;
};

// SCHEDULED or CIRCULATED -> CIRCULATED, one edition on: each PROPOSED item becomes LISTED and its case with
// it. FAILED_PRECONDITION "UNRESOLVED_EXCLUSIONS", naming each case, while somebody who must not receive a
// listed case is not answered: what went out cannot be called back.
absl::StatusOr<Circulation> CirculateAgenda(v1::Meeting meeting, const std::vector<ItemAndCase>& items,
                                            absl::Time now);

// LISTED -> OPEN: its clock starts. FAILED_PRECONDITION "ANOTHER_OPEN", with its number, while another of
// `items` is open: one case is heard at a time, and what is said of two at once ends up in the wrong one.
// `items` are those of the meeting that the caller sees; of others nothing is told.
//
// A case that this meeting put off today (DEFERRED), and no other agenda took on since, is opened too:
// whoever was missing has come. Its deferral is taken back and not counted. `stage` is that of the
// case: it must have been circulated, and nobody who must not receive it may be unanswered.
absl::StatusOr<ItemAndCase> OpenItem(ItemAndCase opened, const v1::Meeting& meeting,
                                     const std::vector<v1::AgendaItem>& items, Stage stage, absl::Time now);

// Replaces the discussion of an OPEN item; it may be as incomplete as it likes. `agencies` are those of the
// area: nobody else's information is recorded as an agency's.
absl::StatusOr<v1::AgendaItem> RecordDiscussion(v1::AgendaItem item, const v1::Meeting& meeting,
                                                const v1::Discussion& discussion,
                                                const std::vector<std::string>& agencies);

// OPEN -> HEARD. The case is HEARD with it, its anchor is today and its flag lasts twelve months from today
// it stays open until somebody records how the victim was told. FAILED_PRECONDITION
// "NOT_COMPLETE", naming each, while a mandatory part of the discussion is empty. `consented`: the victim
// said yes to every referral of the case; otherwise why sharing is proportionate is mandatory as well.
absl::StatusOr<ItemAndCase> CloseItem(ItemAndCase heard, const v1::Meeting& meeting, bool consented,
                                      absl::Time now);

// PROPOSED, LISTED or OPEN -> DEFERRED. The case waits for the next agenda again and is counted as
// deferred. Whoever it was opened to by circulation keeps it: they have it already, and keep the victim safe
// meanwhile.
absl::StatusOr<ItemAndCase> DeferItem(ItemAndCase deferred, const v1::Meeting& meeting,
                                      std::string_view reason, std::string_view safety_plan, absl::Time now);

// Minutes by which the meeting will pass its planned end with these items: those one caller sees.
int ExpectedOverrunMinutes(const v1::Meeting& meeting, const std::vector<v1::AgendaItem>& items,
                           const v1::AreaSettings& settings, absl::Time now);

// What the coordinator and the chair should see before they go on: more cases than fit, cases put off
// too often, people not yet answered, an agenda that went out before the cut-off. `cases` may
// lack some; nothing is said about those.
std::vector<std::string> AgendaWarnings(const v1::Meeting& meeting, const std::vector<v1::AgendaItem>& items,
                                        const Cases& cases, const v1::AreaSettings& settings, absl::Time now);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_AGENDA_H_
