/* SPDX-License-Identifier: Apache-2.0
 * Tells the caller which process it is (pid file, pidfd socket), and later what became of it. */
#include "libcontainer/runtime/outcome.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/fd_passing.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/runtime/create.h"
#include "libcontainer/runtime/stats.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Decimal, no newline: conmon and containerd read the whole file as a number. */
int write_pid_file(void *context, struct error *err)
{
  struct launch *l = context;
  char text[16];
  const int n = snprintf(text, sizeof text, "%d", (int)l->pid);
  if (file_replace(AT_FDCWD, l->wishes.pid_file, text, (size_t)n, 0644, err) < 0)
    return error_wrap(err, "cannot write the pid file");
  l->pid_file_written = true;
  return 0;
}

void remove_pid_file(void *context)
{
  struct launch *l = context;
  if (l->pid_file_written)
    (void)unlink(l->wishes.pid_file); /* best effort: its pid is dead, and the caller sees our exit status */
}

int send_pidfd(void *context, struct error *err)
{
  struct launch *l = context;
  auto_close int socket = unix_connect(l->wishes.pidfd_socket, err);
  if (socket < 0 || fds_send(socket, "pidfd", 5, &l->pidfd, 1, err) < 0)
    return error_wrap(err, "cannot send the pidfd to '%s'", l->wishes.pidfd_socket);
  return 0;
}

/* --- the OOM killer ------------------------------------------------------------------------------------- */

/* What even /bin/true needs (x86-64, 4 KiB pages; tests/bench/min_memory.sh). */
#define MEMORY_NEEDED_BYTES (160 << 10)

uint64_t oom_kills(const struct cgroup *cgroup)
{
  uint64_t oom, kills = 0;
  struct error ignored = { 0 };
  if (cgroup->fd >= 0)
    (void)cgroup_read_oom(cgroup, &oom, &kills, &ignored);
  return kills;
}

/* The kernel counts a kill in every cgroup above, too. systemd removes the cgroup of a scope as soon as it is
 * empty, and with it the counter; that of the slice stays. */
static uint64_t oom_kills_above(const struct cgroup *cgroup)
{
  const struct cgroup above = { .fd = openat(cgroup->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC),
                                .path = ".." };
  const uint64_t kills = oom_kills(&above);
  if (above.fd >= 0)
    (void)close(above.fd);
  return kills;
}

static bool is_removed(const struct cgroup *cgroup)
{
  return faccessat(cgroup->fd, "cgroup.procs", F_OK, 0) < 0;
}

/* A file with one number; 'fallback' if it is not there, or says "max". */
static uint64_t read_number(const struct cgroup *cgroup, const char *name, uint64_t fallback)
{
  char text[32];
  uint64_t value;
  if (file_read_small(cgroup->fd, name, text, sizeof text) < 0)
    return fallback;
  text[strcspn(text, "\n")] = '\0';
  return parse_u64(text, UINT64_MAX, &value) == 0 ? value : fallback;
}

/* 'planned' is the limit if the cgroup can't tell any more. */
static int set_oom_killed(const struct cgroup *cgroup, uint64_t planned, struct error *err)
{
  static const char said[] = "container init was OOM-killed (memory limit too low?)"; /* callers know it */
  const uint64_t limit = read_number(cgroup, "memory.max", planned);
  const uint64_t peak = read_number(cgroup, "memory.peak", 0);
  char used[64] = "";
  if (peak > 0)
    (void)snprintf(used, sizeof used, " (%" PRIu64 " in use at the peak)", peak);
  if (limit == CGROUP_NO_LIMIT)
    return error_set(err, ERROR_KERNEL, 0,
                     "%s: it has no limit of its own%s: a cgroup above has, or the host "
                     "is out of memory",
                     said, used);
  if (limit < MEMORY_NEEDED_BYTES)
    error_set(err, ERROR_CONFIG, 0,
              "%s: the limit is %" PRIu64 " bytes%s, and any process needs about %d to start", said, limit,
              used, MEMORY_NEEDED_BYTES);
  else
    error_set(err, ERROR_CONFIG, 0,
              "%s: the limit is %" PRIu64 " bytes%s, and this process needs more to start", said, limit,
              used);
  return error_at(err, "/linux/resources/memory/limit");
}

bool set_if_oom_killed(const struct container_state *state, struct error *err)
{
  struct cgroup cgroup;
  if (state->cgroup.manager == CGROUP_DISABLED || !state->cgroup.made
      || cgroup_find_and_open(&state->cgroup, &cgroup, NULL) < 0)
    return false;
  const bool killed = oom_kills(&cgroup) > 0;
  if (killed)
    (void)set_oom_killed(&cgroup, CGROUP_NO_LIMIT, err);
  cgroup_close(&cgroup);
  return killed;
}

static uint64_t planned_limit(const struct launch *l)
{
  const struct memory *memory =
      l->spec.linux_ != NULL && l->spec.linux_->resources != NULL ? l->spec.linux_->resources->memory : NULL;
  return memory != NULL && memory->limit.set && memory->limit.value > 0 ? (uint64_t)memory->limit.value
                                                                        : CGROUP_NO_LIMIT;
}

void note_oom(struct launch *l)
{
  struct error failure = { 0 };
  const bool killed = oom_kills(&l->cgroup) > l->before.oom_kills;
  const bool killed_above = !killed && l->before.above && is_removed(&l->cgroup)
                            && oom_kills_above(&l->cgroup) > l->before.oom_kills_above;
  if (!killed && !killed_above)
    return;
  (void)set_oom_killed(&l->cgroup, planned_limit(l), &failure);
  l->oom_failure = failure;
}

/* It does not matter what failed for us: a process that was killed fails at anything. In a container that
 * runs others, it may have been one of those. */
void explain_by_oom(struct launch *l, struct error *err)
{
  char text[ERROR_TEXT_BYTES];
  if (!error_is_set(&l->oom_failure))
    return;
  if (l->exec) {
    error_wrap(err, "(possibly OOM-killed)");
    return;
  }
  (void)error_format(err, text, sizeof text);
  log_debug("taken for a consequence of the OOM kill: %s", text);
  (void)error_in_step(&l->oom_failure, err->step);
  *err = l->oom_failure;
}

/* --- the end -------------------------------------------------------------------------------------------- */

static uint64_t pids_refused(const struct cgroup *cgroup)
{
  char text[64];
  uint64_t value;
  if (file_read_small(cgroup->fd, "pids.events", text, sizeof text) < 0 || strncmp(text, "max ", 4) != 0)
    return 0;
  text[strcspn(text, "\n")] = '\0';
  return parse_u64(text + 4, UINT64_MAX, &value) == 0 ? value : 0;
}

void count_before(const struct launch *l, const struct cgroup *cgroup, struct counted *counted)
{
  *counted = (struct counted){ .above = l->state.cgroup.manager == CGROUP_SYSTEMD };
  if (l->exec || !cgroup->made) /* else it is new */
    counted->oom_kills = oom_kills(cgroup);
  if ((l->exec || !cgroup->made) && !l->request.detach) /* only hull_ending() asks */
    counted->pids_refused = pids_refused(cgroup);
  if (counted->above)
    counted->oom_kills_above = oom_kills_above(cgroup);
}

static uint64_t since(uint64_t now, uint64_t before)
{
  return now > before ? now - before : 0;
}

static void read_ending(const struct cgroup *cgroup, const struct hull_process *process,
                        struct hull_ending *ending)
{
  ending->oom_kills = since(oom_kills(cgroup), process->oom_kills);
  ending->pids_refused = since(pids_refused(cgroup), process->pids_refused);
  ending->memory_limit = read_number(cgroup, "memory.max", CGROUP_NO_LIMIT);
  ending->memory_peak = read_number(cgroup, "memory.peak", 0);
  ending->pids_limit = read_number(cgroup, "pids.max", CGROUP_NO_LIMIT);
}

/* The record's cgroup is gone: what the one above says. */
static void read_ending_above(const struct cgroup_layout *layout, const char *path,
                              const struct hull_process *process, struct hull_ending *ending)
{
  char above[CGROUP_PATH_BYTES];
  struct cgroup cgroup;
  const char *end = strrchr(path, '/');
  if (end == NULL || end == path || (size_t)(end - path) >= sizeof above)
    return;
  memcpy(above, path, (size_t)(end - path));
  above[end - path] = '\0';
  if (cgroup_open_path(layout, above, &cgroup, NULL) < 0)
    return;
  ending->oom_kills = since(oom_kills(&cgroup), process->oom_kills_above);
  ending->oom_kills_above = true;
  cgroup_close(&cgroup);
}

static int find_ending(const struct container_state *state, const struct hull_process *process,
                       struct hull_ending *ending, struct error *err)
{
  struct cgroup_layout layout;
  struct cgroup cgroup;
  if (state->cgroup.manager == CGROUP_DISABLED)
    return 0;
  if (cgroup_find(&layout, err) < 0)
    return -1;
  int result = cgroup_open(&layout, &state->cgroup, &cgroup, err);
  if (result == 0)
    read_ending(&cgroup, process, ending);
  /* Half of the numbers are worth nothing. */
  if (result == 0 && (ending->oom_kills == 0 || ending->memory_limit == CGROUP_NO_LIMIT)
      && is_removed(&cgroup))
    result = error_set(err, ERROR_STATE, ENOENT, "the cgroup is gone");
  cgroup_close(&cgroup);
  if (result < 0 && err->errnum == ENOENT && state->cgroup.manager == CGROUP_SYSTEMD) {
    read_ending_above(&layout, state->cgroup.path, process, ending);
    error_clear(err);
    result = 0;
  }
  cgroup_layout_close(&layout);
  return result;
}

int container_ending(struct hull *hull, const char *id, const struct hull_process *process,
                     struct hull_ending *ending, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  *ending = (struct hull_ending){ .memory_limit = CGROUP_NO_LIMIT, .pids_limit = CGROUP_NO_LIMIT };
  int result = state_load(hull, id, &arena, &dir, &state, err);
  if (result == 0)
    result = find_ending(&state, process, ending, err);
  state_dir_close(&dir);
  arena_release(&arena);
  return result;
}
