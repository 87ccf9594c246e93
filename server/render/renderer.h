// Makes PDFs: of a template that comes with this program and data that is about somebody. The work is done by
// marac-render, a process of its own in a sandbox, which is started for each document, is given the data
// through a pipe, and has nothing of it in its arguments, its environment or a file.
#ifndef MARAC_RENDER_RENDERER_H_
#define MARAC_RENDER_RENDERER_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace marac::render {

struct RendererOptions {
  // How long one document may take, with the time that it waits for those before it. Less than a call may
  // last.
  absl::Duration time_max = absl::Seconds(9);
  // How many may wait while one is made.
  int waiting_max = 3;
  size_t bytes_max = 16 << 20;
  // For tests: templates beside those that come with this program, and another program than marac-render.
  std::map<std::string, std::string, std::less<>> more_files = {};
  std::string script = {};
};

// Any thread may call. One document is made at a time: a process takes as much memory and processor as it
// may.
class Renderer {
 public:
  explicit Renderer(RendererOptions options = {});

  // The PDF of `template_name`, filled with the JSON object `data`: the same bytes for the same data.
  // RESOURCE_EXHAUSTED: too many wait, or nothing was free in time. DEADLINE_EXCEEDED: it took too long, and
  // was ended. INTERNAL: it failed; the message has an exit code and nothing else.
  absl::StatusOr<std::string> Render(std::string_view template_name, const std::string& data)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // SHA-256 in hex of all that decides what Render makes: what has this one is the same document.
  std::string SourceDigest(std::string_view template_name, const std::string& data) const;

 private:
  absl::StatusOr<std::string> Run(std::string_view template_name, const std::string& data,
                                  absl::Time deadline) const;

  const RendererOptions options_;
  absl::Mutex mutex_;
  bool is_busy_ ABSL_GUARDED_BY(mutex_) = false;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace marac::render

#endif  // MARAC_RENDER_RENDERER_H_
