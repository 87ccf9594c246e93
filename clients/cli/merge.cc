#include "cli/merge.h"

#include <google/protobuf/timestamp.pb.h>

#include <memory>
#include <utility>

#include "marac/v1/values.pb.h"

namespace marac::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The contract's records that a person writes hold no maps, so equal fields have equal bytes.
std::string Bytes(const Message& message, const FieldDescriptor& field) {
  std::unique_ptr<Message> only(message.New());
  CopyField(message, field, *only);
  return only->SerializeAsString();
}

std::vector<std::string> MergeList(const Message& base, const Message& mine, Message& theirs,
                                   const FieldDescriptor& field, const std::string& path) {
  const auto& reflection = *base.GetReflection();
  const int before = reflection.FieldSize(base, &field);
  std::vector<std::string> both;
  if (reflection.FieldSize(theirs, &field) < before || reflection.FieldSize(mine, &field) < before) {
    // Entries were taken away, so that places in the list say nothing any more.
    CopyField(mine, field, theirs);
    return {path};
  }
  for (int i = 0; i < reflection.FieldSize(mine, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(mine, &field, i);
    if (i >= before) {
      reflection.AddMessage(&theirs, &field)->CopyFrom(entry);
      continue;
    }
    const std::vector<std::string> inside = MergeOnto(reflection.GetRepeatedMessage(base, &field, i), entry,
                                                      *reflection.MutableRepeatedMessage(&theirs, &field, i),
                                                      path + "[" + std::to_string(i) + "]");
    both.insert(both.end(), inside.begin(), inside.end());
  }
  return both;
}

}  // namespace

bool IsOneValue(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  const auto* type = field.message_type();
  return type == v1::Text::descriptor() || type == v1::DayAnswer::descriptor() ||
         type == v1::Day::descriptor() || type == google::protobuf::Timestamp::descriptor();
}

void CopyField(const Message& from, const FieldDescriptor& field, Message& to) {
  std::unique_ptr<Message> copy(from.New());
  copy->CopyFrom(from);
  to.GetReflection()->ClearField(&to, &field);
  to.GetReflection()->SwapFields(copy.get(), &to, {&field});
}

std::vector<std::string> MergeOnto(const Message& base, const Message& mine, Message& theirs,
                                   const std::string& path) {
  const auto& reflection = *base.GetReflection();
  const auto* type = base.GetDescriptor();
  std::vector<std::string> both;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    const std::string was = Bytes(base, field);
    const std::string wanted = Bytes(mine, field);
    if (wanted == was) continue;
    const std::string here = path.empty() ? field.name() : path + "." + field.name();
    const std::string found = Bytes(theirs, field);
    if (found == was || IsOneValue(field)) {
      if (found != was && found != wanted) both.push_back(here);
      CopyField(mine, field, theirs);
      continue;
    }
    const std::vector<std::string> inside =
        field.is_repeated()
            ? MergeList(base, mine, theirs, field, here)
            : MergeOnto(reflection.GetMessage(base, &field), reflection.GetMessage(mine, &field),
                        *reflection.MutableMessage(&theirs, &field), here);
    both.insert(both.end(), inside.begin(), inside.end());
  }
  return both;
}

}  // namespace marac::cli
