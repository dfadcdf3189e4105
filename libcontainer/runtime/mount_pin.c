/* SPDX-License-Identifier: Apache-2.0
 * Makes and finds the pinned mount namespace. Two mounts on the host: ROOT/.pins onto itself, private, so
 * that the second, the namespace's file, does not spread to other mount namespaces. */
#include "libcontainer/runtime/mount_pin.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/runtime/state.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define PINS ".pins"
#define PIN "mnt"
#define NSFS_MAGIC 0x6e736673
/* Copying a mount costs about 2 us, entering the pinned namespace 60 us: worth it from about 100 mounts
 * on. */
#define MANY_MOUNTS 128
#define SYS_LISTMOUNT 458 /* Linux 6.8 */

struct mount_id_request { /* struct mnt_id_req of linux/mount.h, newer than our headers */
  uint32_t size, spare;
  uint64_t id, last;
};
#define ROOT_MOUNT_ID UINT64_C(0xffffffffffffffff) /* LSMT_ROOT */

static bool many_by_mountinfo(void)
{
  char chunk[4096];
  unsigned lines = 0;
  ssize_t n;
  auto_close int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && lines <= MANY_MOUNTS && (n = read(fd, chunk, sizeof chunk)) > 0)
    for (const char *p = chunk; (p = memchr(p, '\n', (size_t)(chunk + n - p))) != NULL; p++)
      lines++;
  return lines > MANY_MOUNTS;
}

static bool many_mounts(void)
{
  uint64_t ids[MANY_MOUNTS + 1];
  const struct mount_id_request request = { .size = sizeof request, .id = ROOT_MOUNT_ID };
  const long n = syscall(SYS_LISTMOUNT, &request, ids, MANY_MOUNTS + 1, 0);
  return n >= 0 ? n > MANY_MOUNTS : many_by_mountinfo();
}

static int open_pin(int pins)
{
  struct statfs fs;
  auto_close int fd = open_beneath(pins, PIN, O_RDONLY, 0);
  if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != NSFS_MAGIC || ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNS)
    return -1;
  return take_fd(&fd);
}

/* In the child: leaves only an empty read-only file system. */
static int empty_namespace(void)
{
  const struct mount_attr private = { .propagation = MS_PRIVATE };
  if (sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private) < 0)
    return -1;
  auto_close int fs = sys_fsopen("tmpfs");
  if (fs < 0 || sys_fsconfig(fs, FSCONFIG_SET_STRING, "size", "4k", 0) < 0
      || sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
    return -1;
  auto_close int mount =
      sys_fsmount(fs, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  if (mount < 0 || sys_move_mount(mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 || fchdir(mount) < 0
      || sys_pivot_root(".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
    return -1;
  return chdir("/");
}

__attribute__((noreturn)) static void hold_namespace(int ready, int release)
{
  char byte = empty_namespace() == 0 ? 'y' : 'n';
  if (write(ready, &byte, 1) == 1)
    (void)read(release, &byte, 1); /* until the runtime has bound the namespace, or died */
  _exit(0);
}

static int bind_namespace(pid_t pid, int pins)
{
  struct error err = { 0 };
  auto_close int dir = proc_pid_dir(pid, &err);
  auto_close int file = dir < 0 ? -1 : openat(pins, PIN, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  auto_close int mount = file < 0 ? -1 : sys_open_tree(dir, "ns/mnt", OPEN_TREE_CLONE);
  if (mount < 0)
    return -1;
  return sys_move_mount(mount, "", pins, PIN, MOVE_MOUNT_F_EMPTY_PATH);
}

static int make_and_bind(int pins)
{
  int ready[2] = { -1, -1 }, release[2] = { -1, -1 };
  struct clone_args args = { .flags = CLONE_NEWNS, .exit_signal = SIGCHLD };
  char byte = 'n';
  int result = -1;
  if (pipe2(ready, O_CLOEXEC) == 0 && pipe2(release, O_CLOEXEC) == 0) {
    const pid_t pid = sys_clone3(&args, sizeof args);
    if (pid == 0) {
      fd_close(&release[1]); /* our death must end its wait */
      hold_namespace(ready[1], release[0]);
    }
    fd_close(&ready[1]);
    if (pid > 0) {
      if (read(ready[0], &byte, 1) == 1 && byte == 'y')
        result = bind_namespace(pid, pins);
      fd_close(&release[1]);
      while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    }
  }
  for (int i = 0; i < 2; i++) {
    fd_close(&ready[i]);
    fd_close(&release[i]);
  }
  return result;
}

/* ROOT/.pins as a private mount of its own; its descriptor. */
static int private_pins(int root)
{
  const struct mount_attr private = { .propagation = MS_PRIVATE };
  auto_close int mount = sys_open_tree(root, PINS, OPEN_TREE_CLONE);
  if (mount < 0 || sys_mount_setattr(mount, "", AT_EMPTY_PATH, &private) < 0
      || sys_move_mount(mount, "", root, PINS, MOVE_MOUNT_F_EMPTY_PATH) < 0)
    return -1;
  return open_beneath(root, PINS, O_RDONLY | O_DIRECTORY, 0);
}

/* Each create would leave one more: where the kernel takes a namespace for older than ours that is not (Linux
 * 6.18 numbers them for each CPU), binding it fails now and then. */
static void take_back(const char *state_root)
{
  char path[PATH_MAX];
  (void)snprintf(path, sizeof path, "%s/" PINS, state_root);
  (void)umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
}

static int make_pin(int root, const char *state_root)
{
  if (mkdirat(root, PINS, 0700) < 0 && errno != EEXIST)
    return -1;
  auto_close int lock = open_beneath(root, PINS, O_RDONLY | O_DIRECTORY, 0);
  if (lock < 0 || flock(lock, LOCK_EX) < 0)
    return -1;
  auto_close int seen = open_beneath(root, PINS, O_RDONLY | O_DIRECTORY, 0);
  int pin = seen < 0 ? -1 : open_pin(seen); /* another hull may have been faster */
  if (pin >= 0)
    return pin;
  auto_close int pins = private_pins(root);
  if (pins < 0)
    return -1;
  if (make_and_bind(pins) == 0)
    return open_pin(pins);
  const int errnum = errno;
  take_back(state_root);
  errno = errnum;
  return -1;
}

/* Whether a directory is the root of a mount. */
static bool is_mount_point(int parent, const char *name)
{
  struct statx st;
  return statx(parent, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0
         && (st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0
         && (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* Its lock is of the directory, whatever is mounted on it. */
static int lock_pins(int root)
{
  auto_close int pins = open_beneath(root, PINS, O_RDONLY | O_DIRECTORY, 0);
  return pins >= 0 && flock(pins, LOCK_EX | LOCK_NB) == 0 ? take_fd(&pins) : -1;
}

enum mount_pin mount_pin_examine(struct hull *hull)
{
  struct error err = { 0 };
  const int root = state_root(hull, false, &err);
  if (root < 0 || faccessat(root, PINS, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
    return PIN_NONE;
  auto_close int pins = lock_pins(root);
  if (pins < 0)
    return errno == EWOULDBLOCK ? PIN_BUSY : PIN_NONE;
  auto_close int pin = open_pin(pins);
  if (pin >= 0)
    return PIN_WHOLE;
  return is_mount_point(root, PINS) ? PIN_HALF_MADE : PIN_NONE;
}

int mount_pin_remove(struct hull *hull, struct error *err)
{
  char path[PATH_MAX];
  const int root = state_root(hull, false, err);
  if (root < 0)
    return -1;
  auto_close int pins = lock_pins(root);
  if (pins < 0)
    return error_set(err, ERROR_STATE, errno, "cannot lock '%s/" PINS "'", hull->root);
  (void)snprintf(path, sizeof path, "%s/" PINS, hull->root);
  while (is_mount_point(root, PINS)) /* more than one, if several were killed */
    if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot unmount '%s/" PINS "'", hull->root);
  return 0; /* the directory stays: it may be a mount point in another mount namespace */
}

int mount_pin_open(struct hull *hull)
{
  struct error err = { 0 };
  const int root = state_root(hull, true, &err);
  auto_close int pins = root < 0 ? -1 : open_beneath(root, PINS, O_RDONLY | O_DIRECTORY, 0);
  int pin = pins < 0 ? -1 : open_pin(pins);
  if (pin >= 0 || root < 0 || !many_mounts())
    return pin;
  pin = make_pin(root, hull->root);
  if (pin < 0)
    log_debug("cannot pin an empty mount namespace: %s; the host's mounts are copied instead",
              strerror(errno));
  return pin;
}
