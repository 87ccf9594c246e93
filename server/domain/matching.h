// Which cases and waiting referrals may concern the same people. Proposals: a person
// decides.
#ifndef MARAC_DOMAIN_MATCHING_H_
#define MARAC_DOMAIN_MATCHING_H_

#include <string>
#include <string_view>
#include <vector>

#include "domain/names.h"
#include "domain/repeat.h"
#include "marac/v1/case.pb.h"
#include "marac/v1/party.pb.h"
#include "marac/v1/policy.pb.h"
#include "marac/v1/referral.pb.h"

namespace marac::domain {

// What of a party can be found again. A protected address is not here, so that it cannot be felt for.
PersonKeys KeysOf(const v1::Party& party);

enum class PartyRole { kVictim = 1, kPerpetrator = 2 };  // The numbers are stored.

// One party of one record, as it is kept for the search.
struct KeptParty {
  std::string record;
  PartyRole role;
  std::string party_id;
  PersonKeys keys;
};

// The victim and the perpetrators of a record; nobody else is searched for.
std::vector<KeptParty> PartiesOf(const std::string& record, const v1::Party& victim,
                                 const google::protobuf::RepeatedPtrField<v1::Party>& perpetrators);

// One record, and how its people compare with those asked for.
struct RecordMatch {
  std::string record;
  std::vector<MatchField> victim_fields;
  std::vector<MatchField> perpetrator_fields;
  // A name or number agrees on both sides, and at least on one of them nothing speaks against it.
  bool same_pair = false;
  // The same two people, with the roles reversed.
  bool roles_reversed = false;
};

// Every record in `kept` of which a party agrees with one in `asked` in the same or, for a reversed pair, the
// other role. The strongest first: the same pair, reversed roles, then by how much agrees.
std::vector<RecordMatch> MatchRecords(const std::vector<KeptParty>& asked,
                                      const std::vector<KeptParty>& kept);

// As in the answer of FindMatches: "name", "birth_date".
std::string_view FieldName(MatchField field);

// Both anchors of a new incident in `referral` against the earlier case, by the area's policy. The
// pair is taken as confirmed. `anchor_incident` is the latest incident of the referral that anchors, when it
// is known.
RepeatFinding RepeatOf(const v1::Referral& referral, const v1::Case& earlier,
                       const v1::DayAnswer& anchor_incident, const v1::Policy& policy);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_MATCHING_H_
