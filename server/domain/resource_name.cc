#include "domain/resource_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "domain/errors.h"

namespace marac::domain {
namespace {

struct KindRow {
  Kind kind;
  std::string_view collection;
  // What stands before the collection: nothing, an area, or a meeting or a case of one.
  enum { kInstallation, kInArea, kInMeeting, kInCase } place;
};

constexpr std::array<KindRow, 21> kKinds = {{
    {Kind::kArea, "areas", KindRow::kInstallation},
    {Kind::kAgency, "agencies", KindRow::kInstallation},
    {Kind::kAccount, "accounts", KindRow::kInstallation},
    {Kind::kProgram, "programs", KindRow::kInstallation},
    {Kind::kAssessment, "assessments", KindRow::kInArea},
    {Kind::kReferral, "referrals", KindRow::kInArea},
    {Kind::kExcludedPerson, "excludedPeople", KindRow::kInArea},
    {Kind::kProtectedDetail, "protectedDetails", KindRow::kInArea},
    {Kind::kCase, "cases", KindRow::kInArea},
    {Kind::kMeeting, "meetings", KindRow::kInArea},
    {Kind::kAgendaItem, "agendaItems", KindRow::kInMeeting},
    {Kind::kAction, "actions", KindRow::kInArea},
    {Kind::kService, "services", KindRow::kInArea},
    {Kind::kAlert, "alerts", KindRow::kInArea},
    {Kind::kPilot, "pilots", KindRow::kInArea},
    {Kind::kPilotPair, "pilotPairs", KindRow::kInArea},
    {Kind::kInstrument, "instruments", KindRow::kInArea},
    {Kind::kPolicy, "policies", KindRow::kInArea},
    {Kind::kDocument, "documents", KindRow::kInArea},
    // Their id is the agency's: there is one for an agency.
    {Kind::kResearch, "research", KindRow::kInCase},
    {Kind::kResearchNotes, "researchNotes", KindRow::kInCase},
}};

const KindRow& RowOf(Kind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(), [kind](const KindRow& row) { return row.kind == kind; });
}

// The collection that a record of this place hangs in, below an area; empty: it hangs in no other record.
std::string_view Above(const KindRow& row) {
  if (row.place == KindRow::kInMeeting) return "meetings";
  return row.place == KindRow::kInCase ? "cases" : "";
}

bool IsId(std::string_view id) {
  return !id.empty() && id.size() <= 40 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::vector<std::string_view> Split(std::string_view name) {
  std::vector<std::string_view> parts;
  while (parts.size() < 8) {
    const size_t slash = name.find('/');
    parts.push_back(name.substr(0, slash));
    if (slash == std::string_view::npos) break;
    name.remove_prefix(slash + 1);
  }
  return parts;
}

std::string Shape(const KindRow& row) {
  switch (row.place) {
    case KindRow::kInstallation:
      return fmt::format("{}/ID", row.collection);
    case KindRow::kInArea:
      return fmt::format("areas/AREA/{}/ID", row.collection);
    case KindRow::kInMeeting:
      return fmt::format("areas/AREA/meetings/MEETING/{}/ID", row.collection);
    case KindRow::kInCase:
      break;
  }
  return fmt::format("areas/AREA/cases/CASE/{}/ID", row.collection);
}

}  // namespace

std::string_view CollectionOf(Kind kind) { return RowOf(kind).collection; }

absl::StatusOr<ResourceName> ResourceName::Parse(std::string_view field, std::string_view name) {
  const std::vector<std::string_view> parts = Split(name);
  const size_t pairs = parts.size() / 2;
  const bool ids_are_good = [&] {
    for (size_t i = 1; i < parts.size(); i += 2) {
      if (!IsId(parts[i])) return false;
    }
    return parts.size() % 2 == 0 && pairs >= 1 && pairs <= 3;
  }();
  if (ids_are_good) {
    for (const KindRow& row : kKinds) {
      if (row.collection != parts[parts.size() - 2]) continue;
      const size_t pairs_wanted = std::min<size_t>(row.place, KindRow::kInMeeting) + 1;
      if (pairs != pairs_wanted || (pairs > 1 && parts[0] != "areas") ||
          (pairs > 2 && parts[2] != Above(row)))
        break;
      ResourceName result;
      result.kind_ = row.kind;
      result.text_ = std::string(name);
      if (pairs > 1 || row.kind == Kind::kArea) result.area_ = fmt::format("areas/{}", parts[1]);
      result.parent_ = pairs > 2 ? fmt::format("{}/{}/{}", result.area_, parts[2], parts[3])
                                 : (row.kind == Kind::kArea ? std::string() : result.area_);
      return result;
    }
  }
  return InvalidField(field, "give a name as this server gave it, e.g. areas/AREA/cases/ID");
}

absl::StatusOr<ResourceName> ResourceName::Parse(std::string_view field, std::string_view name, Kind kind) {
  absl::StatusOr<ResourceName> result = Parse(field, name);
  if (!result.ok() || result->kind() != kind) {
    return InvalidField(field, fmt::format("give a name of the form {}", Shape(RowOf(kind))));
  }
  return result;
}

std::string ResourceName::Make(Kind kind, std::string_view parent, std::string_view id) {
  return parent.empty() ? fmt::format("{}/{}", CollectionOf(kind), id)
                        : fmt::format("{}/{}/{}", parent, CollectionOf(kind), id);
}

}  // namespace marac::domain
