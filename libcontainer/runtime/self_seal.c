/* SPDX-License-Identifier: Apache-2.0
 * Re-executes the program from a copy that no root inside a container can write: a detached overlay file
 * system with lower layers only has no place to write to, whatever is remounted; a sealed memfd refuses by
 * its seals. The overlay copies nothing and is 0.4 ms faster for this program. A read-only bind mount would
 * be faster still, and weaker: root with CAP_SYS_ADMIN could undo it. */
#include "libcontainer/runtime/self_seal.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/overlay_seal.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OVERLAY_MAGIC 0x794c7630
#define SEGMENTS_MAX 32
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

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
  return seals >= 0 && (seals & SEALS) == SEALS;
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
  const bool sealed = strcmp(mark, "memfd") == 0 ? is_sealed_memfd(err) : is_our_overlay(mark, err);
  unsetenv(SEAL_MARK);
  return sealed;
}

/* Where the part of a program ends that the kernel maps: behind it are symbols and debug information only,
 * twice as much again for this one. All of it if that can't be told, or something is appended that the
 * program may want to read: elf(5), the section headers are last. */
static off_t mapped_bytes(int exe, off_t all)
{
  ElfW(Ehdr) elf;
  ElfW(Phdr) segments[SEGMENTS_MAX];
  off_t end = 0;
  if (pread(exe, &elf, sizeof elf, 0) != (ssize_t)sizeof elf || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0
      || elf.e_phentsize != sizeof *segments || elf.e_phnum > SEGMENTS_MAX
      || (off_t)elf.e_shoff + (off_t)elf.e_shnum * elf.e_shentsize != all)
    return all;
  const size_t bytes = elf.e_phnum * sizeof *segments;
  if (pread(exe, segments, bytes, (off_t)elf.e_phoff) != (ssize_t)bytes)
    return all;
  for (size_t i = 0; i < elf.e_phnum; i++) {
    const off_t segment_end = (off_t)(segments[i].p_offset + segments[i].p_filesz);
    if (segments[i].p_filesz > 0 && segment_end > end)
      end = segment_end;
  }
  return end > 0 && end < all ? end : all;
}

static int memfd_file(struct error *err)
{
  struct stat st;
  auto_close int exe = open_exe(O_RDONLY, err);
  if (exe < 0)
    return -1;
  auto_close int copy = memfd_create("hull", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (copy < 0 || fstat(exe, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make a protected copy of our own program");
  for (off_t left = mapped_bytes(exe, st.st_size); left > 0;) {
    const ssize_t n = sendfile(copy, exe, NULL, (size_t)left);
    if (n <= 0)
      return error_set(err, ERROR_KERNEL, n < 0 ? errno : EIO, "cannot copy our own program");
    left -= n;
  }
  if (fchmod(copy, 0500) < 0 || fcntl(copy, F_ADD_SEALS, SEALS) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot seal the copy of our own program");
  return take_fd(&copy);
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

int self_seal(char *const argv[], struct error *err)
{
  char mark[SEAL_MARK_BYTES];
  if (!is_sealed(err)) {
    auto_close int file = overlay_seal_open(mark);
    if (file >= 0 && execute_file(file, mark, argv, err) < 0)
      fd_close(&file); /* some security modules forbid it: try the other way */
    auto_close int copy = memfd_file(err);
    return copy < 0 ? -1 : execute_file(copy, "memfd", argv, err);
  }
  error_clear(err);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot make this process undumpable");
  return 0;
}
