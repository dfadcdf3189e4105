/* SPDX-License-Identifier: Apache-2.0
 * Reads a cgroup: its events, its processes, and what the controllers of the table count. */
#include "cgroups/controllers.h"
#include "cgroups/fs.h"
#include "cgroups/tree.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_BYTES 256
#define PROCS_MAX_BYTES (64 << 20) /* more than 4 million ids, the kernel's limit, can't be */
#define STAT_BYTES 16384
#define STAT_MAX_BYTES (16 << 20) /* io.stat and rdma.current have a line per device */

int cgroup_read_events(const struct cgroup *cgroup, struct cgroup_events *events, struct error *err)
{
  char text[EVENTS_BYTES];
  uint64_t value = 0;
  if (cgroup_present(cgroup, err) < 0)
    return -1;
  if (file_read_small(cgroup->fd, "cgroup.events", text, sizeof text) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot read '%s/cgroup.events'", cgroup->path);
  *events = (struct cgroup_events){ .populated = keyed_value(text, "populated", &value) && value };
  events->frozen = keyed_value(text, "frozen", &value) && value;
  return 0;
}

static int64_t now_ms(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#define LOOK_AGAIN_MS 100 /* a notification of a cgroup that is removed may be lost */

int cgroup_wait_event(int dir, const char *key, uint64_t wanted, int timeout_ms)
{
  char text[EVENTS_BYTES];
  uint64_t value;
  auto_close int fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  for (int64_t deadline = now_ms() + timeout_ms;;) {
    ssize_t n = pread(fd, text, sizeof text - 1, 0); /* also acknowledges the change that poll told of */
    if (n < 0)
      return -1;
    text[n] = '\0';
    if (keyed_value(text, key, &value) && value == wanted)
      return 1;
    int64_t left = deadline - now_ms();
    struct pollfd p = { .fd = fd, .events = POLLPRI };
    if (left <= 0)
      return 0;
    if (poll(&p, 1, left < LOOK_AGAIN_MS ? (int)left : LOOK_AGAIN_MS) < 0 && errno != EINTR)
      return -1;
  }
}

/* --- processes ----------------------------------------------------------------------------------- */

struct pid_reader {
  struct arena *arena;
  cgroup_pid_list *pids;
};

static int read_pids(int dir, void *context)
{
  struct pid_reader *reader = context;
  struct error trouble = { 0 };
  const char *text = file_read(reader->arena, dir, "cgroup.procs", PROCS_MAX_BYTES, NULL, &trouble);
  if (!text) {
    /* Threaded cgroups have no list: their processes are in that of the domain above. Or it vanished. */
    if (trouble.errnum == EOPNOTSUPP || trouble.errnum == ENOENT || trouble.errnum == ENODEV)
      return 0;
    errno = trouble.errnum;
    return -1;
  }
  for (char *end; *text; text = end + (*end == '\n')) {
    long pid = strtol(text, &end, 10);
    if (end == text)
      break;
    if (pid <= 0) /* 0: a process that our pid namespace can't see */
      continue;
    pid_t *added = vec_push(reader->arena, reader->pids);
    *added = (pid_t)pid;
  }
  return 0;
}

static int compare_pids(const void *a, const void *b)
{
  pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;
  return (x > y) - (x < y);
}

int cgroup_pids(struct arena *arena, const struct cgroup *cgroup, bool recursive, cgroup_pid_list *pids,
                struct error *err)
{
  struct pid_reader reader = { .arena = arena, .pids = pids };
  const struct tree_visitor visitor = { .enter = read_pids, .context = &reader };
  if (cgroup_present(cgroup, err) < 0)
    return -1;
  if (read_pids(cgroup->fd, &reader) < 0 || (recursive && tree_walk(arena, cgroup->fd, &visitor) < 0))
    return error_set(err, ERROR_KERNEL, errno, "cannot list the processes of cgroup '%s'", cgroup->path);
  if (pids->count)
    qsort(pids->items, pids->count, sizeof *pids->items, compare_pids);
  return 0;
}

/* --- numbers ------------------------------------------------------------------------------------- */

struct reading {
  struct arena *arena;
  const struct cgroup *cgroup;
  struct cgroup_stats *stats;
  struct strings sizes; /* of huge pages: what hugetlb files are for */
};

/* What the kernel says of a file that has no numbers here: it lacks the file; no PSI in this boot. */
static bool has_no_numbers(int errnum)
{
  return errnum == ENOENT || errnum == EOPNOTSUPP;
}

static int read_stat(const struct reading *r, const struct stat_file *file, const char *name,
                     const char *part, struct error *err)
{
  char small[STAT_BYTES];
  const char *text = small;
  if (file_read_small(r->cgroup->fd, name, small, sizeof small) < 0) {
    if (has_no_numbers(errno))
      return 0;
    if (errno == ENODEV)
      return cgroup_gone(r->cgroup, err);
    if (errno != EFBIG)
      return error_set(err, ERROR_KERNEL, errno, "cannot read '%s/%s'", r->cgroup->path, name);
    text = file_read(r->arena, r->cgroup->fd, name, STAT_MAX_BYTES, NULL, err);
    if (!text)
      return error_wrap(err, "cannot read numbers of cgroup '%s'", r->cgroup->path);
  }
  file->parse(r->arena, part, text, r->stats);
  return 0;
}

/* The sizes that there are files for: hugetlb.SIZE.current. */
static int find_sizes(struct reading *r, struct error *err)
{
  static const char prefix[] = "hugetlb.", suffix[] = ".current";
  int fd = openat(r->cgroup->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  if (!dir) {
    int errnum = errno;
    fd_close(&fd);
    return error_set(err, ERROR_KERNEL, errnum, "cannot list cgroup '%s'", r->cgroup->path);
  }
  for (const struct dirent *entry; (entry = readdir(dir));) {
    const char *name = entry->d_name, *size = name + strlen(prefix);
    if (!text_starts_with(name, prefix) || !text_ends_with(size, suffix) || strchr(size, '.') == NULL
        || strlen(strchr(size, '.')) != strlen(suffix)) /* not hugetlb.SIZE.rsvd.current */
      continue;
    char **added = vec_push(r->arena, &r->sizes);
    *added = arena_strndup(r->arena, size, strlen(size) - strlen(suffix));
  }
  (void)closedir(dir);
  return 0;
}

/* A file for each size of huge pages. */
static int read_sized(struct reading *r, const struct stat_file *file, struct error *err)
{
  char *const *size;
  const char *star = strchr(file->name, '*');
  if (r->sizes.count == 0 && find_sizes(r, err) < 0)
    return -1;
  vec_each (&r->sizes, size) {
    char name[NAME_MAX + 1];
    (void)snprintf(name, sizeof name, "%.*s%s%s", (int)(star - file->name), file->name, *size, star + 1);
    if (read_stat(r, file, name, *size, err) < 0)
      return -1;
  }
  return 0;
}

static int read_controller(struct reading *r, const struct controller *row, bool enabled, struct error *err)
{
  for (const struct stat_file *file = row->stat_files; file && file->name; file++) {
    if (!enabled && !file->core)
      continue;
    int result =
        strchr(file->name, '*') ? read_sized(r, file, err) : read_stat(r, file, file->name, NULL, err);
    if (result < 0)
      return -1;
  }
  return 0;
}

int cgroup_read_stats(struct arena *arena, const struct cgroup *cgroup, struct cgroup_stats *stats,
                      struct error *err)
{
  char enabled[EVENTS_BYTES];
  struct reading r = { .arena = arena, .cgroup = cgroup, .stats = stats };
  *stats = (struct cgroup_stats){ .has_cpu = false };
  if (cgroup_present(cgroup, err) < 0)
    return -1;
  if (file_read_small(cgroup->fd, "cgroup.controllers", enabled, sizeof enabled) < 0)
    return errno == ENODEV || errno == ENOENT
               ? cgroup_gone(cgroup, err)
               : error_set(err, ERROR_KERNEL, errno, "cannot read '%s/cgroup.controllers'", cgroup->path);
  for (const struct controller *const *row = controllers; *row; row++)
    if (read_controller(&r, *row, controllers_have(enabled, (*row)->name), err) < 0)
      return -1;
  return 0;
}

int cgroup_read_oom(const struct cgroup *cgroup, uint64_t *oom, uint64_t *oom_kill, struct error *err)
{
  char text[EVENTS_BYTES];
  *oom = *oom_kill = 0;
  if (file_read_small(cgroup->fd, "memory.events", text, sizeof text) < 0)
    return errno == ENOENT
               ? 0
               : error_set(err, ERROR_KERNEL, errno, "cannot read '%s/memory.events'", cgroup->path);
  (void)keyed_value(text, "oom", oom);
  (void)keyed_value(text, "oom_kill", oom_kill);
  return 0;
}
