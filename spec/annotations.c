/* SPDX-License-Identifier: Apache-2.0
 * The annotations that mean something to hull. */
#include "spec/annotations.h"
#include <string.h>

const char *const annotations_known[] = {
  "org.systemd.property.",   ANNOTATION_HOOKS_STDERR,  ANNOTATION_HOOKS_STDOUT,
  ANNOTATION_KEEP_GROUPS,    ANNOTATION_MOUNT_CONTEXT, ANNOTATION_PIDFD_RECEIVER,
  ANNOTATION_STRICT_SECCOMP, ANNOTATION_SUBGROUP,      NULL,
};

const struct annotation_refused annotations_refused[] = {
  { "run.oci.handler",
    "hull has no handlers: it runs process.args itself, in no virtual machine or WebAssembly engine" },
  { "run.oci.seccomp.plugins",
    "hull loads no plugins: an agent at linux.seccomp.listenerPath answers notifications" },
  { "run.oci.seccomp_bpf_data", "hull takes no ready-made filter: write the rules as linux.seccomp" },
  { NULL, NULL },
};

const char *annotation_value(const string_map *annotations, const char *key)
{
  const struct string_pair *pair;
  const char *value = NULL;
  vec_each (annotations, pair)
    if (strcmp(pair->key, key) == 0)
      value = pair->value;
  return value;
}
