#include "store/party_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/records.h"
#include "tests/store/test_database.h"

namespace marac::store {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const absl::CivilDay kToday(2026, 11, 21);
constexpr char kCoordinator[] = "accounts/coordinator";

domain::KeptParty Party(const std::string& record, domain::PartyRole role, const std::string& id,
                        const std::string& name) {
  domain::KeptParty party{.record = record, .role = role, .party_id = id, .keys = {}};
  party.keys.name_keys = domain::NameKeys(name);
  return party;
}

class PartyKeysTest : public DatabaseTestBase {
 protected:
  void SetUp() override {
    CreateAndOpen();
    ASSERT_OK(Write([](WriteTransaction& tx) -> absl::Status {
      RETURN_IF_ERROR(WriteRecordRules(tx, domain::RecordRules()));
      const std::vector<RoleRow> roles = {
          {.area = "areas/mk", .role = v1::ROLE_COORDINATOR, .from_day = 0, .to_day = 100'000}};
      return ReplaceRoles(tx, kCoordinator, "agencies/council", roles);
    }));
  }

  absl::Status Write(const std::function<absl::Status(WriteTransaction&)>& body) {
    return database_->Write(body, Event);
  }

  // A case of this victim and perpetrator, open to the coordinator.
  absl::Status AddCase(const std::string& name, const std::string& victim, const std::string& perpetrator) {
    return Write([&](WriteTransaction& tx) -> absl::Status {
      RETURN_IF_ERROR(NewScope(tx, name, "areas/mk", domain::Stage::kAccepted));
      const RecordRow row{
          .name = name, .kind = domain::Kind::kCase, .area = "areas/mk", .columns = {}, .body = "x"};
      RETURN_IF_ERROR(InsertRecord(tx, row, name, /*time_ms=*/1, kCoordinator));
      const std::vector<domain::KeptParty> parties = {
          Party(name, domain::PartyRole::kVictim, "p1", victim),
          Party(name, domain::PartyRole::kPerpetrator, "p2", perpetrator)};
      return KeepParties(tx, "areas/mk", parties);
    });
  }

  FoundParties Find(const std::vector<domain::KeptParty>& asked, int records_max = 10) {
    FoundParties found;
    EXPECT_OK(database_->Read(
        [&](ReadTransaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(found, FindParties(tx, "areas/mk", asked, kCoordinator, kToday, records_max));
          return absl::OkStatus();
        },
        Event));
    return found;
  }
  std::vector<std::string> RecordsFound(const std::string& victim) {
    std::vector<std::string> records;
    for (const domain::KeptParty& party :
         Find({Party("areas/mk/referrals/asked", domain::PartyRole::kVictim, "p1", victim)}).parties) {
      if (party.role == domain::PartyRole::kVictim) records.push_back(party.record);
    }
    return records;
  }
};

TEST_F(PartyKeysTest, R03APersonIsFoundWithEverythingThatIsKnownOfTheRecordsPeople) {
  ASSERT_OK(AddCase("areas/mk/cases/c1", "Maria Invented", "Robert Invented"));
  ASSERT_OK(Write([](WriteTransaction& tx) -> absl::Status {
    domain::KeptParty party = Party("areas/mk/cases/c1", domain::PartyRole::kVictim, "p1", "Maria Invented");
    party.keys.alias_keys = {"mimi"};
    party.keys.birth_dates = {domain::LocalDate::Create(1990, 5, 17, "day").value()};
    party.keys.nhs_number = "9434765919";
    party.keys.address_key = "12 example street mk99zz";
    return KeepParties(tx, "areas/mk", std::vector{party});
  }));
  const FoundParties found =
      Find({Party("areas/mk/referrals/r1", domain::PartyRole::kVictim, "p1", "maria INVENTED")});
  ASSERT_EQ(found.parties.size(), 2u);
  EXPECT_EQ(found.parties[0].record, "areas/mk/cases/c1");
  EXPECT_EQ(found.parties[0].role, domain::PartyRole::kVictim);
  EXPECT_EQ(found.parties[0].keys.alias_keys, std::vector<std::string>{"mimi"});
  EXPECT_EQ(found.parties[0].keys.birth_dates[0].Iso(), "1990-05-17");
  EXPECT_EQ(found.parties[0].keys.nhs_number, "9434765919");
  EXPECT_EQ(found.parties[0].keys.address_key, "12 example street mk99zz");
  EXPECT_EQ(found.parties[1].role, domain::PartyRole::kPerpetrator);
  EXPECT_FALSE(found.more_exist);
  // By the alias as well, and not by a date of birth alone.
  domain::KeptParty by_alias = Party("areas/mk/referrals/r1", domain::PartyRole::kVictim, "p1", "Mimi");
  EXPECT_EQ(Find({by_alias}).parties.size(), 2u);
  domain::KeptParty by_birth = Party("areas/mk/referrals/r1", domain::PartyRole::kVictim, "p1", "Other");
  by_birth.keys.birth_dates = {domain::LocalDate::Create(1990, 5, 17, "day").value()};
  EXPECT_THAT(Find({by_birth}).parties, IsEmpty());
}

TEST_F(PartyKeysTest, R17AVictimIsFoundAmongPerpetrators) {
  ASSERT_OK(AddCase("areas/mk/cases/c1", "Maria Invented", "Robert Invented"));
  EXPECT_EQ(Find({Party("areas/mk/referrals/r1", domain::PartyRole::kVictim, "p1", "Robert Invented")})
                .parties.size(),
            2u);
}

TEST_F(PartyKeysTest, ACaseThatIsHiddenOrForgottenIsNotFound) {
  ASSERT_OK(AddCase("areas/mk/cases/c1", "Maria Invented", "Robert Invented"));
  ASSERT_OK(AddCase("areas/mk/cases/c2", "Maria Invented", "Victor Invented"));
  EXPECT_THAT(RecordsFound("Maria Invented"), UnorderedElementsAre("areas/mk/cases/c1", "areas/mk/cases/c2"));
  ASSERT_OK(Write([](WriteTransaction& tx) { return ShutOut(tx, "areas/mk/cases/c1", kCoordinator); }));
  EXPECT_THAT(RecordsFound("Maria Invented"), UnorderedElementsAre("areas/mk/cases/c2"));
  ASSERT_OK(Write([](WriteTransaction& tx) { return ForgetParties(tx, "areas/mk/cases/c2"); }));
  EXPECT_THAT(RecordsFound("Maria Invented"), IsEmpty());
}

TEST_F(PartyKeysTest, TheRecordThatAsksIsNotItsOwnMatch) {
  ASSERT_OK(AddCase("areas/mk/cases/c1", "Maria Invented", "Robert Invented"));
  EXPECT_THAT(Find({Party("areas/mk/cases/c1", domain::PartyRole::kVictim, "p1", "Maria Invented")}).parties,
              IsEmpty());
}

TEST_F(PartyKeysTest, MoreThanCanBeComparedIsSaidAndNotCutInSilence) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_OK(AddCase("areas/mk/cases/c" + std::to_string(i), "Maria Invented", "Robert Invented"));
  }
  const std::vector<domain::KeptParty> asked = {
      Party("areas/mk/referrals/r1", domain::PartyRole::kVictim, "p1", "Maria Invented")};
  EXPECT_FALSE(Find(asked, /*records_max=*/4).more_exist);
  const FoundParties cut = Find(asked, /*records_max=*/3);
  EXPECT_TRUE(cut.more_exist);
  EXPECT_EQ(cut.parties.size(), 6u);
}

TEST_F(PartyKeysTest, ACaseNumberIsGivenOnce) {
  for (const auto& [number, expected] :
       {std::pair("MK-26-7QX4-K", true), std::pair("MK-26-7QX4-K", false), std::pair("MK-26-7QX5-A", true)}) {
    bool taken = !expected;
    ASSERT_OK(Write([&, number = number](WriteTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(taken, TakeCaseNumber(tx, number, "areas/mk/cases/c1"));
      return absl::OkStatus();
    }));
    EXPECT_EQ(taken, expected) << number;
  }
}

}  // namespace
}  // namespace marac::store
