/* SPDX-License-Identifier: Apache-2.0
 * The walk goes down by name and up by '..': cgroup v2 has no links and no rename, so '..' is where we came
 * from. */
#include "cgroups/tree.h"
#include "libcontainer/base/fd.h"
#include "libcontainer/base/vec.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ENTRIES_BYTES 4096
#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct level {
  const char *name; /* of this directory, in its parent */
  struct strings children;
  size_t next;
};
struct walk {
  struct arena *arena;
  int dir;
  VEC(struct level) levels;
};

static void take_names(struct arena *arena, const char *buffer, long length, struct strings *names)
{
  for (long at = 0; at < length;) {
    const struct dirent64 *entry = (const void *)(buffer + at);
    at += entry->d_reclen;
    if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    char **name = vec_push(arena, names);
    *name = arena_strdup(arena, entry->d_name);
  }
}

/* All names at once: a reading position can't be returned to, as siblings with equal hashes (which a workload
 * can choose) share one. */
static int read_children(struct arena *arena, int dir, struct strings *names)
{
  _Alignas(struct dirent64) char buffer[ENTRIES_BYTES];
  for (;;) {
    long n = syscall(SYS_getdents64, dir, buffer, sizeof buffer);
    if (n < 0 && errno == ENOENT) /* the directory itself was removed */
      return 0;
    if (n <= 0)
      return (int)n;
    take_names(arena, buffer, n, names);
  }
}

static int move_to(struct walk *walk, const char *name)
{
  int fd = openat(walk->dir, name, DIR_FLAGS);
  if (fd < 0)
    return -1;
  fd_close(&walk->dir);
  walk->dir = fd;
  return 0;
}

static int push_level(struct walk *walk, const char *name)
{
  struct level *level = vec_push(walk->arena, &walk->levels);
  level->name = name;
  return read_children(walk->arena, walk->dir, &level->children);
}

static int go_down(struct walk *walk, const char *name, const struct tree_visitor *visitor)
{
  if (move_to(walk, name) < 0)
    return errno == ENOENT || errno == ENODEV ? 0 : -1;
  int result = visitor->enter ? visitor->enter(walk->dir, visitor->context) : 0;
  return result ? result : push_level(walk, name);
}

static int go_up(struct walk *walk, const struct tree_visitor *visitor)
{
  if (move_to(walk, "..") < 0)
    return -1;
  const char *name = walk->levels.items[--walk->levels.count].name;
  return visitor->leave ? visitor->leave(walk->dir, name, visitor->context) : 0;
}

static int walk_on(struct walk *walk, const struct tree_visitor *visitor)
{
  for (;;) {
    struct level *level = &walk->levels.items[walk->levels.count - 1];
    int result = 0;
    if (level->next < level->children.count)
      result = go_down(walk, level->children.items[level->next++], visitor);
    else if (walk->levels.count > 1)
      result = go_up(walk, visitor);
    else
      return 0;
    if (result)
      return result;
  }
}

int tree_walk(struct arena *arena, int top, const struct tree_visitor *visitor)
{
  struct walk walk = { .arena = arena, .dir = openat(top, ".", DIR_FLAGS) };
  if (walk.dir < 0)
    return errno == ENOENT ? 0 : -1;
  int result = push_level(&walk, NULL);
  if (result == 0)
    result = walk_on(&walk, visitor);
  fd_close(&walk.dir);
  return result;
}
