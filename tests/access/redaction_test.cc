// What leaves of a record, by role: written by hand from marac.md 6 and the classes of options.proto.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/access/world.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

using Paths = std::set<std::string>;

// Which fields are there. People and masks are looked into, everything else is there or is not.
void Collect(const Message& message, const std::string& prefix, Paths& paths) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = prefix + field->name();
    // A message with nothing in it tells nothing.
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
        message.GetReflection()->GetMessage(message, field).ByteSizeLong() == 0) {
      continue;
    }
    const bool looked_into =
        field->message_type() == v1::Party::descriptor() || field->message_type() == v1::Triage::descriptor();
    if (!looked_into) {
      paths.insert(path);
    } else if (field->is_repeated()) {
      Collect(message.GetReflection()->GetRepeatedMessage(message, field, 0), path + ".", paths);
    } else {
      Collect(message.GetReflection()->GetMessage(message, field), path + ".", paths);
    }
  }
}

Paths PathsOf(const Message& message) {
  Paths paths;
  Collect(message, "", paths);
  return paths;
}

Paths operator+(Paths a, const Paths& b) {
  a.insert(b.begin(), b.end());
  return a;
}

// Empty when they are the same; otherwise what leaves too much and what is missing.
std::string Differs(const Message& message, const Paths& expected) {
  const Paths actual = PathsOf(message);
  std::string difference;
  for (const std::string& path : actual) {
    if (!expected.contains(path)) difference += " +" + path;
  }
  for (const std::string& path : expected) {
    if (!actual.contains(path)) difference += " -" + path;
  }
  return difference;
}

// --- A heard case's referral: what there is, by what it tells ----------------------------------------------

const Paths& ReferralFacts() {
  static const Paths& paths =
      *new Paths{"name", "etag", "state", "assessments", "protected_details", "submit_time", "receive_time",
                 "create_time", "case_name", "triage.time", "victim.party_id", "perpetrators.party_id",
                 "children.party_id", "others_at_risk.party_id",
                 // Staff.
                 "referrer", "author", "agency", "triage.account"};
  return paths;
}

const Paths& ReferralContent() {
  static const Paths& paths = *new Paths{"has_children",
                                         "criteria",
                                         "reason",
                                         "victim_voice",
                                         "staff_safety",
                                         "victim.name",
                                         "victim.has_aliases",
                                         "victim.birth_date",
                                         "victim.address",
                                         "victim.usual_home_differs",
                                         "victim.gender",
                                         "victim.ethnicity",
                                         "victim.disability",
                                         "victim.lgbt",
                                         "perpetrators.name",
                                         "perpetrators.has_aliases",
                                         "perpetrators.birth_date",
                                         "perpetrators.address",
                                         "perpetrators.usual_home_differs",
                                         "perpetrators.gender",
                                         "perpetrators.ethnicity",
                                         "perpetrators.disability",
                                         "perpetrators.lgbt",
                                         "perpetrators.relationship_to_victim",
                                         "children.name",
                                         "children.has_aliases",
                                         "children.birth_date",
                                         "children.address",
                                         "children.usual_home_differs",
                                         "children.gender",
                                         "children.ethnicity",
                                         "children.disability",
                                         "children.lgbt",
                                         "children.relationship_to_victim",
                                         "children.relationship_to_perpetrator",
                                         "children.school",
                                         "children.lives_with",
                                         "others_at_risk.name",
                                         "others_at_risk.has_aliases",
                                         "others_at_risk.birth_date",
                                         "others_at_risk.address",
                                         "others_at_risk.usual_home_differs",
                                         "others_at_risk.gender",
                                         "others_at_risk.ethnicity",
                                         "others_at_risk.disability",
                                         "others_at_risk.lgbt"};
  return paths;
}

// What triage weighs: not for the IDVA's and the agencies' eyes, but the author's own words.
const Paths& ReferralTriage() {
  static const Paths& paths =
      *new Paths{"shared_without_consent", "excluded_people_count", "has_excluded_people"};
  return paths;
}

class RedactionTest : public ::testing::Test {
 protected:
  static World& TheWorld() {
    static World& world = *new World(/*meetings=*/4);
    return world;
  }
  static const Story& Heard() { return TheWorld().At(rules::HEARD, v1::ROLE_REFERRER); }
  static const Client& Client_(const std::string& label) { return TheWorld().Find(label).client; }

  static v1::Referral GetReferral(const std::string& label) {
    v1::GetReferralRequest request;
    request.set_name(Heard().referral.name());
    return Must(Client_(label).Call(&v1::ReferralService::Stub::GetReferral, request), label);
  }
  static v1::Case GetCase(const std::string& label) {
    v1::GetCaseRequest request;
    request.set_name(Heard().record.name());
    return Must(Client_(label).Call(&v1::CaseService::Stub::GetCase, request), label);
  }
  static v1::AgendaItem GetItem(const std::string& label) {
    v1::GetAgendaRequest request;
    request.set_name(Heard().meeting.name());
    return Must(Client_(label).Call(&v1::MeetingService::Stub::GetAgenda, request), label).items(0);
  }
  static v1::Action GetAction(const std::string& label) {
    v1::GetActionRequest request;
    request.set_name(Heard().open.name());
    return Must(Client_(label).Call(&v1::ActionService::Stub::GetAction, request), label);
  }
};

TEST_F(RedactionTest, TriageAndTheAuthorSeeAWholeReferral) {
  for (const char* label : {"coordinator.uninvolved", "chair.uninvolved", "referrer.author"}) {
    EXPECT_EQ(Differs(GetReferral(label), ReferralFacts() + ReferralContent() + ReferralTriage()), "")
        << label;
  }
}

TEST_F(RedactionTest, TheIdvaAndTheAgenciesSeeAReferralWithoutWhatTriageWeighs) {
  for (const char* label : {"idva.uninvolved", "representative.own", "representative.involved",
                            "supervisor.own", "agency-system.own", "agency-system.involved"}) {
    EXPECT_EQ(Differs(GetReferral(label), ReferralFacts() + ReferralContent()), "") << label;
  }
}

TEST_F(RedactionTest, ACaseShowsWhyItWasAdmittedToTriageOnly) {
  const Paths everyone = {"name",
                          "etag",
                          "case_number",
                          "stage",
                          "kind",
                          "referrals",
                          "assessments",
                          "protected_details",
                          "last_referral_day",
                          "last_heard_day",
                          "flag_last_day",
                          "receive_time",
                          "create_time",
                          "meeting",
                          "referring_agencies",
                          "reason_line",
                          "score",
                          "has_score",
                          "victim_contact",
                          "victim.party_id",
                          "victim.name",
                          "victim.has_aliases",
                          "victim.birth_date",
                          "victim.address",
                          "victim.usual_home_differs",
                          "victim.gender",
                          "victim.ethnicity",
                          "victim.disability",
                          "victim.lgbt",
                          "perpetrators.party_id",
                          "perpetrators.name",
                          "perpetrators.has_aliases",
                          "perpetrators.birth_date",
                          "perpetrators.address",
                          "perpetrators.usual_home_differs",
                          "perpetrators.gender",
                          "perpetrators.ethnicity",
                          "perpetrators.disability",
                          "perpetrators.lgbt",
                          "perpetrators.relationship_to_victim",
                          "children.party_id",
                          "children.name",
                          "children.has_aliases",
                          "children.birth_date",
                          "children.address",
                          "children.usual_home_differs",
                          "children.gender",
                          "children.ethnicity",
                          "children.disability",
                          "children.lgbt",
                          "children.relationship_to_victim",
                          "children.relationship_to_perpetrator",
                          "children.school",
                          "children.lives_with"};
  for (const char* label : {"coordinator.uninvolved", "chair.uninvolved"}) {
    EXPECT_EQ(Differs(GetCase(label), everyone + Paths{"admit_reason"}), "") << label;
  }
  for (const char* label : {"idva.uninvolved", "representative.own", "representative.involved",
                            "minute-taker.uninvolved", "agency-system.involved", "referrer.author"}) {
    EXPECT_EQ(Differs(GetCase(label), everyone), "") << label;
  }
}

// Whoever searches their files needs to know who it is about, and no equality or health facts.
TEST_F(RedactionTest, AnAgendaItemIdentifiesAndSaysNothingOfTriage) {
  const Paths everyone = {"order_key",
                          "name",
                          "etag",
                          "state",
                          "case_name",
                          "case_number",
                          "kind",
                          "open_time",
                          "close_time",
                          "referring_agency",
                          "reason_line",
                          "discussion",
                          "victim.party_id",
                          "victim.name",
                          "victim.birth_date",
                          "victim.address",
                          "perpetrators.party_id",
                          "perpetrators.name",
                          "perpetrators.birth_date",
                          "perpetrators.address",
                          "perpetrators.relationship_to_victim",
                          "children.party_id",
                          "children.name",
                          "children.birth_date",
                          "children.address",
                          "children.school",
                          "children.relationship_to_victim",
                          "children.relationship_to_perpetrator"};
  for (const char* label : {"coordinator.uninvolved", "chair.uninvolved"}) {
    EXPECT_EQ(Differs(GetItem(label), everyone + Paths{"state_reason"}), "") << label;
  }
  for (const char* label : {"idva.uninvolved", "representative.own", "representative.involved",
                            "minute-taker.uninvolved", "agency-system.involved"}) {
    EXPECT_EQ(Differs(GetItem(label), everyone), "") << label;
  }
}

TEST_F(RedactionTest, AnActionSaysWhatIsToBeDoneAndNotWhoseLifeItIsAbout) {
  const Paths everyone = {"name", "etag", "state",  "case_name",   "case_number", "agenda_item",
                          "text", "kind", "agency", "accepted_by", "due_time",    "create_time"};
  for (const char* label : {"coordinator.uninvolved", "chair.uninvolved", "idva.uninvolved",
                            "representative.own", "representative.involved", "minute-taker.uninvolved",
                            "supervisor.own", "referrer.author", "agency-system.involved"}) {
    EXPECT_EQ(Differs(GetAction(label), everyone), "") << label;
  }
}

// marac.md 6: masked for everybody who sees the record; the content by RevealDetail alone.
TEST_F(RedactionTest, ProtectedDetailsAreMasksUntilTheyAreRevealed) {
  for (const char* label : {"coordinator.uninvolved", "chair.uninvolved", "idva.uninvolved",
                            "representative.involved", "referrer.author"}) {
    const v1::Case record = GetCase(label);
    ASSERT_EQ(record.protected_details_size(), 2) << label;
    for (const v1::ProtectedDetailMask& mask : record.protected_details()) {
      EXPECT_FALSE(mask.detail().empty()) << label;
      EXPECT_EQ(mask.party_id(), "p1") << label;
      EXPECT_FALSE(mask.do_not_contact()) << label;
    }
    EXPECT_EQ(record.SerializeAsString().find("CANARY"), std::string::npos) << label;
  }
  v1::RevealDetailRequest reveal;
  reveal.set_name(Heard().safe_contact);
  reveal.set_reason("To arrange transport");
  const auto shown = Client_("idva.uninvolved").Call(&v1::CaseService::Stub::RevealDetail, reveal);
  ASSERT_OK(shown);
  EXPECT_EQ(Differs(*shown, {"name", "parent", "party_id", "kind", "safe_contact"}), "");
  EXPECT_EQ(shown->safe_contact().safe_times().value(), kSafeContactCanary);
}

// security.md 2.6: no reason is asked of the IDVA and the coordinator for safe contact, and of everybody for
// everything else.
TEST_F(RedactionTest, ARevealWithoutAReasonIsForSafeContactByIdvaAndCoordinator) {
  const auto reveal = [](const std::string& label, const std::string& name) {
    v1::RevealDetailRequest request;
    request.set_name(name);
    return Client_(label).Call(&v1::CaseService::Stub::RevealDetail, request).status();
  };
  EXPECT_OK(reveal("idva.uninvolved", Heard().safe_contact));
  EXPECT_OK(reveal("coordinator.uninvolved", Heard().safe_contact));
  EXPECT_THAT(reveal("chair.uninvolved", Heard().safe_contact),
              Refuses(StatusCode::kInvalidArgument, "reason"));
  for (const char* label : {"idva.uninvolved", "coordinator.uninvolved", "chair.uninvolved"}) {
    EXPECT_THAT(reveal(label, Heard().refuge), Refuses(StatusCode::kInvalidArgument, "reason")) << label;
  }
}

}  // namespace
}  // namespace marac::testing
