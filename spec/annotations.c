/* SPDX-License-Identifier: Apache-2.0
 * The annotations that mean something to hull. */
#include "spec/annotations.h"
#include <string.h>

const char *const annotations_known[] = {
  "org.systemd.property.",
  ANNOTATION_HOOKS_STDERR,
  ANNOTATION_HOOKS_STDOUT,
  ANNOTATION_KEEP_GROUPS,
  ANNOTATION_MOUNT_CONTEXT,
  ANNOTATION_SUBGROUP,
  NULL,
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
