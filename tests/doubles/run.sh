#!/bin/sh
# Starts the doubles, once with TLS under an authority made here and once without, and runs a test binary against them.
#
#   tests/doubles/run.sh BINARY [ITS OPTIONS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
pids=""
clean() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap clean EXIT
trap 'exit 1' INT TERM

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=Doubles' authority" \
  -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
  -keyout "$folder/server.key" -out "$folder/server.csr" 2>/dev/null
echo "subjectAltName=DNS:localhost" >"$folder/names"
openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 2 \
  -extfile "$folder/names" -out "$folder/server.pem" 2>/dev/null

python3 "$here/receivers.py" --certificate "$folder/server.pem" --key "$folder/server.key" >"$folder/https" &
pids="$pids $!"
python3 "$here/receivers.py" >"$folder/http" &
pids="$pids $!"
for port in https http; do
  tries=0
  until [ -s "$folder/$port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { echo "the doubles do not start" >&2; exit 1; }
    sleep 0.1
  done
done

WEIR_DOUBLES_HTTPS=$(cat "$folder/https") WEIR_DOUBLES_HTTP=$(cat "$folder/http") WEIR_DOUBLES_CA=$folder/ca.pem "$@"
