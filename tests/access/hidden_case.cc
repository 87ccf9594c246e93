#include "tests/access/hidden_case.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/timestamp.h"
#include "tests/access/alike.h"
#include "tests/support/complete_referral.h"

namespace marac::testing {
namespace {

using Referrals = v1::ReferralService::Stub;
using Meetings = v1::MeetingService::Stub;

constexpr char kFamily[] = "Hiddenone";
constexpr char kPostcode[] = "MK7 7QX";

}  // namespace

void HiddenCase::SetPair(v1::Referral& referral) {
  referral.mutable_victim()->mutable_name()->set_value(fmt::format("Wilhelmina {}", kFamily));
  SetDay(*referral.mutable_victim()->mutable_birth_date()->mutable_day(), 1991, 7, 7);
  v1::Party& perpetrator = *referral.mutable_perpetrators(0);
  perpetrator.mutable_name()->set_value(fmt::format("Ebenezer {}", kFamily));
  SetDay(*perpetrator.mutable_birth_date()->mutable_day(), 1984, 8, 8);
}

void HiddenCase::Receive(std::span<const std::string> shut_out_accounts) {
  story_.author = v1::ROLE_REFERRER;
  v1::Referral referral = CompleteReferral();
  SetPair(referral);
  referral.mutable_victim()->mutable_address()->mutable_postcode()->set_value(kPostcode);
  // Without children it comes last among what is proposed together, so that the ids of the others stay alike.
  referral.clear_children();
  referral.set_has_children(v1::YES_NO_NO);
  const Client author = InTheFirst("referrer.police");
  WriteDraft(story_, author, referral, shut_out_accounts.size());
  Submit(story_, author);
  ShutOut(story_, coordinator(), shut_out_accounts);
  Read(rules::RECEIVED);
}

void HiddenCase::Accept() {
  testing::Accept(story_, coordinator());
  Read(rules::ACCEPTED);
}

void HiddenCase::CallEmergency() {
  v1::CallEmergencyMeetingRequest request;
  request.set_case_name(CaseName());
  *request.mutable_start_time() = domain::ToTimestamp(world_.server().Now() + absl::Hours(4));
  request.set_venue("Room 2");
  // Of each there is somebody from whom the case is hidden.
  for (const char* agency : {"police", "housing", "health"})
    request.add_invited_agencies(std::string("agencies/") + agency);
  request.set_reason("He was released this morning");
  emergency_ = Must(InTheFirst("chair.police").Call(&Meetings::CallEmergencyMeeting, request), "emergency");
  Read(rules::LISTED);
}

void HiddenCase::CancelEmergency() {
  v1::CancelMeetingRequest request;
  request.set_name(emergency_.name());
  request.set_etag(emergency_.etag());
  request.set_reason("He is back in custody");
  Must(InTheFirst("chair.police").Call(&Meetings::CancelMeeting, request), "cancel");
  Read(rules::LISTED);
}

void HiddenCase::FindOnTheAgendaOf(const v1::Meeting& meeting) {
  story_.meeting = meeting;
  Read(rules::ACCEPTED);
}

void HiddenCase::List() { Read(rules::LISTED); }

void HiddenCase::Research() {
  const Client health = InTheFirst("representative.health");
  ReturnWorksheet(
      Must(SaveWorksheet(Worksheet(story_, "health", health, world_.server().Now()), health), "worksheet"),
      health);
}

void HiddenCase::Open() {
  Discuss(story_, InTheFirst("chair.police"));
  const absl::Time due = world_.server().Now() + absl::Hours(24);
  story_.proposed = ProposeAction(story_, coordinator(), "agencies/police", due);
  story_.open = AcceptAction(ProposeAction(story_, coordinator(), "agencies/police", due),
                             InTheFirst("representative.police"));
  Read(rules::OPEN);
}

void HiddenCase::Hear() {
  CloseItem(story_, InTheFirst("chair.police"));
  Read(rules::HEARD);
}

void HiddenCase::Close() {
  UpdateVictim(story_, InTheFirst("idva.idva"));
  story_.proposed = Refuse(story_.proposed, InTheFirst("representative.police"));
  story_.open = ReportComplete(story_.open, coordinator());
  CloseCase(story_, coordinator());
  Read(rules::CLOSED);
}

void HiddenCase::Read(rules::Stage stage) {
  story_.stage = stage;
  const Client reader = coordinator();
  v1::GetReferralRequest get;
  get.set_name(story_.referral.name());
  story_.referral = Must(reader.Call(&Referrals::GetReferral, get), "referral");
  ReadAssessments(story_, reader);
  if (!story_.referral.case_name().empty()) ReadCase(story_, reader);
  if (!story_.meeting.name().empty()) {
    v1::GetAgendaRequest of;
    of.set_name(story_.meeting.name());
    const auto agenda = Must(reader.Call(&Meetings::GetAgenda, of), "agenda");
    const auto item = std::ranges::find(
        agenda.items(), story_.record.name(),
        [](const v1::AgendaItem& listed) -> const std::string& { return listed.case_name(); });
    if (item == agenda.items().end()) DieOf(absl::NotFoundError(story_.record.name()), "item");
    story_.item = *item;
  }
  words_ = {story_.referral.name(),
            story_.draft.name(),
            story_.completed.name(),
            story_.signed_one.name(),
            story_.record.name(),
            story_.record.case_number(),
            story_.item.name(),
            story_.proposed.name(),
            story_.open.name(),
            story_.safe_contact,
            story_.refuge,
            story_.meeting.name(),
            emergency_.name(),
            story_.referral.etag(),
            story_.record.etag(),
            story_.item.etag(),
            "Wilhelmina",
            kFamily,
            kPostcode};
  words_.insert(words_.end(), story_.excluded.begin(), story_.excluded.end());
  std::erase(words_, "");
}

std::string HiddenCase::InPlaceOf(const std::string& collection) const {
  return fmt::format("areas/test/{}/{}", collection,
                     story_.referral.name().substr(story_.referral.name().rfind('/') + 1));
}

std::string HiddenCase::CaseName() const {
  return story_.record.name().empty() ? InPlaceOf("cases") : story_.record.name();
}

Story HiddenCase::Complete() const {
  Story story = story_;
  story.record.set_name(CaseName());
  if (story.item.name().empty()) story.item.set_name(InPlaceOf("meetings/x/agendaItems"));
  for (v1::Action* action : {&story.proposed, &story.open}) {
    if (action->name().empty()) action->set_name(InPlaceOf("actions"));
  }
  return story;
}

bool HiddenCase::IsIn(const std::string& bytes) const {
  return std::ranges::any_of(words_,
                             [&](const std::string& word) { return bytes.find(word) != std::string::npos; });
}

Client HiddenCase::InTheFirst(const std::string& login) {
  const Client& both = world_.server().As(login);
  AlikeRandom::Get().Begin();
  return both.At(both.channel());
}

}  // namespace marac::testing
