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

int set_oom_killed(const struct cgroup *cgroup, struct error *err)
{
  static const char said[] = "container init was OOM-killed (memory limit too low?)"; /* callers know it */
  const uint64_t limit = read_number(cgroup, "memory.max", CGROUP_NO_LIMIT);
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
  struct cgroup_layout layout;
  struct cgroup cgroup;
  bool killed = false;
  if (state->cgroup.manager == CGROUP_DISABLED || !state->cgroup.made || cgroup_find(&layout, NULL) < 0)
    return false;
  if (cgroup_open(&layout, &state->cgroup, &cgroup, NULL) == 0) {
    killed = oom_kills(&cgroup) > 0;
    if (killed)
      (void)set_oom_killed(&cgroup, err);
    cgroup_close(&cgroup);
  }
  cgroup_layout_close(&layout);
  return killed;
}

void note_oom(struct launch *l)
{
  struct error failure = { 0 };
  if (oom_kills(&l->cgroup) <= l->before.oom_kills)
    return;
  (void)set_oom_killed(&l->cgroup, &failure);
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

void count_before(const struct cgroup *cgroup, bool foreground, struct counted *counted)
{
  counted->oom_kills = oom_kills(cgroup);
  counted->pids_refused = foreground ? pids_refused(cgroup) : 0; /* only hull_ending() asks */
}

static uint64_t since(uint64_t now, uint64_t before)
{
  return now > before ? now - before : 0;
}

int container_ending(struct hull *hull, const char *id, const struct hull_process *process,
                     struct hull_ending *ending, struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  struct cgroup_layout layout;
  struct cgroup cgroup;
  *ending = (struct hull_ending){ .memory_limit = CGROUP_NO_LIMIT, .pids_limit = CGROUP_NO_LIMIT };
  int result = state_load(hull, id, &arena, &dir, &state, err);
  if (result == 0 && state.cgroup.manager != CGROUP_DISABLED && (result = cgroup_find(&layout, err)) == 0) {
    result = cgroup_open(&layout, &state.cgroup, &cgroup, err);
    cgroup_layout_close(&layout);
    if (result == 0) {
      ending->oom_kills = since(oom_kills(&cgroup), process->oom_kills);
      ending->pids_refused = since(pids_refused(&cgroup), process->pids_refused);
      ending->memory_limit = read_number(&cgroup, "memory.max", CGROUP_NO_LIMIT);
      ending->memory_peak = read_number(&cgroup, "memory.peak", 0);
      ending->pids_limit = read_number(&cgroup, "pids.max", CGROUP_NO_LIMIT);
      cgroup_close(&cgroup);
    }
  }
  state_dir_close(&dir);
  arena_release(&arena);
  return result;
}
