/* SPDX-License-Identifier: Apache-2.0
 * base/safe_path against a hostile root: whatever the image holds, nothing outside of it is opened or
 * made. */
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/fd.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* top/outside is the host; top/root is the image. */
static int root = -1;

static void touch(const char *path)
{
  auto_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  CHECK(fd >= 0);
}

static void build_tree(void)
{
  char target[128];
  CHECK_NUMBER(mkdir("outside", 0700), 0);
  touch("outside/secret");
  CHECK_NUMBER(mkdir("root", 0700), 0);
  CHECK_NUMBER(mkdir("root/etc", 0700), 0);
  touch("root/etc/passwd");
  CHECK_NUMBER(mkdir("root/etc/sub", 0700), 0);
  CHECK_NUMBER(mkfifo("root/fifo", 0600), 0);
  CHECK_NUMBER(symlink("etc", "root/relative"), 0);
  CHECK_NUMBER(symlink("/etc", "root/absolute"), 0);
  CHECK_NUMBER(symlink("../../../etc", "root/climbing"), 0);
  CHECK_NUMBER(symlink("/etc/passwd", "root/file"), 0);
  CHECK_NUMBER(symlink("../outside", "root/out"), 0);
  CHECK_NUMBER(symlink("../outside/secret", "root/out_file"), 0);
  (void)snprintf(target, sizeof target, "%s/outside", unit_dir);
  CHECK_NUMBER(symlink(target, "root/out_absolute"), 0);
  CHECK_NUMBER(symlink("loop", "root/loop"), 0);
  CHECK_NUMBER(symlink("loop_b", "root/loop_a"), 0);
  CHECK_NUMBER(symlink("loop_a", "root/loop_b"), 0);
  CHECK_NUMBER(symlink("/proc/self/root", "root/magic"), 0);
  root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
  CHECK(root >= 0);
}

static bool same_file(int fd, const char *path)
{
  struct stat a, b;
  return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

struct row {
  const char *path;
  int errnum;           /* 0: works */
  const char *expected; /* what it names, seen from outside */
};

static void test_open_in_root(void)
{
  static const struct row rows[] = {
    { "", 0, "root" },
    { "/", 0, "root" },
    { ".", 0, "root" },
    { "..", 0, "root" },
    { "/../..", 0, "root" },
    { "etc/passwd", 0, "root/etc/passwd" },
    { "/relative/passwd", 0, "root/etc/passwd" },
    { "/absolute/passwd", 0, "root/etc/passwd" },
    { "/climbing/passwd", 0, "root/etc/passwd" },
    { "/etc/sub/../../../../etc/passwd", 0, "root/etc/passwd" },
    { "/file", 0, "root/etc/passwd" },
    { "/out", ENOENT, NULL },
    { "/out/secret", ENOENT, NULL },
    { "/out_file", ENOENT, NULL },
    { "/out_absolute/secret", ENOENT, NULL },
    { "/../outside/secret", ENOENT, NULL },
    { "/loop", ELOOP, NULL },
    { "/loop_a/x", ELOOP, NULL },
    { "/etc/passwd/x", ENOTDIR, NULL },
    { "/magic", ENOENT, NULL },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].path);
    errno = 0;
    auto_close int fd = open_in_root(root, rows[i].path, O_PATH, 0);
    CHECK_NUMBER(fd >= 0 ? 0 : errno, rows[i].errnum);
    if (fd >= 0) {
      CHECK(rows[i].expected && same_file(fd, rows[i].expected));
      CHECK_NUMBER(fcntl(fd, F_GETFD), FD_CLOEXEC);
    }
  }
  unit_at(NULL);
  /* A mode without O_CREAT must not become EINVAL. */
  auto_close int fd = open_in_root(root, "etc/passwd", O_RDONLY, 0644);
  CHECK(fd >= 0);
}

static void test_open_beneath(void)
{
  static const struct row rows[] = {
    { "etc/passwd", 0, "root/etc/passwd" }, { "etc/../etc/passwd", 0, "root/etc/passwd" },
    { "relative/passwd", ELOOP, NULL },     { "file", ELOOP, NULL },
    { "/etc/passwd", EXDEV, NULL },         { "../outside/secret", EXDEV, NULL },
    { "out/secret", ELOOP, NULL },          { "none", ENOENT, NULL },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    unit_at(rows[i].path);
    auto_close int fd = open_beneath(root, rows[i].path, O_PATH, 0);
    CHECK_NUMBER(fd >= 0 ? 0 : errno, rows[i].errnum);
    if (fd >= 0)
      CHECK(rows[i].expected && same_file(fd, rows[i].expected));
    auto_close int other = open_beneath_no_xdev(root, rows[i].path, O_PATH, 0);
    CHECK_NUMBER(other >= 0 ? 0 : errno, rows[i].errnum);
  }
  unit_at(NULL);
  auto_close int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  auto_close int across = open_beneath_no_xdev(host, "proc/self", O_PATH, 0);
  CHECK(across < 0);
  CHECK_NUMBER(errno, EXDEV);
  auto_close int allowed = open_beneath(host, "proc/version", O_PATH, 0);
  CHECK(allowed >= 0);
  across = open_beneath(host, "proc/self/status", O_PATH, 0);
  CHECK(across < 0); /* 'self' is a link */
}

static void test_make_dir(void)
{
  static const struct row rows[] = {
    { "", 0, "root" },
    { "/", 0, "root" },
    { "/etc", 0, "root/etc" },
    { "/a/b/c", 0, "root/a/b/c" },
    { "/a/b/c/", 0, "root/a/b/c" },
    { "x//y/./z//", 0, "root/x/y/z" },
    { "/relative/new1/deep", 0, "root/etc/new1/deep" },
    { "/absolute/new2", 0, "root/etc/new2" },
    { "/climbing/new3", 0, "root/etc/new3" },
    { "/etc/../new4", 0, "root/new4" },
    { "/../../new5", 0, "root/new5" },
    { "/missing/../etc/new6", ENOENT, NULL },
    { "/missing/..", ENOENT, NULL },
    { "/missing2/x/../../../outside/evil", ENOENT, NULL },
    { "/out", ELOOP, NULL },
    { "/out/evil", ELOOP, NULL },
    { "/out_absolute/evil", ELOOP, NULL },
    { "/out_absolute/../evil", ENOENT, NULL },
    { "/loop", ELOOP, NULL },
    { "/loop_a/evil", ELOOP, NULL },
    { "/etc/passwd", ENOTDIR, NULL },
    { "/etc/passwd/evil", ENOTDIR, NULL },
    { "/file/evil", ENOTDIR, NULL },
    { "/fifo/evil", ENOTDIR, NULL },
    { "/magic/evil", ELOOP, NULL },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct error err;
    error_clear(&err);
    unit_at(rows[i].path);
    auto_close int fd = make_dir_in_root(root, rows[i].path, 0755, &err);
    CHECK_NUMBER(fd >= 0 ? 0 : err.errnum, rows[i].errnum);
    if (fd >= 0) {
      CHECK(rows[i].expected && same_file(fd, rows[i].expected));
      CHECK_NUMBER(fcntl(fd, F_GETFD), FD_CLOEXEC);
      CHECK(fcntl(fd, F_GETFL) & O_PATH);
    }
  }
  unit_at(NULL);
  char path[5000];
  struct error err;
  memset(path, 'a', sizeof path);
  path[sizeof path - 1] = '\0';
  CHECK_NUMBER(make_dir_in_root(root, path, 0755, &err), -1);
  CHECK_NUMBER(err.errnum, ENAMETOOLONG);
  path[300] = '\0';
  CHECK_NUMBER(make_dir_in_root(root, path, 0755, &err), -1);
  CHECK_NUMBER(err.errnum, ENAMETOOLONG);
}

static void test_make_file(void)
{
  static const struct row rows[] = {
    { "/f1", 0, "root/f1" },
    { "f2", 0, "root/f2" },
    { "/d/e/f", 0, "root/d/e/f" },
    { "//d//g/", 0, "root/d/g" },
    { "/relative/f3", 0, "root/etc/f3" },
    { "/etc/passwd", 0, "root/etc/passwd" },
    { "/file", 0, "root/etc/passwd" },
    { "/fifo", 0, "root/fifo" },
    { "/out_file", ELOOP, NULL },
    { "/out/evil", ELOOP, NULL },
    { "/out_absolute/evil", ELOOP, NULL },
    { "/loop", ELOOP, NULL },
    { "/etc", EISDIR, NULL },
    { "/", EISDIR, NULL },
    { "", EISDIR, NULL },
    { "/missing3/..", ENOENT, NULL },
    { "/missing3/.", ENOENT, NULL },
    { "/etc/passwd/evil", ENOTDIR, NULL },
  };
  for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
    struct error err;
    error_clear(&err);
    unit_at(rows[i].path);
    auto_close int fd = make_file_in_root(root, rows[i].path, 0644, &err);
    CHECK_NUMBER(fd >= 0 ? 0 : err.errnum, rows[i].errnum);
    if (fd >= 0) {
      CHECK(rows[i].expected && same_file(fd, rows[i].expected));
      CHECK(fcntl(fd, F_GETFL) & O_PATH);
    }
  }
  unit_at(NULL);
  struct error err;
  auto_close int dir = make_target_in_root(root, "/t/dir", 1, &err);
  CHECK(dir >= 0 && same_file(dir, "root/t/dir"));
  auto_close int file = make_target_in_root(root, "/t/file", 0, &err);
  CHECK(file >= 0 && same_file(file, "root/t/file"));
  auto_close int followed = make_target_in_root(root, "/relative", 1, &err);
  CHECK(followed >= 0 && same_file(followed, "root/etc"));
  CHECK_NUMBER(make_target_in_root(root, "/t/file", 1, &err), -1);
  CHECK_NUMBER(err.errnum, ENOTDIR);
  CHECK_NUMBER(make_target_in_root(root, "/t/dir", 0, &err), -1);
  CHECK_NUMBER(err.errnum, EISDIR);
}

/* Somebody exchanges a directory of the image for a link to the outside all the time (CVE-2021-30465). */
static void test_race(void)
{
  CHECK_NUMBER(mkdir("root/race", 0700), 0);
  CHECK_NUMBER(symlink("../outside", "root/race_link"), 0);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0)
    for (;;)
      (void)renameat2(AT_FDCWD, "root/race", AT_FDCWD, "root/race_link", RENAME_EXCHANGE);
  for (int i = 0; i < 3000; i++) {
    char path[64];
    (void)snprintf(path, sizeof path, "/race/%d/deep", i);
    auto_close int dir = make_dir_in_root(root, path, 0755, NULL);
    (void)snprintf(path, sizeof path, "/race/secret/../%d.file", i);
    auto_close int file = make_file_in_root(root, path, 0644, NULL);
    (void)snprintf(path, sizeof path, "/race/%d.file", i);
    auto_close int other = make_file_in_root(root, path, 0644, NULL);
  }
  (void)kill(pid, SIGKILL);
  (void)waitpid(pid, NULL, 0);
}

static void test_nothing_came_outside(void)
{
  struct stat st;
  CHECK_NUMBER(lstat("outside", &st), 0);
  CHECK_NUMBER(st.st_nlink, 2);
  CHECK_NUMBER(unlink("outside/secret"), 0);
  CHECK_NUMBER(rmdir("outside"), 0); /* so it was empty */
  CHECK_NUMBER(lstat("evil", &st), -1);
  CHECK_NUMBER(lstat("new5", &st), -1);
}

int main(void)
{
  (void)umask(022);
  (void)unit_temp_dir();
  build_tree();
  test_open_in_root();
  test_open_beneath();
  test_make_dir();
  test_make_file();
  test_race();
  test_nothing_came_outside();
  fd_close(&root);
  return unit_finish();
}
