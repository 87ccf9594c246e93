#include "rpc/safe_contact.h"

#include <set>
#include <utility>

#include "domain/resource_name.h"

namespace marac::rpc {
namespace {

using domain::Kind;
using domain::ResourceName;

absl::StatusOr<bool> IsReferral(const std::string& name) {
  ASSIGN_OR_RETURN(const ResourceName parsed, ResourceName::Parse("parent", name));
  return parsed.kind() == Kind::kReferral;
}

}  // namespace

template <typename Record>
absl::StatusOr<v1::ProtectedDetail> CorrectSafeContact(WriteCall& call, Record& record,
                                                       const std::vector<std::string>& sources,
                                                       const domain::SafeContactChange& change) {
  ASSIGN_OR_RETURN(const ResourceName name, ResourceName::Parse("name", record.name()));
  std::set<std::string> shown_in(sources.begin(), sources.end());
  std::vector<v1::ProtectedDetail> details;
  for (const v1::ProtectedDetailMask& mask : record.protected_details()) {
    if (mask.kind() != v1::PROTECTED_KIND_SAFE_CONTACT) continue;
    ASSIGN_OR_RETURN(v1::ProtectedDetail detail, call.LoadAsServer<v1::ProtectedDetail>(mask.detail()));
    ASSIGN_OR_RETURN(const bool from_referral, IsReferral(detail.parent()));
    if (from_referral) shown_in.insert(detail.parent());
    details.push_back(std::move(detail));
  }
  shown_in.erase(record.name());

  RETURN_IF_ERROR(domain::CorrectSafeContact(details, record.name(), record.victim().party_id(), change,
                                             {.account = call.caller().account, .now = call.now()}));
  for (v1::ProtectedDetail& detail : details) {
    if (!detail.name().empty()) {
      RETURN_IF_ERROR(call.Save(detail));
      continue;
    }
    detail.set_name(ResourceName::Make(Kind::kProtectedDetail, name.area(), call.NewId()));
    ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(record.name()));
    RETURN_IF_ERROR(call.Create(detail, facts.scope, {.account = facts.author, .agency = facts.agency}));
  }
  const v1::ProtectedDetail& kept = details.front();
  domain::SetSafeContactMask(kept, record.victim().party_id(), *record.mutable_protected_details());
  for (const std::string& source : shown_in) {
    ASSIGN_OR_RETURN(v1::Referral referral, call.LoadAsServer<v1::Referral>(source));
    domain::SetSafeContactMask(kept, referral.victim().party_id(), *referral.mutable_protected_details());
    RETURN_IF_ERROR(call.Save(referral));
  }
  return kept;
}

template absl::StatusOr<v1::ProtectedDetail> CorrectSafeContact(WriteCall&, v1::Case&,
                                                                const std::vector<std::string>&,
                                                                const domain::SafeContactChange&);
template absl::StatusOr<v1::ProtectedDetail> CorrectSafeContact(WriteCall&, v1::Referral&,
                                                                const std::vector<std::string>&,
                                                                const domain::SafeContactChange&);

}  // namespace marac::rpc
