#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What bash, zsh and fish offer for a half-written command line, asked from the shells themselves.

load helpers

SHELLS=(bash zsh fish)

setup_file() {
  MADE=$(dirname "$HULL")/docs/made
  [ -d "$MADE" ] || MADE=${HULL_BUILD:-/nowhere}/docs/made
  export MADE
}

# A hull in PATH whose containers are those of this test.
prepare() {
  [ -f "$MADE/hull.bash" ] || skip "the completions are not beside $HULL: set HULL_BUILD"
  command -v "$1" >/dev/null || skip "no $1"
  mkdir -p "$T/bin" "$T/home" "$T/files/folder"
  : >"$T/files/file.json"
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$HULL" >"$T/bin/hull"
  chmod 755 "$T/bin/hull"
}

# offers SHELL LINE: sets OFFERS to the shell's candidates with the cursor at the end of LINE, one a line.
offers() {
  local shell=$1
  : >"$T/offers"
  "offers_in_$shell" "$2" 3>&- </dev/null >"$T/shell.out" 2>&1 || { cat "$T/shell.out"; return 1; }
  OFFERS=$(sort -u "$T/offers")
  echo "$shell: '$2': ${OFFERS//$'\n'/ }"
}

clean_env() {
  (cd "$T/files" && exec env -i PATH="$T/bin:$PATH" HOME="$T/home" XDG_CONFIG_HOME="$T/home" TERM=vt100 LC_ALL=C.UTF-8 \
    MADE="$MADE" OFFERS="$T/offers" timeout $((30 * SLOW)) "$@")
}

# As readline calls it; the words are those that it makes of the line.
offers_in_bash() {
  # shellcheck disable=SC2016
  clean_env bash --norc -c '
    . "$MADE/hull.bash"
    COMP_LINE=$1 COMP_POINT=${#1}
    COMP_WORDS=(${1//=/ = })
    [ "${1: -1}" != " " ] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _hull
    printf "%s\n" "${COMPREPLY[@]}" >"$OFFERS"' bash "$1"
}

offers_in_fish() {
  # shellcheck disable=SC2016
  clean_env fish --no-config -c 'source $MADE/hull.fish; complete -C $argv[1] | string replace -r "\t.*" "" >$OFFERS; true' "$1"
}

# zsh completes only while a line is edited: a zsh on a terminal of its own gets the line and a tab, and notes what is
# given to compadd. The line's end says that it is done.
offers_in_zsh() {
  mkdir -p "$T/zsh"
  cp "$MADE/_hull" "$T/zsh/_hull"
  # shellcheck disable=SC2016
  printf '%s\n' 'fpath=('"$T/zsh"' $fpath)' "autoload -Uz compinit; compinit -u -C -d '$T/zsh/dump'" "zstyle ':completion:*' verbose no" \
    'compadd() {' \
    '  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi' \
    '  local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >>$OFFERS; builtin compadd "$@"; }' \
    'PROMPT=; unsetopt beep; bindkey "^I" complete-word' \
    'done-now() { print -r -- >$OFFERS.done; exit; }; zle -N done-now; bindkey "^X" done-now' \
    'print sour""ced' >"$T/zsh/rc"
  # shellcheck disable=SC2016
  clean_env zsh -f -c 'zmodload zsh/zpty
    zpty z "zsh -f -i"
    zpty -w z "source '"$T"'/zsh/rc"
    zpty -r z seen "*sourced*"
    zpty -n -w z "$1"$'"'\\t\\x18'"'
    while zpty -r z seen; do :; done
    [[ -f $OFFERS.done ]]' zsh "$1"
  rm -f "$T/offers.done"
}

offered() {
  local word
  for word; do
    grep -qxF -- "$word" <<<"$OFFERS" || { echo "not offered: $word"; return 1; }
  done
}

not_offered() {
  local word
  for word; do
    ! grep -qxF -- "$word" <<<"$OFFERS" || { echo "offered: $word"; return 1; }
  done
}

check_shell() {
  local shell=$1 command
  prepare "$shell"
  ok create --bundle "$B" "$ID"
  offers "$shell" 'hull '
  offered run create exec list validate stats
  offers "$shell" 'hull st'
  offered start state stats steps
  not_offered list
  offers "$shell" 'hull --root '"$ROOT"' --log-f'
  offered --log-format
  offers "$shell" 'hull --log-format '
  offered text json
  offers "$shell" 'hull run --no-'
  offered --no-pivot --no-new-keyring
  not_offered --bundle
  offers "$shell" 'hull run --config '
  grep -q '^file.json' <<<"$OFFERS"
  offers "$shell" 'hull run --bundle '
  grep -q '^folder' <<<"$OFFERS"
  not_offered file.json
  offers "$shell" "hull --root $ROOT kill "
  offered "$ID"
  for command in run plan 'events --interval 5s other'; do # ids that are new, and one id only
    offers "$shell" "hull --root $ROOT $command "
    not_offered "$ID"
  done
  offers "$shell" 'hull list --'
  not_offered --stats # an older name of --usage
  offers "$shell" "hull --root $ROOT stats other "
  offered "$ID"
  offers "$shell" "hull --root $ROOT exec $ID ls --"
  not_offered --tty --help
  offers "$shell" "hull --root=$ROOT kill --all $ID KI"
  offered KILL
  offers "$shell" 'hull list --format=j'
  grep -qE '^(--format=)?json' <<<"$OFFERS"
  offers "$shell" 'hull mounts '
  offered add remove
  offers "$shell" 'hull exec --cap CAP_SYS_A'
  offered CAP_SYS_ADMIN
  ok delete --force "$ID"
}

@test "completion: bash offers commands, options, ids, files and words" {
  check_shell bash
}

@test "completion: zsh offers the same" {
  check_shell zsh
}

@test "completion: fish offers the same" {
  check_shell fish
}

@test "completion: each shell offers every command and each of its options" {
  local command shell options option
  for shell in "${SHELLS[@]}"; do
    command -v "$shell" >/dev/null || continue
    prepare "$shell"
    [ "$shell" != zsh ] || continue # a terminal each time: too slow for all
    offers "$shell" 'hull '
    for command in $OFFERS; do
      options=$("$HULL" "$command" --help | grep -oE '^  .{6}[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+')
      offers "$shell" "hull $command --"
      # shellcheck disable=SC2086
      offered $options
    done
  done
}
