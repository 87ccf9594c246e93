#include "demo/schedule.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "base/status_macros.h"

namespace marac::demo {

void Schedule::At(absl::Time time, Task task) {
  absl::MutexLock lock(&mutex_);
  tasks_[time].push_back(std::move(task));
}

std::vector<Schedule::Task> Schedule::TakeNext(absl::Time end, absl::Time* moment) {
  absl::MutexLock lock(&mutex_);
  if (tasks_.empty() || tasks_.begin()->first > end) return {};
  *moment = tasks_.begin()->first;
  std::vector<Task> due = std::move(tasks_.begin()->second);
  tasks_.erase(tasks_.begin());
  return due;
}

absl::Status Schedule::Run(const World& world, absl::Time end, int threads,
                           const std::function<void(absl::Time)>& progress) {
  for (;;) {
    absl::Time moment;
    const std::vector<Task> due = TakeNext(end, &moment);
    if (due.empty()) return absl::OkStatus();
    progress(moment);
    RETURN_IF_ERROR(world.AdvanceTo(moment));
    RETURN_IF_ERROR(RunAll(due, threads));
  }
}

absl::Status RunAll(const std::vector<Schedule::Task>& tasks, int threads) {
  std::atomic<size_t> next{0};
  absl::Mutex mutex;
  absl::Status first_error;
  const auto work = [&] {
    for (size_t i = next++; i < tasks.size(); i = next++) {
      const absl::Status status = tasks[i]();
      if (status.ok()) continue;
      absl::MutexLock lock(&mutex);
      first_error.Update(status);
      next = tasks.size();
    }
  };
  if (tasks.size() == 1) {
    work();
    return first_error;
  }
  std::vector<std::thread> workers;
  for (size_t i = 0; i < std::min(tasks.size(), static_cast<size_t>(threads)); ++i)
    workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return first_error;
}

}  // namespace marac::demo
