// How a client gets its connections where no address leads to the peer.
//
// libcurl can be given a descriptor that is connected already, but versions 7.87 and 7.88 (Debian
// 12) connect it again all the same. So it connects to a socket of this very process, and what
// arrives there is passed on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/io.h"

namespace fathom::net {

// Not thread-safe.
class Dialer {
 public:
  virtual ~Dialer() = default;

  // The name, in Linux's abstract namespace, of the unix socket that connections go to.
  virtual const std::string& socket_name() const = 0;

  // Descriptors to watch while an answer is waited for, and what to do when one can be read.
  virtual std::vector<int> watched() const = 0;
  virtual Status Serve() = 0;

  // What there is to say when a connection failed; "" when nothing.
  virtual std::string Complaint() = 0;
};

// Starts a program for each connection and speaks through its standard input and output. What it
// writes to standard error is its complaint. Only this process can connect.
Result<std::unique_ptr<Dialer>> DialProgram(std::vector<std::string> arguments);

}  // namespace fathom::net
