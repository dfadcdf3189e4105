/* SPDX-License-Identifier: Apache-2.0
 * Name tables of runtime-spec enumerations. The names are those of the JSON schema, the values those of the
 * kernel where it has one. */
#include "spec/names.h"
#include "libcontainer/base/numbers.h"
#include "spec/spec.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/resource.h>

const struct name namespace_names[] = {
  { "mount", NS_MOUNT },   { "pid", NS_PID },   { "network", NS_NETWORK },
  { "uts", NS_UTS },       { "ipc", NS_IPC },   { "user", NS_USER },
  { "cgroup", NS_CGROUP }, { "time", NS_TIME }, { NULL, 0 },
};

const struct name rlimit_names[] = {
  { "RLIMIT_AS", RLIMIT_AS },
  { "RLIMIT_CORE", RLIMIT_CORE },
  { "RLIMIT_CPU", RLIMIT_CPU },
  { "RLIMIT_DATA", RLIMIT_DATA },
  { "RLIMIT_FSIZE", RLIMIT_FSIZE },
  { "RLIMIT_LOCKS", RLIMIT_LOCKS },
  { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
  { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
  { "RLIMIT_NICE", RLIMIT_NICE },
  { "RLIMIT_NOFILE", RLIMIT_NOFILE },
  { "RLIMIT_NPROC", RLIMIT_NPROC },
  { "RLIMIT_RSS", RLIMIT_RSS },
  { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
  { "RLIMIT_RTTIME", RLIMIT_RTTIME },
  { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
  { "RLIMIT_STACK", RLIMIT_STACK },
  { NULL, 0 },
};

/* Numbers, not CAP_ constants: the kernel headers of the build may be older than this list. */
const struct name capability_names[] = {
  { "CAP_CHOWN", 0 },
  { "CAP_DAC_OVERRIDE", 1 },
  { "CAP_DAC_READ_SEARCH", 2 },
  { "CAP_FOWNER", 3 },
  { "CAP_FSETID", 4 },
  { "CAP_KILL", 5 },
  { "CAP_SETGID", 6 },
  { "CAP_SETUID", 7 },
  { "CAP_SETPCAP", 8 },
  { "CAP_LINUX_IMMUTABLE", 9 },
  { "CAP_NET_BIND_SERVICE", 10 },
  { "CAP_NET_BROADCAST", 11 },
  { "CAP_NET_ADMIN", 12 },
  { "CAP_NET_RAW", 13 },
  { "CAP_IPC_LOCK", 14 },
  { "CAP_IPC_OWNER", 15 },
  { "CAP_SYS_MODULE", 16 },
  { "CAP_SYS_RAWIO", 17 },
  { "CAP_SYS_CHROOT", 18 },
  { "CAP_SYS_PTRACE", 19 },
  { "CAP_SYS_PACCT", 20 },
  { "CAP_SYS_ADMIN", 21 },
  { "CAP_SYS_BOOT", 22 },
  { "CAP_SYS_NICE", 23 },
  { "CAP_SYS_RESOURCE", 24 },
  { "CAP_SYS_TIME", 25 },
  { "CAP_SYS_TTY_CONFIG", 26 },
  { "CAP_MKNOD", 27 },
  { "CAP_LEASE", 28 },
  { "CAP_AUDIT_WRITE", 29 },
  { "CAP_AUDIT_CONTROL", 30 },
  { "CAP_SETFCAP", 31 },
  { "CAP_MAC_OVERRIDE", 32 },
  { "CAP_MAC_ADMIN", 33 },
  { "CAP_SYSLOG", 34 },
  { "CAP_WAKE_ALARM", 35 },
  { "CAP_BLOCK_SUSPEND", 36 },
  { "CAP_AUDIT_READ", 37 },
  { "CAP_PERFMON", 38 },
  { "CAP_BPF", 39 },
  { "CAP_CHECKPOINT_RESTORE", 40 },
  { NULL, 0 },
};

/* The first name of a number is the one to print. */
const struct name signal_names[] = {
  { "HUP", SIGHUP },   { "INT", SIGINT },       { "QUIT", SIGQUIT }, { "ILL", SIGILL },
  { "TRAP", SIGTRAP }, { "ABRT", SIGABRT },     { "BUS", SIGBUS },   { "FPE", SIGFPE },
  { "KILL", SIGKILL }, { "USR1", SIGUSR1 },     { "SEGV", SIGSEGV }, { "USR2", SIGUSR2 },
  { "PIPE", SIGPIPE }, { "ALRM", SIGALRM },     { "TERM", SIGTERM }, { "STKFLT", SIGSTKFLT },
  { "CHLD", SIGCHLD }, { "CONT", SIGCONT },     { "STOP", SIGSTOP }, { "TSTP", SIGTSTP },
  { "TTIN", SIGTTIN }, { "TTOU", SIGTTOU },     { "URG", SIGURG },   { "XCPU", SIGXCPU },
  { "XFSZ", SIGXFSZ }, { "VTALRM", SIGVTALRM }, { "PROF", SIGPROF }, { "WINCH", SIGWINCH },
  { "IO", SIGIO },     { "PWR", SIGPWR },       { "SYS", SIGSYS },   { "IOT", SIGABRT },
  { "CLD", SIGCHLD },  { "POLL", SIGIO },       { NULL, 0 },
};

/* The schema has the plain four; docker and containerd write the recursive ones. */
const struct name propagation_names[] = {
  { "private", MS_PRIVATE },
  { "shared", MS_SHARED },
  { "slave", MS_SLAVE },
  { "unbindable", MS_UNBINDABLE },
  { "rprivate", MS_REC | MS_PRIVATE },
  { "rshared", MS_REC | MS_SHARED },
  { "rslave", MS_REC | MS_SLAVE },
  { "runbindable", MS_REC | MS_UNBINDABLE },
  { NULL, 0 },
};

const struct name seccomp_action_names[] = {
  { "SCMP_ACT_KILL", ACT_KILL },
  { "SCMP_ACT_KILL_PROCESS", ACT_KILL_PROCESS },
  { "SCMP_ACT_KILL_THREAD", ACT_KILL_THREAD },
  { "SCMP_ACT_TRAP", ACT_TRAP },
  { "SCMP_ACT_ERRNO", ACT_ERRNO },
  { "SCMP_ACT_TRACE", ACT_TRACE },
  { "SCMP_ACT_ALLOW", ACT_ALLOW },
  { "SCMP_ACT_LOG", ACT_LOG },
  { "SCMP_ACT_NOTIFY", ACT_NOTIFY },
  { NULL, 0 },
};

const struct name seccomp_operator_names[] = {
  { "SCMP_CMP_NE", OP_NE },
  { "SCMP_CMP_LT", OP_LT },
  { "SCMP_CMP_LE", OP_LE },
  { "SCMP_CMP_EQ", OP_EQ },
  { "SCMP_CMP_GE", OP_GE },
  { "SCMP_CMP_GT", OP_GT },
  { "SCMP_CMP_MASKED_EQ", OP_MASKED_EQ },
  { NULL, 0 },
};

/* The value is the row's own index. */
const struct name seccomp_arch_names[] = {
  { "SCMP_ARCH_X86", 0 },          { "SCMP_ARCH_X86_64", 1 },   { "SCMP_ARCH_X32", 2 },
  { "SCMP_ARCH_ARM", 3 },          { "SCMP_ARCH_AARCH64", 4 },  { "SCMP_ARCH_LOONGARCH64", 5 },
  { "SCMP_ARCH_M68K", 6 },         { "SCMP_ARCH_MIPS", 7 },     { "SCMP_ARCH_MIPS64", 8 },
  { "SCMP_ARCH_MIPS64N32", 9 },    { "SCMP_ARCH_MIPSEL", 10 },  { "SCMP_ARCH_MIPSEL64", 11 },
  { "SCMP_ARCH_MIPSEL64N32", 12 }, { "SCMP_ARCH_PPC", 13 },     { "SCMP_ARCH_PPC64", 14 },
  { "SCMP_ARCH_PPC64LE", 15 },     { "SCMP_ARCH_S390", 16 },    { "SCMP_ARCH_S390X", 17 },
  { "SCMP_ARCH_SH", 18 },          { "SCMP_ARCH_SHEB", 19 },    { "SCMP_ARCH_PARISC", 20 },
  { "SCMP_ARCH_PARISC64", 21 },    { "SCMP_ARCH_RISCV64", 22 }, { NULL, 0 },
};

/* linux/seccomp.h; the last is of Linux 5.19. */
const struct name seccomp_flag_names[] = {
  { "SECCOMP_FILTER_FLAG_TSYNC", 1 << 0 },
  { "SECCOMP_FILTER_FLAG_LOG", 1 << 1 },
  { "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 1 << 2 },
  { "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1 << 5 },
  { NULL, 0 },
};

/* sched(7); SCHED_ISO is reserved and never was implemented. */
const struct name scheduler_policy_names[] = {
  { "SCHED_OTHER", 0 }, { "SCHED_FIFO", 1 }, { "SCHED_RR", 2 },       { "SCHED_BATCH", 3 },
  { "SCHED_ISO", 4 },   { "SCHED_IDLE", 5 }, { "SCHED_DEADLINE", 6 }, { NULL, 0 },
};

/* linux/sched.h */
const struct name scheduler_flag_names[] = {
  { "SCHED_FLAG_RESET_ON_FORK", 0x01 },  { "SCHED_FLAG_RECLAIM", 0x02 },
  { "SCHED_FLAG_DL_OVERRUN", 0x04 },     { "SCHED_FLAG_KEEP_POLICY", 0x08 },
  { "SCHED_FLAG_KEEP_PARAMS", 0x10 },    { "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20 },
  { "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40 }, { NULL, 0 },
};

/* linux/ioprio.h */
const struct name io_priority_class_names[] = {
  { "IOPRIO_CLASS_RT", 1 },
  { "IOPRIO_CLASS_BE", 2 },
  { "IOPRIO_CLASS_IDLE", 3 },
  { NULL, 0 },
};

/* linux/mempolicy.h */
const struct name memory_policy_names[] = {
  { "MPOL_DEFAULT", 0 },
  { "MPOL_PREFERRED", 1 },
  { "MPOL_BIND", 2 },
  { "MPOL_INTERLEAVE", 3 },
  { "MPOL_LOCAL", 4 },
  { "MPOL_PREFERRED_MANY", 5 },
  { "MPOL_WEIGHTED_INTERLEAVE", 6 },
  { NULL, 0 },
};

/* linux/mempolicy.h */
const struct name memory_policy_flag_names[] = {
  { "MPOL_F_STATIC_NODES", 1 << 15 },
  { "MPOL_F_RELATIVE_NODES", 1 << 14 },
  { "MPOL_F_NUMA_BALANCING", 1 << 13 },
  { NULL, 0 },
};

/* personality(2): PER_LINUX, PER_LINUX32 */
const struct name personality_names[] = {
  { "LINUX", 0 },
  { "LINUX32", 8 },
  { NULL, 0 },
};

/* "RTMIN", "RTMIN+n", "RTMAX", "RTMAX-n" in any case. */
static int realtime_signal(const char *name)
{
  bool up = strncasecmp(name, "RTMIN", 5) == 0;
  if (!up && strncasecmp(name, "RTMAX", 5) != 0)
    return -1;
  const char *rest = name + 5;
  uint64_t distance = 0;
  if (*rest != '\0' && (*rest != (up ? '+' : '-') || parse_u64(rest + 1, 64, &distance) < 0))
    return -1;
  /* The C library's range, as kill -l prints it: the kernel's first two are taken by the library. */
  int number = up ? SIGRTMIN + (int)distance : SIGRTMAX - (int)distance;
  return number >= SIGRTMIN && number <= SIGRTMAX ? number : -1;
}

int signal_by_name(const char *name)
{
  uint64_t number = 0;
  if (parse_u64(name, NSIG - 1, &number) == 0)
    return (int)number;
  if (strncasecmp(name, "SIG", 3) == 0)
    name += 3;
  const struct name *row = names_find_any_case(signal_names, name);
  return row ? (int)row->value : realtime_signal(name);
}
