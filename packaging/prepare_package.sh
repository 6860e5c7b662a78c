#!/usr/bin/env bash
# Gives a staged package the files that its kind of package wants.
# usage: prepare_package.sh DEB|RPM STAGING    STAGING holds usr/; the environment holds
# PACKAGE_VERSION, PACKAGE_MAINTAINER and LAUNCHER (a file)
set -euo pipefail
kind=$1 staging=$2
here=$(cd "$(dirname "$0")" && pwd)
epoch=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}
documents=$staging/usr/share/doc/fathom

# As Debian's policy asks: copyright, changelogs, compressed manual pages.
prepare_deb() {
  cat >"$documents/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: fathom

Files: *
Copyright: $(date -u -d "@$epoch" +%Y) the authors of fathom
License: Apache-2.0
 On Debian systems, the text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
END
  rm "$documents/LICENSE"
  gzip -9nc "$documents/CHANGELOG.md" >"$documents/changelog.gz"
  rm "$documents/CHANGELOG.md"
  gzip -9nc >"$documents/changelog.Debian.gz" <<END
fathom ($PACKAGE_VERSION-1) stable; urgency=medium

  * Version $PACKAGE_VERSION, see changelog.gz.

 -- $PACKAGE_MAINTAINER  $(LC_ALL=C date -u -R -d "@$epoch")
END
  if [ -d "$staging/usr/share/man" ]; then
    find "$staging/usr/share/man" -name '*.1' -exec gzip -9n {} +
  fi
  if [ -d "$staging/usr/share/zsh/site-functions" ]; then
    mv "$staging/usr/share/zsh/site-functions" "$staging/usr/share/zsh/vendor-completions"
  fi
}

case $kind in
  DEB) prepare_deb ;;
  RPM) "$here/bundle_libraries.sh" "$staging/usr" "$LAUNCHER" ;;
  *) echo "prepare_package.sh: there is nothing to prepare for $kind" >&2 ;;
esac
