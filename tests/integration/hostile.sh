#!/bin/bash
# Input made to break the reader: each is told with its place and reason, counted, takes bounded memory and
# time, and hides nothing that stands beside it.
. "$(dirname "$0")/check.sh"

# Address space, not what is touched: a build with sanitizers reserves terabytes, so it runs smaller instead.
MEMORY_KB=1000000
LARGE=100000000
if ! (ulimit -v $MEMORY_KB && "$WEIR" --version) >/dev/null 2>&1; then
  MEMORY_KB=unlimited
  LARGE=20000000
fi

repeat() { yes "$1" | tr -d '\n' | head -c "$2"; }  # repeat TEXT BYTES
event() {  # event ID [MORE]: one CloudTrail record on a line
  printf '{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/kim"},'
  printf '"eventTime":"2026-01-15T10:00:00Z","eventSource":"route53.amazonaws.com","eventName":"GetChange",'
  printf '"awsRegion":"us-east-1","eventID":"%s"%s}\n' "$1" "${2:-}"
}
# scan WANTED FILE…: WANTED is [events, unreadable, skipped]
scan() {
  wanted=$1
  shift
  end=0
  [ "${wanted%%,*}" = "[0" ] && end=1  # "no events" is exit 1
  run $end bash -c 'ulimit -v "$0" && exec "$@"' "$MEMORY_KB" \
    timeout 60 "$WEIR" scan "$@" --threads 1 --format json --summary "$WORK/sum.json"
  equal "$* [events, unreadable, skipped]" "$(jq -c '[.events,.unreadable,.skipped]' "$WORK/sum.json")" "$wanted"
  rm -f "$WORK/sum.json"
}
cd "$WORK" || exit 1

# ---- depth
deep="$(repeat '{"a":' 50000)1$(repeat '}' 10000)"
list="$(repeat '[' 10000)$(repeat ']' 10000)"
printf '%s' "$deep" >deep.json
scan '[0,1,0]' deep.json; complains "deep.json:1 (byte 2560): nested deeper than 512"
printf '%s' "$list" >deep_list.json
scan '[0,1,0]' deep_list.json; complains "wrapped more than 8 times"
{ event 1; event 2 ",\"x\":$deep"; event 3; echo "$list"; event 4; } >deep_lines.json
scan '[3,2,0]' deep_lines.json; complains "deep_lines.json:2"; complains "deep_lines.json:4"
{ printf '{"Records":['; event 1; printf ','; event 2 ",\"x\":$list"; printf ','; event 3; printf ']}'; } >deep_records.json
scan '[2,1,0]' deep_records.json; complains "nested deeper than 512"
repeat '[' 20000000 >open_lists.json
scan '[0,1,0]' open_lists.json; complains "ends within a record"
repeat '{"Records":[' 1000000 >open_records.json  # looked at again from each brace, but not for ever
run 1 timeout 60 "$WEIR" scan open_records.json; complains "ends within a record"

# ---- length
{ event 1; event 2 | head -c -2; printf ',"s":"'; head -c $LARGE /dev/zero | tr '\0' x; printf '"}\n'; event 3; } >text.json
scan '[2,1,0]' text.json; complains "text.json:2"; complains "larger than 16 MiB"
{ event 1 | head -c -2; printf ',"s":['; repeat '123,' $LARGE; printf '1]}\n'; event 2; } >list.json
scan '[1,1,0]' list.json; complains "larger than 16 MiB"
{ event 1 | head -c -2; printf ',"s":['; repeat '1,' 16000000; printf '1]}\n'; event 2; } >dense.json
scan '[2,0,0]' dense.json
head -c $LARGE /dev/zero | tr '\0' x >one_line.log
scan '[0,1,0]' one_line.log; complains "one_line.log:1 (byte 0): larger than 16 MiB"
{ event 1 ",\"resources\":[$(seq -s , 300000)]"; event 2 ",\"requestParameters\":{$(seq 100000 | sed 's/.*/"k&":&/' | paste -sd ,)}"; event 3; } >wide.json
scan '[3,0,0]' wide.json

# ---- bytes
{ event 1; head -c 1000000 /dev/zero; echo; event 2; event 3 | tr k '\0'; event 4; } >nul.json
scan '[3,2,0]' nul.json; complains "nul.json:2"; complains "nul.json:4"
{ event 1; event 2 | sed 's/kim/k\xffm/'; event 3; } >not_utf8.json
scan '[2,1,0]' not_utf8.json; complains "not_utf8.json:2 (byte 331): not UTF-8"
# None of these is a way to hide: the event is read.
{ event 1 ",\"n\":$(repeat 9 100000),\"m\":1e999999"; event '\ud800'; event 3 ',"eventName":"Last","eventName":"Wins"'; } >odd.json
scan '[3,0,0]' odd.json

# ---- compression
for i in $(seq 1000); do event "$i"; done >thousand.json
gzip -k thousand.json
head -c 3000 thousand.json.gz >cut.gz
run 0 "$WEIR" scan cut.gz --format json --summary sum.json; complains "the gzip stream ends early"
equal "records before the cut" "$(jq '.events > 100 and .unreadable == 1' sum.json)" "true"
{ cat thousand.json.gz; echo garbage; } >garbage.gz
event last >after.json
scan '[1001,1,0]' garbage.gz after.json; complains "what follows the gzip stream is not gzip"
head -c $((LARGE * 3)) /dev/zero | tr '\0' ' ' | gzip -9 >spaces.gz  # 1000:1, the most that gzip can
cat spaces.gz spaces.gz | gzip -9 >bomb.gz                          # and a million to one by a second layer
scan '[1,1,0]' after.json bomb.gz; complains "decompresses to more than 2000 times its size"
{ repeat '{"a":' $((LARGE * 3)) | gzip -1; } >braces.gz
scan '[1,1,0]' after.json braces.gz
yes '[' | head -c $((LARGE * 8)) | gzip -1 >lists.gz  # a document that never ends, in lines
run 0 bash -c 'ulimit -v "$0" && exec "$@"' "$MEMORY_KB" timeout 60 "$WEIR" scan after.json lists.gz --threads 1
complains "lists.gz:2"
head -c $((LARGE * 3)) /dev/zero | gzip -1 >zeros.gz
scan '[1,0,1]' after.json zeros.gz
if command -v zstd >/dev/null; then
  zstd -q thousand.json && head -c 1500 thousand.json.zst >cut.zst
  run 0 "$WEIR" scan cut.zst; complains "the zstd stream ends early"
  head -c $LARGE /dev/zero | tr '\0' ' ' | zstd -q >bomb.zst
  scan '[1,1,0]' after.json bomb.zst; complains "decompresses to more than 2000 times its size"
fi

# ---- folders: a loop, a pipe without a writer, an empty file, one without permission
mkdir -p tree/sub && ln -s .. tree/sub/loop && mkfifo tree/pipe && : >tree/empty && cp after.json tree/sub
scan '[1,0,0]' tree
if [ "$(id -u)" != 0 ]; then
  mkdir tree/closed && chmod 000 tree/closed
  run 3 "$WEIR" scan tree; complains "tree/closed"
fi
rm -f ./*.gz ./*.json ./*.log

# ---- rules
rule='edition 1
rule r { title: "x" level: high source: cloudtrail
  detection { s { eventName: "X" } condition: '
check() {  # check FILE TEXT: an error that holds TEXT, and not a flood of them
  run 1 bash -c 'ulimit -v "$0" && exec "$@"' "$MEMORY_KB" timeout 60 "$WEIR" check "$1"
  says "$2"
  [ "${#out}" -lt 100000 ] || fail "$1: ${#out} bytes of errors"
}
for text in '{' '[' 'not '; do
  repeat "$text" 5000000 >many.weir; check many.weir "E114"
  { printf '%s' "$rule"; repeat "$text" 5000000; } >inside.weir; check inside.weir "inside.weir:3"
done
{ printf '%s' "$rule"; repeat '(' 10000; printf s; repeat ')' 10000; printf ' } }\n'; } >deep.weir
check deep.weir "nesting deeper than 64"
{ printf '%s' "$rule"; repeat 'not ' 40000; printf 's } }\n'; } >nots.weir
check nots.weir "nesting deeper than 64"
{ printf 'edition 1\nrule r { test "x" { event '; repeat '{"a":' 5000000; } >event.weir
check event.weir "event.weir:2"
head -c 1000000 /dev/zero >nul.weir; check nul.weir "U+0000"
head -c 1000000 "$WEIR" >binary.weir; check binary.weir "E114"
printf '%s"\xff\xfe" } }\n' "$rule" >not_utf8.weir; check not_utf8.weir "<FF>"
head -c 64000000 /dev/zero | tr '\0' ' ' >blank.weir
run 0 timeout 60 "$WEIR" check blank.weir

# ---- a terminal: what an event says must not move the cursor, nor look like a line of Weir's own
cat >said.weir <<'RULE'
edition 1
rule said { title: "said" level: low source: cloudtrail
  detection { s { eventName: "GetChange" } condition: s }
  message: "{sourceIPAddress}" }
rule many { title: "many" level: low source: cloudtrail
  detection { s { eventName: "GetChange" } condition: s }
  correlation { group_by: sourceIPAddress timespan: 1h condition: count() > 5 } }
RULE
event 1 ',"sourceIPAddress":"\u001b[31mred\n2026-01-15T10:00:00Z high forged\u202e"' >said.ndjson
for verb in "scan --format text" "why said" "why many --near 3"; do
  # shellcheck disable=SC2086
  run 0 "$WEIR" $verb --rules said.weir -- said.ndjson
  equal "control characters in the output of $verb" "$(printf %s "$out" | tr -d '\n -~' | wc -c)" 0
  equal "forged lines in the output of $verb" "$(printf %s "$out" | grep -c '^2026-01-15T10:00:00Z high')" 0
done

finish
