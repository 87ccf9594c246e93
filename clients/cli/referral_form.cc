#include "cli/referral_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/assessment_calls.h"
#include "cli/exit_code.h"
#include "cli/field_words.h"
#include "cli/merge.h"
#include "cli/referral_calls.h"
#include "cli/text.h"
#include "domain/errors.h"
#include "marac/v1/case_service.grpc.pb.h"
#include "marac/v1/directory_service.grpc.pb.h"
#include "marac/v1/session_service.grpc.pb.h"

namespace marac::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kStopHelp[] = "Enter leaves a field for later; Control-D keeps the draft and stops.\n";
constexpr char kSourceCategory[] = "referral.referrer.source_category";
constexpr char kReferrerAgency[] = "referral.referrer.agency";
// Who referred, where somebody else types it (decisions 29).
constexpr const char* kOnBehalf[] = {kReferrerAgency,
                                     "referral.referrer.person",
                                     "referral.referrer.job_title",
                                     "referral.referrer.contact",
                                     "referral.referrer.route",
                                     "referral.referrer.receive_time",
                                     kSourceCategory};
// Nobody's change comes in between this often.
constexpr int kReadAgainMax = 5;

std::string Section(std::string_view path) { return std::string(path.substr(0, path.rfind('.'))); }

// What was typed may be of several lines' length and is the person's own.
std::string TypedText(const std::string& path, const std::string& words) {
  return Labelled(QuestionOf(path), words, 2);
}

}  // namespace

absl::StatusOr<Located> Locate(Message& root, std::string_view path) {
  Located located = {&root, nullptr};
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('.', at), path.size());
    std::string step(path.substr(at, end - at));
    int index = -1;
    if (const size_t bracket = step.find('['); bracket != std::string::npos) {
      std::from_chars(step.data() + bracket + 1, step.data() + step.size(), index);
      step.resize(bracket);
    }
    const bool last = end == path.size();
    located.field = located.parent->GetDescriptor()->FindFieldByName(step);
    if (located.field == nullptr) return absl::NotFoundError(fmt::format("{}: not a field known here", path));
    if (last) return located;
    const auto* reflection = located.parent->GetReflection();
    if (located.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return absl::NotFoundError(fmt::format("{}: not a field known here", path));
    }
    if (!located.field->is_repeated()) {
      located.parent = reflection->MutableMessage(located.parent, located.field);
    } else if (index >= 0 && index < reflection->FieldSize(*located.parent, located.field)) {
      located.parent = reflection->MutableRepeatedMessage(located.parent, located.field, index);
    } else {
      return absl::NotFoundError(fmt::format("{}: no such entry", path));
    }
    at = end + 1;
  }
  return absl::NotFoundError("an empty path");
}

absl::Status ReferralForm::Begin(const Beginning& beginning) {
  ASSIGN_OR_RETURN(*request_.mutable_parent(), client_.Area());
  v1::Referral& referral = *request_.mutable_referral();
  referral.set_urgent(beginning.urgent);
  if (!beginning.assessment.empty()) {
    ASSIGN_OR_RETURN(const v1::Assessment taken, GetAssessment(client_, beginning.assessment));
    *referral.mutable_victim() = taken.victim();
    *referral.mutable_perpetrators() = taken.perpetrators();
    referral.add_assessments(taken.name());
  }
  SayHelp();
  v1::Referrer& referrer = *referral.mutable_referrer();
  if (beginning.on_behalf) {
    referrer.set_on_behalf(true);
    for (const char* path : kOnBehalf) {
      ASSIGN_OR_RETURN(const Asked asked, Ask(path));
      stopped_ = asked == Asked::kStopped;
      if (stopped_) break;
    }
  } else {
    ASSIGN_OR_RETURN(const v1::Caller caller, client_.Call(&v1::SessionService::Stub::GetCaller, {}));
    referrer.set_agency(caller.account().agency());
    referrer.set_person(caller.account().display_name());
    referrer.set_route(v1::REFERRAL_ROUTE_OWN_SYSTEM);
  }
  if (!stopped_) RETURN_IF_ERROR(AskWho());
  if (stopped_ && typed_.empty() && beginning.assessment.empty()) {
    return UsageError("stopped: nothing was given, and no draft is kept");
  }
  return Save();
}

absl::Status ReferralForm::AskWho() {
  v1::Referral& referral = *request_.mutable_referral();
  if (!referral.victim().has_name()) {
    ASSIGN_OR_RETURN(const Asked name, Ask("referral.victim.name"));
    stopped_ = name == Asked::kStopped;
  }
  if (!stopped_ && referral.perpetrators().empty() && !referral.urgent()) {
    ASSIGN_OR_RETURN(const Asked people, Ask("referral.perpetrators"));
    stopped_ = people == Asked::kStopped;
  }
  return absl::OkStatus();
}

absl::Status ReferralForm::Resume(const std::string& name) {
  ASSIGN_OR_RETURN(const v1::Referral referral, GetReferral(client_, name));
  ASSIGN_OR_RETURN(*request_.mutable_parent(), client_.Area());
  *request_.mutable_referral() = referral;
  saved_ = request_;
  completing_ = referral.state() == v1::REFERRAL_STATE_SUBMITTED;
  // What came back was sent once, and everything that triage misses is asked for.
  ask_the_rest_ = completing_ || referral.state() == v1::REFERRAL_STATE_RETURNED;
  safe_contact_loaded_ = completing_;
  return completing_ ? AskWhoTells() : absl::OkStatus();
}

absl::Status ReferralForm::AskWhoTells() {
  // What was sent of it stays; parts of it are given without asking again whether there is a safe way at all.
  request_.mutable_safe_contact();
  ASSIGN_OR_RETURN(const v1::Caller caller, client_.Call(&v1::SessionService::Stub::GetCaller, {}));
  if (caller.account().name() == referral().author()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto typed, AskText(client_.terminal(), "Who tells you this, and how"));
  if (!typed.has_value()) return UsageError("stopped: nothing was added");
  told_by_ = *typed;
  return absl::OkStatus();
}

absl::StatusOr<v1::Referral> ReferralForm::Send() {
  if (!completing_) return client_.CallWithTyped(&ReferralStub::SaveDraft, request_);
  v1::CompleteReferralRequest added;
  *added.mutable_referral() = referral();
  *added.mutable_safe_contact() = request_.safe_contact();
  *added.mutable_protected_details() = request_.protected_details();
  *added.mutable_excluded_people() = request_.excluded_people();
  added.set_told_by(told_by_);
  return client_.CallWithTyped(&ReferralStub::CompleteReferral, added);
}

absl::Status ReferralForm::Save() {
  for (int changed = 0;;) {
    absl::StatusOr<v1::Referral> answer = Send();
    if (answer.ok()) {
      *request_.mutable_referral() = *std::move(answer);
      request_.clear_excluded_people();
      request_.clear_protected_details();
      saved_ = request_;
      typed_.clear();
      return absl::OkStatus();
    }
    absl::Status status = answer.status();
    if (absl::IsAborted(status) && changed++ < kReadAgainMax) {
      status = ReadAgain();
      if (status.ok()) continue;
    }
    if (ExitCodeOf(status) == ExitCode::kWrongInput && TakeOutRefused(status)) continue;
    if (!typed_.empty()) {
      std::string text = "This could not be saved. It is shown here so that you can copy it:\n";
      for (const auto& [path, words] : typed_) text += TypedText(path, words);
      client_.terminal().Write(text);
    }
    return status;
  }
}

bool ReferralForm::TakeOutRefused(const absl::Status& refusal) {
  const v1::ErrorDetail detail = domain::DetailOf(refusal);
  bool taken_out = false;
  std::string text = "This cannot be kept as it is, and is asked again:\n";
  // From the last on, because taking an entry out of a list moves those behind it.
  for (int i = detail.field_violations_size() - 1; i >= 0; --i) {
    const v1::FieldViolation& violation = detail.field_violations(i);
    const std::string& path = violation.field();
    if (!TakeOut(path)) continue;
    taken_out = true;
    // An entry of such a list is asked for as a whole, and a detail held apart where it was typed.
    if (path.starts_with("excluded_people")) {
      refused_.emplace_back("excluded_people");
    } else if (!path.starts_with("protected_details")) {
      refused_.push_back(path);
    }
    text += Paragraph(fmt::format("{}: {}", QuestionOf(path, referral()), violation.description()), 2);
    const auto typed =
        std::find_if(typed_.begin(), typed_.end(), [&](const auto& entry) { return entry.first == path; });
    if (typed != typed_.end()) {
      text += Labelled("typed", typed->second, 4);
      typed_.erase(typed);
    }
  }
  if (taken_out) client_.terminal().Write(text);
  return taken_out;
}

bool ReferralForm::TakeOut(const std::string& path) {
  const std::string before = request_.SerializeAsString();
  for (const char* list : {"excluded_people", "protected_details"}) {
    // These are new entries as a whole.
    const std::string start = std::string(list) + "[";
    if (!path.starts_with(start)) continue;
    int index = -1;
    std::from_chars(path.data() + start.size(), path.data() + path.size(), index);
    const auto* field = request_.GetDescriptor()->FindFieldByName(list);
    const auto* reflection = request_.GetReflection();
    const int last = reflection->FieldSize(request_, field) - 1;
    if (index < 0 || index > last) return false;
    for (int i = index; i < last; ++i) reflection->SwapElements(&request_, field, i, i + 1);
    reflection->RemoveLast(&request_, field);
    return true;
  }
  const absl::StatusOr<Located> mine = Locate(request_, path);
  if (!mine.ok()) return false;
  v1::SaveDraftRequest saved = saved_;
  if (const absl::StatusOr<Located> was = Locate(saved, path); was.ok()) {
    CopyField(*was->parent, *was->field, *mine->parent);
  } else {
    mine->parent->GetReflection()->ClearField(mine->parent, mine->field);
  }
  return request_.SerializeAsString() != before;
}

absl::Status ReferralForm::ReadAgain() {
  ASSIGN_OR_RETURN(v1::Referral theirs, GetReferral(client_, referral().name()));
  const v1::Referral now = theirs;
  const std::vector<std::string> both = MergeOnto(saved_.referral(), referral(), theirs, "referral");
  std::string text = "Somebody changed this referral meanwhile. What you typed is put together with it";
  if (!both.empty()) text += ", and wins in:";
  client_.terminal().Write(Paragraph(text + (both.empty() ? "." : "")));
  for (const std::string& path : both) client_.terminal().Write(Paragraph(QuestionOf(path), 2));
  *request_.mutable_referral() = std::move(theirs);
  *saved_.mutable_referral() = now;
  return absl::OkStatus();
}

std::vector<std::string> ReferralForm::Open() const {
  std::vector<std::string> open;
  if (referral().urgent() && !completing_) open = UrgentOpen();
  if (open.empty() && (ask_the_rest_ || !referral().urgent())) {
    open.assign(referral().missing_fields().begin(), referral().missing_fields().end());
  }
  return open;
}

std::vector<std::string> ReferralForm::UrgentOpen() const {
  const v1::Referral& referral = request_.referral();
  std::vector<std::string> open;
  if (referral.victim().name().value().empty() && referral.victim().description().value().empty()) {
    open.emplace_back("referral.victim.description");
  }
  if (referral.reason().why_now().empty()) open.emplace_back("referral.reason.why_now");
  const bool has_contact =
      std::any_of(referral.protected_details().begin(), referral.protected_details().end(),
                  [](const auto& mask) { return mask.kind() == v1::PROTECTED_KIND_SAFE_CONTACT; });
  if (!has_contact) open.emplace_back("safe_contact.safe_to_call");
  if (referral.victim_voice().consent() == v1::YES_NO_UNSPECIFIED) {
    open.emplace_back("referral.victim_voice.consent");
  } else if (referral.victim_voice().consent() == v1::YES_NO_NOT_ASKED &&
             referral.victim_voice().consent_not_asked_reason().empty()) {
    open.emplace_back("referral.victim_voice.consent_not_asked_reason");
  }
  return open;
}

void ReferralForm::SayHelp() {
  if (!std::exchange(help_said_, true)) client_.terminal().Write(kStopHelp);
}

void ReferralForm::SayKept() {
  client_.terminal().Write(
      Paragraph(fmt::format("Kept. Go on with: marac referral {} {}",
                            completing_ ? "complete" : "new --resume", LastId(referral().name()))));
}

absl::Status ReferralForm::Run() {
  Terminal& terminal = client_.terminal();
  if (stopped_) {
    SayKept();
    return absl::OkStatus();
  }
  SayHelp();
  for (;;) {
    // Round after round, because one answer may ask for another; a round in which all was left for later ends
    // it.
    bool answered = false;
    do {
      std::vector<std::string> open = Open();
      for (std::string& path : refused_) {
        if (std::find(open.begin(), open.end(), path) == open.end()) open.push_back(std::move(path));
      }
      refused_.clear();
      answered = false;
      safe_contact_later_ = false;
      ASSIGN_OR_RETURN(const bool on, AskAll(open, answered));
      if (!on) {
        SayKept();
        return absl::OkStatus();
      }
    } while (answered);
    if (completing_) {
      SayOpen();
      return absl::OkStatus();
    }
    std::optional<char> key;
    do {
      SayOpen();
      const bool rest = referral().urgent() && !ask_the_rest_;
      ASSIGN_OR_RETURN(key, AskKey(terminal, "What now",
                                   {{'s', "submit"},
                                    {'a', rest ? "answer the open fields now" : "ask again"},
                                    {'c', "correct an answer"},
                                    {'k', "keep as a draft"}}));
      if (key == 'c') RETURN_IF_ERROR(ChangeAnswers());
    } while (key == 'c');
    if (!key.has_value() || *key == 'k') {
      terminal.Write(Paragraph("Kept. Submit it with: marac referral submit " + LastId(referral().name())));
      return absl::OkStatus();
    }
    ask_the_rest_ = ask_the_rest_ || *key == 'a';
    if (*key != 's') continue;
    RETURN_IF_ERROR(Submit());
    if (refused_.empty()) return absl::OkStatus();
  }
}

void ReferralForm::SayOpen() {
  const int open = referral().missing_fields_size();
  if (open == 0) return;
  const bool chased = referral().urgent() && !ask_the_rest_;
  std::string text = fmt::format("{} fields are open{}:\n", open,
                                 chased ? "; they are chased after an urgent referral" : "");
  for (const std::string& path : referral().missing_fields()) {
    text += Paragraph(QuestionOf(path, referral()), 2);
  }
  client_.terminal().Write(text);
}

absl::Status ReferralForm::Submit() {
  v1::SubmitReferralRequest request;
  request.set_name(referral().name());
  request.set_etag(referral().etag());
  absl::StatusOr<v1::Referral> submitted = client_.CallWithTyped(&ReferralStub::SubmitReferral, request);
  if (submitted.ok()) {
    *request_.mutable_referral() = *std::move(submitted);
    return absl::OkStatus();
  }
  const v1::ErrorDetail detail = domain::DetailOf(submitted.status());
  if (detail.field_violations().empty()) return submitted.status();
  client_.ShowError(submitted.status());
  for (const v1::FieldViolation& violation : detail.field_violations()) refused_.push_back(violation.field());
  return absl::OkStatus();
}

absl::StatusOr<bool> ReferralForm::AskAll(const std::vector<std::string>& paths, bool& answered) {
  for (size_t i = 0; i < paths.size(); ++i) {
    ASSIGN_OR_RETURN(const Asked asked, Ask(paths[i]));
    const bool section_ends = i + 1 == paths.size() || Section(paths[i]) != Section(paths[i + 1]);
    if (!typed_.empty() && (section_ends || asked == Asked::kStopped)) {
      RETURN_IF_ERROR(Save());
      answered = true;
    }
    if (asked == Asked::kStopped) return false;
  }
  return true;
}

absl::StatusOr<std::vector<std::string>> ReferralForm::CodesOf(const std::string& path) {
  std::vector<std::string> codes;
  if (path == kSourceCategory) {
    v1::GetAreaRequest request;
    request.set_name(request_.parent());
    ASSIGN_OR_RETURN(const v1::Area area, client_.Call(&v1::DirectoryService::Stub::GetArea, request));
    codes.assign(area.settings().source_categories().begin(), area.settings().source_categories().end());
  } else if (path == kReferrerAgency) {
    v1::ListAgenciesRequest request;
    request.set_parent(request_.parent());
    ASSIGN_OR_RETURN(const v1::ListAgenciesResponse agencies,
                     client_.List(&v1::DirectoryService::Stub::ListAgencies, request,
                                  &v1::ListAgenciesResponse::agencies, /*limit=*/0));
    for (const v1::Agency& agency : agencies.agencies()) codes.push_back(LastId(agency.name()));
  }
  return codes;
}

absl::StatusOr<Asked> ReferralForm::Ask(const std::string& path) {
  if (path == "excluded_people") return AskExcludedPeople();
  if (path.starts_with("safe_contact")) return AskSafeContact(path);
  const absl::StatusOr<Located> located = Locate(request_, path);
  if (!located.ok()) {
    // A newer server may ask for what this program does not know.
    client_.Note(fmt::format("{}: give it with `marac referral save --json`", path));
    return Asked::kLeft;
  }
  if (located->field->message_type() == v1::Party::descriptor() && located->field->is_repeated()) {
    return AskPeople(QuestionOf(path, referral()), *located->parent, *located->field);
  }
  FieldQuestion question = {.text = QuestionOf(path, referral()), .path = path};
  if (offer_so_far_) OfferSoFar(*located->parent, *located->field, question);
  ASSIGN_OR_RETURN(question.codes, CodesOf(path));
  std::string typed;
  ASSIGN_OR_RETURN(const Asked asked, AskField(client_, *located->parent, *located->field, question, &typed));
  if (asked == Asked::kAnswered) {
    typed_.emplace_back(path, typed);
    if (path == kReferrerAgency) {
      v1::Referrer& referrer = *request_.mutable_referral()->mutable_referrer();
      referrer.set_agency(AgencyName(referrer.agency()));
    }
    ASSIGN_OR_RETURN(const bool on, AskFollowUp(path, *located->parent));
    if (!on) return Asked::kStopped;
  }
  return asked;
}

absl::StatusOr<bool> ReferralForm::AskProtected(std::string_view what, bool& apart) {
  ASSIGN_OR_RETURN(
      const std::optional<bool> said,
      AskYesNo(
          client_.terminal(),
          fmt::format("Would it be dangerous if {} became known, as with a refuge or a new home? It is then "
                      "held apart: nobody sees it in the referral, the agenda or a list, and whoever is "
                      "allowed to reads it one at a time, with a reason that is audited",
                      what)));
  apart = said.value_or(true);
  return said.has_value();
}

absl::StatusOr<bool> ReferralForm::AskFollowUp(const std::string& path, Message& parent) {
  Terminal& terminal = client_.terminal();
  if (auto* address = dynamic_cast<v1::Address*>(&parent)) {
    const bool first = path.ends_with(".lines")
                           ? address->lines().has_value()
                           : address->postcode().has_value() && !address->lines().has_value();
    if (!first || (address->protected_detail() && !offer_so_far_)) return true;
    bool apart = false;
    ASSIGN_OR_RETURN(const bool on, AskProtected("this address", apart));
    address->set_protected_detail(apart);
    return on;
  }
  auto* party = dynamic_cast<v1::Party*>(&parent);
  if (party == nullptr) return true;
  if (path.ends_with(".school") && party->school().has_value()) {
    bool apart = false;
    ASSIGN_OR_RETURN(const bool on, AskProtected("this school", apart));
    if (apart) {
      v1::ProtectedDetail& detail = *request_.add_protected_details();
      detail.set_party_id(party->party_id());
      detail.set_kind(v1::PROTECTED_KIND_SCHOOL);
      detail.set_text(party->school().value());
      party->clear_school();
    }
    return on;
  }
  if (path.ends_with(".has_aliases") && party->has_aliases() == v1::YES_NO_YES) {
    ASSIGN_OR_RETURN(const auto names,
                     terminal.ReadLine("other names and spellings (with commas between)\n> "));
    std::vector<std::string> aliases = SplitAtCommas(names.value_or(""));
    if (!aliases.empty()) party->clear_aliases();
    for (std::string& name : aliases) party->add_aliases(std::move(name));
    return names.has_value();
  }
  if (path.ends_with(".usual_home_differs") && party->usual_home_differs() == v1::YES_NO_YES) {
    const std::string home = Section(path) + ".usual_home.";
    for (const char* part : {"lines", "postcode"}) {
      ASSIGN_OR_RETURN(const Asked asked, Ask(home + part));
      if (asked == Asked::kStopped) return false;
    }
  }
  return true;
}

absl::Status ReferralForm::LoadSafeContact() {
  if (safe_contact_loaded_) return absl::OkStatus();
  safe_contact_loaded_ = true;
  for (const v1::ProtectedDetailMask& mask : referral().protected_details()) {
    if (mask.kind() != v1::PROTECTED_KIND_SAFE_CONTACT) continue;
    v1::RevealDetailRequest reveal;
    reveal.set_name(mask.detail());
    reveal.set_reason("going on with the draft");
    ASSIGN_OR_RETURN(const v1::ProtectedDetail detail,
                     client_.Call(&v1::CaseService::Stub::RevealDetail, reveal, {.repeat = false}));
    *request_.mutable_safe_contact() = detail.safe_contact();
    *saved_.mutable_safe_contact() = detail.safe_contact();
  }
  return absl::OkStatus();
}

bool ReferralForm::IsSafeContactCorrected() {
  const bool corrected =
      std::ranges::any_of(referral().protected_details(), &v1::ProtectedDetailMask::has_correct_time);
  if (corrected) {
    client_.Note("safe contact was corrected; to change it: marac referral correct-safe-contact");
  }
  return corrected;
}

absl::StatusOr<Asked> ReferralForm::AskSafeContact(const std::string& path) {
  RETURN_IF_ERROR(LoadSafeContact());
  if (IsSafeContactCorrected()) return Asked::kLeft;
  if (request_.safe_contact().do_not_contact() || safe_contact_later_) return Asked::kLeft;
  if (!request_.has_safe_contact()) {
    ASSIGN_OR_RETURN(
        const std::optional<char> key,
        AskKey(client_.terminal(), "safe contact: is it safe to contact the victim in some way",
               {{'y', "yes"}, {'n', "do not contact"}, {'?', "not known: do not contact"}, {'\n', "later"}}));
    if (!key.has_value()) return Asked::kStopped;
    // Each open part of it would otherwise bring the same question again.
    safe_contact_later_ = *key == '\n';
    if (safe_contact_later_) return Asked::kLeft;
    // Anything but a yes: the safe side.
    request_.mutable_safe_contact()->set_do_not_contact(*key != 'y');
    typed_.emplace_back("safe_contact", std::string(1, *key));
    if (request_.safe_contact().do_not_contact()) return Asked::kAnswered;
  }
  const std::string below = path == "safe_contact" ? "safe_to_call" : path.substr(path.find('.') + 1);
  const auto* field = v1::SafeContact::descriptor()->FindFieldByName(below);
  if (field == nullptr) return Asked::kLeft;
  FieldQuestion question = {.text = "safe contact: " + QuestionOf(below), .path = "safe_contact." + below};
  if (offer_so_far_) OfferSoFar(request_.safe_contact(), *field, question);
  std::string typed;
  ASSIGN_OR_RETURN(const Asked asked,
                   AskField(client_, *request_.mutable_safe_contact(), *field, question, &typed));
  if (asked == Asked::kAnswered) typed_.emplace_back(question.path, typed);
  return asked;
}

absl::StatusOr<Asked> ReferralForm::AskPeople(const std::string& what, Message& parent,
                                              const FieldDescriptor& people) {
  const auto* reflection = parent.GetReflection();
  Asked asked = Asked::kLeft;
  for (;;) {
    const int number = reflection->FieldSize(parent, &people) + 1;
    ASSIGN_OR_RETURN(const std::optional<std::string> name,
                     client_.terminal().ReadLine(fmt::format(
                         "{}: name of number {} (? not known; Enter: no more)\n> ", what, number)));
    if (!name.has_value()) return Asked::kStopped;
    if (name->empty()) return asked;
    reflection->AddMessage(&parent, &people)->CopyFrom(NamedParty(*name));
    typed_.emplace_back(what, *name);
    asked = Asked::kAnswered;
  }
}

absl::Status ReferralForm::LoadExcludedPeople() {
  if (request_.excluded_people().empty() && referral().state() == v1::REFERRAL_STATE_DRAFT &&
      referral().excluded_people_count() > 0) {
    v1::ListExcludedPeopleRequest list;
    list.set_referral(referral().name());
    ASSIGN_OR_RETURN(const v1::ListExcludedPeopleResponse people,
                     client_.Call(&ReferralStub::ListExcludedPeople, list));
    *request_.mutable_excluded_people() = people.excluded_people();
  }
  return absl::OkStatus();
}

absl::StatusOr<Asked> ReferralForm::AskExcludedPeople() {
  Terminal& terminal = client_.terminal();
  RETURN_IF_ERROR(LoadExcludedPeople());
  Asked asked = Asked::kLeft;
  for (;;) {
    ASSIGN_OR_RETURN(const auto name,
                     terminal.ReadLine("who must not receive this: name (Enter: no more)\n> "));
    if (!name.has_value()) return Asked::kStopped;
    if (name->empty()) return asked;
    ASSIGN_OR_RETURN(const auto agency,
                     terminal.ReadLine("their agency, if any (short word; Enter: none)\n> "));
    std::optional<std::string> reason;
    if (agency.has_value()) {
      ASSIGN_OR_RETURN(reason, terminal.ReadLine("why\n> "));
    }
    v1::ExcludedPerson& person = *request_.add_excluded_people();
    person.set_person(*name);
    person.set_agency(AgencyName(agency.value_or("")));
    person.set_reason(reason.value_or(""));
    typed_.emplace_back("excluded_people", fmt::format("{}; {}", *name, reason.value_or("")));
    // The name alone is kept: it is what keeps the referral from that person.
    if (!reason.has_value()) return Asked::kStopped;
    asked = Asked::kAnswered;
  }
}

}  // namespace marac::cli
