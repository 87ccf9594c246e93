// What a referral holds already, and correcting it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <sstream>

#include "cli/field_words.h"
#include "cli/merge.h"
#include "cli/referral_form.h"
#include "cli/text.h"

namespace marac::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Parts of a referral that its author answers. The others are the server's, or are given another way.
constexpr std::string_view kAnswered[] = {"referrer",        "victim",
                                          "perpetrators",    "children",
                                          "has_children",    "others_at_risk",
                                          "criteria",        "reason",
                                          "victim_voice",    "shared_without_consent",
                                          "staff_safety",    "has_excluded_people",
                                          "manager_sign_off"};
// Inside them, what is the server's.
constexpr std::string_view kServers[] = {"party_id", "typed_by"};

// What belongs to one answer of a question, and is taken out when the answer becomes another.
struct Dependent {
  std::string_view question;
  v1::YesNo answer;
  std::string_view field;
};
constexpr Dependent kDependents[] = {
    {"has_aliases", v1::YES_NO_YES, "aliases"},
    {"professional_judgement", v1::YES_NO_YES, "judgement_text"},
    {"repeat", v1::YES_NO_YES, "listed_before"},
    {"referred_elsewhere", v1::YES_NO_YES, "referred_elsewhere_text"},
    {"aware", v1::YES_NO_NO, "not_aware_reason"},
    {"consent", v1::YES_NO_NOT_ASKED, "consent_not_asked_reason"},
};

bool IsAmong(std::span<const std::string_view> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Adds each answered field below `message` that a line of text can hold.
void AddAnswers(const Message& message, const std::string& path, std::vector<Answered>& answers) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  const auto* address = dynamic_cast<const v1::Address*>(&message);
  // What is held apart is not in the referral, and is given anew as a whole.
  if (address != nullptr && address->protected_detail() && !address->has_lines()) {
    answers.push_back({path, "held apart"});
    return;
  }
  for (const FieldDescriptor* field : fields) {
    if (IsAmong(kServers, field->name())) continue;
    const std::string here = path + "." + field->name();
    if (IsOneValue(*field)) {
      const bool asked = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
                         field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM ||
                         (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated());
      if (asked) answers.push_back({here, FieldText(message, *field)});
    } else if (!field->is_repeated()) {
      AddAnswers(reflection.GetMessage(message, field), here, answers);
    } else {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        AddAnswers(reflection.GetRepeatedMessage(message, field, i), fmt::format("{}[{}]", here, i), answers);
      }
    }
  }
}

}  // namespace

std::vector<Answered> ReferralForm::Answers() const {
  std::vector<Answered> answers;
  v1::Referral authors = referral();
  std::vector<const FieldDescriptor*> fields;
  authors.GetReflection()->ListFields(authors, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!IsAmong(kAnswered, field->name())) authors.GetReflection()->ClearField(&authors, field);
  }
  if (!referral().referrer().on_behalf()) {
    // Of a person's own referral these are the server's.
    authors.mutable_referrer()->clear_agency();
    authors.mutable_referrer()->clear_route();
  }
  AddAnswers(authors, "referral", answers);
  const auto& masks = referral().protected_details();
  if (std::ranges::find(masks, v1::PROTECTED_KIND_SAFE_CONTACT, &v1::ProtectedDetailMask::kind) !=
      masks.end()) {
    answers.push_back({"safe_contact", "held apart"});
  }
  if (referral().excluded_people_count() > 0) {
    answers.push_back({"excluded_people", fmt::format("{} named", referral().excluded_people_count())});
  }
  return answers;
}

absl::Status ReferralForm::Change() {
  if (completing_) {
    return absl::FailedPreconditionError(
        "this referral was sent: ask the coordinator to return it for a change, or add what is missing with: "
        "marac referral complete");
  }
  RETURN_IF_ERROR(ChangeAnswers());
  SayOpen();
  if (referral().missing_fields_size() > 0) {
    SayKept();
  } else {
    client_.terminal().Write(
        Paragraph("Kept. Submit it with: marac referral submit " + LastId(referral().name())));
  }
  return absl::OkStatus();
}

absl::Status ReferralForm::ChangeAnswers() {
  for (bool on = true; on;) {
    const std::vector<Answered> answers = Answers();
    std::string text = "Answers so far:\n";
    for (size_t i = 0; i < answers.size(); ++i) {
      text += Paragraph(
          fmt::format("{} {}: {}", i + 1, QuestionOf(answers[i].path, referral()), answers[i].words), 2);
    }
    client_.terminal().Write(text);
    ASSIGN_OR_RETURN(const std::vector<int> chosen, AskNumbers(static_cast<int>(answers.size())));
    on = !chosen.empty();
    offer_so_far_ = true;
    for (size_t i = 0; on && i < chosen.size(); ++i) {
      ASSIGN_OR_RETURN(const Asked asked, AskAgain(answers[static_cast<size_t>(chosen[i] - 1)].path));
      on = asked != Asked::kStopped;
    }
    offer_so_far_ = false;
    if (!typed_.empty()) RETURN_IF_ERROR(Save());
    // What could not be kept is shown as it was, to be picked again.
    refused_.clear();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int>> ReferralForm::AskNumbers(int most) {
  for (;;) {
    ASSIGN_OR_RETURN(
        const std::optional<std::string> typed,
        client_.terminal().ReadLine("Which to change (numbers with spaces between; Enter: none)\n> "));
    std::vector<int> numbers;
    bool understood = true;
    std::istringstream words(typed.value_or(""));
    for (std::string word; words >> word;) {
      int number = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
      understood = understood && error == std::errc() && end == word.data() + word.size() && number >= 1 &&
                   number <= most;
      numbers.push_back(number);
    }
    if (understood) return numbers;
    client_.terminal().Write(Paragraph(fmt::format("Give numbers from 1 to {}.", most)));
  }
}

absl::StatusOr<Asked> ReferralForm::AskAgain(const std::string& path) {
  if (path == "safe_contact") return AskSafeContactAgain();
  if (path == "excluded_people") return AskExcludedPeopleAgain();
  const absl::StatusOr<Located> located = Locate(request_, path);
  if (!located.ok()) return located.status();
  if (located->field->message_type() == v1::Address::descriptor()) {
    for (const char* part : {".lines", ".postcode"}) {
      ASSIGN_OR_RETURN(const Asked asked, Ask(path + part));
      if (asked != Asked::kAnswered) return asked;
    }
    return Asked::kAnswered;
  }
  ASSIGN_OR_RETURN(const Asked asked, Ask(path));
  if (asked != Asked::kAnswered || located->field->enum_type() != v1::YesNo_descriptor()) return asked;
  const auto* reflection = located->parent->GetReflection();
  for (const Dependent& dependent : kDependents) {
    if (located->field->name() != dependent.question ||
        reflection->GetEnumValue(*located->parent, located->field) == dependent.answer) {
      continue;
    }
    const auto* field = located->parent->GetDescriptor()->FindFieldByName(std::string(dependent.field));
    if (field != nullptr) reflection->ClearField(located->parent, field);
  }
  return asked;
}

void ReferralForm::OfferSoFar(const Message& parent, const FieldDescriptor& field, FieldQuestion& question) {
  const std::string so_far = FieldText(parent, field);
  if (so_far.empty() || so_far == "-") return;
  client_.terminal().Write(Labelled("so far", so_far, 2));
  question.enter = "as it is";
}

absl::StatusOr<Asked> ReferralForm::AskSafeContactAgain() {
  RETURN_IF_ERROR(LoadSafeContact());
  if (IsSafeContactCorrected()) return Asked::kLeft;
  ASSIGN_OR_RETURN(const std::optional<char> key,
                   AskKey(client_.terminal(),
                          fmt::format("safe contact: is it safe to contact the victim in some way; so far {}",
                                      request_.safe_contact().do_not_contact() ? "do not contact" : "yes"),
                          {{'y', "yes"}, {'n', "do not contact"}, {'\n', "as it is"}}));
  if (!key.has_value()) return Asked::kStopped;
  if (*key == 'n') {
    request_.clear_safe_contact();
    request_.mutable_safe_contact()->set_do_not_contact(true);
    typed_.emplace_back("safe_contact", "n");
    return Asked::kAnswered;
  }
  if (*key == 'y' && request_.safe_contact().do_not_contact()) {
    request_.mutable_safe_contact()->set_do_not_contact(false);
    typed_.emplace_back("safe_contact", "y");
  }
  if (request_.safe_contact().do_not_contact()) return Asked::kLeft;
  const auto& type = *v1::SafeContact::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->number() == v1::SafeContact::kDoNotContactFieldNumber) continue;
    ASSIGN_OR_RETURN(const Asked asked, AskSafeContact("safe_contact." + type.field(i)->name()));
    if (asked == Asked::kStopped) return asked;
  }
  return Asked::kAnswered;
}

absl::StatusOr<Asked> ReferralForm::AskExcludedPeopleAgain() {
  RETURN_IF_ERROR(LoadExcludedPeople());
  auto& people = *request_.mutable_excluded_people();
  for (int i = 0; i < people.size();) {
    // Nobody is left by answering the question before it: an empty list says nothing to the server.
    if (people.size() == 1) break;
    ASSIGN_OR_RETURN(
        const std::optional<char> key,
        AskKey(client_.terminal(),
               fmt::format("{}; {}", Printable(people[i].person()), Printable(people[i].reason())),
               {{'k', "keep"}, {'t', "take away"}}));
    if (!key.has_value()) return Asked::kStopped;
    if (*key == 'k') {
      ++i;
      continue;
    }
    typed_.emplace_back("excluded_people", people[i].person() + " taken away");
    people.DeleteSubrange(i, 1);
  }
  return AskExcludedPeople();
}

}  // namespace marac::cli
