/* SPDX-License-Identifier: Apache-2.0
 * The state document of runtime-spec (runtime.md, "State"), as `state` prints it and hooks read it. */
#pragma once
#include "libcontainer/base/text.h"
#include "spec/spec.h"
#include <sys/types.h>

struct oci_state {
  const char *oci_version, *id, *status, *bundle, *rootfs, *created, *owner;
  pid_t pid; /* 0 when stopped */
  const string_map *annotations;
  bool oom_killed;
};
/* For hooks: ociVersion, id, status, pid, bundle, annotations; compact. */
void state_for_hooks(const struct oci_state *state, struct text *out);
/* For `state`: that and rootfs, created, owner, oomKilled if true; indented by two, no newline at the end. */
void state_for_people(const struct oci_state *state, struct text *out);
