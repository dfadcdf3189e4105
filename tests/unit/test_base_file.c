/* SPDX-License-Identifier: Apache-2.0
 * base/file. */
#include "libcontainer/base/file.h"
#include "libcontainer/base/fd.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static void put(const char *name, const char *data, size_t length)
{
  auto_close int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CHECK(fd >= 0 && fd_write_all(fd, data, length) == 0);
}

static void test_read(void)
{
  struct arena arena = ARENA_INIT;
  struct error err;
  size_t length = 99;
  static char big[20000];
  memset(big, 'b', sizeof big);

  put("empty", "", 0);
  CHECK_STRING(file_read(&arena, AT_FDCWD, "empty", 10, &length, &err), "");
  CHECK_NUMBER(length, 0);
  put("ten", "0123456789", 10);
  CHECK_STRING(file_read(&arena, AT_FDCWD, "ten", 10, &length, &err), "0123456789");
  CHECK_NUMBER(length, 10);
  CHECK(file_read(&arena, AT_FDCWD, "ten", 9, NULL, &err) == NULL);
  CHECK_NUMBER(err.errnum, EFBIG);
  put("big", big, sizeof big);
  char *got = file_read(&arena, AT_FDCWD, "big", sizeof big, &length, &err);
  CHECK(got && length == sizeof big && memcmp(got, big, sizeof big) == 0 && got[length] == '\0');
  CHECK(file_read(&arena, AT_FDCWD, "big", sizeof big - 1, NULL, &err) == NULL);
  CHECK(file_read(&arena, AT_FDCWD, "none", 9, NULL, &err) == NULL);
  CHECK_NUMBER(err.errnum, ENOENT);
  CHECK(file_read(&arena, AT_FDCWD, ".", 9, NULL, &err) == NULL);
  CHECK_NUMBER(err.errnum, EISDIR);
  /* A file that says it has no size; two that are no regular ones. */
  got = file_read(&arena, AT_FDCWD, "/proc/self/smaps", 16 << 20, &length, &err);
  CHECK(got && length > 4096);
  CHECK(file_read(&arena, AT_FDCWD, "/dev/zero", 100000, NULL, &err) == NULL);
  CHECK(mkfifo("fifo", 0600) == 0); /* with no writer: must not wait for one */
  CHECK(file_read(&arena, AT_FDCWD, "fifo", 100000, NULL, &err) == NULL);
  arena_release(&arena);
}

static void test_read_small(void)
{
  char buffer[11];
  put("ten", "0123456789", 10);
  CHECK_NUMBER(file_read_small(AT_FDCWD, "ten", buffer, sizeof buffer), 10);
  CHECK_STRING(buffer, "0123456789");
  CHECK_NUMBER(file_read_small(AT_FDCWD, "ten", buffer, sizeof buffer - 1), -1);
  CHECK_NUMBER(errno, EFBIG);
  CHECK_NUMBER(file_read_small(AT_FDCWD, "none", buffer, sizeof buffer), -1);
  CHECK_NUMBER(errno, ENOENT);
}

static void test_write_value(void)
{
  char buffer[16];
  put("value", "", 0);
  CHECK_NUMBER(file_write_value(AT_FDCWD, "value", "max"), 0);
  CHECK_NUMBER(file_read_small(AT_FDCWD, "value", buffer, sizeof buffer), 3);
  CHECK_STRING(buffer, "max");
  CHECK_NUMBER(file_write_value(AT_FDCWD, "none", "max"), -1);
  CHECK_NUMBER(errno, ENOENT);
  CHECK_NUMBER(file_write_value(AT_FDCWD, "/dev/full", "max"), -1);
  CHECK_NUMBER(errno, ENOSPC);
}

static void test_replace(void)
{
  struct error err;
  struct stat st;
  char buffer[16];
  CHECK_NUMBER(mkdir("d", 0700), 0);
  auto_close int dir = open("d", O_PATH | O_DIRECTORY | O_CLOEXEC);
  CHECK_NUMBER(file_replace(dir, "state", "one", 3, 0600, &err), 0);
  CHECK_NUMBER(file_replace(AT_FDCWD, "d/state", "two!", 4, 0600, &err), 0);
  CHECK_NUMBER(file_read_small(dir, "state", buffer, sizeof buffer), 4);
  CHECK_STRING(buffer, "two!");
  CHECK_NUMBER(fstatat(dir, "state", &st, 0), 0);
  CHECK_NUMBER(st.st_mode & 07777, 0600);
  /* Left over by a crash, or put there by somebody else: replaced, not followed. */
  put("victim", "v", 1);
  CHECK_NUMBER(symlinkat("../victim", dir, ".state.tmp"), 0);
  CHECK_NUMBER(file_replace(dir, "state", "3", 1, 0600, &err), 0);
  CHECK_NUMBER(file_read_small(AT_FDCWD, "victim", buffer, sizeof buffer), 1);
  CHECK_STRING(buffer, "v");
  CHECK_NUMBER(fstatat(dir, ".state.tmp", &st, AT_SYMLINK_NOFOLLOW), -1);
  CHECK_NUMBER(file_replace(dir, "none/x", "3", 1, 0600, &err), -1);
  CHECK_NUMBER(err.errnum, ENOENT);
  /* A failed rename leaves no temporary. */
  CHECK_NUMBER(mkdirat(dir, "sub", 0700), 0);
  CHECK_NUMBER(file_replace(dir, "sub", "3", 1, 0600, &err), -1);
  CHECK_NUMBER(err.errnum, EISDIR);
  CHECK_NUMBER(fstatat(dir, ".sub.tmp", &st, AT_SYMLINK_NOFOLLOW), -1);
}

int main(void)
{
  (void)unit_temp_dir();
  test_read();
  test_read_small();
  test_write_value();
  test_replace();
  return unit_finish();
}
