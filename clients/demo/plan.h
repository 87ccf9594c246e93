// What happens in the demonstration area, decided from a seed before the first call is made: who refers whom
// when, and what becomes of it. Pure: no clock, no network. Its shape is that of the published figures of
// Milton Keynes and of the national data; everybody in it is invented.
#ifndef MARAC_DEMO_PLAN_H_
#define MARAC_DEMO_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "domain/local_date.h"
#include "marac/v1/assessment.pb.h"
#include "marac/v1/party.pb.h"
#include "marac/v1/protected_detail.pb.h"
#include "marac/v1/referral.pb.h"

namespace marac::demo {

// People who turn up together: one victim, whoever harms them, their children. What is said of them is the
// same in every referral.
struct Household {
  v1::Party victim;
  v1::Party perpetrator;
  std::vector<v1::Party> children;
  v1::SafeContact safe_contact;
  bool ethnic_minority = false;
  bool refuge = false;   // the current address is kept apart
  std::string relative;  // of the perpetrator, who must not hear of it
};

enum class Fate {
  kAccepted,
  kRepeat,     // accepted, as the repeat of an earlier case of the household
  kJoined,     // accepted into the open case of the referral before it
  kDuplicate,  // of the referral before it, which waits for triage too
  kDeclined,
  kWithdrawn,
};

struct PlannedReferral {
  int number = 0;  // from 0 in the order of time
  absl::Time submit_time;
  size_t household = 0;
  Fate fate = Fate::kAccepted;
  std::string agency;  // who refers: the word of an agency
  std::string login;   // who types it
  v1::ReferralRoute route = v1::REFERRAL_ROUTE_OWN_SYSTEM;
  bool on_behalf = false;
  bool urgent = false;
  bool returned_once = false;
  bool deferred_once = false;
  bool has_excluded = false;  // somebody must not receive it
  v1::YesNo consent = v1::YES_NO_YES;

  bool assessed = true;
  bool stopped = false;             // the assessment was not finished
  std::vector<v1::Answer> answers;  // of the plain form
  v1::Judgement judgement;
  std::vector<v1::Day> reported_days;  // of incidents
};

// An assessment that leads to no referral.
struct PlannedAssessment {
  absl::Time time;
  std::string login;
  v1::Party victim;
  v1::Party perpetrator;
  std::vector<v1::Answer> answers;
  v1::Judgement judgement;
  bool left_as_draft = false;
};

struct Plan {
  std::vector<Household> households;
  std::vector<PlannedReferral> referrals;  // by time
  std::vector<PlannedAssessment> assessments;
};

// Referrals of a whole year, on average.
inline constexpr int kReferralsAYear = 197;

// The year, or the part of it, from `start` to `end`.
Plan MakePlan(uint64_t seed, absl::Time start, absl::Time end);

// A moment of the working day at `hour`:`minute` in London; on a weekend, of the Monday after it.
absl::Time OfficeTime(domain::LocalDate day, int hour, int minute);

}  // namespace marac::demo

#endif  // MARAC_DEMO_PLAN_H_
