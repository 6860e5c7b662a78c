// An image's history: every entry, empty ones too, with its layer and bytes.
#pragma once

#include <string>

#include "analyze/analysis.h"

namespace fathom::report {

std::string HistoryTable(const analyze::Analysis& analysis);
std::string HistoryJson(const analyze::Analysis& analysis);  // fathom/history/v1

// A Dockerfile that would have made this history, as far as it tells.
std::string HistoryDockerfile(const analyze::Analysis& analysis);

}  // namespace fathom::report
