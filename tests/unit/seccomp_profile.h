/* SPDX-License-Identifier: Apache-2.0
 * What the tests of seccomp/ share: podman's default profile (of its engine, as it stands in a config.json
 * for an x86_64 host), a way to write profiles down, and an interpreter of classic BPF. */
#pragma once
#include "libcontainer/base/arena.h"
#include "seccomp/seccomp.h"
#include "spec/spec.h"
#include "tests/unit/unit.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

struct arg_row {
  unsigned index;
  enum seccomp_operator op;
  uint64_t value, value_two;
};
struct rule_row {
  enum seccomp_action action;
  int errno_ret; /* -1: absent */
  unsigned arg_count;
  struct arg_row args[6];
  const char *names; /* separated by spaces; NULL ends the table */
};
struct profile_row {
  enum seccomp_action action;
  int errno_ret;
  const char *archs, *flags; /* separated by spaces */
  const struct rule_row *rules;
};

/* clang-format off */
static UNIT_UNUSED const struct rule_row podman_rules[] = {
  { ACT_ERRNO, 1, 0, { { 0 } },
    "bdflush io_pgetevents kexec_file_load kexec_load migrate_pages move_pages nfsservctl nice "
    "oldfstat oldlstat oldolduname oldstat olduname pciconfig_iobase pciconfig_read pciconfig_write "
    "sgetmask ssetmask swapcontext swapoff swapon sysfs uselib userfaultfd ustat vm86 vm86old "
    "vmsplice" },
  { ACT_ALLOW, -1, 0, { { 0 } },
    "_llseek _newselect accept accept4 access adjtimex alarm bind brk capget capset chdir chmod chown "
    "chown32 clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime "
    "clock_gettime64 clock_nanosleep clock_nanosleep_time64 clone clone3 close close_range connect "
    "copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old "
    "epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit "
    "exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod "
    "fchmodat fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork "
    "fremovexattr fsconfig fsetxattr fsmount fsopen fspick fstat fstat64 fstatat64 fstatfs fstatfs64 "
    "fsync ftruncate ftruncate64 futex futex_time64 futimesat get_mempolicy get_robust_list "
    "get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid "
    "getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority "
    "getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid getsockname "
    "getsockopt gettid gettimeofday getuid getuid32 getxattr inotify_add_watch inotify_init "
    "inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_setup io_submit ioctl "
    "ioprio_get ioprio_set ipc keyctl kill landlock_add_rule landlock_create_ruleset "
    "landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listxattr llistxattr "
    "lremovexattr lseek lsetxattr lstat lstat64 madvise mbind membarrier memfd_create memfd_secret "
    "mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mount mount_setattr "
    "move_mount mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 "
    "mq_timedsend mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock "
    "munlockall munmap name_to_handle_at nanosleep newfstatat open open_tree openat openat2 pause "
    "pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pivot_root pkey_alloc pkey_free "
    "pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease "
    "process_vm_readv process_vm_writev pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 "
    "read readahead readdir readlink readlinkat readv reboot recv recvfrom recvmmsg recvmmsg_time64 "
    "recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir rseq "
    "rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend "
    "rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max "
    "sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler "
    "sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr "
    "sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop "
    "semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto set_mempolicy set_robust_list "
    "set_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 "
    "setgroups setgroups32 setitimer setns setpgid setpriority setregid setregid32 setresgid "
    "setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setsockopt setuid "
    "setuid32 setxattr shmat shmctl shmdt shmget shutdown sigaction sigaltstack signal signalfd "
    "signalfd4 sigpending sigprocmask sigreturn sigsuspend socketcall socketpair splice stat stat64 "
    "statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs syscall sysinfo syslog tee "
    "tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 "
    "timer_settime timer_settime64 timerfd timerfd_create timerfd_gettime timerfd_gettime64 "
    "timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask umount "
    "umount2 uname unlink unlinkat unshare utime utimensat utimensat_time64 utimes vfork wait4 waitid "
    "waitpid write writev" },
  { ACT_ALLOW, -1, 1, { { 0, OP_EQ, 0u, 0u } },
    "personality" },
  { ACT_ALLOW, -1, 1, { { 0, OP_EQ, 8u, 0u } },
    "personality" },
  { ACT_ALLOW, -1, 1, { { 0, OP_EQ, 131072u, 0u } },
    "personality" },
  { ACT_ALLOW, -1, 1, { { 0, OP_EQ, 131080u, 0u } },
    "personality" },
  { ACT_ALLOW, -1, 1, { { 0, OP_EQ, 4294967295u, 0u } },
    "personality" },
  { ACT_ALLOW, -1, 0, { { 0 } },
    "arch_prctl" },
  { ACT_ALLOW, -1, 0, { { 0 } },
    "modify_ldt" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "open_by_handle_at" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "bpf fanotify_init lookup_dcookie perf_event_open quotactl setdomainname sethostname setns" },
  { ACT_ALLOW, -1, 0, { { 0 } },
    "chroot" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "delete_module finit_module init_module query_module" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "acct" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "kcmp process_madvise" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "ioperm iopl" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "clock_settime clock_settime64 settimeofday stime" },
  { ACT_ERRNO, 1, 0, { { 0 } },
    "vhangup" },
  { ACT_ERRNO, 22, 2, { { 0, OP_EQ, 16u, 0u }, { 2, OP_EQ, 9u, 0u } },
    "socket" },
  { ACT_ALLOW, -1, 1, { { 2, OP_NE, 9u, 0u } },
    "socket" },
  { ACT_ALLOW, -1, 1, { { 0, OP_NE, 16u, 0u } },
    "socket" },
  { ACT_ALLOW, -1, 1, { { 2, OP_NE, 9u, 0u } },
    "socket" },
  { .names = NULL },
};
/* clang-format on */
static UNIT_UNUSED const struct profile_row podman_profile = { ACT_ERRNO, 38,
                                                               "SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32",
                                                               "", podman_rules };

static UNIT_UNUSED void words_into(struct arena *arena, const char *words, struct strings *out)
{
  char *rest = arena_strdup(arena, words == NULL ? "" : words);
  for (char *word; (word = strsep(&rest, " ")) != NULL;)
    if (*word != '\0')
      *(char **)vec_push(arena, out) = word;
}

static UNIT_UNUSED struct opt_u64 optional_errno(int value)
{
  return (struct opt_u64){ .set = value >= 0, .value = value >= 0 ? (uint64_t)value : 0 };
}

static UNIT_UNUSED struct seccomp *make_profile(struct arena *arena, const struct profile_row *row)
{
  struct seccomp *p = arena_alloc(arena, sizeof *p);
  p->default_action = (struct opt_enum){ true, row->action };
  p->default_errno_ret = optional_errno(row->errno_ret);
  words_into(arena, row->archs, &p->architectures);
  words_into(arena, row->flags, &p->flags);
  for (const struct rule_row *r = row->rules; r != NULL && r->names != NULL; r++) {
    struct seccomp_rule *rule = vec_push(arena, &p->syscalls);
    rule->action = (struct opt_enum){ true, r->action };
    rule->errno_ret = optional_errno(r->errno_ret);
    words_into(arena, r->names, &rule->names);
    for (unsigned i = 0; i < r->arg_count; i++) {
      struct seccomp_arg *arg = vec_push(arena, &rule->args);
      arg->index = (struct opt_u64){ true, r->args[i].index };
      arg->op = (struct opt_enum){ true, r->args[i].op };
      arg->value = (struct opt_u64){ true, r->args[i].value };
      arg->value_two = (struct opt_u64){ true, r->args[i].value_two };
    }
  }
  return p;
}

static UNIT_UNUSED struct seccomp_program compile_row(struct arena *arena, const struct profile_row *row)
{
  struct seccomp_program program = { 0 };
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  if (CHECK(seccomp_compile(arena, make_profile(arena, row), &program, NULL, &err) == 0))
    return program;
  error_format(&err, text, sizeof text);
  printf("  %s\n", text);
  exit(unit_finish());
}

#define BPF_BROKEN 0xdeadbeefu /* no seccomp return value */

/* What the kernel does with the program. 'steps', if not NULL, gets the number of instructions. */
static UNIT_UNUSED uint32_t run_bpf(const struct sock_filter *filter, size_t length,
                                    const struct seccomp_data *data, unsigned *steps)
{
  uint32_t a = 0, word;
  unsigned n = 0;
  for (size_t pc = 0; pc < length; pc++, n++) {
    const struct sock_filter *in = &filter[pc];
    switch (in->code) {
    case BPF_LD | BPF_W | BPF_ABS:
      if (in->k > sizeof *data - 4 || in->k % 4 != 0)
        return BPF_BROKEN;
      memcpy(&word, (const char *)data + in->k, 4);
      a = word;
      break;
    case BPF_ALU | BPF_AND | BPF_K:
      a &= in->k;
      break;
    case BPF_JMP | BPF_JA:
      pc += in->k;
      break;
    case BPF_JMP | BPF_JEQ | BPF_K:
      pc += a == in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JGT | BPF_K:
      pc += a > in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JGE | BPF_K:
      pc += a >= in->k ? in->jt : in->jf;
      break;
    case BPF_JMP | BPF_JSET | BPF_K:
      pc += (a & in->k) != 0 ? in->jt : in->jf;
      break;
    case BPF_RET | BPF_K:
      if (steps != NULL)
        *steps = n + 1;
      return in->k;
    default:
      return BPF_BROKEN;
    }
  }
  return BPF_BROKEN;
}
