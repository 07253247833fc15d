#!/bin/bash
# `weir new test` writes what passes when it stands in the rule: for one event, and for many.
. "$(dirname "$0")/check.sh"

head_of() { printf 'edition 1\nlist watched: domain { "example.org" }\nrule %s {\n  title: "t"\n  level: low\n  source: %s\n' "$1" "$2"; }

# with_tests NAME SOURCE BODY: the rule with the two tests that are written for it passes, and each of them says something.
with_tests() {
  local name=$1 source=$2 body=$3
  { head_of "$name" "$source"; echo "$body"; echo "}"; } >"$WORK/$name.weir"
  run 0 "$WEIR" new test "$name" --rules "$name.weir"
  cp "$WORK/.out" "$WORK/fires"
  run 0 "$WEIR" new test "$name" --silent --rules "$name.weir"
  { head_of "$name" "$source"; echo "$body"; cat "$WORK/fires" "$WORK/.out"; echo "}"; } >"$WORK/$name.weir"
  run 0 "$WEIR" test "$name.weir" --format json
  equal "$name: both pass" "$(jq -r '.outcome' "$WORK/.out" | tr '\n' ' ')" "passed passed "
}

with_tests one cloudtrail 'detection { s { eventName: "DeleteHostedZone"; userIdentity.type: "Root" } condition: s }'
with_tests listed resolver 'detection { s { query_name|domain: $watched } condition: s }'
with_tests many resolver 'params { least: 12 window: 5m }
  detection { s { query_type: "TXT" } condition: s }
  correlation { group_by: [srcaddr] timespan: $window condition: count() >= $least }'
with_tests names resolver 'detection { s { query_name|endswith: ".example.net" } condition: s }
  correlation { group_by: [vpc_id, client] timespan: 10m condition: distinct(query_name) >= 7 }'
with_tests share resolver 'detection { s { query_type: ["A", "AAAA"] } failed { rcode: "NXDOMAIN" } condition: s or failed }
  correlation { group_by: [client] timespan: 10m condition: count() > 9 and count(where failed) / count() >= 80% }'
with_tests slots cloudtrail 'detection { s { eventName: "ListHostedZones" } condition: s }
  correlation { group_by: [userIdentity.userName] timespan: 5m tumbling closed condition: count() >= 3 }'
with_tests steps cloudtrail 'detection { made { eventName: "CreateHostedZone" } gone { eventName: "DeleteHostedZone" } condition: made or gone }
  correlation { group_by: [userIdentity.arn] timespan: 10m condition: 2 made then gone }'
with_tests absence cloudtrail 'detection { gone { eventName: "DeleteQueryLoggingConfig" } back { eventName: "CreateQueryLoggingConfig" } condition: gone or back }
  correlation { group_by: [recipientAccountId] timespan: 1h condition: gone then not back }'
with_tests fresh resolver 'detection { s { query_type: "A" } condition: s }
  correlation { group_by: [client] timespan: 30d warmup: 7d condition: new(query_name) }'

{ head_of odd resolver; echo 'detection { s { query_name|re: "^[a-z]{30}[0-9]" } condition: s } }'; } >"$WORK/odd.weir"
run 1 "$WEIR" new test odd --rules odd.weir
complains "weir test --show resolver"
finish
