/* SPDX-License-Identifier: Apache-2.0
 * Name tables of runtime-spec enumerations. */
#pragma once
#include "libcontainer/base/names.h"

extern const struct name namespace_names[];        /* -> enum namespace_type */
extern const struct name rlimit_names[];           /* "RLIMIT_…" -> RLIMIT_* */
extern const struct name capability_names[];       /* "CAP_…" -> bit number */
extern const struct name signal_names[];           /* "TERM" -> number, without SIG */
extern const struct name propagation_names[];      /* rootfsPropagation -> MS_* */
extern const struct name seccomp_action_names[];   /* "SCMP_ACT_…" -> enum seccomp_action */
extern const struct name seccomp_operator_names[]; /* "SCMP_CMP_…" -> enum seccomp_operator */
extern const struct name seccomp_arch_names[];     /* "SCMP_ARCH_…" -> index, see seccomp/names.c */
extern const struct name seccomp_flag_names[];     /* "SECCOMP_FILTER_FLAG_…" -> kernel flag */
extern const struct name scheduler_policy_names[];
extern const struct name scheduler_flag_names[]; /* SCHED_FLAG_* */
extern const struct name io_priority_class_names[];
extern const struct name memory_policy_names[];
extern const struct name memory_policy_flag_names[]; /* MPOL_F_* */
extern const struct name personality_names[];

/* A signal by number, name or SIGname in any case, SIGRTMIN+n too; -1 if unknown. */
int signal_by_name(const char *name);
