/* SPDX-License-Identifier: Apache-2.0
 * Host and NIS domain name of the uts namespace. */
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

int set_hostname(struct init_context *init, struct error *err)
{
  const char *name = init->plan->hostname;
  if (sethostname(name, strlen(name)) < 0) {
    error_set(err, ERROR_KERNEL, errno, "cannot set the host name '%s'", name);
    return error_at(err, "/hostname");
  }
  return 0;
}

int set_domainname(struct init_context *init, struct error *err)
{
  const char *name = init->plan->domainname;
  if (setdomainname(name, strlen(name)) < 0) {
    error_set(err, ERROR_KERNEL, errno, "cannot set the domain name '%s'", name);
    return error_at(err, "/domainname");
  }
  return 0;
}
