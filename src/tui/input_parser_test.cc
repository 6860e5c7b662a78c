#include "tui/input_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace fathom::tui {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

const InputParser::Time kNow = InputParser::Time() + 1h;
constexpr auto kForever = 1min;

std::string Show(const InputEvent& event) {
  if (const auto* key = std::get_if<Key>(&event)) {
    return KeyName(*key);
  }
  if (const auto* mouse = std::get_if<Mouse>(&event)) {
    constexpr const char* kKinds[] = {"press", "release", "drag", "wheel-up", "wheel-down"};
    return std::string(kKinds[static_cast<size_t>(mouse->kind)]) + std::to_string(mouse->button) +
           "@" + std::to_string(mouse->at.x) + "," + std::to_string(mouse->at.y);
  }
  return "paste(" + std::get<Paste>(event).text + ")";
}

std::string Show(const std::vector<InputEvent>& events) {
  std::string text;
  for (const InputEvent& event : events) {
    text.append(text.empty() ? "" : " ").append(Show(event));
  }
  return text;
}

std::string Parse(std::string_view bytes, InputParser::Extra extra = {}) {
  InputParser parser(std::move(extra));
  std::vector<InputEvent> events;
  parser.Feed(bytes, kNow, events);
  parser.Expire(kNow + kForever, events);
  return Show(events);
}

TEST(InputParser, KnowsWhatTerminalsSend) {
  const std::pair<std::string_view, const char*> kTable[] = {
      {"aZ?", "a Z ?"},
      {" \t\r", "Space Tab Enter"},
      {"\n", "^J"},
      {"\0"sv, "Ctrl+Space"},
      {"\x01\x1a\x1f\x1c", "^A ^Z Ctrl+/ Ctrl+\\"},
      {"\x7f\x08", "Backspace Backspace"},
      {"\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\x8b", "é 日 🐋"},
      {"\xff\xc0\xaf\xed\xa0\x80x", "x"},  // no UTF-8, overlong, a surrogate
      {"\xc2\x9b"
       "5nx",
       "5 n x"},  // C1 controls are no characters
      // xterm, in both modes of the cursor keys
      {"\x1b[A\x1b[B\x1b[C\x1b[D", "↑ ↓ → ←"},
      {"\x1bOA\x1bOB\x1bOH\x1bOF", "↑ ↓ Home End"},
      {"\x1b[H\x1b[F\x1b[5~\x1b[6~\x1b[2~\x1b[3~", "Home End PgUp PgDn Ins Del"},
      {"\x1bOP\x1bOS\x1b[15~\x1b[24~", "F1 F4 F5 F12"},
      {"\x1b[Z", "Shift+Tab"},
      {"\x1b[1;5A\x1b[1;3D\x1b[1;2C\x1b[5;5~", "Ctrl+↑ Alt+← Shift+→ Ctrl+PgUp"},
      // rxvt, the Linux console
      {"\x1b[7~\x1b[8~\x1b[11~\x1b[[A\x1b[[E", "Home End F1 F1 F5"},
      {"\x1b[5$\x1b[5^\x1b[5@\x1b[a\x1bOa", "Shift+PgUp Ctrl+PgUp Shift+Ctrl+PgUp Shift+↑ Ctrl+↑"},
      // the number pad, old xterm's modifiers
      {"\x1bOM\x1bOj\x1bOy\x1bO5A\x1bO1;5B", "Enter * 9 Ctrl+↑ Ctrl+↓"},
      // modifyOtherKeys, CSI u
      {"\x1b[27;5;97~\x1b[97;5u\x1b[13;2u\x1b[27u", "^A ^A Shift+Enter Esc"},
      // alt
      {"\x1bx\x1b\x01", "Alt+x Alt+^A"},
      {"\x1b\x1b[A", "Esc ↑"},
      // mouse
      {"\x1b[<0;3;4M\x1b[<0;3;4m", "press1@2,3 release1@2,3"},
      {"\x1b[<32;10;2M\x1b[<64;1;1M\x1b[<65;1;1M", "drag1@9,1 wheel-up1@0,0 wheel-down1@0,0"},
      {"\x1b[<2;5;5M\x1b[<35;5;5M", "press3@4,4"},
      {"\x1b[M !\"\x1b[M#!\"", "press1@0,1 release1@0,1"},
      // pasted text
      {"\x1b[200~two\nlines\x1b[A\x1b[201~x", "paste(two\nlines\x1b[A) x"},
      // what means nothing is dropped as a whole
      {"\x1b[Ia\x1b[Ob\x1b[?1;2cd\x1b[99~e", "a b d e"},
      {"\x1b[?2026;2$yx\x1b[?1A\x1b[1 Ax\x1b[1;2;3R", "x x"},
      {"\x1b]11;rgb:00/00/00\x1b\\a\x1b]52;c;eA==\a"
       "b\x1bP1+r544e\x1b\\c\x1b_G\x1b\\d",
       "a b c d"},
      {"\x1b]11;rgb:00\x1b[A", "↑"},  // another sequence breaks it off
      {"\x1b[<128;1;1Mx\x1b[M\xa0!!y\x1b[<66;1;1M", "x y"},
      {"\x1b[55296ux\x1b[57358u\x1b[1114112uy\x1b[0u", "x y"},  // no characters
      {"\x1b[12\x01x", "^A x"},
      // what begins a sequence is alt with a character when nothing follows
      {"\x1b[", "Alt+["},
      {"\x1bO", "Alt+O"},
      {"\x1b]", "Alt+]"},
      {"\x1bO\x1b[A", "Alt+O ↑"},
      {"\x1b]\x1b[A", "Alt+] ↑"},
      {"\x1b[12", ""},
  };
  for (const auto& [bytes, events] : kTable) {
    EXPECT_EQ(Parse(bytes), events) << ::testing::PrintToString(bytes);
  }
}

// Some are longer than others that begin alike.
InputParser::Extra Extra() {
  return {{"\x1b[y", MakeKey(KeyCode::kEnd)},
          {"\x1b[yA", MakeKey(KeyCode::kHome)},
          {"\x1bq12", MakeKey(KeyCode::kF1)},
          {"x", MakeKey(KeyCode::kF2)}};
}

TEST(InputParser, TerminfoKnowsMore) {
  EXPECT_EQ(Parse("\x1b[yA", Extra()), "Home");
  EXPECT_EQ(Parse("\x1b[yB\x1bq12x", Extra()), "End B F1 x");
  EXPECT_EQ(Parse("\x1b[y", Extra()), "End");
  EXPECT_EQ(Parse("\x1bq1", Extra()), "Alt+q 1");
}

TEST(InputParser, PatienceEnds) {
  InputParser parser;
  std::vector<InputEvent> events;
  parser.Feed("\x1b[200~lost end\x1b[20", kNow, events);
  parser.Expire(kNow + InputParser::kPastePatience - 1ms, events);
  EXPECT_TRUE(events.empty());
  parser.Expire(kNow + InputParser::kPastePatience, events);
  EXPECT_EQ(Show(events), "paste(lost end\x1b[20)");
  events.clear();
  parser.Feed("\x1b]52;c;", kNow, events);
  parser.Expire(kNow + InputParser::kAnswerPatience, events);
  parser.Feed("q", kNow + 1s, events);
  EXPECT_EQ(Show(events), "q");
  EXPECT_FALSE(parser.Deadline());
}

TEST(InputParser, EscIsAKeyWhenNothingFollows) {
  InputParser parser;
  std::vector<InputEvent> events;
  parser.Feed("\x1b", kNow, events);
  EXPECT_TRUE(events.empty());
  ASSERT_TRUE(parser.Deadline());
  EXPECT_EQ(*parser.Deadline(), kNow + InputParser::kEscapeDelay);
  parser.Feed("", kNow + 1h, events);
  EXPECT_EQ(*parser.Deadline(), kNow + InputParser::kEscapeDelay) << "nothing came";
  parser.Expire(kNow + InputParser::kEscapeDelay - 1ms, events);
  EXPECT_TRUE(events.empty());
  parser.Expire(kNow + InputParser::kEscapeDelay, events);
  EXPECT_EQ(Show(events), "Esc");
  EXPECT_FALSE(parser.Deadline());
}

TEST(InputParser, ALongSequenceIsDropped) {
  EXPECT_EQ(Parse("\x1b[" + std::string(62, '1') + "xy"), "y");
  EXPECT_EQ(Parse("\x1b[" + std::string(10'000, '1') + "xy"), "y");
  EXPECT_EQ(Parse("\x1b[" + std::string(10'000, '1') + "\x1b[A"), "↑");
  InputParser parser;
  std::vector<InputEvent> events;
  parser.Feed("\x1b[200~" + std::string(3 << 20, 'x') + "\x1b[201~y", kNow, events);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::get<Paste>(events[0]).text.size(), InputParser::kLongestPaste);
}

std::string AnyBytes() {
  static const std::vector<std::string> kPieces = {"\x1b",
                                                   "[",
                                                   "\x1b]",
                                                   "\x1bP",
                                                   "\x1b\\",
                                                   "\a",
                                                   "$",
                                                   "?",
                                                   "\x1b[y",
                                                   "\x1bq1",
                                                   std::string(40, '7'),
                                                   "O",
                                                   "<",
                                                   "0;1;2",
                                                   "M",
                                                   "m",
                                                   "~",
                                                   "200~",
                                                   "\x1b[200~",
                                                   "\x1b[201~",
                                                   "A",
                                                   "u",
                                                   "\xc3",
                                                   "\xa9",
                                                   "\xe6\x97",
                                                   "\xa5",
                                                   "\xff",
                                                   std::string(1, '\0'),
                                                   "x",
                                                   "27;5;97",
                                                   "1;5",
                                                   " "};
  std::string bytes;
  for (const size_t index :
       *rc::gen::container<std::vector<size_t>>(rc::gen::inRange<size_t>(0, kPieces.size()))) {
    bytes += kPieces[index];
  }
  return bytes;
}

RC_GTEST_PROP(InputParser, MeansTheSameInAnyPieces, ()) {
  const std::string bytes = AnyBytes();
  const InputParser::Extra extra = *rc::gen::element(InputParser::Extra(), Extra());
  InputParser parser(extra);
  std::vector<InputEvent> events;
  for (size_t at = 0; at < bytes.size();) {
    const size_t size = *rc::gen::inRange<size_t>(1, 4);
    parser.Feed(std::string_view(bytes).substr(at, size), kNow, events);
    at += size;
  }
  parser.Expire(kNow + kForever, events);
  RC_ASSERT(Show(events) == Parse(bytes, extra));
  for (const InputEvent& event : events) {
    if (const auto* key = std::get_if<Key>(&event)) {
      RC_ASSERT(key->code >= 0x20u);
      RC_ASSERT(key->code < 0x7fu || key->code >= 0xa0u);
    }
  }
}

TEST(Keys, NamesOfDiveAreRead) {
  const std::pair<const char*, const char*> kNames[] = {{"ctrl+c", "^C"},
                                                        {"q", "q"},
                                                        {"Q", "Q"},
                                                        {"tab", "Tab"},
                                                        {"ctrl+slash", "Ctrl+/"},
                                                        {"ctrl+_", "Ctrl+/"},
                                                        {"esc", "Esc"},
                                                        {"PGUP", "PgUp"},
                                                        {"pagedown", "PgDn"},
                                                        {"space", "Space"},
                                                        {"ctrl+space", "Ctrl+Space"},
                                                        {"ctrl+@", "Ctrl+Space"},
                                                        {"ctrl+m", "Enter"},
                                                        {"ctrl+i", "Tab"},
                                                        {"ctrl+[", "Esc"},
                                                        {"Ctrl+A", "^A"},
                                                        {"shift+q", "Q"},
                                                        {"alt+left", "Alt+←"},
                                                        {"shift+tab", "Shift+Tab"},
                                                        {"f10", "F10"},
                                                        {"+", "+"},
                                                        {"ctrl++", "Ctrl++"},
                                                        {"^X", "^X"},
                                                        {"^", "^"},
                                                        {"é", "é"},
                                                        {"↑", "↑"},
                                                        {"ctrl+→", "Ctrl+→"},
                                                        {"ctrl+h", "Backspace"}};
  for (const auto& [name, shown] : kNames) {
    const auto key = ParseKey(name);
    ASSERT_TRUE(key) << name;
    EXPECT_EQ(KeyName(*key), shown) << name;
  }
  for (const char* wrong :
       {"", "ctrl+", "strg+x", "f13", "pageup2", "ab", "\x01", "\xc2\x9b", "\xff"}) {
    EXPECT_FALSE(ParseKey(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace fathom::tui
