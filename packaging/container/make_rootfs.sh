#!/usr/bin/env bash
# Makes the root file system of fathom's container image from the relocatable tarball: fathom, the
# certificates that registries are checked with, descriptions of the usual terminals, a user who is not root, and nothing else.
# usage: make_rootfs.sh TARBALL DIRECTORY    DIRECTORY must not exist
set -euo pipefail
tarball=$1 root=$2
certificates=${FATHOM_IMAGE_CERTIFICATES:-/etc/ssl/certs/ca-certificates.crt}

mkdir "$root"
mkdir -p "$root/usr" "$root/etc/ssl/certs" "$root/home/fathom/.cache" "$root/work"
mkdir -m 1777 "$root/tmp"
tar --extract --file "$tarball" --directory "$root/usr" --strip-components=1 --no-same-owner
rm -rf "$root/usr/share/man" "$root/usr/share/bash-completion" "$root/usr/share/zsh" \
  "$root/usr/share/fish" "$root/usr/share/doc/fathom/docs"
# What terminals there are, for the explorer.
cp --recursive --dereference /lib/terminfo "$root/usr/share/terminfo"
install -m 644 "$certificates" "$root/etc/ssl/certs/ca-certificates.crt"
echo "fathom:x:65532:65532:fathom:/home/fathom:/sbin/nologin" >"$root/etc/passwd"
echo "fathom:x:65532:" >"$root/etc/group"
