#include "net/http.h"

#include <algorithm>

#include "base/ascii.h"

namespace fathom::net {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return ToLower(x) == ToLower(y); });
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string_view Response::HeaderValue(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [name](const Header& header) { return SameName(header.name, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::vector<std::string_view> Response::HeaderValues(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Header& header : headers) {
    if (SameName(header.name, name)) {
      values.push_back(header.value);
    }
  }
  return values;
}

Result<std::string> ReadText(Response& response, uint64_t most) {
  return ReadAll(*response.body, most);
}

std::string ReadBeginning(Response& response, uint64_t most) {
  std::string text(most, '\0');
  size_t filled = 0;
  while (filled < text.size()) {
    const auto got = response.body->Read(
        {reinterpret_cast<uint8_t*>(text.data()) + filled, text.size() - filled});
    if (!got || *got == 0) {
      break;
    }
    filled += *got;
  }
  text.resize(filled);
  return text;
}

std::string UrlEscape(std::string_view text, std::string_view kept) {
  std::string escaped;
  for (const char c : text) {
    if (IsUnreserved(c) || kept.find(c) != std::string_view::npos) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

}  // namespace fathom::net
