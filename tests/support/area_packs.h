// A pack as an area installs one: of an owner, derived from the shipped one with permission, and signed.
#ifndef MARAC_TESTS_SUPPORT_AREA_PACKS_H_
#define MARAC_TESTS_SUPPORT_AREA_PACKS_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/hash.h"
#include "base/keys.h"
#include "base/secret.h"
#include "marac/v1/instrument.pb.h"
#include "marac/v1/instrument_service.pb.h"
#include "marac/v1/policy.pb.h"
#include "tests/support/source_path.h"

namespace marac::testing {

inline constexpr char kPackOwner[] = "A county's partnership";

inline Secret PackOwnerSeed() { return Secret(std::string(kEd25519SeedBytes, 'p')); }

// As the server's settings name the owner's key.
inline std::string PackOwnerKeyLine() { return Base64(Ed25519PublicKey(PackOwnerSeed())) + " " + kPackOwner; }

// Says what it is derived from in other places than its questions: "county24@VERSION", 24 items, no sign-off.
inline v1::InstrumentPack CountyPack(const std::string& version) {
  v1::InstrumentPack pack;
  std::string text;
  std::ifstream file(SourcePath("schema/instruments/plain24.textproto"));
  std::getline(file, text, '\0');
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &pack));
  pack.set_id("county24");
  pack.set_version(version);
  pack.set_title("The county's questions");
  pack.set_owner(kPackOwner);
  pack.set_licence("For this area");
  pack.set_derived_from("plain24@1.0");
  pack.set_permission_reference("Letter of 5 January 2026");
  return pack;
}

inline void SignOff(v1::InstrumentPack& pack) {
  pack.mutable_co_production()->set_group("A self-advocacy group");
  v1::Day& day = *pack.mutable_co_production()->mutable_agreed_on();
  day.set_year(2025);
  day.set_month(11);
  day.set_day(3);
}

// These bytes, with their owner's signature and hash.
inline v1::InstallInstrumentRequest SignedFile(const std::string& text,
                                               const std::string& area = "areas/test") {
  v1::InstallInstrumentRequest request;
  request.set_parent(area);
  request.set_pack_file(text);
  request.set_hash(Hex(Sha256(text)));
  request.set_signature(Ed25519Sign(PackOwnerSeed(), text));
  return request;
}

inline std::string PackText(const v1::InstrumentPack& pack) {
  std::string text;
  EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(pack, &text));
  return text;
}

inline v1::InstallInstrumentRequest Signed(const v1::InstrumentPack& pack) {
  return SignedFile(PackText(pack));
}

// The shipped policy as "county@VERSION", with another threshold where one is given.
inline v1::Policy CountyPolicy(const std::string& version, int high_threshold = 14) {
  v1::Policy policy;
  std::string text;
  std::ifstream file(SourcePath("schema/policies/default.textproto"));
  std::getline(file, text, '\0');
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &policy));
  policy.set_id("county");
  policy.set_version(version);
  policy.set_high_threshold(high_threshold);
  policy.mutable_bands(policy.bands_size() - 2)->set_to(high_threshold - 1);
  return policy;
}

inline std::string PolicyText(const v1::Policy& policy) {
  std::string text;
  EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(policy, &text));
  return text;
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_AREA_PACKS_H_
