#!/bin/bash
# Rules broken on purpose: which changes are tried, which of them mean nothing, what the tests notice.
. "$(dirname "$0")/check.sh"

cat >"$WORK/flood.weir" <<'RULE'
edition 1
rule flood {
  title: "t"
  level: low
  source: resolver
  params { most: 3 }
  detection {
    failed { rcode: ["NXDOMAIN", "SERVFAIL"]; query_type|contains: "X"; query_type|endswith: ["X", "x"] }
    known  { query_name|domain: "example.com" }
    condition: failed and not known
  }
  correlation {
    group_by:  [srcaddr, vpc_id]
    timespan:  10m
    condition: count() >= $most
  }
  suppress: 1h by [srcaddr]
  message: "{srcaddr} asked {count()} times"
  test "fires once an hour, for one address" {
    at 0s every 1s times 6 event { "rcode": "NXDOMAIN", "query_type": "MX", "srcaddr": "10.0.0.1",
                                "query_name": "a.example.org." }
    expect 1 alert at 2s { message: "10.0.0.1 asked 3 times" }
  }
  test "silent" {
    at 0s every 1s times 4 event { "rcode": "NOERROR", "query_type": "MX", "query_name": "a.example.org." }
    expect no alert
  }
}
RULE
run 0 "$WEIR" check flood.weir
run 1 "$WEIR" test flood.weir --mutate --format json
mutant() { jq -r --arg c "$1" 'select(.change == $c) | .noticed' "$WORK/.out"; }
for change in 'not `query_type|contains: "X"`' '"X" → "X~"' '3 → 4' '3 → 2' '`>=` → `>`' '10m → 5m' \
              'the message without `{count()}`' 'without `failed` in the condition'; do
  case $change in
    '10m → 5m') want=false ;;  # no test knows how long the window is
    *) want=true ;;
  esac
  equal "$change" "$(mutant "$change")" "$want"
done
for change in 'without the value `"SERVFAIL"`' 'without `suppress: 1h by [srcaddr]`' 'without `vpc_id` in `group_by`' '`domain` → `endswith`' \
              'without `not known` in the condition'; do
  equal "$change" "$(mutant "$change")" "false"
done
equal "places" "$(jq -r 'select(.mutant) | .place' "$WORK/.out" | grep -vc '^flood.weir:[0-9]*$')" "0"
equal "the sum" "$(jq -s '[.[] | select(.mutant)] as $m | (.[] | select(.mutants)) | .mutants == ($m | length) and .noticed == ($m | map(select(.noticed)) | length)' "$WORK/.out")" "true"
equal "what changes nothing" "$(jq -r 'select(.mutants) | .same > 0' "$WORK/.out")" "true"
run 1 "$WEIR" test flood.weir --mutate; says "not noticed  flood: 10m → 5m  flood.weir:14"; says "mutants noticed ("
run 0 "$WEIR" test flood.weir; says "2 tests, 0 failed"  # nothing of it stays

# ---- a filter, and a rule whose tests fail
sed 's/flood/flood2/; s/expect no alert/expect 1 alert/' "$WORK/flood.weir" >"$WORK/flood2.weir"
run 1 "$WEIR" test flood.weir flood2.weir --mutate --rule flood2 --format json; complains "flood2 is not mutated"
equal "only the rule asked for" "$(jq -r 'select(.mutants) | .mutants' "$WORK/.out")" "0"

finish
