// Where bytes go that are made from front to back: standard output, or a file that takes its name
// only when it is complete.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/io.h"

namespace fathom::extract {

// Gathers small writes. Not thread-safe.
class OutputFile {
 public:
  // `path` "-" is standard output. A file that is there is replaced with `overwrite`, else it is an
  // error (kDenied); a device or pipe is written to as it is.
  static Result<std::unique_ptr<OutputFile>> Open(const std::string& path, bool overwrite);
  ~OutputFile();

  Status Write(ByteView bytes);
  Status WriteZeros(uint64_t count);

  // Everything is written. Without it a file is gone again.
  Status Commit();

 private:
  OutputFile() = default;
  Status Flush();

  std::string name_;       // for messages
  std::string final_;      // "" for what is written to as it is
  std::string temporary_;  // "" when it is gone
  bool overwrite_ = false;
  Fd owned_;
  int descriptor_ = -1;
  std::vector<uint8_t> buffer_;
};

}  // namespace fathom::extract
