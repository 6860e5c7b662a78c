#include "base/csv.h"

#include <gtest/gtest.h>

namespace fathom {
namespace {

TEST(Csv, FieldsAreSplit) {
  EXPECT_EQ(SplitCsv(R"(a,"b,""c""",,d)"), (std::vector<std::string>{"a", "b,\"c\"", "", "d"}));
  EXPECT_EQ(SplitCsv(""), std::vector<std::string>{""});
  EXPECT_EQ(SplitCsv(R"(a"b,"c)"), (std::vector<std::string>{"a\"b", "c"}));
}

TEST(Csv, WhatIsWrittenIsReadAgain) {
  for (const std::string text : {"", "plain", "a,b", "say \"so\"", "\"", ",\",\""}) {
    EXPECT_EQ(SplitCsv(CsvField(text) + "," + CsvField(text)),
              (std::vector<std::string>{text, text}));
  }
  EXPECT_EQ(CsvField("\x1b[2J\n").find_first_of("\x1b\n"), std::string::npos);
}

}  // namespace
}  // namespace fathom
