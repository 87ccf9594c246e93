// Secrets: bytes that must not be printed, compared in variable time, or left behind in memory.
#ifndef MARAC_BASE_SECRET_H_
#define MARAC_BASE_SECRET_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace marac {

// Holds secret bytes in memory that is locked, guarded and wiped (sodium_malloc). There is no formatter and
// no conversion to string: Reveal is the one way to the bytes, so that one search finds every reader. Not
// thread safe for changes; reading from many threads is.
class Secret {
 public:
  Secret() = default;
  explicit Secret(
      std::string_view bytes);  // Copies; wiping the source is the caller's business (see WipeString).
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret& other);
  Secret& operator=(const Secret& other);
  ~Secret();

  // `size` bytes from the operating system's generator.
  static Secret Random(size_t size);

  // The bytes; valid as long as this object.
  std::string_view Reveal() const { return {data_, size_}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // In constant time for equal sizes.
  bool Equals(const Secret& other) const;

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

// Overwrites the string's bytes in a way the compiler keeps, then clears it.
void WipeString(std::string& text);

}  // namespace marac

#endif  // MARAC_BASE_SECRET_H_
