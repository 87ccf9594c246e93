// The rules of the tree itself: who may include whom, what lies where, and that everything which can leave
// the server was given a class and every method a rule. It reads the files as git knows them, committed or
// not.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "domain/access.h"
#include "domain/redact.h"
#include "tests/support/source_path.h"

namespace marac {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::MethodDescriptor;
using ::google::protobuf::ServiceDescriptor;
using ::marac::testing::SourcePath;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

struct File {
  std::string path;  // from the top of the tree
  std::string text;
  bool In(std::string_view folder) const { return path.starts_with(folder); }
  bool Is(std::string_view ending) const { return path.ends_with(ending); }
  bool IsCode() const { return Is(".h") || Is(".cc"); }
};

std::vector<std::string> ListTree() {
  // In a tree that belongs to somebody else git refuses to work, and here it only lists.
  const std::string tree = SourcePath("");
  const std::string command = "git -c safe.directory='" + tree.substr(0, tree.size() - 1) + "' -C '" + tree +
                              "' ls-files -z --cached --others --exclude-standard";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  std::string names;
  char buffer[4096];
  while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) names.append(buffer, n);
  const int status = pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "git could not list the tree: " << command;
  std::vector<std::string> paths;
  std::istringstream stream(names);
  for (std::string path; std::getline(stream, path, '\0');) {
    // git still lists what was removed and not yet committed.
    if (std::filesystem::is_regular_file(SourcePath(path))) paths.push_back(path);
  }
  return paths;
}

const std::vector<File>& Tree() {
  static const auto& tree = *new std::vector<File>([] {
    std::vector<File> files;
    for (const std::string& path : ListTree()) {
      std::ostringstream text;
      text << std::ifstream(SourcePath(path), std::ios::binary).rdbuf();
      files.push_back({path, text.str()});
    }
    return files;
  }());
  return tree;
}

// "path:line: the line" for each line of the chosen files that `pattern` finds.
std::vector<std::string> LinesWith(const std::string& pattern,
                                   const std::function<bool(const File&)>& chosen) {
  const std::regex wanted(pattern, std::regex::ECMAScript | std::regex::optimize);
  std::vector<std::string> found;
  for (const File& file : Tree()) {
    if (!chosen(file)) continue;
    std::istringstream lines(file.text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (std::regex_search(line, wanted)) {
        found.push_back(file.path + ":" + std::to_string(number) + ": " + line);
      }
    }
  }
  return found;
}

// Code of one layer and of the tests that mirror it.
std::function<bool(const File&)> Layer(const std::string& name) {
  return [name](const File& file) {
    return file.IsCode() && (file.In("server/" + name + "/") || file.In("tests/" + name + "/"));
  };
}

TEST(IncludesTest, TheTreeIsReadAtAll) {
  // Otherwise every other test here would pass on nothing.
  EXPECT_FALSE(LinesWith("#include \"domain/access\\.h\"", Layer("domain")).empty());
  EXPECT_GT(Tree().size(), 100U);
}

TEST(IncludesTest, GoOneWayFromRpcToBase) {
  EXPECT_THAT(LinesWith(R"(#include "(domain|store|rpc|cli)/)", Layer("base")), IsEmpty());
  EXPECT_THAT(LinesWith(R"(#include "(store|render|rpc|cli)/)", Layer("domain")), IsEmpty());
  EXPECT_THAT(LinesWith(R"(#include "(render|rpc|cli)/)", Layer("store")), IsEmpty());
  // What prints knows nothing of what it prints; its tests print something.
  EXPECT_THAT(LinesWith(R"(#include "(domain|store|rpc|cli|marac)/)",
                        [](const File& file) { return file.IsCode() && file.In("server/render/"); }),
              IsEmpty());
  EXPECT_THAT(LinesWith(R"(#include "cli/)", Layer("rpc")), IsEmpty());
}

TEST(IncludesTest, AClientUsesNeitherStoreNorServer) {
  EXPECT_THAT(LinesWith(R"(#include "(store|rpc)/)",
                        [](const File& file) { return file.IsCode() && file.In("clients/"); }),
              IsEmpty());
}

TEST(IncludesTest, AreWrittenInOneWay) {
  // Two ways to name a header would hide it from the rules above.
  EXPECT_THAT(
      LinesWith(R"(#include ["<]((server|clients)/|.*\.\./))", [](const File& f) { return f.IsCode(); }),
      IsEmpty());
  EXPECT_THAT(
      LinesWith(R"(#include <(base|domain|store|rpc|cli|marac)/)", [](const File& f) { return f.IsCode(); }),
      IsEmpty());
}

TEST(IncludesTest, TheRulesKnowNoClockNoChanceNoLogNoDatabaseAndNoNetwork) {
  const auto in_domain = [](const File& file) { return file.IsCode() && file.In("server/domain/"); };
  EXPECT_THAT(
      LinesWith(R"(#include [<"](base/(clock|ids|file|pki)\.h|absl/(time/clock\.h|random/|log/)|spdlog/|)"
                R"(grpc|sqlcipher/|sqlite3|sodium\.h|openssl/|chrono>|ctime>|time\.h|sys/|unistd\.h|random>|)"
                R"(thread>|iostream>|fstream>|filesystem>))",
                in_domain),
      IsEmpty());
  EXPECT_THAT(
      LinesWith(R"(\b(absl::Now|std::rand|std::getenv|getenv|gettimeofday|clock_gettime)\s*\()", in_domain),
      IsEmpty());
}

TEST(IncludesTest, OnlyTheStoreKnowsTheDatabase) {
  // Tests may, to break it.
  EXPECT_THAT(LinesWith(R"(#include [<"].*sqlite3)",
                        [](const File& file) {
                          return file.IsCode() && !file.In("server/store/") && !file.In("tests/");
                        }),
              IsEmpty());
  EXPECT_THAT(LinesWith(R"(#include <sqlite3\.h>)", [](const File& f) { return f.IsCode(); }), IsEmpty())
      << "that is the library which writes clear text; <sqlcipher/sqlite3.h> is ours";
}

TEST(IncludesTest, OnlyTheEdgeKnowsGrpc) {
  EXPECT_THAT(LinesWith(R"(#include [<"](grpc|.*\.grpc\.pb\.h))",
                        [](const File& file) {
                          return file.IsCode() && !file.In("server/rpc/") && !file.In("clients/") &&
                                 !file.In("tests/");
                        }),
              IsEmpty());
}

TEST(LayoutTest, SqlIsInTheStoreAndTheSchemaOnly) {
  EXPECT_THAT(LinesWith(R"(["( ](SELECT .*\bFROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|PRAGMA \w|)"
                        R"(CREATE (TEMP |TEMPORARY |UNIQUE )?(TABLE|VIEW|INDEX|TRIGGER))\b)",
                        [](const File& file) {
                          return (file.In("server/") && !file.In("server/store/")) || file.In("clients/");
                        }),
              IsEmpty());
}

TEST(LayoutTest, TheTopShowsWhatAnyoneShouldSeeAndNoMore) {
  std::set<std::string> visible;
  for (const File& file : Tree()) {
    const std::string top = file.path.substr(0, file.path.find('/'));
    if (!top.starts_with('.')) visible.insert(top);
  }
  EXPECT_THAT(visible, UnorderedElementsAreArray({"CMakeLists.txt", "LICENSE", "README.md", "clients",
                                                  "deploy", "proto", "schema", "server", "tests"}));
}

TEST(LayoutTest, MigrationsAreNumberedWithoutAGap) {
  const std::regex named(R"(schema/([0-9]{4})_[a-z0-9]+(_[a-z0-9]+)*\.sql)");
  std::vector<int> numbers;
  for (const File& file : Tree()) {
    if (!file.Is(".sql") || !file.In("schema/")) continue;
    std::smatch match;
    ASSERT_TRUE(std::regex_match(file.path, match, named))
        << file.path << " is not named NNNN_what_it_does.sql";
    numbers.push_back(std::stoi(match[1]));
  }
  std::sort(numbers.begin(), numbers.end());
  std::vector<int> expected;
  for (size_t i = 1; i <= numbers.size(); ++i) expected.push_back(static_cast<int>(i));
  EXPECT_FALSE(numbers.empty());
  EXPECT_THAT(numbers, ElementsAreArray(expected));
}

TEST(LayoutTest, NothingIsLeftForLater) {
  // The brackets keep these lines from finding themselves.
  EXPECT_THAT(LinesWith("TO[D]O|FIX[M]E", [](const File&) { return true; }), IsEmpty());
}

TEST(LayoutTest, NothingNamesAMachineOrARegistry) {
  EXPECT_THAT(LinesWith(R"((^|[^A-Za-z0-9_.}*-])/([w]ork|[h]ome|[U]sers)/[A-Za-z])",
                        [](const File&) { return true; }),
              IsEmpty());
  EXPECT_THAT(
      LinesWith(R"([n]pmjs\.|[r]egistry\.[a-z]+\.|(deb|ftp|security|snapshot)\.([a-z]+\.)?[d]ebian\.org)"
                R"(|[p]ypi\.|"[r]esolved":)",
                [](const File&) { return true; }),
      IsEmpty());
}

TEST(LayoutTest, TheReadmeNamesBothCommands) {
  for (const File& file : Tree()) {
    if (file.path != "README.md") continue;
    for (const char* command : {"deploy/demo", "tests/run"}) {
      if (!std::filesystem::exists(SourcePath(command))) continue;
      EXPECT_THAT(file.text, HasSubstr(std::string("./") + command));
    }
    return;
  }
  FAIL() << "there is no README.md";
}

TEST(LayoutTest, TheRunnerNamesEveryTestProgram) {
  std::string runner;
  std::set<std::string> programs;
  const std::regex source(R"(tests/(?:([a-z]+)/)?([a-z_]+)_test\.cc)");
  for (const File& file : Tree()) {
    std::smatch match;
    if (file.path == "tests/run") runner = file.text;
    // A folder is one program; a test beside the folders is one of its own.
    if (std::regex_match(file.path, match, source)) {
      programs.insert((match[1].matched ? match[1].str() : match[2].str()) + "_test");
    }
  }
  EXPECT_FALSE(programs.empty());
  for (const std::string& program : programs) {
    EXPECT_TRUE(std::regex_search(runner, std::regex("\\b" + program + "\\b")))
        << "tests/run never runs " << program;
  }
}

TEST(LayoutTest, EveryMutantSaysWhichTestsMustFind) {
  const std::regex first(R"(# must fail: (\S.*)\n)");
  const std::regex changed(R"(\n\+\+\+ b/(\S+))");
  int mutants = 0;
  for (const File& file : Tree()) {
    if (!file.In("tests/mutants/")) continue;
    ++mutants;
    std::smatch match;
    ASSERT_TRUE(file.Is(".patch")) << file.path;
    ASSERT_TRUE(std::regex_search(file.text, match, first, std::regex_constants::match_continuous))
        << file.path << ": the first line must be \"# must fail: REGEX\", which tests of those names must";
    EXPECT_NO_THROW(std::regex(match[1].str(), std::regex::extended)) << file.path;
    ASSERT_TRUE(std::regex_search(file.text, match, changed)) << file.path << " changes no file";
    EXPECT_TRUE(std::filesystem::exists(SourcePath(match[1].str()))) << file.path << ": " << match[1];
    EXPECT_THAT(match[1].str(), Not(::testing::StartsWith("tests/"))) << file.path << " changes a test";
  }
  EXPECT_GT(mutants, 0);
}

// --- The contract ------------------------------------------------------------------------------------------

// Every service of proto/marac/v1, linked into this program whole.
std::vector<const ServiceDescriptor*> Services() {
  std::vector<const ServiceDescriptor*> services;
  for (const File& file : Tree()) {
    if (!file.In("proto/marac/v1/") || !file.Is(".proto")) continue;
    const FileDescriptor* proto =
        DescriptorPool::generated_pool()->FindFileByName(file.path.substr(std::string("proto/").size()));
    EXPECT_NE(proto, nullptr) << file.path << " is not part of this program";
    if (proto == nullptr) continue;
    for (int i = 0; i < proto->service_count(); ++i) services.push_back(proto->service(i));
  }
  return services;
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const ServiceDescriptor* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
  }
  return methods;
}

TEST(ContractTest, EveryFieldThatCanLeaveHasAClass) {
  EXPECT_FALSE(Methods().empty());
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_THAT(domain::FirstUnclassified(*method->output_type()), IsEmpty())
        << "in an answer of " << method->full_name();
  }
}

TEST(ContractTest, EveryMethodHasOneRuleAndEveryRuleAMethod) {
  std::vector<std::string> methods;
  for (const MethodDescriptor* method : Methods()) {
    methods.push_back(method->service()->full_name() + "/" + method->name());
  }
  std::vector<std::string> rules;
  for (const domain::MethodRule& rule : domain::MethodRules()) rules.emplace_back(rule.method);
  EXPECT_THAT(rules, UnorderedElementsAreArray(methods));
}

TEST(ContractTest, ARequestTypeBelongsToOneMethod) {
  // The gate finds the method, and with it who may call, by the type of the request.
  std::map<std::string, std::vector<std::string>> by_type;
  for (const MethodDescriptor* method : Methods()) {
    by_type[method->input_type()->full_name()].push_back(method->full_name());
  }
  for (const auto& [type, methods] : by_type) {
    EXPECT_EQ(methods.size(), 1U) << type << " is taken by " << ::testing::PrintToString(methods);
  }
}

}  // namespace
}  // namespace marac
