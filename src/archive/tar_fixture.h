// For tests: an archive that shall be taken, or refused.
#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "fuzz/tar_events.h"

namespace fathom::archive {

// All that the archive holds; the test fails when it is refused, or when its bytes one by one say
// something else.
inline testing::TarEvents Accepted(std::string_view archive) {
  testing::TarEvents seen = testing::ReadTarEvents(archive);
  EXPECT_FALSE(seen.error) << seen.error->message;
  for (const testing::SeenEntry& one : seen.entries) {
    EXPECT_TRUE(one.ended);
  }
  const testing::TarEvents trickled = testing::ReadTarEvents(archive, 1);
  EXPECT_EQ(trickled.entries.size(), seen.entries.size());
  return seen;
}

// Why it is refused; the test fails when it is not.
inline Error Refused(std::string_view archive, const Limits& limits = {}) {
  const testing::TarEvents seen = testing::ReadTarEvents(archive, 4096, limits);
  EXPECT_TRUE(seen.error);
  return seen.error.value_or(Error{Code::kNotFound, "accepted"});
}

}  // namespace fathom::archive
