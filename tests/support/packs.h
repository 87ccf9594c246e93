// Packs of every kind, for tests: those that ship, and an easy-read one made out of another.
#ifndef MARAC_TESTS_SUPPORT_PACKS_H_
#define MARAC_TESTS_SUPPORT_PACKS_H_

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "domain/catalogue.h"
#include "domain/instrument.h"
#include "tests/support/assessments.h"
#include "tests/support/source_path.h"

namespace marac::testing {

// Every data file of a folder of schema/, by name; notes for people lie beside them.
inline std::vector<domain::DataFile> ReadSchemaFolder(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SourcePath("schema/" + folder))) {
    if (entry.path().extension() == ".textproto") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  std::vector<domain::DataFile> files;
  for (const std::string& name : names) files.push_back(ReadSchemaFile(folder + "/" + name));
  return files;
}

// The policies that are built in. Each also grades what is derived from a pack that it grades: areas do not
// have the easy-read pack yet, because it waits for its pages, and it is tested as it will be.
inline std::vector<domain::DataFile> BuiltInPolicies() {
  std::vector<domain::DataFile> files = ReadSchemaFolder("policies");
  for (domain::DataFile& file : files) {
    v1::Policy policy;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(file.text, &policy)) << file.name;
    const std::set<std::string> graded(policy.instruments().begin(), policy.instruments().end());
    for (const domain::DataFile& pack_file : ReadSchemaFolder("instruments")) {
      v1::InstrumentPack pack;
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(pack_file.text, &pack)) << pack_file.name;
      const std::string name = domain::NameWithVersion(pack.id(), pack.version());
      if (graded.contains(pack.derived_from()) && !graded.contains(name)) {
        file.text += "instruments: \"" + name + "\"\n";
      }
    }
  }
  return files;
}

// Every pack and every policy that is built in.
inline const domain::Catalogue& BuiltInCatalogue() {
  static const domain::Catalogue catalogue =
      domain::Catalogue::Load(ReadSchemaFolder("instruments"), BuiltInPolicies(), {}).value();
  return catalogue;
}

// Every pack with each of the policies that grade it.
inline std::vector<domain::Form> BuiltInForms() {
  std::vector<domain::Form> forms;
  for (const domain::DataFile& file : BuiltInPolicies()) {
    v1::Policy policy;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(file.text, &policy)) << file.name;
    for (const std::string& pack : policy.instruments()) {
      forms.push_back(
          BuiltInCatalogue().FormFor(pack, domain::NameWithVersion(policy.id(), policy.version())).value());
    }
  }
  return forms;
}

inline void AddSection(v1::InstrumentPack& pack, const std::string& code, v1::SectionKind kind, int items) {
  v1::Section* section = pack.add_sections();
  section->set_code(code);
  section->set_title("A section");
  section->set_kind(kind);
  for (int i = 1; i <= items; ++i) {
    v1::Item* item = section->add_items();
    item->set_number(i);
    item->set_code(code + "_" + std::to_string(i));
    item->set_question("Is it day?");
  }
}

// An easy-read pack "easy@1.0" derived from `base`. Its items have one, two or three probes by turns; in an
// item of one kind a probe says each detail, in an item of the other kind details are ticked. It is there for
// what probes come to, and its words are no example of easy words.
inline v1::InstrumentPack EasyReadOf(const v1::InstrumentPack& base) {
  v1::InstrumentPack pack = base;
  pack.set_id("easy");
  pack.set_version("1.0");
  pack.set_derived_from(domain::NameWithVersion(base.id(), base.version()));
  pack.set_presentation(v1::PRESENTATION_EASY_READ);
  pack.set_picture_alt(v1::PICTURE_ALT_DECORATIVE);
  pack.add_explainer("These questions are about how you are.");
  pack.add_ending("Thank you.");
  AddSection(pack, "UNDERSTOOD", v1::SECTION_KIND_TEACH_BACK, 1);
  AddSection(pack, "PRACTICE", v1::SECTION_KIND_PRACTICE, 2);
  AddSection(pack, "DISABILITY", v1::SECTION_KIND_UNSCORED, 3);
  for (v1::Item& item : *pack.mutable_items()) {
    int probes = std::max(1 + item.number() % 3, item.number() % 2 == 0 ? item.details_size() : 0);
    for (int i = 1; i <= probes; ++i) {
      v1::Probe* probe = item.add_probes();
      probe->set_code(item.code() + "_" + std::to_string(i));
      probe->set_question("Part " + std::to_string(i) + " of " + item.code() + "?");
      probe->set_reword("In other words, part " + std::to_string(i) + "?");
      if (item.number() % 2 == 0 && i <= item.details_size()) probe->set_detail(item.details(i - 1).code());
    }
  }
  return pack;
}

// As the file that holds it.
inline domain::DataFile FileOf(const v1::InstrumentPack& pack) {
  domain::DataFile file{pack.id() + ".textproto", ""};
  EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(pack, &file.text));
  return file;
}

// The default policy, grading plain24 and its easy-read presentation.
inline const domain::Catalogue& EasyReadCatalogue() {
  static const domain::Catalogue catalogue = [] {
    const domain::DataFile packs[] = {FileOf(EasyReadOf(ShippedForm().pack->pack)), Plain24File()};
    v1::Policy policy = ShippedForm().policy->policy;
    policy.clear_instruments();
    policy.add_instruments("plain24@1.0");
    policy.add_instruments("easy@1.0");
    domain::DataFile policy_file{"default.textproto", ""};
    EXPECT_TRUE(google::protobuf::TextFormat::PrintToString(policy, &policy_file.text));
    const domain::DataFile policies[] = {policy_file};
    return domain::Catalogue::Load(packs, policies, {}).value();
  }();
  return catalogue;
}

inline domain::Form EasyReadForm() {
  return EasyReadCatalogue().FormFor("easy@1.0", "default@2026.1").value();
}
// The form that the easy-read one presents.
inline domain::Form StandardForm() {
  return EasyReadCatalogue().FormFor("plain24@1.0", "default@2026.1").value();
}

}  // namespace marac::testing

#endif  // MARAC_TESTS_SUPPORT_PACKS_H_
