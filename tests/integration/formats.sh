#!/bin/bash
# What other programs read: SARIF and annotations of check, JUnit of test.
. "$(dirname "$0")/check.sh"

# A supplementary character before the mistake: one character, two UTF-16 units, four bytes.
mkdir -p "$WORK/my rules"
cat >"$WORK/my rules/a,b.weir" <<'RULE'
edition 1
rule broken_one {
  title: "Broken: 100 %"
  level: high
  source: cloudtrail
  detection {
    selection { userAgent: "😀"; eventNam: "X" }
    condition: selection
  }
}
RULE
sed 's/eventNam:/eventName =/; s/broken_one/fixable/' "$WORK/my rules/a,b.weir" >"$WORK/fixable.weir"
sarif() { jq -r "$1" <<<"$out"; }

# ---- SARIF
run 1 "$WEIR" check "my rules" --format sarif
equal "SARIF version" "$(sarif '.version')" "2.1.0"
equal "runs" "$(sarif '.runs | length')" "1"
equal "rules are the codes of explain" "$(sarif '.runs[0].tool.driver.rules | length')" "$("$WEIR" explain | wc -l)"
equal "help of a rule" "$(sarif '.runs[0].tool.driver.rules[] | select(.id=="E201") | .help.text' | head -1)" \
  "$("$WEIR" explain E201 | sed -n 2p)"
equal "every result's rule is the one at its index" \
  "$(sarif '.runs[0] as $r | [$r.results[] | $r.tool.driver.rules[.ruleIndex].id == .ruleId] | all')" "true"
result='.runs[0].results[] | select(.ruleId=="E201")'
equal "level" "$(sarif "$result | .level")" "error"
equal "relative URI, escaped" "$(sarif "$result | .locations[0].physicalLocation.artifactLocation.uri")" "my%20rules/a%2Cb.weir"
equal "region in UTF-16 units" "$(sarif "$result | .locations[0].physicalLocation.region | [.startLine,.startColumn,.endLine,.endColumn] | @csv")" \
  "7,34,7,42"
run 1 "$WEIR" check fixable.weir --format sarif
replacement='.runs[0].results[0].fixes[0].artifactChanges[0].replacements[0]'
equal "fix" "$(sarif "$replacement | [.deletedRegion.startColumn, .deletedRegion.endColumn, .insertedContent.text] | @csv")" '43,45,":"'
equal "warnings are warnings" "$(sarif '[.runs[0].results[] | select(.ruleId | startswith("W")) | .level] | unique | . == [] or . == ["warning"]')" "true"
run 0 "$WEIR" check --format sarif
equal "no results of the shipped pack" "$(sarif '.runs[0].results')" "[]"
mkdir -p "$WORK/elsewhere"
run 1 sh -c "cd elsewhere && '$WEIR' check '../my rules' --format sarif"
says '"uri":"file:///'

# ---- annotations
run 1 "$WEIR" check "my rules" --format github
says "::error file=my rules/a%2Cb.weir,line=7,col=33,endLine=7,endColumn=40,title=E201%3A "
equal "a command a line" "$(grep -cv '^::\(error\|warning\) file=' <<<"$out")" "0"
says "%0A"

# ---- JUnit: what passes and fails, with text that XML cannot hold as it is
cat >"$WORK/tests.weir" <<RULE
edition 1
rule tested {
  title: "Tested"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "X" }
    condition: selection
  }
  test "passes <&\"'> 😀" { event { "eventName": "X" } expect 1 alert }
  test "fails $(printf '\001\t')" { event { "eventName": "X" } expect no alert }
}
rule counted {
  title: "Counted"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "X" }
    condition: selection
  }
  correlation { timespan: 5m condition: count() >= 2 }
  test "one is not two" { event { "eventName": "X" } expect no alert }
}
RULE
if command -v python3 >/dev/null; then
  cat >"$WORK/read.py" <<'PYTHON'
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.stdin).getroot()
print(root.tag, root.get("tests"), root.get("failures"), root.get("skipped"))
for suite in root:
    print(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped"))
    for case in suite:
        float(case.get("time"))
        print(repr(case.get("name")), [(c.tag, c.get("message")) for c in case])
PYTHON
  run 1 "$WEIR" test tests.weir --format junit
  equal "JUnit" "$(python3 "$WORK/read.py" <<<"$out")" "testsuites 3 1 0
tested 2 1 0
'passes <&\"\'> 😀' []
'fails <U+0001>\\t' [('failure', 'expected no alert, got 1')]
counted 1 0 0
'one is not two' []"
  run 1 "$WEIR" test tests.weir --report report.xml
  says "FAIL tested"
  equal "the same beside the terminal's text" "$(python3 "$WORK/read.py" <"$WORK/report.xml" | sed -n 1p)" "testsuites 3 1 0"
fi
run 2 "$WEIR" test tests.weir --format junit --coverage; complains "--report"
run 3 "$WEIR" test tests.weir --report no/such/folder/report.xml

finish
