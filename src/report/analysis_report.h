// An Analysis in the forms of `fathom analyze -o`. Pure functions to text.
#pragma once

#include <string>

#include "analyze/analysis.h"

namespace fathom::report {

// fathom/analysis/v1, described by docs/schemas/analysis-v1.json. The same image gives the same
// bytes, whether read or cached.
std::string AnalysisJson(const analyze::Analysis& analysis);

// dive's export: the classic numbers and every layer's own files.
std::string DiveJson(const analyze::Analysis& analysis);

std::string AnalysisCsv(const analyze::Analysis& analysis);       // a row for each layer
std::string AnalysisMarkdown(const analyze::Analysis& analysis);  // for a merge request
std::string AnalysisTable(const analyze::Analysis& analysis);     // for a terminal

// The text before the first '/' that dive calls a layer's id.
std::string DiveLayerId(const image::Layer& layer);

// What made a layer, without the shell's prefix; "" when the config does not say.
std::string Instruction(const analyze::Analysis& analysis, size_t layer);

// An instruction as a person wrote it: without the shell that a builder put in front of it.
std::string_view WithoutShell(std::string_view instruction);

}  // namespace fathom::report
