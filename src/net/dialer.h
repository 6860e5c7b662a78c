// How a client gets its connections where that is not by TCP or a unix socket's path.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/io.h"

namespace fathom::net {

// Must outlive the transfers that use it. Not thread-safe.
class Dialer {
 public:
  virtual ~Dialer() = default;

  // A connected stream socket.
  virtual Result<Fd> Dial() = 0;

  // A descriptor to watch while an answer is waited for, -1 when there is none, and what to do when
  // it can be read.
  virtual int watched() const { return -1; }
  virtual void OnReadable() {}

  // What there is to say when a connection failed; "" when nothing.
  virtual std::string Complaint() { return ""; }
};

// Starts a program for each connection and speaks through its standard input and output. What it
// writes to standard error is its complaint.
std::unique_ptr<Dialer> DialProgram(std::vector<std::string> arguments);

}  // namespace fathom::net
