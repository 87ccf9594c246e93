#include "domain/redact.h"

#include <set>

namespace marac::domain {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

const FieldDescriptor* NameField(const Descriptor& type) {
  const FieldDescriptor* field = type.FindFieldByName("name");
  // A person's name is a Text; a record's is a string.
  return field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() ? field
                                                                                                    : nullptr;
}

absl::Status Walk(Message& message, FieldClassSet classes, bool covered, const ClassesByName& by_name) {
  const Reflection& reflection = *message.GetReflection();
  if (const FieldDescriptor* name_field = NameField(*message.GetDescriptor()); name_field != nullptr) {
    const std::string name = reflection.GetString(message, name_field);
    const FieldClassSet* granted = by_name(name);
    if (granted == nullptr)
      return absl::InternalError("an answer holds a record that this call did not open");
    classes = *granted;
    covered = false;
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const v1::FieldClass own = ClassOf(*field);
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const bool has_class = own != v1::FIELD_CLASS_UNSPECIFIED;
    const bool allowed = has_class ? classes.Has(own) : (covered || is_message);
    if (!allowed) {
      reflection.ClearField(&message, field);
      continue;
    }
    if (!is_message) continue;
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        Message& element = *reflection.MutableRepeatedMessage(&message, field, i);
        absl::Status status = Walk(element, classes, covered || has_class, by_name);
        if (!status.ok()) return status;
      }
    } else {
      absl::Status status =
          Walk(*reflection.MutableMessage(&message, field), classes, covered || has_class, by_name);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

std::string FindUnclassified(const Descriptor& type, bool covered,
                             std::set<std::pair<const Descriptor*, bool>>& seen) {
  if (!seen.insert({&type, covered}).second) return "";
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool has_class = covered || ClassOf(field) != v1::FIELD_CLASS_UNSPECIFIED;
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      std::string found = FindUnclassified(*field.message_type(), has_class, seen);
      if (!found.empty()) return found;
    } else if (!has_class) {
      return field.full_name();
    }
  }
  return "";
}

}  // namespace

v1::FieldClass ClassOf(const FieldDescriptor& field) { return field.options().GetExtension(v1::field_class); }

absl::Status Redact(Message& answer, FieldClassSet outside, const ClassesByName& by_name) {
  return Walk(answer, outside, /*covered=*/false, by_name);
}

std::string FirstUnclassified(const Descriptor& message) {
  std::set<std::pair<const Descriptor*, bool>> seen;
  return FindUnclassified(message, /*covered=*/false, seen);
}

}  // namespace marac::domain
