#!/bin/sh
# From a fresh clone to the first alerts: installs what is missing, builds the release, runs the shipped rules over
# the shipped sample logs; then the same live: `weir run` watches a folder, the logs arrive in it, and the alerts in a file.
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
echo "== weir run: the same logs, arriving in a folder that is watched"
live=$(pwd)/build/quickstart
rm -rf "$live"
mkdir -p "$live/spool"
cat >"$live/weir.yaml" <<YAML
rules:   [shipped]
sources: {arriving: {type: spool, path: spool}}
sinks:   {file: {type: file, path: alerts.ndjson}}
store:   {path: store}
YAML
build/release/weir check "$live/weir.yaml"
build/release/weir run "$live/weir.yaml" &
running=$!
trap 'kill $running 2>/dev/null || true' EXIT
tries=0
until [ -e "$live/store/weir.db" ] || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done
for file in $(cd examples/logs && find . -type f); do
  mkdir -p "$live/spool/$(dirname "$file")"
  cp "examples/logs/$file" "$live/spool/$(dirname "$file")/.arriving"
  mv "$live/spool/$(dirname "$file")/.arriving" "$live/spool/$file"
done
tries=0
until [ "$(wc -l <"$live/alerts.ndjson")" -gt 0 ] || [ $tries -ge 150 ]; do tries=$((tries + 1)); sleep 0.1; done
sleep 2
echo "$(wc -l <"$live/alerts.ndjson") alerts have arrived in build/quickstart/alerts.ndjson; stopping"
echo "(Not the same as above: these logs are months old, so all of them come too late for windows and for holding"
echo "back repeats. \`weir run --once\` replays old logs as scan does: docs/configuration.md.)"
kill -TERM $running
wait $running || { echo "weir run did not stop cleanly" >&2; exit 1; }
trap - EXIT
build/release/weir audit "$live/weir.yaml"
echo
echo "Next: build/release/weir why --help, and examples/README.md"
