#!/usr/bin/env bash
# Makes a small real image: Debian's minimal system, and two layers as careless builds leave them.
# usage: make_demo_image.sh DIRECTORY
set -euo pipefail
directory=$1
mkdir -p "$directory"
cd "$directory"
[ -e image.tar ] && exit 0

if [ ! -e base.tar ]; then
  mmdebstrap --quiet --variant=minbase bookworm base.tmp.tar
  mv base.tmp.tar base.tar
fi
rm -rf work && mkdir -p work/one/var/lib/app work/two/var/lib/app work/image
head -c 3000000 /dev/zero | tr '\0' 'x' > work/one/var/lib/app/build.log
seq 1 200000 > work/one/var/lib/app/data.csv
seq 1 200001 > work/two/var/lib/app/data.csv
touch work/two/var/lib/app/.wh.build.log
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C work/one -cf work/one.tar .
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C work/two -cf work/two.tar .
cp base.tar work/image/0.tar
mv work/one.tar work/image/1.tar
mv work/two.tar work/image/2.tar

digest() { sha256sum "work/image/$1.tar" | cut -d' ' -f1; }
cat > work/image/config.json <<END
{"architecture":"$(dpkg --print-architecture)","os":"linux","config":{},
 "rootfs":{"type":"layers","diff_ids":["sha256:$(digest 0)","sha256:$(digest 1)","sha256:$(digest 2)"]},
 "history":[{"created_by":"ADD base.tar /"},
            {"created_by":"RUN /bin/sh -c make app > /var/lib/app/build.log"},
            {"created_by":"RUN /bin/sh -c rm /var/lib/app/build.log && app update"},
            {"created_by":"CMD [\"app\"]","empty_layer":true}]}
END
echo '[{"Config":"config.json","RepoTags":["demo:latest"],"Layers":["0.tar","1.tar","2.tar"]}]' \
  > work/image/manifest.json
tar -C work/image -cf image.tmp.tar 0.tar 1.tar 2.tar config.json manifest.json
mv image.tmp.tar image.tar
rm -rf work
