// What is to happen when, by the simulated clock: tasks of one moment run side by side, and may put further
// tasks into the future.
#ifndef MARAC_DEMO_SCHEDULE_H_
#define MARAC_DEMO_SCHEDULE_H_

#include <functional>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "demo/world.h"

namespace marac::demo {

class Schedule {
 public:
  using Task = std::function<absl::Status()>;

  // Any thread may call, a running task too.
  void At(absl::Time time, Task task);

  // Moves the clock from moment to moment up to `end` and runs what is due, `threads` tasks at a time. Ends
  // with the first error. What lies behind `end` is left undone. `progress` is told of each moment.
  absl::Status Run(const World& world, absl::Time end, int threads,
                   const std::function<void(absl::Time)>& progress);

 private:
  std::vector<Task> TakeNext(absl::Time end, absl::Time* moment);

  absl::Mutex mutex_;
  std::map<absl::Time, std::vector<Task>> tasks_ ABSL_GUARDED_BY(mutex_);
};

// Runs all of them, `threads` at a time. The first error, once those that had begun are done.
absl::Status RunAll(const std::vector<Schedule::Task>& tasks, int threads);

}  // namespace marac::demo

#endif  // MARAC_DEMO_SCHEDULE_H_
