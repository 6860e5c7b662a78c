// An image's history: every entry, empty ones too, with its layer and bytes.
#pragma once

#include <string>

#include "analyze/analysis.h"
#include "report/json_writer.h"

namespace fathom::report {

std::string HistoryTable(const analyze::Analysis& analysis);
std::string HistoryJson(const analyze::Analysis& analysis);  // fathom/history/v1

// The members of one entry that every document shows; within an open object.
void WriteHistoryMembers(JsonWriter& json, size_t index, const image::HistoryEntry& entry);

// A Dockerfile that would have made this history, as far as it tells.
std::string HistoryDockerfile(const analyze::Analysis& analysis);

}  // namespace fathom::report
