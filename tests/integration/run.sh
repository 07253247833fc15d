#!/bin/bash
# `weir run` and the verbs around it, as an operator meets them.
. "$(dirname "$0")/check.sh"

cat >"$WORK/rules.weir" <<'RULES'
rule zone_deleted {  # allow: W805 the test is outside
  title: "A zone was deleted"
  level: high
  source: cloudtrail
  tags: ["dns"]
  detection {
    selection { eventName: "DeleteHostedZone" }
    condition: selection
  }
  message: "{eventID}"
}
rule zone_listed {  # allow: W805 the test is outside
  title: "Zones were listed"
  level: low
  source: cloudtrail
  detection {
    selection { eventName: "ListHostedZones" }
    condition: selection
  }
  message: "{eventID}"
}
RULES
event() {  # event NUMBER NAME [ACCOUNT]
  printf '{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","accountId":"111122223333"},"eventTime":"2026-01-15T10:00:%02dZ","eventSource":"route53.amazonaws.com","eventName":"%s","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"id-%d","recipientAccountId":"%s"}\n' \
    "$1" "$2" "$1" "${3:-111122223333}"
}
mkdir "$WORK/spool"
cat >"$WORK/weir.yaml" <<'YAML'
rules: rules.weir
sources:
  trail: {type: spool, path: spool, events: cloudtrail}
sinks:
  loud:   {type: file, path: loud.ndjson}
  all:    {type: file, path: all.ndjson}
  other:  {type: file, path: other.ndjson}
routes:
  - {level: ">=high", to: [loud]}
  - {to: all}
  - {account: "444455556666", tag: dns, rule: "zone_*", to: other}
store: {path: "${STORE_FOLDER:-store}"}
YAML

# ---- the configuration
run 0 "$WEIR" check weir.yaml; says "nothing wrong"
sed 's/path: spool/pth: spool/' "$WORK/weir.yaml" >"$WORK/wrong.yaml"
run 1 "$WEIR" check wrong.yaml; says "did you mean \`path\`"; says "wrong.yaml:3"
run 1 "$WEIR" run wrong.yaml; complains "did you mean"
sed 's/to: all/to: al/' "$WORK/weir.yaml" >"$WORK/wrong.yaml"
run 1 "$WEIR" run wrong.yaml; complains 'did you mean `all`'
sed 's/events: cloudtrail/events: cloudtrial/' "$WORK/weir.yaml" >"$WORK/wrong.yaml"
run 1 "$WEIR" run wrong.yaml; complains 'did you mean `cloudtrail`'
run 1 "$WEIR" check wrong.yaml; says 'did you mean `cloudtrail`'
run 2 "$WEIR" run nowhere.yaml; complains "nowhere.yaml"
run 3 "$WEIR" audit weir.yaml; complains "no store"

# ---- a spool, once: good, broken and foreign records, a copy
{ event 1 DeleteHostedZone; event 2 ListHostedZones; event 3 GetHostedZone; echo '{"broken'; echo '{"a":1}'; } >"$WORK/spool/a.ndjson"
{ event 1 DeleteHostedZone; event 4 DeleteHostedZone 444455556666; } | gzip >"$WORK/spool/b.json.gz"
run 0 "$WEIR" run weir.yaml --once
run 0 "$WEIR" audit weir.yaml --format json
equal "audit" "$out" '{"received":6,"evaluated":4,"quarantined":2,"in_flight":0,"alerts_committed":3}'
equal "all alerts" "$(jq -r .message "$WORK/all.ndjson" | sort | tr '\n' ' ')" "id-1 id-2 id-4 "
equal "by level" "$(jq -r .message "$WORK/loud.ndjson" | sort | tr '\n' ' ')" "id-1 id-4 "
equal "by account, tag and rule" "$(jq -r .message "$WORK/other.ndjson" | tr '\n' ' ')" "id-4 "
run 0 "$WEIR" scan spool --rules rules.weir --format json
equal "run = scan" "$(sort "$WORK/all.ndjson")" "$(echo "$out" | sort)"
run 0 "$WEIR" quarantine ls weir.yaml; says "spool/a.ndjson:4"; says "spool/a.ndjson:5"; says '{"a":1}'
run 0 "$WEIR" outbox ls weir.yaml; equal "outbox" "$out" ""

# ---- again: nothing is new, nothing is told twice; a file that came meanwhile is
run 0 "$WEIR" run weir.yaml --once
equal "alerts after a second run" "$(wc -l <"$WORK/all.ndjson")" 3
event 5 DeleteHostedZone >"$WORK/spool/c.ndjson"
run 0 "$WEIR" run weir.yaml --once
equal "alerts after a third run" "$(wc -l <"$WORK/all.ndjson")" 4
[ -e "$WORK/spool/a.ndjson" ] || fail "a spool removes nothing"
printf 'half a line that no commit knows of' >>"$WORK/all.ndjson"
run 0 "$WEIR" run weir.yaml --once
equal "the file ends where the commit was" "$(tail -n 1 "$WORK/all.ndjson" | jq -r .message)" "id-5"

# ---- quarantine: drop, and retry once the rules can read it
row=$("$WEIR" quarantine ls "$WORK/weir.yaml" --format json | jq 'select(.head | test("a")) | .row' | tail -n 1)
run 0 "$WEIR" quarantine show weir.yaml "$row"; says '{"a":1}'
run 2 "$WEIR" quarantine drop weir.yaml
run 0 "$WEIR" quarantine retry weir.yaml "$row"
run 0 "$WEIR" run weir.yaml --once
run 0 "$WEIR" audit weir.yaml --format json
equal "audit after a retry that fails again" "$out" '{"received":7,"evaluated":5,"quarantined":2,"in_flight":0,"alerts_committed":4}'
run 0 "$WEIR" quarantine drop weir.yaml --all
run 0 "$WEIR" quarantine ls weir.yaml; equal "quarantine" "$out" ""

# ---- standard input, to standard output
cat >"$WORK/pipe.yaml" <<'YAML'
rules: rules.weir
sources: {in: {type: stdin}}
sinks: {out: {type: stdout}}
store: {path: pipe-store}
YAML
out=$(cd "$WORK" && { event 1 DeleteHostedZone; event 2 GetHostedZone; } | "$WEIR" run pipe.yaml 2>/dev/null | jq -r .message)
equal "stdin to stdout" "$out" "id-1"

# ---- live: files that appear, rotation of a sink's file, one store one process, a graceful end
sed 's/path: "${STORE_FOLDER:-store}"/path: live-store/; s/path: spool/path: live/; s/all.ndjson/live.ndjson/' "$WORK/weir.yaml" >"$WORK/live.yaml"
mkdir "$WORK/live"
(cd "$WORK" && exec "$WEIR" run live.yaml 2>live.log) &
pid=$!
wait_for() {  # wait_for LINES FILE
  for _ in $(seq 200); do
    [ "$(cat "$2" 2>/dev/null | wc -l)" -ge "$1" ] && return
    sleep 0.1
  done
  fail "$2 has $(cat "$2" 2>/dev/null | wc -l) lines, not $1: $(cat "$WORK/live.log")"
}
event 1 DeleteHostedZone >"$WORK/live/.tmp" && mv "$WORK/live/.tmp" "$WORK/live/1.ndjson"
wait_for 1 "$WORK/live.ndjson"
mkdir -p "$WORK/live/2026/01" && event 2 DeleteHostedZone >"$WORK/live/2026/01/2.ndjson"
wait_for 2 "$WORK/live.ndjson"
run 3 "$WEIR" run live.yaml; complains "one store, one process"
mv "$WORK/live.ndjson" "$WORK/live.old"
kill -HUP $pid
wait_for 0 "$WORK/live.ndjson"
event 3 DeleteHostedZone >"$WORK/live/2026/01/3.ndjson"
wait_for 1 "$WORK/live.ndjson"
equal "the rotated file" "$(wc -l <"$WORK/live.old")" 2
kill -TERM $pid
wait $pid
equal "a graceful end" "$?" 0
equal "the new file" "$(jq -r .message "$WORK/live.ndjson")" "id-3"
run 0 "$WEIR" audit live.yaml --format json
equal "audit of the live store" "$out" '{"received":3,"evaluated":3,"quarantined":0,"in_flight":0,"alerts_committed":3}'

finish
