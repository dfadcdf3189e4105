/* SPDX-License-Identifier: Apache-2.0
 * Installs the filter that the runtime compiled. */
#include "libcontainer/init/steps.h"

int load_seccomp(struct init_context *init, struct error *err)
{
  if (seccomp_install(init->filter, err) < 0)
    return error_at(err, "/linux/seccomp");
  return 0;
}
