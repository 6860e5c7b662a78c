#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace fathom {
namespace {

Code CodeOf(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
      return Code::kDenied;
    case EINVAL:
    case ENAMETOOLONG:
    case EISDIR:
      return Code::kInvalidArgument;
    default:
      return Code::kIo;
  }
}

}  // namespace

Error SystemError(int number, std::string_view what) {
  return {CodeOf(number), fmt::format("{}: {}", what, std::generic_category().message(number))};
}

}  // namespace fathom
