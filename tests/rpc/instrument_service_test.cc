// Packs of an area through a real server: installed, found by everything that reads packs, and taken out of
// use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/area_packs.h"
#include "tests/support/assessments.h"
#include "tests/support/server_fixture.h"
#include "tests/support/status_matchers.h"

namespace marac::testing {
namespace {

using absl::StatusCode;
using Instruments = v1::InstrumentService::Stub;
using Assessments = v1::AssessmentService::Stub;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string NameOf(const Client& client) {
  return client.Call(&v1::SessionService::Stub::GetCaller, v1::GetCallerRequest())->account().name();
}

class InstrumentServiceTest : public ::testing::Test {
 protected:
  static ServerFixture& Server() { return ServerFixture::Shared(); }
  static const Client& Admin() { return Server().As("admin.council"); }

  static absl::StatusOr<v1::AreaInstrument> Install(const std::string& version) {
    return Admin().Call(&Instruments::InstallInstrument, Signed(CountyPack(version)));
  }
  // A pack of a version that no other test has.
  static v1::AreaInstrument Installed() {
    static int next = 0;
    return Install("9." + std::to_string(++next)).value();
  }
  static absl::StatusOr<v1::AreaInstrument> Activate(const v1::AreaInstrument& instrument,
                                                     const std::string& pilot = "") {
    v1::ActivateInstrumentRequest request;
    request.set_name(instrument.name());
    request.set_etag(instrument.etag());
    request.set_pilot(pilot);
    return Admin().Call(&Instruments::ActivateInstrument, request);
  }
  static absl::StatusOr<v1::AreaInstrument> Retire(const v1::AreaInstrument& instrument) {
    v1::RetireInstrumentRequest request;
    request.set_name(instrument.name());
    request.set_etag(instrument.etag());
    request.set_reason("Replaced");
    return Admin().Call(&Instruments::RetireInstrument, request);
  }
  static v1::ListInstrumentsResponse List(const std::string& login) {
    v1::ListInstrumentsRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_page_size(100);
    return Server().As(login).Call(&Instruments::ListInstruments, request).value();
  }
  static const v1::AreaInstrument* Find(const v1::ListInstrumentsResponse& list,
                                        const v1::AreaInstrument& wanted) {
    for (const v1::AreaInstrument& instrument : list.instruments()) {
      if (instrument.name() == wanted.name()) return &instrument;
    }
    return nullptr;
  }
  static absl::StatusOr<v1::InstrumentPack> Wording(const Client& by, const std::string& instrument) {
    v1::GetInstrumentRequest request;
    request.set_area(ServerFixture::kArea);
    request.set_instrument(instrument);
    return by.Call(&Assessments::GetInstrument, request);
  }
};

TEST_F(InstrumentServiceTest, AnInstalledPackStandsBesideThoseBuiltIn) {
  const v1::AreaInstrument installed = Installed();
  EXPECT_EQ(installed.state(), v1::INSTRUMENT_STATE_INSTALLED);
  const v1::ListInstrumentsResponse list = List("admin.council");
  const v1::AreaInstrument* listed = Find(list, installed);
  ASSERT_NE(listed, nullptr);
  EXPECT_EQ(listed->about().title(), "The county's questions");
  EXPECT_EQ(listed->permission(), v1::PERMISSION_STANDING_IN_FORCE);
  EXPECT_THAT(listed->pack_file(), IsEmpty());
  EXPECT_THAT(listed->signature(), IsEmpty());
  EXPECT_EQ(listed->installed_by(), NameOf(Admin()));
  ASSERT_THAT(list.built_in(), SizeIs(4));
  EXPECT_EQ(list.built_in(3).instrument(), "plain24@1.0");
}

// The steering group approves pilots of them, and learns no colleague's name.
TEST_F(InstrumentServiceTest, TheSteeringGroupSeesPacksAndNoColleague) {
  const v1::AreaInstrument installed = Installed();
  const v1::ListInstrumentsResponse list = List("steering.council");
  const v1::AreaInstrument* listed = Find(list, installed);
  ASSERT_NE(listed, nullptr);
  EXPECT_EQ(listed->about().instrument(), installed.about().instrument());
  EXPECT_THAT(listed->installed_by(), IsEmpty());
}

TEST_F(InstrumentServiceTest, RefusesTheSameVersionTwiceAndAnswersARepeatedRequest) {
  v1::InstallInstrumentRequest request = Signed(CountyPack("8.1"));
  request.set_request_id(NewUuid());
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument first,
                       Admin().Call(&Instruments::InstallInstrument, request));
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument again,
                       Admin().Call(&Instruments::InstallInstrument, request));
  EXPECT_EQ(first.name(), again.name());
  EXPECT_THAT(Install("8.1"), Refuses(StatusCode::kAlreadyExists, "county24@8.1 is installed"));
}

TEST_F(InstrumentServiceTest, NamesWhatIsWrongWithAFile) {
  EXPECT_THAT(Admin().Call(&Instruments::InstallInstrument, SignedFile("id: \"x\"\nitems {}")),
              Refuses(StatusCode::kInvalidArgument, "pack.textproto:1: version"));
  v1::InstallInstrumentRequest unsigned_file = Signed(CountyPack("8.2"));
  unsigned_file.clear_signature();
  EXPECT_THAT(Admin().Call(&Instruments::InstallInstrument, unsigned_file),
              Refuses(StatusCode::kInvalidArgument, "signature: "));
}

TEST_F(InstrumentServiceTest, TellsWhatDiffersFromTheFormItIsDerivedFrom) {
  const v1::AreaInstrument installed = Installed();
  v1::DiffInstrumentRequest request;
  request.set_parent(ServerFixture::kArea);
  request.set_from_instrument("plain24@1.0");
  request.set_to_instrument(installed.about().instrument());
  ASSERT_OK_AND_ASSIGN(const v1::DiffInstrumentResponse diff,
                       Server().As("coordinator.council").Call(&Instruments::DiffInstrument, request));
  ASSERT_FALSE(diff.changes().empty());
  EXPECT_EQ(diff.changes(0).field(), "title");
  EXPECT_EQ(diff.changes(0).after(), "The county's questions");
  request.set_to_instrument("county24@0.0");
  EXPECT_THAT(Server().As("coordinator.council").Call(&Instruments::DiffInstrument, request),
              Refuses(StatusCode::kInvalidArgument, "to_instrument: "));
}

// The fixture is a demonstration, which asks for no sign-off; what another asks for is held by tests/domain.
TEST_F(InstrumentServiceTest, IsPutToUseOnceAndRetiredForGood) {
  const v1::AreaInstrument installed = Installed();
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument active, Activate(installed));
  EXPECT_EQ(active.state(), v1::INSTRUMENT_STATE_ACTIVE);
  EXPECT_THAT(Activate(installed), Refuses(StatusCode::kAborted, ""));
  ASSERT_OK_AND_ASSIGN(const v1::AreaInstrument retired, Retire(active));
  EXPECT_EQ(retired.state(), v1::INSTRUMENT_STATE_RETIRED);
  EXPECT_THAT(Activate(retired), Refuses(StatusCode::kFailedPrecondition, "for good"));
}

TEST_F(InstrumentServiceTest, APilotOfAnotherAreaApprovesNothing) {
  EXPECT_THAT(Activate(Installed(), "areas/elsewhere/pilots/p1"), Refuses(StatusCode::kNotFound, ""));
}

// Every reader finds it, in its own area and in no other: its owner gave permission to this one.
TEST_F(InstrumentServiceTest, TheWordingIsReadInItsOwnAreaAlone) {
  const std::string name = Installed().about().instrument();
  ASSERT_OK_AND_ASSIGN(const v1::InstrumentPack pack, Wording(Server().As("idva.idva"), name));
  EXPECT_EQ(pack.title(), "The county's questions");
  Server().AddArea("downriver", {"housing"});
  Server().AddAccount("idva.downriver", "housing", {v1::ROLE_IDVA}, "areas/downriver");
  const Client& outsider = Server().As("idva.downriver");
  EXPECT_THAT(Wording(outsider, name), Refuses(StatusCode::kNotFound, ""));
  EXPECT_THAT(Wording(outsider, "plain24@1.0"), IsOk());
  v1::GetInstrumentRequest request;
  request.set_area("areas/downriver");
  request.set_instrument(name);
  EXPECT_THAT(outsider.Call(&Assessments::GetInstrument, request), Refuses(StatusCode::kNotFound, ""));
}

// --- Policies ----------------------------------------------------------------------------------------------

class AreaPolicyTest : public InstrumentServiceTest {
 protected:
  static absl::StatusOr<v1::AreaPolicy> InstallPolicy(const v1::Policy& policy) {
    v1::InstallPolicyRequest request;
    request.set_parent(ServerFixture::kArea);
    request.set_policy_file(PolicyText(policy));
    return Admin().Call(&Instruments::InstallPolicy, request);
  }
};

TEST_F(AreaPolicyTest, IsListedBesideThoseBuiltInWithTheOneInUse) {
  ASSERT_OK(InstallPolicy(CountyPolicy("3.1")));
  EXPECT_THAT(InstallPolicy(CountyPolicy("3.1")), Refuses(StatusCode::kAlreadyExists, "county@3.1"));
  v1::Policy broken = CountyPolicy("3.2");
  broken.set_high_threshold(3);
  EXPECT_THAT(InstallPolicy(broken), Refuses(StatusCode::kInvalidArgument, "policy.textproto:"));
  v1::ListPoliciesRequest request;
  request.set_parent(ServerFixture::kArea);
  ASSERT_OK_AND_ASSIGN(const v1::ListPoliciesResponse list,
                       Server().As("coordinator.council").Call(&Instruments::ListPolicies, request));
  ASSERT_FALSE(list.policies().empty());
  EXPECT_EQ(list.policies(0).about().policy(), "county@3.1");
  EXPECT_FALSE(list.policies(0).about().in_use());
  EXPECT_THAT(list.policies(0).policy_file(), IsEmpty());
  EXPECT_EQ(list.policies(0).installed_by(), NameOf(Admin()));
  ASSERT_THAT(list.built_in(), SizeIs(3));
  EXPECT_EQ(list.built_in(0).policy(), "default@2026.1");
  EXPECT_TRUE(list.built_in(0).in_use());
}

// A form of the area's own, from its installation to an assessment on it that outlives its retirement (D-05).
TEST(AreaFormTest, D05IsInstalledActivatedUsedAndRetiredUnderAnAssessment) {
  ServerFixture server;
  const Client& admin = server.As("admin.council");
  v1::InstrumentPack pack = CountyPack("1.0");
  SignOff(pack);
  ASSERT_OK_AND_ASSIGN(v1::AreaInstrument instrument,
                       admin.Call(&Instruments::InstallInstrument, Signed(pack)));
  v1::Policy policy = CountyPolicy("1.0");
  policy.add_instruments("county24@1.0");
  v1::InstallPolicyRequest install;
  install.set_parent(ServerFixture::kArea);
  install.set_policy_file(PolicyText(policy));
  ASSERT_OK(admin.Call(&Instruments::InstallPolicy, install));

  v1::GetAreaRequest get;
  get.set_name(ServerFixture::kArea);
  v1::UpdateAreaRequest update;
  ASSERT_OK_AND_ASSIGN(*update.mutable_area(), admin.Call(&v1::DirectoryService::Stub::GetArea, get));
  update.mutable_area()->mutable_settings()->set_instrument("county24@1.0");
  update.mutable_area()->mutable_settings()->set_policy("county@1.0");
  EXPECT_THAT(admin.Call(&v1::DirectoryService::Stub::UpdateArea, update),
              Refuses(StatusCode::kInvalidArgument, "not in use in the area"));
  v1::ActivateInstrumentRequest activate;
  activate.set_name(instrument.name());
  activate.set_etag(instrument.etag());
  ASSERT_OK_AND_ASSIGN(instrument, admin.Call(&Instruments::ActivateInstrument, activate));
  ASSERT_OK_AND_ASSIGN(*update.mutable_area(), admin.Call(&v1::DirectoryService::Stub::UpdateArea, update));

  const Client& idva = server.As("idva.idva");
  v1::StartAssessmentRequest start;
  start.set_parent(ServerFixture::kArea);
  ASSERT_OK_AND_ASSIGN(const v1::Assessment begun, idva.Call(&Assessments::StartAssessment, start));
  EXPECT_EQ(begun.instrument(), "county24@1.0");
  EXPECT_EQ(begun.policy(), "county@1.0");
  EXPECT_EQ(begun.instrument_hash(), instrument.about().hash());

  v1::RetireInstrumentRequest retire;
  retire.set_name(instrument.name());
  retire.set_etag(instrument.etag());
  retire.set_reason("Replaced");
  EXPECT_THAT(admin.Call(&Instruments::RetireInstrument, retire),
              Refuses(StatusCode::kFailedPrecondition, "choose another in the area's settings"));
  update.mutable_area()->mutable_settings()->set_instrument("plain24@1.0");
  ASSERT_OK(admin.Call(&v1::DirectoryService::Stub::UpdateArea, update));
  ASSERT_OK(admin.Call(&Instruments::RetireInstrument, retire));

  server.Restart();
  v1::AppendAnswersRequest append;
  append.set_name(begun.name());
  *append.mutable_answers() = OnlyYes({1, 2});
  ASSERT_OK_AND_ASSIGN(const v1::Assessment answered,
                       server.As("idva.idva").Call(&Assessments::AppendAnswers, append));
  EXPECT_EQ(answered.result().score(), 2);
  start.set_instrument("county24@1.0");
  EXPECT_THAT(server.As("idva.idva").Call(&Assessments::StartAssessment, start),
              Refuses(StatusCode::kInvalidArgument, "retired"));
}

// It outlives a restart, because it is a record like any other.
TEST(InstrumentRestartTest, AnInstalledPackIsThereAfterARestart) {
  ServerFixture server;
  ASSERT_OK(server.As("admin.council").Call(&Instruments::InstallInstrument, Signed(CountyPack("1.0"))));
  server.Restart();
  v1::GetInstrumentRequest request;
  request.set_area(ServerFixture::kArea);
  request.set_instrument("county24@1.0");
  ASSERT_OK_AND_ASSIGN(const v1::InstrumentPack pack,
                       server.As("idva.idva").Call(&Assessments::GetInstrument, request));
  EXPECT_EQ(pack.items_size(), 24);
}

}  // namespace
}  // namespace marac::testing
