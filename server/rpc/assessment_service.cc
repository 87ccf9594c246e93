#include "rpc/assessment_service.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/assessment.h"
#include "domain/catalogue.h"
#include "domain/communication.h"
#include "domain/comparison.h"
#include "domain/errors.h"
#include "domain/handover.h"
#include "domain/referral.h"
#include "domain/resource_name.h"
#include "domain/review.h"
#include "domain/services_directory.h"
#include "domain/sitting.h"
#include "domain/text_warnings.h"
#include "domain/timestamp.h"
#include "domain/training.h"
#include "domain/triage.h"
#include "marac/v1/assessment_service.grpc.pb.h"
#include "rpc/assessment_form.h"
#include "rpc/referral_facts.h"
#include "store/answers.h"
#include "store/case_access.h"
#include "store/records.h"
#include "store/sessions.h"

namespace marac::rpc {
namespace {

using domain::Answered;
using domain::Form;

domain::Act ActOf(const ReadCall& call) { return {.account = call.caller().account, .now = call.now()}; }

// The wording of an installed pack is for the area that has its owner's permission; what is built in is
// everybody's.
absl::Status CheckMayRead(const ReadCall& call, const domain::InstalledPack& pack, const std::string& area) {
  const bool works_there = std::ranges::any_of(
      call.caller().roles, [&](const domain::HeldRole& held) { return held.area == area; });
  return pack.built_in || works_there ? absl::OkStatus() : domain::NotFoundOrNotOpen(area);
}

// The form of new assessments in an area: the pack asked for, or else the area's own, put before the person
// as is asked for.
absl::StatusOr<Form> FormInArea(ReadCall& call, const std::string& instrument, const std::string& area_name,
                                v1::Presentation presentation = v1::PRESENTATION_UNSPECIFIED) {
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(area_name));
  ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(area.name()));
  ASSIGN_OR_RETURN(const Form form,
                   catalogue->FormFor(instrument.empty() ? area.settings().instrument() : instrument,
                                      area.settings().policy(), presentation, domain::DateOf(call.now())));
  RETURN_IF_ERROR(CheckMayRead(call, *form.pack, area.name()));
  return form;
}

// NOT_FOUND unless the caller may touch the assessment by another method than the one that is called.
absl::Status MayTouchBy(ReadCall& call, std::string_view method, const std::string& name) {
  ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(name));
  return domain::MayTouch(call.caller(), facts, *domain::FindMethodRule(method)).status();
}

// What clients are told of its review beside what is stored. Which one it reviews is told to those to whom
// that is open: a name that leads nowhere would say that something is kept from them.
absl::Status ShowReview(ReadCall& call, v1::Assessment& assessment) {
  if (!assessment.reviews().empty() &&
      !MayTouchBy(call, "marac.v1.AssessmentService/GetAssessment", assessment.reviews()).ok()) {
    assessment.clear_reviews();
  }
  if (!assessment.has_review()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
  domain::DeriveReview(assessment, form.policy->policy, domain::DateOf(call.now()));
  return absl::OkStatus();
}

// Keeps what a call made of an assessment that it loaded. A device that the person holds goes dark for good
// at the moment at which there is nothing left that they may do: what is completed now may be a draft again
// later.
absl::StatusOr<v1::Assessment> SaveAssessment(WriteCall& call, v1::Assessment assessment) {
  if (!assessment.sittings().empty() && !domain::CheckHandover(assessment).ok()) {
    ASSIGN_OR_RETURN(
        const std::vector<std::string> ended,
        store::EndHandoversOf(call.write(), assessment.name(), absl::ToUnixMillis(call.security_now())));
    if (!ended.empty()) call.NoteReason("HANDOVER_ENDED");
  }
  RETURN_IF_ERROR(call.Save(assessment));
  RETURN_IF_ERROR(ShowReview(call, assessment));
  return assessment;
}

// The same of what an append or an amendment made.
absl::StatusOr<v1::Assessment> SaveAnswered(WriteCall& call, Answered answered) {
  RETURN_IF_ERROR(store::AppendAnswers(call.write(), answered.assessment.name(), answered.events));
  return SaveAssessment(call, std::move(answered.assessment));
}

// The pack that a device in the person's hands asks for: its assessment's own, or the one that is derived
// from.
absl::StatusOr<v1::InstrumentPack> PackOfHandover(ReadCall& call, const v1::GetInstrumentRequest& request) {
  ASSIGN_OR_RETURN(const v1::Assessment assessment, call.Load<v1::Assessment>(call.caller().handover));
  ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
  const std::string& name = request.instrument().empty() ? assessment.instrument() : request.instrument();
  ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, CatalogueOf(call, assessment));
  const domain::InstalledPack* installed =
      domain::IsShownInHandover(assessment, form.pack->pack, name) ? catalogue->FindPack(name) : nullptr;
  if (installed == nullptr) return domain::NotFoundOrNotOpen(name);
  return installed->pack;
}

// The last version that was of this edition. The record is open to the caller as a whole, and with it its
// past: who read edition 1 must be able to read it again (D-03).
absl::StatusOr<v1::Assessment> LoadEdition(ReadCall& call, const std::string& name, int32_t edition) {
  const domain::Grant grant = domain::ServerGrant(name);
  ASSIGN_OR_RETURN(store::StoredRecord stored, store::LoadBody(call.tx(), grant));
  for (int64_t version = stored.version; version > 1; --version) {
    ASSIGN_OR_RETURN(stored, store::LoadVersion(call.tx(), grant, version - 1));
    v1::Assessment earlier;
    if (!earlier.ParseFromString(stored.body)) return absl::InternalError("a stored record does not parse");
    if (earlier.edition() == edition) return earlier;
  }
  return domain::NotFoundOrNotOpen(name);
}

// In the edition asked for; 0: as it is now.
absl::StatusOr<v1::Assessment> LoadAssessment(ReadCall& call, const std::string& name, int32_t edition,
                                              std::string_view field = "name") {
  ASSIGN_OR_RETURN(v1::Assessment assessment, call.Load<v1::Assessment>(name, field));
  if (edition != 0 && edition != assessment.edition()) {
    return LoadEdition(call, assessment.name(), edition);
  }
  RETURN_IF_ERROR(ShowReview(call, assessment));
  return assessment;
}

// Adds one to a list, without its answers.
template <typename Response>
void AddListed(v1::Assessment assessment, Response& response) {
  assessment.clear_answers();
  assessment.clear_probe_answers();
  assessment.clear_section_answers();
  assessment.clear_reviews();
  *response.add_assessments() = std::move(assessment);
}

// A review takes over who the other is about, and ends the waiting of a record that may be kept from its
// signer by then: so it is for those who may say that one is due.
absl::Status MayReview(ReadCall& call, const std::string& name) {
  return MayTouchBy(call, "marac.v1.AssessmentService/RecordChange", name);
}

// What a person needs to communicate is no less true for having been asked after the referral was sent:
// whoever will speak with them reads it, whether or not that record is open to whoever asked.
template <typename T>
absl::Status ShareWith(WriteCall& call, const std::string& name, const v1::CommunicationProfile& profile) {
  if (name.empty()) return absl::OkStatus();
  absl::StatusOr<T> record = call.LoadAsServer<T>(name);
  if (absl::IsNotFound(record.status())) return absl::OkStatus();  // Erased since.
  RETURN_IF_ERROR(record.status());
  domain::ShareProfile(profile, *record->mutable_communication());
  if constexpr (std::is_same_v<T, v1::Referral>) domain::SetTextWarnings(*record, {});
  return call.Save(*record);
}

absl::StatusOr<v1::Assessment> Start(WriteCall& call, const Form& form, v1::StartAssessmentRequest request,
                                     const std::string& name) {
  v1::CommunicationProfile communication;
  if (!request.reviews().empty()) {
    ASSIGN_OR_RETURN(const domain::ResourceName named,
                     domain::ResourceName::Parse("reviews", request.reviews(), domain::Kind::kAssessment));
    RETURN_IF_ERROR(MayReview(call, named.text()));
    if (named.area() != request.parent()) {
      return domain::InvalidField("reviews", "it is of another area: start the review there");
    }
    call.NoteSubject(named.text());
    ASSIGN_OR_RETURN(const v1::Assessment earlier,
                     call.LoadAsServer<v1::Assessment>(named.text(), "reviews"));
    ASSIGN_OR_RETURN(request, domain::AsReviewOf(earlier, std::move(request)));
    request.set_reviews(earlier.name());
    communication = earlier.communication();
    // What the person calls somebody goes by that somebody's place.
    const bool same_people = std::ranges::equal(request.perpetrators(), earlier.perpetrators(),
                                                [](const v1::Party& one, const v1::Party& other) {
                                                  return one.name().value() == other.name().value();
                                                });
    if (!same_people) communication.clear_person_words();
  }
  ASSIGN_OR_RETURN(v1::Assessment assessment,
                   domain::StartAssessment(form, request, name, call.caller().agency, ActOf(call)));
  if (communication.has_record_time()) *assessment.mutable_communication() = std::move(communication);
  return assessment;
}

// The one that was reviewed waits no longer, where the review is signed for the first time by somebody from
// whom the other is not kept by then.
absl::Status EndReviewOf(WriteCall& call, const v1::Assessment& review) {
  if (review.reviews().empty() || review.edition() > 1) return absl::OkStatus();
  if (!MayReview(call, review.reviews()).ok()) return absl::OkStatus();
  absl::StatusOr<v1::Assessment> reviewed = call.LoadAsServer<v1::Assessment>(review.reviews());
  if (absl::IsNotFound(reviewed.status())) return absl::OkStatus();  // Erased since.
  RETURN_IF_ERROR(reviewed.status());
  v1::Assessment ended =
      domain::AsReviewed(*std::move(reviewed), domain::FromTimestamp(review.create_time()), ActOf(call));
  return call.Save(ended);
}

// It should never have been: the one whose waiting its first signature ended is awaited again.
absl::Status ReopenReviewOf(WriteCall& call, const v1::Assessment& review) {
  const bool was_signed = review.has_review();
  if (review.reviews().empty() || !was_signed) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::Assessment first, LoadEdition(call, review.name(), 1));
  absl::StatusOr<v1::Assessment> reviewed = call.LoadAsServer<v1::Assessment>(review.reviews());
  if (absl::IsNotFound(reviewed.status())) return absl::OkStatus();  // Erased since.
  RETURN_IF_ERROR(reviewed.status());
  const bool ended_by_it = domain::FromTimestamp(reviewed->review().end().time()) ==
                           domain::FromTimestamp(first.signature().time());
  if (!reviewed->review().has_end() || !ended_by_it) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Form form, FormOf(call, *reviewed));
  v1::Assessment reopened = domain::AsNotReviewed(*std::move(reviewed), form.policy->policy);
  return call.Save(reopened);
}

// The referral and the case that rest on an assessment say what they rest on now.
absl::Status RefreshWhatRestsOn(WriteCall& call, const std::string& referral_name) {
  if (referral_name.empty()) return absl::OkStatus();
  absl::StatusOr<v1::Referral> referral = call.LoadAsServer<v1::Referral>(referral_name);
  if (absl::IsNotFound(referral.status())) return absl::OkStatus();  // Erased since.
  RETURN_IF_ERROR(referral.status());
  ASSIGN_OR_RETURN(v1::Referral refreshed, RefreshStored(call, *referral));
  const bool waits =
      referral->state() == v1::REFERRAL_STATE_SUBMITTED || referral->state() == v1::REFERRAL_STATE_RETURNED;
  *referral = waits ? std::move(refreshed) : domain::WithFindings(*std::move(referral), std::move(refreshed));
  domain::SetTextWarnings(*referral, {});
  RETURN_IF_ERROR(call.Save(*referral));
  if (referral->case_name().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(v1::Case record, call.LoadAsServer<v1::Case>(referral->case_name()));
  std::vector<v1::Referral> sources;
  for (const std::string& name : record.referrals()) {
    ASSIGN_OR_RETURN(sources.emplace_back(), call.LoadAsServer<v1::Referral>(name));
  }
  record = domain::WithFindingsOf(std::move(record), sources);
  return call.Save(record);
}

// The supervisor's account; none when nobody is named, or nobody of that name is there.
absl::StatusOr<std::optional<v1::Account>> LoadSupervisor(WriteCall& call,
                                                          const v1::SignAssessmentRequest& request) {
  const std::string name = domain::SupervisorIn(request);
  if (name.empty()) return std::nullopt;
  absl::StatusOr<v1::Account> account = call.LoadAsServer<v1::Account>(name, "non_referral.supervisor");
  if (absl::IsNotFound(account.status())) return std::nullopt;
  RETURN_IF_ERROR(account.status());
  return *std::move(account);
}

// Whether the caller may sign in the area of the assessment.
absl::Status CheckTraining(WriteCall& call, const v1::Assessment& assessment) {
  ASSIGN_OR_RETURN(const domain::ResourceName name,
                   domain::ResourceName::Parse("name", assessment.name(), domain::Kind::kAssessment));
  ASSIGN_OR_RETURN(const v1::Area area, call.Area(name.area()));
  std::optional<v1::Account> signer;
  if (area.settings().training_required() && call.caller().account.starts_with("accounts/")) {
    ASSIGN_OR_RETURN(signer, call.LoadAsServer<v1::Account>(call.caller().account));
  }
  return domain::RequireTraining(area.settings(), signer, domain::DateOf(call.now()));
}

class AssessmentService final : public v1::AssessmentService::Service {
 public:
  explicit AssessmentService(Gate& gate) : gate_(gate) {}

  grpc::Status GetInstrument(grpc::ServerContext* context, const v1::GetInstrumentRequest* request,
                             v1::InstrumentPack* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::InstrumentPack> {
          if (!call.caller().handover.empty()) return PackOfHandover(call, *request);
          std::string name = request->instrument();
          if (name.empty()) {
            ASSIGN_OR_RETURN(const v1::Area area, call.Area(request->area(), "area"));
            name = area.settings().instrument();
            if (request->presentation() != v1::PRESENTATION_UNSPECIFIED) {
              const auto form = FormInArea(call, name, request->area(), request->presentation());
              if (!form.ok()) return domain::NotFoundOrNotOpen(request->area());
              return form->pack->pack;
            }
          }
          ASSIGN_OR_RETURN(const domain::Catalogue* catalogue, call.CatalogueOf(request->area()));
          const domain::InstalledPack* installed = catalogue->FindPack(name);
          if (installed == nullptr) return domain::NotFoundOrNotOpen(name);
          RETURN_IF_ERROR(CheckMayRead(call, *installed, request->area()));
          return installed->pack;
        });
  }

  grpc::Status StartAssessment(grpc::ServerContext* context, const v1::StartAssessmentRequest* request,
                               v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(const Form form,
                       FormInArea(call, request->instrument(), request->parent(), request->presentation()));
      const std::string name =
          domain::ResourceName::Make(domain::Kind::kAssessment, request->parent(), call.NewId());
      ASSIGN_OR_RETURN(v1::Assessment assessment, Start(call, form, *request, name));
      RETURN_IF_ERROR(call.NewScope(name, request->parent(), domain::Stage::kDraft));
      RETURN_IF_ERROR(call.Create(assessment, name));
      if (!assessment.reviews().empty()) {
        // It says who it is about as the other does, so from whom that is kept, now or later, this is kept.
        RETURN_IF_ERROR(store::FollowCaseAccess(call.write(), assessment.reviews(), name));
      }
      return assessment;
    });
  }

  grpc::Status AppendAnswers(grpc::ServerContext* context, const v1::AppendAnswersRequest* request,
                             v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment, call.Load<v1::Assessment>(request->name()));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      if (!call.caller().handover.empty()) {
        RETURN_IF_ERROR(domain::CheckHandoverAnswers(assessment, *request));
      }
      v1::AppendAnswersRequest stamped = *request;
      RETURN_IF_ERROR(domain::StampSitting(assessment, stamped));
      ASSIGN_OR_RETURN(Answered answered,
                       domain::AppendAnswers(std::move(assessment), form, stamped, ActOf(call)));
      return SaveAnswered(call, std::move(answered));
    });
  }

  grpc::Status GetAssessment(grpc::ServerContext* context, const v1::GetAssessmentRequest* request,
                             v1::Assessment* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::Assessment> {
      return LoadAssessment(call, request->name(), request->edition());
    });
  }

  grpc::Status CompareAssessments(grpc::ServerContext* context, const v1::CompareAssessmentsRequest* request,
                                  v1::AssessmentComparison* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::AssessmentComparison> {
          ASSIGN_OR_RETURN(const v1::Assessment one,
                           LoadAssessment(call, request->name(), request->edition()));
          const std::string& named = request->other().empty() ? request->name() : request->other();
          ASSIGN_OR_RETURN(const v1::Assessment other,
                           LoadAssessment(call, named, request->other_edition(), "other"));
          ASSIGN_OR_RETURN(const Form form, FormOf(call, one));
          ASSIGN_OR_RETURN(const Form other_form, FormOf(call, other));
          return domain::CompareAssessments({one, form.pack->pack}, {other, other_form.pack->pack});
        });
  }

  grpc::Status ListAssessments(grpc::ServerContext* context, const v1::ListAssessmentsRequest* request,
                               v1::ListAssessmentsResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListAssessmentsResponse> {
          ASSIGN_OR_RETURN(const domain::ResourceName area,
                           domain::ResourceName::Parse("parent", request->parent(), domain::Kind::kArea));
          store::ListQuery query{.kind = domain::Kind::kAssessment,
                                 .area = area.text(),
                                 .state = request->state(),
                                 .author = request->mine() ? call.caller().account : "",
                                 .newest_first = true};
          if (request->has_review_due_by()) {
            ASSIGN_OR_RETURN(const domain::LocalDate day,
                             domain::LocalDate::FromDay(request->review_due_by(), "review_due_by"));
            query.due_by = day.civil();
            query.newest_first = false;
          }
          v1::ListAssessmentsResponse answer;
          ASSIGN_OR_RETURN(std::vector<v1::Assessment> assessments,
                           call.List<v1::Assessment>(query, request->page_size(), request->page_token(),
                                                     answer.mutable_next_page_token()));
          for (v1::Assessment& assessment : assessments) {
            domain::DeriveOverdue(assessment, domain::DateOf(call.now()));
            AddListed(std::move(assessment), answer);
          }
          call.NoteRows(answer.assessments_size());
          return answer;
        });
  }

  grpc::Status CompleteAssessment(grpc::ServerContext* context, const v1::CompleteAssessmentRequest* request,
                                  v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       call.LoadForChange<v1::Assessment>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      ASSIGN_OR_RETURN(assessment,
                       domain::CompleteAssessment(std::move(assessment), form, *request, ActOf(call)));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status SignAssessment(grpc::ServerContext* context, const v1::SignAssessmentRequest* request,
                              v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       call.LoadForChange<v1::Assessment>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      RETURN_IF_ERROR(CheckTraining(call, assessment));
      ASSIGN_OR_RETURN(const std::optional<v1::Account> supervisor, LoadSupervisor(call, *request));
      ASSIGN_OR_RETURN(
          assessment, domain::SignAssessment(std::move(assessment), form, *request, supervisor, ActOf(call)));
      RETURN_IF_ERROR(EndReviewOf(call, assessment));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status AmendAssessment(grpc::ServerContext* context, const v1::AmendAssessmentRequest* request,
                               v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       call.LoadForChange<v1::Assessment>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      ASSIGN_OR_RETURN(Answered answered,
                       domain::AmendAssessment(std::move(assessment), form, *request, ActOf(call)));
      return SaveAnswered(call, std::move(answered));
    });
  }

  grpc::Status ListSupervision(grpc::ServerContext* context, const v1::ListSupervisionRequest* request,
                               v1::ListSupervisionResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::ListSupervisionResponse> {
          ASSIGN_OR_RETURN(const domain::ResourceName area,
                           domain::ResourceName::Parse("parent", request->parent(), domain::Kind::kArea));
          const store::ListQuery query{
              .kind = domain::Kind::kAssessment, .area = area.text(), .parent = call.caller().account};
          v1::ListSupervisionResponse answer;
          ASSIGN_OR_RETURN(std::vector<v1::Assessment> assessments,
                           call.List<v1::Assessment>(query, request->page_size(), request->page_token(),
                                                     answer.mutable_next_page_token()));
          for (v1::Assessment& assessment : assessments) AddListed(std::move(assessment), answer);
          call.NoteRows(answer.assessments_size());
          return answer;
        });
  }

  grpc::Status CountersignAssessment(grpc::ServerContext* context,
                                     const v1::CountersignAssessmentRequest* request,
                                     v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       call.LoadForChange<v1::Assessment>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      ASSIGN_OR_RETURN(assessment,
                       domain::CountersignAssessment(std::move(assessment), form, *request, ActOf(call)));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status RecordChange(grpc::ServerContext* context, const v1::RecordChangeRequest* request,
                            v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment, call.Load<v1::Assessment>(request->name()));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      ASSIGN_OR_RETURN(assessment, domain::RecordChange(std::move(assessment), form, *request, ActOf(call)));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status EndReview(grpc::ServerContext* context, const v1::EndReviewRequest* request,
                         v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       call.LoadForChange<v1::Assessment>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(assessment, domain::EndReview(std::move(assessment), *request, ActOf(call)));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status MarkEnteredInError(grpc::ServerContext* context, const v1::MarkEnteredInErrorRequest* request,
                                  v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       call.LoadForChange<v1::Assessment>(request->name(), request->etag()));
      std::vector<v1::Assessment> earlier;
      for (int32_t edition = 1; edition < assessment.edition(); ++edition) {
        ASSIGN_OR_RETURN(earlier.emplace_back(), LoadEdition(call, assessment.name(), edition));
      }
      ASSIGN_OR_RETURN(assessment,
                       domain::MarkEnteredInError(std::move(assessment), *request, earlier, ActOf(call)));
      // What is answered may leave out which one it reviews.
      const v1::Assessment marked = assessment;
      ASSIGN_OR_RETURN(assessment, SaveAssessment(call, std::move(assessment)));
      RETURN_IF_ERROR(ReopenReviewOf(call, marked));
      RETURN_IF_ERROR(RefreshWhatRestsOn(call, assessment.referral()));
      return assessment;
    });
  }

  grpc::Status PreviewScore(grpc::ServerContext* context, const v1::PreviewScoreRequest* request,
                            v1::PreviewScoreResponse* response) override {
    return gate_.Read(
        *context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::PreviewScoreResponse> {
          ASSIGN_OR_RETURN(const Form form, FormInArea(call, request->instrument(), request->parent()));
          v1::PreviewScoreResponse answer;
          ASSIGN_OR_RETURN(*answer.mutable_result(), domain::PreviewScore(form, *request, ActOf(call)));
          return answer;
        });
  }

  grpc::Status RecordCommunicationProfile(grpc::ServerContext* context,
                                          const v1::RecordCommunicationProfileRequest* request,
                                          v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment,
                       call.LoadForChange<v1::Assessment>(request->name(), request->etag()));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      ASSIGN_OR_RETURN(assessment, domain::RecordCommunicationProfile(std::move(assessment), form.pack->pack,
                                                                      *request, ActOf(call)));
      RETURN_IF_ERROR(ShareWith<v1::Referral>(call, assessment.referral(), assessment.communication()));
      RETURN_IF_ERROR(ShareWith<v1::Case>(call, assessment.case_name(), assessment.communication()));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status BeginSitting(grpc::ServerContext* context, const v1::BeginSittingRequest* request,
                            v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment, call.Load<v1::Assessment>(request->name()));
      ASSIGN_OR_RETURN(assessment, domain::BeginSitting(std::move(assessment), *request, ActOf(call)));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status RecordSitting(grpc::ServerContext* context, const v1::RecordSittingRequest* request,
                             v1::Assessment* response) override {
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Assessment> {
      ASSIGN_OR_RETURN(v1::Assessment assessment, call.Load<v1::Assessment>(request->name()));
      ASSIGN_OR_RETURN(assessment, domain::RecordSitting(std::move(assessment), *request, ActOf(call)));
      return SaveAssessment(call, std::move(assessment));
    });
  }

  grpc::Status GetHandover(grpc::ServerContext* context, const v1::GetHandoverRequest* request,
                           v1::Handover* response) override {
    const std::string token_hash = Gate::TokenHashOf(*context);
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::Handover> {
      ASSIGN_OR_RETURN(const v1::Assessment assessment, call.Load<v1::Assessment>(call.caller().handover));
      ASSIGN_OR_RETURN(const Form form, FormOf(call, assessment));
      ASSIGN_OR_RETURN(const std::optional<store::StoredSession> session,
                       store::FindSession(call.tx(), token_hash));
      if (!session.has_value()) return absl::InternalError("a handover without a session");
      v1::Handover handover =
          domain::HandoverOf(assessment, form.pack->pack, absl::FromUnixMillis(session->expire_ms));
      ASSIGN_OR_RETURN(std::vector<v1::SupportService> services, ServicesOfEnding(call, assessment, form));
      domain::AddServices(std::move(services), handover);
      return handover;
    });
  }

 private:
  Gate& gate_;
};

}  // namespace

NamedService NewAssessmentService(Gate& gate) {
  return {.full_name = v1::AssessmentService::service_full_name(),
          .service = std::make_unique<AssessmentService>(gate)};
}

}  // namespace marac::rpc
