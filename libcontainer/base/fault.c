/* SPDX-License-Identifier: Apache-2.0
 * Fault injection: HULL_FAULT=NAME:ERRNO[,NAME:ERRNO…] or NAME:kill. Empty unless configured with
 * --enable-fault-injection. */
#include "libcontainer/base/fault.h"

#ifdef HULL_FAULT_INJECTION
#include "libcontainer/base/names.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAULTS_MAX 16
#define FAULT_KILL (-1)
#define EXIT_BAD_FAULT 99

static const struct name fault_errnos[] = {
  { "kill", FAULT_KILL },
  { "E2BIG", E2BIG },
  { "EACCES", EACCES },
  { "EAGAIN", EAGAIN },
  { "EBADF", EBADF },
  { "EBUSY", EBUSY },
  { "ECHILD", ECHILD },
  { "ECONNREFUSED", ECONNREFUSED },
  { "ECONNRESET", ECONNRESET },
  { "EEXIST", EEXIST },
  { "EFAULT", EFAULT },
  { "EFBIG", EFBIG },
  { "EINTR", EINTR },
  { "EINVAL", EINVAL },
  { "EIO", EIO },
  { "EISDIR", EISDIR },
  { "ELOOP", ELOOP },
  { "EMFILE", EMFILE },
  { "ENAMETOOLONG", ENAMETOOLONG },
  { "ENFILE", ENFILE },
  { "ENODEV", ENODEV },
  { "ENOENT", ENOENT },
  { "ENOEXEC", ENOEXEC },
  { "ENOMEM", ENOMEM },
  { "ENOSPC", ENOSPC },
  { "ENOSYS", ENOSYS },
  { "ENOTDIR", ENOTDIR },
  { "ENOTEMPTY", ENOTEMPTY },
  { "ENXIO", ENXIO },
  { "EOPNOTSUPP", EOPNOTSUPP },
  { "EPERM", EPERM },
  { "EPIPE", EPIPE },
  { "ERANGE", ERANGE },
  { "EROFS", EROFS },
  { "ESRCH", ESRCH },
  { "ETIMEDOUT", ETIMEDOUT },
  { "EXDEV", EXDEV },
  { NULL, 0 },
};

static struct fault {
  char name[48];
  int errnum;
} faults[FAULTS_MAX];
static size_t fault_count;

/* Tests only: a misspelt fault must not look like a passed test. */
static void refuse(const char *entry)
{
  (void)dprintf(STDERR_FILENO, "hull: HULL_FAULT: cannot understand '%s'\n", entry);
  _exit(EXIT_BAD_FAULT);
}

static void add_fault(char *entry)
{
  char *colon = strrchr(entry, ':');
  if (!colon || fault_count == FAULTS_MAX || (size_t)(colon - entry) >= sizeof faults[0].name) {
    refuse(entry);
    return;
  }
  const struct name *row = names_find(fault_errnos, colon + 1);
  if (!row) {
    refuse(entry);
    return;
  }
  struct fault *f = &faults[fault_count++];
  memcpy(f->name, entry, (size_t)(colon - entry));
  f->name[colon - entry] = '\0';
  f->errnum = (int)row->value;
}

void fault_setup(void)
{
  const char *wish = getenv("HULL_FAULT");
  char copy[512];
  fault_count = 0;
  if (!wish || !*wish)
    return;
  if (strlen(wish) >= sizeof copy)
    refuse(wish);
  (void)snprintf(copy, sizeof copy, "%s", wish);
  char *rest = copy;
  for (char *entry; (entry = strsep(&rest, ","));)
    if (*entry)
      add_fault(entry);
}

static void end_here(void)
{
  /* Raw: the C library's idea of our pid may be that of the process we were cloned from. */
  (void)syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  /* pid_namespaces(7): the kernel drops SIGKILL that pid 1 of a namespace sends itself. */
  (void)syscall(SYS_exit_group, 128 + SIGKILL);
}

int fault_check(const char *name, struct error *err)
{
  for (size_t i = 0; i < fault_count; i++) {
    if (strcmp(faults[i].name, name) != 0)
      continue;
    if (faults[i].errnum == FAULT_KILL)
      end_here();
    errno = faults[i].errnum;
    return error_set(err, ERROR_KERNEL, faults[i].errnum, "injected fault '%s'", name);
  }
  return 0;
}
#endif
