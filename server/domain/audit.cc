#include "domain/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/hash.h"
#include "base/status_macros.h"

namespace marac::domain {

using std::literals::string_view_literals::operator""sv;

const std::string_view kChainStart = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv;

namespace {

constexpr uint8_t kVersion = 3;
constexpr uint8_t kVersionWithoutSubjectClasses = 2;

class Encoder {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void Field(const char*, T value) {
    uint64_t bits = static_cast<uint64_t>(value);
    for (size_t shift = 8 * sizeof(T); shift > 0; shift -= 8) {
      record_.push_back(static_cast<char>((bits >> (shift - 8)) & 0xff));
    }
  }
  void Field(const char* name, const std::string& text) {
    Field(name, static_cast<uint32_t>(text.size()));
    record_ += text;
  }
  template <typename T>
  void Field(const char* name, const std::vector<T>& list) {
    Field(name, static_cast<uint32_t>(list.size()));
    for (const T& element : list) Field(name, element);
  }

  std::string Take() && { return std::move(record_); }

 private:
  std::string record_;
};

// Goes on past the first fault without reading anything, so that the walk over the fields needs no checks.
class Decoder {
 public:
  explicit Decoder(std::string_view record) : rest_(record) {}

  template <typename T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void Field(const char* name, T& value) {
    std::string_view bytes = Take(name, sizeof(T));
    uint64_t bits = 0;
    for (char byte : bytes) bits = (bits << 8) | static_cast<unsigned char>(byte);
    if constexpr (std::is_same_v<T, bool>) {
      if (bits > 1) Fail(name);
      value = bits == 1;
    } else {
      value = static_cast<T>(bits);
    }
  }
  void Field(const char* name, std::string& text) {
    uint32_t size = 0;
    Field(name, size);
    text = Take(name, size);
  }
  template <typename T>
  void Field(const char* name, std::vector<T>& list) {
    uint32_t count = 0;
    Field(name, count);
    // Every element has at least four bytes: a count that the rest cannot hold must not allocate.
    if (count > rest_.size() / 4) return Fail(name);
    list.resize(count);
    for (T& element : list) Field(name, element);
  }

  void Fail(const char* name) {
    if (status_.ok()) {
      status_ = absl::DataLossError(fmt::format("audit record: the field {} is damaged", name));
    }
    rest_ = {};
  }

  absl::Status Finish() {
    if (!rest_.empty()) Fail("boot_id (bytes follow it)");
    return status_;
  }

 private:
  std::string_view Take(const char* name, size_t size) {
    if (size > rest_.size() || !status_.ok()) {
      Fail(name);
      return {};
    }
    std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  absl::Status status_;
};

// The one list of fields, for both directions, so that they cannot disagree.
template <typename Codec, typename Version, typename Sequence, typename Event>
void Walk(Codec& codec, Version& version, Sequence& sequence, Event& event) {
  codec.Field("version", version);
  codec.Field("sequence", sequence);
  codec.Field("kind", event.kind);
  codec.Field("time_ms", event.time_ms);
  codec.Field("business_time_ms", event.business_time_ms);
  codec.Field("request_id", event.request_id);
  codec.Field("method", event.method);
  codec.Field("allowed", event.allowed);
  codec.Field("rule", event.rule);
  codec.Field("account", event.account);
  codec.Field("agency", event.agency);
  codec.Field("role", event.role);
  codec.Field("program", event.program);
  codec.Field("session_digest", event.session_digest);
  codec.Field("factor_age_s", event.factor_age_s);
  codec.Field("source", event.source);
  codec.Field("subjects", event.subjects);
  codec.Field("field_classes", event.field_classes);
  if (version != kVersionWithoutSubjectClasses) codec.Field("subject_classes", event.subject_classes);
  codec.Field("row_count", event.row_count);
  codec.Field("reason_code", event.reason_code);
  codec.Field("recipients", event.recipients);
  codec.Field("digest_before", event.digest_before);
  codec.Field("digest_after", event.digest_after);
  codec.Field("status", event.status);
  codec.Field("monotonic_ns", event.monotonic_ns);
  codec.Field("boot_id", event.boot_id);
}

}  // namespace

std::string EncodeAuditRecord(uint64_t sequence, const AuditEvent& event) {
  Encoder encoder;
  Walk(encoder, kVersion, sequence, event);
  return std::move(encoder).Take();
}

absl::StatusOr<std::pair<uint64_t, AuditEvent>> DecodeAuditRecord(std::string_view record) {
  const uint8_t found = record.empty() ? kVersion : static_cast<uint8_t>(record.front());
  if (found != kVersion && found != kVersionWithoutSubjectClasses) {
    return absl::DataLossError(
        fmt::format("audit record: version {} is not one that this program knows", found));
  }
  Decoder decoder(record);
  uint8_t version = 0;
  std::pair<uint64_t, AuditEvent> result;
  auto& [sequence, event] = result;
  Walk(decoder, version, sequence, event);
  RETURN_IF_ERROR(decoder.Finish());
  if (event.kind < AuditKind::kCollection || event.kind > AuditKind::kDiscontinuity) {
    return absl::DataLossError("audit record: the field kind is damaged");
  }
  if (!event.subject_classes.empty() && event.subject_classes.size() != event.subjects.size()) {
    return absl::DataLossError("audit record: the field subject_classes is damaged");
  }
  return result;
}

std::string LeafHash(std::string_view record) { return Sha256("\0"sv, record); }

std::string ChainHash(std::string_view previous_chain, std::string_view leaf) {
  return Sha256(previous_chain, leaf);
}

std::vector<std::string> IndexKeys(const AuditEvent& event) {
  std::vector<std::string> keys = event.subjects;
  keys.push_back(event.account);
  std::erase(keys, "");
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

std::pair<std::string, std::string> DigestsOf(const ChangedRecords& changed) {
  if (changed.empty()) return {};
  if (changed.size() == 1) return changed.begin()->second;
  std::string before, after;
  bool any_before = false;
  for (const auto& [name, digests] : changed) {
    any_before = any_before || !digests.first.empty();
    before += digests.first.empty() ? std::string(kHashBytes, '\0') : digests.first;
    after += digests.second;
  }
  return {any_before ? Sha256(before) : std::string(), Sha256(after)};
}

absl::Status ChainCheck::Next(uint64_t sequence, std::string_view record, std::string_view leaf,
                              std::string_view chain) {
  auto bad = [&](std::string_view what) {
    return absl::DataLossError(fmt::format("audit: entry {}: {}", checked_ + 1, what));
  };
  if (sequence != checked_ + 1) {
    return bad(fmt::format("it is missing or out of order; the entry found in its place is {}", sequence));
  }
  auto decoded = DecodeAuditRecord(record);
  if (!decoded.ok()) return bad(std::string(decoded.status().message()));
  if (decoded->first != sequence) {
    return bad(fmt::format("its record was written as entry {}", decoded->first));
  }
  if (LeafHash(record) != leaf) return bad("its record or its leaf hash was changed");
  std::string expected = ChainHash(chain_, leaf);
  if (expected != chain) return bad("its chain hash does not follow from the entry before");
  checked_ = sequence;
  chain_ = std::move(expected);
  return absl::OkStatus();
}

}  // namespace marac::domain
