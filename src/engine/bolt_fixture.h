// For tests and fuzzing: the meta pages of a bbolt database, which carry a checksum.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace fathom::engine {

constexpr size_t kBoltPage = 1024;

// One meta page that names `root` as the page of the root bucket.
inline std::string MetaPage(uint64_t number, uint64_t root, uint64_t transaction) {
  std::string page(kBoltPage, '\0');
  const auto put = [&page](size_t offset, auto value) {
    std::memcpy(page.data() + offset, &value, sizeof(value));
  };
  put(0, number);
  put(8, uint16_t{4});
  put(16, uint32_t{0xED0CDAED});
  put(20, uint32_t{2});
  put(24, static_cast<uint32_t>(kBoltPage));
  put(32, root);
  put(64, transaction);
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 16; i < 72; ++i) {
    hash = (hash ^ static_cast<uint8_t>(page[i])) * 0x100000001b3;
  }
  put(72, hash);
  return page;
}

// The two that a database begins with.
inline std::string MetaPages(uint64_t root) { return MetaPage(0, root, 1) + MetaPage(1, root, 2); }

}  // namespace fathom::engine
