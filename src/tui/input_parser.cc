#include "tui/input_parser.h"

#include <algorithm>

#include "base/text.h"
#include "tui/escape_sequence.h"
#include "tui/sequence_event.h"
#include "tui/text_width.h"

namespace fathom::tui {
namespace {

constexpr char kEsc = '\x1b';
constexpr char kBell = '\a';
constexpr std::string_view kPasteBegin = "\x1b[200~";
constexpr std::string_view kPasteEnd = "\x1b[201~";
constexpr std::string_view kAnswerEnd = "\x1b\\";  // ST

constexpr size_t kPiece = 64;  // bytes that are looked at together

}  // namespace

InputParser::InputParser(Extra extra) : extra_(std::move(extra)) {
  // Shorter ones are characters, or alt with one.
  std::erase_if(extra_, [](const auto& known) {
    return known.first.size() <= 2 || known.first.size() > EscapeSequence::kLongest ||
           known.first[0] != kEsc;
  });
  std::ranges::sort(extra_, std::greater(), [](const auto& known) { return known.first.size(); });
}

void InputParser::Feed(std::string_view bytes, Time now, std::vector<InputEvent>& events) {
  if (bytes.empty()) {
    return;
  }
  last_ = now;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    pending_ += piece;
    bytes.remove_prefix(piece.size());
    TakeAll(events, false);
  }
}

void InputParser::TakeAll(Events& events, bool last) {
  while (!pending_.empty() && TakeOne(events, last)) {
  }
}

std::chrono::milliseconds InputParser::Patience() const {
  switch (place_) {
    case Place::kPaste:
      return kPastePatience;
    case Place::kAnswer:
      return kAnswerPatience;
    default:
      return kEscapeDelay;
  }
}

std::optional<InputParser::Time> InputParser::Deadline() const {
  return pending_.empty() && place_ == Place::kKeys ? std::nullopt
                                                    : std::optional(last_ + Patience());
}

void InputParser::Expire(Time now, std::vector<InputEvent>& events) {
  if (const auto deadline = Deadline(); !deadline || now < *deadline) {
    return;
  }
  if (place_ == Place::kPaste) {
    paste_.append(pending_, 0, kLongestPaste - paste_.size());
    events.emplace_back(Paste{std::exchange(paste_, {})});
  }
  if (place_ != Place::kKeys) {
    place_ = Place::kKeys;
    pending_.clear();
  }
  TakeAll(events, true);
  pending_.clear();
}

bool InputParser::TakeOne(Events& events, bool last) {
  switch (place_) {
    case Place::kPaste:
      return TakePaste(events);
    case Place::kAnswer:
      return TakeAnswer();
    case Place::kLongSequence:
      return TakeLongSequence();
    case Place::kKeys:
      break;
  }
  return pending_[0] == kEsc ? TakeEscape(events, last) : TakeCharacter(events, false);
}

bool InputParser::TakeEscape(Events& events, bool last) {
  for (const auto& [sequence, key] : extra_) {
    if (pending_.starts_with(sequence)) {
      events.emplace_back(Canonical(key));
      Drop(sequence.size());
      return true;
    }
    if (!last && sequence.starts_with(pending_)) {
      return false;
    }
  }
  if (pending_.starts_with(kPasteBegin)) {
    Drop(kPasteBegin.size());
    place_ = Place::kPaste;
    return true;
  }
  const EscapeSequence sequence = FrontSequence(pending_);
  switch (sequence.kind) {
    case EscapeSequence::Kind::kUnfinished:
      if (!last || pending_.size() > 2) {
        return false;
      }
      if (pending_.size() == 2) {
        return TakeCharacter(events, true);
      }
      [[fallthrough]];
    case EscapeSequence::Kind::kEscape:
      events.emplace_back(MakeKey(KeyCode::kEscape));
      Drop(1);
      return true;
    case EscapeSequence::Kind::kPrefixed:
      return TakeCharacter(events, true);
    case EscapeSequence::Kind::kString:
      place_ = Place::kAnswer;
      break;
    case EscapeSequence::Kind::kTooLong:
      place_ = Place::kLongSequence;
      break;
    default:
      if (const auto event = EventOf(sequence)) {
        events.push_back(*event);
      }
  }
  Drop(sequence.length);
  return true;
}

bool InputParser::TakePaste(Events& events) {
  const size_t end = pending_.find(kPasteEnd);
  // The end may have come in part.
  const size_t sure = end != std::string::npos
                          ? end
                          : pending_.size() - std::min(pending_.size(), kPasteEnd.size() - 1);
  const size_t room = kLongestPaste - paste_.size();
  paste_.append(pending_, 0, std::min(sure, room));
  Drop(sure);
  if (end == std::string::npos) {
    return false;
  }
  Drop(kPasteEnd.size());
  place_ = Place::kKeys;
  events.emplace_back(Paste{std::exchange(paste_, {})});
  return true;
}

// Up to BEL or ST. Any other ESC breaks it off and begins something else.
bool InputParser::TakeAnswer() {
  const size_t end = pending_.find_first_of(std::string_view("\x1b\a"));
  Drop(std::min(end, pending_.size()));
  if (pending_.empty() || pending_ == std::string_view(&kEsc, 1)) {
    return false;
  }
  if (pending_[0] == kBell) {
    Drop(1);
  } else if (pending_.starts_with(kAnswerEnd)) {
    Drop(kAnswerEnd.size());
  }
  place_ = Place::kKeys;
  return true;
}

bool InputParser::TakeLongSequence() {
  const auto end = std::ranges::find_if_not(pending_, IsParameter);
  if (end == pending_.end()) {
    pending_.clear();
    return false;
  }
  const bool belongs = *end >= 0x40 && *end <= 0x7e;
  Drop(static_cast<size_t>(end - pending_.begin()) + (belongs ? 1 : 0));
  place_ = Place::kKeys;
  return true;
}

bool InputParser::TakeCharacter(Events& events, bool alt) {
  const std::string_view text = std::string_view(pending_).substr(alt ? 1 : 0);
  const auto byte = static_cast<unsigned char>(text[0]);
  const size_t before = alt ? 1 : 0;
  Key key;
  size_t length = 1;
  if (byte >= 0x80) {
    const size_t expected = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    const Utf8Character character = FrontCharacter(text);
    const bool continues = std::ranges::all_of(
        text.substr(1), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; });
    if (character.length == 0 && text.size() < expected && continues && byte >= 0xc2 &&
        byte < 0xf5) {
      return false;
    }
    if (character.length == 0 || IsControl(character.code)) {
      Drop(before + 1);
      return true;
    }
    key = MakeKey(character.code);
    length = character.length;
  } else if (byte == 0x7f || byte == 0x08) {
    key = MakeKey(KeyCode::kBackspace);
  } else if (byte == 0) {
    key = {.code = U' ', .ctrl = true};
  } else if (byte < 0x20) {
    key = {.code = byte + (byte < 0x1b ? 0x60u : 0x40u), .ctrl = true};
  } else {
    key = MakeKey(static_cast<char32_t>(byte));
  }
  key.alt = alt;
  events.emplace_back(Canonical(key));
  Drop(before + length);
  return true;
}

}  // namespace fathom::tui
