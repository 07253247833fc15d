#!/bin/sh
# From a fresh clone to the first alerts: installs what is missing, builds the release, runs the shipped rules over
# the shipped sample logs.
set -eu
cd "$(dirname "$0")/.."

./cmake/setup.sh
echo "== building build/release/weir"
cmake --preset release -DWEIR_TESTS=OFF -DWEIR_BENCH=OFF >/dev/null
cmake --build --preset release

echo
echo "== weir scan examples/logs"
build/release/weir scan --format text --summary build/quickstart.json examples/logs
echo
echo "Next: build/release/weir why --help, and examples/README.md"
