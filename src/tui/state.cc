#include "tui/state.h"

namespace fathom::tui {

std::string TextLine::Text() const {
  std::string text;
  for (const Span& span : spans) {
    text += span.text;
  }
  return text;
}

Context State::context() const {
  if (help || overlay) {
    return Context::kList;
  }
  if (file) {
    return Context::kPager;
  }
  return pane == Pane::kTree     ? Context::kTree
         : pane == Pane::kLayers ? Context::kLayers
                                 : Context::kDetails;
}

}  // namespace fathom::tui
