#!/bin/bash
# The incident of examples/incident is told by the alerts that today's rules raise: every alert, and what each command of
# the page prints. `tests/integration/incident.sh WEIR --update` writes both anew; read the difference before it is kept.
. "$(dirname "$0")/check.sh"
update=${2:-}
page=$SOURCE/examples/incident/README.md
table=$SOURCE/examples/incident/alerts.tsv

mkdir "$WORK/bin"
ln -s "$(realpath "$WEIR")" "$WORK/bin/weir"
export PATH=$WORK/bin:$PATH
ln -s "$SOURCE/examples" "$WORK/examples"

# ---- every alert: its id, and what a reader of a list sees
run 0 weir scan examples/incident/logs --format json
alerts=$(printf '%s\n' "$out" | jq -r '[.id, .time, .level, .rule, .title] | @tsv')
[ "$update" = --update ] && printf '%s\n' "$alerts" >"$table"
checks=$((checks + 1))
difference=$(diff "$table" <(printf '%s\n' "$alerts")) || fail "examples/incident/alerts.tsv is not what the rules raise:
$difference"

# ---- the page: what each command of a console block prints
checks=$((checks + 1))
difference=$(cd "$WORK" && python3 - "$page" "$update" <<'PY'
import difflib, re, subprocess, sys
path, update = sys.argv[1:]
text = open(path).read()
def told(block):
    out = []
    for command in re.findall(r'^\$ (.*)$', block.group(1), re.M):
        run = subprocess.run(['bash', '-c', command], capture_output=True, text=True, timeout=100)
        out.append(f'$ {command}\n{run.stdout}')
    return '```console\n' + ''.join(out) + '```'
now = re.sub(r'```console\n(.*?)```', told, text, flags=re.S)
if update == '--update':
    open(path, 'w').write(now)
else:
    sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), now.splitlines(True), 'the page', 'the commands'))
PY
) || fail "the commands of the page do not run"
[ -z "$difference" ] || fail "examples/incident/README.md is not what its commands print:
$difference"

# ---- live is as after the fact
equal "alerts of the replay" "$(jq -r '[.id, .time, .level, .rule, .title] | @tsv' "$WORK/night/alerts.ndjson" | sort)" \
  "$(printf '%s\n' "$alerts" | sort)"

finish
