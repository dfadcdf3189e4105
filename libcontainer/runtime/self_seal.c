/* SPDX-License-Identifier: Apache-2.0
 * Re-executes the program from a copy that no root inside a container can write: a detached overlay file
 * system with lower layers only has no place to write to, whatever is remounted; a sealed memfd refuses by
 * its seals. The overlay copies nothing and is 0.4 ms faster for this program. A read-only bind mount would
 * be faster still, and weaker: root with CAP_SYS_ADMIN could undo it. */
#include "libcontainer/runtime/self_seal.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/memfd_seal.h"
#include "libcontainer/runtime/overlay_seal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OVERLAY_MAGIC 0x794c7630

static int open_exe(int flags, struct error *err)
{
  const int proc = proc_root(err);
  if (proc < 0)
    return -1;
  const int fd = openat(proc, "self/exe", flags | O_CLOEXEC);
  return fd < 0 ? error_set(err, ERROR_KERNEL, errno, "cannot open our own program") : fd;
}

static bool is_sealed_memfd(struct error *err)
{
  auto_close int exe = open_exe(O_RDONLY, err);
  const int seals = exe < 0 ? -1 : fcntl(exe, F_GET_SEALS);
  return seals >= 0 && (seals & MEMFD_SEALS) == MEMFD_SEALS;
}

static bool is_our_overlay(const char *mark, struct error *err)
{
  struct statfs fs;
  struct stat st;
  char expected[SEAL_MARK_BYTES];
  auto_close int exe = open_exe(O_PATH, err);
  if (exe < 0 || fstatfs(exe, &fs) < 0 || fstat(exe, &st) < 0)
    return false;
  overlay_seal_mark(st.st_dev, st.st_ino, expected);
  return fs.f_type == OVERLAY_MAGIC && (fs.f_flags & ST_RDONLY) != 0 && strcmp(mark, expected) == 0;
}

static bool is_sealed(struct error *err)
{
  const char *mark = getenv(SEAL_MARK);
  if (mark == NULL)
    return false;
  const bool sealed = strcmp(mark, MEMFD_SEAL_MARK) == 0 ? is_sealed_memfd(err) : is_our_overlay(mark, err);
  unsetenv(SEAL_MARK);
  return sealed;
}

static int execute_file(int file, const char *mark, char *const argv[], struct error *err)
{
  if (setenv(SEAL_MARK, mark, 1) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot mark the protected program");
  (void)sys_execveat(file, "", argv, environ, AT_EMPTY_PATH);
  error_set(err, ERROR_KERNEL, errno, "cannot execute the protected copy of our own program");
  unsetenv(SEAL_MARK);
  return -1;
}

/* memfd_create(2): with 2 nothing may be executed from memory. */
static bool memory_runs_nothing(void)
{
  struct error unused = { 0 };
  char value[8];
  const int proc = proc_root(&unused);
  return proc >= 0 && file_read_small(proc, "sys/vm/memfd_noexec", value, sizeof value) > 0
         && value[0] == '2';
}

static int no_copy(int number, struct error *err)
{
  auto_close int exe = open_exe(O_RDONLY, err);
  if (exe < 0)
    return error_wrap(err,
                      "the program has to be readable: containers are entered from a protected copy of it");
  if (number == EACCES && memory_runs_nothing())
    return error_set(err, ERROR_KERNEL, number,
                     "cannot make a protected copy of our own program: sysctl vm.memfd_noexec is 2, which "
                     "forbids programs in memory; with 1 who asks for one, as hull does, has it");
  return error_set(err, ERROR_KERNEL, number, "cannot make a protected copy of our own program");
}

int self_seal(char *const argv[], struct error *err)
{
  char mark[SEAL_MARK_BYTES];
  if (!is_sealed(err)) {
    auto_close int file = overlay_seal_open(mark);
    if (file >= 0 && execute_file(file, mark, argv, err) < 0)
      fd_close(&file); /* some security modules forbid it: try the other way */
    auto_close int copy = memfd_seal_open();
    if (copy < 0)
      return no_copy(-copy, err);
    return execute_file(copy, MEMFD_SEAL_MARK, argv, err);
  }
  error_clear(err);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make this process undumpable");
  return 0;
}
