#!/bin/bash
# A sink that is dead and is then taken out of the configuration: what waited for it holds nothing up, is named, and can be
# dropped. And what is no store is told apart from one that is empty of alerts.
. "$(dirname "$0")/check.sh"

write_any_call
cat >"$WORK/after.yaml" <<'YAML'
rules: rules.weir
sources: {in: {type: spool, path: spool, events: cloudtrail}}
sinks: {out: {type: file, path: alerts.ndjson}}
store: {path: store}
limits: {outbox: 5, stop_within: 1s}
YAML
sed 's|^sinks: {|&hook: {type: webhook, url: "http://127.0.0.1:9/"}, |' "$WORK/after.yaml" >"$WORK/before.yaml"
mkdir "$WORK/spool"
events() {  # events FIRST LAST: as a file of the spool
  for i in $(seq "$1" "$2"); do
    printf '{"eventVersion":"1.09","userIdentity":{"type":"IAMUser"},"eventTime":"2026-01-15T10:00:00Z","eventSource":"route53.amazonaws.com","eventName":"GetHostedZone","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"%s","recipientAccountId":"111122223333"}\n' "$i"
  done >"$WORK/.events"
  mv "$WORK/.events" "$WORK/spool/$1.ndjson"
}

# ---- the outbox is full of what a dead sink does not take
events 1 10
(cd "$WORK" && exec "$WEIR" run before.yaml --engine interpreter 2>log >/dev/null </dev/null) &
pid=$!
checks=$((checks + 1))
for _ in $(seq 150); do grep -q "the outbox is full" "$WORK/log" && break; sleep 0.1; done
grep -q "the outbox is full" "$WORK/log" || fail "the outbox does not fill: $(cat "$WORK/log")"
kill -TERM $pid; wait $pid
run 0 "$WEIR" outbox ls before.yaml --format json
equal "only the dead sink's wait" "$(jq -s '[map(select(.sink == "hook")) | length >= 10, all(.sink == "hook")] | tostring' <<<"$out")" '"[true,true]"'
waiting=$(wc -l <<<"$out")

# ---- without that sink everything goes on
events 11 20
run 0 "$WEIR" run after.yaml --once --engine interpreter
complains "$waiting alerts wait for the sink hook, which is not configured"
run 0 "$WEIR" audit after.yaml --format json
equal "all is received" "$(jq -c '[.received, .in_flight, .alerts_committed]' <<<"$out")" "[20,0,20]"

# ---- dropped by name, and only those
run 2 "$WEIR" outbox drop after.yaml; complains "name rows"
run 2 "$WEIR" outbox drop after.yaml --all --sink hook
run 2 "$WEIR" outbox drop after.yaml 1 --sink hook
run 1 "$WEIR" outbox drop after.yaml --sink hok; complains "0 rows dropped"
run 0 "$WEIR" outbox ls after.yaml --format json; equal "nothing was dropped" "$(wc -l <<<"$out")" "$waiting"
first=$(jq -s '.[0].row' <<<"$out")
run 0 "$WEIR" outbox drop after.yaml "$first"; complains "1 row dropped"
run 0 "$WEIR" outbox drop after.yaml --sink hook; complains "$((waiting - 1)) rows dropped"
run 0 "$WEIR" outbox ls after.yaml; equal "nothing waits" "$out" ""
run 1 "$WEIR" outbox drop after.yaml --all
run 0 "$WEIR" run after.yaml --once --engine interpreter
checks=$((checks + 1)); case "$err" in *"not configured"*) fail "it names a sink for which nothing waits: $err" ;; esac

# ---- what is no store
rm -rf "$WORK/store"; mkdir "$WORK/store"; : >"$WORK/store/weir.db"
for verb in audit "quarantine ls" "outbox ls" "silence ls"; do
  run 3 "$WEIR" $verb after.yaml
  equal "$verb says nothing of numbers" "$out" ""
  equal "$verb says what is wrong" "$err" "weir: store/weir.db: it is empty; \`weir run\` makes the store"
done
head -c 5000 /dev/zero | tr '\0' x >"$WORK/store/weir.db"
run 3 "$WEIR" audit after.yaml; complains "file is not a database"
run 3 "$WEIR" run after.yaml --once --engine interpreter; complains "file is not a database"

finish
