/* SPDX-License-Identifier: Apache-2.0
 * What dead callers left. A create is dead if nobody holds the lock of its state directory, which the kernel
 * releases with the process; a container is alive as long as its init or anything in its cgroup is; a cgroup
 * is left if the state root that its mark names does not know its container. Whatever can't be told is
 * listed, and stays. */
#include "libcontainer/runtime/gc.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/safe_path.h"
#include "libcontainer/base/text.h"
#include "libcontainer/container.h"
#include "libcontainer/runtime/destroy.h"
#include "libcontainer/runtime/mount_pin.h"
#include "libcontainer/runtime/sandbox.h"
#include "libcontainer/runtime/status.h"
#include "libcontainer/runtime/update_record.h"
#include "spec/validate.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A create that was stopped for so long between making its directory and locking it is told that it was
 * deleted, and has made nothing yet. */
#define CLAIM_SECONDS 10
#define STALE_SECONDS 60 /* of a temporary file, which is written in one go: as in seccomp/cache.c */

struct search {
  struct hull *hull;
  struct arena *arena;
  const struct hull_gc_options *options;
  struct leftovers *found;
  struct cgroup_layout layout; /* mount_fd -1: no cgroups here */
  size_t containers;           /* that stay */
};

static struct leftover *add(struct search *s, const char *kind, const char *name)
{
  struct leftover *row = vec_push(s->arena, s->found);
  row->kind = kind;
  row->name = arena_strdup(s->arena, name);
  return row;
}

/* Notes how a removal went. */
static void note(struct search *s, struct leftover *row, int result, const struct error *err)
{
  char text[ERROR_TEXT_BYTES];
  row->removed = result == 0;
  if (result == 0)
    return;
  (void)error_format(err, text, sizeof text);
  row->error = arena_strdup(s->arena, text);
}

static bool removes(const struct search *s, const struct leftover *row)
{
  return s->options->remove && !row->stays;
}

/* --- containers --------------------------------------------------------------------------------------- */

/* Processes in the container's cgroup that we can see; 0 also if it has none, or it is gone. */
static size_t count_processes(struct search *s, const struct container_state *state)
{
  struct cgroup cgroup = CGROUP_INIT;
  struct error unused = { 0 };
  cgroup_pid_list pids = { .count = 0 };
  if (s->layout.mount_fd < 0 || state->cgroup.manager == CGROUP_DISABLED
      || cgroup_open(&s->layout, &state->cgroup, &cgroup, &unused) < 0)
    return 0;
  (void)cgroup_pids(s->arena, &cgroup, true, &pids, &unused);
  cgroup_close(&cgroup);
  return pids.count;
}

/* By the kernel's own count of the cgroup, whoever made it: a list of processes lacks those that our pid
 * namespace does not show, and to them even a container that runs seems to have stopped. What can't be told
 * counts as alive. */
static bool may_be_alive(const struct search *s, const struct container_state *state)
{
  struct cgroup cgroup = CGROUP_INIT;
  struct cgroup_events events = { .populated = true };
  struct error trouble = { 0 };
  if (state->cgroup.manager == CGROUP_DISABLED)
    return false;
  if (s->layout.mount_fd < 0)
    return true;
  if (cgroup_open(&s->layout, &state->cgroup, &cgroup, &trouble) == 0)
    (void)cgroup_read_events(&cgroup, &events, &trouble);
  cgroup_close(&cgroup);
  return events.populated && trouble.errnum != ENOENT && trouble.errnum != ENODEV; /* these: it is gone */
}

static const char *parts_of(struct search *s, const struct container_state *state, size_t processes)
{
  struct text parts;
  text_init(&parts, s->arena);
  text_addf(&parts, "its state in '%s/%s'", s->hull->root, state->id);
  if (state->cgroup.manager != CGROUP_DISABLED && state->cgroup.made)
    text_addf(&parts, ", its cgroup '%s'", state->cgroup.path);
  if (processes > 0)
    text_addf(&parts, " with %zu process%s", processes, processes == 1 ? "" : "es");
  if (state->rdt.group != NULL && state->rdt.made)
    text_addf(&parts, ", its group '%s' in resctrl", state->rdt.group);
  return text_string(&parts);
}

static const char *who_lives(struct search *s, const struct container_state *state)
{
  const size_t seen = count_processes(s, state);
  const char *who = "something may be alive in its cgroup that can't be seen from here, as from another pid "
                    "namespace";
  if (seen > 0)
    who =
        arena_printf(s->arena, "%zu process%s still alive in its cgroup", seen, seen == 1 ? " is" : "es are");
  return arena_printf(s->arena, "%s ('hull delete --force %s' kills and removes all of it)", who, state->id);
}

static bool is_missing(const char *path)
{
  return path != NULL && access(path, F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* The directory was made a moment ago, and whoever made it may be about to lock it. */
static bool may_be_claimed_now(const struct state_dir *dir)
{
  struct stat st;
  const time_t now = time(NULL);
  return fstat(dir->fd, &st) < 0 || (st.st_mtim.tv_sec <= now && now - st.st_mtim.tv_sec < CLAIM_SECONDS);
}

static void destroy(struct search *s, const struct state_dir *dir, const struct container_state *state,
                    struct leftover *row)
{
  struct error err = { 0 };
  note(s, row, container_destroy_with_hooks(s->hull, dir, state, s->arena, &err), &err);
}

/* True if it is one. The lock is ours, so there is no creator. */
static bool found_killed_create(struct search *s, const struct state_dir *dir,
                                const struct container_state *state)
{
  if (state->bundle == NULL && may_be_claimed_now(dir))
    return false;
  struct leftover *row = add(s, "create", state->id);
  row->why = state->bundle != NULL
                 ? "the hull that was creating it was killed half-way: nobody holds its lock any more"
                 : "it has no record: a hull that was creating or deleting it was killed half-way";
  row->what = parts_of(s, state, count_processes(s, state));
  if (removes(s, row))
    destroy(s, dir, state, row);
  return true;
}

/* It has stopped. */
static bool found_orphan(struct search *s, const struct state_dir *dir, const struct container_state *state)
{
  const bool orphan = is_missing(state->bundle);
  if (!orphan && !s->options->stopped)
    return false;
  struct leftover *row = add(s, "container", state->id);
  row->why = orphan ? arena_printf(s->arena, "it has stopped, and its bundle '%s' is gone", state->bundle)
                    : "it has stopped";
  row->stays = may_be_alive(s, state);
  row->what = row->stays ? who_lives(s, state) : parts_of(s, state, 0);
  if (removes(s, row))
    destroy(s, dir, state, row);
  return true;
}

/* Its process has not begun with anything of the container's. */
static bool found_unstarted(struct search *s, const struct state_dir *dir,
                            const struct container_state *state)
{
  if (!s->options->created || !is_missing(state->bundle))
    return false;
  struct leftover *row = add(s, "container", state->id);
  row->why =
      arena_printf(s->arena, "it was made and never started, and its bundle '%s' is gone", state->bundle);
  row->what = parts_of(s, state, count_processes(s, state));
  if (removes(s, row))
    destroy(s, dir, state, row);
  return true;
}

static bool has_file(const struct state_dir *dir, const char *name)
{
  return faccessat(dir->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of a container that lives: an update that was killed is taken back, as the next one would do. */
static void find_update(struct search *s, const struct state_dir *dir, const struct container_state *state)
{
  if (!has_file(dir, STATE_UPDATE) && !has_file(dir, UPDATE_CONFIG))
    return;
  struct leftover *row = add(s, "update", state->id);
  row->why = "a hull that was changing its limits was killed half-way";
  row->what = "the half of the update that was done: the old limits are put back, the container runs on";
  if (!removes(s, row))
    return;
  update_recover(s->arena, dir, state);
  row->removed = true;
}

static void find_damaged(struct search *s, const char *id, const struct error *err)
{
  char text[ERROR_TEXT_BYTES];
  struct leftover *row = add(s, "record", id);
  (void)error_format(err, text, sizeof text);
  row->why = arena_strdup(s->arena, text);
  row->stays = true;
  row->what = arena_printf(s->arena,
                           "whether it lives can't be told ('hull delete --force %s' removes it, if nobody "
                           "needs it)",
                           id);
}

/* With the lock. True if the container will be gone. */
static bool examine_locked(struct search *s, const struct state_dir *dir, const struct container_state *state)
{
  if (!state->committed)
    return found_killed_create(s, dir, state);
  switch (container_status(dir, state)) {
  case STATUS_STOPPED:
    return found_orphan(s, dir, state);
  case STATUS_CREATED:
    if (found_unstarted(s, dir, state))
      return true;
    find_update(s, dir, state);
    break;
  case STATUS_CREATING:
  case STATUS_RUNNING:
  case STATUS_PAUSED:
    find_update(s, dir, state);
    break;
  }
  return false;
}

static bool is_same(const struct state_dir *a, const struct state_dir *b)
{
  struct stat one, other;
  return fstat(a->fd, &one) == 0 && fstat(b->fd, &other) == 0 && one.st_ino == other.st_ino
         && one.st_dev == other.st_dev;
}

/* Who holds the lock is at work on the container, so it is no leftover. What was read before the lock was
 * ours may be out of date, so it is read again. */
static void examine(struct search *s, const char *id)
{
  struct state_dir lock = STATE_DIR_INIT, dir = STATE_DIR_INIT;
  struct container_state state;
  struct error err = { 0 };
  bool goes = false;
  (void)state_load(s->hull, id, s->arena, &lock, &state, &err);
  if (lock.fd < 0)
    return;
  error_clear(&err);
  if (state_try_lock(&lock)) {
    const int loaded = state_load(s->hull, id, s->arena, &dir, &state, &err);
    if (dir.fd >= 0 && is_same(&lock, &dir)) {
      if (loaded < 0)
        find_damaged(s, id, &err);
      else
        goes = examine_locked(s, &lock, &state);
    }
  }
  s->containers += !goes;
  state_dir_close(&dir);
  state_dir_close(&lock);
}

/* --- cgroups ------------------------------------------------------------------------------------------ */

/* A container's state is there before its cgroup is, and goes after it; so the cgroup must have been seen
 * before the state is looked for, and be there still afterwards. */
static bool is_known(struct search *s, const struct marked_cgroup *cgroup)
{
  struct state_dir dir = STATE_DIR_INIT;
  struct container_state state;
  struct error err = { 0 };
  if (validate_id(cgroup->id, NULL) < 0)
    return true;
  const bool readable = state_load(s->hull, cgroup->id, s->arena, &dir, &state, &err) == 0;
  const bool exists = dir.fd >= 0 || state_exists(s->hull, cgroup->id);
  state_dir_close(&dir);
  if (!exists)
    return sandbox_lives(cgroup->id); /* it has no state */
  return !readable || state.cgroup.nonce[0] == '\0' || strcmp(state.cgroup.nonce, cgroup->nonce) == 0;
}

static bool is_unit(const char *path)
{
  return text_ends_with(path, ".scope") || text_ends_with(path, ".slice") || text_ends_with(path, ".service");
}

static void describe_cgroup(struct search *s, const struct marked_cgroup *cgroup, struct leftover *row)
{
  if (cgroup->parent) {
    row->why = "hull made it to hold the cgroups of containers, and it holds none any more";
    row->what = "the empty cgroup";
    return;
  }
  row->why = arena_printf(s->arena,
                          "its mark names container '%s' of state root '%s', which does not know it any more",
                          cgroup->id, s->hull->root);
  row->stays = cgroup->populated || is_unit(cgroup->path);
  if (cgroup->populated)
    row->what = arena_printf(s->arena, "processes are alive in it ('echo 1 > %s%s/cgroup.kill' ends them)",
                             s->layout.mount_point, cgroup->path);
  else if (row->stays)
    row->what = arena_printf(s->arena, "it is a unit of systemd ('systemctl stop %s' removes it)",
                             strrchr(cgroup->path, '/') + 1);
  else
    row->what = cgroup->made ? "the cgroup and the empty ones below it"
                             : "the mark and the device rules of the container; the cgroup was there before";
}

static void examine_cgroup(struct search *s, struct marked_cgroup *cgroup)
{
  struct error err = { 0 };
  if (!cgroup->parent) {
    const bool ours = s->hull->root_inode != 0 && cgroup->root_device == s->hull->root_device
                      && cgroup->root_inode == s->hull->root_inode;
    if (!ours || is_known(s, cgroup))
      return;
  }
  if (!cgroup_look_again(&s->layout, cgroup) || (cgroup->parent && cgroup->populated))
    return;
  struct leftover *row = add(s, "cgroup", cgroup->path);
  describe_cgroup(s, cgroup, row);
  if (removes(s, row))
    note(s, row, cgroup_remove_left(&s->layout, cgroup, &err), &err);
}

static int find_cgroups(struct search *s, struct error *err)
{
  marked_cgroups marked = { 0 };
  struct marked_cgroup *cgroup;
  if (s->layout.mount_fd < 0)
    return 0;
  if (cgroup_list_marked(s->arena, &s->layout, &marked, err) < 0)
    return -1;
  vec_each (&marked, cgroup)
    examine_cgroup(s, cgroup);
  return 0;
}

/* --- the rest of the state root ----------------------------------------------------------------------- */

static void examine_cache_file(struct search *s, int cache, const char *name)
{
  struct stat st;
  struct error err = { 0 };
  if (!text_ends_with(name, ".tmp") || fstatat(cache, name, &st, AT_SYMLINK_NOFOLLOW) < 0
      || !S_ISREG(st.st_mode) || time(NULL) - st.st_mtime <= STALE_SECONDS)
    return;
  struct leftover *row = add(s, "cache", arena_printf(s->arena, "%s/.cache/seccomp/%s", s->hull->root, name));
  row->why = "a hull that was writing it was killed: nobody has touched it for a minute";
  row->what = "the file";
  if (!removes(s, row))
    return;
  const int result = unlinkat(cache, name, 0);
  if (result < 0)
    error_set(&err, ERROR_HOST, errno, "cannot remove '%s'", row->name);
  note(s, row, result, &err);
}

static void find_cache_files(struct search *s, int root)
{
  auto_close int cache = open_beneath(root, ".cache/seccomp", O_RDONLY | O_DIRECTORY, 0);
  auto_close int copy = cache < 0 ? -1 : openat(cache, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  const struct dirent *entry;
  if (stream == NULL)
    return;
  (void)take_fd(&copy);
  while ((entry = readdir(stream)) != NULL)
    if (entry->d_name[0] == '.')
      examine_cache_file(s, cache, entry->d_name);
  closedir(stream);
}

static void find_pins(struct search *s)
{
  struct error err = { 0 };
  const enum mount_pin pin = mount_pin_examine(s->hull);
  if (pin == PIN_NONE || pin == PIN_BUSY || (pin == PIN_WHOLE && s->containers > 0))
    return;
  struct leftover *row = add(s, "pins", arena_printf(s->arena, "%s/.pins", s->hull->root));
  row->why = pin == PIN_WHOLE ? "no container is left that could need the pinned mount namespace"
                              : "a hull that was pinning a mount namespace was killed half-way";
  row->what = "the mounts there";
  if (removes(s, row))
    note(s, row, mount_pin_remove(s->hull, &err), &err);
}

static int find_below_root(struct search *s, struct error *err)
{
  struct strings ids = { 0 };
  if (state_ids(s->hull, s->arena, &ids, err) < 0)
    return -1;
  for (size_t i = 0; i < ids.count; i++)
    examine(s, ids.items[i]);
  if (s->hull->root_fd < 0) /* no container was ever made */
    return 0;
  find_cache_files(s, s->hull->root_fd);
  find_pins(s);
  return 0;
}

int leftovers_find(struct hull *hull, struct arena *arena, const struct hull_gc_options *options,
                   struct leftovers *found, struct error *err)
{
  struct search s = {
    .hull = hull, .arena = arena, .options = options, .found = found, .layout = CGROUP_LAYOUT_INIT
  };
  struct error unused = { 0 };
  if (cgroup_find(&s.layout, &unused) < 0) /* containers without cgroups have leftovers as well */
    s.layout.mount_fd = -1;
  const int result = find_below_root(&s, err) < 0 || find_cgroups(&s, err) < 0 ? -1 : 0;
  if (s.layout.mount_fd >= 0)
    cgroup_layout_close(&s.layout);
  return result;
}
