#include "net/libcurl.h"

#include <dlfcn.h>

namespace fathom::net {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";

Result<Libcurl> Load() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Fail(Code::kNotFound,
                "the library {} is needed to talk HTTP and cannot be loaded ({}); install it, on "
                "Debian with: apt-get install libcurl4",
                kLibrary, ::dlerror());
  }
  bool complete = true;
  const auto find = [&](auto& function, const char* name) {
    function =
        reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    complete = complete && function != nullptr;
  };
  Libcurl curl{};
  find(curl.easy_init, "curl_easy_init");
  find(curl.easy_cleanup, "curl_easy_cleanup");
  find(curl.easy_setopt, "curl_easy_setopt");
  find(curl.easy_getinfo, "curl_easy_getinfo");
  find(curl.easy_pause, "curl_easy_pause");
  find(curl.easy_strerror, "curl_easy_strerror");
  find(curl.multi_init, "curl_multi_init");
  find(curl.multi_cleanup, "curl_multi_cleanup");
  find(curl.multi_add_handle, "curl_multi_add_handle");
  find(curl.multi_remove_handle, "curl_multi_remove_handle");
  find(curl.multi_perform, "curl_multi_perform");
  find(curl.multi_poll, "curl_multi_poll");
  find(curl.multi_info_read, "curl_multi_info_read");
  find(curl.multi_strerror, "curl_multi_strerror");
  find(curl.slist_append, "curl_slist_append");
  find(curl.slist_free_all, "curl_slist_free_all");
  decltype(&::curl_global_init) global_init = nullptr;
  find(global_init, "curl_global_init");
  if (!complete) {
    return Fail(Code::kNotFound, "the library {} is too old; 7.85 or newer is needed", kLibrary);
  }
  if (const CURLcode code = global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
    return Fail(Code::kIo, "the library {} cannot be used: {}", kLibrary, curl.easy_strerror(code));
  }
  return curl;
}

}  // namespace

Result<const Libcurl*> LoadLibcurl() {
  static const Result<Libcurl> loaded = Load();
  if (!loaded) {
    return std::unexpected(loaded.error());
  }
  return &*loaded;
}

}  // namespace fathom::net
