/* SPDX-License-Identifier: Apache-2.0
 * The annotations of config.json that change what hull does; all others only go into the state. */
#pragma once
#include "spec/spec.h"

/* Of crun. */
#define ANNOTATION_HOOKS_STDERR "run.oci.hooks.stderr"
#define ANNOTATION_HOOKS_STDOUT "run.oci.hooks.stdout"
#define ANNOTATION_KEEP_GROUPS "run.oci.keep_original_groups"
#define ANNOTATION_MOUNT_CONTEXT "run.oci.mount_context_type"
#define ANNOTATION_PIDFD_RECEIVER "run.oci.pidfd_receiver"
#define ANNOTATION_STRICT_SECCOMP "run.oci.seccomp_fail_unknown_syscall"
#define ANNOTATION_SUBGROUP "run.oci.systemd.subgroup"

/* All of them, for features (potentiallyUnsafeConfigAnnotations); a prefix ends in '.'. NULL at the end. */
extern const char *const annotations_known[];
/* Those that ask another runtime for a wall that hull does not build: without it the container would be less
 * confined than its author believes, so they are errors. Ends with a key of NULL. */
struct annotation_refused {
  const char *key, *why;
};
extern const struct annotation_refused annotations_refused[];
/* The value, the last one if there are several; NULL: not there. */
const char *annotation_value(const string_map *annotations, const char *key);
