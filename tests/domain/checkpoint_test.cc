#include "domain/checkpoint.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "base/hash.h"
#include "base/keys.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::IsOkAndHolds;
using testing::Refuses;
using ::testing::StartsWith;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

const Secret& Seed() {
  static const Secret seed(std::string(32, 's'));
  return seed;
}

Checkpoint Example() {
  return {.origin = CheckpointOrigin("milton-keynes"), .size = 1234, .root = std::string(32, 'r')};
}

absl::StatusOr<Checkpoint> Open(std::string_view note) {
  return OpenCheckpoint(note, "marac.milton-keynes/audit", {Ed25519PublicKey(Seed())});
}

// Signs any text as a note, to make notes that SignCheckpoint would not.
std::string SignText(const std::string& text) {
  const std::string origin = Example().origin;
  const std::string key = "\x01" + Ed25519PublicKey(Seed());
  return text + "\n\xe2\x80\x94 " + origin + " " +
         Base64(Sha256(origin + "\n" + key).substr(0, 4) + Ed25519Sign(Seed(), text)) + "\n";
}

constexpr char kRoot[] = "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=";

TEST(CheckpointTest, HasTheDocumentedLines) {
  const std::string text = fmt::format("marac.milton-keynes/audit\n1234\n{}\n", kRoot);
  EXPECT_EQ(SignCheckpoint(Example(), Seed()), SignText(text));
  EXPECT_THAT(SignCheckpoint(Example(), Seed()),
              StartsWith(text + "\n\xe2\x80\x94 marac.milton-keynes/audit "));
}

TEST(CheckpointTest, OpensToWhatWasSigned) {
  EXPECT_THAT(Open(SignCheckpoint(Example(), Seed())), IsOkAndHolds(Example()));
  Checkpoint checkpoint = Example();
  checkpoint.size = 0;
  EXPECT_THAT(Open(SignCheckpoint(checkpoint, Seed())), IsOkAndHolds(checkpoint));
  checkpoint.size = ~uint64_t{0};
  EXPECT_THAT(Open(SignCheckpoint(checkpoint, Seed())), IsOkAndHolds(checkpoint));
}

// The example key and note of Go's golang.org/x/mod/sumdb/note, which the C2SP form comes from.
TEST(CheckpointTest, KeyHashAndSignatureAreThoseOfTheSignedNoteForm) {
  const std::string verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  ASSERT_OK_AND_ASSIGN(const std::string typed, DecodeBase64(verifier.substr(verifier.rfind('+') + 1)));
  const std::string key = typed.substr(1);
  EXPECT_EQ(VerifierKey("PeterNeumann", key), verifier);
  ASSERT_OK_AND_ASSIGN(
      const std::string signature,
      DecodeBase64("x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
                   "6KE6RyyBwJnAM="));
  EXPECT_EQ(Hex(signature.substr(0, 4)), "c74f20a3");
  EXPECT_TRUE(Ed25519Verify(key,
                            "If you think cryptography is the answer to your problem,\n"
                            "then you don't know what your problem is.\n",
                            signature.substr(4)));
}

TEST(CheckpointTest, AFormerKeyIsGoodWhenItIsListed) {
  const std::string note = SignCheckpoint(Example(), Seed());
  const std::string other = Ed25519PublicKey(Secret(std::string(32, 'o')));
  EXPECT_THAT(OpenCheckpoint(note, Example().origin, {other, Ed25519PublicKey(Seed())}),
              IsOkAndHolds(Example()));
  EXPECT_THAT(OpenCheckpoint(note, Example().origin, {other}), Refuses(kInvalid, "known audit key"));
  EXPECT_THAT(OpenCheckpoint(note, Example().origin, {}), Refuses(kInvalid, "known audit key"));
}

TEST(CheckpointTest, AWitnessMaySignBesideUsButNotInsteadOfUs) {
  std::string note = SignCheckpoint(Example(), Seed());
  const std::string witness = "\xe2\x80\x94 witness.example " + Base64(std::string(68, 'w')) + "\n";
  EXPECT_THAT(Open(note + witness), IsOkAndHolds(Example()));
  note.insert(note.find("\n\n") + 2, witness);
  EXPECT_THAT(Open(note), IsOkAndHolds(Example()));
  EXPECT_THAT(Open(note.substr(0, note.find("\n\n") + 2) + witness), Refuses(kInvalid, "no signature of"));
}

TEST(CheckpointTest, AWellSignedNoteOfAnotherFormSaysWhatIsWrong) {
  const std::string origin = "marac.milton-keynes/audit\n", root = std::string(kRoot) + "\n";
  struct {
    std::string text, says;
  } cases[] = {
      {"marac.elsewhere/audit\n1\n" + root, "first line"},
      {origin + root, "three lines"},
      {origin + "1\n" + root + "more\n", "three lines"},
      {origin + "01\n" + root, "second line"},
      {origin + "-1\n" + root, "second line"},
      {origin + "+1\n" + root, "second line"},
      {origin + "1 \n" + root, "second line"},
      {origin + "18446744073709551616\n" + root, "second line"},
      {origin + "1\nabc\n", "third line"},
      {origin + "1\ncnJy\n", "third line"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(Open(SignText(c.text)), Refuses(kInvalid, c.says)) << c.text;
  }
}

TEST(CheckpointTest, AnyChangeToTheTextOrSignatureIsRefused) {
  const std::string note = SignCheckpoint(Example(), Seed());
  for (size_t at = 0; at < note.size(); ++at) {
    std::string changed = note;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(Open(changed).status().code(), kInvalid) << at;
    EXPECT_EQ(Open(note.substr(0, at)).status().code(), kInvalid) << at;
  }
  EXPECT_THAT(Open(std::string(5000, 'x')), Refuses(kInvalid, "4096"));
}

TEST(CheckpointTest, GarbageIsRefused) {
  const std::string note = SignCheckpoint(Example(), Seed());
  constexpr std::string_view kBytes =
      "\n \xe2\x94"
      "A/=";
  std::minstd_rand random(20260103);
  for (int round = 0; round < 10000; ++round) {
    std::string changed = note;
    const size_t at = random() % changed.size();
    const size_t size = random() % (changed.size() - at);
    const char byte = kBytes[random() % kBytes.size()];
    changed.replace(at, round % 2 == 0 ? size : 1, std::string(random() % 4, byte));
    if (changed == note) continue;
    EXPECT_FALSE(Open(changed).ok()) << changed;
  }
}

}  // namespace
}  // namespace marac::domain
