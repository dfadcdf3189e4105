/* SPDX-License-Identifier: Apache-2.0
 * The seccomp profile of `hull sandbox`: everything is allowed but what is listed. A sandbox has no
 * capability and can gain none, so what is listed is what needs none here and has no place in a build: new
 * namespaces (the large attack surface behind them), keys, typing into a terminal, tracing the kernel, and
 * what the kernel keeps for compatibility only. What asks for a capability anyway is refused before its code
 * runs. */
#include "spec/sandbox.h"
#include <errno.h>

/* linux/sched.h, asm-generic/ioctls.h: the same on all architectures here. */
#define NEW_MOUNT 0x20000u
#define NEW_CGROUP 0x2000000u
#define NEW_UTS 0x4000000u
#define NEW_IPC 0x8000000u
#define NEW_USER 0x10000000u
#define NEW_PID 0x20000000u
#define NEW_NET 0x40000000u
#define TERMINAL_INPUT 0x5412u /* TIOCSTI */
#define CONSOLE_PASTE 0x541cu  /* TIOCLINUX */
#define IOCTL_NUMBER                                                                                         \
  0xffffffffu /* the kernel takes 32 bits: a profile that compares 64 misses (CVE-2019-10063) */

/* EPERM, in the order of the alphabet. */
static const char *const refused[] = {
  "acct",
  "add_key",
  "adjtimex",
  "bdflush",
  "bpf",
  "chroot",
  "clock_adjtime",
  "clock_adjtime64",
  "clock_settime",
  "clock_settime64",
  "create_module",
  "delete_module",
  "fanotify_init",
  "finit_module",
  "fsconfig",
  "fsmount",
  "fsopen",
  "fspick",
  "get_kernel_syms",
  "init_module",
  "ioperm",
  "iopl",
  "io_uring_enter",
  "io_uring_register",
  "io_uring_setup",
  "kexec_file_load",
  "kexec_load",
  "keyctl",
  "lookup_dcookie",
  "mount",
  "mount_setattr",
  "move_mount",
  "move_pages",
  "name_to_handle_at",
  "nfsservctl",
  "open_by_handle_at",
  "open_tree",
  "open_tree_attr",
  "pciconfig_iobase",
  "pciconfig_read",
  "pciconfig_write",
  "perf_event_open",
  "pidfd_getfd",
  "pivot_root",
  "query_module",
  "quotactl",
  "quotactl_fd",
  "reboot",
  "request_key",
  "setdomainname",
  "sethostname",
  "setns",
  "settimeofday",
  "stime",
  "swapoff",
  "swapon",
  "_sysctl",
  "sysfs",
  "syslog",
  "umount",
  "umount2",
  "unshare",
  "uselib",
  "userfaultfd",
  "ustat",
  "vhangup",
  "vm86",
  "vm86old",
};
static const uint64_t new_namespaces[] = {
  NEW_MOUNT, NEW_CGROUP, NEW_UTS, NEW_IPC, NEW_USER, NEW_PID, NEW_NET
};
static const uint64_t terminal_injection[] = { TERMINAL_INPUT, CONSOLE_PASTE };
static const char *const architectures[] = {
#if defined __x86_64__
  "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
#elif defined __aarch64__
  "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM",
#endif
  NULL
};

#define ROWS(table) (sizeof(table) / sizeof *(table))

static void add_name(struct arena *arena, struct strings *strings, const char *s)
{
  char **item = vec_push(arena, strings);
  *item = (char *)(uintptr_t)s;
}

static struct seccomp_rule *add_rule(struct arena *arena, struct seccomp *profile, unsigned error)
{
  struct seccomp_rule *rule = vec_push(arena, &profile->syscalls);
  rule->action = (struct opt_enum){ true, ACT_ERRNO };
  rule->errno_ret = (struct opt_u64){ true, error };
  return rule;
}

/* Refused if (argument & mask) == value. */
static void refuse_argument(struct arena *arena, struct seccomp *profile, const char *name, uint64_t index,
                            uint64_t mask, uint64_t value)
{
  struct seccomp_rule *rule = add_rule(arena, profile, EPERM);
  add_name(arena, &rule->names, name);
  struct seccomp_arg *arg = vec_push(arena, &rule->args);
  arg->index = (struct opt_u64){ true, index };
  arg->value = (struct opt_u64){ true, mask };
  arg->value_two = (struct opt_u64){ true, value };
  arg->op = (struct opt_enum){ true, OP_MASKED_EQ };
}

struct seccomp *sandbox_seccomp(struct arena *arena)
{
  struct seccomp *profile = arena_alloc(arena, sizeof *profile);
  profile->default_action = (struct opt_enum){ true, ACT_ALLOW };
  for (const char *const *name = architectures; *name; name++)
    add_name(arena, &profile->architectures, *name);
  struct seccomp_rule *rule = add_rule(arena, profile, EPERM);
  for (size_t i = 0; i < ROWS(refused); i++)
    add_name(arena, &rule->names, refused[i]);
  /* Its flags lie in memory, where a filter can't look; the C library falls back to clone for ENOSYS. */
  rule = add_rule(arena, profile, ENOSYS);
  add_name(arena, &rule->names, "clone3");
  for (size_t i = 0; i < ROWS(new_namespaces); i++)
    refuse_argument(arena, profile, "clone", 0, new_namespaces[i], new_namespaces[i]);
  for (size_t i = 0; i < ROWS(terminal_injection); i++)
    refuse_argument(arena, profile, "ioctl", 1, IOCTL_NUMBER, terminal_injection[i]);
  return profile;
}
