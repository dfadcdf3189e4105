/* SPDX-License-Identifier: Apache-2.0
 * `hull check`: what this host can do for this caller, a finding for each ability. */
#pragma once
#include "cgroups/cgroup.h"
#include "libcontainer/runtime/create.h"

enum finding_status { FINDING_OK, FINDING_LIMITED, FINDING_MISSING };
struct finding {
  const char *name;
  enum finding_status status;
  bool needed;        /* what was asked for can't do without */
  const char *what;   /* what there is, or why not */
  const char *remedy; /* what to do; NULL: nothing to be done */
  const char *origin; /* JSON pointer that wants it; NULL: none */
};

struct checker {
  struct arena *arena;
  struct hull *hull;
  struct facts facts;
  bool user; /* not root, or root of a user namespace */
  struct cgroup_layout layout;
  const char *own_cgroup;  /* NULL: none */
  const char *controllers; /* that the caller may hand on: " cpu memory " */
  const char *all_controllers;
  bool delegated;              /* the caller may make cgroups below, or beside, his own */
  const struct launch *launch; /* of the bundle; NULL: none */
  VEC(struct finding) findings;
};

void found(struct checker *c, struct finding *finding, enum finding_status status, const char *remedy,
           const char *format, ...) __attribute__((format(printf, 5, 6)));

/* check_host.c: one function for each row of the table in check.c. */
typedef void ability_probe(struct checker *c, struct finding *finding);
ability_probe check_kernel, check_namespaces, check_time_namespace, check_user_namespaces, check_id_ranges,
    check_id_helpers, check_mount_api, check_openat2, check_clone3, check_pidfd, check_idmapped_mounts,
    check_proc;
/* check_limits.c */
ability_probe check_cgroup2, check_delegation, check_cpu, check_cpuset, check_io, check_memory, check_pids,
    check_hugetlb, check_device_rules, check_memory_max, check_systemd, check_seccomp, check_seccomp_notify,
    check_apparmor, check_selinux, check_resctrl, check_keyrings;
/* check_bundle.c: makes the plan and adds a finding for each thing of it that would not work here. 'l' lives
 * as long as the checker. */
void check_bundle(struct checker *c, struct launch *l, const struct hull_create_options *options);

/* Runs all; text or JSON. Returns the number of needed things that are missing. */
size_t check_all(struct checker *c, const struct hull_create_options *options, bool json, struct text *out);
