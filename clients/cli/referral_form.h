// Writing a referral at the keyboard: the server says which fields nobody has touched, and each is asked for,
// with "not known" always one key away. What was typed is saved as the form goes on.
#ifndef MARAC_CLI_REFERRAL_FORM_H_
#define MARAC_CLI_REFERRAL_FORM_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/client.h"
#include "marac/v1/referral_service.grpc.pb.h"

namespace marac::cli {

class ReferralForm {
 public:
  explicit ReferralForm(Client& client) : client_(client) {}

  // A new draft: the referrer is whoever is signed in; from an assessment, when `assessment` is not empty,
  // come victim and persons feared.
  absl::Status Begin(const std::string& assessment, bool urgent);
  // A draft of this person's that was kept earlier; or one that waits for triage, to which its author or the
  // coordinator adds what nobody has answered.
  absl::Status Resume(const std::string& referral);

  // Asks, saves and at the end offers to submit. OK also when the person keeps it as a draft.
  absl::Status Run();

  const v1::Referral& referral() const { return request_.referral(); }

 private:
  enum class Asked { kAnswered, kLeft, kStopped };

  absl::Status AskWho();
  absl::Status AskWhoTells();
  // Asks for every path; false when the person stopped. `answered` says whether anything was.
  absl::StatusOr<bool> AskAll(const std::vector<std::string>& paths, bool& answered);
  absl::StatusOr<Asked> Ask(const std::string& path);
  absl::StatusOr<Asked> AskSafeContact(const std::string& path);
  absl::StatusOr<Asked> AskPeople(const std::string& what, google::protobuf::Message& parent,
                                  const google::protobuf::FieldDescriptor& people);
  absl::StatusOr<Asked> AskExcludedPeople();
  // What a yes brings with it that no field of its own asks for.
  absl::Status AskFollowUp(const std::string& path, google::protobuf::Message& parent);

  absl::Status Save();
  // What an urgent referral needs and does not have yet.
  std::vector<std::string> UrgentOpen() const;
  // Submits; when fields turn out to be missing, they come back in `open`.
  absl::Status Submit(std::vector<std::string>& open);

  Client& client_;
  v1::SaveDraftRequest request_;
  std::vector<std::string> source_categories_;
  bool safe_contact_loaded_ = true;
  // It waits for triage: what is typed is added, and nothing is submitted at the end.
  bool completing_ = false;
  std::string told_by_;
};

// "victim: birth date" for "referral.victim.birth_date".
std::string FieldQuestion(std::string_view path);
// What may be typed into a field: "y, n; ? not known, ...".
std::string FieldHint(const google::protobuf::FieldDescriptor& field);

// Sets one field from what a person typed. INVALID_ARGUMENT names it. For the field kinds a referral has:
// texts, days, moments, yes-no and other enums, plain strings and lists of them.
absl::Status SetFromTyped(google::protobuf::Message& parent, const google::protobuf::FieldDescriptor& field,
                          std::string_view typed, std::string_view path);

// The message that holds the last step of a path such as "referral.perpetrators[0].address.lines", and that
// field. NOT_FOUND when this program does not know the path.
struct Located {
  google::protobuf::Message* parent = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
};
absl::StatusOr<Located> Locate(google::protobuf::Message& root, std::string_view path);

}  // namespace marac::cli

#endif  // MARAC_CLI_REFERRAL_FORM_H_
