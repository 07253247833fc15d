#!/bin/bash
# What `weir test` says beside pass and fail: coverage of rules that hear others, and events that no rule saw.
. "$(dirname "$0")/check.sh"

cat >"$WORK/chain.weir" <<'RULE'
edition 1
rule first {
  title: "t"
  level: low
  source: resolver
  detection {
    asked { query_type: "NULL" }
    never { rcode: "REFUSED" }
    condition: asked and not never
  }
  test "fires" { event { "query_type": "NULL" } expect 1 alert }
  test "silent" { event { "query_type": "A" } expect no alert }
}
rule listens {
  title: "t"
  level: high
  source: alert
  detection {
    heard { rule: "first"; level: "low" }
    loud  { level: "high" }
    condition: heard and not loud
  }
  test "hears the other" { event on resolver { "query_type": "NULL" } expect 1 alert from listens }
  test "silent" { event { "rule": "another", "level": "high" } expect no alert }
}
RULE
# ---- an item of a rule over alerts is seen when the alert is another rule's
run 0 "$WEIR" test chain.weir --rule listens --coverage --format json
seen() { jq -r --arg rule "$1" --arg item "$2" 'select(.coverage == $rule and .item == $item) | [.seen_true, .seen_false] | @csv' "$WORK/.out"; }
equal "heard from a rule that runs along" "$(seen listens 'heard: rule')" "true,true"
equal "the loud one" "$(seen listens 'loud: level')" "true,true"
equal "only the rule asked for" "$(jq -r 'select(.coverage) | .coverage' "$WORK/.out" | sort -u)" "listens"
equal "what is missing" "$(jq -r 'select(.coverage and (.seen_true and .seen_false | not)) | .item' "$WORK/.out")" ""

# ---- a rule's items are tried by its own tests
run 1 "$WEIR" test chain.weir --coverage; says 'never true   first: never: rcode'

# ---- an event that came too late for every correlation
cat >"$WORK/late.weir" <<'RULE'
edition 1
rule late {
  title: "t"
  level: low
  source: resolver
  detection { asked { query_type: "NULL" } condition: asked }
  correlation { group_by: [client] timespan: 1d condition: count() >= 3 }
  test "out of order" {
    at 5h event { "query_type": "NULL" }
    at 0s every 1m times 2 event { "query_type": "NULL" }
    expect no alert
  }
  test "late on purpose" {
    at 5h event { "query_type": "NULL" }
    at 0s arrives 6h event { "query_type": "NULL" }
    expect no alert
  }
}
RULE
run 0 "$WEIR" test late.weir; says "note late: out of order: 2 events late: correlations do not see them  late.weir:8"
case "$out" in *"on purpose"*) fail "a late event that says so is no surprise" ;; esac

# ---- warnings that are errors, in both spellings; an address that is none
sed -i 's/at 5h event { "query_type": "NULL" }/at 5h event { "query_type": "NULL", "srcaddr": "10.0.997.9" }/' "$WORK/late.weir"
run 0 "$WEIR" check late.weir; says "W605"
run 1 "$WEIR" check late.weir --deny-warnings
run 1 "$WEIR" check late.weir --deny warnings
run 2 "$WEIR" check late.weir --deny errors

finish
