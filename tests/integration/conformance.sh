#!/bin/bash
# The language's semantics as tests (tests/conformance): they hold, and they can fail.
. "$(dirname "$0")/check.sh"

cp -r "$SOURCE/tests/conformance" "$WORK/conformance"
run 0 "$WEIR" test conformance --format json
echo "$out" | jq -r 'select(.outcome == "passed") | .of + ": " + .test' | sort >"$WORK/passed"
equal "many ran" "$([ "$(wc -l <"$WORK/passed")" -ge 160 ] && echo yes)" "yes"
equal "all of them passed" "$(echo "$out" | jq -s 'map(select(.outcome != "passed")) | length')" "0"

# Every expectation turned round: what expected nothing expects an alert, what expected alerts expects none.
find "$WORK/conformance" -name '*.weir' -exec sed -i -E \
  's/expect no alert/expect @1 alert/g; s/expect [0-9]+ alerts?/expect no alert/g; s/expect @1/expect 1/g' {} +
run 1 "$WEIR" test conformance --format json
echo "$out" | jq -r 'select(.outcome == "failed") | .of + ": " + .test' | sort >"$WORK/failed"
equal "tests that fail when turned round" "$(diff "$WORK/passed" "$WORK/failed" && echo all)" "all"

finish
