/* SPDX-License-Identifier: Apache-2.0
 * What the host can do, as far as the plan asks. Probed once, read-only, or decoded from JSON
 * (`hull plan --facts FILE`). Each field says how it is found. */
#pragma once
#include "libcontainer/base/arena.h"
#include "libcontainer/base/error.h"
#include "libcontainer/base/text.h"
#include "libcontainer/base/vec.h"
#include <stdbool.h>
#include <stdint.h>

struct id_range {
  uint64_t start, count;
};
typedef VEC(struct id_range) id_ranges;

struct facts {
  uint32_t euid, egid;    /* geteuid(2), getegid(2) */
  bool in_user_namespace; /* /proc/self/uid_map is not the identity over all ids; only read if euid is 0 */
  bool foreign_mounts;    /* our mount namespace is another user namespace's, ioctl_ns(2); only read in one */
  bool setgroups_denied;  /* /proc/self/setgroups; only read in a user namespace */
  uint64_t capabilities;  /* effective set, capget(2) */
  unsigned kernel_major, kernel_minor; /* uname(2) */
  bool cgroup2;                        /* statfs(2): CGROUP2_SUPER_MAGIC */
  const char *cgroup_mount; /* "/sys/fs/cgroup", or "/sys/fs/cgroup/unified" on a hybrid host, NULL if none */
  const char *own_cgroup;   /* the "0::" line of /proc/self/cgroup; only if the path needs it */
  const char *controllers;  /* cgroup.controllers of the mount's root; only if a limit needs it */
  /* Only if euid is not 0: who may map which ids to the container's (subids.h). */
  const char *newuidmap, *newgidmap; /* where these programs are in PATH; NULL: nowhere */
  id_ranges subuids, subgids;        /* /etc/subuid, /etc/subgid; only if the config has no user namespace */
  uint64_t cap_last; /* highest capability the kernel knows, /proc/sys/kernel/cap_last_cap or prctl probing */
};

struct request;
struct spec;
/* Reads what a plan of this spec and request will ask for. */
int facts_probe(struct arena *arena, const struct request *request, const struct spec *spec,
                struct facts *facts, struct error *err);
/* The same for `exec`: ids, capabilities, kernel. */
int facts_probe_process(struct arena *arena, struct facts *facts, struct error *err);
int facts_from_json(struct arena *arena, const char *bytes, size_t length, struct facts *facts,
                    struct error *err);
void facts_to_json(const struct facts *facts, struct text *out);
/* Error unless the kernel is Linux 5.14 or newer. */
int facts_check_kernel(const struct facts *facts, struct error *err);
