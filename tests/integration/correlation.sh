#!/bin/bash
# Rules over many events, as a person meets them: scanned, explained, with what the logs leave open, and the same
# answers when memory is short.
. "$(dirname "$0")/check.sh"

cat >"$WORK/rules.weir" <<'RULE'
edition 1
rule three_in_ten_minutes {
  title: "Three in ten minutes"
  level: high
  source: cloudtrail
  detection { s { eventName: "X" } condition: s }
  correlation { group_by: [userIdentity.userName] timespan: 10m condition: count() >= 3 }
  message: "{userIdentity.userName}: {count()}"
}
rule off_and_not_back {
  title: "Off and not back"
  level: high
  source: cloudtrail
  detection { off { eventName: "Off" } back { eventName: "Back" } condition: off or back }
  correlation { timespan: 1h condition: off then not back }
  message: "off since {off.eventTime}"
}
rule each_one {
  title: "Each one"
  level: low
  source: cloudtrail
  detection { s { eventName: "X" } condition: s }
}
rule two_alerts {
  title: "Two of them"
  level: critical
  source: alert
  detection { s { rule: "three_in_ten_minutes" } condition: s }
  correlation { timespan: 1d condition: count() >= 2 }
  message: "{event.principal}"
}
RULE
event() {  # ID TIME NAME USER
  printf '{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","arn":"arn:%s","userName":"%s"},"eventTime":"%s","eventSource":"x.amazonaws.com","eventName":"%s","awsRegion":"us-east-1","eventID":"%s"}\n' "$4" "$4" "$2" "$3" "$1"
}
{
  for i in 1 2 3; do event "a$i" "2026-01-15T10:0$i:00Z" X kim; done
  for i in 1 2; do event "b$i" "2026-01-15T10:0$i:00Z" X lee; done
  for i in 1 2 3; do event "c$i" "2026-01-15T11:0$i:00Z" X ray; done
  event nobody "2026-01-15T10:00:00Z" X kim | jq -c 'del(.userIdentity.userName)'
  event off "2026-01-15T12:00:00Z" Off kim
  event last "2026-01-15T12:59:59Z" Other kim
  event ahead "2099-01-15T12:00:00Z" X kim
} >"$WORK/events.ndjson"

run 0 "$WEIR" scan events.ndjson --rules rules.weir --format json --summary sum.json
equal "rules that fire" "$(jq -r '.rule' <<<"$out" | sort | uniq -c | xargs)" "10 each_one 2 three_in_ten_minutes 1 two_alerts"
equal "a correlation's alert" "$(jq -c 'select(.rule == "three_in_ten_minutes") | [.time, .message, .key, .window.events, .values]' <<<"$out" | head -1)" \
  '["2026-01-15T10:03:00Z","kim: 3",{"userIdentity.userName":"kim"},3,{"count()":3}]'
equal "an alert about alerts sees derived fields" "$(jq -r 'select(.rule == "two_alerts").message' <<<"$out")" "arn:ray"
equal "counts" "$(jq -c '[.undecided, .without_key, .evicted, .late, .ahead]' "$WORK/sum.json")" "[1,1,0,0,1]"
complains "undecided until 2026-01-15T13:00:00Z  off_and_not_back  off since 2026-01-15T12:00:00Z"
whole=$out

# ---- the order of arrival, the number of threads and the memory change nothing
for seed in 1 2 3; do
  shuf --random-source=<(yes $seed) "$WORK/events.ndjson" >"$WORK/shuffled.ndjson"
  split -n l/3 "$WORK/shuffled.ndjson" "$WORK/part$seed."
  # shellcheck disable=SC2046
  run 0 "$WEIR" scan $(cd "$WORK" && ls part$seed.*) --rules rules.weir --format json --threads $((seed + 1)) --memory 0
  equal "alerts of a shuffled input, split, without memory" "$out" "$whole"
done
run 2 env TMPDIR=/no/such/folder "$WEIR" why three_in_ten_minutes --near 0 events.ndjson --rules rules.weir

# ---- why
run 0 "$WEIR" why three_in_ten_minutes events.ndjson --rules rules.weir --near 3
says "three_in_ten_minutes: 2 alerts in 12 events"
says "userIdentity.userName=lee  (2 events)"
says "2 >= 3  no, nearest 2 at 2026-01-15T10:02:00Z"
run 0 "$WEIR" why off_and_not_back events.ndjson --rules rules.weir --near 1
says '`off` at 2026-01-15T12:00:00Z'
run 0 "$WEIR" why two_alerts events.ndjson --rules rules.weir --near 1; says "2 >= 2  yes"
run 2 "$WEIR" why each_one events.ndjson --rules rules.weir --near 1; complains "one event at a time"

# ---- a test that fails says why
cat >>"$WORK/rules.weir" <<'RULE'
rule failing {
  title: "Failing"
  level: low
  source: cloudtrail
  detection { a { eventName: "A" } b { eventName: "B" } condition: a or b }
  correlation { group_by: [awsRegion] timespan: 1h condition: a then b }
  test "the step comes under another key" {
    at 0s event { "eventName": "A", "awsRegion": "one" }
    at 5m event { "eventName": "B", "awsRegion": "two" }
    expect 1 alert
  }
  test "the step comes too late" {
    at 0s event { "eventName": "A" }
    at 2h event { "eventName": "B" }
    expect 1 alert
  }
  test "the step is delivered too late" {
    at 30m event { "eventName": "A" }
    at 50m event { "eventName": "A" }
    at 31m event { "eventName": "B" }
    expect 1 alert
  }
}
RULE
run 1 "$WEIR" test rules.weir
says 'no `b` after that; one came under another key, awsRegion=two at 5m'
says 'too late: 2h from the first to the last, and timespan is 1h'
says 'note: 1 event late: correlations do not see them'

finish
