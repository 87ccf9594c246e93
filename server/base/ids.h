// Identifiers that tell nothing: 128 random bits from an injected source.
#ifndef MARAC_BASE_IDS_H_
#define MARAC_BASE_IDS_H_

#include <string>

namespace marac {

// Any thread may call.
class IdSource {
 public:
  virtual ~IdSource() = default;
  // 26 characters of lower-case base 32 (0-9, a-z without i, l, o, u): 128 random bits. Tests give a source
  // of their own that repeats.
  virtual std::string NewId();
};

// The same form from 16 bytes that the caller has.
std::string IdFromBytes(const unsigned char (&bytes)[16]);

}  // namespace marac

#endif  // MARAC_BASE_IDS_H_
