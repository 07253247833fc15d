#!/bin/bash
# A stream of garbage: the quarantine stays within its limits, and everything is accounted for all the same.
. "$(dirname "$0")/check.sh"

write_any_call
cat >"$WORK/weir.yaml" <<'YAML'
rules: rules.weir
sources: {in: {type: spool, path: spool, events: cloudtrail}}
sinks: {out: {type: file, path: alerts.ndjson}}
store: {path: store}
limits: {quarantine_rows: 200, quarantine: 1MiB}
YAML
mkdir "$WORK/spool"
event='{"eventVersion":"1.09","userIdentity":{"type":"IAMUser"},"eventTime":"2026-01-15T10:00:00Z","eventSource":"route53.amazonaws.com","eventName":"GetHostedZone","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","eventID":"NUMBER","recipientAccountId":"111122223333"}'
for file in $(seq 8); do
  for line in $(seq 50); do echo "{\"broken\": $file.$line.,"; echo "{\"nobody\": \"knows $file.$line\"}"; done >"$WORK/spool/$file.ndjson"
  echo "${event/NUMBER/$file}" >>"$WORK/spool/$file.ndjson"
done
run 0 "$WEIR" run weir.yaml --once --engine interpreter
run 0 "$WEIR" audit weir.yaml --format json
equal "accounted for" "$(jq -c '[.received, .evaluated, .quarantined, .in_flight, .alerts_committed]' <<<"$out")" "[808,8,800,0,8]"
dropped=$(jq .quarantine_dropped <<<"$out")
run 0 "$WEIR" quarantine ls weir.yaml --format json
equal "listed and gone" "$(jq -s 'map(.events) | add' <<<"$out")" 800
equal "gone" "$(jq -s 'map(select(.dropped) | .events) | add' <<<"$out")" "$dropped"
kept=$(jq -s 'map(select(.row)) | length' <<<"$out")
checks=$((checks + 1)); { [ "$kept" -ge 175 ] && [ "$kept" -le 200 ]; } || fail "$kept are kept, of 200 that may be"
equal "reasons are kept" "$(jq -sc 'map(select(.dropped).reason) | sort' <<<"$out")" \
  '["it is no record of cloudtrail","it is not finished where the next record begins"]'
run 0 "$WEIR" quarantine ls weir.yaml; says "for want of room"
run 0 "$WEIR" audit weir.yaml; says "…dropped"

# By bytes: records of 100 KB, of which a megabyte holds ten.
for line in $(seq 30); do printf '{"nobody": "%s%s"}\n' "$line" "$(head -c 100000 /dev/zero | tr '\0' x)"; done >"$WORK/spool/large.ndjson"
run 0 "$WEIR" run weir.yaml --once --engine interpreter
run 0 "$WEIR" audit weir.yaml --format json
equal "accounted for, again" "$(jq -c '[.received, .evaluated, .quarantined, .in_flight]' <<<"$out")" "[838,8,830,0]"
run 0 "$WEIR" quarantine ls weir.yaml --format json
equal "listed and gone, again" "$(jq -s 'map(.events) | add' <<<"$out")" 830
kept=$(jq -s 'map(select(.row)) | length' <<<"$out")
checks=$((checks + 1)); { [ "$kept" -ge 8 ] && [ "$kept" -le 10 ]; } || fail "$kept are kept, of ten that fit"

# What is kept can be tried again, and what is dropped by hand stays counted.
run 0 "$WEIR" quarantine retry weir.yaml --all
run 0 "$WEIR" run weir.yaml --once --engine interpreter
run 0 "$WEIR" quarantine drop weir.yaml --all
run 0 "$WEIR" quarantine ls weir.yaml; equal "nothing is listed" "$out" ""
run 0 "$WEIR" audit weir.yaml --format json
equal "and all is accounted for" "$(jq -c '[.received, .evaluated, .quarantined, .in_flight]' <<<"$out")" "[838,8,830,0]"

finish
