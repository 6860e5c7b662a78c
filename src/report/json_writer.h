// Writes JSON as it goes, with members in the order they are given: the same values always make
// the same bytes, and no document is held in memory twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fathom::report {

// Indents by two spaces. The caller nests Begin and End rightly. Not thread-safe.
class JsonWriter {
 public:
  // Go's encoder also escapes <, > and &; dive's export is written that way.
  explicit JsonWriter(std::string& out, bool escape_html = false)
      : out_(out), escape_html_(escape_html) {}

  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  void Key(std::string_view key);

  // Bytes that are not UTF-8 are shown as \xNN; nothing in it can act on a screen.
  void Text(std::string_view value);
  void TextOrNull(std::string_view value);  // null when empty
  void Number(uint64_t value);
  void Number(double value);  // shortest form that reads back the same; null unless finite
  void Bool(bool value);
  void Null();

  template <typename T>
  void Member(std::string_view key, T value) {
    Key(key);
    if constexpr (std::is_same_v<T, bool>) {
      Bool(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      Number(double{value});
    } else if constexpr (std::is_integral_v<T>) {
      Number(uint64_t{value});
    } else {
      Text(value);
    }
  }
  void Member(std::string_view key, std::optional<uint64_t> value);

 private:
  void Begin(char bracket);
  void End(char bracket);
  void BeforeValue();
  void NewLine();
  void Escaped(char c);

  std::string& out_;
  bool escape_html_;
  bool after_key_ = false;
  std::vector<bool> filled_;  // whether each open bracket has something in it
};

}  // namespace fathom::report
