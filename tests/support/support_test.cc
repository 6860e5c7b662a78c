// The writers, judged by readers that others wrote: GNU tar, python3's tarfile, gzip and zstd.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/support/image_writer.h"
#include "tests/support/oracle_tar.h"
#include "tests/support/tar_writer.h"

namespace fathom::testing {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test.
class SupportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "fathom-support-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path Write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }

  static std::string Read(const fs::path& path) {
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    return content.str();
  }

  // The output of a shell command run in the folder. A command that fails fails the test.
  std::string Run(const std::string& command) const {
    const std::string line = "cd '" + folder_.string() + "' && " + command + " 2>&1";
    FILE* pipe = popen(line.c_str(), "r");
    std::string output;
    std::array<char, 4096> buffer;
    while (size_t size = fread(buffer.data(), 1, buffer.size(), pipe)) {
      output.append(buffer.data(), size);
    }
    EXPECT_EQ(pclose(pipe), 0) << command << "\n" << output;
    return output;
  }

  static bool Has(const std::string& program) {
    const std::string command = "command -v " + program + " >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }

  fs::path folder_;
};

std::string Repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

std::vector<TarEntry> UsualEntries() {
  TarEntry owned = FileEntry("d/owned", std::string(1500, 'x'), 04755);
  owned.uid = 1000;
  owned.gid = 50;
  owned.mtime = 1700000000;
  return {DirEntry("d/"), owned, SymlinkEntry("d/link", "owned"),
          HardLinkEntry("d/hard", "d/owned")};
}

using RoundTrip = SupportTest;

TEST_F(RoundTrip, EveryDialectKeepsUsualEntries) {
  for (TarFormat format : {TarFormat::kUstar, TarFormat::kV7, TarFormat::kPax, TarFormat::kGnu}) {
    EXPECT_EQ(ReadTar(WriteTar(UsualEntries(), {.format = format})), UsualEntries());
  }
}

TEST_F(RoundTrip, PaxKeepsWhatUstarCannotSay) {
  TarEntry entry = FileEntry(Repeated("long-name/", 40) + "\xc3\xa9", "body");
  entry.uid = 5000000000;
  entry.gid = 3000000;
  entry.mtime = -2;
  entry.mtime_nanos = 500000000;
  entry.xattrs = {{"security.capability", std::string("\1\0\n=", 4)}, {"user.a", "b"}};
  const TarEntry link = SymlinkEntry("s", std::string(300, 't'));
  EXPECT_EQ(ReadTar(WriteTar({entry, link})), (std::vector{entry, link}));
}

TEST_F(RoundTrip, GnuKeepsLongNamesAndNumbers) {
  TarEntry entry = FileEntry(std::string(5000, 'n'), "body");
  entry.link = std::string(101, 'k');
  entry.type = '1';
  entry.content = "";
  entry.uid = 5000000000;
  entry.mtime = -123456789;
  EXPECT_EQ(ReadTar(WriteTar({entry}, {.format = TarFormat::kGnu})), std::vector{entry});
}

TEST_F(RoundTrip, GlobalRecordsHoldForAllEntries) {
  const std::string tar =
      WriteTar({FileEntry("a"), FileEntry("b")}, {.global_pax = {{"uid", "7"}}});
  for (const TarEntry& entry : ReadTar(tar)) {
    EXPECT_EQ(entry.uid, 7);
  }
}

TEST_F(RoundTrip, EndBlocksAreAsAsked) {
  EXPECT_EQ(WriteTar({FileEntry("a")}, {.end_blocks = 0}).size(), 512U);
  EXPECT_EQ(WriteTar({FileEntry("a")}).size(), 3U * 512U);
  EXPECT_EQ(ReadTar(WriteTar({FileEntry("a")}, {.end_blocks = 0})).size(), 1U);
}

TEST_F(RoundTrip, WhatADialectCannotSayIsRefused) {
  const TarEntry long_name = FileEntry(std::string(101, 'n'));
  TarEntry negative = FileEntry("a");
  negative.mtime = -1;
  TarEntry labelled = FileEntry("a");
  labelled.xattrs = {{"user.a", "b"}};
  const TarOptions ustar{.format = TarFormat::kUstar}, v7{.format = TarFormat::kV7};
  EXPECT_THROW(WriteTar({long_name}, ustar), std::invalid_argument);
  EXPECT_THROW(WriteTar({negative}, ustar), std::invalid_argument);
  EXPECT_THROW(WriteTar({labelled}, {.format = TarFormat::kGnu}), std::invalid_argument);
  EXPECT_THROW(WriteTar({DeviceEntry("null", '3', 1, 3)}, v7), std::invalid_argument);
}

TEST_F(RoundTrip, TheReaderRefusesBrokenArchives) {
  std::string tar = WriteTar({FileEntry("a", "body")});
  EXPECT_THROW(ReadTar(tar.substr(0, 514)), std::runtime_error);
  tar[0] = 'b';
  EXPECT_THROW(ReadTar(tar), std::runtime_error);
}

using GnuTar = SupportTest;

TEST_F(GnuTar, ExtractsEveryDialect) {
  const std::string deep = Repeated("twelve-chars/", 10) + "end";  // fits ustar by its prefix
  for (TarFormat format : {TarFormat::kUstar, TarFormat::kPax, TarFormat::kGnu}) {
    std::vector<TarEntry> entries = UsualEntries();
    entries.push_back(FileEntry(deep, "deep"));
    Write("a.tar", WriteTar(entries, {.format = format}));
    Run("rm -rf out && mkdir out && tar -xf a.tar -C out --no-same-owner");
    EXPECT_EQ(Read(folder_ / "out" / deep), "deep");
    EXPECT_EQ(Read(folder_ / "out/d/link"), std::string(1500, 'x'));
    EXPECT_EQ(fs::hard_link_count(folder_ / "out/d/owned"), 2U);
  }
}

TEST_F(GnuTar, ReadsOldDirectories) {
  Write("a.tar", WriteTar(UsualEntries(), {.format = TarFormat::kV7}));
  EXPECT_EQ(Run("tar -tf a.tar"), "d/\nd/owned\nd/link\nd/hard\n");
}

TEST_F(GnuTar, ReadsNumbersInBase256) {
  TarEntry entry = FileEntry("a");
  entry.uid = 3000000000;
  entry.mtime = -86400;
  Write("a.tar", WriteTar({entry}, {.format = TarFormat::kGnu}));
  const std::string listing = Run("TZ=UTC tar -tvf a.tar --numeric-owner");
  EXPECT_NE(listing.find("3000000000/0"), std::string::npos) << listing;
  EXPECT_NE(listing.find("1969-12-31"), std::string::npos) << listing;
}

// With `chunks` pieces of data; the last hole reaches the end of the file.
SparseFile Sparse(uint64_t chunks) {
  SparseFile file{.name = "d/sparse"};
  for (uint64_t i = 0; i < chunks; ++i) {
    file.chunks.emplace_back(i * 20000 + 512,
                             std::string(700 + i, static_cast<char>('a' + i % 26)));
  }
  file.real_size = chunks * 20000 + 4096;
  return file;
}

TEST_F(GnuTar, ExtractsEverySparseFormat) {
  for (uint64_t chunks : {0U, 1U, 3U, 4U, 5U, 24U, 25U, 60U}) {
    const SparseFile file = Sparse(chunks);
    const std::array<std::string, 4> forms = {SparseGnuEntry(file), SparsePax00Entry(file),
                                              SparsePax01Entry(file), SparsePax10Entry(file)};
    for (size_t i = 0; i < forms.size(); ++i) {
      Write("s.tar", forms[i] + WriteTar({FileEntry("after", "still in step")}));
      Run("rm -rf out && mkdir out && tar -xf s.tar -C out --no-same-owner");
      EXPECT_EQ(Read(folder_ / "out/d/sparse"), file.Expanded()) << chunks << " form " << i;
      EXPECT_EQ(Read(folder_ / "out/after"), "still in step") << chunks << " form " << i;
    }
  }
}

using PythonTarfile = SupportTest;

TEST_F(PythonTarfile, SeesPaxFieldsAsWritten) {
  if (!Has("python3")) {
    GTEST_SKIP() << "no python3";
  }
  TarEntry entry = FileEntry(std::string(260, 'n'), "body");
  entry.uid = 5000000000;
  entry.mtime = -2;
  entry.mtime_nanos = 500000000;
  entry.xattrs = {{"user.a", "b"}};
  Write("a.tar", WriteTar({entry, DeviceEntry("null", '3', 1, 3)}, {.global_pax = {{"gid", "9"}}}));
  Write("show.py",
        "import tarfile\n"
        "for m in tarfile.open('a.tar'):\n"
        "    print(len(m.name), m.uid, m.gid, m.mtime, m.size, m.devmajor, m.devminor,\n"
        "          m.pax_headers.get('SCHILY.xattr.user.a'))\n");
  EXPECT_EQ(Run("python3 show.py"), "260 5000000000 9 -1.5 4 0 0 b\n4 0 9 0 0 1 3 None\n");
}

using Blobs = SupportTest;

TEST_F(Blobs, DecompressToTheLayer) {
  const std::string data = Repeated("layer bytes ", 5000);
  const auto gzip = [&](LayerCompression c) {
    Write("b", Compress(data, c));
    return Run("gzip -dc < b");
  };
  EXPECT_EQ(gzip(LayerCompression::kGzip), data);
  EXPECT_EQ(gzip(LayerCompression::kGzipMultiMember), data);
  if (!Has("zstd")) {
    GTEST_SKIP() << "no zstd";
  }
  for (LayerCompression c : {LayerCompression::kZstd, LayerCompression::kZstdSkippable}) {
    Write("b", Compress(data, c));
    EXPECT_EQ(Run("zstd -dcq < b"), data);
  }
}

TEST_F(Blobs, Sha256IsTheKnownOne) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// Two images on one base; the first has a layer twice.
std::vector<ImageSpec> TwoImages() {
  const std::string base = WriteTar({FileEntry("base", "b")});
  const std::string top = WriteTar({FileEntry("top", "t")});
  return {{.layer_tars = {base, top, base},
           .history = {{.created_by = "ADD \"base\""}, {.empty_layer = true}},
           .tags = {"one:1", "one:latest"}},
          {.layer_tars = {base}, .architecture = "arm64", .variant = "v8", .tags = {"two:1"}}};
}

std::vector<std::string> Names(const std::string& archive) {
  std::vector<std::string> names;
  for (const TarEntry& entry : ReadTar(archive)) {
    names.push_back(entry.name);
  }
  return names;
}

using Images = SupportTest;

TEST_F(Images, EveryDialectNamesEachFileOnceAndEndsInItsManifest) {
  for (DockerDialect dialect : {DockerDialect::kLegacy, DockerDialect::kDocker25,
                                DockerDialect::kPodman, DockerDialect::kKaniko}) {
    const std::vector<std::string> names = Names(DockerArchive(TwoImages(), dialect));
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
    EXPECT_EQ(names.back(), "manifest.json");
  }
}

TEST_F(Images, LegacyWritesARepeatedLayerAsALink) {
  int links = 0, layers = 0;
  for (const TarEntry& entry : ReadTar(DockerArchive(TwoImages(), DockerDialect::kLegacy))) {
    links += entry.type == '2' && entry.link.starts_with("../") ? 1 : 0;
    layers += entry.type == '0' && entry.name.ends_with("/layer.tar") ? 1 : 0;
  }
  EXPECT_EQ(layers, 2);
  EXPECT_EQ(links, 2);  // the repeated one, and the base under the other image's id
}

TEST_F(Images, BlobsAreNamedByTheirDigest) {
  const OciOptions options{.nested_indexes = 2, .attestations = true};
  WriteOciDirectory(TwoImages(), LayerCompression::kGzip, folder_ / "oci", options);
  size_t count = 0;
  for (const auto& file : fs::directory_iterator(folder_ / "oci/blobs/sha256")) {
    EXPECT_EQ(Sha256Hex(Read(file.path())), file.path().filename());
    ++count;
  }
  EXPECT_EQ(count, 2U + 2U + 2U + 6U + 2U);  // layers, configs, manifests, attestations, indexes
  EXPECT_TRUE(fs::exists(folder_ / "oci/index.json"));
  EXPECT_EQ(Names(OciArchive(TwoImages(), LayerCompression::kGzip, options)).size(), count + 4);
}

TEST_F(Images, JsonIsWellFormed) {
  if (!Has("python3")) {
    GTEST_SKIP() << "no python3";
  }
  ImageSpec spec = TwoImages()[0];
  spec.labels = {{"quote\"d", "back\\slash\n\x01"}};
  spec.annotations = {{"org.opencontainers.image.base.name", "debian:12"}};
  spec.created = "2024-01-01T00:00:00Z";
  WriteOciDirectory(spec, LayerCompression::kZstd, folder_ / "oci", {.attestations = true});
  Write("d.tar", DockerArchive(spec, DockerDialect::kDocker25));
  Run("tar -xf d.tar manifest.json repositories --no-same-owner");
  Write("check.py",
        "import json, glob\n"
        "for p in ['manifest.json', 'repositories', *glob.glob('oci/**', recursive=True)]:\n"
        "    try: data = open(p, 'rb').read()\n"
        "    except IsADirectoryError: continue\n"
        "    if data[:1] in b'{[': json.loads(data)\n");
  EXPECT_EQ(Run("python3 check.py"), "");
}

}  // namespace
}  // namespace fathom::testing
