// What two people changed of one record, put together.
#ifndef MARAC_CLI_MERGE_H_
#define MARAC_CLI_MERGE_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace marac::cli {

// Puts what `mine` has changed since `base` onto `theirs`, field by field; the three are of one type. Where
// both changed the same field it is as in `mine`, and its path, below `path`, is among those returned. A list
// of records grows by what `mine` added to it.
std::vector<std::string> MergeOnto(const google::protobuf::Message& base,
                                   const google::protobuf::Message& mine, google::protobuf::Message& theirs,
                                   const std::string& path);

// Whether a field is one value to people, and not a record with fields of its own.
bool IsOneValue(const google::protobuf::FieldDescriptor& field);

// Makes a field of `to` as it is in `from`; the two are of one type.
void CopyField(const google::protobuf::Message& from, const google::protobuf::FieldDescriptor& field,
               google::protobuf::Message& to);

}  // namespace marac::cli

#endif  // MARAC_CLI_MERGE_H_
