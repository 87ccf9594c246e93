#include "domain/instrument_diff.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "domain/text_proto.h"

namespace marac::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What a part is known by among its like; empty where it is known by its place alone.
std::string KeyOf(const Message& part) {
  for (const char* name : {"code", "id", "word"}) {
    const FieldDescriptor* field = part.GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) return part.GetReflection()->GetString(part, field);
  }
  return "";
}

// They say which pack it is, or where a question stands: that is told as MOVED.
bool IsNotCompared(const FieldDescriptor& field) {
  static const auto& names = *new std::set<std::string>{
      "marac.v1.InstrumentPack.id", "marac.v1.InstrumentPack.version", "marac.v1.Item.number"};
  return names.contains(field.full_name());
}

// A part that came or went, by the words that it is mostly made of.
std::string WordsOf(const Message& part) {
  for (const char* name : {"question", "label", "title", "explanation"}) {
    const FieldDescriptor* field = part.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) continue;
    std::string words = part.GetReflection()->GetString(part, field);
    if (!words.empty()) return words;
  }
  return MessageText(part);
}

// The field as people read it, a line for each value of a list; empty when it is not there.
std::string TextOf(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    return !field.has_presence() || reflection.HasField(message, &field) ? FieldText(message, field, -1) : "";
  }
  std::string text;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    text += (i == 0 ? "" : "\n") + FieldText(message, field, i);
  }
  return text;
}

class Differ {
 public:
  std::vector<v1::InstrumentChange> Take() { return std::move(changes_); }

  void Compare(const std::string& path, const Message& before, const Message& after) {
    const auto& type = *after.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (IsNotCompared(field)) continue;
      if (IsKeyed(field)) {
        CompareLists(path, before, after, field);
        continue;
      }
      const std::string was = TextOf(before, field);
      const std::string is = TextOf(after, field);
      if (was != is) Add(path, field.name(), v1::INSTRUMENT_CHANGE_KIND_CHANGED, was, is);
    }
  }

 private:
  using Parts = std::vector<const Message*>;

  static bool IsKeyed(const FieldDescriptor& field) {
    if (!field.is_repeated() || field.message_type() == nullptr) return false;
    const auto& type = *field.message_type();
    return type.FindFieldByName("code") != nullptr || type.FindFieldByName("id") != nullptr ||
           type.FindFieldByName("word") != nullptr;
  }

  static Parts PartsOf(const Message& message, const FieldDescriptor& field) {
    Parts parts;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
      parts.push_back(&message.GetReflection()->GetRepeatedMessage(message, &field, i));
    }
    return parts;
  }

  // Those that keep their order: the longest run of places that rises. All others were moved.
  static std::set<size_t> InOrder(const std::vector<size_t>& places) {
    std::vector<size_t> length(places.size(), 1);
    std::vector<size_t> previous(places.size(), places.size());
    size_t last = places.size();
    for (size_t i = 0; i < places.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (places[j] < places[i] && length[j] + 1 > length[i]) {
          length[i] = length[j] + 1;
          previous[i] = j;
        }
      }
      if (last == places.size() || length[i] > length[last]) last = i;
    }
    std::set<size_t> kept;
    for (size_t i = last; i < places.size(); i = previous[i]) kept.insert(i);
    return kept;
  }

  void CompareLists(const std::string& path, const Message& before, const Message& after,
                    const FieldDescriptor& field) {
    const Parts was = PartsOf(before, field);
    const Parts is = PartsOf(after, field);
    std::map<std::string, size_t> was_at;
    for (size_t i = 0; i < was.size(); ++i) was_at.emplace(KeyOf(*was[i]), i);
    std::vector<size_t> places;
    for (const Message* part : is) {
      if (const auto found = was_at.find(KeyOf(*part)); found != was_at.end())
        places.push_back(found->second);
    }
    const std::set<size_t> in_order = InOrder(places);
    size_t common = 0;
    for (const Message* part : is) {
      const std::string key = KeyOf(*part);
      const std::string below = path.empty() ? key : path + "/" + key;
      const auto found = was_at.find(key);
      if (found == was_at.end()) {
        Add(below, "", v1::INSTRUMENT_CHANGE_KIND_ADDED, "", WordsOf(*part));
        continue;
      }
      if (!in_order.contains(common++)) {
        Add(below, "", v1::INSTRUMENT_CHANGE_KIND_MOVED, "", "");
      }
      Compare(below, *was[found->second], *part);
      was_at.erase(found);
    }
    for (const Message* part : was) {
      const std::string key = KeyOf(*part);
      if (!was_at.contains(key)) continue;
      Add(path.empty() ? key : path + "/" + key, "", v1::INSTRUMENT_CHANGE_KIND_REMOVED, WordsOf(*part), "");
    }
  }

  void Add(const std::string& item, const std::string& field, v1::InstrumentChangeKind kind,
           const std::string& before, const std::string& after) {
    v1::InstrumentChange& change = changes_.emplace_back();
    change.set_item(item);
    change.set_field(field);
    change.set_kind(kind);
    change.set_before(before);
    change.set_after(after);
  }

  std::vector<v1::InstrumentChange> changes_;
};

}  // namespace

std::vector<v1::InstrumentChange> DiffPacks(const v1::InstrumentPack& before,
                                            const v1::InstrumentPack& after) {
  Differ differ;
  differ.Compare("", before, after);
  return differ.Take();
}

}  // namespace marac::domain
