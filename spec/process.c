/* SPDX-License-Identifier: Apache-2.0
 * config.md, "Process". */
#include "spec/types.h"
#include "spec/names.h"
#include "spec/spec.h"

/* 4294967295 is (uid_t) -1, which system calls take as "no change". */
#define ID_MAX (UINT32_MAX - 1)

static const struct field console_size_fields[] = {
  ROW("height", U64, console_size, height, .flags = FIELD_REQUIRED),
  ROW("width", U64, console_size, width, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type console_size_type = { "console size", sizeof(struct console_size),
                                               console_size_fields };

static const struct field user_fields[] = {
  ROW("uid", U64, user, uid, .umax = ID_MAX),
  ROW("gid", U64, user, gid, .umax = ID_MAX),
  ROW("umask", U64, user, umask, .umax = 0777),
  ROW("additionalGids", U64S, user, additional_gids, .umax = ID_MAX),
  /* Windows only. */
  { .key = "username", .kind = FIELD_IGNORED },
  { .key = NULL },
};
static const struct type user_type = { "user", sizeof(struct user), user_fields };

static const struct field capabilities_fields[] = {
  ROW("bounding", STRINGS, capabilities, bounding),   ROW("effective", STRINGS, capabilities, effective),
  ROW("permitted", STRINGS, capabilities, permitted), ROW("inheritable", STRINGS, capabilities, inheritable),
  ROW("ambient", STRINGS, capabilities, ambient),     { .key = NULL },
};
static const struct type capabilities_type = { "capabilities", sizeof(struct capabilities),
                                               capabilities_fields };

static const struct field rlimit_fields[] = {
  ROW("type", ENUM, posix_rlimit, type, .names = rlimit_names, .flags = FIELD_REQUIRED),
  ROW("soft", U64, posix_rlimit, soft, .flags = FIELD_REQUIRED),
  ROW("hard", U64, posix_rlimit, hard, .flags = FIELD_REQUIRED),
  { .key = NULL },
};
static const struct type rlimit_type = { "rlimit", sizeof(struct posix_rlimit), rlimit_fields };

static const struct field scheduler_fields[] = {
  ROW("policy", ENUM, scheduler, policy, .names = scheduler_policy_names, .flags = FIELD_REQUIRED),
  ROW("nice", I64, scheduler, nice, .min = INT32_MIN, .max = INT32_MAX),
  ROW("priority", I64, scheduler, priority, .min = INT32_MIN, .max = INT32_MAX),
  ROW("flags", STRINGS, scheduler, flags, .names = scheduler_flag_names),
  ROW("runtime", U64, scheduler, runtime),
  ROW("deadline", U64, scheduler, deadline),
  ROW("period", U64, scheduler, period),
  { .key = NULL },
};
static const struct type scheduler_type = { "scheduler", sizeof(struct scheduler), scheduler_fields };

static const struct field io_priority_fields[] = {
  ROW("class", ENUM, io_priority, class, .names = io_priority_class_names, .flags = FIELD_REQUIRED),
  ROW("priority", I64, io_priority, priority, .min = INT32_MIN, .max = INT32_MAX),
  { .key = NULL },
};
static const struct type io_priority_type = { "io priority", sizeof(struct io_priority), io_priority_fields };

static const struct field cpu_affinity_fields[] = {
  ROW("initial", STRING, cpu_affinity, initial),
  ROW("final", STRING, cpu_affinity, final),
  { .key = NULL },
};
static const struct type cpu_affinity_type = { "cpu affinity", sizeof(struct cpu_affinity),
                                               cpu_affinity_fields };

static const struct field process_fields[] = {
  ROW("terminal", BOOL, process, terminal),
  ROW("consoleSize", OBJECT, process, console_size, .type = &console_size_type),
  ROW("user", OBJECT, process, user, .type = &user_type),
  ROW("args", STRINGS, process, args),
  /* Windows only. */
  { .key = "commandLine", .kind = FIELD_IGNORED },
  ROW("env", STRINGS, process, env),
  ROW("cwd", STRING, process, cwd, .flags = FIELD_REQUIRED | FIELD_NOT_EMPTY),
  ROW("capabilities", OBJECT, process, capabilities, .type = &capabilities_type),
  ROW("rlimits", OBJECTS, process, rlimits, .type = &rlimit_type),
  ROW("noNewPrivileges", BOOL, process, no_new_privileges),
  ROW("apparmorProfile", STRING, process, apparmor_profile),
  /* proc_pid_oom_score_adj(5) */
  ROW("oomScoreAdj", I64, process, oom_score_adj, .min = -1000, .max = 1000),
  ROW("scheduler", OBJECT, process, scheduler, .type = &scheduler_type),
  ROW("selinuxLabel", STRING, process, selinux_label),
  ROW("ioPriority", OBJECT, process, io_priority, .type = &io_priority_type),
  ROW("execCPUAffinity", OBJECT, process, exec_cpu_affinity, .type = &cpu_affinity_type),
  { .key = NULL },
};
const struct type process_type = { "process", sizeof(struct process), process_fields };
