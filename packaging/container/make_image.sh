#!/usr/bin/env bash
# Makes fathom's container image as an OCI layout from the relocatable tarball, with umoci alone: no
# engine, no registry, no base image. The same tarball, certificates and SOURCE_DATE_EPOCH (default:
# the last commit's time) give the same digest.
# usage: make_image.sh TARBALL LAYOUT [TAG]    LAYOUT must not exist
set -euo pipefail
tarball=$1 layout=$2
here=$(cd "$(dirname "$0")" && pwd)
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}
created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
version=$(basename "$tarball" | cut -d- -f2)
image=$layout:${3:-$version}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/make_rootfs.sh" "$tarball" "$work/root"
tar --create --format=ustar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
  --directory "$work/root" --exclude=./home/fathom --file "$work/layer.tar" .
tar --append --format=ustar --sort=name --mtime="@$epoch" --owner=65532 --group=65532 \
  --numeric-owner --directory "$work/root" --file "$work/layer.tar" ./home/fathom

umoci init --layout "$layout"
umoci new --image "$image"
umoci raw add-layer --image "$image" --history.created="$created" \
  --history.created_by="make_rootfs.sh $(basename "$tarball")" "$work/layer.tar"
umoci config --image "$image" --created="$created" --no-history \
  --architecture="$(basename "$tarball" .tar.gz | sed 's/.*-//')" --os=linux \
  --config.user=65532:65532 --config.workingdir=/work --config.entrypoint=/usr/bin/fathom \
  --config.env=PATH=/usr/bin --config.env=HOME=/home/fathom \
  --config.label=org.opencontainers.image.title=fathom \
  --config.label=org.opencontainers.image.version="$version" \
  --config.label=org.opencontainers.image.licenses=Apache-2.0
umoci gc --layout "$layout"
chmod -R go=rX "$layout"
echo "$image"
