#include "rpc/document_service.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "domain/booklet.h"
#include "domain/errors.h"
#include "domain/resource_name.h"
#include "domain/timestamp.h"
#include "marac/v1/document_service.grpc.pb.h"
#include "rpc/assessment_form.h"
#include "store/documents.h"
#include "store/records.h"

namespace marac::rpc {
namespace {

constexpr int64_t kPartBytes = 256 << 10;
constexpr int kDocumentsOfOneMax = 20;
constexpr char kBookletTemplate[] = "booklet.html";

// What a template is filled with. Every field is there, so that a template which asks for another fails.
absl::StatusOr<std::string> Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return absl::InternalError("what is to be printed cannot be written as JSON");
  }
  return json;
}

// What a booklet of the assessment is made from, and the one that was made from the same before.
struct BookletSource {
  v1::Assessment assessment;
  std::string data;
  std::string digest;
  std::optional<v1::Document> made;
};

// When the caller may have its questions printed.
absl::StatusOr<BookletSource> LoadForBooklet(ReadCall& call, const render::Renderer& renderer,
                                             const std::string& name) {
  BookletSource source;
  ASSIGN_OR_RETURN(source.assessment, call.Load<v1::Assessment>(name, "assessment"));
  RETURN_IF_ERROR(domain::CheckBooklet(source.assessment));
  ASSIGN_OR_RETURN(const domain::Form form, FormOf(call, source.assessment));
  ASSIGN_OR_RETURN(std::vector<v1::SupportService> services, ServicesOfEnding(call, source.assessment, form));
  ASSIGN_OR_RETURN(source.data,
                   Json(domain::BookletOf(source.assessment, form.pack->pack, std::move(services))));
  source.digest = renderer.SourceDigest(kBookletTemplate, source.data);
  ASSIGN_OR_RETURN(
      const std::vector<store::ListPosition> made,
      store::ListAll(call.tx(), {.kind = domain::Kind::kDocument, .parent = source.assessment.name()},
                     kDocumentsOfOneMax));
  for (const store::ListPosition& position : made) {
    ASSIGN_OR_RETURN(const v1::Document document, call.LoadAsServer<v1::Document>(position.name));
    if (document.source_sha256() != source.digest) continue;
    ASSIGN_OR_RETURN(source.made, call.Load<v1::Document>(position.name));
    break;
  }
  if (!source.made && made.size() >= kDocumentsOfOneMax) {
    return domain::WrongState(
        "TOO_MANY_DOCUMENTS",
        fmt::format("{} documents of this assessment were made, which is the most: use one of them",
                    kDocumentsOfOneMax));
  }
  return source;
}

class DocumentService final : public v1::DocumentService::Service {
 public:
  DocumentService(Gate& gate, render::Renderer& renderer) : gate_(gate), renderer_(renderer) {}

  grpc::Status PrintBooklet(grpc::ServerContext* context, const v1::PrintBookletRequest* request,
                            v1::Document* response) override {
    // Made before the transaction, which must not wait for it; and only for somebody who may ask for it.
    BookletSource before;
    const absl::Status may_begin = gate_.MayBegin(*context, *request, [&](ReadCall& call) -> absl::Status {
      ASSIGN_OR_RETURN(before, LoadForBooklet(call, renderer_, request->assessment()));
      return absl::OkStatus();
    });
    // What the write refuses anyhow, and what is there already, costs no rendering.
    absl::StatusOr<std::string> pdf = absl::InternalError("nothing was made");
    if (!may_begin.ok()) {
      pdf = may_begin;
    } else if (!request->request_id().empty() && !before.made) {
      pdf = renderer_.Render(kBookletTemplate, before.data);
    }
    return gate_.Write(*context, *request, response, [&](WriteCall& call) -> absl::StatusOr<v1::Document> {
      ASSIGN_OR_RETURN(const BookletSource source, LoadForBooklet(call, renderer_, request->assessment()));
      if (source.made) return *source.made;
      if (may_begin.ok() && source.digest != before.digest) {
        return absl::AbortedError("what is printed has changed meanwhile: nothing was made; try again");
      }
      RETURN_IF_ERROR(pdf.status());
      ASSIGN_OR_RETURN(const domain::RecordFacts facts, call.Facts(source.assessment.name()));
      v1::Document document;
      document.set_name(domain::ResourceName::Make(domain::Kind::kDocument, facts.area, call.NewId()));
      document.set_kind(v1::DOCUMENT_KIND_BOOKLET);
      document.set_of(source.assessment.name());
      document.set_instrument(source.assessment.instrument());
      document.set_reference(domain::ReferenceOf(source.assessment));
      document.set_maker(call.caller().account);
      *document.mutable_create_time() = domain::ToTimestamp(call.now());
      document.set_size_bytes(static_cast<int64_t>(pdf->size()));
      document.set_sha256(Hex(Sha256(*pdf)));
      document.set_source_sha256(source.digest);
      RETURN_IF_ERROR(call.Create(document, facts.scope));
      RETURN_IF_ERROR(store::KeepDocument(call.write(), document, *pdf));
      return document;
    });
  }

  grpc::Status ReadDocument(grpc::ServerContext* context, const v1::ReadDocumentRequest* request,
                            v1::DocumentPart* response) override {
    return gate_.Read(*context, *request, response, [&](ReadCall& call) -> absl::StatusOr<v1::DocumentPart> {
      ASSIGN_OR_RETURN(const v1::Document document, call.Load<v1::Document>(request->name()));
      if (request->offset() < 0 || request->offset() > document.size_bytes()) {
        return domain::InvalidField("offset", "give the number of a byte of the document, from 0");
      }
      v1::DocumentPart part;
      part.set_name(document.name());
      part.set_offset(request->offset());
      part.set_size_bytes(document.size_bytes());
      part.set_sha256(document.sha256());
      ASSIGN_OR_RETURN(*part.mutable_data(),
                       store::ReadDocument(call.tx(), document, request->offset(), kPartBytes));
      return part;
    });
  }

 private:
  Gate& gate_;
  render::Renderer& renderer_;
};

}  // namespace

NamedService NewDocumentService(Gate& gate, render::Renderer& renderer) {
  return {.full_name = v1::DocumentService::service_full_name(),
          .service = std::make_unique<DocumentService>(gate, renderer)};
}

}  // namespace marac::rpc
