#!/bin/bash
# A running process as its operator meets it: pages, metrics, the log's forms, what a reload says, certificates that are
# replaced, a stop that is bounded, a disk without room.
. "$(dirname "$0")/check.sh"
command -v curl >/dev/null || { echo "skipped: no curl"; exit 0; }

write_any_call
event() {
  printf '{"eventVersion":"1.09","userIdentity":{"type":"IAMUser"},"eventTime":"2026-01-15T10:00:00Z","eventSource":"route53.amazonaws.com","eventName":"GetHostedZone","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"%s","recipientAccountId":"111122223333"}\n' "$1"
}
certificate() {  # certificate NAME: cert.pem and key.pem
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$WORK/key.pem" -out "$WORK/cert.pem" \
    -days 2 -subj "/CN=$1" -addext "subjectAltName=DNS:localhost" 2>/dev/null
}
certificate first
cat >"$WORK/weir.yaml" <<'YAML'
rules: rules.weir
sources: {app: {type: http, listen: "127.0.0.1:0", tls: {certificate: cert.pem, key: key.pem}}}
sinks: {out: {type: file, path: alerts.ndjson}}
store: {path: store}
serve: {listen: "127.0.0.1:0"}
log: {format: json, level: debug}
YAML
filler() {  # what a reader of a stream looks ahead
  for i in $(seq 8); do event "ec2-$1-$i" | sed 's/route53.amazonaws/ec2.amazonaws/'; done
}
start() {  # start CONFIG: $pid, $source_port, $pages
  (cd "$WORK" && exec "$WEIR" run "$1" --engine interpreter 2>log >/dev/null </dev/null) &
  pid=$!
  for _ in $(seq 200); do grep -q '"running:' "$WORK/log" && break; sleep 0.1; done
  source_port=$(sed -n 's/.*listens on port \([0-9]*\).*/\1/p' "$WORK/log")
  pages="http://127.0.0.1:$(sed -n 's/.*pages on port \([0-9]*\).*/\1/p' "$WORK/log")"
}
until_log() {  # until_log TEXT
  checks=$((checks + 1))
  for _ in $(seq 150); do grep -qF -- "$1" "$WORK/log" && return; sleep 0.1; done
  fail "the log never says: $1
$(cat "$WORK/log")"
}
start weir.yaml

# ---- pages
equal "alive" "$(curl -s -o /dev/null -w '%{http_code}' "$pages/healthz")" 200
ready=$(curl -s "$pages/readyz")
equal "ready" "$(jq -c '[.ready, [.conditions[].name]]' <<<"$ready")" '[true,["store","sources","rules"]]'
equal "which rules" "$(jq -r '.conditions[2].note | test("^1 rule, [0-9a-f]{16}$")' <<<"$ready")" true
event 1 | curl -s --insecure --data-binary @- "https://localhost:$source_port/ingest" >/dev/null
curl -s "$pages/metrics" >"$WORK/metrics"
for metric in 'weir_events_received_total 1' 'weir_alerts_total{level="low",state="final"} 1' 'weir_rules 1' 'weir_reload_successful 1' \
  'weir_units_committed_total 1'; do
  checks=$((checks + 1)); grep -qxF "$metric" "$WORK/metrics" || fail "no metric: $metric
$(cat "$WORK/metrics")"
done
# Each is named in the documentation, with its labels' names, and nothing else is.
equal "metrics that docs/operations.md lacks" \
  "$(sed -n 's/^# TYPE \([a-z_0-9]*\) .*/\1/p' "$WORK/metrics" | while read -r name; do
       grep -q "$name\|${name#weir_events}" "$SOURCE/docs/operations.md" || echo "$name"; done)" ""
if command -v promtool >/dev/null; then
  checks=$((checks + 1)); promtool check metrics <"$WORK/metrics" >"$WORK/lint" 2>&1 || fail "promtool: $(cat "$WORK/lint")"
  equal "what promtool says" "$(cat "$WORK/lint")" ""
fi
checks=$((checks + 1)); jq -e '.time and .level and .message' "$WORK/log" >/dev/null || fail "the log is not JSON: $(cat "$WORK/log")"

# ---- reload: nothing new, broken, mended; a section that waits; certificates
kill -HUP $pid; until_log "reload: nothing has changed"
sed 's/condition: selection/condition: selectoin/' "$WORK/rules.weir" >"$WORK/.broken"; cp "$WORK/rules.weir" "$WORK/.good"
mv "$WORK/.broken" "$WORK/rules.weir"
until_log "rules.weir:7:16: E203: no selection is named"; until_log "the rules that run stay"
equal "still ready" "$(curl -s "$pages/readyz" | jq -c '[.ready, (.conditions[2].note | test("the last reload failed: 1 problem, the first: .*selectoin"))]')" "[true,true]"
checks=$((checks + 1)); curl -s "$pages/metrics" | grep -qx 'weir_reload_successful 0' || fail "a failed reload is not seen in the metrics"
{ cat "$WORK/.good"; sed 's/any_call/other_call/' "$WORK/.good"; } >"$WORK/.new"; mv "$WORK/.new" "$WORK/rules.weir"
until_log "reloaded: 2 rules, 1 new, 0 gone"
sed -i 's/level: debug/level: info/; s/^store:.*/&\nlimits: {commit_every: 50ms, threads: 3}/' "$WORK/weir.yaml"
until_log 'reload: `log`, `limits: threads` changed: only the next start takes that up'
sed -i 's/^store: .*/store: {pth: store}/' "$WORK/weir.yaml"
until_log "E902"
name_of_certificate() { echo | openssl s_client -connect "127.0.0.1:$source_port" 2>/dev/null | sed -n 's/^subject=CN = //p'; }
equal "the first certificate" "$(name_of_certificate)" first
certificate second
kill -HUP $pid
for _ in $(seq 100); do [ "$(name_of_certificate)" = second ] && break; sleep 0.1; done
equal "the second certificate" "$(name_of_certificate)" second
echo "no key" >"$WORK/key.pem"; kill -HUP $pid; until_log "the certificate that is used stays"
equal "a key that cannot be read changes nothing" "$(name_of_certificate)" second

# ---- it stops, and what it decides by is gone with it
kill -TERM $pid; wait $pid; equal "a graceful end" "$?" 0
until_log "ended: 1 received, 1 evaluated"

# ---- the deadline: a source of which nothing comes any more does not hold up the end
mkfifo "$WORK/fifo"
cat >"$WORK/pipe.yaml" <<'YAML'
rules: .good
sources: {in: {type: stdin}}
sinks: {out: {type: file, path: pipe.ndjson}}
store: {path: pipe-store}
limits: {stop_within: 0s}
log: {format: text}
YAML
sed -i 's/rules: .good/rules: good.weir/' "$WORK/pipe.yaml"; cp "$WORK/.good" "$WORK/good.weir"
(cd "$WORK" && exec "$WEIR" run pipe.yaml --engine interpreter 2>log <fifo) &
pid=$!
exec 9>"$WORK/fifo"
{ event 7; filler 7; } >&9
for _ in $(seq 100); do [ -s "$WORK/pipe.ndjson" ] && break; sleep 0.1; done
checks=$((checks + 1)); grep -q 'info: running: 1 rule' "$WORK/log" || fail "the log is not text: $(cat "$WORK/log")"
# Standard input is one unit without an end: the rules change within it.
sed 's/"{eventID}"/"anew {eventID}"/' "$WORK/.good" >"$WORK/.new"; mv "$WORK/.new" "$WORK/good.weir"
until_log "reloaded: 1 rule, 0 new, 0 gone"
{ event 8; filler 8; } >&9
for _ in $(seq 100); do [ "$(wc -l <"$WORK/pipe.ndjson")" = 2 ] && break; sleep 0.1; done
equal "before and after" "$(jq -r .message "$WORK/pipe.ndjson" | tr '\n' ' ')" "7 anew 8 "
began=$(date +%s)
kill -TERM $pid; wait $pid; code=$?
took=$(($(date +%s) - began))
checks=$((checks + 1)); [ $took -le 25 ] || fail "to stop took $took s"
echo "stdin that says nothing: ended with $code after $took s"
exec 9>&-

finish
