# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# bash completion for hull, made by docs/generate from hull's tables.

@TABLES@
# What 'kind' stands for, for the word $2.
_hull_offer() {
  case $1 in
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$2")
      ;;
    directories)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$2")
      ;;
    commands)
      mapfile -t COMPREPLY < <(compgen -c -- "$2" | sort -u)
      ;;
    ids)
      mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "${_hull_globals[@]}" list -q 2>/dev/null)" -- "$2")
      ;;
    words*)
      mapfile -t COMPREPLY < <(compgen -W "${1#words }" -- "$2")
      ;;
  esac
}

# bash takes '--root=DIR' apart into three words.
_hull() {
  local current=${COMP_WORDS[COMP_CWORD]} command='' pending='' over='' position=1 i word REPLY
  local _hull_globals=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [ "$word" = = ]; then
      continue
    elif [ -n "$pending" ]; then
      [ -n "$command" ] || _hull_globals+=("$pending" "$word")
      pending=
    elif [ -z "$over" ] && [ "$word" = -- ]; then
      over=yes
    elif [ -z "$over" ] && [[ $word = -?* ]]; then
      _hull_value "$command" "$word"
      [ -z "$REPLY" ] || pending=$word
    elif [ -z "$command" ]; then
      command=$word
    else
      position=$((position + 1))
      _hull_options_first "$command"
      over=$over$REPLY
    fi
  done
  [ "$current" != = ] || current=
  if [ -n "$pending" ]; then
    _hull_value "$command" "$pending"
    _hull_offer "$REPLY" "$current"
  elif [ -z "$over" ] && [[ $current = -* ]]; then
    _hull_options "$command"
    mapfile -t COMPREPLY < <(compgen -W "$REPLY" -- "$current")
  elif [ -z "$command" ]; then
    _hull_commands ''
    mapfile -t COMPREPLY < <(compgen -W "$REPLY" -- "$current")
  else
    _hull_argument "$command" "$position"
    _hull_offer "$REPLY" "$current"
  fi
}
complete -F _hull hull
