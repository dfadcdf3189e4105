/* SPDX-License-Identifier: Apache-2.0
 * For crun in tests/clients/run: the limit of locked memory may stay as it is where it cannot be raised. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
  const int result = (int)syscall(SYS_prlimit64, 0, resource, limit, NULL);
  return result < 0 && resource == RLIMIT_MEMLOCK ? 0 : result;
}
