// Strings kept once each, behind 32-bit ids.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/id_hash.h"

namespace fathom {

using StringId = uint32_t;

// Id 0 is the empty string. Views stay valid until the next Add(). Not thread-safe while adding.
class StringPool {
 public:
  StringPool() : ends_{0} {}

  // Over stored parts; Check() says whether they fit each other.
  StringPool(std::string text, std::vector<uint32_t> ends)
      : text_(std::move(text)), ends_(std::move(ends)) {}

  static uint64_t Hash(std::string_view text);

  StringId Add(std::string_view text);

  // The id of a string that was added, or IdHash::kNone.
  StringId Find(std::string_view text) const;

  std::string_view operator[](StringId id) const {
    const uint32_t begin = id == 0 ? 0 : ends_[id - 1];
    return std::string_view(text_).substr(begin, ends_[id] - begin);
  }

  size_t size() const { return ends_.size(); }
  bool full() const { return text_.size() > kMostBytes; }  // ids would no longer fit

  bool Check() const;
  const std::string& text() const { return text_; }
  const std::vector<uint32_t>& ends() const { return ends_; }

  // Gives back what only Add() needs.
  void Freeze();

 private:
  static constexpr size_t kMostBytes = 3ull << 30;

  StringId FindHashed(std::string_view text, uint64_t hash) const;

  std::string text_;
  std::vector<uint32_t> ends_;  // of each string in text_
  IdHash ids_;
};

}  // namespace fathom
