// The services directory: where people can turn.
#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/names.h"
#include "cli/text.h"
#include "marac/v1/directory_service.grpc.pb.h"

namespace marac::cli {
namespace {

using DirectoryStub = v1::DirectoryService::Stub;

struct ListServicesFlags {
  std::string purpose;
  std::string grade;
  std::string gender;
  int age = 0;
  bool retired = false;
  int limit = kListLimitDefault;
};
void ListServicesOptions(CLI::App& app, ListServicesFlags& flags) {
  app.add_option("--for", flags.purpose, "Only for this: " + Words<v1::ServicePurpose>());
  app.add_option("--grade", flags.grade, "Only those that take this grade: " + Words<v1::Grade>());
  app.add_option("--age", flags.age, "Only those that take somebody of this age");
  app.add_option("--gender", flags.gender, "Only those that take " + Words<v1::ServiceGender>());
  app.add_flag("--retired", flags.retired, "Those that were retired, too");
  AddLimitOption(app, flags.limit);
}

template <typename Enum, typename Values>
std::string WordsOf(const Values& values) {
  std::vector<std::string> words;
  for (const int value : values) words.push_back(Word(static_cast<Enum>(value)));
  return fmt::format("{}", fmt::join(words, ", "));
}

// "women, 16 to 25, high; lives in the borough".
std::string WhomText(const v1::ServiceEligibility& takes) {
  std::vector<std::string> parts;
  if (!takes.genders().empty()) parts.push_back(WordsOf<v1::ServiceGender>(takes.genders()));
  if (takes.age_min() > 0 && takes.age_max() > 0) {
    parts.push_back(fmt::format("{} to {}", takes.age_min(), takes.age_max()));
  } else if (takes.age_min() > 0) {
    parts.push_back(fmt::format("{} or older", takes.age_min()));
  } else if (takes.age_max() > 0) {
    parts.push_back(fmt::format("up to {}", takes.age_max()));
  }
  if (!takes.grades().empty()) parts.push_back(WordsOf<v1::Grade>(takes.grades()) + " risk");
  if (parts.empty()) parts.emplace_back("everybody");
  return fmt::format("{}{}{}", fmt::join(parts, ", "), takes.note().empty() ? "" : "; ", takes.note());
}

// One below another, since a number in a narrow column would be broken in two.
std::string EntryText(const v1::SupportService& service) {
  std::string text = Paragraph(service.display_name());
  // An entry past its review day says so wherever it is shown.
  if (service.retired()) text += Paragraph("not offered any more", 2);
  if (service.review_overdue()) text += Paragraph("not verified since " + DayText(service.verified_day()), 2);
  for (const v1::ServiceNumber& number : service.numbers()) {
    text += Labelled(number.kind() == v1::SERVICE_NUMBER_KIND_TEXT ? "text" : "call",
                     number.number() + (number.note().empty() ? "" : fmt::format(" ({})", number.note())), 2);
  }
  text += Labelled("when", service.hours(), 2);
  text += Labelled("takes", WhomText(service.eligibility()), 2);
  text += Labelled("for", WordsOf<v1::ServicePurpose>(service.purposes()), 2);
  text += Labelled("service", LastId(service.name()), 2);
  return text;
}

absl::Status ListServices(Client& client, const ListServicesFlags& flags) {
  v1::ListServicesRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  ASSIGN_OR_RETURN(const auto purpose, ParseWord<v1::ServicePurpose>(flags.purpose, "purpose"));
  ASSIGN_OR_RETURN(const auto grade, ParseWord<v1::Grade>(flags.grade, "grade"));
  ASSIGN_OR_RETURN(const auto gender, ParseWord<v1::ServiceGender>(flags.gender, "gender"));
  request.set_purpose(purpose);
  request.set_grade(grade);
  request.set_gender(gender);
  request.set_age(flags.age);
  request.set_include_retired(flags.retired);
  ASSIGN_OR_RETURN(
      const v1::ListServicesResponse services,
      client.List(&DirectoryStub::ListServices, request, &v1::ListServicesResponse::services, flags.limit));
  std::string text;
  for (const v1::SupportService& service : services.services()) {
    text += (text.empty() ? "" : "\n") + EntryText(service);
  }
  client.Show(services, text.empty() ? "No service in the directory suits.\n" : text);
  return absl::OkStatus();
}

absl::StatusOr<v1::SupportService> GetService(Client& client, const std::string& name) {
  v1::GetServiceRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), RecordName(client, "services", name));
  return client.Call(&DirectoryStub::GetService, request);
}

void ServiceNameOptions(CLI::App& app, NameFlags& flags) {
  app.add_option("NAME", flags.name, "The service: its full name, or what follows the last slash")
      ->required();
}
absl::Status ShowService(Client& client, const NameFlags& flags) {
  ASSIGN_OR_RETURN(const v1::SupportService service, GetService(client, flags.name));
  client.Show(service, RecordText(service));
  return absl::OkStatus();
}

// What is given replaces what was there; what is not given stays.
struct EntryFlags {
  std::optional<std::string> display_name;
  std::optional<std::string> description;
  std::optional<std::string> hours;
  std::optional<std::string> access;
  std::optional<std::string> eligibility_note;
  std::optional<std::string> verified;
  std::optional<std::string> review;
  std::optional<int> age_min;
  std::optional<int> age_max;
  std::vector<std::string> purposes;
  std::vector<std::string> numbers;
  std::vector<std::string> texts;
  std::vector<std::string> grades;
  std::vector<std::string> genders;
};
void EntryOptions(CLI::App& app, EntryFlags& flags) {
  app.add_option("--description", flags.description, "What it does");
  app.add_option("--for", flags.purposes, "What it is there for; repeat it: " + Words<v1::ServicePurpose>());
  app.add_option("--number", flags.numbers, "NUMBER or NUMBER=NOTE, to call; repeat it");
  app.add_option("--text-number", flags.texts, "NUMBER or NUMBER=NOTE, for text messages; repeat it");
  app.add_option("--hours", flags.hours, "When somebody answers");
  app.add_option("--grade", flags.grades, "Takes only these grades; repeat it: " + Words<v1::Grade>());
  app.add_option("--age-min", flags.age_min, "Takes nobody younger");
  app.add_option("--age-max", flags.age_max, "Takes nobody older");
  app.add_option("--gender", flags.genders, "Takes only these; repeat it: " + Words<v1::ServiceGender>());
  app.add_option("--takes", flags.eligibility_note, "What else decides whom it takes");
  app.add_option("--access", flags.access, "Languages, and ways to reach it without a telephone");
  app.add_option("--verified", flags.verified, "The day somebody last made sure of this: 2026-01-07");
  app.add_option("--review-by", flags.review, "The last day on which that counts");
}

void AddNumbers(const std::vector<std::string>& given, v1::ServiceNumberKind kind,
                v1::SupportService& service) {
  for (const std::string& text : given) {
    const size_t equals = text.find('=');
    v1::ServiceNumber& number = *service.add_numbers();
    number.set_number(text.substr(0, equals));
    number.set_kind(kind);
    if (equals != std::string::npos) number.set_note(text.substr(equals + 1));
  }
}

template <typename Enum>
absl::Status ReadWords(const std::vector<std::string>& given, std::string_view field,
                       google::protobuf::RepeatedField<int>& values) {
  if (!given.empty()) values.Clear();
  for (const std::string& word : given) {
    ASSIGN_OR_RETURN(const Enum value, ParseWord<Enum>(word, field));
    values.Add(value);
  }
  return absl::OkStatus();
}

absl::Status Apply(const EntryFlags& flags, v1::SupportService& service) {
  if (flags.display_name) service.set_display_name(*flags.display_name);
  if (flags.description) service.set_description(*flags.description);
  if (flags.hours) service.set_hours(*flags.hours);
  if (flags.access) service.set_access(*flags.access);
  if (flags.eligibility_note) service.mutable_eligibility()->set_note(*flags.eligibility_note);
  if (flags.age_min) service.mutable_eligibility()->set_age_min(*flags.age_min);
  if (flags.age_max) service.mutable_eligibility()->set_age_max(*flags.age_max);
  if (flags.verified) {
    ASSIGN_OR_RETURN(*service.mutable_verified_day(), ParseDay(*flags.verified, "service.verified_day"));
  }
  if (flags.review) {
    ASSIGN_OR_RETURN(*service.mutable_review_day(), ParseDay(*flags.review, "service.review_day"));
  }
  RETURN_IF_ERROR(
      ReadWords<v1::ServicePurpose>(flags.purposes, "service.purposes", *service.mutable_purposes()));
  if (!flags.grades.empty() || !flags.genders.empty()) {
    v1::ServiceEligibility& takes = *service.mutable_eligibility();
    RETURN_IF_ERROR(
        ReadWords<v1::Grade>(flags.grades, "service.eligibility.grades", *takes.mutable_grades()));
    RETURN_IF_ERROR(
        ReadWords<v1::ServiceGender>(flags.genders, "service.eligibility.genders", *takes.mutable_genders()));
  }
  if (!flags.numbers.empty() || !flags.texts.empty()) service.clear_numbers();
  AddNumbers(flags.numbers, v1::SERVICE_NUMBER_KIND_VOICE, service);
  AddNumbers(flags.texts, v1::SERVICE_NUMBER_KIND_TEXT, service);
  return absl::OkStatus();
}

void AddServiceOptions(CLI::App& app, EntryFlags& flags) {
  app.add_option("NAME", flags.display_name, "Name for people")->required();
  EntryOptions(app, flags);
}
absl::Status AddService(Client& client, const EntryFlags& flags) {
  v1::CreateServiceRequest request;
  ASSIGN_OR_RETURN(*request.mutable_parent(), client.Area());
  RETURN_IF_ERROR(Apply(flags, *request.mutable_service()));
  return client.CallAndSum(&DirectoryStub::CreateService, request);
}

absl::Status Update(Client& client, const RecordFlags& record, v1::SupportService service) {
  if (!record.etag.empty()) service.set_etag(record.etag);
  v1::UpdateServiceRequest request;
  *request.mutable_service() = std::move(service);
  return client.CallAndSum(&DirectoryStub::UpdateService, request);
}

struct UpdateServiceFlags : RecordFlags {
  EntryFlags entry;
  bool restore = false;
};
void UpdateServiceOptions(CLI::App& app, UpdateServiceFlags& flags) {
  AddRecordOptions(app, flags, "The service");
  app.add_option("--name", flags.entry.display_name, "Name for people");
  EntryOptions(app, flags.entry);
  app.add_flag("--restore", flags.restore, "Offer it again after it was retired");
}
absl::Status UpdateService(Client& client, const UpdateServiceFlags& flags) {
  ASSIGN_OR_RETURN(v1::SupportService service, GetService(client, flags.name));
  RETURN_IF_ERROR(Apply(flags.entry, service));
  if (flags.restore) service.set_retired(false);
  return Update(client, flags, std::move(service));
}

void RetireOptions(CLI::App& app, RecordFlags& flags) { AddRecordOptions(app, flags, "The service"); }
absl::Status Retire(Client& client, const RecordFlags& flags) {
  ASSIGN_OR_RETURN(v1::SupportService service, GetService(client, flags.name));
  service.set_retired(true);
  return Update(client, flags, std::move(service));
}

}  // namespace

void AddServiceCommands(const Group& root) {
  const Group group = root.AddGroup("service", "The services directory: where people can turn");
  group.Add<ListServicesFlags>("list", "List services, with their numbers", ListServicesOptions,
                               ListServices);
  group.Add<NameFlags>("show", "Show one service", ServiceNameOptions, ShowService);
  group.Add<EntryFlags>("add", "Add a service", AddServiceOptions, AddService);
  group.Add<UpdateServiceFlags>("update", "Change a service, or say that it was verified",
                                UpdateServiceOptions, UpdateService);
  group.Add<RecordFlags>("retire", "Offer it no more; what names it keeps it", RetireOptions, Retire);
}

}  // namespace marac::cli
