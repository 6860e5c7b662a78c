#include "report/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace fathom::report {
namespace {

// Whether the character stands for itself in any JSON text.
constexpr bool IsPlain(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

}  // namespace

void JsonWriter::NewLine() {
  out_ += '\n';
  out_.append(filled_.size() * 2, ' ');
}

void JsonWriter::BeforeValue() {
  if (after_key_ || filled_.empty()) {
    after_key_ = false;
    return;
  }
  if (filled_.back()) {
    out_ += ',';
  }
  filled_.back() = true;
  NewLine();
}

void JsonWriter::Begin(char bracket) {
  BeforeValue();
  out_ += bracket;
  filled_.push_back(false);
}

void JsonWriter::End(char bracket) {
  const bool filled = filled_.back();
  filled_.pop_back();
  if (filled) {
    NewLine();
  }
  out_ += bracket;
}

void JsonWriter::Key(std::string_view key) {
  Text(key);
  out_ += ": ";
  after_key_ = true;
}

void JsonWriter::Text(std::string_view value) {
  BeforeValue();
  out_ += '"';
  // Nearly all text is plain ASCII and goes out as it is.
  if (std::ranges::all_of(value, IsPlain)) {
    out_ += value;
  } else {
    const size_t start = out_.size();
    for (const char c : DisplayText(value)) {
      Escaped(c);
    }
    out_.replace(start, std::string::npos, WithJsonEscapes(std::string_view(out_).substr(start)));
  }
  out_ += '"';
}

void JsonWriter::Escaped(char c) {
  if (c == '"' || c == '\\') {
    out_ += '\\';
    out_ += c;
  } else if (c == '\n') {
    out_ += "\\n";
  } else if (c == '\r') {
    out_ += "\\r";
  } else if (c == '\t') {
    out_ += "\\t";
  } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f ||
             (escape_html_ && (c == '<' || c == '>' || c == '&'))) {
    out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  } else {
    out_ += c;
  }
}

void JsonWriter::TextOrNull(std::string_view value) {
  if (value.empty()) {
    Null();
  } else {
    Text(value);
  }
}

void JsonWriter::Number(uint64_t value) {
  BeforeValue();
  out_ += fmt::format_int(value).c_str();
}

void JsonWriter::Number(double value) {
  if (!std::isfinite(value)) {
    return Null();
  }
  BeforeValue();
  out_ += value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                               : fmt::format("{}", value);
}

void JsonWriter::Bool(bool value) {
  BeforeValue();
  out_ += value ? "true" : "false";
}

void JsonWriter::Null() {
  BeforeValue();
  out_ += "null";
}

void JsonWriter::Member(std::string_view key, std::optional<uint64_t> value) {
  Key(key);
  if (value) {
    Number(*value);
  } else {
    Null();
  }
}

}  // namespace fathom::report
