// The explorer: reads an image, shows what is known of it, and does what a person wants.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tui/state.h"
#include "tui/terminal.h"
#include "tui/workshop.h"

namespace fathom::tui {

struct Exploration {
  std::string name;  // of the image, as the person called it
  ImageRequest image;
  Preferences preferences;
  std::function<Result<std::unique_ptr<Terminal>>()> open_terminal;
};

struct Explored {
  std::shared_ptr<const analyze::Analysis> analysis;  // null when it was left before all was read
  std::optional<Error> failure;                       // why the image could not be read
  bool threads_left = false;  // one waits for a peer; the process should end without more ado
};

// Returns when the person leaves. Errors: those of opening the terminal, and of the image as long
// as there is nothing to show of it.
Result<Explored> Explore(Exploration exploration);

}  // namespace fathom::tui
