#include "base/string_pool.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace fathom {

uint64_t StringPool::Hash(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

StringId StringPool::Find(std::string_view text) const {
  return text.empty() ? 0 : FindHashed(text, Hash(text));
}

StringId StringPool::FindHashed(std::string_view text, uint64_t hash) const {
  return ids_.Find(hash, [&](StringId id) { return (*this)[id] == text; });
}

StringId StringPool::Add(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  const uint64_t hash = Hash(text);
  if (const StringId found = FindHashed(text, hash); found != IdHash::kNone) {
    return found;
  }
  const auto id = static_cast<StringId>(ends_.size());
  text_ += text;
  ends_.push_back(static_cast<uint32_t>(text_.size()));
  ids_.Add(hash, id, [&](StringId other) { return Hash((*this)[other]); });
  return id;
}

bool StringPool::Check() const {
  return !ends_.empty() && ends_.front() == 0 && ends_.back() == text_.size() &&
         std::ranges::is_sorted(ends_);
}

void StringPool::Freeze() {
  ids_.Clear();
  text_.shrink_to_fit();
  ends_.shrink_to_fit();
}

}  // namespace fathom
