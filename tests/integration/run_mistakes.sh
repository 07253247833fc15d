#!/bin/bash
# Mistakes in weir.yaml and in the files that it names: `weir check` finds them before `weir run` does, no secret is
# shown, and a run that could not read its input does not end well.
. "$(dirname "$0")/check.sh"

cat >"$WORK/rules.weir" <<'RULES'
rule any_call {  # allow: W805 the test is outside
  title: "A call"
  level: low
  source: cloudtrail
  detection {
    selection { eventName: "DeleteHostedZone" }
    condition: selection
  }
}
RULES
mkdir "$WORK/spool" "$WORK/empty"
good='rules: rules.weir
sources: {in: {type: spool, path: spool}}
sinks: {out: {type: file, path: out.ndjson}}
store: {path: store}'
# checked SED TEXT…: check ends with 1 for the good configuration so changed, and says each text.
checked() {
  echo "$good" | sed "$1" >"$WORK/weir.yaml"
  run 1 "$WEIR" check weir.yaml
  shift
  for text; do says "$text"; done
}
silent_about() {
  checks=$((checks + 1))
  case "$out$err" in *"$1"*) fail "said: $1
$out$err" ;; esac
}

# ---- what run would refuse
checked 's/path: out.ndjson/path: nowhere\/out.ndjson/' 'weir.yaml:3:' 'there is no folder `nowhere`'
run 1 "$WEIR" sink test out; complains "could not be written"; complains 'there is no folder `nowhere`'
run 3 "$WEIR" run weir.yaml --once
checked 's/path: out.ndjson/path: empty/' 'weir.yaml:3:' 'this is a folder'
run 1 "$WEIR" sink test out; complains "this is a folder"
checked 's/path: store/path: rules.weir/' 'weir.yaml:4:' 'the store is a folder'
checked 's/rules: rules.weir/rules: [rules.weir, shiped]/; s/path: store/pth: store/' 'weir.yaml:1:21' 'there is no file or folder `shiped`' \
  'did you mean `shipped`' 'did you mean `path`'
run 1 "$WEIR" run weir.yaml
checked 's/rules: rules.weir/rules: nosuch\//' 'weir.yaml:1:8' 'there is no file or folder `nosuch/`'
run 1 "$WEIR" run weir.yaml; complains 'weir.yaml:1:8'
listens='s/{type: spool, path: spool}/{type: http, listen: "127.0.0.1:18443", tls: {certificate: no.pem, key: rules.weir}}/'
checked "$listens" '`no.pem`: there is no such file' '`rules.weir`: no `PRIVATE KEY-----` is in it'
run 3 "$WEIR" run weir.yaml; complains "no.pem: No such file or directory"
run 2 "$WEIR" run weir.yaml --once; complains "listens for ever"
checked 's/sinks: .*/sinks: {out: {type: slack, url: "https:\/\/hooks.slack.com\/services\/secret", ca_file: no.pem}}/' '`no.pem`: there is no such file'
silent_about "services/secret"
checked 's/sinks: .*/sinks: {out: {type: slack, url: {file: spool}}}/' 'no secret in `spool`: it is a folder'
echo "$good" | sed 's/rules: rules.weir/rules: empty/' >"$WORK/weir.yaml"
run 1 "$WEIR" run weir.yaml; complains "no .weir file in empty"

# ---- secrets, by either verb
echo "$good" | sed 's/sinks: .*/sinks: {out: {type: slack, url: "https:\/\/hooks.slack.com\/services\/secret", stats: all}}/' >"$WORK/weir.yaml"
run 1 "$WEIR" check weir.yaml; says 'did you mean `states`'; silent_about "services/secret"
run 1 "$WEIR" check weir.yaml --format json; silent_about "services/secret"
run 1 "$WEIR" run weir.yaml; complains 'did you mean `states`'; silent_about "services/secret"

# ---- input that is not there: a warning of check, and no good end of a run that was to read it
for source in '{type: spool, path: spol}' '{type: files, mode: tail, path: spol}'; do
  echo "$good" | sed "s/{type: spool, path: spool}/$source/" >"$WORK/weir.yaml"
  run 0 "$WEIR" check weir.yaml; says "warning[W907]"; says 'did you mean `spool`'
  run 3 "$WEIR" run weir.yaml --once
  equal "said once" "$(echo "$err" | grep -c "spol: No such file")" 1
done
echo "$good" >"$WORK/weir.yaml"
run 0 "$WEIR" check weir.yaml; says "nothing wrong"
run 0 "$WEIR" run weir.yaml --once
echo '{"eventVersion":"1.09' >"$WORK/spool/a.ndjson"
echo '{"a":1}' >>"$WORK/spool/a.ndjson"
sed -i 's/path: spool/&, events: cloudtrail/' "$WORK/weir.yaml"
run 0 "$WEIR" run weir.yaml --once
run 2 "$WEIR" quarantine show weir.yaml; complains "name rows"
run 0 "$WEIR" quarantine retry weir.yaml --all; complains "1 row will be evaluated again"; complains "1 row cannot be and stays"
if [ "$(id -u)" = 0 ] && id nobody >/dev/null 2>&1; then  # a store is its user's alone
  chmod 755 "$WORK"; cp "$WEIR" "$WORK/weir"; out=; err=$(cd "$WORK" && su nobody -s /bin/sh -c "./weir audit weir.yaml" 2>&1)
  complains "Permission denied; run this as the store's user"
fi
run 2 "$WEIR" sink test oot; complains 'did you mean `out`'

# ---- a silence for what no alert has
run 2 "$WEIR" silence add weir.yaml --rule any_call --tag nosuch --comment x; complains 'no rule has the tag `nosuch`'
run 2 "$WEIR" silence add weir.yaml --rule any_call --account 1234 --comment x; complains "twelve digits"
run 2 "$WEIR" silence add weir.yaml --rule any_call --group key.client=x --comment x; complains '`key.client`'
run 2 "$WEIR" silence add weir.yaml --rule any_call --until 2020-01-01T00:00:00Z --comment x; complains "it would be over already"
run 0 "$WEIR" silence add weir.yaml --rule any_call --account "1111*" --comment x

# ---- readiness
port=$((20000 + RANDOM % 20000))
echo "$good" | sed "s/path: spool/path: later/; s/^store.*/&\nserve: {listen: \"127.0.0.1:$port\"}/" >"$WORK/weir.yaml"
(cd "$WORK" && exec "$WEIR" run weir.yaml 2>log) &
pid=$!
code_is() {
  for _ in $(seq 100); do
    [ "$(curl -s -o "$WORK/ready" -w '%{http_code}' "http://127.0.0.1:$port/readyz")" = "$1" ] && return
    sleep 0.1
  done
  fail "/readyz is not $1: $(cat "$WORK/ready" "$WORK/log")"
}
checks=$((checks + 2))
code_is 503
grep -q 'later' "$WORK/ready" || fail "/readyz does not say what is not there: $(cat "$WORK/ready")"
mkdir "$WORK/later"
code_is 200
kill -HUP $pid; sleep 1; kill -HUP $pid
for _ in $(seq 100); do grep -q "SIGHUP number 2" "$WORK/log" && break; sleep 0.1; done
checks=$((checks + 1)); grep -q "nothing has changed (SIGHUP number 2)" "$WORK/log" || fail "the second SIGHUP has no answer: $(cat "$WORK/log")"
cp "$WORK/rules.weir" "$WORK/.good"; echo 'rule' >>"$WORK/rules.weir"
for _ in $(seq 100); do grep -q "the rules that run stay" "$WORK/log" && break; sleep 0.1; done
cp "$WORK/.good" "$WORK/rules.weir"
for _ in $(seq 100); do grep -q "the rules are those that run" "$WORK/log" && break; sleep 0.1; done
checks=$((checks + 1)); grep -q "reload: the rules are those that run" "$WORK/log" || fail "mended, and nothing says so: $(cat "$WORK/log")"
kill -TERM $pid
wait $pid
equal "a graceful end" "$?" 0

finish
