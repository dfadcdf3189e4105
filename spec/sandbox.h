/* SPDX-License-Identifier: Apache-2.0
 * The config of `hull sandbox`: the host's own root, read-only, with everything else closed unless it is
 * asked for. Pure: what the host looks like is told by the caller. */
#pragma once
#include "spec/spec.h"
#include <sys/types.h>

enum sandbox_access { SANDBOX_RO, SANDBOX_RW, SANDBOX_TMPFS, SANDBOX_OVERLAY };
/* One --ro, --rw or --tmpfs; paths are absolute and clean. SANDBOX_OVERLAY: can be written, and nothing of it
 * reaches the host. */
struct sandbox_path {
  enum sandbox_access access;
  /* On the host; NULL of a tmpfs, and of an overlay of what is there without being asked. */
  const char *source;
  const char *destination;
  bool unasked; /* what is there without an option */
};

struct sandbox_wishes {
  char *const *args;  /* NULL-terminated */
  struct strings env; /* "NAME=VALUE", all of it */
  const char *cwd;
  uint32_t uid, gid;         /* of the command, in the sandbox */
  bool user_namespace;       /* the caller is not root: */
  uint32_t own_uid, own_gid; /* his ids, the only ones that are mapped */
  bool terminal, host_network;
  struct strings private_places; /* directories of the host that get an empty tmpfs instead: /run, /tmp ... */
  VEC(struct sandbox_path) paths; /* in their order; a later one lies over an earlier */
  /* For overlays, which do not hold what is mounted below: it is mounted again, read-only. */
  struct strings host_mounts;
  const struct seccomp *seccomp; /* NULL: none */
  int64_t memory;                /* bytes; 0: no limit, as below */
  double cpus;
  int64_t pids; /* processes beside the sandbox's first one */
};

/* 'spec' is zeroed; it refers to the memory of 'wishes'. */
void sandbox_spec(struct arena *arena, const struct sandbox_wishes *wishes, struct spec *spec);
/* The built-in profile: what no build and no test needs, and what has been the way out of a sandbox before.
 */
struct seccomp *sandbox_seccomp(struct arena *arena);

/* True if the destination 'path' may be made: it lies in memory (a tmpfs, an overlay), not on the host. Else
 * *source is what it is of the host's files, owned by the arena. */
bool sandbox_may_make(struct arena *arena, const struct sandbox_wishes *wishes, size_t before,
                      const char *path, const char **source);
/* The index of an earlier path that says otherwise about the destination of paths.items[index], or that it
 * would hide; or -1. */
ssize_t sandbox_contradiction(const struct sandbox_wishes *wishes, size_t index);
