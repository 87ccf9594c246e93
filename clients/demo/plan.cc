#include "demo/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "demo/invent.h"
#include "demo/random.h"
#include "demo/staff.h"
#include "demo/wording.h"

namespace marac::demo {
namespace {

using domain::LocalDate;

constexpr int kDaysAYear = 364;
// Of the referrals of a year; a shorter time gets its part, rounded.
constexpr int kPartnerPerMille = 361;
constexpr int kMinorityPerMille = 230;
constexpr int kLgbtPerMille = 16;
constexpr int kDisabledPerMille = 101;
constexpr int kMalePerMille = 64;
constexpr int kYoungPerMille = 13;  // 16 and 17
constexpr int kChildrenPerMille = 1240;
constexpr int kRepeatPerMille = 310;
constexpr int kWithoutConsentPerMille = 150;
constexpr int kNotAskedPerMille = 40;
constexpr int kUrgentPerMille = 55;
constexpr int kReturnedPerMille = 70;
constexpr int kDeferredPerMille = 45;
constexpr int kExcludedPerMille = 40;
constexpr int kUnassessedPerMille = 70;
constexpr int kStoppedPerMille = 50;

int PartOf(int count, int per_mille) { return (count * per_mille + 500) / 1000; }

// Referrals of a year by the agency they come from, beside the police. MASH is none.
struct Source {
  const char* agency;
  int a_year;
};
constexpr std::array kPartners = {
    Source{"idva", 24},         Source{"childrens-care", 3}, Source{"adult-care", 3},
    Source{"housing", 9},       Source{"hospital", 8},       Source{"primary-care", 5},
    Source{"mental-health", 4}, Source{"probation", 5},      Source{"substance-use", 3},
    Source{"education", 2},     Source{"harbour", 5}};

// How often an item is a yes in the referrals to a MARAC, roughly; higher ones are met first.
struct ItemWeight {
  const char* code;
  int weight;
};
constexpr std::array kItems = {
    ItemWeight{"INJ_NOW", 62},   ItemWeight{"FEAR", 88},        ItemWeight{"FEAR_OF", 84},
    ItemWeight{"ISOLATED", 52},  ItemWeight{"MOOD_SI", 55},     ItemWeight{"SEPARATED", 78},
    ItemWeight{"CONTACT", 34},   ItemWeight{"STALK", 66},       ItemWeight{"PREG", 22},
    ItemWeight{"FREQ_UP", 68},   ItemWeight{"SEV_UP", 70},      ItemWeight{"CONTROL", 82},
    ItemWeight{"WEAPON", 36},    ItemWeight{"KILL_THREAT", 54}, ItemWeight{"STRANGLE", 50},
    ItemWeight{"SEXUAL", 34},    ItemWeight{"OTHERS", 24},      ItemWeight{"HURT_ELSE", 42},
    ItemWeight{"ANIMAL", 18},    ItemWeight{"MONEY", 50},       ItemWeight{"SUBST_MH", 72},
    ItemWeight{"ABUSER_SI", 44}, ItemWeight{"BREACH", 38},      ItemWeight{"RECORD", 74}};

class Planner {
 public:
  Planner(uint64_t seed, absl::Time start, absl::Time end)
      : seed_(seed), start_(start), end_(end), random_(seed, /*stream=*/1), inventor_(seed) {}

  Plan Make() {
    const int64_t days = (end_ - start_) / absl::Hours(24);
    count_ = static_cast<int>((kReferralsAYear * days + kDaysAYear / 2) / kDaysAYear);
    PlaceInTime();
    PickSources();
    PickFates();
    PickHouseholds();
    std::ranges::sort(plan_.referrals, {}, &PlannedReferral::submit_time);
    for (size_t i = 0; i < plan_.referrals.size(); ++i) plan_.referrals[i].number = static_cast<int>(i);
    PickTraits();
    for (PlannedReferral& referral : plan_.referrals) Assess(referral);
    AddOtherAssessments();
    return std::move(plan_);
  }

 private:
  // Evenly over the whole time, each at some hour of its own.
  void PlaceInTime() {
    plan_.referrals.resize(static_cast<size_t>(count_));
    for (int i = 0; i < count_; ++i) {
      PlannedReferral& referral = plan_.referrals[static_cast<size_t>(i)];
      const double share = (i + 0.2 + 0.6 * random_.Below(1000) / 1000.0) / count_;
      referral.submit_time = start_ + absl::Hours(12) + (end_ - start_ - absl::Hours(24)) * share;
    }
  }

  void PickSources() {
    std::vector<std::string> agencies;
    const int partners = PartOf(count_, kPartnerPerMille);
    for (const Source& source : kPartners) {
      const int part = (source.a_year * count_ + kReferralsAYear / 2) / kReferralsAYear;
      agencies.insert(agencies.end(), static_cast<size_t>(part), source.agency);
    }
    // Rounding of many small parts: the IDVA service makes up for it.
    while (static_cast<int>(agencies.size()) < partners) agencies.emplace_back("idva");
    agencies.resize(static_cast<size_t>(partners));
    agencies.resize(static_cast<size_t>(count_), "police");
    random_.Shuffle(agencies);
    for (size_t i = 0; i < agencies.size(); ++i) SetSource(plan_.referrals[i], agencies[i]);
  }

  void SetSource(PlannedReferral& referral, const std::string& agency) {
    referral.agency = agency;
    const LocalDate day = domain::DateOf(referral.submit_time);
    if (agency == "police") {
      static constexpr std::array kOfficers = {"police", "police2", "police3"};
      referral.login = random_.Pick(kOfficers);
      return;  // at any hour of any day
    }
    referral.submit_time = OfficeTime(day, random_.Between(9, 16), 5 * random_.Below(12));
    // Who has nobody to type it sends it by another way, and the coordinator enters it.
    static constexpr std::array kWays = {v1::REFERRAL_ROUTE_EMAIL, v1::REFERRAL_ROUTE_EMAIL,
                                         v1::REFERRAL_ROUTE_PHONE, v1::REFERRAL_ROUTE_POST};
    referral.on_behalf = agency == "primary-care" || agency == "education";
    if (referral.on_behalf) {
      referral.route = random_.Pick(kWays);
      referral.login = "coordinator";
    } else if (agency == "idva") {
      referral.login = random_.Percent(70) ? "idva" : "idva2";
    } else {
      referral.login = agency;
    }
  }

  // `share` of those that satisfy `may`, spread by lot, get `mark`.
  template <typename May, typename Mark>
  void Spread(int count, const May& may, const Mark& mark) {
    std::vector<PlannedReferral*> fitting;
    for (PlannedReferral& referral : plan_.referrals) {
      if (may(referral)) fitting.push_back(&referral);
    }
    random_.Shuffle(fitting);
    for (int i = 0; i < std::min(count, static_cast<int>(fitting.size())); ++i) {
      mark(*fitting[static_cast<size_t>(i)]);
    }
  }

  void PickFates() {
    // Two that come to the same matter: the second follows the first by an hour, or by two days.
    const auto follows = [this](Fate fate, absl::Duration after) {
      return [this, fate, after](PlannedReferral& referral) {
        const auto at = static_cast<size_t>(&referral - plan_.referrals.data());
        const PlannedReferral& first = plan_.referrals[at - 1];
        referral.fate = fate;
        referral.submit_time = first.submit_time + after;
        if (referral.agency == first.agency) SetAnotherSource(referral);
      };
    };
    const auto may_follow = [this](const PlannedReferral& referral) {
      const auto at = static_cast<size_t>(&referral - plan_.referrals.data());
      if (at == 0 || at + 1 >= plan_.referrals.size()) return false;
      const PlannedReferral& first = plan_.referrals[at - 1];
      const PlannedReferral& next = plan_.referrals[at + 1];
      const absl::Weekday weekday = absl::GetWeekday(domain::DateOf(first.submit_time).civil());
      return first.fate == Fate::kAccepted && referral.fate == Fate::kAccepted && !first.on_behalf &&
             next.fate == Fate::kAccepted && weekday <= absl::Weekday::wednesday &&
             (referral.agency != first.agency || referral.agency == "police");
    };
    Spread(PartOf(count_, 15), may_follow, follows(Fate::kDuplicate, absl::Minutes(40)));
    Spread(PartOf(count_, 10), may_follow, follows(Fate::kJoined, absl::Hours(48)));
    const auto plain = [](const PlannedReferral& referral) { return referral.fate == Fate::kAccepted; };
    const auto alone = [this, plain](const PlannedReferral& referral) {
      const auto at = static_cast<size_t>(&referral - plan_.referrals.data());
      return plain(referral) && (at + 1 >= plan_.referrals.size() || plain(plan_.referrals[at + 1]));
    };
    Spread(PartOf(count_, 20), alone, [](PlannedReferral& r) { r.fate = Fate::kDeclined; });
    Spread(PartOf(count_, 8), alone, [](PlannedReferral& r) { r.fate = Fate::kWithdrawn; });
    PickRepeats();
    const auto heard = [this](const PlannedReferral& referral) {
      const auto at = static_cast<size_t>(&referral - plan_.referrals.data());
      const bool joined =
          at + 1 < plan_.referrals.size() &&
          (plan_.referrals[at + 1].fate == Fate::kJoined || plan_.referrals[at + 1].fate == Fate::kDuplicate);
      return !joined && (referral.fate == Fate::kAccepted || referral.fate == Fate::kRepeat);
    };
    Spread(PartOf(count_, kReturnedPerMille), heard, [](PlannedReferral& r) { r.returned_once = true; });
    Spread(PartOf(count_, kDeferredPerMille), heard, [](PlannedReferral& r) { r.deferred_once = true; });
    Spread(PartOf(count_, kExcludedPerMille), heard, [](PlannedReferral& r) { r.has_excluded = true; });
    const auto first_hand = [heard](const PlannedReferral& r) { return heard(r) && !r.on_behalf; };
    Spread(
        PartOf(count_, kUrgentPerMille),
        [first_hand](const PlannedReferral& r) { return first_hand(r) && !r.returned_once; },
        [](PlannedReferral& r) { r.urgent = true; });
    Spread(PartOf(count_, kWithoutConsentPerMille), heard,
           [](PlannedReferral& r) { r.consent = v1::YES_NO_NO; });
    Spread(
        PartOf(count_, kNotAskedPerMille),
        [heard](const PlannedReferral& r) { return heard(r) && r.consent == v1::YES_NO_YES; },
        [](PlannedReferral& r) { r.consent = v1::YES_NO_NOT_ASKED; });
    Spread(PartOf(count_, kUnassessedPerMille), heard, [](PlannedReferral& r) { r.assessed = false; });
    Spread(
        PartOf(count_, kStoppedPerMille), [](const PlannedReferral& r) { return r.assessed; },
        [](PlannedReferral& r) { r.stopped = true; });
    for (PlannedReferral& referral : plan_.referrals) {
      if (referral.on_behalf && referral.fate == Fate::kAccepted) referral.assessed = random_.Percent(40);
    }
  }

  void SetAnotherSource(PlannedReferral& referral) {
    referral.agency = "police";
    referral.login = "police2";
    referral.route = v1::REFERRAL_ROUTE_OWN_SYSTEM;
    referral.on_behalf = false;
  }

  // A repeat needs a case that was heard before. Where the records have just begun there is none, so the
  // share rises over the first months to the national one.
  void PickRepeats() {
    constexpr int kFirstDay = 63;
    constexpr int kFullDay = 150;
    int owed_per_mille = 0;
    for (size_t i = 0; i < plan_.referrals.size(); ++i) {
      PlannedReferral& referral = plan_.referrals[i];
      if (referral.fate == Fate::kDuplicate || referral.fate == Fate::kJoined) continue;
      const int day = static_cast<int>((referral.submit_time - start_) / absl::Hours(24));
      owed_per_mille +=
          kRepeatPerMille * std::clamp(day - kFirstDay, 0, kFullDay - kFirstDay) / (kFullDay - kFirstDay);
      const bool followed =
          i + 1 < plan_.referrals.size() &&
          (plan_.referrals[i + 1].fate == Fate::kDuplicate || plan_.referrals[i + 1].fate == Fate::kJoined);
      if (owed_per_mille < 1000 || referral.fate != Fate::kAccepted || followed) continue;
      referral.fate = Fate::kRepeat;
      owed_per_mille -= 1000;
    }
  }

  void PickHouseholds() {
    constexpr absl::Duration kHeardAfter = absl::Hours(24 * 56);
    // The newest accepted referral of each household.
    std::vector<std::optional<absl::Time>> newest;
    for (size_t i = 0; i < plan_.referrals.size(); ++i) {
      PlannedReferral& referral = plan_.referrals[i];
      if (referral.fate == Fate::kDuplicate || referral.fate == Fate::kJoined) {
        referral.household = plan_.referrals[i - 1].household;
        continue;
      }
      if (referral.fate == Fate::kRepeat) {
        std::vector<size_t> fitting;
        for (size_t household = 0; household < newest.size(); ++household) {
          if (newest[household] && referral.submit_time - *newest[household] > kHeardAfter) {
            fitting.push_back(household);
          }
        }
        if (!fitting.empty()) {
          referral.household = random_.Pick(fitting);
          newest[referral.household] = referral.submit_time;
          continue;
        }
        referral.fate = Fate::kAccepted;
      }
      referral.household = newest.size();
      newest.push_back(referral.fate == Fate::kAccepted ? std::optional(referral.submit_time) : std::nullopt);
    }
    plan_.households.resize(newest.size());
  }

  // Households until their referrals are `wanted`, by lot; a household counts with each of its referrals.
  std::vector<bool> Choose(int wanted) {
    std::vector<int> weights(plan_.households.size(), 0);
    for (const PlannedReferral& referral : plan_.referrals) ++weights[referral.household];
    std::vector<size_t> order(weights.size());
    std::iota(order.begin(), order.end(), size_t{0});
    random_.Shuffle(order);
    std::vector<bool> chosen(weights.size(), false);
    for (const size_t household : order) {
      if (weights[household] > wanted) continue;
      chosen[household] = true;
      wanted -= weights[household];
    }
    return chosen;
  }

  void PickTraits() {
    const std::vector<bool> minority = Choose(PartOf(count_, kMinorityPerMille));
    const std::vector<bool> male = Choose(PartOf(count_, kMalePerMille));
    const std::vector<bool> lgbt = Choose(PartOf(count_, kLgbtPerMille));
    const std::vector<bool> disabled = Choose(PartOf(count_, kDisabledPerMille));
    const std::vector<bool> young = Choose(PartOf(count_, kYoungPerMille));
    const std::vector<int> children = CountChildren();
    for (size_t i = 0; i < plan_.households.size(); ++i) {
      Invent(plan_.households[i], minority[i], male[i], lgbt[i], disabled[i], young[i], children[i]);
    }
    // What the police did not write down is not known, which is not the same as "White".
    for (const PlannedReferral& referral : plan_.referrals) {
      Household& household = plan_.households[referral.household];
      if (referral.agency == "police" && !household.ethnic_minority && random_.Percent(15)) {
        *household.victim.mutable_ethnicity() = NotSaid(v1::UNKNOWN_NOT_ASKED);
      }
    }
  }

  // Children of each household, so that the cases have 1.24 each.
  std::vector<int> CountChildren() {
    std::vector<int> weights(plan_.households.size(), 0);
    int cases = 0;
    for (const PlannedReferral& referral : plan_.referrals) {
      if (referral.fate != Fate::kAccepted && referral.fate != Fate::kRepeat) continue;
      ++weights[referral.household];
      ++cases;
    }
    static constexpr std::array kUsual = {0, 0, 0, 0, 1, 1, 2, 2, 3, 4};
    std::vector<int> children(weights.size(), 0);
    int left = PartOf(cases, kChildrenPerMille);
    for (size_t i = 0; i < children.size(); ++i) {
      children[i] = random_.Pick(kUsual);
      left -= children[i] * weights[i];
    }
    for (int tries = 0; left != 0 && tries < 10'000; ++tries) {
      const size_t i = random_.Next() % children.size();
      if (weights[i] == 0 || weights[i] > std::abs(left)) continue;
      if (left > 0 && children[i] < 4) {
        ++children[i];
        left -= weights[i];
      } else if (left < 0 && children[i] > 0) {
        --children[i];
        left += weights[i];
      }
    }
    return children;
  }

  void Invent(Household& household, bool minority, bool male, bool lgbt, bool disabled, bool young,
              int children) {
    const LocalDate today = domain::DateOf(start_);
    const Origin& origin = inventor_.PickOrigin(minority);
    const Gender gender = male ? Gender::kMan : Gender::kWoman;
    household.ethnic_minority = minority;
    household.refuge = random_.Percent(6);
    v1::Party& victim = household.victim;
    *victim.mutable_name() = Said(inventor_.Name(origin, gender));
    victim.set_has_aliases(random_.Percent(85) ? v1::YES_NO_NO : v1::YES_NO_NOT_KNOWN);
    *victim.mutable_birth_date() =
        On(young ? inventor_.BirthDate(today, 16, 16) : inventor_.BirthDate(today, 18, 62));
    *victim.mutable_address() = inventor_.Address();
    victim.mutable_address()->set_protected_detail(household.refuge);
    victim.set_usual_home_differs(v1::YES_NO_NO);
    *victim.mutable_gender() = Said(male ? "Male" : "Female");
    *victim.mutable_ethnicity() = Said(origin.ethnicity);
    victim.set_disability(disabled              ? v1::YES_NO_YES
                          : random_.Percent(92) ? v1::YES_NO_NO
                                                : v1::YES_NO_NOT_KNOWN);
    victim.set_lgbt(lgbt ? v1::YES_NO_YES : random_.Percent(80) ? v1::YES_NO_NO : v1::YES_NO_NOT_ASKED);
    victim.set_pregnant(male || random_.Percent(92) ? v1::YES_NO_NO : v1::YES_NO_YES);
    victim.set_interpreter(minority && random_.Percent(20) ? v1::YES_NO_YES : v1::YES_NO_NO);
    victim.set_no_recourse_to_public_funds(minority && random_.Percent(10) ? v1::YES_NO_YES : v1::YES_NO_NO);
    victim.set_joint_tenancy_with_perpetrator(random_.Percent(22)   ? v1::YES_NO_YES
                                              : random_.Percent(85) ? v1::YES_NO_NO
                                                                    : v1::YES_NO_NOT_KNOWN);
    *victim.mutable_nhs_number() =
        random_.Percent(30) ? Said(inventor_.NhsNumber()) : NotSaid(v1::UNKNOWN_NOT_KNOWN);

    v1::Party& perpetrator = household.perpetrator;
    static constexpr std::array kRelationships = {"Former partner", "Former partner",   "Partner", "Partner",
                                                  "Spouse",         "Separated spouse", "Son",     "Brother",
                                                  "Parent"};
    const std::string relationship = random_.Pick(kRelationships);
    const bool family = relationship == "Son" || relationship == "Brother" || relationship == "Parent";
    const bool his_man = family || (male ? lgbt : !lgbt) || random_.Percent(10);
    const Origin& his_origin = random_.Percent(80) ? origin : inventor_.PickOrigin(random_.Percent(23));
    *perpetrator.mutable_name() = Said(inventor_.Name(his_origin, his_man ? Gender::kMan : Gender::kWoman));
    if (random_.Percent(12)) {
      perpetrator.add_aliases(inventor_.Name(his_origin, his_man ? Gender::kMan : Gender::kWoman));
    } else {
      perpetrator.set_has_aliases(v1::YES_NO_NOT_KNOWN);
    }
    if (random_.Percent(88)) {
      *perpetrator.mutable_birth_date() = On(inventor_.BirthDate(today, 18, 60));
    } else {
      perpetrator.mutable_birth_date()->set_about_year(today.year() - random_.Between(20, 55));
    }
    if (random_.Percent(25)) {
      *perpetrator.mutable_address()->mutable_lines() = NotSaid(v1::UNKNOWN_NOT_KNOWN);
      *perpetrator.mutable_address()->mutable_postcode() = NotSaid(v1::UNKNOWN_NOT_KNOWN);
    } else {
      *perpetrator.mutable_address() =
          !household.refuge && random_.Percent(35) ? victim.address() : inventor_.Address();
    }
    *perpetrator.mutable_gender() = Said(his_man ? "Male" : "Female");
    *perpetrator.mutable_relationship_to_victim() = Said(relationship);
    household.relative = inventor_.Name(his_origin, Gender::kWoman);

    for (int i = 0; i < children; ++i) {
      const int age = random_.Below(16);
      v1::Party& child = household.children.emplace_back();
      *child.mutable_name() = Said(inventor_.ChildName(origin, victim.name().value()));
      *child.mutable_birth_date() = On(inventor_.BirthDate(today, age, age));
      *child.mutable_address() = victim.address();
      *child.mutable_relationship_to_victim() = Said("Child");
      *child.mutable_relationship_to_perpetrator() = Said(family || random_.Percent(30) ? "None" : "Child");
      *child.mutable_school() = Said(inventor_.School(age));
      *child.mutable_lives_with() = Said(male ? "Their father" : "Their mother");
    }
    Contact(household);
  }

  void Contact(Household& household) {
    v1::SafeContact& contact = household.safe_contact;
    if (random_.Percent(7)) {
      contact.set_do_not_contact(true);
      return;
    }
    const auto yes_or_no = [this](int percent) {
      return random_.Percent(percent) ? v1::YES_NO_YES : v1::YES_NO_NO;
    };
    *contact.mutable_phone() = Said(random_.Percent(85) ? inventor_.Mobile() : inventor_.Landline());
    contact.set_safe_to_call(yes_or_no(92));
    *contact.mutable_safe_times() = Said(random_.Pick(SafeTimes()));
    contact.set_safe_to_leave_message(yes_or_no(30));
    contact.set_safe_to_text(yes_or_no(45));
    contact.set_withhold_number(yes_or_no(70));
    *contact.mutable_safe_third_party() =
        random_.Percent(25) ? Said("A sister, " + inventor_.Mobile()) : NotSaid(v1::UNKNOWN_NOT_KNOWN);
    *contact.mutable_perpetrator_away() =
        random_.Percent(50) ? Said("At work on weekdays until about 17:30") : NotSaid(v1::UNKNOWN_NOT_KNOWN);
  }

  // `yes` items by lot, the common ones first; the rest are no, or not known.
  std::vector<v1::Answer> Answers(int yes, bool unfinished, Random& random) {
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = 0; i < kItems.size(); ++i) {
      // The smaller of exponential times: a draw without putting back, by weight.
      const double lot = (random.Below(999'999) + 1) / 1'000'000.0;
      order.emplace_back(-std::log(lot) / kItems[i].weight, i);
    }
    std::ranges::sort(order);
    std::vector<v1::Answer> answers(kItems.size());
    for (size_t place = 0; place < order.size(); ++place) {
      const size_t item = order[place].second;
      v1::Answer& answer = answers[item];
      answer.set_item(kItems[item].code);
      const int lot = random.Below(100);
      answer.set_code(static_cast<int>(place) < yes ? v1::ANSWER_CODE_YES
                      : lot < 76                    ? v1::ANSWER_CODE_NO
                      : lot < 94                    ? v1::ANSWER_CODE_DONT_KNOW
                                                    : v1::ANSWER_CODE_DECLINED);
      answer.set_source(v1::SOURCE_ROLE_VICTIM);
      if (answer.code() == v1::ANSWER_CODE_YES) answer.set_note(NoteFor(answer.item(), random));
    }
    const auto detail = [&](std::string_view item, const char* code) {
      for (v1::Answer& answer : answers) {
        if (answer.item() == item && answer.code() == v1::ANSWER_CODE_YES) answer.add_details(code);
      }
    };
    detail("FEAR_OF", "SELF_HURT");
    if (random.Percent(20)) detail("HURT_ELSE", "CHILD");
    if (random.Percent(70)) detail("SUBST_MH", "ALCOHOL");
    detail("KILL_THREAT", "SELF");
    if (random.Percent(60)) detail("RECORD", "DOMESTIC");
    if (unfinished) answers.resize(static_cast<size_t>(random.Between(9, 17)));
    return answers;
  }

  v1::Judgement Judge(const std::vector<v1::Answer>& answers, bool by_judgement, Random& random) {
    v1::Judgement judgement;
    judgement.set_professional_judgement(by_judgement);
    judgement.set_text(random.Pick(by_judgement ? JudgementReasons() : JudgementTexts()));
    const auto is_yes = [&](std::string_view item) {
      return std::ranges::any_of(answers, [&](const v1::Answer& answer) {
        return answer.item() == item && answer.code() == v1::ANSWER_CODE_YES;
      });
    };
    const auto step = [&](const char* cluster, const char* text) {
      v1::StepTaken& taken = *judgement.add_steps();
      taken.set_cluster(cluster);
      taken.set_text(text);
    };
    if (is_yes("MOOD_SI"))
      step("VICTIM_SUICIDE", "Same-day call to the GP, with an appointment this afternoon.");
    const bool child_hurt = std::ranges::any_of(
        answers, [](const v1::Answer& answer) { return std::ranges::count(answer.details(), "CHILD") > 0; });
    if (child_hurt) step("CHILD", "Child safeguarding referral made by telephone, and in writing today.");
    return judgement;
  }

  void Assess(PlannedReferral& referral) {
    Random random(seed_, /*stream=*/1000 + static_cast<uint64_t>(referral.number));
    const int lot = random.Below(100);
    const int yes = lot < 62   ? random.Between(14, 20)
                    : lot < 92 ? random.Between(9, 13)
                               : random.Between(4, 8);
    if (referral.assessed) referral.answers = Answers(yes, referral.stopped, random);
    const auto score = std::ranges::count(referral.answers, v1::ANSWER_CODE_YES, &v1::Answer::code);
    // Without fourteen it is judgement that sends it, or three reports in a year.
    const bool escalation = score < 14 && referral.agency == "police" && random.Percent(35);
    referral.judgement = Judge(referral.answers, /*by_judgement=*/score < 14 && !escalation, random);
    if (escalation) {
      const LocalDate day = domain::DateOf(referral.submit_time);
      for (const int back : {random.Between(60, 300), random.Between(20, 59), random.Between(0, 3)}) {
        referral.reported_days.push_back(day.AddDays(-back).ToDay());
      }
      for (const v1::Day& day_of_report : referral.reported_days) {
        *referral.judgement.add_report_days() = day_of_report;
      }
    }
  }

  // Most assessments below the threshold lead to no referral; some are not finished today.
  void AddOtherAssessments() {
    const int count = count_ / 5;
    static constexpr std::array kAssessors = {"idva", "idva2", "police", "housing", "harbour"};
    for (int i = 0; i < count; ++i) {
      Random random(seed_, /*stream=*/5000 + static_cast<uint64_t>(i));
      PlannedAssessment assessment;
      const absl::Time time = start_ + (end_ - start_) * (i + 0.5) / count;
      assessment.time = OfficeTime(domain::DateOf(time), random.Between(9, 16), 0);
      assessment.login = random.Pick(kAssessors);
      const Origin& origin = inventor_.PickOrigin(random.Percent(23));
      *assessment.victim.mutable_name() = Said(inventor_.Name(origin, Gender::kWoman));
      *assessment.perpetrator.mutable_name() = Said(inventor_.Name(origin, Gender::kMan));
      assessment.left_as_draft = i + 2 >= count;
      assessment.answers = Answers(random.Between(2, 9), assessment.left_as_draft, random);
      assessment.judgement = Judge(assessment.answers, /*by_judgement=*/false, random);
      plan_.assessments.push_back(std::move(assessment));
    }
  }

  const uint64_t seed_;
  const absl::Time start_;
  const absl::Time end_;
  Random random_;
  Inventor inventor_;
  int count_ = 0;
  Plan plan_;
};

}  // namespace

Plan MakePlan(uint64_t seed, absl::Time start, absl::Time end) { return Planner(seed, start, end).Make(); }

absl::Time OfficeTime(LocalDate day, int hour, int minute) {
  while (day.IsWeekend()) day = day.AddDays(1);
  return absl::FromCivil(absl::CivilMinute(day.civil()) + hour * 60 + minute, domain::London());
}

}  // namespace marac::demo
