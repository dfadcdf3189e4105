/* SPDX-License-Identifier: Apache-2.0
 * The copy by raw system calls alone, under the rules of overlay_seal.c: whoever has no privilege pays for it
 * at each start, and would pay as much again for a C library that is set up twice. */
#include "libcontainer/runtime/memfd_seal.h"
#include "libcontainer/base/raw.h"
#include "libcontainer/base/sys_compat.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define SEGMENTS_MAX 32

static int is_elf(const ElfW(Ehdr) * elf)
{
  for (int i = 0; i < SELFMAG; i++)
    if (elf->e_ident[i] != (unsigned char)ELFMAG[i])
      return 0;
  return elf->e_phentsize == sizeof(ElfW(Phdr)) && elf->e_phnum <= SEGMENTS_MAX;
}

/* Where the part of a program ends that the kernel maps: behind it are symbols and debug information only,
 * twice as much again for this one. All of it if that can't be told, or something is appended that the
 * program may want to read: elf(5), the section headers are last. */
static off_t mapped_bytes(int exe, off_t all)
{
  ElfW(Ehdr) elf;
  ElfW(Phdr) segments[SEGMENTS_MAX];
  off_t end = 0;
  if (RAW_CALL(SYS_pread64, exe, &elf, sizeof elf, 0) != (long)sizeof elf || !is_elf(&elf)
      || (off_t)elf.e_shoff + (off_t)elf.e_shnum * elf.e_shentsize != all)
    return all;
  const size_t bytes = elf.e_phnum * sizeof *segments;
  if (RAW_CALL(SYS_pread64, exe, segments, bytes, elf.e_phoff) != (long)bytes)
    return all;
  for (unsigned i = 0; i < elf.e_phnum; i++) {
    const off_t segment_end = (off_t)(segments[i].p_offset + segments[i].p_filesz);
    if (segments[i].p_filesz > 0 && segment_end > end)
      end = segment_end;
  }
  return end > 0 && end < all ? end : all;
}

/* Kernels that have the flag would else allow no execution where vm.memfd_noexec says so. */
static long new_memfd(void)
{
  long fd = RAW_CALL(SYS_memfd_create, "hull", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (fd == -EINVAL) /* before Linux 6.3 */
    fd = RAW_CALL(SYS_memfd_create, "hull", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd;
}

/* 0, or a negated errno value. */
static long fill(long copy, int exe)
{
  struct stat st;
  long result = RAW_CALL(SYS_newfstatat, exe, "", &st, AT_EMPTY_PATH);
  for (off_t left = result < 0 ? 0 : mapped_bytes(exe, st.st_size); left > 0; left -= result) {
    result = RAW_CALL(SYS_sendfile, copy, exe, 0, left);
    if (result <= 0)
      return result < 0 ? result : -EIO;
  }
  if (result >= 0)
    result = RAW_CALL(SYS_fchmod, copy, 0500);
  return result < 0 ? result : RAW_CALL(SYS_fcntl, copy, F_ADD_SEALS, MEMFD_SEALS);
}

int memfd_seal_open(void)
{
  const long exe = RAW_CALL(SYS_openat, AT_FDCWD, "/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (exe < 0)
    return (int)exe;
  long copy = new_memfd();
  const long result = copy < 0 ? copy : fill(copy, (int)exe);
  if (copy >= 0 && result < 0)
    (void)RAW_CALL(SYS_close, copy);
  (void)RAW_CALL(SYS_close, exe);
  return (int)(result < 0 ? result : copy);
}
