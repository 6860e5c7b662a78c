// From the bytes that a terminal sends to keys, mouse and pasted text.
//
// Understands what xterm and its kin send (CSI and SS3 sequences, modifiers, SGR and X10 mouse,
// bracketed paste), the Linux console and, by `extra`, what terminfo says of any other. Unknown
// sequences are dropped as a whole. Bytes come in pieces of any size; a lone ESC is a key when
// nothing has followed it for kEscapeDelay.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tui/input_event.h"

namespace fathom::tui {

// Not thread-safe. Never fails: every sequence of bytes means something or nothing.
class InputParser {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kEscapeDelay{30};
  static constexpr size_t kLongestSequence = 64;    // bytes; a longer one is dropped
  static constexpr size_t kLongestPaste = 1 << 20;  // bytes; the rest of a longer one is dropped

  // What terminfo says that keys send, beside what is known anyway.
  using Extra = std::vector<std::pair<std::string, Key>>;
  explicit InputParser(Extra extra = {});

  // Takes bytes that arrived at `now`, and appends what they mean to `events`.
  void Feed(std::string_view bytes, Time now, std::vector<InputEvent>& events);

  // What nothing has followed in time. To be called at Deadline().
  void Expire(Time now, std::vector<InputEvent>& events);

  // When Expire() has something to say, if nothing comes before; nothing when it never will.
  std::optional<Time> Deadline() const;

 private:
  using Events = std::vector<InputEvent>;

  void TakeAll(Events& events);
  // Takes what stands at the front of what is pending; false when the rest of it is still to come.
  bool TakeOne(Events& events);
  bool TakeEscape(Events& events);
  bool TakeControlSequence(Events& events);
  bool TakePaste(Events& events);
  bool TakeOldMouse(Events& events);
  bool TakeExtra(Events& events);
  bool TakeCharacter(Events& events, bool alt);
  void Drop(size_t bytes) { pending_.erase(0, bytes); }

  Extra extra_;
  std::string pending_;
  std::string paste_;
  bool pasting_ = false;
  Time last_ = {};  // when bytes came last
};

}  // namespace fathom::tui
