#include "cli/referral_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/assessment_calls.h"
#include "cli/exit_code.h"
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

std::string Section(std::string_view path) { return std::string(path.substr(0, path.rfind('.'))); }

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    std::string_view part = text.substr(at, end - at);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    at = end + 1;
  }
  return parts;
}

}  // namespace

std::string FieldQuestion(std::string_view path) {
  std::string text(path.starts_with("referral.") ? path.substr(9) : path);
  std::replace(text.begin(), text.end(), '_', ' ');
  for (size_t dot = text.find('.'); dot != std::string::npos; dot = text.find('.', dot + 2)) {
    text.replace(dot, 1, ": ");
  }
  return text;
}

std::string FieldHint(const FieldDescriptor& field) {
  if (field.enum_type() == v1::YesNo_descriptor()) return fmt::format("y, n; {}", kUnknownHelp);
  if (field.enum_type() != nullptr) return EnumWords(*field.enum_type());
  if (field.message_type() == v1::Text::descriptor()) return kUnknownHelp;
  if (field.message_type() == v1::DayAnswer::descriptor()) {
    return fmt::format("2026-01-31 or a year; {}", kUnknownHelp);
  }
  if (field.message_type() == v1::Day::descriptor()) return "2026-01-31";
  if (field.message_type() == google::protobuf::Timestamp::descriptor()) return "2026-01-31T14:30";
  return field.is_repeated() ? "with commas between" : "in words";
}

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

absl::Status SetFromTyped(Message& parent, const FieldDescriptor& field, std::string_view typed,
                          std::string_view path) {
  const auto* reflection = parent.GetReflection();
  if (field.is_repeated()) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      return absl::UnimplementedError(fmt::format("{}: use `marac referral save --json`", path));
    }
    reflection->ClearField(&parent, &field);
    for (std::string& part : SplitAtCommas(typed)) reflection->AddString(&parent, &field, std::move(part));
    return absl::OkStatus();
  }
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection->SetString(&parent, &field, std::string(typed));
      return absl::OkStatus();
    case FieldDescriptor::CPPTYPE_ENUM: {
      if (field.enum_type() == v1::YesNo_descriptor()) {
        ASSIGN_OR_RETURN(const v1::YesNo answer, ParseYesNo(typed, path));
        reflection->SetEnumValue(&parent, &field, answer);
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(const int number, ParseEnumWord(*field.enum_type(), typed, path));
      reflection->SetEnumValue(&parent, &field, number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto* type = field.message_type();
      if (type == v1::Text::descriptor()) {
        reflection->MutableMessage(&parent, &field)->CopyFrom(ParseText(typed));
      } else if (type == v1::DayAnswer::descriptor()) {
        ASSIGN_OR_RETURN(const v1::DayAnswer day, ParseDayAnswer(typed, path));
        reflection->MutableMessage(&parent, &field)->CopyFrom(day);
      } else if (type == v1::Day::descriptor()) {
        ASSIGN_OR_RETURN(const v1::Day day, ParseDay(typed, path));
        reflection->MutableMessage(&parent, &field)->CopyFrom(day);
      } else if (type == google::protobuf::Timestamp::descriptor()) {
        ASSIGN_OR_RETURN(const google::protobuf::Timestamp time, ParseMoment(typed, path));
        reflection->MutableMessage(&parent, &field)->CopyFrom(time);
      } else {
        return absl::UnimplementedError(fmt::format("{}: use `marac referral save --json`", path));
      }
      return absl::OkStatus();
    }
    default:
      return absl::UnimplementedError(fmt::format("{}: use `marac referral save --json`", path));
  }
}

absl::Status ReferralForm::Begin(const std::string& assessment, bool urgent) {
  ASSIGN_OR_RETURN(*request_.mutable_parent(), client_.Area());
  ASSIGN_OR_RETURN(const v1::Caller caller, client_.Call(&v1::SessionService::Stub::GetCaller, {}));
  v1::Referral& referral = *request_.mutable_referral();
  referral.set_urgent(urgent);
  referral.mutable_referrer()->set_agency(caller.account().agency());
  referral.mutable_referrer()->set_person(caller.account().display_name());
  referral.mutable_referrer()->set_route(v1::REFERRAL_ROUTE_OWN_SYSTEM);
  if (!assessment.empty()) {
    ASSIGN_OR_RETURN(const v1::Assessment taken, GetAssessment(client_, assessment));
    *referral.mutable_victim() = taken.victim();
    *referral.mutable_perpetrators() = taken.perpetrators();
    referral.add_assessments(taken.name());
  }
  client_.terminal().Write(kStopHelp);
  RETURN_IF_ERROR(AskWho());
  return Save();
}

absl::Status ReferralForm::AskWho() {
  v1::Referral& referral = *request_.mutable_referral();
  if (!referral.victim().has_name()) {
    ASSIGN_OR_RETURN(const Asked name, Ask("referral.victim.name"));
    if (name == Asked::kStopped) return absl::OkStatus();
  }
  if (referral.perpetrators().empty() && !referral.urgent()) {
    return Ask("referral.perpetrators").status();
  }
  return absl::OkStatus();
}

absl::Status ReferralForm::Resume(const std::string& name) {
  ASSIGN_OR_RETURN(const v1::Referral referral, GetReferral(client_, name));
  ASSIGN_OR_RETURN(*request_.mutable_parent(), client_.Area());
  *request_.mutable_referral() = referral;
  completing_ = referral.state() == v1::REFERRAL_STATE_SUBMITTED;
  safe_contact_loaded_ = completing_;
  if (completing_) RETURN_IF_ERROR(AskWhoTells());
  client_.terminal().Write(kStopHelp);
  return absl::OkStatus();
}

absl::Status ReferralForm::AskWhoTells() {
  // What was sent of it stays; parts of it are given without asking again whether there is a safe way at all.
  request_.mutable_safe_contact();
  ASSIGN_OR_RETURN(const v1::Caller caller, client_.Call(&v1::SessionService::Stub::GetCaller, {}));
  if (caller.account().name() == referral().author()) return absl::OkStatus();
  while (told_by_.empty()) {
    ASSIGN_OR_RETURN(const auto typed, client_.terminal().ReadLine("who tells you this, and how\n> "));
    if (!typed.has_value()) return absl::CancelledError("stopped: nothing was added");
    told_by_ = *typed;
  }
  return absl::OkStatus();
}

absl::Status ReferralForm::Save() {
  if (completing_) {
    v1::CompleteReferralRequest added;
    *added.mutable_referral() = referral();
    *added.mutable_safe_contact() = request_.safe_contact();
    *added.mutable_excluded_people() = request_.excluded_people();
    added.set_told_by(told_by_);
    ASSIGN_OR_RETURN(*request_.mutable_referral(), client_.Call(&ReferralStub::CompleteReferral, added));
    request_.clear_excluded_people();
    return absl::OkStatus();
  }
  request_.clear_request_id();
  ASSIGN_OR_RETURN(*request_.mutable_referral(), client_.Call(&ReferralStub::SaveDraft, request_));
  request_.clear_excluded_people();
  return absl::OkStatus();
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

absl::Status ReferralForm::Run() {
  Terminal& terminal = client_.terminal();
  std::vector<std::string> refused;
  for (;;) {
    // Round after round, because one answer may ask for another; a round in which all was left for later ends
    // it.
    bool answered = false;
    do {
      std::vector<std::string> open(referral().missing_fields().begin(), referral().missing_fields().end());
      if (referral().urgent() && !completing_) open = UrgentOpen();
      open.insert(open.end(), refused.begin(), refused.end());
      refused.clear();
      answered = false;
      ASSIGN_OR_RETURN(const bool on, AskAll(open, answered));
      if (!on) {
        terminal.Write(
            Paragraph(fmt::format("Kept. Go on with: marac referral {} {}",
                                  completing_ ? "complete" : "new --resume", LastId(referral().name()))));
        return absl::OkStatus();
      }
    } while (answered);
    const int open = referral().missing_fields_size();
    if (open > 0) {
      std::string text = fmt::format(
          "{} fields are open{}:\n", open,
          referral().urgent() && !completing_ ? "; they are chased after an urgent referral" : "");
      for (const std::string& path : referral().missing_fields()) text += Paragraph(FieldQuestion(path), 2);
      terminal.Write(text);
    }
    if (completing_) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::optional<char> key,
                     terminal.ReadKey("s submit, a ask again, k keep as a draft: "));
    if (!key.has_value() || *key == 'k') {
      terminal.Write(Paragraph("Kept. Submit it with: marac referral submit " + LastId(referral().name())));
      return absl::OkStatus();
    }
    if (*key != 's') continue;
    RETURN_IF_ERROR(Submit(refused));
    if (refused.empty()) return absl::OkStatus();
  }
}

absl::Status ReferralForm::Submit(std::vector<std::string>& open) {
  v1::SubmitReferralRequest request;
  request.set_name(referral().name());
  request.set_etag(referral().etag());
  absl::StatusOr<v1::Referral> submitted = client_.Call(&ReferralStub::SubmitReferral, request);
  if (submitted.ok()) {
    *request_.mutable_referral() = *std::move(submitted);
    return absl::OkStatus();
  }
  const v1::ErrorDetail detail = domain::DetailOf(submitted.status());
  if (detail.field_violations().empty()) return submitted.status();
  client_.ShowError(submitted.status());
  for (const v1::FieldViolation& violation : detail.field_violations()) open.push_back(violation.field());
  return absl::OkStatus();
}

absl::StatusOr<bool> ReferralForm::AskAll(const std::vector<std::string>& paths, bool& answered) {
  bool unsaved = false;
  for (size_t i = 0; i < paths.size(); ++i) {
    ASSIGN_OR_RETURN(const Asked asked, Ask(paths[i]));
    unsaved = unsaved || asked == Asked::kAnswered;
    const bool section_ends = i + 1 == paths.size() || Section(paths[i]) != Section(paths[i + 1]);
    if (unsaved && (section_ends || asked == Asked::kStopped)) {
      absl::Status saved = Save();
      unsaved = false;
      answered = true;
      if (!saved.ok()) {
        // Something typed is not acceptable: the person hears which field and is asked again in the next
        // round.
        if (ExitCodeOf(saved) != ExitCode::kWrongInput) return saved;
        client_.ShowError(saved);
      }
    }
    if (asked == Asked::kStopped) return false;
  }
  return true;
}

absl::StatusOr<ReferralForm::Asked> ReferralForm::Ask(const std::string& path) {
  Terminal& terminal = client_.terminal();
  if (path == "excluded_people") return AskExcludedPeople();
  if (path.starts_with("safe_contact")) return AskSafeContact(path);
  const absl::StatusOr<Located> located = Locate(request_, path);
  if (!located.ok()) {
    // A newer server may ask for what this program does not know.
    client_.Note(fmt::format("{}: give it with `marac referral save --json`", path));
    return Asked::kLeft;
  }
  if (located->field->message_type() == v1::Party::descriptor() && located->field->is_repeated()) {
    return AskPeople(FieldQuestion(path), *located->parent, *located->field);
  }
  std::string hint = FieldHint(*located->field);
  if (path == "referral.referrer.source_category") {
    if (source_categories_.empty()) {
      v1::GetAreaRequest request;
      request.set_name(request_.parent());
      ASSIGN_OR_RETURN(const v1::Area area, client_.Call(&v1::DirectoryService::Stub::GetArea, request));
      source_categories_.assign(area.settings().source_categories().begin(),
                                area.settings().source_categories().end());
    }
    hint = fmt::format("{}", fmt::join(source_categories_, ", "));
  }
  for (;;) {
    terminal.Write(Paragraph(fmt::format("{} ({})", FieldQuestion(path), hint)));
    std::optional<std::string> typed;
    if (located->field->enum_type() == v1::YesNo_descriptor()) {
      ASSIGN_OR_RETURN(const std::optional<char> key, terminal.ReadKey("> "));
      if (key.has_value()) typed = *key == '\n' ? std::string() : std::string(1, *key);
    } else {
      ASSIGN_OR_RETURN(typed, terminal.ReadLine("> "));
    }
    if (!typed.has_value()) return Asked::kStopped;
    if (typed->empty()) return Asked::kLeft;
    const absl::Status set = SetFromTyped(*located->parent, *located->field, *typed, path);
    if (set.ok()) {
      RETURN_IF_ERROR(AskFollowUp(path, *located->parent));
      return Asked::kAnswered;
    }
    if (set.code() == absl::StatusCode::kUnimplemented) {
      client_.Note(std::string(set.message()));
      return Asked::kLeft;
    }
    client_.ShowError(set);
  }
}

absl::Status ReferralForm::AskFollowUp(const std::string& path, Message& parent) {
  auto* party = dynamic_cast<v1::Party*>(&parent);
  if (party == nullptr) return absl::OkStatus();
  Terminal& terminal = client_.terminal();
  if (path.ends_with(".has_aliases") && party->has_aliases() == v1::YES_NO_YES) {
    ASSIGN_OR_RETURN(const auto names,
                     terminal.ReadLine("other names and spellings (with commas between)\n> "));
    for (std::string& name : SplitAtCommas(names.value_or(""))) party->add_aliases(std::move(name));
  }
  if (path.ends_with(".usual_home_differs") && party->usual_home_differs() == v1::YES_NO_YES) {
    ASSIGN_OR_RETURN(const auto lines, terminal.ReadLine("usual home: address without postcode\n> "));
    if (lines.has_value() && !lines->empty())
      *party->mutable_usual_home()->mutable_lines() = ParseText(*lines);
    ASSIGN_OR_RETURN(const auto postcode, terminal.ReadLine("usual home: postcode\n> "));
    if (postcode.has_value() && !postcode->empty()) {
      *party->mutable_usual_home()->mutable_postcode() = ParseText(*postcode);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ReferralForm::Asked> ReferralForm::AskSafeContact(const std::string& path) {
  Terminal& terminal = client_.terminal();
  if (!safe_contact_loaded_) {
    safe_contact_loaded_ = true;
    // A save replaces the whole safe contact, so a part that was typed earlier has to be there too.
    for (const v1::ProtectedDetailMask& mask : referral().protected_details()) {
      if (mask.kind() != v1::PROTECTED_KIND_SAFE_CONTACT) continue;
      v1::RevealDetailRequest reveal;
      reveal.set_name(mask.detail());
      reveal.set_reason("going on with the draft");
      ASSIGN_OR_RETURN(const v1::ProtectedDetail detail,
                       client_.Call(&v1::CaseService::Stub::RevealDetail, reveal, {.repeat = false}));
      *request_.mutable_safe_contact() = detail.safe_contact();
    }
  }
  const auto& masks = referral().protected_details();
  if (std::ranges::any_of(masks, &v1::ProtectedDetailMask::has_correct_time)) {
    client_.Note("safe contact was corrected; to change it: marac referral correct-safe-contact");
    return Asked::kLeft;
  }
  if (request_.safe_contact().do_not_contact()) return Asked::kLeft;
  if (!request_.has_safe_contact()) {
    ASSIGN_OR_RETURN(
        const std::optional<char> key,
        terminal.ReadKey("safe contact: is it safe to contact the victim in some way (y, n = do not "
                         "contact)\n> "));
    if (!key.has_value()) return Asked::kStopped;
    if (*key == '\n') return Asked::kLeft;
    // Anything but a yes: the safe side.
    request_.mutable_safe_contact()->set_do_not_contact(*key != 'y' && *key != 'Y');
    if (request_.safe_contact().do_not_contact()) return Asked::kAnswered;
  }
  const std::string below = path == "safe_contact" ? "safe_to_call" : path.substr(path.find('.') + 1);
  const auto* field = v1::SafeContact::descriptor()->FindFieldByName(below);
  if (field == nullptr) return Asked::kLeft;
  for (;;) {
    ASSIGN_OR_RETURN(
        const std::optional<std::string> typed,
        terminal.ReadLine(fmt::format("safe contact: {} ({})\n> ", FieldQuestion(below), FieldHint(*field))));
    if (!typed.has_value()) return Asked::kStopped;
    if (typed->empty()) return Asked::kLeft;
    const absl::Status set =
        SetFromTyped(*request_.mutable_safe_contact(), *field, *typed, "safe_contact." + below);
    if (set.ok()) return Asked::kAnswered;
    client_.ShowError(set);
  }
}

absl::StatusOr<ReferralForm::Asked> ReferralForm::AskPeople(const std::string& what, Message& parent,
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
    asked = Asked::kAnswered;
  }
}

absl::StatusOr<ReferralForm::Asked> ReferralForm::AskExcludedPeople() {
  Terminal& terminal = client_.terminal();
  // A save replaces a draft's whole list, so what is there is sent again with what is added. After the first
  // submission the list only grows, and its author does not see it.
  if (request_.excluded_people().empty() && referral().state() == v1::REFERRAL_STATE_DRAFT &&
      referral().excluded_people_count() > 0) {
    v1::ListExcludedPeopleRequest list;
    list.set_referral(referral().name());
    ASSIGN_OR_RETURN(const v1::ListExcludedPeopleResponse people,
                     client_.Call(&ReferralStub::ListExcludedPeople, list));
    *request_.mutable_excluded_people() = people.excluded_people();
  }
  Asked asked = Asked::kLeft;
  for (;;) {
    ASSIGN_OR_RETURN(const auto name,
                     terminal.ReadLine("who must not receive this: name (Enter: no more)\n> "));
    if (!name.has_value()) return Asked::kStopped;
    if (name->empty()) return asked;
    ASSIGN_OR_RETURN(const auto agency,
                     terminal.ReadLine("their agency, if any (short word; Enter: none)\n> "));
    ASSIGN_OR_RETURN(const auto reason, terminal.ReadLine("why\n> "));
    v1::ExcludedPerson& person = *request_.add_excluded_people();
    person.set_person(*name);
    person.set_agency(AgencyName(agency.value_or("")));
    person.set_reason(reason.value_or(""));
    asked = Asked::kAnswered;
  }
}

}  // namespace marac::cli
