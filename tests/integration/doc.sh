#!/bin/bash
# Pages of rules: whole, linked both ways, current or not, and nothing that a rule says becomes markup.
. "$(dirname "$0")/check.sh"

# Every link between pages leads to a file, and to a place in it.
links_hold() {  # links_hold FOLDER ENDING
  checks=$((checks + 1))
  python3 - "$WORK/$1" "$2" <<'PY' || fail "links of $1"
import os, re, sys
root, ending = sys.argv[1:]
pages, bad = {}, 0
for folder, _, names in os.walk(root):
    for name in names:
        if name.endswith(ending): pages[os.path.join(folder, name)] = open(os.path.join(folder, name)).read()
for path, text in pages.items():
    prose = re.sub(r'```.*?```|`[^`]*`', '', text, flags=re.S) if ending == '.md' else text
    for target in re.findall(r'href="([^"]+)"' if ending == '.html' else r'\]\(([^)\s]+)\)', prose):
        if target.startswith('http'): continue
        file, _, place = target.partition('#')
        to = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
        if not os.path.exists(to) or place and f'id="{place}"' not in pages[to]:
            print('broken', path, target); bad += 1
    ids = re.findall(r'\bid="([^"]*)"', text)
    if len(ids) != len(set(ids)): print('an id twice', path); bad += 1
sys.exit(bad > 0)
PY
}

# ---- the shipped pack, in both forms
run 0 "$WEIR" doc --out html; says "written"
run 0 "$WEIR" doc --out markdown --format markdown
links_hold html .html
links_hold markdown .md
run 0 jq -e '.versions.layer == "4.5" and .domain == "enterprise-attack" and (.techniques | length > 5)' html/navigator.json
run 0 grep -q 'href="../rules/r53_domain_transfer_lock_disabled.html"' html/rules/r53_domain_transferred.html
run 0 grep -q 'offered the domain example.com of account' html/rules/r53_domain_transferred.html
run 0 grep -q 'rules/resolver_monero_pool.html' html/lists/monero_pools.html
run 0 grep -q 'panther-labs' html/lists/monero_pools.html

# ---- current, or not
run 0 "$WEIR" doc --out html; says "0 written"
run 0 "$WEIR" doc --out html --check; equal "what is stale" "$out" ""
echo "by hand" >>"$WORK/html/rules/r53_domain_transferred.html"
rm "$WORK/html/levels.html"
head -3 "$WORK/html/lists.html" >"$WORK/html/rules/gone.html"
echo "somebody's own" >"$WORK/html/rules/notes.html"
run 1 "$WEIR" doc --out html --check
says "missing   levels.html"; says "outdated  rules/r53_domain_transferred.html"; says "leftover  rules/gone.html"
case "$out" in *notes.html*) fail "a page that somebody else wrote is called stale" ;; esac
run 0 "$WEIR" doc --out html; says "2 written, 1 removed"
run 0 "$WEIR" doc --out html --check
run 0 test -e html/rules/notes.html
run 1 "$WEIR" doc --out nowhere --check; says "missing"
run 2 "$WEIR" doc; complains "--out"

# ---- a site, and a rule that tries
cp -r "$SOURCE/examples/site" "$WORK/site"
run 0 "$WEIR" doc shipped site --out tuned --format markdown
run 0 grep -q 'Tuned in this project' tuned/rules/r53_domain_transferred.md
cat >"$WORK/hostile.weir" <<'RULE'
edition 1
rule hostile {
  title: "</title><script>alert(1)</script> | [x](javascript:alert) `code` *bold*"
  level: high
  source: cloudtrail
  description: "<img src=x onerror=alert(1)> & \"quotes\" 'single' ```"
  references: ["javascript:alert(1)", "https://example.com/?a=1&b=\"><script>", "https://example.com/a)b(c"]
  falsepositives: ["1. not a list", "# not a heading", "| not | a table |"]
  detection {
    s { eventName: "<b>```</b>" }
    condition: s
  }
  message: "{eventName} \u{202E} turned"
  test "fires <i>" { event { "eventName": "<b>```</b>" } expect 1 alert }
  test "silent" { event { "eventName": "x" } expect no alert }
}
RULE
run 0 "$WEIR" doc hostile.weir --out hostile
run 0 "$WEIR" doc hostile.weir --out hostile-md --format markdown
links_hold hostile .html
for bad in '<script' '<img' '<b>' '<i>' 'href="javascript' ; do
  run 1 grep -rFl -- "$bad" hostile
  run 1 grep -Fl -- "$bad" hostile-md/README.md
done
run 1 grep -rlF "$(printf '\xe2\x80\xae')" hostile hostile-md
run 0 grep -qF '\[x\](javascript:alert)' hostile-md/rules/hostile.md
run 1 grep -qE '^# not' hostile-md/rules/hostile.md

# ---- rules with errors have no page, and hide no other
cat >>"$WORK/hostile.weir" <<'RULE'
rule broken { title: "t" level: high source: cloudtrail detection { s { eventNam: "x" } condition: s } }
RULE
run 1 "$WEIR" doc hostile.weir --out half; complains "E201"; complains "no page"
run 0 test -e half/rules/hostile.html
run 1 test -e half/rules/broken.html

# ---- the project's own pages
run 0 "$WEIR" doc --out "$SOURCE/docs/rules" --format markdown --check

finish
