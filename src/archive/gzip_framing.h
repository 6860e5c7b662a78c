// What surrounds the members of a gzip stream (RFC 1952): one after another, then perhaps zeros.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace fathom::archive {

// Follows the borders between gzip members for a decoder that knows only how to inflate one.
class GzipFraming {
 public:
  enum class Place {
    kInside,   // hand the bytes to the inflater
    kStart,    // a member begins here: reset the inflater, then hand it the bytes
    kNeedMore  // nothing to inflate in this input
  };

  // Where the front of `input` stands; takes padding off it. kCorrupt for other trailing bytes.
  Result<Place> Locate(ByteView& input) {
    if (inside_) {
      return Place::kInside;
    }
    while (!input.empty() && input[0] == 0 && members_ > 0) {
      padding_ = true;
      input = input.subspan(1);
    }
    if (input.empty()) {
      return Place::kNeedMore;
    }
    if (padding_ || input[0] != 0x1f) {
      return Fail(Code::kCorrupt, "bytes that are no gzip member after {} members", members_);
    }
    inside_ = true;
    return Place::kStart;
  }

  void EndMember() {
    inside_ = false;
    ++members_;
  }

  Status Finish() const {
    if (inside_ || members_ == 0) {
      return Fail(Code::kCorrupt, "the gzip stream ends early");
    }
    return {};
  }

 private:
  bool inside_ = false;
  bool padding_ = false;
  uint64_t members_ = 0;
};

}  // namespace fathom::archive
