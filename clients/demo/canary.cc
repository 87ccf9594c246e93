#include "demo/canary.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <sodium.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <unordered_map>

#include "absl/strings/ascii.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "marac/v1/values.pb.h"

namespace marac::demo {
namespace {

namespace fs = std::filesystem;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kWordLength = 16;

// Strings that are no free text: names of records, codes of lists, and what only machines write.
bool IsCodeOrName(const FieldDescriptor& field) {
  static const auto& names = *new std::set<std::string>{"name",
                                                        "etag",
                                                        "request_id",
                                                        "page_token",
                                                        "parent",
                                                        "party_id",
                                                        "area",
                                                        "areas",
                                                        "agency",
                                                        "account",
                                                        "case_name",
                                                        "referral",
                                                        "assessment",
                                                        "assessments",
                                                        "reviews",
                                                        "join_case",
                                                        "repeat_of",
                                                        "duplicate_of",
                                                        "agenda_item",
                                                        "accepted_by",
                                                        "chair",
                                                        "accounts",
                                                        "cover_for",
                                                        "asked_by",
                                                        "candidate",
                                                        "entry",
                                                        "field",
                                                        "supervisor",
                                                        "countersigned_by",
                                                        "subject",
                                                        "typed_by",
                                                        "author",
                                                        "item",
                                                        "probe",
                                                        "option",
                                                        "shown_instrument",
                                                        "sitting",
                                                        "details",
                                                        "flags",
                                                        "cluster",
                                                        "kind",
                                                        "outcome",
                                                        "outcomes",
                                                        "reason_code",
                                                        "source_category",
                                                        "source_categories",
                                                        "instrument",
                                                        "policy",
                                                        "mandatory_fields",
                                                        "fields",
                                                        "code",
                                                        "login",
                                                        "certificate_pem",
                                                        "invited_agencies",
                                                        "fingerprints",
                                                        "nhs_number",
                                                        "number",
                                                        "service",
                                                        "pilot",
                                                        "reference",
                                                        "variant",
                                                        "reference_instrument",
                                                        "variant_instrument",
                                                        "sitting",
                                                        "symbol",
                                                        "pack_file",
                                                        "policy_file",
                                                        "signature",
                                                        "hash",
                                                        "from_instrument",
                                                        "to_instrument",
                                                        "left_for",
                                                        "other",
                                                        "recorder",
                                                        "earlier_item",
                                                        "meeting"};
  static const auto& full_names =
      *new std::set<std::string>{"marac.v1.PilotRule.id", "marac.v1.PilotContradiction.id",
                                 "marac.v1.PilotIncident.id", "marac.v1.ReviewPilotIncidentRequest.incident"};
  // A condition names items, details, options and facts by their codes.
  static const auto& types =
      *new std::set<std::string>{"marac.v1.Condition", "marac.v1.DetailTest", "marac.v1.OptionTest"};
  return names.contains(field.name()) || full_names.contains(field.full_name()) ||
         types.contains(field.containing_type()->full_name());
}

// Fields of records that the server writes, and ignores when they are sent.
bool IsServersOwn(const FieldDescriptor& field) {
  static const auto& names = *new std::set<std::string>{"marac.v1.Referral.triage",
                                                        "marac.v1.Referral.protected_details",
                                                        "marac.v1.Referral.missing_fields",
                                                        "marac.v1.Referral.additions",
                                                        "marac.v1.ProtectedDetail.correction",
                                                        "marac.v1.Referral.meeting",
                                                        "marac.v1.Area.code",
                                                        "marac.v1.Answer.wording_hash",
                                                        "marac.v1.Area.demonstration",
                                                        "marac.v1.ExcludedPerson.referral",
                                                        "marac.v1.ExcludedPerson.account",
                                                        "marac.v1.CommunicationProfile.recorder",
                                                        "marac.v1.Account.training",
                                                        "marac.v1.Sitting.id",
                                                        "marac.v1.Sitting.profile",
                                                        "marac.v1.Sitting.breaks",
                                                        "marac.v1.Sitting.needs_met",
                                                        "marac.v1.Sitting.stop_reason",
                                                        "marac.v1.Sitting.practitioner",
                                                        "marac.v1.ResearchNotes.saved_by",
                                                        "marac.v1.ResearchNotes.text_warnings"};
  return names.contains(field.full_name());
}

bool IsText(const FieldDescriptor& field) { return field.message_type() == v1::Text::descriptor(); }

bool IsFreeText(const FieldDescriptor& field) {
  if (IsCodeOrName(field) || IsServersOwn(field)) return false;
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
         (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && IsText(field));
}

// Calls `put` with each field to be filled and a setter for it.
using Put = std::function<std::string(const FieldDescriptor&)>;
using Wanted = std::function<bool(const FieldDescriptor&)>;
void Fill(Message& message, const Wanted& wanted, const Put& put) {
  const auto& reflection = *message.GetReflection();
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (wanted(field)) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        static_cast<v1::Text*>(reflection.MutableMessage(&message, &field))->set_value(put(field));
      } else if (!field.is_repeated()) {
        reflection.SetString(&message, &field, put(field));
      } else {
        reflection.ClearField(&message, &field);
        reflection.AddString(&message, &field, put(field));
      }
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsText(field) &&
               !IsServersOwn(field)) {
      if (field.is_repeated()) {
        for (int j = 0; j < reflection.FieldSize(message, &field); ++j) {
          Fill(*reflection.MutableRepeatedMessage(&message, &field, j), wanted, put);
        }
      } else if (reflection.HasField(message, &field)) {
        Fill(*reflection.MutableMessage(&message, &field), wanted, put);
      }
    }
  }
}

void AddFreeTexts(const Descriptor& type, std::set<std::string>& seen, std::set<std::string>& fields) {
  if (!seen.insert(type.full_name()).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsFreeText(field)) {
      fields.insert(field.full_name());
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsText(field) &&
               !IsServersOwn(field)) {
      AddFreeTexts(*field.message_type(), seen, fields);
    }
  }
}

std::string Utf16(std::string_view word, bool big_endian) {
  std::string wide;
  for (const char c : word) wide += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
  return wide;
}

// How `word` looks inside base64 when `before` bytes (0, 1 or 2) stand before it in its group of three: only
// the characters that depend on nothing else.
std::string InsideBase64(std::string_view word, size_t before, bool url) {
  const std::string bytes = std::string(before, '\0') + std::string(word);
  const std::string text = url ? Base64url(bytes) : Base64(bytes);
  const size_t first = (before * 8 + 5) / 6;
  const size_t last = bytes.size() * 8 / 6;
  return text.substr(first, last - first);
}

// --- Looking -----------------------------------------------------------------------------------------------

constexpr int64_t kInflatedBytesMax = 64 << 20;

// Many patterns at once, whatever the case of letters: by their first eight bytes.
class Patterns {
 public:
  explicit Patterns(const std::vector<Canary>& canaries) {
    for (size_t i = 0; i < canaries.size(); ++i) {
      const std::string& word = canaries[i].word;
      Add(i, "as it is", word);
      Add(i, "UTF-16 little endian", Utf16(word, /*big_endian=*/false));
      Add(i, "UTF-16 big endian", Utf16(word, /*big_endian=*/true));
      Add(i, "hexadecimal", Hex(word));
      for (size_t before = 0; before < 3; ++before) {
        Add(i, "base64", InsideBase64(word, before, /*url=*/false));
        Add(i, "base64url", InsideBase64(word, before, /*url=*/true));
      }
    }
  }

  // Calls `found` with the canary's index and form.
  template <typename Found>
  void Search(std::string_view bytes, const Found& found) const {
    std::string folded(bytes);
    absl::AsciiStrToLower(&folded);
    for (size_t at = 0; at + sizeof(uint64_t) <= folded.size(); ++at) {
      const uint64_t key = KeyAt(folded, at);
      if (!maybe_[Slot(key)]) continue;
      const auto [first, last] = patterns_.equal_range(key);
      for (auto pattern = first; pattern != last; ++pattern) {
        const std::string& text = pattern->second.text;
        if (folded.compare(at, text.size(), text) == 0) found(pattern->second.canary, pattern->second.form);
      }
    }
  }

 private:
  struct Pattern {
    size_t canary;
    const char* form;
    std::string text;
  };

  void Add(size_t canary, const char* form, std::string text) {
    absl::AsciiStrToLower(&text);
    const uint64_t key = KeyAt(text, 0);
    maybe_.set(Slot(key));
    patterns_.emplace(key, Pattern{canary, form, std::move(text)});
  }

  static uint64_t KeyAt(std::string_view text, size_t at) {
    uint64_t key = 0;
    std::memcpy(&key, text.data() + at, sizeof key);
    return key;
  }
  static size_t Slot(uint64_t key) { return static_cast<size_t>(key * 0x9e3779b97f4a7c15 >> 48); }

  std::bitset<65536> maybe_;
  std::unordered_multimap<uint64_t, Pattern> patterns_;
};

// What comes out of gzip or zlib data that begins here; short or empty when it is none.
std::string Inflate(std::string_view bytes) {
  z_stream stream{};
  // 32: gzip or zlib, by its header.
  if (inflateInit2(&stream, 32 + MAX_WBITS) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(std::min<size_t>(bytes.size(), 1U << 30));
  std::string out;
  std::array<char, 1 << 16> piece;
  int result = Z_OK;
  while (result == Z_OK && static_cast<int64_t>(out.size()) < kInflatedBytesMax) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return out;
}

bool MayBeDeflated(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b\x08")) return true;
  if (bytes.size() < 2 || bytes[0] != '\x78') return false;
  return (static_cast<unsigned char>(bytes[0]) * 256 + static_cast<unsigned char>(bytes[1])) % 31 == 0;
}

class Searcher {
 public:
  explicit Searcher(const std::vector<Canary>& canaries)
      : canaries_(canaries), patterns_(canaries), found_(canaries.size(), false) {}

  absl::Status Look(const std::string& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return LookInFile(path);
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path, error)) {
      if (entry.is_regular_file()) RETURN_IF_ERROR(LookInFile(entry.path().string()));
    }
    return error ? absl::NotFoundError(fmt::format("{}: {}", path, error.message())) : absl::OkStatus();
  }

  Search Take() && { return std::move(search_); }

 private:
  absl::Status LookInFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return absl::NotFoundError(fmt::format("{}: cannot be read", path));
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    ++search_.files;
    search_.bytes += static_cast<int64_t>(bytes.size());
    LookIn(bytes, path, "");
    const std::string_view view = bytes;
    for (size_t at = 0; at < view.size(); ++at) {
      if (MayBeDeflated(view.substr(at))) LookIn(Inflate(view.substr(at)), path, " in compressed data");
    }
    return absl::OkStatus();
  }

  void LookIn(std::string_view bytes, const std::string& path, const char* where) {
    patterns_.Search(bytes, [&](size_t canary, const char* form) {
      if (found_[canary]) return;
      found_[canary] = true;
      search_.findings.push_back(
          {.canary = canaries_[canary], .file = path, .form = fmt::format("{}{}", form, where)});
    });
  }

  const std::vector<Canary>& canaries_;
  const Patterns patterns_;
  std::vector<bool> found_;
  Search search_;
};

std::string Gzip(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string Canaries::Make(std::string_view field) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string word;
  // A letter first and last, which no trimming takes away.
  while (word.size() < kWordLength) {
    const bool at_end = word.empty() || word.size() + 1 == kWordLength;
    word += kLetters[randombytes_uniform(at_end ? 52 : static_cast<uint32_t>(kLetters.size()))];
  }
  all_.push_back({.word = word, .field = std::string(field)});
  filled_.insert(std::string(field));
  return word;
}

void Canaries::FillText(Message& message) {
  Fill(message, IsFreeText, [this](const FieldDescriptor& field) { return Make(field.full_name()); });
}

void Canaries::FillAll(Message& message) {
  const auto is_string = [](const FieldDescriptor& field) {
    return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING ||
           (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && IsText(field));
  };
  Fill(message, is_string,
       [this](const FieldDescriptor& field) { return Make(field.full_name() + " (refused)"); });
}

std::vector<std::string> Canaries::Missed(const Descriptor* request) const {
  std::set<std::string> seen, fields;
  AddFreeTexts(*request, seen, fields);
  std::vector<std::string> missed;
  std::ranges::set_difference(fields, filled_, std::back_inserter(missed));
  return missed;
}

absl::Status WritePlainCopy(const std::vector<Canary>& canaries, const std::string& folder) {
  std::array<std::string, 5> texts;
  std::string to_pack;
  for (size_t i = 0; i < canaries.size(); ++i) {
    const std::string& word = canaries[i].word;
    // At every place of base64's groups of three in turn.
    const std::string line = std::string(i / 6 % 3, '.') + word;
    switch (i % 6) {
      case 0:
        texts[0] += absl::AsciiStrToUpper(word) + "\n";
        break;
      case 1:
        texts[1] += Utf16(word, /*big_endian=*/i % 4 == 1);
        break;
      case 2:
        texts[2] += Base64(line) + "\n";
        break;
      case 3:
        texts[3] += Base64url(line) + "\n";
        break;
      case 4:
        texts[4] += Hex(word) + "\n";
        break;
      default:
        to_pack += word + "\n";
    }
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return absl::FailedPreconditionError(fmt::format("{}: {}", folder, error.message()));
  for (size_t i = 0; i < texts.size(); ++i) {
    std::ofstream(fmt::format("{}/{}", folder, i), std::ios::binary) << "before " << texts[i] << " after";
  }
  std::ofstream(folder + "/packed", std::ios::binary) << "before" << Gzip(to_pack) << "after";
  return absl::OkStatus();
}

std::string ToLines(const std::vector<Canary>& canaries) {
  std::string lines;
  for (const Canary& canary : canaries) lines += fmt::format("{} {}\n", canary.word, canary.field);
  return lines;
}

absl::StatusOr<std::vector<Canary>> FromLines(std::string_view lines) {
  std::vector<Canary> canaries;
  for (size_t at = 0; at < lines.size();) {
    const size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view line = lines.substr(at, end - at);
    if (line.size() < kWordLength + 2) return absl::InvalidArgumentError("the list of canaries is cut short");
    canaries.push_back({.word = std::string(line.substr(0, kWordLength)),
                        .field = std::string(line.substr(kWordLength + 1))});
    at = end + 1;
  }
  return canaries;
}

absl::StatusOr<Search> FindCanaries(const std::vector<Canary>& canaries,
                                    const std::vector<std::string>& paths) {
  Searcher searcher(canaries);
  for (const std::string& path : paths) RETURN_IF_ERROR(searcher.Look(path));
  return std::move(searcher).Take();
}

}  // namespace marac::demo
