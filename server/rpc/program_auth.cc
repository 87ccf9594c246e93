#include "rpc/program_auth.h"

#include <utility>

#include "base/pki.h"

namespace marac::rpc {
namespace {

constexpr char kNotEnrolled[] = "this program's certificate is not enrolled here";
constexpr std::string_view kHealthCheck = "/grpc.health.v1.Health/Check";

std::string_view View(grpc::string_ref text) { return {text.data(), text.size()}; }

class ProgramGuard final : public grpc::AuthMetadataProcessor {
 public:
  ProgramGuard(std::shared_ptr<const ProgramRegistry> registry, HasRule has_rule)
      : registry_(std::move(registry)), has_rule_(std::move(has_rule)) {}

  // The work is a hash and a look-up; a hop to another thread would cost more.
  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    const bool is_health = path != metadata.end() && View(path->second) == kHealthCheck;
    if (context == nullptr ||
        (!registry_->ProgramOf(*context).ok() && !(is_health && registry_->IsSelf(*context)))) {
      return {grpc::StatusCode::UNAUTHENTICATED, kNotEnrolled};
    }
    if (path == metadata.end() || (!is_health && !has_rule_(View(path->second)))) {
      return {grpc::StatusCode::UNIMPLEMENTED, "this server has no such method"};
    }
    return grpc::Status::OK;
  }

 private:
  const std::shared_ptr<const ProgramRegistry> registry_;
  const HasRule has_rule_;
};

}  // namespace

void ProgramRegistry::Replace(Programs programs) {
  absl::MutexLock lock(&mutex_);
  programs_ = std::move(programs);
}

void ProgramRegistry::Enrol(const std::vector<std::string>& fingerprints, const Program& program) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(programs_, [&](const auto& entry) { return entry.second.id == program.id; });
  for (const std::string& fingerprint : fingerprints) programs_.insert_or_assign(fingerprint, program);
}

bool ProgramRegistry::Revoke(std::string_view program_id) {
  absl::MutexLock lock(&mutex_);
  bool found = false;
  for (auto& [fingerprint, program] : programs_) {
    if (program.id != program_id) continue;
    program.revoked = true;
    found = true;
  }
  return found;
}

void ProgramRegistry::EnrolSelf(std::string fingerprint) {
  absl::MutexLock lock(&mutex_);
  self_ = std::move(fingerprint);
}

bool ProgramRegistry::IsSelf(const grpc::AuthContext& peer) const {
  const auto leaves = peer.FindPropertyValues("x509_pem_cert");
  return leaves.size() == 1 && IsSelfPem(View(leaves.front()));
}

bool ProgramRegistry::IsSelfPem(std::string_view pem) const {
  const absl::StatusOr<std::string> fingerprint = pki::FingerprintOfPem(pem);
  absl::ReaderMutexLock lock(&mutex_);
  return fingerprint.ok() && !self_.empty() && *fingerprint == self_;
}

std::optional<Program> ProgramRegistry::Find(const std::string& fingerprint) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto it = programs_.find(fingerprint);
  if (it == programs_.end()) return std::nullopt;
  return it->second;
}

absl::StatusOr<Program> ProgramRegistry::ProgramOf(const grpc::AuthContext& peer) const {
  const auto leaves = peer.FindPropertyValues("x509_pem_cert");
  if (leaves.size() != 1) return absl::UnauthenticatedError(kNotEnrolled);
  return ProgramOfPem(View(leaves.front()));
}

absl::StatusOr<Program> ProgramRegistry::ProgramOfPem(std::string_view pem) const {
  // Decoding and hashing one leaf takes a few microseconds, so nothing is cached by certificate.
  const absl::StatusOr<std::string> fingerprint = pki::FingerprintOfPem(pem);
  if (!fingerprint.ok()) return absl::UnauthenticatedError(kNotEnrolled);
  std::optional<Program> program = Find(*fingerprint);
  if (!program.has_value() || program->revoked) return absl::UnauthenticatedError(kNotEnrolled);
  return *std::move(program);
}

std::shared_ptr<grpc::AuthMetadataProcessor> NewProgramGuard(std::shared_ptr<const ProgramRegistry> registry,
                                                             HasRule has_rule) {
  return std::make_shared<ProgramGuard>(std::move(registry), std::move(has_rule));
}

}  // namespace marac::rpc
