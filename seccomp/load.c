/* SPDX-License-Identifier: Apache-2.0
 * Installs the program in init: one raw system call, no libseccomp, no allocation. */
#include "seccomp/seccomp.h"
#include "libcontainer/base/sys.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

int seccomp_install(const struct seccomp_program *program, struct error *err)
{
  if (program->length == 0 || program->length > BPF_MAXINSNS)
    return error_set(err, ERROR_INTERNAL, 0, "a seccomp program of %zu instructions", program->length);
  struct sock_fprog prog = { .len = (unsigned short)program->length, .filter = program->filter };
  /* From here on the filter may refuse anything, also what an error path would like to do. */
  int rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, (unsigned)program->flags, &prog);
  if (rc < 0)
    return error_set(err, ERROR_KERNEL, errno,
                     "cannot install the seccomp filter (%zu instructions, flags %#x)", program->length,
                     (unsigned)program->flags);
  return program->notify ? rc : 0;
}
