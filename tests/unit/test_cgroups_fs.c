/* SPDX-License-Identifier: Apache-2.0
 * The cgroupfs driver on a real hierarchy: what is made goes away, and what we did not make stays. Needs root
 * and a cgroup2 mount; everything happens below one cgroup of this test. */
#include "cgroups/cgroup.h"
#include "cgroups/devices.h"
#include "cgroups/mark.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "spec/spec.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

static struct cgroup_layout layout = CGROUP_LAYOUT_INIT;
static struct error err;
static char top[64];      /* path of the test's own cgroup */
static char paths[8][96]; /* results of below () */

/* A path below the test's cgroup; good for eight calls. */
static const char *below(const char *name)
{
  static unsigned next;
  char *path = paths[next++ % UNIT_COUNT(paths)];
  (void)snprintf(path, sizeof paths[0], "%s/%s", top, name);
  return path;
}

static bool exists(const char *path)
{
  return faccessat(layout.mount_fd, path + 1, F_OK, 0) == 0;
}

static void make(const char *path)
{
  CHECK(mkdirat(layout.mount_fd, path + 1, 0755) == 0);
}

static void unmake(const char *path)
{
  CHECK(unlinkat(layout.mount_fd, path + 1, AT_REMOVEDIR) == 0);
}

static void write_in(const char *path, const char *file, const char *value)
{
  char name[160];
  (void)snprintf(name, sizeof name, "%s/%s", path + 1, file);
  CHECK(file_write_value(layout.mount_fd, name, value) == 0);
}

/* A process in 'path' that sleeps until it is killed. */
static pid_t sleeper(const char *path)
{
  char digits[16];
  pid_t pid = fork();
  if (pid == 0)
    for (;;)
      pause();
  (void)snprintf(digits, sizeof digits, "%d", (int)pid);
  write_in(path, "cgroup.procs", digits);
  return pid;
}

/* True if it was killed. */
static bool reap(pid_t pid)
{
  int status = 0;
  return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static bool create(const char *path, const char *id, struct cgroup_record *record, struct cgroup *cgroup)
{
  error_clear(&err);
  if (CHECK(cgroup_check(&layout, CGROUP_FS, path, record, &err) == 0)
      && CHECK(cgroup_create(&layout, record, id, cgroup, &err) == 0))
    return true;
  char text[ERROR_TEXT_BYTES];
  (void)error_format(&err, text, sizeof text);
  printf("  %s\n", text);
  return false;
}

static bool destroyed(const struct cgroup_record *record)
{
  error_clear(&err);
  if (cgroup_destroy(&layout, record, &err) == 0)
    return true;
  char text[ERROR_TEXT_BYTES];
  (void)error_format(&err, text, sizeof text);
  printf("  %s\n", text);
  return false;
}

/* True if the check refuses 'path' with a message that has 'word'. */
static bool refuses(const char *path, const char *word)
{
  struct cgroup_record record;
  char text[ERROR_TEXT_BYTES];
  error_clear(&err);
  if (cgroup_check(&layout, CGROUP_FS, path, &record, &err) == 0)
    return false;
  (void)error_format(&err, text, sizeof text);
  if (strstr(text, word))
    return true;
  printf("  %s\n", text);
  return false;
}

/* --- making and removing ------------------------------------------------------------------------- */

static void test_parents(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  make(below("kept"));
  if (!create(below("kept/made/leaf"), "a", &record, &cgroup))
    return;
  CHECK_NUMBER(record.existing, 2);
  CHECK(record.made && cgroup.made && record.inode == cgroup.inode && record.inode);
  CHECK(exists(below("kept/made/leaf")));
  CHECK(destroyed(&record));
  CHECK(!exists(below("kept/made")));
  CHECK(exists(below("kept")));
  CHECK(destroyed(&record)); /* gone already: success */
  cgroup_close(&cgroup);
  unmake(below("kept"));
}

static void test_shared_parent(void)
{
  struct cgroup_record a, b;
  struct cgroup cgroup;
  if (!create(below("shared/a"), "a", &a, &cgroup))
    return;
  cgroup_close(&cgroup);
  if (!create(below("shared/b"), "b", &b, &cgroup))
    return;
  cgroup_close(&cgroup);
  CHECK(destroyed(&a));
  CHECK(exists(below("shared/b")));
  CHECK(destroyed(&b)); /* it did not make the parent, but it is the last */
  CHECK(!exists(below("shared")));
}

static void test_existing_leaf(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  make(below("old"));
  if (!create(below("old"), "a", &record, &cgroup))
    return;
  CHECK(!record.made && !cgroup.made);
  pid_t pid = sleeper(below("old"));
  CHECK_NUMBER(cgroup_kill(&cgroup, &err), -1);
  CHECK(destroyed(&record));
  CHECK(exists(below("old")));
  CHECK(kill(pid, 0) == 0);
  (void)kill(pid, SIGKILL);
  CHECK(reap(pid));
  CHECK(destroyed(&record));
  CHECK(exists(below("old")));
  cgroup_close(&cgroup);
  unmake(below("old"));
}

/* One container at a time; what the record of an earlier one says does nothing to the later one. */
static void test_existing_leaf_is_marked(void)
{
  struct cgroup_record a, b, late;
  struct cgroup cgroup;
  char mark[MARK_BYTES], value[8];
  make(below("used"));
  CHECK(cgroup_check(&layout, CGROUP_FS, below("used"), &late, &err) == 0);
  if (!create(below("used"), "a", &a, &cgroup))
    return;
  CHECK(mark_get(cgroup.fd, mark));
  const char *id = mark_id(mark);
  CHECK(id && strcmp(id, "a") == 0 && strcmp(mark, a.nonce) == 0);
  cgroup_close(&cgroup);
  CHECK(refuses(below("used"), "belongs to container 'a'"));
  error_clear(&err);
  CHECK_NUMBER(cgroup_create(&layout, &late, "late", &cgroup, &err), -1);
  CHECK(strstr(error_frame(&err, 0), "took"));
  CHECK(destroyed(&late));
  CHECK(refuses(below("used"), "belongs to container 'a'"));
  CHECK(destroyed(&a));
  if (!create(below("used"), "b", &b, &cgroup))
    return;
  CHECK(cgroup_freeze(&cgroup, &err) == 0);
  CHECK(destroyed(&a));
  CHECK(file_read_small(cgroup.fd, "cgroup.freeze", value, sizeof value) == 2 && value[0] == '1');
  CHECK(destroyed(&b));
  CHECK(file_read_small(cgroup.fd, "cgroup.freeze", value, sizeof value) == 2 && value[0] == '0');
  CHECK(!mark_get(cgroup.fd, mark));
  cgroup_close(&cgroup);
  unmake(below("used"));
}

static void test_families(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  if (!create(below("family/child"), "child", &record, &cgroup))
    return;
  cgroup_close(&cgroup);
  CHECK(refuses(below("family"), "made to hold the cgroups of other containers"));
  CHECK(refuses(below("family/child/x"), "would go with it"));
  CHECK(refuses(below("family/child/x/y/z"), "container 'child'"));
  make(below("family/child/x"));
  CHECK(refuses(below("family/child/x"), "container 'child'"));
  CHECK(!refuses(below("family/other"), ""));
  CHECK(!refuses(below("family/childish"), ""));
  CHECK(destroyed(&record));
  CHECK(!exists(below("family")));
}

static void test_frozen_from_above(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  if (!create(below("above/leaf"), "a", &record, &cgroup))
    return;
  CHECK(!cgroup_is_frozen(&cgroup));
  write_in(below("above"), "cgroup.freeze", "1");
  CHECK(cgroup_is_frozen(&cgroup));
  error_clear(&err);
  CHECK_NUMBER(cgroup_thaw(&cgroup, &err), -1);
  CHECK(strstr(error_frame(&err, 0), "above it is frozen"));
  write_in(below("above"), "cgroup.freeze", "0");
  CHECK(cgroup_thaw(&cgroup, &err) == 0 && !cgroup_is_frozen(&cgroup));
  cgroup_close(&cgroup);
  CHECK(destroyed(&record));
}

static void test_refused(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  CHECK(refuses(below("cgroup.procs"), "cannot open cgroup"));
  CHECK(refuses("/", "root of the hierarchy"));
  CHECK(refuses(below("../../x"), "cannot open"));
  make(below("busy"));
  pid_t pid = sleeper(below("busy"));
  CHECK(refuses(below("busy"), "holds processes"));
  (void)kill(pid, SIGKILL);
  CHECK(reap(pid));
  write_in(below("busy"), "cgroup.freeze", "1");
  CHECK(refuses(below("busy"), "is frozen"));
  CHECK(refuses(below("busy/child/leaf"), "is frozen"));
  write_in(below("busy"), "cgroup.freeze", "0");
  CHECK(!refuses(below("busy"), ""));
  unmake(below("busy"));

  if (!create(below("taken"), "first", &record, &cgroup))
    return;
  CHECK(refuses(below("taken"), "belongs to container 'first'"));
  cgroup_close(&cgroup);
  CHECK(destroyed(&record));
}

static void test_made_meanwhile(void)
{
  struct cgroup_record a, b;
  struct cgroup cgroup;
  const char *path = below("race");
  CHECK(cgroup_check(&layout, CGROUP_FS, path, &a, &err) == 0);
  CHECK(cgroup_check(&layout, CGROUP_FS, path, &b, &err) == 0);
  CHECK(cgroup_create(&layout, &a, "a", &cgroup, &err) == 0);
  cgroup_close(&cgroup);
  CHECK_NUMBER(cgroup_create(&layout, &b, "b", &cgroup, &err), -1);
  CHECK(destroyed(&b)); /* undo of the loser */
  CHECK(exists(path));
  CHECK(destroyed(&a));
  CHECK(!exists(path));
}

/* --- what the workload leaves -------------------------------------------------------------------- */

static void test_nested(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  if (!create(below("nest"), "a", &record, &cgroup))
    return;
  make(below("nest/x"));
  make(below("nest/x/y"));
  make(below("nest/z"));
  pid_t pids[] = { sleeper(below("nest")), sleeper(below("nest/x/y")), sleeper(below("nest/z")) };
  int deep = dup(cgroup.fd);
  for (int i = 0; i < 300; i++) {
    CHECK(mkdirat(deep, "d", 0755) == 0);
    int next = openat(deep, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fd_close(&deep);
    deep = next;
  }
  fd_close(&deep);

  struct arena arena = ARENA_INIT;
  cgroup_pid_list list = { .count = 0 };
  CHECK(cgroup_pids(&arena, &cgroup, false, &list, &err) == 0);
  CHECK_NUMBER(list.count, 1);
  list.count = 0;
  CHECK(cgroup_pids(&arena, &cgroup, true, &list, &err) == 0);
  CHECK_NUMBER(list.count, 3);
  CHECK(list.count == 3 && list.items[0] == pids[0] && list.items[1] < list.items[2]);
  arena_release(&arena);

  CHECK(destroyed(&record));
  CHECK(!exists(below("nest")));
  for (size_t i = 0; i < UNIT_COUNT(pids); i++)
    CHECK(reap(pids[i]));
  cgroup_close(&cgroup);
}

/* Threads in cgroups of their own, which list no processes. */
static void test_threaded(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  struct arena arena = ARENA_INIT;
  cgroup_pid_list list = { .count = 0 };
  if (!create(below("threads"), "a", &record, &cgroup))
    return;
  make(below("threads/t"));
  write_in(below("threads/t"), "cgroup.type", "threaded");
  pid_t pid = sleeper(below("threads"));
  char digits[16];
  (void)snprintf(digits, sizeof digits, "%d", (int)pid);
  write_in(below("threads/t"), "cgroup.threads", digits);
  CHECK(cgroup_pids(&arena, &cgroup, true, &list, &err) == 0);
  CHECK(list.count == 1 && list.items[0] == pid);
  arena_release(&arena);
  CHECK(destroyed(&record));
  CHECK(!exists(below("threads")));
  CHECK(reap(pid));
  cgroup_close(&cgroup);
}

static void test_freeze(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  struct cgroup_events events;
  if (!create(below("freeze"), "a", &record, &cgroup))
    return;
  pid_t pid = sleeper(below("freeze"));
  CHECK(cgroup_read_events(&cgroup, &events, &err) == 0 && events.populated && !events.frozen);
  CHECK(cgroup_freeze(&cgroup, &err) == 0);
  CHECK(cgroup_read_events(&cgroup, &events, &err) == 0 && events.frozen);
  CHECK(cgroup_thaw(&cgroup, &err) == 0);
  CHECK(cgroup_freeze(&cgroup, &err) == 0);
  CHECK(cgroup_kill(&cgroup, &err) == 0); /* no thaw needed */
  CHECK(reap(pid));
  CHECK(destroyed(&record));
  CHECK(!exists(below("freeze")));
  cgroup_close(&cgroup);
}

/* --- after a crash ------------------------------------------------------------------------------- */

static void test_killed_create(void)
{
  struct cgroup_record record, intent;
  struct cgroup cgroup;
  const char *path = below("crash/leaf");
  /* Killed after the leaf was marked: the record on disk has no inode. */
  CHECK(cgroup_check(&layout, CGROUP_FS, path, &intent, &err) == 0);
  record = intent;
  CHECK(cgroup_create(&layout, &record, "a", &cgroup, &err) == 0);
  cgroup_close(&cgroup);
  pid_t pid = sleeper(path);
  CHECK(destroyed(&intent));
  CHECK(reap(pid));
  CHECK(!exists(below("crash")));

  /* Killed between making and marking. */
  CHECK(cgroup_check(&layout, CGROUP_FS, path, &intent, &err) == 0);
  CHECK_NUMBER(intent.existing, 1);
  make(below("crash"));
  make(path);
  CHECK(destroyed(&intent));
  CHECK(!exists(below("crash")));

  /* Killed before the leaf. */
  make(below("crash"));
  CHECK(destroyed(&intent));
  CHECK(!exists(below("crash")));
  CHECK(destroyed(&intent));

  /* Someone else's meanwhile, in use: nothing shows that it is ours. */
  make(below("crash"));
  make(path);
  pid = sleeper(path);
  CHECK(destroyed(&intent));
  CHECK(exists(path));
  CHECK(kill(pid, 0) == 0);
  (void)kill(pid, SIGKILL);
  CHECK(reap(pid));
  unmake(path);
  unmake(below("crash"));
}

static void test_foreign_mark(void)
{
  struct cgroup_record intent, other;
  struct cgroup cgroup;
  const char *path = below("foreign");
  CHECK(cgroup_check(&layout, CGROUP_FS, path, &intent, &err) == 0);
  if (!create(path, "other", &other, &cgroup))
    return;
  CHECK(destroyed(&intent));
  CHECK(exists(path));
  cgroup_close(&cgroup);
  CHECK(destroyed(&other));
}

static void test_another_inode(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  const char *path = below("swap");
  if (!create(path, "a", &record, &cgroup))
    return;
  cgroup_close(&cgroup);
  CHECK(cgroup_open(&layout, &record, &cgroup, &err) == 0 && cgroup.made);
  cgroup_close(&cgroup);
  unmake(path);
  error_clear(&err);
  CHECK_NUMBER(cgroup_open(&layout, &record, &cgroup, &err), -1);
  CHECK_NUMBER(err.errnum, ENOENT);
  make(path);
  CHECK(destroyed(&record));
  CHECK(exists(path));
  pid_t pid = sleeper(path);
  error_clear(&err);
  CHECK_NUMBER(cgroup_open(&layout, &record, &cgroup, &err), -1);
  CHECK(destroyed(&record));
  CHECK(exists(path));
  CHECK(kill(pid, 0) == 0);
  (void)kill(pid, SIGKILL);
  CHECK(reap(pid));
  unmake(path);
}

/* --- files --------------------------------------------------------------------------------------- */

static void test_sub(void)
{
  struct cgroup_record record;
  struct cgroup cgroup, sub;
  if (!create(below("sub"), "a", &record, &cgroup))
    return;
  make(below("sub/inner"));
  CHECK(cgroup_open_sub(&cgroup, "/inner", &sub, &err) == 0 && sub.inode != cgroup.inode);
  cgroup_close(&sub);
  CHECK(cgroup_open_sub(&cgroup, "/", &sub, &err) == 0 && sub.inode == cgroup.inode);
  cgroup_close(&sub);
  static const char *const bad[] = { "..", "../sub", "inner/../..", "missing", "cgroup.procs" };
  for (size_t i = 0; i < UNIT_COUNT(bad); i++) {
    unit_at(bad[i]);
    CHECK_NUMBER(cgroup_open_sub(&cgroup, bad[i], &sub, &err), -1);
  }
  unit_at(NULL);
  cgroup_close(&cgroup);
  CHECK(destroyed(&record));
  CHECK(!exists(below("sub")));
}

/* All or nothing, with files that need no controller; others are in tests/bats/limits.bats. */
static void test_update(void)
{
  struct arena arena = ARENA_INIT;
  struct settings first = { .count = 0 }, second = { .count = 0 };
  struct cgroup_record record;
  struct cgroup cgroup;
  char text[32];
  if (!create(below("upd"), "a", &record, &cgroup))
    return;
  settings_add(&arena, &first, "cgroup.max.depth", "5", "/x");
  CHECK(cgroup_update(&layout, &record, &cgroup, &first, NULL, &err) == 0);
  settings_add(&arena, &second, "cgroup.max.depth", "6", "/x");
  settings_add(&arena, &second, "cgroup.max.depth", "7", "/x");
  settings_add(&arena, &second, "cgroup.not.there", "5", "/y")->optional = true;
  settings_add(&arena, &second, "cgroup.max.descendants", "x", "/z");
  error_clear(&err);
  CHECK_NUMBER(cgroup_update(&layout, &record, &cgroup, &second, NULL, &err), -1);
  CHECK_STRING(err.origin, "/z");
  CHECK(strstr(error_frame(&err, 1), "the old limits stay"));
  CHECK(file_read_small(cgroup.fd, "cgroup.max.depth", text, sizeof text) == 2);
  CHECK_STRING(text, "5\n");
  CHECK(file_read_small(cgroup.fd, "cgroup.max.descendants", text, sizeof text) > 0);
  CHECK_STRING(text, "max\n");
  /* A cgroup that was there before gets the same care when a container is created in it. */
  cgroup.made = false;
  error_clear(&err);
  CHECK_NUMBER(cgroup_apply(&cgroup, &second, &err), -1);
  CHECK(file_read_small(cgroup.fd, "cgroup.max.depth", text, sizeof text) == 2);
  CHECK_STRING(text, "5\n");
  /* Where there is no such file, the other one; later values that depend on others. */
  second.count = 0;
  settings_add(&arena, &second, "cgroup.not.there", "5", "/y")->other_file = "cgroup.max.descendants";
  second.items[0].other_value = "8";
  CHECK(cgroup_update(&layout, &record, &cgroup, &second, NULL, &err) == 0);
  CHECK(file_read_small(cgroup.fd, "cgroup.max.descendants", text, sizeof text) > 0);
  CHECK_STRING(text, "8\n");
  /* Removed under us. */
  cgroup.made = true;
  CHECK(destroyed(&record));
  error_clear(&err);
  CHECK_NUMBER(cgroup_update(&layout, &record, &cgroup, &first, NULL, &err), -1);
  CHECK(strstr(error_frame(&err, 0), "has disappeared"));
  struct cgroup_stats stats;
  error_clear(&err);
  CHECK_NUMBER(cgroup_read_stats(&arena, &cgroup, &stats, &err), -1);
  CHECK(strstr(error_frame(&err, 0), "has disappeared"));
  error_clear(&err);
  cgroup_close(&cgroup);
  arena_release(&arena);
}

static void test_settings(void)
{
  struct arena arena = ARENA_INIT;
  struct settings settings = { .count = 0 };
  struct cgroup_record record;
  struct cgroup cgroup;
  struct cgroup_stats stats;
  char text[32];
  if (!create(below("set"), "a", &record, &cgroup))
    return;
  settings_add(&arena, &settings, "cgroup.max.depth", "5", "/x");
  settings_add(&arena, &settings, "cgroup.not.there", "5", "/y")->optional = true;
  CHECK(cgroup_apply(&cgroup, &settings, &err) == 0);
  CHECK(file_read_small(cgroup.fd, "cgroup.max.depth", text, sizeof text) == 2);
  CHECK_STRING(text, "5\n");
  CHECK(cgroup_enable(&layout, &record, &settings, &err) == 0);

  settings_add(&arena, &settings, "cgroup.max.descendants", "x", "/linux/resources/unified");
  CHECK_NUMBER(cgroup_apply(&cgroup, &settings, &err), -1);
  CHECK_STRING(err.origin, "/linux/resources/unified");
  CHECK(strstr(error_frame(&err, 0), "cgroup.max.descendants") && err.errnum == EINVAL);

  settings_add(&arena, &settings, "nonsense.max", "1", "/linux/resources/nonsense");
  error_clear(&err);
  CHECK_NUMBER(cgroup_enable(&layout, &record, &settings, &err), -1);
  CHECK_STRING(err.origin, "/linux/resources/nonsense");
  CHECK(cgroup_read_stats(&arena, &cgroup, &stats, &err) == 0);

  struct stat st;
  CHECK(cgroup_delegate(&cgroup, 12345, &err) == 0);
  CHECK(fstat(cgroup.fd, &st) == 0 && st.st_uid == 12345);
  CHECK(fstatat(cgroup.fd, "cgroup.procs", &st, 0) == 0 && st.st_uid == 12345);
  CHECK(fstatat(cgroup.fd, "cgroup.kill", &st, 0) == 0 && st.st_uid == 0);
  cgroup_close(&cgroup);
  CHECK(destroyed(&record));
  arena_release(&arena);
}

/* --- devices ------------------------------------------------------------------------------------- */

/* Exit status of a process in the cgroup: bits say which accesses were refused with EPERM. */
static int try_devices(const struct cgroup *cgroup)
{
  int status = -1;
  pid_t pid = fork();
  if (pid == 0) {
    int refused = 0;
    (void)cgroup_enter(cgroup, getpid(), NULL);
    (void)unlink("kmsg");
    if (mknod("kmsg", S_IFCHR | 0600, makedev(1, 11)) < 0)
      refused |= 1;
    if (open("kmsg", O_RDONLY | O_NONBLOCK) < 0 && errno == EPERM)
      refused |= 2;
    if (open("/dev/null", O_RDWR) < 0 && errno == EPERM)
      refused |= 4;
    _exit(refused);
  }
  CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void limit(const struct cgroup *cgroup, const struct device_rule *rules, size_t count)
{
  struct arena arena = ARENA_INIT;
  struct device_form form;
  error_clear(&err);
  CHECK(device_form_make(&arena, rules, count, &form, &err) == 0);
  if (!CHECK(cgroup_limit_devices(cgroup, &form, &err) == 0))
    printf("  %s\n", error_frame(&err, 0));
  arena_release(&arena);
}

static void test_devices(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  struct device_rule kmsg = {
    .allow = { true, true },
    .type = (char *)"c",
    .major = { true, 1 },
    .minor = { true, 11 },
    .access = (char *)"r",
  };
  (void)unit_temp_dir();
  make(below("dev"));
  if (!create(below("dev"), "a", &record, &cgroup))
    return;
  CHECK_NUMBER(try_devices(&cgroup), 0);
  limit(&cgroup, NULL, 0);
  CHECK_NUMBER(try_devices(&cgroup), 2);
  limit(&cgroup, &kmsg, 1); /* replaces the first */
  CHECK_NUMBER(try_devices(&cgroup), 0);
  limit(&cgroup, NULL, 0);
  CHECK_NUMBER(try_devices(&cgroup), 2);
  /* A container in a container: all programs on the way must allow. */
  struct cgroup inner;
  make(below("dev/inner"));
  CHECK(cgroup_open_sub(&cgroup, "inner", &inner, &err) == 0);
  limit(&inner, &kmsg, 1);
  CHECK_NUMBER(try_devices(&inner), 2);
  cgroup_close(&inner);
  unmake(below("dev/inner"));
  CHECK(destroyed(&record)); /* kept, but without the program */
  CHECK_NUMBER(try_devices(&cgroup), 0);
  cgroup_close(&cgroup);
  unmake(below("dev"));
}

/* --- together ------------------------------------------------------------------------------------ */

static void test_parallel(void)
{
  enum { WORKERS = 4, ROUNDS = 150 };
  pid_t pids[WORKERS];
  for (int w = 0; w < WORKERS; w++) {
    pids[w] = fork();
    if (pids[w])
      continue;
    char name[32];
    (void)snprintf(name, sizeof name, "crowd/deep/%d", w);
    unit_failed = 0;
    for (int i = 0; i < ROUNDS; i++) {
      struct cgroup_record record;
      struct cgroup cgroup;
      if (!create(below(name), "w", &record, &cgroup) || !destroyed(&record))
        _exit(1);
      cgroup_close(&cgroup);
    }
    _exit(unit_failed ? 1 : 0);
  }
  for (int w = 0; w < WORKERS; w++) {
    int status = -1;
    CHECK(waitpid(pids[w], &status, 0) == pids[w]);
    CHECK_NUMBER(status, 0);
  }
  CHECK(!exists(below("crowd")));
}

static void test_disabled(void)
{
  struct cgroup_record record;
  struct cgroup cgroup;
  struct cgroup_events events;
  struct cgroup_layout none = CGROUP_LAYOUT_INIT;
  error_clear(&err);
  CHECK(cgroup_check(&none, CGROUP_DISABLED, NULL, &record, &err) == 0);
  CHECK(cgroup_create(&none, &record, "a", &cgroup, &err) == 0 && cgroup.fd == -1);
  CHECK(cgroup_open(&none, &record, &cgroup, &err) == 0 && cgroup.fd == -1);
  CHECK_NUMBER(cgroup_freeze(&cgroup, &err), -1);
  CHECK(strstr(error_frame(&err, 0), "no cgroup"));
  CHECK_NUMBER(cgroup_kill(&cgroup, &err), -1);
  CHECK_NUMBER(cgroup_read_events(&cgroup, &events, &err), -1);
  CHECK(cgroup_destroy(&none, &record, &err) == 0);
  CHECK_NUMBER(cgroup_check(&layout, CGROUP_SYSTEMD, "/x", &record, &err), -1);
}

static double now_us(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Prints what a container pays; no verdict, hosts differ. */
static void measure(void)
{
  enum { ROUNDS = 200 };
  double spent[4] = { 0 };
  for (int i = 0; i < ROUNDS; i++) {
    struct cgroup_record record;
    struct cgroup cgroup;
    double at = now_us();
    CHECK(cgroup_check(&layout, CGROUP_FS, below("time"), &record, &err) == 0);
    spent[0] += now_us() - at;
    at = now_us();
    CHECK(cgroup_create(&layout, &record, "time", &cgroup, &err) == 0);
    spent[1] += now_us() - at;
    at = now_us();
    limit(&cgroup, NULL, 0);
    spent[2] += now_us() - at;
    cgroup_close(&cgroup);
    at = now_us();
    CHECK(destroyed(&record));
    spent[3] += now_us() - at;
  }
  printf("us: check %.1f, create %.1f, limit devices %.1f, destroy %.1f\n", spent[0] / ROUNDS,
         spent[1] / ROUNDS, spent[2] / ROUNDS, spent[3] / ROUNDS);
}

int main(void)
{
  if (geteuid() != 0)
    unit_skip("needs root");
  if (cgroup_find(&layout, &err) < 0)
    unit_skip("needs a cgroup2 mount");
  (void)snprintf(top, sizeof top, "/hull-unit-%d", (int)getpid());
  if (mkdirat(layout.mount_fd, top + 1, 0755) < 0)
    unit_skip("can't make cgroups here");
  test_parents();
  test_shared_parent();
  test_existing_leaf();
  test_existing_leaf_is_marked();
  test_families();
  test_frozen_from_above();
  test_refused();
  test_made_meanwhile();
  test_nested();
  test_threaded();
  test_freeze();
  test_killed_create();
  test_foreign_mark();
  test_another_inode();
  test_sub();
  test_settings();
  test_update();
  test_devices();
  test_parallel();
  test_disabled();
  measure();
  unmake(top);
  cgroup_layout_close(&layout);
  return unit_finish();
}
