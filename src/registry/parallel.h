// Work that mostly waits for a peer, done by several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace fathom::registry {

// Calls `work` for each of 0 ... count-1, several at a time, each once. Returns when all are done.
void ForEachInParallel(size_t count, unsigned threads, const std::function<void(size_t)>& work);

}  // namespace fathom::registry
