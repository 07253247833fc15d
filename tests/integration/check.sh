# Sourced by the scripts beside it: what a command must print and how it must end.
#
#   WEIR     the binary
#   SOURCE   the source tree
#   WORK     an empty folder, removed at the end

set -u
WEIR=${1:?the weir binary}
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
checks=0
failures=0

fail() {
  failures=$((failures + 1))
  echo "FAIL: $*"
}

# run CODE COMMAND…: runs it in $WORK; output in $out, errors in $err, and CODE is how it must end.
run() {
  want=$1
  shift
  checks=$((checks + 1))
  (cd "$WORK" && timeout 300 "$@" >"$WORK/.out" 2>"$WORK/.err" </dev/null)
  code=$?
  out=$(cat "$WORK/.out")
  err=$(cat "$WORK/.err")
  [ "$code" = "$want" ] || fail "exit $code, not $want: $*
$out
$err"
}

# $WORK/rules.weir: a rule that each call of Route 53 fires.
write_any_call() {
  cat >"$WORK/rules.weir" <<'RULES'
rule any_call {  # allow: W805 the test is outside
  title: "Any call"
  level: low
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  message: "{eventID}"
}
RULES
}

# says TEXT / complains TEXT: the last command's output, or its errors, hold the text.
says() {
  checks=$((checks + 1))
  case "$out" in *"$1"*) ;; *) fail "output lacks: $1
$out" ;; esac
}
complains() {
  checks=$((checks + 1))
  case "$err" in *"$1"*) ;; *) fail "errors lack: $1
$err" ;; esac
}
equal() {  # equal WHAT GOT WANTED
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1: $2, not $3"
}

finish() {
  echo "$((checks - failures)) passed, $failures failed"
  [ "$failures" = 0 ]
}
