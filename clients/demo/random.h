// Choices that come out the same from the same seed on every machine, which the standard's distributions do
// not promise.
#ifndef MARAC_DEMO_RANDOM_H_
#define MARAC_DEMO_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace marac::demo {

class Random {
 public:
  // A stream of its own for each thing that is made (`stream`), so that one more choice in one does not
  // change all the others.
  explicit Random(uint64_t seed, uint64_t stream = 0) : state_(Mix(seed ^ Mix(stream + 1))) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    return Mix(state_);
  }
  // From 0 to `end` - 1; `end` is at least 1.
  int Below(int end) { return static_cast<int>(Next() % static_cast<uint64_t>(end)); }
  // From `first` to `last`, both included.
  int Between(int first, int last) { return first + Below(last - first + 1); }
  bool Percent(int percent) { return Below(100) < percent; }

  template <typename List>
  const auto& Pick(const List& list) {
    return *(std::begin(list) + Below(static_cast<int>(std::size(list))));
  }
  template <typename T>
  void Shuffle(std::vector<T>& list) {
    for (size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[Next() % i]);
  }

 private:
  // The finaliser of splitmix64.
  static uint64_t Mix(uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }

  uint64_t state_;
};

}  // namespace marac::demo

#endif  // MARAC_DEMO_RANDOM_H_
