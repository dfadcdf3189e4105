#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every mount option that `hull features` names, against the kernel's own view of the mount and of one below it.
# HULL_VALUES=1 prints what was seen.

load helpers

eval "$(declare -f teardown | sed '1s/teardown/usual_teardown/')"

teardown() {
  local result=0
  usual_teardown || result=$?
  umount -R "$T"/tree-* 2>/dev/null || :
  return "$result"
}

# What a row says: option, tree that is bound (or "new", a new tmpfs), words of the mount, words of the one below it.
# Words are of mountinfo: per-mount options, propagation without its number, options of the file system as super:WORD.
# "!": not there; "-": nothing to say; "same": as without the option; "own": has a test that names it.
rows() {
  local x
  for x in suid dev exec symfollow diratime; do
    echo "no$x plain no$x !no$x"
    echo "rno$x plain no$x no$x"
    echo "$x strict !no$x no$x"
    echo "r$x strict !no$x !no$x"
  done
  cat <<'ROWS'
ro plain ro rw
rro plain ro ro
rw strict rw ro
rrw strict rw rw
noatime plain noatime relatime
rnoatime plain noatime noatime
atime strict relatime noatime
ratime strict relatime relatime
relatime strict relatime noatime
rrelatime strict relatime relatime
norelatime plain relatime relatime
rnorelatime plain relatime relatime
strictatime plain !relatime,!noatime relatime
rstrictatime plain !relatime,!noatime !relatime,!noatime
nostrictatime always relatime !relatime,!noatime
rnostrictatime always relatime relatime
private plain !shared,!master -
rprivate plain !shared,!master !shared,!master
slave plain master,!shared -
rslave plain master,!shared master,!shared
shared plain shared -
rshared plain shared shared
unbindable plain unbindable -
runbindable plain unbindable unbindable
bind plain rw none
rbind plain rw rw
sync new super:sync -
async new !super:sync -
dirsync new super:dirsync -
lazytime new super:lazytime -
nolazytime new !super:lazytime -
mand new rw -
nomand new !super:mand -
defaults new same -
iversion new same -
noiversion new same -
loud new same -
silent new same -
tmpcopyup own - -
tmpupper own - -
copy-symlink own - -
src-nofollow own - -
dest-nofollow own - -
idmap own - -
ridmap own - -
remount own - -
ROWS
}

# tree NAME OPTIONS: a tmpfs with another below it, both with the options, shared.
tree() {
  local dir=$T/tree-$1
  mkdir "$dir"
  mount -t tmpfs tree "$dir"
  mkdir "$dir/sub"
  mount -t tmpfs sub "$dir/sub"
  mount -o "remount,bind,$2" "$dir/sub"
  mount -o "remount,bind,$2" "$dir"
  mount --make-rshared "$dir"
}

# view PATH: the words of the topmost mount there, "none" if there is none; out of $T/mountinfo.
view() {
  awk -v path="$1" '$5 == path {
      line = $6
      for (i = 7; $i != "-"; i++) {sub(/:.*/, "", $i); line = line "," $i}
      gsub(/,/, ",super:", $(i + 3))
      line = line ",super:" $(i + 3)
    } END {print line == "" ? "none" : line}' "$T/mountinfo"
}

# agrees WORDS VIEW
agrees() {
  local word
  for word in ${1//,/ }; do
    case $word in
      -) ;;
      !*) [[ ,$2, != *,"${word#!}",* ]] || return 1 ;;
      *) [[ ,$2, == *,"$word",* ]] || return 1 ;;
    esac
  done
}

named_by_a_test() {
  grep -hE '^@test ' "$TOP"/tests/bats/*.bats | grep -qE "[ \":]$1[ ,:\"]"
}

@test "mount options: each that features names is what the kernel shows, on the mount and below it" {
  local name tree top below bad=0 seen
  tree plain rw,relatime
  tree strict ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow
  tree always rw,strictatime
  remember_mounts
  rows | sort >"$T/rows"
  ok features
  equal "$(jq -r '.mountOptions[]' "$T/stdout" | sort)" "$(cut -d' ' -f1 "$T/rows")"

  config --rawfile rows "$T/rows" --arg t "$T" '.mounts += [{destination: "/m/none", type: "tmpfs", source: "new"}] +
    [$rows | split("\n")[] | select(. != "") | split(" ") | select(.[1] != "own") |
      if .[1] == "new" then {destination: ("/m/" + .[0]), type: "tmpfs", source: "new", options: [.[0]]}
      else {destination: ("/m/" + .[0]), type: "bind", source: ($t + "/tree-" + .[1]),
        options: (if .[0] == "bind" then ["bind"] else ["rbind", .[0]] end)} end]'
  mkdir "$B/rootfs/m"
  args cat /proc/self/mountinfo
  ok run --bundle "$B" "$ID"
  cp "$T/stdout" "$T/mountinfo"

  while read -r name tree top below; do
    if [ "$tree" = own ]; then
      named_by_a_test "$name" || { echo "no test names $name"; bad=1; }
      continue
    fi
    seen=$(view "/m/$name")
    [ -z "${HULL_VALUES:-}" ] || echo "# | $name | $tree | $seen | $(view "/m/$name/sub") |" >&3
    if [ "$top" = same ]; then
      [ "$seen" = "$(view /m/none)" ] || { echo "$name: '$seen' instead of '$(view /m/none)'"; bad=1; }
      continue
    fi
    agrees "$top" "$seen" || { echo "$name: '$seen' instead of $top"; bad=1; }
    if [ "$below" = none ]; then
      equal "$(view "/m/$name/sub")" none || bad=1
    else
      agrees "$below" "$(view "/m/$name/sub")" || { echo "$name: below it '$(view "/m/$name/sub")' instead of $below"; bad=1; }
    fi
  done <"$T/rows"
  return "$bad"
}
