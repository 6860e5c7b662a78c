#include "base/paged_vector.h"

#include <gtest/gtest.h>

namespace fathom {
namespace {

using Numbers = PagedVector<uint32_t>;

TEST(PagedVectorTest, KeepsWhatIsAddedOverManyPages) {
  Numbers numbers;
  EXPECT_TRUE(numbers.empty());
  const auto count = static_cast<uint32_t>(3 * Numbers::kPageSize + 1);
  for (uint32_t i = 0; i < count; ++i) {
    numbers.push_back(i * 7);
  }
  ASSERT_EQ(numbers.size(), count);
  for (uint32_t i = 0; i < count; ++i) {
    ASSERT_EQ(numbers[i], i * 7);
  }
}

TEST(PagedVectorTest, ElementsStayWhereTheyAre) {
  Numbers numbers;
  numbers.push_back(1);
  const uint32_t* first = &numbers[0];
  numbers.grow(5 * Numbers::kPageSize, 9);
  EXPECT_EQ(&numbers[0], first);
  EXPECT_EQ(numbers[0], 1u);
  EXPECT_EQ(numbers[5 * Numbers::kPageSize - 1], 9u);
}

TEST(PagedVectorTest, GrowsOnlyUpwards) {
  Numbers numbers;
  numbers.grow(10, 3);
  numbers.grow(4, 5);
  EXPECT_EQ(numbers.size(), 10u);
}

TEST(PagedVectorTest, WhatIsMovedFromIsEmptyAndUsable) {
  Numbers from;
  from.grow(Numbers::kPageSize + 5, 1);
  const Numbers to = std::move(from);
  EXPECT_EQ(to.size(), Numbers::kPageSize + 5);
  EXPECT_EQ(from.size(), 0u);
  from.push_back(2);
  EXPECT_EQ(from[0], 2u);
}

}  // namespace
}  // namespace fathom
