#include "demo/staff.h"

#include <algorithm>

namespace marac::demo {

std::span<const AgencyPlan> Agencies() {
  static const auto& agencies = *new std::vector<AgencyPlan>{
      {"council", "Council, community safety", "OTHER"},
      {"police", "Police", "POLICE"},
      {"idva", "Lantern IDVA service", "IDVA", /*idva_service=*/true},
      {"childrens-care", "Children's social care", "CHILDRENS_SOCIAL_CARE"},
      {"adult-care", "Adult social care", "ADULT_SOCIAL_CARE"},
      {"housing", "Housing and homelessness", "HOUSING"},
      {"hospital", "Acute hospital trust", "ACUTE"},
      {"primary-care", "Primary care", "PRIMARY_CARE"},
      {"mental-health", "Mental health trust", "MENTAL_HEALTH"},
      {"probation", "Probation", "PROBATION"},
      {"substance-use", "Drug and alcohol service", "SUBSTANCE_USE"},
      {"education", "Education", "EDUCATION"},
      {"harbour", "Harbour women's centre", "VOLUNTARY_SECTOR"},
  };
  return agencies;
}

std::span<const StaffPlan> Staff() {
  constexpr v1::Role kReferrer = v1::ROLE_REFERRER;
  constexpr v1::Role kRepresentative = v1::ROLE_REPRESENTATIVE;
  constexpr v1::Role kSupervisor = v1::ROLE_SUPERVISOR;
  static const auto& staff = *new std::vector<StaffPlan>{
      {"admin2", "Perpetua Hollinsclough", "Information governance lead", "council", {v1::ROLE_ADMIN}},
      {"coordinator", "Marged Penhallow", "MARAC coordinator", "council", {v1::ROLE_COORDINATOR}},
      {"minutes", "Oluchi Brackwater", "MARAC administrator", "council", {v1::ROLE_MINUTE_TAKER}},
      {"auditor", "Tobias Greyfell", "Information auditor", "council", {v1::ROLE_AUDITOR}},
      {"steering", "Farida Quillon", "Head of community safety", "council", {v1::ROLE_STEERING_GROUP}},
      {"chair", "Rhoda Tamsworth", "Detective inspector", "police", {v1::ROLE_CHAIR}},
      {"police", "Callum Ashdyke", "Police constable", "police", {kReferrer}},
      {"police2", "Ngozi Larchmere", "Police constable", "police", {kReferrer}},
      {"police3", "Piotr Hallowfen", "Police constable", "police", {kReferrer}},
      {"police-sergeant", "Imogen Stell", "Detective sergeant", "police", {kRepresentative, kSupervisor}},
      {"idva", "Amara Thistlewood", "IDVA", "idva", {v1::ROLE_IDVA}},
      {"idva2", "Bronagh Velloway", "Hospital IDVA", "idva", {v1::ROLE_IDVA}},
      {"idva-manager", "Sunniva Okafor-Dray", "IDVA service manager", "idva", {kRepresentative, kSupervisor}},
      {"childrens-care", "Dilwyn Marrable", "Social worker", "childrens-care", {kReferrer}},
      {"childrens-manager",
       "Zainab Corrick",
       "Team manager",
       "childrens-care",
       {kRepresentative, kSupervisor}},
      {"adult-care", "Huw Brindlecombe", "Social worker", "adult-care", {kReferrer, kRepresentative}},
      {"housing", "Lucja Fennimore", "Housing officer", "housing", {kReferrer, kRepresentative}},
      {"hospital", "Efua Silverdene", "Safeguarding nurse", "hospital", {kReferrer, kRepresentative}},
      {"primary-care", "Ravi Oxenholt", "Named nurse", "primary-care", {kRepresentative}},
      {"mental-health",
       "Catrin Moxley-Ruane",
       "Care coordinator",
       "mental-health",
       {kReferrer, kRepresentative}},
      {"probation", "Desmond Farrowby", "Probation officer", "probation", {kReferrer, kRepresentative}},
      {"substance-use", "Ilze Wranglesby", "Recovery worker", "substance-use", {kReferrer, kRepresentative}},
      {"education", "Mairead Coppull", "Safeguarding lead", "education", {kRepresentative}},
      {"harbour", "Yetunde Castellane", "Support worker", "harbour", {kReferrer, kRepresentative}},
  };
  return staff;
}

const AgencyPlan* FindAgency(std::string_view word) {
  const auto agencies = Agencies();
  const auto found =
      std::ranges::find_if(agencies, [&](const AgencyPlan& agency) { return agency.word == word; });
  return found == agencies.end() ? nullptr : &*found;
}

const StaffPlan* FindStaff(std::string_view login) {
  const auto staff = Staff();
  const auto found =
      std::ranges::find_if(staff, [&](const StaffPlan& person) { return person.login == login; });
  return found == staff.end() ? nullptr : &*found;
}

const StaffPlan* RepresentativeOf(std::string_view agency) {
  const auto staff = Staff();
  const auto found = std::ranges::find_if(staff, [&](const StaffPlan& person) {
    return person.agency == agency && (std::ranges::count(person.roles, v1::ROLE_REPRESENTATIVE) > 0);
  });
  return found == staff.end() ? nullptr : &*found;
}

}  // namespace marac::demo
