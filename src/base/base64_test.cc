#include "base/base64.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"

namespace fathom {
namespace {

TEST(Base64, IsReadWithPaddingOrWithout) {
  for (const char* text : {"dXNlcjpwYXNz", "dXNlcjpwYXNz=="}) {
    EXPECT_EQ(FromBase64(text).value_or("?"), "user:pass");
  }
  EXPECT_EQ(FromBase64("").value_or("?"), "");
  EXPECT_EQ(FromBase64("YQ==").value_or("?"), "a");
  for (const char* wrong : {"Y", "Y Q", "dXNl!", "===="}) {
    EXPECT_TRUE(!FromBase64(wrong) || FromBase64(wrong)->empty()) << wrong;
  }
}

RC_GTEST_PROP(Base64, ReadsWhatIsWritten, (const std::string& bytes)) {
  const auto read = FromBase64(Base64(AsBytes(bytes)));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == bytes);
}

}  // namespace
}  // namespace fathom
