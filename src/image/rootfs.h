// Root file systems as images of one layer: what `docker export` writes, or the files themselves.
//
// There is no config: nothing is known of platform, history or tags.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "image/image_source.h"

namespace fathom::image {

// True when a cleaned name lies in one of the folders that every Unix has (hier(7)), or is
// `.dockerenv`.
bool IsRootfsName(std::string_view name);

// True when it has the form that names have in archives of images: manifest.json, blobs/...,
// <digest>.tar, <digest>/layer.tar. An archive with such a name is no root file system, even where
// what would make it an image is lost.
bool IsPartOfImage(std::string_view name);

// What of a stream was read to judge it, and the stream from its beginning.
struct JudgedStream {
  bool is_rootfs = false;
  std::unique_ptr<ByteSource> bytes;
};

// Whether a tar that comes past only once is a root file system: its first headers name something
// of one, and nothing of an image.
Result<JudgedStream> JudgeStream(std::unique_ptr<ByteSource> bytes, const Limits& limits);

// A root file system whose tar, of `bytes` bytes if that is known (else 0), `open` opens.
std::unique_ptr<ImageSource> MakeRootfsSource(std::string name, uint64_t bytes, Reopener open);

// One that comes past once, or again where `reopen` gives its bytes anew. When nobody said that it
// is one (`judged`), a part of an image in it is an error, since the image could be what is meant.
// `limits` must outlive it.
std::unique_ptr<ImageSource> MakeRootfsStream(std::string name, std::unique_ptr<ByteSource> bytes,
                                              Reopener reopen, bool judged, const Limits& limits);

}  // namespace fathom::image
