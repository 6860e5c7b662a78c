#!/usr/bin/env bash
# The hook fathom-check: checks each saved image that is about to be committed. Arguments that begin
# with - are options of `fathom check`. Ends with the worst exit code.
set -euo pipefail
options=(--progress none)
images=()
for argument in "$@"; do
  case $argument in
    -*) options+=("$argument") ;;
    *) images+=("$argument") ;;
  esac
done
worst=0
for image in "${images[@]}"; do
  echo "$image"
  status=0
  fathom check "${options[@]}" -- "$image" || status=$?
  [ "$status" -le "$worst" ] || worst=$status
done
exit "$worst"
