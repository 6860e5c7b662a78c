// bin/fathom of a relocatable prefix: starts the program with the dynamic loader and the libraries
// that lie in ../lib/fathom, so that the prefix runs wherever it is put and whatever C library the
// machine has, if any. Linked statically; children of the program see nothing of it.
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <initializer_list>

namespace {

constexpr const char kLibraries[] = "/lib/fathom";

[[noreturn]] void Fail(const char* what, const char* path) {
  for (const char* text : {"fathom: ", what, path, "; unpack the archive anew\n"}) {
    if (::write(STDERR_FILENO, text, strlen(text)) < 0) {
      break;
    }
  }
  ::_exit(127);
}

// Two levels above this program, links resolved: the prefix. Its length.
size_t FindPrefix(char (&path)[PATH_MAX]) {
  const auto* const started_as = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (::realpath("/proc/self/exe", path) == nullptr &&  // where /proc is not mounted:
      (started_as == nullptr || ::realpath(started_as, path) == nullptr)) {
    Fail("cannot find the place of ", started_as == nullptr ? "the program" : started_as);
  }
  for (int level = 0; level < 2; ++level) {
    if (char* const slash = strrchr(path, '/')) {
      *slash = 0;
    }
  }
  return strlen(path);
}

// prefix + kLibraries + name
void Join(char (&path)[PATH_MAX], const char* prefix, size_t length, const char* name) {
  if (length + sizeof kLibraries + strlen(name) > sizeof path) {
    Fail("the path is too long: ", prefix);
  }
  memcpy(path, prefix, length);
  strcpy(path + length, kLibraries);
  strcat(path, name);
}

}  // namespace

int main(int argc, char** argv) {
  static char prefix[PATH_MAX];
  static char libraries[PATH_MAX];
  static char loader[PATH_MAX];
  static char program[PATH_MAX];
  const size_t length = FindPrefix(prefix);
  Join(libraries, prefix, length, "");
  Join(loader, prefix, length, "/loader");
  Join(program, prefix, length, "/fathom");

  // The machine's cache of libraries is left out: its libraries may want another C library.
  const char* const head[] = {argv[0],   "--inhibit-cache", "--library-path",
                              libraries, "--argv0",         argc > 0 ? argv[0] : "fathom",
                              program};
  constexpr size_t kHead = sizeof head / sizeof *head;
  const size_t given = argc > 0 ? static_cast<size_t>(argc) - 1 : 0;
  auto** arguments = static_cast<char**>(calloc(kHead + given + 1, sizeof(char*)));
  if (arguments == nullptr) {
    Fail("out of memory", "");
  }
  memcpy(arguments, head, sizeof head);
  for (size_t i = 0; i < given; ++i) {
    arguments[kHead + i] = argv[i + 1];
  }
  ::execv(loader, arguments);
  Fail("cannot start ", loader);
}
