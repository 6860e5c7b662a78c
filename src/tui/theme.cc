#include "tui/theme.h"

#include <algorithm>
#include <array>

namespace fathom::tui {
namespace {

// Colours of the 256: 16 + 36 r + 6 g + b for r, g, b of 0 to 5, and 232 to 255 for greys.

Look Dark(Role role) {
  switch (role) {
    case Role::kText:
      return {};
    case Role::kFaint:
      return {.text = 245};
    case Role::kTitle:
      return {.text = 250};
    case Role::kActiveTitle:
      return {.text = 117, .bold = true};
    case Role::kBorder:
      return {.text = 240};
    case Role::kActiveBorder:
      return {.text = 75};
    case Role::kHeading:
      return {.text = 110};
    case Role::kAdded:
      return {.text = 114};
    case Role::kModified:
      return {.text = 221};
    case Role::kRemoved:
      return {.text = 210};
    case Role::kDirectory:
      return {.text = 111, .bold = true};
    case Role::kLink:
      return {.text = 116};
    case Role::kSpecial:
      return {.text = 176};
    case Role::kWaste:
      return {.text = 215};
    case Role::kBar:
      return {.text = 67};
    case Role::kMatch:
      return {.text = 228, .bold = true, .underline = true};
    case Role::kKey:
      return {.text = 117, .bold = true};
    case Role::kStatus:
      return {.text = 250};
    case Role::kNotice:
      return {.text = 156};
    case Role::kError:
      return {.text = 210, .bold = true};
    case Role::kPrompt:
      return {.text = 228, .bold = true};
  }
  return {};
}

Look Light(Role role) {
  switch (role) {
    case Role::kText:
      return {};
    case Role::kFaint:
      return {.text = 243};
    case Role::kTitle:
      return {.text = 238};
    case Role::kActiveTitle:
      return {.text = 25, .bold = true};
    case Role::kBorder:
      return {.text = 250};
    case Role::kActiveBorder:
      return {.text = 32};
    case Role::kHeading:
      return {.text = 24};
    case Role::kAdded:
      return {.text = 28};
    case Role::kModified:
      return {.text = 130};
    case Role::kRemoved:
      return {.text = 160};
    case Role::kDirectory:
      return {.text = 25, .bold = true};
    case Role::kLink:
      return {.text = 30};
    case Role::kSpecial:
      return {.text = 90};
    case Role::kWaste:
      return {.text = 166};
    case Role::kBar:
      return {.text = 110};
    case Role::kMatch:
      return {.text = 126, .bold = true, .underline = true};
    case Role::kKey:
      return {.text = 25, .bold = true};
    case Role::kStatus:
      return {.text = 238};
    case Role::kNotice:
      return {.text = 22};
    case Role::kError:
      return {.text = 160, .bold = true};
    case Role::kPrompt:
      return {.text = 126, .bold = true};
  }
  return {};
}

// Blue, orange and their kin, which people with any common kind of colour blindness tell apart, and
// a second sign for each change.
Look Safe(Role role) {
  switch (role) {
    case Role::kAdded:
      return {.text = 75, .bold = true};
    case Role::kModified:
      return {.text = 221};
    case Role::kRemoved:
      return {.text = 208, .underline = true};
    case Role::kWaste:
      return {.text = 208};
    case Role::kDirectory:
      return {.bold = true};
    case Role::kLink:
      return {.text = 152};
    case Role::kSpecial:
      return {.text = 182};
    case Role::kNotice:
      return {.text = 75};
    case Role::kError:
      return {.text = 208, .bold = true, .underline = true};
    default:
      return Dark(role);
  }
}

// The sixteen that the terminal's own theme sets, so that they suit its ground.
Look Sixteen(Role role) {
  switch (role) {
    case Role::kText:
    case Role::kTitle:
    case Role::kStatus:
      return {};
    case Role::kFaint:
    case Role::kBorder:
      return {.dim = true};
    case Role::kActiveTitle:
    case Role::kKey:
      return {.text = 6, .bold = true};
    case Role::kActiveBorder:
    case Role::kHeading:
      return {.text = 6};
    case Role::kAdded:
    case Role::kNotice:
      return {.text = 2};
    case Role::kModified:
      return {.text = 3};
    case Role::kRemoved:
      return {.text = 1};
    case Role::kDirectory:
      return {.text = 4, .bold = true};
    case Role::kLink:
      return {.text = 6};
    case Role::kSpecial:
    case Role::kWaste:
      return {.text = 5};
    case Role::kBar:
      return {.text = 4};
    case Role::kMatch:
    case Role::kPrompt:
      return {.text = 3, .bold = true, .underline = true};
    case Role::kError:
      return {.text = 1, .bold = true};
  }
  return {};
}

// No colour at all.
Look Plain(Role role) {
  switch (role) {
    case Role::kFaint:
    case Role::kBorder:
    case Role::kBar:
      return {.dim = true};
    case Role::kActiveTitle:
    case Role::kActiveBorder:
    case Role::kHeading:
    case Role::kDirectory:
    case Role::kKey:
    case Role::kPrompt:
    case Role::kNotice:
    case Role::kAdded:
      return {.bold = true};
    case Role::kModified:
      return {.underline = true};
    case Role::kRemoved:
      return {.dim = true, .underline = true};
    case Role::kMatch:
    case Role::kError:
    case Role::kWaste:
      return {.bold = true, .underline = true};
    default:
      return {};
  }
}

constexpr std::array kThemes = {
    Theme{"dark", "for a dark ground", Dark, {.ground = 238}},
    Theme{"light", "for a light ground", Light, {.ground = 253}},
    Theme{"safe", "told apart without red and green, on a dark ground", Safe, {.ground = 238}},
    Theme{"16", "the terminal's own sixteen colours", Sixteen, {.reverse = true}},
    Theme{"plain", "no colours", Plain, {.reverse = true}},
};

constexpr const Theme& kSixteen = kThemes[3];
constexpr const Theme& kPlain = kThemes[4];

// COLORFGBG is "TEXT;GROUND" or "TEXT;x;GROUND", of the sixteen colours; 7 and 15 are light.
bool GroundIsLight(std::string_view colorfgbg) {
  const size_t last = colorfgbg.rfind(';');
  const std::string_view ground = colorfgbg.substr(last == std::string_view::npos ? 0 : last + 1);
  return ground == "7" || ground == "15";
}

}  // namespace

std::span<const Theme> Themes() { return kThemes; }

const Theme* FindTheme(std::string_view name) {
  const auto found = std::ranges::find(kThemes, name, &Theme::name);
  return found == kThemes.end() ? nullptr : &*found;
}

const Theme& ChooseTheme(std::string_view name, int colours, bool no_color,
                         std::string_view colorfgbg) {
  const Theme* named = FindTheme(name);
  if (named == nullptr && no_color) {
    return kPlain;
  }
  if (colours < 8) {
    return kPlain;
  }
  if (colours < 256) {
    return named == &kPlain ? kPlain : kSixteen;
  }
  return named != nullptr ? *named : kThemes[GroundIsLight(colorfgbg) ? 1 : 0];
}

}  // namespace fathom::tui
