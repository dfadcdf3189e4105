/* SPDX-License-Identifier: Apache-2.0
 * Finds the cgroups that bear marks of ours, for `hull gc`, which knows which of them nobody needs any more.
 * Security: a workload may mark the cgroups below its own as it likes, so nothing there is looked at. */
#include "cgroups/fs.h"
#include "cgroups/mark.h"
#include "cgroups/tree.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/numbers.h"
#include "libcontainer/base/proc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Somebody else may be about to use a parent that he has just found. */
#define PARENT_SECONDS 60

struct search {
  struct arena *arena;
  const struct cgroup_layout *layout;
  int proc;
  const char *container; /* the marked cgroup that we are in or were in last */
  marked_cgroups *list;
};

/* Where a descriptor is, from the mount; NULL if it is not there. */
static const char *path_of(const struct search *s, int dir)
{
  char link[32], path[CGROUP_PATH_BYTES];
  const size_t root = strlen(s->layout->mount_point);
  (void)snprintf(link, sizeof link, "self/fd/%d", dir);
  const ssize_t n = readlinkat(s->proc, link, path, sizeof path - 1);
  if (n <= 0)
    return NULL;
  path[n] = '\0';
  return strncmp(path, s->layout->mount_point, root) == 0 && path[root] == '/'
             ? arena_strdup(s->arena, path + root)
             : NULL;
}

static bool is_below(const char *path, const char *above)
{
  const size_t length = above ? strlen(above) : 0;
  return length > 0 && strncmp(path, above, length) == 0 && path[length] == '/';
}

/* "NONCE ID DEVICE:INODE MADE", which is cut up for it. */
static bool read_mark(struct arena *arena, char *mark, struct marked_cgroup *found)
{
  if (strcmp(mark, MARK_PARENT) == 0) {
    found->parent = true;
    return true;
  }
  const char *nonce = strsep(&mark, " "), *id = strsep(&mark, " "), *device = strsep(&mark, ":"),
             *inode = strsep(&mark, " ");
  if (mark == NULL || *nonce == '\0' || strlen(nonce) >= CGROUP_NONCE_BYTES || *id == '\0'
      || parse_hex(device, &found->root_device) < 0 || parse_hex(inode, &found->root_inode) < 0)
    return false;
  found->made = strcmp(mark, "made") == 0;
  found->nonce = arena_strdup(arena, nonce);
  found->id = arena_strdup(arena, id);
  return found->made || strcmp(mark, "found") == 0;
}

static bool has_children(int dir)
{
  int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = copy < 0 ? NULL : fdopendir(copy);
  const struct dirent *entry;
  bool found = false;
  while (stream && !found && (entry = readdir(stream)))
    found = entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
  if (stream)
    closedir(stream);
  else
    fd_close(&copy);
  return found;
}

static bool is_populated(int dir, const char *path)
{
  const struct cgroup cgroup = { .fd = dir, .path = path };
  struct cgroup_events events = { .populated = true };
  (void)cgroup_read_events(&cgroup, &events, NULL); /* what can't be told counts as in use */
  return events.populated;
}

static int visit(int dir, void *context)
{
  struct search *s = context;
  char mark[MARK_BYTES];
  struct stat st;
  struct marked_cgroup found = { 0 };
  if (!mark_get(dir, mark) || fstat(dir, &st) < 0 || !(found.path = path_of(s, dir))
      || is_below(found.path, s->container))
    return 0;
  if (strcmp(mark, MARK_PARENT) != 0)
    s->container = found.path;
  if (!read_mark(s->arena, mark, &found))
    return 0;
  found.inode = st.st_ino;
  found.made = found.made || mark_handed_over(dir);
  found.populated = is_populated(dir, found.path);
  if (found.parent
      && (found.populated || has_children(dir) || time(NULL) - st.st_mtim.tv_sec < PARENT_SECONDS))
    return 0;
  *(struct marked_cgroup *)vec_push(s->arena, s->list) = found;
  return 0;
}

int cgroup_list_marked(struct arena *arena, const struct cgroup_layout *layout, marked_cgroups *list,
                       struct error *err)
{
  struct search s = { .arena = arena, .layout = layout, .proc = proc_root(err), .list = list };
  const struct tree_visitor visitor = { .enter = visit, .context = &s };
  if (s.proc < 0)
    return -1;
  auto_close int top = cgroup_open_prefix(layout, "/", 1);
  if (top < 0 || tree_walk(arena, top, &visitor) < 0)
    return error_set(err, ERROR_KERNEL, errno, "cannot walk the cgroups below '%s'", layout->mount_point);
  return 0;
}

bool cgroup_look_again(const struct cgroup_layout *layout, struct marked_cgroup *marked)
{
  struct cgroup cgroup;
  struct error unused = { 0 };
  if (cgroup_open_path(layout, marked->path, &cgroup, &unused) < 0)
    return false;
  marked->populated = is_populated(cgroup.fd, marked->path);
  const bool there = cgroup.inode == marked->inode && !(marked->parent && has_children(cgroup.fd));
  cgroup_close(&cgroup);
  return there;
}

static int remove_empty(int parent, const char *name, void *context)
{
  (void)context;
  return unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? errno : 0;
}

/* By rmdir(2) alone, which the kernel refuses for what holds a process: nothing is killed here, whatever was
 * put there meanwhile. */
static int remove_tree(struct arena *arena, const struct cgroup_layout *layout,
                       const struct marked_cgroup *marked, struct error *err)
{
  const struct tree_visitor visitor = { .leave = remove_empty };
  auto_close int dir = cgroup_open_prefix(layout, marked->path, strlen(marked->path));
  auto_close int above =
      cgroup_open_prefix(layout, marked->path, cgroup_parent_length(marked->path, strlen(marked->path)));
  int errnum = dir < 0 || above < 0 ? errno : 0;
  if (errnum == 0 && !marked->parent)
    errnum = tree_walk(arena, dir, &visitor);
  if (errnum == 0)
    errnum = remove_empty(above, strrchr(marked->path, '/') + 1, NULL);
  if (errnum == 0 || errnum == ENOENT || errnum == ENODEV)
    return 0;
  return error_set(err, ERROR_KERNEL, errnum < 0 ? errno : errnum, "cannot remove cgroup '%s'", marked->path);
}

int cgroup_remove_left(const struct cgroup_layout *layout, const struct marked_cgroup *marked,
                       struct error *err)
{
  struct arena arena = ARENA_INIT;
  struct cgroup_record record = {
    .manager = CGROUP_FS, .path = marked->path, .made = marked->parent || marked->made, .inode = marked->inode
  };
  if (marked->nonce)
    (void)snprintf(record.nonce, sizeof record.nonce, "%s", marked->nonce);
  int result = record.made ? remove_tree(&arena, layout, marked, err) : 0;
  arena_release(&arena);
  return result < 0 ? -1 : cgroup_destroy(layout, &record, err); /* what is left of it: the parents */
}
