#!/bin/bash
# What an audit says beside its sum, and what is said of files that hold nothing known.
. "$(dirname "$0")/check.sh"

write_any_call
cat >>"$WORK/rules.weir" <<'RULES'
rule many_calls {  # allow: W805 the test is outside
  title: "Many calls"
  level: low
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  correlation {
    group_by: [recipientAccountId]
    timespan: 10m
    condition: count() >= 100
  }
}
RULES
event() {  # event ID TIME
  printf '{"eventVersion":"1.09","userIdentity":{"type":"IAMUser"},"eventTime":"%s","eventSource":"route53.amazonaws.com","eventName":"GetHostedZone","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"%s","recipientAccountId":"111122223333"}\n' \
    "$2" "$1"
}
access_log() {  # access_log LINES
  for i in $(seq "$1"); do
    echo "198.51.100.7 - - [15/Jan/2026:10:00:00 +0000] \"GET /$i HTTP/1.1\" 200 2326"
  done
}
config() {  # config NAME MODE
  cat >"$WORK/$1.yaml" <<YAML
rules: rules.weir
sources: {in: {type: files, path: $1, mode: $2}}
sinks: {out: {type: file, path: $1.ndjson}}
store: {path: $1-store}
YAML
  mkdir "$WORK/$1"
}
warnings() { grep -cF "$1: holds no event of a known source" <<<"$err"; }

# ---- a file of nothing known is named, once; one with an event in it, or of a known kind without any, is not
config once once
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
access_log 200 >"$WORK/once/access.log"
access_log 200 | gzip >"$WORK/once/access.log.gz"
printf '{"message":"hello"}\n' >"$WORK/once/app.ndjson"
{ printf '{"message":"hello"}\n'; event 1 "$now"; } >"$WORK/once/mixed.ndjson"
: >"$WORK/once/empty.log"
run 0 "$WEIR" run once.yaml --engine interpreter
complains "once/access.log: holds no event of a known source, 200 lines or records are skipped"
equal "named once" "$(warnings access.log)" 1
equal "compressed" "$(warnings access.log.gz)" 1
complains "once/app.ndjson: holds no event of a known source, its one record is skipped"
equal "others are not named" "$(warnings mixed.ndjson)$(warnings empty.log)" 00
run 0 "$WEIR" run once.yaml --engine interpreter
equal "nor again" "$(warnings access.log)" 0

# ---- the audit: a line of its own where there is something to say, and in JSON no other members than ever
run 0 "$WEIR" audit once.yaml
equal "skipped" "$(awk '$1 == "skipped" {print $2}' <<<"$out")" 402
equal "nothing late" "$(grep -c "…late\|…ahead" <<<"$out")" 0
run 0 "$WEIR" audit once.yaml --format json
equal "JSON" "$out" '{"received":1,"evaluated":1,"quarantined":0,"in_flight":0,"alerts_committed":1}'

# ---- live: files that grow, and events that rules over many events do not hear of
live() {  # live NAME RECEIVED: runs until so many are in the store; the log is $err
  (cd "$WORK" && exec "$WEIR" run "$1.yaml" --engine interpreter 2>log >/dev/null </dev/null) &
  pid=$!
  for _ in $(seq 200); do
    [ "$(cd "$WORK" && "$WEIR" audit "$1.yaml" --format json 2>/dev/null | jq .received)" = "$2" ] && break
    sleep 0.1
  done
  kill -TERM $pid
  wait $pid
  equal "a graceful end" "$?" 0
  err=$(cat "$WORK/log")
}
config grow tail
access_log 20 >"$WORK/grow/access.log"
{ printf '#Version: 1\n#Fields: a\n'; event 2 "$now"; } >"$WORK/grow/trail.log"
live grow 1
equal "a log that grows is named" "$(warnings access.log)" 1
equal "not for its heading" "$(warnings trail.log)" 0

config feed spool
event 3 "$now" >"$WORK/feed/in-time.ndjson"
event 4 2020-01-15T10:00:00Z >"$WORK/feed/late.ndjson"
{ event 5 2090-01-15T10:00:00Z; event 6 2090-01-15T10:00:00Z; } >"$WORK/feed/ahead.ndjson"
live feed 4
run 0 "$WEIR" audit feed.yaml
equal "late" "$(awk '$1 == "…late" {print $2}' <<<"$out")" 1
equal "ahead" "$(awk '$1 == "…ahead" {print $2}' <<<"$out")" 2
equal "nothing skipped" "$(grep -c skipped <<<"$out")" 0
event 7 2020-01-15T10:00:00Z >"$WORK/feed/late-again.ndjson"
live feed 5
run 0 "$WEIR" audit feed.yaml
equal "late, over a restart" "$(awk '$1 == "…late" {print $2}' <<<"$out")" 2
run 0 "$WEIR" audit feed.yaml --format json
equal "JSON, again" "$out" '{"received":5,"evaluated":5,"quarantined":0,"in_flight":0,"alerts_committed":5}'

finish
