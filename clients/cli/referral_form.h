// Writing a referral at the keyboard: the server says which fields nobody has touched, and each is asked for,
// with "not known" always one key away. What was typed is saved as the form goes on, and is not lost when a
// save fails: what cannot be kept is taken out and asked again, what somebody else changed is put together,
// and while the server is not to be had the form waits.
#ifndef MARAC_CLI_REFERRAL_FORM_H_
#define MARAC_CLI_REFERRAL_FORM_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/client.h"
#include "cli/prompt.h"
#include "marac/v1/referral_service.grpc.pb.h"

namespace marac::cli {

// A field that was answered, by its path, and the answer for people.
struct Answered {
  std::string path;
  std::string words;
};

class ReferralForm {
 public:
  explicit ReferralForm(Client& client) : client_(client) {}

  struct Beginning {
    // Victim and persons feared come from it; empty: none.
    std::string assessment;
    bool urgent = false;
    // Entered for somebody else, who is asked for first; without it the referrer is whoever is signed in.
    bool on_behalf = false;
  };
  // A new draft. A usage error when the person stopped before anything was given: then there is none.
  absl::Status Begin(const Beginning& beginning);
  // A draft of this person's that was kept earlier; or one that waits for triage, to which its author or the
  // coordinator adds what nobody has answered.
  absl::Status Resume(const std::string& referral);

  // Shows what a draft holds, asks again for what the person picks with the old answer offered, and saves.
  // FAILED_PRECONDITION for one that was sent.
  absl::Status Change();

  // Asks, saves and at the end offers to submit. OK also when the person keeps it as a draft.
  absl::Status Run();

  const v1::Referral& referral() const { return request_.referral(); }

 private:
  using Message = google::protobuf::Message;
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  // Who it is about. `stopped_` says afterwards whether the person did.
  absl::Status AskWho();
  absl::Status AskWhoTells();
  // Asks for every path, saving as it goes. False when the person stopped. `answered` says whether anything
  // was.
  absl::StatusOr<bool> AskAll(const std::vector<std::string>& paths, bool& answered);
  absl::StatusOr<Asked> Ask(const std::string& path);
  absl::StatusOr<Asked> AskSafeContact(const std::string& path);
  // A correction is not overwritten by a save; says so.
  bool IsSafeContactCorrected();
  absl::StatusOr<Asked> AskPeople(const std::string& what, Message& parent, const FieldDescriptor& people);
  absl::StatusOr<Asked> AskExcludedPeople();
  // The same for what was answered before.
  std::vector<Answered> Answers() const;
  absl::Status ChangeAnswers();
  // Some of 1 to `most`; none when the person is through, or stopped.
  absl::StatusOr<std::vector<int>> AskNumbers(int most);
  absl::StatusOr<Asked> AskAgain(const std::string& path);
  absl::StatusOr<Asked> AskSafeContactAgain();
  absl::StatusOr<Asked> AskExcludedPeopleAgain();
  void OfferSoFar(const Message& parent, const FieldDescriptor& field, FieldQuestion& question);
  // What the server keeps apart from the draft. A save replaces the whole of it, so what was typed earlier
  // has to be sent again with what is changed. After the first submission the list of people only grows, and
  // its author does not see it.
  absl::Status LoadSafeContact();
  absl::Status LoadExcludedPeople();
  // What an answer brings with it that no field of its own asks for. False when the person stopped.
  absl::StatusOr<bool> AskFollowUp(const std::string& path, Message& parent);
  // Whether an address or a school is to be held apart. False when the person stopped, which leaves `apart`
  // true: the safe side.
  absl::StatusOr<bool> AskProtected(std::string_view what, bool& apart);
  absl::StatusOr<std::vector<std::string>> CodesOf(const std::string& path);

  // The missing fields, if there are any.
  void SayOpen();
  // What is asked for now, in order.
  std::vector<std::string> Open() const;
  std::vector<std::string> UrgentOpen() const;

  // How to leave a field or the form, once.
  void SayHelp();
  void SayKept();

  absl::Status Save();
  absl::StatusOr<v1::Referral> Send();
  // After a refusal that names fields: takes out what was typed into them since the last save, and tells.
  // False when there is nothing to take out.
  bool TakeOutRefused(const absl::Status& refusal);
  bool TakeOut(const std::string& path);
  // After somebody else's change: reads the referral again and puts what was typed on top of it.
  absl::Status ReadAgain();
  // Submits; when fields turn out to be missing, they are asked again.
  absl::Status Submit();

  Client& client_;
  v1::SaveDraftRequest request_;
  // As the server last had it.
  v1::SaveDraftRequest saved_;
  // Path and words of what was typed since.
  std::vector<std::pair<std::string, std::string>> typed_;
  // To be asked again, whether or not they are missing.
  std::vector<std::string> refused_;
  bool safe_contact_loaded_ = true;
  // It was left for later in this round.
  bool safe_contact_later_ = false;
  bool help_said_ = false;
  // Questions show the answer so far, and Enter keeps it.
  bool offer_so_far_ = false;
  // The person stopped while it was begun.
  bool stopped_ = false;
  // Every field of an urgent referral is asked for, not only those it needs.
  bool ask_the_rest_ = false;
  // It waits for triage: what is typed is added, and nothing is submitted at the end.
  bool completing_ = false;
  std::string told_by_;
};

// The message that holds the last step of a path such as "referral.perpetrators[0].address.lines", and that
// field. NOT_FOUND when this program does not know the path.
struct Located {
  google::protobuf::Message* parent = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
};
absl::StatusOr<Located> Locate(google::protobuf::Message& root, std::string_view path);

}  // namespace marac::cli

#endif  // MARAC_CLI_REFERRAL_FORM_H_
