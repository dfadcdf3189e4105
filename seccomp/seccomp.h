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

/* For `features`; end with NULL. 'supported' needs SECCOMP_FLAGS_MAX entries and asks the running kernel. */
#define SECCOMP_FLAGS_MAX 8
extern const char *const seccomp_archs[];
extern const char *const seccomp_flags_known[];
void seccomp_flags_supported(const char **supported);
/* "2.5.4": of the libseccomp that is linked. */
const char *seccomp_library_version(struct arena *arena);
