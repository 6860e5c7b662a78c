#!/usr/bin/env bash
# What takes too long for every change: a million random events in the explorer under AddressSanitizer,
# and ten minutes for each fuzz target.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset asan -DFATHOM_TESTS=ON
cmake --build build/asan --target tui_test
FATHOM_RANDOM_KEYS=${1:-1000000} build/asan/src/tui/tui_test --gtest_filter='RandomKeys.*'
./dev fuzz 600
