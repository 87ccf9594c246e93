#include "domain/area_instrument.h"

#include <algorithm>
#include <functional>

#include "tests/support/area_packs.h"
#include "tests/support/assessments.h"
#include "tests/support/packs.h"
#include "tests/support/pilot_plans.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using absl::StatusCode;
using ::marac::testing::CountyPack;
using ::marac::testing::IsOk;
using ::marac::testing::kPackOwner;
using ::marac::testing::PackOwnerKeyLine;
using ::marac::testing::PackText;
using ::marac::testing::Refuses;
using ::marac::testing::ShippedCatalogue;
using ::marac::testing::Signed;
using ::marac::testing::SignedFile;
using ::marac::testing::SignOff;

const LocalDate kToday = LocalDate::Create(2026, 1, 5, "today").value();
const Act kAct = {.account = "accounts/a1", .now = DeadlineAt(kToday, ClockTime::Noon())};

std::vector<OwnerKey> Keys() { return {ParseOwnerKey(PackOwnerKeyLine()).value()}; }

absl::StatusOr<v1::AreaInstrument> Install(const v1::InstallInstrumentRequest& request) {
  return InstallInstrument(request, ShippedCatalogue(), Keys(), kAct);
}
v1::AreaInstrument Installed(const v1::InstrumentPack& pack) { return Install(Signed(pack)).value(); }

v1::InstrumentPack SignedOff() {
  v1::InstrumentPack pack = CountyPack("1.0");
  SignOff(pack);
  return pack;
}

absl::StatusOr<v1::AreaInstrument> Activate(const v1::InstrumentPack& pack, const Approval& approval = {}) {
  return ActivateInstrument(Installed(pack), approval, kAct);
}

v1::Pilot PilotOf(const std::string& instrument) {
  v1::Pilot pilot;
  pilot.set_name("areas/test/pilots/p1");
  *pilot.mutable_plan() = marac::testing::PlanOfTwoRaters(kToday);
  pilot.mutable_plan()->set_variant_instrument(instrument);
  return pilot;
}

// The text with `from` replaced by `to`, and the line that it stands on.
struct Broken {
  std::string text;
  std::string line;
};
Broken Break(const std::string& from, const std::string& to, size_t after = 0) {
  Broken broken{PackText(CountyPack("1.0")), ""};
  const size_t at = broken.text.find(from, after);
  EXPECT_NE(at, std::string::npos) << from;
  broken.line = std::to_string(
      1 + std::count(broken.text.begin(), broken.text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  broken.text.replace(at, from.size(), to);
  return broken;
}

TEST(InstallInstrumentTest, KeepsWhatTheOwnerSigned) {
  const v1::InstallInstrumentRequest request = Signed(CountyPack("1.0"));
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument kept, Install(request));
  EXPECT_EQ(kept.about().instrument(), "county24@1.0");
  EXPECT_EQ(kept.about().owner(), kPackOwner);
  EXPECT_EQ(kept.about().hash(), request.hash());
  EXPECT_EQ(kept.about().items(), 24);
  EXPECT_EQ(kept.state(), v1::INSTRUMENT_STATE_INSTALLED);
  EXPECT_EQ(kept.pack_file(), request.pack_file());
  EXPECT_EQ(kept.signature(), request.signature());
  EXPECT_EQ(kept.installed_by(), "accounts/a1");
  EXPECT_FALSE(kept.has_activate_time());
}

// Issue: a pack with a gap is refused with a message naming file, line and item.
TEST(InstallInstrumentTest, NamesFileLineAndItemOfEachGap) {
  const Broken twice = Break("code: \"FEAR\"", "code: \"INJ_NOW\"");
  EXPECT_THAT(Install(SignedFile(twice.text)),
              Refuses(StatusCode::kInvalidArgument,
                      "pack.textproto:" + twice.line + ": items[1].code: something else in this pack"));
  const Broken no_language = Break("language: \"en-GB\"", "language: \"\"");
  EXPECT_THAT(Install(SignedFile(no_language.text)),
              Refuses(StatusCode::kInvalidArgument, "pack.textproto:" + no_language.line + ": language: "));
  const Broken other_form = Break("derived_from: \"plain24@1.0\"", "derived_from: \"plain24@7\"");
  EXPECT_THAT(
      Install(SignedFile(other_form.text)),
      Refuses(StatusCode::kInvalidArgument, "pack.textproto:" + other_form.line + ": derived_from: "));
  EXPECT_THAT(Install(SignedFile("id \"county24\"")),
              Refuses(StatusCode::kInvalidArgument, "pack.textproto: line 1"));
}

TEST(InstallInstrumentTest, NamesTheLineOfACyclicRule) {
  v1::InstrumentPack pack;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      marac::testing::ReadSchemaFile("instruments/ordinal-sample.textproto").text, &pack));
  pack.set_id("county-ordinal");
  pack.set_owner(kPackOwner);
  pack.mutable_rules(0)->mutable_when()->set_rule(pack.rules(0).id());
  const std::string text = PackText(pack);
  const size_t at = text.find("when {");
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  EXPECT_THAT(Install(SignedFile(text)),
              Refuses(StatusCode::kInvalidArgument,
                      "pack.textproto:" + std::to_string(line) + ": rules[0].when: this rule depends"));
}

TEST(InstallInstrumentTest, RefusesAnotherHash) {
  v1::InstallInstrumentRequest request = Signed(CountyPack("1.0"));
  request.set_hash(std::string(64, '0'));
  EXPECT_THAT(Install(request), Refuses(StatusCode::kInvalidArgument, "hash: these are not the bytes"));
  request.clear_hash();
  EXPECT_THAT(Install(request), Refuses(StatusCode::kInvalidArgument, "hash: "));
}

TEST(InstallInstrumentTest, RefusesASignatureOfOtherBytesOrByNobody) {
  v1::InstallInstrumentRequest request = Signed(CountyPack("1.0"));
  request.set_signature(Signed(CountyPack("1.1")).signature());
  EXPECT_THAT(Install(request), Refuses(StatusCode::kInvalidArgument, "signature: no key"));
  request.clear_signature();
  EXPECT_THAT(Install(request), Refuses(StatusCode::kInvalidArgument, "signature: no key"));
  EXPECT_THAT(InstallInstrument(Signed(CountyPack("1.0")), ShippedCatalogue(), {}, kAct),
              Refuses(StatusCode::kInvalidArgument, "signature: no key"));
}

TEST(InstallInstrumentTest, RefusesTheKeyOfAnotherOwner) {
  v1::InstrumentPack pack = CountyPack("1.0");
  pack.set_owner("Somebody else");
  EXPECT_THAT(Install(Signed(pack)), Refuses(StatusCode::kInvalidArgument, "by the key of another owner"));
}

TEST(InstallInstrumentTest, RefusesWhatIsHereAlready) {
  v1::InstrumentPack pack = CountyPack("1.0");
  pack.set_id("plain24");
  pack.clear_derived_from();
  EXPECT_THAT(Install(Signed(pack)), Refuses(StatusCode::kAlreadyExists, "plain24@1.0 is installed"));
}

TEST(InstallInstrumentTest, RefusesAFileThatIsTooLarge) {
  const std::string text = PackText(CountyPack("1.0"));
  const auto padded = [&](size_t size) { return text + std::string(size - text.size(), '\n'); };
  EXPECT_THAT(Install(SignedFile(padded(kPackFileBytesMax))), IsOk());
  EXPECT_THAT(Install(SignedFile(padded(kPackFileBytesMax + 1))),
              Refuses(StatusCode::kInvalidArgument, "pack_file: "));
}

TEST(OwnerKeyTest, SaysWhatIsWrongWithALine) {
  EXPECT_EQ(ParseOwnerKey(PackOwnerKeyLine())->owner, kPackOwner);
  EXPECT_THAT(ParseOwnerKey("c2hvcnQ= Somebody"), Refuses(StatusCode::kInvalidArgument, "32 bytes"));
  EXPECT_THAT(ParseOwnerKey(std::string(43, 'A') + "="), Refuses(StatusCode::kInvalidArgument, "the owner"));
  EXPECT_THAT(ParseOwnerKey(std::string(43, 'A') + "=  "),
              Refuses(StatusCode::kInvalidArgument, "the owner"));
}

// decisions 27.
TEST(ActivateInstrumentTest, NeedsTheSignOffOfItsCoProduction) {
  EXPECT_THAT(Activate(CountyPack("1.0")), Refuses(StatusCode::kFailedPrecondition, "nobody has signed"));
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument active, Activate(SignedOff()));
  EXPECT_EQ(active.state(), v1::INSTRUMENT_STATE_ACTIVE);
  EXPECT_EQ(active.activated_by(), "accounts/a1");
  EXPECT_TRUE(active.has_activate_time());
}

TEST(ActivateInstrumentTest, APilotOfItStandsInForTheSignOffWhileItRuns) {
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument active,
                       Activate(CountyPack("1.0"), {.pilot = PilotOf("county24@1.0")}));
  EXPECT_EQ(active.pilot(), "areas/test/pilots/p1");
  const LocalDate last = LocalDate::FromDay(active.pilot_last_day(), "day").value();
  EXPECT_EQ(OfferOn(active, last), Offer::kOffered);
  EXPECT_EQ(OfferOn(active, last.AddDays(1)), Offer::kPilotEnded);

  EXPECT_THAT(Activate(CountyPack("1.0"), {.pilot = PilotOf("plain24@1.0")}),
              Refuses(StatusCode::kInvalidArgument, "pilot: this pilot is of another pack"));
  v1::Pilot later = PilotOf("county24@1.0");
  *later.mutable_plan()->mutable_first_day() = kToday.AddDays(1).ToDay();
  EXPECT_THAT(Activate(CountyPack("1.0"), {.pilot = later}),
              Refuses(StatusCode::kInvalidArgument, "pilot: today is none"));
  v1::Pilot over = PilotOf("county24@1.0");
  *over.mutable_plan()->mutable_last_day() = kToday.AddDays(-1).ToDay();
  EXPECT_THAT(Activate(CountyPack("1.0"), {.pilot = over}),
              Refuses(StatusCode::kInvalidArgument, "pilot: today is none"));
  *over.mutable_plan()->mutable_last_day() = kToday.ToDay();
  EXPECT_THAT(Activate(CountyPack("1.0"), {.pilot = over}), IsOk());
}

TEST(ActivateInstrumentTest, WhatIsDerivedNeedsItsOwnersPermission) {
  v1::InstrumentPack pack = SignedOff();
  pack.clear_permission_reference();
  EXPECT_THAT(Activate(pack), Refuses(StatusCode::kFailedPrecondition, "names no permission"));
  pack.clear_derived_from();
  EXPECT_THAT(Activate(pack), IsOk());
}

TEST(ActivateInstrumentTest, NotAfterThePermissionHasEnded) {
  v1::InstrumentPack pack = SignedOff();
  *pack.mutable_permission_expires() = kToday.ToDay();
  EXPECT_THAT(Activate(pack), IsOk());
  *pack.mutable_permission_expires() = kToday.AddDays(-1).ToDay();
  EXPECT_THAT(Activate(pack), Refuses(StatusCode::kFailedPrecondition, "permission for this pack has ended"));
  EXPECT_THAT(Activate(pack, {.demonstration = true}), Refuses(StatusCode::kFailedPrecondition, "has ended"));
}

TEST(ActivateInstrumentTest, ADemonstrationAsksForNeither) {
  v1::InstrumentPack pack = CountyPack("1.0");
  pack.clear_permission_reference();
  EXPECT_THAT(Activate(pack, {.demonstration = true}), IsOk());
}

TEST(ActivateInstrumentTest, NotWhatWasWithdrawnNorTwiceNorAfterItWasRetired) {
  v1::InstrumentPack pack = SignedOff();
  pack.set_equivalence_status(v1::EQUIVALENCE_STATUS_WITHDRAWN);
  EXPECT_THAT(Activate(pack), Refuses(StatusCode::kFailedPrecondition, "withdrawn"));
  const v1::AreaInstrument active = Activate(SignedOff()).value();
  EXPECT_THAT(ActivateInstrument(active, {}, kAct),
              Refuses(StatusCode::kFailedPrecondition, "in use already"));
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument retired, RetireInstrument(active, "Replaced", {}, kAct));
  EXPECT_THAT(ActivateInstrument(retired, {}, kAct), Refuses(StatusCode::kFailedPrecondition, "for good"));
}

TEST(RetireInstrumentTest, SaysWhyAndOnlyOnce) {
  const v1::AreaInstrument active = Activate(SignedOff()).value();
  EXPECT_THAT(RetireInstrument(active, " \u200b", {}, kAct),
              Refuses(StatusCode::kInvalidArgument, "reason: "));
  EXPECT_THAT(RetireInstrument(active, std::string(1001, 'x'), {}, kAct),
              Refuses(StatusCode::kInvalidArgument, "reason: "));
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument retired,
                       RetireInstrument(active, std::string(1000, 'x'), {}, kAct));
  EXPECT_EQ(OfferOn(retired, kToday), Offer::kRetired);
  EXPECT_THAT(RetireInstrument(retired, "Again", {}, kAct),
              Refuses(StatusCode::kFailedPrecondition, "already"));
}

TEST(RetireInstrumentTest, NotTheAreasOwn) {
  v1::AreaSettings settings;
  settings.set_instrument("county24@1.0");
  EXPECT_THAT(RetireInstrument(Activate(SignedOff()).value(), "Replaced", settings, kAct),
              Refuses(StatusCode::kFailedPrecondition, "choose another in the area's settings"));
}

TEST(PermissionTest, IsWarnedOfBeforeItsLastDayAndOverAfterIt) {
  v1::InstrumentPack pack = SignedOff();
  *pack.mutable_permission_expires() = kToday.AddDays(60).ToDay();
  const v1::AreaInstrument active = Activate(pack).value();
  EXPECT_EQ(StandingOn(active, kToday.AddDays(-1), 60), v1::PERMISSION_STANDING_IN_FORCE);
  EXPECT_EQ(StandingOn(active, kToday, 60), v1::PERMISSION_STANDING_ENDS_SOON);
  EXPECT_EQ(StandingOn(active, kToday.AddDays(60), 60), v1::PERMISSION_STANDING_ENDS_SOON);
  EXPECT_EQ(StandingOn(active, kToday.AddDays(61), 60), v1::PERMISSION_STANDING_ENDED);
  EXPECT_EQ(OfferOn(active, kToday.AddDays(60)), Offer::kOffered);
  EXPECT_EQ(OfferOn(active, kToday.AddDays(61)), Offer::kPermissionEnded);
  EXPECT_EQ(StandingOn(Installed(SignedOff()), kToday, 60), v1::PERMISSION_STANDING_IN_FORCE);
  EXPECT_EQ(OfferOn(Installed(SignedOff()), kToday), Offer::kNotActive);
}

// What an area has installed stands beside what is built in, and is offered as far as it may be.
std::shared_ptr<const InstalledPack> As(Offer offer, bool was_active = true) {
  return std::make_shared<const InstalledPack>(InstalledPack{
      .pack = CountyPack("1.0"), .hash = "h", .built_in = false, .offer = offer, .was_active = was_active});
}

Catalogue WithCounty(Offer offer, bool was_active = true) {
  v1::Policy policy = marac::testing::ShippedForm().policy->policy;
  v1::Policy both = policy;
  both.clear_instruments();
  for (const char* graded : {"plain24@1.0", "county24@1.0"}) both.add_instruments(graded);
  const std::shared_ptr<const InstalledPack> packs[] = {As(offer, was_active)};
  DataFile file{"default.textproto", ""};
  EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(both, &file.text));
  const DataFile shipped[] = {marac::testing::Plain24File(),
                              {"county.textproto", PackText(CountyPack("1.0"))}};
  const DataFile policies[] = {file};
  return Catalogue::Load(shipped, policies, {}).value().With(packs, {});
}

TEST(AreaCatalogueTest, OnlyAPackInUseBeginsAnAssessment) {
  EXPECT_THAT(WithCounty(Offer::kOffered).FormFor("county24@1.0", "default@2026.1"), IsOk());
  struct Why {
    Offer offer;
    const char* text;
  };
  for (const Why& why : {Why{Offer::kNotActive, "not in use"}, Why{Offer::kPermissionEnded, "permission"},
                         Why{Offer::kPilotEnded, "pilot"}, Why{Offer::kRetired, "retired"}}) {
    EXPECT_THAT(WithCounty(why.offer).FormFor("county24@1.0", "default@2026.1"),
                Refuses(StatusCode::kInvalidArgument, why.text));
  }
}

// decisions.md 27.
TEST(AreaCatalogueTest, WhatNobodyTestedWaitsWhereItIsForRealPeople) {
  const Catalogue& built_in = marac::testing::BuiltInCatalogue();
  const Catalogue real = built_in.ForRealPeople();
  EXPECT_EQ(real.FindPack("plain24@1.0")->offer, Offer::kOffered);
  EXPECT_EQ(real.FindPack("plain24-er@0.1")->offer, Offer::kNotApproved);
  const auto easy = [](const Catalogue& catalogue) {
    return catalogue.FormFor("plain24@1.0", "default@2026.1", v1::PRESENTATION_EASY_READ, kToday);
  };
  EXPECT_THAT(easy(real), Refuses(StatusCode::kInvalidArgument, "nobody has tested this pack yet"));
  EXPECT_EQ(easy(built_in)->pack->pack.id(), "plain24-er");
}

// D-05: what began on it goes on, whatever became of the pack.
TEST(AreaCatalogueTest, D05AnAssessmentStaysOnARetiredPack) {
  const Catalogue catalogue = WithCounty(Offer::kRetired);
  v1::Assessment assessment;
  assessment.set_instrument("county24@1.0");
  assessment.set_instrument_hash("h");
  assessment.set_policy("default@2026.1");
  assessment.set_policy_hash(catalogue.FindPolicy("default@2026.1")->hash);
  EXPECT_THAT(catalogue.FormOf(assessment), IsOk());
  assessment.set_instrument_hash("other");
  EXPECT_THAT(catalogue.FormOf(assessment),
              Refuses(StatusCode::kFailedPrecondition, "is not installed as it was"));
}

// ACC-04: words that nobody approved are shown in place of no others.
TEST(AreaCatalogueTest, WordsThatNeverWereInUseAreNoRelatives) {
  EXPECT_TRUE(
      WithCounty(Offer::kNotActive, false).FormFor("plain24@1.0", "default@2026.1")->relatives.empty());
  EXPECT_EQ(WithCounty(Offer::kOffered).FormFor("plain24@1.0", "default@2026.1")->relatives.size(), 1U);
  EXPECT_EQ(WithCounty(Offer::kRetired).FormFor("plain24@1.0", "default@2026.1")->relatives.size(), 1U);
}

}  // namespace
}  // namespace marac::domain
