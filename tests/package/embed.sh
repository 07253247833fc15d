#!/bin/sh
# Installs Weir into an empty folder, builds examples/embed against it, and runs that over an event: a header, library
# or dependency that is missing in the package shows here.
#   embed.sh CMAKE BUILD-FOLDER COMPILER SANITIZERS
set -eu
cmake=$1 build=$2 compiler=$3 sanitizers=$4
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

flags=""
[ -z "$sanitizers" ] || flags="-fsanitize=$sanitizers"
"$cmake" --install "$build" --prefix "$work/installed" >/dev/null
# Away from the source tree, whose headers could stand in for installed ones.
cp -r "$source/examples/embed" "$work/embed"
"$cmake" -S "$work/embed" -B "$work/built" -G Ninja -DCMAKE_PREFIX_PATH="$work/installed" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" >/dev/null
"$cmake" --build "$work/built" >"$work/log" || { cat "$work/log"; exit 1; }

logs=$source/examples/logs/cloudtrail-shared-services.ndjson
got=$("$work/built/embed" shipped <"$logs" | sort -u)
wanted=$("$work/installed/bin/weir" scan "$logs" --format json 2>/dev/null | sed -E 's/.*"rule":"([^"]*)".*/\1/' | sort -u)
[ -n "$wanted" ] || { echo "weir scan finds nothing to compare with"; exit 1; }
[ "$got" = "$wanted" ] || { printf 'the example says: %s\nweir scan says: %s\n' "$got" "$wanted"; exit 1; }

outside=$(grep -rhE '^#include <' "$work/installed/include" | sort -u | grep -vE '^#include <(std(int|bool)\.h|[a-z_0-9]+)>' || true)
[ -z "$outside" ] || { echo "public headers include more than the standard library: $outside"; exit 1; }
echo "the package works"
