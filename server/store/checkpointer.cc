#include "store/checkpointer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/keys.h"
#include "base/status_macros.h"

namespace marac::store {
namespace {

using domain::Checkpoint;
using domain::CompactRange;

constexpr std::string_view kHistoryPrefix = "checkpoint-";
constexpr size_t kHistoryDigits = 20;
// Whoever carries checkpoints to another host may be of the group; nothing in them is secret to it.
constexpr mode_t kFileMode = 0640;

std::string HistoryName(uint64_t size) { return fmt::format("{}{:020}", kHistoryPrefix, size); }

absl::Status InDirectory(absl::StatusCode code, const std::string& directory, std::string_view what) {
  return absl::Status(code, fmt::format("checkpoint_directory {}: {}", directory, what));
}

absl::StatusOr<std::set<uint64_t>> ListHistory(const std::string& directory) {
  std::set<uint64_t> sizes;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    uint64_t size = 0;
    if (name.size() != kHistoryPrefix.size() + kHistoryDigits) continue;
    std::from_chars(name.data() + kHistoryPrefix.size(), name.data() + name.size(), size);
    if (name == HistoryName(size)) sizes.insert(size);
  }
  if (error) {
    return InDirectory(
        absl::StatusCode::kFailedPrecondition, directory,
        fmt::format("cannot be read ({}); mount or make it, for the server's user", error.message()));
  }
  return sizes;
}

// Reads one file of the folder; nothing when it is not there.
absl::Status AddKnown(const CheckpointerOptions& options, const std::string& name,
                      const std::vector<std::string>& public_keys, std::vector<Checkpoint>& known) {
  absl::StatusOr<std::string> note =
      ReadSmallFile(fmt::format("{}/{}", options.directory, name), domain::kCheckpointBytesMax);
  if (absl::IsNotFound(note.status())) return absl::OkStatus();
  absl::StatusOr<Checkpoint> checkpoint =
      note.ok() ? domain::OpenCheckpoint(*note, domain::CheckpointOrigin(options.area), public_keys)
                : note.status();
  if (!checkpoint.ok()) {
    return InDirectory(
        absl::StatusCode::kFailedPrecondition, options.directory,
        fmt::format("the file {} is not a checkpoint of this installation ({}); put back the folder "
                    "or the audit key that belong together",
                    name, std::string(checkpoint.status().message())));
  }
  known.push_back(*std::move(checkpoint));
  return absl::OkStatus();
}

// A clock that went back must not stop what is due by time, so that counts as due.
bool Elapsed(absl::Time since, absl::Time now, absl::Duration interval) {
  return now < since || now - since >= interval;
}

}  // namespace

absl::StatusOr<CompactRange> RebuildAndCompare(const LeafScan& scan, const std::vector<Checkpoint>& known) {
  CompactRange range;
  auto compare = [&]() -> absl::Status {
    for (const Checkpoint& checkpoint : known) {
      if (checkpoint.size == range.size() && checkpoint.root != range.Root()) {
        return absl::DataLossError(fmt::format(
            "the first {} entries of the audit log are not those that a checkpoint was signed over: the "
            "database was changed or replaced; restore the newest backup and find out by whom",
            checkpoint.size));
      }
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(compare());
  RETURN_IF_ERROR(scan([&](uint64_t sequence, std::string_view leaf) -> absl::Status {
    if (sequence != range.size() + 1 || leaf.size() != kHashBytes) {
      return absl::DataLossError(fmt::format("audit: entry {}: it is missing or damaged", range.size() + 1));
    }
    range.Append(leaf);
    return compare();
  }));
  for (const Checkpoint& checkpoint : known) {
    if (checkpoint.size > range.size()) {
      return absl::DataLossError(
          fmt::format("the audit log has {} entries, but a checkpoint was signed over {}: the database is "
                      "older than it was, or "
                      "its end was cut off; restore the newest backup and find out by whom",
                      range.size(), checkpoint.size));
    }
  }
  return range;
}

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Create(CheckpointerOptions options,
                                                                   const SecurityClock* clock,
                                                                   const LeafScan& scan) {
  std::vector<std::string> public_keys = options.former_public_keys;
  public_keys.push_back(Ed25519PublicKey(options.signing_seed));
  ASSIGN_OR_RETURN(std::set<uint64_t> history, ListHistory(options.directory));
  // Both are compared: one of them may have been put back from an earlier day without the other.
  std::vector<Checkpoint> known;
  RETURN_IF_ERROR(AddKnown(options, "checkpoint", public_keys, known));
  if (!history.empty())
    RETURN_IF_ERROR(AddKnown(options, HistoryName(*history.rbegin()), public_keys, known));
  ASSIGN_OR_RETURN(CompactRange range, RebuildAndCompare(scan, known));
  if (known.empty() && range.size() > 0) {
    // Not a refusal: a stop between the first commit and the first checkpoint looks the same.
    spdlog::warn(
        "checkpoint_directory {}: holds no checkpoint, so that the audit log's {} entries could not be "
        "compared; "
        "expected only after a new folder was set",
        options.directory, range.size());
  }

  auto checkpointer =
      std::unique_ptr<Checkpointer>(new Checkpointer(std::move(options), clock, std::move(range)));
  absl::MutexLock work(&checkpointer->work_mutex_);
  for (const Checkpoint& checkpoint : known) {
    checkpointer->written_size_ = std::max(checkpointer->written_size_, checkpoint.size);
  }
  checkpointer->attempted_size_ = checkpointer->written_size_;
  checkpointer->history_ = std::move(history);
  return checkpointer;
}

Checkpointer::Checkpointer(CheckpointerOptions options, const SecurityClock* clock, CompactRange range)
    : options_(std::move(options)),
      clock_(clock),
      origin_(domain::CheckpointOrigin(options_.area)),
      range_(std::move(range)) {
  newest_ = domain::SignCheckpoint({.origin = origin_, .size = range_.size(), .root = range_.Root()},
                                   options_.signing_seed);
}

Checkpointer::~Checkpointer() { Stop(); }

void Checkpointer::Start(AppendHeartbeat append_heartbeat, HealthObserver observe_health) {
  append_heartbeat_ = std::move(append_heartbeat);
  observe_health_ = std::move(observe_health);
  thread_ = std::thread([this] { Loop(); });
}

void Checkpointer::Stop() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Checkpointer::Loop() {
  bool stopping = false;
  while (!stopping) {
    Tick();
    absl::MutexLock lock(&mutex_);
    stopping = mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.poll_interval);
  }
  absl::MutexLock work(&work_mutex_);
  mutex_.Lock();
  const uint64_t size = range_.size();
  mutex_.Unlock();
  if (size > written_size_) MakeCheckpoint(clock_->Now());
  ReportHealth();
}

void Checkpointer::Tick() {
  absl::MutexLock work(&work_mutex_);
  const absl::Time now = clock_->Now();
  Heartbeat(now);
  mutex_.Lock();
  const uint64_t size = range_.size();
  mutex_.Unlock();
  if (CheckpointDue(now, size)) MakeCheckpoint(now);
  ReportHealth();
}

void Checkpointer::Heartbeat(absl::Time now) {
  if (append_heartbeat_ == nullptr || !Elapsed(heartbeat_time_, now, options_.heartbeat_interval)) return;
  heartbeat_time_ = now;
  absl::Status status = append_heartbeat_();
  if (!status.ok()) {
    status = absl::UnavailableError(
        fmt::format("the audit heartbeat could not be written: {}", std::string(status.message())));
  }
  absl::MutexLock lock(&mutex_);
  heartbeat_ = std::move(status);
}

// Counted from the last attempt, not the last success: a full disk must not be tried at every turn.
bool Checkpointer::CheckpointDue(absl::Time now, uint64_t size) const {
  if (size <= written_size_) return false;
  if (Elapsed(attempted_time_, now, options_.checkpoint_interval)) return true;
  return size - attempted_size_ >= options_.entries_per_checkpoint &&
         Elapsed(attempted_time_, now, options_.spacing_min);
}

void Checkpointer::MakeCheckpoint(absl::Time now) {
  mutex_.Lock();
  const CompactRange range = range_;
  mutex_.Unlock();
  // Signing and files take milliseconds, so they are done on a copy: the writer must not wait for them.
  const std::string note = domain::SignCheckpoint(
      {.origin = origin_, .size = range.size(), .root = range.Root()}, options_.signing_seed);
  attempted_size_ = range.size();
  attempted_time_ = now;
  absl::Status status = WriteFiles(note, range.size());
  if (status.ok()) written_size_ = range.size();
  absl::MutexLock lock(&mutex_);
  newest_ = note;
  write_ = std::move(status);
}

absl::Status Checkpointer::WriteFiles(const std::string& note, uint64_t size) {
  for (const std::string& name : {HistoryName(size), std::string("checkpoint")}) {
    absl::Status status =
        WriteFileDurably(fmt::format("{}/{}", options_.directory, name), note, kFileMode, IfExists::kReplace);
    if (!status.ok()) {
      return InDirectory(status.code(), options_.directory,
                         fmt::format("{}; it is tried again every {}", std::string(status.message()),
                                     absl::FormatDuration(options_.checkpoint_interval)));
    }
  }
  history_.insert(size);
  while (history_.size() > options_.history_max) {
    // One that cannot be removed does no harm but to take room.
    unlink(fmt::format("{}/{}", options_.directory, HistoryName(*history_.begin())).c_str());
    history_.erase(history_.begin());
  }
  return absl::OkStatus();
}

void Checkpointer::ReportHealth() {
  absl::Status now = health();
  // Only the code: the sentence names another file at each attempt, and one line in the log is enough.
  if (now.code() == reported_.code()) return;
  if (now.ok()) {
    spdlog::info("audit checkpoints are written again");
  } else {
    spdlog::error("audit checkpoints: {}", std::string(now.message()));
  }
  reported_ = now;
  if (observe_health_ != nullptr) observe_health_(now);
}

void Checkpointer::Committed(uint64_t sequence, std::string_view leaf) {
  absl::MutexLock lock(&mutex_);
  if (!order_.ok()) return;
  if (sequence != range_.size() + 1) {
    // A checkpoint over anything else than the log would accuse the database at the next start.
    order_ = absl::InternalError(
        fmt::format("entry {} came where {} was due; no checkpoint is made until a restart", sequence,
                    range_.size() + 1));
    return;
  }
  range_.Append(leaf);
}

absl::Status Checkpointer::Compare(const LeafScan& scan) const {
  mutex_.Lock();
  const CompactRange range = range_;
  mutex_.Unlock();
  return RebuildAndCompare(scan, {{.origin = origin_, .size = range.size(), .root = range.Root()}}).status();
}

std::string Checkpointer::newest() const {
  absl::MutexLock lock(&mutex_);
  return newest_;
}

absl::Status Checkpointer::health() const {
  absl::MutexLock lock(&mutex_);
  if (!order_.ok()) return order_;
  if (!write_.ok()) return write_;
  return heartbeat_;
}

}  // namespace marac::store
