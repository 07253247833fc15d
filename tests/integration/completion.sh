#!/bin/bash
# Completion scripts, in the shells that are there: what is offered comes from the verbs themselves.
. "$(dirname "$0")/check.sh"

run 2 "$WEIR" completion tcsh
for shell in bash zsh fish; do
  "$WEIR" completion "$shell" >"$WORK/weir.$shell"
done

# ---- bash: the function, called as readline calls it
cat >"$WORK/ask.bash" <<'BASH'
source weir.bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_weir
echo "${COMPREPLY[*]}"
BASH
offered() { run 0 bash ask.bash "$@"; }
offered weir chec; equal "a verb" "$out" "check"
offered weir ""
for verb in $("$WEIR" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do says "$verb"; done
offered weir new ""; equal "verbs below a verb" "$out" "rule test"
offered weir new rule --s; equal "an option of such a verb" "$out" "--source"
offered weir check --form; equal "an option" "$out" "--format"
offered weir check --format sa; equal "a choice" "$out" "sarif"
offered weir check --format = g; equal "a choice behind =" "$out" "github"
offered weir scan --fail-on cri; equal "a choice of another verb" "$out" "critical"
offered weir completion ""; equal "choices of an argument" "$out" "bash zsh fish"
offered weir check ru; equal "files are left to readline" "$out" ""
run 0 bash -c 'source weir.bash; complete -p weir'; says "-o default"; says "-F _weir"
# Readline itself, on a terminal: a name of a file that only it knows. Some machines give no pseudo-terminal.
if script -qec true /dev/null >/dev/null 2>&1; then
  mkdir -p "$WORK/tty/loads" && : >"$WORK/tty/loads/mine.weir"
  run 0 bash -c "cd tty && { printf 'weir() { echo \"got \$*\"; }; source ../weir.bash\n'; sleep 0.5; printf 'weir chec\t--form\tsa\tloads/mi\t\n'; sleep 0.5; printf 'exit\n'; } |
    TERM=dumb script -qec 'bash --norc --noprofile -i' /dev/null"
  says "got check --format sarif loads/mine.weir"
else
  echo "skipped: readline, for want of a pseudo-terminal"
fi

# ---- fish completes a line by itself
if command -v fish >/dev/null; then
  asked() { run 0 env HOME="$WORK" fish -N -c 'source weir.fish; complete -C "$argv[1]"' "$1"; out=$(cut -f1 <<<"$out" | tr '\n' ' '); }
  asked "weir chec"; equal "fish: a verb" "$out" "check "
  asked "weir check --format s"; equal "fish: a choice" "$out" "sarif "
  asked "weir new "; equal "fish: verbs below a verb" "$out" "rule test "
  asked "weir check ask"; equal "fish: a file" "$out" "ask.bash "
  asked "weir completion "; equal "fish: choices of an argument" "$out" "bash fish zsh "
fi

# ---- zsh completes only on a terminal: that it reads the script, and what the script asks of it
if command -v zsh >/dev/null; then
  run 0 zsh -n weir.zsh
  cat >"$WORK/ask.zsh" <<'ZSH'
compdef() { : }
_describe() { local name="${@[-1]}"; print -l -- ${${(P)name}%%:*} }
_files() { print files }
_message() { : }
compadd() { shift; print -l -- "$@" }
source ./weir.zsh
words=("$@") CURRENT=$#
_weir
ZSH
  asked() { run 0 zsh -f ask.zsh "$@"; }
  asked weir check --format ""; equal "zsh: choices" "$(tr '\n' ' ' <<<"$out")" "text json sarif github "
  asked weir new ""; equal "zsh: verbs below a verb" "$(tr '\n' ' ' <<<"$out")" "rule test "
  asked weir check --; says "--deny-warnings"
  asked weir check ""; equal "zsh: files" "$out" "files"
fi

finish
