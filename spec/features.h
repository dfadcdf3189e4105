/* SPDX-License-Identifier: Apache-2.0
 * The features document (features.md, features-linux.md), filled from the tables. */
#pragma once
#include "libcontainer/base/text.h"

/* What only upper layers know; arrays end with NULL. */
struct features_facts {
  bool systemd; /* the systemd cgroup driver is built in */
  const char *const *mount_options;
  const char *version, *commit, *libseccomp_version;
  const char *const *seccomp_archs, *const *seccomp_flags_known, *const *seccomp_flags_supported;
};
void features_document(const struct features_facts *facts, struct text *out);
