/* SPDX-License-Identifier: Apache-2.0
 * Seccomp: a profile becomes a BPF program in the parent (libseccomp, cached), which init installs with one
 * system call. runtime-spec config-linux.md, "Seccomp". */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seccomp;
struct sock_filter;
struct text;

struct seccomp_program {
  struct sock_filter *filter; /* owned by the arena it was made in */
  size_t length;              /* instructions, 1..BPF_MAXINSNS */
  uint64_t flags;             /* of seccomp(2), with NEW_LISTENER if 'notify' */
  bool notify;                /* has a rule with SCMP_ACT_NOTIFY: seccomp_install() yields a listener */
};

/* Compiles with libseccomp (milliseconds). 'unknown', if not NULL, gets the system call names that this
 * libseccomp does not know, which are skipped as runtime-spec engines expect. Errors name the JSON
 * pointer. */
int seccomp_compile(struct arena *arena, const struct seccomp *profile, struct seccomp_program *out,
                    struct strings *unknown, struct error *err);

/* The same out of the cache, compiling only if it is not there; then it is added. 'cache_dirfd' -1: no cache.
 * 'hit' may be NULL. What is wrong with the cache is logged at debug level, never an error. */
int seccomp_obtain(struct arena *arena, int cache_dirfd, const struct seccomp *profile,
                   struct seccomp_program *out, bool *hit, struct error *err);
/* For whoever wants no name skipped: an error with the pointer of the first one that this libseccomp does not
 * know. */
int seccomp_names_known(const struct seccomp *profile, struct error *err);
/* Opens (and makes) '.cache/seccomp' below the state root, 0700 and ours; -1 if it cannot be had. */
int seccomp_cache_open(int root_dirfd);

/* The container's own copy in its state directory, so that exec never compiles. Written as '.NAME.tmp' first,
 * which is all that a runtime killed in between leaves; one writer at a time. Reading verifies type, owner,
 * mode and checksum; a damaged file is an error, because running without the filter is no way out. */
int seccomp_program_write(int dirfd, const char *name, const struct seccomp_program *program,
                          struct error *err);
int seccomp_program_read(struct arena *arena, int dirfd, const char *name, struct seccomp_program *out,
                         struct error *err);

/* Installs the program for this thread (libseccomp has the name seccomp_load): no allocation, one system
 * call. Needs no_new_privs or CAP_SYS_ADMIN in the user namespace. Returns the listener (close-on-exec) if
 * 'notify', else 0; -1 on error. */
int seccomp_install(const struct seccomp_program *program, struct error *err);

/* --- explain.c: what a profile does with one system call, and why ---------------------------------- */

enum seccomp_cause {
  SECCOMP_BY_RULE,    /* 'rule' names it */
  SECCOMP_BY_DEFAULT, /* no rule that fits */
  SECCOMP_BY_AGE,     /* ENOSYS: newer than all that the profile names */
  SECCOMP_BY_ARCH     /* of an architecture that the profile does not list */
};
struct seccomp_verdict {
  uint32_t arch; /* AUDIT_ARCH_* */
  int number;
  uint64_t args[6];
  uint32_t word; /* of the filter: SECCOMP_RET_* and data */
  enum seccomp_cause cause;
  size_t rule; /* index into linux.seccomp.syscalls */
  int action;  /* enum seccomp_action; -1: none in the profile */
};
/* Runs the program in user space and finds the rule for what it says. 'arch', 'number' and 'args' are given.
 */
void seccomp_judge(const struct seccomp *profile, const struct seccomp_program *program,
                   struct seccomp_verdict *verdict);
/* Name of the system call, or its number. */
void seccomp_call_name(uint32_t arch, int number, char *buffer, size_t size);
/* "SCMP_ARCH_X86_64"; "?" if unknown. */
const char *seccomp_call_arch(uint32_t arch, int number);
/* "/linux/seccomp/syscalls/3": where the config says so. */
void seccomp_verdict_pointer(const struct seccomp_verdict *verdict, char *buffer, size_t size);
/* The same in words, as the end of a sentence. */
const char *seccomp_cause_text(enum seccomp_cause cause);
/* "EPERM", "killed", "allowed" ...: what the caller of the system call gets to see. */
const char *seccomp_effect(uint32_t word);
/* Text (or JSON, with 'json') for 'call', a name or a number, on every architecture of the profile. 'args':
 * decimal or 0x…; with none, the rules that look at arguments are listed. */
int seccomp_explain(struct arena *arena, const struct seccomp *profile, const char *call, char *const *args,
                    size_t arg_count, bool json, struct text *out, struct error *err);

/* A program that asks a listener where 'plain' returns an errno or kills; everything else is as before. The
 * listener's own way out is the one sendmsg(2) whose three surplus arguments are 'token': nobody can guess
 * them, and its socket is closed on execve(2). */
#define SECCOMP_TOKEN_WORDS 3
int seccomp_program_report(struct arena *arena, const struct seccomp_program *plain,
                           const uint64_t token[SECCOMP_TOKEN_WORDS], struct seccomp_program *out,
                           struct error *err);

/* For `features`; end with NULL. 'supported' needs SECCOMP_FLAGS_MAX entries and asks the running kernel. */
#define SECCOMP_FLAGS_MAX 8
extern const char *const seccomp_archs[];
extern const char *const seccomp_flags_known[];
void seccomp_flags_supported(const char **supported);
/* "2.5.4": of the libseccomp that is linked. */
const char *seccomp_library_version(struct arena *arena);
