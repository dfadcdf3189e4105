/* SPDX-License-Identifier: Apache-2.0
 * The table of advice. A row speaks up if all that it names fits: the step that failed, the errno, and a
 * piece of the message. The first one wins, so the special stand before the general. */
#include "libcontainer/runtime/hints.h"
#include <errno.h>
#include <string.h>

struct hint {
  const char *step;      /* NULL: any */
  int errnum;            /* 0: any */
  const char *substring; /* of a frame; NULL: any */
  const char *advice;
};

#define DELEGATE_BY_SYSTEMD                                                                                  \
  "root delegates controllers to users by 'systemctl edit user@.service' with [Service] Delegate=cpu "       \
  "cpuset io"                                                                                                \
  " memory pids; then start hull by 'systemd-run --user --scope -p Delegate=yes hull ...'"

static const struct hint hints[] = {
  /* namespaces */
  { NULL, ENOSPC, "namespace", "the limit on namespaces is reached: see /proc/sys/user/max_*_namespaces" },
  { "spawn-init", ENOSPC, NULL, "the limit on namespaces is reached: see /proc/sys/user/max_*_namespaces" },
  { NULL, EUSERS, NULL, "the limit on user namespaces or their nesting (32) is reached" },
  { "spawn-init", EAGAIN, NULL,
    "the limit on processes is reached: see 'ulimit -u', pids.max of our own cgroup, and"
    " kernel.pid_max" },
  { "spawn-init", EPERM, NULL,
    "new namespaces need root, or a user namespace in the config; where those are allowed, see"
    " kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns" },
  { "spawn-init", EOPNOTSUPP, NULL,
    "no process can be in this cgroup: one above is threaded, or has controllers and processes; choose "
    "another"
    " cgroupsPath" },
  { "map-ids", EACCES, NULL,
    "AppArmor may restrict user namespaces: see"
    " kernel.apparmor_restrict_unprivileged_userns" },
  { NULL, 0, "newuidmap",
    "install newuidmap and newgidmap (Debian: uidmap), and give the user a range in /etc/subuid and"
    " /etc/subgid" },
  { NULL, 0, "newgidmap",
    "install newuidmap and newgidmap (Debian: uidmap), and give the user a range in /etc/subuid and"
    " /etc/subgid" },
  { NULL, EPERM, "uid_map", "the mapped range must be ours: see /etc/subuid, and install newuidmap" },
  { NULL, EPERM, "gid_map", "the mapped range must be ours: see /etc/subgid, and install newgidmap" },
  /* mounts */
  { "mounts", EPERM, "proc",
    "a full view of /proc is needed to mount another: inside a container, its masked paths are in"
    " the way" },
  { "mounts", EPERM, NULL,
    "inside a user namespace or a container some mounts are not allowed: bind the host's instead" },
  { "mounts", ENODEV, NULL, "this kernel does not know the file system type: see /proc/filesystems" },
  { "mounts", ENOSPC, NULL, "the limit on mounts is reached: see fs.mount-max" },
  { "pivot-root", EINVAL, NULL, "pivot_root does not work from an initial ramdisk: use --no-pivot" },
  { NULL, EROFS, "cgroup",
    "the cgroup2 mount is read-only here: remount it, or use --cgroup-manager disabled" },
  /* cgroups */
  { NULL, EBUSY, "cgroup.subtree_control",
    "a cgroup above holds processes itself: controllers can't be enabled below it"
    " (cgroups(7), \"no internal processes\")" },
  { NULL, EBUSY, "cgroup",
    "a cgroup with controllers for its children can't hold processes, and one with processes can't"
    " be removed" },
  { NULL, EACCES, "cgroup.subtree_control", DELEGATE_BY_SYSTEMD },
  { NULL, EACCES, "controllers that are not delegated", DELEGATE_BY_SYSTEMD },
  { NULL, 0, "the cgroups above do not delegate it", DELEGATE_BY_SYSTEMD },
  { NULL, EACCES, "the same delegated cgroup",
    "start hull itself in a delegated cgroup: systemd-run --user --scope -p Delegate=yes hull ..." },
  { NULL, EACCES, "cgroup",
    "the cgroup is not delegated to this user: choose cgroupsPath in one that is, or use"
    " --cgroup-manager disabled" },
  { NULL, EOPNOTSUPP, "cgroup", "the cgroup is threaded, or its parent is: choose another cgroupsPath" },
  /* limits */
  { NULL, EMFILE, NULL, "too many open files: raise 'ulimit -n'" },
  { NULL, ENFILE, NULL, "the whole system has too many open files: see fs.file-max" },
  { NULL, EDQUOT, "key", "the quota of keys is used up: see kernel.keys.maxkeys, or use --no-new-keyring" },
  { "keyring", ENOSYS, NULL, "this kernel has no keyrings: use --no-new-keyring" },
  { "keyring", EPERM, NULL, "a seccomp filter around us may deny keyrings: use --no-new-keyring" },
  { NULL, EPERM, "rlimit", "a hard limit above ours needs CAP_SYS_RESOURCE: lower it in /process/rlimits" },
  { NULL, EPERM, "RLIMIT_", "a hard limit above ours needs CAP_SYS_RESOURCE: lower it in /process/rlimits" },
  { NULL, EACCES, "oom_score_adj", "a value below ours needs CAP_SYS_RESOURCE: raise /process/oomScoreAdj" },
  { NULL, 0, "OOM-killed", "raise /linux/resources/memory/limit" },
  { "join-target", EPERM, NULL,
    "who is not root can't enter a container that was created but not yet started" },
  /* the process */
  { NULL, 0, "it is built for",
    "use an image of this machine's architecture, or register qemu-user in binfmt_misc" },
  { NULL, 0, "its loader '",
    "install it in the image (its C library is of another distribution?), or link the program statically" },
  { NULL, 0, "the seccomp filter or a security module",
    "ask 'hull seccomp explain execve', and see dmesg for AppArmor and SELinux" },
  { NULL, 0, "a security module refuses", "see dmesg for what AppArmor or SELinux say" },
  { NULL, 0, "its interpreter can't be executed", "chmod +x the interpreter" },
  { NULL, 0, "' is a directory", "name a file" },
  { NULL, 0, "is a directory: permission denied", "name a file" },
  { NULL, 0, "its interpreter '", "install it there, or name one that is in the first line" },
  { NULL, 0, "it is empty", "copy the program again" },
  { NULL, 0, "ends in a carriage return", "sed -i 's/\\r$//' FILE" },
  { NULL, 0, "names no interpreter", "write '#!/bin/sh', or another program of the image" },
  { NULL, 0, "neither an ELF file nor",
    "begin the script with '#!/bin/sh', or name the program that reads it in args" },
  { NULL, 0, "has no x bit", "chmod +x it, or name the program that reads it in args" },
  { NULL, 0, "that is mounted noexec", "take 'noexec' out of the options of that mount" },
  { NULL, 0, "its owner is not mapped",
    "give the files to ids of /linux/uidMappings, or map their owner (idmapped mounts: 'idmap')" },
  { NULL, 0, "may not be entered by", "give x on that directory to this user or one of his groups" },
  { NULL, 0, "may not be executed by", "give x on that file to this user or one of his groups" },
  { NULL, 0, "one argument or variable may have", "pass it in a file" },
  { NULL, 0, "exec format error", "the file is of another architecture, or a script without '#!'" },
  { "execve", 0, "permission denied",
    "check that the file is executable for the user, and that no mount above it is"
    " noexec" },
  { NULL, EACCES, "console", "check who may write to the socket, and that it is there before create" },
  /* state */
  { NULL, ENOSPC, "state", "the file system of the state directory is full: see --root" },
  { NULL, EACCES, "state root", "choose a directory of your own by --root, or set XDG_RUNTIME_DIR" },
  { NULL, EROFS, "state root", "choose a directory that can be written to by --root" },
  { NULL, 0, "with given ID already exists",
    "see 'list'; 'delete --force' removes also what a killed create left" },
  /* the kernel */
  { NULL, ENOSYS, NULL, "Linux 5.14 or newer is needed, or a seccomp filter around us denies a system call" },
};

static bool mentions(const struct error *err, const char *piece)
{
  const char *frame;
  for (unsigned i = 0; (frame = error_frame(err, i)) != NULL; i++)
    if (strstr(frame, piece) != NULL)
      return true;
  return false;
}

const char *hint_for(const struct error *err)
{
  for (const struct hint *h = hints; h < hints + sizeof hints / sizeof *hints; h++)
    if ((h->step == NULL || strcmp(h->step, err->step) == 0) && (h->errnum == 0 || h->errnum == err->errnum)
        && (h->substring == NULL || mentions(err, h->substring)))
      return h->advice;
  return NULL;
}
