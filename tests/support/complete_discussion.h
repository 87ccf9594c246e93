// What was said about a case, with everything its minutes must have, for tests that spoil one thing.
#ifndef MARAC_TESTS_SUPPORT_COMPLETE_DISCUSSION_H_
#define MARAC_TESTS_SUPPORT_COMPLETE_DISCUSSION_H_

#include "marac/v1/meeting.pb.h"

namespace marac::testing {

inline v1::Discussion CompleteDiscussion() {
  v1::Discussion discussion;
  discussion.set_presenter("PC Shah, police");
  discussion.set_latest_incident("He followed her home on Friday");
  discussion.set_children_considered(v1::YES_NO_NO);
  discussion.set_victim_views("Wants to stay in her home");
  discussion.set_victim_views_source("IDVA");
  discussion.set_risk_summary("Serious harm to her within days");
  discussion.set_victim_update_by("Sam, IDVA");
  discussion.set_victim_update_method("By phone on a weekday morning");
  return discussion;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_COMPLETE_DISCUSSION_H_
