#include "domain/matching.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "domain/local_date.h"

namespace marac::domain {
namespace {

// How one side of a record compares: the candidate that agrees most, or none.
struct Side {
  std::vector<MatchField> agreed;
  bool by_name_or_number = false;
  bool contradicted = true;
};

Side Better(Side side, const Candidate& candidate) {
  if (!side.agreed.empty() && candidate.agreed.size() <= side.agreed.size()) return side;
  side.agreed = candidate.agreed;
  side.by_name_or_number = std::ranges::any_of(candidate.agreed, [](MatchField field) {
    return field == MatchField::kName || field == MatchField::kAlias || field == MatchField::kNhsNumber;
  });
  side.contradicted = !candidate.differed.empty();
  return side;
}

// What a record's parties of each role have in common with those asked for of each role.
struct Sides {
  Side victim, perpetrator;                           // the same role
  Side victim_as_perpetrator, perpetrator_as_victim;  // asked for as the one, kept as the other
};

bool Agree(const Side& a, const Side& b) {
  return a.by_name_or_number && b.by_name_or_number && !(a.contradicted && b.contradicted);
}

std::optional<LocalDate> DateOrNothing(bool present, const v1::Day& day) {
  if (!present) return std::nullopt;
  const absl::StatusOr<LocalDate> date = LocalDate::FromDay(day, "day");
  return date.ok() ? std::optional(*date) : std::nullopt;
}

}  // namespace

PersonKeys KeysOf(const v1::Party& party) {
  PersonKeys keys;
  keys.name_keys = NameKeys(party.name().value());
  for (const std::string& alias : party.aliases()) {
    for (std::string& key : NameKeys(alias)) {
      if (std::ranges::find(keys.alias_keys, key) == keys.alias_keys.end())
        keys.alias_keys.push_back(std::move(key));
    }
  }
  if (const auto birth = DateOrNothing(party.birth_date().has_day(), party.birth_date().day())) {
    keys.birth_dates.push_back(*birth);
  }
  if (party.nhs_number().has_value()) {
    if (auto number = ParseNhsNumber(party.nhs_number().value(), "nhs_number"); number.ok())
      keys.nhs_number = *number;
  }
  if (!party.address().protected_detail()) {
    keys.address_key = AddressKey(party.address().lines().value(), party.address().postcode().value());
  }
  return keys;
}

std::vector<KeptParty> PartiesOf(const std::string& record, const v1::Party& victim,
                                 const google::protobuf::RepeatedPtrField<v1::Party>& perpetrators) {
  std::vector<KeptParty> parties = {{record, PartyRole::kVictim, victim.party_id(), KeysOf(victim)}};
  for (const v1::Party& party : perpetrators) {
    parties.push_back({record, PartyRole::kPerpetrator, party.party_id(), KeysOf(party)});
  }
  return parties;
}

std::vector<RecordMatch> MatchRecords(const std::vector<KeptParty>& asked,
                                      const std::vector<KeptParty>& kept) {
  // Candidates come back by id; the id here is the place in `kept`.
  std::vector<StoredPerson> people;
  for (size_t i = 0; i < kept.size(); ++i) people.push_back({std::to_string(i), kept[i].keys});
  std::map<std::string, Sides> records;
  for (const KeptParty& person : asked) {
    for (const Candidate& candidate : MatchCandidates(person.keys, people)) {
      const KeptParty& found = kept[std::stoul(candidate.id)];
      Sides& sides = records[found.record];
      Side& side =
          person.role == PartyRole::kVictim
              ? (found.role == PartyRole::kVictim ? sides.victim : sides.victim_as_perpetrator)
              : (found.role == PartyRole::kPerpetrator ? sides.perpetrator : sides.perpetrator_as_victim);
      side = Better(std::move(side), candidate);
    }
  }
  std::vector<RecordMatch> matches;
  for (auto& [record, sides] : records) {
    RecordMatch match;
    match.record = record;
    match.same_pair = Agree(sides.victim, sides.perpetrator);
    match.roles_reversed = Agree(sides.victim_as_perpetrator, sides.perpetrator_as_victim);
    match.victim_fields = std::move(sides.victim.agreed);
    match.perpetrator_fields = std::move(sides.perpetrator.agreed);
    // Somebody who was only found in the other role is a candidate when both were.
    if (match.victim_fields.empty() && match.perpetrator_fields.empty() && !match.roles_reversed) continue;
    matches.push_back(std::move(match));
  }
  std::ranges::sort(matches, {}, [](const RecordMatch& match) {
    return std::tuple(!match.same_pair, !match.roles_reversed,
                      -static_cast<int>(match.victim_fields.size() + match.perpetrator_fields.size()),
                      match.record);
  });
  return matches;
}

std::string_view FieldName(MatchField field) {
  switch (field) {
    case MatchField::kName:
      return "name";
    case MatchField::kAlias:
      return "alias";
    case MatchField::kBirthDate:
      return "birth_date";
    case MatchField::kBirthDateReversed:
      return "birth_date_reversed";
    case MatchField::kNhsNumber:
      return "nhs_number";
    case MatchField::kAddress:
      break;
  }
  return "address";
}

RepeatFinding RepeatOf(const v1::Referral& referral, const v1::Case& earlier,
                       const v1::DayAnswer& anchor_incident, const v1::Policy& policy) {
  RepeatFacts facts;
  facts.same_pair = true;
  facts.last_referral = DateOrNothing(earlier.has_last_referral_day(), earlier.last_referral_day());
  facts.last_heard = DateOrNothing(earlier.has_last_heard_day(), earlier.last_heard_day());
  facts.incident =
      DateOrNothing(referral.reason().latest_incident().has_day(), referral.reason().latest_incident().day());
  facts.in_last_referral = facts.incident.has_value() &&
                           facts.incident == DateOrNothing(anchor_incident.has_day(), anchor_incident.day());
  switch (referral.reason().latest_incident_criminal()) {
    case v1::YES_NO_YES:
      facts.would_be_criminal = true;
      break;
    case v1::YES_NO_NO:
      facts.would_be_criminal = false;
      break;
    default:
      break;
  }
  RepeatSettings settings;
  if (policy.repeat().months() > 0) settings.months = policy.repeat().months();
  if (policy.repeat().anchor() == v1::REPEAT_ANCHOR_HEARD) settings.anchor = RepeatAnchor::kHeard;
  if (policy.repeat().criminal_only()) settings.definition = RepeatDefinition::kOld;
  return FindRepeat(facts, settings);
}

}  // namespace marac::domain
