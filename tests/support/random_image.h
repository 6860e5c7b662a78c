// RapidCheck generators of small images whose entries get in each other's way.
//
// Few names, few contents and few kinds of metadata, so that rewrites, type changes, whiteouts,
// links as parents, hard links across layers and duplicates are the rule and not the exception.
// Everything shrinks: fewer layers, fewer entries, plainer entries.
#pragma once

#include <rapidcheck.h>

#include <ostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/json_text.h"
#include "tests/support/tar_writer.h"

namespace fathom::testing {

// Entries of each layer, base first.
using ImageEntries = std::vector<std::vector<TarEntry>>;

// Each layer as a tar that can say all that the generators make.
inline std::vector<std::string> LayerTars(const ImageEntries& image) {
  std::vector<std::string> tars;
  for (const std::vector<TarEntry>& layer : image) {
    tars.push_back(WriteTar(layer, {.format = TarFormat::kPax}));
  }
  return tars;
}

// One line: what kind of entry, its name, and what is not as usual.
inline std::string Show(const TarEntry& entry) {
  std::ostringstream os;
  os << entry.type << " " << JsonString(entry.name);
  if (!entry.link.empty()) {
    os << " -> " << JsonString(entry.link);
  }
  if (!entry.content.empty()) {
    os << " content " << JsonString(entry.content);
  }
  os << " mode 0" << std::oct << entry.mode << std::dec;
  if (entry.uid != 0 || entry.gid != 0) {
    os << " owner " << entry.uid << ":" << entry.gid;
  }
  if (entry.mtime != 0 || entry.mtime_nanos != 0) {
    os << " mtime " << entry.mtime << "s+" << entry.mtime_nanos << "ns";
  }
  if (entry.type == '3' || entry.type == '4') {
    os << " device " << entry.dev_major << ":" << entry.dev_minor;
  }
  for (const auto& [name, value] : entry.xattrs) {
    os << " " << name << "=" << JsonString(value);
  }
  return os.str();
}

inline std::string Show(const ImageEntries& image) {
  std::string text;
  for (size_t i = 0; i < image.size(); ++i) {
    text += "layer " + std::to_string(i) + "\n";
    for (const TarEntry& entry : image[i]) {
      text += "  " + Show(entry) + "\n";
    }
  }
  return text;
}

// What RapidCheck prints of a counterexample.
inline void showValue(const TarEntry& entry, std::ostream& os) { os << "\n    " << Show(entry); }

namespace random_image {

// One of the values, by weight; shrinks towards the first.
template <typename T>
rc::Gen<T> Pick(const std::vector<std::pair<size_t, T>>& weighted) {
  std::vector<T> values;
  for (const auto& [weight, value] : weighted) {
    values.insert(values.end(), weight, value);
  }
  const auto index = rc::gen::resize(rc::kNominalSize, rc::gen::inRange<size_t>(0, values.size()));
  return rc::gen::map(index, [values](size_t i) { return values[i]; });
}

inline rc::Gen<std::string> Name() {
  return Pick<std::string>({{8, "a"}, {8, "b"}, {6, "c"}, {1, "a."}});
}

// A path of one to three names.
inline rc::Gen<std::string> PlainPath() {
  const auto depth = Pick<int>({{5, 1}, {5, 2}, {3, 3}});
  return rc::gen::map(rc::gen::tuple(depth, Name(), Name(), Name()),
                      [](const std::tuple<int, std::string, std::string, std::string>& t) {
                        const auto& [count, first, second, third] = t;
                        return first + (count > 1 ? "/" + second : "") +
                               (count > 2 ? "/" + third : "");
                      });
}

// The same path said in another way, or one that looks as if it left the root.
enum class Spelling { kPlain, kDot, kAbsolute, kDetour, kInnerDot, kAboveRoot, kSlash, kParent };

inline std::string Spell(const std::string& path, Spelling spelling) {
  switch (spelling) {
    case Spelling::kPlain:
      return path;
    case Spelling::kDot:
      return "./" + path;
    case Spelling::kAbsolute:
      return "/" + path;
    case Spelling::kDetour:
      return "c/../" + path;
    case Spelling::kInnerDot:
      return "./a/./../" + path;
    case Spelling::kAboveRoot:
      return "../" + path;
    case Spelling::kSlash:
      return path + "/";
    case Spelling::kParent:
      return path + "/..";
  }
  return path;
}

inline rc::Gen<std::string> EntryName() {
  using enum Spelling;
  const auto spelling = Pick<Spelling>({{40, kPlain},
                                        {4, kDot},
                                        {2, kAbsolute},
                                        {2, kDetour},
                                        {1, kInnerDot},
                                        {1, kAboveRoot},
                                        {1, kSlash},
                                        {1, kParent}});
  return rc::gen::map(rc::gen::pair(PlainPath(), spelling),
                      [](const auto& pair) { return Spell(pair.first, pair.second); });
}

// Spellings that leave the last name last, as a whiteout needs it.
inline rc::Gen<std::string> MarkedPath() {
  using enum Spelling;
  const auto spelling = Pick<Spelling>({{20, kPlain}, {3, kDot}, {1, kAbsolute}, {1, kDetour}});
  return rc::gen::map(rc::gen::pair(PlainPath(), spelling),
                      [](const auto& pair) { return Spell(pair.first, pair.second); });
}

// Targets that make loops, detours, ways out of the root and, most of all, parents.
inline rc::Gen<std::string> SymlinkTarget() {
  return Pick<std::string>({{6, "a"},
                            {6, "b"},
                            {4, "c"},
                            {3, "/a"},
                            {3, "/b"},
                            {2, "/c"},
                            {2, "a/b"},
                            {2, "/b/a"},
                            {2, "../a"},
                            {2, "../b"},
                            {1, "../c/b"},
                            {1, ".."},
                            {1, "."},
                            {1, "/"},
                            {1, "../../../b"},
                            {1, "./a/../b"},
                            {1, "b/"},
                            {1, "gone/there"}});
}

inline rc::Gen<std::string> Content() {
  return Pick<std::string>({{5, "x"}, {2, "y"}, {2, "hello world"}, {1, "hello"}, {1, ""}});
}

struct Metadata {
  uint32_t mode = 0644;
  int64_t uid = 0, gid = 0, mtime = 0;
  uint32_t mtime_nanos = 0;
  NameValues xattrs = {};
};

inline rc::Gen<Metadata> AnyMetadata() {
  const Metadata plain, executable{.mode = 0755}, setuid{.mode = 04755}, user{.uid = 1000},
      group{.gid = 5}, later{.mtime = 1}, fraction{.mtime_nanos = 500000000},
      before_epoch{.mtime = -7}, huge_uid{.uid = 4000000000},
      capable{.xattrs = {{"security.capability", std::string("\1\0\0\2", 4)}}},
      labelled{.xattrs = {{"user.note", "n"}}};
  return Pick<Metadata>({{24, plain},
                         {2, executable},
                         {1, setuid},
                         {1, user},
                         {1, group},
                         {2, later},
                         {2, fraction},
                         {1, before_epoch},
                         {1, huge_uid},
                         {1, capable},
                         {1, labelled}});
}

enum class Kind {
  kFile,
  kDirectory,
  kSymlink,
  kHardLink,
  kWhiteout,
  kOpaque,
  kNullDevice,  // 0:0, a whiteout
  kDevice,
  kFifo,
  kContiguous,  // type 7, a regular file
  kReserved,    // .wh..wh.plnk
  kBelowMark,   // a file below a directory whose name begins with .wh.
  kRoot,
  kSteadyFile,  // below d/, where little else happens, so that regular files meet each other
  kSteadyHardLink,
  kSteadyWhiteout,
};

inline rc::Gen<Kind> AnyKind() {
  using enum Kind;
  return Pick<Kind>({{24, kFile},
                     {12, kDirectory},
                     {14, kSymlink},
                     {12, kHardLink},
                     {12, kWhiteout},
                     {5, kOpaque},
                     {4, kNullDevice},
                     {2, kDevice},
                     {1, kFifo},
                     {1, kContiguous},
                     {1, kReserved},
                     {1, kBelowMark},
                     {1, kRoot},
                     {14, kSteadyFile},
                     {4, kSteadyHardLink},
                     {3, kSteadyWhiteout}});
}

// All that an entry may need, whatever its kind.
struct Draft {
  Kind kind;
  std::string name;       // in any spelling
  std::string path;       // in a spelling that ends in the last name
  std::string base;       // a single name
  std::string hard_link;  // in any spelling
  std::string symlink;
  std::string content;
  Metadata metadata;
};

inline TarEntry OfKind(const Draft& draft) {
  switch (draft.kind) {
    case Kind::kFile:
      return FileEntry(draft.name, draft.content);
    case Kind::kDirectory:
      return DirEntry(draft.name);
    case Kind::kSymlink:
      return SymlinkEntry(draft.name, draft.symlink);
    case Kind::kHardLink:
      return HardLinkEntry(draft.name, draft.hard_link);
    case Kind::kWhiteout:
      return WhiteoutEntry(draft.path);
    case Kind::kOpaque:
      return OpaqueEntry(draft.path);
    case Kind::kNullDevice:
      return DeviceEntry(draft.name, '3', 0, 0);
    case Kind::kDevice:
      return DeviceEntry(draft.name, draft.content == "x" ? '4' : '3', 1, 3);
    case Kind::kFifo:
      return DeviceEntry(draft.name, '6', 0, 0);
    case Kind::kContiguous:
      return {.name = draft.name, .type = '7', .content = draft.content};
    case Kind::kReserved:
      return FileEntry(draft.path + "/.wh..wh.plnk", draft.content);
    case Kind::kBelowMark:
      return FileEntry(".wh." + draft.base + "/c", draft.content);
    case Kind::kRoot:
      return draft.content == "x" ? DirEntry("./") : OpaqueEntry("");
    case Kind::kSteadyFile:
      return FileEntry("d/" + draft.base, draft.content);
    case Kind::kSteadyHardLink:
      return HardLinkEntry("d/" + draft.base, draft.content == "x" ? "d/a" : draft.hard_link);
    case Kind::kSteadyWhiteout:
      return WhiteoutEntry("d/" + draft.base);
  }
  return {};
}

inline TarEntry Finish(const Draft& draft) {
  TarEntry entry = OfKind(draft);
  const Metadata plain;
  entry.mode = draft.metadata.mode != plain.mode ? draft.metadata.mode : entry.mode;
  entry.uid = draft.metadata.uid;
  entry.gid = draft.metadata.gid;
  entry.mtime = draft.metadata.mtime;
  entry.mtime_nanos = draft.metadata.mtime_nanos;
  entry.xattrs = draft.metadata.xattrs;
  return entry;
}

}  // namespace random_image

inline rc::Gen<TarEntry> RandomEntry() {
  using namespace random_image;
  const auto draft =
      rc::gen::construct<Draft>(AnyKind(), EntryName(), MarkedPath(), Name(), EntryName(),
                                SymlinkTarget(), Content(), AnyMetadata());
  return rc::gen::map(draft, [](const Draft& made) { return Finish(made); });
}

// One to six layers of up to `entries_per_layer` entries each.
inline rc::Gen<ImageEntries> RandomImage(int entries_per_layer = 12) {
  const auto layer =
      rc::gen::resize(entries_per_layer, rc::gen::container<std::vector<TarEntry>>(RandomEntry()));
  const auto layers = rc::gen::resize(6, rc::gen::container<ImageEntries>(layer));
  return rc::gen::map(layers, [](ImageEntries image) {
    image.resize(image.empty() ? 1 : image.size());
    return image;
  });
}

}  // namespace fathom::testing
