#include "demo/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "demo/invent.h"
#include "demo/staff.h"

namespace marac::demo {
namespace {

std::string Victim(const Household& household) { return GivenName(household.victim.name().value()); }
std::string Perpetrator(const Household& household) {
  return GivenName(household.perpetrator.name().value());
}

bool IsYes(const PlannedReferral& referral, std::string_view item) {
  return std::ranges::any_of(referral.answers, [&](const v1::Answer& answer) {
    return answer.item() == item && answer.code() == v1::ANSWER_CODE_YES;
  });
}

}  // namespace

std::span<const char* const> SafeTimes() {
  static constexpr std::array kTimes = {"Weekdays 9:30 to 14:30",        "Only during school hours",
                                        "Tuesday and Thursday mornings", "After 18:30, at a relative's",
                                        "Lunch break, 12:30 to 13:15",   "At any time; they live apart"};
  return kTimes;
}

std::span<const char* const> JudgementReasons() {
  static constexpr std::array kReasons = {
      "The count understates it: most answers were whispered or left out, and the fear was plain to see.",
      "Recent separation, access to the home and a history of serious violence to an earlier partner.",
      "Isolation and language made many questions hard to answer; what was said points to serious harm.",
      "The victim minimises. Records of three services together show a much worse picture.",
      "Control has become complete within weeks, and the victim believes that leaving would end in death."};
  return kReasons;
}

std::span<const char* const> JudgementTexts() {
  static constexpr std::array kTexts = {
      "Answers were given alone and in a safe place; they fit what our records show.",
      "Grade as counted. The trigger is the separation; contact with the children is used to find the "
      "victim.",
      "Risk has risen since the last incident. A safety plan was made together today.",
      "Answered with a supporter in the room; nothing suggests that answers were held back."};
  return kTexts;
}

std::string NoteFor(std::string_view item, Random& random) {
  static const auto& notes = *new std::map<std::string_view, const char*>{
      {"INJ_NOW", "Bruised arm and shoulder; seen by a nurse"},
      {"FEAR", "\"I do not sleep any more.\""},
      {"FEAR_OF", "That it will not stop at bruises next time"},
      {"ISOLATED", "Phone checked daily; no visits from family since spring"},
      {"STALK", "Up to forty messages a day, and waits outside work"},
      {"SEV_UP", "First shouting and pushing, now hitting"},
      {"CONTROL", "Decides on clothes, money and who may visit"},
      {"WEAPON", "A kitchen knife was held up, not used"},
      {"KILL_THREAT", "Said twice this month, sober"},
      {"STRANGLE", "Hands on the neck; sore throat for days"},
      {"SUBST_MH", "Drinks most evenings"},
      {"ABUSER_SI", "Says it whenever leaving is mentioned"},
      {"BREACH", "Came to the house though bail forbids it"},
      {"RECORD", "Earlier partner called the police several times"}};
  const auto note = notes.find(item);
  // Not every yes is explained.
  return note == notes.end() || random.Percent(40) ? std::string() : note->second;
}

std::string Narrative(const Household& household, const PlannedReferral& referral, Random& random) {
  const std::string victim = Victim(household);
  const std::string perpetrator = Perpetrator(household);
  // The first line is what lists and agendas show.
  struct Incident {
    const char* line;
    const char* text;
  };
  static constexpr std::array kIncidents = {
      Incident{"Pushed against a door; bruised",
               "In the latest incident {1} pushed {0} against a door during a "
               "quarrel about a message on the phone."},
      Incident{"Door kicked in at night",
               "{1} came to {0}'s home at night, shouted through the letter box and "
               "kicked the door until neighbours called the police."},
      Incident{"Kept from leaving, and hit",
               "{0} was kept from leaving the kitchen for over an hour, and hit "
               "twice on the arm."},
      Incident{"Followed from work; phone taken",
               "{1} followed {0} from work to the bus, took the phone and threw "
               "it into the road."},
      Incident{"Bruises seen at an appointment",
               "{0} came to the appointment with bruises and said that {1} had "
               "done it on Sunday."}};
  static constexpr std::array kHistories = {
      "It has gone on for about two years and has become worse since autumn.",
      "Police were called three times in the last year; nothing was charged.",
      "{0} left in the summer and returned after promises; it began again within weeks.",
      "There is an earlier history of violence by {1} towards another partner.",
      "Until now nobody outside the family knew of it."};
  const Incident& incident = random.Pick(kIncidents);
  std::string text =
      fmt::format("{}.\n{}", incident.line, fmt::format(fmt::runtime(incident.text), victim, perpetrator));
  text += " " + fmt::format(fmt::runtime(random.Pick(kHistories)), victim, perpetrator);
  if (IsYes(referral, "STRANGLE")) text += " There was pressure on the neck at least once.";
  if (IsYes(referral, "KILL_THREAT")) text += " Threats to kill were made and believed.";
  if (IsYes(referral, "SEPARATED")) text += " They have separated, or tried to, within the year.";
  if (!household.children.empty()) {
    text += household.children.size() == 1 ? " A child was in the home." : " Children were in the home.";
  }
  if (referral.fate == Fate::kRepeat) text += " The same two people were heard at MARAC before.";
  return text;
}

std::string WhyNow(const Household& household, Random& random) {
  static constexpr std::array kReasons = {"{1} was released this morning and has the address.",
                                          "{0} leaves tonight and fears that {1} knows where to.",
                                          "{1} said yesterday that {0} will not see the weekend.",
                                          "{1} has a key, and the locks cannot be changed before Friday."};
  return fmt::format(fmt::runtime(random.Pick(kReasons)), Victim(household), Perpetrator(household));
}

std::string Fears(const Household& household) {
  return fmt::format("{}, and what friends of {} might pass on.", Perpetrator(household),
                     Perpetrator(household));
}

std::string Wants(Random& random) {
  static constexpr std::array kWishes = {"To stay in the home, with it made safe.",
                                         "To move to another town without being found.",
                                         "That it stops; not that anybody goes to prison.",
                                         "Help with the locks, and somebody to call at night.",
                                         "That the children can see both parents without fear."};
  return random.Pick(kWishes);
}

v1::SharedWithoutConsent WithoutConsent(const Household& household, const domain::LocalDate& day) {
  v1::SharedWithoutConsent record;
  record.set_decided_by("The referrer together with the team manager");
  *record.mutable_decided_on() = day.ToDay();
  record.set_why_no_consent("Asked when it was safe; refused for fear of what follows if it becomes known.");
  record.set_risk_relied_on("Escalating violence with threats to kill, within reach of the victim.");
  record.set_lawful_grounds(
      "Vital interests and public task (UK GDPR 6(1)(d) and (e)); safeguarding of individuals at risk.");
  record.set_recipients("Members of the MARAC, through this referral only.");
  record.set_what_is_shared("What the meeting needs to plan safety, and no more.");
  record.set_necessity("No single agency can reduce this risk with what it knows alone.");
  record.set_proportionality(
      household.children.empty()
          ? "The danger to this one person outweighs their wish for silence."
          : "The danger to this person and the children outweighs their wish for silence.");
  return record;
}

std::string ReasonForReturn(Random& random) {
  static constexpr std::array kReasons = {
      "The latest incident is not described. Please say what happened, and when.",
      "Please add what is known of the perpetrator's address; the police need it for the marker.",
      "The narrative is about housing. Please say what makes the risk imminent."};
  return random.Pick(kReasons);
}

std::string ReasonForDecline(Random& random) {
  static constexpr std::array kReasons = {
      "No ground for MARAC holds: the events lie years back and the two have no contact.",
      "What is described is a dispute between neighbours, not domestic abuse."};
  return random.Pick(kReasons);
}

v1::Discussion Discuss(const Household& household, const PlannedReferral& referral, Random& random) {
  const std::string victim = Victim(household);
  const std::string perpetrator = Perpetrator(household);
  v1::Discussion discussion;
  discussion.set_presenter(fmt::format("{}, for the referrer", FindAgency(referral.agency)->display_name));
  discussion.set_latest_incident(Narrative(household, referral, random));
  discussion.set_victim_views(Wants(random));
  discussion.set_victim_views_source(household.safe_contact.do_not_contact() ? "The referrer" : "The IDVA");
  const auto add = [&](const char* agency, const std::string& text, v1::InformationBasis basis) {
    v1::AgencyInformation& information = *discussion.add_information();
    information.set_agency(fmt::format("agencies/{}", agency));
    information.set_text(text);
    information.set_basis(basis);
    information.set_onward_sharing(random.Percent(30));
  };
  add("police",
      fmt::format("{} calls to the address in twelve months; {} is known for violence.", random.Between(0, 6),
                  perpetrator),
      v1::INFORMATION_BASIS_FACT);
  add("hospital", random.Percent(40) ? "Two attendances this year that fit the account." : "Nothing known.",
      v1::INFORMATION_BASIS_FACT);
  add("housing", "Tenancy in order; the landlord agrees to a change of locks.", v1::INFORMATION_BASIS_FACT);
  if (!household.children.empty()) {
    add("education", "School has seen the change in the children and keeps an eye on them.",
        v1::INFORMATION_BASIS_OPINION);
    discussion.set_children_considered(v1::YES_NO_YES);
  } else {
    discussion.set_children_considered(v1::YES_NO_NO);
  }
  discussion.set_risk_summary(fmt::format(
      "Serious physical harm to {} by {}, soon and most likely at the home. The separation and the "
      "threats point to it; family nearby and the IDVA's support protect.",
      victim, perpetrator));
  // Of several referrals in a case one may be without consent.
  discussion.set_proportionality("Sharing is limited to what keeps this person safe.");
  discussion.set_victim_update_by("The IDVA");
  discussion.set_victim_update_method(household.safe_contact.do_not_contact()
                                          ? "Through the referrer, in person, when it is safe"
                                          : "By telephone, at the safe times");
  return discussion;
}

std::span<const ResearchPlan> ResearchPlans() {
  static constexpr ResearchPlan kPlans[] = {
      {"police", "Crime and incident systems, custody, intelligence",
       "Three calls to the address this year; bail with a condition not to contact."},
      {"idva", "Case system", "Met twice; she wants to stay in her home and is afraid of the evenings."},
      {"childrens-care", "Case system, archive since 2015",
       "An assessment was closed in spring; no plan now."},
      {"adult-care", "Case system", ""},
      {"housing", "Tenancy and homelessness systems",
       "Asked twice to be moved; the tenancy is in both names, with arrears since May."},
      {"hospital", "Emergency department and maternity records",
       "Seen once with an injury that the account given did not explain.", v1::INFORMATION_BASIS_OPINION},
      {"primary-care", "Practice records of both", ""},
      {"mental-health", "Trust records", "Known to the crisis team; missed the last two appointments."},
      {"substance-use", "Service records", ""},
      {"harbour", "Drop-in book and case files", ""},
  };
  return kPlans;
}

std::span<const ActionPlan> ActionPlans() {
  static const auto& plans = *new std::vector<ActionPlan>{
      {"IDVA_CONTACT", "idva", "Call at the safe times, review the safety plan and offer ongoing support.",
       85},
      {"ADDRESS_MARKER", "police", "Put a marker on the address so that calls are answered at once.", 55},
      {"SANCTUARY", "housing", "Survey the home and fit locks, a door chain and a letter-box guard.", 34,
       false, "FITTED"},
      {"MASH", "childrens-care", "Make a referral for the children and report what is decided.", 40, true},
      {"SCHOOL", "education", "Tell the safeguarding leads of the schools who may collect the children.", 35,
       true},
      {"FLAG", "hospital", "Flag the records of the victim so that attendances are noticed.", 45},
      {"GP_NOTIFY", "primary-care", "Tell the practice, with the entry hidden from online access.", 25},
      {"SUBSTANCE", "substance-use", "Offer an appointment to the person causing harm about drinking.", 15},
      {"MENTAL_HEALTH", "mental-health", "Offer an assessment within a week.", 18},
      {"PERP_PROGRAMME", "probation", "Discuss a place on the behaviour-change programme.", 12},
      {"NON_MOLESTATION", "idva", "Support an application for a non-molestation order.", 14},
      {"DAPO", "police", "Consider a domestic abuse protection order and say by when.", 8},
      {"DVDS", "police", "Prepare a disclosure under the scheme and give it in person.", 8},
      {"HOUSING_MOVE", "housing", "Take a homelessness application and look for a place out of the area.",
       12},
      {"ADULT_SAFEGUARDING", "adult-care", "Decide on a safeguarding enquiry and tell the coordinator.", 9},
      {"OTHER", "harbour", "Offer the drop-in group and a place in the course in spring.", 10},
  };
  return plans;
}

std::string ReportText(v1::ActionState state, Random& random) {
  static constexpr std::array kDone = {"Done, and confirmed by telephone.",
                                       "Done; the record holds the details.", "Done on the agreed day."};
  static constexpr std::array kNotPossible = {
      "The victim has moved out of the area; it cannot be done here.",
      "The landlord has sold the house; it is no longer needed.",
      "The person causing harm is in custody; it is no longer needed."};
  static constexpr std::array kNotDone = {"Not done: the worker left and nobody took it over.",
                                          "Not done: it was overlooked in the team."};
  if (state == v1::ACTION_STATE_NOT_POSSIBLE) return random.Pick(kNotPossible);
  if (state == v1::ACTION_STATE_NOT_DONE) return random.Pick(kNotDone);
  return random.Pick(kDone);
}

}  // namespace marac::demo
