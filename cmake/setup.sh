#!/bin/sh
# Installs what building and testing Weir needs and a Debian 12 machine lacks. Run by examples/quickstart.sh and
# tests/run.sh; does nothing when everything is there.
set -eu

packages="g++ cmake ninja-build ccache pkg-config git ca-certificates
  tao-pegtl-dev libsimdjson-dev libfmt-dev libcli11-dev libre2-dev libpsl-dev libxxhash-dev zlib1g-dev libdeflate-dev libzstd-dev
  libsqlite3-dev libyaml-dev libspdlog-dev libcurl4-openssl-dev libssl-dev libboost-dev
  unicode-data publicsuffix doctest-dev llvm-19-dev"

missing=""
for package in $packages "$@"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup: needs root to install:$missing" >&2; exit 2; }
  as_root=sudo
fi
echo "setup: installing$missing" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
