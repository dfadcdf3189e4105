/* SPDX-License-Identifier: Apache-2.0
 * Makes the overlay by raw system calls alone: libcontainer/runtime/entry.c calls this before the C library
 * has set itself up. So: no function of the C library, no initialised pointer, no thread-local storage;
 * compiled freestanding. */
#include "libcontainer/runtime/overlay_seal.h"
#include "libcontainer/base/raw.h"
#include "libcontainer/base/sys_compat.h"
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void drop(int fd)
{
  if (fd >= 0)
    (void)RAW_CALL(SYS_close, fd);
}

static char *put_number(char *to, unsigned long long value, unsigned base)
{
  char digits[24];
  unsigned n = 0;
  do
    digits[n++] = "0123456789abcdef"[value % base];
  while ((value /= base) > 0);
  while (n > 0)
    *to++ = digits[--n];
  *to = '\0';
  return to;
}

void overlay_seal_mark(unsigned long long device, unsigned long long inode, char mark[SEAL_MARK_BYTES])
{
  char *end = put_number(mark, device, 16);
  *end++ = ':';
  (void)put_number(end, inode, 16);
}

static int mount_of(int fs, unsigned attributes)
{
  if (fs < 0 || RAW_CALL(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, 0, 0, 0) < 0)
    return -1;
  return (int)RAW_CALL(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes);
}

/* A second lower layer, because overlayfs wants two where there is no upper one. */
static int empty_layer(void)
{
  const int fs = (int)RAW_CALL(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
  const int mount = mount_of(fs, MOUNT_ATTR_RDONLY);
  drop(fs);
  return mount;
}

static int overlay_mount(int dir, int empty)
{
  char layers[64];
  char *end = put_number(raw_put_text(layers, "/proc/self/fd/"), (unsigned)dir, 10);
  (void)put_number(raw_put_text(end, ":/proc/self/fd/"), (unsigned)empty, 10);
  const int fs = (int)RAW_CALL(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
  int mount = -1;
  if (fs >= 0 && RAW_CALL(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "lowerdir", layers, 0) >= 0)
    mount = mount_of(fs, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID);
  drop(fs);
  return mount;
}

static int is_same_file(const struct stat *a, const struct stat *b)
{
  return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec
         && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int open_in_overlay(int dir, const char *name)
{
  const int empty = dir < 0 ? -1 : empty_layer();
  const int mount = empty < 0 ? -1 : overlay_mount(dir, empty);
  const int file = mount < 0 ? -1 : (int)RAW_CALL(SYS_openat, mount, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  drop(mount);
  drop(empty);
  return file;
}

int overlay_seal_open(char mark[SEAL_MARK_BYTES])
{
  char path[PATH_MAX];
  struct stat real, seen;
  const long length = RAW_CALL(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", path, sizeof path - 1);
  if (length <= 0 || path[0] != '/' || RAW_CALL(SYS_newfstatat, AT_FDCWD, "/proc/self/exe", &real, 0) < 0)
    return -1;
  path[length] = '\0';
  long slash = length;
  while (path[slash] != '/')
    slash--;
  path[slash] = '\0';
  const int dir =
      (int)RAW_CALL(SYS_openat, AT_FDCWD, slash > 0 ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int file = open_in_overlay(dir, path + slash + 1);
  drop(dir);
  if (file < 0 || RAW_CALL(SYS_newfstatat, file, "", &seen, AT_EMPTY_PATH) < 0
      || !is_same_file(&real, &seen)) {
    drop(file);
    return -1;
  }
  overlay_seal_mark(seen.st_dev, seen.st_ino, mark);
  return file;
}
