// The port that extracted files are written through.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "extract/plan.h"

namespace fathom::extract {

// Called by Extract(), one thread at a time, in this order: Begin; every directory, parents first;
// the contents, layer by layer; hard links, symbolic links and special files; Finish.
// Errors name the path.
class Target {
 public:
  virtual ~Target() = default;

  virtual Status Begin(const Plan& plan) = 0;
  virtual Status MakeDirectory(const Item& item) = 0;

  // A regular file: its content in pieces, holes as their length.
  virtual Status BeginFile(const Item& item) = 0;
  virtual Status Write(ByteView data) = 0;
  virtual Status WriteHole(uint64_t size) = 0;
  // The content is complete and is what the layer index says.
  virtual Status EndFile() = 0;

  virtual Status MakeLink(const Item& item, const Item& existing) = 0;
  // A symbolic link, device or FIFO.
  virtual Status MakeSpecial(const Item& item) = 0;

  virtual Status Finish() = 0;
};

}  // namespace fathom::extract
