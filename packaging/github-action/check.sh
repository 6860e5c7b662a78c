#!/usr/bin/env bash
# Checks the image, and says how it went: outputs, the job summary, a comment on the pull request.
# Needs jq and, for the comment, curl; both are on GitHub's runners. Everything it needs comes in
# environment variables, so that no text of an input is ever part of a script.
set -euo pipefail
work=$(mktemp -d "$RUNNER_TEMP/fathom.XXXXXX")
marker='<!-- fathom -->'

check() {
  local options=()
  option() { [ -z "$2" ] || options+=("$1" "$2"); }
  option --config "$INPUT_RULES"
  option --ci-config "$INPUT_CONFIG"
  option --base "$INPUT_BASE"
  option --baseline "$INPUT_BASELINE"
  option --platform "$INPUT_PLATFORM"
  option --report "${INPUT_SARIF:+sarif=$INPUT_SARIF}"
  [ "$INPUT_FORMAT" = json ] || option --report "${INPUT_REPORT:+$INPUT_FORMAT=$INPUT_REPORT}"
  fathom check "${options[@]}" --progress none -o json --output "$work/check.json" \
    -- "$INPUT_IMAGE" 2>"$work/errors" || status=$?
  if [ "$INPUT_FORMAT" = json ] && [ -n "$INPUT_REPORT" ] && [ -e "$work/check.json" ]; then
    cp "$work/check.json" "$INPUT_REPORT"
  fi
}

# The second look costs nothing: the layers are in the cache.
analyze() {
  local options=(--progress none)
  [ -z "$INPUT_PLATFORM" ] || options+=(--platform "$INPUT_PLATFORM")
  fathom analyze "${options[@]}" -o json --output "$work/analysis.json" -- "$INPUT_IMAGE"
  fathom analyze "${options[@]}" -o markdown --output "$work/analysis.md" -- "$INPUT_IMAGE"
} 2>>"$work/errors"

set_outputs() {
  echo "verdict=$verdict"
  [ "$verdict" = error ] || jq -r '.image |
    "efficiency=\(.efficiency)", "wasted-bytes=\(.wastedBytes)", "size=\(.storedBytes)"' \
    "$work/analysis.json"
} >>"$GITHUB_OUTPUT"

# Markdown. Names and values may come from the image or from files of a pull request.
write_summary() {
  local escape='def plain: tostring | gsub("[\n\r]"; " ") | gsub("(?<c>[\\\\`*_{}\\[\\]()#+!|<>&~@-])"; "\\\(.c)");'
  echo "## fathom: $verdict"
  echo
  if [ "$verdict" = error ]; then
    sed 's/^/    /' "$work/errors"
    return
  fi
  echo "| rule | | value | threshold |"
  echo "| --- | --- | ---: | ---: |"
  jq -r "$escape"' .rules[] | "| \(.name | plain) | \(.status | plain) | \(.value // "" | plain) | \(.threshold | plain) |"' \
    "$work/check.json"
  echo
  cat "$work/analysis.md"
} >"$work/summary.md"

api() { # METHOD PATH [JSON]
  curl --fail --silent --show-error --request "$1" --header "Authorization: Bearer $INPUT_TOKEN" \
    --header "Accept: application/vnd.github+json" ${3:+--data "@$3"} \
    "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/$2"
}

# One comment, which is replaced the next time. GitHub takes at most 65536 characters.
comment() {
  local existing
  { echo "$marker"; head -c 60000 "$work/summary.md"; } | jq -Rs '{body: .}' >"$work/comment.json"
  existing=$(api GET "issues/$PULL_REQUEST/comments?per_page=100" |
    jq -r --arg marker "$marker" 'map(select(.body | startswith($marker)))[0].id // empty') || return 1
  if [ -n "$existing" ]; then
    api PATCH "issues/comments/$existing" "$work/comment.json" >/dev/null
  else
    api POST "issues/$PULL_REQUEST/comments" "$work/comment.json" >/dev/null
  fi
}

status=0
check
if [ "$status" -le 1 ]; then
  analyze || status=$?
fi
case $status in
  0) verdict=pass ;;
  1) verdict=fail ;;
  *) verdict=error ;;
esac
set_outputs
write_summary
cat "$work/errors" >&2
cat "$work/summary.md" >>"$GITHUB_STEP_SUMMARY"
if [ "$INPUT_COMMENT" = true ] && [ -n "$PULL_REQUEST" ]; then
  # A pull request from a fork has a token that only reads.
  { [ -n "$INPUT_TOKEN" ] && comment; } ||
    echo "::notice title=fathom::the pull request was not commented on, as the token may not; see the job summary"
fi
[ "$verdict" = pass ] || echo "::error title=fathom::verdict: $verdict"
exit "$status"
