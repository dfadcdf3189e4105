# SPDX-License-Identifier: Apache-2.0
# The failures of docs/diagnosis.md: how each is made, and the words that hull must have for it. Used by
# tests/bats/diagnosis.bats (hull must say so) and tests/diagnosis/run (what runc, crun and hull say, side by side).
# A case changes the bundle $B by `config`, `args` and `hook`.
# shellcheck shell=bash disable=SC2034,SC2016 # titles and words are read by those who source this; jq programs

CASES=()
declare -A TITLES WORDS

# failure NAME TITLE WORD...: the function make_NAME makes it. The words are separated by "|".
failure() {
  local IFS='|'
  local name=$1
  CASES+=("$name")
  TITLES[$name]=$2
  shift 2
  WORDS[$name]="$*"
}

# program NAME TEXT: an executable file of the image.
program() {
  printf '%b' "$2" >"$B/rootfs/bin/$1"
  chmod 755 "$B/rootfs/bin/$1"
  args "/bin/$1"
}

user_namespace() {
  config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    | .linux.gidMappings = .linux.uidMappings'
}

# --- exec ---------------------------------------------------------------------------------------------

failure missing-file 'the program is not there' 'no such file or directory' "'/opt' is missing"
make_missing-file() { args /opt/app/server; }

failure not-in-path 'the program is nowhere in PATH' 'executable file not found in $PATH' PATH=/usr/local/sbin
make_not-in-path() { args no-such-program; }

failure dangling-link 'the program is a symbolic link to nothing' 'no such file or directory' "'/usr/lib/gone' is missing"
make_dangling-link() { mkdir -p "$B/rootfs/usr/lib"; ln -s /usr/lib/gone "$B/rootfs/bin/linked"; args /bin/linked; }

failure missing-loader "the program's loader is not in the image" 'no such file or directory' "its loader '/lib64/ld-linux-x86-64.so.2' is missing"
make_missing-loader() { cp /bin/ls "$B/rootfs/bin/dynamic"; args /bin/dynamic; }

failure missing-interpreter "a script's interpreter is not in the image" 'no such file or directory' "its interpreter '/usr/bin/perl' is missing"
make_missing-interpreter() { program script '#!/usr/bin/perl -w\nprint 1;\n'; }

failure interpreter-loader "a script's interpreter is there, its loader is not" "of its interpreter '/bin/dynamic': its loader '/lib64/ld-linux-x86-64.so.2' is missing"
make_interpreter-loader() { cp /bin/ls "$B/rootfs/bin/dynamic"; program script '#!/bin/dynamic\n'; }

failure crlf 'a script with Windows line ends' 'its first line ends in a carriage return' 'sed -i'
make_crlf() { program script '#!/bin/sh\r\necho hi\r\n'; }

failure empty-shebang "a script whose '#!' names nothing" 'exec format error' "'#!' names no interpreter"
make_empty-shebang() { program script '#!\necho hi\n'; }

failure no-shebang "a script without '#!'" 'exec format error' "neither an ELF file nor a script with '#!'"
make_no-shebang() { program script 'echo hi\n'; }

failure empty-file 'the program is an empty file' 'exec format error' 'it is empty'
make_empty-file() { program script ''; }

failure interpreter-directory "a script's interpreter is a directory" 'permission denied' "its interpreter '/data' is a directory"
make_interpreter-directory() { program script '#!/data\n'; }

failure interpreter-mode "a script's interpreter may not be executed" 'permission denied' "'/etc/passwd' has no x bit (mode 0644)"
make_interpreter-mode() { program script '#!/etc/passwd\n'; }

failure wrong-architecture 'the program is built for another machine' 'exec format error' 'it is built for aarch64, this machine is x86_64' binfmt_misc
make_wrong-architecture() {
  program foreign '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0\x01\0\0\0'
  head -c 200 /dev/zero >>"$B/rootfs/bin/foreign"
}

failure mode-bits 'the program has no x bit' 'permission denied' "'/bin/tool' has no x bit (mode 0644)" 'chmod +x'
make_mode-bits() { program tool '#!/bin/sh\n'; chmod 644 "$B/rootfs/bin/tool"; }

failure noexec-mount 'the program is on a noexec mount' 'permission denied' 'on a file system that is mounted noexec' "take 'noexec' out"
make_noexec-mount() {
  config '.mounts += [{"destination": "/opt", "type": "bind", "source": $s, "options": ["rbind", "noexec"]}]' --arg s "$B/rootfs/bin"
  args /opt/true
}

failure directory 'the program is a directory' 'is a directory: permission denied'
make_directory() { args /data; }

failure busy 'somebody has the program open for writing' 'Text file busy' 'open for writing'
make_busy() {
  cp "$B/rootfs/bin/busybox" "$B/rootfs/bin/busy"
  exec 9>>"$B/rootfs/bin/busy"
  args /bin/busy
}

failure too-big 'an environment variable of 200 kB' 'Argument list too long' "'SECRET...' has 200007 bytes" 'pass it in a file'
make_too-big() { config '.process.env += ["SECRET=" + ("x" * 200000)]'; args true; }

# --- permissions --------------------------------------------------------------------------------------

failure closed-directory "a directory above the program is closed to the user" 'permission denied' "'/opt' (mode 0700, owner 0:0) may not be entered by 1000:1000"
make_closed-directory() {
  mkdir -m 700 "$B/rootfs/opt"
  cp "$B/rootfs/bin/busybox" "$B/rootfs/opt/true"
  config '.process.user = {"uid": 1000, "gid": 1000}'
  args /opt/true
}

failure owner-only 'the program may be executed by its owner only' 'permission denied' "'/bin/mine' (mode 0700, owner 0:0) may not be executed by 1000:1000"
make_owner-only() {
  program mine '#!/bin/sh\n'
  chmod 700 "$B/rootfs/bin/mine"
  config '.process.user = {"uid": 1000, "gid": 1000}'
}

failure unmapped-owner "the image belongs to ids that the user namespace does not map" '(mode 0700, owner 65534:65534) may not be entered by 0:0' 'not mapped in this user namespace' uidMappings
make_unmapped-owner() { user_namespace; chmod 700 "$B/rootfs"; args true; }

failure unmapped-target 'a mount point must be made where the container is nobody' "cannot make directory 'made'" 'may not be written to by 0:0' 'not mapped in this user namespace'
make_unmapped-target() {
  user_namespace
  config '.mounts += [{"destination": "/made/here", "type": "tmpfs", "source": "t"}]'
  args true
}

failure unmapped-cwd 'the working directory is closed to the container' "working directory '/data'" "'/data' (mode 0700, owner 65534:65534) may not be entered by 0:0"
make_unmapped-cwd() { user_namespace; chmod 700 "$B/rootfs/data"; config '.process.cwd = "/data"'; args true; }

# --- hooks --------------------------------------------------------------------------------------------

failure hook-status 'a hook fails' "createRuntime hook #0 '/bin/sh' failed with exit status 3 after" '(args: sh -c echo no such device >&2; exit 3)' 'output: no such device'
make_hook-status() { args true; hook createRuntime 'echo no such device >&2; exit 3'; }

failure hook-signal 'a hook is killed' "createContainer hook #0 '/bin/sh'" 'was killed by signal 9 (SIGKILL) after' 'no output'
make_hook-signal() { args true; hook createContainer 'kill -9 $$'; }

failure hook-timeout 'a hook takes too long' "startContainer hook #0 '/bin/sh'" 'timeout of 1 s (args: sh -c echo waiting; sleep 100)' 'output: waiting'
make_hook-timeout() { args true; hook startContainer 'echo waiting; sleep 100' '{"timeout": 1}'; }

failure hook-interpreter "a hook's interpreter is missing" 'createRuntime hook #0' "its interpreter '/usr/bin/no-such-python' is missing"
make_hook-interpreter() {
  args true
  printf '#!/usr/bin/no-such-python\n' >"$B/hook"
  chmod 755 "$B/hook"
  config '.hooks.createRuntime = [{"path": $p}]' --arg p "$B/hook"
}

# --- the config ---------------------------------------------------------------------------------------

failure config-typo 'a word of the config is misspelt' '/linux/namespaces/0/type' 'config.json:' pid
make_config-typo() { args true; config '.linux.namespaces[0].type = "pids"'; }

failure config-type 'a value of the config has the wrong type' '/process/noNewPrivileges' 'config.json:'
make_config-type() { args true; config '.process.noNewPrivileges = "yes"'; }

failure bind-source 'the source of a bind mount is not there' "bind source '/no/such/source'" /mounts/
make_bind-source() { args true; config '.mounts += [{"destination": "/opt", "type": "bind", "source": "/no/such/source", "options": ["bind"]}]'; }

failure filesystem 'a file system that the kernel does not have' nosuchfs 'no file system' /mounts/
make_filesystem() { args true; config '.mounts += [{"destination": "/opt", "type": "nosuchfs", "source": "x"}]'; }

# --- seccomp ------------------------------------------------------------------------------------------

failure seccomp-exec 'the seccomp filter does not allow execve' 'seccomp denied execve' 'EACCES; SCMP_ACT_ERRNO of /linux/seccomp/syscalls/0'
make_seccomp-exec() {
  args true
  config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["execve"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}'
  OPTIONS=(--seccomp-report -)
}
