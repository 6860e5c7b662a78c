// For tests of engines.
#pragma once

#include "base/limits.h"
#include "tests/support/text.h"

namespace fathom::engine {

inline const Limits kLimits;

}  // namespace fathom::engine
