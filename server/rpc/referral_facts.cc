#include "rpc/referral_facts.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "domain/catalogue.h"
#include "domain/referral.h"
#include "domain/resource_name.h"

namespace marac::rpc {

absl::StatusOr<const v1::Policy*> PolicyOf(ReadCall& call, const v1::Area& area) {
  ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name()));
  const domain::InstalledPolicy* installed = catalogue->FindPolicy(area.settings().policy());
  return installed != nullptr ? &installed->policy : &v1::Policy::default_instance();
}

absl::StatusOr<std::vector<v1::Assessment>> LoadAssessments(ReadCall& call, const v1::Referral& referral) {
  std::vector<v1::Assessment> assessments;
  for (const std::string& name : referral.assessments()) {
    ASSIGN_OR_RETURN(v1::Assessment assessment, call.LoadAsServer<v1::Assessment>(name));
    assessments.push_back(std::move(assessment));
  }
  return assessments;
}

absl::StatusOr<domain::KeptApart> LoadDetails(ReadCall& call, const v1::Referral& referral) {
  domain::KeptApart kept;
  for (const v1::ProtectedDetailMask& mask : referral.protected_details()) {
    ASSIGN_OR_RETURN(v1::ProtectedDetail detail, call.LoadAsServer<v1::ProtectedDetail>(mask.detail()));
    kept.details.push_back(std::move(detail));
  }
  return kept;
}

absl::StatusOr<v1::Referral> RefreshStored(ReadCall& call, v1::Referral referral) {
  ASSIGN_OR_RETURN(const domain::ResourceName name, domain::ResourceName::Parse("name", referral.name()));
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(name.area()));
  ASSIGN_OR_RETURN(const std::vector<v1::Assessment> assessments, LoadAssessments(call, referral));
  ASSIGN_OR_RETURN(const domain::KeptApart kept, LoadDetails(call, referral));
  ASSIGN_OR_RETURN(const v1::Policy* policy, PolicyOf(call, area));
  return domain::Refresh(std::move(referral), {.assessments = assessments,
                                               .safe_contact = kept.safe_contact(),
                                               .settings = area.settings(),
                                               .policy = *policy,
                                               .now = call.now()});
}

}  // namespace marac::rpc
