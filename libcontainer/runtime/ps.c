/* SPDX-License-Identifier: Apache-2.0
 * The processes of a container: those in its cgroup and below; without one, those in its pid namespace. */
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/runtime/list.h"
#include "libcontainer/runtime/status.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static int list_pids(const struct container_state *state, struct arena *arena, cgroup_pid_list *pids,
                     struct error *err)
{
  struct cgroup cgroup;
  if (cgroup_find_and_open(&state->cgroup, &cgroup, err) < 0)
    return -1;
  const int result = cgroup_pids(arena, &cgroup, true, pids, err);
  cgroup_close(&cgroup);
  return result;
}

/* --- without a cgroup ------------------------------------------------------------------------------- */

struct relative {
  pid_t pid, parent;
  bool inside;
};
typedef VEC(struct relative) relatives;

static int list_everyone(struct arena *arena, relatives *all, struct error *err)
{
  const int proc = proc_root(err);
  const int fd = proc < 0 ? -1 : openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  const struct dirent *entry;
  if (stream == NULL)
    return error_set(err, ERROR_KERNEL, errno, "cannot list '/proc'");
  while ((entry = readdir(stream)) != NULL) {
    int64_t pid;
    struct relative *one;
    if (parse_i64(entry->d_name, 1, INT_MAX, &pid) < 0)
      continue;
    one = vec_push(arena, all);
    *one = (struct relative){ .pid = (pid_t)pid, .parent = proc_parent((pid_t)pid) };
  }
  (void)closedir(stream);
  return 0;
}

/* Of a process that we may not look into it is no. */
static bool is_in_pid_namespace(pid_t pid, const struct stat *wanted)
{
  char name[32];
  struct stat st;
  (void)snprintf(name, sizeof name, "%d/ns/pid", (int)pid);
  return fstatat(proc_root(NULL), name, &st, 0) == 0 && st.st_ino == wanted->st_ino
         && st.st_dev == wanted->st_dev;
}

static bool has_parent_inside(const relatives *all, const struct relative *one)
{
  const struct relative *other;
  vec_each (all, other)
    if (other->pid == one->parent)
      return other->inside;
  return false;
}

/* All that are in init's pid namespace (orphans are its children, and what exec started is in it), and those
 * that come from them, which may be in namespaces below. */
static int list_by_pid_namespace(const struct container_state *state, struct arena *arena,
                                 cgroup_pid_list *pids, struct error *err)
{
  char name[32];
  struct stat theirs = { .st_ino = 0 };
  relatives all = { .count = 0 };
  struct relative *one;
  (void)snprintf(name, sizeof name, "%d/ns/pid", (int)state->pid);
  (void)fstatat(proc_root(NULL), name, &theirs, 0); /* not of one that has not been started */
  if (list_everyone(arena, &all, err) < 0)
    return -1;
  vec_each (&all, one)
    one->inside = one->pid == state->pid || (theirs.st_ino != 0 && is_in_pid_namespace(one->pid, &theirs));
  for (bool more = true; more;) {
    more = false;
    vec_each (&all, one)
      if (!one->inside && has_parent_inside(&all, one))
        one->inside = more = true;
  }
  vec_each (&all, one)
    if (one->inside)
      *(pid_t *)vec_push(arena, pids) = one->pid;
  return 0;
}

/* A pid namespace that is shared or joined holds others, too. */
static int list_without_cgroup(const struct container_state *state, struct arena *arena,
                               cgroup_pid_list *pids, struct error *err)
{
  if (ends_with_init(state))
    return list_by_pid_namespace(state, arena, pids, err);
  return error_set(err, ERROR_STATE, 0,
                   "it has neither a pid namespace of its own nor a cgroup to find them by: %s",
                   cgroup_absence(&state->cgroup));
}

/* A cgroup that was there before may hold others' processes, which are nobody's to show. */
static int pids_of(const struct state_dir *dir, const struct container_state *state, struct arena *arena,
                   cgroup_pid_list *pids, struct error *err)
{
  const bool stopped = container_status(dir, state) == STATUS_STOPPED;
  if (!state->committed || (stopped && !state->cgroup.made))
    return 0;
  if (state->cgroup.manager == CGROUP_DISABLED)
    return stopped ? 0 : list_without_cgroup(state, arena, pids, err);
  if (list_pids(state, arena, pids, err) == 0)
    return 0;
  if (!stopped || err->errnum != ENOENT)
    return -1;
  error_clear(err); /* the cgroup went with the processes */
  return 0;
}

ssize_t container_processes(struct hull *hull, const char *id, struct arena *arena, pid_t **pids,
                            struct error *err)
{
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  cgroup_pid_list found = { .count = 0 };
  int result = state_load(hull, id, arena, &dir, &state, err);
  if (result == 0 && pids_of(&dir, &state, arena, &found, err) < 0)
    result = error_wrap(err, "cannot list the processes of container '%s'", id);
  state_dir_close(&dir);
  *pids = found.items;
  return result < 0 ? -1 : (ssize_t)found.count;
}
