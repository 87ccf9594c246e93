#include "rpc/assessment_form.h"

#include <string>
#include <utility>

#include "domain/resource_name.h"
#include "domain/services_directory.h"
#include "store/records.h"

namespace marac::rpc {
namespace {

constexpr int kServicesMax = 200;

}  // namespace

absl::StatusOr<const domain::Catalogue*> CatalogueOf(ReadCall& call, const v1::Assessment& assessment) {
  ASSIGN_OR_RETURN(const domain::ResourceName name,
                   domain::ResourceName::Parse("name", assessment.name(), domain::Kind::kAssessment));
  return call.CatalogueOf(name.area());
}

absl::StatusOr<domain::Form> FormOf(ReadCall& call, const v1::Assessment& assessment) {
  ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, CatalogueOf(call, assessment));
  return catalogue->FormOf(assessment);
}

absl::StatusOr<std::vector<v1::SupportService>> ServicesOfEnding(ReadCall& call,
                                                                 const v1::Assessment& assessment,
                                                                 const domain::Form& form) {
  ASSIGN_OR_RETURN(const domain::ResourceName name,
                   domain::ResourceName::Parse("name", assessment.name(), domain::Kind::kAssessment));
  ASSIGN_OR_RETURN(
      const std::vector<store::ListPosition> listed,
      store::ListAll(call.tx(),
                     {.kind = domain::Kind::kService, .area = name.area(), .state = domain::kServiceOffered},
                     kServicesMax));
  std::vector<v1::SupportService> services;
  for (const store::ListPosition& position : listed) {
    ASSIGN_OR_RETURN(v1::SupportService service, call.LoadAsServer<v1::SupportService>(position.name));
    domain::DeriveReview(service, domain::DateOf(call.now()));
    if (domain::IsForEnding(service, form.policy->policy)) services.push_back(std::move(service));
  }
  return services;
}

}  // namespace marac::rpc
