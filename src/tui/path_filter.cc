#include "tui/path_filter.h"

#include <re2/re2.h>

namespace fathom::tui {

std::string QuoteExpression(std::string_view text) {
  return RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

PathFilter::PathFilter(std::string text, Options options)
    : text_(std::move(text)), options_(options) {
  if (text_.empty() || (!options.regex && !options.ignore_case)) {
    return;
  }
  RE2::Options settings;
  settings.set_log_errors(false);
  settings.set_case_sensitive(!options.ignore_case);
  settings.set_literal(!options.regex);
  settings.set_never_capture(true);
  // Names are bytes; what is typed is UTF-8 as a rule, and then so are its characters.
  auto compiled = std::make_shared<const RE2>(text_, settings);
  if (!compiled->ok()) {
    complaint_ = compiled->error();
    settings.set_literal(true);
    compiled = std::make_shared<const RE2>(text_, settings);
  }
  if (compiled->ok()) {
    expression_ = std::move(compiled);
  }
}

bool PathFilter::Matches(std::string_view path) const {
  return expression_ == nullptr
             ? path.find(text_) != std::string_view::npos
             : RE2::PartialMatch(re2::StringPiece(path.data(), path.size()), *expression_);
}

}  // namespace fathom::tui
