// Writes the seeds that fuzz targets start from: make_corpus fuzz/corpus
//
// Small, and each one a shape of its own. What fuzzing found later lies beside them in files named
// finding-*, which this program leaves alone.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "layer/file_kind.h"
#include "layer/index_format.h"
#include "layer/layer_scan.h"
#include "tests/support/image_writer.h"
#include "tests/support/json_text.h"
#include "tests/support/tar_block.h"
#include "tests/support/tar_writer.h"

namespace fathom::testing {
namespace {

namespace fs = std::filesystem;
using Seeds = std::map<std::string, std::string>;

std::vector<TarEntry> PlainEntries() {
  return {DirEntry("d"), FileEntry("d/file", "content\n", 04755), FileEntry("empty"),
          SymlinkEntry("link", "d/file"), HardLinkEntry("hard", "d/file")};
}

SparseFile Sparse(size_t chunks) {
  SparseFile file{.name = "sparse", .real_size = 1024 * (chunks + 2) + 17};
  for (size_t i = 0; i < chunks; ++i) {
    file.chunks.emplace_back(1024 * (i + 1), "chunk " + std::to_string(i));
  }
  return file;
}

TarEntry RichEntry() {
  TarEntry entry = FileEntry("caf\xc3\xa9/" + std::string(120, 'n'), "rich", 0640);
  entry.uid = 4'000'000'000;
  entry.gid = 100'000;
  entry.mtime = 1'600'000'000;
  entry.mtime_nanos = 500'000'000;
  entry.xattrs = {{"security.capability", std::string("\1\0\0\2", 4)}, {"user.note", "n"}};
  return entry;
}

Seeds Tars() {
  Seeds tars;
  for (const auto& [name, format] :
       {std::pair("ustar", TarFormat::kUstar), std::pair("v7", TarFormat::kV7),
        std::pair("pax", TarFormat::kPax), std::pair("gnu", TarFormat::kGnu)}) {
    tars[name] = WriteTar(PlainEntries(), {.format = format});
  }
  const std::string long_name = std::string(110, 'p') + "/" + std::string(60, 'n');
  tars["gnu-long"] =
      WriteTar({SymlinkEntry(long_name, std::string(150, 't'))}, {.format = TarFormat::kGnu});
  tars["pax-rich"] = WriteTar({RichEntry()});
  tars["pax-global"] = WriteTar({FileEntry("a", "a"), FileEntry("b")},
                                {.global_pax = {{"uid", "7"}, {"comment", "c"}}});
  tars["pax-empty-value"] = PaxHeader('g', "g", PaxRecord("uid", "7")) +
                            PaxHeader('x', "f", PaxRecord("uid", "")) +
                            WriteTar({FileEntry("f", "f")});
  tars["pax-size"] = PaxHeader('x', "f", PaxRecord("size", "5")) +
                     WriteTar({FileEntry("f")}, {.end_blocks = 0}) + Padded("12345") +
                     EndOfArchive();
  for (const size_t chunks : {1u, 6u}) {
    const SparseFile file = Sparse(chunks);
    const std::string after = WriteTar({FileEntry("after", "a")});
    const std::string number = std::to_string(chunks);
    tars["sparse-gnu-" + number] = SparseGnuEntry(file) + after;
    tars["sparse-pax00-" + number] = SparsePax00Entry(file) + after;
    tars["sparse-pax01-" + number] = SparsePax01Entry(file) + after;
    tars["sparse-pax10-" + number] = SparsePax10Entry(file) + after;
  }
  TarEntry large = FileEntry("large", "x");
  large.uid = 1ll << 40;
  large.mtime = -5;
  tars["base256"] = WriteTar({large}, {.format = TarFormat::kGnu});
  tars["devices"] = WriteTar({DeviceEntry("c", '3', 5, 1), DeviceEntry("b", '4', 8, 0),
                              DeviceEntry("gone", '3', 0, 0), DeviceEntry("p", '6', 0, 0)});
  tars["whiteouts"] = WriteTar(
      {DirEntry("d"), WhiteoutEntry("d/gone"), OpaqueEntry("d"), FileEntry(".wh..wh.plnk/1", "x")});
  tars["odd-names"] = WriteTar({FileEntry("./a/../b", "b"), FileEntry("/abs"), FileEntry("../up"),
                                DirEntry("./"), FileEntry("a//c/", "c")});
  tars["other-type"] =
      WriteTar({{.name = "label", .type = 'V'}, {.name = "q", .type = 'Q', .content = "data"}});
  tars["no-end-mark"] = WriteTar({FileEntry("a", "a")}, {.end_blocks = 0});
  tars["after-the-mark"] = WriteTar({FileEntry("a", "a")}) + "trailing bytes";
  tars["cut-short"] = WriteTar({FileEntry("a", std::string(600, 'a'))}).substr(0, 700);
  return tars;
}

Seeds Compressed(const std::string& data) {
  return {{"gzip", Gzip(data)},
          {"gzip-stored", Gzip(data, 0)},
          {"gzip-members", Compress(data, LayerCompression::kGzipMultiMember)},
          {"gzip-zeros", Gzip(data) + std::string(20, '\0')},
          {"zstd", Zstd(data)},
          {"zstd-skippable", Compress(data, LayerCompression::kZstdSkippable)}};
}

Seeds Gzips() {
  Seeds seeds;
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "line " + std::to_string(i * i) + "\n";
  }
  for (const auto& [name, stream] : Compressed(text)) {
    if (name.starts_with("gzip")) {
      seeds[name] = stream;
      seeds["deflate-of-" + name] = stream.substr(10);
    }
  }
  seeds["empty-members"] = Gzip("") + Gzip("") + Gzip("x") + Gzip("");
  const std::string plain = Gzip("fields");
  seeds["all-fields"] = plain.substr(0, 3) + "\x1c" + plain.substr(4, 6) +
                        std::string("\x04\0SB\0\0name\0comment\0", 19) + plain.substr(10);
  seeds["run"] = Gzip(std::string(5000, 'r'), 9);
  seeds["trailing"] = plain + "garbage";
  return seeds;
}

Seeds Zstds() {
  Seeds seeds;
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "line " + std::to_string(i * i) + "\n";
  }
  for (const auto& [name, stream] : Compressed(text)) {
    if (name.starts_with("zstd")) {
      seeds[name] = stream;
    }
  }
  seeds["level-19"] = Zstd(text, 19);
  seeds["empty"] = Zstd("");
  seeds["frames"] = Zstd("a") + Zstd("") + Zstd("b");
  seeds["only-skippable"] = ZstdSkippableFrame("payload");
  seeds["trailing"] = Zstd("a") + "garbage";
  seeds["large-window"] = std::string("\x28\xb5\x2f\xfd\x00\x90\x09\x00\x00x", 10);
  return seeds;
}

Seeds Layers() {
  Seeds seeds;
  for (const auto& [name, tar] : Tars()) {
    seeds[name] = tar;
  }
  std::vector<TarEntry> entries = PlainEntries();
  entries.push_back(RichEntry());
  entries.push_back(FileEntry("script", "#!/bin/sh\n"));
  seeds.merge(Compressed(SparseGnuEntry(Sparse(2)) + WriteTar(entries)));
  return seeds;
}

// Files of the cache without their checksums, as index_format_fuzz takes them.
Seeds IndexFiles() {
  constexpr size_t kChecksumBytes = 16;
  Seeds seeds;
  const Limits limits;
  const layer::FacetKind kinds[] = {layer::FileKindFacet()};
  const Digest diff_id = DigestOf(AsBytes("fuzz"));
  for (const auto& [name, tar] : Tars()) {
    for (const auto algorithm : {ContentAlgorithm::kXxh3_128, ContentAlgorithm::kSha256}) {
      layer::LayerScan scan(algorithm, kinds, limits);
      if (!scan.Consume(AsBytes(tar)) || !scan.Finish()) {
        continue;
      }
      const layer::ScanResult result = scan.Take();
      const bool sha256 = algorithm == ContentAlgorithm::kSha256;
      std::string file = layer::IndexFormat::Write(diff_id, *result.index);
      seeds[name + (sha256 ? "-sha256" : "-xxh3")] = file.substr(0, file.size() - kChecksumBytes);
      if (name == "ustar") {
        file = layer::WriteFacet(diff_id, result.facets[0]);
        seeds["facet"] = file.substr(0, file.size() - kChecksumBytes);
      }
    }
  }
  return seeds;
}

ImageSpec Image() {
  return {.layer_tars = {WriteTar({FileEntry("a", "a")}), WriteTar({FileEntry("b", "b")})},
          .history = {{.created_by = "ADD a"},
                      {.created_by = "ENV x=1", .empty_layer = true},
                      {.created_by = "ADD b", .comment = "c", .author = "someone"}},
          .variant = "v1",
          .tags = {"example/app:1.0", "app:latest"},
          .created = "2024-01-02T03:04:05Z",
          .labels = {{"k", "v"}},
          .annotations = {{"org.opencontainers.image.ref.name", "1.0"}}};
}

Seeds Manifests() {
  Seeds seeds;
  for (const auto& [name, compression] :
       {std::pair("plain", LayerCompression::kPlain), std::pair("gzip", LayerCompression::kGzip),
        std::pair("zstd", LayerCompression::kZstd)}) {
    seeds[std::string("manifest-") + name] = OciManifestJson(Image(), compression);
  }
  // The other documents are taken out of archives by their names.
  const auto take = [&seeds](const std::string& archive, const std::string& from,
                             const std::string& seed) {
    for (size_t at = 0; at + kBlockSize <= archive.size(); at += kBlockSize) {
      if (archive.compare(at, from.size() + 1, from + '\0') == 0) {
        const size_t size = std::stoul(archive.substr(at + kSize.offset, 11), nullptr, 8);
        seeds[seed] = archive.substr(at + kBlockSize, size);
      }
    }
  };
  take(OciArchive(Image(), LayerCompression::kGzip), "index.json", "index");
  take(OciArchive(Image(), LayerCompression::kGzip, {.nested_indexes = 1, .attestations = true}),
       "index.json", "index-nested");
  take(DockerArchive(Image(), DockerDialect::kLegacy), "manifest.json", "saved-legacy");
  take(DockerArchive(Image(), DockerDialect::kKaniko), "manifest.json", "saved-kaniko");
  const std::string digest = JsonString("sha256:" + std::string(64, 'a'));
  seeds["index-platforms"] =
      R"({"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
      R"("size":7,"digest":)" +
      digest +
      R"(,"platform":{"os":"linux","architecture":"arm","variant":"v7"},"annotations":{"a":"b"}}]})";
  seeds["artifact"] = R"({"schemaVersion":2,"artifactType":"application/x","config":{"mediaType":)"
                      R"("application/vnd.oci.empty.v1+json","size":2,"digest":)" +
                      digest + R"(},"layers":[]})";
  seeds["foreign"] = R"({"config":{"size":1,"digest":)" + digest +
                     R"(},"layers":[{"size":1,)"
                     R"("urls":["https://example.com/"],"digest":)" +
                     digest + "}]}";
  seeds["empty-object"] = "{}";
  seeds["empty-array"] = "[]";
  seeds["deep"] = std::string(70, '[') + std::string(70, ']');
  seeds["numbers"] = R"({"layers":[{"size":-1},{"size":1e99},{"size":18446744073709551616}]})";
  return seeds;
}

Seeds Configs() {
  ImageSpec one = Image();
  ImageSpec none = Image();
  none.history.clear();
  ImageSpec many = Image();
  many.history.resize(6);
  return {{"full", ConfigJson(one)},
          {"no-history", ConfigJson(none)},
          {"history-beyond-layers", ConfigJson(many)},
          {"empty-object", "{}"},
          {"no-diff-ids", R"({"os":"linux","architecture":"amd64","rootfs":{"type":"layers"}})"},
          {"nulls", R"({"history":null,"rootfs":{"diff_ids":null},"config":null})"},
          {"wrong-types", R"({"history":[1,"a",{}],"rootfs":[],"created":3})"}};
}

// Layers whose names and links try to get out; the fuzz target also cuts them into two layers.
Seeds Attacks() {
  const auto tar = [](std::initializer_list<TarEntry> entries) { return WriteTar(entries); };
  Seeds seeds = Tars();
  seeds["write-through-link"] =
      tar({SymlinkEntry("esc", "../canary"), FileEntry("esc/file", "evil")});
  seeds["absolute-link"] = tar({SymlinkEntry("esc", "/tmp"), FileEntry("esc/x", "evil")});
  seeds["climbing-names"] =
      tar({FileEntry("../canary/file", "evil"), FileEntry("a/../../canary/new", "evil")});
  seeds["hard-links-out"] =
      tar({HardLinkEntry("a", "../canary/file"), HardLinkEntry("b", "/etc/passwd"),
           FileEntry("c", "x"), HardLinkEntry("d", "c"), HardLinkEntry("e/f", "c")});
  seeds["directory-becomes-link"] =
      tar({DirEntry("d"), FileEntry("d/file", "x"), SymlinkEntry("d", "../canary"),
           FileEntry("d/file", "evil")});
  seeds["link-becomes-directory"] =
      tar({SymlinkEntry("d", "../canary"), DirEntry("d"), FileEntry("d/file", "evil"),
           WhiteoutEntry("d"), OpaqueEntry("d")});
  seeds["special"] = tar({DeviceEntry("null", '3', 1, 3), DeviceEntry("pipe", '6', 0, 0),
                          FileEntry("su", "x", 06755), DirEntry("closed", 0)});
  return seeds;
}

Seeds RulesFiles() {
  return {{"dives",
           "rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n"
           "  highestUserWastedPercent: \"disabled\"\n"},
          {"all",
           "base: 2\nplatform: linux/amd64\nrules:\n  highest-image-bytes: 1GiB\n"
           "  highestLayerBytes: 5MB\n  highestLayerCount: 3\n  highestFileCount: 9\n"
           "  forbiddenPaths:\n    - '*.pyc'\n    - {path: '/{a,b}/**', presence: "
           "[visible, removed], reason: r}\n  allowedSetuidPaths: [/bin/su]\n"
           "  forbiddenSecretPaths: true\n  allowedSecretPaths: ['**/[!a]?\\*']\n"
           "  ignoredPaths: [/var/log]\n"},
          {"empty", ""},
          {"no-rules", "rules:\n"},
          {"twice", "rules:\n  lowestEfficiency: 0\n  lowest-efficiency: 1\n"},
          {"unknown", "rules:\n  lowestEficiency: 0.5\n"},
          {"alias", "a: &a [x, x]\nb: &b [*a, *a]\nrules: *b\n"},
          {"tag", "rules: !!map {lowestEfficiency: !!str 0.9}\n"},
          {"deep", "rules: " + std::string(60, '[')},
          {"documents", "rules:\n---\nrules:\n"},
          {"broken", "rules: [\n\t- x: {"}};
}

Seeds SettingsFiles() {
  return {{"flat", "platform: linux/amd64\nno-cache: true\nthreads: 2\nmax-layers: 1k\n"},
          {"by-command", "analyze: {format: json}\ncheck:\n  format: sarif\ncolor: never\n"},
          {"dotted", "analyze.format: json\nanalyze: {format: csv}\n"},
          {"lists", "check:\n  report:\n    - junit=check.xml\n    - 'sarif=check.sarif'\n"},
          {"beside-rules", "base: 2\nrules:\n  lowestEfficiency: [nonsense, {a: b}]\n"},
          {"dives",
           "keybinding:\n  quit: ctrl+c\ndiff:\n  hide: [added]\nlog: {enabled: false, path: "
           "./dive.log, level: info}\n"},
          {"texts", "a: 'it''s'\nb: \"\\u202e\\x1b[2J\"\nc: |\n  two\n  lines\nd: >-\n  folded\n"},
          {"empty", ""},
          {"null-value", "platform:\n"},
          {"empty-values", "a: []\nb: {}\nc: ''\n"},
          {"nested-list", "a: [[x]]\n"},
          {"twice", "platform: a\nplatform: b\n"},
          {"anchor", "a: &x {b: c}\nd: *x\n<<: *x\n"},
          {"deep", "a: {b: {c: {d: {e: {f: g}}}}}\n"},
          {"deeper", "a: " + std::string(60, '{')},
          {"list", "- a\n- b\n"},
          {"word", "words"},
          {"documents", "a: 1\n---\nb: 2\n"},
          {"comma", ",\n"}};
}

void Write(const fs::path& folder, const Seeds& seeds) {
  fs::create_directories(folder);
  for (const auto& [name, content] : seeds) {
    std::ofstream(folder / name, std::ios::binary) << content;
  }
  std::printf("%s: %zu seeds\n", folder.filename().c_str(), seeds.size());
}

}  // namespace
}  // namespace fathom::testing

int main(int count, char** arguments) {
  using namespace fathom::testing;
  if (count != 2) {
    std::fprintf(stderr, "usage: make_corpus FOLDER\n");
    return 2;
  }
  const fs::path folder = arguments[1];
  Write(folder / "tar", Tars());
  Write(folder / "tar_differential", Tars());
  Write(folder / "gzip", Gzips());
  Write(folder / "zstd", Zstds());
  Write(folder / "layer_scan", Layers());
  Write(folder / "index_format", IndexFiles());
  Write(folder / "manifest", Manifests());
  Write(folder / "config", Configs());
  Write(folder / "extract", Attacks());
  Write(folder / "rules", RulesFiles());
  Write(folder / "settings", SettingsFiles());
  return 0;
}
