/* SPDX-License-Identifier: Apache-2.0
 * The terminal: a pty of the container's own devpts, verified at each turn (CVE-2025-52565), its master sent
 * to the caller, its slave on 0 to 2 and on /dev/console. */
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/sys.h"
#include "libcontainer/init/steps.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#define DEVPTS_MAGIC 0x1cd1

static bool is_device(int fd, unsigned major_number, unsigned minor_number)
{
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(major_number, minor_number);
}

static int open_master(struct error *err)
{
  struct statfs fs;
  auto_close int pts = open_beneath(AT_FDCWD, "dev/pts", O_PATH | O_DIRECTORY, 0);
  if (pts < 0)
    return error_set(err, ERROR_CONFIG, errno, "cannot open '/dev/pts', which a terminal needs");
  if (fstatfs(pts, &fs) < 0 || fs.f_type != DEVPTS_MAGIC)
    return error_set(err, ERROR_CONFIG, 0, "'/dev/pts' is no devpts file system, which a terminal needs");
  auto_close int master = openat(pts, "ptmx", O_RDWR | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
  if (master < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '/dev/pts/ptmx'");
  if (!is_device(master, 5, 2))
    return error_set(err, ERROR_CONFIG, 0, "'/dev/pts/ptmx' is not the pty multiplexer");
  return take_fd(&master);
}

static int open_slave(int master, struct error *err)
{
  const int unlock = 0;
  if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot unlock the pty");
  const int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the pty's other end");
  return slave;
}

static int set_size(const struct plan_process *process, int slave, struct error *err)
{
  const struct winsize size = { .ws_row = process->rows, .ws_col = process->columns };
  if ((process->rows != 0 || process->columns != 0) && ioctl(slave, TIOCSWINSZ, &size) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the terminal's size");
  return 0;
}

/* A relay in the foreground passes bytes on as they are. Before the process can write, so that none
 * escapes. */
static int keep_newlines(struct init_context *init, int slave, struct error *err)
{
  struct termios mode;
  if (!init->raw_newlines)
    return 0;
  if (tcgetattr(slave, &mode) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the terminal's mode");
  mode.c_oflag &= ~(tcflag_t)ONLCR;
  if (tcsetattr(slave, TCSANOW, &mode) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot set the terminal's mode");
  return 0;
}

/* /dev/console exists as a file of ours, never through a link of the image. */
static int bind_console(struct init_context *init, int slave, struct error *err)
{
  const int dev = init->rootfs != NULL ? init->rootfs->dev : -1;
  if (dev < 0)
    return 0;
  auto_close int made = openat(dev, "console", O_CREAT | O_EXCL | O_NOFOLLOW | O_RDONLY | O_CLOEXEC, 0600);
  if (made < 0 && errno != EEXIST)
    return error_set(err, ERROR_KERNEL, errno, "cannot make '/dev/console'");
  auto_close int target = openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  if (target < 0 || fstat(target, &st) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot open '/dev/console'");
  if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
    return error_set(err, ERROR_CONFIG, 0, "'/dev/console' is a link or a directory in the image");
  auto_close int mount = sys_open_tree(slave, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
  if (mount < 0
      || sys_move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot bind the terminal to '/dev/console'");
  return 0;
}

static int send_master(struct init_context *init, int master, struct error *err)
{
  char name[32];
  unsigned number = 0;
  if (ioctl(master, TIOCGPTN, &number) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read the pty's number");
  const int n = snprintf(name, sizeof name, "/dev/pts/%u", number);
  if (fds_send(init->console_receiver, name, (size_t)n, &master, 1, err) < 0)
    return error_wrap(err, "cannot send the terminal to the console socket");
  return 0;
}

int make_console(struct init_context *init, struct error *err)
{
  auto_close int master = open_master(err);
  auto_close int slave = master < 0 ? -1 : open_slave(master, err);
  if (slave < 0)
    return error_at(err, "/process/terminal");
  if (set_size(&init->plan->process, slave, err) < 0 || keep_newlines(init, slave, err) < 0
      || bind_console(init, slave, err) < 0 || send_master(init, master, err) < 0)
    return -1;
  for (int fd = 0; fd <= 2; fd++)
    if (dup3(slave, fd, 0) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot put the terminal on descriptor %d", fd);
  fd_close(&init->console_receiver);
  return 0;
}

int take_terminal(struct init_context *init, struct error *err)
{
  (void)init;
  if (ioctl(0, TIOCSCTTY, 0) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot take the terminal");
  return 0;
}

static bool is_null(int fd)
{
  return is_device(fd, 1, 3);
}

/* The container's own null device: checked before it is opened and again afterwards. */
static int open_own_null(struct init_context *init)
{
  const bool ours = init->rootfs != NULL && init->rootfs->dev >= 0;
  const int dir = ours ? init->rootfs->dev : AT_FDCWD;
  const char *path = ours ? "null" : "dev/null";
  auto_close int look = open_beneath(dir, path, O_PATH | O_NOFOLLOW, 0);
  if (look < 0 || !is_null(look))
    return -1;
  auto_close int fd = open_beneath(dir, path, O_RDWR | O_NOFOLLOW | O_NOCTTY, 0);
  return fd >= 0 && is_null(fd) ? take_fd(&fd) : -1;
}

/* A descriptor of the host's /dev/null would let root in the container change the mode of the host's node. */
int reopen_null_stdio(struct init_context *init, struct error *err)
{
  auto_close int null = -1;
  for (int fd = 0; fd <= 2; fd++) {
    if (!is_null(fd))
      continue;
    if (null < 0 && (null = open_own_null(init)) < 0)
      return 0; /* an image without a null device: keeps what it was given */
    if (dup3(null, fd, 0) < 0)
      return error_set(err, ERROR_KERNEL, errno, "cannot reopen descriptor %d", fd);
  }
  return 0;
}
