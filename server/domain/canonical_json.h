// One text for one content: what a digest can be taken over for as long as records are kept. Protocol
// buffers' own bytes are not that (a newer library may write other bytes for the same message).
#ifndef MARAC_DOMAIN_CANONICAL_JSON_H_
#define MARAC_DOMAIN_CANONICAL_JSON_H_

#include <google/protobuf/message.h>

#include <string>

namespace marac::domain {

// `message` as JSON in the form of RFC 8785: no spaces, keys sorted, the one escape for each character, whole
// numbers. Keys are the .proto field names; fields at their default are left out, so that a field added later
// does not change what was signed before; enums are their value's name; text is brought to Unicode NFC first
// (D-03). `message` has no map, bytes, floating-point or extension field, and no integer beyond 2^53.
std::string CanonicalJson(const google::protobuf::Message& message);

}  // namespace marac::domain

#endif  // MARAC_DOMAIN_CANONICAL_JSON_H_
