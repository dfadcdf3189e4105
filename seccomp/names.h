/* SPDX-License-Identifier: Apache-2.0
 * Names of a profile as numbers of the kernel and of libseccomp. Private to seccomp/. */
#pragma once
#include "libcontainer/base/error.h"
#include "spec/spec.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define X32_BIT 0x40000000u /* of a system call number; the only thing that tells x32 from x86_64 */

struct arch {
  const char *name;
  uint32_t token; /* SCMP_ARCH_*; 0: this libseccomp does not know it */
  uint32_t audit; /* AUDIT_ARCH_*, as seccomp_data.arch has it */
};
/* NULL if runtime-spec has no such name. */
const struct arch *arch_by_name(const char *name);
const struct arch *arch_by_token(uint32_t token);

/* The architecture of a system call as the kernel reports it; NULL if it is none of ours. */
const struct arch *arch_of_call(uint32_t audit, int nr);
const struct arch *arch_native(void);
/* Name of a system call: its length, 0 if libseccomp knows none. And the other way round, -1 if there is none
 * of that name (also if it is one that only libseccomp tells apart, as parts of socketcall(2)). */
size_t syscall_name(const struct arch *arch, int nr, char *buffer, size_t size);
int syscall_number(const struct arch *arch, const char *name);

/* The kernel's return value for an action (libseccomp's SCMP_ACT_* are the same words). An errno for an
 * action that cannot have one is an error. */
int action_word(enum seccomp_action action, const struct opt_u64 *errno_ret, uint32_t *word,
                struct error *err);

#define FLAG_NEEDS_LISTENER (1U << 5) /* WAIT_KILLABLE_RECV, Linux 5.19 */
/* Flag bit of seccomp(2), 0 for a name that is accepted without effect. False if the name is unknown. */
bool flag_by_name(const char *name, unsigned *flag);
