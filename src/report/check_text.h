// What the reports of the gate share: counts, and findings in words.
#pragma once

#include <string>

#include "report/check_report.h"

namespace fathom::report {

size_t CountOf(const Check& check, gate::Verdict verdict);
std::string Upper(gate::Verdict verdict);  // "PASS"

// What the image is called: its reference, else what the person said, else its config's digest.
std::string ImageName(const Check& check);

// "layer 3 (RUN make)", cut at a length that fits a line. Printable.
std::string LayerText(const Check& check, size_t layer);

// "/a: 5 bytes, stored in layer 1 (COPY . .), removed by layer 2 (RUN rm a); matches '*.a'".
// One line, printable; says nothing of what is not known.
std::string FindingText(const Check& check, const gate::Finding& finding);
// The same without the path.
std::string FindingDetail(const Check& check, const gate::Finding& finding);

// Over which layers the exact numbers were taken, in a sentence without its full stop.
std::string ScopeText(const Check& check);

// The path of a finding without its first '/'; of a layer, "layers/N".
std::string FindingLocation(const gate::Finding& finding);

// For each finding of a result a name that stays the same when the image is built anew and the
// finding is still there: SHA-256 over rule, path, cause and which of several it is.
std::vector<std::string> Fingerprints(const gate::RuleResult& result);

// Bytes stored in the base that the user's layers hide.
uint64_t HiddenBaseBytes(const analyze::Analysis& analysis);

}  // namespace fathom::report
