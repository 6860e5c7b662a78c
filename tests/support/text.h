// Texts for tests.
#pragma once

#include <string>
#include <utility>

#include "base/io.h"

namespace fathom::testing {

// "line 1", "line 2", ... each with its end.
inline std::string NumberedLines(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) {
    text += "line " + std::to_string(i) + "\n";
  }
  return text;
}

// Gives a text that it owns.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)), source_(AsBytes(text_)) {}
  Result<size_t> Read(ByteSpan out) override { return source_.Read(out); }

 private:
  const std::string text_;
  MemorySource source_;
};

}  // namespace fathom::testing
