#include "store/wiping_memory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

namespace marac::store {
namespace {

// What each piece held when it was given back.
std::string& Returned() {
  static auto& returned = *new std::string;
  return returned;
}
std::map<void*, int>& Sizes() {
  static auto& sizes = *new std::map<void*, int>;
  return sizes;
}

sqlite3_mem_methods Watched() {
  sqlite3_mem_methods methods{};
  methods.xMalloc = [](int bytes) {
    void* memory = std::malloc(static_cast<size_t>(bytes));
    Sizes()[memory] = bytes;
    return memory;
  };
  methods.xSize = [](void* memory) { return Sizes().at(memory); };
  methods.xFree = [](void* memory) {
    Returned().append(static_cast<char*>(memory), static_cast<size_t>(Sizes().at(memory)));
    std::free(memory);
  };
  return methods;
}

// In a process of its own, because the memory of this one is in use.
template <typename Function>
void Alone(Function function) {
  EXPECT_EXIT(
      {
        function();
        std::_Exit(::testing::Test::HasFailure() ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(WipingMemoryTest, WhatIsFreedWasOverwritten) {
  Alone([] {
    const sqlite3_mem_methods memory = Wiping(Watched());
    void* piece = memory.xMalloc(16);
    std::memcpy(piece, "where she sleeps", 16);
    memory.xFree(piece);
    EXPECT_EQ(Returned(), std::string(16, '\0'));
    memory.xFree(nullptr);
  });
}

TEST(WipingMemoryTest, WhatGrowsOrShrinksLeavesNothingBehind) {
  Alone([] {
    const sqlite3_mem_methods memory = Wiping(Watched());
    void* piece = memory.xMalloc(16);
    std::memcpy(piece, "where she sleeps", 16);
    void* larger = memory.xRealloc(piece, 32);
    EXPECT_EQ(std::string(static_cast<char*>(larger), 16), "where she sleeps");
    void* smaller = memory.xRealloc(larger, 5);
    EXPECT_EQ(std::string(static_cast<char*>(smaller), 5), "where");
    EXPECT_EQ(Returned(), std::string(16 + 32, '\0'));
  });
}

}  // namespace
}  // namespace marac::store
