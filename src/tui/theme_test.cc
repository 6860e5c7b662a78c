#include "tui/theme.h"

#include <gtest/gtest.h>

#include <tuple>

#include "tui/ascii_cells.h"
#include "tui/key_map.h"
#include "tui/line_edit.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

auto Tie(const Look& look) {
  return std::tuple(look.text, look.ground, look.bold, look.dim, look.underline, look.reverse);
}

TEST(Themes, TellChangesApart) {
  for (const Theme& theme : Themes()) {
    const Role roles[] = {Role::kText, Role::kAdded, Role::kModified, Role::kRemoved};
    for (const Role a : roles) {
      for (const Role b : roles) {
        EXPECT_TRUE(a == b || Tie(theme.look(a)) != Tie(theme.look(b))) << theme.name;
      }
    }
    EXPECT_TRUE(theme.selected.ground || theme.selected.reverse) << theme.name;
  }
  for (size_t role = 0; role < kRoleCount; ++role) {
    EXPECT_FALSE(FindTheme("plain")->look(static_cast<Role>(role)).text);
    const Colour sixteen = FindTheme("16")->look(static_cast<Role>(role)).text;
    EXPECT_TRUE(!sixteen || *sixteen < 16);
  }
}

TEST(Themes, AreChosenByTheTerminal) {
  EXPECT_EQ(ChooseTheme("auto", 256, false, "").name, "dark");
  EXPECT_EQ(ChooseTheme("auto", 256, false, "0;15").name, "light");
  EXPECT_EQ(ChooseTheme("auto", 256, false, "15;default;0").name, "dark");
  EXPECT_EQ(ChooseTheme("auto", 256, true, "").name, "plain");
  EXPECT_EQ(ChooseTheme("safe", 256, true, "").name, "safe") << "it was named";
  EXPECT_EQ(ChooseTheme("safe", 8, false, "").name, "16");
  EXPECT_EQ(ChooseTheme("dark", 0, false, "").name, "plain");
  EXPECT_EQ(ChooseTheme("plain", 16, false, "").name, "plain");
  EXPECT_EQ(FindTheme("none"), nullptr);
}

TEST(AsciiCells, TakeAsManyColumns) {
  for (const char32_t character : U"─│├└→…⊕●█▏日é") {
    Cell cell;
    cell.text = {character};
    const Cell ascii = AsciiCell(cell);
    EXPECT_LT(ascii.text[0], 0x7fu);
    EXPECT_EQ(ascii.width, 1);
  }
  Cell wide;
  wide.text = {U'日'};
  wide.width = 2;
  EXPECT_EQ(AsciiCell(wide).text[0], U'?');
  Cell plain;
  plain.text = {U'a'};
  EXPECT_EQ(AsciiCell(plain), plain);
}

TEST(KeyMap, HasTheKeysOfDive) {
  const KeyMap keys;
  const auto means = [&](Context context, const char* name) {
    return keys.Find(context, *ParseKey(name));
  };
  EXPECT_EQ(means(Context::kLayers, "ctrl+a"), Action::kShowAggregate);
  EXPECT_EQ(means(Context::kTree, "ctrl+a"), Action::kToggleAdded);
  EXPECT_EQ(means(Context::kTree, "ctrl+slash"), Action::kFilter);
  EXPECT_EQ(means(Context::kLayers, "ctrl+l"), Action::kShowChanges);
  EXPECT_EQ(means(Context::kTree, "ctrl+space"), Action::kToggleFoldAll);
  EXPECT_EQ(means(Context::kDetails, "q"), Action::kQuit);
  EXPECT_EQ(means(Context::kDetails, "f12"), std::nullopt);
}

TEST(KeyMap, NoKeyMeansTwoThings) {
  std::map<std::pair<Context, Key>, std::string> seen;
  const KeyMap keys;
  for (const ActionInfo& info : ActionInfos()) {
    EXPECT_FALSE(info.help.empty()) << info.name;
    EXPECT_FALSE(keys.KeysOf(info).empty()) << info.name;
    for (const Key& key : keys.KeysOf(info)) {
      const auto [other, added] = seen.emplace(std::pair(info.context, key), info.name);
      EXPECT_TRUE(added) << info.name << " and " << other->second;
    }
  }
}

TEST(KeyMap, BindsOthers) {
  KeyMap keys;
  ASSERT_TRUE(keys.Bind("quit", "ctrl+x, tab, ,"));
  EXPECT_EQ(keys.Find(Context::kTree, *ParseKey("q")), std::nullopt);
  EXPECT_EQ(keys.Find(Context::kTree, *ParseKey("tab")), Action::kQuit) << "taken over";
  EXPECT_EQ(keys.Find(Context::kTree, *ParseKey(",")), Action::kQuit);
  EXPECT_EQ(keys.KeyFor(Context::kTree, Action::kNextPane), "");
  EXPECT_EQ(keys.KeyFor(Context::kTree, Action::kQuit), "^X");
  ASSERT_TRUE(keys.Bind("help", "space, f3"));
  EXPECT_EQ(keys.KeyFor(Context::kPager, Action::kHelp), "Space");
  EXPECT_EQ(keys.KeyFor(Context::kTree, Action::kHelp), "F3") << "there space means something else";
  const auto wrong = keys.Bind("quitt", "x");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("'quit'"), std::string::npos);
  EXPECT_FALSE(keys.Bind("quit", "strg+x"));
  EXPECT_TRUE(keys.Bind("quit", ""));
}

TEST(LineEdit, EditsByCharacters) {
  LineEdit edit("日本");
  EXPECT_TRUE(edit.Press(MakeKey(KeyCode::kLeft)));
  EXPECT_TRUE(edit.Press(MakeKey(U'é')));
  EXPECT_EQ(edit.text(), "日é本");
  edit.Press(MakeKey(KeyCode::kBackspace));
  edit.Press(MakeKey(KeyCode::kDelete));
  EXPECT_EQ(edit.text(), "日");
  edit.Insert("/usr/lib\r\x1b[2J\t\xff\xc2\x9b");
  EXPECT_EQ(edit.text(), "日/usr/lib [2J ");
  edit.Press(*ParseKey("ctrl+w"));
  EXPECT_EQ(edit.text(), "日/usr/lib ");
  edit.Press(*ParseKey("ctrl+w"));
  EXPECT_EQ(edit.text(), "日/usr/");
  edit.Press(*ParseKey("ctrl+a"));
  edit.Press(*ParseKey("ctrl+k"));
  EXPECT_EQ(edit.text(), "");
  edit.Press(MakeKey(KeyCode::kBackspace));
  EXPECT_FALSE(edit.Press(MakeKey(KeyCode::kTab)));
  EXPECT_FALSE(edit.Press(*ParseKey("alt+x")));
  edit.Insert(std::string(5000, 'x'));
  EXPECT_EQ(edit.text(), "");
}

}  // namespace
}  // namespace fathom::tui
