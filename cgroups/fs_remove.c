/* SPDX-License-Identifier: Apache-2.0
 * The cgroupfs driver: kills and removes, only what the record proves to be ours.
 * What is ours is told by the inode (unique per boot) if create got that far, else by the nonce of the
 * mark. */
#include "cgroups/bpf.h"
#include "cgroups/fs.h"
#include "cgroups/mark.h"
#include "cgroups/tree.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/file.h"
#include "libcontainer/base/log.h"
#include "libcontainer/base/proc.h"
#include "libcontainer/base/safe_path.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REMOVE_TIMEOUT_MS 10000
#define FIRST_NAP_NS 50000L
#define LONGEST_NAP_NS 10000000L

enum owner {
  OWNER_US,
  OWNER_UNMARKED, /* absent before our create, which was killed before it could mark, or someone else's */
  OWNER_KEPT,     /* it was there before the container, and stays */
  OWNER_OTHER,
};

int cgroup_kill(const struct cgroup *cgroup, struct error *err)
{
  if (cgroup_present(cgroup, err) < 0)
    return -1;
  if (!cgroup->made)
    return error_set(err, ERROR_STATE, 0, "cgroup '%s' was there before the container: not killing all of it",
                     cgroup->path);
  /* Reaches frozen processes and those that fork meanwhile; nested cgroups too. */
  if (file_write_value(cgroup->fd, "cgroup.kill", "1") < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot write '1' to '%s/cgroup.kill'", cgroup->path);
  return 0;
}

static int64_t now_ms(void)
{
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the leaf ------------------------------------------------------------------------------------ */

/* What goes on while a leaf is being removed. */
struct removal {
  int parent;
  const char *name; /* of the leaf, in its parent */
  const struct cgroup *leaf;
  int64_t deadline;
  int errnum; /* why the first of the cgroups below stays; 0: none does */
  char child[NAME_MAX + 1];
};

static int remove_child(int parent, const char *name, void *context)
{
  struct removal *r = context;
  if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT && r->errnum == 0) {
    r->errnum = errno;
    (void)snprintf(r->child, sizeof r->child, "%s", name);
  }
  return now_ms() >= r->deadline; /* someone outside may make them as fast as we remove them */
}

/* Removes the cgroups that the workload made below. */
static int remove_children(struct removal *r, struct error *err)
{
  struct arena arena = ARENA_INIT;
  const struct tree_visitor visitor = { .leave = remove_child, .context = r };
  r->errnum = 0;
  int result = tree_walk(&arena, r->leaf->fd, &visitor);
  int errnum = errno;
  arena_release(&arena);
  if (result < 0)
    return error_set(err, ERROR_KERNEL, errnum, "cannot remove the cgroups below '%s'", r->leaf->path);
  if (r->errnum == 0 || r->errnum == EBUSY)
    return 0; /* the next rmdir above says EBUSY too */
  return error_set(err, ERROR_KERNEL, r->errnum, "cannot remove cgroup '%s' below '%s'", r->child,
                   r->leaf->path);
}

static int time_is_up(const struct removal *r, struct error *err)
{
  struct arena arena = ARENA_INIT;
  cgroup_pid_list pids = { .count = 0 };
  char state = '?';
  uint64_t ignored;
  const char *path = r->leaf->path;
  (void)cgroup_pids(&arena, r->leaf, true, &pids, NULL);
  if (pids.count > 0 && proc_stat(pids.items[0], &state, &ignored) < 0)
    state = '?';
  if (pids.count > 0)
    (void)error_set(err, ERROR_KERNEL, EBUSY,
                    "cannot remove cgroup '%s': %zu processes (first: %d, in state '%c') are left %d s after "
                    "SIGKILL",
                    path, pids.count, (int)pids.items[0], state, REMOVE_TIMEOUT_MS / 1000);
  else if (r->errnum)
    (void)error_set(err, ERROR_KERNEL, EBUSY,
                    "cannot remove cgroup '%s': '%s' below it is still in use after %d s", path, r->child,
                    REMOVE_TIMEOUT_MS / 1000);
  else
    (void)error_set(err, ERROR_KERNEL, EBUSY, "cannot remove cgroup '%s': it is still in use after %d s",
                    path, REMOVE_TIMEOUT_MS / 1000);
  arena_release(&arena);
  return -1;
}

/* One try. 1: removed; 0: try again later. */
static int try_remove(struct removal *r, struct error *err)
{
  struct cgroup_events events;
  struct error trouble = { 0 };
  int result = cgroup_read_events(r->leaf, &events, &trouble);
  if (result == 0 && events.populated)
    result = cgroup_kill(r->leaf, &trouble);
  else if (result == 0)
    result = remove_children(r, &trouble);
  if (result < 0 && (trouble.errnum == ENODEV || trouble.errnum == ENOENT))
    return 1; /* someone else was faster */
  if (result < 0) {
    *err = trouble;
    return -1;
  }
  if (unlinkat(r->parent, r->name, AT_REMOVEDIR) == 0 || errno == ENOENT)
    return 1;
  if (errno == EBUSY)
    return 0;
  return error_set(err, ERROR_KERNEL, errno, "cannot remove cgroup '%s'", r->leaf->path);
}

static int kill_and_remove(int parent, const char *name, const struct cgroup *leaf, struct error *err)
{
  struct removal r = {
    .parent = parent, .name = name, .leaf = leaf, .deadline = now_ms() + REMOVE_TIMEOUT_MS
  };
  for (struct timespec nap = { .tv_nsec = FIRST_NAP_NS };;) {
    int done = try_remove(&r, err);
    if (done)
      return done < 0 ? -1 : 0;
    if (now_ms() >= r.deadline)
      return time_is_up(&r, err);
    (void)nanosleep(&nap, NULL);
    nap.tv_nsec = nap.tv_nsec * 2 < LONGEST_NAP_NS ? nap.tv_nsec * 2 : LONGEST_NAP_NS;
  }
}

/* As long as the mark bears the nonce of the record, nobody else has the cgroup. */
static bool bears_nonce(const char *mark, const struct cgroup_record *record)
{
  size_t length = strlen(record->nonce);
  return length && strncmp(mark, record->nonce, length) == 0 && mark[length] == ' ';
}

static enum owner owner_of(const struct cgroup *leaf, const struct cgroup_record *record)
{
  char mark[MARK_BYTES];
  if (record->inode && leaf->inode != record->inode)
    return OWNER_OTHER;
  if (record->inode && record->made)
    return OWNER_US;
  if (!mark_get(leaf->fd, mark))
    return record->made ? OWNER_UNMARKED : OWNER_OTHER;
  if (!bears_nonce(mark, record))
    return OWNER_OTHER;
  return record->made || mark_handed_over(leaf->fd) ? OWNER_US : OWNER_KEPT;
}

bool fs_is_ours(const struct cgroup *leaf, const struct cgroup_record *record)
{
  return owner_of(leaf, record) == OWNER_US;
}

static int leave_kept(const struct cgroup *leaf, struct error *err)
{
  struct error trouble = { 0 };
  (void)file_write_value(leaf->fd, "cgroup.freeze", "0"); /* it was not frozen when the container came */
  if (bpf_detach_device_programs(leaf->fd, &trouble) == 0 || trouble.errnum == EPERM) {
    mark_clear(leaf->fd); /* last: the next container may come now */
    return 0;             /* EPERM: then we could not attach any either */
  }
  if (err)
    *err = trouble;
  return -1;
}

static int remove_leaf_slowly(const struct cgroup_layout *layout, int parent, const char *name,
                              const struct cgroup_record *record, struct error *err)
{
  struct cgroup leaf;
  struct error trouble = { 0 };
  if (cgroup_open_path(layout, record->path, &leaf, &trouble) < 0) {
    if (trouble.errnum == ENOENT)
      return 0;
    if (err)
      *err = trouble;
    return -1;
  }
  int result = 0;
  switch (owner_of(&leaf, record)) {
  case OWNER_US:
    leaf.made = true;
    result = kill_and_remove(parent, name, &leaf, err);
    break;
  case OWNER_UNMARKED:
    if (unlinkat(parent, name, AT_REMOVEDIR) < 0)
      log_warning("cgroup '%s' is left: it is in use, and nothing shows that it is ours", record->path);
    break;
  case OWNER_KEPT:
    result = leave_kept(&leaf, err);
    break;
  case OWNER_OTHER:
    break;
  }
  cgroup_close(&leaf);
  return result;
}

/* The usual case: the only process was reaped, and the directory goes at once. */
static bool remove_leaf_at_once(int parent, const char *name, const struct cgroup_record *record)
{
  struct stat st;
  if (!record->made || !record->inode)
    return false;
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
    return errno == ENOENT;
  if (st.st_ino != record->inode)
    return true; /* ours is gone */
  return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

/* --- parents ------------------------------------------------------------------------------------- */

/* A parent without a mark may still be ours if our create was killed between making and marking it. */
static bool parent_is_ours(int dir, unsigned position, const struct cgroup_record *record)
{
  char mark[MARK_BYTES];
  if (mark_get(dir, mark))
    return strcmp(mark, MARK_PARENT) == 0;
  return !record->inode && record->made && position > record->existing;
}

/* Removes path[0..length) from its parent, whose descriptor goes to *above. */
static bool remove_parent(const struct cgroup_layout *layout, const char *path, size_t length, int *above)
{
  char name[NAME_MAX + 1];
  size_t start = cgroup_parent_length(path, length) + 1, n = length - start;
  *above = cgroup_open_prefix(layout, path, start - 1);
  if (*above < 0 || n > NAME_MAX)
    return false;
  memcpy(name, path + start, n);
  name[n] = '\0';
  return unlinkat(*above, name, AT_REMOVEDIR) == 0 || errno == ENOENT;
}

/* Stops at the first that is not ours or not empty. 'dir' is path[0..length), owned here; -1: it is not
 * there. */
static void remove_parents(const struct cgroup_layout *layout, const struct cgroup_record *record, int dir,
                           size_t length)
{
  unsigned position = 0;
  for (size_t i = 0; i < length; i++)
    position += record->path[i] == '/';
  for (; length > 0; position--) {
    int above = -1;
    if (dir < 0) /* never made, or removed by someone who shared it */
      above = cgroup_open_prefix(layout, record->path, cgroup_parent_length(record->path, length));
    else if (!parent_is_ours(dir, position, record) || !remove_parent(layout, record->path, length, &above))
      length = 0;
    fd_close(&dir);
    dir = above;
    length = cgroup_parent_length(record->path, length);
  }
  fd_close(&dir);
}

int fs_destroy(const struct cgroup_layout *layout, const struct cgroup_record *record, struct error *err)
{
  struct error unused = { 0 };
  size_t length = cgroup_parent_length(record->path, strlen(record->path));
  int parent = cgroup_open_prefix(layout, record->path, length);
  if (parent < 0 && errno != ENOENT)
    return error_set(err, ERROR_KERNEL, errno, "cannot open the parent of cgroup '%s'", record->path);
  const char *name = strrchr(record->path, '/') + 1;
  if (parent >= 0 && !remove_leaf_at_once(parent, name, record)
      && remove_leaf_slowly(layout, parent, name, record, err ? err : &unused) < 0) {
    fd_close(&parent);
    return -1;
  }
  remove_parents(layout, record, parent, length);
  return 0;
}
