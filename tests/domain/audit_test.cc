// Threat 12 (a log edited by whoever may write the file) and test L3 of the catalogue, for the pure part.
#include "domain/audit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/hash.h"
#include "tests/support/status_matchers.h"

namespace marac::domain {
namespace {

using testing::Refuses;
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

AuditEvent FullEvent() {
  AuditEvent event;
  event.kind = AuditKind::kDisclosure;
  event.time_ms = 1767225600123;
  event.business_time_ms = -2;
  event.request_id = "rq";
  event.method = "m/M";
  event.allowed = true;
  event.rule = "ru";
  event.account = "ac";
  event.agency = "ag";
  event.role = "ro";
  event.program = "pr";
  event.session_digest = "sd";
  event.factor_age_s = 7;
  event.source = "so";
  event.subjects = {"s1", "", "s3"};
  event.field_classes = {1, -1};
  event.subject_classes = {2, 0, 0x80000001};
  event.row_count = 16;
  event.reason_code = "rc";
  event.recipients = {"r1"};
  event.digest_before = std::string(32, 'b');
  event.digest_after = std::string(32, 'a');
  event.status = 5;
  event.monotonic_ns = 0x0102;
  event.boot_id = "bo";
  return event;
}

void ExpectSame(const AuditEvent& a, const AuditEvent& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.time_ms, b.time_ms);
  EXPECT_EQ(a.business_time_ms, b.business_time_ms);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.method, b.method);
  EXPECT_EQ(a.allowed, b.allowed);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.account, b.account);
  EXPECT_EQ(a.agency, b.agency);
  EXPECT_EQ(a.role, b.role);
  EXPECT_EQ(a.program, b.program);
  EXPECT_EQ(a.session_digest, b.session_digest);
  EXPECT_EQ(a.factor_age_s, b.factor_age_s);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.subjects, b.subjects);
  EXPECT_EQ(a.field_classes, b.field_classes);
  EXPECT_EQ(a.subject_classes, b.subject_classes);
  EXPECT_EQ(a.row_count, b.row_count);
  EXPECT_EQ(a.reason_code, b.reason_code);
  EXPECT_EQ(a.recipients, b.recipients);
  EXPECT_EQ(a.digest_before, b.digest_before);
  EXPECT_EQ(a.digest_after, b.digest_after);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.monotonic_ns, b.monotonic_ns);
  EXPECT_EQ(a.boot_id, b.boot_id);
}

TEST(AuditRecordTest, GoesThereAndBack) {
  for (uint64_t sequence : {uint64_t{1}, uint64_t{0x0102030405060708}, ~uint64_t{0}}) {
    for (const AuditEvent& event : {FullEvent(), AuditEvent{}}) {
      ASSERT_OK_AND_ASSIGN(auto decoded, DecodeAuditRecord(EncodeAuditRecord(sequence, event)));
      EXPECT_EQ(decoded.first, sequence);
      ExpectSame(decoded.second, event);
    }
  }
}

// The bytes are written out by hand from the page in the header. If this fails, every log already written can
// no longer be checked: make a new version instead of changing it.
TEST(AuditRecordTest, HasTheDocumentedBytes) {
  AuditEvent event = FullEvent();
  event.time_ms = 0x0000019b7800aabb;
  event.digest_before = "";
  event.digest_after = "\xff";
  EXPECT_EQ(Hex(EncodeAuditRecord(0x0102030405060708, event)),
            "03"                // version
            "0102030405060708"  // sequence
            "04"                // kind
            "0000019b7800aabb"  // time_ms
            "fffffffffffffffe"  // business_time_ms
            "000000027271"      // request_id
            "000000036d2f4d"    // method
            "01"                // allowed
            "000000027275"      // rule
            "000000026163"      // account
            "000000026167"      // agency
            "00000002726f"      // role
            "000000027072"      // program
            "000000027364"      // session_digest
            "00000007"          // factor_age_s
            "00000002736f"      // source
            "00000003"
            "000000027331"
            "00000000"
            "000000027333"  // subjects
            "00000002"
            "00000001"
            "ffffffff"  // field_classes
            "00000003"
            "00000002"
            "00000000"
            "80000001"      // subject_classes
            "00000010"      // row_count
            "000000027263"  // reason_code
            "00000001"
            "000000027231"      // recipients
            "00000000"          // digest_before
            "00000001ff"        // digest_after
            "00000005"          // status
            "0000000000000102"  // monotonic_ns
            "00000002626f");    // boot_id
}

// What was written before subject_classes stays readable, byte for byte.
TEST(AuditRecordTest, AnOlderRecordIsStillRead) {
  std::string record = EncodeAuditRecord(9, FullEvent());
  const std::string classes("\0\0\0\x03\0\0\0\x02\0\0\0\0\x80\0\0\x01", 16);
  const size_t at = record.find(classes);
  ASSERT_NE(at, std::string::npos);
  record.erase(at, classes.size());
  record[0] = 2;
  ASSERT_OK_AND_ASSIGN(const auto decoded, DecodeAuditRecord(record));
  AuditEvent expected = FullEvent();
  expected.subject_classes.clear();
  ExpectSame(decoded.second, expected);
}

TEST(AuditRecordTest, ClassesForOtherThanItsSubjectsAreRefused) {
  AuditEvent event = FullEvent();
  event.subject_classes.pop_back();
  EXPECT_THAT(DecodeAuditRecord(EncodeAuditRecord(9, event)), Refuses(kDataLoss, "subject_classes"));
}

TEST(AuditIndexTest, AnEventIsFoundByEachOfItsSubjectsAndByWhoDidIt) {
  AuditEvent event;
  event.account = "b";
  event.subjects = {"c", "a", "c", "", "b"};
  EXPECT_EQ(IndexKeys(event), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(IndexKeys(AuditEvent()).empty());
}

TEST(AuditDigestTest, OfSeveralRecordsIsOverTheDigestsOfEachByName) {
  const std::string one(32, '1'), two(32, '2'), three(32, '3');
  EXPECT_EQ(DigestsOf({}), std::pair(std::string(), std::string()));
  EXPECT_EQ(DigestsOf({{"a", {one, two}}}), std::pair(one, two));
  EXPECT_EQ(DigestsOf({{"a", {"", two}}}), std::pair(std::string(), two));
  EXPECT_EQ(DigestsOf({{"b", {"", two}}, {"a", {one, three}}}),
            std::pair(Sha256(one + std::string(32, '\0')), Sha256(three + two)));
}

TEST(AuditRecordTest, EveryCutIsRefusedNamingAField) {
  const std::string record = EncodeAuditRecord(9, FullEvent());
  for (size_t size = 0; size < record.size(); ++size) {
    // A copy of exactly that size on the heap, so that the sanitizer sees a read past its end.
    std::vector<char> cut(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(DecodeAuditRecord({cut.data(), cut.size()}), Refuses(kDataLoss, "audit record: the field "))
        << size;
  }
}

TEST(AuditRecordTest, RefusesWhatTheEncoderDoesNotMake) {
  const std::string record = EncodeAuditRecord(9, FullEvent());
  EXPECT_THAT(DecodeAuditRecord(record + '\0'), Refuses(kDataLoss, "bytes follow"));
  std::string changed = record;
  changed[0] = 1;
  EXPECT_THAT(DecodeAuditRecord(changed), Refuses(kDataLoss, "version 1"));
  for (char kind : {'\x00', '\x0f', '\xff'}) {
    changed = record;
    changed[9] = kind;
    EXPECT_THAT(DecodeAuditRecord(changed), Refuses(kDataLoss, "kind"));
  }
  changed = record;
  changed[39] = 2;  // 26 fixed bytes, request_id (6), method (7)
  EXPECT_THAT(DecodeAuditRecord(changed), Refuses(kDataLoss, "allowed"));
}

TEST(AuditRecordTest, AHugeLengthOrCountAllocatesNothing) {
  AuditEvent event;
  std::string record = EncodeAuditRecord(9, event);
  // Every four bytes in turn become a length or count of 4 GiB, or cut through other fields.
  for (size_t at = 26; at + 4 <= record.size(); ++at) {
    std::string changed = record;
    changed.replace(at, 4, "\xff\xff\xff\xff");
    (void)DecodeAuditRecord(changed);
  }
  record.replace(26, 4, "\xff\xff\xff\xff");
  EXPECT_THAT(DecodeAuditRecord(record), Refuses(kDataLoss, "request_id"));
}

TEST(AuditRecordTest, WhatDecodesFromGarbageEncodesToTheSameBytes) {
  const std::string record = EncodeAuditRecord(9, FullEvent());
  std::minstd_rand random(20260101);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string changed = record;
    for (unsigned change = 0; change <= random() % 3; ++change) {
      changed[random() % changed.size()] = static_cast<char>(random() & 0xff);
    }
    auto decoded = DecodeAuditRecord(changed);
    if (!decoded.ok()) continue;
    ++accepted;
    ASSERT_EQ(EncodeAuditRecord(decoded->first, decoded->second), changed);
  }
  EXPECT_GT(accepted, 100);
}

TEST(AuditHashTest, LeafAndChainAreTheDocumentedDigests) {
  // RFC 6962: the leaf of the empty string.
  EXPECT_EQ(Hex(LeafHash("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(kChainStart, std::string(32, '\0'));
  EXPECT_EQ(ChainHash(kChainStart, LeafHash("x")),
            Sha256(std::string(32, '\0') + Sha256(std::string("\0x", 2))));
}

struct Row {
  uint64_t sequence;
  std::string record, leaf, chain;
};

std::vector<Row> Log(uint64_t size, int32_t status = 0) {
  std::vector<Row> rows;
  std::string chain(kChainStart);
  for (uint64_t sequence = 1; sequence <= size; ++sequence) {
    AuditEvent event = FullEvent();
    event.status = status;
    Row row{.sequence = sequence, .record = EncodeAuditRecord(sequence, event), .leaf = {}, .chain = {}};
    row.leaf = LeafHash(row.record);
    row.chain = chain = ChainHash(chain, row.leaf);
    rows.push_back(row);
  }
  return rows;
}

absl::Status Check(const std::vector<Row>& rows, ChainCheck check = ChainCheck()) {
  for (const Row& row : rows) {
    absl::Status status = check.Next(row.sequence, row.record, row.leaf, row.chain);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

TEST(ChainCheckTest, AnUntouchedLogPasses) {
  EXPECT_OK(Check(Log(20)));
  std::vector<Row> rows = Log(20);
  ChainCheck later(/*checked=*/15, rows[14].chain);
  EXPECT_OK(Check({rows.begin() + 15, rows.end()}, later));
}

TEST(ChainCheckTest, AChangeInAnyByteOfAnyRowNamesThatRow) {
  const std::vector<Row> log = Log(3);
  for (size_t i = 0; i < log.size(); ++i) {
    for (std::string Row::*part : {&Row::record, &Row::leaf, &Row::chain}) {
      for (size_t at = 0; at < (log[i].*part).size(); ++at) {
        std::vector<Row> rows = log;
        (rows[i].*part)[at] = static_cast<char>((rows[i].*part)[at] ^ 1);
        EXPECT_THAT(Check(rows), Refuses(kDataLoss, fmt::format("entry {}:", i + 1)));
      }
    }
  }
}

TEST(ChainCheckTest, ADeletedInsertedSwappedOrRenumberedRowIsNamed) {
  const std::vector<Row> log = Log(6);
  std::vector<Row> rows = log;
  rows.erase(rows.begin() + 2);
  EXPECT_THAT(Check(rows), Refuses(kDataLoss, "entry 3: it is missing"));
  rows = log;
  rows.insert(rows.begin() + 2, rows[1]);
  EXPECT_THAT(Check(rows), Refuses(kDataLoss, "entry 3: it is missing or out of order"));
  rows = log;
  std::swap(rows[2], rows[3]);
  EXPECT_THAT(Check(rows), Refuses(kDataLoss, "entry 3:"));
  rows = log;
  rows.erase(rows.begin() + 2);
  for (size_t i = 2; i < rows.size(); ++i) rows[i].sequence = i + 1;
  EXPECT_THAT(Check(rows), Refuses(kDataLoss, "entry 3: its record was written as entry 4"));
}

TEST(ChainCheckTest, ARowForgedWithItsOwnHashesBreaksTheNext) {
  std::vector<Row> rows = Log(6);
  std::vector<Row> forged = Log(6, /*status=*/7);
  rows[2].record = forged[2].record;
  rows[2].leaf = forged[2].leaf;
  rows[2].chain = ChainHash(rows[1].chain, rows[2].leaf);
  EXPECT_THAT(Check(rows), Refuses(kDataLoss, "entry 4: its chain hash"));
}

}  // namespace
}  // namespace marac::domain
