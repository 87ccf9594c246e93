#include "store/database.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <exception>
#include <utility>

#include "base/status_macros.h"
#include "domain/audit.h"

namespace marac::store {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Reads that the right to look overtook go on to the writer, where nothing can overtake them.
constexpr int kReadAttemptsOnSnapshots = 2;
constexpr uint64_t kVerifyPieceRows = 10'000;

absl::Status Stopped() {
  return absl::UnavailableError("the database failed and the server is stopping: try again in a minute");
}

// What all callers of a lost group are told. A full disk is named, because a person must act on it.
absl::Status GroupLost(const absl::Status& cause) {
  if (absl::IsResourceExhausted(cause)) return cause;
  return absl::UnavailableError(
      "it is not certain that this was stored: send it again with the same request_id");
}

DatabaseOptions WithoutKey(DatabaseOptions options) {
  options.key = DatabaseKey{};
  return options;
}

Connection::Options ConnectionOptions(const DatabaseOptions& options, const DatabaseKey& key,
                                      std::string path, Connection::Use use) {
  return {.path = std::move(path),
          .key = &key,
          .use = use,
          .read_time_max = options.read_time_max,
          .vfs = options.vfs};
}

// Bodies run on the writer's thread, where an exception of a library would end the server.
template <typename Function>
absl::Status CatchAll(const Function& function) {
  try {
    return function();
  } catch (const std::exception&) {
    return absl::InternalError("an unexpected failure inside the server; nothing was stored");
  }
}

}  // namespace

absl::Status CreateDatabase(const DatabaseOptions& options) {
  ASSIGN_OR_RETURN(const DataDirectory directory, DataDirectory::CreateAndLock(options.directory));
  // Made under another name, so that a stop half way leaves no half-made database.
  const std::string file = directory.DatabasePath() + ".new";
  if (absl::Status found = directory.CheckDatabaseFile(); !absl::IsNotFound(found)) {
    return absl::AlreadyExistsError(
        fmt::format("{}: a database is already here: choose another directory", directory.DatabasePath()));
  }
  RETURN_IF_ERROR(directory.MakeFile(file));
  {
    ASSIGN_OR_RETURN(auto connection, Connection::Open(ConnectionOptions(options, options.key, file,
                                                                         Connection::Use::kCreate)));
    RETURN_IF_ERROR(Migrate(*connection, options.migrations));
    RETURN_IF_ERROR(connection->Checkpoint(/*truncate=*/true));
  }
  return directory.Publish(file);
}

absl::Status MigrateDatabase(const DatabaseOptions& options) {
  ASSIGN_OR_RETURN(const DataDirectory directory, DataDirectory::Lock(options.directory));
  RETURN_IF_ERROR(directory.CheckDatabaseFile());
  ASSIGN_OR_RETURN(auto connection,
                   Connection::Open(ConnectionOptions(options, options.key, directory.DatabasePath(),
                                                      Connection::Use::kMigrate)));
  ASSIGN_OR_RETURN(const int version, SchemaVersion(*connection));
  if (version == 0) {
    // An empty file accepts every key, and filling it would hide that the real one is gone.
    return absl::FailedPreconditionError(
        fmt::format("{}: the file is empty: restore the newest backup, or run `maracd init` on another "
                    "directory",
                    directory.DatabasePath()));
  }
  RETURN_IF_ERROR(Migrate(*connection, options.migrations));
  return connection->Checkpoint(/*truncate=*/true);
}

// One waiting caller. Its pointers stay valid until the caller leaves, which it may do only while the call
// is queued, or from kRan on, when nothing looks at them any more.
struct Database::Call {
  enum class State { kQueued, kRunning, kRan, kAnswered };

  const WriteBody* body = nullptr;  // none: an event alone
  const Audit* audit = nullptr;
  std::optional<uint64_t> expected_epoch;

  State state = State::kQueued;  // guarded by mutex_
  absl::CondVar changed;
  // The writer's until kAnswered, the caller's from then on.
  absl::Status status;
  bool moved = false;
  std::vector<std::function<void()>> after_commit;  // the writer's alone
};

class Database::Presence {
 public:
  explicit Presence(Database& database) : database_(database) {}
  ~Presence() { database_.Leave(); }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

 private:
  Database& database_;
};

// Gives the connection back, and its snapshot up, however the body ends.
class Database::ReaderLease {
 public:
  ReaderLease(Database& database, std::unique_ptr<Connection> reader)
      : database_(database), reader_(std::move(reader)) {}
  ~ReaderLease() { database_.ReleaseReader(std::move(reader_)); }
  ReaderLease(const ReaderLease&) = delete;
  ReaderLease& operator=(const ReaderLease&) = delete;
  Connection& operator*() const { return *reader_; }
  Connection* operator->() const { return reader_.get(); }

 private:
  Database& database_;
  std::unique_ptr<Connection> reader_;
};

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options) {
  ASSIGN_OR_RETURN(DataDirectory directory, DataDirectory::Lock(options.directory));
  RETURN_IF_ERROR(directory.CheckFatalExits(absl::Now()));
  RETURN_IF_ERROR(directory.CheckDatabaseFile());
  std::unique_ptr<Database> database(new Database(options, std::move(directory)));
  RETURN_IF_ERROR(database->OpenConnections(options.key));
  const uint64_t newest = database->Head().sequence;
  if (newest > 0) {
    const uint64_t count = std::min(newest, options.verify_rows_at_open);
    if (count > 0) RETURN_IF_ERROR(database->VerifyAudit(newest - count + 1, newest));
  }
  database->thread_ = std::thread(&Database::WriterLoop, database.get());
  return database;
}

Database::Database(const DatabaseOptions& options, DataDirectory directory)
    : options_(WithoutKey(options)),
      boot_clock_(options.boot_clock == nullptr ? own_boot_clock_ : *options.boot_clock),
      directory_(std::move(directory)) {}

Database::~Database() { Close(); }

absl::Status Database::OpenConnections(const DatabaseKey& key) {
  // The writer comes first: it alone may run the recovery of a write-ahead log that a crash left behind.
  ASSIGN_OR_RETURN(writer_, Connection::Open(ConnectionOptions(options_, key, directory_.DatabasePath(),
                                                               Connection::Use::kWriter)));
  RETURN_IF_ERROR(CheckSchemaVersion(*writer_, options_.migrations));
  RETURN_IF_ERROR(PrepareWriter());
  absl::MutexLock lock(&mutex_);
  for (int i = 0; i < options_.reader_count; ++i) {
    ASSIGN_OR_RETURN(auto reader, Connection::Open(ConnectionOptions(options_, key, directory_.DatabasePath(),
                                                                     Connection::Use::kReader)));
    readers_.push_back(std::move(reader));
  }
  ReadTransaction tx(*writer_);
  ASSIGN_OR_RETURN(head_, LoadAuditHead(tx));
  return absl::OkStatus();
}

absl::Status Database::PrepareWriter() {
  ASSIGN_OR_RETURN(begin_, writer_->PrepareControl("BEGIN IMMEDIATE"));
  ASSIGN_OR_RETURN(commit_, writer_->PrepareControl("COMMIT"));
  ASSIGN_OR_RETURN(rollback_, writer_->PrepareControl("ROLLBACK"));
  ASSIGN_OR_RETURN(savepoint_, writer_->PrepareControl("SAVEPOINT body"));
  ASSIGN_OR_RETURN(release_, writer_->PrepareControl("RELEASE body"));
  ASSIGN_OR_RETURN(rollback_to_, writer_->PrepareControl("ROLLBACK TO body"));
  ASSIGN_OR_RETURN(append_,
                   writer_->PrepareControl(
                       "INSERT INTO audit_log (sequence, record, leaf, chain) VALUES (?1, ?2, ?3, ?4)"));
  ASSIGN_OR_RETURN(index_,
                   writer_->PrepareControl("INSERT INTO audit_index (key, sequence) VALUES (?1, ?2)"));
  return absl::OkStatus();
}

absl::Status Database::Enter() {
  assert(std::this_thread::get_id() != thread_.get_id());  // a body that waits for the writer waits for ever
  absl::MutexLock lock(&mutex_);
  if (failed_) return Stopped();
  if (closing_) return absl::UnavailableError("the server is stopping: try again in a minute");
  ++active_;
  return absl::OkStatus();
}

void Database::Leave() {
  absl::MutexLock lock(&mutex_);
  if (--active_ == 0) work_.SignalAll();
}

absl::Status Database::Write(const WriteBody& body, const Audit& audit) {
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  auto call = std::make_shared<Call>();
  call->body = &body;
  call->audit = &audit;
  return Submit(call);
}

absl::Status Database::Peek(const ReadBody& body) {
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  return RunOnSnapshot(body);
}

absl::Status Database::Append(const domain::AuditEvent& event) {
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  return SubmitEvent(event, std::nullopt, nullptr);
}

absl::Status Database::Read(const ReadBody& body, const Audit& audit, const WriteBody& settle) {
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  for (int attempt = 0; attempt < kReadAttemptsOnSnapshots; ++attempt) {
    // Taken before the snapshot, so that it is never newer than what the snapshot shows.
    const uint64_t epoch = access_epoch_.load();
    const absl::Status status = RunOnSnapshot(body);
    bool moved = false;
    if (status.ok() && settle != nullptr) {
      const absl::Status settled = SubmitSettled(settle, audit, epoch, &moved);
      if (moved) continue;
      return settled;
    }
    const std::optional<domain::AuditEvent> event = audit(status);
    if (!event.has_value()) return status;
    const absl::Status appended = SubmitEvent(*event, epoch, &moved);
    if (moved) continue;
    return appended.ok() ? status : appended;
  }
  return Write(
      [&body, &settle](WriteTransaction& tx) -> absl::Status {
        ReadTransaction view = tx.View();
        RETURN_IF_ERROR(body(view));
        return settle == nullptr ? absl::OkStatus() : settle(tx);
      },
      audit);
}

absl::Status Database::SubmitSettled(const WriteBody& settle, const Audit& audit, uint64_t epoch,
                                     bool* moved) {
  auto call = std::make_shared<Call>();
  call->body = &settle;
  call->audit = &audit;
  call->expected_epoch = epoch;
  const absl::Status status = Submit(call);
  if (status.ok()) *moved = call->moved;
  return status;
}

absl::Status Database::SubmitEvent(const domain::AuditEvent& event, std::optional<uint64_t> epoch,
                                   bool* moved) {
  const Audit audit = [&event](const absl::Status&) { return event; };
  auto call = std::make_shared<Call>();
  call->audit = &audit;
  call->expected_epoch = epoch;
  const absl::Status status = Submit(call);
  if (status.ok() && moved != nullptr) *moved = call->moved;
  return status;
}

absl::Status Database::Submit(const std::shared_ptr<Call>& call) {
  const auto deadline = SteadyClock::now() + absl::ToChronoNanoseconds(options_.answer_wait_max);
  absl::MutexLock lock(&mutex_);
  if (failed_) return Stopped();
  if (queue_.size() >= static_cast<size_t>(options_.queue_limit)) {
    return absl::ResourceExhaustedError("the server is busy: try again");
  }
  queue_.push_back(call);
  work_.Signal();
  while (call->state != Call::State::kAnswered) {
    const auto left = deadline - SteadyClock::now();
    if (left > SteadyClock::duration::zero()) {
      call->changed.WaitWithTimeout(&mutex_, absl::FromChrono(left));
      continue;
    }
    switch (call->state) {
      case Call::State::kQueued:
        queue_.erase(std::find(queue_.begin(), queue_.end(), call));
        return absl::UnavailableError(
            "the server is too slow at this moment and nothing was stored: try again");
      case Call::State::kRunning:
        // It is using what belongs to this caller, and it is short.
        call->changed.Wait(&mutex_);
        break;
      case Call::State::kRan:
        return absl::UnavailableError(
            "the disk is too slow at this moment: send it again with the same request_id");
      case Call::State::kAnswered:
        break;
    }
  }
  return call->status;
}

absl::StatusOr<std::unique_ptr<Connection>> Database::AcquireReader() {
  absl::MutexLock lock(&mutex_);
  const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !readers_.empty(); };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&free), options_.reader_wait_max)) {
    return absl::ResourceExhaustedError("the server is busy: try again");
  }
  std::unique_ptr<Connection> reader = std::move(readers_.back());
  readers_.pop_back();
  return reader;
}

void Database::ReleaseReader(std::unique_ptr<Connection> reader) {
  if (reader->InTransaction()) reader->Execute("ROLLBACK").IgnoreError();
  const int fatal = reader->fatal_code();
  {
    absl::MutexLock lock(&mutex_);
    readers_.push_back(std::move(reader));
  }
  if (fatal != 0) Fail(fatal);
}

absl::Status Database::RunOnSnapshot(const ReadBody& body) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> reader, AcquireReader());
  ReaderLease lease(*this, std::move(reader));
  RETURN_IF_ERROR(lease->Execute("BEGIN"));
  lease->StartClock();
  ReadTransaction tx(*lease);
  return body(tx);
}

AuditHead Database::Head() const {
  absl::MutexLock lock(&mutex_);
  return head_;
}

AuditHead Database::ObserveAudit(AuditObserver observer) {
  absl::MutexLock lock(&mutex_);
  observer_ = std::move(observer);
  return head_;
}

absl::Status Database::VerifyAudit(uint64_t from, uint64_t to) {
  if (from < 1 || to < from) return absl::InvalidArgumentError("from, to: give 1 <= from <= to");
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  AuditHead head;
  RETURN_IF_ERROR(RunOnSnapshot([&](ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(head, LoadAuditHeadAt(tx, from - 1));
    return absl::OkStatus();
  }));
  while (head.sequence < to) {
    const uint64_t piece_end = std::min(to, head.sequence + kVerifyPieceRows);
    RETURN_IF_ERROR(RunOnSnapshot([&](ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(head, VerifyChain(tx, head, piece_end));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status Database::ScanLeaves(const LeafVisitor& visit) {
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  const uint64_t to = Head().sequence;
  for (uint64_t after = 0; after < to; after += kVerifyPieceRows) {
    const uint64_t piece_end = std::min(to, after + kVerifyPieceRows);
    RETURN_IF_ERROR(
        RunOnSnapshot([&](ReadTransaction& tx) { return VisitLeaves(tx, after, piece_end, visit); }));
  }
  return absl::OkStatus();
}

absl::Status Database::ScanRows(uint64_t from, const RowVisitor& visit) {
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  const uint64_t to = Head().sequence;
  for (uint64_t after = from - 1; after < to; after += kVerifyPieceRows) {
    const uint64_t piece_end = std::min(to, after + kVerifyPieceRows);
    RETURN_IF_ERROR(
        RunOnSnapshot([&](ReadTransaction& tx) { return VisitRows(tx, after, piece_end, visit); }));
  }
  return absl::OkStatus();
}

absl::Status Database::VerifyIndex() {
  RETURN_IF_ERROR(Enter());
  Presence presence(*this);
  const uint64_t to = Head().sequence;
  int64_t wanted = 0;
  for (uint64_t after = 0; after < to; after += kVerifyPieceRows) {
    const uint64_t piece_end = std::min(to, after + kVerifyPieceRows);
    RETURN_IF_ERROR(RunOnSnapshot([&](ReadTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const int64_t found, CountIndexed(tx, after, piece_end));
      wanted += found;
      return absl::OkStatus();
    }));
  }
  return RunOnSnapshot([&](ReadTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t stored, IndexRowsUpTo(tx, to));
    if (stored == wanted) return absl::OkStatus();
    return absl::DataLossError(
        fmt::format("the index of the audit log has {} rows where the log says {}: somebody wrote into the "
                    "database; the log itself is whole",
                    stored, wanted));
  });
}

int Database::queue_length() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(queue_.size());
}

void Database::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    work_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
  if (writer_ == nullptr) return;
  std::vector<std::unique_ptr<Connection>> readers;
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return active_ == 0; };
    mutex_.Await(absl::Condition(&idle));
    readers.swap(readers_);
  }
  readers.clear();
  for (auto* statement :
       {&begin_, &commit_, &rollback_, &savepoint_, &release_, &rollback_to_, &append_, &index_}) {
    statement->reset();
  }
  if (failed_) {
    writer_->KeepWalOnClose();
  } else if (absl::Status status = writer_->Checkpoint(/*truncate=*/true); !status.ok()) {
    if (writer_->fatal_code() != 0) Fail(writer_->fatal_code());
    writer_->KeepWalOnClose();
    spdlog::warn("the last checkpoint did not finish and is left to the next start: {}",
                 std::string(status.message()));
  }
  writer_.reset();
}

void Database::WriterLoop() {
  while (std::shared_ptr<Call> call = NextCall(/*wait=*/true)) {
    RunGroup(call);
    CheckpointWhenDue();
  }
}

std::shared_ptr<Database::Call> Database::NextCall(bool wait) {
  absl::MutexLock lock(&mutex_);
  while (queue_.empty()) {
    if (!wait || failed_ || (closing_ && active_ == 0)) return nullptr;
    work_.Wait(&mutex_);
  }
  if (failed_) return nullptr;
  std::shared_ptr<Call> call = std::move(queue_.front());
  queue_.pop_front();
  call->state = Call::State::kRunning;
  return call;
}

// Whoever comes while the group is open joins it; nobody waits for more to come. While the disk works on
// one commit the next group gathers by itself.
void Database::RunGroup(const std::shared_ptr<Call>& first) {
  const auto deadline = SteadyClock::now() + absl::ToChronoNanoseconds(options_.group_time_max);
  group_head_ = Head();
  group_rows_.clear();
  group_epoch_ = access_epoch_.load();
  std::vector<std::shared_ptr<Call>> group;
  absl::Status status = begin_->Run();
  for (std::shared_ptr<Call> call = first; call != nullptr;) {
    group.push_back(call);
    if (status.ok()) status = RunCall(*call);
    {
      absl::MutexLock lock(&mutex_);
      call->state = Call::State::kRan;
      call->changed.Signal();
    }
    const bool full = group.size() >= static_cast<size_t>(options_.group_size_max);
    const bool more = status.ok() && !full && SteadyClock::now() < deadline;
    call = more ? NextCall(/*wait=*/false) : nullptr;
  }
  if (status.ok()) status = Commit();
  if (status.ok()) {
    for (const std::shared_ptr<Call>& call : group) {
      for (const auto& action : call->after_commit) action();
    }
    Publish();
  } else if (writer_->fatal_code() != 0) {
    Fail(writer_->fatal_code());
  } else if (writer_->InTransaction()) {
    if (!rollback_->Run().ok()) Fail(writer_->fatal_code());
  }
  Answer(group, status);
}

absl::Status Database::RunCall(Call& call) {
  // The audit row's place in the commit order is the moment of the read: if the right to look changed before
  // it, the answer is too old to give.
  if (call.expected_epoch.has_value() && *call.expected_epoch != group_epoch_) {
    call.moved = true;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(savepoint_->Run());
  WriteTransaction tx(*writer_, static_cast<int64_t>(group_head_.sequence + 1));
  writer_->StartClock();
  if (call.body != nullptr) {
    call.status = CatchAll([&] { return (*call.body)(tx); });
    RETURN_IF_ERROR(CheckGroup(call.status));
  }
  if (call.status.ok()) {
    const absl::Status appended = AppendRow(call, tx);
    RETURN_IF_ERROR(CheckGroup(appended));
    if (appended.ok()) {
      group_epoch_ += static_cast<uint64_t>(tx.epoch_bumps());
      call.after_commit = tx.TakeAfterCommit();
      return release_->Run();
    }
    call.status =
        absl::UnavailableError("the audit row could not be written, so nothing was done: try again");
  }
  RETURN_IF_ERROR(rollback_to_->Run());
  if (call.body != nullptr) {
    tx.TakeFurtherEvents();
    absl::Status appended;
    if (tx.when_refused() != nullptr) {
      appended = CatchAll([&] { return tx.when_refused()(tx); });
      RETURN_IF_ERROR(CheckGroup(appended));
    }
    if (appended.ok()) {
      appended = AppendRow(call, tx);
      RETURN_IF_ERROR(CheckGroup(appended));
    }
    if (!appended.ok()) {
      // Half of a refusal must not stay either.
      RETURN_IF_ERROR(rollback_to_->Run());
      call.status =
          absl::UnavailableError("the audit row could not be written, so nothing can be answered: try again");
    }
  }
  return release_->Run();
}

// After a transaction that the database ended by itself, the next statement would commit on its own, outside
// the group and before its audit row.
absl::Status Database::CheckGroup(const absl::Status& cause) const {
  if (writer_->fatal_code() == 0 && writer_->InTransaction()) return absl::OkStatus();
  return cause.ok() ? absl::InternalError("the transaction ended inside a body") : cause;
}

absl::Status Database::AppendRow(const Call& call, WriteTransaction& tx) {
  const AuditHead head = group_head_;
  const size_t rows = group_rows_.size();
  absl::Status status = CatchAll([&]() -> absl::Status {
    std::optional<domain::AuditEvent> event = (*call.audit)(call.status);
    if (event.has_value()) RETURN_IF_ERROR(AppendEvent(*std::move(event)));
    for (domain::AuditEvent& further : tx.TakeFurtherEvents()) {
      RETURN_IF_ERROR(AppendEvent(std::move(further)));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) {
    // The rows that were appended go with the savepoint.
    group_head_ = head;
    group_rows_.resize(rows);
  }
  return status;
}

absl::Status Database::AppendEvent(domain::AuditEvent event) {
  const uint64_t sequence = group_head_.sequence + 1;
  event.monotonic_ns = boot_clock_.Nanoseconds();
  event.boot_id = boot_clock_.BootId();
  const std::string record = domain::EncodeAuditRecord(sequence, event);
  std::string leaf = domain::LeafHash(record);
  std::string chain = domain::ChainHash(group_head_.chain, leaf);
  append_->Bind(1, static_cast<int64_t>(sequence)).BindBlob(2, record).BindBlob(3, leaf).BindBlob(4, chain);
  RETURN_IF_ERROR(append_->Run());
  for (const std::string& key : domain::IndexKeys(event)) {
    RETURN_IF_ERROR(index_->Bind(1, key).Bind(2, static_cast<int64_t>(sequence)).Run());
  }
  group_head_ = {sequence, std::move(chain)};
  group_rows_.emplace_back(sequence, std::move(leaf));
  return absl::OkStatus();
}

absl::Status Database::Commit() {
  // A reader that found the file broken has stopped the database; nothing may be promised on top of that.
  if (failed_) return Stopped();
  RETURN_IF_ERROR(commit_->Run());
  ++commit_count_;
  return absl::OkStatus();
}

void Database::Publish() {
  AuditObserver observer;
  {
    absl::MutexLock lock(&mutex_);
    head_ = group_head_;
    access_epoch_ = group_epoch_;
    observer = observer_;
  }
  if (observer == nullptr) return;
  for (const auto& [sequence, leaf] : group_rows_) observer(sequence, leaf);
}

void Database::Answer(const std::vector<std::shared_ptr<Call>>& group, const absl::Status& group_status) {
  absl::MutexLock lock(&mutex_);
  for (const std::shared_ptr<Call>& call : group) {
    if (!group_status.ok()) call->status = GroupLost(group_status);
    call->state = Call::State::kAnswered;
    call->changed.Signal();
  }
}

void Database::CheckpointWhenDue() {
  if (failed_) return;
  // The log starts anew once everything in it was checkpointed and no reader needs it.
  if (writer_->wal_pages() < checkpointed_pages_) checkpointed_pages_ = 0;
  if (writer_->wal_pages() - checkpointed_pages_ < options_.checkpoint_pages) return;
  checkpointed_pages_ = writer_->wal_pages();
  if (absl::Status status = writer_->Checkpoint(/*truncate=*/false); !status.ok()) {
    if (writer_->fatal_code() != 0) return Fail(writer_->fatal_code());
    spdlog::warn("a checkpoint did not finish and is tried again later: {}", std::string(status.message()));
  }
}

void Database::Fail(int code) {
  if (failed_.exchange(true)) return;
  const std::string reason = fmt::format(
      "the database or its disk failed with code {}: stopping, so that the next start reads what is on disk",
      code);
  if (options_.on_fatal != nullptr) {
    options_.on_fatal(reason);
  } else {
    // An fsync that failed must never be tried again: the kernel has dropped the pages, and the second call
    // would say that they are safe. So nothing is flushed or closed here.
    directory_.RecordFatalExit(absl::Now());
    spdlog::critical("{}", reason);
    _exit(kFatalExitCode);
  }
  absl::MutexLock lock(&mutex_);
  for (const std::shared_ptr<Call>& call : queue_) {
    call->status = Stopped();
    call->state = Call::State::kAnswered;
    call->changed.Signal();
  }
  queue_.clear();
  work_.SignalAll();
}

}  // namespace marac::store
