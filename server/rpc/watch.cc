#include "rpc/watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/keys.h"
#include "base/status_macros.h"
#include "domain/alerts.h"
#include "domain/catalogue.h"
#include "domain/local_date.h"
#include "domain/record.h"
#include "domain/timestamp.h"
#include "store/records.h"
#include "store/watch.h"

namespace marac::rpc {
namespace {

using domain::Stage;

constexpr absl::Duration kTick = absl::Minutes(1);
constexpr int kDueAtOnceMax = 500;
constexpr int kSubjectsMax = 20;
constexpr absl::Duration kUsesKept = absl::Hours(24 * 15);
// Whose alert it is when several people are in it.
constexpr std::string_view kAnybody = "anybody";
constexpr std::string_view kDrawChore = "draw";
constexpr std::string_view kForgetChore = "forget";

int64_t Millis(absl::Time time) { return absl::ToUnixMillis(time); }
int64_t Millis(absl::Duration time) { return absl::ToInt64Milliseconds(time); }

absl::CivilDay DayOf(absl::Time time) { return absl::ToCivilDay(time, domain::London()); }
absl::Time BeginOf(absl::CivilDay day) { return absl::FromCivil(day, domain::London()); }

bool IsPerson(const domain::Caller& caller) { return caller.account.starts_with("accounts/"); }

template <typename T>
absl::StatusOr<T> LoadAsServer(store::Transaction& tx, std::string_view name) {
  ASSIGN_OR_RETURN(const store::StoredRecord stored, store::LoadBody(tx, domain::ServerGrant(name)));
  T record;
  if (!record.ParseFromString(stored.body)) return absl::InternalError("a stored record does not parse");
  return record;
}

bool IsOn(const v1::RoleGrant& grant, absl::CivilDay day) {
  const auto civil = [](const v1::Day& on) { return absl::CivilDay(on.year(), on.month(), on.day()); };
  return (!grant.has_from() || civil(grant.from()) <= day) && (!grant.has_to() || civil(grant.to()) >= day);
}

}  // namespace

struct Watch::Raised {
  v1::AlertKind kind;
  std::string account;
  std::string agency;
  std::string program = {};
  std::string area;
  std::vector<std::string> subjects = {};
  int64_t event = 0;
  int count = 0;
  v1::UseKind use = v1::USE_KIND_UNSPECIFIED;
  // What it is not raised again about; empty: it always is.
  std::string about = {};
  std::string about_account = {};  // empty: the account's
};

Watch::Watch(const Parts& parts)
    : parts_(parts),
      names_key_(DeriveKey(*parts.app_key, "names-sought")),
      draw_key_(DeriveKey(*parts.app_key, "looks-drawn")) {}

absl::Status Watch::Notice(store::Transaction& tx, const domain::Caller& caller, absl::Time now,
                           domain::RecordFacts facts, Watched& watched) const {
  if (!IsPerson(caller) || watched.use == v1::USE_KIND_LIST) return absl::OkStatus();
  if (facts.stage == Stage::kArea || facts.stage == Stage::kDraft) return absl::OkStatus();
  // A search opens what it finds as well; what counts is whom it was for.
  if (watched.use == v1::USE_KIND_SEARCH && !watched.opened.empty()) return absl::OkStatus();
  const auto [place, is_first] = watched.opened.try_emplace(facts.scope);
  Watched::Scope& opened = place->second;
  if (!is_first && opened.involved) return absl::OkStatus();
  opened.area = facts.area;
  const bool looks = watched.use == v1::USE_KIND_OPEN || watched.use == v1::USE_KIND_REVEAL;
  domain::Caller known = caller;
  // Of others, what opens the record to them says that they are involved.
  const bool asks_for_workers = caller.Holds({v1::ROLE_IDVA}, facts.area);
  if (is_first && (looks || asks_for_workers)) {
    const absl::StatusOr<v1::Account> own = LoadAsServer<v1::Account>(tx, caller.account);
    if (!own.ok()) return own.status();
    for (const v1::RoleGrant& grant : own->roles()) {
      if (!grant.cover_for().empty() && IsOn(grant, DayOf(now)))
        known.covers_for.push_back(grant.cover_for());
    }
    if (looks) {
      ASSIGN_OR_RETURN(const std::vector<std::string> keys, store::NameKeysOf(tx, facts.scope));
      opened.own_surname = domain::HasOwnSurname(domain::SurnamesOf(own->display_name()), keys);
    }
  }
  if (asks_for_workers) RETURN_IF_ERROR(store::LoadWorkers(tx, DayOf(now), facts));
  opened.involved = domain::IsInvolved(known, facts);
  if (watched.use == v1::USE_KIND_SEARCH) {
    ASSIGN_OR_RETURN(const std::vector<std::string> keys, store::NameKeysOf(tx, facts.scope));
    opened.sought = domain::SoughtNames(keys);
  }
  return absl::OkStatus();
}

absl::Status Watch::LoadLimits(store::Transaction& tx, const domain::Caller& caller, Watched& watched) const {
  if (!IsPerson(caller)) return absl::OkStatus();
  const auto counts = [&](const auto& opened) {
    return watched.use != v1::USE_KIND_UNSPECIFIED || !opened.second.involved;
  };
  if (std::ranges::any_of(watched.opened, counts)) {
    watched.area = watched.opened.begin()->second.area;
  } else if (watched.use == v1::USE_KIND_LIST && !caller.roles.empty()) {
    watched.area = caller.roles.front().area;
  }
  if (watched.area.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::Area area, LoadAsServer<v1::Area>(tx, watched.area));
  watched.limits = domain::LimitsOf(area.settings());
  watched.nation = area.nation();
  return absl::OkStatus();
}

absl::Status Watch::Settle(store::WriteTransaction& tx, const domain::Caller& caller, const Watched& watched,
                           absl::Time now) const {
  if (!IsPerson(caller)) return absl::OkStatus();
  if (watched.use == v1::USE_KIND_LIST && !watched.area.empty()) {
    ASSIGN_OR_RETURN(const int lists, store::CountInMinute(tx, caller.account, watched.use, Millis(now)));
    if (lists > domain::LimitFor(watched.use, watched.limits).count) {
      RETURN_IF_ERROR(AlertOverLimit(tx, caller, watched, watched.use, lists, now));
    }
  }
  for (const auto& [scope, opened] : watched.opened) {
    if (watched.use == v1::USE_KIND_SEARCH) {
      RETURN_IF_ERROR(SettleSearch(tx, caller, watched, scope, opened, now));
    } else if (watched.use != v1::USE_KIND_UNSPECIFIED || !opened.involved) {
      RETURN_IF_ERROR(SettleLook(tx, caller, watched, scope, opened, now));
    }
  }
  for (const auto& [scope, as_idva] : watched.worked) {
    RETURN_IF_ERROR(store::KeepWorker(tx, scope, caller.account, as_idva, Millis(now)));
  }
  return absl::OkStatus();
}

absl::Status Watch::SettleLook(store::WriteTransaction& tx, const domain::Caller& caller,
                               const Watched& watched, const std::string& scope, const Watched::Scope& opened,
                               absl::Time now) const {
  const absl::CivilDay today = DayOf(now);
  const auto count = [&](v1::UseKind use) {
    const domain::Limit limit = domain::LimitFor(use, watched.limits);
    return store::CountUse(tx, {.account = caller.account, .kind = use, .scope = scope},
                           {.now_ms = Millis(now),
                            .within_ms = Millis(limit.within),
                            .day_ms = Millis(BeginOf(today)),
                            .count_max = limit.count});
  };
  const auto is_over = [&](v1::UseKind use, const store::UseCount& counted) {
    return counted.distinct > domain::LimitFor(use, watched.limits).count;
  };
  const v1::UseKind use = opened.involved ? v1::USE_KIND_OPEN : v1::USE_KIND_UNINVOLVED;
  ASSIGN_OR_RETURN(const store::UseCount counted, count(use));
  if (is_over(use, counted)) {
    if (use == v1::USE_KIND_UNINVOLVED) {
      // What this call did is taken back; that it was tried is not.
      tx.WhenRefused([this, caller, watched, use, number = counted.distinct, now](auto& refused) {
        return AlertOverLimit(refused, caller, watched, use, number, now);
      });
      return domain::OverLimit(watched.limits);
    }
    RETURN_IF_ERROR(AlertOverLimit(tx, caller, watched, use, counted.distinct, now));
  }
  domain::Look look{.involved = opened.involved,
                    .revealed = watched.use == v1::USE_KIND_REVEAL,
                    .own_surname = opened.own_surname};
  std::vector<int> earlier;
  if (counted.first_today) {
    ASSIGN_OR_RETURN(look.cases_today, store::AddCaseOfDay(tx, caller.account, today));
    if (look.cases_today > domain::kUsualMin) {
      ASSIGN_OR_RETURN(earlier, store::CasesOfDays(tx, caller.account, today - domain::kUsualDays, today));
      look.earlier_days = earlier;
    }
  }
  if (look.revealed) {
    ASSIGN_OR_RETURN(const store::UseCount revealed, count(v1::USE_KIND_REVEAL));
    if (is_over(v1::USE_KIND_REVEAL, revealed)) {
      RETURN_IF_ERROR(AlertOverLimit(tx, caller, watched, v1::USE_KIND_REVEAL, revealed.distinct, now));
    }
    const domain::WorkingDays* days = parts_.catalogue->FindCalendar(watched.nation);
    // Beyond the years that the calendar covers nobody can say what the next working day is.
    if (days != nullptr) {
      if (const absl::StatusOr<absl::Time> due = domain::FollowUpDue(now, *days); due.ok()) {
        RETURN_IF_ERROR(store::KeepReveal(tx, {.account = caller.account,
                                               .scope = scope,
                                               .area = opened.area,
                                               .agency = caller.agency,
                                               .reveal_ms = Millis(now),
                                               .due_ms = Millis(*due)}));
      }
    }
  }
  for (const v1::AlertKind kind : domain::AlertsOf(look)) {
    const bool of_the_day = kind == v1::ALERT_KIND_MORE_THAN_USUAL;
    RETURN_IF_ERROR(Raise(tx,
                          {.kind = kind,
                           .account = caller.account,
                           .agency = caller.agency,
                           .program = caller.program,
                           .area = opened.area,
                           .subjects = of_the_day ? std::vector<std::string>() : std::vector{scope},
                           .event = tx.commit_seq(),
                           .count = of_the_day ? look.cases_today : 0,
                           .about = of_the_day ? "day" : scope},
                          now));
  }
  return absl::OkStatus();
}

absl::Status Watch::SettleSearch(store::WriteTransaction& tx, const domain::Caller& caller,
                                 const Watched& watched, const std::string& scope,
                                 const Watched::Scope& opened, absl::Time now) const {
  const domain::Limit limit = domain::LimitFor(watched.use, watched.limits);
  ASSIGN_OR_RETURN(const store::UseCount counted,
                   store::CountUse(tx, {.account = caller.account, .kind = watched.use, .scope = scope},
                                   {.now_ms = Millis(now),
                                    .within_ms = Millis(limit.within),
                                    .day_ms = Millis(BeginOf(DayOf(now))),
                                    .count_max = limit.count}));
  if (counted.distinct > limit.count) {
    RETURN_IF_ERROR(AlertOverLimit(tx, caller, watched, watched.use, counted.distinct, now));
  }
  for (const std::string& name : opened.sought) {
    const std::string digest = HmacSha256(names_key_, opened.area + '\n' + name);
    ASSIGN_OR_RETURN(const int people, store::CountSeekers(tx, opened.area, digest, caller.account,
                                                           Millis(now), Millis(now - domain::kSoughtWithin)));
    if (people <= domain::kSeekersMax) continue;
    RETURN_IF_ERROR(Raise(tx,
                          {.kind = v1::ALERT_KIND_NAME_SOUGHT_BY_MANY,
                           .account = caller.account,
                           .agency = caller.agency,
                           .program = caller.program,
                           .area = opened.area,
                           .subjects = {scope},
                           .event = tx.commit_seq(),
                           .count = people,
                           .about = Hex(digest),
                           .about_account = std::string(kAnybody)},
                          now));
  }
  return absl::OkStatus();
}

absl::Status Watch::AlertOverLimit(store::WriteTransaction& tx, const domain::Caller& caller,
                                   const Watched& watched, v1::UseKind use, int count, absl::Time now) const {
  return Raise(tx,
               {.kind = v1::ALERT_KIND_OVER_LIMIT,
                .account = caller.account,
                .agency = caller.agency,
                .program = caller.program,
                .area = watched.area,
                .event = tx.commit_seq(),
                .count = count,
                .use = use,
                .about = v1::UseKind_Name(use)},
               now);
}

absl::Status Watch::SettleSignIn(store::WriteTransaction& tx, const domain::Caller& caller,
                                 absl::Time now) const {
  if (!IsPerson(caller)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const store::ProgramUse use,
                   store::KeepProgramUse(tx, caller.account, caller.program, Millis(now)));
  if (!use.is_new || !use.used_others) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<domain::HeldRole> roles, store::RolesOn(tx, caller.account, DayOf(now)));
  std::set<std::string> areas;
  for (const domain::HeldRole& held : roles) areas.insert(held.area);
  for (const std::string& name : areas) {
    ASSIGN_OR_RETURN(const v1::Area area, LoadAsServer<v1::Area>(tx, name));
    const domain::WorkingDays* days = parts_.catalogue->FindCalendar(area.nation());
    if (days == nullptr) continue;
    const absl::StatusOr<bool> out_of_hours = domain::IsOutOfHours(now, *days);
    if (!out_of_hours.ok()) continue;
    if (!domain::IsNewProgramOutOfHours(
            {.program_is_new = true, .used_others = true, .out_of_hours = *out_of_hours})) {
      continue;
    }
    RETURN_IF_ERROR(Raise(tx,
                          {.kind = v1::ALERT_KIND_NEW_PROGRAM_OUT_OF_HOURS,
                           .account = caller.account,
                           .agency = caller.agency,
                           .program = caller.program,
                           .area = name,
                           .event = tx.commit_seq()},
                          now));
  }
  return absl::OkStatus();
}

// An alert is a record, hidden from whom it is about as a case is from who is shut out of it.
absl::Status Watch::Raise(store::WriteTransaction& tx, const Raised& raised, absl::Time now) const {
  if (!raised.about.empty()) {
    const std::string& whose = raised.about_account.empty() ? raised.account : raised.about_account;
    ASSIGN_OR_RETURN(const bool is_new, store::TakeAlert(tx, whose, raised.kind, raised.about, Millis(now),
                                                         Millis(now + domain::QuietAfter(raised.kind))));
    if (!is_new) return absl::OkStatus();
  }
  v1::Alert alert;
  alert.set_name(domain::ResourceName::Make(domain::Kind::kAlert, raised.area, parts_.ids->NewId()));
  alert.set_kind(raised.kind);
  alert.set_state(v1::ALERT_STATE_WAITING);
  alert.set_account(raised.account);
  alert.set_agency(raised.agency);
  alert.set_program(raised.program);
  for (const std::string& subject : raised.subjects) {
    if (alert.subjects_size() < kSubjectsMax) alert.add_subjects(subject);
  }
  *alert.mutable_time() = domain::ToTimestamp(now);
  alert.set_event(raised.event);
  alert.set_count(raised.count);
  alert.set_use(raised.use);
  RETURN_IF_ERROR(store::NewScope(tx, alert.name(), raised.area, Stage::kArea));
  RETURN_IF_ERROR(store::ShutOut(tx, alert.name(), raised.account));
  RETURN_IF_ERROR(store::InsertRecord(tx,
                                      {.name = alert.name(),
                                       .kind = domain::Kind::kAlert,
                                       .area = raised.area,
                                       .columns = domain::ColumnsOf(alert),
                                       .body = alert.SerializeAsString()},
                                      alert.name(), Millis(parts_.business_clock->Now()), "server"));
  if (raised.kind == v1::ALERT_KIND_SAMPLE) return absl::OkStatus();
  domain::AuditEvent event = EventAt(domain::AuditKind::kAlert, "alert", now);
  event.rule = domain::AlertWord(raised.kind);
  event.account = raised.account;
  event.agency = raised.agency;
  event.program = raised.program;
  event.subjects = {alert.name()};
  event.subjects.insert(event.subjects.end(), alert.subjects().begin(), alert.subjects().end());
  event.row_count = raised.count;
  tx.AlsoAudit(std::move(event));
  return absl::OkStatus();
}

domain::AuditEvent Watch::EventAt(domain::AuditKind kind, std::string_view method, absl::Time now) const {
  domain::AuditEvent event;
  event.kind = kind;
  event.time_ms = Millis(now);
  event.business_time_ms = Millis(parts_.business_clock->Now());
  event.method = std::string(method);
  event.allowed = true;
  event.rule = "server";
  return event;
}

domain::RefusalCap::Row Watch::NoteRefusal(std::string_view source, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  return refusals_.Note(source, now);
}

absl::Status Watch::WriteCountedRefusals(absl::Time until) const {
  std::vector<domain::RefusalCap::Counted> ended;
  {
    absl::MutexLock lock(&mutex_);
    ended = refusals_.TakeEnded(until);
  }
  for (const domain::RefusalCap::Counted& counted : ended) {
    domain::AuditEvent event = EventAt(domain::AuditKind::kDenied, "refusals", parts_.security_clock->Now());
    event.allowed = false;
    event.rule = "counted";
    event.source = counted.source;
    event.row_count = static_cast<int32_t>(std::min<int64_t>(counted.refusals, INT32_MAX));
    RETURN_IF_ERROR(parts_.database->Append(event));
  }
  return absl::OkStatus();
}

absl::Status Watch::FollowUp(store::WriteTransaction& tx, absl::Time now, int32_t* due) const {
  ASSIGN_OR_RETURN(const std::vector<store::FollowedReveal> reveals,
                   store::TakeDueReveals(tx, Millis(now), kDueAtOnceMax));
  *due = static_cast<int32_t>(reveals.size());
  // One alert a person and area, whatever number of reveals.
  std::map<std::pair<std::string, std::string>, Raised> raised;
  for (const store::FollowedReveal& reveal : reveals) {
    if (domain::WasFollowed(absl::FromUnixMillis(reveal.reveal_ms), absl::FromUnixMillis(reveal.worked_ms))) {
      continue;
    }
    Raised& alert = raised[{reveal.account, reveal.area}];
    alert.kind = v1::ALERT_KIND_REVEAL_WITHOUT_ACTION;
    alert.account = reveal.account;
    alert.agency = reveal.agency;
    alert.area = reveal.area;
    alert.subjects.push_back(reveal.scope);
    ++alert.count;
  }
  for (const auto& [whose, alert] : raised) RETURN_IF_ERROR(Raise(tx, alert, now));
  return absl::OkStatus();
}

absl::Status Watch::Draw(store::WriteTransaction& tx, absl::Time now, int32_t* drawn) const {
  const absl::CivilDay today = DayOf(now);
  const absl::CivilDay monday = absl::PrevWeekday(today + 1, absl::Weekday::monday);
  ASSIGN_OR_RETURN(const std::vector<store::LookedAt> looks,
                   store::LooksBetween(tx, Millis(BeginOf(monday - 7)), Millis(BeginOf(monday))));
  for (const store::LookedAt& look : looks) {
    const std::string digest =
        HmacSha256(draw_key_, fmt::format("{}\n{}\n{}", look.account, look.scope, monday - absl::CivilDay()));
    if (!domain::IsDrawn(digest)) continue;
    ++*drawn;
    RETURN_IF_ERROR(Raise(tx,
                          {.kind = v1::ALERT_KIND_SAMPLE,
                           .account = look.account,
                           .agency = look.agency,
                           .area = look.area,
                           .subjects = {look.scope}},
                          now));
  }
  return store::SetDone(tx, kDrawChore, Millis(now));
}

absl::Status Watch::RunDue() const {
  const absl::Time now = parts_.security_clock->Now();
  RETURN_IF_ERROR(WriteCountedRefusals(now));
  const absl::CivilDay today = DayOf(now);
  const absl::CivilDay monday = absl::PrevWeekday(today + 1, absl::Weekday::monday);
  bool reveals_are_due = false;
  bool draw_is_due = false;
  bool forget_is_due = false;
  const absl::Status looked = parts_.database->Peek([&](store::ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(reveals_are_due, store::HasDueReveals(tx, Millis(now)));
    ASSIGN_OR_RETURN(const int64_t drawn_ms, store::LastDone(tx, kDrawChore));
    ASSIGN_OR_RETURN(const int64_t forgot_ms, store::LastDone(tx, kForgetChore));
    draw_is_due = drawn_ms < Millis(BeginOf(monday));
    forget_is_due = forgot_ms < Millis(BeginOf(today));
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(looked);
  if (!reveals_are_due && !draw_is_due && !forget_is_due) return absl::OkStatus();
  int32_t due = 0;
  int32_t drawn = 0;
  do {
    const absl::Status done = parts_.database->Write(
        [&](store::WriteTransaction& tx) -> absl::Status {
          due = 0;
          drawn = 0;
          RETURN_IF_ERROR(FollowUp(tx, now, &due));
          if (draw_is_due) RETURN_IF_ERROR(Draw(tx, now, &drawn));
          if (forget_is_due) {
            RETURN_IF_ERROR(store::ForgetOldUse(tx, Millis(now - kUsesKept), today - domain::kUsualDays - 1,
                                                Millis(now)));
            RETURN_IF_ERROR(store::SetDone(tx, kForgetChore, Millis(now)));
          }
          return absl::OkStatus();
        },
        [&](const absl::Status& status) {
          domain::AuditEvent event = EventAt(domain::AuditKind::kSystem, "watch", now);
          event.allowed = status.ok();
          event.row_count = due + drawn;
          return event;
        });
    RETURN_IF_ERROR(done);
    draw_is_due = false;
    forget_is_due = false;
  } while (due == kDueAtOnceMax);
  return absl::OkStatus();
}

WatchTimer::WatchTimer(std::vector<RunDue> all) : all_(std::move(all)), thread_(&WatchTimer::Loop, this) {}

WatchTimer::~WatchTimer() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

void WatchTimer::Loop() {
  while (true) {
    for (const RunDue& run_due : all_) {
      if (const absl::Status status = run_due(); !status.ok()) {
        spdlog::error("what was due for the auditor is tried again in a minute: {}",
                      std::string(status.message()));
      }
    }
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&ending_), kTick)) return;
  }
}

}  // namespace marac::rpc
