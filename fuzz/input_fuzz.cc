// Bytes from a terminal: they mean the same in whatever pieces they come, and no key is a control
// character.
#include <algorithm>

#include "fuzz/fuzz.h"
#include "tui/input_parser.h"

namespace {

using namespace fathom::tui;

std::vector<InputEvent> Parse(std::string_view bytes, size_t piece) {
  const InputParser::Time now = InputParser::Time() + std::chrono::hours(1);
  InputParser parser({{"\x1b[y", MakeKey(KeyCode::kEnd)},
                      {"\x1b[yA", MakeKey(KeyCode::kHome)},
                      {"\x1bq12", MakeKey(KeyCode::kF1)}});
  std::vector<InputEvent> events;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    parser.Feed(bytes.substr(at, piece), now, events);
  }
  parser.Expire(now + std::chrono::minutes(1), events);
  return events;
}

bool Same(const InputEvent& a, const InputEvent& b) {
  if (a.index() != b.index()) {
    return false;
  }
  if (const auto* key = std::get_if<Key>(&a)) {
    return *key == std::get<Key>(b);
  }
  if (const auto* paste = std::get_if<Paste>(&a)) {
    return paste->text == std::get<Paste>(b).text;
  }
  const Mouse& x = std::get<Mouse>(a);
  const Mouse& y = std::get<Mouse>(b);
  return x.kind == y.kind && x.button == y.button && x.at == y.at;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<InputEvent> whole = Parse(bytes, std::max<size_t>(size, 1));
  const std::vector<InputEvent> pieces = Parse(bytes, 1);
  FUZZ_CHECK(std::ranges::equal(whole, pieces, Same));
  for (const InputEvent& event : whole) {
    if (const auto* key = std::get_if<Key>(&event)) {
      FUZZ_CHECK(key->code >= 0x20 && (key->code < 0x7f || key->code >= 0xa0));
    }
  }
  return 0;
}
