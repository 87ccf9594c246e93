#include "base/pki.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "base/file.h"
#include "tests/support/status_matchers.h"

namespace marac::pki {
namespace {

using absl::StatusCode;
using marac::testing::IsOk;
using marac::testing::IsOkAndHolds;
using marac::testing::Refuses;
using ::testing::MatchesRegex;

constexpr char kOrigin[] = "marac.test";

class PkiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    auto authority = CreateAuthority(kOrigin, now_);
    ASSERT_OK(authority);
    authority_ = *std::move(authority);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  const absl::Time now_ = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  std::string folder_ = (std::filesystem::temp_directory_path() / "marac_pki_XXXXXX").string();
  Authority authority_;
};

TEST_F(PkiTest, AProgramsLeafNamesItsAgencyAndLastsNinetyDays) {
  ASSERT_OK_AND_ASSIGN(const Identity leaf,
                       IssueProgram(authority_.intermediate, kOrigin, "police", "laptop-7", now_));
  ASSERT_OK_AND_ASSIGN(const CertificateFacts facts, ReadCertificate(leaf.certificates_pem));
  EXPECT_EQ(facts.uri, "spiffe://marac.test/agency/police/program/laptop-7");
  EXPECT_EQ(facts.not_after, now_ + absl::Hours(90 * 24));
  EXPECT_LT(facts.not_before, now_);
  EXPECT_THAT(facts.fingerprint, MatchesRegex("[0-9a-f]{64}"));
  EXPECT_OK(CheckKeyPair(leaf, "key", "certificate"));
}

TEST_F(PkiTest, TheOpensslToolVerifiesTheChainForItsPurposeOnly) {
  ASSERT_OK(WriteAuthority(authority_, folder_));
  ASSERT_OK_AND_ASSIGN(const Identity server,
                       IssueServer(authority_.intermediate, {"maracd.example", "127.0.0.1", "::1"}, now_));
  ASSERT_OK(WriteIdentity(server, folder_, "server"));
  ASSERT_OK_AND_ASSIGN(const Identity program,
                       IssueProgram(authority_.intermediate, kOrigin, "a", "p", now_));
  ASSERT_OK(WriteIdentity(program, folder_, "program"));
  const auto verify = [&](const std::string& purpose, const std::string& leaf) {
    return std::system(("cd " + folder_ + " && openssl verify -x509_strict -purpose " + purpose +
                        " -CAfile root.pem -untrusted " + leaf + " " + leaf + " >verify.log 2>&1")
                           .c_str());
  };
  EXPECT_EQ(verify("sslserver -verify_hostname maracd.example -verify_ip 127.0.0.1", "server.pem"), 0);
  EXPECT_EQ(verify("sslclient", "program.pem"), 0);
  // maracd calls itself with its own.
  EXPECT_EQ(verify("sslclient", "server.pem"), 0);
  EXPECT_NE(verify("sslserver", "program.pem"), 0);
  EXPECT_NE(verify("sslserver -verify_hostname other.example", "server.pem"), 0);
}

TEST_F(PkiTest, FingerprintsOfPemAndDerAgreeAndDifferByLeaf) {
  ASSERT_OK_AND_ASSIGN(const Identity a, IssueProgram(authority_.intermediate, kOrigin, "a", "p", now_));
  ASSERT_OK_AND_ASSIGN(const Identity b, IssueProgram(authority_.intermediate, kOrigin, "a", "p", now_));
  ASSERT_OK_AND_ASSIGN(const std::string fingerprint, FingerprintOfPem(a.certificates_pem));
  EXPECT_THAT(FingerprintOfPem(b.certificates_pem), IsOkAndHolds(::testing::Ne(fingerprint)));
  // What an operator would compute by hand.
  ASSERT_OK(WriteIdentity(a, folder_, "leaf"));
  ASSERT_EQ(
      std::system(("cd " + folder_ + " && openssl x509 -in leaf.pem -outform DER -out leaf.der").c_str()), 0);
  ASSERT_OK_AND_ASSIGN(const std::string der, ReadSmallFile(Path("leaf.der"), /*size_max=*/4096));
  EXPECT_EQ(FingerprintOfDer(der), fingerprint);
  EXPECT_THAT(FingerprintOfPem(a.key_pem.Reveal()), Refuses(StatusCode::kInvalidArgument, "certificate"));
  EXPECT_THAT(FingerprintOfPem(""), Refuses(StatusCode::kInvalidArgument, "certificate"));
}

TEST_F(PkiTest, NamesThatWouldChangeTheUriAreRefused) {
  for (const char* bad : {"", "a/program/b", "A", "a b", "a%2f", "\xc3\xa9"}) {
    EXPECT_THAT(IssueProgram(authority_.intermediate, kOrigin, bad, "p", now_),
                Refuses(StatusCode::kInvalidArgument, "agency"));
    EXPECT_THAT(IssueProgram(authority_.intermediate, kOrigin, "a", bad, now_),
                Refuses(StatusCode::kInvalidArgument, "program"));
  }
  EXPECT_THAT(IssueProgram(authority_.intermediate, "marac/x", "a", "p", now_),
              Refuses(StatusCode::kInvalidArgument, "area_origin"));
  EXPECT_THAT(IssueProgram(authority_.intermediate, kOrigin, std::string(65, 'a'), "p", now_),
              Refuses(StatusCode::kInvalidArgument, "agency"));
  EXPECT_THAT(CreateAuthority("", now_), Refuses(StatusCode::kInvalidArgument, "area_origin"));
}

TEST_F(PkiTest, ServerNamesAreDnsNamesOrAddresses) {
  EXPECT_THAT(IssueServer(authority_.intermediate, {}, now_), Refuses(StatusCode::kInvalidArgument, "names"));
  for (const char* bad : {"", "host:8443", "a,DNS:b", "*.example"}) {
    EXPECT_THAT(IssueServer(authority_.intermediate, {bad}, now_),
                Refuses(StatusCode::kInvalidArgument, "names"));
  }
}

TEST_F(PkiTest, ALeafMayNotOutliveOrBeSignedByWhatMayNotSign) {
  EXPECT_THAT(IssueProgram(authority_.intermediate, kOrigin, "a", "p", now_ + absl::Hours(5 * 365 * 24 - 24)),
              Refuses(StatusCode::kFailedPrecondition, "intermediate"));
  ASSERT_OK_AND_ASSIGN(const Identity leaf, IssueProgram(authority_.intermediate, kOrigin, "a", "p", now_));
  EXPECT_THAT(IssueProgram(leaf, kOrigin, "a", "p", now_),
              Refuses(StatusCode::kFailedPrecondition, "may not sign"));
  const Identity mixed{authority_.root.key_pem, authority_.intermediate.certificates_pem};
  EXPECT_THAT(IssueProgram(mixed, kOrigin, "a", "p", now_),
              Refuses(StatusCode::kFailedPrecondition, "does not belong"));
}

TEST_F(PkiTest, KeyFilesAreForTheirOwnerAloneAndReadBack) {
  ASSERT_OK(WriteAuthority(authority_, folder_));
  struct stat facts;
  for (const char* name : {"root.key", "intermediate.key"}) {
    ASSERT_EQ(stat(Path(name).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u) << name;
  }
  ASSERT_OK_AND_ASSIGN(const Identity read, ReadIdentity(Path("intermediate.key"), Path("intermediate.pem")));
  EXPECT_TRUE(read.key_pem.Equals(authority_.intermediate.key_pem));
  EXPECT_EQ(read.certificates_pem, authority_.intermediate.certificates_pem);

  EXPECT_THAT(ReadIdentity(Path("root.key"), Path("intermediate.pem")),
              Refuses(StatusCode::kFailedPrecondition, "does not belong"));
  ASSERT_EQ(chmod(Path("root.key").c_str(), 0640), 0);
  EXPECT_THAT(ReadIdentity(Path("root.key"), Path("root.pem")),
              Refuses(StatusCode::kFailedPrecondition, "chmod 0400"));
  EXPECT_THAT(ReadIdentity(Path("none.key"), Path("root.pem")), Refuses(StatusCode::kNotFound, "none.key"));
}

TEST_F(PkiTest, AnAuthorityIsNeverOverwritten) {
  ASSERT_OK(WriteAuthority(authority_, folder_));
  ASSERT_OK_AND_ASSIGN(const Authority other, CreateAuthority(kOrigin, now_));
  EXPECT_THAT(WriteAuthority(other, folder_), Refuses(StatusCode::kAlreadyExists, "root.key"));
  EXPECT_THAT(ReadSmallFile(Path("root.pem"), /*size_max=*/4096),
              IsOkAndHolds(authority_.root.certificates_pem));
}

TEST_F(PkiTest, OnlyP256KeysAreAccepted) {
  for (const char* kind : {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-384", "ed25519"}) {
    ASSERT_EQ(std::system(("cd " + folder_ + " && openssl req -x509 -nodes -subj /CN=x -newkey " + kind +
                           " -keyout other.key -out other.pem 2>openssl.log")
                              .c_str()),
              0)
        << kind;
    ASSERT_EQ(chmod(Path("other.key").c_str(), 0600), 0);
    EXPECT_THAT(ReadIdentity(Path("other.key"), Path("other.pem")),
                Refuses(StatusCode::kFailedPrecondition, "ECDSA P-256"))
        << kind;
  }
}

TEST_F(PkiTest, AKeyWithAPassphraseIsRefusedAndDoesNotAsk) {
  ASSERT_EQ(std::system(("cd " + folder_ +
                         " && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 "
                         "-aes256 -pass pass:words -out locked.key 2>openssl.log")
                            .c_str()),
            0);
  ASSERT_EQ(chmod(Path("locked.key").c_str(), 0600), 0);
  ASSERT_OK(WriteAuthority(authority_, folder_));
  EXPECT_THAT(ReadIdentity(Path("locked.key"), Path("root.pem")),
              Refuses(StatusCode::kFailedPrecondition, "without a passphrase"));
}

}  // namespace
}  // namespace marac::pki
