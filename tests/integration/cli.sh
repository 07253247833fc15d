#!/bin/bash
# The command line as a person meets it: help, exit codes, empty and broken input, every verb.
. "$(dirname "$0")/check.sh"

# ---- help and wrong use
run 0 "$WEIR" --help; says "scan"; says "Exit codes"
run 0 "$WEIR" --version; says "ATT&CK"
for verb in check fmt fix test scan why rules doc dump explain "new rule" bench completion run audit quarantine outbox silence; do
  # shellcheck disable=SC2086
  run 0 "$WEIR" $verb --help; says "Examples:"
done
run 2 "$WEIR"
run 2 "$WEIR" nonsense
run 2 "$WEIR" scan
run 2 "$WEIR" scan /no/such/path; complains "/no/such/path"
run 2 "$WEIR" check /no/such/path; complains "/no/such/path"
run 2 "$WEIR" explain E999
run 0 "$WEIR" explain E304; says "E304"
run 0 "$WEIR" explain w801; says "W801"

# ---- nothing to do is exit 1 with a sentence
mkdir "$WORK/empty"
run 1 "$WEIR" check empty; complains "nothing to check"
run 1 "$WEIR" test empty; complains "no rules"
run 1 "$WEIR" fmt empty; complains "nothing to format"
run 1 "$WEIR" scan empty; complains "no files"
run 1 "$WEIR" scan --rules empty -- "$SOURCE/examples/logs"; complains "no rules"

# ---- a rule of one's own: made, tested, run, understood
run 0 "$WEIR" new rule zone_deleted; says "zone_deleted.weir"
run 2 "$WEIR" new rule zone_deleted; complains "there already"
run 0 "$WEIR" check zone_deleted.weir; says "nothing wrong"
run 0 "$WEIR" fmt --check zone_deleted.weir
run 0 "$WEIR" test zone_deleted.weir --coverage; says "2 tests, 0 failed"
cat >"$WORK/event.json" <<'JSON'
{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/kim","accountId":"111122223333","userName":"kim"},
 "eventTime":"2026-01-15T10:00:00Z","eventSource":"route53.amazonaws.com","eventName":"DeleteHostedZone","awsRegion":"us-east-1",
 "sourceIPAddress":"198.51.100.7","eventID":"8d8a8c5e-0000-4000-8000-000000000001","recipientAccountId":"111122223333"}
JSON
run 0 "$WEIR" scan event.json --rules zone_deleted.weir --format json --summary sum.json
says '"rule":"zone_deleted"'
says 'arn:aws:iam::111122223333:user/kim called DeleteHostedZone from 198.51.100.7'
equal "alerts in the summary" "$(jq -c '[.events,.alerts,.unreadable,.by_rule.zone_deleted]' "$WORK/sum.json")" "[1,1,0,1]"
run 0 "$WEIR" scan --rules zone_deleted.weir event.json --format json; says '"rule":"zone_deleted"'
# Files that follow the rules are logs by their names; what cannot be rules is said.
cp "$WORK/event.json" "$WORK/second.json"
run 0 "$WEIR" scan event.json --rules zone_deleted.weir second.json --format json --summary sum.json
equal "a file after the rules is read" "$(jq -c '[.events,.duplicates]' "$WORK/sum.json")" "[1,1]"
run 2 "$WEIR" scan event.json --rules second.json; complains "--rules second.json: this looks like logs"
run 2 "$WEIR" scan event.json --rules second.json zone_deleted.weir; complains "--rules second.json: this looks like logs"
run 2 "$WEIR" why zone_deleted event.json --rules second.json; complains "this looks like logs"
run 1 "$WEIR" scan event.json --rules zone_deleted.weir --fail-on medium
run 0 "$WEIR" scan event.json --rules zone_deleted.weir --fail-on high
run 0 "$WEIR" scan event.json --rules zone_deleted.weir --level high; equal "alerts below the level" "$out" ""
run 0 "$WEIR" scan event.json --rules zone_deleted.weir --since 2026-01-16; equal "alerts before --since" "$out" ""
run 0 "$WEIR" why zone_deleted event.json --rules zone_deleted.weir; says "ALERT"; says 'DeleteHostedZone'
run 2 "$WEIR" why zone_deletd event.json --rules zone_deleted.weir; complains "zone_deleted"
if "$WEIR" dump --stage llvm >/dev/null 2>&1; then
  run 0 "$WEIR" scan event.json --engine native
else
  run 2 "$WEIR" scan event.json --engine native; complains "native"
fi
run 0 "$WEIR" scan event.json --engine auto
run 0 "$WEIR" scan event.json --engine interpreter

# ---- one broken rule hides no other
mkdir "$WORK/rules"
cp "$WORK/zone_deleted.weir" "$WORK/rules/good.weir"
cat >"$WORK/rules/broken.weir" <<'RULE'
edition 1
rule broken_one {
  title: "Broken"
  level: high
  source: cloudtrail
  detection {
    selection { eventNam: "X" }
    condition: selection
  }
}
RULE
run 1 "$WEIR" check rules; says "E201"; says "did you mean \`eventName\`"
run 1 "$WEIR" scan event.json --rules rules --format json; says '"rule":"zone_deleted"'; complains "E201"
run 0 "$WEIR" rules rules; says "broken"; says "zone_deleted"
run 0 "$WEIR" check --format json "$WORK/rules/good.weir"
run 1 "$WEIR" check --format json rules; equal "code as JSON" "$(echo "$out" | jq -r 'select(.severity=="error").code')" "E201"

# ---- logs that are taken for rules
mkdir -p "$WORK/only_logs/deep"; cp "$WORK/event.json" "$WORK/only_logs/deep/"; cp "$WORK/event.json" "$WORK/only_logs/"; gzip -c "$WORK/event.json" >"$WORK/only_logs/a.gz"
run 1 "$WEIR" check only_logs; complains "no .weir file in only_logs"; complains "only_logs holds 1 .gz file, 2 .json files: \`weir scan only_logs\` reads these"
run 1 "$WEIR" check event.json; says "event.json"

# ---- a failing test says why
sed 's/"fires"/"fires wrongly"/; s/expect 1 alert/expect 2 alerts/' "$WORK/zone_deleted.weir" >"$WORK/failing.weir"
run 1 "$WEIR" test failing.weir; says "FAIL zone_deleted: fires wrongly"; says "expected 2 alerts, got 1"

# ---- unreadable input is reported with its place and the rest goes on
printf '%s\n{"broken": \n%s\n' "$(jq -c . "$WORK/event.json")" \
  "$(jq -c '.eventID="8d8a8c5e-0000-4000-8000-000000000002"' "$WORK/event.json")" >"$WORK/mixed.ndjson"
run 0 "$WEIR" scan mixed.ndjson --rules zone_deleted.weir --format json --summary sum.json
complains "mixed.ndjson:2"
equal "events around a broken line" "$(jq -c '[.events,.unreadable,.alerts]' "$WORK/sum.json")" "[2,1,2]"
if [ "$(id -u)" != 0 ]; then
  cp "$WORK/event.json" "$WORK/secret.json" && chmod 000 "$WORK/secret.json"
  run 3 "$WEIR" scan secret.json event.json --rules zone_deleted.weir; complains "secret.json"
fi

# ---- standard input, compression
(cd "$WORK" && gzip -k mixed.ndjson && cat mixed.ndjson.gz mixed.ndjson.gz >twice.gz)
run 0 "$WEIR" scan twice.gz --rules zone_deleted.weir --format json --summary sum.json
equal "two gzip members" "$(jq -c '[.events,.duplicates,.unreadable]' "$WORK/sum.json")" "[2,2,2]"
run 0 sh -c "'$WEIR' scan - --rules zone_deleted.weir --format json <event.json"; says '"rule":"zone_deleted"'

# ---- the built-in pack and the samples
run 0 "$WEIR" check; says "nothing wrong"
run 0 "$WEIR" check "$SOURCE/rules" --deny-warnings
run 0 "$WEIR" fmt --check "$SOURCE/rules" "$SOURCE/examples"
run 0 "$WEIR" test --coverage; says "coverage 100 %"
run 0 "$WEIR" scan "$SOURCE/examples/logs" --format json --summary one.json --threads 1
first=$out
run 0 "$WEIR" scan "$SOURCE/examples/logs" --format json --summary two.json --threads 2
equal "alerts with two threads" "$out" "$first"
equal "unreadable samples" "$(jq .unreadable "$WORK/one.json")" "0"
run 0 "$WEIR" dump --schema resolver; says "query_name"
run 0 "$WEIR" dump --stage plan; says "eventName"
run 0 "$WEIR" dump --stage ast "$WORK/zone_deleted.weir"; says "rule zone_deleted"
run 0 "$WEIR" dump --event event.json; says "DeleteHostedZone"

# ---- fix
cat >"$WORK/fixable.weir" <<'RULE'
edition 1

rule fixable {
  title:  "Fixable"
  level:  high
  source: cloudtrail

  detection {
    selection { eventName = "DeleteHostedZone" }
    condition: selection AND NOT call
    call { errorCode|exists: true }
  }

  test "fires" { event { "eventName": "DeleteHostedZone" } expect 1 alert }
  test "silent" { event { "eventName": "Get" } expect no alert }
}
RULE
run 1 "$WEIR" check fixable.weir
run 0 "$WEIR" fix --dry-run fixable.weir; says "+"
run 0 "$WEIR" fix --all fixable.weir
run 0 "$WEIR" check fixable.weir
run 0 "$WEIR" fmt fixable.weir
run 0 "$WEIR" fmt --check fixable.weir
run 0 "$WEIR" test fixable.weir

# A verb that does not exist.
run 2 "$WEIR" scna; complains "did you mean \`weir scan\`?"
run 2 "$WEIR" frobnicate; complains "see weir --help"

# ---- many findings: a hundred, and how many more
{
  echo "edition 1"
  for i in $(seq 150); do
    echo "rule many_$i { title: \"t\" level: low source: cloudtrail detection { s { eventName: \"E$i\" } condition: s } }"
  done
  echo 'rule wrong { title: "t" level: low source: cloudtrail detection { s { eventNam: "E" } condition: s } }'
} >"$WORK/many.weir"
run 1 "$WEIR" check many.weir; says "error[E201]"; says "… 51 more (0 errors, 51 warnings); --all shows them"
equal "findings shown" "$(echo "$out" | grep -c '^\(warning\|error\)\[')" "100"
run 1 "$WEIR" check many.weir --all; equal "all findings" "$(echo "$out" | grep -c '^\(warning\|error\)\[')" "151"
run 1 "$WEIR" check many.weir --format json; equal "findings as JSON" "$(echo "$out" | wc -l)" "151"

finish
