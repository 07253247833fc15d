#!/bin/sh
# Every test, on a machine that has nothing yet: set-up, release build, unit and golden tests under sanitizers, the
# rules' own tests, the command line as a user sees it.
#
#   tests/run.sh          everything
#   tests/run.sh fast     without the sanitizer build
set -eu
cd "$(dirname "$0")/.."
mode=${1:-all}

./cmake/setup.sh jq python3 openssl curl
jobs=$(nproc)

echo "== release build"
cmake --preset release -DWEIR_TESTS=ON -DWEIR_BENCH=OFF >/dev/null
cmake --build --preset release -j "$jobs"
echo "== release tests"
ctest --test-dir build/release --output-on-failure -j "$jobs"

if [ "$mode" != fast ]; then
  echo "== sanitizer build"
  cmake --preset dev >/dev/null
  cmake --build --preset dev -j "$jobs"
  echo "== tests under sanitizers"
  ctest --test-dir build/dev --output-on-failure -j "$jobs"
fi
