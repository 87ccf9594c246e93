#include "store/party_keys.h"

#include <set>
#include <utility>

#include "base/status_macros.h"

namespace marac::store {
namespace {

using Key = std::pair<KeyKind, std::string>;

std::vector<Key> KeysOf(const domain::PersonKeys& person) {
  std::vector<Key> keys;
  for (const std::string& key : person.name_keys) keys.emplace_back(KeyKind::kName, key);
  for (const std::string& key : person.alias_keys) keys.emplace_back(KeyKind::kAlias, key);
  for (const domain::LocalDate& day : person.birth_dates) keys.emplace_back(KeyKind::kBirthDate, day.Iso());
  if (person.nhs_number) keys.emplace_back(KeyKind::kNhsNumber, *person.nhs_number);
  if (!person.address_key.empty()) keys.emplace_back(KeyKind::kAddress, person.address_key);
  return keys;
}

absl::Status AddKey(domain::PersonKeys& person, KeyKind kind, std::string_view key) {
  switch (kind) {
    case KeyKind::kName:
      person.name_keys.emplace_back(key);
      return absl::OkStatus();
    case KeyKind::kAlias:
      person.alias_keys.emplace_back(key);
      return absl::OkStatus();
    case KeyKind::kBirthDate: {
      ASSIGN_OR_RETURN(const domain::LocalDate day, domain::LocalDate::ParseIso(key, "party_keys.key"));
      person.birth_dates.push_back(day);
      return absl::OkStatus();
    }
    case KeyKind::kNhsNumber:
      person.nhs_number = std::string(key);
      return absl::OkStatus();
    case KeyKind::kAddress:
      person.address_key = std::string(key);
      return absl::OkStatus();
  }
  return absl::InternalError("a stored key is of no kind");
}

// Names of records with this key that are open; a name may stand as an alias there, and the other way round.
absl::Status AddRecords(Transaction& tx, std::string_view area, const Key& key, std::string_view not_this,
                        std::string_view account, absl::CivilDay day, int limit,
                        std::set<std::string>& records) {
  const bool is_name = key.first == KeyKind::kName || key.first == KeyKind::kAlias;
  ASSIGN_OR_RETURN(
      Statement select,
      tx.Prepare(
          "SELECT DISTINCT p.record FROM party_keys p WHERE p.area = ?1 AND p.key = ?2 AND p.kind IN (?3, "
          "?4) "
          "AND p.record <> ?5 AND (?6 = '' OR EXISTS (SELECT 1 FROM open_to o WHERE o.name = p.record AND "
          "o.account = ?6 AND o.from_day <= ?7 AND o.to_day >= ?7)) ORDER BY p.record LIMIT ?8"));
  select.Bind(1, area).Bind(2, key.second);
  select.Bind(3, static_cast<int64_t>(is_name ? KeyKind::kName : key.first));
  select.Bind(4, static_cast<int64_t>(is_name ? KeyKind::kAlias : key.first));
  select.Bind(5, not_this).Bind(6, account).Bind(7, day - absl::CivilDay(1970, 1, 1)).Bind(8, int64_t{limit});
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return absl::OkStatus();
    records.emplace(select.Text(0));
  }
}

absl::Status AddParties(Transaction& tx, const std::string& record, std::vector<domain::KeptParty>& parties) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT party_id, role, kind, key FROM party_keys WHERE record = ?1 "
                              "ORDER BY party_id, role, kind, key"));
  select.Bind(1, record);
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return absl::OkStatus();
    const auto role = static_cast<domain::PartyRole>(select.Int(1));
    if (parties.empty() || parties.back().record != record || parties.back().party_id != select.Text(0) ||
        parties.back().role != role) {
      parties.push_back(
          {.record = record, .role = role, .party_id = std::string(select.Text(0)), .keys = {}});
    }
    RETURN_IF_ERROR(AddKey(parties.back().keys, static_cast<KeyKind>(select.Int(2)), select.Text(3)));
  }
}

}  // namespace

absl::Status KeepParties(WriteTransaction& tx, std::string_view area,
                         std::span<const domain::KeptParty> parties) {
  ASSIGN_OR_RETURN(Statement insert,
                   tx.Prepare("INSERT INTO party_keys (record, area, party_id, role, kind, key) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING"));
  for (const domain::KeptParty& party : parties) {
    for (const auto& [kind, key] : KeysOf(party.keys)) {
      insert.Bind(1, party.record).Bind(2, area).Bind(3, party.party_id);
      insert.Bind(4, static_cast<int64_t>(party.role)).Bind(5, static_cast<int64_t>(kind)).Bind(6, key);
      RETURN_IF_ERROR(insert.Run());
    }
  }
  return absl::OkStatus();
}

absl::Status ForgetParties(WriteTransaction& tx, std::string_view record) {
  ASSIGN_OR_RETURN(Statement remove, tx.Prepare("DELETE FROM party_keys WHERE record = ?1"));
  return remove.Bind(1, record).Run();
}

absl::StatusOr<FoundParties> FindParties(Transaction& tx, std::string_view area,
                                         std::span<const domain::KeptParty> asked, std::string_view account,
                                         absl::CivilDay day, int records_max) {
  std::set<std::string> records;
  for (const domain::KeptParty& party : asked) {
    for (const Key& key : KeysOf(party.keys)) {
      // A birth date alone makes nobody a candidate.
      if (key.first == KeyKind::kBirthDate) continue;
      RETURN_IF_ERROR(AddRecords(tx, area, key, party.record, account, day, records_max + 1, records));
    }
  }
  FoundParties found;
  int taken = 0;
  for (const std::string& record : records) {
    if (taken++ == records_max) {
      found.more_exist = true;
      break;
    }
    RETURN_IF_ERROR(AddParties(tx, record, found.parties));
  }
  return found;
}

absl::StatusOr<bool> TakeCaseNumber(WriteTransaction& tx, std::string_view number, std::string_view record) {
  ASSIGN_OR_RETURN(Statement insert, tx.Prepare("INSERT INTO case_numbers (number, record) VALUES (?1, ?2) "
                                                "ON CONFLICT (number) DO NOTHING RETURNING number"));
  return insert.Bind(1, number).Bind(2, record).Step();
}

absl::Status KeepRevealReason(WriteTransaction& tx, std::string_view detail, std::string_view reason) {
  ASSIGN_OR_RETURN(Statement insert,
                   tx.Prepare("INSERT INTO reveal_reasons (commit_seq, detail, reason) VALUES (?1, ?2, ?3)"));
  return insert.Bind(1, tx.commit_seq()).Bind(2, detail).Bind(3, reason).Run();
}

absl::StatusOr<std::map<int64_t, std::string>> RevealReasonsIn(Transaction& tx, std::string_view scope) {
  ASSIGN_OR_RETURN(Statement select,
                   tx.Prepare("SELECT w.commit_seq, w.reason FROM records r JOIN reveal_reasons w "
                              "ON w.detail = r.name WHERE r.scope = ?1"));
  select.Bind(1, scope);
  std::map<int64_t, std::string> reasons;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, select.Step());
    if (!found) return reasons;
    reasons.emplace(select.Int(0), select.Text(1));
  }
}

}  // namespace marac::store
