// From the bytes that a terminal sends to keys, mouse and pasted text.
//
// Understands what tui/sequence_event.h knows, bracketed paste and, by `extra`, what terminfo says
// of any other terminal. Unknown sequences, and the answers of terminals, are dropped as a whole.
// Bytes come in pieces of any size and mean the same; a lone ESC is a key when nothing has followed
// it for kEscapeDelay.
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
  // How long the rest of an answer, and of pasted text, may take to come: after a silence of that
  // long it is over, so that no lost byte takes the keyboard away.
  static constexpr std::chrono::milliseconds kAnswerPatience{500};
  static constexpr std::chrono::milliseconds kPastePatience{5000};
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
  // Where the next byte belongs.
  enum class Place {
    kKeys,
    kPaste,
    kAnswer,        // a string whose end is to come
    kLongSequence,  // a control sequence that is too long to mean anything
  };

  void TakeAll(Events& events, bool last);
  // Takes what stands at the front of what is pending; false when the rest of it is still to come.
  // `last`: nothing will.
  bool TakeOne(Events& events, bool last);
  bool TakeEscape(Events& events, bool last);
  bool TakePaste(Events& events);
  bool TakeAnswer();
  bool TakeLongSequence();
  bool TakeCharacter(Events& events, bool alt);
  void Drop(size_t bytes) { pending_.erase(0, bytes); }
  std::chrono::milliseconds Patience() const;

  Extra extra_;  // the longest first
  std::string pending_;
  std::string paste_;
  Place place_ = Place::kKeys;
  Time last_ = {};  // when bytes came last
};

}  // namespace fathom::tui
