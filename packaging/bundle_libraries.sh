#!/usr/bin/env bash
# Puts the shared libraries that PREFIX/bin/fathom needs into PREFIX/lib/fathom, and their licences
# beside its documents, so that the prefix runs wherever the C library is as new as this one's.
# Libraries that the program loads by name when it first needs them (dlopen) come along: their names
# are strings in it. The C library itself never does: it belongs to the kernel and the name services
# of the machine. usage: bundle_libraries.sh PREFIX
set -euo pipefail
prefix=$1
program=$prefix/bin/fathom
libraries=$prefix/lib/fathom
licences=$prefix/share/doc/fathom/licenses

is_of_c_library() {
  case $1 in
    ld-linux*.so.* | libc.so.6 | libm.so.6 | libresolv.so.2 | libpthread.so.0 | libdl.so.2 | librt.so.1) true ;;
    *) false ;;
  esac
}

# Sonames that a program names in its text, one a line.
names_in() { strings -a "$1" | grep -xE 'lib[A-Za-z0-9_+.-]+\.so(\.[0-9]+)+' | sort -u; }

path_of() { ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }'; }

# Every library below a file, as "soname path".
closure() { ldd "$1" | awk '$2 == "=>" { print $1, $3 }'; }

# A Debian package's licence; each library comes from one. dpkg knows files of /usr/lib that a
# package names in /lib by that name only.
copy_licence() {
  local file package
  file=$(readlink -f "$1")
  package=$({ dpkg-query -S "$file" || dpkg-query -S "${file#/usr}"; } 2>/dev/null |
    head -1 | cut -d: -f1)
  cp "/usr/share/doc/$package/copyright" "$licences/$package"
}

bundle() {
  local soname=$1 path=$2
  [ -e "$libraries/$soname" ] && return
  install -m 644 "$path" "$libraries/$soname"
  patchelf --set-rpath "\$ORIGIN" "$libraries/$soname"
  copy_licence "$path"
}

mkdir -p "$libraries" "$licences"
for name in $(names_in "$program"); do
  path=$(path_of "$name")
  if [ -z "$path" ]; then
    echo "bundle_libraries.sh: $program names $name, which is not installed here" >&2
    exit 1
  fi
  { echo "$name $path"; closure "$path"; } | while read -r soname from; do
    is_of_c_library "$soname" || bundle "$soname" "$from"
  done
done
patchelf --set-rpath "\$ORIGIN/../lib/fathom" "$program"
chmod -R u=rwX,go=rX "$prefix/lib" "$licences"
