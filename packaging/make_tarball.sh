#!/usr/bin/env bash
# Makes DIRECTORY/fathom-VERSION-linux-ARCH.tar.gz, a prefix that runs wherever it is unpacked, and
# SHA256SUMS. The same build and the same SOURCE_DATE_EPOCH (default: the last commit's time) give
# the same bytes. usage: make_tarball.sh BUILD DIRECTORY    BUILD is a CMake build folder
set -euo pipefail
build=$1 directory=$2
here=$(cd "$(dirname "$0")" && pwd)
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" --strip >/dev/null
"$here/bundle_libraries.sh" "$work/prefix" "$build/packaging/fathom-launcher"

version=$("$work/prefix/bin/fathom" version | cut -d' ' -f2)
name=fathom-$version-linux-$(dpkg --print-architecture)
mv "$work/prefix" "$work/$name"
mkdir -p "$directory"
tar --create --format=ustar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
  --mode=u=rwX,go=rX --directory "$work" "$name" | gzip -9n >"$work/$name.tar.gz"
mv "$work/$name.tar.gz" "$directory/"
cd "$directory" && sha256sum "$name.tar.gz" >SHA256SUMS
echo "$directory/$name.tar.gz"
