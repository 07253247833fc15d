#!/bin/bash
# weir run and weir sink test with sinks over the network: the doubles check what arrives as the real ones would.
. "$(dirname "$0")/check.sh"
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 0; }

python3 "$SOURCE/tests/doubles/receivers.py" >"$WORK/port" &
double=$!
trap 'kill $double 2>/dev/null; rm -rf "$WORK"' EXIT
for _ in $(seq 100); do [ -s "$WORK/port" ] && break; sleep 0.1; done
address="http://127.0.0.1:$(cat "$WORK/port")"
ask() { python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())' "$address$1"; }

cat >"$WORK/weir.yaml" <<YAML
rules: [shipped]
sources:
  logs: {type: files, path: logs, mode: once}
sinks:
  chat:  {type: slack, url: "$address/slack/T0/B0", per_minute: 6000}
  pager: {type: pagerduty, url: "$address/v2/enqueue", routing_key: {env: PD_KEY}, per_minute: 6000}
  hook:  {type: webhook, url: "$address/webhook", secrets: {env: HOOK_SECRET}, format: ocsf, states: final}
  lines: {type: file, path: alerts.ndjson}
routes:
  - {level: ">=high", to: [pager]}
  - {to: [chat, hook, lines]}
store: {path: store}
YAML
mkdir "$WORK/logs"
cp -r "$SOURCE"/examples/logs/AWSLogs "$WORK/logs/"
export PD_KEY=0123456789abcdef0123456789abcdef HOOK_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

run 0 "$WEIR" check weir.yaml; says "nothing wrong"
run 0 "$WEIR" sink test chat; says "took the test alert"
run 0 "$WEIR" sink test pager; says "took the test alert"
run 0 "$WEIR" sink test hook; says "took the test alert"
run 2 "$WEIR" sink test chad; complains 'did you mean `chat`'
(unset PD_KEY; run 1 "$WEIR" check weir.yaml; says "PD_KEY"; [ "$failures" = 0 ]) || fail "a secret that is missing is not told"
sed 's/type: slack/type: slck/' "$WORK/weir.yaml" >"$WORK/wrong.yaml"
run 1 "$WEIR" check wrong.yaml; says 'did you mean `slack`'
sed 's/type: slack,/type: slack, group_by: [rule],/' "$WORK/weir.yaml" >"$WORK/wrong.yaml"
run 1 "$WEIR" check wrong.yaml; says "it is a key of a route"
sed 's/routing_key: {env: PD_KEY}/routing_key: short/' "$WORK/weir.yaml" >"$WORK/wrong.yaml"
run 1 "$WEIR" check wrong.yaml; says "the sink \`pager\`"

before=$(ask /seen | jq length)
equal "test alerts" "$before" "3"
run 0 "$WEIR" run weir.yaml --once
run 0 "$WEIR" audit weir.yaml --format json
equal "everything is accounted for" "$(jq '.received == .evaluated + .quarantined + .in_flight' <<<"$out")" "true"
alerts=$(wc -l <"$WORK/alerts.ndjson")
run 0 "$WEIR" scan --rules shipped --format json logs
equal "as many alerts as scan finds" "$alerts" "$(wc -l <<<"$out")"
equal "what scan finds" "$(sort <<<"$out" | md5sum)" "$(sort "$WORK/alerts.ndjson" | md5sum)"
equal "nothing that the real ones would refuse" "$(ask /problems | jq -c .)" "[]"
equal "Slack heard of each" "$(ask /seen | jq '[.[] | select(.path | startswith("/slack"))] | length - 1')" "$alerts"
equal "the webhook heard of each" "$(ask /seen | jq '[.[] | select(.path == "/webhook")] | length - 1')" "$alerts"
high=$(jq -r 'select(.level == "high" or .level == "critical") | .id' "$WORK/alerts.ndjson" | sort)
equal "an incident for each alert of level high and above" "$(ask /incidents | jq -r 'keys[]' | grep -v '^test' | sort | md5sum)" "$(md5sum <<<"$high")"

# Run again: nothing is told twice.
told=$(ask /seen | jq length)
run 0 "$WEIR" run weir.yaml --once
equal "nothing is told twice" "$(ask /seen | jq length)" "$told"

finish
