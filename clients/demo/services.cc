#include "demo/services.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "base/status_macros.h"
#include "marac/v1/directory_service.grpc.pb.h"

namespace marac::demo {
namespace {

using Directory = v1::DirectoryService::Stub;
using domain::LocalDate;

constexpr char kCoordinator[] = "coordinator";
constexpr int kVerifiedDaysAgo = 12;
constexpr int kReviewMonths = 6;
constexpr int kNeglectedMonths = 14;
constexpr int kPageSizeMax = 100;

v1::SupportService Service(std::string_view name, std::string_view description, std::string_view hours,
                           std::initializer_list<v1::ServicePurpose> purposes) {
  v1::SupportService service;
  service.set_display_name(std::string(name));
  service.set_description(std::string(description));
  service.set_hours(std::string(hours));
  for (const v1::ServicePurpose purpose : purposes) service.add_purposes(purpose);
  return service;
}

void Reach(v1::SupportService& service, v1::ServiceNumberKind kind, std::string_view number,
           std::string_view note = "") {
  v1::ServiceNumber& added = *service.add_numbers();
  added.set_kind(kind);
  added.set_number(std::string(number));
  added.set_note(std::string(note));
}

std::vector<ServicePlan> MakeServices() {
  constexpr auto kDanger = v1::SERVICE_PURPOSE_IMMEDIATE_DANGER;
  constexpr auto kDecline = v1::SERVICE_PURPOSE_DECLINE;
  constexpr auto kNonReferral = v1::SERVICE_PURPOSE_NON_REFERRAL;
  constexpr auto kAfter = v1::SERVICE_PURPOSE_AFTER_ASSESSMENT;
  constexpr auto kVoice = v1::SERVICE_NUMBER_KIND_VOICE;
  constexpr auto kText = v1::SERVICE_NUMBER_KIND_TEXT;
  std::vector<ServicePlan> plans;

  v1::SupportService police = Service(
      "Police control room", "Sends officers at once. Say that you are a professional, and where they are.",
      "Every day, 24 hours", {kDanger});
  Reach(police, kVoice, "01632 960199");
  Reach(police, kText, "07700 900199", "for those who registered to text");
  police.set_access("Text relay; interpreters in 200 languages by telephone.");
  plans.push_back({police});

  v1::SupportService helpline =
      Service(kHelpline, "Advisers who listen, and find somewhere safe to go, tonight if need be.",
              "Every day, 24 hours", {kDanger, kDecline, kNonReferral, kAfter});
  Reach(helpline, kVoice, "0808 157 0140", "free, and not on the bill");
  helpline.mutable_eligibility()->set_age_min(16);
  helpline.set_access("Interpreters by telephone. BSL by video on working days, 10am to 6pm.");
  plans.push_back({helpline});

  v1::SupportService drop_in =
      Service("Harbour drop-in", "Support, advice and a cup of tea, without an appointment.",
              "Monday to Friday, 10am to 4pm", {kDecline, kNonReferral, kAfter});
  Reach(drop_in, kVoice, "01632 960222");
  drop_in.mutable_eligibility()->add_genders(v1::SERVICE_GENDER_WOMEN);
  drop_in.mutable_eligibility()->add_grades(v1::GRADE_STANDARD);
  drop_in.mutable_eligibility()->add_grades(v1::GRADE_MEDIUM);
  drop_in.mutable_eligibility()->set_note("Children may come along.");
  drop_in.set_access("Step-free. Polish and Somali speakers on Tuesdays.");
  plans.push_back({drop_in});

  v1::SupportService men =
      Service("Quayside men's line", "Advisers for men who are hurt or frightened at home.",
              "Monday to Friday, 9am to 8pm", {kDecline, kNonReferral, kAfter});
  Reach(men, kVoice, "0808 157 0377", "free from mobiles");
  men.mutable_eligibility()->add_genders(v1::SERVICE_GENDER_MEN);
  men.mutable_eligibility()->set_age_min(18);
  plans.push_back({men});

  v1::SupportService young =
      Service("Stepping Stones", "Support for young people in a relationship that frightens them.",
              "Monday to Saturday, noon to 8pm", {kNonReferral, kAfter});
  Reach(young, kText, "07700 900455");
  Reach(young, kVoice, "01632 960455");
  young.mutable_eligibility()->set_age_min(13);
  young.mutable_eligibility()->set_age_max(25);
  plans.push_back({young, /*neglected=*/true});

  v1::SupportService children = Service(
      "Children's safeguarding, first contact", "For everybody under 16, and when a child is at risk.",
      "Monday to Friday, 9am to 5pm; at other times the same number leads to the duty team",
      {kDanger, kDecline});
  Reach(children, kVoice, "01632 960310");
  plans.push_back({children});
  return plans;
}

absl::StatusOr<std::vector<v1::SupportService>> Present(const World& world) {
  v1::ListServicesRequest request;
  request.set_parent(world.area());
  request.set_page_size(kPageSizeMax);
  ASSIGN_OR_RETURN(const v1::ListServicesResponse page,
                   world.Call(kCoordinator, &Directory::ListServices, request));
  return std::vector<v1::SupportService>(page.services().begin(), page.services().end());
}

}  // namespace

std::span<const ServicePlan> Services() {
  static const auto& services = *new std::vector<ServicePlan>(MakeServices());
  return services;
}

v1::SupportService On(const ServicePlan& plan, LocalDate today) {
  v1::SupportService service = plan.service;
  const LocalDate verified =
      plan.neglected ? today.AddMonths(-kNeglectedMonths) : today.AddDays(-kVerifiedDaysAgo);
  *service.mutable_verified_day() = verified.ToDay();
  *service.mutable_review_day() = verified.AddMonths(kReviewMonths).ToDay();
  return service;
}

absl::Status KeepServices(World& world) {
  ASSIGN_OR_RETURN(const absl::Time now, world.Now());
  ASSIGN_OR_RETURN(const std::vector<v1::SupportService> present, Present(world));
  for (const ServicePlan& plan : Services()) {
    const v1::SupportService wanted = On(plan, domain::DateOf(now));
    const auto there = std::ranges::find(present, wanted.display_name(), &v1::SupportService::display_name);
    if (there == present.end()) {
      v1::CreateServiceRequest request;
      request.set_parent(world.area());
      *request.mutable_service() = wanted;
      RETURN_IF_ERROR(world.Call(kCoordinator, &Directory::CreateService, request).status());
    } else if (!plan.neglected) {
      v1::UpdateServiceRequest request;
      *request.mutable_service() = wanted;
      request.mutable_service()->set_name(there->name());
      request.mutable_service()->set_etag(there->etag());
      RETURN_IF_ERROR(world.Call(kCoordinator, &Directory::UpdateService, request).status());
    }
  }
  return absl::OkStatus();
}

}  // namespace marac::demo
