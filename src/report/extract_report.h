// What an extraction did, for people.
#pragma once

#include <string>

#include "extract/plan.h"

namespace fathom::report {

// A line with what was written, and one for each kind of thing that was left out or changed.
std::string ExtractSummary(const extract::Plan& plan, const extract::Losses& losses,
                           bool owners_kept);

}  // namespace fathom::report
