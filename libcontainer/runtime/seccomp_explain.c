/* SPDX-License-Identifier: Apache-2.0
 * `hull seccomp explain`: reads a bundle's config and asks seccomp/ about one system call of its profile. */
#include "libcontainer/base/text.h"
#include "libcontainer/runtime/prepare.h"
#include <string.h>

int seccomp_explain_bundle(struct hull *hull, const struct hull_create_options *options, char *const *args,
                           bool json, struct text *out, struct error *err)
{
  struct launch l;
  size_t count = 0;
  launch_init(&l, hull, "hull-seccomp");
  if (read_config(&l, options->bundle != NULL ? options->bundle : ".", options->config, err) < 0)
    return -1;
  const struct seccomp *profile = l.spec.linux_ != NULL ? l.spec.linux_->seccomp : NULL;
  if (profile == NULL) {
    error_set(err, ERROR_CONFIG, 0, "the config has no seccomp filter: every system call is allowed");
    return error_at(err, "/linux/seccomp");
  }
  while (args[count] != NULL)
    count++;
  if (count == 0)
    return error_set(err, ERROR_USAGE, 0, "no system call given");
  return seccomp_explain(l.arena, profile, args[0], args + 1, count - 1, json, out, err);
}
