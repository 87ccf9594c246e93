// Keys of security 4.1: format, delivery by file, derivation, signatures.
#include "base/keys.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/hash.h"
#include "tests/support/status_matchers.h"

namespace marac {
namespace {

using testing::Refuses;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

// 32 bytes of 'k' in base 64.
constexpr char kKs[] = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=";

std::string Unhex(std::string_view hex) {
  std::string bytes;
  for (size_t at = 0; at < hex.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

TEST(KeyFormatTest, IsTheDocumentedLine) {
  const Key key{.purpose = KeyPurpose::kApp,
                .id = "a1",
                .state = KeyState::kActive,
                .bytes = Secret(std::string(32, 'k'))};
  EXPECT_EQ(FormatKey(key).Reveal(), fmt::format("marac-key 1 app a1 active {}\n", kKs));
}

TEST(KeyFormatTest, EveryPurposeAndStateGoesThereAndBack) {
  for (KeyPurpose purpose : {KeyPurpose::kDatabase, KeyPurpose::kAudit, KeyPurpose::kApp}) {
    for (KeyState state : {KeyState::kPrepared, KeyState::kActive, KeyState::kRetired}) {
      const Key key = GenerateKey(purpose, std::string(64, 'z'), state);
      EXPECT_EQ(key.bytes.size(), purpose == KeyPurpose::kDatabase ? 48u : 32u);
      ASSERT_OK_AND_ASSIGN(const Key parsed, ParseKey(FormatKey(key).Reveal()));
      EXPECT_EQ(parsed.purpose, purpose);
      EXPECT_EQ(parsed.id, key.id);
      EXPECT_EQ(parsed.state, state);
      EXPECT_TRUE(parsed.bytes.Equals(key.bytes));
    }
  }
}

TEST(KeyFormatTest, TwoGeneratedKeysDiffer) {
  EXPECT_FALSE(GenerateKey(KeyPurpose::kApp, "a", KeyState::kActive)
                   .bytes.Equals(GenerateKey(KeyPurpose::kApp, "a", KeyState::kActive).bytes));
}

TEST(KeyFormatTest, AWrongPartIsNamedWithoutShowingTheKey) {
  const std::string ks = kKs;
  struct {
    std::string line, says;
  } cases[] = {
      {"", "marac-key"},
      {"\n", "marac-key"},
      {"-----BEGIN PRIVATE KEY-----", "marac-key"},
      {"marac-key 2 app a active " + ks, "version"},
      {"marac-key 1 tls a active " + ks, "purpose"},
      {"marac-key 1 app  active " + ks, "key id"},
      {"marac-key 1 app A active " + ks, "key id"},
      {"marac-key 1 app " + std::string(65, 'a') + " active " + ks, "key id"},
      {"marac-key 1 app a gone " + ks, "state"},
      {"marac-key 1 app a active", "32 bytes"},
      {"marac-key 1 app a active " + ks.substr(0, 40), "32 bytes"},
      {"marac-key 1 app a active " + ks + " ", "32 bytes"},
      {"marac-key 1 app a active  " + ks, "32 bytes"},
      {"marac-key 1 app a active " + ks + "\n\n", "32 bytes"},
      {"marac-key 1 app a active " + ks.substr(0, 40) + ks, "32 bytes"},
      {"marac-key 1 app a active \xe2" + ks.substr(1), "32 bytes"},
      {"marac-key 1 db a active " + ks, "48 bytes"},
  };
  for (const auto& c : cases) {
    auto key = ParseKey(c.line);
    EXPECT_THAT(key, Refuses(kInvalid, c.says)) << c.line;
    EXPECT_EQ(std::string(key.status().message()).find("a2tr"), std::string::npos);
  }
}

TEST(KeyFormatTest, GarbageIsRefusedNotRead) {
  const std::string line = fmt::format("marac-key 1 app a active {}\n", kKs);
  std::minstd_rand random(20260102);
  for (int round = 0; round < 20000; ++round) {
    std::string changed = line.substr(0, random() % (line.size() + 1));
    if (!changed.empty()) changed[random() % changed.size()] = static_cast<char>(random() & 0xff);
    auto key = ParseKey(changed);
    if (key.ok()) {
      EXPECT_EQ(key->bytes.size(), 32u);
    }
  }
}

class KeyFileTest : public ::testing::Test {
 protected:
  KeyFileTest() {
    char pattern[] = "/tmp/marac_keys_XXXXXX";
    folder_ = mkdtemp(pattern);
    path_ = folder_ + "/app.key";
  }
  ~KeyFileTest() override { std::filesystem::remove_all(folder_); }

  void Put(const std::string& text, mode_t mode) {
    std::filesystem::remove(path_);
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
  }

  std::string folder_, path_;
  const std::string line_ = fmt::format("marac-key 1 app a active {}\n", kKs);
};

TEST_F(KeyFileTest, IsWrittenForTheOwnerAloneAndReadBack) {
  const Key key = GenerateKey(KeyPurpose::kApp, "a", KeyState::kPrepared);
  ASSERT_OK(WriteKeyFile(path_, key, IfExists::kRefuse));
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms(0400));
  ASSERT_OK_AND_ASSIGN(Key read, ReadKeyFile(path_, KeyPurpose::kApp));
  EXPECT_TRUE(read.bytes.Equals(key.bytes));
  EXPECT_EQ(read.state, KeyState::kPrepared);
}

TEST_F(KeyFileTest, AnExistingKeyIsNotOverwrittenUnlessAskedTo) {
  const Key first = GenerateKey(KeyPurpose::kApp, "a", KeyState::kActive);
  ASSERT_OK(WriteKeyFile(path_, first, IfExists::kRefuse));
  EXPECT_THAT(WriteKeyFile(path_, GenerateKey(KeyPurpose::kApp, "b", KeyState::kActive), IfExists::kRefuse),
              Refuses(absl::StatusCode::kAlreadyExists, path_));
  ASSERT_OK_AND_ASSIGN(Key kept, ReadKeyFile(path_, KeyPurpose::kApp));
  EXPECT_TRUE(kept.bytes.Equals(first.bytes));
  ASSERT_OK(WriteKeyFile(path_, GenerateKey(KeyPurpose::kApp, "b", KeyState::kActive), IfExists::kReplace));
  ASSERT_OK_AND_ASSIGN(Key replaced, ReadKeyFile(path_, KeyPurpose::kApp));
  EXPECT_EQ(replaced.id, "b");
}

TEST_F(KeyFileTest, OnlyModes0400And0600AreRead) {
  for (mode_t mode : {0400u, 0600u}) {
    Put(line_, mode);
    EXPECT_OK(ReadKeyFile(path_, KeyPurpose::kApp));
  }
  for (mode_t mode : {0440u, 0404u, 0644u, 0700u, 0640u, 0420u, 04400u}) {
    Put(line_, mode);
    EXPECT_THAT(ReadKeyFile(path_, KeyPurpose::kApp), Refuses(kPrecondition, "make it 0400"))
        << std::oct << mode;
  }
}

TEST_F(KeyFileTest, AFileOfAnotherUserIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  Put(line_, 0400);
  ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  EXPECT_THAT(ReadKeyFile(path_, KeyPurpose::kApp), Refuses(kPrecondition, "belongs to user 65534"));
}

TEST_F(KeyFileTest, WhatIsNotTheWantedKeyIsRefusedNamingTheFile) {
  EXPECT_THAT(ReadKeyFile(path_, KeyPurpose::kApp), Refuses(absl::StatusCode::kNotFound, path_));
  Put(line_, 0400);
  EXPECT_THAT(ReadKeyFile(path_, KeyPurpose::kAudit),
              Refuses(kInvalid, path_ + ": holds a key for app, where one for audit is needed"));
  Put(line_.substr(0, 50), 0400);
  EXPECT_THAT(ReadKeyFile(path_, KeyPurpose::kApp), Refuses(kInvalid, path_));
  Put(line_ + std::string(500, 'x'), 0400);
  EXPECT_THAT(ReadKeyFile(path_, KeyPurpose::kApp), Refuses(kInvalid, "too long"));
  std::filesystem::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0400), 0);
  EXPECT_THAT(ReadKeyFile(path_, KeyPurpose::kApp), Refuses(kPrecondition, "regular"));
}

TEST(DeriveKeyTest, IsHkdfSha256) {
  // RFC 5869, test case 3: neither salt nor info.
  EXPECT_EQ(Hex(DeriveKey(Secret(std::string(22, '\x0b')), "").Reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(DeriveKeyTest, EveryPurposeAndEveryKeyGivesAnother) {
  const Secret app(std::string(32, 'a'));
  EXPECT_TRUE(DeriveKey(app, "audit-hmac").Equals(DeriveKey(app, "audit-hmac")));
  EXPECT_FALSE(DeriveKey(app, "audit-hmac").Equals(DeriveKey(app, "page-token")));
  EXPECT_FALSE(DeriveKey(app, "audit-hmac").Equals(DeriveKey(Secret(std::string(32, 'b')), "audit-hmac")));
}

TEST(Ed25519Test, GivesThePublishedKeyAndSignature) {
  // RFC 8032 section 7.1, test 1.
  const Secret seed(Unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const std::string key = Ed25519PublicKey(seed);
  EXPECT_EQ(Hex(key), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const std::string signature = Ed25519Sign(seed, "");
  EXPECT_EQ(Hex(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(Ed25519Verify(key, "", signature));
}

TEST(Ed25519Test, AChangedMessageKeyOrSignatureDoesNotVerify) {
  const Secret seed(std::string(32, 's'));
  const std::string key = Ed25519PublicKey(seed);
  const std::string signature = Ed25519Sign(seed, "text");
  ASSERT_TRUE(Ed25519Verify(key, "text", signature));
  EXPECT_FALSE(Ed25519Verify(key, "texT", signature));
  EXPECT_FALSE(Ed25519Verify(Ed25519PublicKey(Secret(std::string(32, 't'))), "text", signature));
  std::string changed = signature;
  changed[5] = static_cast<char>(changed[5] ^ 1);
  EXPECT_FALSE(Ed25519Verify(key, "text", changed));
  EXPECT_FALSE(Ed25519Verify(key, "text", ""));
  EXPECT_FALSE(Ed25519Verify("", "text", signature));
}

}  // namespace
}  // namespace marac
