// Themes: how each role looks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tui/cell.h"

namespace fathom::tui {

// A colour of the terminal's palette: 0 to 15 as the user has set them, 16 to 255 of the usual
// cube; nothing is the terminal's own.
using Colour = std::optional<uint8_t>;

struct Look {
  Colour text = {};
  Colour ground = {};
  bool bold = false;
  bool dim = false;
  bool underline = false;
  bool reverse = false;
};

// What a theme is made of. A cell under the cursor has the look of its role with `selected` laid
// over it: its ground if it has one, else text and ground change places.
struct Theme {
  std::string_view name;
  std::string_view help;
  Look (*look)(Role role);
  Look selected;
};

// dark, light, safe (told apart without red and green), 16 (the terminal's own sixteen colours),
// plain (no colour at all: weight, underline, reverse).
std::span<const Theme> Themes();
const Theme* FindTheme(std::string_view name);

// The theme for `name`, "auto" included: plain where NO_COLOR is set or the terminal has no
// colours, 16 where it has fewer than 256, light where COLORFGBG says that the ground is light,
// else dark. A theme that is named is taken as long as there are colours enough.
const Theme& ChooseTheme(std::string_view name, int colours, bool no_color,
                         std::string_view colorfgbg);

}  // namespace fathom::tui
