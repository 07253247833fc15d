#!/bin/bash
# weir init, and the JSON Schema that it writes beside weir.yaml.
. "$(dirname "$0")/check.sh"

# ---- what it writes can be run as it stands
run 0 "$WEIR" init here; says "here/weir.yaml"; says "here/site/forbidden_domain.weir"; complains "weir check"
run 0 "$WEIR" check here/weir.yaml; says "nothing wrong"
run 0 "$WEIR" test shipped here/site; says "2 tests, 0 failed"
cp -r "$SOURCE"/examples/logs/. "$WORK/here/spool"
run 0 "$WEIR" run here/weir.yaml --once
checks=$((checks + 1)); [ -s "$WORK/here/alerts.ndjson" ] || fail "no alerts of the samples"

# What stands there as a comment is right, too.
sed 's/^# limits:/limits:/; s/^#   \([a-z_]*: [0-9]\)/  \1/; s/^# silences:/silences:/; s/^#   \(- {rule: "\)/  \1/' \
  "$WORK/here/weir.yaml" >"$WORK/here/limits.yaml"
run 0 "$WEIR" check here/limits.yaml
checks=$((checks + 1)); grep -q '^  commit_every: 100ms' "$WORK/here/limits.yaml" || fail "the limits are not written out"
checks=$((checks + 1)); grep -q '^  - {rule: .*until: ' "$WORK/here/limits.yaml" || fail "the silence is not written out"

# ---- it replaces nothing unasked, and rules of the site never
run 2 "$WEIR" init here; complains "is there already"; complains "--force"
echo 'mine' >"$WORK/here/site/forbidden_domain.weir"
run 0 "$WEIR" init here --force
equal "a rule of the site" "$(cat "$WORK/here/site/forbidden_domain.weir")" "mine"

# ---- every type, all of them at once
export SLACK_URL=https://hooks.slack.com/services/T0/B0/x PAGERDUTY_KEY=0123456789abcdef0123456789abcdef
export WEBHOOK_URL=https://example.com/hook WEBHOOK_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw WEIR_TOKEN=t WEIR_ACCESS_KEY=k
for source in spool files stdin firehose http spool,files,stdin,firehose,http; do
  run 0 "$WEIR" init "by-$source" --source "$source"
  run 0 "$WEIR" check "by-$source/weir.yaml"; says "nothing wrong"
done
for sink in stdout file slack pagerduty webhook stdout,file,slack,pagerduty,webhook; do
  run 0 "$WEIR" init "to-$sink" --sink "$sink"
  run 0 "$WEIR" check "to-$sink/weir.yaml"; says "nothing wrong"
done
run 2 "$WEIR" init other --sink pigeon
# ---- the schema: of this binary, and the one that the documentation ships
run 0 "$WEIR" dump --config-schema
equal "docs/weir.schema.json (weir dump --config-schema writes it)" "$(md5sum <<<"$out")" "$(md5sum <<<"$(cat "$SOURCE/docs/weir.schema.json")")"
equal "the schema beside weir.yaml" "$(md5sum <<<"$out")" "$(md5sum <<<"$(cat "$WORK/here/weir.schema.json")")"
checks=$((checks + 1)); jq -e '.properties.sources' "$SOURCE/docs/weir.schema.json" >/dev/null || fail "the schema is no JSON"
grep -q '^# yaml-language-server: $schema=weir.schema.json' "$WORK/here/weir.yaml" || fail "editors do not find the schema"

# An independent reader of JSON Schema, where there is one.
if python3 -c 'import jsonschema, yaml' 2>/dev/null; then
  checks=$((checks + 1))
  python3 "$SOURCE/tests/integration/schema.py" "$WEIR" "$SOURCE/docs/weir.schema.json" "$WORK"/*/weir.yaml || fail "the schema and the reader differ"
fi

finish
