#!/usr/bin/env bash
# Makes an installed prefix relocatable: PREFIX/bin/fathom becomes the launcher, the program and every
# shared library it needs, the C library and its loader too, go to PREFIX/lib/fathom, and their
# licences beside the documents. Libraries that the program loads by name when it first needs them
# (dlopen) come along: their names are strings in it.
# usage: bundle_libraries.sh PREFIX LAUNCHER
set -euo pipefail
prefix=$1 launcher=$2
libraries=$prefix/lib/fathom
program=$libraries/fathom
licences=$prefix/share/doc/fathom/licenses

# Sonames in the text of a program, those it is linked with and those it loads, one a line.
names_in() { strings -a "$1" | grep -xE 'lib[A-Za-z0-9_+.-]+\.so(\.[0-9]+)+' | sort -u; }

path_of() { ldconfig -p | awk -v name="$1" '$1 == name && !found++ { print $NF }'; }

# Every library below a file, as "soname path".
closure() { ldd "$1" | awk '$2 == "=>" { print $1, $3 }'; }

loader_of() { readelf -l "$1" | sed -n 's/.*program interpreter: \(.*\)]/\1/p'; }

# The licence of the Debian package that a file is of. dpkg knows some files of /usr/lib by their
# name in /lib only.
copy_licence() {
  local file package
  file=$(readlink -f "$1")
  package=$({ dpkg-query -S "$file" || dpkg-query -S "${file#/usr}"; } 2>/dev/null |
    sed -n '1s/:.*//p')
  install -m 644 "/usr/share/doc/$package/copyright" "$licences/$package"
}

bundle() {  # NAME FILE
  [ -e "$libraries/$1" ] && return
  install -m 644 "$2" "$libraries/$1"
  copy_licence "$2"
}

mkdir -p "$libraries" "$licences"
mv "$prefix/bin/fathom" "$program"
install -s -m 755 "$launcher" "$prefix/bin/fathom"
for name in $(names_in "$program"); do
  path=$(path_of "$name")
  if [ -z "$path" ]; then
    echo "bundle_libraries.sh: fathom needs $name, which is not installed here" >&2
    exit 1
  fi
  { echo "$name $path"; closure "$path"; } | while read -r soname from; do
    bundle "$soname" "$from"
  done
done
bundle loader "$(loader_of "$program")"
chmod 755 "$libraries/loader"
