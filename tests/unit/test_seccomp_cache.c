/* SPDX-License-Identifier: Apache-2.0
 * The cache and the container's own copy: what is there comes back, and nothing else does. Prints cold and
 * warm times for podman's profile. */
#include "seccomp/seccomp.h"
#include "tests/unit/seccomp_profile.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct rule_row small_rules[] = { { ACT_ERRNO, 13, 1, { { 0, OP_EQ, 4, 0 } }, "dup mkdir" },
                                               { .names = NULL } };
static const struct profile_row small = { ACT_ALLOW, -1, NULL, "SECCOMP_FILTER_FLAG_LOG", small_rules };

static int cache = -1;

static bool same_program(const struct seccomp_program *a, const struct seccomp_program *b)
{
  return a->length == b->length && a->flags == b->flags && a->notify == b->notify
         && memcmp(a->filter, b->filter, a->length * sizeof *a->filter) == 0;
}

static bool obtain(struct arena *arena, const struct profile_row *row, struct seccomp_program *program)
{
  bool hit = false;
  CHECK(seccomp_obtain(arena, cache, make_profile(arena, row), program, &hit, NULL) == 0);
  return hit;
}

/* Number of files in the cache; the name of one of them in 'name'. */
static unsigned count_files(char name[64])
{
  unsigned count = 0;
  DIR *dir = fdopendir(openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!CHECK(dir != NULL))
    return 0;
  for (struct dirent *e; (e = readdir(dir)) != NULL;)
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
      count++;
      snprintf(name, 64, "%.60s", e->d_name);
    }
  closedir(dir);
  return count;
}

static void empty_cache(void)
{
  char name[64];
  while (count_files(name) > 0)
    if (unlinkat(cache, name, 0) < 0 && unlinkat(cache, name, AT_REMOVEDIR) < 0)
      return;
}

static void hit_and_miss(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program first, second, other;
  char name[64];
  struct profile_row row = small;
  CHECK(!obtain(&arena, &small, &first));
  CHECK_NUMBER(count_files(name), 1);
  CHECK(obtain(&arena, &small, &second));
  CHECK(same_program(&first, &second));
  row.errno_ret = -1;
  row.flags = "";
  CHECK(!obtain(&arena, &row, &other));
  row = small;
  row.archs = "SCMP_ARCH_X86_64";
  CHECK(!obtain(&arena, &row, &other));
  struct rule_row rules[2] = { small_rules[0], { .names = NULL } };
  row = small;
  row.rules = rules;
  rules[0].args[0].value = 5;
  CHECK(!obtain(&arena, &row, &other));
  rules[0].args[0].value = 4;
  CHECK(obtain(&arena, &row, &other));
  rules[0].names = "dup mkdirat";
  CHECK(!obtain(&arena, &row, &other));
  CHECK_NUMBER(count_files(name), 5);
  empty_cache();
  arena_release(&arena);
}

/* --- damage ---------------------------------------------------------------------------------------- */

/* Each makes the one file of the cache unfit. False: cannot be done here. */
static bool flip(const char *name, off_t offset)
{
  char byte = 0;
  int fd = openat(cache, name, O_RDWR | O_CLOEXEC);
  bool ok = fd >= 0 && pread(fd, &byte, 1, offset) == 1;
  byte ^= 0x10;
  ok = ok && pwrite(fd, &byte, 1, offset) == 1;
  close(fd);
  return ok;
}
static bool cut(const char *name, off_t by)
{
  struct stat st;
  int fd = openat(cache, name, O_RDWR | O_CLOEXEC);
  bool ok = fstat(fd, &st) == 0 && ftruncate(fd, by > 0 ? st.st_size - by : 0) == 0;
  close(fd);
  return ok;
}
static bool append(const char *name, off_t unused)
{
  (void)unused;
  int fd = openat(cache, name, O_WRONLY | O_APPEND | O_CLOEXEC);
  bool ok = write(fd, "12345678", 8) == 8;
  close(fd);
  return ok;
}
static bool mode(const char *name, off_t bits)
{
  return fchmodat(cache, name, (mode_t)bits, 0) == 0;
}
static bool owner(const char *name, off_t uid)
{
  return fchownat(cache, name, (uid_t)uid, (gid_t)-1, 0) == 0;
}
static bool hard_link(const char *name, off_t unused)
{
  (void)unused;
  return linkat(cache, name, cache, "other", 0) == 0;
}
static bool symbolic_link(const char *name, off_t unused)
{
  (void)unused;
  return renameat(cache, name, cache, "other") == 0 && symlinkat("other", cache, name) == 0;
}
static bool fifo(const char *name, off_t unused)
{
  (void)unused;
  return unlinkat(cache, name, 0) == 0 && mkfifoat(cache, name, 0600) == 0;
}

struct damage {
  const char *what;
  bool (*apply)(const char *name, off_t how);
  off_t how;
};
static const struct damage damages[] = {
  { "magic", flip, 0 },
  { "format", flip, 8 },
  { "notify", flip, 12 },
  { "flags", flip, 16 },
  { "key length", flip, 24 },
  { "instructions", flip, 32 },
  { "checksum", flip, 40 },
  { "key", flip, 60 },
  { "deep in the key", flip, 150 },
  { "cut by a byte", cut, 1 },
  { "cut by a word", cut, 8 },
  { "empty", cut, 0 },
  { "longer", append, 0 },
  { "readable", mode, 0644 },
  { "writable", mode, 0602 },
  { "executable", mode, 0700 },
  { "setuid", mode, 04600 },
  { "owner", owner, 1 },
  { "hard link", hard_link, 0 },
  { "symlink", symbolic_link, 0 },
  { "fifo", fifo, 0 },
};

static void damage_row(const struct damage *d)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program good, again;
  char name[64];
  empty_cache();
  CHECK(!obtain(&arena, &small, &good));
  CHECK_NUMBER(count_files(name), 1);
  if (!d->apply(name, d->how)) {
    printf("%s: skipped: %s\n", d->what, strerror(errno));
    arena_release(&arena);
    return;
  }
  CHECK(!obtain(&arena, &small, &again));
  CHECK(same_program(&good, &again));
  CHECK(obtain(&arena, &small, &again)); /* it was replaced */
  arena_release(&arena);
}

static void every_byte(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program good, again;
  struct stat st = { 0 };
  char name[64];
  empty_cache();
  obtain(&arena, &small, &good);
  count_files(name);
  CHECK(fstatat(cache, name, &st, 0) == 0);
  for (off_t i = 0; i < st.st_size; i++) {
    CHECK(flip(name, i));
    if (!CHECK(!obtain(&arena, &small, &again) && same_program(&good, &again)))
      printf("  byte %lld of %lld\n", (long long)i, (long long)st.st_size);
  }
  empty_cache();
  arena_release(&arena);
}

/* Another profile's file under this profile's name, as after a collision of hashes. */
static void collision(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program good, again;
  struct profile_row row = small;
  char name[64], other[64];
  row.flags = "";
  empty_cache();
  obtain(&arena, &row, &good);
  count_files(other);
  CHECK(renameat(cache, other, cache, ".other") == 0);
  obtain(&arena, &small, &good);
  count_files(name);
  if (name[0] == '.') { /* the order of a directory is anybody's guess */
    CHECK(renameat(cache, ".other", AT_FDCWD, "moved") == 0);
    count_files(name);
    CHECK(renameat(AT_FDCWD, "moved", cache, ".other") == 0);
  }
  CHECK(renameat(cache, ".other", cache, name) == 0);
  CHECK(!obtain(&arena, &small, &again));
  CHECK(same_program(&good, &again));
  CHECK(obtain(&arena, &small, &again));
  empty_cache();
  arena_release(&arena);
}

/* --- directory ------------------------------------------------------------------------------------- */

static void not_writable(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program program;
  bool hit = true;
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(seccomp_obtain(&arena, null, make_profile(&arena, &small), &program, &hit, NULL) == 0);
  CHECK(!hit);
  CHECK(seccomp_obtain(&arena, -1, make_profile(&arena, &small), &program, &hit, NULL) == 0);
  CHECK(!hit);
  close(null);
  arena_release(&arena);
}

static void eviction(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program program;
  struct rule_row rules[2] = { small_rules[0], { .names = NULL } };
  struct profile_row row = small;
  char name[64];
  row.rules = rules;
  empty_cache();
  close(openat(cache, ".seccomp-1-1.tmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
  CHECK(utimensat(cache, ".seccomp-1-1.tmp", old, 0) == 0);
  obtain(&arena, &small, &program);
  CHECK_NUMBER(count_files(name), 1); /* the temporary file is gone */
  CHECK(utimensat(cache, name, old, 0) == 0);
  CHECK(obtain(&arena, &small, &program)); /* touches it */
  struct stat st = { 0 };
  CHECK(fstatat(cache, name, &st, 0) == 0 && st.st_mtime > 1);
  CHECK(utimensat(cache, name, old, 0) == 0);
  for (unsigned i = 0; i < 70; i++) {
    rules[0].args[0].value = 100 + i;
    CHECK(!obtain(&arena, &row, &program));
  }
  CHECK_NUMBER(count_files(name), 64);
  CHECK(!obtain(&arena, &small, &program)); /* the oldest */
  empty_cache();
  arena_release(&arena);
}

static void directory(void)
{
  int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stat st;
  int fd = seccomp_cache_open(here);
  CHECK(fd >= 0);
  CHECK(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0700);
  close(fd);
  CHECK(chmod(".cache/seccomp", 0755) == 0);
  CHECK(seccomp_cache_open(here) < 0);
  CHECK(rmdir(".cache/seccomp") == 0 && symlink("/tmp", ".cache/seccomp") == 0);
  CHECK(seccomp_cache_open(here) < 0);
  CHECK(unlink(".cache/seccomp") == 0);
  cache = seccomp_cache_open(here);
  CHECK(cache >= 0);
  close(here);
}

/* --- the container's own copy ---------------------------------------------------------------------- */

static void own_copy(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program made = compile_row(&arena, &podman_profile), back = { 0 };
  struct error err = { 0 };
  char text[ERROR_TEXT_BYTES];
  CHECK(seccomp_program_write(AT_FDCWD, "seccomp", &made, NULL) == 0);
  CHECK(seccomp_program_read(&arena, AT_FDCWD, "seccomp", &back, NULL) == 0);
  CHECK(same_program(&made, &back));
  CHECK((uintptr_t)back.filter % sizeof(uint64_t) == 0);
  CHECK(seccomp_program_write(AT_FDCWD, "seccomp", &made, NULL) == 0); /* replaces */
  CHECK(truncate("seccomp", 100) == 0);
  CHECK(seccomp_program_read(&arena, AT_FDCWD, "seccomp", &back, &err) < 0);
  error_format(&err, text, sizeof text);
  CHECK_STRING(text, "cannot use seccomp program 'seccomp': wrong size");
  error_clear(&err);
  CHECK(seccomp_program_read(&arena, AT_FDCWD, "absent", &back, &err) < 0);
  error_format(&err, text, sizeof text);
  CHECK_STRING(text, "cannot open seccomp program 'absent': No such file or directory");
  CHECK(seccomp_program_write(AT_FDCWD, "no/where", &made, NULL) < 0);
  arena_release(&arena);
}

/* A runtime that is killed while it writes leaves a name that state_remove() knows, and the next one
 * replaces. */
static void own_copy_half_written(void)
{
  struct arena arena = ARENA_INIT;
  struct seccomp_program made = compile_row(&arena, &podman_profile);
  struct stat st;
  int status = 0;
  pid_t pid = fork();
  if (pid == 0) {
    struct rlimit files = { 100, 100 }, core = { 0, 0 };
    if (setrlimit(RLIMIT_CORE, &core) == 0 && setrlimit(RLIMIT_FSIZE, &files) == 0)
      (void)seccomp_program_write(AT_FDCWD, "half", &made, NULL); /* SIGXFSZ in the midst of it */
    _exit(1);
  }
  CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
  CHECK(lstat(".half.tmp", &st) == 0);
  CHECK(lstat("half", &st) < 0);
  CHECK(seccomp_program_write(AT_FDCWD, "half", &made, NULL) == 0);
  CHECK(lstat(".half.tmp", &st) < 0);
  CHECK(lstat("half", &st) == 0);
  arena_release(&arena);
}

/* --- time ------------------------------------------------------------------------------------------ */

static double now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double fastest(const struct seccomp *profile, int dirfd, unsigned rounds, bool want_hit)
{
  double best = 1e12;
  for (unsigned i = 0; i < rounds; i++) {
    struct arena arena = ARENA_INIT;
    struct seccomp_program program;
    bool hit = false;
    double start = now_us();
    CHECK(seccomp_obtain(&arena, dirfd, profile, &program, &hit, NULL) == 0);
    double took = now_us() - start;
    CHECK(hit == want_hit);
    best = took < best ? took : best;
    arena_release(&arena);
  }
  return best;
}

static void times(void)
{
  struct arena arena = ARENA_INIT;
  const struct seccomp *profile = make_profile(&arena, &podman_profile);
  empty_cache();
  double cold = fastest(profile, cache, 1, false);
  double warm = fastest(profile, cache, 200, true);
  double none = fastest(profile, -1, 5, false);
  printf("podman's profile: compile %.0f us, with writing (first) %.0f us, warm %.1f us\n", none, cold, warm);
  CHECK(warm < none / 5);
  empty_cache();
  arena_release(&arena);
}

int main(void)
{
  unit_temp_dir();
  directory();
  hit_and_miss();
  for (size_t i = 0; i < UNIT_COUNT(damages); i++) {
    unit_at(damages[i].what);
    damage_row(&damages[i]);
  }
  unit_at(NULL);
  every_byte();
  collision();
  not_writable();
  eviction();
  own_copy();
  own_copy_half_written();
  times();
  return unit_finish();
}
