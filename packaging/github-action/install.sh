#!/usr/bin/env bash
# Makes `fathom` a command of the following steps: the program that was named, else the one in PATH,
# else the relocatable archive of a release of the repository that this action is of.
set -euo pipefail

fail() {
  echo "::error title=fathom::$1"
  exit 2
}

# Steps that follow find the program through GITHUB_PATH.
provide() {
  mkdir -p "$RUNNER_TEMP/fathom/bin"
  ln -sf "$1" "$RUNNER_TEMP/fathom/bin/fathom"
  echo "$RUNNER_TEMP/fathom/bin" >>"$GITHUB_PATH"
}

architecture() {
  case $RUNNER_ARCH in
    X64) echo amd64 ;;
    ARM64) echo arm64 ;;
    *) fail "there is no release for $RUNNER_ARCH; build fathom and name it with the input 'fathom'" ;;
  esac
}

download() {
  local version=${INPUT_VERSION:-$ACTION_REF} name url
  version=${version#v}
  if [ -z "$ACTION_REPOSITORY" ] || [ -z "$version" ]; then
    fail "a local action has no releases; name the program with the input 'fathom'"
  fi
  name=fathom-$version-linux-$(architecture)
  url=$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/v$version
  mkdir -p "$RUNNER_TEMP/fathom-download"
  cd "$RUNNER_TEMP/fathom-download"
  for file in "$name.tar.gz" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --remote-name "$url/$file" ||
      fail "cannot download $url/$file; give a release with the input 'version'"
  done
  grep " $name.tar.gz\$" SHA256SUMS | sha256sum --check --quiet ||
    fail "$name.tar.gz is not what SHA256SUMS says; nothing of it was used"
  tar --extract --file "$name.tar.gz"
  provide "$PWD/$name/bin/fathom"
}

if [ -n "$INPUT_FATHOM" ]; then
  program=$(command -v "$INPUT_FATHOM") || fail "the input 'fathom' is no program: $INPUT_FATHOM"
  provide "$(realpath "$program")"
elif ! command -v fathom >/dev/null; then
  download
fi
